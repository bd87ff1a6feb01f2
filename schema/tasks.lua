-- tasks.lua: work that rules do by the clock, the days on which they rest, and what their commands are asked.
-- The shape of a record is told at the head of records.lua. Terms: atomia-aps-blubilling.md A.4; a tick is 100 ns.

local ticks_most = (1 << 53) - 1 -- 28 years: what a JSON number carries; what is longer is given as a duration

record "scheduled_task" {
	doc = "Work that a task rule does at each slot of a fixed grid, or once.",
	stored = { since = 1, key = { "id" } },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "name", "text", required = true, max = 100, doc = "Unique in the tenant." },
	{ "handler", "text", required = true, max = 200, doc = "The task rule of the bundle that does the work." },
	{ "status", "choice", words = { "active", "paused", "finished" }, required = true, doc = "finished: it ran once or expired, or no slot is left before the year 10000." },
	{ "run_once", "boolean", required = true, doc = "" },
	{ "period", "duration", doc = "From slot to slot: months, weeks and days by the tenant's calendar, the rest exact; none with run_once." },
	{ "period_ticks", "integer", doc = "The same in ticks of 100 ns; none when it has calendar parts." },
	{ "expires_after", "duration", doc = "With run_once: so long after its slot it still runs; none: for ever." },
	{ "expires_after_ticks", "integer", doc = "The same in ticks." },
	{ "skip_weekend", "boolean", required = true, doc = "A slot on a Saturday or Sunday is run on the next working day; the grid stays." },
	{ "skip_holidays", "boolean", required = true, doc = "The same for holidays of the tenant." },
	{ "catch_up", "choice", words = { "coalesce", "each" }, required = true, doc = "After an outage: one run for all slots missed, or one for each, oldest first." },
	{ "anchor_at", "instant", doc = "A slot that the grid goes through; none before the first run of a task made without next_run_at." },
	{ "slot_at", "instant", doc = "The next slot of the grid." },
	{ "next_run_at", "instant", doc = "When that slot is run: itself, or later for a day of rest; none when nothing follows." },
	{ "last_run_at", "instant", doc = "When the last run really began." },
	{ "missed", "integer", required = true, min = 0, doc = "Slots that the last run stands for beside its own." },
	{ "outcome", "choice", words = { "done", "expired" }, doc = "Of a task that is finished." },
	{ "held_until", "instant", doc = "Until then no slot is run: task.hold." },
	{ "created_at", "instant", required = true, doc = "" },
	{ "updated_at", "instant", required = true, doc = "" },
}

record "task_run" {
	doc = "One run of a task, or a slot that was passed over.",
	stored = { since = 1, key = { "id" } },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "task_id", "id", required = true, doc = "" },
	{ "task", "text", required = true, max = 100, doc = "The task's name." },
	{ "handler", "text", required = true, max = 200, doc = "" },
	{ "slot_at", "instant", required = true, doc = "The slot it was for; by hand: when it was asked for." },
	{ "missed", "integer", required = true, min = 0, doc = "Slots it stands for beside that one." },
	{ "outcome", "choice", words = { "done", "failed", "skipped", "expired" }, required = true, doc = "skipped: a pre rule of task.run rejected it." },
	{ "started_at", "instant", required = true, doc = "" },
	{ "ended_at", "instant", required = true, doc = "" },
	{ "errors", "integer", required = true, min = 0, doc = "0 or 1." },
	{ "error", "text", max = 1000, doc = "What the rule raised; no_handler: the bundle has no such task rule." },
	{ "error_place", "text", max = 300, doc = "File and line of the bundle." },
	{ "bundle", "text", max = 64, doc = "Digest of the bundle whose rule ran." },
}

record "holiday" {
	doc = "Days on which tasks with skip_holidays rest.",
	stored = { since = 1, key = { "id" } },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "name", "text", required = true, max = 100, doc = "" },
	{ "start_date", "date", required = true, doc = "In the tenant's zone." },
	{ "end_date", "date", required = true, doc = "Its last day." },
	{ "recurring", "boolean", required = true, doc = "On the same days of every year; 29 February is the 28th in other years." },
	{ "created_at", "instant", required = true, doc = "" },
}

