-- tables.lua: writes migrations.gen.c from schema/records.lua, schema/tables/NNN-*.sql.
-- Usage: lua5.4 tables.lua SCHEMA_DIR OUT_DIR
--
-- Migration N makes the tables of records with since = N, adds the columns of fields with since = N to older tables,
-- then runs schema/tables/NNN-*.sql in the order of their names. Once released its text never changes: stores keep a
-- checksum of it. So nothing that may change later (limits, words of a choice) is written into a table.
--
-- Each index in those files follows a comment line "-- used by: statement, statement" that names statements of
-- statements.sql; an index that no statement uses is refused.
--
-- Plans do not follow the data: SQLite's table of statistics is filled with what is written here (many tenants, each
-- with many accounts, each with few rows), so that a statement runs the same way on the first day and on the last.

local here = arg[0]:match("^(.*/)") or "./"
local schema = dofile(here .. "schema.lua")
local sql = dofile(here .. "sql.lua")(schema)
local schema_dir, out_dir = schema.arguments("tables.lua SCHEMA_DIR OUT_DIR")
local records = schema.records(schema_dir)
local statements = sql.statements(schema_dir)

-- ISO C promises no longer string literals than this.
local TEXT_MAX = 4095

-- ------------------------------------------------------------------------------------------------- tables of records

local types = {
  id = "INTEGER", integer = "INTEGER", instant = "INTEGER", money = "INTEGER", boolean = "INTEGER", uuid = "BLOB",
}
local checks = { id = "%s > 0", uuid = "length(%s) = 16", boolean = "%s IN (0, 1)" }

local function literal(value)
  if type(value) == "boolean" then return value and "1" or "0" end
  if type(value) == "string" then return "'" .. value:gsub("'", "''") .. "'" end
  return tostring(value)
end

local function column(field, extra)
  local name = sql.name(field.name)
  local text = name .. " " .. (types[field.kind] or "TEXT")
  if field.required then text = text .. " NOT NULL" end
  text = text .. extra
  local check = checks[field.kind]
  return check and text .. " CHECK (" .. check:format(name) .. ")" or text
end

