-- statements.sql: every statement of Moonbill that is not derived from a record's table.
--
-- A statement follows a line "--@ name: what it answers" and ends before the next one. Its number is STATEMENT_<NAME>.
--   $1           the tenant; the store binds it. Each statement says `tenant_id = $1` for every table it reads (in a join
--                by `b.tenant_id = a.tenant_id`) or inserts tenant_id as $1; anything else is refused at build time.
--   [global]     after the name: not scoped to a tenant, parameters count from $1 for the caller
--   {invoice}    the columns of the record invoice, in order, as store_one and store_all read them
--   {invoice i}  the same with the alias i before each
-- Derived already: R_insert, R_update, R_find for each stored record R.
-- One spelling for SQLite and PostgreSQL (no date and JSON functions, no LIKE, no rowid, NULLS LAST written out,
-- CAST(sum(x) AS BIGINT), lists by row values for keyset pages). Every SELECT of many rows has an ORDER BY without ties.

-- ------------------------------------------------------------------------------------------------ the store's own

--@ counter_read: the number that this series gives next
SELECT next
  FROM counter
 WHERE tenant_id = $1
   AND series = $2

--@ counter_write: sets it
INSERT INTO counter (tenant_id, series, next)
VALUES ($1, $2, $3)
    ON CONFLICT (tenant_id, series) DO UPDATE SET next = excluded.next

--@ id_block_read: the first id of this kind that is not yet taken
SELECT next
  FROM id_block
 WHERE tenant_id = $1
   AND kind = $2

--@ id_block_write: sets it
INSERT INTO id_block (tenant_id, kind, next)
VALUES ($1, $2, $3)
    ON CONFLICT (tenant_id, kind) DO UPDATE SET next = excluded.next

--@ idempotency_insert: a key that was not there; its id is chosen by the store, ascending
INSERT INTO idempotency (tenant_id, id, created_at, hash, fingerprint, key)
VALUES ($1, $2, $3, $4, $5, $6)

--@ idempotency_read: a key's row and, if it was finished, its stored answer
SELECT i.key, i.fingerprint, a.status, a.content_type, a.body
  FROM idempotency i
  LEFT JOIN idempotency_answer a ON a.id = i.id AND a.tenant_id = i.tenant_id
 WHERE i.tenant_id = $1
   AND i.id = $2

--@ idempotency_answer_insert: the answer to a key's request
INSERT INTO idempotency_answer (tenant_id, id, status, content_type, body)
VALUES ($1, $2, $3, $4, $5)

--@ idempotency_load [global]: every key's hash, to fill the set in memory
SELECT id, created_at, hash
  FROM idempotency
 ORDER BY id

--@ idempotency_oldest [global]: the oldest keys
SELECT id, created_at, hash
  FROM idempotency
 ORDER BY id
 LIMIT $1

--@ idempotency_forget [global]: deletes the keys up to this one
DELETE FROM idempotency
 WHERE id <= $1

--@ idempotency_answer_forget [global]: deletes the answers up to this key
DELETE FROM idempotency_answer
 WHERE id <= $1

-- ------------------------------------------------------------------------------------------------ tenants

--@ tenant_list [global]: every tenant, in the order of their creation
SELECT {tenant}
  FROM tenant
 ORDER BY id

--@ tenant_by_name [global]: the tenant of this name
SELECT {tenant}
  FROM tenant
 WHERE name = $1
