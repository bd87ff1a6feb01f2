-- invariants_subscriptions.lua: what must always hold of orders, subscriptions, usage, catalogs and scheduled tasks; read after invariants.lua, which says how a row is written.

-- ------------------------------------------------------------------------------------------------ subscriptions and usage

invariant "charged_once" {
	number = 21, scope = "account", walk = "account",
	states = "No day of a subscription is charged twice for one price code.",
	sql = [[
WITH pieces AS (
     SELECT DISTINCT l.account_id, l.subscription_id, l.price_code, l.invoice_id, l.period_start, l.period_end
       FROM invoice_line l
       JOIN invoice i ON i.tenant_id = l.tenant_id AND i.account_id = l.account_id AND i.id = l.invoice_id
      WHERE <range l>
        AND l.kind = 'recurring'
        AND l.subscription_id IS NOT NULL
        AND l.price_code IS NOT NULL
        AND i.status <> 'cancelled'),
     chain AS (
     SELECT subscription_id, period_start,
            lag(period_end) OVER (PARTITION BY account_id, subscription_id, price_code ORDER BY period_start) AS charged
       FROM pieces)
SELECT 'subscription', subscription_id, charged, period_start
  FROM chain
 WHERE charged > period_start]],
}

-- The days on which a charge of a subscription to a plan of the catalog begins or ends, and by how many lines it is charged from then
-- on; what is given back counts against it. A day on which one ends where another begins is none: several that were given back make one gap.
local function charged_days(lines)
	local sql = [[
WITH ends AS (SELECT 0 AS is_end UNION ALL SELECT 1),
edges AS (
     SELECT l.account_id, l.subscription_id, CASE ends.is_end WHEN 1 THEN l.period_end ELSE l.period_start END AS day,
            CASE WHEN (l.kind = 'repair') = ends.is_end THEN 1 ELSE -1 END AS step
       FROM invoice_line l
       JOIN invoice i ON i.tenant_id = l.tenant_id AND i.account_id = l.account_id AND i.id = l.invoice_id
      CROSS JOIN ends
      WHERE <range l>
        AND <lines>
        AND l.catalog_plan_id IS NOT NULL
        AND l.subscription_id IS NOT NULL
        AND i.status <> 'cancelled'),
days AS (SELECT account_id, subscription_id, day, sum(step) AS step FROM edges GROUP BY account_id, subscription_id, day HAVING sum(step) <> 0),
]]
	return (sql:gsub("<lines>", function () return lines end))
end

invariant "days_charged_once" {
	number = 21, scope = "account", walk = "account",
	states = "Unless a merge is to come no day of a plan of the catalog is charged by two lines that hold, and none is taken back twice.",
	sql = charged_days("(l.kind = 'repair' OR (l.kind = 'recurring' AND l.amount <> 0))") .. [[
charged AS (
     SELECT account_id, subscription_id, day, sum(step) OVER (PARTITION BY account_id, subscription_id ORDER BY day) AS times
       FROM days)
SELECT 'subscription', charged.subscription_id, charged.day, charged.times
  FROM charged
  JOIN subscription s ON s.tenant_id = $1 AND s.account_id = charged.account_id AND s.id = charged.subscription_id
 WHERE charged.times NOT IN (0, 1)
   AND s.derive_from IS NULL]],
}

-- Where nobody set or blocked anything about then, and nothing waits to be merged, a phase goes on; what only its rows do not tell
-- (a phase, a version, a base plan that ended) makes another one, or ends it for good.
invariant "days_charged_all" {
	number = 21, scope = "account", walk = "account",
	states = "Between two charges of one phase of a plan of the catalog no day is left out without a reason.",
	sql = charged_days("l.kind IN ('recurring', 'repair')") .. [[
charged AS (
     SELECT account_id, subscription_id, day, sum(step) OVER sub AS times, lead(day) OVER sub AS next
       FROM days
     WINDOW sub AS (PARTITION BY account_id, subscription_id ORDER BY day)),
gaps AS (
     SELECT charged.account_id, charged.subscription_id, charged.day, charged.next
       FROM charged
       JOIN subscription s ON s.tenant_id = $1 AND s.account_id = charged.account_id AND s.id = charged.subscription_id
      WHERE charged.times = 0
        AND charged.next IS NOT NULL
        AND s.derive_from IS NULL
        AND NOT EXISTS (SELECT 1
                          FROM subscription_event e
                         WHERE e.tenant_id = $1
                           AND e.account_id = charged.account_id
                           AND date(e.at / 1000000, 'unixepoch') BETWEEN date(charged.day, '-2 days') AND date(charged.next, '+2 days'))
        AND NOT EXISTS (SELECT 1
                          FROM blocking_state b
                         WHERE b.tenant_id = $1
                           AND b.account_id = charged.account_id
                           AND date(b.effective_at / 1000000, 'unixepoch') BETWEEN date(charged.day, '-2 days') AND date(charged.next, '+2 days')))
SELECT 'subscription', g.subscription_id, g.day, g.next
  FROM gaps g
 WHERE EXISTS (SELECT 1
                 FROM invoice_line a
                 JOIN invoice_line b ON b.tenant_id = a.tenant_id AND b.account_id = a.account_id AND b.subscription_id = a.subscription_id
                WHERE a.tenant_id = $1
                  AND a.account_id = g.account_id
                  AND a.subscription_id = g.subscription_id
                  AND a.kind = 'recurring'
                  AND a.period_end = g.day
                  AND b.kind = 'recurring'
                  AND b.period_start = g.next
                  AND b.phase = a.phase)]],
}

