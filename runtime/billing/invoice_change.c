/* invoice_change.c: what is done to invoices by hand: adjustments, charges, credits given and withdrawn, committing and writing off. */
#include "invoice.h"

#include "account.h"
#include "credit.h"
#include "credit_note_taken.h"
#include "event/dispatch.h"
#include "billable.h"
#include "invoice_adjust_tax.h"
#include "invoice_run.h"
#include "parent_invoice.h"
#include "tag_control.h"
#include "wallet.h"

/* Above zero, and no more than a line may bill; else a problem at /amount, and no money. */
static struct money positive(struct command *command, struct decimal amount, const struct currency *currency)
{
	struct money money = { 0, NULL };
	struct text given = decimal_text(command->arena, amount);
	struct text most = money_text(command->arena, money_of(BILLABLE_MINOR_MAX, currency));
	if (!money_from_decimal(amount, currency, "/amount", command->problems, &money))
		return (struct money){ 0, NULL };
	if (money.minor > 0 && billable_money(money))
		return money;
	problem_value(command->problems, PROBLEM_OUT_OF_RANGE, "/amount", given, NULL,
	              "the amount must be above zero and at most %.*s", TEXT_ARG(most));
	return (struct money){ 0, NULL };
}

static bool check_currency(struct command *command, const struct account *account, const struct currency *currency)
{
	if (!currency || currency == account->currency)
		return true;
	return problem(command->problems, PROBLEM_CURRENCY_MISMATCH, "/currency", "the account is in %s, not in %s",
	               account->currency->code, currency->code);
}

/* ------------------------------------------------------------------------------------------------ invoice.adjust */

static const struct invoice_line *line_at(const struct invoice *invoice, int64_t position)
{
	for (size_t i = 0; i < invoice->lines.count; i++)
		if (invoice->lines.items[i].position == position)
			return &invoice->lines.items[i];
	return NULL;
}

/* Of the line, or of a discount that lies on it, which credit notes take back with it. */
static bool takes_from(const struct invoice_line_list *taken, const struct invoice_line *taking,
                       const struct invoice_line *line)
{
	if (taking->linked_position == line->position)
		return true;
	for (size_t i = 0; i < taken->count; i++) {
		const struct invoice_line *discount = &taken->items[i];
		if (discount->coupon_redemption_id && discount->invoice_id == line->invoice_id &&
		    discount->position == taking->linked_position && discount->linked_position == line->position)
			return true;
	}
	return false;
}

/* What discounts, adjustments, notes, repairs with their taxes and changes of its order have left of a line. */
static bool left_of(struct command *command, const struct note_taken *taken, const struct invoice_line *line,
                    struct money *left)
{
	*left = line->amount;
	for (size_t i = 0; i < taken->lines.count; i++)
		if (takes_from(&taken->lines, &taken->lines.items[i], line) && !money_add(*left, taken->lines.items[i].amount, left))
			return problem(command->problems, PROBLEM_OVERFLOW, "", "the sum of the lines is too large");
	if (left->minor < 0)
		*left = money_zero(left->currency);
	return true;
}

static bool amount_to_adjust(struct command *command, const struct invoice_adjust *input, const struct invoice *invoice,
                             const struct invoice_line *line, struct money left, struct money *amount)
{
	*amount = input->has_amount ? positive(command, input->amount, invoice->currency) : left;
	if (!money_present(*amount))
		return false;
	if (money_compare(*amount, left) <= 0 && amount->minor > 0)
		return true;
	return problem(command->problems, PROBLEM_OUT_OF_RANGE, "/amount", "only %s is left of line %lld",
	               text_c(command->arena, money_text(command->arena, left)), (long long)line->position);
}

static bool check_adjustable(struct command *command, const struct invoice *invoice, const struct invoice_line *line,
                             int64_t position)
{
	if (invoice->status == INVOICE_STATUS_CANCELLED || invoice->status == INVOICE_STATUS_WRITTEN_OFF)
		return problem_value(command->problems, PROBLEM_WRONG_STATE, "/id", invoice->number, NULL,
		                     "invoice %.*s is %s", TEXT_ARG(invoice->number),
		                     invoice_record.fields[INVOICE_FIELD_STATUS].words[invoice->status]);
	if (!line)
		return problem(command->problems, PROBLEM_NOT_FOUND, "/position", "invoice %.*s has no line %lld",
		               TEXT_ARG(invoice->number), (long long)position);
	if (!invoice_line_charges(line))
		return problem_value(command->problems, PROBLEM_WRONG_STATE, "/position", TEXT_NONE,
		                     "Adjust a line that charges something.", "line %lld charges nothing",
		                     (long long)position);
	return wallet_check_no_purchase(command, invoice, "/id") &&
	       (line->kind != INVOICE_LINE_KIND_PARENT_SUMMARY || parent_check_unsettled(command, invoice, "Adjust the child's invoice."));
}

