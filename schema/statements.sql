-- statements.sql: every statement of Moonbill that is not derived from a record's table.
--
-- A statement follows a line "--@ name: what it answers" and ends before the next one. Its number is STATEMENT_<NAME>.
--   $1           the tenant; the store binds it. Each statement says `tenant_id = $1` for every table it reads (in a join
--                by `b.tenant_id = a.tenant_id`) or inserts tenant_id as $1. One that never does is refused at build time; that every search of
--                its plan goes in by the tenant is tested.
--   [global]     after the name: not scoped to a tenant, parameters count from $1 for the caller
--   {invoice}    the columns of the record invoice, in order, as store_one and store_all read them
--   {invoice i}  the same with the alias i before each
-- Derived already: R_insert, R_update, R_find for each stored record R.
-- One spelling for SQLite and PostgreSQL (no date and JSON functions, no LIKE, no rowid, NULLS LAST written out,
-- CAST(sum(x) AS BIGINT), lists by row values for keyset pages). Every SELECT of many rows has an ORDER BY without ties.
-- What runs with each order says `a = x OR a = y OR a = z`: of three words IN makes a table, anew each time it runs.

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

--@ stream_token_insert: tokens that came together
INSERT INTO stream_token (tenant_id, id, until, first_id, hashes)
VALUES ($1, $2, $3, $4, $5)

--@ stream_token_oldest: the oldest tokens of a tenant
SELECT id, until, hashes
  FROM stream_token
 WHERE tenant_id = $1
 ORDER BY id
 LIMIT $2

--@ stream_token_forget: deletes a tenant's tokens up to this row
DELETE FROM stream_token
 WHERE tenant_id = $1
   AND id <= $2

--@ stream_token_newest: the row of a tenant's tokens that came last
SELECT max(id)
  FROM stream_token
 WHERE tenant_id = $1

--@ stream_token_from: tokens of a tenant from a row on, oldest first
SELECT id, until, first_id, hashes
  FROM stream_token
 WHERE tenant_id = $1
   AND id >= $2
 ORDER BY id

--@ stream_token_all: tokens of a tenant, oldest first
SELECT until, first_id, hashes
  FROM stream_token
 WHERE tenant_id = $1
 ORDER BY id

--@ stream_token_count [global]: how many tokens there are, at most
SELECT coalesce(sum(length(hashes)) / 16, 0)
  FROM stream_token

--@ stream_token_load [global]: every token, to fill the set in memory
SELECT until, hashes
  FROM stream_token
 ORDER BY tenant_id, id

--@ partial_tenant_comes [global]: a tenant is being copied into the store
INSERT INTO partial_tenant (id, state)
VALUES ($1, 'comes')

--@ partial_tenant_goes [global]: what there is of a tenant is to be removed
INSERT INTO partial_tenant (id, state)
VALUES ($1, 'goes')
    ON CONFLICT (id) DO UPDATE SET state = 'goes'

--@ partial_tenants_go [global]: no copy is under way: what there is of them is to be removed
UPDATE partial_tenant
   SET state = 'goes'

--@ partial_tenant_any [global]: one of which only a part is there
SELECT id
  FROM partial_tenant
 LIMIT 1

--@ partial_tenant_next [global]: one whose rows are to be removed
SELECT id
  FROM partial_tenant
 WHERE state = 'goes'
 ORDER BY id
 LIMIT 1

--@ partial_tenant_is [global]: is only a part of this one there?
SELECT id
  FROM partial_tenant
 WHERE id = $1

--@ partial_tenant_end [global]: all of it is there, or nothing
DELETE FROM partial_tenant
 WHERE id = $1

-- ------------------------------------------------------------------------------------------------ tenants

--@ tenant_remove [global]: takes out the row of a tenant, by which its other rows are found
DELETE FROM tenant
 WHERE id = $1

--@ api_keys_remove [global]: takes out all keys of a tenant
DELETE FROM api_key
 WHERE tenant_id = $1

--@ tenant_branches [global]: the branches of a tenant after an id, in the order of their creation
SELECT {tenant}
  FROM tenant
 WHERE branch_of_id = $1
   AND id > $2
 ORDER BY id
 LIMIT $3

--@ tenant_list [global]: every tenant, in the order of their creation
SELECT {tenant}
  FROM tenant
 ORDER BY id

--@ tenant_by_name [global]: the tenant of this name
SELECT {tenant}
  FROM tenant
 WHERE name = $1

--@ api_key_by_public_part [global]: the keys in force with this public part, of whichever tenant
SELECT k.tenant_id, k.id, k.name, k.secret_digest, k.scopes, t.mode, k.expires_at, k.last_used_at, t.name
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

--@ api_key_in_force: the keys in force at an instant with this name or this public part
SELECT {api_key}
  FROM api_key
 WHERE tenant_id = $1
   AND revoked_at IS NULL
   AND (name = $2 OR key_id = $3)
   AND (expires_at IS NULL OR expires_at > $4)
 ORDER BY id

--@ api_key_used: notes when a key was used
UPDATE api_key
   SET last_used_at = $3
 WHERE tenant_id = $1
   AND id = $2

--@ bundle_by_digest: the bundle of this content
SELECT {bundle}
  FROM bundle
 WHERE tenant_id = $1
   AND digest = $2

--@ bundle_by_digest_beginning: bundles whose digests begin so, two at most: $2 the beginning, $3 what lies behind all of them
SELECT {bundle}
  FROM bundle
 WHERE tenant_id = $1
   AND digest >= $2
   AND digest < $3
 LIMIT 2

--@ bundle_activation_page: activations after this one
SELECT {bundle_activation}
  FROM bundle_activation
 WHERE tenant_id = $1
   AND id > $2
 ORDER BY id
 LIMIT $3

--@ bundle_activation_deployed: the last deploy of this bundle
SELECT {bundle_activation}
  FROM bundle_activation
 WHERE tenant_id = $1
   AND digest = $2
   AND kind = 'deploy'
 ORDER BY id DESC
 LIMIT 1

--@ bundle_template_by_name: a bundle's template of this name
SELECT {bundle_template}
  FROM bundle_template
 WHERE tenant_id = $1
   AND bundle = $2
   AND name = $3

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

--@ catalog_version_by_digest: the version of this content
SELECT {catalog_version}
  FROM catalog_version
 WHERE tenant_id = $1
   AND digest = $2

--@ catalog_version_in_force: which version is in force at an instant
SELECT id
  FROM catalog_version
 WHERE tenant_id = $1
   AND active = 1
   AND effective_at <= $2
 ORDER BY effective_at DESC
 LIMIT 1

--@ catalog_version_first: which version comes first
SELECT id
  FROM catalog_version
 WHERE tenant_id = $1
   AND active = 1
 ORDER BY effective_at
 LIMIT 1

--@ catalog_version_retire: no version is part of the catalog any more
UPDATE catalog_version
   SET active = 0
 WHERE tenant_id = $1
   AND active = 1

--@ catalog_version_retire_at: the version of this instant is no part of the catalog any more
UPDATE catalog_version
   SET active = 0
 WHERE tenant_id = $1
   AND active = 1
   AND effective_at = $2

--@ catalog_version_activate: a version that was there before is part of the catalog
UPDATE catalog_version
   SET active = 1, bundle = $3
 WHERE tenant_id = $1
   AND id = $2

--@ catalog_version_page: versions after this one
SELECT {catalog_version}
  FROM catalog_version
 WHERE tenant_id = $1
   AND id > $2
 ORDER BY id
 LIMIT $3

--@ catalog_plan_by_code: the plan of this code in a version
SELECT {catalog_plan}
  FROM catalog_plan
 WHERE tenant_id = $1
   AND code = $2
   AND version_id = $3
   AND parent_id IS NULL

--@ catalog_plan_versions: the plan of this code in every version of the catalog
SELECT {catalog_plan p}
  FROM catalog_plan p
  JOIN catalog_version v ON v.tenant_id = p.tenant_id AND v.id = p.version_id AND v.active = 1
 WHERE p.tenant_id = $1
   AND p.code = $2
   AND p.parent_id IS NULL
 ORDER BY v.effective_at

--@ catalog_plan_first_followed: a version of the plan of this code that subscriptions of earlier ones follow
SELECT {catalog_plan}
  FROM catalog_plan
 WHERE tenant_id = $1
   AND code = $2
   AND parent_id IS NULL
   AND existing_from IS NOT NULL
 ORDER BY id
 LIMIT 1

--@ catalog_plan_followed: versions of the plan of this code that subscriptions of earlier ones follow
SELECT {catalog_plan p}
  FROM catalog_plan p
  JOIN catalog_version v ON v.tenant_id = p.tenant_id AND v.id = p.version_id AND v.active = 1
 WHERE p.tenant_id = $1
   AND p.code = $2
   AND p.parent_id IS NULL
   AND p.existing_from IS NOT NULL
 ORDER BY v.effective_at

--@ catalog_plan_of_product: plans that sell a product in a version
SELECT {catalog_plan}
  FROM catalog_plan
 WHERE tenant_id = $1
   AND version_id = $2
   AND product = $3
   AND parent_id IS NULL
 ORDER BY id

--@ catalog_plan_codes: codes of a version, for "did you mean"
SELECT code
  FROM catalog_plan
 WHERE tenant_id = $1
   AND version_id = $2
   AND parent_id IS NULL
 ORDER BY id
 LIMIT 1000

--@ catalog_plan_page: plans of a version after this one
SELECT {catalog_plan}
  FROM catalog_plan
 WHERE tenant_id = $1
   AND version_id = $2
   AND parent_id IS NULL
   AND id > $3
 ORDER BY id
 LIMIT $4

--@ catalog_plan_page_of_product: those of them that sell a product
SELECT {catalog_plan}
  FROM catalog_plan
 WHERE tenant_id = $1
   AND version_id = $2
   AND product = $3
   AND parent_id IS NULL
   AND id > $4
 ORDER BY id
 LIMIT $5

-- ------------------------------------------------------------------------------------------------ accounts and customers

--@ account_next_bill_date: the day of its next billing run
SELECT next_bill_date
  FROM account
 WHERE tenant_id = $1
   AND id = $2

--@ account_set_next_bill_date: the day of its next billing run is another
UPDATE account
   SET next_bill_date = $3, updated_at = $4
 WHERE tenant_id = $1
   AND id = $2

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

--@ account_holdings: what an account has beside direct subscriptions: orders, usage of catalog plans that is not settled
SELECT CASE WHEN EXISTS (SELECT 1
                           FROM "order" o
                          WHERE o.tenant_id = $1
                            AND o.account_id = $2) THEN 1 ELSE 0 END,
       CASE WHEN EXISTS (SELECT 1
                           FROM unit_usage u
                          WHERE u.tenant_id = $1
                            AND u.account_id = $2
                            AND u.status IN ('unbilled', 'removing')) THEN 1 ELSE 0 END

--@ account_child: whether an account has children
SELECT 1
  FROM account
 WHERE tenant_id = $1
   AND parent_id = $2
 LIMIT 1

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

-- ------------------------------------------------------------------------------------------------ orders and subscriptions
-- Pages of orders, subscriptions, invoices and payments: newest first. $2 account, $3 status, $4 and $5 window
-- of creation, $6 and $7 window of the last change, $8 only ids below, $9 rows to skip, $10 rows; NULL where open.

--@ order_by_number: the order of this number
SELECT {order}
  FROM "order"
 WHERE tenant_id = $1
   AND number = $2

--@ order_page: orders of the tenant
SELECT {order}
  FROM "order"
 WHERE tenant_id = $1
   AND ($2 IS NULL OR account_id = $2)
   AND ($3 IS NULL OR status = $3)
   AND ($4 IS NULL OR created_at >= $4)
   AND ($5 IS NULL OR created_at < $5)
   AND ($6 IS NULL OR updated_at >= $6)
   AND ($7 IS NULL OR updated_at < $7)
   AND ($8 IS NULL OR id < $8)
 ORDER BY id DESC
 LIMIT $10 OFFSET $9

--@ order_page_of_account: orders of one account
SELECT {order}
  FROM "order"
 WHERE tenant_id = $1
   AND account_id = $2
   AND ($3 IS NULL OR status = $3)
   AND ($4 IS NULL OR created_at >= $4)
   AND ($5 IS NULL OR created_at < $5)
   AND ($6 IS NULL OR updated_at >= $6)
   AND ($7 IS NULL OR updated_at < $7)
   AND ($8 IS NULL OR id < $8)
 ORDER BY id DESC
 LIMIT $10 OFFSET $9

--@ order_live_of_account: orders of an account that have not ended
SELECT {order}
  FROM "order"
 WHERE tenant_id = $1
   AND account_id = $2
   AND status IN ('draft', 'provisioning', 'active', 'suspended')
 ORDER BY id

--@ order_of_new_customer: orders of an account that does not know its customer yet
SELECT {order}
  FROM "order"
 WHERE tenant_id = $1
   AND account_id = $2
   AND new_customer IS NOT NULL
 ORDER BY id

--@ order_to_replace: the first order of an account that is to replace this one, or was
SELECT {order}
  FROM "order"
 WHERE tenant_id = $1
   AND account_id = $2
   AND supersedes_id = $3
 ORDER BY id
 LIMIT 1

--@ order_starting: orders of an account that wait for a start date up to this one
SELECT {order}
  FROM "order"
 WHERE tenant_id = $1
   AND account_id = $2
   AND status = 'provisioning'
   AND start_date <= $3
 ORDER BY id

