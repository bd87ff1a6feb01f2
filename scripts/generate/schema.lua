-- schema.lua: loads schema/records.lua, work.lua, catalog.lua, subscriptions.lua, usage.lua, tasks.lua, mail.lua, tags.lua, killbill.lua, aps.lua, terms.lua, amounts.lua, components.lua, wallets.lua, commitments.lua, progressive.lua, allocations.lua, component_usage.lua, streams.lua, products.lua, maxio.lua, questions.lua, inputs.lua, workflows.lua, events.lua and policies.lua into plain, checked tables for the generators.
--
--   local schema = dofile(here .. "schema.lua")
--   local records = schema.records(dir)   -- array of records, also by name: records.by_name.invoice
--   local events, policies = schema.events(dir, records)
--
-- A record: name, doc, fields (array, also by name: record.by_name), columns (array of fields), currency_field (field),
-- stored = { since, key = array of names, key_fields, found_by = the field R_find goes by or nil, global, cached,
-- late = a bit or 0 } or nil.
-- A field: name, kind, doc, number (from 0), flags by name (required, rule, hidden, secret, untold, clears, visible, json, column), min, max,
-- scale, words, of (record), by (field), since, default.
-- Every mistake ends the program with the record's and the field's name.

local schema = {}

local function fail(format, ...)
  io.stderr:write("schema: ", format:format(...), "\n")
  os.exit(1)
end
schema.fail = fail

-- ------------------------------------------------------------------------------------------------- spelling