static bool check_days(struct command *command, const struct invoice_line *line, struct date unused_from)
{
	if (!date_present(unused_from) ||
	    (line->kind == INVOICE_LINE_KIND_RECURRING && date_compare(unused_from, line->period_end) < 0))
		return true;
	return problem_value(command->problems, PROBLEM_OUT_OF_RANGE, "/unused_from", date_text(command->arena, unused_from),
	                     "Leave it out, or name a day that the line is charged for.", "line %lld charges for no day from there on",
	                     (long long)line->position);
}

static struct invoice_line adjustment_of(struct command *command, const struct account *account,
                                         const struct invoice_line *line, struct money amount,
                                         const struct invoice_adjust *input)
{
	struct date today = command_today(command, account);
	bool of_days = date_present(input->unused_from);
	struct invoice_line adjustment = {
		.kind = INVOICE_LINE_KIND_ITEM_ADJUSTMENT,
		.plan = line->plan,
		.phase = line->phase,
		.subscription_id = line->subscription_id,
		.catalog_plan_id = line->catalog_plan_id,
		.order_id = line->order_id,
		.description = text_present(input->description) ? input->description : TEXT("Adjustment"),
		.quantity = decimal_from_int64(1),
		.linked_invoice_id = line->invoice_id,
		.linked_position = line->position,
		.has_linked_position = true,
		.period_start = of_days ? date_max(input->unused_from, line->period_start) : today,
		.period_end = of_days ? line->period_end : today,
		.amount = money_of(-amount.minor, amount.currency),
		.decision = TEXT(INVOICE_LINE_BY_HAND),
	};
	return adjustment;
}

static bool sum_up(struct command *command, struct invoice_line *adjustments, size_t count, struct money *amount)
{
	for (size_t i = 0; i < count; i++)
		if (!exact_money_from_money(adjustments[i].amount, &adjustments[i].exact) ||
		    !money_subtract(*amount, adjustments[i].amount, amount))
			return problem(command->problems, PROBLEM_OVERFLOW, "", "the sum of the adjustments is too large");
	return true;
}

bool invoice_take_back(struct command *command, const struct account *account, struct invoice *invoice,
                       struct invoice_line *adjustments, size_t count)
{
	struct money amount = money_zero(invoice->currency);
	if (!sum_up(command, adjustments, count, &amount))
		return false;
	struct occurrence adjusted =
	        occurrence_of(EVENT_INVOICE_ADJUST, &invoice_record, invoice, invoice->id, invoice->account_id);
	adjusted.details.currency = amount.currency;
	adjusted.details.amount = amount;
	if (!event_pre(command, &adjusted) || !invoice_append(command, invoice, adjustments, count))
		return false;
	return (invoice->status == INVOICE_STATUS_DRAFT || invoice_give_back(command, account, invoice, amount, 0)) &&
	       event_post(command, &adjusted);
}

/* The line and, where days of it are given back, the taxes on them. */
struct adjusting {
	const struct invoice_adjust *input;
	struct invoice *invoice;
	struct account *account;
	struct invoice_line_list adjustments;
};

static void add_adjustment(struct command *command, struct adjusting *adjusting, const struct invoice_line *line,
                           struct money amount)
{
	struct invoice_line adjustment = adjustment_of(command, adjusting->account, line, amount, adjusting->input);
	*list_add(command->arena, &adjusting->adjustments, struct invoice_line) = adjustment;
}

static bool add_adjustments(struct command *command, struct adjusting *adjusting, const struct invoice_line *line)
{
	struct note_taken taken;
	struct adjusted_taxes taxes = { 0 };
	struct money left, amount;
	if (!note_taken_read(command, adjusting->invoice, &taken) || !left_of(command, &taken, line, &left) ||
	    !amount_to_adjust(command, adjusting->input, adjusting->invoice, line, left, &amount))
		return false;
	add_adjustment(command, adjusting, line, amount);
	if (date_present(adjusting->input->unused_from) &&
	    !invoice_adjust_taxes(command, adjusting->account, adjusting->invoice, line, amount, left, &taken, &taxes))
		return false;
	for (size_t i = 0; i < taxes.count; i++)
		add_adjustment(command, adjusting, taxes.items[i].line, taxes.items[i].amount);
	return true;
}

