-- invariants_store.lua: what must always hold of tags, configuration, the journal, deliveries, ids, tenants and secrets; read after invariants.lua, which says how a row is written.

-- ------------------------------------------------------------------------------------------------ tags, fields, configuration

invariant "marked_objects" {
	number = 45, scope = "account", walk = "account",
	states = "Tags and custom fields are on an object of their account.",
	sql = [[
WITH marks AS (
     SELECT 'tag' AS kind, account_id, id, object_type, object_id FROM tag WHERE <range>
      UNION ALL
     SELECT 'custom_field', account_id, id, object_type, object_id FROM custom_field WHERE <range>)
SELECT m.kind, m.id, m.object_type, 'none'
  FROM marks m
  LEFT JOIN account a ON m.object_type = 'account' AND a.tenant_id = $1 AND a.id = m.object_id AND a.id = m.account_id
  LEFT JOIN subscription_bundle b ON m.object_type = 'bundle' AND b.tenant_id = $1 AND b.account_id = m.account_id AND b.id = m.object_id
  LEFT JOIN subscription s ON m.object_type = 'subscription' AND s.tenant_id = $1 AND s.account_id = m.account_id AND s.id = m.object_id
  LEFT JOIN invoice i ON m.object_type = 'invoice' AND i.tenant_id = $1 AND i.account_id = m.account_id AND i.id = m.object_id
  LEFT JOIN payment p ON m.object_type = 'payment' AND p.tenant_id = $1 AND p.account_id = m.account_id AND p.id = m.object_id
 WHERE coalesce(a.id, b.id, s.id, i.id, p.id) IS NULL]],
}

invariant "control_tags" {
	number = 45, scope = "account", walk = "account",
	states = "A tag of the system is set where the switch that it stands for is turned, and nowhere else.",
	sql = [[
WITH switched AS (
     SELECT 'account' AS object_type, id AS object_id, 'AUTO_PAY_OFF' AS name
       FROM account WHERE tenant_id = $1 AND id >= $2 AND id < $3 AND pay_automatically = 0
      UNION ALL
     SELECT 'account', id, 'MANUAL_PAY' FROM account WHERE tenant_id = $1 AND id >= $2 AND id < $3 AND manual_pay = 1
      UNION ALL
     SELECT 'account', id, 'AUTO_INVOICING_OFF' FROM account WHERE tenant_id = $1 AND id >= $2 AND id < $3 AND invoicing = 'off'
      UNION ALL
     SELECT 'account', id, 'AUTO_INVOICING_DRAFT'
       FROM account WHERE tenant_id = $1 AND id >= $2 AND id < $3 AND invoicing IN ('draft', 'reuse_draft')
      UNION ALL
     SELECT 'account', id, 'AUTO_INVOICING_REUSE_DRAFT'
       FROM account WHERE tenant_id = $1 AND id >= $2 AND id < $3 AND invoicing = 'reuse_draft'
      UNION ALL
     SELECT 'subscription', id, 'AUTO_INVOICING_OFF' FROM subscription WHERE <range> AND invoicing_off = 1
      UNION ALL
     SELECT 'bundle', id, 'AUTO_INVOICING_OFF' FROM subscription_bundle WHERE <range> AND invoicing_off = 1
      UNION ALL
     SELECT 'invoice', id, 'WRITTEN_OFF' FROM invoice WHERE <range> AND status = 'written_off'),
     both AS (
     SELECT object_type, object_id, name, 1 AS is_switched, 0 AS is_tagged FROM switched
      UNION ALL
     SELECT object_type, object_id, name, 0, 1
       FROM tag
      WHERE <range>
        AND name IN ('AUTO_PAY_OFF', 'MANUAL_PAY', 'AUTO_INVOICING_OFF', 'AUTO_INVOICING_DRAFT', 'AUTO_INVOICING_REUSE_DRAFT',
                     'WRITTEN_OFF'))
SELECT object_type, object_id, sum(is_switched), sum(is_tagged)
  FROM both
 GROUP BY object_type, object_id, name
HAVING sum(is_switched) <> sum(is_tagged)]],
}

