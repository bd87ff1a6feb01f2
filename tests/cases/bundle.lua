-- bundle.lua: the bundle that a check's plans, handlers, policies and settings make.
--
-- Handlers become rules in one file, sorted by their priority and then by registration, because a bundle runs its rules in
-- file order. Plans become its catalog.

local json = require "json"
local map = require "map"
local events = require "events"
local tasks = require "tasks"
local workflows = require "workflows"

local bundle = {}

-- ------------------------------------------------------------------------------------------------- plans

local function charge_of(check, charge)
  local out = {}
  for name, item in pairs(charge) do
    if name == "of" then
      out.targets = json.array()
      for i, price_code in ipairs(item) do out.targets[i] = { price_code = price_code } end
    elseif name == "tiers" then
      out.tiers = json.array()
      for i, tier in ipairs(item) do
        out.tiers[i] = {}
        for member, found in pairs(tier) do
          local ours = check:need(map.tier[member], "a tier's '%s'", member)
          if found ~= document.null then out.tiers[i][ours] = found end
        end
      end
    else
      out[check:need(map.charge[name], "a charge's '%s'", name)] = item
    end
  end
  return out
end

local PLAN_NAMES = { code = true, charges = true, name = true, op = true, proration_override = true, billing_period = true,
  currency = true, provisioning = true, renewing = true }

-- A plan of our catalog from a plan of a check; `period` is the fixture's cycle.
function bundle.plan(check, plan, period)
  for name in pairs(plan) do
    if not PLAN_NAMES[name] then check:skip("a plan's '%s' is not implemented yet", name) end
  end
  local out = {
    code = plan.code, name = plan.name, currency = plan.currency, billing_period = plan.billing_period or period,
    charges = json.array(), provisioning = plan.provisioning, renewing = plan.renewing,
  }
  for i, charge in ipairs(plan.charges) do out.charges[i] = charge_of(check, charge) end
  local override = plan.proration_override
  if override then
    local count = override.count or override.method
    local rule = check:need(map.proration[count], "proration '%s'", tostring(count))
    out.policies = { { policy = "proration", rule = rule } }
  end
  return out
end

-- ------------------------------------------------------------------------------------------------- handlers

-- The one side and core event that a handler listens to.
local function moment_of(check, handler)
  local meanings = events.meanings(handler.event)
  if handler.named then return handler.side == "pre" and "pre" or "post", { meanings[1] or { event = "order.create" } } end
  if #meanings == 0 then error("no event is called '" .. handler.event .. "'", 0) end
  local side = meanings[1].side
  if side == "" then side = handler.phase end
  if side ~= "pre" and side ~= "post" and side ~= "signal" then
    check:skip("handler of '%s' without a phase", handler.event)
  end
  return side == "pre" and "pre" or "post", meanings
end

-- What the seeds call a subject when it is not our name of it.
local NOUNS = { request = "termination_request", credit_invoice = "credit_note" }

-- "order.description" on a rule of an order's event is a field of the subject; others are details of the event.
local function place_of(path, subject)
  local noun, rest = path:match("^([%w_]+)%.(.+)$")
  noun = NOUNS[noun] or noun
  local items = function (text)
    return (text:gsub("%[(%d+)%]", function (index) return "[" .. (tonumber(index) + 1) .. "]" end))
  end
  if noun and noun == subject then return "subject." .. items(rest) end
  return "ctx.event." .. items(path)
end

