-- lint.lua: what is wrong with the files of a bundle that loading them does not show: names, types, what nobody uses.
--
--   lint { files = { { name =, source =, tree =, is_check = } }, schema =, library =, nearest =, fits =, parses =, note = function (finding) }
--
-- A finding is { file =, line =, severity = "error" or "warning", message =, value =, remedy = }. An error would fail when the line
-- runs; of a warning that cannot be said. What is not known for certain is let pass: a type is known of literals, of the
-- arguments of rules, of fields, of the library's results, and of locals that are assigned once.

local VALUES = { money = true, exact = true, decimal = true, date = true, period = true, duration = true, instant = true }
local TYPE_OF_KIND = {
  id = "integer", uuid = "string", text = "string", integer = "integer", decimal = "decimal", money = "money", exact = "exact",
  currency = "string", date = "date", instant = "instant", duration = "duration", boolean = "boolean",
}
-- What may be assigned to a field of this kind; texts are parsed.
local FITS = {
  id = "integer", uuid = "string", text = "string", integer = "integer", decimal = "decimal integer string", money = "money string",
  exact = "money exact string", currency = "string", date = "date string", instant = "instant string", duration = "duration string",
  boolean = "boolean", choice = "string", json = "table", record = "table", list = "table",
}

local function has_word(words, word)
  for candidate in words:gmatch("%S+") do
    if candidate == word then return true end
  end
  return false
end

local function names_of(...)
  local names = {}
  for _, set in ipairs { ... } do
    for name in pairs(set) do names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

local function basic(found)
  if type(found) ~= "table" then return found end
  return found.choice and "string" or nil
end

local function said(found)
  if type(found) ~= "table" then return found end
  if found.record then return found.record.name .. " record" end
  if found.list then return "list of " .. found.list.name .. " records" end
  return found.choice and "text" or "table"
end

-- ------------------------------------------------------------------------------------------------- one file

