-- expect.lua: the expectations of seed checks: expect[name] = { keys, function (world, check, expected) }.
--
-- A key that an expectation does not list is not known to the runner: the check is skipped rather than passed unread.

local Check = require "check"
local json = require "json"
local map = require "map"
local events = require "events"
local killbill = require "killbill_events"
local aps = require "aps"

local expect = {}
local show = Check.show

local function define(name, keys, judge) expect[name] = { keys = keys, judge = judge } end

local function list_of(item)
  if item == nil or item == document.null then return {} end
  return type(item) == "table" and item or { item }
end

local function pairs_sorted(t)
  local names = {}
  for name in pairs(t or {}) do names[#names + 1] = name end
  table.sort(names)
  local i = 0
  return function ()
    i = i + 1
    return names[i], t and t[names[i]]
  end
end

-- ------------------------------------------------------------------------------------------------- events

define("events_exact", "names", function (world, check, expected)
  local vocabulary = events.vocabulary(expected.names, world.file.vocabulary and world.file.vocabulary.all)
  local names = {}
  local wants_heartbeat = table.concat(expected.names, " "):lower():find("heartbeat", 1, true)
  for _, name in ipairs(events.names(world.trace, expected.names, vocabulary)) do
    if wants_heartbeat or not name:lower():find("heartbeat", 1, true) then names[#names + 1] = name end
  end
  check:equal("events", json.array(expected.names), json.array(names))
end)

define("events_order", "sequence", function (world, check, expected)
  local names = events.names(world.trace, expected.sequence, {})
  local at = 1
  for _, name in ipairs(names) do
    if name == expected.sequence[at] then at = at + 1 end
  end
  check:that(at > #expected.sequence, "events in this order\n  expected: %s\n  found:    %s", show(expected.sequence),
    show(names))
end)

define("event_count", "name count", function (world, check, expected)
  if #events.meanings(expected.name) == 0 then
    return check:that(false, "no event is called '%s'", expected.name)
  end
  local found = world.ear and killbill.heard_of(world, expected.name) or events.found(world.trace, expected.name)
  check:equal("count of " .. expected.name, expected.count, #found)
end)

-- The words of details that hold a state.
local WORDS_OF = {
  status_before_processing = "order.status", old_provisioning_status = "subscription.provisioning_status",
  new_provisioning_status = "subscription.provisioning_status",
}

-- A value of a payload under the seed's name: a member, a field of the subject by its mapped name, or a state's word.
local function payload_value(world, entry, payload, path)
  local subject = catalogue.event(entry.name).subject
  path = path:gsub("_address%.street$", "_address.street1")
  local noun, rest = path:match("^([%w_]+)%.(.+)$")
  if noun and type(payload[noun]) == "table" and map.objects[noun] then
    local direct = json.at(payload, path)
    local spec = map.objects[noun].fields[rest]
    if spec or direct == nil then return world:field(noun, payload[noun], rest) end
    return direct
  end
  local direct = json.at(payload, path)
  if direct == nil and path == tostring(subject) .. "_id" then return entry.object_id end
  if direct == nil and subject and type(payload[subject]) == "table" and catalogue.record(subject)[path] then
    direct = payload[subject][path]
  end
  local word = WORDS_OF[path] or path:find("^%w+_status$") and tostring(subject) .. ".status"
  return word and direct ~= nil and map.word_of(world.system, word, direct) or direct
end

local TYPES = {
  integer = function (item) return math.type(item) == "integer" end,
  number = function (item) return type(item) == "number" end,
  boolean = function (item) return type(item) == "boolean" end,
  string = function (item) return type(item) == "string" end,
  ["decimal-string"] = function (item) return type(item) == "string" and item:find("^%-?%d+%.?%d*$") ~= nil end,
  ["null"] = function (item) return item == nil or item == document.null end,
}

-- "integer", "decimal-string", "string:^[0-9]+$", "string:rfc3339-utc"
local function check_type(check, what, kind, item)
  local shape = kind:match("^string:(.+)$")
  local holds
  if shape == "rfc3339-utc" then
    holds = type(item) == "string" and document.matches(item, "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z$")
  elseif shape then
    holds = type(item) == "string" and document.matches(item, shape)
  elseif TYPES[kind] then
    holds = TYPES[kind](item)
  else
    check:skip("type '%s' is not implemented yet", kind)
  end
  check:that(holds, "%s\n  expected: %s\n  found:    %s", what, kind, show(item))
end

define("event_payload", "name index equals absent types", function (world, check, expected)
  local found = events.found(world.trace, expected.name)
  local entry = found[(expected.index or 0) + 1]
  local raised = check:that(entry, "%s number %d was not raised; it was raised %d times", expected.name,
    expected.index or 0, #found)
  if not raised then return end
  local payload = assert(document.json(entry.payload))
  for path, item in pairs_sorted(expected.equals) do
    check:alike_to(expected.name .. " " .. path, world:ours(item), payload_value(world, entry, payload, path))
  end
  for _, path in ipairs(list_of(expected.absent)) do
    local item = json.at(payload, path)
    check:that(item == nil, "%s %s must be absent\n  found:    %s", expected.name, path, show(item))
  end
  for path, kind in pairs_sorted(expected.types) do
    check_type(check, expected.name .. " " .. path, kind, payload_value(world, entry, payload, path))
  end
end)

define("seen_by_handler", "event row", function (world, check, expected)
  local entry = events.found(world.trace, expected.event)[1]
  if not check:that(entry, "%s was not raised", expected.event) then return end
  local row = assert(document.json(entry.payload))[map.objects[expected.row.object].record]
  if not check:that(row, "%s tells nothing of the %s", expected.event, expected.row.object) then return end
  for name, item in pairs_sorted(expected.row) do
    if name ~= "object" then
      check:alike_to(expected.event .. " saw " .. name, world:ours(item), world:field(expected.row.object, row, name))
    end
  end
end)

define("journal_field", "event index equals", function (world, check, expected)
  local rows = {}
  for _, row in ipairs(world:list("/v1/events")) do
    if events.is({ name = row.event, kind = row.phase }, expected.event) then rows[#rows + 1] = row end
  end
  local row = rows[(expected.index or 0) + 1]
  if not check:that(row, "%s is not in the journal", expected.event) then return end
  for name, item in pairs_sorted(expected.equals) do check:alike_to(expected.event .. " " .. name, item, row[name]) end
end)

-- No two rows of the journal have the same value there.
define("journal_distinct", "field fields", function (world, check, expected)
  local rows = world:list("/v1/events")
  check:that(#rows > 0, "the journal is empty")
  for _, field in ipairs(list_of(expected.fields or expected.field)) do
    local seen = {}
    for _, row in ipairs(rows) do
      local item = tostring(row[field])
      check:that(row[field] ~= nil and not seen[item], "%s of the journal's rows must be distinct; %s is not", field, item)
      seen[item] = true
    end
  end
end)

-- The journal holds these events, in this order among others.
define("journal_order", "sequence names", function (world, check, expected)
  local sequence, at = expected.sequence or expected.names, 1
  for _, row in ipairs(world:list("/v1/events")) do
    if sequence[at] and events.is({ name = row.event, kind = row.phase }, sequence[at]) then at = at + 1 end
  end
  check:that(at > #sequence, "the journal lacks %s after those before it", tostring(sequence[at]))
end)

-- After each first comes its second, or the command was rejected.
define("journal_pairs", "pairs", function (world, check, expected)
  for _, pair in ipairs(expected.pairs) do
    local open, met = 0, 0
    for _, entry in ipairs(world.trace) do
      if entry.kind == "rejected" then open = 0 end
      if events.is(entry, pair[1]) then open, met = open + 1, met + 1 end
      if events.is(entry, pair[2]) then open = open - 1 end
      check:that(open >= 0, "%s without %s before it", pair[2], pair[1])
    end
    check:that(met > 0 and open == 0, "%s %d times, %d of them not followed by %s", pair[1], met, open, pair[2])
  end
end)

define("handlers_called", "names", function (world, check, expected)
  local names_of_rules, called = {}, json.array()
  for _, handler in ipairs(world.content.handlers) do names_of_rules[handler.rule] = handler.name end
  for _, other in pairs(world.others) do
    for _, handler in ipairs(other.handlers) do names_of_rules[handler.rule] = handler.name end
  end
  for _, run in ipairs(events.rules(world.trace)) do
    local name = names_of_rules[run.name] or names_of_rules[run.name:match("^(.*) of [%w_%.]+$") or ""]
    if name then called[#called + 1] = name end
  end
  check:equal("handlers called", json.array(expected.names), called)
end)

-- How often a rule ran, and what became of it last.
define("handler_attempts", "handler count last", function (world, check, expected)
  local runs = {}
  for _, run in ipairs(events.rules(world.trace)) do
    if run.name == expected.handler then runs[#runs + 1] = run.code or "ok" end
  end
  check:equal("runs of " .. expected.handler, expected.count, #runs)
  if expected.last then check:equal("last run", expected.last, runs[#runs]) end
end)

define("catalogue_names", "system names", function (world, check, expected)
  local known = {}
  for _, alias in ipairs(catalogue.aliases(expected.system)) do known[alias.name] = true end
  for _, name in ipairs(expected.names) do
    check:that(known[name] and #catalogue.events(name) > 0, "%s has no event called %s", expected.system, name)
  end
end)

local function upper(words)
  for i, word in ipairs(words) do words[i] = word:upper() end
  return words
end

define("enum", "name values", function (world, check, expected)
  local enum = check:need(map.enums[expected.name], "enumeration '%s'", tostring(expected.name))
  local words = enum.record and upper(catalogue.words(enum.record, enum.field)) or map.words(table.unpack(enum))
  local function sorted(list)
    local copy = json.array(table.move(list, 1, #list, 1, {}))
    table.sort(copy)
    return copy
  end
  check:equal("values of " .. expected.name, sorted(expected.values), sorted(words))
end)

-- ------------------------------------------------------------------------------------------------- results

-- The event of the trace at which a command, or one of a batch, was rejected, and the rule that did.
local function rejection(world)
  local event
  for _, entry in ipairs(world.trace) do
    if entry.kind == "pre" then event = entry end
    if entry.kind == "rule" and entry.code and event then return event, entry.name end
    if entry.kind == "rejected" then return event end
  end
end

local CODES = { rule_failed = "handler_error", rule_depth = "depth_limit" }
local VETOES = { rejected = true, rule_failed = true, rule_depth = true }

-- Of a batch: the first of its items that is not ok.
local function problem_of(result)
  for _, item in ipairs(type(result.output) == "table" and result.output.items or {}) do
    if not item.sent then return { code = "rejected", detail_code = item.code, reason = item.message } end
  end
  return result.problem
end

define("result", "step status code reason event handler equals", function (world, check, expected)
  local result = world.results[#world.results]
  for _, one in ipairs(world.results) do
    if expected.step and one.index == expected.step + 1 then result = one end
  end
  if not check:that(result, "no command was run") then return end
  local problem = problem_of(result)
  local vetoed = problem and VETOES[problem.code]
  if expected.status then
    check:equal("status", expected.status, not problem and "ok" or vetoed and "vetoed" or "error")
  end
  if expected.code then
    local code = problem and (problem.detail_code or CODES[problem.code] or problem.code)
    check:equal("code", expected.code, code)
  end
  if expected.reason then check:equal("reason", expected.reason, problem and problem.reason) end
  local event, rule = rejection(world)
  if expected.event then
    check:that(event and events.is(event, expected.event), "rejected at\n  expected: %s\n  found:    %s", expected.event,
      event and event.name .. ":" .. event.kind or "no event")
  end
  if expected.handler then check:equal("handler", expected.handler, rule) end
  local told = result.output or problem
  for path, item in pairs_sorted(expected.equals) do check:alike_to(path, item, json.at(told, path)) end
end)

-- ------------------------------------------------------------------------------------------------- rows

local function matches(world, object, row, where)
  for name, item in pairs(where or {}) do
    local field = name == "fixture" and "id" or name
    if not Check.alike(world:ours(item), world:field(object, row, field)) then return false end
  end
  return true
end

local function rows_where(world, object, where)
  local found, all = {}, world:rows(object)
  for _, row in ipairs(all) do
    if matches(world, object, row, where) then found[#found + 1] = row end
  end
  return found, #all
end

-- The differences of one row, as a list.
local function row_differences(world, check, expected, row)
  local differences = {}
  for name, item in pairs_sorted(expected.equals) do
    local found = world:field(expected.object, row, name)
    item = world:ours(item)
    if not Check.alike(item, found) then
      differences[#differences + 1] = ("%s %s\n  expected: %s\n  found:    %s"):format(expected.object, name, show(item),
        show(found))
    end
  end
  for _, name in ipairs(type(expected.present) == "table" and expected.present or {}) do
    if world:field(expected.object, row, name) == nil then
      differences[#differences + 1] = ("%s %s must be present"):format(expected.object, name)
    end
  end
  return differences
end

-- One of the rows that `where` finds is as expected; with present = false there is none.
define("row", "object where equals present", function (world, check, expected)
  local found, all = rows_where(world, expected.object, expected.where)
  if expected.present == false then
    return check:that(#found == 0, "%s with %s must not exist", expected.object, show(expected.where or {}))
  end
  if not check:that(#found > 0, "no %s with %s; there are %d of them", expected.object, show(expected.where or {}), all) then
    return
  end
  local best
  for _, row in ipairs(found) do
    local differences = row_differences(world, check, expected, row)
    if not best or #differences < #best then best = differences end
  end
  check:that(#best == 0, "%s", table.concat(best, "\n"))
end)

define("rows", "object count where", function (world, check, expected)
  check:equal("count of " .. expected.object, expected.count, #rows_where(world, expected.object, expected.where))
end)

define("no_rows", "objects object", function (world, check, expected)
  for _, object in ipairs(list_of(expected.objects or expected.object)) do
    check:equal("count of " .. object, 0, #world:rows(object))
  end
end)

define("sequences", "equals", function (world, check, expected)
  world:sync()
  for name, item in pairs_sorted(expected.equals) do
    check:alike_to("next of " .. name, item, world.site:sequence_next(world.tenant, map.sequences[name] or name))
  end
end)

define("gateway_calls", "count", function (world, check, expected)
  world:sync()
  local calls = world.site:gateway_calls(world.tenant) - (world.gateway_calls_before or 0)
  check:equal("calls of the gateway", expected.count, calls)
end)

-- Who sends and who receives as the cases write them: addresses, with commas between several.
local function mail_of(body)
  local to = {}
  for i, one in ipairs(body.to) do to[i] = one.address end
  body.from, body.to = body.from and body.from.address, table.concat(to, ", ")
  return body
end

define("outbox", "count equals equals_list", function (world, check, expected)
  local mails = {}
  for _, delivery in ipairs(world:list("/v1/deliveries")) do
    if delivery.channel == "mail" then
      mails[#mails + 1] = mail_of(type(delivery.body) == "string" and document.json(delivery.body) or delivery.body)
    end
  end
  if expected.count then check:equal("mails", expected.count, #mails) end
  local bodies = expected.equals_list or expected.equals
  if bodies and #bodies == 0 then bodies = { bodies } end
  for i, body in ipairs(bodies or {}) do
    for name, item in pairs_sorted(body) do
      check:alike_to(("mail %d %s"):format(i, name), item, mails[i] and mails[i][name])
    end
  end
end)

define("statuses", "equals", function (world, check, expected)
  check:equal("statuses", json.array(expected.equals), json.array(world.statuses))
end)

define("scan", "hits", function (world, check, expected)
  if not check:that(world.scanned, "nothing was scanned") then return end
  check:that(world.scanned.hits == expected.hits, "hits in files\n  expected: %d\n  found:    %d in %s", expected.hits,
    world.scanned.hits, table.concat(world.scanned.places, ", "))
end)

-- ------------------------------------------------------------------------------------------------- amounts

define("amounts", "equals", function (world, check, expected)
  local totals = json.array()
  for i, quote in ipairs(world.quotes) do totals[i] = quote.total end
  check:alike_to("amounts", expected.equals, totals)
end)

-- The lines of what was quoted, else of the newest invoice or the one that is named.
local function lines_of(world, expected)
  local lines = {}
  if #world.quotes > 0 then
    for _, quote in ipairs(world.quotes) do table.move(quote.lines, 1, #quote.lines, #lines + 1, lines) end
    return lines
  end
  local last
  for _, invoice in ipairs(world:rows("invoice")) do
    local wanted = not expected.invoice or tostring(invoice.id) == tostring(expected.invoice)
      or invoice.number == tostring(expected.invoice)
    if wanted and (not last or invoice.id > last.id) then last = invoice end
  end
  return last and last.lines or lines
end

define("line_amounts", "equals invoice", function (world, check, expected)
  local by_code, amounts = {}, json.array()
  for i, line in ipairs(lines_of(world, expected)) do
    amounts[i] = line.amount
    if line.price_code then by_code[line.price_code] = line.amount end
  end
  if expected.equals[1] ~= nil or #amounts == 0 then
    check:alike_to("amounts of lines", expected.equals, amounts)
  else
    check:alike_to("amounts of lines", expected.equals, by_code)
  end
end)

require "expect_http" (define, list_of, pairs_sorted)
require "tasks".expectations(define, pairs_sorted)
killbill.expectations(define, pairs_sorted)
aps.expectations(define, pairs_sorted, expect)

return expect
