-- invariants_components.lua: what must always hold of what subscriptions have of components; read after invariants.lua, which says how a row is written.

invariant "allocation_chain" {
	number = 27, scope = "account", walk = "account",
	states = "Allocations of a component form a chain: each begins with the quantity that the one before it set.",
	sql = [[
WITH steps AS (
     SELECT a.account_id, a.id, a.previous_quantity,
            lag(a.quantity) OVER (PARTITION BY a.account_id, a.subscription_id, a.component_id ORDER BY a.id) AS before
       FROM allocation a
       JOIN component c ON c.tenant_id = a.tenant_id AND c.id = a.component_id
      WHERE <range a>
        AND c.recurring = 1
        AND c.kind IN ('quantity', 'on_off'))
SELECT 'allocation', id, before, previous_quantity
  FROM steps
 WHERE before <> previous_quantity]],
}

invariant "allocation_last" {
	number = 27, scope = "account", walk = "account",
	states = "A subscription has the quantity of a component that its last allocation set.",
	sql = [[
WITH last AS (
     SELECT account_id, subscription_id, component_id, max(id) AS id
       FROM allocation
      WHERE <range>
      GROUP BY account_id, subscription_id, component_id)
SELECT 'subscription_component', s.id, a.quantity, s.quantity
  FROM last
  JOIN allocation a ON a.tenant_id = $1 AND a.account_id = last.account_id AND a.subscription_id = last.subscription_id
                   AND a.component_id = last.component_id AND a.id = last.id
  JOIN component c ON c.tenant_id = $1 AND c.id = a.component_id
  JOIN subscription_component s ON s.tenant_id = $1 AND s.account_id = last.account_id
                               AND s.subscription_id = last.subscription_id AND s.component_id = last.component_id
 WHERE c.recurring = 1
   AND c.kind IN ('quantity', 'on_off')
   AND a.quantity <> s.quantity]],
}

invariant "component_charge_invoiced" {
	number = 27, scope = "account", walk = "account",
	states = "A charge of components that is invoiced names the invoice, which is not cancelled, and its line there; one that waits names none.",
	sql = [[
SELECT 'component_charge', c.id, CASE WHEN c.invoice_id IS NULL THEN 'waiting' ELSE 'invoiced' END, c.status
  FROM component_charge c
  LEFT JOIN invoice i ON i.tenant_id = c.tenant_id AND i.account_id = c.account_id AND i.id = c.invoice_id
  LEFT JOIN invoice_line l ON l.tenant_id = c.tenant_id AND l.account_id = c.account_id AND l.invoice_id = c.invoice_id
                          AND l.position = c.line_position
 WHERE <range c>
   AND ((c.status = 'invoiced') <> (c.invoice_id IS NOT NULL)
        OR i.status = 'cancelled'
        OR (c.line_position IS NOT NULL AND coalesce(l.component_charge_id, 0) <> c.id))]],
}

invariant "component_mark" {
	number = 21, scope = "account", walk = "account",
	states = "A subscription with components is marked so, and is looked at when what they are charged for ends.",
	sql = [[
SELECT 'subscription', s.id, 'components', coalesce(s.components, 0)
  FROM subscription_component h
  JOIN subscription s ON s.tenant_id = h.tenant_id AND s.account_id = h.account_id AND s.id = h.subscription_id
 WHERE <range h>
   AND (coalesce(s.components, 0) <> 1
        OR s.assessed_from > s.assessed_until
        OR s.assess_at > s.assessed_until AND s.assessed_from < s.assessed_until)]],
}

invariant "price_segments" {
	number = 27, scope = "tenant", walk = "price_point",
	states = "A price point of events counts its prices by values that are active; for the same values there is one.",
	sql = [[
SELECT 'price_point', p.id, count(s.id), coalesce(p.segment_count, 0)
  FROM price_point p
  JOIN component c ON c.tenant_id = p.tenant_id AND c.id = p.component_id
  LEFT JOIN price_segment s ON s.tenant_id = p.tenant_id AND s.price_point_id = p.id AND s.status = 'active' AND c.kind = 'event'
 WHERE p.tenant_id = $1
   AND p.id >= $2
   AND p.id < $3
 GROUP BY p.id, p.segment_count
HAVING count(s.id) <> coalesce(p.segment_count, 0)
 UNION ALL
SELECT 'price_point', price_point_id, 1, count(*)
  FROM price_segment
 WHERE tenant_id = $1
   AND price_point_id >= $2
   AND price_point_id < $3
   AND status = 'active'
 GROUP BY price_point_id, value_1, value_2, value_3, value_4
HAVING count(*) > 1]],
}

-- ------------------------------------------------------------------------------------------------ usage and lots

