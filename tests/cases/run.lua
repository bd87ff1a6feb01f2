-- run.lua: runs case files and prints TAP: one line a case, differences below it, totals at the end.
--
--     cases FILE...              any file of the schemas in tests/cases/data
--     cases --only TEXT FILE...  cases whose id contains TEXT
--     cases --complete           data/ against complete.list, and the negative controls in test/
--
-- A file's family is told by its content. A family is a module with
--     cases(document) -> nil when the document is none of its own, else { { id =, rule =, run = function (check) } ... }

local Check = require "check"
local families = { require "killbill", require "peers", (require "seeds") }

local USAGE = "usage: cases [--only TEXT] FILE... | cases --complete"

-- ------------------------------------------------------------------------------------------------- files

local function read_file(path)
  local file, reason = io.open(path, "rb")
  if not file then return nil, reason end
  local text = file:read("a")
  file:close()
  if not text then return nil, path .. ": cannot be read" end
  return text
end

-- The cases of a file, or nil and what is wrong with it.
local function load_cases(path)
  local text, reason = read_file(path)
  if not text then return nil, reason end
  local content, problem = document.json(text)
  if content == nil then return nil, path .. ": is not JSON: " .. problem end
  for _, family in ipairs(families) do
    local cases = family.cases(content)
    if cases then return cases end
  end
  local says = type(content) == "table" and (content.family or content.schema)
  return nil, path .. ": unknown family" .. (says and " '" .. tostring(says) .. "'" or "")
    .. "; known are the families of killbill (\"family\"), \"schema\": \"peers/1\" and \"schema\": \"seed-checks/1\""
end

-- ------------------------------------------------------------------------------------------------- TAP

local Tap = {}
Tap.__index = Tap

function Tap.new() return setmetatable({ number = 0, passed = 0, failed = 0, skipped = 0 }, Tap) end

function Tap:line(verdict, name, notes)
  self.number = self.number + 1
  if verdict == "skip" then
    self.skipped = self.skipped + 1
    print(("ok %d - %s # SKIP %s"):format(self.number, name, notes[1]))
    return
  end
  if verdict == "ok" then
    self.passed = self.passed + 1
  else
    self.failed = self.failed + 1
  end
  print(("%s %d - %s"):format(verdict, self.number, name))
  for _, note in ipairs(notes) do
    for line in (note .. "\n"):gmatch("([^\n]*)\n") do print("#   " .. line) end
  end
end

function Tap:totals()
  local skipped = self.skipped > 0 and (", %d skipped"):format(self.skipped) or ""
  print(("%d passed, %d failed%s"):format(self.passed, self.failed, skipped))
  return self.failed == 0
end

-- ------------------------------------------------------------------------------------------------- running

