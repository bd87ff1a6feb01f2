-- world.lua: the Moonbill of one seed check: a store of its own with one test tenant, made when the first step needs it.
--
-- Plans, handlers, policies and settings of the check are one generated bundle; it is deployed before the next step that
-- acts. Rows are read through the API's own lists, page by page.

local json = require "json"
local map = require "map"
local bundle = require "bundle"
local events = require "events"

local World = {}
World.__index = World

local CLOCK = "2026-01-01T00:00:00Z"
local PAGE = 200

function World.new(check, file, on_file)
  local seed = tostring(file.seed)
  local fixtures = file.fixtures or {}
  return setmetatable({
    check = check, file = file, fixtures = fixtures, seed = seed, system = map.systems[seed], on_file = on_file,
    clock = type(fixtures.clock) == "string" and fixtures.clock or CLOCK, options = {}, sequences = {}, period = "monthly",
    content = { plans = json.array(), handlers = {}, tasks = {}, settings = { rules = {} } }, changed = false,
    replies = {}, replies_at = {}, quotes = {}, results = {}, statuses = {}, done = {}, trace = {},
    refs = {}, armed = true, others = {},
  }, World)
end

-- ------------------------------------------------------------------------------------------------- opening

local function site_open(self)
  local url = ":memory:"
  if self.on_file then
    self.folder = self.folder or system.temporary_folder()
    self.standard_error = self.standard_error or system.standard_error(self.folder .. "/log")
    url = self.folder .. "/case.db"
  end
  self.site = assert(engine.open(url))
end

function World:open()
  if self.site then return end
  site_open(self)
  local created, problem = self.site:command(0, "tenant.create", json.encode {
    name = "case", test = true, at = self.clock, demo = "case", time_zone = self.options.time_zone,
    currency = self.options.currency,
  })
  if not created then error("tenant.create: " .. problem.message, 0) end
  self.tenant, self.key = created.id, created.api_key
  if #self.sequences > 0 then
    self:fixture { sequences = self.sequences }
    self.sequences = {}
  end
  for name, content in pairs(self.others) do
    local other = assert(self.site:command(0, "tenant.create", json.encode {
      name = name, test = true, at = self.clock, time_zone = self.options.time_zone, currency = self.options.currency,
    }))
    assert(self:deploy(other.id, content))
  end
end

function World:restart()
  if self.tenant and not self.site then return site_open(self) end -- it was lost
  self:open()
  self.site:close()
  site_open(self)
end

function World:close()
  if self.site then self.site:close() end
  if self.standard_error then system.standard_error_back(self.standard_error) end
  if self.folder then system.remove_folder(self.folder) end
end

-- Deploys what changed since the last step that acted.
function World:sync()
  self:open()
  if not self.changed then return end
  self.changed = false
  local deployed, problem = self:deploy(self.tenant, self.content)
  if not deployed then error("bundle.deploy: " .. problem.message, 0) end
end

-- The output of bundle.deploy, or nil and the problem.
function World:deploy(tenant, content)
  return self.site:command(tenant, "bundle.deploy", bundle.archive(self, content))
end

-- ------------------------------------------------------------------------------------------------- acting

-- The output, or nil and the problem.
function World:command(name, input)
  self:sync()
  return self.site:command(self.tenant, name, json.encode(input))
end

-- As command, but it must succeed.
function World:must(name, input)
  local output, problem = self:command(name, input)
  if not output then error(name .. ": " .. problem.message, 0) end
  return output
end

function World:fixture(input) return self:must("fixture.set", input) end

