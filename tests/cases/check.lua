-- check.lua: what a case compares, and how it ends.
--
--     local check = Check.new()
--     check:equal("amount_minor", 57, found)         -- notes a difference unless they are the same
--     check:skip("rule 'graduated' is not implemented yet")
--
-- A case passes when it compared something and found no difference. A skip ends the case at once; so does an error, as a
-- difference.

local Check = {}
Check.__index = Check

function Check.new()
  return setmetatable({ compared = 0, differences = {}, refusals = {} }, Check)
end

-- ------------------------------------------------------------------------------------------------- showing values

local function sorted_keys(t)
  local keys = {}
  for key in pairs(t) do keys[#keys + 1] = key end
  table.sort(keys, function (a, b) return tostring(a) < tostring(b) end)
  return keys
end

local function show(value, depth)
  depth = depth or 0
  if value == document.null then return "null" end
  if type(value) == "string" then return ("%q"):format(value):gsub("\\\n", "\\n") end
  if type(value) ~= "table" then return tostring(value) end
  if depth > 3 then return "..." end
  local parts = {}
  if #value > 0 or next(value) == nil then
    for _, item in ipairs(value) do parts[#parts + 1] = show(item, depth + 1) end
    return "[" .. table.concat(parts, ", ") .. "]"
  end
  for _, key in ipairs(sorted_keys(value)) do
    parts[#parts + 1] = tostring(key) .. ": " .. show(value[key], depth + 1)
  end
  return "{" .. table.concat(parts, ", ") .. "}"
end
function Check.show(value) return (show(value)) end

-- ------------------------------------------------------------------------------------------------- sameness

local function is_number(text) return text:find("^[+-]?%d+%.?%d*$") or text:find("^%-?%d+/%d+$") end

-- Exactly the same JSON value: types count, so that "60.50" is not 60.5.
function Check.same(expected, found)
  if expected == document.null then return found == nil or found == document.null end
  if type(expected) ~= type(found) then return false end
  if type(expected) ~= "table" then return expected == found end
  for key, value in pairs(expected) do
    if not Check.same(value, found[key]) then return false end
  end
  for key in pairs(found) do
    if expected[key] == nil then return false end
  end
  return true
end

-- The same to a reader: numbers by their value whether text, fraction or not ("10" = "10.00" = 10), all else as text.
-- "2010-05-25T22:06:07.000Z" and "2010-05-25T22:06:07Z" are the same instant.
local function plain_instant(text)
  local whole, fraction = text:match("^(%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%d)%.(%d+)Z$")
  if not whole then return text end
  fraction = fraction:gsub("0+$", "")
  return whole .. (fraction ~= "" and "." .. fraction or "") .. "Z"
end

function Check.alike(expected, found)
  if expected == document.null then return found == nil or found == document.null end
  if found == nil or found == document.null then return false end
  if type(expected) == "table" or type(found) == "table" then
    if type(expected) ~= "table" or type(found) ~= "table" or #expected ~= #found then return false end
    for key, value in pairs(expected) do
      if not Check.alike(value, found[key]) then return false end
    end
    return true
  end
  local a, b = plain_instant(tostring(expected)), plain_instant(tostring(found))
  if is_number(a) and is_number(b) then return value.compare(a, b) == 0 end
  return a == b
end

-- ------------------------------------------------------------------------------------------------- a case's verdict

function Check:differ(format, ...)
  self.differences[#self.differences + 1] = select("#", ...) > 0 and format:format(...) or format
end

-- Notes a difference unless `holds`; it counts as a comparison either way.
function Check:that(holds, format, ...)
  self.compared = self.compared + 1
  if not holds then self:differ(format, ...) end
  return holds
end

local function compare(self, what, expected, found, same)
  return self:that(same(expected, found), "%s\n  expected: %s\n  found:    %s", what, show(expected), show(found))
end

function Check:equal(what, expected, found) return compare(self, what, expected, found, Check.same) end
function Check:alike_to(what, expected, found) return compare(self, what, expected, found, Check.alike) end

-- Every expectation must have been computed: `found` holds a value, or a function(check, expected), for each of its names.
function Check:expectations(expect, found)
  for _, name in ipairs(sorted_keys(expect)) do
    local value = found[name]
    if type(value) == "function" then
      value(self, expect[name])
    elseif value == nil and expect[name] ~= document.null then
      self:that(false, "expectation '%s' was not computed", name)
    else
      self:alike_to(name, expect[name], value)
    end
  end
end

-- A column of two values within 1e-6, for what an origin prints as a double.
function Check:near(what, expected, found)
  local distance = value.subtract(tostring(expected), tostring(found))
  self:that(distance and value.compare(distance, "0.000001") <= 0 and value.compare(distance, "-0.000001") >= 0,
    "%s\n  expected: %s within 0.000001\n  found:    %s", what, show(expected), show(found))
end

-- For what an origin says of a case and exact arithmetic denies: it is not compared, and is told with the case.
function Check:refuse(format, ...)
  self.refusals[#self.refusals + 1] = "refused: " .. format:format(...)
end

local Skip = {}

function Check:skip(format, ...)
  error(setmetatable({ reason = select("#", ...) > 0 and format:format(...) or format }, Skip), 0)
end

-- `found`, or a skip that says what is missing.
function Check:need(found, format, ...)
  if found ~= nil then return found end
  self:skip(format .. " is not implemented yet", ...)
end

-- For xpcall: where an error came from, unless it is a sentence of our own (raised without a place) or no text.
function Check.trace(problem)
  if type(problem) ~= "string" or not problem:find("^[^%s]+:%d+: ") then return problem end
  return debug.traceback(problem, 2)
end

-- Runs body(check): "ok" with what was refused, "not ok" with the differences, or "skip" with the reason.
function Check.run(body)
  local check = Check.new()
  local good, problem = xpcall(body, Check.trace, check)
  if not good and getmetatable(problem) == Skip then return "skip", { problem.reason } end
  if not good then check:differ("error: " .. tostring(problem)) end
  if good and check.compared == 0 then check:differ("nothing was compared") end
  if #check.differences > 0 then return "not ok", check.differences end
  return "ok", check.refusals
end

return Check
