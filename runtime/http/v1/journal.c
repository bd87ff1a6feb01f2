/* journal.c: what happened and what is due, under /v1: events, runs of rules, audit, jobs, causes, deliveries. */
#include "v1.h"

/* ---- events, by serial ---- */

static bool event_get(struct command *command, struct http_exchange *exchange)
{
	void *row;
	if (!store_find(command->store, &journal_record, exchange->id, &row))
		return false;
	if (!row)
		return problem(&exchange->problems, PROBLEM_NOT_FOUND, "", "event %lld does not exist", (long long)exchange->id);
	return http_reply_found(exchange, exchange->entry->route->output, row);
}

/* Where the page begins: behind the cursor, or behind ?after= when there is none. */
static bool after_read(struct http_exchange *exchange, const struct http_page *page, int64_t *after)
{
	if (!http_parameter_integer(exchange, "after", 0, INT64_MAX, 0, after))
		return false;
	if (page->after)
		*after = page->after;
	return true;
}

static const char *event_candidate(const void *context, size_t i)
{
	(void)context;
	return i + 1 < EVENT_COUNT ? event_info((enum event)(i + 1))->name : NULL;
}

static bool event_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                       struct record_list *rows)
{
	int64_t after;
	struct text event;
	return after_read(exchange, page, &after) && http_parameter_name(exchange, "event", event_candidate, NULL, &event) &&
	       store_all(command->store, STATEMENT_JOURNAL_PAGE,
	                 BINDS(bind_integer(after), bind_text(event),
	                       bind_id(page->account_id), bind_integer(page->rows)),
	                 &journal_record, rows);
}

/* ---- the rest, by id ---- */

static bool rule_run_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                          struct record_list *rows)
{
	struct text text = http_parameter(&exchange->target, "correlation_id");
	struct uuid correlation = { { 0 } };
	int64_t after;
	if (text_present(text) && !uuid_parse(text, &correlation))
		return problem_value(&exchange->problems, PROBLEM_BAD_PARAMETER, "/correlation_id",
		                     text_slice(text, 0, 60), NULL, "correlation_id is not a UUID");
	return after_read(exchange, page, &after) &&
	       store_all(command->store, STATEMENT_RULE_RUN_PAGE,
	                 BINDS(bind_integer(after),
	                       text_present(text) ? bind_blob(correlation.bytes, sizeof correlation.bytes)
	                       : bind_null(),
	                       bind_text(http_parameter(&exchange->target, "rule")), bind_integer(page->rows)),
	                 &rule_run_record, rows);
}

static const char *command_candidate(const void *context, size_t i)
{
	return engine_audit_name_at(context, i);
}

static bool audit_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                       struct record_list *rows)
{
	int64_t after;
	struct text name;
	return after_read(exchange, page, &after) &&
	       http_parameter_name(exchange, "command", command_candidate, exchange->application->engine, &name) &&
	       store_all(command->store, STATEMENT_AUDIT_PAGE,
	                 BINDS(bind_integer(after), bind_text(name),
	                       bind_id(page->account_id), bind_integer(page->rows)),
	                 &audit_record, rows);
}

/* The word that a choice field is stored as. */
static struct store_bind bind_status(const struct record *record, int field, int status)
{
	return status ? bind_c(record->fields[field].words[status]) : bind_null();
}

static bool job_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                     struct record_list *rows)
{
	int64_t after;
	return after_read(exchange, page, &after) &&
	       store_all(command->store, STATEMENT_JOB_PAGE,
	                 BINDS(bind_integer(after), bind_status(&job_record, JOB_FIELD_STATUS, page->status),
	                       bind_id(page->account_id), bind_integer(page->rows)),
	                 &job_record, rows);
}

static bool delivery_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                          struct record_list *rows)
{
	int64_t after;
	return after_read(exchange, page, &after) &&
	       store_all(command->store, STATEMENT_DELIVERY_PAGE,
	                 BINDS(bind_integer(after), bind_status(&delivery_record, DELIVERY_FIELD_STATUS, page->status),
	                       bind_id(page->account_id), bind_integer(page->rows)),
	                 &delivery_record, rows);
}

