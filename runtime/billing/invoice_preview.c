/* invoice_preview.c: invoices that would be, of which nothing stays. */
#include "invoice_preview.h"

#include "account.h"
#include "billing_run.h"
#include "event/job_ahead.h"
#include "invoice_run.h"
#include "propose.h"

enum { PIECES_MAX = 2000 };

struct preview {
	const struct invoice_preview *input;
	struct account *account;
	struct invoice *invoice;
	struct date billed; /* the last day on which the account was billed; none: it was not */
	bool made;          /* all went well; undone on purpose */
};

/* ------------------------------------------------------------------------------------------------ what was made */

/* What the account has: its newest invoice, and the draft that its runs may add to, with its lines. NULL: none. */
struct present {
	struct invoice *newest, *draft;
};

static bool read_present(struct command *command, int64_t account_id, struct present *present)
{
	struct object_filter filter = { .account_id = account_id, .max = 1 };
	struct invoice_list page = { 0 };
	if (!invoice_page(command, &filter, &page))
		return false;
	present->newest = page.count > 0 ? &page.items[0] : NULL;
	return invoice_run_draft(command, account_id, &present->draft);
}

/* The newest invoice if it was not there before, else the draft if it has got lines; NULL: neither. */
static struct invoice *made_since(const struct present *before, const struct present *after)
{
	const struct invoice *draft = before->draft;
	if (after->newest && (!before->newest || after->newest->id > before->newest->id))
		return after->newest;
	bool grown = draft && after->draft && after->draft->id == draft->id && after->draft->lines.count > draft->lines.count;
	return grown ? after->draft : NULL;
}

/* With its lines. */
static bool take(struct command *command, struct preview *preview, struct invoice *made)
{
	preview->invoice = made;
	return !made || made->lines.count > 0 || invoice_load_lines(command, made);
}

/* ------------------------------------------------------------------------------------------------ after a command */

static bool decode_input(struct command *command, const struct command_type *type, struct text text, void **input)
{
	const struct json *json = json_parse(text_present(text) ? text : TEXT("{}"), command->arena, command->problems);
	*input = arena_alloc(command->arena, type->input->size);
	return json && json_decode(json, type->input, *input, "/input", command->arena, command->problems);
}

/* The command as it would be done; then the invoice that it made or added to. */
static bool preview_command(struct command *command, struct preview *preview)
{
	const struct invoice_preview *input = preview->input;
	const struct command_type *type = engine_command(command->engine, input->command);
	struct present before, after;
	void *command_input, *output;
	bool can_be_tried = type && !type->global && strcmp(type->scope, "write") == 0;
	if (!can_be_tried)
		return problem_value(command->problems, PROBLEM_UNKNOWN_COMMAND, "/command", input->command, NULL,
		                     "there is no command '%.*s'%s", TEXT_ARG(input->command),
		                     text_did_you_mean(command->arena, input->command, engine_command_candidate, command->engine));
	return decode_input(command, type, input->input, &command_input) &&
	       read_present(command, input->account_id, &before) &&
	       command_perform(command, type->name, command_input, &output) &&
	       read_present(command, input->account_id, &after) && take(command, preview, made_since(&before, &after));
}

/* ------------------------------------------------------------------------------------------------ as time goes by */

/* An account that is not invoiced by itself is previewed as if it were. What is due but failed is tried again. */
static bool begin(struct command *command, struct account *account)
{
	if (account->invoicing == ACCOUNT_INVOICING_OFF) {
		account->invoicing = ACCOUNT_INVOICING_ON;
		return account_save(command, account) && billing_run_schedule(command, account->id);
	}
	return !date_present(account->next_bill_date) ||
	       job_move(command, "account.bill", account->id, account->id,
	                billing_run_instant(command, account, account->next_bill_date));
}

static bool is_of_bundle(struct command *command, int64_t subscription_id, int64_t bundle_id, bool *is)
{
	struct subscription *subscription = NULL;
	*is = false;
	if (!subscription_id)
		return true;
	if (!subscription_find(command, subscription_id, &subscription))
		return false;
	*is = subscription && subscription->bundle_id == bundle_id;
	return true;
}

/* Does the invoice bill what was named? Neighbours are of one subscription. */
static bool bills_named(struct command *command, const struct invoice_preview *input, const struct invoice *invoice, bool *bills)
{
	int64_t last = 0;
	*bills = !input->subscription_id && !input->bundle_id;
	for (size_t i = 0; i < invoice->lines.count && !*bills; i++) {
		int64_t id = invoice->lines.items[i].subscription_id;
		if (input->subscription_id)
			*bills = id == input->subscription_id;
		else if (id != last && !is_of_bundle(command, id, input->bundle_id, bills))
			return false;
		last = id;
	}
	return true;
}