invariant "component_balance" {
	number = 28, scope = "account", walk = "account", procedure = "component_balance",
	states = "A period of a component holds what its usage comes to, one after the other and never below nothing.",
	sql = [[
SELECT p.id, p.quantity, p.usage_count, u.id, u.quantity, u.balance_before, u.balance
  FROM component_usage u
  JOIN component_period p ON p.tenant_id = u.tenant_id AND p.account_id = u.account_id AND p.subscription_id = u.subscription_id
                         AND p.component_id = u.component_id AND p.id = u.period_id
 WHERE <range u>
 ORDER BY u.account_id, u.subscription_id, u.component_id, u.period_id, u.id]],
}

invariant "component_rates" {
	number = 28, scope = "account", walk = "account", procedure = "decimal_sum",
	states = "What a period holds is what it is billed for, by price points.",
	sql = [[
SELECT 'component_period', p.id, json_extract(j.value, '$.quantity'), NULL, p.quantity
  FROM component_period p
  LEFT JOIN json_each(p.rates) j
 WHERE <range p>
 ORDER BY p.account_id, p.subscription_id, p.component_id, p.id]],
}

invariant "component_overage" {
	number = 28, scope = "account", walk = "account", procedure = "decimal_sum",
	states = "What no lot of a period held is what is billed as overage, by price points.",
	sql = [[
SELECT 'component_period', p.id, json_extract(j.value, '$.overage_quantity'), NULL, p.overage_quantity
  FROM component_period p
  LEFT JOIN json_each(p.rates) j
 WHERE <range p>
 ORDER BY p.account_id, p.subscription_id, p.component_id, p.id]],
}

invariant "unit_balance" {
	number = 28, scope = "account", walk = "account", procedure = "decimal_sum",
	states = "The balance of a component is what its periods hold that are not assessed.",
	sql = [[
SELECT 'subscription_component', s.id, p.quantity, NULL, s.unit_balance
  FROM subscription_component s
  LEFT JOIN component_period p ON p.tenant_id = s.tenant_id AND p.account_id = s.account_id AND p.subscription_id = s.subscription_id
                              AND p.component_id = s.component_id AND p.ends_at IS NULL
 WHERE <range s>
 ORDER BY s.account_id, s.subscription_id, s.id]],
}

invariant "lot_used" {
	number = 27, scope = "account", walk = "account", procedure = "decimal_sum",
	states = "A lot of a prepaid component is used for what usage took of it, less what was taken back.",
	sql = [[
WITH parts AS (
     SELECT account_id, subscription_id, component_id, id, '0' AS quantity
       FROM allocation
      WHERE <range>
        AND lot IS NOT NULL
      UNION ALL
     SELECT u.account_id, u.subscription_id, u.component_id, json_extract(j.value, '$.allocation_id'), json_extract(j.value, '$.quantity')
       FROM component_usage u
       JOIN json_each(u.lots) j
      WHERE <range u>)
SELECT 'allocation', parts.id, parts.quantity, NULL, a.used_quantity
  FROM parts
  LEFT JOIN allocation a ON a.tenant_id = $1 AND a.account_id = parts.account_id AND a.subscription_id = parts.subscription_id
                        AND a.component_id = parts.component_id AND a.id = parts.id
 ORDER BY parts.id]],
}

invariant "lots_had" {
	number = 27, scope = "account", walk = "account", procedure = "decimal_sum",
	states = "A subscription has of a prepaid component what is left of its open lots and was used of lots since its last assessment.",
	sql = [[
SELECT 'subscription_component', s.id, CASE a.lot WHEN 'open' THEN a.quantity END, CASE a.lot WHEN 'open' THEN a.used_quantity END, s.quantity
  FROM subscription_component s
  JOIN component c ON c.tenant_id = s.tenant_id AND c.id = s.component_id AND c.kind = 'prepaid'
  LEFT JOIN allocation a ON a.tenant_id = s.tenant_id AND a.account_id = s.account_id AND a.subscription_id = s.subscription_id
                        AND a.component_id = s.component_id AND a.counted = 1
 WHERE <range s>
 UNION ALL
SELECT 'subscription_component', s.id, a.used_in_period, NULL, s.quantity
  FROM subscription_component s
  JOIN component c ON c.tenant_id = s.tenant_id AND c.id = s.component_id AND c.kind = 'prepaid'
  JOIN allocation a ON a.tenant_id = s.tenant_id AND a.account_id = s.account_id AND a.subscription_id = s.subscription_id
                   AND a.component_id = s.component_id AND a.counted = 1
 WHERE <range s>
 ORDER BY 2]],
}

invariant "lot_state" {
	number = 27, scope = "account", walk = "account",
	states = "A lot is open until it has ended, is not used beyond what it holds, and is used up where nothing is left.",
	sql = [[
SELECT 'allocation', id, lot, ended_at
  FROM allocation
 WHERE <range>
   AND lot IS NOT NULL
   AND ((lot = 'open') <> (ended_at IS NULL)
        OR (lot = 'used_up') <> (quantity = used_quantity)
        OR (lot = 'open' AND coalesce(counted, 0) <> 1))]],
}
