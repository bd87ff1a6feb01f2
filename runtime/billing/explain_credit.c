/* explain_credit.c: a credit of an account: of a changed order, what was charged and not served, worked out again. */
#include "explain_work.h"

#include "credit.h"

/* A credit being explained. */
struct crediting {
	struct command *command;
	const struct credit *credit;
	const struct json *decision; /* { "lines": [ ... ], "rounding": ... }, order_change_credit.c */
	struct credit_explanation *out;
	struct exact_money sum;
};

static bool read_exact(const struct json *entry, const char *name, const struct currency *currency,
                       struct exact_money *exact)
{
	const struct json *member = json_member(entry, name);
	exact->currency = currency;
	return member && fraction_parse(json_text(member), &exact->amount);
}

static bool read_integer(const struct json *entry, const char *name, int64_t *number)
{
	const struct json *member = json_member(entry, name);
	return member && member->type == JSON_NUMBER && text_to_int64(member->text, number);
}

/* ------------------------------------------------------------------------------------------------ a line */

static bool find_line(struct crediting *crediting, int64_t invoice_id, int64_t position, struct invoice **invoice,
                      const struct invoice_line **line)
{
	*line = NULL;
	if (!invoice_find(crediting->command, invoice_id, invoice))
		return false;
	for (size_t i = 0; *invoice && i < (*invoice)->lines.count; i++)
		if ((*invoice)->lines.items[i].position == position)
			*line = &(*invoice)->lines.items[i];
	return true;
}

static void tell_line(const struct invoice_line *line, size_t position, struct exact_money credit,
                      struct explanation_line *out)
{
	*out = (struct explanation_line){
		.position = (int64_t)position,
		.kind = text_of(invoice_line_record.fields[INVOICE_LINE_FIELD_KIND].words[line->kind]),
		.description = line->description,
		.plan = line->plan,
		.price_code = line->price_code,
		.subscription_id = line->subscription_id,
		.period_start = line->period_start,
		.period_end = line->period_end,
		.quantity = decimal_from_int64(1),
		.linked_invoice_id = line->invoice_id,
		.linked_position = line->position,
		.has_linked_position = true,
		.currency = line->currency,
		.exact = credit,
		.same = true,
	};
	if (!exact_money_round(credit, ROUNDING_HALF_UP, &out->amount))
		out->amount = money_zero(line->currency);
}

/* The entry of the same invoice for this position; NULL: nothing of that line was credited. */
static const struct json *entry_of(const struct crediting *crediting, int64_t invoice_id, int64_t position)
{
	const struct json *lines = json_member(crediting->decision, "lines");
	for (const struct json *entry = lines ? lines->first : NULL; entry; entry = entry->next) {
		int64_t invoice, place;
		if (read_integer(entry, "invoice_id", &invoice) && read_integer(entry, "position", &place) &&
		    invoice == invoice_id && place == position)
			return entry;
	}
	return NULL;
}

/* Of what a discount or percentage was taken of, how much was charged and how much is credited. */
static bool sum_followed(struct crediting *crediting, const struct json *of, int64_t invoice_id, struct exact_money *charged,
                         struct exact_money *credit)
{
	const struct currency *currency = crediting->credit->currency;
	if (!exact_money_from_money(money_zero(currency), charged))
		return false;
	*credit = *charged;
	for (const struct json *item = of->first; item; item = item->next) {
		struct invoice *invoice = NULL;
		const struct invoice_line *line;
		struct exact_money amount;
		int64_t position;
		if (item->type != JSON_NUMBER || !text_to_int64(item->text, &position) ||
		    !find_line(crediting, invoice_id, position, &invoice, &line))
			return false;
		const struct json *entry = entry_of(crediting, invoice_id, position);
		if (line && (!exact_money_from_money(line->amount, &amount) || !exact_money_add(*charged, amount, charged)))
			return false;
		if (entry && (!read_exact(entry, "credit", currency, &amount) || !exact_money_add(*credit, amount, credit)))
			return false;
	}
	return true;
}

