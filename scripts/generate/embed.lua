-- embed.lua: writes the files of one kind below a folder into a C table; for policies.lua, templates.lua and author.lua.
--
--     embed { name = "policy", plural = "policies", extension = "lua", example = "proration/half_open_days.lua" }
--
-- makes policies.gen.h and policies.gen.c: struct shipped_policy { path, source, length }, shipped_policies, shipped_policy_count.
-- Without an extension all files; `without` is a folder that is left out; `file` is the name of what is made where it is not the plural, `from` the folder where it is
-- not policies/.

local schema = dofile((arg[0]:match("^(.*/)") or "./") .. "schema.lua")

local function shell_word(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

local function list(dir, kind)
  local paths = {}
  local find = assert(io.popen("cd " .. shell_word(dir) .. " && find . -type f " .. (kind.without and "-not -path './" .. kind.without .. "/*' " or "") .. "-name '*." .. (kind.extension or "*") .. "' | LC_ALL=C sort"))
  for line in find:lines() do
    local path = line:gsub("^%./", "")
    if not path:match("^[a-z0-9_/]+%.%w+$") then
      schema.fail("%s: the name of a shipped %s has lower case, digits and underscores", path, kind.name)
    end
    paths[#paths + 1] = path
  end
  if not find:close() then schema.fail("%s: cannot be listed", dir) end
  return paths
end

local function read(dir, path, kind)
  local file, message = io.open(dir .. "/" .. path, "rb")
  if not file then schema.fail("%s", message) end
  local content = file:read("a")
  file:close()
  if kind.check then kind.check(content, path) end
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

local function write_header(out_dir, kind)
  local out = schema.writer()
  out.line("/* %s.gen.h: the shipped %s; written by scripts/generate/%s.lua from %s. */", kind.file, (kind.plural:gsub("_", " ")), kind.file, kind.from)
  out.line("#ifndef MOONBILL_%s_GEN_H", kind.file:upper())
  out.line("#define MOONBILL_%s_GEN_H", kind.file:upper())
  out.line("")
  out.line("#include <stddef.h>")
  out.line("")
  out.line("struct shipped_%s {", kind.name)
  out.line("\tconst char *path;   /* \"%s\" */", kind.example)
  out.line("\tconst char *source; /* terminated */")
  out.line("\tsize_t length;")
  out.line("};")
  out.line("")
  out.line("/* In the order of their paths. */")
  out.line("extern const struct shipped_%s shipped_%s[];", kind.name, kind.plural)
  out.line("extern const size_t shipped_%s_count;", kind.name)
  out.line("")
  out.line("#endif")
  out.save(out_dir .. "/" .. kind.file .. ".gen.h")
end

local function write_source(dir, out_dir, kind)
  local paths = list(dir, kind)
  local out = schema.writer()
  out.line("/* %s.gen.c: the text of the shipped %s, written from %s. */", kind.file, (kind.plural:gsub("_", " ")), kind.from)
  out.line('#include "%s.gen.h"', kind.file)
  out.line("")
  local lengths = {}
  for i, path in ipairs(paths) do
    local content = read(dir, path, kind)
    lengths[i] = #content
    write_bytes(out, "source_" .. i, content)
  end
  out.line("const struct shipped_%s shipped_%s[] = {", kind.name, kind.plural)
  for i, path in ipairs(paths) do out.line("\t{ %s, source_%d, %d },", schema.c_string(path), i, lengths[i]) end
  out.line("\t{ NULL, NULL, 0 },")
  out.line("};")
  out.line("const size_t shipped_%s_count = %d;", kind.name, #paths)
  out.save(out_dir .. "/" .. kind.file .. ".gen.c")
end

return function (kind)
  kind.file, kind.from = kind.file or kind.plural, kind.from or "policies/"
  local dir, out_dir = schema.arguments(kind.file .. ".lua DIR OUT_DIR")
  write_header(out_dir, kind)
  write_source(dir, out_dir, kind)
end
