/* console_events.c: what happened: in the last input, and in the journal. */
#include "console_state.h"

#include "value/catalogue.h"

#include <string.h>
#include <strings.h>

enum { EVENTS_DEFAULT = 20, EVENTS_MAX = 1000, EVENTS_NAMED = 6 };

static bool is_event(const struct sandbox_event *event)
{
	return event->kind == TRACE_POST || event->kind == TRACE_SIGNAL;
}

/* ---- of the last input ---- */

static void each_tell(const struct console *console)
{
	static const char *const kinds[] = { [TRACE_PRE] = "pre", [TRACE_POST] = "post", [TRACE_SIGNAL] = "signal",
		                             [TRACE_RULE] = "rule", [TRACE_COMMAND_DONE] = "done",
		                             [TRACE_COMMAND_REJECTED] = "rejected" };
	for (size_t i = 0; i < console->sandbox.events.count; i++) {
		const struct sandbox_event *event = &console->sandbox.events.items[i];
		fprintf(console->out, "  %-8s  %s", kinds[event->kind], event->name);
		if (event->object_id)
			fprintf(console->out, " %lld", (long long)event->object_id);
		fprintf(console->out, "%s%s\n", event->code ? "  " : "", event->code ? event->code : "");
	}
}

/* "3 events: account.create, order.create x 2" */
static void summary_tell(struct console *console)
{
	struct text_builder out;
	size_t total = 0, named = 0;
	builder_init(&out, &console->arena, 0);
	for (size_t i = 0; i < console->sandbox.events.count; i++) {
		const struct sandbox_event *event = &console->sandbox.events.items[i];
		size_t times = 0;
		if (!is_event(event))
			continue;
		total++;
		for (size_t k = 0; k < console->sandbox.events.count; k++) {
			const struct sandbox_event *other = &console->sandbox.events.items[k];
			bool same = is_event(other) && strcmp(other->name, event->name) == 0;
			if (same && k < i)
				times = console->sandbox.events.count; /* told already */
			times += same;
		}
		if (times > console->sandbox.events.count)
			continue;
		if (named++ < EVENTS_NAMED)
			builder_format(&out, "%s%s%s", named > 1 ? ", " : "", event->name,
			               times > 1 ? text_format(&console->arena, " x %zu", times).data : "");
	}
	if (total)
		fprintf(console->out, "%zu event%s: %s%s\n", total, total == 1 ? "" : "s", builder_text(&out).data,
		        named > EVENTS_NAMED ? " ..." : "");
}

void console_events_tell(struct console *console)
{
	if (console->json)
		return;
	if (console->tracing)
		each_tell(console);
	else
		summary_tell(console);
}

/* ---- of the journal ---- */

struct asked {
	int64_t count, object_id;
	struct text object_type, event;
	struct { struct journal *items; size_t count, capacity; } rows;
};

/* Objects of the journal are written as INVOICE. */
static bool same_word(struct text a, struct text b)
{
	return a.length == b.length && strncasecmp(a.data, b.data, a.length) == 0;
}

static bool fits(const struct asked *asked, const struct journal *row)
{
	return (!text_present(asked->object_type) || same_word(asked->object_type, row->object_type)) &&
	       (!asked->object_id || asked->object_id == row->object_id) &&
	       (!text_present(asked->event) || text_equals(asked->event, row->event));
}

/* The last that fit, the newest last. */
static bool journal_body(struct command *command, void *context)
{
	struct asked *asked = context;
	struct { struct journal *items; size_t count, capacity; } page = { 0 };
	int64_t after = 0;
	do {
		page.items = NULL;
		page.count = page.capacity = 0;
		if (!store_all(command->store, STATEMENT_JOURNAL_PAGE,
		               BINDS(bind_integer(after), bind_null(), bind_null(), bind_integer(EVENTS_MAX)), &journal_record,
		               LIST(&page)))
			return false;
		for (size_t i = 0; i < page.count; i++) {
			after = page.items[i].serial;
			if (fits(asked, &page.items[i]))
				*list_add(command->arena, &asked->rows, struct journal) = page.items[i];
		}
	} while (page.count == EVENTS_MAX);
	return true;
}

static const char *event_candidate(const void *context, size_t i)
{
	(void)context;
	return i + 1 < EVENT_COUNT ? event_info((enum event)(i + 1))->name : NULL;
}

/* A number; an event; a kind of object, perhaps with its id. False after an error. */
static bool asked_read(struct console *console, struct text argument, struct asked *asked)
{
	struct text first, second;
	bool two = text_split(argument, ' ', &first, &second);
	if (argument.length == 0)
		return true;
	if (!two && text_to_int64(first, &asked->count) && asked->count > 0)
		return true;
	if (memchr(first.data, '.', first.length)) {
		enum event_side_kind side;
		enum event event = event_find(first, &side);
		if (event == EVENT_NONE) {
			console_error(console, "there is no event '%.*s'%s", TEXT_ARG(first),
			              text_did_you_mean(&console->arena, first, event_candidate, NULL));
			return false;
		}
		asked->event = text_of(event_info(event)->name);
		return true;
	}
	asked->object_type = first;
	if (two && (!text_to_int64(text_trim(second), &asked->object_id) || asked->object_id < 1)) {
		console_error(console, "write \\events, \\events COUNT, \\events EVENT or \\events NOUN [ID]");
		return false;
	}
	return true;
}

static void journal_tell(struct console *console, const struct asked *asked)
{
	static const char *const heads[] = { "serial", "at", "event", "object", "account", "actor" };
	struct arena *arena = &console->arena;
	size_t count = asked->rows.count, shown = count < (size_t)asked->count ? count : (size_t)asked->count;
	struct text *cells = arena_new_many(arena, struct text, 6 * shown + 1), *cell = cells;
	for (size_t i = count - shown; i < count; i++) {
		const struct journal *row = &asked->rows.items[i];
		*cell++ = text_from_int64(arena, row->serial);
		*cell++ = instant_text(arena, row->occurred_at);
		*cell++ = row->event;
		*cell++ = row->object_id ? text_format(arena, "%.*s %lld", TEXT_ARG(row->object_type), (long long)row->object_id)
		                         : row->object_type;
		*cell++ = row->account_id ? text_from_int64(arena, row->account_id) : TEXT("");
		*cell++ = print_safe(arena, row->actor, PRINT_CELL_MAX);
	}
	struct printer printer = console_printer(console);
	if (shown)
		print_table(&printer, heads, cells, 6, shown);
	else
		fputs("nothing of that has happened\n", console->out);
}

void console_events(struct console *console, struct text argument)
{
	struct asked asked = { .count = EVENTS_DEFAULT };
	if (!asked_read(console, argument, &asked))
		return;
	if (sandbox_read(&console->sandbox, journal_body, &asked))
		journal_tell(console, &asked);
	else
		console_problems(console, &console->sandbox.problems);
}