invariant "charged_through" {
	number = 21, scope = "account", walk = "account",
	states = "A subscription knows the last day that was charged.",
	sql = [[
WITH days AS (
     SELECT account_id, id, coalesce(charged_through, '0000') AS known, '' AS charged FROM subscription WHERE <range>
      UNION ALL
     SELECT l.account_id, l.subscription_id, '', l.period_end
       FROM invoice_line l
       JOIN invoice i ON i.tenant_id = l.tenant_id AND i.account_id = l.account_id AND i.id = l.invoice_id
      WHERE <range l>
        AND l.kind = 'recurring'
        AND l.subscription_id IS NOT NULL
        AND l.price_code IS NOT NULL
        AND i.status <> 'cancelled')
SELECT 'subscription', id, max(charged), max(known)
  FROM days
 GROUP BY account_id, id
HAVING max(known) < max(charged)]],
}

invariant "billing_job" {
	number = 23, scope = "account", walk = "account",
	states = "An account with a next bill date has one job that bills it then, any other has none; a dead job is kept instead.",
	sql = [[
SELECT 'account', a.id, CASE WHEN a.next_bill_date IS NULL THEN 0 ELSE 1 END, count(j.id)
  FROM account a
  LEFT JOIN job j ON j.tenant_id = a.tenant_id AND j.kind = 'account.bill' AND j.object_id = a.id AND j.status = 'due'
 WHERE a.tenant_id = $1
   AND a.id >= $2
   AND a.id < $3
 GROUP BY a.id, a.next_bill_date
HAVING count(j.id) > 1
    OR (a.next_bill_date IS NULL AND count(j.id) = 1)
    OR (a.next_bill_date IS NOT NULL AND count(j.id) = 0
        AND NOT EXISTS (SELECT 1 FROM job d
                         WHERE d.tenant_id = $1 AND d.status = 'dead' AND d.kind = 'account.bill' AND d.object_id = a.id))]],
}

invariant "subscription_served" {
	number = 24, scope = "account", walk = "account",
	states = "A subscription is served only under an order that is.",
	sql = [[
SELECT 'subscription', s.id, 'active', o.status
  FROM subscription s
  JOIN "order" o ON o.tenant_id = s.tenant_id AND o.account_id = s.account_id AND o.id = s.order_id
 WHERE <range s>
   AND s.status IN ('active', 'renewing')
   AND o.status <> 'active']],
}

invariant "order_superseded" {
	number = 27, scope = "account", walk = "account",
	states = "Orders that replaced one another name one another; a draft between them names the same.",
	sql = [[
SELECT 'order', o.id, o.id, coalesce(n.supersedes_id, 0)
  FROM "order" o
  LEFT JOIN "order" n ON n.tenant_id = o.tenant_id AND n.account_id = o.account_id AND n.id = o.superseded_by_id
 WHERE <range o>
   AND o.superseded_by_id IS NOT NULL
   AND (n.supersedes_id IS NULL OR n.supersedes_id <> o.id)
   AND NOT EXISTS (SELECT 1
                     FROM "order" d
                    WHERE d.tenant_id = $1 AND d.account_id = o.account_id AND d.supersedes_id = o.id
                      AND d.superseded_by_id = o.superseded_by_id)]],
}

invariant "order_new_customer" {
	number = 27, scope = "account", walk = "account",
	states = "The account of an order is there, unless the order has the customer that it will be of, and then it is not.",
	sql = [[
SELECT 'order', o.id, CASE WHEN o.new_customer IS NULL THEN o.account_id ELSE 'none' END, coalesce(a.id, 'none')
  FROM "order" o
  LEFT JOIN account a ON a.tenant_id = o.tenant_id AND a.id = o.account_id
 WHERE <range o>
   AND (o.new_customer IS NULL) <> (a.id IS NOT NULL)]],
}