--@ order_remove: deletes an order
DELETE FROM "order"
 WHERE tenant_id = $1
   AND account_id = $2
   AND id = $3

--@ subscription_page: subscriptions of the tenant
SELECT {subscription}
  FROM subscription
 WHERE tenant_id = $1
   AND ($2 IS NULL OR account_id = $2)
   AND ($3 IS NULL OR status = $3)
   AND ($4 IS NULL OR created_at >= $4)
   AND ($5 IS NULL OR created_at < $5)
   AND ($6 IS NULL OR updated_at >= $6)
   AND ($7 IS NULL OR updated_at < $7)
   AND ($8 IS NULL OR id < $8)
 ORDER BY id DESC
 LIMIT $10 OFFSET $9

--@ subscription_page_of_account: subscriptions of one account
SELECT {subscription}
  FROM subscription
 WHERE tenant_id = $1
   AND account_id = $2
   AND ($3 IS NULL OR status = $3)
   AND ($4 IS NULL OR created_at >= $4)
   AND ($5 IS NULL OR created_at < $5)
   AND ($6 IS NULL OR updated_at >= $6)
   AND ($7 IS NULL OR updated_at < $7)
   AND ($8 IS NULL OR id < $8)
 ORDER BY id DESC
 LIMIT $10 OFFSET $9

--@ subscription_of_order: subscriptions that an order made
SELECT {subscription}
  FROM subscription
 WHERE tenant_id = $1
   AND account_id = $2
   AND order_id = $3
 ORDER BY id

--@ subscription_beside: the base plans of a bundle, and its subscriptions to the plan $4 (none: of no plan)
SELECT {subscription}
  FROM subscription
 WHERE tenant_id = $1
   AND account_id = $2
   AND bundle_id = $3
   AND (category = 'base' OR plan = $4)
 ORDER BY id

--@ subscription_of_bundle: subscriptions of a bundle
SELECT {subscription}
  FROM subscription
 WHERE tenant_id = $1
   AND account_id = $2
   AND bundle_id = $3
 ORDER BY id

--@ subscription_bundle_basis: from when phases aligned to a bundle are laid; whether anything of the account is held back
SELECT b.original_start,
       CASE WHEN EXISTS (SELECT 1
                           FROM blocking_state s
                          WHERE s.tenant_id = $1
                            AND s.account_id = $2) THEN 1 ELSE 0 END
  FROM subscription_bundle b
 WHERE b.tenant_id = $1
   AND b.account_id = $2
   AND b.id = $3

--@ subscription_bundle_by_key: the newest bundle of an account with this external key
SELECT {subscription_bundle}
  FROM subscription_bundle
 WHERE tenant_id = $1
   AND account_id = $2
   AND external_key = $3
 ORDER BY id DESC
 LIMIT 1

--@ subscription_bundle_taken: whether another account took a bundle over
SELECT account_id
  FROM subscription_bundle
 WHERE tenant_id = $1
   AND transferred_from_id = $2
 LIMIT 1

--@ subscription_bundle_page: bundles of the tenant
SELECT {subscription_bundle}
  FROM subscription_bundle
 WHERE tenant_id = $1
   AND ($2 IS NULL OR account_id = $2)
   AND ($3 IS NULL)
   AND ($4 IS NULL OR created_at >= $4)
   AND ($5 IS NULL OR created_at < $5)
   AND ($6 IS NULL OR updated_at >= $6)
   AND ($7 IS NULL OR updated_at < $7)
   AND ($8 IS NULL OR id < $8)
 ORDER BY id DESC
 LIMIT $10 OFFSET $9

--@ subscription_bundle_page_of_account: bundles of one account
SELECT {subscription_bundle}
  FROM subscription_bundle
 WHERE tenant_id = $1
   AND account_id = $2
   AND ($3 IS NULL)
   AND ($4 IS NULL OR created_at >= $4)
   AND ($5 IS NULL OR created_at < $5)
   AND ($6 IS NULL OR updated_at >= $6)
   AND ($7 IS NULL OR updated_at < $7)
   AND ($8 IS NULL OR id < $8)
 ORDER BY id DESC
 LIMIT $10 OFFSET $9

--@ subscription_event_in_force: what was set for a subscription and not undone, in the order of its setting
SELECT {subscription_event}
  FROM subscription_event
 WHERE tenant_id = $1
   AND account_id = $2
   AND subscription_id = $3
   AND undone_at IS NULL
 ORDER BY id

--@ blocking_state_of_object: what holds back a subscription, the bundle it is in and its account
SELECT {blocking_state}
  FROM blocking_state
 WHERE tenant_id = $1
   AND account_id = $2
   AND (level = 'account'
        OR (level = 'bundle' AND object_id = $3)
        OR (level = 'subscription' AND object_id = $4))
 ORDER BY effective_at, id

--@ blocking_state_of_account: everything that holds back something of an account
SELECT {blocking_state}
  FROM blocking_state
 WHERE tenant_id = $1
   AND account_id = $2
   AND id > $3
 ORDER BY id
 LIMIT $4

--@ subscription_direct_of_account: subscriptions of an account that were subscribed to directly and have not ended
SELECT {subscription}
  FROM subscription
 WHERE tenant_id = $1
   AND account_id = $2
   AND bundle_id IS NOT NULL
   AND status IN ('pending', 'active', 'suspended')
 ORDER BY id

--@ subscription_charged_after: subscriptions of an account that were subscribed to directly and are served still or charged after
-- $3: billing may go on when service has ended
SELECT {subscription}
  FROM subscription
 WHERE tenant_id = $1
   AND account_id = $2
   AND bundle_id IS NOT NULL
   AND (status IN ('pending', 'active', 'suspended') OR billed_until > $3)
 ORDER BY id

--@ subscription_to_move: subscriptions of an account that were subscribed to directly and have to be told of another bill cycle day of
-- it: those that are served still or charged after $3, and those that ended and keep no day yet
SELECT {subscription s}
  FROM subscription s
 WHERE s.tenant_id = $1
   AND s.account_id = $2
   AND s.bundle_id IS NOT NULL
   AND (s.status IN ('pending', 'active', 'suspended') OR s.billed_until > $3
        OR NOT EXISTS (SELECT 1
                         FROM subscription_event e
                        WHERE e.tenant_id = $1
                          AND e.account_id = $2
                          AND e.subscription_id = s.id
                          AND e.kind = 'bill_cycle_day'
                          AND e.undone_at IS NULL))
 ORDER BY s.id

--@ subscription_billable: subscriptions of an account that have days not yet on an invoice and may still be billed
SELECT {subscription}
  FROM subscription
 WHERE tenant_id = $1
   AND account_id = $2
   AND catalog_plan_id IS NULL
   AND (status = 'pending' OR status = 'active' OR status = 'superseded' OR status = 'complete')
   AND (end_date IS NULL OR charged_through < end_date)
 ORDER BY id

--@ subscription_billable_terms: what the days on which they are billed follow from: plan, start, charged through; with service terms itself
SELECT plan_id, start_date, charged_through, CASE WHEN expires_at IS NULL THEN 0 ELSE id END
  FROM subscription
 WHERE tenant_id = $1
   AND account_id = $2
   AND catalog_plan_id IS NULL
   AND (status = 'pending' OR status = 'active' OR status = 'superseded' OR status = 'complete')
   AND (end_date IS NULL OR charged_through < end_date)
 ORDER BY id

--@ subscription_due: those of them that are being served and begin with a day up to this one
SELECT {subscription}
  FROM subscription
 WHERE tenant_id = $1
   AND account_id = $2
   AND catalog_plan_id IS NULL
   AND (status = 'active' OR status = 'superseded' OR status = 'complete')
   AND charged_through <= $3
   AND (end_date IS NULL OR charged_through < end_date)
 ORDER BY id

--@ subscription_live_of_account: subscriptions of an account that have not ended
SELECT {subscription}
  FROM subscription
 WHERE tenant_id = $1
   AND account_id = $2
   AND status IN ('pending', 'active', 'suspended', 'renewing')
 ORDER BY id

--@ termination_request_page: termination requests of the tenant or of an account, newest first
SELECT {termination_request}
  FROM termination_request
 WHERE tenant_id = $1
   AND ($2 IS NULL OR account_id = $2)
   AND ($3 IS NULL OR status = $3)
   AND ($4 IS NULL OR id < $4)
 ORDER BY id DESC
 LIMIT $5

--@ subscription_waiting_for_invoice: those with a line on an invoice that begin or go on when it is paid
SELECT {subscription}
  FROM subscription
 WHERE tenant_id = $1
   AND account_id = $2
   AND id IN (SELECT l.subscription_id
                FROM invoice_line l
               WHERE l.tenant_id = $1
                 AND l.account_id = $2
                 AND l.invoice_id = $3
                 AND l.subscription_id IS NOT NULL)
   AND status IN ('pending', 'active', 'suspended', 'renewing')
   AND (provisioning_status = 'prepared' OR renewal_invoice_id = $3)
 ORDER BY id

--@ subscription_to_invoice: subscriptions of an account, subscribed to directly, that a run looks at: they have not ended, or
-- something has changed since they were charged, or is still to come
SELECT {subscription}
  FROM subscription
 WHERE tenant_id = $1
   AND account_id = $2
   AND catalog_plan_id IS NOT NULL
   AND (derive_from IS NOT NULL OR next_bill_date IS NOT NULL OR status IN ('pending', 'active', 'suspended'))
 ORDER BY id
 LIMIT $3

--@ subscription_to_invoice_due: the same of an account with many, after an id ($3): those that have something due by a day ($4)
SELECT {subscription}
  FROM subscription
 WHERE tenant_id = $1
   AND account_id = $2
   AND id > $3
   AND catalog_plan_id IS NOT NULL
   AND (next_bill_date <= $4 OR derive_from <= $4)
 ORDER BY id
 LIMIT $5

--@ subscription_set_charged: how far it is charged, and when a run looks at it next
UPDATE subscription
   SET charged_through = $4, next_bill_date = $5, derive_from = $6, assess_at = $7, updated_at = $8
 WHERE tenant_id = $1
   AND account_id = $2
   AND id = $3

--@ subscription_invoice_share: of the invoices of an account in a status ($4) that have lines of a subscription ($3): what they owe or,
-- as drafts, come to, declined payments, and what they charge, taxes and discounts apart, in all and of the subscription
SELECT i.id, CASE WHEN i.status = 'draft' THEN i.total ELSE i.balance END, i.failed_attempts, CAST(sum(l.amount) AS BIGINT),
       CAST(sum(CASE WHEN l.subscription_id = $3 THEN l.amount ELSE 0 END) AS BIGINT)
  FROM invoice i
  JOIN invoice_line l ON l.tenant_id = i.tenant_id AND l.account_id = i.account_id AND l.invoice_id = i.id
 WHERE i.tenant_id = $1
   AND i.account_id = $2
   AND i.status = $4
   AND l.kind <> 'tax'
   AND l.kind <> 'discount'
 GROUP BY i.id, i.status, i.total, i.balance, i.failed_attempts
HAVING sum(CASE WHEN l.subscription_id = $3 THEN 1 ELSE 0 END) > 0
 ORDER BY i.id

--@ subscription_payment_share: what was paid of the invoices of an account that have lines of a subscription ($3), oldest first: payment,
-- amount, and what the invoice charges, taxes and discounts apart, in all and of the subscription
SELECT p.payment_id, p.amount, 0, CAST(sum(l.amount) AS BIGINT),
       CAST(sum(CASE WHEN l.subscription_id = $3 THEN l.amount ELSE 0 END) AS BIGINT)
  FROM invoice_payment p
  JOIN invoice_line l ON l.tenant_id = p.tenant_id AND l.account_id = p.account_id AND l.invoice_id = p.invoice_id
 WHERE p.tenant_id = $1
   AND p.account_id = $2
   AND l.kind <> 'tax'
   AND l.kind <> 'discount'
 GROUP BY p.id, p.payment_id, p.amount
HAVING sum(CASE WHEN l.subscription_id = $3 THEN 1 ELSE 0 END) > 0
 ORDER BY p.id

--@ subscription_next_bill: the first day on which one of them has something new to invoice
SELECT min(next_bill_date)
  FROM subscription
 WHERE tenant_id = $1
   AND account_id = $2
   AND catalog_plan_id IS NOT NULL
   AND next_bill_date IS NOT NULL

--@ subscription_next_moment: of those that have something new on a day ($3), which is from $4 to $5, the earliest moment that all wait
-- for; 0: one of them waits for none
SELECT min(CASE WHEN assess_at >= $4 AND assess_at < $5 THEN assess_at ELSE 0 END)
  FROM subscription
 WHERE tenant_id = $1
   AND account_id = $2
   AND catalog_plan_id IS NOT NULL
   AND next_bill_date = $3

--@ renewal_order_periods: periods that a subscription was renewed for or is to be, which end after an instant, in order of time
SELECT {renewal_order}
  FROM renewal_order
 WHERE tenant_id = $1
   AND account_id = $2
   AND subscription_id = $3
   AND status IN ('processed', 'waiting')
   AND expires_at > $4
 ORDER BY starts_at, id

--@ service_term_remove_of_order: deletes the service terms of an order's subscriptions
DELETE FROM service_term
 WHERE tenant_id = $1
   AND account_id = $2
   AND id IN (SELECT s.id
                FROM subscription s
               WHERE s.tenant_id = $1
                 AND s.account_id = $2
                 AND s.order_id = $3)

