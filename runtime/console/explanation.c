/* explanation.c: how an amount came about, as a person reads it. */
#include "explanation.h"

static struct text member(const struct json *object, const char *name)
{
	struct text text = json_text(json_member(object, name));
	return text_present(text) ? text : TEXT("");
}

bool explanation_is_same(const struct json *object)
{
	const struct json *same = json_member(object, "same");
	return same && same->type == JSON_TRUE;
}

/* The value of a list's member; NULL without items. */
static const struct json *first_of(const struct json *object, const char *name)
{
	const struct json *list = json_member(object, name);
	return list ? list->first : NULL;
}

static void total_print(FILE *out, const struct json *explanation)
{
	fprintf(out, "invoice %.*s, %.*s\n", TEXT_ARG(member(explanation, "number")), TEXT_ARG(member(explanation, "status")));
	for (const struct json *line = first_of(explanation, "lines"); line; line = line->next)
		fprintf(out, "  %3.*s  %-50.*s %12.*s\n", TEXT_ARG(member(line, "position")),
		       TEXT_ARG(text_front(member(line, "description"), 50)), TEXT_ARG(member(line, "amount")));
	fprintf(out, "  %-55s %12.*s %.*s\n", "total", TEXT_ARG(member(explanation, "total")),
	       TEXT_ARG(member(explanation, "currency")));
	static const char *const parts[][2] = { { "paid", "less paid" }, { "credit_used", "less credits used" },
		                                { "prepaid_used", "less prepaid money used" },
		                                { "credit_gained", "and credits gained" }, { "balance", "balance" } };
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		fprintf(out, "  %-55s %12.*s\n", parts[i][1], TEXT_ARG(member(explanation, parts[i][0])));
}

static void rule_print(FILE *out, const struct json *step)
{
	if (json_member(step, "rule"))
		fprintf(out, "             rule %.*s (%.*s:%.*s) of bundle %.*s\n", TEXT_ARG(member(step, "rule")),
		       TEXT_ARG(member(step, "file")), TEXT_ARG(member(step, "line")), TEXT_ARG(member(step, "bundle")));
	const struct json *inputs = json_member(step, "inputs");
	for (const struct json *input = inputs ? inputs->first : NULL; input; input = input->next)
		fprintf(out, "               %.*s = %.*s\n", TEXT_ARG(input->name), TEXT_ARG(json_text(input)));
	if (json_member(step, "note"))
		fprintf(out, "             %s: %.*s\n", explanation_is_same(step) ? "note" : "NOT THE SAME", TEXT_ARG(member(step, "note")));
}

static void steps_print(FILE *out, const struct json *object)
{
	for (const struct json *step = first_of(object, "steps"); step; step = step->next) {
		fprintf(out, "  %-10.*s %.*s -> %.*s\n", TEXT_ARG(member(step, "step")), TEXT_ARG(member(step, "text")),
		       TEXT_ARG(member(step, "value")));
		rule_print(out, step);
	}
}

static void line_print(FILE *out, const struct json *line)
{
	fprintf(out, "\nline %.*s: %.*s, %.*s", TEXT_ARG(member(line, "position")), TEXT_ARG(member(line, "kind")),
	       TEXT_ARG(member(line, "description")));
	if (json_member(line, "plan"))
		fprintf(out, ", plan %.*s", TEXT_ARG(member(line, "plan")));
	if (json_member(line, "catalog_version"))
		fprintf(out, " of catalog %.*s (%.*s)", TEXT_ARG(member(line, "catalog_version")),
		       TEXT_ARG(member(line, "catalog_effective_at")));
	if (json_member(line, "period_start"))
		fprintf(out, ", from %.*s until %.*s", TEXT_ARG(member(line, "period_start")), TEXT_ARG(member(line, "period_end")));
	fprintf(out, "\n");
	if (json_member(line, "convention"))
		fprintf(out, "  %-10s as %.*s does, chosen by %.*s. %.*s\n", "counted", TEXT_ARG(member(line, "convention")),
		       TEXT_ARG(member(line, "convention_by")), TEXT_ARG(member(line, "counted")));
	steps_print(out, line);
	fprintf(out, "  %-10s %.*s %.*s\n", "amount", TEXT_ARG(member(line, "amount")), TEXT_ARG(member(line, "currency")));
}

/* A credit note or a credit: what it takes of which lines, then what that comes to. */
static void credit_print(FILE *out, const struct json *explanation)
{
	bool note = text_is(member(explanation, "object"), "credit_note");
	for (const struct json *line = first_of(explanation, "explained"); line; line = line->next)
		line_print(out, line);
	fprintf(out, "\n%s %.*s, %.*s\n", note ? "credit note" : "credit", TEXT_ARG(member(explanation, note ? "number" : "id")),
	       TEXT_ARG(member(explanation, note ? "status" : "reason")));
	steps_print(out, explanation);
	fprintf(out, "  %-10s %.*s %.*s\n", "amount", TEXT_ARG(member(explanation, "amount")),
	       TEXT_ARG(member(explanation, "currency")));
}

static void invoice_print(FILE *out, const struct json *explanation)
{
	total_print(out, explanation);
	for (const struct json *line = first_of(explanation, "explained"); line; line = line->next)
		line_print(out, line);
}

void explanation_print(FILE *out, const struct json *explanation)
{
	if (json_member(explanation, "object"))
		credit_print(out, explanation);
	else
		invoice_print(out, explanation);
	fprintf(out, "\n%s\n", explanation_is_same(explanation) ? "Done again, all of it comes to the same."
	                                     : "Done again, it does NOT come to the same.");
}
