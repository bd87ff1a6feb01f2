-- killbill_usage.lua: the usage families mined from Kill Bill: what a window costs, and where windows are cut.

local function present(item) return item ~= nil and item ~= document.null end
local function given(item) if present(item) then return item end end
local function word(item) return present(item) and tostring(item):lower() or nil end

-- ------------------------------------------------------------------------------------------------- rating

local function billed_of(case)
  local billed = given(case.already_billed)
  if not billed then return nil end
  local lines = {}
  for i, line in ipairs(given(billed.lines) or {}) do
    lines[i] = { unit = line.unit, tier = line.tier, blocks = given(line.blocks) or given(line.quantity),
      price = given(line.price) or given(line.tier_price), amount = given(line.amount) }
  end
  return { total = given(billed.total) or given(billed.amount), lines = lines }
end

local function rated(case, kind, quantities)
  return assert(usage.rate {
    kind = kind, tier_rule = word(case.tier_block_policy), currency = given(case.currency) or "USD", tiers = case.tiers,
    quantities = quantities, billed = billed_of(case), detail = word(case.detail_mode) == "detail",
  })
end

-- Lines by unit and tier; the fields a case names of each must agree, under the names it uses.
local LINE_FIELDS = { blocks = "quantity", quantity = "quantity", price = "price", tier_price = "price", amount = "amount" }

local function line_key(line) return ("%s tier %s"):format(line.unit, line.tier) end

local function check_lines(check, expected, found)
  local by_key, keys, wanted = {}, {}, {}
  for i, line in ipairs(found) do by_key[line_key(line)], keys[i] = line, line_key(line) end
  for i, line in ipairs(expected) do
    wanted[i] = line_key(line)
    for name, value in pairs(line) do
      if name ~= "unit" and name ~= "tier" then
        local field = assert(LINE_FIELDS[name], "a line has no '" .. name .. "'")
        check:alike_to(("%s: %s"):format(line_key(line), name), value, (by_key[line_key(line)] or {})[field])
      end
    end
  end
  table.sort(keys)
  table.sort(wanted)
  check:equal("lines", wanted, keys)
end

-- Each expectation by its name; one that is not here fails the case rather than pass unread.
local expectations = {
  total = function (check, expected, found) check:alike_to("total", expected, found.total) end,
  whole_period_amount = function (check, expected, found) check:alike_to("whole_period_amount", expected, found.whole) end,
  tier = function (check, expected, found) check:alike_to("tier", expected, found.tier) end,
  invoice_items = function (check, expected, found) check:alike_to("invoice_items", expected, found.items) end,
  tiers = function (check, expected, found) check_lines(check, expected, found.lines) end,
  lines = function (check, expected, found) check_lines(check, expected, found.lines) end,
  error = function (check, _, found)
    check:that(found.beyond or tonumber(found.due) < 0, "the tiers hold what was used, and no less was used than was billed")
  end,
}

local function check_rating(case, check, kind, quantities)
  local found = rated(case, kind, quantities)
  for name, expected in pairs(case.expect) do
    local judge = expectations[name]
    if check:that(judge, "no expectation is called '%s'", name) then judge(check, expected, found) end
  end
end

local function usage_consumable(case, check) check_rating(case, check, "consumable", case.quantities) end
local function usage_capacity(case, check) check_rating(case, check, "capacity", case.peaks) end

-- ------------------------------------------------------------------------------------------------- windows

local function stretch_of(case)
  return {
    kind = word(given(case.usage_type) or given(case.type)) or "consumable", billing_period = case.billing_period, timezone = given(case.timezone),
    events = case.events, closed = given(case.section_closed), target = given(case.target), since = given(case.raw_usage_since),
    records = given(case.records),
  }
end

local function check_boundaries(check, expected, found, events)
  local dates, wanted = {}, {}
  for i, boundary in ipairs(found) do dates[i] = boundary.at end
  for i, boundary in ipairs(expected) do wanted[i] = type(boundary) == "table" and boundary.at or boundary end
  check:equal("boundaries", wanted, dates)
  for i, boundary in ipairs(expected) do
    if type(boundary) == "table" and present(boundary.last_event) then
      local event = found[i] and events[found[i].event]
      check:equal("last event at " .. boundary.at, boundary.last_event, event and event.transition)
    end
  end
end

-- Quantities of a window as { [unit] = n }, from a map or from a list of { unit =, quantity = } or { unit, n }; a unit of
-- which nothing was used is as if it were not there.
local function units_of(item)
  local units = {}
  for key, value in pairs(item or {}) do
    if type(value) == "table" then key, value = value.unit or value[1], value.quantity or value.amount or value[2] end
    if tonumber(value) ~= 0 then units[key] = value end
  end
  return units
end

local WINDOW_ENDS = { start = "start", from = "start", ["end"] = "end", to = "end" }

local function check_windows(check, expected, found)
  check:equal("count of windows", #expected, #found)
  for i, window in ipairs(expected) do
    local one, what = found[i] or {}, ("window %d: "):format(i)
    for name, value in pairs(window) do
      if type(value) == "table" then
        check:alike_to(what .. name, units_of(value), units_of(one.units))
      elseif WINDOW_ENDS[name] then
        check:alike_to(what .. name, value, one[WINDOW_ENDS[name]])
      end
    end
  end
end

local function usage_windows(case, check)
  local stretch = stretch_of(case)
  check:need(present(case.expect_boundaries) or present(case.expect_windows), "nothing is expected")
  if present(case.expect_boundaries) then
    check_boundaries(check, case.expect_boundaries, usage.boundaries(stretch), case.events)
  end
  if present(case.expect_windows) then check_windows(check, case.expect_windows, usage.windows(stretch)) end
end

return { usage_consumable = usage_consumable, usage_capacity = usage_capacity, usage_windows = usage_windows }
