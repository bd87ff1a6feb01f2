-- words.lua: writes words.gen.h and words.gen.c from schema/words.lua; value/words.h reads them.
-- Usage: lua5.4 words.lua SCHEMA_DIR OUT_DIR

local schema = dofile((arg[0]:match("^(.*/)") or "./") .. "schema.lua")
local schema_dir, out_dir = schema.arguments("words.lua SCHEMA_DIR OUT_DIR")
local records = schema.records(schema_dir)
local constant, c_string = schema.constant, schema.c_string

-- ------------------------------------------------------------------------------------------------- reading

local kinds, systems, known = {}, {}, {}

local function choice_of(name)
  local record_name, field_name = name:match("^([a-z_]+)%.([a-z_]+)$")
  local record = record_name and records.by_name[record_name]
  local field = record and record.by_name[field_name]
  if not field or not field.words then schema.fail("words '%s': is not a choice of schema/records.lua", name) end
  local set = {}
  for _, word in ipairs(field.words) do set[word] = true end
  return set
end

local function check_row(where, row, choice, seen)
  local state, word = next(row)
  if not state or next(row, state) then schema.fail("%s: a row has one core word and one word", where) end
  if not choice[state] then schema.fail("%s: '%s' is not a word of the record", where, state) end
  if seen[state] then schema.fail("%s: '%s' is there twice", where, state) end
  if type(word) ~= "string" or word == "" then schema.fail("%s: '%s' has no word", where, state) end
  seen[state] = true
  return state, word
end

local function read(name)
  return function(table_of_systems)
    local choice, kind = choice_of(name), { name = name, systems = {} }
    local names = {}
    for system in pairs(table_of_systems) do names[#names + 1] = system end
    table.sort(names)
    for _, system in ipairs(names) do
      if not known[system] then
        known[system] = true
        systems[#systems + 1] = system
      end
      local rows, seen = {}, {}
      for i, row in ipairs(table_of_systems[system]) do
        local state, word = check_row(("words '%s', %s, row %d"):format(name, system, i), row, choice, seen)
        rows[i] = { state = state, word = word }
      end
      kind.systems[system] = rows
    end
    kinds[#kinds + 1] = kind
  end
end

local chunk, message = loadfile(schema_dir .. "/words.lua", "t", { words = read })
if not chunk then schema.fail("%s", message) end
chunk()
table.sort(systems)

-- ------------------------------------------------------------------------------------------------- writing

local function write_enum(out, name, prefix, items)
  out.line("enum %s {", name)
  out.line("\t%s_NONE,", prefix)
  for _, item in ipairs(items) do out.line("\t%s_%s,", prefix, constant(item)) end
  out.line("\t%s_COUNT", prefix)
  out.line("};")
  out.line("")
end

local function kind_names()
  local names = {}
  for i, kind in ipairs(kinds) do names[i] = (kind.name:gsub("%.", "_")) end
  return names
end

local function write_header()
  local out = schema.writer()
  out.line("/* words.gen.h: systems and kinds of words; written by scripts/generate/words.lua from schema/words.lua. */")
  out.line("#ifndef MOONBILL_WORDS_GEN_H")
  out.line("#define MOONBILL_WORDS_GEN_H")
  out.line("")
  write_enum(out, "word_system", "WORD_SYSTEM", systems)
  write_enum(out, "word_kind", "WORD", kind_names())
  out.line("struct word_row {")
  out.line("\tint state;")
  out.line("\tconst char *word;")
  out.line("};")
  out.line("/* Rows in the table's order; ends with a NULL word. NULL: the system has no words of this kind. */")
  out.line("extern const struct word_row *const word_rows[WORD_SYSTEM_COUNT][WORD_COUNT];")
  out.line("/* The words of those rows, each once; ends with NULL. */")
  out.line("extern const char *const *const word_lists[WORD_SYSTEM_COUNT][WORD_COUNT];")
  out.line("")
  out.line("#endif")
  out.save(out_dir .. "/words.gen.h")
end

local function each_table(write)
  for _, system in ipairs(systems) do
    for _, kind in ipairs(kinds) do
      if kind.systems[system] then write(system, kind, (kind.name:gsub("%.", "_"))) end
    end
  end
end

local function write_rows(out, system, kind, stem)
  out.line("static const struct word_row %s_%s_rows[] = {", system, stem)
  for _, row in ipairs(kind.systems[system]) do
    out.line("\t{ %s_%s, %s },", constant(stem), constant(row.state), c_string(row.word))
  end
  out.line("\t{ 0, NULL },")
  out.line("};")
end

local function write_list(out, system, kind, stem)
  local seen, strings = {}, {}
  for _, row in ipairs(kind.systems[system]) do
    if not seen[row.word] then
      seen[row.word] = true
      strings[#strings + 1] = c_string(row.word)
    end
  end
  out.line("static const char *const %s_%s_list[] = { %s, NULL };", system, stem, table.concat(strings, ", "))
end

local function write_source()
  local out = schema.writer()
  out.line("/* words.gen.c: what other systems call our states and kinds, written from schema/words.lua. */")
  out.line('#include "words.gen.h"')
  out.line('#include "records.gen.h"')
  out.line("")
  out.line("#include <stddef.h>")
  out.line("")
  each_table(function(system, kind, stem)
    write_rows(out, system, kind, stem)
    write_list(out, system, kind, stem)
  end)
  out.line("")
  out.line("const struct word_row *const word_rows[WORD_SYSTEM_COUNT][WORD_COUNT] = {")
  each_table(function(system, _, stem)
    out.line("\t[WORD_SYSTEM_%s][WORD_%s] = %s_%s_rows,", constant(system), constant(stem), system, stem)
  end)
  out.line("};")
  out.line("const char *const *const word_lists[WORD_SYSTEM_COUNT][WORD_COUNT] = {")
  each_table(function(system, _, stem)
    out.line("\t[WORD_SYSTEM_%s][WORD_%s] = %s_%s_list,", constant(system), constant(stem), system, stem)
  end)
  out.line("};")
  out.save(out_dir .. "/words.gen.c")
end

write_header()
write_source()
