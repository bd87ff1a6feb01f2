-- annotations.lua: what rules can use, as LuaLS reads it: classes for records, values and ctx, functions with their documentation.
--
--   local text = annotations { schema =, library = }

local LUA_TYPE = {
  id = "integer", uuid = "string", text = "string", json = "table", integer = "integer", decimal = "decimal", money = "money",
  exact = "exact", currency = "string", date = "date", instant = "instant", duration = "duration", boolean = "boolean",
}
-- What a number means; "" where the type says it.
local UNIT = { json = "JSON", currency = "A currency, as in \"USD\".", id = "", integer = "" }

local function sorted(set)
  local names = {}
  for name in pairs(set) do names[#names + 1] = name end
  table.sort(names)
  return names
end

return function (input)
  local schema, library, out = input.schema, input.library, {}
  local function line(format, ...) out[#out + 1] = select("#", ...) > 0 and format:format(...) or format end
  local function one_line(text) return (text:gsub("%s*\n%s*", " ")) end

  local function type_of(field)
    if field.kind == "record" or field.kind == "relation" then return field.of end
    if field.kind == "list" then return field.of .. "_list" end
    if field.kind ~= "choice" then return LUA_TYPE[field.kind] end
    local words = {}
    for i, word in ipairs(field.words) do words[i] = '"' .. word .. '"' end
    return table.concat(words, "|")
  end

  local function record_write(record, listed)
    line("---%s", one_line(record.doc ~= "" and record.doc or record.name))
    line("---@class %s", record.name)
    for _, field in ipairs(record.fields) do
      local doc = field.doc ~= "" and field.doc or UNIT[field.kind] or ""
      line("---@field %s%s %s%s", field.name, field.required and "" or "?", type_of(field), doc ~= "" and " " .. one_line(doc) or "")
    end
    if listed[record.name] then
      line("---@class %s_list: { [integer]: %s }", record.name, record.name)
      line("---@field add fun(self: %s_list, item: table|%s) Where the list may be changed.", record.name, record.name)
      line("---@field remove fun(self: %s_list, place: integer) Counted from 1.", record.name)
    end
    line("")
  end

  local function functions_write(prefix, entries, self)
    for _, name in ipairs(sorted(entries)) do
      local entry = entries[name]
      if entry[1] then
        local parameters = entry[1]:gsub("%.%.%.: %a+", "..."):gsub("(%a+)%??: [^,%(]*%([^%)]*%)[^,]*", "%1"):gsub("([%w_]+)%??: [^,]*", "%1")
        line("---%s", one_line(entry[3]))
        -- Types of parameters: "name?: type", separated by commas outside of parentheses.
        local depth, from, text = 0, 1, entry[1] .. ","
        for at = 1, #text do
          local byte = text:sub(at, at)
          if byte == "(" then depth = depth + 1 elseif byte == ")" then depth = depth - 1 end
          if byte == "," and depth == 0 then
            local parameter, kind = text:sub(from, at - 1):match("^%s*([%w_%.]+%??): (.+)$")
            if parameter and self and parameter == "self" then kind = self end
            if parameter then line("---@param %s %s", parameter, kind) end
            from = at + 1
          end
        end
        if entry[2] ~= "nil" then line("---@return %s", entry[2] == "self" and self or entry[2]) end
        line("function %s%s(%s) end", prefix, name, parameters)
      else
        line("---%s", one_line(entry[3]))
        line("---@type %s", entry[2])
        line("%s%s = nil", prefix, name)
      end
      line("")
    end
  end

  line("---@meta")
  line("-- moonbill.lua: what rules can use, written by `moonbill annotations` for the Lua language server. Not run by anything.")
  line("")
  line("---@alias rounding_mode \"%s\"", table.concat(library.modes, "\"|\""))
  line("---@alias event_name")
  for _, name in ipairs(schema.event_names) do line("---| \"%s\"", name) end
  line("---@alias policy_name")
  for _, name in ipairs(sorted(schema.policies)) do line("---| \"%s\" # %s", name, one_line(schema.policies[name].doc)) end
  line("---@alias command_name")
  for _, name in ipairs(sorted(schema.commands)) do line("---| \"%s\" # %s; its input: %s", name, one_line(schema.command_docs[name]), schema.commands[name]) end
  line("")
  line("---One of pre, post, policy and task.")
  line("---@class rule_declaration")
  line("---@field pre? event_name|event_name[]|string Before it happens: may assign and reject.")
  line("---@field post? event_name|event_name[]|string After it happened: may queue.")
  line("---@field policy? policy_name Decides.")
  line("---@field task? boolean Runs by a schedule.")
  line("---@field when? table Fields of the subject that must be equal.")
  line("---@field doc? string")
  line("---@field run fun(subject: any, context: context): any")
  line("")
  line("---@class check_declaration")
  line("---@field on event_name|policy_name|string")
  line("---@field given? table Fields of the subject, or of the question.")
  line("---@field event? table What ctx.event has.")
  line("---@field rows? table What ctx:each reads.")
  line("---@field at? date|instant|string")
  line("---@field settings? table")
  line("---@field rule? string The one rule that is meant.")
  line("---@field expect any")
  line("")

  line("---What a rule is given beside its subject.")
  line("---@class context")
  for _, name in ipairs(sorted(library.context)) do
    local member = library.context[name]
    if member.type then line("---@field %s %s %s In: %s.", name, member.type, one_line(member.doc), (member.moments:gsub(" ", ", "))) end
  end
  line("context = {}")
  line("")
  local methods = {}
  for name, member in pairs(library.context) do
    if not member.type then methods[name] = { member[1], member[2], member.doc .. " In: " .. member.moments:gsub(" ", ", ") .. "." } end
  end
  functions_write("context:", methods, "context")

  for _, name in ipairs(sorted(library.values)) do
    local value = library.values[name]
    line("---%s", value.doc)
    line("---@class %s", name)
    for _, field in ipairs(sorted(value.fields)) do
      line("---@field %s %s %s", field, value.fields[field][1], one_line(value.fields[field][2]))
    end
    for _, operator in ipairs { { "+", "add" }, { "-", "sub" }, { "*", "mul" } } do
      local results = library.operators[operator[1]][name] or {}
      for _, other in ipairs(sorted(results)) do line("---@operator %s(%s): %s", operator[2], other, results[other]) end
    end
    line("local %s_class = {}", name)
    line("")
    functions_write(name .. "_class:", value.methods, name)
  end

  for _, name in ipairs(sorted(library.tables)) do
    line("%s = {}", name)
    line("")
    functions_write(name .. ".", library.tables[name])
  end
  functions_write("", library.constructors)
  functions_write("", library.functions)
  functions_write("", library.checks)

  local listed = {}
  for _, record in pairs(schema.records) do
    for _, field in ipairs(record.fields) do
      if field.kind == "list" then listed[field.of] = true end
    end
  end
  for _, name in ipairs(sorted(schema.records)) do record_write(schema.records[name], listed) end
  return table.concat(out, "\n")
end