invariant "bundle_invoicing" {
	number = 45, scope = "account", walk = "account",
	states = "What a bundle keeps off invoices are its subscriptions, and each of them knows.",
	sql = [[
SELECT 'subscription', s.id, coalesce(s.bundle_invoicing_off, 0), coalesce(b.invoicing_off, 0)
  FROM (SELECT * FROM subscription WHERE <range> AND bundle_id IS NOT NULL) s
  JOIN subscription_bundle b ON b.tenant_id = s.tenant_id AND b.account_id = s.account_id AND b.id = s.bundle_id
 WHERE coalesce(s.bundle_invoicing_off, 0) <> coalesce(b.invoicing_off, 0)]],
}

invariant "bundle_in_force" {
	number = 45, scope = "tenant", walk = "bundle_activation",
	states = "The bundle in force is the one that came into force last.",
	sql = [[
SELECT 'bundle_activation', max(a.id), a.digest, coalesce(t.bundle, 'none')
  FROM bundle_activation a
  JOIN tenant t ON t.id = a.tenant_id
 WHERE a.tenant_id = $1
   AND a.id >= $2
   AND a.id < $3
   AND $3 = 9223372036854775807
HAVING a.digest IS NOT t.bundle]],
}

invariant "config_endpoint" {
	number = 45, scope = "tenant", walk = "tenant_config",
	states = "A key that is a webhook endpoint has it.",
	sql = [[
SELECT 'tenant_config', c.id, c.endpoint_id, 'none'
  FROM tenant_config c
  LEFT JOIN webhook_endpoint e ON e.tenant_id = c.tenant_id AND e.id = c.endpoint_id
 WHERE c.tenant_id = $1
   AND c.id >= $2
   AND c.id < $3
   AND c.endpoint_id IS NOT NULL
   AND e.id IS NULL]],
}

-- ------------------------------------------------------------------------------------------------ events and deliveries

invariant "audit_chain" {
	number = 47, scope = "tenant", walk = "audit", procedure = "audit_chain",
	states = "Audit rows are numbered without gaps and each carries the digest of those before it.",
	sql = [[
SELECT {audit}
  FROM audit
 WHERE tenant_id = $1
   AND id >= $2
   AND id < $3
 ORDER BY id]],
}

invariant "audit_counted" {
	number = 47, scope = "tenant", walk = "audit", numbers = true,
	states = "The last audit row is the last that was numbered.",
	sql = [[
SELECT 'audit', coalesce(max(a.id), 0), max(c.next) - 1, coalesce(max(a.id), 0)
  FROM counter c
  LEFT JOIN audit a ON a.tenant_id = c.tenant_id AND a.id >= $2 AND a.id < $3
 WHERE c.tenant_id = $1
   AND c.series = 'audit'
   AND $3 = 9223372036854775807
HAVING max(c.next) - 1 <> coalesce(max(a.id), 0)]],
}

invariant "journal_gapless" {
	number = 33, scope = "tenant", walk = "journal", numbers = true,
	states = "Events are numbered 1, 2, 3 ... without gaps.",
	sql = [[
WITH chain AS (
     SELECT serial, coalesce(lag(serial) OVER (ORDER BY serial), $2 - 1) AS before
       FROM journal
      WHERE tenant_id = $1
        AND serial >= $2
        AND serial <= $3)
SELECT 'journal', serial, before + 1, serial
  FROM chain
 WHERE serial <> before + 1]],
}

invariant "journal_counted" {
	number = 33, scope = "tenant", walk = "journal", numbers = true,
	states = "The last event is the last that was numbered.",
	sql = [[
SELECT 'journal', coalesce(max(j.serial), 0), max(c.next) - 1, coalesce(max(j.serial), 0)
  FROM counter c
  LEFT JOIN journal j ON j.tenant_id = c.tenant_id AND j.serial >= $2 AND j.serial < $3
 WHERE c.tenant_id = $1
   AND c.series = 'serial'
   AND $3 = 9223372036854775807
HAVING max(c.next) - 1 <> coalesce(max(j.serial), 0)]],
}

invariant "event_object" {
	number = 34, scope = "tenant", walk = "journal",
	states = "What an event says was created exists.",
	sql = [[
SELECT 'journal', j.serial, j.object_id, 'none'
  FROM journal j
 WHERE j.tenant_id = $1
   AND j.serial >= $2
   AND j.serial < $3
   AND ((j.event = 'account.create'
         AND NOT EXISTS (SELECT 1 FROM account a WHERE a.tenant_id = $1 AND a.id = j.object_id))
     OR (j.event = 'invoice.create'
         AND NOT EXISTS (SELECT 1 FROM invoice i WHERE i.tenant_id = $1 AND i.id = j.object_id))
     OR (j.event = 'payment.create'
         AND NOT EXISTS (SELECT 1 FROM payment p WHERE p.tenant_id = $1 AND p.id = j.object_id)))]],
}