invariant "usage_billed_once" {
	number = 28, scope = "account", walk = "account",
	states = "Billed usage names its invoice and line, unbilled usage none; no cancelled invoice holds any.",
	sql = [[
SELECT 'usage', u.id, CASE WHEN u.invoice_id IS NULL THEN 'unbilled' ELSE 'billed' END, u.status
  FROM usage u
  LEFT JOIN invoice i ON i.tenant_id = u.tenant_id AND i.account_id = u.account_id AND i.id = u.invoice_id
 WHERE <range u>
   AND ((u.status = 'billed') <> (u.invoice_id IS NOT NULL)
        OR (u.status = 'billed') <> (u.line_position IS NOT NULL)
        OR i.status = 'cancelled')]],
}

invariant "usage_quantity" {
	number = 28, scope = "account", walk = "account", procedure = "usage_quantity",
	states = "The quantity of a usage line is the sum of the usage it bills.",
	sql = [[
SELECT u.account_id, u.invoice_id, u.line_position, u.quantity, l.quantity
  FROM usage u
  LEFT JOIN invoice_line l ON l.tenant_id = u.tenant_id AND l.account_id = u.account_id AND l.invoice_id = u.invoice_id
                          AND l.position = u.line_position
 WHERE <range u>
   AND u.status = 'billed'
 ORDER BY u.account_id, u.invoice_id, u.line_position]],
}

invariant "subscription_begins" {
	number = 21, scope = "account", walk = "account",
	states = "A timeline begins once: a subscription to a plan of the catalog has one creation, any other none.",
	sql = [[
WITH beginnings AS (
     SELECT account_id, id, 1 AS wanted, 0 AS found FROM subscription WHERE <range> AND catalog_plan_id IS NOT NULL
      UNION ALL
     SELECT account_id, subscription_id, 0, 1
       FROM subscription_event
      WHERE <range> AND kind = 'create' AND undone_at IS NULL)
SELECT 'subscription', id, sum(wanted), sum(found)
  FROM beginnings
 GROUP BY account_id, id
HAVING sum(wanted) <> sum(found)]],
}

invariant "unit_usage_billed_once" {
	number = 28, scope = "account", walk = "account",
	states = "Billed usage of a unit names its invoice and line, other usage none; no cancelled invoice holds any; what was removed says when.",
	sql = [[
SELECT 'unit_usage', u.id, CASE WHEN u.invoice_id IS NULL THEN 'unbilled' ELSE 'billed' END, u.status
  FROM unit_usage u
  LEFT JOIN invoice i ON i.tenant_id = u.tenant_id AND i.account_id = u.account_id AND i.id = u.invoice_id
 WHERE <range u>
   AND ((u.status = 'billed') <> (u.invoice_id IS NOT NULL)
        OR (u.status = 'billed') <> (u.line_position IS NOT NULL)
        OR (u.status IN ('removing', 'removed')) <> (u.removed_at IS NOT NULL)
        OR i.status = 'cancelled')]],
}

invariant "usage_line_has_progress" {
	number = 28, scope = "account", walk = "account",
	states = "Of a usage section with lines it is known how far it is billed.",
	sql = [[
SELECT 'usage_line', l.invoice_id, l.usage_section, 'no progress'
  FROM invoice_line l
  JOIN invoice i ON i.tenant_id = l.tenant_id AND i.account_id = l.account_id AND i.id = l.invoice_id
  LEFT JOIN usage_progress p ON p.tenant_id = l.tenant_id AND p.account_id = l.account_id
                            AND p.subscription_id = l.subscription_id AND p.section = l.usage_section
 WHERE <range l>
   AND l.usage_section IS NOT NULL
   AND l.kind = 'usage'
   AND i.status <> 'cancelled'
   AND p.section IS NULL]],
}

invariant "plan_known" {
	number = 32, scope = "account", walk = "account",
	states = "A subscription's plan exists.",
	sql = [[
SELECT 'subscription', s.id, s.plan_id, 'none'
  FROM subscription s
  LEFT JOIN plan p ON p.tenant_id = s.tenant_id AND p.id = s.plan_id
 WHERE <range s>
   AND s.plan_id IS NOT NULL
   AND p.id IS NULL
 UNION ALL
SELECT 'subscription', s.id, coalesce(s.catalog_plan_id, 0), 'none'
  FROM subscription s
  LEFT JOIN catalog_plan p ON p.tenant_id = s.tenant_id AND p.id = s.catalog_plan_id
 WHERE <range s>
   AND s.plan_id IS NULL
   AND p.id IS NULL]],
}

