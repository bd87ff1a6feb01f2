/* sandbox.c: an engine over a store in memory, and the ways forth and back. */
#include "sandbox.h"

#include "billing/billing.h"
#include "billing/credit.h"
#include "billing/credit_note.h"
#include "billing/invoice.h"
#include "billing/payment.h"
#include "billing/subscription_bundle.h"
#include "billing/tenant.h"
#include "event/host.h"

#include <string.h>

enum { CLOCK_MOVE_MS = 200 };

/* A row that was read, where it lies, to be read again. */
struct sandbox_row {
	const struct record *record;
	int64_t id;
	void *value;
	bool gone;
	struct sandbox_row *next;
};

/* Whatever fails says why. False. */
static bool failed(struct sandbox *sandbox)
{
	return !sandbox->problems.first &&
	       problem(&sandbox->problems, PROBLEM_STORE_FAILED, "", "the sandbox could not do it");
}

static void begin(struct sandbox *sandbox)
{
	problems_init(&sandbox->problems, &sandbox->arena);
}

/* ------------------------------------------------------------------------------------------------ the engine */

static void trace(void *context, const struct trace_entry *entry)
{
	struct sandbox *sandbox = context;
	*list_add(&sandbox->arena, &sandbox->events, struct sandbox_event) = (struct sandbox_event){
		(int)entry->kind, text_c(&sandbox->arena, text_of(entry->name)), entry->object_id,
		entry->code ? text_c(&sandbox->arena, text_of(entry->code)) : NULL
	};
}

static bool engine_start(struct sandbox *sandbox, const struct store_image *image)
{
	struct engine_options options = {
		.commands = billing_commands, .jobs = billing_jobs, .clock_move_ms = CLOCK_MOVE_MS, .keeps_messages = true,
		.image = image, .trace = trace, .trace_context = sandbox,
	};
	sandbox->engine = engine_open(TEXT(":memory:"), &options, &sandbox->problems);
	return sandbox->engine != NULL;
}

static void engine_end(struct sandbox *sandbox)
{
	if (sandbox->engine)
		engine_close(sandbox->engine);
	sandbox->engine = NULL;
}

bool sandbox_read(struct sandbox *sandbox, bool (*body)(struct command *command, void *context), void *context)
{
	begin(sandbox);
	return command_read(sandbox->engine, sandbox->tenant_id, &sandbox->arena, &sandbox->problems, body, context) ||
	       failed(sandbox);
}

static bool now_body(struct command *command, void *context)
{
	struct sandbox *sandbox = context;
	sandbox->now = command->now;
	sandbox->today = command->today;
	sandbox->settings = command->settings_text;
	return true;
}

static bool now_read(struct sandbox *sandbox)
{
	return sandbox_read(sandbox, now_body, sandbox);
}

/* ------------------------------------------------------------------------------------------------ the tenant */

static bool tenant_choose(struct store_transaction *transaction, void *context)
{
	struct sandbox *sandbox = context;
	struct tenant_list tenants = { 0 };
	struct tenant *tenant = NULL;
	if (!tenant_list(transaction, &tenants))
		return false;
	for (size_t i = 0; i < tenants.count; i++)
		if (text_equals(tenants.items[i].name, sandbox->tenant) || (!text_present(sandbox->tenant) && tenants.count == 1))
			tenant = &tenants.items[i];
	if (!tenant && text_present(sandbox->tenant))
		return problem_value(store_problems(transaction), PROBLEM_NOT_FOUND, "", sandbox->tenant,
		                     "List them with: moonbill tenant list", "there is no tenant '%.*s'", TEXT_ARG(sandbox->tenant));
	if (!tenant)
		return problem_value(store_problems(transaction), PROBLEM_MISSING_FIELD, "", TEXT_NONE, "Add --tenant NAME.",
		                     "there are %zu tenants: name one", tenants.count);
	sandbox->tenant_id = tenant->id;
	sandbox->tenant = tenant->name;
	sandbox->live = !tenant_is_test(tenant);
	return true;
}

/* A copy goes by a clock of its own, which may be set to any instant. */
static bool clock_set_perform(struct command *command, const void *input, void **output)
{
	const struct instant *at = input;
	(void)output;
	command->tenant->mode = TENANT_MODE_TEST;
	command->tenant->clock = at->us ? *at : command->now;
	command->tenant->beat_at = INSTANT_NONE;
	command_object(command, "tenant", command->tenant->id, 0);
	return store_update(command->store, &tenant_record, command->tenant);
}

