-- killbill.lua: the families mined from Kill Bill: { "family": ..., "cases": [...] }.
--
-- date_arithmetic and bcd are computed by value/. Their fields are named by each operation; what remains of a check when
-- its inputs are taken away must be exactly one name: the expectation.

-- ------------------------------------------------------------------------------------------------- date_arithmetic

local function set_of(names)
  local set = {}
  for name in names:gmatch("%S+") do set[name] = true end
  return set
end

local COMMON = set_of "op note origin id about billing_period fixed_days_in_month"

local function present(item) return item ~= nil and item ~= document.null end

-- The first of several spellings of an input.
local function input_of(case, names)
  for name in names:gmatch("%S+") do
    if present(case[name]) then return case[name] end
  end
  error("none of the inputs " .. names .. " is there", 0)
end

local function optional(case, names, otherwise)
  local found, item = pcall(input_of, case, names)
  return found and item or otherwise
end

-- Kill Bill steps from the result before: 31 January, 28 February, 28 March; with a bill cycle day each comes back to it.
local function step(case, direction)
  local period = input_of(case, "billing_period")
  local date = input_of(case, "date from start initial_date")
  local day = optional(case, "bcd", 0)
  for _ = 1, optional(case, "n periods number_of_periods nb_periods count", 1) do
    date = calendar.advance(period, date, direction, day)
  end
  return date
end

local function ratio(share) return assert(value.round(share, 9, "half_up")) end

local function fixed_days(case) return optional(case, "fixed_days_in_month", 0) end

local date_operations = {
  proration_before_first_bcd = {
    inputs = set_of "start first_bcd", compute = function (case)
      return ratio(assert(calendar.stub_before(case.billing_period, case.start, case.first_bcd, fixed_days(case))))
    end,
  },
  proration_after_last_bcd = {
    inputs = set_of "previous_bcd end", compute = function (case)
      return ratio(assert(calendar.stub_after(case.billing_period, case.previous_bcd, case["end"], fixed_days(case))))
    end,
  },
  days_between_fixed_month = {
    inputs = set_of "start end from to", compute = function (case)
      return calendar.days_between_fixed_month(input_of(case, "start from"), input_of(case, "end to"), fixed_days(case))
    end,
  },
  whole_periods = {
    inputs = set_of "start end from to date", compute = function (case)
      return calendar.whole_between(case.billing_period, input_of(case, "start from date"), input_of(case, "end to"))
    end,
  },
  advance = {
    inputs = set_of "date from start initial_date n periods number_of_periods nb_periods count bcd",
    compute = function (case) return step(case, 1) end,
  },
  recede = {
    inputs = set_of "date from start initial_date n periods number_of_periods nb_periods count bcd",
    compute = function (case) return step(case, -1) end,
  },
}

-- The one name of a check that is no input.
local function expectation_of(case, inputs)
  local found, others = nil, 0
  for name in pairs(case) do
    if not COMMON[name] and not inputs[name] then found, others = name, others + 1 end
  end
  return others == 1 and found or nil
end

local function date_check(check, case)
  local operation = date_operations[case.op]
  if not operation then check:skip("operation '%s' is not implemented yet", tostring(case.op)) end
  local name = expectation_of(case, operation.inputs)
  if not check:that(name, "%s: no single expectation among the fields of %s", case.op, check.show(case)) then return end
  check:alike_to(("%s of %s"):format(name, check.show(case)), case[name], operation.compute(case))
end

local function date_arithmetic(case, check)
  for _, one in ipairs(case.checks) do date_check(check, one) end
end

-- ------------------------------------------------------------------------------------------------- bcd

local function zone_of(input) return optional(input, "timezone account_timezone", "UTC") end

-- A local date from an instant ("..._at") or a date as it is.
local function date_of(input, names)
  local text = optional(input, names)
  if not text then return nil end
  return text:find("T", 1, true) and calendar.local_date(text, zone_of(input)) or text
end

local bcd_operations = {
  -- an account that has a day keeps it for what is aligned to the account
  bcd_from_first_paid_charge = function (input)
    local account_day = optional(input, "account_bcd", 0)
    if input.alignment == "ACCOUNT" and account_day > 0 then return { bcd = account_day } end
    return { bcd = calendar.bcd_first_paid(input_of(input, "first_paid_charge_at"), zone_of(input)) }
  end,
  align_to_bcd_same_month = function (input)
    local proposed = date_of(input, "proposed_at proposed")
    return { date = calendar.bcd_same_month(proposed, input.bcd, input.billing_period) }
  end,
  align_to_next_bcd = function (input)
    local current = date_of(input, "current_at current")
    return { date = calendar.bcd_next(date_of(input, "previous_at previous"), current, input.bcd, input.billing_period) }
  end,
  new_bcd_effective_date = function (input)
    local date, at_once = calendar.bcd_effective(date_of(input, "now"), date_of(input, "subscription_start"), input.new_bcd,
      date_of(input, "requested_from"))
    return { effective_date = at_once and "NOW" or date }
  end,
}

local function bcd(case, check)
  local operation = bcd_operations[case.op]
  if not operation then check:skip("operation '%s' is not implemented yet", tostring(case.op)) end
  check:expectations(case.expect, operation(case.input))
end

-- ------------------------------------------------------------------------------------------------- the family

local scenario = require "scenario"

local families = { date_arithmetic = date_arithmetic, bcd = bcd }
for family, run in pairs(require "killbill_catalog") do families[family] = run end
for family, run in pairs(require "killbill_invoice") do families[family] = run end
for family, run in pairs(require "killbill_timeline") do families[family] = run end
for family, run in pairs(require "killbill_usage") do families[family] = run end
for family, run in pairs(require "killbill_push") do families[family] = run end
for family, run in pairs(require "killbill_ext_events") do families[family] = run end
for _, name in ipairs { "lifecycle", "repair", "bcd_time", "arrear_usage", "dry_run" } do
  families["scenarios_" .. name] = scenario
end

-- Families without a function here yet: their cases are skipped.
local planned = set_of [[
  overdue_condition payment_amounts payment_retry payment_states
  scenarios_arrear_usage scenarios_bcd_time scenarios_dry_run scenarios_lifecycle scenarios_overdue
  scenarios_payment scenarios_repair]]

local killbill = {}

local function case_of(family, case)
  return {
    id = case.id, rule = case.op,
    run = function (check)
      local run = families[family]
      if not run then check:skip("family '%s' is not implemented yet", family) end
      run(case, check)
    end,
  }
end

function killbill.cases(content)
  if type(content) ~= "table" or type(content.cases) ~= "table" then return nil end
  if not families[content.family] and not planned[content.family] then return nil end
  local cases = {}
  for i, case in ipairs(content.cases) do cases[i] = case_of(content.family, case) end
  return cases
end

return killbill
