-- killbill_invoice.lua: intervals, proposals and the merge: families of Kill Bill that are computed without rows.

local families = {}

local function present(item) return item ~= nil and item ~= document.null end
local function text_of(item) return present(item) and tostring(item) or nil end
local function integer_of(item) return present(item) and item or nil end

-- ------------------------------------------------------------------------------------------------- intervals

local function mode_of(case)
  if case.billing_mode == "IN_ADVANCE" then return "in_advance" end
  return case.in_arrear_mode == "GREEDY" and "in_arrear_greedy" or "in_arrear"
end

-- Fields of `one` over those of its case; a target that does not matter is the start.
local function interval_of(case, one)
  local function field(name) return present(one[name]) and one[name] or present(case[name]) and case[name] or nil end
  return invoicing.interval {
    start = one.start, ["end"] = text_of(one["end"]), target = text_of(one.target) or one.start,
    bcd = integer_of(field("bcd")), period = field("billing_period"), mode = mode_of(case),
    fixed_days = field("fixed_days_in_month"),
  }
end

local function cycles(parts)
  local sum = "0"
  for _, part in ipairs(parts) do sum = assert(value.add(sum, part.ratio)) end
  return assert(value.round(sum, 9, "half_up"))
end

function families.proration_cycles(case, check)
  for _, one in ipairs(case.checks) do
    local interval, problem = interval_of(case, one)
    if present(one.error) then
      check:equal("refusal of " .. check.show(one), one.error, problem)
    elseif check:that(interval, "%s: %s", check.show(one), tostring(problem)) then
      check:alike_to("cycles of " .. check.show(one), one.cycles, cycles(interval.parts))
    end
  end
end

function families.billing_intervals(case, check)
  local interval = assert(interval_of(case, case))
  local last = interval.last_cycle
  check:expectations(case.expect, {
    first_billing_cycle_date = interval.first_cycle, effective_end_date = interval.effective_end,
    last_billing_cycle_date = last, next_billing_cycle_date = interval.next_cycle,
    has_something_to_bill = interval.something,
    whole_periods_first_to_last = last and calendar.whole_between(case.billing_period, interval.first_cycle, last),
  })
end

function families.recurring_periods(case, check)
  local interval = assert(interval_of(case, case))
  local found = {}
  for i, part in ipairs(interval.parts) do found[i] = { start = part.start, ["end"] = part["end"] } end
  check:alike_to("periods", case.expected_periods, found)
end

-- ------------------------------------------------------------------------------------------------- billing events

local transitions = {
  CREATE = "create", CHANGE = "change", PHASE = "phase", CANCEL = "cancel", BCD_CHANGE = "bill_cycle_day",
  START_BILLING_DISABLED = "block", END_BILLING_DISABLED = "unblock", TRANSFER = "create", MIGRATE_BILLING = "create",
}

local phase_kinds = { TRIAL = "trial", DISCOUNT = "discount", FIXEDTERM = "fixed_term", EVERGREEN = "evergreen" }

local units = { DAYS = "P%dD", WEEKS = "P%dW", MONTHS = "P%dM", YEARS = "P%dY" }

-- "30 DAYS" -> "P30D"; UNLIMITED has no length.
local function length_of(duration)
  if type(duration) == "table" then duration = ("%s %s"):format(duration.number or "", duration.unit) end
  local number, unit = (text_of(duration) or ""):match("^(%d+) (%u+)$")
  return number and units[unit]:format(tonumber(number)) or nil
end

-- A date as it is, or that of an instant where the account is.
local function day_of(case, text)
  return text:find("T", 1, true) and calendar.local_date(text, text_of(case.timezone) or "UTC") or text
end

-- An event that says nothing of a type creates; the names of the origin's phases are free.
local function event_of(case, event, subscription)
  local type_name = text_of(event.transition) or text_of(event.type) or "CREATE"
  local kind = text_of(event.phase_type) or text_of(event.phase)
  return {
    subscription = subscription, transition = transitions[type_name] or error("transition " .. type_name, 0),
    date = day_of(case, event.at), plan = text_of(event.plan) or "", phase = text_of(event.phase) or "",
    phase_kind = phase_kinds[kind] or "evergreen", phase_length = length_of(event.phase_duration),
    fixed = text_of(event.fixed_price), recurring = text_of(event.recurring_price),
    quantity = text_of(event.quantity) or text_of(case.quantity) or "1", period = text_of(event.billing_period),
    in_arrear = (text_of(event.billing_mode) or case.billing_mode) == "IN_ARREAR", bcd = integer_of(event.bcd),
  }
