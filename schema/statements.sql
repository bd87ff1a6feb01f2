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

--@ api_key_by_public_part [global]: the keys in force with this public part, of whichever tenant
SELECT k.tenant_id, k.id, k.name, k.secret_digest, k.scopes, t.mode
  FROM api_key k
  JOIN tenant t ON t.id = k.tenant_id
 WHERE k.key_id = $1
   AND k.revoked_at IS NULL
 ORDER BY k.tenant_id, k.id

--@ api_key_page: keys after this one
SELECT {api_key}
  FROM api_key
 WHERE tenant_id = $1
   AND id > $2
 ORDER BY id
 LIMIT $3

--@ api_key_in_force: the keys in force with this name or this public part
SELECT {api_key}
  FROM api_key
 WHERE tenant_id = $1
   AND revoked_at IS NULL
   AND (name = $2 OR key_id = $3)
 ORDER BY id

--@ bundle_by_digest: the bundle of this content
SELECT {bundle}
  FROM bundle
 WHERE tenant_id = $1
   AND digest = $2

--@ bundle_page: bundles after this one, without their files
SELECT id, digest, name, created_at, activated_at
  FROM bundle
 WHERE tenant_id = $1
   AND id > $2
 ORDER BY id
 LIMIT $3

-- ------------------------------------------------------------------------------------------------ catalog

--@ plan_by_code: the plan of this code
SELECT {plan}
  FROM plan
 WHERE tenant_id = $1
   AND code = $2

--@ plan_page: plans after this one
SELECT {plan}
  FROM plan
 WHERE tenant_id = $1
   AND id > $2
 ORDER BY id
 LIMIT $3

--@ plan_codes: codes that can be ordered, for "did you mean"
SELECT code
  FROM plan
 WHERE tenant_id = $1
   AND active = 1
 ORDER BY code
 LIMIT 1000

-- ------------------------------------------------------------------------------------------------ accounts and customers

--@ account_by_key: the account of this external key
SELECT {account}
  FROM account
 WHERE tenant_id = $1
   AND external_key = $2

--@ account_page: accounts after this one
SELECT {account}
  FROM account
 WHERE tenant_id = $1
   AND id > $2
 ORDER BY id
 LIMIT $3

--@ customer_by_key: the customer of this external key
SELECT {customer}
  FROM customer
 WHERE tenant_id = $1
   AND external_key = $2

--@ customer_by_username: the customer with this login
SELECT {customer}
  FROM customer
 WHERE tenant_id = $1
   AND username = $2

--@ customer_by_account: the customer of this account
SELECT {customer}
  FROM customer
 WHERE tenant_id = $1
   AND account_id = $2

--@ customer_page: customers after this one
SELECT {customer}
  FROM customer
 WHERE tenant_id = $1
   AND id > $2
 ORDER BY id
 LIMIT $3

-- A part of a text without LIKE, whose meaning differs between databases: taking it out makes the text shorter.
--@ customer_search: customers under conditions, each of which may be absent (status, search, the two windows)
SELECT {customer}
  FROM customer
 WHERE tenant_id = $1
   AND ($2 IS NULL OR status = $2)
   AND ($3 IS NULL
        OR length(replace(lower(name), lower($3), '')) < length(name)
        OR length(replace(lower(external_key), lower($3), '')) < length(external_key)
        OR length(replace(lower(username), lower($3), '')) < length(username))
   AND ($4 IS NULL OR created_at >= $4)
   AND ($5 IS NULL OR created_at < $5)
   AND ($6 IS NULL OR updated_at >= $6)
   AND ($7 IS NULL OR updated_at < $7)
 ORDER BY id
 LIMIT $8 OFFSET $9