static bool invoice_adjust_perform(struct command *command, const void *data, void **output)
{
	const struct invoice_adjust *input = data;
	struct adjusting adjusting = { .input = input, .invoice = invoice_need(command, input->id, "/id") };
	struct invoice *invoice = adjusting.invoice;
	adjusting.account = invoice ? account_need(command, invoice->account_id, "/id") : NULL;
	if (!adjusting.account)
		return false;
	command_object(command, "invoice", invoice->id, invoice->account_id);
	const struct invoice_line *line = line_at(invoice, input->position);
	*output = invoice;
	return check_adjustable(command, invoice, line, input->position) && check_days(command, line, input->unused_from) &&
	       add_adjustments(command, &adjusting, line) &&
	       invoice_take_back(command, adjusting.account, invoice, adjusting.adjustments.items, adjusting.adjustments.count);
}

/* ------------------------------------------------------------------------------------------------ by hand */

static bool make_invoice(struct command *command, const struct account *account, struct invoice_line *line,
                         struct invoice **invoice)
{
	struct invoice_calculation calculation = { .rounding = TEXT_NONE, .total = line->amount };
	struct invoice_origin origin = { .account = account, .by_hand = true };
	line->account_id = account->id;
	line->currency = account->currency;
	line->position = 1;
	*list_add(command->arena, &calculation.lines, struct invoice_line) = *line;
	origin.billing = invoice_lines_period(&calculation.lines, command_today(command, account));
	*invoice = NULL;
	return invoice_create(command, &origin, &calculation, invoice) &&
	       invoice_collect_payment(command, account, *invoice);
}

static struct invoice *draft_need(struct command *command, const struct account *account, int64_t id)
{
	struct invoice *invoice = invoice_need(command, id, "/invoice_id");
	if (!invoice || (invoice->status == INVOICE_STATUS_DRAFT && invoice->account_id == account->id))
		return invoice;
	problem_value(command->problems, PROBLEM_WRONG_STATE, "/invoice_id", invoice->number,
	              "Leave invoice_id out: the charge gets an invoice of its own.",
	              "invoice %.*s is no draft of this account", TEXT_ARG(invoice->number));
	return NULL;
}

static bool charge(struct command *command, const struct account *account, int64_t draft_id, struct invoice_line *line,
                   void **output)
{
	struct invoice *invoice = NULL;
	if (draft_id) {
		invoice = draft_need(command, account, draft_id);
		if (!invoice || !invoice_append(command, invoice, line, 1))
			return false;
	} else if (!make_invoice(command, account, line, &invoice)) {
		return false;
	}
	command_object(command, "invoice", invoice->id, account->id);
	*output = invoice;
	return true;
}

static bool check_subscription(struct command *command, const struct account *account, int64_t id)
{
	struct subscription *subscription = NULL;
	if (!id)
		return true;
	if (!subscription_find(command, id, &subscription))
		return false;
	return (subscription && subscription->account_id == account->id) ||
	       problem(command->problems, PROBLEM_NOT_FOUND, "/subscription_id", "the account has no subscription %lld",
	               (long long)id);
}

static bool invoice_charge_perform(struct command *command, const void *data, void **output)
{
	const struct invoice_charge *input = data;
	struct account *account = account_need(command, input->account_id, "/account_id");
	if (!account || !check_currency(command, account, input->currency) ||
	    !check_subscription(command, account, input->subscription_id))
		return false;
	struct invoice_line line = {
		.kind = INVOICE_LINE_KIND_EXTERNAL_CHARGE,
		.description = input->description,
		.subscription_id = input->subscription_id,
		.quantity = decimal_from_int64(1),
		.has_unit_price = true,
		.unit_price = input->amount,
		.period_start = date_present(input->period_start) ? input->period_start : command_today(command, account),
		.period_end = input->period_end,
		.amount = positive(command, input->amount, account->currency),
		.decision = TEXT(INVOICE_LINE_BY_HAND),
	};
	return money_present(line.amount) && exact_money_from_money(line.amount, &line.exact) &&
	       charge(command, account, input->invoice_id, &line, output);
}

