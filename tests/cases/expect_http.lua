-- expect_http.lua: the expectations about replies: status, headers, XML by slash paths, JSON by dotted paths.
--
-- "customer/currency/@id" goes from the root element; a step may have an index from 1 ("invoice[2]"). Where several
-- elements have one name the first is read, and counted are all.

local Check = require "check"
local json = require "json"

local show = Check.show

-- ------------------------------------------------------------------------------------------------- XML

-- All elements at a path of names, or the values of the attribute it ends with.
local function xml_all(root, path)
  local found = nil
  for step in path:gmatch("[^/]+") do
    local name, index = step:match("^(.-)%[(%d+)%]$")
    name = name or step
    local below = {}
    if step:sub(1, 1) == "@" then
      for _, element in ipairs(found or {}) do
        local item = element.attributes[step:sub(2)]
        if item ~= nil then below[#below + 1] = { text = item } end
      end
    elseif not found then
      if root.name == name then below[1] = root end
    else
      for _, element in ipairs(found) do
        local same = {}
        for _, child in ipairs(element.children) do
          if child.name == name then same[#same + 1] = child end
        end
        if index then same = { same[tonumber(index)] } end
        table.move(same, 1, #same, #below + 1, below)
      end
    end
    found = below
  end
  return found or {}
end

local function xml_value(root, path)
  local first = xml_all(root, path)[1]
  return first and first.text
end

-- An element as text without what is not significant: blanks and the order of its children.
local function xml_canonical(element)
  local attributes, children = {}, {}
  for name, item in pairs(element.attributes) do attributes[#attributes + 1] = (" %s=%q"):format(name, item) end
  for i, child in ipairs(element.children) do children[i] = xml_canonical(child) end
  table.sort(attributes)
  table.sort(children)
  return ("<%s%s>%s%s</>"):format(element.name, table.concat(attributes), element.text, table.concat(children))
end

-- Perl's shorthands, for expressions of POSIX.
local function matches(text, expression)
  expression = expression:gsub("\\d", "[0-9]"):gsub("\\w", "[A-Za-z0-9_]"):gsub("\\s", "[ \t\r\n]")
  return document.matches(text, expression)
end

-- ------------------------------------------------------------------------------------------------- replies

-- The reply of a step of `when`, counted from 0; a number that is no request's counts requests alone. Default: the last.
local function reply_of(world, check, step)
  if step == nil then
    return check:that(#world.replies > 0, "no request was made") and world.replies[#world.replies]
  end
  local reply = world.replies_at[step + 1] or world.replies[step + 1]
  return check:that(reply, "step %s made no request", tostring(step)) and reply
end

local function xml_of(check, reply)
  if reply.xml == nil then
    local root, problem = document.xml(reply.body)
    reply.xml = root or false
    check:that(root, "the reply is not XML: %s\n  %s", tostring(problem), reply.body)
  end
  return reply.xml
end

local function json_of(check, reply)
  if reply.json == nil then
    local content, problem = document.json(reply.body)
    check:that(content ~= nil, "the reply is not JSON: %s\n  %s", tostring(problem), reply.body)
    reply.json = content == nil and false or content
  end
  return reply.json
end

-- The <error> elements of an error reply.
local function errors_of(check, reply)
  local root = xml_of(check, reply)
  return root and xml_all(root, "errors/error") or {}
end

local function any_error(check, reply, member, wanted)
  local found = {}
  for _, one in ipairs(errors_of(check, reply)) do
    found[#found + 1] = xml_value(one, "error/" .. member)
    if found[#found] == wanted then return check:that(true, "") end
  end
  check:that(false, "%s of the errors\n  expected: %s\n  found:    %s", member, wanted, show(found))
end

return function (define, list_of, pairs_sorted)
  local judge = {}

  function judge.status(check, reply, wanted)
    check:that(reply.status == wanted, "status of %s %s\n  expected: %s\n  found:    %d: %s", reply.method, reply.path,
      tostring(wanted), reply.status, reply.body)
  end

  function judge.status_class(check, reply, wanted)
    local class = tonumber(tostring(wanted):match("^%d"))
    check:that(reply.status // 100 == class, "status of %s %s\n  expected: %dxx\n  found:    %d: %s", reply.method,
      reply.path, class, reply.status, reply.body)
  end

  -- "text/xml" whatever its parameters are; one with parameters exactly.
  function judge.content_type(check, reply, wanted)
    local found = reply.content_type or ""
    if not wanted:find(";", 1, true) then found = found:match("^[^;%s]*") end
    check:equal("content type", wanted:lower(), found:lower())
  end

  function judge.headers(check, reply, wanted)
    for name, item in pairs_sorted(wanted) do check:equal("header " .. name, item, reply.headers[name:lower()]) end
  end

  function judge.xml_equals(check, reply, wanted)
    local root = xml_of(check, reply)
    for path, item in pairs_sorted(wanted) do
      local found = root and xml_value(root, path) or nil
      check:equal(path, item == document.null and item or tostring(item), found)
    end
  end

  function judge.xml_not_equals(check, reply, wanted)
    local root = xml_of(check, reply)
    for path, item in pairs_sorted(wanted) do
      local found = root and xml_value(root, path) or nil
      check:that(found ~= nil and found ~= tostring(item), "%s must be there and not be %s\n  found:    %s", path,
        show(item), show(found))
    end
  end

  function judge.xml_absent(check, reply, wanted)
    local root = xml_of(check, reply)
    for _, path in ipairs(list_of(wanted)) do
      check:that(root and #xml_all(root, path) == 0, "%s must be absent", path)
    end
  end

  function judge.xml_present(check, reply, wanted)
    local root = xml_of(check, reply)
    for _, path in ipairs(list_of(wanted)) do
      check:that(root and #xml_all(root, path) > 0, "%s must be present", path)
    end
  end

  function judge.xml_count(check, reply, wanted)
    local root = xml_of(check, reply)
    for path, count in pairs_sorted(wanted) do check:equal("count of " .. path, count, root and #xml_all(root, path)) end
  end

  function judge.xml_matches(check, reply, wanted)
    local root = xml_of(check, reply)
    for path, expression in pairs_sorted(wanted) do
      local found = root and xml_value(root, path) or nil
      check:that(found and matches(found, expression), "%s must match %s\n  found:    %s", path, expression, show(found))
    end
  end

  function judge.json_equals(check, reply, wanted)
    local content = json_of(check, reply)
    for path, item in pairs_sorted(wanted) do check:equal(path, item, json.at(content, path)) end
  end

  function judge.json_present(check, reply, wanted)
    local content = json_of(check, reply)
    for _, path in ipairs(list_of(wanted)) do
      local found = json.at(content, path)
      check:that(found ~= nil and found ~= document.null, "%s must be present", path)
    end
  end

  function judge.json_absent(check, reply, wanted)
    local content = json_of(check, reply)
    for _, path in ipairs(list_of(wanted)) do
      check:that(content and json.at(content, path) == nil, "%s must be absent", path)
    end
  end

  function judge.json_list_len(check, reply, wanted)
    local content = json_of(check, reply)
    if type(wanted) ~= "table" then
      return check:equal("length of the list", wanted, type(content) == "table" and #content)
    end
    for path, count in pairs_sorted(wanted) do
      local list = (path == "" or path == ".") and content or json.at(content, path)
      check:equal("length of " .. path, count, type(list) == "table" and #list)
    end
  end

  -- <errors> with at least one <error>, each with a code and a message; false: no such thing.
  function judge.error_xml(check, reply, wanted)
    if wanted == false then
      local root = document.xml(reply.body)
      return check:that(not root or root.name ~= "errors", "the reply must not be an error: %s", reply.body)
    end
    local errors = errors_of(check, reply)
    check:that(#errors > 0, "the reply has no <errors><error>: %s", reply.body)
    for _, one in ipairs(errors) do
      local code, message = xml_value(one, "error/code"), xml_value(one, "error/message")
      check:that(code and code ~= "" and message and message ~= "", "an error has no code or message: %s", reply.body)
    end
  end

  function judge.error_field(check, reply, wanted) any_error(check, reply, "field", wanted) end
  function judge.error_code(check, reply, wanted) any_error(check, reply, "code", wanted) end

  function judge.body_not_contains(check, reply, wanted)
    for _, text in ipairs(list_of(wanted)) do
      check:that(not reply.body:find(text, 1, true), "the body must not contain %s: %s", text, reply.body)
    end
  end

  function judge.body_contains(check, reply, wanted)
    for _, text in ipairs(list_of(wanted)) do
      check:that(reply.body:find(text, 1, true), "the body must contain %s: %s", text, reply.body)
    end
  end

  local names = { "step" }
  for name in pairs_sorted(judge) do names[#names + 1] = name end
  define("http_response", table.concat(names, " "), function (world, check, expected)
    local reply = reply_of(world, check, expected.step)
    if not reply then return end
    for name, wanted in pairs_sorted(expected) do
      if judge[name] then judge[name](check, reply, wanted) end
    end
  end)

  -- Status too where the requests have one method: a creation and a reading of the same thing differ there.
  define("http_responses_equal", "steps", function (world, check, expected)
    local first
    for _, step in ipairs(expected.steps) do
      local reply = reply_of(world, check, step)
      if not reply then return end
      local root = document.xml(reply.body)
      local found = root and xml_canonical(root) or document.json(reply.body) or reply.body
      first = first or { reply = reply, content = found }
      if reply.method == first.reply.method then
        check:equal("status of step " .. step, first.reply.status, reply.status)
      end
      check:equal("content type of step " .. step, first.reply.content_type, reply.content_type)
      check:equal("body of step " .. step, first.content, found)
    end
    check:that(#expected.steps > 1, "there is nothing to compare")
  end)
end