--@ renewal_order_remove_of_order: deletes their renewal orders
DELETE FROM renewal_order
 WHERE tenant_id = $1
   AND account_id = $2
   AND subscription_id IN (SELECT s.id
                             FROM subscription s
                            WHERE s.tenant_id = $1
                              AND s.account_id = $2
                              AND s.order_id = $3)

--@ subscription_remove_of_order: deletes the subscriptions of an order
DELETE FROM subscription
 WHERE tenant_id = $1
   AND account_id = $2
   AND order_id = $3

-- ------------------------------------------------------------------------------------------------ usage

--@ usage_by_key: the usage of this external key
SELECT {usage}
  FROM usage
 WHERE tenant_id = $1
   AND external_key = $2

-- Pages of usage: the parameters of pages of orders, then $11 subscription, $12 order, $13 price code.
--@ usage_page: usage of the tenant
SELECT {usage}
  FROM usage
 WHERE tenant_id = $1
   AND ($2 IS NULL OR account_id = $2)
   AND ($3 IS NULL OR status = $3)
   AND ($4 IS NULL OR created_at >= $4)
   AND ($5 IS NULL OR created_at < $5)
   AND ($6 IS NULL OR updated_at >= $6)
   AND ($7 IS NULL OR updated_at < $7)
   AND ($8 IS NULL OR id < $8)
   AND ($11 IS NULL OR subscription_id = $11)
   AND ($12 IS NULL OR order_id = $12)
   AND ($13 IS NULL OR price_code = $13)
 ORDER BY id DESC
 LIMIT $10 OFFSET $9

--@ usage_page_of_account: usage of one account
SELECT {usage}
  FROM usage
 WHERE tenant_id = $1
   AND account_id = $2
   AND ($3 IS NULL OR status = $3)
   AND ($4 IS NULL OR created_at >= $4)
   AND ($5 IS NULL OR created_at < $5)
   AND ($6 IS NULL OR updated_at >= $6)
   AND ($7 IS NULL OR updated_at < $7)
   AND ($8 IS NULL OR id < $8)
   AND ($11 IS NULL OR subscription_id = $11)
   AND ($12 IS NULL OR order_id = $12)
   AND ($13 IS NULL OR price_code = $13)
 ORDER BY id DESC
 LIMIT $10 OFFSET $9

--@ usage_unbilled: what a subscription used until an instant and is on no invoice, by price code
SELECT id, price_code, quantity, occurred_at
  FROM usage
 WHERE tenant_id = $1
   AND account_id = $2
   AND subscription_id = $3
   AND status = 'unbilled'
   AND occurred_at < $4
 ORDER BY price_code, id

--@ usage_unbilled_codes: the price codes of all it used that is on no invoice
SELECT DISTINCT price_code
  FROM usage
 WHERE tenant_id = $1
   AND account_id = $2
   AND subscription_id = $3
   AND status = 'unbilled'
 ORDER BY price_code

--@ usage_bill: puts the unbilled usage of one price code until an instant and an id on a line of an invoice
UPDATE usage
   SET status = 'billed', invoice_id = $7, line_position = $8, updated_at = $9
 WHERE tenant_id = $1
   AND account_id = $2
   AND subscription_id = $3
   AND price_code = $4
   AND status = 'unbilled'
   AND occurred_at < $5
   AND id <= $6

--@ usage_free: takes all usage off an invoice
UPDATE usage
   SET status = 'unbilled', invoice_id = NULL, line_position = NULL, updated_at = $4
 WHERE tenant_id = $1
   AND account_id = $2
   AND invoice_id = $3

--@ subscription_with_usage: subscriptions of an account, made by orders, with usage that is on no invoice
SELECT {subscription s}
  FROM subscription s
 WHERE s.tenant_id = $1
   AND s.account_id = $2
   AND s.catalog_plan_id IS NULL
   AND EXISTS (SELECT 1
                 FROM usage u
                WHERE u.tenant_id = s.tenant_id
                  AND u.account_id = s.account_id
                  AND u.subscription_id = s.id
                  AND u.status = 'unbilled')
 ORDER BY s.id

-- ------------------------------------------------------------------------------------------------ usage of catalog plans

--@ unit_usage_tracked: a record that a subscription has under this tracking id
SELECT id
  FROM unit_usage
 WHERE tenant_id = $1
   AND account_id = $2
   AND subscription_id = $3
   AND tracking_id = $4
 ORDER BY id
 LIMIT 1

--@ unit_usage_of_delivery: what a subscription has under this tracking id and nobody removed
SELECT {unit_usage}
  FROM unit_usage
 WHERE tenant_id = $1
   AND account_id = $2
   AND subscription_id = $3
   AND tracking_id = $4
   AND removed_at IS NULL
 ORDER BY id
 LIMIT $5

--@ unit_usage_of_unit: what a subscription used of a unit in a stretch of time and nobody removed
SELECT {unit_usage}
  FROM unit_usage
 WHERE tenant_id = $1
   AND account_id = $2
   AND subscription_id = $3
   AND unit = $4
   AND occurred_at >= $5
   AND occurred_at < $6
   AND removed_at IS NULL
 ORDER BY occurred_at, id
 LIMIT $7

--@ unit_usage_in_window: units and quantities of a stretch of time, without what was removed
SELECT unit, quantity
  FROM unit_usage
 WHERE tenant_id = $1
   AND account_id = $2
   AND subscription_id = $3
   AND occurred_at >= $4
   AND occurred_at < $5
   AND removed_at IS NULL
 ORDER BY occurred_at, id

--@ unit_usage_changed: records that came or went after a revision, of before an instant
SELECT unit, occurred_at
  FROM unit_usage
 WHERE tenant_id = $1
   AND account_id = $2
   AND subscription_id = $3
   AND revision > $4
   AND occurred_at < $5
 ORDER BY revision

--@ unit_usage_last_revision: of a subscription's records
SELECT revision
  FROM unit_usage
 WHERE tenant_id = $1
   AND account_id = $2
   AND subscription_id = $3
 ORDER BY revision DESC
 LIMIT 1

--@ unit_usage_mark: gives the unbilled records of a unit in a stretch of time their status, invoice and line
UPDATE unit_usage
   SET status = $7, invoice_id = $8, line_position = $9, updated_at = $10
 WHERE tenant_id = $1
   AND account_id = $2
   AND subscription_id = $3
   AND unit = $4
   AND occurred_at >= $5
   AND occurred_at < $6
   AND status = 'unbilled'

--@ unit_usage_forget: a run has given back what was removed
UPDATE unit_usage
   SET status = 'removed', updated_at = $4
 WHERE tenant_id = $1
   AND account_id = $2
   AND subscription_id = $3
   AND status IN ('unbilled', 'removing')
   AND status = 'removing'

--@ unit_usage_free: takes all records off an invoice
UPDATE unit_usage
   SET status = 'unbilled', invoice_id = NULL, line_position = NULL, updated_at = $4
 WHERE tenant_id = $1
   AND account_id = $2
   AND invoice_id = $3

--@ unit_usage_of_invoice: the records that an invoice bills
SELECT {unit_usage}
  FROM unit_usage
 WHERE tenant_id = $1
   AND account_id = $2
   AND invoice_id = $3
 ORDER BY id

--@ unit_usage_waiting: ended subscriptions with records that no run has billed or given back
SELECT s.id
  FROM subscription s
 WHERE s.tenant_id = $1
   AND s.account_id = $2
   AND s.catalog_plan_id IS NOT NULL
   AND (s.status = 'superseded' OR s.status = 'canceled' OR s.status = 'complete')
   AND EXISTS (SELECT 1
                 FROM unit_usage u
                WHERE u.tenant_id = s.tenant_id
                  AND u.account_id = s.account_id
                  AND u.subscription_id = s.id
                  AND u.status IN ('unbilled', 'removing'))
 ORDER BY s.id

-- The parameters of pages of orders, then $11 subscription, $12 unit, $13 tracking id.
--@ unit_usage_page: usage of a subscription, newest first
SELECT {unit_usage}
  FROM unit_usage
 WHERE tenant_id = $1
   AND account_id = $2
   AND subscription_id = $11
   AND ($3 IS NULL OR status = $3)
   AND ($4 IS NULL OR created_at >= $4)
   AND ($5 IS NULL OR created_at < $5)
   AND ($6 IS NULL OR updated_at >= $6)
   AND ($7 IS NULL OR updated_at < $7)
   AND ($8 IS NULL OR id < $8)
   AND ($12 IS NULL OR unit = $12)
   AND ($13 IS NULL OR tracking_id = $13)
 ORDER BY id DESC
 LIMIT $10 OFFSET $9

--@ usage_progress_of_subscription: how far its sections are billed
SELECT {usage_progress}
  FROM usage_progress
 WHERE tenant_id = $1
   AND account_id = $2
   AND subscription_id = $3
 ORDER BY section

--@ usage_line_of_section: lines that bill a section after a day, on invoices that hold
SELECT {invoice_line l}
  FROM invoice_line l
  JOIN invoice i ON i.tenant_id = l.tenant_id AND i.account_id = l.account_id AND i.id = l.invoice_id
 WHERE l.tenant_id = $1
   AND l.account_id = $2
   AND l.subscription_id = $3
   AND l.usage_section = $4
   AND l.kind = 'usage'
   AND ($5 IS NULL OR l.period_end > $5)
   AND i.status <> 'cancelled'
 ORDER BY l.period_start, l.invoice_id, l.position

--@ usage_line_of_invoice: lines of an invoice that bill usage sections
SELECT {invoice_line}
  FROM invoice_line
 WHERE tenant_id = $1
   AND account_id = $2
   AND invoice_id = $3
   AND usage_section IS NOT NULL
   AND kind = 'usage'
 ORDER BY position

-- ------------------------------------------------------------------------------------------------ invoices

--@ invoice_line_charged_after: how many periods of a subscription that end after a day are charged
SELECT count(*)
  FROM invoice_line
 WHERE tenant_id = $1
   AND account_id = $2
   AND subscription_id = $3
   AND kind = 'recurring'
   AND period_end > $4

--@ invoice_by_number: the invoice of this number
SELECT {invoice}
  FROM invoice
 WHERE tenant_id = $1
   AND number = $2

--@ invoice_unsent: the newest invoice of an account that is owed whole and was not sent
SELECT {invoice}
  FROM invoice
 WHERE tenant_id = $1
   AND account_id = $2
   AND status = 'open'
   AND sent_at IS NULL
   AND balance = total
   AND failed_attempts = 0
   AND parent_invoice_id IS NULL
 ORDER BY id DESC
 LIMIT 1

--@ invoice_page: invoices of the tenant
SELECT {invoice}
  FROM invoice
 WHERE tenant_id = $1
   AND ($2 IS NULL OR account_id = $2)
   AND ($3 IS NULL OR status = $3)
   AND ($4 IS NULL OR created_at >= $4)
   AND ($5 IS NULL OR created_at < $5)
   AND ($6 IS NULL OR updated_at >= $6)
   AND ($7 IS NULL OR updated_at < $7)
   AND ($8 IS NULL OR id < $8)
 ORDER BY id DESC
 LIMIT $10 OFFSET $9

--@ invoice_page_of_account: invoices of one account
SELECT {invoice}
  FROM invoice
 WHERE tenant_id = $1
   AND account_id = $2
   AND ($3 IS NULL OR status = $3)
   AND ($4 IS NULL OR created_at >= $4)
   AND ($5 IS NULL OR created_at < $5)
   AND ($6 IS NULL OR updated_at >= $6)
   AND ($7 IS NULL OR updated_at < $7)
   AND ($8 IS NULL OR id < $8)
 ORDER BY id DESC
 LIMIT $10 OFFSET $9

--@ invoice_open: what an account owes, oldest first
SELECT {invoice}
  FROM invoice
 WHERE tenant_id = $1
   AND account_id = $2
   AND status = 'open'
 ORDER BY id

--@ invoice_of_order: invoices made for an order or with a line of it, oldest first
SELECT {invoice}
  FROM invoice
 WHERE tenant_id = $1
   AND account_id = $2
   AND (order_id = $3
        OR id IN (SELECT invoice_id
                    FROM invoice_line
                   WHERE tenant_id = $1
                     AND account_id = $2
                     AND order_id = $3))
 ORDER BY id

--@ invoice_paid: what was paid of an invoice
SELECT coalesce(sum(amount), 0)
  FROM invoice_payment
 WHERE tenant_id = $1
   AND account_id = $2
   AND invoice_id = $3

--@ invoice_line_taken: what was taken back of the lines of an invoice, on invoices that were not cancelled
SELECT {invoice_line l}
  FROM invoice_line l
  JOIN invoice i ON i.tenant_id = l.tenant_id AND i.account_id = l.account_id AND i.id = l.invoice_id
 WHERE l.tenant_id = $1
   AND l.account_id = $2
   AND l.linked_invoice_id = $3
   AND i.status <> 'cancelled'
 ORDER BY l.invoice_id, l.position