invariant "invoice_numbers" {
	number = 42, scope = "tenant", walk = "journal", procedure = "invoice_numbers", numbers = true,
	states = "Invoices are numbered without gaps in the order of their creation, each with its event.",
	sql = [[
SELECT serial, payload
  FROM journal
 WHERE tenant_id = $1
   AND serial >= $2
   AND serial < $3
   AND event = 'invoice.create'
 ORDER BY serial]],
}

invariant "delivery_settled" {
	number = 36, scope = "tenant", walk = "delivery",
	states = "A charge is done exactly when its attempt has an answer.",
	sql = [[
SELECT 'delivery', d.id, a.status, d.status
  FROM delivery d
  LEFT JOIN payment_attempt a ON a.tenant_id = d.tenant_id AND a.id = d.object_id
 WHERE d.tenant_id = $1
   AND d.id >= $2
   AND d.id < $3
   AND d.channel = 'gateway'
   AND (a.id IS NULL
        OR (d.status = 'done') <> (a.status NOT IN ('sent', 'unknown'))
        OR d.status = 'pending')]],
}

invariant "delivery_event" {
	number = 35, scope = "tenant", walk = "delivery",
	states = "The event that a message came with exists.",
	sql = [[
SELECT 'delivery', d.id, d.serial, 'none'
  FROM delivery d
  LEFT JOIN journal j ON j.tenant_id = d.tenant_id AND j.serial = d.serial
 WHERE d.tenant_id = $1
   AND d.id >= $2
   AND d.id < $3
   AND d.serial IS NOT NULL
   AND j.serial IS NULL]],
}

invariant "message_in_order" {
	number = 37, scope = "tenant", walk = "delivery",
	states = "A message without an instant waits behind an earlier one of its account, which an ordered endpoint is to get first.",
	sql = [[
SELECT 'delivery', d.id, 'an earlier message', 'none'
  FROM delivery d
 WHERE d.tenant_id = $1
   AND d.id >= $2
   AND d.id < $3
   AND d.due_at IS NULL
   AND NOT EXISTS (SELECT 1
                     FROM delivery e
                    WHERE e.tenant_id = d.tenant_id
                      AND e.endpoint_id = d.endpoint_id
                      AND e.account_id = d.account_id
                      AND e.status = 'pending'
                      AND e.serial < d.serial)]],
}

invariant "message_ended" {
	number = 36, scope = "tenant", walk = "delivery",
	states = "A message that has arrived, is dead or withdrawn has ended, but for the last after a try; a dead one tells why; no try is kept that it does not count.",
	sql = [[
SELECT 'delivery', d.id, 'an end and its tries', d.status
  FROM delivery d
 WHERE d.tenant_id = $1
   AND d.id >= $2
   AND d.id < $3
   AND d.channel <> 'gateway'
   AND (d.status = 'sent'
        OR (d.status = 'pending') <> (d.ended_at IS NULL)
        OR (d.status NOT IN ('pending', 'withdrawn') AND d.attempts = 0)
        OR (d.status = 'dead' AND d.last_error IS NULL)
        OR EXISTS (SELECT 1
                     FROM delivery_attempt a
                    WHERE a.tenant_id = d.tenant_id
                      AND a.delivery_id = d.id
                      AND a.attempt > d.attempts))]],
}

invariant "job_dead" {
	number = 40, scope = "tenant", walk = "job",
	states = "A dead job tells how often it was tried and what went wrong.",
	sql = [[
SELECT 'job', id, 'attempts and an error', attempts
  FROM job
 WHERE tenant_id = $1
   AND id >= $2
   AND id < $3
   AND status = 'dead'
   AND (attempts = 0 OR last_error IS NULL)]],
}

invariant "job_of_cause" {
	number = 40, scope = "tenant", walk = "job",
	states = "A command that a rule queued belongs to what began its chain, and that exists.",
	sql = [[
SELECT 'job', j.id, 'a cause', j.cause_id
  FROM job j
  LEFT JOIN cause c ON c.tenant_id = j.tenant_id AND c.id = j.cause_id
 WHERE j.tenant_id = $1
   AND j.id >= $2
   AND j.id < $3
   AND (j.kind = 'command' OR j.cause_id IS NOT NULL)
   AND c.id IS NULL]],
}