invariant "catalog_plan_known" {
	number = 32, scope = "tenant", walk = "catalog_plan",
	states = "A plan of the catalog is one of a version; one with prices of its own has a parent in the same version.",
	sql = [[
SELECT 'catalog_plan', p.id, p.version_id, coalesce(m.version_id, v.id, 0)
  FROM catalog_plan p
  LEFT JOIN catalog_version v ON v.tenant_id = p.tenant_id AND v.id = p.version_id
  LEFT JOIN catalog_plan m ON m.tenant_id = p.tenant_id AND m.id = p.parent_id
 WHERE p.tenant_id = $1
   AND p.id >= $2
   AND p.id < $3
   AND (v.id IS NULL OR (p.parent_id IS NOT NULL AND (m.id IS NULL OR m.version_id <> p.version_id)))]],
}

invariant "template_known" {
	number = 32, scope = "tenant", walk = "bundle_template",
	states = "A template is one of a bundle.",
	sql = [[
SELECT 'bundle_template', t.id, t.bundle, 'none'
  FROM bundle_template t
  LEFT JOIN bundle b ON b.tenant_id = t.tenant_id AND b.digest = t.bundle
 WHERE t.tenant_id = $1
   AND t.id >= $2
   AND t.id < $3
   AND b.id IS NULL]],
}

-- <takes_back>, <takes_back l>: the line takes back of another that charged or discounted.
local function taking(sql)
	return (sql:gsub("<takes_back ?(%l*)>", function (alias)
		local at = alias == "" and "" or alias .. "."
		return "(" .. at .. "kind IN ('repair', 'item_adjustment') OR (" .. at .. "kind IN ('usage', 'progressive') AND " .. at .. "linked_invoice_id IS NOT NULL))"
	end))
end

invariant "given_back" {
	number = 22, scope = "account", walk = "account",
	states = "Of a line no more is taken back, by repairs, less usage and adjustments that hold, than it charged or discounted.",
	sql = taking [[
WITH amounts AS (
     SELECT account_id, invoice_id, position, amount AS charged, 0 AS taken
       FROM invoice_line
      WHERE <range>
        AND NOT <takes_back>
      UNION ALL
     SELECT l.account_id, l.linked_invoice_id, l.linked_position, 0, -l.amount
       FROM invoice_line l
       JOIN invoice i ON i.tenant_id = l.tenant_id AND i.account_id = l.account_id AND i.id = l.invoice_id
      WHERE <range l>
        AND <takes_back l>
        AND i.status <> 'cancelled')
SELECT 'invoice_line', invoice_id, sum(charged), sum(taken)
  FROM amounts
 GROUP BY account_id, invoice_id, position
HAVING (sum(taken) > 0 AND sum(taken) > sum(charged)) OR (sum(taken) < 0 AND sum(taken) < sum(charged))]],
}

invariant "tax_given_back" {
	number = 22, scope = "account", walk = "account",
	states = "Of the taxes of a line no more goes back, with repairs of it, with less usage, by adjustments and by notes, than was charged; repairs that keep what went back before.",
	sql = [[
WITH amounts AS (
     SELECT account_id, invoice_id, linked_position AS position, amount AS charged, 0 AS taken, 1 AS kept
       FROM invoice_line
      WHERE <range>
        AND kind = 'tax'
        AND linked_position IS NOT NULL
        AND linked_invoice_id IS NULL
      UNION ALL
     SELECT r.account_id, r.linked_invoice_id, r.linked_position, 0, -l.amount, l.decision LIKE '%"back":%'
       FROM invoice_line l
       JOIN invoice_line r ON r.tenant_id = l.tenant_id AND r.account_id = l.account_id AND r.invoice_id = l.invoice_id
                          AND r.position = l.linked_position
       JOIN invoice i ON i.tenant_id = l.tenant_id AND i.account_id = l.account_id AND i.id = l.invoice_id
      WHERE <range l>
        AND l.kind = 'tax'
        AND l.linked_invoice_id IS NULL
        AND r.kind IN ('repair', 'usage', 'progressive')
        AND r.linked_invoice_id IS NOT NULL
        AND i.status <> 'cancelled'
      UNION ALL
     SELECT l.account_id, l.linked_invoice_id, t.linked_position, 0, -l.amount, 1
       FROM invoice_line l
       JOIN invoice_line t ON t.tenant_id = l.tenant_id AND t.account_id = l.account_id AND t.invoice_id = l.linked_invoice_id
                          AND t.position = l.linked_position
      WHERE <range l>
        AND l.kind = 'item_adjustment'
        AND t.kind = 'tax'
        AND t.linked_position IS NOT NULL)
SELECT 'invoice_line', invoice_id, sum(charged), sum(taken)
  FROM amounts
 GROUP BY account_id, invoice_id, position
HAVING min(kept) = 1
   AND ((sum(taken) > 0 AND sum(taken) > max(0, sum(charged))) OR (sum(taken) < 0 AND sum(taken) < min(0, sum(charged))))]],
}