static bool cause_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                       struct record_list *rows)
{
	int64_t after;
	return after_read(exchange, page, &after) &&
	       store_all(command->store, STATEMENT_CAUSE_PAGE,
	                 BINDS(bind_integer(after), bind_status(&cause_record, CAUSE_FIELD_STATUS, page->status),
	                       bind_id(page->account_id), bind_integer(page->rows)),
	                 &cause_record, rows);
}

static const struct http_list event_list = { &journal_record, "serial", 0, event_rows };
static const struct http_list rule_run_list = { &rule_run_record, "id", 0, rule_run_rows };
static const struct http_list audit_list = { &audit_record, "id", 0, audit_rows };
static const struct http_list job_list = { &job_record, "id", JOB_FIELD_STATUS, job_rows };
static const struct http_list cause_list = { &cause_record, "id", CAUSE_FIELD_STATUS, cause_rows };
static const struct http_list delivery_list = { &delivery_record, "id", DELIVERY_FIELD_STATUS, delivery_rows };

const struct http_route v1_journal_routes[] = {
	{ .method = "GET", .path = "/v1/events", .scope = "read", .parameters = "limit cursor after event account_id",
	  .handle = http_read, .read = http_list_read, .list = &event_list,
	  .doc = "The journal in the order of its serials, after one of them." },
	{ .method = "GET", .path = "/v1/events/{id}", .scope = "read", .handle = http_read, .read = event_get,
	  .output = &journal_record, .doc = "An event by its serial." },
	{ .method = "GET", .path = "/v1/rule_runs", .scope = "read",
	  .parameters = "limit cursor after correlation_id rule",
	  .handle = http_read, .read = http_list_read, .list = &rule_run_list,
	  .doc = "What runs of rules read and decided, in the order of their ids, after one of them." },
	{ .method = "GET", .path = "/v1/rule_runs/{id}", .scope = "read", .handle = http_read, .read = v1_row_get,
	  .output = &rule_run_record, .doc = "What a run of a rule read and decided." },
	{ .method = "GET", .path = "/v1/audit", .scope = "admin", .parameters = "limit cursor after command account_id",
	  .handle = http_read, .read = http_list_read, .list = &audit_list,
	  .doc = "Who did what, in order, after a row." },
	{ .method = "GET", .path = "/v1/audit/{id}", .scope = "admin", .handle = http_read, .read = v1_row_get,
	  .output = &audit_record, .doc = "Who did one thing." },
	{ .method = "GET", .path = "/v1/jobs", .scope = "read", .parameters = "limit cursor after status account_id",
	  .handle = http_read, .read = http_list_read, .list = &job_list,
	  .doc = "Work that is due or dead, in the order of its ids." },
	{ .method = "GET", .path = "/v1/jobs/{id}", .scope = "read", .handle = http_read, .read = v1_row_get,
	  .output = &job_record, .doc = "Work that is due or dead." },
	{ .method = "POST", .path = "/v1/jobs/{id}/retry", .command = "job.retry", .id_field = "id", .handle = http_write,
	  .doc = "Begins dead work anew, at once." },
	{ .method = "POST", .path = "/v1/jobs/{id}/withdraw", .command = "job.withdraw", .id_field = "id", .handle = http_write,
	  .doc = "Takes out a command that a rule queued, or a post rule that is to be repeated." },
	{ .method = "GET", .path = "/v1/causes", .scope = "read", .parameters = "limit cursor after status account_id",
	  .handle = http_read, .read = http_list_read, .list = &cause_list,
	  .doc = "Commands whose rules queued others, and how much followed, in the order of their ids." },
	{ .method = "GET", .path = "/v1/causes/{id}", .scope = "read", .handle = http_read, .read = v1_row_get,
	  .output = &cause_record, .doc = "What began a chain of commands and messages." },
	{ .method = "POST", .path = "/v1/causes/{id}/withdraw", .command = "cause.withdraw", .id_field = "id", .handle = http_write,
	  .doc = "Lets nothing more follow from it and takes out what waits, 1000 jobs and messages at a time." },
	{ .method = "GET", .path = "/v1/deliveries", .scope = "read",
	  .parameters = "limit cursor after status account_id",
	  .handle = http_read, .read = http_list_read, .list = &delivery_list,
	  .doc = "Messages to the outside, in the order of their ids." },
	{ .method = "GET", .path = "/v1/deliveries/{id}", .scope = "read", .handle = http_read, .read = v1_row_get,
	  .output = &delivery_record, .doc = "A message to the outside." },
	{ .path = NULL },
};
