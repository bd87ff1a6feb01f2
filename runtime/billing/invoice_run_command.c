/* invoice_run_command.c: invoices on demand, and invoices that would be: nothing of a preview stays. */
#include "invoice_run.h"

#include "account.h"
#include "billing_run.h"
#include "propose.h"

static bool check_target(struct command *command, const struct account *account, struct date target)
{
	struct date today = command_today(command, account);
	if (proposal_target_in_bounds(today, target))
		return true;
	return problem_value(command->problems, PROBLEM_OUT_OF_RANGE, "/target_date", date_text(command->arena, target), NULL,
	                     "invoices are made for at most %d months ahead", PROPOSAL_MONTHS_AHEAD_MAX);
}

/* ------------------------------------------------------------------------------------------------ invoice.run */

static bool invoice_run_perform(struct command *command, const void *data, void **output)
{
	const struct invoice_run_input *input = data;
	struct account *account = account_need(command, input->account_id, "/account_id");
	struct invoice *invoice;
	if (!account)
		return false;
	struct date target = date_present(input->target_date) ? input->target_date : command_today(command, account);
	if (!check_target(command, account, target) || !invoice_run_bill(command, account, target, true, &invoice))
		return false;
	if (invoice)
		command_object(command, "invoice", invoice->id, account->id);
	else
		command_object(command, "account", account->id, account->id);
	*output = invoice;
	return billing_run_schedule(command, account->id);
}

/* ------------------------------------------------------------------------------------------------ invoice.preview */

struct preview {
	const struct invoice_preview *input;
	struct invoice *invoice;
	bool made; /* all went well; undone on purpose */
};

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
		                     "there is no command '%.*s'", TEXT_ARG(input->command));
	if (!decode_input(command, type, input->input, &command_input) || !read_present(command, input->account_id, &before) ||
	    !command_perform(command, type->name, command_input, &output) ||
	    !read_present(command, input->account_id, &after))
		return false;
	preview->invoice = made_since(&before, &after);
	return !preview->invoice || preview->invoice->lines.count > 0 || invoice_load_lines(command, preview->invoice);
}

/* The first day on which something of the account, or of what was named, is due. */
static bool upcoming_date(struct command *command, const struct account *account, const struct invoice_preview *input,
                          struct date *date)
{
	return store_date(command->store, STATEMENT_SUBSCRIPTION_NEXT_BILL_NAMED,
	                  BINDS(bind_id(account->id), bind_integer(input->subscription_id), bind_integer(input->bundle_id)), date);
}

/* What is a draft now and has its days of grace behind it by then is owed: no run of that day adds to it. */
static bool commit_until(struct command *command, const struct account *account, struct date date)
{
	const int64_t days = command_setting_integer(command, "billing.draft_days", 0);
	struct invoice_list drafts = { 0 };
	if (days <= 0)
		return true;
	if (!invoice_run_drafts(command, account->id, &drafts))
		return false;
	for (size_t i = 0; i < drafts.count; i++) {
		const struct invoice *draft = &drafts.items[i];
		struct invoice_commit input = { .id = draft->id };
		void *output;
		if (date_compare(date_add_days(draft->invoice_date, (int32_t)days), date) <= 0 &&
		    !command_perform(command, "invoice.commit", &input, &output))
			return false;
	}
	return true;
}

/* As the clock would: a run on each day on which something is due, the last of them is the answer. Days on which nothing
 * is due leave it to the target itself. */
static bool preview_until(struct command *command, const struct account *account, struct date target,
                          struct preview *preview)
{
	struct date date;
	bool ran = false;
	for (;;) {
		if (!invoice_run_next_date(command, account, true, &date))
			return false;
		if (!date_present(date) || date_compare(date, target) > 0)
			break;
		if (!commit_until(command, account, date) || !invoice_run_bill(command, account, date, true, &preview->invoice))
			return false;
		ran = true;
	}
	return ran || (commit_until(command, account, target) && invoice_run_bill(command, account, target, true, &preview->invoice));
}

static bool preview_run(struct command *command, struct preview *preview)
{
	const struct invoice_preview *input = preview->input;
	struct account *account = account_need(command, input->account_id, "/account_id");
	struct date target = input->target_date;
	if (!account)
		return false;
	if (input->has_upcoming && input->upcoming) {
		if (!upcoming_date(command, account, input, &target) || !date_present(target))
			return !store_failed(command->store);
	} else if (!date_present(target)) {
		target = command_today(command, account);
	}
	return check_target(command, account, target) && preview_until(command, account, target, preview);
}

/* Does it and fails, so that all of it is undone; what it made stays in the arena. */
static bool preview_part(struct command *command, void *context)
{
	struct preview *preview = context;
	preview->made = text_present(preview->input->command) ? preview_command(command, preview)
	                                                      : preview_run(command, preview);
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

const struct command_type invoice_run_commands[] = {
	{
		.name = "invoice.run",
		.scope = "write",
		.input = &invoice_run_input_record,
		.output = &invoice_record,
		.perform = invoice_run_perform,
		.doc = "Invoices what is due for direct subscriptions on a day, also one that lies ahead; answers with the "
		       "invoice, or nothing.",
	},
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
