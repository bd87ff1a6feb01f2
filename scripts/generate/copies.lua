-- copies.lua: writes copies.gen.c, how the rows of one tenant are copied and removed, from schema/records.lua and the tables
-- of schema/tables/NNN-*.sql. Usage: lua5.4 copies.lua SCHEMA_DIR OUT_DIR
--
-- Each table with a tenant_id is here. Rows of a record with stays = true do not go along with a copy, nor do those of a table
-- of the store's own that a comment line says "stays with its tenant" of; all of them are removed with a tenant.

local here = arg[0]:match("^(.*/)") or "./"
local schema = dofile(here .. "schema.lua")
local sql = dofile(here .. "sql.lua")(schema)
local schema_dir, out_dir = schema.arguments("copies.lua SCHEMA_DIR OUT_DIR")
local records = schema.records(schema_dir)

-- ------------------------------------------------------------------------------------------------- tables

-- { name, columns and key = arrays of names ready for SQL, without tenant_id; global = it is the tenant; stays; by_id }
local tables = {}

for _, record in ipairs(records) do
  if record.stored then
    local key = {}
    for i, field in ipairs(record.stored.key_fields) do key[i] = sql.name(field.name) end
    tables[#tables + 1] = { name = sql.name(record.name), columns = sql.columns(record), key = key,
                            global = record.stored.global, stays = record.stored.stays }
  end
end

local function words(list)
  local names = {}
  for name in list:gmatch("[a-z_0-9]+") do
    if name ~= "tenant_id" then names[#names + 1] = name end
  end
  return names
end

-- "CREATE TABLE counter ( tenant_id INTEGER ..., PRIMARY KEY (tenant_id, series) ) STRICT": columns in their order.
local function add_own(plain, piece)
  local name, body = plain:match("^CREATE TABLE ([a-z_]+) (%b())")
  if not name or not body:find("[( ]tenant_id ") then return end
  local key, columns = body:match("PRIMARY KEY (%b())"), {}
  for part in (body:sub(2, -2):gsub("%b()", "") .. ","):gmatch("%s*(.-)%s*,") do
    local column = part:match("^([a-z_0-9]+) %u")
    if column and column ~= "tenant_id" then columns[#columns + 1] = sql.name(column) end
  end
  local by_id = not key
  local stays = piece:find("%-%- stays with its tenant") ~= nil
  if by_id and not stays then schema.fail("table %s lies by its id, which a copy cannot keep: it must stay with its tenant", name) end
  tables[#tables + 1] = { name = name, columns = columns, key = by_id and { "id" } or words(key), stays = stays, by_id = by_id }
end

local listing = assert(io.popen(("LC_ALL=C ls '%s/tables'"):format(schema_dir)))
for file in listing:lines() do
  for _, piece in ipairs(sql.split(sql.read(schema_dir .. "/tables/" .. file))) do add_own(sql.plain(piece), piece) end
end
listing:close()

-- ------------------------------------------------------------------------------------------------- statements

local function list(names) return table.concat(names, ", ") end

local function statements(t)
  local columns, key = list(t.columns), list(t.key)
  if t.global then
    return { export = ("INSERT INTO main.%s (%s) SELECT %s FROM origin.%s WHERE id = ?1"):format(t.name, columns, columns, t.name) }
  end
  local made = {}
  if not t.stays then
    local values = {}
    for i = 1, #t.columns + 1 do values[i] = "?" .. i end
    made.export = ("INSERT INTO main.%s (tenant_id, %s) SELECT tenant_id, %s FROM origin.%s WHERE tenant_id = ?1 ORDER BY %s")
                    :format(t.name, columns, columns, t.name, key)
    made.read = ("SELECT %s FROM %s WHERE tenant_id = ?1 ORDER BY %s"):format(columns, t.name, key)
    made.copy = ("INSERT INTO %s (tenant_id, %s) SELECT ?2, %s FROM %s WHERE tenant_id = ?1 ORDER BY %s")
                  :format(t.name, columns, columns, t.name, key)
    made.write = ("INSERT INTO %s (tenant_id, %s) VALUES (%s)"):format(t.name, columns, list(values))
  end
  if t.by_id then
    made.last = ("SELECT max(id) FROM %s"):format(t.name)
    made.remove = ("DELETE FROM %s WHERE tenant_id = ?1 AND id > ?2 AND id <= ?3"):format(t.name)
  else
    made.remove = ("DELETE FROM %s WHERE tenant_id = ?1 AND (%s) IN (SELECT %s FROM %s WHERE tenant_id = ?1 LIMIT ?2)")
                    :format(t.name, key, key, t.name)
  end
  return made
end

-- ------------------------------------------------------------------------------------------------- writing

local out = schema.writer()
out.line("/* copies.gen.c: how the rows of one tenant are copied and removed, written by scripts/generate/copies.lua. */")
out.line('#include "store/tenant_copy.h"')
out.line("")
out.line("#include <stddef.h>")
out.line("")
out.line("const struct copied_table copied_tables[] = {")
for _, t in ipairs(tables) do
  local made = statements(t)
  out.line("\t{")
  out.line("\t\t.name = %s, .columns = %d,", schema.c_string((t.name:gsub('"', ""))), #t.columns)
  for _, name in ipairs { "export", "read", "write", "copy", "remove", "last" } do
    if made[name] then out.line("\t\t.%s_sql = %s,", name, schema.c_string(made[name])) end
  end
  out.line("\t},")
end
out.line("\t{ .name = NULL },")
out.line("};")
out.save(out_dir .. "/copies.gen.c")