end

local item_types = { fixed = "FIXED", recurring = "RECURRING", repair = "REPAIR_ADJ", item_adjustment = "ITEM_ADJ" }
local item_kinds = {}
for kind, name in pairs(item_types) do item_kinds[name] = kind end

-- ------------------------------------------------------------------------------------------------- comparing items

local item_fields = { "start", "end", "plan", "phase", "rate", "amount", "linked_to" }

-- Whether `found` has what `expected` names; a repair has neither plan nor rate there.
local function item_fits(check, expected, found)
  if expected.type ~= found.type then return false end
  for _, name in ipairs(item_fields) do
    if expected[name] ~= nil and not check.alike(expected[name], found[name]) then return false end
  end
  return true
end

-- The same items in any order.
local function compare_items(check, what, expected, found)
  local left = table.move(found, 1, #found, 1, {})
  for _, item in ipairs(expected) do
    local place
    for i, candidate in ipairs(left) do
      if item_fits(check, item, candidate) then place = i; break end
    end
    if place then table.remove(left, place) end
    check:that(place, "%s: expected %s\n  found:    %s", what, check.show(item), check.show(found))
  end
  check:that(#left == 0, "%s: not expected: %s", what, check.show(left))
end

-- Items of the core under the names of the cases; `names` = what ids were called.
local function shown(items, names)
  local list = {}
  for i, item in ipairs(items) do
    list[i] = {
      type = item_types[item.kind], start = item.start, ["end"] = item["end"] or document.null, plan = item.plan,
      phase = item.phase, rate = item.rate, amount = item.amount, linked_to = names and names[item.linked_id] or nil,
    }
  end
  return list
end

-- ------------------------------------------------------------------------------------------------- next_billing

function families.next_billing(case, check)
  local by_ref = {}
  for _, event in ipairs(case.events) do by_ref[event.ref] = event_of(case, event, 1) end
  for i, step in ipairs(case.steps) do
    local event, after = by_ref[step.event], present(step.next_event) and by_ref[step.next_event] or nil
    -- what follows is only where this one ends
    local stop = after and { subscription = 1, transition = "cancel", date = after.date, phase_kind = "evergreen" } or nil
    local items, next_date = invoicing.propose {
      events = { event, stop }, event = 1, target = step.target, currency = case.currency,
      greedy = case.in_arrear_mode == "GREEDY",
    }
    if check:that(items, "step %d: %s", i, tostring(next_date)) then
      compare_items(check, ("step %d"):format(i), step.expect.items, shown(items))
      local found = invoicing.next_date({ events = { event } }, text_of(step.previous_next_billing_date), next_date)
      check:alike_to(("next billing date of step %d"):format(i), step.expect.next_billing_date, found)
    end
  end
end

-- ------------------------------------------------------------------------------------------------- the merge

-- Ids of the cases are names; the core's are numbers. What is neither charged for a time nor takes from what is: nil.
local function item_of(item, numbers, names, subscription)
  local function number(name)
    if not present(name) then return nil end
    if not numbers[name] then
      numbers[name] = #names + 1
      names[#names + 1] = name
    end
    return numbers[name]
  end
  local day = text_of(item.start) or text_of(item.date)
  if not item_kinds[item.type] then return nil end
  return {
    kind = item_kinds[item.type], id = number(item.id),
    linked_id = number(item.linked_to), subscription = subscription or 1, plan = text_of(item.plan) or "",
    phase = text_of(item.phase) or "", start = day, ["end"] = text_of(item["end"]),
    amount = tostring(item.amount), rate = text_of(item.rate),
  }
end

-- What Kill Bill's refusals are called here; a name that is not known stands for any refusal.
local same_refusals = {
  INCONSISTENT_ITEMS = { INCONSISTENT_ITEMS = true, INCONSISTENT_REPAIRS = true },
  TOO_MANY_REPAIRS = { TOO_MANY_REPAIRS = true, INCONSISTENT_REPAIRS = true },
}

local function refused_as(expected, found)
  if not found then return false end
  if same_refusals[expected] then return same_refusals[expected][found] or false end
  return expected == found or not expected:find("^DANGLING_") and expected ~= "REPAIR_OUTSIDE_ITEM"
end

function families.repair_merge(case, check)
  local numbers, names, billed, proposed = {}, {}, {}, {}
  for _, item in ipairs(case.existing or {}) do billed[#billed + 1] = item_of(item, numbers, names) end
  for _, item in ipairs(case.proposed or {}) do proposed[#proposed + 1] = item_of(item, numbers, names) end
  local question = {
    billed = billed, proposed = proposed, currency = case.currency, fixed_days = integer_of(case.fixed_days_in_month),
  }
  local added, fault = invoicing.merge(question)
  if present(case.expect.error) then
    check:that(refused_as(case.expect.error, fault), "expected the refusal %s, found %s", case.expect.error, tostring(fault))
    return
  end
  if case.expect.new_items then compare_items(check, "new items", case.expect.new_items, shown(added, names)) end
  if case.expect.remaining_view then
    compare_items(check, "remaining", case.expect.remaining_view, shown(invoicing.remaining(question), names))
  end
end

-- ------------------------------------------------------------------------------------------------- invoice_generation

local ordinals = { first = 1, second = 2, third = 3, fourth = 4, fifth = 5, sixth = 6 }

-- "the item of the first run", "the FIXED item of run 2" -> the id it got
local function item_meant(sentence, runs)
  local run = ordinals[sentence:match("(%l+) run") or ""] or tonumber(sentence:match("run (%d+)"))
  local kind = item_kinds[sentence:match("%u[%u_]+") or ""]
  for _, item in ipairs(runs[run] or {}) do
    if item.kind == (kind or "recurring") or not kind and item.kind == "fixed" then return item.id end
  end
  error("which item is meant by '" .. sentence .. "'", 0)
end

local Account = {}
Account.__index = Account

local function account_of(case)
  local account = setmetatable({
    case = case, by_ref = {}, numbers = {}, names = {}, subscriptions = {}, subscription_count = 0, billed = {}, runs = {},
  }, Account)
  for _, event in ipairs(case.events or {}) do account.by_ref[event.ref] = event end
  for _, entry in ipairs(case.existing or {}) do
    for _, item in ipairs(entry.items or { entry }) do account:keep(account:item(item)) end
  end
  return account
end

function Account:subscription(name)
  name = text_of(name) or "S1"
  if not self.subscriptions[name] then
    self.subscription_count = self.subscription_count + 1
    self.subscriptions[name] = self.subscription_count
  end
  return self.subscriptions[name]
end

function Account:item(item) return item_of(item, self.numbers, self.names, self:subscription(item.subscription)) end

function Account:keep(item)
  if not item then return end
  if not item.id then
    item.id = #self.names + 1
    self.names[item.id] = ("item %d"):format(item.id)
  end
  self.billed[#self.billed + 1] = item
end

-- Items taken off those of earlier runs.
function Account:adjust(run)
  for _, one in ipairs(run.adjustments_before or {}) do
    local item = self:item(one)
    if item and present(one.on) then item.linked_id = item_meant(one.on, self.runs) end
    self:keep(item)
  end
end

-- The run's events by subscription, in order of time; one that is delivered often is there often.
function Account:events(run)
  local lists, order = {}, {}
  for _, ref in ipairs(run.events) do
    local event = self.by_ref[ref]
    local subscription = self:subscription(event.subscription)
    if not lists[subscription] then
      lists[subscription] = {}
      order[#order + 1] = subscription
    end
    for _ = 1, integer_of(event["repeat"]) or 1 do
      local list = lists[subscription]
      list[#list + 1] = event_of(self.case, event, subscription)
      list[#list].place = #list
    end
  end
  for _, list in pairs(lists) do
    table.sort(list, function (a, b)
      if a.date ~= b.date then return a.date < b.date end
      return a.place < b.place
    end)
  end
  return lists, order
end

function Account:options(more)
  more.currency = self.case.currency
  more.fixed_days = integer_of(self.case.fixed_days_in_month)
  more.greedy = self.case.in_arrear_mode == "GREEDY"
  return more
end

local function append(list, more) table.move(more, 1, #more, #list + 1, list) end

-- What was invoiced for a later day stays so.
function Account:target(run)
  return self.last_target and self.last_target > run.target and self.last_target or run.target
end

function Account:proposed(run, off)
  local lists, order = self:events(run)
  local proposed = {}
  for _, subscription in ipairs(order) do
    if not off[subscription] then
      local items, problem = invoicing.propose(self:options { events = lists[subscription], target = self:target(run) })
      if not items then return nil, problem end
      append(proposed, items)
    end
  end
  return proposed
end

-- Items of the subscriptions that are invoiced, and those of none.
local function billed_without(billed, off)
  local list = {}
  for _, item in ipairs(billed) do
    if not off[item.subscription] then list[#list + 1] = item end
  end
  return list
end

-- Bounds of the origin: the furthest target date, items of a subscription on one day.
function Account:out_of_bounds(run, added)
  if present(run.today) and not invoicing.target_in_bounds(run.today, run.target) then return "TARGET_TOO_FAR" end
  local created = {}
  if self.case.existing then append(created, self.given or self.billed) end
  append(created, added)
  local bounded = self:options { proposed = created }
  return #self.runs == 0 and invoicing.check(bounded) or invoicing.check(self:options { proposed = added })
end

-- A tag in a list, or a member of its name: "tags": ["AUTO_INVOICING_DRAFT"], "account_auto_invoicing_draft": true.
local function tagged(run, name)
  for member, value in pairs(run) do
    if value == true and member:upper():find(name, 1, true) then return true end
    if type(value) == "table" and member:find("tags$") then
      for _, tag in ipairs(value) do
        if tag == name then return true end
      end
    end
  end
  return false
end

-- new items | nil, refusal
function Account:run(run)
  local off = {}
  for _, name in ipairs(run.subscriptions_auto_invoicing_off or {}) do off[self:subscription(name)] = true end
  self:adjust(run)
  if tagged(run, "AUTO_INVOICING_OFF") then return {} end
  local proposed, problem = self:proposed(run, off)
  if not proposed then return nil, problem end
  local added, fault = invoicing.merge(self:options { billed = billed_without(self.billed, off), proposed = proposed })
  if fault and present(run.expect.error) then return nil, fault end
  if #run.events == 0 and not self.case.existing then added = {} end
  local excess = self:out_of_bounds(run, added)
  if excess then return nil, excess end
  for _, item in ipairs(added) do
    item.id = nil
    self:keep(item)
  end
  if #added > 0 then self.last_target = self:target(run) end
  self.runs[#self.runs + 1] = added
  return added
end

local function total(items)
  local sum = "0"
  for _, item in ipairs(items) do sum = assert(value.add(sum, item.amount)) end
  return assert(value.round(sum, 9, "half_up"))
end

local function compare_run(check, i, run, added, names)
  local what = ("run %d"):format(i)
  local draft = tagged(run, "AUTO_INVOICING_DRAFT")
  check:expectations(run.expect, {
    no_invoice = #added == 0, item_count = #added, balance = draft and "0" or total(added),
    status = draft and "DRAFT" or "COMMITTED",
    items = function (_, expected) compare_items(check, what, expected, shown(added, names)) end,
  })
end

function families.invoice_generation(case, check)
  local account = account_of(case)
  for i, run in ipairs(case.runs) do
    local added, problem = account:run(run)
    if present(run.expect.error) then
      check:that(refused_as(run.expect.error, problem), "run %d: expected the refusal %s, found %s", i, run.expect.error,
        tostring(problem))
    elseif check:that(added, "run %d: refused: %s", i, tostring(problem)) then
      compare_run(check, i, run, added, account.names)
    end
  end
end

return families
