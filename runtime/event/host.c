/* host.c: what a running rule may ask of the store: the record of a relation, rows for a task. Reads only. */
#include "engine_state.h"
#include "host.h"

#include <string.h>

enum { EACH_PAGE_ROWS = 200, EACH_SCAN_ROWS_MAX = 100000 };

struct loaded {
	const struct record *record;
	int64_t id;
	void *value; /* NULL: there is none */
	struct loaded *next;
};

struct host {
	struct command *command;
	struct loaded *loaded;
};

static void *host_load(void *context, const struct record *record, int64_t id)
{
	struct host *host = context;
	for (const struct loaded *loaded = host->loaded; loaded; loaded = loaded->next)
		if (loaded->record == record && loaded->id == id)
			return loaded->value;
	if (!record->table || !record->table->find)
		return NULL;
	struct loaded *loaded = arena_new(host->command->arena, struct loaded);
	*loaded = (struct loaded){ .record = record, .id = id, .next = host->loaded };
	if (!store_find(host->command->store, record, id, &loaded->value))
		return NULL;
	host->loaded = loaded;
	return loaded->value;
}

/* ---- rows for tasks ---- */

static const struct each_statement {
	const struct record *record;
	enum statement statement;
} each_statements[] = {
	{ &account_record, STATEMENT_EACH_ACCOUNT },
	{ &customer_record, STATEMENT_EACH_CUSTOMER },
	{ &plan_record, STATEMENT_EACH_PLAN },
	{ &order_record, STATEMENT_EACH_ORDER },
	{ &subscription_record, STATEMENT_EACH_SUBSCRIPTION },
	{ &invoice_record, STATEMENT_EACH_INVOICE },
	{ &payment_record, STATEMENT_EACH_PAYMENT },
	{ &credit_record, STATEMENT_EACH_CREDIT },
};

static enum statement each_statement_of(const struct record *record)
{
	for (size_t i = 0; i < sizeof each_statements / sizeof each_statements[0]; i++)
		if (each_statements[i].record == record)
			return each_statements[i].statement;
	return STATEMENT_NONE;
}

bool host_lists(const struct record *record)
{
	return each_statement_of(record) != STATEMENT_NONE;
}

bool host_filters_hold(const struct record *record, const void *row, const struct rule_when *filters, size_t filter_count,
                       struct arena *arena)
{
	for (size_t i = 0; i < filter_count; i++) {
		struct text text = record_field_text(record, row, filters[i].field, arena);
		if (!text_present(text) || !text_equals(text, filters[i].equals))
			return false;
	}
	return true;
}

/* Each row of these records has its id first in the struct's table key; found by name to not depend on it. */
static int64_t id_of(const struct record *record, const void *row)
{
	int64_t id;
	int field = record_field_find(record, TEXT("id"));
	memcpy(&id, record_field_const_at(&record->fields[field], row), sizeof id);
	return id;
}

static bool host_each(void *context, const struct record *record, const struct rule_when *filters, size_t filter_count,
                      int64_t after_id, size_t limit, struct record_list *rows)
{
	struct host *host = context;
	struct arena *arena = host->command->arena;
	enum statement statement = each_statement_of(record);
	if (statement == STATEMENT_NONE)
		return problem(host->command->problems, PROBLEM_UNKNOWN_FIELD, "", "rows of %s cannot be listed",
		               record->name);
	struct record_list page;
	size_t scanned = 0;
	do {
		page = (struct record_list){ NULL, 0, 0 };
		if (!store_all(host->command->store, statement,
		               BINDS(bind_integer(after_id), bind_integer(EACH_PAGE_ROWS)), record, &page))
			return false;
		for (size_t i = 0; i < page.count && rows->count < limit; i++) {
			const char *row = (const char *)page.items + i * record->size;
			after_id = id_of(record, row);
			if (host_filters_hold(record, row, filters, filter_count, arena))
				memcpy(record_list_grow_(arena, &rows->items, &rows->count, &rows->capacity,
				                         record->size),
				       row, record->size);
		}
		scanned += page.count;
	} while (page.count == EACH_PAGE_ROWS && rows->count < limit && scanned < EACH_SCAN_ROWS_MAX);
	if (page.count == EACH_PAGE_ROWS &&
	    rows->count < limit) /* an end here would be one that the task takes for the last row */
		return problem(host->command->problems, PROBLEM_TOO_MANY, "",
		               "more than %d rows of %s were looked at for one page", EACH_SCAN_ROWS_MAX, record->name);
	return true;
}

void host_init(struct rule_host *rule_host, struct command *command, bool task)
{
	struct host *host = arena_new(command->arena, struct host);
	host->command = command;
	*rule_host = (struct rule_host){ .context = host, .load = host_load, .each = task ? host_each : NULL };
}