static const struct command_type clock_set_type = {
	.name = "sandbox.clock", .scope = "admin", .perform = clock_set_perform, .without_rules = true,
	.doc = "Sets the clock of a copy.",
};

static bool run(struct sandbox *sandbox, const struct command_type *type, const void *input, void **output)
{
	struct command_request request = {
		.tenant_id = sandbox->tenant_id, .type = type, .input = input, .origin = { .actor = TEXT("console") },
		.arena = &sandbox->arena, .problems = &sandbox->problems,
	};
	begin(sandbox);
	if (!command_run(sandbox->engine, &request))
		return failed(sandbox);
	if (output)
		*output = request.output;
	sandbox->changed = true;
	return true;
}

static bool clock_set(struct sandbox *sandbox, struct instant at)
{
	bool good = run(sandbox, &clock_set_type, &at, NULL);
	sandbox_events_clear(sandbox);
	return good;
}

bool sandbox_open(struct sandbox *sandbox, const struct store_image *image, struct text tenant, struct problems *problems)
{
	*sandbox = (struct sandbox){ .tenant = tenant };
	if (!arena_init(&sandbox->arena, SANDBOX_ARENA_BYTES))
		return problem(problems, PROBLEM_OUT_OF_MEMORY, "", "memory ran out opening the sandbox");
	begin(sandbox);
	bool good = engine_start(sandbox, image) &&
	            store_read(engine_store(sandbox->engine), 0, &sandbox->arena, &sandbox->problems, tenant_choose, sandbox) &&
	            (!sandbox->live || clock_set(sandbox, INSTANT_NONE)) && now_read(sandbox) && sandbox_mark(sandbox);
	if (!good)
		problems_copy(problems, &sandbox->problems);
	return good;
}

void sandbox_close(struct sandbox *sandbox)
{
	engine_end(sandbox);
	for (size_t i = 0; i < sandbox->mark_count; i++)
		store_image_free(&sandbox->marks[i].image);
	arena_finish(&sandbox->arena);
}

/* ------------------------------------------------------------------------------------------------ rows */

/* Lists that lie in tables of their own are of the row when it is found by these; all other records are found by their table. */
#define FINDER(noun)                                                                                              \
	static bool noun##_whole(struct command *command, int64_t id, void **value)                                \
	{                                                                                                          \
		return noun##_find(command, id, (struct noun **)value);                                            \
	}
FINDER(credit)
FINDER(credit_note)
FINDER(invoice)
FINDER(payment)
FINDER(subscription_bundle)

static const struct finder {
	const struct record *record;
	bool (*find)(struct command *command, int64_t id, void **value);
} finders[] = {
	{ &credit_record, credit_whole }, { &credit_note_record, credit_note_whole }, { &invoice_record, invoice_whole }, { &payment_record, payment_whole },
	{ &subscription_bundle_record, subscription_bundle_whole }, { NULL, NULL },
};

static const struct finder *finder_of(const struct record *record)
{
	const struct finder *finder = finders;
	while (finder->record && finder->record != record)
		finder++;
	return finder->record ? finder : NULL;
}

static bool row_find(struct command *command, const struct record *record, int64_t id, void **value)
{
	const struct finder *finder = finder_of(record);
	return finder ? finder->find(command, id, value) : store_find(command->store, record, id, value);
}

static int64_t id_of(const struct record *record, const void *value)
{
	int field = record_field_find(record, TEXT("id"));
	return field < 0 || record->fields[field].kind != KIND_ID
	               ? 0 : *(const int64_t *)record_field_const_at(&record->fields[field], value);
}

/* What can be found again by its id is looked at again; the rest stays as it was when it was read. */
static void row_keep(struct sandbox *sandbox, const struct record *record, void *value)
{
	int64_t id = record->table && record->table->find ? id_of(record, value) : 0;
	if (!id || sandbox->row_count == SANDBOX_REFRESHED_MAX)
		return;
	struct sandbox_row *row = arena_new(&sandbox->arena, struct sandbox_row);
	*row = (struct sandbox_row){ .record = record, .id = id, .value = value, .next = sandbox->rows };
	sandbox->rows = row;
	sandbox->row_count++;
}

bool sandbox_is_gone(const struct sandbox *sandbox, const void *value)
{
	for (const struct sandbox_row *row = sandbox->rows; row; row = row->next)
		if (row->value == value)
			return row->gone;
	return false;
}