local function run_files(paths, only)
  local chosen, broken = {}, false
  for _, path in ipairs(paths) do
    local cases, reason = load_cases(path)
    if not cases then
      broken = true
      io.stderr:write("cases: ", reason, "\n")
    end
    for _, case in ipairs(cases or {}) do
      if not only or case.id:find(only, 1, true) then chosen[#chosen + 1] = case end
    end
  end
  local tap = Tap.new()
  print("1.." .. #chosen)
  for _, case in ipairs(chosen) do
    local verdict, notes = Check.run(case.run)
    tap:line(verdict, case.id, notes)
  end
  local good = tap:totals()
  if broken then return 2 end
  return good and 0 or 1
end

-- ------------------------------------------------------------------------------------------------- complete

-- complete.list: "file" or "file: rule rule ..." -> { [file] = true or { [rule] = true } }
local function read_complete_list()
  local list = {}
  for line in (assert(read_file(CASES_DIR .. "/complete.list")) .. "\n"):gmatch("([^\n]*)\n") do
    local entry = line:gsub("#.*", "")
    local file, rules = entry:match("^%s*([^%s:]+)%s*:?%s*(.-)%s*$")
    if file and rules == "" then
      list[file] = true
    elseif file then
      list[file] = {}
      for rule in rules:gmatch("%S+") do list[file][rule] = true end
    end
  end
  return list
end

local function json_files(folder)
  local paths = {}
  system.each_file(CASES_DIR .. "/" .. folder, function (path)
    if path:sub(-5) == ".json" then paths[#paths + 1] = path:sub(#CASES_DIR + #folder + 3) end
  end)
  table.sort(paths)
  return paths
end

-- A file that must be complete may not skip; of the rules named, each must be there.
local function run_complete_file(tap, file, must)
  local cases, reason = load_cases(CASES_DIR .. "/data/" .. file)
  if not cases then return tap:line("not ok", file, { reason }) end
  local seen = {}
  for _, case in ipairs(cases) do
    local verdict, notes = Check.run(case.run)
    seen[case.rule or ""] = true
    if verdict == "skip" and (must == true or must and must[case.rule]) then
      verdict, notes = "not ok", { "complete.list forbids a skip: " .. notes[1] }
    end
    tap:line(verdict, file .. " " .. case.id, notes)
  end
  for rule in pairs(type(must) == "table" and must or {}) do
    if not seen[rule] then tap:line("not ok", file .. " " .. rule, { "complete.list names a rule without a case" }) end
  end
end

local function by_difference(notes)
  for _, note in ipairs(notes) do
    if note:find("^error: ") then return false end
  end
  return true
end

-- Cases with a wrong expectation: the runner must find each of them out, by a difference and not by an error. Those whose
-- id ends in "(right)" must pass.
local function run_controls(tap)
  for _, file in ipairs(json_files("test")) do
    local cases, reason = load_cases(CASES_DIR .. "/test/" .. file)
    if not cases then tap:line("not ok", "control " .. file, { reason }) end
    for _, case in ipairs(cases or {}) do
      local verdict, notes = Check.run(case.run)
      local right = case.id:sub(-7) == "(right)"
      local found_out = verdict == "not ok" and by_difference(notes)
      local good = right and verdict == "ok" or not right and found_out
      tap:line(good and "ok" or "not ok", "control " .. file .. " " .. case.id,
        { "came out '" .. verdict .. "'" .. (right and "" or ", not as a difference"), table.unpack(notes) })
    end
  end
end

local function run_refusals(tap)
  local path = os.tmpname()
  local function refused(name, text, says)
    local file = assert(io.open(path, "wb"))
    file:write(text)
    file:close()
    local cases, reason = load_cases(path)
    tap:line(cases == nil and reason:find(says, 1, true) and "ok" or "not ok", "refused: " .. name, { tostring(reason) })
  end
  refused("a file that is not JSON", "{", "is not JSON")
  refused("an unknown family", '{"family":"astrology","cases":[]}', "unknown family 'astrology'")
  refused("an unknown schema", '{"schema":"peers/99","cases":[]}', "unknown family 'peers/99'")
  os.remove(path)
  local cases, reason = load_cases(path)
  tap:line(cases == nil and reason and "ok" or "not ok", "refused: a file that is not there", { tostring(reason) })
end

local function run_complete()
  local tap, list = Tap.new(), read_complete_list()
  local files = json_files("data")
  local there = {}
  for _, file in ipairs(files) do
    there[file] = true
    run_complete_file(tap, file, list[file])
  end
  for file in pairs(list) do
    if not there[file] then tap:line("not ok", file, { "complete.list names a file that is not in data/" }) end
  end
  run_controls(tap)
  run_refusals(tap)
  print("1.." .. tap.number)
  return tap:totals() and 0 or 1
end

-- ------------------------------------------------------------------------------------------------- arguments

local paths, only = {}, nil
local arguments = { ... }
local i = 1
while i <= #arguments do
  local argument = arguments[i]
  if argument == "--complete" and #arguments == 1 then
    return run_complete()
  elseif argument == "--only" and arguments[i + 1] then
    i = i + 1
    only = arguments[i]
  elseif argument:sub(1, 2) == "--" then
    io.stderr:write("cases: unknown argument '", argument, "'\n", USAGE, "\n")
    return 2
  else
    paths[#paths + 1] = argument
  end
  i = i + 1
end
if #paths == 0 then
  io.stderr:write("cases: no file was given\n", USAGE, "\n")
  return 2
end
return run_files(paths, only)
