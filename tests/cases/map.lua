-- map.lua: what the seed checks call things, and what we call them: systems, objects and their fields, words, sequences,
-- settings, policies. The words of states are those of schema/words.lua, which is loaded as data.
--
-- A field of an object is
--     "name"                        a member of our row
--     { "name", word = "kind" }     a state, in the words of the seed's system
--     { "name", last_day = true }   the first day after a period, as its last day
--     { "name", customer = true }   an account, as its customer
--     { "name", count = true }      how many a list has
--     { "name", day = true }        a date, as its first instant in UTC
--     { "name", prefix = "CN-" }    a name without what we put before it
--     { "name", words = { "Sent", "Unsent" } }   whether it is there
--     { "name", period = 1 }        the number (1) or unit (2) of a duration
--     { "name", event = "pre" }     an event, by the alias that the seed's system has for this side
-- Names that are not listed are those of our record.

local map = {}

-- ------------------------------------------------------------------------------------------------- words

local words = {}
loadfile(CASES_DIR .. "/../../schema/words.lua", "t", {
  words = function (kind) return function (systems) words[kind] = systems end end,
})()

-- Our word for a state, in another system's; nil when it has none.
function map.word_of(system, kind, ours)
  for _, row in ipairs(words[kind] and words[kind][system] or {}) do
    if row[ours] then return row[ours] end
  end
  return nil
end

-- The other way: the first state that the word stands for.
function map.state_of(system, kind, theirs)
  for _, row in ipairs(words[kind] and words[kind][system] or {}) do
    local state, word = next(row)
    if word == theirs then return state end
  end
  return nil
end

function map.has_words(system, kind) return words[kind] ~= nil and words[kind][system] ~= nil end

