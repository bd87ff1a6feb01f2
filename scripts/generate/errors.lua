-- errors.lua: writes errors.gen.h and errors.gen.c from schema/errors.lua.
-- Usage: lua5.4 errors.lua SCHEMA_DIR OUT_DIR

local schema_dir, out_dir = arg[1], arg[2]
if not out_dir then
  io.stderr:write("usage: lua5.4 errors.lua SCHEMA_DIR OUT_DIR\n")
  os.exit(2)
end

local rows = dofile(schema_dir .. "/errors.lua")

local function check(rows)
  local seen = {}
  for i, row in ipairs(rows) do
    local name, status, title, remedy = table.unpack(row)
    local where = "errors.lua, row " .. i .. ": "
    assert(type(name) == "string" and name:match("^[a-z][a-z_]*$"), where .. "a name is lower case with underscores")
    assert(not seen[name], where .. name .. " is there twice")
    assert(math.type(status) == "integer" and status >= 400 and status <= 599, where .. "status is 400 to 599")
    assert(type(title) == "string" and title ~= "" and title:sub(-1) ~= ".", where .. "a title has no full stop")
    assert(type(remedy) == "string" and remedy:sub(-1) == ".", where .. "a remedy is a sentence")
    seen[name] = true
  end
end

local function write(path, lines)
  local file = assert(io.open(path, "w"))
  assert(file:write(table.concat(lines, "\n"), "\n"))
  assert(file:close())
end

local function header(rows)
  local lines = {
    "/* errors.gen.h: problem codes, written by scripts/generate/errors.lua from schema/errors.lua. */",
    "#ifndef MOONBILL_ERRORS_GEN_H",
    "#define MOONBILL_ERRORS_GEN_H",
    "",
    "enum problem_code {",
    "\tPROBLEM_NONE,",
  }
  for _, row in ipairs(rows) do
    lines[#lines + 1] = ("\tPROBLEM_%s, /* %d: %s */"):format(row[1]:upper(), row[2], row[3])
  end
  lines[#lines + 1] = "\tPROBLEM_CODE_COUNT"
  lines[#lines + 1] = "};"
  lines[#lines + 1] = ""
  lines[#lines + 1] = "#endif"
  return lines
end

local function source(rows)
  local lines = {
    "/* errors.gen.c: names, statuses, titles and remedies, written from schema/errors.lua. */",
    '#include "base/problem.h"',
    "",
    "extern const struct problem_info problem_infos[PROBLEM_CODE_COUNT];",
    "const struct problem_info problem_infos[PROBLEM_CODE_COUNT] = {",
    '\t[PROBLEM_NONE] = { "none", 200, "There is no problem", "Do nothing." },',
  }
  for _, row in ipairs(rows) do
    lines[#lines + 1] = ("\t[PROBLEM_%s] = { %q, %d, %q, %q },"):format(row[1]:upper(), row[1], row[2], row[3], row[4])
  end
  lines[#lines + 1] = "};"
  return lines
end

check(rows)
write(out_dir .. "/errors.gen.h", header(rows))
write(out_dir .. "/errors.gen.c", source(rows))
