-- statements.lua: writes statement.gen.h and statement.gen.c from schema/statements.sql and schema/records.lua.
-- Usage: lua5.4 statements.lua SCHEMA_DIR OUT_DIR
--
-- Every stored record R gives R_insert, R_update (all other columns by key) and R_find (by a key of one column, or by
-- id where the key ends in it). The rest is written out in statements.sql, whose head comment is the format, and in
-- invariants.lua (check_<invariant>, walk_<record>).
--
-- A statement that is not global must bind the tenant as $1; one that does not is refused here, so that no
-- program with a statement across tenants can be built.

local here = arg[0]:match("^(.*/)") or "./"
local schema = dofile(here .. "schema.lua")
local sql = dofile(here .. "sql.lua")(schema)
local schema_dir, out_dir = schema.arguments("statements.lua SCHEMA_DIR OUT_DIR")
local records = schema.records(schema_dir)

-- ISO C promises no longer string literals than this.
local TEXT_MAX = 4095

-- ------------------------------------------------------------------------------------------------- derived

-- Parameters of a record's statements: $1 the tenant (unless global), then the columns in order.
local function parameters(record)
  local first, by_name, list = record.stored.global and 1 or 2, {}, {}
  for i, field in ipairs(record.columns) do
    by_name[field.name] = "$" .. first + i - 1
    list[i] = by_name[field.name]
  end
  return list, by_name
end

local function insert_text(record)
  local columns, values = sql.columns(record), parameters(record)
  if not record.stored.global then
    table.insert(columns, 1, "tenant_id")
    table.insert(values, 1, "$1")
  end
  local name, column_list, value_list = sql.name(record.name), table.concat(columns, ", "), table.concat(values, ", ")
  return ("INSERT INTO %s (%s) VALUES (%s)"):format(name, column_list, value_list)
end

