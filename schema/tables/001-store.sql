-- The store's own tables: what lies behind store_new_id, store_next_number and store_idempotency_begin.

-- Gapless series (invoice numbers, serials): the number that is given next. Tenant 0 is the store itself.
CREATE TABLE counter (
  tenant_id INTEGER NOT NULL CHECK (tenant_id >= 0),
  series    TEXT    NOT NULL,
  next      INTEGER NOT NULL CHECK (next > 0),
  PRIMARY KEY (tenant_id, series)
) STRICT, WITHOUT ROWID;

-- Ids of rows by kind: the first id that is not yet taken. Ids stay below 2^53.
CREATE TABLE id_block (
  tenant_id INTEGER NOT NULL CHECK (tenant_id >= 0),
  kind      TEXT    NOT NULL,
  next      INTEGER NOT NULL CHECK (next > 0 AND next <= 9007199254740992),
  PRIMARY KEY (tenant_id, kind)
) STRICT, WITHOUT ROWID;

-- Idempotency keys in the order of their coming, appended only: clients choose keys at random, and a unique index over
-- them would cost a page write each. The set of hashes in memory tells which keys exist; it is read from here at start,
-- so a row is narrow and the stored answer lies in a table of its own.
-- stays with its tenant: the hashes are of its id, too
CREATE TABLE idempotency (
  id          INTEGER PRIMARY KEY,
  tenant_id   INTEGER NOT NULL CHECK (tenant_id >= 0),
  created_at  INTEGER NOT NULL,
  hash        BLOB    NOT NULL CHECK (length(hash) = 16),
  fingerprint BLOB    NOT NULL CHECK (length(fingerprint) = 32),
  key         TEXT    NOT NULL
) STRICT;

-- stays with its tenant
CREATE TABLE idempotency_answer (
  id           INTEGER PRIMARY KEY,
  tenant_id    INTEGER NOT NULL CHECK (tenant_id >= 0),
  status       INTEGER NOT NULL,
  content_type TEXT,
  body         TEXT
) STRICT;

-- Tenants of which only some rows are there, and no row of `tenant`: one that is being copied into the store (comes), and one
-- whose rows are being removed (goes), be it that it was dropped or that its copy was not finished.
CREATE TABLE partial_tenant (
  id    INTEGER PRIMARY KEY,
  state TEXT    NOT NULL
) STRICT;
