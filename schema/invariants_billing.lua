-- invariants_billing.lua: what must always hold of invoices, credit notes, payments and credits; read after invariants.lua, which says how a row is written.

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
	states = "What is open of an invoice is its total less what was paid, credited and prepaid, plus the credit that it gave; nothing is open of a draft, a cancelled or a written-off one.",
	sql = [[
WITH amounts AS (
     SELECT account_id, id, CASE WHEN status IN ('open', 'settled') THEN 1 ELSE 0 END AS owed, total AS due, balance
       FROM invoice WHERE <range>
      UNION ALL
     SELECT account_id, invoice_id, 0, -amount, 0 FROM invoice_payment WHERE <range>
      UNION ALL
     SELECT account_id, invoice_id, 0, -amount, 0 FROM credit_use WHERE <range>
      UNION ALL
     SELECT account_id, invoice_id, 0, -amount, 0 FROM wallet_use WHERE <range> AND invoice_id IS NOT NULL
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

invariant "given_up_first" {
	number = 5, scope = "account", walk = "account",
	states = "What repairs and less usage give back of an invoice after it was written off, less their share of its discounts, lowers what was given up of it, as long as something is, before it is a credit.",
	sql = [[
WITH amounts AS (
     SELECT account_id, id, 1 AS given_up, total AS unpaid, 0 AS given_back, 0 AS used
       FROM invoice
      WHERE <range>
        AND status = 'written_off'
      UNION ALL
     SELECT account_id, invoice_id, 0, -amount, 0, 0 FROM invoice_payment WHERE <range>
      UNION ALL
     SELECT account_id, invoice_id, 0, -amount, 0, 0 FROM wallet_use WHERE <range> AND invoice_id IS NOT NULL
      UNION ALL
     SELECT u.account_id, u.invoice_id, 0, -u.amount, 0, CASE WHEN u.created_at >= i.updated_at THEN u.amount ELSE 0 END
       FROM credit_use u
       JOIN invoice i ON i.tenant_id = u.tenant_id AND i.account_id = u.account_id AND i.id = u.invoice_id
      WHERE <range u>
        AND i.status = 'written_off'
      UNION ALL
     SELECT account_id, invoice_id, 0, amount, 0, 0
       FROM credit WHERE <range> AND invoice_id IS NOT NULL AND reason IN ('repair', 'goodwill')
      UNION ALL
     SELECT l.account_id, l.linked_invoice_id, 0, 0, -l.amount, 0
       FROM invoice_line l
       JOIN invoice r ON r.tenant_id = l.tenant_id AND r.account_id = l.account_id AND r.id = l.invoice_id
       JOIN invoice i ON i.tenant_id = l.tenant_id AND i.account_id = l.account_id AND i.id = l.linked_invoice_id
      WHERE <range l>
        AND l.kind IN ('repair', 'usage', 'progressive', 'discount')
        AND i.status = 'written_off'
        AND r.status IN ('open', 'settled')
        AND r.created_at > i.updated_at)
SELECT 'invoice', id, sum(given_back), sum(used)
  FROM amounts
 GROUP BY account_id, id
HAVING max(given_up) = 1
   AND sum(unpaid) > 0
   AND sum(used) < sum(given_back)]],
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

-- ------------------------------------------------------------------------------------------------ wallets

invariant "wallet_balance" {
	number = 9, scope = "account", walk = "account",
	states = "A wallet holds what came in less what went out, and nothing once it is terminated.",
	sql = [[
WITH amounts AS (
     SELECT account_id, id, balance, 0 AS moved, CASE status WHEN 'terminated' THEN balance ELSE 0 END AS lost
       FROM wallet WHERE <range>
      UNION ALL
     SELECT account_id, wallet_id, 0, CASE WHEN kind IN ('granted', 'purchased', 'returned') THEN amount ELSE -amount END, 0
       FROM wallet_transaction WHERE <range> AND status = 'settled')
SELECT 'wallet', id, sum(moved), sum(balance)
  FROM amounts
 GROUP BY account_id, id
HAVING sum(moved) <> sum(balance) OR sum(lost) <> 0 OR sum(balance) < 0]],
}

invariant "wallet_grants" {
	number = 9, scope = "account", walk = "account",
	states = "What is left of a grant is its amount less what debits took of it and did not give back, never below zero; nothing of one that is not there.",
	sql = [[
WITH amounts AS (
     SELECT account_id, id, CASE status WHEN 'settled' THEN amount ELSE 0 END AS amount, remaining
       FROM wallet_transaction WHERE <range> AND kind IN ('granted', 'purchased')
      UNION ALL
     SELECT account_id, grant_id, -amount, 0 FROM wallet_use WHERE <range>)
SELECT 'wallet_transaction', id, sum(amount), sum(remaining)
  FROM amounts
 GROUP BY account_id, id
HAVING sum(amount) <> sum(remaining) OR sum(remaining) < 0]],
}

invariant "wallet_uses" {
	number = 9, scope = "account", walk = "account",
	states = "A debit is the sum of what it took of grants, and what is given back the sum of what went back to them.",
	sql = [[
WITH amounts AS (
     SELECT account_id, id, CASE kind WHEN 'returned' THEN -amount ELSE amount END AS amount, 0 AS used
       FROM wallet_transaction WHERE <range> AND kind NOT IN ('granted', 'purchased')
      UNION ALL
     SELECT account_id, transaction_id, 0, amount FROM wallet_use WHERE <range>)
SELECT 'wallet_transaction', id, sum(amount), sum(used)
  FROM amounts
 GROUP BY account_id, id
HAVING sum(amount) <> sum(used)]],
}

invariant "wallet_lines" {
	number = 9, scope = "account", walk = "account",
	states = "Prepaid money of an invoice lies on a line of it, in its currency, and no line gave back more than was paid of it.",
	sql = [[
SELECT 'invoice', u.invoice_id, u.line_position, coalesce(sum(u.amount), 0)
  FROM wallet_use u
  LEFT JOIN invoice_line l ON l.tenant_id = u.tenant_id AND l.account_id = u.account_id AND l.invoice_id = u.invoice_id
                          AND l.position = u.line_position
 WHERE <range u>
   AND u.invoice_id IS NOT NULL
 GROUP BY u.account_id, u.invoice_id, u.line_position
HAVING max(l.position) IS NULL OR sum(u.amount) < 0 OR max(l.currency <> u.currency) = 1]],
}

invariant "wallet_purchases" {
	number = 9, scope = "account", walk = "account",
	states = "Units that were bought are there exactly when their invoice was paid.",
	sql = [[
SELECT 'wallet_transaction', t.id, i.status, t.status
  FROM wallet_transaction t
  LEFT JOIN invoice i ON i.tenant_id = t.tenant_id AND i.account_id = t.account_id AND i.id = t.invoice_id
 WHERE <range t>
   AND t.kind = 'purchased'
   AND (i.id IS NULL OR (t.status = 'settled' AND i.status <> 'settled') OR (t.status = 'pending' AND i.status <> 'open'))]],
}
