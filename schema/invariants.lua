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
--
-- Then come invariants_billing.lua, invariants_subscriptions.lua, invariants_components.lua and invariants_store.lua.

-- ------------------------------------------------------------------------------------------------ storage: first, the rest reads it

invariant "integrity" {
	number = 49, scope = "store", each = "table", procedure = "integrity",
	states = "SQLite finds the pages of the table and of its indexes sound.",
	sql = "PRAGMA integrity_check(<table>)",
}
