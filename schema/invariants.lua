-- invariants.lua: what must always hold of a store's rows; `moonbill verify` checks it on a live store.
--
--     invariant "invoice_total" {
--       number = 1,              -- the subject it belongs to, see the headings
--       scope = "account",       -- account, tenant or store: how far one looks to see a violation
--       walk = "account",        -- the record whose keys cut the check into chunks; none for scope store
--       states = "An invoice's total is the sum of its lines.",
--       sql = [[ rows that break it: kind, id, expected, found ]],
--       procedure = "audit_chain",   -- verify_<procedure> in runtime/verify/ reads the rows of `sql` and judges
--       each = "id",             -- made once for each stored record with such fields: <name>, <table>, <key>, <texts>
--       numbers = true,          -- about numbers without gaps: left out where fixture.set has moved a counter
--     }
--
-- SQL as in statements.sql. $1 is the tenant, the chunk is $2 <= key < $3; of scope store $1 <= key < $2, or all at once.
--   <range>, <range i>   the rows of the chunk in a table whose key begins with account_id, alias i
-- A check is linear in the rows: sums are UNION ALL and GROUP BY, joins go by a primary key or an index.

-- ------------------------------------------------------------------------------------------------ storage: first, the rest reads it

invariant "integrity" {
	number = 49, scope = "store", each = "table", procedure = "integrity",
	states = "SQLite finds the pages of the table and of its indexes sound.",
	sql = "PRAGMA integrity_check(<table>)",
}

-- ------------------------------------------------------------------------------------------------ invoices and payments

invariant "invoice_total" {
	number = 1, scope = "account", walk = "account",
	states = "An invoice's total is the sum of its lines.",
	sql = [[
WITH amounts AS (
     SELECT account_id, id, total, 0 AS lines FROM invoice WHERE <range>
      UNION ALL
     SELECT account_id, invoice_id, 0, amount FROM invoice_line WHERE <range>)
SELECT 'invoice', id, sum(lines), sum(total)
  FROM amounts
 GROUP BY account_id, id
HAVING sum(lines) <> sum(total)]],
}

invariant "line_decision" {
	number = 2, scope = "account", walk = "account", procedure = "line_decision",
	states = "A line's amount follows from what it keeps: quantity, unit price, percentage, exact amount and rounding.",
	sql = [[
SELECT l.invoice_id, l.position, l.kind, l.currency, l.quantity, l.unit_price, l.exact, l.amount, l.decision, i.rounding
  FROM invoice_line l
  JOIN invoice i ON i.tenant_id = l.tenant_id AND i.account_id = l.account_id AND i.id = l.invoice_id
 WHERE <range l>
 ORDER BY l.account_id, l.invoice_id, l.position]],
}

invariant "invoice_balance" {
	number = 5, scope = "account", walk = "account",
	states = "What is open of an invoice is its total less what was paid and credited, plus the credit that it gave; nothing is open of a draft, a cancelled or a written-off one.",
	sql = [[
WITH amounts AS (
     SELECT account_id, id, CASE WHEN status IN ('open', 'settled') THEN 1 ELSE 0 END AS owed, total AS due, balance
       FROM invoice WHERE <range>
      UNION ALL
     SELECT account_id, invoice_id, 0, -amount, 0 FROM invoice_payment WHERE <range>
      UNION ALL
     SELECT account_id, invoice_id, 0, -amount, 0 FROM credit_use WHERE <range>
      UNION ALL
     SELECT account_id, invoice_id, 0, amount, 0
       FROM credit WHERE <range> AND invoice_id IS NOT NULL AND reason IN ('repair', 'goodwill'))
SELECT 'invoice', id, CASE max(owed) WHEN 1 THEN sum(due) ELSE 0 END, sum(balance)
  FROM amounts
 GROUP BY account_id, id
HAVING CASE max(owed) WHEN 1 THEN sum(due) ELSE 0 END <> sum(balance)]],
}

invariant "invoice_balance_range" {
	number = 5, scope = "account", walk = "account",
	states = "Nothing is open of an invoice, or something above zero.",
	sql = [[
SELECT 'invoice', id, 0, balance
  FROM invoice
 WHERE <range>
   AND balance < 0]],
}