invariant "cause_counts" {
	number = 40, scope = "tenant", walk = "cause",
	states = "What began a chain counts at least the commands and messages of it that wait.",
	sql = [[
SELECT 'cause', id, waiting, effects
  FROM (SELECT c.id, c.effects,
               (SELECT count(*) FROM job j WHERE j.tenant_id = c.tenant_id AND j.cause_id = c.id AND j.kind = 'command')
               + (SELECT count(*) FROM delivery d
                   WHERE d.tenant_id = c.tenant_id AND d.cause_id = c.id AND d.status = 'pending') AS waiting
          FROM cause c
         WHERE c.tenant_id = $1
           AND c.id >= $2
           AND c.id < $3)
 WHERE waiting > effects]],
}

-- ------------------------------------------------------------------------------------------------ ids and tenancy

invariant "id_taken" {
	number = 43, scope = "tenant", each = "id",
	states = "No id is above those that were given.",
	sql = [[
SELECT '<name>', r.id, coalesce(b.next, 1) - 1, r.id
  FROM <table> r
  LEFT JOIN id_block b ON b.tenant_id = r.tenant_id AND b.kind = '<name>'
 WHERE r.tenant_id = $1
   AND r.<key> >= $2
   AND r.<key> < $3
   AND r.id >= coalesce(b.next, 1)]],
}

invariant "parents" {
	number = 45, scope = "account", walk = "account",
	states = "What belongs to something belongs to something of the same account.",
	sql = [[
SELECT 'invoice_line', l.invoice_id, 'invoice', 'none'
  FROM invoice_line l LEFT JOIN invoice p ON p.tenant_id = l.tenant_id AND p.account_id = l.account_id AND p.id = l.invoice_id
 WHERE <range l> AND p.id IS NULL
 UNION ALL
SELECT 'invoice_payment', l.id, 'invoice', 'none'
  FROM invoice_payment l LEFT JOIN invoice p ON p.tenant_id = l.tenant_id AND p.account_id = l.account_id AND p.id = l.invoice_id
 WHERE <range l> AND p.id IS NULL
 UNION ALL
SELECT 'invoice_payment', l.id, 'payment', 'none'
  FROM invoice_payment l LEFT JOIN payment p ON p.tenant_id = l.tenant_id AND p.account_id = l.account_id AND p.id = l.payment_id
 WHERE <range l> AND p.id IS NULL
 UNION ALL
SELECT 'credit_use', l.id, 'invoice', 'none'
  FROM credit_use l LEFT JOIN invoice p ON p.tenant_id = l.tenant_id AND p.account_id = l.account_id AND p.id = l.invoice_id
 WHERE <range l> AND p.id IS NULL
 UNION ALL
SELECT 'credit_use', l.id, 'credit', 'none'
  FROM credit_use l LEFT JOIN credit p ON p.tenant_id = l.tenant_id AND p.account_id = l.account_id AND p.id = l.credit_id
 WHERE <range l> AND p.id IS NULL
 UNION ALL
SELECT 'payment_attempt', l.id, 'payment', 'none'
  FROM payment_attempt l LEFT JOIN payment p ON p.tenant_id = l.tenant_id AND p.account_id = l.account_id AND p.id = l.payment_id
 WHERE <range l> AND p.id IS NULL
 UNION ALL
SELECT 'subscription', l.id, 'order', 'none'
  FROM subscription l LEFT JOIN "order" p ON p.tenant_id = l.tenant_id AND p.account_id = l.account_id AND p.id = l.order_id
 WHERE <range l> AND l.order_id IS NOT NULL AND p.id IS NULL
 UNION ALL
SELECT 'order', l.id, 'order', 'none'
  FROM "order" l LEFT JOIN "order" p ON p.tenant_id = l.tenant_id AND p.account_id = l.account_id AND p.id = l.supersedes_id
 WHERE <range l> AND l.supersedes_id IS NOT NULL AND p.id IS NULL
 UNION ALL
SELECT 'usage', l.id, 'subscription', 'none'
  FROM usage l LEFT JOIN subscription p ON p.tenant_id = l.tenant_id AND p.account_id = l.account_id AND p.id = l.subscription_id
 WHERE <range l> AND p.id IS NULL]],
}