invariant "discounted" {
	number = 22, scope = "account", walk = "account",
	states = "A line that coupons discount, or the usage it takes back, keeps its sign: with its discounts, repairs and adjustments that hold, and what was given back.",
	sql = taking [[
WITH amounts AS (
     SELECT account_id, invoice_id, position, amount AS charged, amount, 0 AS discounted
       FROM invoice_line
      WHERE <range>
        AND coupon_redemption_id IS NULL
        AND NOT <takes_back>
      UNION ALL
     SELECT l.account_id, l.linked_invoice_id,
            CASE WHEN d.coupon_redemption_id IS NULL THEN l.linked_position ELSE d.linked_position END, 0, l.amount,
            CASE WHEN l.coupon_redemption_id IS NULL THEN 0 ELSE 1 END
       FROM invoice_line l
       JOIN invoice i ON i.tenant_id = l.tenant_id AND i.account_id = l.account_id AND i.id = l.invoice_id
       LEFT JOIN invoice_line d ON d.tenant_id = l.tenant_id AND d.account_id = l.account_id
                               AND d.invoice_id = l.linked_invoice_id AND d.position = l.linked_position
      WHERE <range l>
        AND (<takes_back l> OR l.coupon_redemption_id IS NOT NULL)
        AND i.status <> 'cancelled')
SELECT 'invoice_line', invoice_id, 0, sum(amount)
  FROM amounts
 GROUP BY account_id, invoice_id, position
HAVING max(discounted) = 1 AND sum(charged) * sum(amount) < 0]],
}

invariant "coupon_redeemed" {
	number = 22, scope = "tenant", walk = "coupon",
	states = "A coupon knows how often it was redeemed.",
	sql = [[
SELECT 'coupon', c.id, count(r.id), c.redemptions
  FROM coupon c
  LEFT JOIN coupon_redemption r ON r.tenant_id = c.tenant_id AND r.coupon_id = c.id AND r.transferred_from_id IS NULL
 WHERE c.tenant_id = $1
   AND c.id >= $2
   AND c.id < $3
 GROUP BY c.id, c.redemptions
HAVING count(r.id) <> c.redemptions]],
}

invariant "coupon_periods_left" {
	number = 22, scope = "account", walk = "account",
	states = "What is left of a redemption are the coupon's billing periods less those in which its discounts come to something; it is used up when none is.",
	sql = [[
WITH RECURSIVE earlier AS (
     SELECT account_id, id, transferred_from_id AS from_id
       FROM coupon_redemption
      WHERE <range>
        AND transferred_from_id IS NOT NULL
      UNION ALL
     SELECT earlier.account_id, earlier.id, r.transferred_from_id
       FROM earlier
       JOIN coupon_redemption r ON r.tenant_id = $1 AND r.id = earlier.from_id
      WHERE r.transferred_from_id IS NOT NULL),
discounts AS (
     SELECT account_id, coupon_redemption_id AS id, account_id AS charged_id, invoice_id, position
       FROM invoice_line
      WHERE <range>
        AND coupon_redemption_id IS NOT NULL
      UNION ALL
     SELECT earlier.account_id, earlier.id, l.account_id, l.invoice_id, l.position
       FROM earlier
       JOIN coupon_redemption r ON r.tenant_id = $1 AND r.id = earlier.from_id
       JOIN invoice_line l ON l.tenant_id = $1 AND l.account_id = r.account_id AND l.coupon_redemption_id = r.id),
counted AS (
     SELECT r.account_id, r.id, r.status,
            CASE c.duration WHEN 'once' THEN 1 WHEN 'periods' THEN c.periods END AS periods, r.periods_left AS remain
       FROM coupon_redemption r
       JOIN coupon c ON c.tenant_id = r.tenant_id AND c.id = r.coupon_id
      WHERE <range r>
      UNION ALL
     SELECT d.account_id, d.id, NULL, -1, NULL
       FROM discounts d
       JOIN invoice_line l ON l.tenant_id = $1 AND l.account_id = d.charged_id AND l.invoice_id = d.invoice_id
                          AND l.position = d.position
       JOIN invoice i ON i.tenant_id = $1 AND i.account_id = d.charged_id AND i.id = d.invoice_id
      WHERE i.status <> 'cancelled'
      GROUP BY d.account_id, d.id, l.coupon_period_start, l.coupon_period_end
     HAVING sum(l.amount + coalesce((SELECT sum(r.amount)
                                       FROM coupon_return r
                                      WHERE r.tenant_id = l.tenant_id AND r.account_id = l.account_id
                                        AND r.invoice_id = l.invoice_id AND r.position = l.position), 0)) <> 0)
SELECT 'coupon_redemption', id, CASE WHEN max(periods) > 0 THEN sum(periods) END, max(remain)
  FROM counted
 GROUP BY account_id, id
HAVING (max(periods) > 0 AND coalesce(max(remain), -1) <> sum(periods))
    OR (coalesce(max(periods), -1) < 0 AND max(remain) IS NOT NULL)
    OR max(status) IS NULL
    OR (max(status) = 'used_up' AND coalesce(max(remain), 1) <> 0)
    OR (max(status) = 'active' AND coalesce(max(remain), 1) = 0)]],
}