invariant "parent_summary" {
	number = 1, scope = "account", walk = "account",
	states = "A line that a parent's draft or open invoice has for a child is, with what follows the child, the sum of what it gathers; adjusting it by hand is the parent's affair.",
	sql = [[
SELECT 'invoice', l.invoice_id,
       (SELECT coalesce(sum(c.gathered), 0)
          FROM invoice c
         WHERE c.tenant_id = $1 AND c.parent_invoice_id = l.invoice_id AND c.account_id = l.child_account_id) AS owed,
       sum(l.amount) AS charged
  FROM invoice_line l
  JOIN invoice i ON i.tenant_id = l.tenant_id AND i.account_id = l.account_id AND i.id = l.invoice_id
 WHERE <range l>
   AND l.child_account_id IS NOT NULL
   AND i.status IN ('draft', 'open')
   AND NOT EXISTS (SELECT 1
                     FROM invoice_line h
                    WHERE h.tenant_id = $1 AND h.account_id = l.account_id AND h.invoice_id = l.invoice_id
                      AND h.kind = 'item_adjustment' AND h.child_account_id IS NULL)
 GROUP BY l.account_id, l.invoice_id, l.child_account_id
HAVING owed <> charged]],
}

invariant "gathered_balance" {
	number = 5, scope = "account", walk = "account",
	states = "What a parent's draft or open invoice gathers of a child's is what that one owes; it is an invoice of another account.",
	sql = [[
SELECT 'invoice', c.id, c.balance, coalesce(c.gathered, 0)
  FROM invoice c
  LEFT JOIN invoice p ON p.tenant_id = c.tenant_id AND p.id = c.parent_invoice_id
 WHERE <range c>
   AND c.parent_invoice_id IS NOT NULL
   AND (p.id IS NULL OR c.gathered IS NULL OR p.account_id = c.account_id
        OR (p.status IN ('draft', 'open') AND c.gathered <> c.balance))]],
}

invariant "credit_note_total" {
	number = 1, scope = "account", walk = "account",
	states = "A credit note's total is the sum of its lines, and of what it offset, of what is to be refunded and of what is kept.",
	sql = [[
WITH amounts AS (
     SELECT account_id, id, total, offset + refund + credit AS settled, 0 AS lines FROM credit_note WHERE <range>
      UNION ALL
     SELECT account_id, credit_note_id, 0, 0, amount FROM credit_note_line WHERE <range>)
SELECT 'credit_note', id, sum(total), sum(lines)
  FROM amounts
 GROUP BY account_id, id
HAVING sum(lines) <> sum(total) OR sum(settled) <> sum(total)]],
}

invariant "credit_note_adjustments" {
	number = 1, scope = "account", walk = "account",
	states = "Each line of a credit note is an adjustment of its invoice, and of a void note a reversal of it as well.",
	sql = [[
SELECT 'credit_note', n.credit_note_id, n.amount, coalesce(-a.amount, 0)
  FROM credit_note_line n
  JOIN credit_note c ON c.tenant_id = n.tenant_id AND c.account_id = n.account_id AND c.id = n.credit_note_id
  LEFT JOIN invoice_line a ON a.tenant_id = n.tenant_id AND a.account_id = n.account_id
                          AND a.invoice_id = c.invoice_id AND a.position = n.adjustment_position
  LEFT JOIN invoice_line r ON r.tenant_id = n.tenant_id AND r.account_id = n.account_id
                          AND r.invoice_id = c.invoice_id AND r.position = n.reversal_position
 WHERE <range n>
   AND (a.amount IS NULL OR a.amount <> -n.amount OR (c.status = 'void') <> (r.amount IS NOT NULL)
        OR r.amount <> n.amount)]],
}