invariant "subscription_parents" {
	number = 45, scope = "account", walk = "account",
	states = "Bundle, timeline, blocking states and usage of a subscription, and the invoice a credit came from, are of the same account.",
	sql = [[
SELECT 'subscription', l.id, 'subscription_bundle', 'none'
  FROM subscription l LEFT JOIN subscription_bundle p ON p.tenant_id = l.tenant_id AND p.account_id = l.account_id AND p.id = l.bundle_id
 WHERE <range l> AND l.bundle_id IS NOT NULL AND p.id IS NULL
 UNION ALL
SELECT 'subscription_event', l.id, 'subscription', 'none'
  FROM subscription_event l LEFT JOIN subscription p ON p.tenant_id = l.tenant_id AND p.account_id = l.account_id AND p.id = l.subscription_id
 WHERE <range l> AND p.id IS NULL
 UNION ALL
SELECT 'blocking_state', l.id, 'subscription', 'none'
  FROM blocking_state l LEFT JOIN subscription p ON p.tenant_id = l.tenant_id AND p.account_id = l.account_id AND p.id = l.object_id
 WHERE <range l> AND l.level = 'subscription' AND p.id IS NULL
 UNION ALL
SELECT 'blocking_state', l.id, 'subscription_bundle', 'none'
  FROM blocking_state l LEFT JOIN subscription_bundle p ON p.tenant_id = l.tenant_id AND p.account_id = l.account_id AND p.id = l.object_id
 WHERE <range l> AND l.level = 'bundle' AND p.id IS NULL
 UNION ALL
SELECT 'unit_usage', l.id, 'subscription', 'none'
  FROM unit_usage l LEFT JOIN subscription p ON p.tenant_id = l.tenant_id AND p.account_id = l.account_id AND p.id = l.subscription_id
 WHERE <range l> AND p.id IS NULL
 UNION ALL
SELECT 'usage_progress', l.subscription_id, 'subscription', 'none'
  FROM usage_progress l LEFT JOIN subscription p ON p.tenant_id = l.tenant_id AND p.account_id = l.account_id AND p.id = l.subscription_id
 WHERE <range l> AND p.id IS NULL
 UNION ALL
SELECT 'credit', l.id, 'invoice', 'none'
  FROM credit l LEFT JOIN invoice p ON p.tenant_id = l.tenant_id AND p.account_id = l.account_id AND p.id = l.invoice_id
 WHERE <range l> AND l.invoice_id IS NOT NULL AND p.id IS NULL]],
}

invariant "account_known" {
	number = 45, scope = "account", each = "account_id",
	states = "What belongs to an account belongs to one of the tenant; what tells of the draft of a new customer, to one whose id was taken for it.",
	sql = [[
SELECT '<name>', r.<last>, r.account_id, 'none'
  FROM <table> r
  LEFT JOIN account a ON a.tenant_id = r.tenant_id AND a.id = r.account_id
  LEFT JOIN id_block b ON b.tenant_id = r.tenant_id AND b.kind = 'account'
 WHERE r.tenant_id = $1
   AND r.<key> >= $2
   AND r.<key> < $3
   AND r.account_id IS NOT NULL
   AND a.id IS NULL
   AND ('<name>' NOT IN ('order', 'audit', 'journal', 'rule_run', 'delivery', 'job') OR r.account_id >= coalesce(b.next, 1))]],
}

invariant "tenant_known" {
	number = 45, scope = "store", each = "tenant",
	states = "Every row belongs to a tenant, or to one that is being copied or removed.",
	sql = [[
WITH RECURSIVE found (id) AS (
     SELECT min(tenant_id) FROM <table>
      UNION ALL
     SELECT (SELECT min(r.tenant_id) FROM <table> r WHERE r.tenant_id > found.id) FROM found WHERE found.id IS NOT NULL)
SELECT '<name>', found.id, 'a tenant', 'none'
  FROM found
 WHERE found.id IS NOT NULL
   AND NOT EXISTS (SELECT 1 FROM tenant t WHERE t.id = found.id)
   AND NOT EXISTS (SELECT 1 FROM partial_tenant p WHERE p.id = found.id)]],
}

-- ------------------------------------------------------------------------------------------------ secrets, time, keys

invariant "secrets" {
	number = 46, scope = "tenant", each = "text", procedure = "secrets", content = true,
	states = "No text holds a card number.",
	sql = [[
SELECT '<name>', r.<last>, <texts>
  FROM <table> r
 WHERE r.tenant_id = $1
   AND r.<key> >= $2
   AND r.<key> < $3]],
}