--@ invoice_line_tax_returned: taxes that repairs of lines of an invoice, less usage and progressive credits gave back, on invoices that were not cancelled
SELECT {invoice_line t}
  FROM invoice_line r
  JOIN invoice i ON i.tenant_id = r.tenant_id AND i.account_id = r.account_id AND i.id = r.invoice_id
  JOIN invoice_line t ON t.tenant_id = r.tenant_id AND t.account_id = r.account_id AND t.invoice_id = r.invoice_id
                     AND t.linked_position = r.position
 WHERE r.tenant_id = $1
   AND r.account_id = $2
   AND r.linked_invoice_id = $3
   AND r.kind IN ('repair', 'usage', 'progressive')
   AND i.status <> 'cancelled'
   AND t.kind = 'tax'
   AND t.linked_invoice_id IS NULL
 ORDER BY t.invoice_id, t.position

--@ invoice_draft: invoices of an account that wait to be committed, newest first
SELECT {invoice}
  FROM invoice
 WHERE tenant_id = $1
   AND account_id = $2
   AND status = 'draft'
 ORDER BY id DESC

--@ invoice_gathered: invoices of children that an invoice of their parent gathers, oldest first
SELECT {invoice}
  FROM invoice
 WHERE tenant_id = $1
   AND parent_invoice_id = $2
 ORDER BY id

--@ invoice_last_target: the furthest day for which an account was invoiced
SELECT max(target_date)
  FROM invoice
 WHERE tenant_id = $1
   AND account_id = $2
   AND status <> 'cancelled'
   AND target_date IS NOT NULL

--@ invoice_line_billed: what a subscription was charged for days after $4 (none: ever), and what was taken back of it
SELECT {invoice_line l}
  FROM invoice_line l
  JOIN invoice i ON i.tenant_id = l.tenant_id AND i.account_id = l.account_id AND i.id = l.invoice_id
 WHERE l.tenant_id = $1
   AND l.account_id = $2
   AND l.subscription_id = $3
   AND i.status <> 'cancelled'
   AND (l.kind IN ('repair', 'item_adjustment')
        OR (l.kind IN ('fixed', 'recurring')
            AND ($4 IS NULL OR l.period_end > $4 OR l.period_start >= $4)))
 ORDER BY l.invoice_id, l.position

--@ invoice_line_of_invoice: lines of an invoice
SELECT {invoice_line}
  FROM invoice_line
 WHERE tenant_id = $1
   AND account_id = $2
   AND invoice_id = $3
 ORDER BY position

--@ invoice_line_of_subscription_after: lines of a subscription on invoices that were not cancelled, when one of them charges
-- for days after this date
SELECT {invoice_line l}
  FROM invoice_line l
  JOIN invoice i ON i.tenant_id = l.tenant_id AND i.account_id = l.account_id AND i.id = l.invoice_id
 WHERE l.tenant_id = $1
   AND l.account_id = $2
   AND l.subscription_id = $3
   AND i.status <> 'cancelled'
   AND l.invoice_id IN (SELECT invoice_id
                          FROM invoice_line
                         WHERE tenant_id = $1
                           AND account_id = $2
                           AND subscription_id = $3
                           AND kind = 'recurring'
                           AND period_end > $4)
 ORDER BY l.invoice_id, l.position

--@ order_of_invoice: orders that an invoice bills
SELECT {order}
  FROM "order"
 WHERE tenant_id = $1
   AND account_id = $2
   AND id IN (SELECT order_id
                FROM invoice_line
               WHERE tenant_id = $1
                 AND account_id = $2
                 AND invoice_id = $3)
 ORDER BY id

-- ------------------------------------------------------------------------------------------------ credit notes

--@ credit_note_by_number: the credit note of this number
SELECT {credit_note}
  FROM credit_note
 WHERE tenant_id = $1
   AND number = $2

--@ credit_note_page: credit notes of the tenant, newest first
SELECT {credit_note}
  FROM credit_note
 WHERE tenant_id = $1
   AND ($2 IS NULL OR account_id = $2)
   AND ($3 IS NULL OR id < $3)
 ORDER BY id DESC
 LIMIT $4

--@ credit_note_of_invoice: notes that take back of an invoice, oldest first
SELECT {credit_note}
  FROM credit_note
 WHERE tenant_id = $1
   AND account_id = $2
   AND invoice_id = $3
 ORDER BY id

--@ credit_note_line_of_note: what a note takes back
SELECT {credit_note_line}
  FROM credit_note_line
 WHERE tenant_id = $1
   AND account_id = $2
   AND credit_note_id = $3
 ORDER BY position

--@ credit_note_line_of_unused_time: what notes of unused time that hold took of an invoice
SELECT {credit_note_line l}
  FROM credit_note_line l
  JOIN credit_note n ON n.tenant_id = l.tenant_id AND n.account_id = l.account_id AND n.id = l.credit_note_id
 WHERE l.tenant_id = $1
   AND l.account_id = $2
   AND n.invoice_id = $3
   AND (n.reason = 'unused_time' OR l.decision IS NOT NULL)
   AND n.status = 'issued'
 ORDER BY l.credit_note_id, l.position

-- ------------------------------------------------------------------------------------------------ products

--@ subscription_by_reference: the subscription of the bundle with this key, the base one and the youngest of several
SELECT {subscription s}
  FROM subscription_bundle b
  JOIN subscription s ON s.tenant_id = b.tenant_id AND s.account_id = b.account_id AND s.bundle_id = b.id
 WHERE b.tenant_id = $1
   AND b.external_key = $2
 ORDER BY CASE s.category WHEN 'add_on' THEN 1 ELSE 0 END, s.id DESC
 LIMIT 1

--@ product_family_by_handle: the product family of this handle
SELECT {product_family}
  FROM product_family
 WHERE tenant_id = $1
   AND handle = $2

--@ product_family_page: product families, oldest first
SELECT {product_family}
  FROM product_family
 WHERE tenant_id = $1
   AND id > $2
 ORDER BY id
 LIMIT $3

--@ listed_product_by_plan: the product that sells this plan
SELECT {listed_product}
  FROM listed_product
 WHERE tenant_id = $1
   AND plan = $2

--@ listed_product_page: products of a family, or of all, oldest first
SELECT {listed_product}
  FROM listed_product
 WHERE tenant_id = $1
   AND ($2 IS NULL OR product_family_id = $2)
   AND id > $3
 ORDER BY id
 LIMIT $4

-- ------------------------------------------------------------------------------------------------ components

--@ component_by_handle: the component of this handle
SELECT {component}
  FROM component
 WHERE tenant_id = $1
   AND handle = $2

--@ component_page: components, newest first
SELECT {component}
  FROM component
 WHERE tenant_id = $1
   AND ($2 IS NULL OR status = $2)
   AND ($3 IS NULL OR id < $3)
 ORDER BY id DESC
 LIMIT $4

--@ price_point_of_component: prices of a component that each subscription can have, oldest first
SELECT {price_point}
  FROM price_point
 WHERE tenant_id = $1
   AND component_id = $2
   AND subscription_id IS NULL
 ORDER BY id

--@ price_point_by_handle: the one of this handle that each subscription can have
SELECT {price_point}
  FROM price_point
 WHERE tenant_id = $1
   AND component_id = $2
   AND handle = $3
   AND subscription_id IS NULL

--@ price_segment_active: prices by values of a price point that the next assessment knows, oldest first
SELECT {price_segment}
  FROM price_segment
 WHERE tenant_id = $1
   AND price_point_id = $2
   AND status = 'active'
 ORDER BY id

--@ price_segment_of_price_point: prices by values of a price point, oldest first
SELECT {price_segment}
  FROM price_segment
 WHERE tenant_id = $1
   AND price_point_id = $2
 ORDER BY id

--@ subscription_component_of: what a subscription has of components, oldest first
SELECT {subscription_component}
  FROM subscription_component
 WHERE tenant_id = $1
   AND account_id = $2
   AND subscription_id = $3
 ORDER BY id

--@ subscription_component_before: what subscriptions have of components, newest first, before this one
SELECT {subscription_component}
  FROM subscription_component
 WHERE tenant_id = $1
   AND id < $2
 ORDER BY id DESC
 LIMIT $3

--@ subscription_component_after: what subscriptions have of components, oldest first, after this one
SELECT {subscription_component}
  FROM subscription_component
 WHERE tenant_id = $1
   AND id > $2
 ORDER BY id
 LIMIT $3

--@ subscription_component_one: what it has of one
SELECT {subscription_component}
  FROM subscription_component
 WHERE tenant_id = $1
   AND account_id = $2
   AND subscription_id = $3
   AND component_id = $4

--@ allocation_page: changes of one component of a subscription, newest first
SELECT {allocation}
  FROM allocation
 WHERE tenant_id = $1
   AND account_id = $2
   AND subscription_id = $3
   AND component_id = $4
   AND ($5 IS NULL OR id < $5)
 ORDER BY id DESC
 LIMIT $6

--@ allocation_counted: lots of a prepaid component that something can still change of, oldest first
SELECT {allocation}
  FROM allocation
 WHERE tenant_id = $1
   AND account_id = $2
   AND subscription_id = $3
   AND component_id = $4
   AND counted = 1
 ORDER BY id

--@ component_period_open: what was used of a component and is not assessed yet, oldest first
SELECT {component_period}
  FROM component_period
 WHERE tenant_id = $1
   AND account_id = $2
   AND subscription_id = $3
   AND component_id = $4
   AND ends_at IS NULL
 ORDER BY id

--@ component_period_page: what was used of a component by periods, newest first
SELECT {component_period}
  FROM component_period
 WHERE tenant_id = $1
   AND account_id = $2
   AND subscription_id = $3
   AND component_id = $4
   AND ($5 IS NULL OR id < $5)
 ORDER BY id DESC
 LIMIT $6

-- $5 below this id, $6 and $7 from an id and up to one, $8 and $9 used from an instant on and before one, $10 skipped.
--@ component_usage_page: what was used of a component, newest first
SELECT {component_usage}
  FROM component_usage
 WHERE tenant_id = $1
   AND account_id = $2
   AND subscription_id = $3
   AND component_id = $4
   AND ($5 IS NULL OR id < $5)
   AND ($6 IS NULL OR id >= $6)
   AND ($7 IS NULL OR id <= $7)
   AND ($8 IS NULL OR used_at >= $8)
   AND ($9 IS NULL OR used_at < $9)
 ORDER BY id DESC
 LIMIT $11 OFFSET $10

--@ component_charge_page: what allocations of a subscription cost, newest first
SELECT {component_charge}
  FROM component_charge
 WHERE tenant_id = $1
   AND account_id = $2
   AND subscription_id = $3
   AND ($4 IS NULL OR status = $4)
   AND ($5 IS NULL OR id < $5)
 ORDER BY id DESC
 LIMIT $6

--@ component_charge_waiting: what of it waits for the next assessment, oldest first
SELECT {component_charge}
  FROM component_charge
 WHERE tenant_id = $1
   AND account_id = $2
   AND subscription_id = $3
   AND status = 'waiting'
 ORDER BY id

--@ subscription_set_assessed: how far its components are charged, and when that is looked at next
UPDATE subscription
   SET components = 1, assessed_from = $4, assessed_until = $5, assess_at = $6, updated_at = $7
 WHERE tenant_id = $1
   AND account_id = $2
   AND id = $3

-- ------------------------------------------------------------------------------------------------ streams of events

--@ event_stream_by_handle: the stream of this handle
SELECT {event_stream}
  FROM event_stream
 WHERE tenant_id = $1
   AND handle = $2

--@ event_stream_page: streams, newest first
SELECT {event_stream}
  FROM event_stream
 WHERE tenant_id = $1
   AND ($2 IS NULL OR status = $2)
   AND ($3 IS NULL OR id < $3)
 ORDER BY id DESC
 LIMIT $4

--@ billing_metric_by_handle: the metric of this handle
SELECT {billing_metric}
  FROM billing_metric
 WHERE tenant_id = $1
   AND handle = $2

--@ billing_metric_of_stream: the metrics of a stream, oldest first
SELECT {billing_metric}
  FROM billing_metric
 WHERE tenant_id = $1
   AND stream_id = $2
 ORDER BY id

--@ billing_metric_page: metrics, newest first
SELECT {billing_metric}
  FROM billing_metric
 WHERE tenant_id = $1
   AND ($2 IS NULL OR status = $2)
   AND ($3 IS NULL OR id < $3)
 ORDER BY id DESC
 LIMIT $4

--@ stream_event_insert: an event
INSERT INTO stream_event (tenant_id, stream_id, id, subscription_id, occurred_at, created_at, previous_id, verdict, token, properties)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)

--@ stream_event_read: an event
SELECT id, subscription_id, occurred_at, created_at, previous_id, verdict, token, properties
  FROM stream_event
 WHERE tenant_id = $1
   AND stream_id = $2
   AND id = $3

--@ stream_event_page: events of a stream, newest first
SELECT id, subscription_id, occurred_at, created_at, previous_id, verdict, token, properties
  FROM stream_event
 WHERE tenant_id = $1
   AND stream_id = $2
   AND ($3 IS NULL OR id < $3)
 ORDER BY id DESC
 LIMIT $4

--@ stream_event_judge: another verdict of an event
UPDATE stream_event
   SET verdict = $4
 WHERE tenant_id = $1
   AND stream_id = $2
   AND id = $3

--@ event_meter_read: what is known of a subscription in a stream
SELECT phase_us, first_day, closed_to
  FROM event_meter
 WHERE tenant_id = $1
   AND stream_id = $2
   AND subscription_id = $3

--@ event_meter_of_subscription: the streams that a subscription has sent events to
SELECT stream_id
  FROM event_meter
 WHERE tenant_id = $1
   AND subscription_id = $2
 ORDER BY stream_id