invariant "credit_note_credit" {
	number = 1, scope = "account", walk = "account",
	states = "What a credit note gave the account is a credit that names it; of a void note nothing of that is left.",
	sql = [[
WITH amounts AS (
     SELECT account_id, id, status, account_credit AS given, 0 AS credits, 0 AS remaining FROM credit_note WHERE <range>
      UNION ALL
     SELECT account_id, credit_note_id, NULL, 0, amount, remaining
       FROM credit WHERE <range> AND credit_note_id IS NOT NULL)
SELECT 'credit_note', id, sum(given), sum(credits)
  FROM amounts
 GROUP BY account_id, id
HAVING sum(given) <> sum(credits) OR (max(status) = 'void' AND sum(remaining) <> 0)]],
}

invariant "payment_parts" {
	number = 6, scope = "account", walk = "account",
	states = "A payment that succeeded lies on invoices or is unallocated, to the cent; of another nothing is allocated.",
	sql = [[
WITH amounts AS (
     SELECT account_id, id, CASE status WHEN 'succeeded' THEN amount - unallocated ELSE 0 END AS given, 0 AS taken
       FROM payment WHERE <range>
      UNION ALL
     SELECT account_id, payment_id, 0, amount FROM invoice_payment WHERE <range>)
SELECT 'payment', id, sum(given), sum(taken)
  FROM amounts
 GROUP BY account_id, id
HAVING sum(given) <> sum(taken)]],
}

invariant "payment_credit" {
	number = 6, scope = "account", walk = "account",
	states = "What is unallocated of a payment became a credit.",
	sql = [[
WITH amounts AS (
     SELECT account_id, id, CASE status WHEN 'succeeded' THEN unallocated ELSE 0 END AS unallocated, 0 AS credited
       FROM payment WHERE <range>
      UNION ALL
     SELECT account_id, payment_id, 0, amount FROM credit WHERE <range> AND payment_id IS NOT NULL)
SELECT 'payment', id, sum(unallocated), sum(credited)
  FROM amounts
 GROUP BY account_id, id
HAVING sum(unallocated) <> sum(credited)]],
}

invariant "payment_amounts" {
	number = 6, scope = "account", walk = "account",
	states = "No part of a payment, allocation or credit is below zero.",
	sql = [[
SELECT 'payment', id, 0, unallocated FROM payment WHERE <range> AND (amount < 0 OR unallocated < 0 OR unallocated > amount)
 UNION ALL
SELECT 'invoice_payment', id, 1, amount FROM invoice_payment WHERE <range> AND amount <= 0
 UNION ALL
SELECT 'credit_use', id, 1, amount FROM credit_use WHERE <range> AND amount <= 0]],
}

invariant "invoice_settled" {
	number = 7, scope = "account", walk = "account",
	states = "An invoice is settled when nothing is open of it, and only then.",
	sql = [[
SELECT 'invoice', id, CASE WHEN balance = 0 THEN 'settled' ELSE 'open' END, status
  FROM invoice
 WHERE <range>
   AND ((status = 'open' AND balance = 0) OR (status = 'settled' AND (balance <> 0 OR settled_at IS NULL))
        OR (status = 'cancelled' AND cancelled_at IS NULL))]],
}

invariant "credit_left" {
	number = 9, scope = "account", walk = "account",
	states = "What is left of a credit is its amount less its uses, and never below zero.",
	sql = [[
WITH amounts AS (
     SELECT account_id, id, amount, remaining FROM credit WHERE <range>
      UNION ALL
     SELECT account_id, credit_id, -amount, 0 FROM credit_use WHERE <range>)
SELECT 'credit', id, sum(amount), sum(remaining)
  FROM amounts
 GROUP BY account_id, id
HAVING sum(amount) <> sum(remaining) OR sum(remaining) < 0]],
}

invariant "line_currency" {
	number = 11, scope = "account", walk = "account",
	states = "A line has its invoice's currency.",
	sql = [[
SELECT 'invoice', l.invoice_id, i.currency, l.currency
  FROM invoice_line l
  JOIN invoice i ON i.tenant_id = l.tenant_id AND i.account_id = l.account_id AND i.id = l.invoice_id
 WHERE <range l>
   AND l.currency <> i.currency]],
}

