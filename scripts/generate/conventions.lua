-- conventions.lua: writes conventions.gen.c from schema/conventions.lua; billing/convention.h reads it.
-- Usage: lua5.4 conventions.lua SCHEMA_DIR OUT_DIR

local schema = dofile((arg[0]:match("^(.*/)") or "./") .. "schema.lua")
local schema_dir, out_dir = schema.arguments("conventions.lua SCHEMA_DIR OUT_DIR")
local constant, c_string = schema.constant, schema.c_string
local _, policies = schema.events(schema_dir, schema.records(schema_dir))

local anchors = {} -- sentence by name
local UNITS = { day = 1, second = 1 }

-- ------------------------------------------------------------------------------------------------- reading

local conventions, seen = {}, {}

local function check_choices(where, choices)
  local kinds = {}
  for kind, rule in pairs(choices or {}) do
    if not policies.by_name[kind] then schema.fail("%s: there is no kind of policy '%s'", where, kind) end
    if type(rule) ~= "string" then schema.fail("%s: policy %s names no rule", where, kind) end
    kinds[#kinds + 1] = kind
  end
  table.sort(kinds)
  return kinds
end

local function convention(name)
  return function (body)
    local where = "convention " .. name
    if seen[name] then schema.fail("%s: is there twice", where) end
    if not anchors[body.anchor] then schema.fail("%s: anchor '%s' is unknown", where, tostring(body.anchor)) end
    if not UNITS[body.unit] then schema.fail("%s: unit '%s' is unknown", where, tostring(body.unit)) end
    if type(body.doc) ~= "string" or body.doc == "" then schema.fail("%s: has no doc", where) end
    seen[name] = true
    body.name, body.kinds = name, check_choices(where, body.policies)
    conventions[#conventions + 1] = body
  end
end

local chunk, message = loadfile(schema_dir .. "/conventions.lua", "t", {
  convention = convention,
  anchors = function (sentences) anchors = sentences end,
})
if not chunk then schema.fail("%s", message) end
chunk()

-- ------------------------------------------------------------------------------------------------- writing

local out = schema.writer()
out.line("/* conventions.gen.c: conventions, written from schema/conventions.lua. */")
out.line('#include "billing/convention.h"')
out.line('#include "records.gen.h"')
out.line("")
for _, each in ipairs(conventions) do
  out.line("static const struct policy_choice %s_choices[] = {", each.name)
  for _, kind in ipairs(each.kinds) do
    out.line("\t{ .policy = { %s, %d }, .rule = { %s, %d } },", c_string(kind), #kind, c_string(each.policies[kind]), #each.policies[kind])
  end
  out.line("};")
end
out.line("")
out.line("const struct convention conventions[] = {")
for _, each in ipairs(conventions) do
  out.line("\t{ %s, %s, %s, CONVENTION_ANCHOR_%s, CONVENTION_UNIT_%s, %s_choices, %d },", c_string(each.name), c_string(each.doc), c_string(anchors[each.anchor]),
    constant(each.anchor), constant(each.unit), each.name, #each.kinds)
end
out.line("};")
out.line("const size_t convention_count = sizeof conventions / sizeof conventions[0];")
out.line("const char *const convention_names[] = {")
for _, each in ipairs(conventions) do out.line("\t%s,", c_string(each.name)) end
out.line("\tNULL,")
out.line("};")
out.save(out_dir .. "/conventions.gen.c")
