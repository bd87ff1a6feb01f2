-- metrics.lua: everything a process counts about itself, once: what /metrics shows and docs/metrics.md lists.
--
--   { name, kind, help, labels = { ... }, unit = "seconds" | "bytes" | nil, buckets = { ... } }
--
-- Kinds: counter (name ends in _total), gauge, histogram. Names follow the conventions of Prometheus: base units, the
-- unit in the name. A histogram of seconds is fed in microseconds; its buckets are written here in seconds.
-- Labels come from the dimensions below, so that the number of series has a bound that no client can move; tenants,
-- addresses and ids are no labels for that reason.

local dimensions = {
  -- A name alone: the words are only known to the program (rows of the table of routes, events of the catalogue).
  { name = "route", most = 480, label = "route and method", doc = "the row of `GET /`; `unmatched` for everything else" },
  { name = "event", most = 128, label = "event", doc = "an event of schema/events.lua" },
  { name = "build", most = 1, label = "version and sqlite", doc = "of this program and of its SQLite" },
  { name = "class", label = "status", words = { "1xx", "2xx", "3xx", "4xx", "5xx" } },
  { name = "moment", label = "moment", words = { "pre", "post", "policy", "task" } },
  { name = "run", label = "outcome", words = { "ok", "rejected", "failed" } },
  { name = "write", label = "outcome", words = { "committed", "rolled_back", "refused", "unknown" } },
  { name = "queue", label = "state", words = { "pending", "dead" } },
  { name = "sent", label = "outcome", words = { "done", "failed" } },
  { name = "cache", label = "result", words = { "hit", "miss" } },
}

local wait = { "0.0005", "0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10" }
local sizes = { "1", "2", "4", "8", "16", "32", "64", "128", "256" }

local metrics = {
  { "moonbill_build_info", "gauge", "Always 1; the labels say what runs.", labels = { "build" } },
  { "moonbill_ready", "gauge", "1 while /readyz answers 200." },

  { "moonbill_http_requests_total", "counter", "Requests answered.", labels = { "route", "class" } },
  { "moonbill_http_request_duration_seconds", "histogram", "From a request's headers to its reply.", labels = { "route" }, buckets = wait },
  { "moonbill_http_requests_in_flight", "gauge", "Requests whose reply is not yet out." },
  { "moonbill_http_connections", "gauge", "Open connections." },
  { "moonbill_http_connections_total", "counter", "Connections accepted." },

  { "moonbill_http_limited_total", "counter", "Requests refused because too many came: 429." },
  { "moonbill_http_connections_refused_total", "counter", "Connections refused, or ended to make room for others." },
  { "moonbill_http_cache_lookups_total", "counter", "Reads that looked for a kept answer.", labels = { "cache" } },

  { "moonbill_store_queue_length", "gauge", "Writes that wait for the writer." },
  { "moonbill_store_queue_wait_seconds", "histogram", "From a write's submission to its beginning.", buckets = wait },
  { "moonbill_store_writes_total", "counter", "Writes answered, by what became of them.", labels = { "write" } },
  { "moonbill_store_batch_writes", "histogram", "Writes in a batch, which is one transaction.", buckets = sizes },
  { "moonbill_store_commits_total", "counter", "Transactions committed." },
  { "moonbill_store_commit_seconds", "histogram", "A COMMIT, which is nearly all one fsync.", buckets = wait },
  { "moonbill_store_checkpoints_total", "counter", "Copies of the write-ahead log into the file." },
  { "moonbill_store_wal_bytes", "gauge", "Size of the write-ahead log." },
  { "moonbill_store_file_bytes", "gauge", "Size of the store's file." },
  { "moonbill_store_page_cache_bytes", "gauge", "The writer's page cache." },
  { "moonbill_store_page_cache_lookups_total", "counter", "Pages that the writer looked for in its cache.", labels = { "cache" } },

  { "moonbill_rule_runs_total", "counter", "Runs of rules.", labels = { "moment", "run" } },
  { "moonbill_rule_fuel_total", "counter", "Fuel that rules spent.", labels = { "moment" } },
  { "moonbill_events_total", "counter", "Events committed to the journal.", labels = { "event" } },
  { "moonbill_billing_accounts_total", "counter", "Accounts that billing runs have looked at." },
  { "moonbill_jobs", "gauge", "Work that is due some day, or dead.", labels = { "queue" } },
  { "moonbill_lines_parked_total", "counter", "Amounts too large to be billed that a run has left out, each time." },
  { "moonbill_jobs_overdue", "gauge", "Work of live tenants that is due now and not done: the backlog of a billing run." },
  { "moonbill_deliveries", "gauge", "Calls of gateways whose answer is awaited, and dead messages.", labels = { "queue" } },
  { "moonbill_delivery_attempts_total", "counter", "Messages sent, by what became of it; also those that were not sent because they could not be.", labels = { "sent" } },
  { "moonbill_delivery_duration_seconds", "histogram", "From the begin of a message's transfer to its end.", buckets = wait },

  { "moonbill_log_lines_lost_total", "counter", "Lines of the log that could not be written, or not whole." },

  { "process_cpu_seconds_total", "counter", "User and system time.", unit = "seconds" },
  { "process_resident_memory_bytes", "gauge", "Resident memory." },
  { "process_virtual_memory_bytes", "gauge", "Virtual memory." },
  { "process_open_fds", "gauge", "Open descriptors." },
  { "process_max_fds", "gauge", "Descriptors that may be open." },
  { "process_threads", "gauge", "Threads." },
  { "process_start_time_seconds", "gauge", "When the process began, in seconds since 1970.", unit = "seconds" },
}

return { dimensions = dimensions, metrics = metrics }
