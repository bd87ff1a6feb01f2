-- policies.lua: embeds the shipped policies (policies/**/*.lua) into policies.gen.h and policies.gen.c.
-- Usage: lua5.4 policies.lua POLICIES_DIR OUT_DIR

local schema = dofile((arg[0]:match("^(.*/)") or "./") .. "schema.lua")
local policies_dir, out_dir = schema.arguments("policies.lua POLICIES_DIR OUT_DIR")

local function shell_word(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

local function list()
  local paths = {}
  local find = assert(io.popen("cd " .. shell_word(policies_dir) .. " && find . -type f -name '*.lua' | LC_ALL=C sort"))
  for line in find:lines() do
    local path = line:gsub("^%./", "")
    if not path:match("^[a-z0-9_/]+%.lua$") then
      schema.fail("%s: the name of a shipped policy has lower case, digits and underscores", path)
    end
    paths[#paths + 1] = path
  end
  if not find:close() then schema.fail("%s: cannot be listed", policies_dir) end
  return paths
end

local function read(path)
  local file, message = io.open(policies_dir .. "/" .. path, "rb")
  if not file then schema.fail("%s", message) end
  local content = file:read("a")
  file:close()
  local ok, failure = load(content, "@" .. path, "t")
  if not ok then schema.fail("%s", failure) end
  return content
end

-- As single characters: a string literal longer than 4095 bytes is not portable C.
local function write_bytes(out, name, content)
  out.line("static const char %s[] = {", name)
  for from = 1, #content, 16 do
    local row = {}
    for i = from, math.min(from + 15, #content) do
      local byte = content:byte(i)
      local plain = byte >= 32 and byte < 127 and byte ~= 39 and byte ~= 92
      row[#row + 1] = plain and ("'%c'"):format(byte) or ("'\\x%02x'"):format(byte)
    end
    out.line("\t%s,", table.concat(row, ","))
  end
  out.line("\t'\\0'")
  out.line("};")
end

local function write_header()
  local out = schema.writer()
  out.line("/* policies.gen.h: the shipped policies; written by scripts/generate/policies.lua from policies/. */")
  out.line("#ifndef MOONBILL_POLICIES_GEN_H")
  out.line("#define MOONBILL_POLICIES_GEN_H")
  out.line("")
  out.line("#include <stddef.h>")
  out.line("")
  out.line("struct shipped_policy {")
  out.line("\tconst char *path;   /* \"proration/inclusive_days.lua\" */")
  out.line("\tconst char *source; /* terminated */")
  out.line("\tsize_t length;")
  out.line("};")
  out.line("")
  out.line("/* In the order of their paths. */")
  out.line("extern const struct shipped_policy shipped_policies[];")
  out.line("extern const size_t shipped_policy_count;")
  out.line("")
  out.line("#endif")
  out.save(out_dir .. "/policies.gen.h")
end

local function write_source(paths)
  local out = schema.writer()
  out.line("/* policies.gen.c: the text of the shipped policies, written from policies/. */")
  out.line('#include "policies.gen.h"')
  out.line("")
  local lengths = {}
  for i, path in ipairs(paths) do
    local content = read(path)
    lengths[i] = #content
    write_bytes(out, "source_" .. i, content)
  end
  out.line("const struct shipped_policy shipped_policies[] = {")
  for i, path in ipairs(paths) do out.line("\t{ %s, source_%d, %d },", schema.c_string(path), i, lengths[i]) end
  out.line("\t{ NULL, NULL, 0 },")
  out.line("};")
  out.line("const size_t shipped_policy_count = %d;", #paths)
  out.save(out_dir .. "/policies.gen.c")
end

write_header()
write_source(list())