-- ---------------------------------------------------------------------------------------------- commands

record "task_create" {
	doc = "Input of task.create.",
	{ "name", "text", required = true, min = 1, max = 100, visible = true, doc = "" },
	{ "handler", "text", min = 1, max = 200, doc = "The task rule; the name when absent." },
	{ "period", "duration", doc = "PT1H, P1D, P1M; or period_ticks. None with run_once." },
	{ "period_ticks", "integer", max = ticks_most, doc = "The same in ticks of 100 ns." },
	{ "run_once", "boolean", doc = "" },
	{ "expires_after", "duration", doc = "PT15M, P7D of 24 hours each; or expires_after_ticks. For run_once." },
	{ "expires_after_ticks", "integer", min = 0, max = ticks_most, doc = "The same in ticks; 0: never." },
	{ "skip_weekend", "boolean", doc = "" },
	{ "skip_holidays", "boolean", doc = "" },
	{ "catch_up", "choice", words = { "coalesce", "each" }, doc = "coalesce when absent." },
	{ "next_run_at", "instant", doc = "The first slot; absent: at once, and every period from then." },
}

record "task_update" {
	doc = "Input of task.update; absent fields stay.",
	{ "id", "id", required = true, doc = "" },
	{ "name", "text", min = 1, max = 100, visible = true, doc = "" },
	{ "handler", "text", min = 1, max = 200, doc = "" },
	{ "period", "duration", doc = "The grid begins anew at the next slot." },
	{ "period_ticks", "integer", max = ticks_most, doc = "" },
	{ "expires_after", "duration", doc = "" },
	{ "expires_after_ticks", "integer", min = 0, max = ticks_most, doc = "" },
	{ "skip_weekend", "boolean", doc = "" },
	{ "skip_holidays", "boolean", doc = "" },
	{ "catch_up", "choice", words = { "coalesce", "each" }, doc = "" },
	{ "next_run_at", "instant", doc = "The next slot, and the grid from it; a finished task becomes active." },
	{ "status", "choice", words = { "active", "paused" }, doc = "" },
}

record "task_delete" {
	doc = "Input of task.delete.",
	{ "id", "id", required = true, doc = "" },
}

record "task_run_now" {
	doc = "Input of task.run.",
	{ "id", "id", doc = "Or name." },
	{ "name", "text", max = 100, doc = "" },
}

record "task_hold" {
	doc = "Input of task.hold: the work of a run goes on, and its next slot waits.",
	{ "id", "id", doc = "Or name." },
	{ "name", "text", max = 100, doc = "" },
	{ "length", "duration", doc = "From now, exact: PT90M; or until_at." },
	{ "until_at", "instant", doc = "" },
}

record "holiday_create" {
	doc = "Input of holiday.create.",
	{ "name", "text", required = true, min = 1, max = 100, doc = "" },
	{ "start_date", "date", required = true, doc = "" },
	{ "end_date", "date", doc = "Its last day; start_date when absent." },
	{ "recurring", "boolean", doc = "" },
}

record "holiday_update" {
	doc = "Input of holiday.update; absent fields stay.",
	{ "id", "id", required = true, doc = "" },
	{ "name", "text", min = 1, max = 100, doc = "" },
	{ "start_date", "date", doc = "" },
	{ "end_date", "date", doc = "" },
	{ "recurring", "boolean", doc = "" },
}

record "holiday_delete" {
	doc = "Input of holiday.delete.",
	{ "id", "id", required = true, doc = "" },
}

record "working_day" {
	doc = "Whether a date is a working day, and those around it: no weekend, no holiday.",
	{ "date", "date", required = true, doc = "" },
	{ "working", "boolean", required = true, doc = "" },
	{ "next", "date", doc = "The first working day after it; none where the calendar ends, or none comes within 400 days." },
	{ "previous", "date", doc = "The last one before it; none likewise." },
}
