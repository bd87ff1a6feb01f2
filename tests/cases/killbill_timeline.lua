-- killbill_timeline.lua: the families plan_alignment and blocking mined from Kill Bill.

local function present(item) return item ~= nil and item ~= document.null end
local function given(item) if present(item) then return item end end

-- ------------------------------------------------------------------------------------------------- moments

local T = "2012-01-01T00:00:00Z"

local SECONDS = { s = 1, m = 60, h = 3600, d = 86400, w = 7 * 86400 }
local MONTHS = { mo = 1, month = 1, months = 1, y = 12, year = 12, years = 12 }

-- "T-10h+30d": from left to right.
local function moment(text)
  if not present(text) then return nil end
  if not text:find("^T") then return text end
  local at = T
  for sign, count, unit in text:sub(2):gmatch("([+-])(%d+)(%a+)") do
    local number = tonumber(sign .. count)
    if SECONDS[unit] then
      at = timeline.later(at, number * SECONDS[unit])
    else
      at = timeline.add(at, number * (MONTHS[unit] or error("unknown unit in '" .. text .. "'", 0)), 0)
    end
  end
  return at
end

-- ------------------------------------------------------------------------------------------------- plan_alignment

local KINDS = { TRIAL = "trial", DISCOUNT = "discount", FIXEDTERM = "fixed_term", EVERGREEN = "evergreen" }
local KILLBILL_KINDS = {}
for name, kind in pairs(KINDS) do KILLBILL_KINDS[kind] = name end

local function kind_of(name) return present(name) and (KINDS[name] or error("unknown phase '" .. name .. "'", 0)) or nil end

local function phases_of(list)
  local phases = {}
  for i, phase in ipairs(list) do
    local count, unit = (given(phase[2]) or "UNLIMITED"):match("^(%d*) ?(%u+)$")
    phases[i] = { kind = kind_of(phase[1]), unit = unit:lower(), count = tonumber(count) }
  end
  return phases
end

local function align(input, at)
  return timeline.align(phases_of(input.plan_phases), {
    from = (given(input.alignment) or "START_OF_BUNDLE"):lower(), bundle_start = moment(input.bundle_start),
    subscription_start = moment(input.subscription_start), at = at, zone = given(input.timezone),
    asked = kind_of(input.requested_phase), created_in = kind_of(input.started_in_phase),
  })
end

local function check_phase(check, name, expected, found)
  if not present(expected) then
    check:that(found == nil, "%s: there is a phase %s", name, found and found.phase)
    return
  end
  if not check:that(found, "%s: there is no phase", name) then return end
  if present(expected.phase) then check:equal(name .. ".phase", expected.phase, KILLBILL_KINDS[found.phase]) end
  if present(expected.at) then check:equal(name .. ".at", moment(expected.at), found.at) end
end

local function check_phases(check, expect, current, next)
  if expect.error ~= nil then
    check:that(current == nil, "it is not refused")
    return
  end
  local found = { current = current, next = next }
  for name, expected in pairs(expect) do
    if not check:that(name == "current" or name == "next", "expectation '%s' is not known", name) then return end
    check_phase(check, name, expected, found[name])
  end
end

-- A creation may name the phase it begins with by either name: nothing came before it.
local alignment_operations = {
  add_duration = function (check, input, expect)
    local unit, number = input.duration.unit, input.duration.number
    local months = ({ MONTHS = 1, YEARS = 12 })[unit] or 0
    local days = ({ DAYS = 1, WEEKS = 7 })[unit] or 0
    check:equal("at", expect.at, timeline.add(moment(input.from), months * number, days * number, input.timezone))
  end,
  create = function (check, input, expect)
    local plan = { plan_phases = input.plan_phases, alignment = input.alignment, bundle_start = input.bundle_start,
      subscription_start = input.subscription_start, timezone = input.timezone,
      requested_phase = given(input.requested_phase) or given(input.started_in_phase) }
    check_phases(check, expect, align(plan, moment(input.as_of) or moment(input.subscription_start)))
  end,
  change = function (check, input, expect)
    check_phases(check, expect, align(input, moment(input.change_at)))
  end,
}

local function plan_alignment(case, check)
  local run = alignment_operations[case.input.op]
  if not run then check:skip("operation '%s' is not implemented yet", tostring(case.input.op)) end
  run(check, case.input, case.expect)
end

-- ------------------------------------------------------------------------------------------------- blocking

-- "hours from t0", "days from t0"; dates stand for themselves.
local function instant(case, at)
  if not present(at) then return nil end
  if type(at) == "string" then return at:find("T", 1, true) and at or at .. "T00:00:00Z" end
  local hours = (case.unit or ""):find("^hours") ~= nil
  return timeline.later(T, at * (hours and 3600 or 86400))
end

local function stretch(case, pair) return { start = instant(case, pair[1]), ["end"] = instant(case, pair[2]) } end

local function stretches(case, pairs_of)
  local list = {}
  for i, pair in ipairs(pairs_of) do list[i] = stretch(case, pair) end
  return list
end

local TRANSITIONS = { CREATE = "create", TRANSFER = "create", PHASE = "phase", CHANGE = "change", CANCEL = "cancel",
  BCD_CHANGE = "bill_cycle_day", QUANTITY = "quantity" }
