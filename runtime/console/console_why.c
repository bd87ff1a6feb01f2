/* console_why.c: \why: how an amount came about. */
#include "console_state.h"

#include "billing/explain.h"
#include "explanation.h"

#include <string.h>

/* What is to be explained: a record, and perhaps a line of it. */
struct asked {
	enum { ASKED_NOTHING, ASKED_INVOICE, ASKED_CREDIT_NOTE, ASKED_CREDIT } what;
	int64_t id, line;
	struct text json;
};

static bool explain_body(struct command *command, void *context)
{
	struct asked *asked = context;
	struct explanation *of_invoice = NULL;
	struct credit_explanation *of_credit = NULL;
	bool good = asked->what == ASKED_INVOICE ? explain_invoice(command, asked->id, asked->line, &of_invoice)
	            : asked->what == ASKED_CREDIT ? explain_credit(command, asked->id, &of_credit)
	                                          : explain_credit_note(command, asked->id, &of_credit);
	if (of_invoice)
		asked->json = json_record_text(command->arena, &explanation_record, of_invoice);
	if (of_credit)
		asked->json = json_record_text(command->arena, &credit_explanation_record, of_credit);
	return good;
}

static int64_t integer_of(const struct record *record, const void *value, const char *name)
{
	int field = record_field_find(record, text_of(name));
	return field < 0 ? 0 : *(const int64_t *)record_field_const_at(&record->fields[field], value);
}

static bool asked_of(const struct rule_console_value *value, struct asked *asked)
{
	static const struct { const char *record; int what; } kinds[] = {
		{ "invoice", ASKED_INVOICE }, { "credit_note", ASKED_CREDIT_NOTE }, { "credit", ASKED_CREDIT },
	};
	if (value->kind != RULE_CONSOLE_RECORD)
		return false;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (strcmp(value->record->name, kinds[i].record) != 0)
			continue;
		asked->what = (unsigned)kinds[i].what;
		asked->id = integer_of(value->record, value->value, "id");
	}
	if (strcmp(value->record->name, "invoice_line") == 0) {
		asked->what = ASKED_INVOICE;
		asked->id = integer_of(value->record, value->value, "invoice_id");
		asked->line = integer_of(value->record, value->value, "position");
	}
	return asked->what != ASKED_NOTHING;
}

/* "x.amount" is asked about as x is. */
static struct text without_field(struct text source)
{
	size_t at = source.length;
	while (at > 0 && (source.data[at - 1] == '_' || (source.data[at - 1] >= 'a' && source.data[at - 1] <= 'z')))
		at--;
	return at > 1 && at < source.length && source.data[at - 1] == '.' ? text_slice(source, 0, at - 1) : TEXT_NONE;
}

static bool value_of(struct console *console, struct text source, struct rule_console_result *result)
{
	rule_console_run(console->lua, source, console->fuel, &console->arena, result);
	return result->outcome == RULE_CONSOLE_DONE && result->count > 0;
}

static bool asked_find(struct console *console, struct text source, struct asked *asked)
{
	struct rule_console_result result, shorter;
	struct text record = without_field(source);
	if (!value_of(console, source, &result)) {
		console_error(console, "%.*s", TEXT_ARG(result.message));
		return false;
	}
	if (asked_of(&result.values[0], asked) ||
	    (text_present(record) && value_of(console, record, &shorter) && asked_of(&shorter.values[0], asked)))
		return true;
	console_error(console, "amounts of invoices, their lines, credit notes and credits are explained:\n"
	                       "  \\why invoice[1], \\why invoice[1].lines[1].amount, \\why credit[1]");
	return false;
}

void console_why(struct console *console, struct text argument)
{
	struct asked asked = { .what = ASKED_NOTHING };
	if (argument.length == 0)
		argument = TEXT("_");
	if (!asked_find(console, argument, &asked))
		return;
	if (!sandbox_read(&console->sandbox, explain_body, &asked)) {
		console_problems(console, &console->sandbox.problems);
		return;
	}
	if (!text_present(asked.json)) {
		console_error(console, "it is gone: what made it was rolled back");
		return;
	}
	if (console->json)
		fprintf(console->out, "%.*s\n", TEXT_ARG(asked.json));
	else
		explanation_print(console->out, json_parse_limited(asked.json, INT32_MAX, &console->arena, &console->sandbox.problems));
}