invariant "allocation_currency" {
	number = 11, scope = "account", walk = "account",
	states = "Payment, allocation and invoice have one currency.",
	sql = [[
SELECT 'invoice_payment', a.id, p.currency, a.currency
  FROM invoice_payment a
  JOIN payment p ON p.tenant_id = a.tenant_id AND p.account_id = a.account_id AND p.id = a.payment_id
  JOIN invoice i ON i.tenant_id = a.tenant_id AND i.account_id = a.account_id AND i.id = a.invoice_id
 WHERE <range a>
   AND (a.currency <> p.currency OR a.currency <> i.currency)]],
}

invariant "credit_currency" {
	number = 11, scope = "account", walk = "account",
	states = "Credit, its use and the invoice have one currency.",
	sql = [[
SELECT 'credit_use', u.id, c.currency, u.currency
  FROM credit_use u
  JOIN credit c ON c.tenant_id = u.tenant_id AND c.account_id = u.account_id AND c.id = u.credit_id
  JOIN invoice i ON i.tenant_id = u.tenant_id AND i.account_id = u.account_id AND i.id = u.invoice_id
 WHERE <range u>
   AND (u.currency <> c.currency OR u.currency <> i.currency)]],
}

invariant "attempt_waits" {
	number = 13, scope = "account", walk = "account",
	states = "An attempt whose answer is not there has a delivery that will be asked about.",
	sql = [[
SELECT 'payment_attempt', id, 'a sent delivery', 'none'
  FROM payment_attempt
 WHERE <range>
   AND status = 'sent'
   AND id NOT IN (SELECT object_id
                    FROM delivery
                   WHERE tenant_id = $1
                     AND status = 'sent'
                     AND channel = 'gateway'
                     AND object_id IS NOT NULL)]],
}

invariant "attempt_outcome" {
	number = 13, scope = "account", walk = "account",
	states = "A payment succeeded exactly when one of its attempts was approved, and no more than one ever is.",
	sql = [[
WITH attempts AS (
     SELECT account_id, id, CASE WHEN status = 'succeeded' AND method <> 'credit' THEN 1 ELSE 0 END AS wanted, 0 AS approved
       FROM payment WHERE <range>
      UNION ALL
     SELECT account_id, payment_id, 0, 1 FROM payment_attempt WHERE <range> AND status = 'approved')
SELECT 'payment', id, sum(wanted), sum(approved)
  FROM attempts
 GROUP BY account_id, id
HAVING sum(wanted) <> sum(approved)]],
}

invariant "payment_waits" {
	number = 13, scope = "account", walk = "account",
	states = "A pending payment has an attempt that was sent and not answered.",
	sql = [[
WITH attempts AS (
     SELECT account_id, id, 1 AS pending, 0 AS sent FROM payment WHERE <range> AND status = 'pending'
      UNION ALL
     SELECT account_id, payment_id, 0, 1 FROM payment_attempt WHERE <range> AND status = 'sent')
SELECT 'payment', id, sum(pending), sum(sent)
  FROM attempts
 GROUP BY account_id, id
HAVING sum(pending) <> sum(sent)]],
}

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
   AND s.status = 'active'
   AND o.status <> 'active']],
}

