-- killbill_push.lua: the family push_notifications: calls that a receiver counts while the clock moves.

local json = require "json"

local push = {}

local CLOCK = "2026-01-01T00:00:00Z"
local SECONDS = { s = 1, m = 60, h = 3600, d = 86400 }

local function seconds_of(text)
  local number, unit = text:match("^(%d+)([smhd])$")
  return tonumber(number) * SECONDS[unit]
end

local function instant_after(seconds)
  local base = os.time { year = 2026, month = 1, day = 1, hour = 0 } -- differences only
  return os.date("%Y-%m-%dT%H:%M:%SZ", base + seconds)
end

-- A tenant whose callback is registered as Kill Bill does it.
local function site_of(retries)
  local site = assert(engine.open(":memory:"))
  local callee = receiver.open()
  local deliveries = { plain_http = true, private_addresses = true, killbill_retries = retries and table.concat(retries, ",") }
  local tenant = assert(site:command(0, "tenant.create", json.encode {
    name = "case", test = true, at = CLOCK, settings = { deliveries = deliveries },
  }))
  local key_id = tenant.api_key:match("^mb_%a+_(%w%w%w%w%w%w%w%w)")
  local callback = "/1.0/kb/tenants/registerNotificationCallback?cb=" .. callee:url()
  local reply = site:http("POST", callback, {
    { "X-Killbill-ApiKey", key_id }, { "X-Killbill-ApiSecret", tenant.api_key }, { "X-Killbill-CreatedBy", "case" },
    { "Authorization", "Basic YWRtaW46cGFzc3dvcmQ=" },
  })
  assert(reply.status == 201, reply.body)
  assert(site:drain(tenant.id))
  return site, tenant.id, callee
end

local actions = {
  ["create account"] = function (site, tenant) assert(site:command(tenant, "account.create", json.encode { name = "Ann" })) end,
}

function push.push_notifications(case, check)
  if not case.steps then check:skip("no steps") end
  local site, tenant, callee = site_of(case.config and case.config.retries)
  check:equal("given_calls", case.given_calls, #callee:bodies())
  local now = 0
  for i, step in ipairs(case.steps) do
    callee:answer(step.server == "fails" and 500 or 200)
    now = now + seconds_of(step.after)
    assert(site:advance(tenant, instant_after(now)))
    if step["do"] then actions[step["do"]](site, tenant) end
    assert(site:drain(tenant))
    local bodies = callee:bodies()
    check:equal(("steps/%d/expect_calls"):format(i), step.expect_calls, #bodies)
    if step.expect_event then
      local uuid = "[%x-]+"
      local event = bodies[#bodies]:match('^{"eventType":"([%u_]+)","accountId":"' .. uuid .. '","objectType":"ACCOUNT","objectId":"'
        .. uuid .. '","metaData":null}$')
      check:equal(("steps/%d/expect_event"):format(i), step.expect_event, event)
    end
  end
  callee:close()
  site:close()
end

return push
