-- peers_run.lua: the subscription that a case of peers describes, lived through by commands: made, changed and ended at its
-- dates, under a convention, in a tenant of its own, and billed by the runs that its clock brings. Its lines must be what the
-- pure functions of the other files answer.

local json = require "json"

local Story = {}
Story.__index = Story

local function command(story, name, input)
  local output, problem = story.site:command(story.tenant, name, json.encode(input))
  return output or error(name .. ": " .. problem.message, 0)
end

local function read(story, path)
  local reply = story.site:http("GET", path, { { "Host", "localhost" }, { "Authorization", "Bearer " .. story.key } })
  if reply.status ~= 200 then error(("GET %s answered %d: %s"):format(path, reply.status, reply.body), 0) end
  return assert(document.json(reply.body))
end

local function moment(text, zone)
  return text:find("T", 1, true) and text or calendar.start_of_date(text, zone)
end

-- The plan of a price, and of a period if it is not that of the story; made when it is first asked for.
local function plan_of(story, price, period)
  local code = ("plan-%s-%s"):format(tostring(price):gsub("[^%d]", "-"), period or story.terms.period)
  if not story.plans[code] then
    story.plans[code] = true
    command(story, "catalog.add_plan", {
      code = code, product = "product", amount = tostring(price), billing_period = period or story.terms.period,
      billing_mode = story.terms.mode, trial_unit = story.terms.trial_days and "days" or nil,
      trial_duration = story.terms.trial_days,
    })
  end
  return code
end

-- To a moment, or the first of a day; never back.
function Story:advance(to)
  local at = moment(to, self.terms.zone)
  if calendar.compare_instants(at, self.clock) <= 0 then return end
  assert(self.site:advance(self.tenant, at))
  self.clock = at
end

function Story:change(price, at, period)
  self:advance(at)
  command(self, "subscription.change_plan", { id = 1, plan = plan_of(self, price, period), policy = "immediate" })
end

-- The end may lie ahead.
function Story:cancel(at)
  command(self, "subscription.cancel", { id = 1, effective_at = moment(at, self.terms.zone) })
end

-- Lines with days, in the order of their invoices: { kind, from, to, amount }; charges of nothing are left out.
function Story:lines()
  local invoices, lines = {}, {}
  local page = read(self, "/v1/invoices?limit=200")
  while true do
    for _, invoice in ipairs(page.items) do invoices[#invoices + 1] = invoice.id end
    if not page.next or page.next == document.null then break end
    page = read(self, "/v1/invoices?limit=200&cursor=" .. page.next)
  end
  table.sort(invoices)
  for _, id in ipairs(invoices) do
    for _, line in ipairs(read(self, "/v1/invoices/" .. id).lines) do
      if line.kind == "recurring" or line.kind == "repair" then
        lines[#lines + 1] = { kind = line.kind, from = line.period_start, to = line.period_end, amount = line.amount }
      end
    end
  end
  return lines
end

function Story:next_date() return read(self, "/v1/subscriptions/1").next_bill_date end

-- terms: convention, period, start (a date or an instant); zone, day (bill cycle day), mode, price, currency, trial_days.
-- `body` is given the story once it is subscribed to; what it answers is answered.
return function (terms, body)
  local story = setmetatable({ terms = terms, plans = {}, site = assert(engine.open(":memory:")) }, Story)
  story.clock = moment(terms.start, terms.zone)
  local function live()
    story.tenant = 0
    local created = command(story, "tenant.create", {
      name = "peer", test = true, at = story.clock, time_zone = terms.zone or "UTC", currency = terms.currency,
    })
    story.tenant, story.key = created.id, created.api_key
    command(story, "account.create", { name = "Ann", bill_cycle_day = terms.day })
    command(story, "subscription.subscribe", {
      account_id = 1, plan = plan_of(story, terms.price or "10"), convention = terms.convention,
    })
    return body(story)
  end
  local answers = table.pack(pcall(live))
  story.site:close()
  if not answers[1] then error(answers[2], 0) end
  return table.unpack(answers, 2, answers.n)
end