static bool credit_create_perform(struct command *command, const void *data, void **output)
{
	const struct credit_create *input = data;
	struct account *account = account_need(command, input->account_id, "/account_id");
	if (!account || !check_currency(command, account, input->currency))
		return false;
	struct money amount = positive(command, input->amount, account->currency);
	struct date today = command_today(command, account);
	struct invoice_line line = {
		.kind = INVOICE_LINE_KIND_CREDIT,
		.description = text_present(input->description) ? input->description : TEXT("Credit"),
		.quantity = decimal_from_int64(1),
		.period_start = today,
		.period_end = today,
		.amount = money_of(-amount.minor, account->currency),
		.decision = TEXT(INVOICE_LINE_BY_HAND),
	};
	return money_present(amount) && exact_money_from_money(line.amount, &line.exact) &&
	       charge(command, account, 0, &line, output);
}

/* ------------------------------------------------------------------------------------------------ credit.withdraw */

static bool refuse_credit(struct command *command, const struct credit *credit, const char *remedy, const char *why)
{
	return problem_value(command->problems, PROBLEM_WRONG_STATE, "/id", text_from_int64(command->arena, credit->id), remedy,
	                     "credit %lld %s", (long long)credit->id, why);
}

static bool check_withdrawable(struct command *command, const struct credit *credit, const struct invoice *invoice)
{
	if (credit->credit_note_id)
		return refuse_credit(command, credit, "Void the credit note.", "was given by a credit note");
	if (!invoice)
		return refuse_credit(command, credit, "Charge the amount by hand.", "was given by no invoice");
	if (invoice->status != INVOICE_STATUS_OPEN && invoice->status != INVOICE_STATUS_SETTLED)
		return refuse_credit(command, credit, NULL, "was given by an invoice that is withdrawn or given up");
	return credit->remaining.minor > 0 ||
	       refuse_credit(command, credit, "Charge the amount by hand.", "is used up");
}

/* The invoice that gave it charges what is left of it. */
static bool withdraw(struct command *command, const struct account *account, struct invoice *invoice, struct credit *credit,
                     struct text description)
{
	struct date today = command_today(command, account);
	struct invoice_line line = {
		.kind = INVOICE_LINE_KIND_CREDIT,
		.description = text_present(description) ? description : TEXT("Credit withdrawn"),
		.quantity = decimal_from_int64(1),
		.period_start = today,
		.period_end = today,
		.amount = credit->remaining,
		.decision = TEXT(INVOICE_LINE_BY_HAND),
	};
	const struct invoice before = *invoice;
	return exact_money_from_money(line.amount, &line.exact) && invoice_append(command, invoice, &line, 1) &&
	       credit_take_away(command, credit) &&
	       invoice_owe_again(command, account, invoice, &before, money_zero(invoice->currency));
}

static bool credit_withdraw_perform(struct command *command, const void *data, void **output)
{
	const struct credit_withdraw *input = data;
	struct credit *credit = NULL;
	struct invoice *invoice = NULL;
	if (!credit_find(command, input->id, &credit))
		return false;
	if (!credit)
		return record_missing(&credit_record, input->id, command->problems, "/id");
	struct account *account = account_need(command, credit->account_id, "/id");
	if (!account || (credit->invoice_id && !invoice_find(command, credit->invoice_id, &invoice)))
		return false;
	command_object(command, "credit", credit->id, credit->account_id);
	*output = credit;
	return check_withdrawable(command, credit, invoice) && withdraw(command, account, invoice, credit, input->description);
}

/* ------------------------------------------------------------------------------------------------ invoice.commit */

/* What it charges for is charged now. */
static bool move_marks(struct command *command, const struct invoice *invoice)
{
	for (size_t i = 0; i < invoice->lines.count; i++) {
		const struct invoice_line *line = &invoice->lines.items[i];
		struct subscription *subscription = NULL;
		struct date end = date_present(line->period_end) ? line->period_end : line->period_start;
		if (!line->catalog_plan_id || line->amount.minor < 0 || line->kind == INVOICE_LINE_KIND_ITEM_ADJUSTMENT ||
		    line->kind == INVOICE_LINE_KIND_DISCOUNT)
			continue;
		if (!subscription_find(command, line->subscription_id, &subscription))
			return false;
		if (!subscription || date_compare(subscription->charged_through, end) >= 0)
			continue;
		subscription->charged_through = end;
		if (!subscription_save(command, subscription))
			return false;
	}
	return true;
}