/* Of what is gone its id alone is left. */
static void row_empty(struct sandbox_row *row)
{
	int field = record_field_find(row->record, TEXT("id"));
	memset(row->value, 0, row->record->size);
	*(int64_t *)record_field_at(&row->record->fields[field], row->value) = row->id;
	row->gone = true;
}

static bool refresh_body(struct command *command, void *context)
{
	struct sandbox *sandbox = context;
	for (struct sandbox_row *row = sandbox->rows; row; row = row->next) {
		void *found = NULL;
		if (!row_find(command, row->record, row->id, &found))
			return false;
		row->gone = !found;
		if (found)
			memcpy(row->value, found, row->record->size);
		else
			row_empty(row);
	}
	now_body(command, sandbox);
	return true;
}

bool sandbox_refresh(struct sandbox *sandbox)
{
	if (!sandbox->changed)
		return false;
	sandbox->changed = false;
	sandbox_read(sandbox, refresh_body, sandbox);
	return true;
}

struct load {
	const struct record *record;
	int64_t id;
	void *value;
};

static bool load_body(struct command *command, void *context)
{
	struct load *load = context;
	return row_find(command, load->record, load->id, &load->value);
}

void *sandbox_load(struct sandbox *sandbox, const struct record *record, int64_t id)
{
	struct load load = { record, id, NULL };
	for (const struct sandbox_row *row = sandbox->rows; row; row = row->next)
		if (row->record == record && row->id == id && !row->gone)
			return row->value;
	if (!record->table || !record->table->find || !sandbox_read(sandbox, load_body, &load) || !load.value)
		return NULL;
	row_keep(sandbox, record, load.value);
	return load.value;
}

struct each {
	const struct record *record;
	const struct rule_when *filters;
	size_t filter_count, limit;
	int64_t after_id;
	struct record_list *rows;
};

/* With what lies in other tables. */
static bool rows_complete(struct command *command, const struct each *each)
{
	for (size_t i = 0; finder_of(each->record) && i < each->rows->count; i++) {
		void *row = (char *)each->rows->items + i * each->record->size, *whole = NULL;
		if (!row_find(command, each->record, id_of(each->record, row), &whole))
			return false;
		if (whole)
			memcpy(row, whole, each->record->size);
	}
	return true;
}

/* Rows that no statement walks are found one by one: ids are counted, by the record's name. */
static bool each_by_id(struct command *command, const struct each *each)
{
	int64_t ids = store_peek_id(command->store, each->record->name);
	int64_t numbers = store_peek_number(command->store, each->record->name);
	for (int64_t id = each->after_id + 1; id < (ids > numbers ? ids : numbers) && each->rows->count < each->limit; id++) {
		void *row = NULL;
		if (!row_find(command, each->record, id, &row))
			return false;
		if (row && host_filters_hold(each->record, row, each->filters, each->filter_count, command->arena))
			memcpy(record_list_grow_(command->arena, &each->rows->items, &each->rows->count, &each->rows->capacity,
			                         each->record->size),
			       row, each->record->size);
	}
	return true;
}

static bool each_body(struct command *command, void *context)
{
	struct each *each = context;
	struct rule_host host;
	if (!host_lists(each->record))
		return each_by_id(command, each);
	host_init(&host, command, true);
	return host.each(host.context, each->record, each->filters, each->filter_count, each->after_id, each->limit,
	                 each->rows) &&
	       rows_complete(command, each);
}

bool sandbox_each(struct sandbox *sandbox, const struct record *record, const struct rule_when *filters, size_t filter_count,
                  int64_t after_id, size_t limit, struct record_list *rows)
{
	struct each each = { record, filters, filter_count, limit, after_id, rows };
	if (!sandbox_read(sandbox, each_body, &each))
		return false;
	for (size_t i = 0; i < rows->count; i++)
		row_keep(sandbox, record, (char *)rows->items + i * record->size);
	return true;
}

/* ------------------------------------------------------------------------------------------------ commands */

static void command_keep(struct sandbox *sandbox, const struct command_type *type, struct text input, const void *output)
{
	*list_add(&sandbox->arena, &sandbox->commands, struct sandbox_command) = (struct sandbox_command){
		type, text_copy(&sandbox->arena, input), output ? json_record_text(&sandbox->arena, type->output, output) : TEXT_NONE
	};
}

