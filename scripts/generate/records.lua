-- records.lua: writes R.gen.h for each record R, records.gen.h and records.gen.c from schema/records.lua.
-- Usage: lua5.4 records.lua SCHEMA_DIR OUT_DIR

local schema = dofile((arg[0]:match("^(.*/)") or "./") .. "schema.lua")
local schema_dir, out_dir = schema.arguments("records.lua SCHEMA_DIR OUT_DIR")
local records = schema.records(schema_dir)
local constant, c_string, c_integer = schema.constant, schema.c_string, schema.c_integer

local c_types = {
  id = "int64_t ", uuid = "struct uuid ", text = "struct text ", json = "struct text ", integer = "int64_t ",
  decimal = "struct decimal ", money = "struct money ", exact = "struct exact_money ",
  currency = "const struct currency *", date = "struct date ", instant = "struct instant ",
  duration = "struct duration ", boolean = "bool ",
}

-- A struct may have the name already: payment.method beside the record payment_method.
local function enum_tag(record, field)
  local tag = record.name .. "_" .. field.name
  return records.by_name[tag] and tag .. "_choice" or tag
end

local function has_presence(field)
  return not field.required and (field.kind == "integer" or field.kind == "decimal" or field.kind == "boolean")
end

local function member(record, field)
  if field.kind == "choice" then return ("enum %s %s;"):format(enum_tag(record, field), field.name) end
  if field.kind == "record" then return ("struct %s *%s;"):format(field.of.name, field.name) end
  if field.kind == "list" then
    return ("struct { struct %s *items; size_t count, capacity; } %s;"):format(field.of.name, field.name)
  end
  if field.kind == "relation" then return nil end
  local presence = has_presence(field) and (" bool has_%s;"):format(field.name) or ""
  return c_types[field.kind] .. field.name .. ";" .. presence
end

-- Enum constants share one name space in C; two of one spelling are told by their fields.
local constants = {}
local function claim(name, where)
  if constants[name] then schema.fail("%s: %s is also made by %s", where, name, constants[name]) end
  constants[name] = where
  return name
end

local function write_choice(out, record, field)
  local prefix = constant(record.name .. "_" .. field.name)
  out.line("enum %s {", enum_tag(record, field))
  out.line("\t%s,", claim(prefix .. "_NONE", field.where))
  local counted = true -- how many there are is told at the end, unless a word has that name
  for _, word in ipairs(field.words) do
    out.line("\t%s,", claim(prefix .. "_" .. constant(word), field.where))
    counted = counted and word ~= "count"
  end
  if counted then out.line("\t%s", claim(prefix .. "_COUNT", field.where)) end
  out.line("};")
  out.line("")
end

local function write_struct(out, record)
  out.line("struct %s {", record.name)
  for _, field in ipairs(record.fields) do
    local text = member(record, field)
    if text then out.line("\t%s", text) end
  end
  out.line("};")
  out.line("")
end

local function write_field_numbers(out, record)
  out.line("enum %s_field {", record.name)
  for _, field in ipairs(record.fields) do
    out.line("\t%s,", claim(constant(record.name .. "_FIELD_" .. field.name), field.where))
  end
  out.line("\t%s", claim(constant(record.name .. "_FIELD_COUNT"), "record " .. record.name))
  out.line("};")
end

local function write_header(record)
  local out = schema.writer()
  local guard = "MOONBILL_" .. constant(record.name) .. "_GEN_H"
  out.line("/* %s.gen.h: %s", record.name, record.doc)
  out.line(" * Written by scripts/generate/records.lua from schema/records.lua. */")
  out.line("#ifndef %s", guard)
  out.line("#define %s", guard)
  out.line("")
  out.line('#include "value/record.h"')
  out.line("")
  local declared = {}
  for _, field in ipairs(record.fields) do
    if (field.kind == "record" or field.kind == "list") and not declared[field.of.name] then
      declared[field.of.name] = true
      out.line("struct %s;", field.of.name)
    end
  end
  if next(declared) then out.line("") end
  for _, field in ipairs(record.fields) do
    if field.kind == "choice" then write_choice(out, record, field) end
  end
  write_struct(out, record)
  write_field_numbers(out, record)
  out.line("")
  out.line("extern const struct record %s_record;", record.name)
  out.line("")
  out.line("#endif")
  out.save(("%s/%s.gen.h"):format(out_dir, record.name))
end