-- Later ones replace earlier ones of the same name; before the tenant exists they wait for it.
function World:sequence(name, next_value)
  local row = { name = map.sequences[name] or name, next = next_value }
  if self.site then
    self:fixture { sequences = { row } }
  else
    self.sequences[#self.sequences + 1] = row
  end
end

function World:plan(plan)
  local ours = bundle.plan(self.check, plan, self.period)
  local plans = self.content.plans
  for i, other in ipairs(plans) do
    if other.code == ours.code then table.remove(plans, i) break end
  end
  plans[#plans + 1] = ours
  self.changed = true
  return ours
end

function World:setting(path, item)
  json.set(self.content.settings, path, item)
  self.changed = true
end

-- Repeats of post rules, queued commands and first deliveries that are due now.
function World:drain()
  if not self.site then return end
  assert(self.site:drain(self.tenant))
end

function World:advance(instant)
  self:sync()
  assert(self.site:advance(self.tenant, instant))
  self.clock = instant
  self:drain()
end

-- There at once: what fell due in between runs late.
function World:jump(instant)
  self:sync()
  assert(self.site:advance(self.tenant, instant, true))
  self.clock = instant
  self:drain()
end

-- ------------------------------------------------------------------------------------------------- requests

local BODY_TYPES = { xml = "text/xml", json = "application/json" }

local function body_of(self, step)
  if step.xml_ref then
    return self.fixtures[step.xml_ref] or error("no fixture is called '" .. step.xml_ref .. "'", 0), "xml"
  elseif step.xml then
    return step.xml, "xml"
  elseif step.json ~= nil then
    return type(step.json) == "string" and step.json or json.encode(step.json), "json"
  elseif step.body ~= nil then
    return step.body
  end
end

function World:http(step)
  local path = step.path
  if not (path:find("^/rest[/_?]") or path:find("^/rest$") or path:find("^/v1[/?]") or path:find("^/1%.0/kb/")
    or path:find("^/aps/2/")) then
    self.check:skip("requests to %s are not implemented yet", path)
  end
  self:sync()
  local headers = {}
  local given = {}
  for name, item in pairs(step.headers or {}) do
    headers[#headers + 1] = { name, tostring(item) }
    given[name:lower()] = true
  end
  local body, kind = body_of(self, step)
  if not given["authorization"] then headers[#headers + 1] = { "Authorization", "Bearer " .. self.key } end
  if kind and not given["content-type"] then headers[#headers + 1] = { "Content-Type", BODY_TYPES[kind] } end
  if body and not given["content-length"] then headers[#headers + 1] = { "Content-Length", tostring(#body) } end
  if not given["host"] then headers[#headers + 1] = { "Host", "localhost" } end
  local reply = self.site:http(step.method, path, headers, body)
  reply.method, reply.path = step.method, path
  return reply
end

-- What a read of our own API answers.
function World:read(path)
  local reply = self:http { method = "GET", path = path }
  if reply.status ~= 200 then error(("GET %s answered %d: %s"):format(path, reply.status, reply.body), 0) end
  return assert(document.json(reply.body))
end

-- All rows of a list, page by page.
function World:list(path)
  local rows, cursor = {}, nil
  repeat
    local join = path:find("?", 1, true) and "&" or "?"
    local page = self:read(path .. join .. "limit=" .. PAGE .. (cursor and "&cursor=" .. cursor or ""))
    for _, row in ipairs(page.items) do rows[#rows + 1] = row end
    cursor = page.next ~= document.null and page.next or nil
  until not cursor
  return rows
end

-- ------------------------------------------------------------------------------------------------- rows

local function object_of(self, name)
  local own = map.objects_of[self.system]
  return own and own[name] or map.objects[name] or self.check:skip("object '%s' has no counterpart yet", tostring(name))
end

-- Rows of an object under the seed's name of it. Whole rows: with their lines, attempts, allocations.
function World:rows(name)
  local object = object_of(self, name)
  if object.part then
    local rows = {}
    for _, whole in ipairs(self:rows(object.part.of)) do
      for _, row in ipairs(whole[object.part.member] or {}) do rows[#rows + 1] = row end
    end
    return rows
  elseif object.below_accounts then
    local rows = {}
    for _, account in ipairs(self:list("/v1/accounts")) do
      local path = ("/v1/accounts/%d/%s"):format(account.id, object.below_accounts)
      for _, row in ipairs(self:read(path).items) do rows[#rows + 1] = row end
    end
    return rows
  end
  local rows = self:list(object.list)
  for i, row in ipairs(object.whole and rows or {}) do -- members of the list's row beside its own
    rows[i] = setmetatable(self:read(object.whole:format(row.id)), { __index = row })
  end
  if object.record == "payment" or object.record == "invoice" then
    for i, row in ipairs(rows) do rows[i] = self:read(("%s/%d"):format(object.list, row.id)) end
  end
  return rows
end

local function customer_of(self, account_id)
  for _, customer in ipairs(self:list("/v1/customers")) do
    if customer.account_id == account_id then return customer.id end
  end
end

-- The value of a row's field under the seed's name of it; skips the check when the field has no counterpart.
function World:field(object_name, row, name)
  local object = object_of(self, object_name)
  local spec = object.fields[name] or name
  if type(spec) == "string" then spec = { spec } end
  local member = spec[1]
  if self.seed == "002" and name == "id" then member = "uuid" end
  local first = member:match("^[%w_]+")
  if not catalogue.record(object.record)[first] and not (object.beside and catalogue.record(object.beside)[first]) then
    self.check:skip("field '%s' of %s has no counterpart yet", name, object_name)
  end
  local found = json.at(row, member)
  if spec.period then
    return map.period_part(found, spec.period)
  elseif spec.words then
    return spec.words[(found == nil or found == document.null) and 2 or 1]
  elseif found == nil or found == document.null then
    return spec.count and 0 or nil
  elseif spec.day then
    return found .. "T00:00:00Z"
  elseif spec.prefix then
    return (found:gsub("^" .. spec.prefix:gsub("%p", "%%%0"), ""))
  elseif spec.event then
    return events.alias(self.system, found, spec.event)
  elseif spec.word then
    if not map.has_words(self.system, spec.word) then
      self.check:skip("the words of %s in %s are not known", spec.word, tostring(self.system))
    end
    return map.word_of(self.system, spec.word, found) or "(no word for " .. tostring(found) .. ")"
  elseif spec.last_day then
    return calendar.add_days(found, -1)
  elseif spec.customer then
    return customer_of(self, found)
  elseif spec.count then
    return #found
  end
  return found
end

-- The id of a thing by the name that the check has for it, or the value as it is.
function World:ours(item)
  local id = type(item) == "string" and self.refs[item]
  return id or item
end

-- Our member and value for a seed's field and value, to force a state.
function World:column(object_name, name, item)
  local object = object_of(self, object_name)
  local spec = object.fields[name] or name
  if type(spec) == "string" then spec = { spec } end
  if not catalogue.record(object.record)[spec[1]] then
    self.check:skip("field '%s' of %s has no counterpart yet", name, object_name)
  end
  if spec.word then
    item = self.check:need(map.state_of(self.system, spec.word, item), "%s '%s'", name, tostring(item))
  elseif spec.last_day then
    item = calendar.add_days(item, 1)
  elseif spec.customer or spec.count then
    self.check:skip("field '%s' of %s cannot be forced", name, object_name)
  end
  return spec[1], item
end

-- How often the bytes occur in what the store and the log have written.
function World:scan(needle)
  local hits, places = 0, {}
  system.each_file(self.folder, function (path, is_folder)
    if is_folder then return end
    local file = assert(io.open(path, "rb"))
    local content = file:read("a")
    file:close()
    local from = 1
    while true do
      local start = content:find(needle, from, true)
      if not start then break end
      hits, from = hits + 1, start + 1
      places[#places + 1] = path:match("[^/]+$")
    end
  end)
  return hits, places
end

return World