static bool explain_share(struct crediting *crediting, struct explain_work *work, const struct json *of)
{
	struct exact_money charged, credit, whole;
	struct fraction share;
	if (!sum_followed(crediting, of, work->line->invoice_id, &charged, &credit) ||
	    !exact_money_from_money(work->line->amount, &whole))
		return false;
	if (fraction_sign(charged.amount) == 0 || !fraction_divide(credit.amount, charged.amount, &share) ||
	    !exact_money_multiply(whole, share, &work->exact)) {
		explain_differs(work, explain_step(work, "share", "Of lines of the same invoice."), "they charged nothing");
		return true;
	}
	explain_step(work, "share", "%.*s of the %.*s that it was taken of is given back",
	             TEXT_ARG(explain_exact_text(work, credit)), TEXT_ARG(explain_exact_text(work, charged)));
	return true;
}

/* Less what notes gave back of the same days, never less than nothing, never more than notes and adjustments have left. */
static void hold(struct explain_work *work, const struct json *entry)
{
	struct exact_money left, given_back;
	const int sign = money_sign(work->line->amount);
	int order;
	if (!read_exact(entry, "left", work->line->currency, &left) ||
	    !read_exact(entry, "given_back", work->line->currency, &given_back))
		return;
	if (fraction_sign(given_back.amount) != 0 && fraction_subtract(work->exact.amount, given_back.amount, &work->exact.amount))
		explain_step(work, "given_back", "Credit notes gave back %.*s of these days.",
		             TEXT_ARG(explain_exact_text(work, given_back)));
	if (fraction_sign(work->exact.amount) != 0 && fraction_sign(work->exact.amount) != sign) {
		work->exact.amount = (struct fraction){ 0, 1 };
		explain_step(work, "limit", "Never less than nothing.");
	} else if (fraction_compare(work->exact.amount, left.amount, &order) && order == sign) {
		work->exact = left;
		explain_step(work, "limit", "Never more than was left of the line.");
	}
}

static bool explain_entry(struct crediting *crediting, struct explain_work *work, const struct json *entry)
{
	const struct json *proration = json_member(entry, "proration"), *of = json_member(entry, "of");
	struct policy_replay replay;
	struct exact_money charged;
	if (!exact_money_from_money(work->line->amount, &charged))
		return false;
	work->exact = charged;
	explain_step(work, "charged", "Line %lld of invoice %.*s", (long long)work->line->position,
	             TEXT_ARG(work->invoice->number));
	if (of) {
		bool shared = explain_share(crediting, work, of);
		hold(work, entry);
		return shared;
	}
	if (!proration) {
		explain_step(work, "unserved", "None of its days is served.");
		hold(work, entry);
		return true;
	}
	if (!explain_policy(work, "proration", POLICY_PRORATION, proration, TEXT("The days that are not served."), &replay))
		return false;
	if (!replay.made)
		return read_exact(entry, "credit", work->line->currency, &work->exact);
	work->exact = replay.exact;
	explain_last(work)->value = work->exact;
	hold(work, entry);
	return true;
}

/* An entry of a line that is gone, or that cannot be read, says so. */
static bool explain_line_of(struct crediting *crediting, const struct json *entry, size_t position)
{
	struct command *command = crediting->command;
	struct invoice *invoice = NULL;
	const struct invoice_line *line = NULL;
	struct exact_money credit;
	int64_t invoice_id = 0, place = 0;
	if (!read_integer(entry, "invoice_id", &invoice_id) || !read_integer(entry, "position", &place) ||
	    !read_exact(entry, "credit", crediting->credit->currency, &credit)) {
		crediting->out->same = false;
		return true;
	}
	if (!find_line(crediting, invoice_id, place, &invoice, &line))
		return false;
	if (!line) {
		crediting->out->same = false;
		return true;
	}
	struct explanation_line *out = list_add(command->arena, &crediting->out->explained, struct explanation_line);
	tell_line(line, position, credit, out);
	struct explain_work work = { .command = command, .invoice = invoice, .line = line, .out = out, .decision = entry };
	if (!explain_entry(crediting, &work, entry) ||
	    !exact_money_add(crediting->sum, work.exact, &crediting->sum))
		return false;
	int order;
	if (!fraction_compare(work.exact.amount, credit.amount, &order) || order != 0)
		explain_differs(&work, explain_last(&work),
		                text_format(command->arena, "The credit keeps %.*s.",
		                            TEXT_ARG(explain_exact_text(&work, credit))).data);
	crediting->out->same = crediting->out->same && out->same;
	return true;
}

/* ------------------------------------------------------------------------------------------------ the whole */