-- ------------------------------------------------------------------------------------------------ scheduled tasks

invariant "task_planned" {
	number = 32, scope = "tenant", walk = "scheduled_task",
	states = "An active task has its next run, not before its slot, and the tenant's job wakes by then; a finished one has none.",
	sql = [[
SELECT 'scheduled_task', t.id, coalesce(t.next_run_at, 0), coalesce(min(j.due_at), 0)
  FROM scheduled_task t
  LEFT JOIN job j ON j.tenant_id = t.tenant_id AND j.kind = 'task.due' AND j.object_id = t.tenant_id
 WHERE t.tenant_id = $1
   AND t.id >= $2
   AND t.id < $3
 GROUP BY t.id
HAVING (t.status = 'finished' AND t.next_run_at IS NOT NULL)
    OR (t.status = 'active' AND (t.next_run_at IS NULL OR t.next_run_at < t.slot_at
        OR min(j.due_at) IS NULL OR min(j.due_at) > t.next_run_at))]],
}

invariant "holidays_apart" {
	number = 32, scope = "tenant", walk = "holiday",
	states = "A holiday does not end before it starts, and shares no day with another one.",
	sql = [[
SELECT 'holiday', h.id, h.start_date, coalesce(o.start_date, h.end_date)
  FROM holiday h
  LEFT JOIN holiday o ON o.tenant_id = h.tenant_id AND o.id > h.id AND o.start_date <= h.end_date AND o.end_date >= h.start_date
 WHERE h.tenant_id = $1
   AND h.id >= $2
   AND h.id < $3
   AND (h.end_date < h.start_date OR o.id IS NOT NULL)]],
}

-- ------------------------------------------------------------------------------------------------ service terms

invariant "service_term" {
	number = 28, scope = "account", walk = "service_term",
	states = "A service term is of a subscription that expires with it.",
	sql = [[
SELECT 'service_term', t.id, t.expires_at, coalesce(s.expires_at, 'none')
  FROM service_term t
  LEFT JOIN subscription s ON s.tenant_id = t.tenant_id AND s.account_id = t.account_id AND s.id = t.id
 WHERE <range t>
   AND s.expires_at IS NOT t.expires_at]],
}

invariant "service_term_missing" {
	number = 28, scope = "account", walk = "subscription",
	states = "A subscription that expires has a service term.",
	sql = [[
SELECT 'subscription', s.id, 'a term', 'none'
  FROM subscription s
  LEFT JOIN service_term t ON t.tenant_id = s.tenant_id AND t.account_id = s.account_id AND t.id = s.id
 WHERE <range s>
   AND s.expires_at IS NOT NULL
   AND t.id IS NULL]],
}

invariant "service_term_served" {
	number = 28, scope = "account", walk = "service_term",
	states = "What its term holds or has ended is not served; what neither its term nor its order holds is.",
	sql = [[
SELECT 'subscription', s.id, t.status, s.status
  FROM service_term t
  JOIN subscription s ON s.tenant_id = t.tenant_id AND s.account_id = t.account_id AND s.id = t.id
  JOIN "order" o ON o.tenant_id = s.tenant_id AND o.account_id = s.account_id AND o.id = s.order_id
 WHERE <range t>
   AND ((t.status IN ('hold', 'terminated', 'canceled') AND s.status IN ('active', 'renewing'))
        OR (t.status IN ('active', 'graced') AND s.status = 'suspended' AND o.status = 'active'))]],
}

invariant "service_term_ended" {
	number = 28, scope = "account", walk = "service_term",
	states = "A term ends with its subscription, and nothing waits after that; what is destroyed or canceled has ended.",
	sql = [[
SELECT 'service_term', t.id, s.status, t.status
  FROM service_term t
  JOIN subscription s ON s.tenant_id = t.tenant_id AND s.account_id = t.account_id AND s.id = t.id
 WHERE <range t>
   AND CASE WHEN s.status IN ('canceled', 'superseded', 'complete')
            THEN t.status NOT IN ('terminated', 'canceled') OR t.held OR t.renewal_order_id IS NOT NULL
            ELSE t.status = 'canceled' OR t.destroyed END]],
}