local KILLBILL_TRANSITIONS = { create = "CREATE", phase = "PHASE", change = "CHANGE", cancel = "CANCEL",
  bill_cycle_day = "BCD_CHANGE", quantity = "QUANTITY", block = "START_BILLING_DISABLED", unblock = "END_BILLING_DISABLED" }

local function period_of(word) return present(word) and word:lower() or nil end

local function events(case, list)
  local made = {}
  for i, event in ipairs(list) do
    made[i] = { at = instant(case, event.at), price = given(event.price), period = period_of(event.period),
      transition = TRANSITIONS[event.kind] }
  end
  return made
end

-- Services and objects that a case does not name are all the same one.
local function states(case, list)
  local made, numbers, count = {}, {}, 0
  for i, state in ipairs(list) do
    local object = given(state.object) or "object"
    if not numbers[object] then
      count = count + 1
      numbers[object] = count
    end
    made[i] = { at = instant(case, state.at), service = given(state.service) or "service", object = numbers[object],
      level = "subscription", change = state.block_change == true, entitlement = state.block_entitlement == true,
      billing = state.block_billing == true }
  end
  return made
end

-- The same instants in the words of the case.
local function check_moments(check, case, expected, found, compare)
  check:equal("how many", #expected, #found)
  for i, one in ipairs(expected) do
    if found[i] then compare(i, one, found[i]) end
  end
end

local function check_event(check, case)
  return function (i, expected, found)
    check:equal(("%d: at"):format(i), instant(case, expected.at), found.at)
    check:equal(("%d: kind"):format(i), expected.kind, KILLBILL_TRANSITIONS[found.transition])
    if expected.price ~= nil then check:alike_to(("%d: price"):format(i), expected.price, found.price) end
    if present(expected.period) then check:equal(("%d: period"):format(i), period_of(expected.period), found.period) end
  end
end

local LEVELS = { account = { "account" }, bundle = { "account", "bundle" },
  subscription = { "account", "bundle", "subscription" } }

local function check_blocked(check, object, one)
  local list = {}
  for number, level in ipairs(LEVELS[object]) do
    local state = { at = T, service = "service", object = number, level = level }
    for _, kind in ipairs(given(one[level]) or {}) do state[kind] = true end
    list[#list + 1] = state
  end
  local found, expected = timeline.blocked(list, T), {}
  for _, kind in ipairs(one.expect_blocked) do expected[kind] = true end
  for kind, blocked in pairs(found) do check:equal(kind .. " is blocked", expected[kind] or false, blocked) end
end

local MARKS = { block = "START_BILLING_DISABLED", unblock = "END_BILLING_DISABLED" }

local blocking_operations = {
  disjoint = function (check, case)
    check:expectations(case.expect, { disjoint = timeline.disjoint(stretch(case, case.a), stretch(case, case.b)) })
  end,
  merge = function (check, case)
    local merged = timeline.merge(stretch(case, case.a), stretch(case, case.b))
    check:equal("start", instant(case, case.expect.merged[1]), merged.start)
    check:equal("end", instant(case, case.expect.merged[2]), merged["end"])
  end,
  compare = function (check, case)
    check:expectations(case.expect, { order = timeline.compare(stretch(case, case.a), stretch(case, case.b)) })
  end,
  durations_from_states = function (check, case)
    check_moments(check, case, case.expect, timeline.stretches(states(case, case.states)), function (i, pair, found)
      check:equal(("%d: start"):format(i), instant(case, pair[1]), found.start)
      check:equal(("%d: end"):format(i), instant(case, pair[2]), found["end"])
    end)
  end,
  events_removed = function (check, case)
    local found = timeline.removed(stretches(case, case.disabled), events(case, case.events))
    check_moments(check, case, case.expect, found, function (i, at, event)
      check:equal(("%d: at"):format(i), instant(case, at), event.at)
    end)
  end,
  events_created = function (check, case)
    local found = timeline.created(stretches(case, case.disabled), events(case, case.events))
    check_moments(check, case, case.expect, found, check_event(check, case))
  end,
  merged_event_list = function (check, case)
    local found = timeline.apply(timeline.stretches(states(case, case.states)), events(case, case.events))
    check_moments(check, case, case.expect, found, check_event(check, case))
  end,
  merged_event_list_per_subscription = function (check, case)
    for name, expected in pairs(case.expect) do
      local list = {}
      for i, at in ipairs(case.events[name]) do list[i] = { at = instant(case, at) } end
      check_moments(check, case, expected, timeline.apply(stretches(case, case.bundle_disabled), list),
        function (i, text, found)
          local mark, at = text:match("^(.-)@(.+)$")
          check:equal(("%s %d: what"):format(name, i), mark, MARKS[found.transition] or "event")
          check:equal(("%s %d: at"):format(name, i), instant(case, tonumber(at) or at), found.at)
        end)
    end
  end,
  is_blocked = function (check, case)
    for _, one in ipairs(case.checks) do check_blocked(check, case.checked_object, one) end
  end,
}

local function blocking(case, check)
  local run = blocking_operations[case.op]
  if not run then check:skip("operation '%s' is not implemented yet", tostring(case.op)) end
  run(check, case)
end

return { plan_alignment = plan_alignment, blocking = blocking }