invariant "time_order" {
	number = 48, scope = "tenant", each = "updated_at",
	states = "Nothing was changed before it was made, but where a branch's clock went back.",
	sql = [[
SELECT '<name>', r.<last>, r.created_at, r.updated_at
  FROM <table> r
 WHERE r.tenant_id = $1
   AND r.<key> >= $2
   AND r.<key> < $3
   AND r.updated_at < r.created_at
   AND NOT EXISTS (SELECT 1 FROM tenant t WHERE t.id = $1 AND t.branch_of IS NOT NULL)]],
}

invariant "answer_keys" {
	number = 41, scope = "store", walk = "idempotency",
	states = "A stored answer has its key, of the same tenant, and a status.",
	sql = [[
SELECT 'idempotency_answer', a.id, 'a key', coalesce(i.tenant_id, 0)
  FROM idempotency_answer a
  LEFT JOIN idempotency i ON i.id = a.id
 WHERE a.id >= $1
   AND a.id < $2
   AND (i.id IS NULL OR i.tenant_id <> a.tenant_id OR a.status < 100 OR a.status > 599)]],
}

invariant "keys_once" {
	number = 41, scope = "store", walk = "idempotency", procedure = "keys_once",
	states = "A tenant's key is there once.",
	sql = [[
SELECT id, tenant_id, key
  FROM idempotency
 WHERE id >= $1
   AND id < $2]],
}

invariant "answer_secrets" {
	number = 46, scope = "store", walk = "idempotency", procedure = "secrets",
	states = "No stored answer holds a card number.",
	sql = [[
SELECT 'idempotency_answer', id, coalesce(body, '')
  FROM idempotency_answer
 WHERE id >= $1
   AND id < $2]],
}

invariant "event_subscription_resource" {
	number = 45, scope = "tenant", walk = "event_subscription",
	states = "An event subscription is of a resource that there is, and of that one's owner.",
	sql = [[
SELECT 'event_subscription', s.id, s.account_id, coalesce(r.account_id, 'none')
  FROM event_subscription s
  LEFT JOIN aps_resource r ON r.tenant_id = s.tenant_id AND r.id = s.resource_id
 WHERE s.tenant_id = $1
   AND s.id >= $2
   AND s.id < $3
   AND (r.id IS NULL OR r.account_id <> s.account_id)]],
}

invariant "event_subscription_wanted" {
	number = 45, scope = "tenant", walk = "event_subscription",
	states = "An event subscription is asked for, or declared by its resource's type.",
	sql = [[
SELECT 'event_subscription', s.id, 'asked for or declared', 'neither'
  FROM event_subscription s
 WHERE s.tenant_id = $1
   AND s.id >= $2
   AND s.id < $3
   AND s.asked = 0
   AND (s.declared = 0
        OR NOT EXISTS (SELECT 1
                         FROM aps_resource r
                         JOIN aps_type t ON t.tenant_id = r.tenant_id AND t.uri = r.type
                        WHERE r.tenant_id = s.tenant_id
                          AND r.id = s.resource_id))]],
}

invariant "aps_application" {
	number = 45, scope = "tenant", walk = "aps_resource",
	states = "A resource waits for an application only while there is none, or while it is about to get it.",
	sql = [[
SELECT 'aps_resource', r.id, 'an endpoint', 'none'
  FROM aps_resource r
 WHERE r.tenant_id = $1
   AND r.id >= $2
   AND r.id < $3
   AND r.endpoint_id IS NULL
   AND EXISTS (SELECT 1 FROM webhook_endpoint w WHERE w.tenant_id = $1 AND w.profile = 'aps')
   AND NOT EXISTS (SELECT 1 FROM job j WHERE j.tenant_id = $1 AND j.kind = 'aps.adopt' AND j.status = 'due')]],
}

invariant "aps_links" {
	number = 45, scope = "tenant", walk = "aps_resource",
	states = "What a resource is linked to is looked for under just that.",
	sql = [[
SELECT 'aps_resource', r.id, json_array_length(coalesce(r.linked, '[]')), count(l.id)
  FROM aps_resource r
  LEFT JOIN aps_linked l ON l.tenant_id = r.tenant_id AND l.resource_id = r.id
                        AND EXISTS (SELECT 1 FROM json_each(r.linked) j WHERE json_extract(j.value, '$.key') = l.key)
 WHERE r.tenant_id = $1
   AND r.id >= $2
   AND r.id < $3
 GROUP BY r.id, r.linked
HAVING json_array_length(coalesce(r.linked, '[]')) <> count(l.id)]],
}