invariant "service_term_moments" {
	number = 28, scope = "account", walk = "service_term",
	states = "A term says since when it is not served and when it was terminated, and has told its end when it is past that.",
	sql = [[
SELECT 'service_term', t.id, t.status, coalesce(t.shutdown_at, 'served')
  FROM service_term t
 WHERE <range t>
   AND ((t.status IN ('hold', 'terminated') AND t.shutdown_at IS NULL)
        OR (t.status = 'terminated' AND t.terminated_at IS NULL)
        OR (t.held AND t.status <> 'hold')
        OR (t.status = 'active' AND t.expired)
        OR (t.status IN ('graced', 'hold', 'terminated') AND NOT t.expired AND NOT t.held))]],
}

invariant "service_term_planned" {
	number = 23, scope = "account", walk = "service_term",
	states = "A term that goes on has one job at its next moment, which is its end until that is told; any other has none; a dead job is kept instead.",
	sql = [[
SELECT 'service_term', t.id, CASE WHEN t.expired THEN coalesce(min(j.due_at), 'a job') ELSE t.expires_at END, coalesce(min(j.due_at), 'none')
  FROM service_term t
  LEFT JOIN job j ON j.tenant_id = t.tenant_id AND j.kind = 'subscription.expire' AND j.object_id = t.id AND j.status = 'due'
 WHERE <range t>
 GROUP BY t.id, t.status, t.expired, t.expires_at, t.grace_from
HAVING count(j.id) > 1
    OR (t.status IN ('terminated', 'canceled') AND count(j.id) = 1)
    OR (t.status IN ('active', 'graced', 'hold')
        AND (count(j.id) = 0 OR min(j.due_at) < t.grace_from OR (NOT t.expired AND min(j.attempts) = 0 AND min(j.due_at) <> t.expires_at))
        AND NOT EXISTS (SELECT 1 FROM job d
                         WHERE d.tenant_id = $1 AND d.status = 'dead' AND d.kind = 'subscription.expire' AND d.object_id = t.id))]],
}

invariant "commitment_planned" {
	number = 23, scope = "account", walk = "account",
	states = "A commitment that goes on has one job, which settles its running period; one that has ended has none; a dead job is kept instead.",
	sql = [[
SELECT 'commitment', c.id, CASE c.status WHEN 'active' THEN 'a job' ELSE 'none' END, count(j.id)
  FROM commitment c
  LEFT JOIN job j ON j.tenant_id = c.tenant_id AND j.kind = 'commitment.settle' AND j.object_id = c.id AND j.status = 'due'
 WHERE <range c>
 GROUP BY c.id, c.status, c.settles_on
HAVING count(j.id) <> CASE c.status WHEN 'active' THEN 1 ELSE 0 END
   AND NOT (c.status = 'active' AND c.settles_on IS NOT NULL
            AND EXISTS (SELECT 1 FROM job d
                         WHERE d.tenant_id = $1 AND d.status = 'dead' AND d.kind = 'commitment.settle' AND d.object_id = c.id))]],
}

invariant "progressive_credited" {
	number = 24, scope = "account", walk = "account",
	states = "What is taken off for an invoice within a period is a charge of one, of the same subscription, and is taken off once by invoices that hold.",
	sql = [[
SELECT 'invoice_line', r.linked_invoice_id, 'a charge, once', count(*)
  FROM invoice_line r
  JOIN invoice i ON i.tenant_id = r.tenant_id AND i.account_id = r.account_id AND i.id = r.invoice_id
  LEFT JOIN invoice_line l ON l.tenant_id = r.tenant_id AND l.account_id = r.account_id AND l.invoice_id = r.linked_invoice_id
                          AND l.position = r.linked_position
 WHERE <range r>
   AND r.kind = 'progressive'
   AND r.amount < 0
   AND i.status <> 'cancelled'
 GROUP BY r.account_id, r.linked_invoice_id, r.linked_position
HAVING count(*) > 1
    OR max(coalesce(l.kind, '') <> 'progressive' OR l.amount <= 0 OR l.subscription_id <> r.subscription_id) = 1]],
}