local function flags(field)
  local set = {}
  local function add(condition, name)
    if condition then set[#set + 1] = name end
  end
  add(field.required, "FIELD_REQUIRED")
  add(field.rule, "FIELD_RULE_WRITES")
  add(field.hidden, "FIELD_HIDDEN")
  add(field.secret, "FIELD_SECRET")
  add(field.untold, "FIELD_UNTOLD")
  add(field.column, "FIELD_COLUMN")
  add(field.clears, "FIELD_NULL_CLEARS")
  add(field.visible, "FIELD_VISIBLE")
  return #set > 0 and table.concat(set, " | ") or "0"
end

local function write_field(out, record, field)
  local parts = {
    (".name = %s, .doc = %s"):format(c_string(field.name), c_string(field.doc)),
    (".key = { %s, %d }"):format(c_string(('"%s":'):format(field.name)), #field.name + 3),
    (".kind = KIND_%s, .flags = %s"):format(field.kind:upper(), flags(field)),
  }
  local function add(format, ...) parts[#parts + 1] = format:format(...) end
  if field.kind ~= "relation" then add(".offset = offsetof(struct %s, %s)", record.name, field.name) end
  if has_presence(field) then add(".presence_offset = offsetof(struct %s, has_%s)", record.name, field.name) end
  if field.min then add(".min = %s, .max = %s", c_integer(field.min), c_integer(field.max)) end
  if field.scale then add(".scale_max = %d", field.scale) end
  if field.words then add(".words = %s_%s_words", record.name, field.name) end
  if field.of then add(".of = &%s_record", field.of.name) end
  if field.by then add(".by = %s", constant(record.name .. "_FIELD_" .. field.by.name)) end
  out.line("\t{ %s },", table.concat(parts, ",\n\t  "))
end

local function write_words(out, record)
  for _, field in ipairs(record.fields) do
    if field.kind == "choice" then
      local words = { '""' }
      for _, word in ipairs(field.words) do words[#words + 1] = c_string(word) end
      out.line("static const char *const %s_%s_words[] = {", record.name, field.name)
      out.line("\t%s, NULL", table.concat(words, ", "))
      out.line("};")
    end
  end
end

local function write_numbers(out, name, record, fields)
  local numbers = {}
  for i, field in ipairs(fields) do numbers[i] = constant(record.name .. "_FIELD_" .. field.name) end
  out.line("static const int %s_%s[] = {\n\t%s\n};", record.name, name, table.concat(numbers, ",\n\t"))
end

local function write_table(out, record)
  local upper = constant(record.name)
  write_numbers(out, "columns", record, record.columns)
  write_numbers(out, "key", record, record.stored.key_fields)
  out.line("static const struct record_table %s_table = {", record.name)
  out.line("\t.name = %s,", c_string(record.name))
  out.line("\t.insert = STATEMENT_%s_INSERT,", upper)
  out.line("\t.update = STATEMENT_%s_UPDATE,", upper)
  out.line("\t.find = %s,", record.stored.found_by and ("STATEMENT_%s_FIND"):format(upper) or "0")
  out.line("\t.columns = %s_columns,", record.name)
  out.line("\t.column_count = sizeof %s_columns / sizeof %s_columns[0],", record.name, record.name)
  out.line("\t.key = %s_key,", record.name)
  out.line("\t.key_count = sizeof %s_key / sizeof %s_key[0],", record.name, record.name)
  out.line("\t.late = %du,", record.stored.late)
  out.line("};")
end

local function write_descriptor(out, record)
  out.line("")
  write_words(out, record)
  out.line("static const struct record_field %s_fields[] = {", record.name)
  for _, field in ipairs(record.fields) do write_field(out, record, field) end
  out.line("};")
  if record.stored then write_table(out, record) end
  out.line("const struct record %s_record = {", record.name)
  out.line("\t.name = %s,", c_string(record.name))
  out.line("\t.doc = %s,", c_string(record.doc))
  out.line("\t.size = sizeof(struct %s),", record.name)
  out.line("\t.fields = %s_fields,", record.name)
  out.line("\t.field_count = %s_FIELD_COUNT,", constant(record.name))
  out.line("\t.currency_field = %s,",
           record.currency_field and constant(record.name .. "_FIELD_" .. record.currency_field.name) or "-1")
  out.line("\t.table = %s,", record.stored and "&" .. record.name .. "_table" or "NULL")
  out.line("};")
end

local function write_all_header()
  local out = schema.writer()
  out.line("/* records.gen.h: every record; written by scripts/generate/records.lua from schema/records.lua. */")
  out.line("#ifndef MOONBILL_RECORDS_GEN_H")
  out.line("#define MOONBILL_RECORDS_GEN_H")
  out.line("")
  for _, record in ipairs(records) do out.line('#include "%s.gen.h"', record.name) end
  out.line("")
  out.line("#endif")
  out.save(out_dir .. "/records.gen.h")
end

local function write_source()
  local out = schema.writer()
  out.line("/* records.gen.c: the descriptors of all records, written from schema/records.lua. */")
  out.line('#include "records.gen.h"')
  out.line('#include "statement.gen.h"')
  out.line("")
  out.line("#include <stddef.h>")
  for _, record in ipairs(records) do write_descriptor(out, record) end
  out.line("")
  out.line("const struct record *const records_all[] = {")
  for _, record in ipairs(records) do out.line("\t&%s_record,", record.name) end
  out.line("\tNULL,")
  out.line("};")
  out.save(out_dir .. "/records.gen.c")
end

for _, record in ipairs(records) do write_header(record) end
write_all_header()
write_source()
