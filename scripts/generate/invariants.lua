-- invariants.lua: writes invariants.gen.c from schema/invariants.lua.
-- Usage: lua5.4 invariants.lua SCHEMA_DIR OUT_DIR

local here = arg[0]:match("^(.*/)") or "./"
local schema = dofile(here .. "schema.lua")
local sql = dofile(here .. "sql.lua")(schema)
local schema_dir, out_dir = schema.arguments("invariants.lua SCHEMA_DIR OUT_DIR")
local list = dofile(here .. "invariant_list.lua")(schema, sql, schema.records(schema_dir), schema_dir)

local out = schema.writer()
out.line("/* invariants.gen.c: what verify checks, written by scripts/generate/invariants.lua from schema/invariants.lua. */")
out.line('#include "verify/verify_check.h"')
out.line("")
out.line("const struct verify_walk verify_walks[] = {")
local walk_numbers = {}
for i, walk in ipairs(list.walks) do
  walk_numbers[walk.name] = i - 1
  out.line("\t{ %s, STATEMENT_%s },", schema.c_string(walk.name), schema.constant(walk.statement))
end
out.line("\t{ 0 },")
out.line("};")
out.line("")
out.line("const struct invariant invariants[] = {")
for _, row in ipairs(list) do
  out.line("\t{")
  out.line("\t\t.number = %d, .scope = INVARIANT_%s, .name = %s,", row.number, schema.constant(row.scope), schema.c_string(row.name))
  out.line("\t\t.object = %s,", row.object and schema.c_string(row.object) or "NULL")
  out.line("\t\t.states = %s,", schema.c_string(row.states))
  out.line("\t\t.walk = %s,", row.walk and "&verify_walks[" .. walk_numbers[row.walk] .. "]" or "NULL")
  out.line("\t\t.statement = STATEMENT_%s,", schema.constant(row.statement))
  out.line("\t\t.procedure = %s,", row.procedure and "verify_" .. row.procedure or "NULL")
  out.line("\t\t.numbers = %s,", row.numbers and "true" or "false")
  out.line("\t\t.content = %s,", row.content and "true" or "false")
  out.line("\t},")
end
out.line("\t{ 0 },")
out.line("};")
out.save(out_dir .. "/invariants.gen.c")