invariant "progressive_open" {
	number = 24, scope = "account", walk = "account",
	states = "What was invoiced within a period and is not taken off is found by the run that ends the period.",
	sql = [[
SELECT 'invoice_line', l.invoice_id, 'before ' || l.period_end, coalesce(p.open_from, 'none')
  FROM invoice_line l
  JOIN invoice i ON i.tenant_id = l.tenant_id AND i.account_id = l.account_id AND i.id = l.invoice_id
  LEFT JOIN subscription s ON s.tenant_id = l.tenant_id AND s.account_id = l.account_id AND s.id = l.subscription_id
  LEFT JOIN progressive_billing p ON p.tenant_id = s.tenant_id AND p.account_id = s.account_id AND p.id = s.progressive_billing_id
 WHERE <range l>
   AND l.kind = 'progressive'
   AND l.amount > 0
   AND i.status <> 'cancelled'
   AND (p.open_from IS NULL OR p.open_from >= l.period_end)
   AND NOT EXISTS (SELECT 1
                     FROM invoice_line r
                     JOIN invoice j ON j.tenant_id = r.tenant_id AND j.account_id = r.account_id AND j.id = r.invoice_id
                    WHERE r.tenant_id = l.tenant_id
                      AND r.account_id = l.account_id
                      AND r.linked_invoice_id = l.invoice_id
                      AND r.linked_position = l.position
                      AND r.kind = 'progressive'
                      AND j.status <> 'cancelled')
   AND l.amount + coalesce((SELECT sum(a.amount)
                              FROM invoice_line a
                             WHERE a.tenant_id = l.tenant_id
                               AND a.account_id = l.account_id
                               AND a.linked_invoice_id = l.invoice_id
                               AND a.linked_position = l.position
                               AND a.kind = 'item_adjustment'), 0) > 0]],
}

invariant "renewal_order_waiting" {
	number = 28, scope = "account", walk = "renewal_order",
	states = "A renewal order waits when its subscription's term says so, and for the invoice that its subscription waits for.",
	sql = [[
SELECT 'renewal_order', o.id, o.invoice_id, coalesce(s.renewal_invoice_id, 'none')
  FROM renewal_order o
  LEFT JOIN service_term t ON t.tenant_id = o.tenant_id AND t.account_id = o.account_id AND t.id = o.subscription_id
  LEFT JOIN subscription s ON s.tenant_id = o.tenant_id AND s.account_id = o.account_id AND s.id = o.subscription_id
 WHERE <range o>
   AND ((o.status = 'waiting') <> coalesce(t.renewal_order_id = o.id, 0)
        OR (o.status = 'waiting' AND s.renewal_invoice_id IS NOT o.invoice_id))]],
}

invariant "renewal_order_paid" {
	number = 28, scope = "account", walk = "renewal_order",
	states = "A renewal order waits for an invoice that there is; once that is paid there is a job that processes it, or a dead one.",
	sql = [[
SELECT 'renewal_order', o.id, 'a job', coalesce(i.status, 'no invoice')
  FROM renewal_order o
  LEFT JOIN invoice i ON i.tenant_id = o.tenant_id AND i.account_id = o.account_id AND i.id = o.invoice_id
 WHERE <range o>
   AND o.status = 'waiting'
   AND (i.id IS NULL
        OR i.status = 'cancelled'
        OR (i.status = 'settled'
            AND NOT EXISTS (SELECT 1 FROM job j
                             WHERE j.tenant_id = $1 AND j.status = 'due' AND j.kind = 'subscription.paid'
                               AND j.object_id = o.subscription_id)
            AND NOT EXISTS (SELECT 1 FROM job d
                             WHERE d.tenant_id = $1 AND d.status = 'dead' AND d.kind = 'subscription.paid'
                               AND d.object_id = o.subscription_id)))]],
}

invariant "renewal_given_up" {
	number = 21, scope = "account", walk = "renewal_order",
	states = "What a canceled renewal had charged of the period before it is charged again, or still to be.",
	sql = [[
SELECT 'subscription', s.id, min(l.period_start), s.charged_through
  FROM renewal_order o
  JOIN invoice i ON i.tenant_id = o.tenant_id AND i.account_id = o.account_id AND i.id = o.invoice_id
  JOIN invoice_line l ON l.tenant_id = i.tenant_id AND l.account_id = i.account_id AND l.invoice_id = i.id
  JOIN subscription s ON s.tenant_id = o.tenant_id AND s.account_id = o.account_id AND s.id = o.subscription_id
 WHERE <range o>
   AND o.status = 'canceled'
   AND i.status = 'cancelled'
   AND l.kind = 'recurring'
   AND l.subscription_id = s.id
   AND l.period_start < s.end_date
   AND s.status IN ('active', 'suspended')
   AND s.expires_at <= o.starts_at
   AND s.charged_through = s.end_date
   AND NOT EXISTS (SELECT 1
                     FROM invoice_line m
                    WHERE m.tenant_id = $1 AND m.account_id = s.account_id AND m.subscription_id = s.id AND m.kind = 'recurring'
                      AND m.period_end > l.period_start
                      AND NOT EXISTS (SELECT 1
                                        FROM renewal_order c
                                       WHERE c.tenant_id = $1 AND c.account_id = s.account_id AND c.invoice_id = m.invoice_id
                                         AND c.status = 'canceled'))
 GROUP BY o.account_id, o.id, s.id, s.charged_through]],
}