local function update_text(record)
  local _, parameter = parameters(record)
  local is_key, sets, wheres = {}, {}, {}
  if not record.stored.global then wheres[1] = "tenant_id = $1" end
  for _, field in ipairs(record.stored.key_fields) do
    is_key[field.name] = true
    wheres[#wheres + 1] = ("%s = %s"):format(sql.name(field.name), parameter[field.name])
  end
  for _, field in ipairs(record.columns) do
    if not is_key[field.name] then sets[#sets + 1] = ("%s = %s"):format(sql.name(field.name), parameter[field.name]) end
  end
  if #sets == 0 then schema.fail("record %s: has no column beside its key", record.name) end
  local name, set_list, where_list = sql.name(record.name), table.concat(sets, ", "), table.concat(wheres, " AND ")
  return ("UPDATE %s SET %s WHERE %s"):format(name, set_list, where_list)
end

local function find_text(record)
  if not record.stored.found_by then return nil end
  local name = record.stored.found_by.name
  local where = record.stored.global and "%s = $1" or "tenant_id = $1 AND %s = $2"
  return ("SELECT {%s} FROM %s WHERE " .. where):format(record.name, sql.name(record.name), sql.name(name))
end

local function derived()
  local statements = {}
  for _, record in ipairs(records) do
    if record.stored then
      local function add(verb, text, doc)
        if not text then return end
        statements[#statements + 1] = {
          name = record.name .. "_" .. verb, text = text, doc = doc, global = record.stored.global,
          where = "record " .. record.name .. ", " .. verb,
        }
      end
      add("insert", insert_text(record), "a new row")
      add("update", update_text(record), "all columns of the row with this key")
      add("find", find_text(record), "the row with this key")
    end
  end
  return statements
end

-- ------------------------------------------------------------------------------------------------- compiling

-- {invoice} and {invoice i}: the columns; remembers which record a row is when it is nothing else.
local function expand(statement)
  local only = statement.text:match("^%s*SELECT%s+{([a-z_]+)[^}]*}%s+FROM%f[%A]")
            or statement.text:match("%f[%a]RETURNING%s+{([a-z_]+)}%s*;?%s*$")
  statement.record = only and records.by_name[only]
  local text = sql.plain(statement.text)
  return (text:gsub("{([^}]*)}", function(inside)
    local name, alias = inside:match("^([a-z_]+)%s*([a-z_]*)$")
    local record = name and records.by_name[name]
    if not record or not record.stored then schema.fail("%s: {%s} is not a stored record", statement.where, inside) end
    return table.concat(sql.columns(record, alias ~= "" and alias or nil), ", ")
  end))
end

-- $n becomes ?n, which gives the parameter the number n in SQLite; returns the text and how many there are.
local function number_parameters(statement, text)
  local seen, count = {}, 0
  local numbered = sql.outside_quotes(text, function(piece)
    return (piece:gsub("%$(%d+)", function(digits)
      local n = tonumber(digits)
      seen[n], count = true, math.max(count, n)
      return "?" .. n
    end))
  end)
  for n = 1, count do
    if not seen[n] then schema.fail("%s: $%d is missing, parameters count from $1", statement.where, n) end
  end
  return numbered, count
end

local function check_tenant(statement, text)
  if statement.global then return end
  local bound = text:find("%f[%w]tenant_id = %$1%f[%D]")
  local inserted = text:find("^INSERT INTO [%w_\"]+ %(tenant_id, ")
                   and (text:find("VALUES %(%$1[,)]") or text:find("SELECT %$1,"))
  if not bound and not inserted then
    schema.fail("%s: must say 'tenant_id = $1', insert tenant_id as $1, or be [global]", statement.where)
  end
end

-- Whether it may change a row of a record that is cached: by what follows the words that write, wherever they stand, since
-- there are no triggers.
local writing = { "into ", "update ", "update or %a+ ", "delete from " }

local function changes_cached(text)
  local plain = sql.plain(text):lower()
  for _, words in ipairs(writing) do
    for name in plain:gmatch("%f[%w]" .. words .. '"?([%w_]+)') do
      local record = records.by_name[name]
      if record and record.stored and record.stored.cached then return true end
    end
  end
  return false
end

-- The bits of all late records whose table it names, to read or to write. Their quoted names (order is a word of SQL) are
-- found as they are quoted.
local function late_named(text)
  local plain, bits = sql.plain(text):lower(), 0
  for _, record in ipairs(records) do
    if record.stored and record.stored.late ~= 0 then
      local name = sql.name(record.name)
      local word = name == record.name and "%f[%w_]" .. name .. "%f[^%w_]" or name
      if plain:find(word) then bits = bits | record.stored.late end
    end
  end
  return bits
end

-- Whether its row can be kept: it is of a record that is cached and depends on no other table.
local function row_cached(statement)
  local _, tables = statement.sql:lower():gsub("%f[%w_]from%f[^%w_]", "") -- not of "existing_from"
  return statement.record ~= nil and statement.record.stored.cached and tables == 1
         and not statement.sql:lower():find("%f[%a]join%f[%A]") or false
end

local function compile(statement)
  local text = expand(statement)
  if text == "" then schema.fail("%s: is empty", statement.where) end
  if text:find(";", 1, true) then schema.fail("%s: holds a semicolon inside; one statement a name", statement.where) end
  check_tenant(statement, text)
  statement.changes_cached, statement.late = changes_cached(text), late_named(text)
  statement.sql, statement.parameters = number_parameters(statement, text)
  if #statement.sql > TEXT_MAX then schema.fail("%s: is longer than %d bytes", statement.where, TEXT_MAX) end
end

-- ------------------------------------------------------------------------------------------------- writing

local function write_header(statements)
  local out = schema.writer()
  out.line("/* statement.gen.h: a number for each statement; written by scripts/generate/statements.lua. */")
  out.line("#ifndef MOONBILL_STATEMENT_GEN_H")
  out.line("#define MOONBILL_STATEMENT_GEN_H")
  out.line("")
  out.line("enum statement {")
  out.line("\tSTATEMENT_NONE,")
  for _, statement in ipairs(statements) do
    out.line("\tSTATEMENT_%s, /* %s */", schema.constant(statement.name), (statement.doc:gsub("%*/", "* /")))
  end
  out.line("\tSTATEMENT_COUNT")
  out.line("};")
  out.line("")
  out.line("#endif")
  out.save(out_dir .. "/statement.gen.h")
end

local function write_source(statements)
  local out = schema.writer()
  out.line("/* statement.gen.c: the text of each statement, written from schema/statements.sql, records.lua and invariants.lua. */")
  out.line('#include "store/statement.h"')
  out.line("")
  local declared = {}
  for _, statement in ipairs(statements) do
    local record = statement.record
    if record and not declared[record] then
      declared[record] = true
      out.line("extern const struct record %s_record;", record.name)
    end
  end
  out.line("")
  out.line("const struct statement_info statement_infos[STATEMENT_COUNT] = {")
  out.line('\t[STATEMENT_NONE] = { .name = "none", .sql = "", .global = true },')
  for _, statement in ipairs(statements) do
    out.line("\t[STATEMENT_%s] = {", schema.constant(statement.name))
    out.line("\t\t.name = %s,", schema.c_string(statement.name))
    out.line("\t\t.sql = %s,", schema.c_string(statement.sql))
    out.line("\t\t.parameters = %d,", statement.parameters)
    out.line("\t\t.global = %s,", statement.global and "true" or "false")
    out.line("\t\t.row_cached = %s,", row_cached(statement) and "true" or "false")
    out.line("\t\t.changes_cached = %s,", statement.changes_cached and "true" or "false")
    out.line("\t\t.late = %du,", statement.late)
    out.line("\t\t.row = %s,", statement.record and "&" .. statement.record.name .. "_record" or "NULL")
    out.line("\t},")
  end
  out.line("};")
  out.save(out_dir .. "/statement.gen.c")
end

local statements = derived()
local taken = {}
for _, statement in ipairs(statements) do taken[statement.name] = true end
for _, statement in ipairs(sql.statements(schema_dir)) do
  if taken[statement.name] then
    schema.fail("%s: the name is taken by the one derived from the record", statement.where)
  end
  statements[#statements + 1] = statement
end
for _, statement in ipairs(dofile(here .. "invariant_list.lua")(schema, sql, records, schema_dir).statements) do
  statements[#statements + 1] = statement
end
for _, statement in ipairs(statements) do compile(statement) end
write_header(statements)
write_source(statements)