static bool can_go_on(struct command *command, int pieces)
{
	return (pieces < PIECES_MAX && command->arena->used_bytes < command->arena->limit_bytes / 2) ||
	       problem_value(command->problems, PROBLEM_TOO_MANY, "/target_date", TEXT_NONE,
	                     "Ask for an earlier day, or for the next invoice (upcoming).",
	                     "more is due on the way than a preview can try");
}

static bool is_billing(const struct job *job)
{
	return text_is(job->kind, "account.bill") || text_is(job->kind, "account.bill_changed");
}

/* Of several days the last one on which the account was billed is the answer, also when nothing came of that. */
static void note_billing(struct preview *preview, struct date day, struct invoice *made)
{
	if (made || date_compare(day, preview->billed) > 0)
		preview->invoice = made;
	preview->billed = day;
}

/* One piece of work; *made: the invoice that it made or added to. */
static bool do_piece(struct command *command, struct preview *preview, const struct job *job, struct present *before,
                     struct invoice **made)
{
	struct present after;
	if (!job_ahead_do(command, job) || !read_present(command, preview->account->id, &after))
		return false;
	*made = made_since(before, &after);
	*before = after;
	if (*made || is_billing(job))
		note_billing(preview, command_today(command, preview->account), *made);
	return true;
}

/* The account's work until an instant. `first`: until the first invoice that bills what was named. */
static bool preview_ahead(struct command *command, struct preview *preview, struct instant until, bool first)
{
	struct present before;
	struct job *job;
	if (!read_present(command, preview->account->id, &before))
		return false;
	for (int pieces = 0;; pieces++) {
		struct invoice *made;
		bool bills = false;
		if (!job_ahead_next(command, preview->account->id, until, &job))
			return false;
		if (!job)
			break;
		if (!can_go_on(command, pieces) || !do_piece(command, preview, job, &before, &made))
			return false;
		if (first && made && (!take(command, preview, made) || !bills_named(command, preview->input, made, &bills)))
			return false;
		if (bills)
			return true;
	}
	return take(command, preview, first ? NULL : preview->invoice);
}

/* Of a day up to which nothing is planned, it is what a run by hand would make. */
static bool preview_day(struct command *command, struct preview *preview, struct date target)
{
	const struct account *account = preview->account;
	const struct timezone_rules *zone = command_zone(command, account);
	struct instant end = { timezone_instant(zone, date_add_days(target, 1), 0).us - 1 };
	if (date_compare(target, command_today(command, account)) >= 0 && !preview_ahead(command, preview, end, false))
		return false;
	if (date_present(preview->billed))
		return true;
	clock_ahead(command, billing_run_instant(command, account, target));
	return invoice_run_bill(command, account, target, true, &preview->invoice);
}

static bool preview_run(struct command *command, struct preview *preview)
{
	const struct invoice_preview *input = preview->input;
	struct account *account = account_need(command, input->account_id, "/account_id");
	preview->account = account;
	if (!account)
		return false;
	if (input->has_upcoming && input->upcoming && date_present(input->target_date))
		return problem_value(command->problems, PROBLEM_INVALID_COMBINATION, "/target_date",
		                     date_text(command->arena, input->target_date), "Ask for a day, or for the next invoice.",
		                     "the invoice of a day is not the next one");
	struct date today = command_today(command, account);
	struct date target = date_present(input->target_date) ? input->target_date : today;
	if (!invoice_run_check_target(command, account, target) || !begin(command, account))
		return false;
	if (!input->has_upcoming || !input->upcoming)
		return preview_day(command, preview, target);
	struct date horizon = date_add_months(today, PROPOSAL_MONTHS_AHEAD_MAX);
	return preview_ahead(command, preview, billing_run_instant(command, account, horizon), true);
}

/* ------------------------------------------------------------------------------------------------ the command */

/* Does it and fails, so that all of it is undone; what it made stays in the arena. */
static bool preview_part(struct command *command, void *context)
{
	struct preview *preview = context;
	const struct instant now = command->now;
	const struct date today = command->today;
	preview->made = text_present(preview->input->command) ? preview_command(command, preview)
	                                                      : preview_run(command, preview);
	command->now = now;
	command->today = today;
	return false;
}

static bool invoice_preview_perform(struct command *command, const void *data, void **output)
{
	struct preview preview = { .input = data };
	struct problems problems;
	bool done;
	problems_init(&problems, command->arena);
	command_object(command, "account", preview.input->account_id, preview.input->account_id);
	if (!command_attempt(command, preview_part, &preview, &problems, &done))
		return false;
	if (!preview.made) {
		problems_copy(command->problems, &problems);
		return false;
	}
	*output = preview.invoice;
	return true;
}

const struct command_type invoice_preview_commands[] = {
	{
		.name = "invoice.preview",
		.scope = "read",
		.input = &invoice_preview_record,
		.output = &invoice_record,
		.perform = invoice_preview_perform,
		.doc = "The invoice that would be made on a day, next, or after a command; nothing of it stays.",
	},
	{ 0 },
};
