-- check.lua: the house rules a machine can see. Run from the top: lua5.4 tests/style/check.lua
-- File and function length, layers, head comments, banned words, nothing of one machine.

local LAYERS = { "base", "value", "store", "rule", "event", "verify", "billing", "http", "console", "cli" }
-- What a layer may include beside itself.
local MAY_SEE = {
	base = {}, value = { "base" }, store = { "base", "value" }, rule = { "base", "value" },
	event = { "base", "value", "store", "rule" }, billing = { "base", "value", "store", "rule", "event" },
	verify = { "base", "value", "store", "event" },
	http = { "base", "value", "store", "rule", "event", "billing" },
	console = { "base", "value", "store", "rule", "event", "billing" },
	cli = { "base", "value", "store", "rule", "event", "billing", "verify", "http", "console" },
}
local FILE_LINES_MAX, TEST_LINES_MAX, FUNCTION_LINES_MAX = 800, 1500, 70

local passed, failed = 0, 0
local function report(fact, problems)
	if #problems == 0 then
		passed = passed + 1
		print("ok - " .. fact)
	else
		failed = failed + 1
		print("not ok - " .. fact)
		for _, problem in ipairs(problems) do print("# " .. problem) end
	end
end

local function lines_of(command)
	local out = {}
	local pipe = assert(io.popen(command))
	for line in pipe:lines() do out[#out + 1] = line end
	pipe:close()
	return out
end

local function read(path)
	local file = assert(io.open(path, "rb"))
	local text = file:read("a")
	file:close()
	return text
end

local files = lines_of("git ls-files --cached --others --exclude-standard")
local sources = {}
for _, path in ipairs(files) do
	if path:match("%.[ch]$") or path:match("%.lua$") or path:match("%.sh$") or path:match("%.md$")
		or path:match("%.sql$") or path:match("/run$") or path:match("CMakeLists") then
		local handle = io.open(path, "rb")
		if handle then
			sources[path] = handle:read("a")
			handle:close()
		end
	end
end

local function each(pattern, visit)
	local problems = {}
	for path, text in pairs(sources) do
		if path:match(pattern) then visit(path, text, problems) end
	end
	table.sort(problems)
	return problems
end

local function count_lines(text)
	local _, n = text:gsub("\n", "")
	return n
end

report("no file is longer than its limit", each("%.[ch]$", function (path, text, problems)
	local max = path:match("^tests/") and TEST_LINES_MAX or FILE_LINES_MAX
	local n = count_lines(text)
	if n > max then problems[#problems + 1] = path .. " has " .. n .. " lines" end
end))

-- A function body starts with "{" in column one and ends with "}" in column one (the formatter sees to it).
report("no function is longer than " .. FUNCTION_LINES_MAX .. " lines", each("%.c$", function (path, text, problems)
	if path:match("^tests/bench/") then return end
	local number, start = 0, nil
	for line in text:gmatch("([^\n]*)\n") do
		number = number + 1
		if line == "{" then
			start = number
		elseif line == "}" and start then
			if number - start - 1 > FUNCTION_LINES_MAX then
				problems[#problems + 1] = path .. ":" .. start .. " " .. (number - start - 1) .. " lines"
			end
			start = nil
		end
	end
end))

report("every file opens with what it is for", each("^runtime/.*%.[ch]$", function (path, text, problems)
	if not text:match("^/%* [%w_%.]+") then problems[#problems + 1] = path end
end))

report("layers include only what lies above them", each("^runtime/[a-z]+/", function (path, text, problems)
	local layer = path:match("^runtime/([a-z]+)/")
	local may = { [layer] = true }
	for _, name in ipairs(MAY_SEE[layer] or {}) do may[name] = true end
	for include in text:gmatch('#include "([^"\n]+)"') do
		local folder = include:match("^([a-z]+)/")
		for _, name in ipairs(LAYERS) do
			if folder == name and not may[name] then
				problems[#problems + 1] = path .. " includes " .. include
			end
		end
	end
end))

report("only rule/ includes lua.h", each("^runtime/", function (path, text, problems)
	if text:match('#include [<"]lua%.h') and not path:match("^runtime/rule/") then
		problems[#problems + 1] = path
	end
end))

report("only base/clock reads time", each("^runtime/.*%.c$", function (path, text, problems)
	if path ~= "runtime/base/clock.c" then
		for _, name in ipairs { "clock_gettime", "gettimeofday", "time%(NULL%)", "nanosleep", "usleep" } do
			if text:match("[^%w_]" .. name) then problems[#problems + 1] = path .. " calls " .. name end
		end
	end
end))

report("no leftovers", each(".", function (path, text, problems)
	if path == "tests/style/check.lua" then return end
	for _, word in ipairs { "TO" .. "DO", "FIX" .. "ME", "XX" .. "X", "HA" .. "CK" } do
		local is_code = word == "XX" .. "X" and (path:match("currenc") or path:match("money")) -- ISO 4217: no currency
		if not is_code and text:match("%f[%w_]" .. word .. "%f[^%w_]") then problems[#problems + 1] = path .. " says " .. word end
	end
end))

report("nothing belongs to one machine", each(".", function (path, text, problems)
	for _, place in ipairs { "/wo" .. "rk/", "/ho" .. "me/", "/ro" .. "ot/" } do
		if text:find(place, 1, true) then problems[#problems + 1] = path .. " mentions " .. place end
	end
end))

report("links of the documentation lead somewhere", each("%.md$", function (path, text, problems)
	local folder = path:match("^(.*/)") or ""
	for target in text:gmatch("%]%(([%w_./-]+)%)") do
		local file = io.open(folder .. target)
		if file then file:close() else problems[#problems + 1] = path .. " links to " .. target end
	end
end))

local event_list = dofile("scripts/generate/event_list.lua")

report("docs/rules.md lists the events that happen", (function ()
	local found = event_list.section(sources["docs/rules.md"])
	if found == event_list.text("schema") then return {} end
	return { "write it anew: lua5.4 scripts/generate/event_list.lua schema docs/rules.md" }
end)())

report("what schema/events.lua says to wait is what nothing raises", (function ()
	local problems, code = {}, {}
	for path, text in pairs(sources) do
		if path:match("^runtime/billing/") or path:match("^runtime/event/") then code[#code + 1] = text end
	end
	code = table.concat(code)
	for name, waits in pairs(event_list.events("schema")) do
		local happens = code:find("EVENT_" .. name:upper():gsub("%.", "_") .. "%f[^%w_]") ~= nil
		if happens == (waits and true or false) then
			problems[#problems + 1] = name .. (happens and " waits and happens" or " never happens and does not wait")
		end
	end
	return problems
end)())

report("nothing strange at the top", (function ()
	local allowed = { ["CMakeLists.txt"] = 1, ["CMakePresets.json"] = 1, runtime = 1, scripts = 1, policies = 1, schema = 1,
		tests = 1, examples = 1, docs = 1, ["README.md"] = 1, LICENSE = 1 }
	local problems = {}
	for _, path in ipairs(files) do
		local top = path:match("^[^/]+")
		if not allowed[top] and not top:match("^%.") then problems[#problems + 1] = top end
	end
	return problems
end)())

print(passed .. " passed, " .. failed .. " failed")
os.exit(failed == 0)