static bool explain_cents(struct crediting *crediting, struct explain_work *work)
{
	const struct json *rounding = explain_member(work, "rounding");
	struct rounding_decision decision;
	struct policy_replay replay;
	struct money amount;
	work->exact = crediting->sum;
	explain_step(work, "sum", "All lines together.");
	if (!rounding || !explain_rounding_kept(work, &decision)) {
		explain_differs(work, explain_last(work), "how it was rounded was not kept");
		return true;
	}
	enum rounding mode = invoice_rounding_mode(&decision);
	if (!explain_policy(work, "rounding", POLICY_ROUNDING, rounding, TEXT("The sum becomes cents once."), &replay) ||
	    !exact_money_round(crediting->sum, mode, &amount))
		return false;
	if (money_compare(amount, crediting->credit->amount) != 0)
		explain_differs(work, explain_last(work),
		                text_format(work->command->arena, "It comes to %.*s.",
		                            TEXT_ARG(explain_money_text(work, amount))).data);
	return true;
}

static bool explain_change(struct crediting *crediting, struct explain_work *work)
{
	const struct json *lines = explain_member(work, "lines");
	size_t position = 0;
	if (!lines) {
		explain_differs(work, explain_step(work, "given", "An order was changed."),
		                "how it was worked out was too long to be kept");
		return true;
	}
	for (const struct json *entry = lines->first; entry; entry = entry->next)
		if (!explain_line_of(crediting, entry, ++position))
			return false;
	return explain_cents(crediting, work);
}

/* Of the others an invoice, a payment or a person says how much. */
static void explain_origin(const struct credit *credit, struct explain_work *work)
{
	if (credit->credit_note_id)
		explain_step(work, "credit_note", "Credit note %lld took back more than its invoice still owed.",
		             (long long)credit->credit_note_id);
	else if (credit->payment_id)
		explain_step(work, "payment", "Payment %lld was more than was owed.", (long long)credit->payment_id);
	else if (credit->invoice_id)
		explain_step(work, "invoice", "Invoice %lld gave back more than it charged and still owed.",
		             (long long)credit->invoice_id);
	else
		explain_step(work, "given", "Given as an amount, not calculated.");
}

static bool explain_whole(struct crediting *crediting)
{
	const struct credit *credit = crediting->credit;
	struct explanation_line whole = { .same = true };
	struct invoice_line line = { .currency = credit->currency, .amount = credit->amount };
	struct explain_work work = { .command = crediting->command, .line = &line, .out = &whole,
		                     .decision = crediting->decision };
	if (!exact_money_from_money(credit->amount, &work.exact) ||
	    !exact_money_from_money(money_zero(credit->currency), &crediting->sum))
		return false;
	if (credit->reason != CREDIT_REASON_PLAN_CHANGE)
		explain_origin(credit, &work);
	else if (!explain_change(crediting, &work))
		return false;
	crediting->out->steps.items = whole.steps.items;
	crediting->out->steps.count = whole.steps.count;
	crediting->out->same = crediting->out->same && whole.same;
	return true;
}

bool explain_account_credit(struct command *command, struct credit *credit, struct credit_explanation **explanation)
{
	*explanation = NULL;
	if (!credit)
		return true;
	struct invoice_line kept = { .decision = credit->decision };
	struct crediting crediting = { .command = command, .credit = credit, .decision = explain_decision(command, &kept),
		                       .out = arena_new(command->arena, struct credit_explanation) };
	*explanation = crediting.out;
	**explanation = (struct credit_explanation){
		.object = CREDIT_EXPLANATION_OBJECT_CREDIT,
		.id = credit->id,
		.reason = text_of(credit_record.fields[CREDIT_FIELD_REASON].words[credit->reason]),
		.invoice_id = credit->invoice_id,
		.order_id = credit->order_id,
		.currency = credit->currency,
		.amount = credit->amount,
		.same = true,
	};
	return explain_whole(&crediting) ||
	       problem(command->problems, PROBLEM_OVERFLOW, "", "credit %lld cannot be worked out again",
	               (long long)credit->id);
}

bool explain_credit(struct command *command, int64_t id, struct credit_explanation **explanation)
{
	struct credit *credit = NULL;
	return credit_find(command, id, &credit) && explain_account_credit(command, credit, explanation);
}
