-- currencies.lua: writes currencies.gen.c from schema/currencies.lua: the rows in order of their code.
-- Usage: lua5.4 currencies.lua SCHEMA_DIR OUT_DIR

local schema_dir, out_dir = arg[1], arg[2]
if not out_dir then
  io.stderr:write("usage: lua5.4 currencies.lua SCHEMA_DIR OUT_DIR\n")
  os.exit(2)
end

local rows = dofile(schema_dir .. "/currencies.lua")

local function check(rows)
  for i, row in ipairs(rows) do
    local code, exponent, name = table.unpack(row)
    local where = "currencies.lua, " .. tostring(code) .. ": "
    assert(type(code) == "string" and code:match("^%u%u%u$"), where .. "a code is three capitals")
    assert(i == 1 or rows[i - 1][1] ~= code, where .. "it is there twice")
    assert(math.type(exponent) == "integer" and exponent >= 0 and exponent <= 4, where .. "0 to 4 digits")
    assert(type(name) == "string" and name ~= "", where .. "it has no name")
  end
end

table.sort(rows, function(a, b) return a[1] < b[1] end)
check(rows)

local lines = {
  "/* currencies.gen.c: ISO 4217 in order of the code, written from schema/currencies.lua. */",
  '#include "value/currency.h"',
  "",
  "extern const struct currency currencies[];",
  "extern const size_t currencies_count;",
  "",
  "const struct currency currencies[] = {",
}
for _, row in ipairs(rows) do
  lines[#lines + 1] = ('\t{ "%s", %d, %q },'):format(row[1], row[2], row[3])
end
lines[#lines + 1] = "};"
lines[#lines + 1] = "const size_t currencies_count = sizeof currencies / sizeof *currencies;"

local file = assert(io.open(out_dir .. "/currencies.gen.c", "w"))
assert(file:write(table.concat(lines, "\n"), "\n"))
assert(file:close())