return function (input)
  local schema, library = input.schema, input.library
  local required = {}

  local function check_file(file, reassigned, note)
    local scope, context = nil, nil -- context: { moment, result, own = function node } of the rule around
    local visit, visit_block

    local function find(line, severity, value, message, remedy)
      note { file = file.name, line = line, severity = severity, message = message, value = value, remedy = remedy }
    end
    local function wrong(line, value, message, remedy) find(line, "error", value, message, remedy) end
    local function near(word, names)
      local found = input.nearest(word, names)
      return found and (" (did you mean '%s'?)"):format(found) or ""
    end

    -- ----------------------------------------------------------------------------------------------- names

    local function open() scope = { parent = scope, names = {}, list = {} } end
    local function close()
      for _, variable in ipairs(scope.list) do
        if variable.kind == "local" and not variable.used and variable.name:sub(1, 1) ~= "_" then
          find(variable.line, "warning", variable.name, ("local '%s' is not used"):format(variable.name), "Remove it, or begin its name with _.")
        end
      end
      scope = scope.parent
    end
    local function resolve(name)
      local at = scope
      while at do
        if at.names[name] then return at.names[name] end
        at = at.parent
      end
    end
    local function declare(node, kind, found)
      local other = node.name:sub(1, 1) ~= "_" and resolve(node.name)
      if other then
        find(node.line, "warning", node.name, ("'%s' hides the %s of line %d"):format(node.name,
          other.kind == "parameter" and "parameter" or "local", other.line), "Give one of them another name.")
      end
      local variable = { name = node.name, line = node.line, kind = kind, from = node.from }
      if not reassigned[node.from] then variable.type = found end
      scope.names[node.name] = variable
      scope.list[#scope.list + 1] = variable
      return variable
    end

    local function global(node)
      local name = node.name
      if library.constructors[name] or library.functions[name] or (file.is_check and library.checks[name]) then
        if not (file.is_check and name == "rule") then return "function" end
      end
      if library.tables[name] then return { library = name } end
      local remedy = schema.missing[name]
      wrong(node.line, name, ("global '%s' is not declared%s"):format(name, remedy and "; " .. remedy
        or near(name, names_of(library.functions, library.constructors, library.tables))),
        "Correct the name, or declare it: local " .. name .. " = ...")
    end

    -- ----------------------------------------------------------------------------------------------- records

    local function field_type(field)
      if field.kind == "record" or field.kind == "relation" then return { record = schema.records[field.of] } end
      if field.kind == "list" then return { list = schema.records[field.of] } end
      if field.kind == "choice" then return { choice = field.words } end
      return TYPE_OF_KIND[field.kind]
    end

    local function field_names(record)
      local names = {}
      for _, field in ipairs(record.fields) do names[#names + 1] = field.name end
      return names
    end

    local function field_of(record, name, line)
      local field = record.by_name[name]
      if not field then
        wrong(line, name, ("%s has no field '%s'%s"):format(record.name, name, near(name, field_names(record))),
          ("Fields of %s: \\d %s in the console."):format(record.name, record.name))
      end
      return field
    end

    -- Does what is known of the value fit the field? `name` is how the field is said.
    local function field_fits(record, field, value, found, line)
      local name = record.name .. "." .. field.name
      local kind = basic(found) or (type(found) == "table" and (found.record or found.list) and "table") or nil
      if kind == "nil" or not kind then return end
      if not has_word(FITS[field.kind] or kind, kind) then
        wrong(line, said(found), ("%s is %s, not %s"):format(name, field.kind, said(found)), "Give it a value of that kind.")
      elseif value.tag == "string" and field.kind == "choice" then
        for _, word in ipairs(field.words) do
          if word == value.value then return end
        end
        wrong(line, value.value, ("%s is never '%s'%s"):format(name, value.value, near(value.value, field.words)),
          "Its words: " .. table.concat(field.words, ", "))
      elseif value.tag == "string" then
        local message = input.fits(record.name, field.name, value.value)
        if message then wrong(line, value.value, ("%s: %s"):format(name, message), "Write it as the message says.") end
      end
    end

    -- { name = value } for fields of a record; `complete`: required ones must be there. `types`: are values held against the fields?
    local function table_fits(node, record, what, complete, types)
      local given, all_named = {}, true
      for _, item in ipairs(node.items) do
        local found = visit(item.value)
        if item.key then visit(item.key) end
        if item.name then
          given[item.name] = true
          local field = record.by_name[item.name]
          if not field then
            wrong(item.key_line, item.name, ("%s has no field '%s'%s"):format(what, item.name, near(item.name, field_names(record))),
              "Correct the name or leave it out.")
          elseif types or field.kind == "choice" then
            field_fits(record, field, item.value, found, item.value.line)
          end
        else
          all_named = false
        end
      end
      for _, field in ipairs(complete and all_named and record.fields or {}) do
        if field.required and not given[field.name] then
          wrong(node.line, field.name, ("%s needs the field '%s'"):format(what, field.name), "Give it a value.")
        end
      end
    end

    -- ----------------------------------------------------------------------------------------------- ctx

    local function member_of_context(node, called)
      local member = library.context[node.name]
      if not member then
        wrong(node.name_line, node.name, ("ctx has no member '%s'%s"):format(node.name, near(node.name, names_of(library.context))),
          "docs/rules.md lists its members.")
        return
      end
      if context and context.moment and not has_word(member.moments, context.moment) then
        wrong(node.name_line, node.name, ("ctx%s%s cannot be used in a %s rule (only in: %s)"):format(member.type and "." or ":", node.name,
          context.moment, member.moments:gsub(" ", ", ")), "Do it in a rule of another moment.")
      elseif called and member.type then
        wrong(node.name_line, node.name, ("ctx.%s is a value, not a function"):format(node.name), "Write it without parentheses.")
      elseif called == "." and not member.type then
        wrong(node.name_line, node.name, ("ctx.%s(...) has no ctx; write ctx:%s(...)"):format(node.name, node.name), "Use a colon.")
      end
      return member
    end

    local CALLS = {}
    function CALLS.command(node)
      local name, given = node.arguments[1], node.arguments[2]
      if name and name.tag == "string" then
        local command = schema.commands[name.value]
        if not command then
          wrong(name.line, name.value, ("there is no command '%s'%s"):format(name.value, near(name.value, names_of(schema.commands))),
            "List them with: moonbill commands list")
        elseif given and given.tag == "table" then
          table_fits(given, schema.records[command], name.value, true, false)
          return true
        end
      end
    end
    function CALLS.send(node)
      local channel = node.arguments[1]
      if channel and channel.tag == "string" then
        for _, name in ipairs(schema.channels) do
          if name == channel.value then return end
        end
        wrong(channel.line, channel.value, ("there is no channel '%s'%s"):format(channel.value, near(channel.value, schema.channels)),
          "Channels: " .. table.concat(schema.channels, ", "))
      end
    end
    function CALLS.each(node)
      local name, filter = node.arguments[1], node.arguments[2]
      local record = name and name.tag == "string" and schema.records[name.value]
      if name and name.tag == "string" and not (record and record.stored) then
        local stored = {}
        for _, candidate in pairs(schema.records) do
          if candidate.stored then stored[#stored + 1] = candidate.name end
        end
        table.sort(stored)
        wrong(name.line, name.value, ("there are no rows of '%s'%s"):format(name.value, near(name.value, stored)), "Name a record that is stored.")
      elseif record and filter and filter.tag == "table" then
        table_fits(filter, record, record.name, false, true)
        return true
      end
    end

    local function context_call(node)
      local member = member_of_context(node, ":")
      local seen = member and CALLS[node.name] and CALLS[node.name](node)
      for i, argument in ipairs(node.arguments) do
        if not (seen and i == 2) then visit(argument) end
      end
      if node.name == "each" and node.arguments[1] and node.arguments[1].tag == "string" then
        return { rows = schema.records[node.arguments[1].value] }
      end
      return member and TYPE_OF_KIND[member[2]]
    end

    -- ----------------------------------------------------------------------------------------------- values

    local function is_float(node)
      return node.tag == "number" and not node.value:find("^0[xX]") and node.value:find("[%.eE]") ~= nil
    end

    local function modes_check(line, node)
      if not node or node.tag ~= "string" then return end
      for _, mode in ipairs(library.modes) do
        if mode == node.value then return end
      end
      wrong(line, node.value, ("there is no rounding mode '%s'%s"):format(node.value, near(node.value, library.modes)),
        "Modes: " .. table.concat(library.modes, ", "))
    end

    local MODE_AT = { round = { money = 1, exact = 1, decimal = 2 }, round_to = { exact = 2 }, divide = { decimal = 3 } }

    local function value_method(node, name, values)
      local method = values.methods[node.name]
      for i, argument in ipairs(node.arguments) do
        visit(argument)
        if is_float(argument) then
          wrong(argument.line, argument.value, ("%s takes no float"):format(node.name), ("Write decimal \"%s\"."):format(argument.value))
        end
        if MODE_AT[node.name] and MODE_AT[node.name][name] == i then modes_check(argument.line, argument) end
      end
      if not method then
        local field = values.fields[node.name] and "; it is a field: write ." .. node.name
        wrong(node.name_line, node.name, ("%s has no method '%s'%s"):format(name, node.name, field or near(node.name, names_of(values.methods))),
          "docs/rules.md lists what values can.")
        return
      end
      return method[2] == "self" and name or method[2]
    end

    local function list_method(node, list)
      local given = node.arguments[1]
      if node.name == "add" and given and given.tag == "table" then
        table_fits(given, list, list.name, false, true)
        return
      end
      for _, argument in ipairs(node.arguments) do visit(argument) end
      if node.name ~= "add" and node.name ~= "remove" then
        wrong(node.name_line, node.name, ("a list of records has no method '%s'%s"):format(node.name, near(node.name, { "add", "remove" })),
          "Use #, ipairs, add and remove.")
      end
    end

    local function library_member(name, node)
      local member = library.tables[name][node.name]
      if not member then
        wrong(node.name_line, node.name, ("%s.%s does not exist%s"):format(name, node.name, near(node.name, names_of(library.tables[name]))),
          "docs/rules.md tells what is there.")
      end
      return member
    end

    -- ----------------------------------------------------------------------------------------------- declarations

    local function events_of(value)
      local names, events = {}, {}
      if value.tag == "string" then names[1] = value end
      for _, item in ipairs(value.tag == "table" and value.items or {}) do names[#names + 1] = item.value end
      for _, name in ipairs(names) do
        for _, event in ipairs(name.tag == "string" and schema.find_events(name.value) or {}) do events[#events + 1] = event end
      end
      return events
    end

    local function subject_of(events, moment)
      local record, writable
      for i, event in ipairs(events) do
        local subject = schema.records[event.subject or "event_details"]
        if i > 1 and subject ~= record then return nil end
        record = subject
        local side = {}
        for _, name in ipairs(event.writable) do side[name] = (not writable or writable[name]) or nil end
        writable = side
      end
      return record and { record = record, moment = moment, writable = moment == "pre" and writable or nil, root = true }
    end

    local function declaration(node)
      local items = {}
      for _, item in ipairs(node.items) do
        if item.name then items[item.name] = item.value end
      end
      local moment = (items.pre and "pre") or (items.post and "post") or (items.policy and "policy") or (items.task and "task")
      local around = context
      context = { moment = moment, own = items.run }
      local arguments = {}
      if moment == "pre" or moment == "post" then arguments[1] = subject_of(events_of(items[moment]), moment) or false end
      if moment == "policy" and items.policy.tag == "string" then
        local policy = schema.policies[items.policy.value]
        context.policy = policy
        arguments[1] = policy and policy.input and { record = schema.records[policy.input], moment = moment, root = true } or false
      end
      arguments[moment == "task" and 1 or 2] = { context = true }
      for _, item in ipairs(node.items) do
        if item.key then visit(item.key) end
        if item.name == "run" and item.value.tag == "function" then
          visit(item.value, arguments)
        else
          visit(item.value)
        end
      end
      context = around
    end

    local function answers(node)
      local policy, value = context.policy, node.values[1]
      for i, other in ipairs(node.values) do
        if i > 1 then visit(other) end
      end
      if #node.values > 1 then
        wrong(node.line, tostring(#node.values), "a policy rule returns one value", "Return one.")
      elseif policy and value and policy.result_record and value.tag == "table" then
        table_fits(value, schema.records[policy.result_record], schema.records[policy.result_record].name, true, true)
        return
      end
      local found = value and visit(value)
      local kind = basic(found)
      if not policy or not kind or kind == "nil" then return end
      local wanted = policy.result == "text" and "string" or policy.result == "record" and "table" or "money exact"
      if not has_word(wanted, kind) then
        wrong(node.line, kind, ("the policy %s returns %s, not %s"):format(policy.name,
          policy.result == "record" and "a table with the fields of " .. policy.result_record or policy.result == "text" and "a text"
          or "money or an exact amount", kind), "Return that, or nil to leave it to the next.")
      end
    end

    -- ----------------------------------------------------------------------------------------------- expressions

    local visits = {}
    visits["nil"] = function () return "nil" end
    visits["true"] = function () return "boolean" end
    visits["false"] = function () return "boolean" end
    visits.vararg = function () end
    visits.string = function () return "string" end
    visits.number = function (node) return is_float(node) and "float" or "integer" end
    visits.paren = function (node) return visit(node.inner) end

    visits.name = function (node)
      local variable = resolve(node.name)
      if not variable then return global(node) end
      variable.used = true
      return variable.type
    end

    visits["function"] = function (node, arguments)
      open()
      for i, parameter in ipairs(node.parameters) do
        declare(parameter, "parameter", arguments and arguments[i] or nil)
      end
      local around = context
      if context and context.own ~= node then context = { moment = context.moment } end
      visit_block(node.body, true)
      context = around
      close()
      return "function"
    end

    visits.table = function (node)
      for _, item in ipairs(node.items) do
        if item.key then visit(item.key) end
        visit(item.value)
      end
      return "table"
    end

    visits.index = function (node, _, called)
      local found = visit(node.object)
      if node.key then visit(node.key) end
      if type(found) == "table" and found.list and not node.name then return { record = found.list } end
      if not node.name then return end
      if type(found) == "table" and found.record then
        local field = field_of(found.record, node.name, node.name_line)
        return field and field_type(field)
      elseif type(found) == "table" and found.context then
        local member = member_of_context(node, called and ".")
        if not member or not member.type then return end
        return schema.records[member.type] and { record = schema.records[member.type], event = true } or member.type
      elseif type(found) == "table" and found.library then
        local member = library_member(found.library, node)
        return member and (member[1] and "function" or member[2])
      elseif VALUES[found] then
        local field = library.values[found].fields[node.name]
        if field then return field[1] end
        local method = library.values[found].methods[node.name]
        wrong(node.name_line, node.name, ("%s has no field '%s'%s"):format(found, node.name, method and "; it is a method: write :" .. node.name .. "(...)"
          or near(node.name, names_of(library.values[found].fields))), "docs/rules.md lists what values have.")
      end
    end

    visits.method = function (node)
      local found = visit(node.object)
      if type(found) == "table" and found.context then return context_call(node) end
      if type(found) == "table" and found.list then return list_method(node, found.list) end
      if VALUES[found] then return value_method(node, found, library.values[found]) end
      for _, argument in ipairs(node.arguments) do visit(argument) end
      if basic(found) == "string" then
        local member = library_member("string", node)
        return member and member[2]:match("^%a+$")
      end
    end

    local function call_of_global(node, name)
      local first = node.arguments[1]
      if library.constructors[name] then
        if first and first.tag == "string" and #node.arguments == 1 then
          local message = input.parses(name, first.value)
          if message then wrong(first.line, first.value, message, "Write it as the message says.") end
        elseif first and is_float(first) then
          wrong(first.line, first.value, ("%s takes no float"):format(name), ("Write \"%s\"."):format(first.value))
        end
        return name
      end
      if name == "require" and first and first.tag == "string" then required[first.value] = true end
      if name == "tostring" or name == "type" then return "string" end
    end

    visits.call = function (node)
      local callee = node.callee
      if callee.tag == "call" and callee.callee.tag == "name" and callee.callee.name == "rule" and not resolve("rule")
        and not file.is_check and node.arguments[1] and node.arguments[1].tag == "table" then
        visit(callee)
        declaration(node.arguments[1])
        return
      end
      local found
      if callee.tag == "index" then found = visits.index(callee, nil, true) else found = visit(callee) end
      if callee.tag == "name" and (callee.name == "ipairs" or callee.name == "pairs") and not resolve(callee.name) then
        local over = node.arguments[1] and visit(node.arguments[1])
        return type(over) == "table" and over.list and { items = over.list } or nil
      end
      for _, argument in ipairs(node.arguments) do visit(argument) end
      if found == "function" and callee.tag == "name" and not resolve(callee.name) then return call_of_global(node, callee.name) end
      if callee.tag == "index" and callee.object.tag == "name" and library.tables[callee.object.name] and not resolve(callee.object.name) then
        local member = library.tables[callee.object.name][callee.name]
        local result = member and member[2]:match("^%a+$")
        return result == "string" and "string" or nil
      end
    end

    visits.unary = function (node)
      local found = basic(visit(node.operand))
      if node.operator == "not" then return "boolean" end
      if node.operator == "#" then return "integer" end
      return found
    end

    local function equality(node, left, right)
      local a, b = basic(left), basic(right)
      for _, side in ipairs { { left, node.right }, { right, node.left } } do
        local choice = type(side[1]) == "table" and side[1].choice
        if choice and side[2].tag == "string" then
          local known = false
          for _, word in ipairs(choice) do known = known or word == side[2].value end
          if not known then
            wrong(node.operator_line, side[2].value, ("this is never '%s'%s"):format(side[2].value, near(side[2].value, choice)),
              "Its words: " .. table.concat(choice, ", "))
          end
        end
      end
      if not a or not b or a == b or a == "nil" or b == "nil" then return end
      local pair = { [a] = true, [b] = true }
      if pair.integer and pair.float or pair.money and pair.exact then return end
      wrong(node.operator_line, node.operator, ("%s and %s are never equal"):format(a, b),
        pair.decimal and (pair.integer or pair.float) and "Write quantity:equals(5)." or "Compare values of one kind.")
    end

    local function order(node, left, right)
      local a, b = basic(left), basic(right)
      if not a or not b or a == b then return end
      local pair = { [a] = true, [b] = true }
      if pair.decimal and pair.integer or pair.money and pair.exact or pair.integer and pair.float then return end
      wrong(node.operator_line, node.operator, ("%s and %s cannot be compared"):format(a, b), "Compare values of one kind.")
    end

    local function arithmetic(node, left, right)
      local a, b = basic(left), basic(right)
      local table_of = library.operators[node.operator]
      if a == "integer" and b == "integer" then return node.operator == "/" and "float" or "integer" end
      if not a or not b or not (VALUES[a] or VALUES[b]) then return end
      local result = table_of and table_of[a] and table_of[a][b]
      if not result then
        local float = (a == "float" and node.left) or (b == "float" and node.right)
        wrong(node.operator_line, node.operator, ("%s %s %s is refused"):format(a, node.operator, b),
          float and float.tag == "number" and ("Write decimal \"%s\"."):format(float.value)
          or node.operator == "/" and "Use :portion, :percent or :divide, which say how they round." or "Use values that go together.")
      end
      return result
    end

    visits.binary = function (node)
      local operator, left = node.operator, visit(node.left)
      local right = visit(node.right)
      if operator == "==" or operator == "~=" then
        equality(node, left, right)
        return "boolean"
      elseif operator == "<" or operator == ">" or operator == "<=" or operator == ">=" then
        order(node, left, right)
        return "boolean"
      elseif operator == ".." then
        return "string"
      elseif operator == "and" or operator == "or" then
        return nil
      end
      return arithmetic(node, left, right)
    end

    visit = function (node, ...) return visits[node.tag](node, ...) end

    -- ----------------------------------------------------------------------------------------------- statements

    local function assign_field(target, value, found)
      local object = visit(target.object)
      if target.key then visit(target.key) end
      if type(object) ~= "table" or not object.record or not target.name then return end
      local field = field_of(object.record, target.name, target.name_line)
      if not field then return end
      local name = object.record.name .. "." .. field.name
      if context and context.moment and context.moment ~= "pre" then
        wrong(target.name_line, field.name, ("%s cannot be assigned: in a %s rule records are frozen"):format(name, context.moment),
          context.moment == "policy" and "Return the result." or "Use ctx:command.")
      elseif object.root and object.writable and not object.writable[field.name] then
        wrong(target.name_line, field.name, ("%s cannot be assigned here"):format(name),
          next(object.writable) and "Only: " .. table.concat(names_of(object.writable), ", ") or "Nothing of it can be.")
      elseif value then
        field_fits(object.record, field, value, found, target.name_line)
      end
    end

    local statements = {}
    statements["local"] = function (node)
      local found = {}
      for i, value in ipairs(node.values) do found[i] = visit(value) end
      for i, name in ipairs(node.names) do declare(name, "local", found[i]) end
    end
    statements.localfunction = function (node)
      declare(node.name, "local", "function")
      visit(node.value)
    end
    statements.assign = function (node)
      local found = {}
      for i, value in ipairs(node.values) do found[i] = visit(value) end
      for i, target in ipairs(node.targets) do
        if target.tag == "name" then
          local variable = resolve(target.name)
          if variable then
            reassigned[variable.from] = true
          else
            wrong(target.line, target.name, ("global '%s' is not declared"):format(target.name), ("Write local %s = ..."):format(target.name))
          end
        else
          assign_field(target, node.values[i], found[i])
        end
      end
    end
    statements.do_call = function (node) visit(node.call) end
    statements["do"] = function (node) visit_block(node.block) end
    statements["while"] = function (node)
      visit(node.condition)
      visit_block(node.block)
    end
    statements["repeat"] = function (node)
      open()
      visit_block(node.block, true)
      visit(node.condition)
      close()
    end
    statements["if"] = function (node)
      for _, clause in ipairs(node.clauses) do
        visit(clause.condition)
        visit_block(clause.block)
      end
      if node.otherwise then visit_block(node.otherwise) end
    end
    statements.fornum = function (node)
      for _, value in ipairs(node.values) do visit(value) end
      open()
      declare(node.names[1], "loop", nil)
      visit_block(node.block, true)
      close()
    end
    statements.forin = function (node)
      local found
      for i, value in ipairs(node.values) do
        local kind = visit(value)
        if i == 1 then found = kind end
      end
      open()
      for i, name in ipairs(node.names) do
        local kind
        if type(found) == "table" and found.items then kind = i == 1 and "integer" or { record = found.items } end
        if type(found) == "table" and found.rows then kind = i == 1 and { record = found.rows } or nil end
        declare(name, "loop", kind)
      end
      visit_block(node.block, true)
      close()
    end
    statements["function"] = function (node)
      if node.target.tag == "name" then
        local variable = resolve(node.target.name)
        if variable then
          reassigned[variable.from] = true
        else
          wrong(node.line, node.target.name, ("global '%s' is not declared"):format(node.target.name),
            ("Write local function %s."):format(node.target.name))
        end
      else
        visit(node.target.object)
      end
      open()
      if node.method then declare({ name = "self", line = node.line, from = -node.from }, "parameter", nil) end
      visit(node.value)
      close()
    end
    statements["return"] = function (node)
      if not (context and context.own) then
        for _, value in ipairs(node.values) do visit(value) end
      elseif context.moment == "policy" then
        answers(node)
      else
        for _, value in ipairs(node.values) do visit(value) end
        if node.values[1] and node.values[1].tag ~= "nil" and node.values[1].tag ~= "call" and node.values[1].tag ~= "method" then
          wrong(node.line, "return", ("a %s rule returns nothing"):format(context.moment or "hook"),
            context.moment == "pre" and "Assign to the fields or use ctx:reject." or "Use ctx:send, ctx:command or ctx:note.")
        end
      end
    end
    statements["break"] = function () end
    statements["goto"] = function () end
    statements.label = function () end

    visit_block = function (block, opened)
      if not opened then open() end
      for _, statement in ipairs(block) do statements[statement.tag](statement) end
      if not opened then close() end
    end

    visit_block(file.tree)
  end

  -- Twice: what is assigned again is known only at the end.
  for _, file in ipairs(input.files) do
    local reassigned = {}
    check_file(file, reassigned, function () end)
    check_file(file, reassigned, input.note)
  end
  for _, file in ipairs(input.files) do
    local module = file.name:match("^rules/(.*)%.lua$")
    if module and not file.declares and not required[module] and not required["rules/" .. module] then
      input.note { file = file.name, line = 1, severity = "warning", value = file.name, message = "no file needs this one",
        remedy = "List it in bundle.json, require it, or remove it." }
    end
  end
end