-- ------------------------------------------------------------------------------------------------ streams of events

local event_day = "(e.occurred_at - m.phase_us - CASE WHEN e.occurred_at < m.phase_us THEN 86399999999 ELSE 0 END) / 86400000000"

invariant "event_days" {
	number = 28, scope = "tenant", walk = "event_stream",
	states = "A day of a subscription has as many events as were gathered into it, and knows the last of them.",
	sql = [[
WITH kept AS (
     SELECT e.stream_id, e.subscription_id, ]] .. event_day:gsub("m%.phase_us", "coalesce(m.phase_us, 0)") .. [[ AS day,
            count(*) AS events, max(e.id) AS last_id
       FROM stream_event e
       LEFT JOIN event_meter m ON m.tenant_id = $1 AND m.subscription_id = e.subscription_id AND m.stream_id = e.stream_id
      WHERE e.tenant_id = $1
        AND e.stream_id >= $2
        AND e.stream_id < $3
        AND e.verdict IN (1, 4, 5, 6)
      GROUP BY 1, 2, 3),
     both AS (
     SELECT stream_id, subscription_id, day, events, last_id, 0 AS told, 0 AS told_last FROM kept
      UNION ALL
     SELECT stream_id, subscription_id, day, 0, 0, event_count, last_id
       FROM event_day
      WHERE tenant_id = $1
        AND stream_id >= $2
        AND stream_id < $3)
SELECT 'event_day', subscription_id, sum(events) || ' up to ' || sum(last_id), sum(told) || ' up to ' || sum(told_last)
  FROM both
 GROUP BY stream_id, subscription_id, day
HAVING sum(events) <> sum(told) OR sum(last_id) <> sum(told_last)]],
}

-- Of days that are not billed, begun when the metric was there. Values are added up by tests/billing/test_event_metric.c.
local function counted(from, columns)
  return ([[
     SELECT b.id AS metric_id, d.subscription_id, d.day, %s
       FROM billing_metric b
       %s
       LEFT JOIN metric_progress p ON p.tenant_id = $1 AND p.subscription_id = d.subscription_id AND p.metric_id = b.id
      WHERE b.tenant_id = $1
        AND b.stream_id >= $2
        AND b.stream_id < $3
        AND d.stream_id >= $2
        AND d.stream_id < $3
        AND b.analysis = 'count'
        AND b.property IS NULL
        AND coalesce(b.filters, '[]') = '[]'
        AND coalesce(b.group_by, '[]') = '[]'
        AND d.first_id >= b.first_event_id
        AND d.day * 86400000000 + m.phase_us >= coalesce(p.closed_to, 0)]]):format(columns, from)
end

invariant "metric_totals" {
	number = 28, scope = "tenant", walk = "event_stream",
	states = "The total of a metric that counts all events of its stream is how many of a day count.",
	sql = "WITH both AS (\n" .. counted([[JOIN stream_event e ON e.tenant_id = $1 AND e.stream_id = b.stream_id
       JOIN event_meter m ON m.tenant_id = $1 AND m.subscription_id = e.subscription_id AND m.stream_id = e.stream_id
       JOIN event_day d ON d.tenant_id = $1 AND d.stream_id = e.stream_id AND d.subscription_id = e.subscription_id
                       AND d.day = ]] .. event_day, "1 AS events, 0 AS told") .. [[

        AND e.stream_id >= $2
        AND e.stream_id < $3
        AND (e.verdict = 1 OR e.verdict = 5 OR (e.verdict = 4 AND e.occurred_at >= coalesce(p.closed_to, 0)))
      UNION ALL
]] .. counted([[JOIN event_day d ON d.tenant_id = $1 AND d.stream_id = b.stream_id
       JOIN event_meter m ON m.tenant_id = $1 AND m.subscription_id = d.subscription_id AND m.stream_id = d.stream_id
       JOIN metric_total t ON t.tenant_id = $1 AND t.metric_id = b.id AND t.day = d.day AND t.subscription_id = d.subscription_id]],
	  "0, t.event_count") .. [[)
SELECT 'billing_metric', metric_id, subscription_id || ': ' || sum(events), sum(told)
  FROM both
 GROUP BY metric_id, subscription_id, day
HAVING sum(events) <> sum(told)]],
}
