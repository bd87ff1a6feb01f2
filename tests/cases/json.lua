-- json.lua: Lua values as JSON text. Tables read by document.json keep their shape; others are arrays when they have a
-- first item. json.array marks an empty one.

local json = {}

function json.array(items) return setmetatable(items or {}, { array = true }) end

local function is_array(t)
  local shape = getmetatable(t)
  if shape then return shape.array == true end
  return t[1] ~= nil
end

local function names_of(t)
  local shape = getmetatable(t)
  local names, seen = {}, {}
  for _, name in ipairs(shape and shape.names or {}) do
    if t[name] ~= nil and not seen[name] then names[#names + 1], seen[name] = name, true end
  end
  local others = {}
  for name in pairs(t) do
    if not seen[name] then others[#others + 1] = name end
  end
  table.sort(others)
  return table.move(others, 1, #others, #names + 1, names)
end

function json.encode(value)
  if value == nil or value == document.null then return "null" end
  if type(value) == "string" then return document.json_text(value) end
  if type(value) ~= "table" then return tostring(value) end
  local parts = {}
  if is_array(value) then
    for _, item in ipairs(value) do parts[#parts + 1] = json.encode(item) end
    return "[" .. table.concat(parts, ",") .. "]"
  end
  for _, name in ipairs(names_of(value)) do
    parts[#parts + 1] = document.json_text(name) .. ":" .. json.encode(value[name])
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

-- The value at "a.b[0].c" (items count from 0), or nil.
function json.at(value, path)
  for name, items in ("." .. path):gmatch("%.?([^%.%[]*)([%[%d%]]*)") do
    if name ~= "" then
      if type(value) ~= "table" then return nil end
      value = value[name]
    end
    for index in items:gmatch("%[(%d+)%]") do
      if type(value) ~= "table" then return nil end
      value = value[tonumber(index) + 1]
    end
  end
  return value
end

-- A copy that may be changed; null and shapes are kept.
function json.copy(value)
  if type(value) ~= "table" then return value end
  local copy = {}
  for key, item in pairs(value) do copy[key] = json.copy(item) end
  return setmetatable(copy, getmetatable(value))
end

-- Sets the value at "a.b[0].c", making objects on the way.
function json.set(value, path, new)
  local last
  for name in path:gsub("%[(%d+)%]", ".%1"):gmatch("[^%.]+") do
    if last ~= nil then
      if type(value[last]) ~= "table" then value[last] = {} end
      value = value[last]
    end
    last = name:find("^%d+$") and value[1] ~= nil and tonumber(name) + 1 or name
  end
  value[last] = new
end

return json