-- Edit distance in which two neighbours that changed places count once.
local function distance(a, b)
  local rows = { [0] = {} }
  for j = 0, #b do rows[0][j] = j end
  for i = 1, #a do
    local row = { [0] = i }
    rows[i] = row
    for j = 1, #b do
      local same = a:byte(i) == b:byte(j)
      row[j] = math.min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + (same and 0 or 1))
      if i > 1 and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
        row[j] = math.min(row[j], rows[i - 2][j - 2] + 1)
      end
    end
  end
  return rows[#a][#b]
end

-- The candidate nearest to `word` when it is near enough to be what was meant (as text_nearest in base/text.h), else
-- nil. Ties go to the first.
function schema.nearest(word, candidates)
  local best, limit = nil, (#word < 3 and 1 or #word < 9 and 2 or 3) + 1
  for _, candidate in ipairs(candidates) do
    local d = distance(word, candidate)
    if d < limit and d < #word and d < #candidate then best, limit = candidate, d end
  end
  return best
end

local function did_you_mean(word, candidates)
  local near = schema.nearest(word, candidates)
  return near and (" (did you mean '%s'?)"):format(near) or ""
end

local function names_of(set)
  local names = {}
  for name in pairs(set) do names[#names + 1] = name end
  table.sort(names)
  return names
end

-- Refuses keys of `table` that `allowed` (name -> Lua type) lacks or that have another type.
local function check_options(where, options, allowed)
  local keys = {}
  for key in pairs(options) do
    if type(key) == "string" then keys[#keys + 1] = key end
  end
  table.sort(keys)
  for _, key in ipairs(keys) do
    local expected = allowed[key]
    if not expected then
      fail("%s: unknown option '%s'%s", where, key, did_you_mean(key, names_of(allowed)))
    end
    local found = type(options[key])
    if expected ~= "any" and found ~= expected then
      fail("%s: option '%s' must be a %s, it is a %s", where, key, expected, found)
    end
  end
end

local function check_word(where, word)
  if type(word) ~= "string" or not word:match("^[a-z][a-z0-9_]*$") or #word > 48 then
    fail("%s: '%s' is not a name (lower case, digits, underscores)", where, tostring(word))
  end
end

local function set_of(words)
  local set = {}
  for word in words:gmatch("%S+") do set[word] = true end
  return set
end

-- Names that would not compile as a member in C, or could not be written after a dot in Lua.
local keywords = set_of([[
  auto break case char const continue default do double else enum extern float for goto if inline int long register
  restrict return short signed sizeof static struct switch typedef union unsigned void volatile while bool true false
  errno assert and end function in local nil not or repeat then until
]])

-- Structs and generated headers that exist beside those of records.
local taken = set_of([[
  arena text text_builder problem problems problem_info instant uuid digest decimal fraction money exact_money currency
  date period duration record record_field record_table record_list json json_writer xml xml_attribute xml_writer store
  event_info event_side event_alias policy_info errors events records policies statement words currencies
]])

-- ------------------------------------------------------------------------------------------------- records

local record_options = { doc = "string", stored = "table" }
local stored_options = { since = "number", key = "table", global = "boolean", cached = "boolean", late = "boolean",
                         stays = "boolean" }
local field_options = {
  doc = "string", required = "boolean", rule = "boolean", hidden = "boolean", secret = "boolean", untold = "boolean", json = "boolean",
  clears = "boolean", visible = "boolean", since = "number", min = "number", max = "number", scale = "number", words = "table", of = "string", by = "string",
  default = "any",
}

-- What a kind may have beside doc, required, rule, hidden, secret, untold, since and default; and its limits when none are given.
local I64_MIN, I64_MAX = math.mininteger, math.maxinteger
local kinds = {
  id = { },
  uuid = { },
  text = { takes = set_of("min max clears visible"), min = 0, max = 255, limit = 16 * 1024 * 1024 },
  json = { takes = set_of("max"), min = 0, max = 65536, limit = 64 * 1024 * 1024 },
  integer = { takes = set_of("min max"), min = I64_MIN, max = I64_MAX },
  decimal = { takes = set_of("min max scale"), min = I64_MIN, max = I64_MAX, scale = 18 },
  money = { takes = set_of("min max"), min = I64_MIN, max = I64_MAX },
  exact = { },
  currency = { },
  date = { },
  instant = { },
  duration = { },
  boolean = { },
  choice = { takes = set_of("words") },
  record = { takes = set_of("of json"), compound = true },
  list = { takes = set_of("of json min max"), min = 0, max = 1000, limit = 1000000, compound = true },
  relation = { takes = set_of("of by"), compound = true },
}
schema.kinds = names_of(kinds)
local common = set_of("doc required rule hidden secret untold since default")

local function check_words(where, words)
  if type(words) ~= "table" or #words == 0 then fail("%s: a choice needs words = { ... }", where) end
  local seen = {}
  for _, word in ipairs(words) do
    if type(word) ~= "string" or not word:match("^[A-Za-z0-9][A-Za-z0-9_.-]*$") then
      fail("%s: '%s' is not a word (letters, digits, _ . -)", where, tostring(word))
    end
    local constant = schema.constant(word)
    if constant == "NONE" then fail("%s: the word 'none' is what an absent choice is called", where) end
    if seen[constant] then fail("%s: the word '%s' is there twice", where, word) end
    seen[constant] = true
  end
end

local function read_limits(where, field, kind)
  for _, option in ipairs { "min", "max", "scale" } do
    if field[option] == nil then field[option] = kind[option] end
    if field[option] and math.type(field[option]) ~= "integer" then fail("%s: %s must be whole", where, option) end
  end
  if field.min and field.min > field.max then fail("%s: min %d is above max %d", where, field.min, field.max) end
  if kind.limit and (field.min < 0 or field.max > kind.limit) then
    fail("%s: limits must lie between 0 and %d", where, kind.limit)
  end
  if field.scale and (field.scale < 0 or field.scale > 38) then fail("%s: scale must be 0 to 38", where) end
end

local function read_field(record, row, number)
  local name, kind_name = row[1], row[2]
  local where = ("record %s, field %s"):format(record.name, tostring(name or number + 1))
  check_word(where, name)
  if keywords[name] then fail("%s: '%s' is a keyword of C or Lua; choose another name", where, name) end
  if name:match("^has_") then fail("%s: names with has_ are for the presence of optional fields", where) end
  local kind = kinds[kind_name]
  if not kind then
    fail("%s: unknown kind '%s'%s", where, tostring(kind_name), did_you_mean(tostring(kind_name), schema.kinds))
  end
  if #row > 2 then fail("%s: only name and kind come without a name; options are written name = value", where) end
  check_options(where, row, field_options)
  for option in pairs(row) do
    if type(option) == "string" and not common[option] and not (kind.takes and kind.takes[option]) then
      fail("%s: kind %s takes no option '%s'", where, kind_name, option)
    end
  end
  local field = { where = where, number = number }
  for key, value in pairs(row) do
    if type(key) == "string" then field[key] = value end
  end
  field.name, field.kind, field.compound, field.doc = name, kind_name, kind.compound or false, row.doc or ""
  field.since = row.since or (record.stored and record.stored.since)
  if kind_name == "choice" then check_words(where, row.words) end
  if kind.compound and not row.of then fail("%s: kind %s needs of = \"<record>\"", where, kind_name) end
  if kind_name == "relation" and not row.by then fail("%s: a relation needs by = \"<id field>\"", where) end
  read_limits(where, field, kind)
  if field.clears and (field.required or field.min > 0) then fail("%s: what null clears may be absent and empty", where) end
  field.column = record.stored ~= nil and kind_name ~= "relation" and (not kind.compound or row.json == true)
  if field.secret and field.column then fail("%s: a secret field is input only; it cannot be stored", where) end
  return field
end

-- A bit for each record whose new rows may wait (store/late_row.h), in an unsigned of C.
local late_count = 0
local function next_late_bit(where)
  if late_count == 32 then fail("%s: 32 records are late already", where) end
  late_count = late_count + 1
  return 1 << (late_count - 1)
end

local function read_record(name, body)
  local where = "record " .. tostring(name)
  check_word(where, name)
  if taken[name] or keywords[name] then fail("%s: the name is taken in C; choose another", where) end
  check_options(where, body, record_options)
  if not body.doc or body.doc == "" then fail("%s: needs doc = \"...\"", where) end
  local record = { name = name, doc = body.doc, fields = {}, by_name = {}, columns = {} }
  if body.stored then
    check_options(where .. ", stored", body.stored, stored_options)
    record.stored = { since = body.stored.since or 1, key = body.stored.key or {}, global = body.stored.global or false,
                      cached = body.stored.cached or false, late = body.stored.late and next_late_bit(where) or 0,
                      stays = body.stored.stays or false }
  end
  for i, row in ipairs(body) do
    local field = read_field(record, row, i - 1)
    if record.by_name[field.name] then fail("%s: the name is there twice", field.where) end
    record.by_name[field.name] = field
    record.fields[i] = field
    if field.column then record.columns[#record.columns + 1] = field end
  end
  if #record.fields == 0 then fail("%s: has no fields", where) end
  if #record.fields > 128 then fail("%s: has %d fields, 128 is the limit of a rule's mask", where, #record.fields) end
  return record
end

local function field_names(record)
  local names = {}
  for i, field in ipairs(record.fields) do names[i] = field.name end
  return names
end
schema.field_names = field_names

local function link_key(record)
  local stored, where = record.stored, "record " .. record.name
  if #stored.key == 0 then fail("%s: stored needs key = { ... }", where) end
  if not stored.global and record.by_name.tenant_id then
    fail("%s, field tenant_id: a stored record has this column already (or is global = true)", where)
  end
  stored.key_fields = {}
  for i, name in ipairs(stored.key) do
    local field = record.by_name[name]
    if not field then fail("%s: key '%s' is not a field%s", where, name, did_you_mean(name, field_names(record))) end
    if not field.column then fail("%s: key '%s' has no column", where, name) end
    if stored.late ~= 0 and field.kind ~= "id" then fail("%s: is late, so its key is of ids, not %s", where, name) end
    stored.key_fields[i] = field
  end
  local last = stored.key_fields[#stored.key_fields]
  stored.found_by = (#stored.key == 1 or last.name == "id") and last or nil
end

local function link_field(record, field, records)
  if field.of then
    local other = records.by_name[field.of]
    if not other then fail("%s: there is no record '%s'%s", field.where, field.of, did_you_mean(field.of, records.names)) end
    field.of = other
  end
  if field.by then
    local by = record.by_name[field.by]
    if not by then fail("%s: by = '%s' is not a field%s", field.where, field.by, did_you_mean(field.by, field_names(record))) end
    if by.kind ~= "id" then fail("%s: by = '%s' is not of kind id", field.where, field.by) end
    field.by = by
  end
end

-- The currency of money fields: the field named currency, or the only one of that kind.
local function link_currency(record)
  local found, count, money = record.by_name.currency, 0, nil
  if found and found.kind ~= "currency" then found = nil end
  for _, field in ipairs(record.fields) do
    if field.kind == "currency" then
      count = count + 1
      found = found or field
    elseif field.kind == "money" or field.kind == "exact" then
      money = money or field
    end
  end
  if money and not found then fail("%s: the record has no field of kind currency", money.where) end
  if money and count > 1 and found.name ~= "currency" then
    fail("%s: the record has several currencies; name the one of its amounts 'currency'", money.where)
  end
  record.currency_field = found
end

local function load_schema(path, environment)
  local chunk, message = loadfile(path, "t", environment)
  if not chunk then fail("%s", message) end
  local ok, failure = pcall(chunk)
  if not ok then fail("%s", tostring(failure)) end
end

-- A small schema may do without.
local function load_schema_if_there(path, environment)
  local file = io.open(path)
  if not file then return end
  file:close()
  load_schema(path, environment)
end

function schema.records(dir)
  local records = { by_name = {}, names = {} }
  local function record(name)
    return function(body)
      local made = read_record(name, body)
      if records.by_name[name] then fail("record %s: is there twice", name) end
      records.by_name[name] = made
      records[#records + 1] = made
      records.names[#records.names + 1] = name
    end
  end
  local environment = { record = record, ipairs = ipairs, pairs = pairs, table = table, string = string }
  load_schema(dir .. "/records.lua", environment)
  for _, name in ipairs { "work", "catalog", "subscriptions", "usage", "tasks", "mail", "tags", "killbill", "aps", "terms", "amounts", "components", "wallets", "commitments", "progressive", "allocations", "component_usage", "streams", "products", "maxio", "questions", "inputs", "workflows" } do
    load_schema_if_there(dir .. "/" .. name .. ".lua", environment)
  end
  for _, made in ipairs(records) do
    for _, field in ipairs(made.fields) do link_field(made, field, records) end
    if made.stored then link_key(made) end
    link_currency(made)
  end
  return records
end

-- ------------------------------------------------------------------------------------------------- events, policies

local event_options = { object = "string", subject = "string", waits = "string", pre = "table", post = "table", signal = "table" }
local side_options = { aliases = "table", writable = "table", payload = "table", origin = "string", note = "string" }
local policy_options = { input = "string", result = "string", default = "string", doc = "string" }
schema.sides = { "pre", "post", "signal" }
schema.systems = { "atomia", "atomia_sdk", "killbill", "killbill_later", "aps", "blubilling" }
local system_options = {}
for _, system in ipairs(schema.systems) do system_options[system] = "table" end

-- "NAME[key=value]" is an alias under a condition.
local function read_aliases(where, aliases)
  check_options(where .. ", aliases", aliases, system_options)
  local list = {}
  for _, system in ipairs(schema.systems) do
    for _, text in ipairs(aliases[system] or {}) do
      local name, condition = text:match("^([^%[%]]+)%[([^%[%]]+)%]$")
      list[#list + 1] = { system = system, name = name or text, condition = condition }
    end
  end
  return list
end

local function find_field(where, record, name)
  local field = record.by_name[name]
  local near = not field and schema.nearest(name, field_names(record))
  if near then fail("%s: record %s has no field '%s' (did you mean '%s'?)", where, record.name, name, near) end
  return field
end

-- The detail that "address.*" is about: its field, when event_details has a record of that name.
local function find_detail(details, noun, name)
  local field = details and name == "*" and details.by_name[noun]
  return field and field.kind == "record" and field
end

-- Sets subject_all, subject_fields and details_fields from the raw entries of `writable`.
local function read_writable(where, side, event, details)
  side.subject_fields, side.details_fields = {}, {}
  for _, entry in ipairs(side.writable) do
    local noun, name = entry:match("^([a-z_]+)%.([a-z_*]+)$")
    local subject = event.subject
    if not noun then
      local field = details and details.by_name[entry]
      if field then side.details_fields[#side.details_fields + 1] = field end
    elseif subject and noun == subject.name and name == "*" then
      side.subject_all = true
      for _, field in ipairs(subject.fields) do
        if field.rule then side.subject_fields[#side.subject_fields + 1] = field end
      end
    elseif subject and noun == subject.name then
      side.subject_fields[#side.subject_fields + 1] = find_field(where, subject, name)
    elseif find_detail(details, noun, name) then
      side.details_fields[#side.details_fields + 1] = find_detail(details, noun, name)
    end
  end
end

local function read_side(where, body, event, details)
  check_options(where, body, side_options)
  if not body.payload or #body.payload == 0 then fail("%s: needs payload = { ... }", where) end
  if not body.origin then fail("%s: needs origin = \"...\"", where) end
  local side = {
    aliases = read_aliases(where, body.aliases or {}), writable = body.writable or {}, payload = body.payload,
    origin = body.origin, note = body.note or "",
  }
  read_writable(where, side, event, details)
  return side
end

local function read_event(name, body, records)
  local where = "event " .. tostring(name)
  if type(name) ~= "string" or not name:match("^[a-z][a-z_]*%.[a-z][a-z_]*$") then fail("%s: a name is noun.verb", where) end
  check_options(where, body, event_options)
  if not body.object then fail("%s: needs object = \"...\"", where) end
  local event = { name = name, object = body.object, waits = body.waits, subject = body.subject and records.by_name[body.subject] }
  local sides = 0
  for _, side in ipairs(schema.sides) do
    if body[side] then
      event[side] = read_side(where .. ", " .. side, body[side], event, records.by_name.event_details)
      sides = sides + 1
    end
  end
  if sides == 0 then fail("%s: needs pre, post or signal", where) end
  if event.signal and sides > 1 then fail("%s: a signal has no other side", where) end
  if event.post and #event.post.writable > 0 then fail("%s, post: only pre may list writable", where) end
  if event.signal and #event.signal.writable > 0 then fail("%s, signal: only pre may list writable", where) end
  return event
end

local function find_record(where, name, records)
  if name == nil then return nil end
  local record = records.by_name[name]
  if not record then fail("%s: there is no record '%s'%s", where, name, did_you_mean(name, records.names)) end
  return record
end

-- `result` is exact, money, text, or the name of a record.
local function read_policy(name, body, records)
  local where = "policy " .. tostring(name)
  check_word(where, name)
  check_options(where, body, policy_options)
  local result = body.result
  if not result then fail("%s: needs result = \"exact\", \"money\", \"text\" or a record", where) end
  if not body.doc then fail("%s: needs doc = \"...\"", where) end
  local plain = result == "exact" or result == "money" or result == "text"
  return {
    name = name, doc = body.doc, default = body.default,
    input = find_record(where .. ", input", body.input, records),
    result = plain and result or "record",
    result_record = not plain and find_record(where .. ", result", result, records) or nil,
  }
end

function schema.events(dir, records)
  local events, policies = { by_name = {} }, { by_name = {} }
  local function collector(list, read, word)
    return function(name)
      return function(body)
        local made = read(name, body, records)
        if list.by_name[name] then fail("%s %s: is there twice", word, name) end
        list.by_name[name] = made
        list[#list + 1] = made
      end
    end
  end
  load_schema(dir .. "/events.lua", { event = collector(events, read_event, "event") })
  load_schema_if_there(dir .. "/policies.lua", { policy = collector(policies, read_policy, "policy") })
  return events, policies
end

-- ------------------------------------------------------------------------------------------------- writing C

-- "order.create" -> "ORDER_CREATE"
function schema.constant(name)
  return (name:upper():gsub("[^A-Z0-9]", "_"))
end

-- A C string literal; nil gives NULL.
function schema.c_string(text)
  if text == nil then return "NULL" end
  local escaped = text:gsub('[\\"]', "\\%0"):gsub("%?%?", "?\\?"):gsub("%c", function(c)
    return c == "\n" and "\\n" or c == "\t" and "\\t" or ("\\%03o"):format(c:byte())
  end)
  return '"' .. escaped .. '"'
end

-- An integer constant of type int64_t.
function schema.c_integer(value)
  if value == nil then return "0" end
  if value == math.mininteger then return "INT64_MIN" end
  if value == math.maxinteger then return "INT64_MAX" end
  return ("INT64_C(%d)"):format(value)
end

-- Collects lines and writes them to a file; an unchanged file keeps its time, so that nothing is built anew.
function schema.writer()
  local lines = {}
  local writer = {}
  function writer.line(format, ...)
    lines[#lines + 1] = select("#", ...) > 0 and format:format(...) or format
  end
  function writer.save(path)
    local content = table.concat(lines, "\n") .. "\n"
    local old = io.open(path, "r")
    if old then
      local same = old:read("a") == content
      old:close()
      if same then return end
    end
    local file, message = io.open(path, "w")
    if not file then fail("%s", message) end
    assert(file:write(content))
    assert(file:close())
  end
  return writer
end

-- The two arguments every generator takes.
function schema.arguments(usage)
  local from, to = arg[1], arg[2]
  if not to then
    io.stderr:write("usage: lua5.4 ", usage, "\n")
    os.exit(2)
  end
  return from, to
end

return schema
