-- Streams of events: what was sent, the days of each subscription, their totals, and tokens. billing/event_write.h says how they belong together.

-- Events in the order of their coming, appended only. previous_id goes on to the one before it of the same subscription and
-- day: so a day of a subscription is read without an index over all events, which would cost a page write each.
CREATE TABLE stream_event (
  tenant_id       INTEGER NOT NULL CHECK (tenant_id > 0),
  stream_id       INTEGER NOT NULL CHECK (stream_id > 0),
  id              INTEGER NOT NULL CHECK (id > 0),
  subscription_id INTEGER,
  occurred_at     INTEGER NOT NULL,
  created_at      INTEGER NOT NULL,
  previous_id     INTEGER NOT NULL,
  verdict         INTEGER NOT NULL,
  token           TEXT,
  properties      TEXT,
  PRIMARY KEY (tenant_id, stream_id, id)
) STRICT, WITHOUT ROWID;

-- A subscription that has sent events to a stream. Its days begin at the time of day that its billing does.
CREATE TABLE event_meter (
  tenant_id       INTEGER NOT NULL CHECK (tenant_id > 0),
  stream_id       INTEGER NOT NULL,
  subscription_id INTEGER NOT NULL,
  phase_us        INTEGER NOT NULL CHECK (phase_us >= 0),
  first_day       INTEGER NOT NULL,
  closed_to       INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, subscription_id, stream_id)
) STRICT, WITHOUT ROWID;

-- A day of a subscription; by days first, so that what is written today lies together.
CREATE TABLE event_day (
  tenant_id       INTEGER NOT NULL CHECK (tenant_id > 0),
  stream_id       INTEGER NOT NULL,
  day             INTEGER NOT NULL,
  subscription_id INTEGER NOT NULL,
  event_count     INTEGER NOT NULL CHECK (event_count > 0),
  first_id        INTEGER NOT NULL,
  last_id         INTEGER NOT NULL,
  first_at        INTEGER NOT NULL,
  last_at         INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, stream_id, day, subscription_id)
) STRICT, WITHOUT ROWID;

-- What the counted events of a day come to by a metric, for each segment.
CREATE TABLE metric_total (
  tenant_id       INTEGER NOT NULL CHECK (tenant_id > 0),
  metric_id       INTEGER NOT NULL,
  day             INTEGER NOT NULL,
  subscription_id INTEGER NOT NULL,
  segment         TEXT    NOT NULL,
  event_count     INTEGER NOT NULL CHECK (event_count > 0),
  total           TEXT,
  weighted        TEXT,
  extreme         TEXT,
  extreme_at      INTEGER,
  extreme_id      INTEGER,
  priced          TEXT,
  PRIMARY KEY (tenant_id, metric_id, day, subscription_id, segment)
) STRICT, WITHOUT ROWID;

-- How far a metric is billed of a subscription: later events of before are late. carried: of time_weighted_sum, the sum of all values before.
CREATE TABLE metric_progress (
  tenant_id       INTEGER NOT NULL CHECK (tenant_id > 0),
  subscription_id INTEGER NOT NULL,
  metric_id       INTEGER NOT NULL,
  closed_to       INTEGER NOT NULL,
  carried         TEXT    NOT NULL,
  PRIMARY KEY (tenant_id, subscription_id, metric_id)
) STRICT, WITHOUT ROWID;

-- Uniqueness tokens as hashes, a row for what came together: they are read into memory at start. Each is 12 bytes of hash and
-- 4 of how far its event's id is from the first. `until` is the tenant's clock when they may be used again.
-- stays with its tenant: the hashes are of its id, too
CREATE TABLE stream_token (
  tenant_id INTEGER NOT NULL CHECK (tenant_id > 0),
  id        INTEGER NOT NULL,
  until     INTEGER NOT NULL,
  first_id  INTEGER NOT NULL,
  hashes    BLOB    NOT NULL,
  PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;

-- used by: event_stream_by_handle
CREATE UNIQUE INDEX event_stream_handle ON event_stream (tenant_id, handle);

-- used by: billing_metric_by_handle
CREATE UNIQUE INDEX billing_metric_handle ON billing_metric (tenant_id, handle);

-- used by: billing_metric_of_stream
CREATE INDEX billing_metric_stream ON billing_metric (tenant_id, stream_id, id);