bool sandbox_command(struct sandbox *sandbox, const struct command_type *type, struct text source, void **output)
{
	begin(sandbox);
	*output = NULL;
	const struct json *json = json_parse_limited(source, INT32_MAX, &sandbox->arena, &sandbox->problems);
	void *input = arena_alloc(&sandbox->arena, type->input->size);
	if (!json || !json_decode(json, type->input, input, "", &sandbox->arena, &sandbox->problems) ||
	    !run(sandbox, type, input, output))
		return false;
	command_keep(sandbox, type, source, type->output ? *output : NULL);
	if (!type->output)
		*output = NULL;
	if (*output)
		row_keep(sandbox, type->output, *output);
	return true;
}

/* ------------------------------------------------------------------------------------------------ the clock */

static bool is_interrupted(struct sandbox *sandbox, const atomic_bool *interrupted)
{
	return interrupted && atomic_load(interrupted) &&
	       !problem(&sandbox->problems, PROBLEM_BUSY, "", "interrupted: the clock stands at %s",
	                instant_text(&sandbox->arena, sandbox->now).data);
}

/* In pieces, between which whoever waits may want no more. */
static bool clock_forward(struct sandbox *sandbox, struct instant until, const atomic_bool *interrupted)
{
	bool good;
	do {
		begin(sandbox);
		good = engine_advance_clock(sandbox->engine, sandbox->tenant_id, until, &sandbox->problems);
		if (good || !sandbox->problems.first || sandbox->problems.first->code != PROBLEM_BUSY)
			return good;
		now_read(sandbox);
	} while (!is_interrupted(sandbox, interrupted));
	return false;
}

bool sandbox_clock(struct sandbox *sandbox, struct instant until, const atomic_bool *interrupted)
{
	sandbox->changed = true;
	bool good = until.us < sandbox->now.us ? clock_set(sandbox, until) : clock_forward(sandbox, until, interrupted);
	struct problems kept = sandbox->problems;
	now_read(sandbox);
	sandbox->problems = kept;
	return good;
}

struct next {
	struct text kind;
	struct job *job;
};

static bool next_body(struct command *command, void *context)
{
	struct next *next = context;
	struct { struct job *items; size_t count, capacity; } jobs = { 0 };
	int64_t after = 0;
	do {
		jobs.items = NULL;
		jobs.count = jobs.capacity = 0;
		if (!store_all(command->store, STATEMENT_JOB_PAGE,
		               BINDS(bind_integer(after), bind_c("due"), bind_null(), bind_integer(500)), &job_record, LIST(&jobs)))
			return false;
		for (size_t i = 0; i < jobs.count; i++) {
			struct job *job = &jobs.items[i];
			after = job->id;
			bool asked = !text_present(next->kind) || text_equals(job->kind, next->kind);
			if (asked && (!next->job || job->due_at.us < next->job->due_at.us))
				next->job = job;
		}
	} while (jobs.count == 500);
	return true;
}

bool sandbox_next(struct sandbox *sandbox, struct text kind, struct job **job)
{
	struct next next = { .kind = kind };
	bool good = sandbox_read(sandbox, next_body, &next);
	*job = next.job;
	return good;
}

/* ------------------------------------------------------------------------------------------------ marks */

bool sandbox_mark(struct sandbox *sandbox)
{
	begin(sandbox);
	if (sandbox->mark_count == SANDBOX_MARKS_MAX)
		return problem_value(&sandbox->problems, PROBLEM_TOO_MANY, "", TEXT_NONE, "Go back with \\rollback.",
		                     "there are %d marks, one inside the other", SANDBOX_MARKS_MAX);
	struct sandbox_mark *mark = &sandbox->marks[sandbox->mark_count];
	if (!store_image_take(engine_store(sandbox->engine), &sandbox->arena, &sandbox->problems, &mark->image))
		return failed(sandbox);
	mark->commands = sandbox->commands.count;
	sandbox->mark_count++;
	return true;
}

bool sandbox_rollback(struct sandbox *sandbox)
{
	struct sandbox_mark *mark = &sandbox->marks[sandbox->mark_count - 1];
	begin(sandbox);
	engine_end(sandbox);
	if (!engine_start(sandbox, &mark->image))
		return false;
	sandbox->commands.count = mark->commands;
	sandbox->changed = true;
	sandbox_events_clear(sandbox);
	if (sandbox->mark_count > 1) {
		store_image_free(&mark->image);
		sandbox->mark_count--;
	}
	return now_read(sandbox);
}

void sandbox_events_clear(struct sandbox *sandbox)
{
	sandbox->events.count = 0;
}