invariant "order_superseded" {
	number = 27, scope = "account", walk = "account",
	states = "Orders that replaced one another name one another.",
	sql = [[
SELECT 'order', o.id, o.id, coalesce(n.supersedes_id, 0)
  FROM "order" o
  LEFT JOIN "order" n ON n.tenant_id = o.tenant_id AND n.account_id = o.account_id AND n.id = o.superseded_by_id
 WHERE <range o>
   AND o.superseded_by_id IS NOT NULL
   AND (n.supersedes_id IS NULL OR n.supersedes_id <> o.id)]],
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

invariant "given_back" {
	number = 22, scope = "account", walk = "account",
	states = "Of a line no more is taken back, by repairs and adjustments that hold, than it charged or discounted.",
	sql = [[
WITH amounts AS (
     SELECT account_id, invoice_id, position, amount AS charged, 0 AS taken
       FROM invoice_line
      WHERE <range>
        AND kind NOT IN ('repair', 'item_adjustment')
      UNION ALL
     SELECT l.account_id, l.linked_invoice_id, l.linked_position, 0, -l.amount
       FROM invoice_line l
       JOIN invoice i ON i.tenant_id = l.tenant_id AND i.account_id = l.account_id AND i.id = l.invoice_id
      WHERE <range l>
        AND l.kind IN ('repair', 'item_adjustment')
        AND i.status <> 'cancelled')
SELECT 'invoice_line', invoice_id, sum(charged), sum(taken)
  FROM amounts
 GROUP BY account_id, invoice_id, position
HAVING (sum(taken) > 0 AND sum(taken) > sum(charged)) OR (sum(taken) < 0 AND sum(taken) < sum(charged))]],
}

invariant "discounted" {
	number = 22, scope = "account", walk = "account",
	states = "A line that coupons discount, or the usage it takes back, keeps its sign: with its discounts, repairs and adjustments that hold, and what was given back.",
	sql = [[
WITH amounts AS (
     SELECT account_id, invoice_id, position, amount AS charged, amount, 0 AS discounted
       FROM invoice_line
      WHERE <range>
        AND coupon_redemption_id IS NULL
        AND kind NOT IN ('repair', 'item_adjustment')
      UNION ALL
     SELECT l.account_id, l.linked_invoice_id,
            CASE WHEN d.coupon_redemption_id IS NULL THEN l.linked_position ELSE d.linked_position END, 0, l.amount,
            CASE WHEN l.coupon_redemption_id IS NULL THEN 0 ELSE 1 END
       FROM invoice_line l
       JOIN invoice i ON i.tenant_id = l.tenant_id AND i.account_id = l.account_id AND i.id = l.invoice_id
       LEFT JOIN invoice_line d ON d.tenant_id = l.tenant_id AND d.account_id = l.account_id
                               AND d.invoice_id = l.linked_invoice_id AND d.position = l.linked_position
      WHERE <range l>
        AND (l.kind IN ('repair', 'item_adjustment') OR l.coupon_redemption_id IS NOT NULL)
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

invariant "message_ended" {
	number = 36, scope = "tenant", walk = "delivery",
	states = "A message that has arrived or is dead has ended, after a try; a dead one tells why; no try is kept that it does not count.",
	sql = [[
SELECT 'delivery', d.id, 'an end and its tries', d.status
  FROM delivery d
 WHERE d.tenant_id = $1
   AND d.id >= $2
   AND d.id < $3
   AND d.channel <> 'gateway'
   AND (d.status = 'sent'
        OR (d.status = 'pending') <> (d.ended_at IS NULL)
        OR (d.status <> 'pending' AND d.attempts = 0)
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
	states = "What belongs to an account belongs to one of the tenant.",
	sql = [[
SELECT '<name>', r.<last>, r.account_id, 'none'
  FROM <table> r
  LEFT JOIN account a ON a.tenant_id = r.tenant_id AND a.id = r.account_id
 WHERE r.tenant_id = $1
   AND r.<key> >= $2
   AND r.<key> < $3
   AND r.account_id IS NOT NULL
   AND a.id IS NULL]],
}

invariant "tenant_known" {
	number = 45, scope = "store", each = "tenant",
	states = "Every row belongs to a tenant.",
	sql = [[
WITH RECURSIVE found (id) AS (
     SELECT min(tenant_id) FROM <table>
      UNION ALL
     SELECT (SELECT min(r.tenant_id) FROM <table> r WHERE r.tenant_id > found.id) FROM found WHERE found.id IS NOT NULL)
SELECT '<name>', found.id, 'a tenant', 'none'
  FROM found
 WHERE found.id IS NOT NULL
   AND NOT EXISTS (SELECT 1 FROM tenant t WHERE t.id = found.id)]],
}

-- ------------------------------------------------------------------------------------------------ secrets, time, keys

invariant "secrets" {
	number = 46, scope = "tenant", each = "text", procedure = "secrets",
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
	states = "Nothing was changed before it was made.",
	sql = [[
SELECT '<name>', r.<last>, r.created_at, r.updated_at
  FROM <table> r
 WHERE r.tenant_id = $1
   AND r.<key> >= $2
   AND r.<key> < $3
   AND r.updated_at < r.created_at]],
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