--@ event_meter_write: a meter, new or changed
INSERT INTO event_meter (tenant_id, stream_id, subscription_id, phase_us, first_day, closed_to)
VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (tenant_id, subscription_id, stream_id) DO UPDATE SET first_day = excluded.first_day, closed_to = excluded.closed_to

--@ event_meter_subscription_read: when the billing of a subscription began
SELECT started_at, start_date
  FROM subscription
 WHERE tenant_id = $1
   AND id = $2

--@ event_subscription_by_reference: the subscription of the bundle with this key, the base one and the youngest of several
SELECT s.id
  FROM subscription_bundle b
  JOIN subscription s ON s.tenant_id = b.tenant_id AND s.account_id = b.account_id AND s.bundle_id = b.id
 WHERE b.tenant_id = $1
   AND b.external_key = $2
 ORDER BY CASE s.category WHEN 'add_on' THEN 1 ELSE 0 END, s.id DESC
 LIMIT 1

--@ event_day_read: a day of a subscription
SELECT event_count, first_id, last_id, first_at, last_at
  FROM event_day
 WHERE tenant_id = $1
   AND stream_id = $2
   AND day = $3
   AND subscription_id = $4

--@ event_day_write: a day, new or changed
INSERT INTO event_day (tenant_id, stream_id, day, subscription_id, event_count, first_id, last_id, first_at, last_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (tenant_id, stream_id, day, subscription_id)
    DO UPDATE SET event_count = excluded.event_count, last_id = excluded.last_id, first_at = excluded.first_at, last_at = excluded.last_at

--@ metric_total_read: a total
SELECT segment, event_count, total, weighted, extreme, extreme_at, extreme_id, priced
  FROM metric_total
 WHERE tenant_id = $1
   AND metric_id = $2
   AND day = $3
   AND subscription_id = $4
   AND segment = $5

--@ metric_total_of_day: the totals of a day of a subscription
SELECT segment, event_count, total, weighted, extreme, extreme_at, extreme_id, priced
  FROM metric_total
 WHERE tenant_id = $1
   AND metric_id = $2
   AND day = $3
   AND subscription_id = $4
 ORDER BY segment

--@ metric_total_write: a total, new or changed
INSERT INTO metric_total (tenant_id, metric_id, day, subscription_id, segment, event_count, total, weighted, extreme, extreme_at, extreme_id,
                          priced)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
    ON CONFLICT (tenant_id, metric_id, day, subscription_id, segment)
    DO UPDATE SET event_count = excluded.event_count, total = excluded.total, weighted = excluded.weighted,
                  extreme = excluded.extreme, extreme_at = excluded.extreme_at, extreme_id = excluded.extreme_id,
                  priced = excluded.priced

--@ metric_total_remove: takes away a total of which nothing counts any more
DELETE FROM metric_total
 WHERE tenant_id = $1
   AND metric_id = $2
   AND day = $3
   AND subscription_id = $4
   AND segment = $5

--@ metric_total_forget: takes away the totals of a day, before they are made anew
DELETE FROM metric_total
 WHERE tenant_id = $1
   AND metric_id = $2
   AND day = $3
   AND subscription_id = $4

--@ metric_progress_read: how far a metric is billed of a subscription
SELECT closed_to, carried
  FROM metric_progress
 WHERE tenant_id = $1
   AND subscription_id = $2
   AND metric_id = $3

--@ metric_progress_write: how far, new or changed
INSERT INTO metric_progress (tenant_id, subscription_id, metric_id, closed_to, carried)
VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (tenant_id, subscription_id, metric_id) DO UPDATE SET closed_to = excluded.closed_to, carried = excluded.carried

-- ------------------------------------------------------------------------------------------------ coupons

--@ coupon_by_code: the coupon of this code
SELECT {coupon}
  FROM coupon
 WHERE tenant_id = $1
   AND code = $2

--@ coupon_codes: codes that can be redeemed, for "did you mean"
SELECT code
  FROM coupon
 WHERE tenant_id = $1
   AND status = 'active'
 ORDER BY id DESC
 LIMIT 1000

--@ coupon_page: coupons, newest first
SELECT {coupon}
  FROM coupon
 WHERE tenant_id = $1
   AND ($2 IS NULL OR status = $2)
   AND ($3 IS NULL OR id < $3)
 ORDER BY id DESC
 LIMIT $4

--@ coupon_redemption_page: redemptions of the tenant, newest first
SELECT {coupon_redemption}
  FROM coupon_redemption
 WHERE tenant_id = $1
   AND ($2 IS NULL OR status = $2)
   AND ($3 IS NULL OR id < $3)
 ORDER BY id DESC
 LIMIT $4

--@ coupon_redemption_of_coupon: redemptions of a coupon, newest first
SELECT {coupon_redemption}
  FROM coupon_redemption
 WHERE tenant_id = $1
   AND coupon_id = $2
   AND ($3 IS NULL OR id < $3)
 ORDER BY id DESC
 LIMIT $4

--@ coupon_redemption_of_account: what an account redeemed, oldest first
SELECT {coupon_redemption}
  FROM coupon_redemption
 WHERE tenant_id = $1
   AND account_id = $2
 ORDER BY id

--@ coupon_periods: the billing periods that a redemption was used for and that end after $4 (none: all), and what it took
--- off in each; cancelled invoices do not count, and what was given back again sums to nothing
SELECT l.coupon_period_start, l.coupon_period_end,
       CAST(sum(l.amount + coalesce((SELECT sum(r.amount)
                                       FROM coupon_return r
                                      WHERE r.tenant_id = l.tenant_id
                                        AND r.account_id = l.account_id
                                        AND r.invoice_id = l.invoice_id
                                        AND r.position = l.position), 0)) AS BIGINT)
  FROM invoice_line l
  JOIN invoice i ON i.tenant_id = l.tenant_id AND i.account_id = l.account_id AND i.id = l.invoice_id
 WHERE l.tenant_id = $1
   AND l.account_id = $2
   AND l.coupon_redemption_id = $3
   AND ($4 IS NULL OR l.coupon_period_end > $4)
   AND i.status <> 'cancelled'
 GROUP BY l.coupon_period_start, l.coupon_period_end
 ORDER BY l.coupon_period_start, l.coupon_period_end

-- ------------------------------------------------------------------------------------------------ commitments

--@ commitment_page: commitments of the tenant, newest first
SELECT {commitment}
  FROM commitment
 WHERE tenant_id = $1
   AND ($2 IS NULL OR status = $2)
   AND ($3 IS NULL OR id < $3)
 ORDER BY id DESC
 LIMIT $4

--@ commitment_of_subscription: those of a subscription that have not ended
SELECT {commitment}
  FROM commitment
 WHERE tenant_id = $1
   AND account_id = $2
   AND subscription_id = $3
   AND status = 'active'
 ORDER BY id

--@ commitment_charged: what a subscription was charged for days from $4 on and before $5, without discounts, taxes and what was
--- given back by hand, on invoices after $6 that were not cancelled
SELECT CAST(coalesce(sum(l.amount), 0) AS BIGINT)
  FROM invoice_line l
  JOIN invoice i ON i.tenant_id = l.tenant_id AND i.account_id = l.account_id AND i.id = l.invoice_id
 WHERE l.tenant_id = $1
   AND l.account_id = $2
   AND l.invoice_id > $6
   AND l.subscription_id = $3
   AND l.period_start >= $4
   AND l.period_start < $5
   AND l.kind IN ('recurring', 'fixed', 'usage', 'one_time', 'external_charge', 'component', 'component_usage', 'allocation', 'repair')
   AND i.status <> 'cancelled'

--@ progressive_billing_page: those of the tenant, newest first
SELECT {progressive_billing}
  FROM progressive_billing
 WHERE tenant_id = $1
   AND ($2 IS NULL OR status = $2)
   AND ($3 IS NULL OR id < $3)
 ORDER BY id DESC
 LIMIT $4

--@ progressive_open: what of a subscription was invoiced within periods that end after $4 and is not credited, oldest first
SELECT {invoice_line l}
  FROM invoice_line l
  JOIN invoice i ON i.tenant_id = l.tenant_id AND i.account_id = l.account_id AND i.id = l.invoice_id
 WHERE l.tenant_id = $1
   AND l.account_id = $2
   AND l.subscription_id = $3
   AND l.kind = 'progressive'
   AND l.period_end > $4
   AND l.amount > 0
   AND i.status <> 'cancelled'
   AND NOT EXISTS (SELECT 1
                     FROM invoice_line r
                     JOIN invoice j ON j.tenant_id = r.tenant_id AND j.account_id = r.account_id AND j.id = r.invoice_id
                    WHERE r.tenant_id = $1
                      AND r.account_id = $2
                      AND r.linked_invoice_id = l.invoice_id
                      AND r.linked_position = l.position
                      AND r.kind = 'progressive'
                      AND j.status <> 'cancelled')
 ORDER BY l.invoice_id, l.position

--@ progressive_taken: what of a line was given back by hand or by credit notes, below zero
SELECT CAST(coalesce(sum(l.amount), 0) AS BIGINT)
  FROM invoice_line l
  JOIN invoice i ON i.tenant_id = l.tenant_id AND i.account_id = l.account_id AND i.id = l.invoice_id
 WHERE l.tenant_id = $1
   AND l.account_id = $2
   AND l.linked_invoice_id = $3
   AND l.linked_position = $4
   AND l.kind = 'item_adjustment'
   AND i.status <> 'cancelled'

--@ progressive_usage_of_invoice: what an invoice bills of the usage of a subscription
SELECT CAST(coalesce(sum(amount), 0) AS BIGINT)
  FROM invoice_line
 WHERE tenant_id = $1
   AND account_id = $2
   AND invoice_id = $3
   AND subscription_id = $4
   AND kind IN ('usage', 'component_usage')

--@ usage_watched: does anybody of the tenant wait for usage: thresholds of subscriptions, wallets that are topped up when they run low?
SELECT EXISTS (SELECT 1 FROM progressive_billing WHERE tenant_id = $1 AND status = 'active')
    OR EXISTS (SELECT 1 FROM wallet WHERE tenant_id = $1 AND status = 'active' AND top_up IS NOT NULL)

--@ invoice_newest: the newest invoice of an account
SELECT coalesce(max(id), 0)
  FROM invoice
 WHERE tenant_id = $1
   AND account_id = $2

-- ------------------------------------------------------------------------------------------------ wallets

--@ wallet_page: wallets of the tenant, newest first
SELECT {wallet}
  FROM wallet
 WHERE tenant_id = $1
   AND ($2 IS NULL OR status = $2)
   AND ($3 IS NULL OR id < $3)
 ORDER BY id DESC
 LIMIT $4

--@ wallet_of_account: wallets of an account in the order in which they are used; $3: those alone
SELECT {wallet}
  FROM wallet
 WHERE tenant_id = $1
   AND account_id = $2
   AND ($3 IS NULL OR status = $3)
 ORDER BY priority, id

--@ wallet_grants: grants of a wallet of which something is left
SELECT {wallet_transaction}
  FROM wallet_transaction
 WHERE tenant_id = $1
   AND account_id = $2
   AND wallet_id = $3
   AND remaining > 0
 ORDER BY id

--@ wallet_purchases: purchases of a wallet that are not paid
SELECT {wallet_transaction}
  FROM wallet_transaction
 WHERE tenant_id = $1
   AND account_id = $2
   AND wallet_id = $3
   AND status = 'pending'
 ORDER BY id

--@ wallet_transaction_page: what came into a wallet and went out of it, newest first
SELECT {wallet_transaction}
  FROM wallet_transaction
 WHERE tenant_id = $1
   AND account_id = $2
   AND wallet_id = $3
   AND ($4 IS NULL OR id < $4)
 ORDER BY id DESC
 LIMIT $5

--@ wallet_transaction_of_invoice: what wallets paid of an invoice and what it gave back, oldest first
SELECT {wallet_transaction}
  FROM wallet_transaction
 WHERE tenant_id = $1
   AND account_id = $2
   AND invoice_id = $3
   AND kind IN ('invoiced', 'returned')
 ORDER BY id

--@ wallet_use_of_transaction: the grants that a debit took from
SELECT {wallet_use}
  FROM wallet_use
 WHERE tenant_id = $1
   AND account_id = $2
   AND transaction_id = $3
 ORDER BY id

--@ wallet_use_of_grant: where a grant went, oldest first
SELECT {wallet_use}
  FROM wallet_use
 WHERE tenant_id = $1
   AND account_id = $2
   AND grant_id = $3
 ORDER BY id
 LIMIT 10000

--@ wallet_use_of_invoice: which grants paid which lines of an invoice, and what was given back, oldest first
SELECT {wallet_use}
  FROM wallet_use
 WHERE tenant_id = $1
   AND account_id = $2
   AND invoice_id = $3
 ORDER BY id

--@ wallet_use_sum: what of an invoice wallets paid, less what it gave back
SELECT coalesce(sum(amount), 0)
  FROM wallet_use
 WHERE tenant_id = $1
   AND account_id = $2
   AND invoice_id = $3

-- ------------------------------------------------------------------------------------------------ payments and credits

--@ payment_page: payments of the tenant
SELECT {payment}
  FROM payment
 WHERE tenant_id = $1
   AND ($2 IS NULL OR account_id = $2)
   AND ($3 IS NULL OR status = $3)
   AND ($4 IS NULL OR created_at >= $4)
   AND ($5 IS NULL OR created_at < $5)
   AND ($6 IS NULL OR updated_at >= $6)
   AND ($7 IS NULL OR updated_at < $7)
   AND ($8 IS NULL OR id < $8)
 ORDER BY id DESC
 LIMIT $10 OFFSET $9

--@ payment_page_of_account: payments of one account
SELECT {payment}
  FROM payment
 WHERE tenant_id = $1
   AND account_id = $2
   AND ($3 IS NULL OR status = $3)
   AND ($4 IS NULL OR created_at >= $4)
   AND ($5 IS NULL OR created_at < $5)
   AND ($6 IS NULL OR updated_at >= $6)
   AND ($7 IS NULL OR updated_at < $7)
   AND ($8 IS NULL OR id < $8)
 ORDER BY id DESC
 LIMIT $10 OFFSET $9

--@ payment_attempt_of_payment: what was asked of a gateway for a payment
SELECT {payment_attempt}
  FROM payment_attempt
 WHERE tenant_id = $1
   AND account_id = $2
   AND payment_id = $3
 ORDER BY id

--@ invoice_payment_of_payment: where a payment went
SELECT {invoice_payment}
  FROM invoice_payment
 WHERE tenant_id = $1
   AND account_id = $2
   AND payment_id = $3
 ORDER BY id

--@ invoice_payment_of_invoice: what was paid of an invoice
SELECT {invoice_payment}
  FROM invoice_payment
 WHERE tenant_id = $1
   AND account_id = $2
   AND invoice_id = $3
 ORDER BY id

--@ payment_unfinished: payments of an account whose outcome is not known
SELECT {payment}
  FROM payment
 WHERE tenant_id = $1
   AND account_id = $2
   AND status IN ('pending', 'unknown')
 ORDER BY id

--@ payment_method_of_account: how an account may pay
SELECT {payment_method}
  FROM payment_method
 WHERE tenant_id = $1
   AND account_id = $2
 ORDER BY id

-- Pages of credits: newest first. $2 account, $3 and $4 window of creation, $5 only ids below, $6 rows to skip, $7 rows.
--@ credit_page: credits of the tenant
SELECT {credit}
  FROM credit
 WHERE tenant_id = $1
   AND ($2 IS NULL OR account_id = $2)
   AND ($3 IS NULL OR created_at >= $3)
   AND ($4 IS NULL OR created_at < $4)
   AND ($5 IS NULL OR id < $5)
 ORDER BY id DESC
 LIMIT $7 OFFSET $6

--@ credit_page_of_account: credits of one account
SELECT {credit}
  FROM credit
 WHERE tenant_id = $1
   AND account_id = $2
   AND ($3 IS NULL OR created_at >= $3)
   AND ($4 IS NULL OR created_at < $4)
   AND ($5 IS NULL OR id < $5)
 ORDER BY id DESC
 LIMIT $7 OFFSET $6

--@ credit_of_invoice: credits that an invoice gave the account
SELECT {credit}
  FROM credit
 WHERE tenant_id = $1
   AND account_id = $2
   AND invoice_id = $3
   AND reason IN ('repair', 'goodwill')
 ORDER BY id

--@ credit_of_note: credits that a credit note gave the account
SELECT {credit}
  FROM credit
 WHERE tenant_id = $1
   AND account_id = $2
   AND invoice_id = $3
   AND credit_note_id = $4
 ORDER BY id

--@ credit_of_order_change: credits that changes of an order gave the account
SELECT {credit}
  FROM credit
 WHERE tenant_id = $1
   AND account_id = $2
   AND order_id = $3
   AND reason = 'plan_change'
 ORDER BY id

--@ credit_use_sum: what of credits was used for an invoice
SELECT coalesce(sum(amount), 0)
  FROM credit_use
 WHERE tenant_id = $1
   AND account_id = $2
   AND invoice_id = $3

--@ invoice_given_up: what of an invoice that was written off nobody has paid
SELECT i.total
       - (SELECT coalesce(sum(amount), 0) FROM invoice_payment WHERE tenant_id = $1 AND account_id = $2 AND invoice_id = $3)
       - (SELECT coalesce(sum(amount), 0) FROM credit_use WHERE tenant_id = $1 AND account_id = $2 AND invoice_id = $3)
       - (SELECT coalesce(sum(amount), 0) FROM wallet_use WHERE tenant_id = $1 AND account_id = $2 AND invoice_id = $3)
       + (SELECT coalesce(sum(amount), 0)
            FROM credit
           WHERE tenant_id = $1 AND account_id = $2 AND invoice_id = $3 AND reason IN ('repair', 'goodwill'))
  FROM invoice i
 WHERE i.tenant_id = $1
   AND i.account_id = $2
   AND i.id = $3

--@ credit_left: credits of an account that are not used up, oldest first
SELECT {credit}
  FROM credit
 WHERE tenant_id = $1
   AND account_id = $2
   AND remaining > 0
 ORDER BY id

--@ credit_use_of_credit: where a credit went, oldest first
SELECT {credit_use}
  FROM credit_use
 WHERE tenant_id = $1
   AND account_id = $2
   AND credit_id = $3
 ORDER BY id

--@ credit_use_of_invoice: credits used for an invoice, oldest first
SELECT {credit_use}
  FROM credit_use
 WHERE tenant_id = $1
   AND account_id = $2
   AND invoice_id = $3
 ORDER BY id

--@ credit_sum: what is left of an account's credits in one currency
SELECT CAST(coalesce(sum(remaining), 0) AS BIGINT)
  FROM credit
 WHERE tenant_id = $1
   AND account_id = $2
   AND currency = $3

-- ------------------------------------------------------------------------------------------------ scheduled tasks

--@ scheduled_task_by_name: the task of this name
SELECT {scheduled_task}
  FROM scheduled_task
 WHERE tenant_id = $1
   AND name = $2

--@ scheduled_task_names: what tasks are called
SELECT name
  FROM scheduled_task
 WHERE tenant_id = $1

--@ scheduled_task_page: tasks after this one
SELECT {scheduled_task}
  FROM scheduled_task
 WHERE tenant_id = $1
   AND id > $2
 ORDER BY id
 LIMIT $3

--@ scheduled_task_due: tasks whose next slot is to be run at an instant, in that order
SELECT {scheduled_task}
  FROM scheduled_task
 WHERE tenant_id = $1
   AND status = 'active'
   AND next_run_at <= $2
 ORDER BY next_run_at, name
 LIMIT $3

--@ scheduled_task_next: when the first task is to be run
SELECT next_run_at
  FROM scheduled_task
 WHERE tenant_id = $1
   AND status = 'active'
   AND next_run_at IS NOT NULL
 ORDER BY next_run_at, name
 LIMIT 1

--@ scheduled_task_remove: deletes a task
DELETE FROM scheduled_task
 WHERE tenant_id = $1
   AND id = $2

--@ task_run_page: runs before this one, newest first
SELECT {task_run}
  FROM task_run
 WHERE tenant_id = $1
   AND ($2 IS NULL OR id < $2)
 ORDER BY id DESC
 LIMIT $3

--@ task_run_page_of_task: those of one task
SELECT {task_run}
  FROM task_run
 WHERE tenant_id = $1
   AND task_id = $2
   AND ($3 IS NULL OR id < $3)
 ORDER BY id DESC
 LIMIT $4

--@ task_run_prune: deletes the run of a task that this many newer ones follow, and older ones
DELETE FROM task_run
 WHERE tenant_id = $1
   AND task_id = $2
   AND id <= (SELECT id
                FROM task_run
               WHERE tenant_id = $1
                 AND task_id = $2
               ORDER BY id DESC
               LIMIT 1 OFFSET $3)

--@ holiday_all: the tenant's holidays
SELECT {holiday}
  FROM holiday
 WHERE tenant_id = $1
 ORDER BY start_date, id

--@ holiday_page: holidays after this one
SELECT {holiday}
  FROM holiday
 WHERE tenant_id = $1
   AND id > $2
 ORDER BY id
 LIMIT $3

--@ holiday_remove: deletes a holiday
DELETE FROM holiday
 WHERE tenant_id = $1
   AND id = $2

-- ------------------------------------------------------------------------------------------------ tags, custom fields, configuration

--@ tag_definition_by_name: a tag of the tenant's own, letters of either case the same
SELECT {tag_definition}
  FROM tag_definition
 WHERE tenant_id = $1
   AND name = $2 COLLATE NOCASE

--@ tag_definition_page: tags of the tenant's own after this one
SELECT {tag_definition}
  FROM tag_definition
 WHERE tenant_id = $1
   AND id > $2
 ORDER BY id
 LIMIT $3

--@ tag_definition_remove: deletes a definition
DELETE FROM tag_definition
 WHERE tenant_id = $1
   AND id = $2

--@ tag_page: tags of the tenant after this one
SELECT {tag}
  FROM tag
 WHERE tenant_id = $1
   AND id > $2
 ORDER BY id
 LIMIT $3

--@ tag_page_of_account: tags of an account and what is its own, after this one
SELECT {tag}
  FROM tag
 WHERE tenant_id = $1
   AND id > $2
   AND account_id = $4
 ORDER BY id
 LIMIT $3

--@ tag_page_of_object: tags of an object after this one
SELECT {tag}
  FROM tag
 WHERE tenant_id = $1
   AND id > $2
   AND object_type = $4
   AND object_id = $5
 ORDER BY id
 LIMIT $3

--@ tag_by_name: the one of this name on an object
SELECT {tag}
  FROM tag
 WHERE tenant_id = $1
   AND object_type = $2
   AND object_id = $3
   AND name = $4

--@ tag_remove: deletes a row of an account
DELETE FROM tag
 WHERE tenant_id = $1
   AND account_id = $2
   AND id = $3

--@ custom_field_page: custom fields of the tenant after this one
SELECT {custom_field}
  FROM custom_field
 WHERE tenant_id = $1
   AND id > $2
 ORDER BY id
 LIMIT $3

--@ custom_field_page_of_account: custom fields of an account and what is its own, after this one
SELECT {custom_field}
  FROM custom_field
 WHERE tenant_id = $1
   AND id > $2
   AND account_id = $4
 ORDER BY id
 LIMIT $3

--@ custom_field_page_of_object: custom fields of an object after this one
SELECT {custom_field}
  FROM custom_field
 WHERE tenant_id = $1
   AND id > $2
   AND object_type = $4
   AND object_id = $5
 ORDER BY id
 LIMIT $3

--@ custom_field_by_name: the one of this name on an object
SELECT {custom_field}
  FROM custom_field
 WHERE tenant_id = $1
   AND object_type = $2
   AND object_id = $3
   AND name = $4

--@ custom_field_remove: deletes a row of an account
DELETE FROM custom_field
 WHERE tenant_id = $1
   AND account_id = $2
   AND id = $3

--@ tag_page_named: objects that have a tag, after this one
SELECT {tag}
  FROM tag
 WHERE tenant_id = $1
   AND id > $2
   AND name = $4
 ORDER BY id
 LIMIT $3

--@ tenant_config_by_key: the first of what is kept under a key
SELECT {tenant_config}
  FROM tenant_config
 WHERE tenant_id = $1
   AND key = $2
 ORDER BY id
 LIMIT 1

--@ tenant_config_of_key: what is kept under a key, after this one
SELECT {tenant_config}
  FROM tenant_config
 WHERE tenant_id = $1
   AND key = $2
   AND id > $3
 ORDER BY id
 LIMIT $4

--@ tenant_config_of_endpoint: the key that is a webhook endpoint
SELECT {tenant_config}
  FROM tenant_config
 WHERE tenant_id = $1
   AND endpoint_id = $2

--@ tenant_config_page: keys after this one
SELECT {tenant_config}
  FROM tenant_config
 WHERE tenant_id = $1
   AND id > $2
 ORDER BY id
 LIMIT $3

--@ tenant_config_count: how many values
SELECT count(*)
  FROM tenant_config
 WHERE tenant_id = $1

--@ tenant_config_remove: deletes a value
DELETE FROM tenant_config
 WHERE tenant_id = $1
   AND id = $2

--@ tenant_config_remove_others: deletes what is kept under a key, but for one value
DELETE FROM tenant_config
 WHERE tenant_id = $1
   AND key = $2
   AND id <> $3

-- ------------------------------------------------------------------------------------------------ event: bundles, jobs, deliveries

--@ bundle_content: what is compiled of the bundle of this content
SELECT manifest, files
  FROM bundle
 WHERE tenant_id = $1
   AND digest = $2

--@ bundle_digest_by_name: the digest that begins with these digits
SELECT digest
  FROM bundle
 WHERE tenant_id = $1
   AND digest >= $2
   AND digest < $2 || 'g'
 ORDER BY digest
 LIMIT 1

--@ bundle_manifest: its manifest alone
SELECT manifest
  FROM bundle
 WHERE tenant_id = $1
   AND digest = $2

--@ job_due: jobs due until an instant, in the order they run
SELECT {job}
  FROM job
 WHERE tenant_id = $1
   AND status = 'due'
   AND due_at <= $2
 ORDER BY due_at, id
 LIMIT $3

--@ job_ahead: the work that decides what an account is billed, due until an instant, in the order it runs
SELECT {job}
  FROM job
 WHERE tenant_id = $1
   AND due_at <= $3
   AND id IN (SELECT a.id
                FROM job a
               WHERE a.tenant_id = $1
                 AND a.kind IN ('account.bill', 'account.bill_changed')
                 AND a.object_id = $2
                 AND a.status = 'due'
               UNION ALL
              SELECT b.id
                FROM subscription s
                JOIN job b ON b.tenant_id = s.tenant_id AND b.object_id = s.id
               WHERE s.tenant_id = $1
                 AND s.account_id = $2
                 AND b.kind IN ('subscription.advance', 'subscription.renew', 'subscription.expire')
                 AND b.status = 'due'
               UNION ALL
              SELECT c.id
                FROM "order" o
                JOIN job c ON c.tenant_id = o.tenant_id AND c.object_id = o.id
               WHERE o.tenant_id = $1
                 AND o.account_id = $2
                 AND c.kind IN ('order.activate', 'order.complete')
                 AND c.status = 'due'
               UNION ALL
              SELECT d.id
                FROM invoice i
                JOIN job d ON d.tenant_id = i.tenant_id AND d.object_id = i.id
               WHERE i.tenant_id = $1
                 AND i.account_id = $2
                 AND i.status = 'draft'
                 AND d.kind = 'invoice.commit'
                 AND d.status = 'due')
 ORDER BY due_at, id
 LIMIT $4

--@ job_due_kinds: which are due until an instant, in the order they run, and what they are
SELECT id, kind
  FROM job
 WHERE tenant_id = $1
   AND status = 'due'
   AND due_at <= $2
 ORDER BY due_at, id
 LIMIT $3

--@ job_next_due: when the first job after an instant is due
SELECT due_at
  FROM job
 WHERE tenant_id = $1
   AND status = 'due'
   AND due_at > $2
 ORDER BY due_at, id
 LIMIT 1

--@ job_due_count: how many jobs are due until an instant
SELECT count(*)
  FROM job
 WHERE tenant_id = $1
   AND status = 'due'
   AND due_at <= $2

--@ job_of_object: the future job of this kind for this object
SELECT {job}
  FROM job
 WHERE tenant_id = $1
   AND kind = $2
   AND object_id = $3
   AND status = 'due'
 ORDER BY id
 LIMIT 1

--@ job_due_of_object: the future job of this kind for this object, and when it is due
SELECT id, due_at
  FROM job
 WHERE tenant_id = $1
   AND kind = $2
   AND object_id = $3
   AND status = 'due'
 ORDER BY id
 LIMIT 1

--@ job_set_due: moves a job that waits
UPDATE job
   SET due_at = $3
 WHERE tenant_id = $1
   AND id = $2

--@ job_plan_again: the job that runs is due again, as a new one would be
UPDATE job
   SET due_at = $3, attempts = 0, payload = NULL, correlation_id = $4, causation_id = $5, depth = 0, cause_id = NULL, chain = NULL, actor = NULL, last_error = NULL, rule_fault = NULL
 WHERE tenant_id = $1
   AND id = $2

--@ job_remove_of_object: takes out the future jobs of this kind for this object
DELETE FROM job
 WHERE tenant_id = $1
   AND kind = $2
   AND object_id = $3
   AND status = 'due'

--@ job_begin_anew: work that died of a rule is due at an instant; of one object once, but what rules queued
UPDATE job
   SET status = 'due', attempts = 0, due_at = $2, rule_fault = NULL
 WHERE tenant_id = $1
   AND status = 'dead'
   AND rule_fault = 1
   AND (kind IN ('command', 'rule.post', 'webhook.replay')
        OR NOT EXISTS (SELECT 1
                         FROM job other
                        WHERE other.tenant_id = $1
                          AND other.kind = job.kind
                          AND other.object_id = job.object_id
                          AND other.status = 'due'))
   AND (kind IN ('command', 'rule.post', 'webhook.replay')
        OR NOT EXISTS (SELECT 1
                         FROM job later
                        WHERE later.tenant_id = $1
                          AND later.kind = job.kind
                          AND later.object_id = job.object_id
                          AND later.status = 'dead'
                          AND later.rule_fault = 1
                          AND later.id > job.id))

--@ job_withdraw_of_cause: what rules queued and what repeats them goes, at most so much of a cause
DELETE FROM job
 WHERE tenant_id = $1
   AND id IN (SELECT id
                FROM job
               WHERE tenant_id = $1
                 AND cause_id = $2
                 AND kind IN ('command', 'rule.post')
               LIMIT $3)

--@ delivery_withdraw_of_cause: messages that wait are not sent, at most so many of a cause
UPDATE delivery
   SET status = 'withdrawn',
       ended_at = $3
 WHERE tenant_id = $1
   AND id IN (SELECT id
                FROM delivery
               WHERE tenant_id = $1
                 AND cause_id = $2
                 AND status = 'pending'
               LIMIT $4)

--@ delivery_withdraw_of_branch: messages that wait are not sent, at most so many: a branch sends nothing
UPDATE delivery
   SET status = 'withdrawn',
       ended_at = $2,
       due_at = coalesce(due_at, $2)
 WHERE tenant_id = $1
   AND id IN (SELECT id
                FROM delivery
               WHERE tenant_id = $1
                 AND status = 'pending'
               LIMIT $3)

--@ job_delete: takes one job out
DELETE FROM job
 WHERE tenant_id = $1
   AND id = $2

--@ job_next_by_tenant [global]: when each tenant's next job is due, with what tells its clock
SELECT t.id, t.mode, t.clock,
       (SELECT j.due_at
          FROM job j
         WHERE j.tenant_id = t.id
           AND j.status = 'due'
         ORDER BY j.due_at, j.id
         LIMIT 1)
  FROM tenant t
 WHERE EXISTS (SELECT 1
                 FROM job j
                WHERE j.tenant_id = t.id
                  AND j.status = 'due')
 ORDER BY t.id

--@ backlog [global]: how many jobs are due some day, dead, and of live tenants overdue at an instant; deliveries sent, dead
SELECT (SELECT count(*) FROM job WHERE status = 'due'),
       (SELECT count(*) FROM job WHERE status = 'dead'),
       (SELECT count(*)
          FROM tenant t
          JOIN job j ON j.tenant_id = t.id
         WHERE t.mode = 'live'
           AND j.status = 'due'
           AND j.due_at <= $1),
       (SELECT count(*) FROM delivery WHERE status = 'sent'),
       (SELECT count(*) FROM delivery WHERE status = 'dead')

--@ delivery_sent_due: calls of gateways whose answer is not known, to ask about until an instant
SELECT {delivery}
  FROM delivery
 WHERE tenant_id = $1
   AND status = 'sent'
   AND channel = 'gateway'
   AND due_at <= $2
 ORDER BY due_at, id
 LIMIT $3

--@ delivery_sent_next: when the first of them after an instant is due
SELECT due_at
  FROM delivery
 WHERE tenant_id = $1
   AND status = 'sent'
   AND channel = 'gateway'
   AND due_at > $2
 ORDER BY due_at, id
 LIMIT 1

--@ delivery_sent_by_tenant [global]: when each tenant's next of them is due, with what tells its clock
SELECT d.tenant_id, t.mode, t.clock, min(d.due_at)
  FROM delivery d
  JOIN tenant t ON t.id = d.tenant_id
 WHERE d.status = 'sent'
   AND d.channel = 'gateway'
 GROUP BY d.tenant_id, t.mode, t.clock
 ORDER BY d.tenant_id

--@ delivery_by_request_key: the latest call that the request of this key waits for
SELECT {delivery}
  FROM delivery
 WHERE tenant_id = $1
   AND request_key = $2
 ORDER BY id DESC
 LIMIT 1

--@ delivery_tenants [global]: tenants of which messages wait
WITH RECURSIVE waiting (tenant_id) AS (
       SELECT 0
        UNION ALL
       SELECT (SELECT min(d.tenant_id) FROM delivery d WHERE d.status = 'pending' AND d.tenant_id > w.tenant_id)
         FROM waiting w
        WHERE w.tenant_id IS NOT NULL)
SELECT tenant_id
  FROM waiting
 WHERE EXISTS (SELECT 1 FROM tenant t WHERE t.id = waiting.tenant_id)
 ORDER BY tenant_id

--@ delivery_due_of_channel: messages of this channel without an endpoint that are due until an instant, the first due first
SELECT id, due_at
  FROM delivery
 WHERE tenant_id = $1
   AND channel = $2
   AND endpoint_id IS NULL
   AND status = 'pending'
   AND due_at <= $3
 ORDER BY due_at, id
 LIMIT $4

--@ delivery_due_of_endpoint: the same of an endpoint
SELECT id, due_at
  FROM delivery
 WHERE tenant_id = $1
   AND endpoint_id = $2
   AND status = 'pending'
   AND due_at <= $3
 ORDER BY due_at, id
 LIMIT $4

--@ delivery_due_in_order: the same of an endpoint that gets them in order: of each account the first that waits, if it is due; what is of none has no order. None while a replay is under way: what it brings back goes before what came after it was asked for
SELECT d.id, d.due_at
  FROM delivery d
 WHERE d.tenant_id = $1
   AND d.endpoint_id = $2
   AND d.status = 'pending'
   AND d.due_at <= $3
   AND NOT EXISTS (SELECT 1
                     FROM delivery e
                    WHERE e.tenant_id = d.tenant_id
                      AND e.endpoint_id = d.endpoint_id
                      AND e.account_id = d.account_id
                      AND e.status = 'pending'
                      AND e.serial < d.serial)
   AND NOT EXISTS (SELECT 1
                     FROM job j
                    WHERE j.tenant_id = d.tenant_id
                      AND j.kind = 'webhook.replay'
                      AND j.object_id = d.endpoint_id
                      AND j.status = 'due')
 ORDER BY d.due_at, d.id
 LIMIT $4

--@ delivery_next_of_channel: when the first of them after an instant is due
SELECT due_at
  FROM delivery
 WHERE tenant_id = $1
   AND channel = $2
   AND endpoint_id IS NULL
   AND status = 'pending'
   AND due_at > $3
 ORDER BY due_at, id
 LIMIT 1

--@ delivery_next_of_endpoint: the same of an endpoint
SELECT due_at
  FROM delivery
 WHERE tenant_id = $1
   AND endpoint_id = $2
   AND status = 'pending'
   AND due_at > $3
 ORDER BY due_at, id
 LIMIT 1

--@ delivery_next_pending: of each channel and endpoint the first message that waits for neither a paused endpoint nor another message, and when it is due; what waits behind it is not looked at
WITH RECURSIVE
  channel AS (
       SELECT '' AS name
        UNION ALL
       SELECT (SELECT min(d.channel)
                 FROM delivery d
                WHERE d.tenant_id = $1
                  AND d.status = 'pending'
                  AND d.endpoint_id IS NULL
                  AND d.channel > channel.name)
         FROM channel
        WHERE channel.name IS NOT NULL),
  endpoint AS (
       SELECT 0 AS id
        UNION ALL
       SELECT (SELECT min(d.endpoint_id)
                 FROM delivery d
                WHERE d.tenant_id = $1
                  AND d.status = 'pending'
                  AND d.endpoint_id > endpoint.id)
         FROM endpoint
        WHERE endpoint.id IS NOT NULL),
  head AS (
       SELECT (SELECT d.id
                 FROM delivery d
                WHERE d.tenant_id = $1
                  AND d.channel = channel.name
                  AND d.endpoint_id IS NULL
                  AND d.status = 'pending'
                ORDER BY d.due_at, d.id
                LIMIT 1) AS id
         FROM channel
        WHERE channel.name > ''
        UNION ALL
       SELECT (SELECT d.id
                 FROM delivery d
                WHERE d.tenant_id = $1
                  AND d.endpoint_id = endpoint.id
                  AND d.status = 'pending'
                  AND d.due_at > 0
                  AND (w.ordering IS NULL
                       OR w.ordering <> 'ordered'
                       OR NOT EXISTS (SELECT 1
                                        FROM delivery f
                                       WHERE f.tenant_id = d.tenant_id
                                         AND f.endpoint_id = d.endpoint_id
                                         AND f.account_id = d.account_id
                                         AND f.status = 'pending'
                                         AND f.serial < d.serial))
                ORDER BY d.due_at, d.id
                LIMIT 1)
         FROM endpoint
         LEFT JOIN webhook_endpoint w ON w.tenant_id = $1 AND w.id = endpoint.id
        WHERE endpoint.id > 0
          AND (w.status IS NULL OR w.status = 'active'))
SELECT d.channel, d.endpoint_id, d.due_at
  FROM head
  JOIN delivery d ON d.tenant_id = $1 AND d.id = head.id
 ORDER BY d.channel, d.endpoint_id

--@ delivery_before: a message of this account that waits for this endpoint and comes before this serial
SELECT id
  FROM delivery
 WHERE tenant_id = $1
   AND endpoint_id = $2
   AND account_id = $3
   AND status = 'pending'
   AND serial < $4
 LIMIT 1

--@ delivery_go_on: one of this account has ended: what waits behind it is due, all of it that came with one event
UPDATE delivery
   SET due_at = $4
 WHERE tenant_id = $1
   AND endpoint_id = $2
   AND account_id = $3
   AND status = 'pending'
   AND serial = (SELECT min(d.serial)
                   FROM delivery d
                  WHERE d.tenant_id = $1
                    AND d.endpoint_id = $2
                    AND d.account_id = $3
                    AND d.status = 'pending')
   AND due_at IS NULL

--@ delivery_release: some that wait behind another of this endpoint do so no more
UPDATE delivery
   SET due_at = $3
 WHERE tenant_id = $1
   AND id IN (SELECT id
                FROM delivery
               WHERE tenant_id = $1
                 AND endpoint_id = $2
                 AND status = 'pending'
                 AND due_at IS NULL
               LIMIT $4)

--@ delivery_line: what waits for an endpoint, account by account in order, after an account, a serial and an id
SELECT account_id, serial, id
  FROM delivery
 WHERE tenant_id = $1
   AND endpoint_id = $2
   AND status = 'pending'
   AND (account_id, serial, id) > ($3, $4, $5)
 ORDER BY account_id, serial, id
 LIMIT $6

--@ delivery_line_up: it waits behind an earlier one of its account, if there is one
UPDATE delivery
   SET due_at = NULL
 WHERE tenant_id = $1
   AND id = $2
   AND status = 'pending'
   AND due_at IS NOT NULL
   AND EXISTS (SELECT 1
                 FROM delivery d
                WHERE d.tenant_id = $1
                  AND d.endpoint_id = $3
                  AND d.account_id = $4
                  AND d.status = 'pending'
                  AND d.serial < $5)

--@ delivery_done: a message has arrived
UPDATE delivery
   SET status = 'done',
       attempts = attempts + 1,
       answer_status = $3,
       last_error = NULL,
       ended_at = $4
 WHERE tenant_id = $1
   AND id = $2
   AND status = 'pending'

--@ delivery_attempts: the tries of a delivery that failed
SELECT {delivery_attempt}
  FROM delivery_attempt
 WHERE tenant_id = $1
   AND delivery_id = $2
 ORDER BY attempt

--@ delivery_attempts_forget: takes them out
DELETE FROM delivery_attempt
 WHERE tenant_id = $1
   AND delivery_id = $2

--@ delivery_of_event: what an endpoint got or gets of an event
SELECT {delivery}
  FROM delivery
 WHERE tenant_id = $1
   AND endpoint_id = $2
   AND serial = $3

--@ webhook_endpoint_hearing: the first endpoint after this one for which events are recorded
SELECT {webhook_endpoint}
  FROM webhook_endpoint
 WHERE tenant_id = $1
   AND id > $2
   AND status <> 'disabled'
 ORDER BY id
 LIMIT 1

--@ webhook_endpoint_page: endpoints after this one
SELECT {webhook_endpoint}
  FROM webhook_endpoint
 WHERE tenant_id = $1
   AND id > $2
 ORDER BY id
 LIMIT $3

--@ webhook_endpoint_count: how many there are
SELECT count(*)
  FROM webhook_endpoint
 WHERE tenant_id = $1

--@ webhook_endpoint_delete: takes one out
DELETE FROM webhook_endpoint
 WHERE tenant_id = $1
   AND id = $2

--@ webhook_secrets_live: what an endpoint's messages are signed with at an instant of the wall clock, the newest first
SELECT {webhook_secret}
  FROM webhook_secret
 WHERE tenant_id = $1
   AND endpoint_id = $2
   AND (expires_at IS NULL OR expires_at > $3)
 ORDER BY id DESC

--@ webhook_secrets_all: a tenant's, those that have expired too
SELECT {webhook_secret}
  FROM webhook_secret
 WHERE tenant_id = $1
 ORDER BY id

--@ webhook_secret_seals [global]: the fronts of those that are sealed, which tell the keys: "sealed:", 16 digits, a colon
SELECT DISTINCT substr(secret, 1, 24)
  FROM webhook_secret
 WHERE substr(secret, 1, 7) = 'sealed:'
 ORDER BY 1

--@ webhook_secrets_drop: takes out what an endpoint's secrets were until an instant
DELETE FROM webhook_secret
 WHERE tenant_id = $1
   AND endpoint_id = $2
   AND expires_at <= $3

--@ webhook_secrets_delete: takes out all secrets of an endpoint
DELETE FROM webhook_secret
 WHERE tenant_id = $1
   AND endpoint_id = $2

--@ journal_after: events after this serial and until that one
SELECT {journal}
  FROM journal
 WHERE tenant_id = $1
   AND serial > $2
   AND serial <= $3
 ORDER BY serial
 LIMIT $4

--@ journal_last: the newest serial
SELECT serial
  FROM journal
 WHERE tenant_id = $1
 ORDER BY serial DESC
 LIMIT 1

-- ------------------------------------------------------------------------------------------------ event: rows for ctx:each, after an id

--@ each_account: accounts
SELECT {account}
  FROM account
 WHERE tenant_id = $1
   AND id > $2
 ORDER BY id
 LIMIT $3

--@ each_customer: customers
SELECT {customer}
  FROM customer
 WHERE tenant_id = $1
   AND id > $2
 ORDER BY id
 LIMIT $3

--@ each_plan: plans
SELECT {plan}
  FROM plan
 WHERE tenant_id = $1
   AND id > $2
 ORDER BY id
 LIMIT $3

--@ each_order: orders
SELECT {order}
  FROM "order"
 WHERE tenant_id = $1
   AND id > $2
 ORDER BY id
 LIMIT $3

--@ each_subscription: subscriptions
SELECT {subscription}
  FROM subscription
 WHERE tenant_id = $1
   AND id > $2
 ORDER BY id
 LIMIT $3

--@ each_invoice: invoices, without their lines
SELECT {invoice}
  FROM invoice
 WHERE tenant_id = $1
   AND id > $2
 ORDER BY id
 LIMIT $3

--@ each_payment: payments, without attempts and allocations
SELECT {payment}
  FROM payment
 WHERE tenant_id = $1
   AND id > $2
 ORDER BY id
 LIMIT $3

--@ each_credit: credits
SELECT {credit}
  FROM credit
 WHERE tenant_id = $1
   AND id > $2
 ORDER BY id
 LIMIT $3

--@ audit_last_digest: what the next audit row is chained to
SELECT digest
  FROM audit
 WHERE tenant_id = $1
 ORDER BY id DESC
 LIMIT 1

--@ audit_last_at: when the tenant's last command was
SELECT at
  FROM audit
 WHERE tenant_id = $1
 ORDER BY id DESC
 LIMIT 1

--@ journal_any: is anything journalled?
SELECT serial
  FROM journal
 WHERE tenant_id = $1
 ORDER BY serial
 LIMIT 1

-- ------------------------------------------------------------------------------------------------ pages of what happened and is due

--@ journal_page: events after a serial ($3 of this name, $4 of this account, where given)
SELECT {journal}
  FROM journal
 WHERE tenant_id = $1
   AND serial > $2
   AND ($3 IS NULL OR event = $3)
   AND ($4 IS NULL OR account_id = $4)
 ORDER BY serial
 LIMIT $5

--@ journal_before: events before a serial, newest first, from this one on ($4 of this account, where given)
SELECT {journal}
  FROM journal
 WHERE tenant_id = $1
   AND serial < $2
   AND serial >= $3
   AND ($4 IS NULL OR account_id = $4)
 ORDER BY serial DESC
 LIMIT $5

--@ rule_run_page: runs of rules after this one ($3 of this correlation id, $4 of this rule, where given)
SELECT {rule_run}
  FROM rule_run
 WHERE tenant_id = $1
   AND id > $2
   AND ($3 IS NULL OR correlation_id = $3)
   AND ($4 IS NULL OR rule = $4)
 ORDER BY id
 LIMIT $5

--@ audit_page: audit rows after this one ($3 of this command, $4 of this account, where given)
SELECT {audit}
  FROM audit
 WHERE tenant_id = $1
   AND id > $2
   AND ($3 IS NULL OR command = $3)
   AND ($4 IS NULL OR account_id = $4)
 ORDER BY id
 LIMIT $5

--@ job_page: jobs after this one ($3 of this status, $4 of this account, where given)
SELECT {job}
  FROM job
 WHERE tenant_id = $1
   AND id > $2
   AND ($3 IS NULL OR status = $3)
   AND ($4 IS NULL OR account_id = $4)
 ORDER BY id
 LIMIT $5

--@ cause_page: what began chains, after this one ($3 of this status, $4 of this account, where given)
SELECT {cause}
  FROM cause
 WHERE tenant_id = $1
   AND id > $2
   AND ($3 IS NULL OR status = $3)
   AND ($4 IS NULL OR account_id = $4)
 ORDER BY id
 LIMIT $5

--@ delivery_page: deliveries after this one ($3 of this status, $4 of this account, where given)
SELECT {delivery}
  FROM delivery
 WHERE tenant_id = $1
   AND id > $2
   AND ($3 IS NULL OR status = $3)
   AND ($4 IS NULL OR account_id = $4)
 ORDER BY id
 LIMIT $5

--@ order_invoiced: what was invoiced for an order and not cancelled, in minor units
SELECT CAST(coalesce(sum(l.amount), 0) AS BIGINT)
  FROM invoice_line l
  JOIN invoice i ON i.tenant_id = l.tenant_id AND i.account_id = l.account_id AND i.id = l.invoice_id
 WHERE l.tenant_id = $1
   AND l.account_id = $2
   AND l.order_id = $3
   AND i.status <> 'cancelled'

--@ aps_type_by_uri: the type of a URI
SELECT {aps_type}
  FROM aps_type
 WHERE tenant_id = $1
   AND uri = $2

--@ aps_type_page: types after this one
SELECT {aps_type}
  FROM aps_type
 WHERE tenant_id = $1
   AND id > $2
 ORDER BY id
 LIMIT $3

--@ aps_type_remove: takes one out
DELETE FROM aps_type
 WHERE tenant_id = $1
   AND id = $2

--@ aps_resource_by_key: the resource of an id on APS's wire
SELECT {aps_resource}
  FROM aps_resource
 WHERE tenant_id = $1
   AND key = $2

--@ aps_resource_page: resources after this one
SELECT {aps_resource}
  FROM aps_resource
 WHERE tenant_id = $1
   AND id > $2
 ORDER BY id
 LIMIT $3

--@ aps_resource_page_of_account: the same of one owner
SELECT {aps_resource}
  FROM aps_resource
 WHERE tenant_id = $1
   AND account_id = $4
   AND id > $2
 ORDER BY id
 LIMIT $3

--@ aps_resource_of_type: resources of a type after this one
SELECT {aps_resource}
  FROM aps_resource
 WHERE tenant_id = $1
   AND type = $2
   AND id > $3
 ORDER BY id
 LIMIT $4

--@ aps_resource_adopt: some that have no endpoint yet get this one
UPDATE aps_resource
   SET endpoint_id = $2,
       updated_at = $3
 WHERE tenant_id = $1
   AND id IN (SELECT id
                FROM aps_resource
               WHERE tenant_id = $1
                 AND endpoint_id IS NULL
               ORDER BY id
               LIMIT $4)

--@ aps_resource_remove: takes one out
DELETE FROM aps_resource
 WHERE tenant_id = $1
   AND id = $2

--@ aps_linked_remove: the links of a resource go
DELETE FROM aps_linked
 WHERE tenant_id = $1
   AND resource_id = $2

--@ event_subscription_page: event subscriptions after this one
SELECT {event_subscription}
  FROM event_subscription
 WHERE tenant_id = $1
   AND id > $2
 ORDER BY id
 LIMIT $3

--@ event_subscription_of_resource: those of a resource
SELECT {event_subscription}
  FROM event_subscription
 WHERE tenant_id = $1
   AND resource_id = $2
 ORDER BY id

--@ event_subscription_by_uuid: the one of an id on APS's wire
SELECT {event_subscription}
  FROM event_subscription
 WHERE tenant_id = $1
   AND uuid = $2

--@ event_subscription_last: the newest one
SELECT max(id)
  FROM event_subscription
 WHERE tenant_id = $1

--@ event_subscription_of_owner: to an event of this source (NULL: of its type), of resources that an account owns; part by part, up to the newest of then
SELECT {event_subscription}
  FROM event_subscription
 WHERE tenant_id = $1
   AND account_id = $2
   AND event = $3
   AND source_key IS $4
   AND id > $5
   AND id <= $6
 ORDER BY id
 LIMIT $7

--@ event_subscription_of_linked: to an event of this source ($4) or of its type, of resources of others that are linked to $5 and not to $6; part by part after a resource and an event subscription, up to the newest of then
SELECT {event_subscription e}
  FROM aps_linked l
  JOIN event_subscription e ON e.tenant_id = l.tenant_id AND e.resource_id = l.resource_id
 WHERE l.tenant_id = $1
   AND l.key = $5
   AND l.resource_id >= $7
   AND (l.resource_id > $7 OR e.id > $8)
   AND e.id <= $9
   AND e.account_id <> $2
   AND e.event = $3
   AND (e.source_key IS NULL OR e.source_key = $4)
   AND NOT EXISTS (SELECT 1
                     FROM aps_linked o
                    WHERE o.tenant_id = l.tenant_id
                      AND o.resource_id = l.resource_id
                      AND o.key = $6)
 ORDER BY l.resource_id, e.id
 LIMIT $10

--@ event_subscription_remove: takes one out
DELETE FROM event_subscription
 WHERE tenant_id = $1
   AND id = $2

--@ event_subscription_remove_of_resource: those of a resource go
DELETE FROM event_subscription
 WHERE tenant_id = $1
   AND resource_id = $2

--@ renewal_order_page: renewal orders of the tenant or of an account, newest first
SELECT {renewal_order}
  FROM renewal_order
 WHERE tenant_id = $1
   AND ($2 IS NULL OR account_id = $2)
   AND ($3 IS NULL OR status = $3)
   AND ($4 IS NULL OR id < $4)
 ORDER BY id DESC
 LIMIT $5