-- All words of a kind in a system, each once.
function map.words(system, kind)
  local list, seen = {}, {}
  for _, row in ipairs(words[kind] and words[kind][system] or {}) do
    local _, word = next(row)
    if not seen[word] then list[#list + 1], seen[word] = word, true end
  end
  return list
end

-- ------------------------------------------------------------------------------------------------- systems

-- Whose vocabulary a seed speaks.
map.systems = { ["000"] = "atomia", ["001"] = "aps", ["002"] = "killbill", ["003"] = "blubilling" }

-- Enumerations that a check may ask for: the words of a kind in a system.
map.enums = {
  order_status = { "blubilling", "order.status" },
  invoice_status = { "blubilling", "invoice.status" },
  payment_status = { "blubilling", "payment.status" },
  payment_type = { "blubilling", "payment.type" },
  payment_method_type = { "blubilling", "payment.method" },
  customer_status = { "blubilling", "customer.status" },
  charge_type = { "blubilling", "charge.kind" },
  activity_status = { "blubilling", "usage.status" },
  payment_transaction_status = { record = "killbill_payment", field = "status" },
  transaction_type = { record = "killbill_payment", field = "transaction_type" },
  action_type = { record = "killbill_subscription", field = "action_type" },
}

-- ------------------------------------------------------------------------------------------------- objects

-- record: ours; list: where its rows are read; part: rows are members of another object's, read one by one.
map.objects = {
  account = {
    record = "account", list = "/v1/accounts",
    fields = { ext_customer_ref = "external_key", status = { "status", word = "account.status" } },
  },
  customer = {
    record = "customer", list = "/v1/customers",
    fields = {
      status = { "status", word = "customer.status" }, ext_customer_ref = "external_key", account = "account_id",
      login = "username", account_locked = "locked",
    },
  },
  order = {
    record = "order", list = "/v1/orders",
    fields = {
      status = { "status", word = "order.status" }, order_status = { "status", word = "order.status" },
      order_number = "number", customer = "customer_id", account = "account_id", contract_code = "plan", plan_code = "plan",
      is_auto_renew = "auto_renew", end_date = { "end_date", last_day = true }, lines = { "lines", count = true },
      supersedes = "supersedes_id", superseded_by = "superseded_by_id",
    },
  },
  subscription = {
    record = "subscription", list = "/v1/subscriptions",
    fields = {
      status = { "status", word = "subscription.status" }, customer = { "account_id", customer = true },
      account = "account_id", order = "order_id", plan_code = "plan", contract_code = "plan", is_auto_renew = "auto_renew",
      billed_until = "charged_through", next_billable_date = "charged_through",
      end_date = { "end_date", last_day = true }, expiration = { "end_date", day = true },
      provisioning_status = { "provisioning_status", word = "subscription.provisioning_status" },
    },
  },
  termination_request = {
    record = "termination_request", list = "/v1/termination_requests",
    fields = {
      status = { "status", word = "termination_request.status" }, account = "account_id",
      option = { "option", word = "termination_request.option" }, termination_date = { "termination_date", day = true },
    },
  },
  credit_invoice = {
    record = "credit_note", list = "/v1/credit_notes",
    fields = { number = { "number", prefix = "CN-" }, send_status = { "sent_at", words = { "Sent", "UnSent" } } },
  },
  veto_log = {
    record = "audit", list = "/v1/audit", fields = { handler = "rule", event = { "event", event = "pre" }, reason = "message" },
  },
  invoice = {
    record = "invoice", list = "/v1/invoices",
    fields = {
      status = { "status", word = "invoice.status" }, outstanding_balance = "balance", invoice_number = "number",
      billing_end = { "billing_end", last_day = true }, billing_end_date = { "billing_end", last_day = true },
      billing_start_date = "billing_start", customer = { "account_id", customer = true }, account = "account_id",
      order = "order_id", lines = { "lines", count = true }, is_processed_by_billing_run = "by_billing_run",
      send_status = { "sent_at", words = { "Sent", "Unsent" } },
    },
  },
  payment = {
    record = "payment", list = "/v1/payments",
    fields = {
      status = { "status", word = "payment.status" }, payment_type = { "type", word = "payment.type" },
      type = { "type", word = "payment.type" }, payment_method_type = { "method", word = "payment.method" },
      is_processed_by_billing_run = "by_billing_run", customer = { "account_id", customer = true }, account = "account_id",
      payment_method_context = "method_text", processor_results = { "attempts", count = true },
      attempts = { "attempts", count = true }, invoice_payments = { "allocations", count = true },
    },
  },
  customer_credit = {
    record = "credit", list = "/v1/credits",
    fields = {
      customer = { "account_id", customer = true }, account = "account_id", balance = "remaining", payment = "payment_id",
    },
  },
  invoice_payment = {
    record = "invoice_payment", part = { of = "payment", member = "allocations" },
    fields = { amount_applied = "amount", invoice = "invoice_id", payment = "payment_id" },
  },
  payment_attempt = {
    record = "payment_attempt", part = { of = "payment", member = "attempts" },
    fields = { payment = "payment_id", avs = "avs_code", cvv = "cvv_code" },
  },
  invoice_line = {
    record = "invoice_line", part = { of = "invoice", member = "lines" },
    fields = {
      invoice = "invoice_id", order = "order_id", subscription = "subscription_id", contract_code = "plan",
      charge_type = { "kind", word = "invoice_line.kind" },
      service_start = "period_start", service_end = { "period_end", last_day = true }, start = "period_start",
      ["end"] = { "period_end", last_day = true }, period_end = { "period_end", last_day = true },
    },
  },
  payment_method = {
    record = "payment_method", below_accounts = "payment_methods",
    fields = {
      customer = { "account_id", customer = true }, account = "account_id", autopay_preference = "auto_pay", type = "kind",
    },
  },
  usage = {
    record = "usage", list = "/v1/usage",
    fields = {
      status = { "status", word = "usage.status" }, customer = { "account_id", customer = true }, account = "account_id",
      order = "order_id", subscription = "subscription_id", invoice = "invoice_id", ext_ref_id = "external_key",
    },
  },
  plan = { record = "plan", list = "/v1/plans", fields = { contract_code = "code" } },
  job = { record = "job", list = "/v1/jobs", fields = {} },
}
map.objects.event_subscription = { record = "event_subscription", list = "/v1/event_subscriptions", fields = {} }

-- Objects that one system sees otherwise. whole: its rows are read one by one, those of the list, of the record beside, beside them.
map.objects_of = {
  aps = {
    subscription = {
      record = "service_term", list = "/v1/subscriptions", whole = "/v1/subscriptions/%d/term", beside = "subscription",
      fields = {
        start = "starts_at", expiration = "expires_at", status = { "status", word = "service_term.status" },
        ["period.n"] = { "period", period = 1 }, ["period.unit"] = { "period", period = 2 },
      },
    },
  },
}

local PERIOD_UNITS = { H = "hour", D = "day", M = "month", Y = "year" }

-- Of "P2M" the number (1) or the unit (2).
function map.period_part(period, part)
  local number, unit = period:match("^PT?(%d+)([HDMY])$")
  return part == 1 and math.tointeger(tonumber(number)) or PERIOD_UNITS[unit]
end

map.objects.credit = map.objects.customer_credit
map.objects.activity = map.objects.usage
map.objects.processor_result = map.objects.payment_attempt
map.objects.line, map.objects.invoice_item = map.objects.invoice_line, map.objects.invoice_line

-- ------------------------------------------------------------------------------------------------- sequences

-- What the checks call a sequence when it is not our name of it.
map.sequences = {
  processor_result_id = "payment_attempt_id", customer_credit_id = "credit_id", order_next = "order_number",
  invoice_next = "invoice_number", credit_invoice_next = "credit_note_number",
}

-- ------------------------------------------------------------------------------------------------- settings and policies

-- Settings by the names that a fixture, a config step or a plan setting uses.
map.settings = {
  billing_day = "billing.day", day = "billing.day", anniversary = "billing.anniversary", due_days = "billing.due_days",
  billing_hour = "billing.hour", hour = "billing.hour", push_retries = "deliveries.killbill_retries",
}

map.proration = {
  inclusive = "proration/inclusive_days", exclusive_start = "proration/exclusive_start_days",
  half_open = "proration/half_open_days", none = "proration/none",
}

map.rounding = { half_up_cents_per_line = "rounding/half_up", half_even_cents_per_line = "rounding/half_even" }

-- Members of a charge in a plan fixture.
map.charge = {
  price_code = "price_code", name = "name", kind = "kind", amount = "amount", percent = "percent", unit = "unit",
  prorate = "prorated", prorated = "prorated", mandatory = "mandatory", tax = "tax", tier_mode = "tier_mode",
  max_quantity = "max_quantity", standard_quantity = "standard_quantity",
}
map.tier = { from = "units_from", to = "units_to", price = "price", flat = "flat" }

return map