local function create_table(record)
  local lines, key = {}, {}
  if not record.stored.global then
    lines[1] = "tenant_id INTEGER NOT NULL CHECK (tenant_id > 0)"
    key[1] = "tenant_id"
  end
  for _, field in ipairs(record.columns) do
    if field.since == record.stored.since then lines[#lines + 1] = column(field, "") end
  end
  for _, field in ipairs(record.stored.key_fields) do key[#key + 1] = sql.name(field.name) end
  lines[#lines + 1] = "PRIMARY KEY (" .. table.concat(key, ", ") .. ")"
  return ("CREATE TABLE %s (\n  %s\n) STRICT, WITHOUT ROWID"):format(sql.name(record.name), table.concat(lines, ",\n  "))
end

-- Rows that lie with their account are also found by their id alone (R_find).
local function create_id_index(record)
  local key = record.stored.key
  if #key == 1 or key[#key] ~= "id" then return nil end
  return ("CREATE UNIQUE INDEX %s_by_id ON %s (tenant_id, id)"):format(record.name, sql.name(record.name))
end

local function add_column(record, field)
  if field.required and field.default == nil then
    schema.fail("%s: a required field added later needs a default", field.where)
  end
  local default = field.default ~= nil and " DEFAULT " .. literal(field.default) or ""
  return ("ALTER TABLE %s ADD COLUMN %s"):format(sql.name(record.name), column(field, default))
end

-- ------------------------------------------------------------------------------------------------- files

local indexes, uses = {}, {}

local function read_index(path, piece, plain)
  local unique, name, of, columns, rest = plain:match('^CREATE (%u* ?)INDEX ([a-z_]+) ON "?([a-z_]+)"? %(([^)]*)%)(.*)$')
  if not name then
    if plain:match("^CREATE %u* ?INDEX") then schema.fail("%s: this index is not understood: %s", path, plain) end
    return
  end
  local used = piece:match("%-%-%s*used by:([^\n]*)\n")
  if not used then schema.fail("%s: index %s needs a comment line '-- used by: statement'", path, name) end
  for word in used:gmatch("[a-z0-9_]+") do
    if not statements.by_name[word] then
      schema.fail("%s: index %s is used by %s, which does not exist", path, name, word)
    end
    uses[#uses + 1] = { index = name, statement = word }
  end
  local index = { name = name, of = records.by_name[of], unique = unique ~= "", columns = {} }
  index.partial = rest:find("WHERE") ~= nil
  if not index.of then schema.fail("%s: index %s is on %s, which is no record", path, name, of) end
  for column in columns:gmatch("[a-z0-9_]+") do index.columns[#index.columns + 1] = column end
  indexes[#indexes + 1] = index
end

-- Names of schema/tables, sorted; `ls` because plain Lua reads no directory.
local function list_files()
  local files = {}
  local listing = assert(io.popen(("LC_ALL=C ls '%s/tables'"):format(schema_dir)))
  for name in listing:lines() do
    local number = name:match("^(%d%d%d)%-[a-z_]+%.sql$")
    if not number then schema.fail("tables/%s: the name is NNN-words.sql", name) end
    files[#files + 1] = { name = name, number = tonumber(number) }
  end
  listing:close()
  return files
end

-- ------------------------------------------------------------------------------------------------- migrations

local migrations, highest = {}, 0

local function add(number, text)
  if not text then return end
  if #text > TEXT_MAX then schema.fail("migration %d: a statement is longer than %d bytes", number, TEXT_MAX) end
  migrations[number] = migrations[number] or {}
  table.insert(migrations[number], text)
  highest = math.max(highest, number)
end

for _, record in ipairs(records) do
  if record.stored then
    add(record.stored.since, create_table(record))
    add(record.stored.since, create_id_index(record))
    for _, field in ipairs(record.columns) do
      if field.since < record.stored.since then schema.fail("%s: since is before the record's", field.where) end
      if field.since > record.stored.since then add(field.since, add_column(record, field)) end
    end
  end
end
for _, file in ipairs(list_files()) do
  local path = schema_dir .. "/tables/" .. file.name
  for _, piece in ipairs(sql.split(sql.read(path))) do
    local plain = sql.plain(piece)
    read_index(path, piece, plain)
    add(file.number, plain)
  end
end

-- ------------------------------------------------------------------------------------------------- statistics

local ROWS, ROWS_OF_TENANT, ROWS_OF_ACCOUNT, ROWS_OF_VALUE, CHOICES = 1000000, 100000, 20, 3, 5

-- "1000000 100000 20 1": how many rows, then how many share the first column, the first two, ...
local function spread(record, columns, unique, partial)
  local share = partial and 10 or 1
  local numbers, current = { ROWS // share }, ROWS // share
  for i, name in ipairs(columns) do
    local field = record.by_name[name]
    if name == "tenant_id" then
      current = math.min(current, ROWS_OF_TENANT // share)
    elseif name == "account_id" then
      current = math.min(current, ROWS_OF_ACCOUNT)
    elseif field and (field.kind == "choice" or field.kind == "boolean") then
      current = math.max(current // CHOICES, 1)
    else
      current = math.min(current, ROWS_OF_VALUE)
    end
    numbers[#numbers + 1] = (unique and i == #columns) and 1 or current
  end
  return table.concat(numbers, " ")
end

local function statistics()
  local rows = {}
  local function row(record, index, columns, unique, partial)
    rows[#rows + 1] = ("('%s', '%s', '%s')"):format(record.name, index, spread(record, columns, unique, partial))
  end
  for _, record in ipairs(records) do
    if record.stored then
      local key = { table.unpack(record.stored.key) }
      if not record.stored.global then table.insert(key, 1, "tenant_id") end
      row(record, record.name, key, true, false) -- a key without rowid has the name of its table here
      if create_id_index(record) then row(record, record.name .. "_by_id", { "tenant_id", "id" }, true, false) end
    end
  end
  for _, index in ipairs(indexes) do row(index.of, index.name, index.columns, index.unique, index.partial) end
  return rows
end

-- ------------------------------------------------------------------------------------------------- writing

local out = schema.writer()
out.line("/* migrations.gen.c: the steps that make and change the tables, written by scripts/generate/tables.lua. */")
out.line('#include "store/migration.h"')
out.line("")
out.line("#include <stddef.h>")
for number = 1, highest do
  if not migrations[number] then schema.fail("migration %d: is missing, migrations count from 1 without gaps", number) end
  out.line("")
  out.line("static const char *const statements_%d[] = {", number)
  for _, text in ipairs(migrations[number]) do out.line("\t%s,", schema.c_string(text)) end
  out.line("\tNULL,")
  out.line("};")
end
out.line("")
out.line("const struct migration migrations[] = {")
for number = 1, highest do out.line("\t{ %d, statements_%d },", number, number) end
out.line("\t{ 0, NULL },")
out.line("};")
out.line("")
out.line("const char *const statistics[] = {")
for _, row in ipairs(statistics()) do
  out.line("\t%s,", schema.c_string("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES " .. row))
end
out.line("\tNULL,")
out.line("};")
out.line("")
out.line("const struct index_use index_uses[] = {")
for _, use in ipairs(uses) do
  out.line("\t{ %s, STATEMENT_%s },", schema.c_string(use.index), schema.constant(use.statement))
end
out.line("\t{ NULL, STATEMENT_NONE },")
out.line("};")
out.save(out_dir .. "/migrations.gen.c")