static bool commit(struct command *command, const struct account *account, struct invoice *invoice)
{
	int64_t days = command_setting_integer(command, "billing.due_days", 0);
	const struct invoice draft = *invoice;
	invoice->status = INVOICE_STATUS_OPEN;
	invoice->due_date = date_add_days(command_today(command, account), (int32_t)days);
	invoice->balance = invoice->total.minor > 0 ? invoice->total : money_zero(invoice->currency);
	return invoice_update(command, invoice, &draft) && move_marks(command, invoice) &&
	       job_remove(command, "invoice.commit", invoice->id) && invoice_owe(command, account, invoice) &&
	       invoice_collect_payment(command, account, invoice);
}

static bool invoice_commit_perform(struct command *command, const void *data, void **output)
{
	const struct invoice_commit *input = data;
	struct invoice *invoice = invoice_need(command, input->id, "/id");
	struct account *account = invoice ? account_need(command, invoice->account_id, "/id") : NULL;
	if (!account)
		return false;
	command_object(command, "invoice", invoice->id, invoice->account_id);
	if (invoice->status != INVOICE_STATUS_DRAFT)
		return problem_value(command->problems, PROBLEM_WRONG_STATE, "/id", invoice->number, NULL,
		                     "invoice %.*s is no draft", TEXT_ARG(invoice->number));
	*output = invoice;
	return commit(command, account, invoice);
}

/* The days of grace are over; what was committed or cancelled by then stays so. */
static bool invoice_commit_job(struct command *command, const struct job *job)
{
	struct invoice *invoice = NULL;
	if (!invoice_find(command, job->object_id, &invoice) || !invoice || invoice->status != INVOICE_STATUS_DRAFT)
		return !store_failed(command->store);
	struct account *account = account_need(command, invoice->account_id, "/id");
	command_object(command, "invoice", invoice->id, invoice->account_id);
	return account && commit(command, account, invoice);
}

/* ------------------------------------------------------------------------------------------------ invoice.write_off */

bool invoice_give_up(struct command *command, struct invoice *invoice)
{
	struct money paid = money_of(invoice->total.minor - invoice->balance.minor, invoice->currency);
	const struct invoice owed = *invoice;
	invoice->status = INVOICE_STATUS_WRITTEN_OFF;
	invoice->balance = money_zero(invoice->currency);
	return invoice_update(command, invoice, &owed) && invoice_announce_balance(command, invoice, owed.balance, "write_off") &&
	       invoice_tags_follow(command, invoice) && wallet_purchase_failed(command, invoice, "written_off") && parent_follow(command, invoice) && parent_give_up(command, invoice, paid);
}

static bool invoice_write_off_perform(struct command *command, const void *data, void **output)
{
	const struct invoice_write_off *input = data;
	struct invoice *invoice = invoice_need(command, input->id, "/id");
	if (!invoice)
		return false;
	command_object(command, "invoice", invoice->id, invoice->account_id);
	if (invoice->status != INVOICE_STATUS_OPEN)
		return problem_value(command->problems, PROBLEM_WRONG_STATE, "/id", invoice->number, NULL,
		                     "nothing is open of invoice %.*s", TEXT_ARG(invoice->number));
	*output = invoice;
	return invoice_give_up(command, invoice);
}

/* ------------------------------------------------------------------------------------------------ the commands */

#define ON_INVOICE(word, text)                                                                            \
	{                                                                                                 \
		.name = "invoice." #word, .scope = "write", .input = &invoice_##word##_record,            \
		.output = &invoice_record, .perform = invoice_##word##_perform, .doc = text               \
	}

const struct command_type invoice_change_commands[] = {
	ON_INVOICE(adjust, "Takes back a line of an invoice, in part or whole; what was paid of it becomes a credit."),
	ON_INVOICE(charge, "Charges an amount that no subscription charges for, on an invoice of its own or on a draft."),
	ON_INVOICE(commit, "Makes a draft an invoice that is owed."),
	ON_INVOICE(write_off, "Gives up what is open of an invoice."),
	{
		.name = "credit.create",
		.scope = "write",
		.input = &credit_create_record,
		.output = &invoice_record,
		.perform = credit_create_perform,
		.doc = "Gives an account a credit, on an invoice of its own; open invoices use it up, by date.",
	},
	{
		.name = "credit.withdraw",
		.scope = "write",
		.input = &credit_withdraw_record,
		.output = &credit_record,
		.perform = credit_withdraw_perform,
		.doc = "Takes back what is left of a credit that an invoice gave.",
	},
	{ 0 },
};

const struct job_kind invoice_jobs[] = {
	{ "invoice.commit", invoice_commit_job, "A draft's days of grace are over." },
	{ 0 },
};
