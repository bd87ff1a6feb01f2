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
