-- event_list.lua: writes the lists of events in docs/rules.md: those that happen, and those that wait for what is to come.
-- Usage: lua5.4 event_list.lua SCHEMA_DIR FILE. As a module (tests/style/check.lua): what it would write.

local BEGIN, END = "<!-- events that happen -->\n", "<!-- end -->\n"
local WIDTH = 140

local list = {}

-- Event by name: false, or why it waits; and their names in order.
function list.events(schema_dir)
  local waits, names = {}, {}
  local env = { event = function(name)
    return function(body)
      names[#names + 1] = name
      waits[name] = body.waits or false
    end
  end }
  assert(loadfile(schema_dir .. "/events.lua", "t", env))()
  return waits, names
end

local function fill(words)
  local lines, line = {}, ""
  for _, word in ipairs(words) do
    if line ~= "" and #line + 1 + #word > WIDTH then
      lines[#lines + 1], line = line, ""
    end
    line = line == "" and word or line .. " " .. word
  end
  lines[#lines + 1] = line
  return table.concat(lines, "\n") .. "\n"
end

function list.text(schema_dir)
  local waits, names = list.events(schema_dir)
  local happen, rows = {}, {}
  for _, name in ipairs(names) do
    if waits[name] then
      rows[#rows + 1] = ("| `%s` | %s |\n"):format(name, waits[name])
    else
      happen[#happen + 1] = "`" .. name .. "`"
    end
  end
  return fill(happen) .. "\n| never called | why |\n|---|---|\n" .. table.concat(rows)
end

-- What stands between the marks of a document.
function list.section(document)
  local _, first = document:find(BEGIN, 1, true)
  local last = first and document:find(END, first, true)
  return last and document:sub(first + 1, last - 1)
end

if arg and arg[0] and arg[0]:match("event_list%.lua$") then
  local file = assert(io.open(arg[2]))
  local document = file:read("a")
  file:close()
  local _, first = document:find(BEGIN, 1, true)
  local last = document:find(END, first, true)
  file = assert(io.open(arg[2], "w"))
  file:write(document:sub(1, first), list.text(arg[1]), document:sub(last))
  file:close()
end

return list