local function sorted_pairs(t)
  local names = {}
  for name in pairs(t) do names[#names + 1] = name end
  table.sort(names)
  local i = 0
  return function ()
    i = i + 1
    return names[i], t[names[i]]
  end
end

local function literal(item)
  if item == document.null then return "nil" end
  if type(item) == "string" then return ("%q"):format(item) end
  if type(item) ~= "table" then return tostring(item) end
  local parts = {}
  for i, one in ipairs(item) do parts[i] = literal(one) end
  if #parts == 0 then
    for name, one in sorted_pairs(item) do parts[#parts + 1] = ("[%q] = %s"):format(name, literal(one)) end
  end
  return "{ " .. table.concat(parts, ", ") .. " }"
end

local actions = {}

function actions.record() return "" end

function actions.veto(handler)
  return ("ctx:reject(%q, %q)"):format(handler.code or "vetoed", handler.reason or "vetoed")
end

-- On a post event the subject is frozen: the assignment fails, and nothing changes.
function actions.mutate(handler, check, subject)
  local lines = {}
  for path, item in sorted_pairs(handler.set) do
    lines[#lines + 1] = place_of(path, subject) .. " = " .. literal(item)
  end
  return table.concat(lines, "\n    ")
end

-- One that fails a number of times is mended by a later deploy: a rule keeps nothing from one run to the next.
function actions.raise(handler)
  return handler.mended and "" or ("error(%q)"):format(handler.message or "raised")
end

-- A string "$payload.order.id" is that value of the event.
local function literal_args(item, subject)
  if type(item) == "string" and item:find("^%$payload%.") then return place_of(item:sub(#"$payload." + 1), subject) end
  if type(item) ~= "table" or item == document.null then return literal(item) end
  local parts = {}
  for name, one in sorted_pairs(item) do parts[#parts + 1] = ("[%q] = %s"):format(name, literal_args(one, subject)) end
  return "{ " .. table.concat(parts, ", ") .. " }"
end

function actions.command(handler, world, subject)
  local name, args = workflows.translated(world, handler.command, handler.args or {})
  return ("ctx:command(%q, %s)"):format(name, literal_args(args, subject))
end

local HANDLER_NAMES = { op = true, event = true, phase = true, name = true, priority = true, action = true, code = true,
  reason = true, set = true, message = true, times = true, command = true, args = true, only = true, tenant = true,
  registered = true, rule = true, mended = true, named = true, side = true }

-- The rules of one handler: one for each event that its name means.
local function handler_rules(world, handler)
  local check = world.check
  for name in pairs(handler) do
    if not HANDLER_NAMES[name] then check:skip("a handler's '%s' is not implemented yet", name) end
  end
  local action = check:need(actions[handler.action], "handler action '%s'", tostring(handler.action))
  local moment, meanings = moment_of(check, handler)
  local out = {}
  for i, meaning in ipairs(meanings) do
    local subject = catalogue.event(meaning.event).subject
    local conditions = {}
    for path, item in sorted_pairs(handler.only or {}) do
      local place = place_of(path, subject)
      conditions[#conditions + 1] = ("if tostring(%s) ~= %q then return end\n    "):format(place, tostring(item))
    end
    out[i] = ("rule %q {\n  %s = %q,\n  run = function (subject, ctx)\n    %s%s\n  end,\n}\n"):format(
      i == 1 and handler.rule or handler.rule .. " of " .. meaning.event, moment, handler.named or meaning.event, table.concat(conditions),
      action(handler, world, subject))
  end
  return table.concat(out, "\n")
end

-- Sorted by priority (none = 0), then by registration.
local function in_order(handlers)
  local sorted = table.move(handlers, 1, #handlers, 1, {})
  table.sort(sorted, function (a, b)
    local first, second = a.priority or 0, b.priority or 0
    if first ~= second then return first < second end
    return a.registered < b.registered
  end)
  return sorted
end

-- ------------------------------------------------------------------------------------------------- the archive

-- { plans = { ... }, handlers = { ... }, settings = { ... } } as the JSON of an archive.
function bundle.archive(world, content)
  local check = world.check
  local manifest = { name = "case", rules = json.array(), settings = content.settings }
  local files = {}
  if #content.handlers > 0 and (world.armed or content ~= world.content) then
    local rules = {}
    for i, handler in ipairs(in_order(content.handlers)) do rules[i] = handler_rules(world, handler) end
    files["rules/handlers.lua"] = table.concat(rules, "\n")
    manifest.rules[1] = "rules/handlers.lua"
  end
  if #content.tasks > 0 then
    files["rules/tasks.lua"] = tasks.rules(check, content.tasks)
    manifest.rules[#manifest.rules + 1] = "rules/tasks.lua"
  end
  if #content.plans > 0 then
    files["catalog/plans.json"] = json.encode { plans = content.plans }
  end
  for name, text in pairs(content.files or {}) do files[name] = text end
  files["bundle.json"] = json.encode(manifest)
  return json.encode { archive = { files = files } }
end

return bundle
