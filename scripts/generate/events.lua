-- events.lua: writes events.gen.h and events.gen.c from schema/events.lua and policies.lua.
-- Usage: lua5.4 events.lua SCHEMA_DIR OUT_DIR

local schema = dofile((arg[0]:match("^(.*/)") or "./") .. "schema.lua")
local schema_dir, out_dir = schema.arguments("events.lua SCHEMA_DIR OUT_DIR")
local records = schema.records(schema_dir)
local events, policies = schema.events(schema_dir, records)
local constant, c_string = schema.constant, schema.c_string

local function write_enum(out, name, prefix, list)
  out.line("enum %s {", name)
  out.line("\t%s_NONE,", prefix)
  for _, item in ipairs(list) do out.line("\t%s_%s,", prefix, constant(item.name or item)) end
  out.line("\t%s_COUNT", prefix)
  out.line("};")
  out.line("")
end

local function write_header()
  local out = schema.writer()
  out.line("/* events.gen.h: events and kinds of policies by number; what they are is in value/catalogue.h.")
  out.line(" * Written by scripts/generate/events.lua from schema/events.lua; numbers are never stored, names are. */")
  out.line("#ifndef MOONBILL_EVENTS_GEN_H")
  out.line("#define MOONBILL_EVENTS_GEN_H")
  out.line("")
  write_enum(out, "event", "EVENT", events)
  write_enum(out, "event_system", "EVENT_SYSTEM", schema.systems)
  write_enum(out, "policy", "POLICY", policies)
  out.line("extern const char *const event_system_names[EVENT_SYSTEM_COUNT];")
  out.line("")
  out.line('#include "value/catalogue.h"')
  out.line("")
  out.line("#endif")
  out.save(out_dir .. "/events.gen.h")
end

local function write_words(out, name, words)
  local strings = {}
  for i, word in ipairs(words) do strings[i] = c_string(word) end
  strings[#strings + 1] = "NULL"
  out.line("static const char *const %s[] = {", name)
  out.line("\t%s", table.concat(strings, ",\n\t"))
  out.line("};")
end

local function write_aliases(out, name, aliases)
  out.line("static const struct event_alias %s[] = {", name)
  for _, alias in ipairs(aliases) do
    out.line("\t{ EVENT_SYSTEM_%s, %s, %s },", constant(alias.system), c_string(alias.name), c_string(alias.condition))
  end
  out.line("};")
end

-- A field_mask of value/record.h, in two halves.
local function mask(fields)
  local low, high = 0, 0
  for _, field in ipairs(fields) do
    low, high = low | 1 << field.number, high | 1 << field.number - 64
  end
  return ("(field_mask)UINT64_C(0x%x) << 64 | UINT64_C(0x%x)"):format(high, low)
end

-- The tables that a side points to; their common stem.
local function write_side_tables(out, event, kind)
  local side = event[kind]
  local stem = event.name:gsub("%.", "_") .. "_" .. kind
  if #side.aliases > 0 then write_aliases(out, stem .. "_aliases", side.aliases) end
  write_words(out, stem .. "_writable", side.writable)
  write_words(out, stem .. "_payload", side.payload)
  return stem
end

local function write_side(out, event, kind, stem)
  local side = event[kind]
  out.line("\t\t.%s = {", kind)
  out.line("\t\t\t.exists = true,")
  if #side.aliases > 0 then
    out.line("\t\t\t.aliases = %s_aliases,", stem)
    out.line("\t\t\t.alias_count = %d,", #side.aliases)
  end
  out.line("\t\t\t.subject_all = %s,", tostring(side.subject_all or false))
  out.line("\t\t\t.writable = %s_writable,", stem)
  out.line("\t\t\t.subject_writable = %s,", mask(side.subject_fields))
  out.line("\t\t\t.details_writable = %s,", mask(side.details_fields))
  out.line("\t\t\t.payload = %s_payload,", stem)
  out.line("\t\t\t.origin = %s,", c_string(side.origin))
  out.line("\t\t\t.note = %s,", c_string(side.note))
  out.line("\t\t},")
end

local function write_event(out, event, stems)
  out.line("\t[EVENT_%s] = {", constant(event.name))
  out.line("\t\t.name = %s,", c_string(event.name))
  out.line("\t\t.object_type = %s,", c_string(event.object))
  out.line("\t\t.subject = %s,", event.subject and ("&%s_record"):format(event.subject.name) or "NULL")
  if event.waits then out.line("\t\t.waits = %s,", c_string(event.waits)) end
  for _, kind in ipairs(schema.sides) do
    if event[kind] then write_side(out, event, kind, stems[kind]) end
  end
  out.line("\t},")
end

local function write_policy(out, policy)
  local function record(of) return of and ("&%s_record"):format(of.name) or "NULL" end
  out.line("\t[POLICY_%s] = {", constant(policy.name))
  out.line("\t\t.name = %s,", c_string(policy.name))
  out.line("\t\t.input = %s,", record(policy.input))
  out.line("\t\t.result = POLICY_RESULT_%s,", constant(policy.result))
  out.line("\t\t.result_record = %s,", record(policy.result_record))
  out.line("\t\t.default_choice = %s,", c_string(policy.default))
  out.line("\t\t.doc = %s,", c_string(policy.doc))
  out.line("\t},")
end

local function write_source()
  local out = schema.writer()
  out.line("/* events.gen.c: the event catalogue and the kinds of policies, written from schema/events.lua. */")
  out.line('#include "events.gen.h"')
  out.line('#include "records.gen.h"')
  out.line("")
  out.line("const char *const event_system_names[EVENT_SYSTEM_COUNT] = {")
  out.line('\t[EVENT_SYSTEM_NONE] = "",')
  for _, system in ipairs(schema.systems) do out.line("\t[EVENT_SYSTEM_%s] = %s,", constant(system), c_string(system)) end
  out.line("};")
  out.line("")
  local stems = {}
  for _, event in ipairs(events) do
    stems[event] = {}
    for _, kind in ipairs(schema.sides) do
      if event[kind] then stems[event][kind] = write_side_tables(out, event, kind) end
    end
  end
  out.line("")
  out.line("const struct event_info event_infos[EVENT_COUNT] = {")
  for _, event in ipairs(events) do write_event(out, event, stems[event]) end
  out.line("};")
  out.line("")
  out.line("const struct policy_info policy_infos[POLICY_COUNT] = {")
  for _, policy in ipairs(policies) do write_policy(out, policy) end
  out.line("};")
  out.save(out_dir .. "/events.gen.c")
end

write_header()
write_source()
