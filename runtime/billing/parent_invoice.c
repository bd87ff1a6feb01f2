/* parent_invoice.c: invoices of children that their parent pays. */
#include "parent_invoice.h"

#include "account.h"
#include "credit.h"
#include "invoice_run.h"

bool parent_pays(const struct account *account)
{
	return account->parent_id && account->has_parent_pays && account->parent_pays;
}

static bool check_childless(struct command *command, const struct account *account, struct text parent_id)
{
	int64_t has_child = 0;
	if (!store_integer(command->store, STATEMENT_ACCOUNT_CHILD, BINDS(bind_id(account->id)), &has_child, NULL))
		return false;
	return !has_child || problem_value(command->problems, PROBLEM_WRONG_STATE, "/parent_id", parent_id,
	                                   "Give its children another parent first.", "account %lld has children itself",
	                                   (long long)account->id);
}

bool parent_check(struct command *command, const struct account *account)
{
	struct account *parent = NULL;
	if (!account->parent_id)
		return true;
	if (!account_find(command, account->parent_id, &parent))
		return false;
	struct text id = text_from_int64(command->arena, account->parent_id);
	if (!parent || parent->id == account->id)
		return problem_value(command->problems, PROBLEM_NOT_FOUND, "/parent_id", id, NULL,
		                     "account %.*s cannot be the parent", TEXT_ARG(id));
	if (parent->parent_id)
		return problem_value(command->problems, PROBLEM_WRONG_STATE, "/parent_id", id, "Name the parent's parent.",
		                     "account %.*s has a parent itself", TEXT_ARG(id));
	if (parent->currency != account->currency)
		return problem_value(command->problems, PROBLEM_CURRENCY_MISMATCH, "/parent_id", id, NULL,
		                     "the parent is in %s, the account in %s", parent->currency->code, account->currency->code);
	return check_childless(command, account, id);
}


/* ------------------------------------------------------------------------------------------------ the draft */

static struct text by_children(void)
{
	return TEXT("{\"by\":\"the invoices of children\"}");
}

static bool too_large(struct command *command)
{
	return problem(command->problems, PROBLEM_OVERFLOW, "", "what the parent owes is too large");
}

static bool gathers(const struct invoice *invoice)
{
	return invoice->lines.count > 0 && invoice->lines.items[0].kind == INVOICE_LINE_KIND_PARENT_SUMMARY;
}

/* The draft that gathers for the parent, with its lines; NULL: none yet. One of a run was made for a target date. */
static bool find_draft(struct command *command, const struct account *parent, struct invoice **draft)
{
	struct invoice_list drafts = { 0 };
	*draft = NULL;
	if (!store_all(command->store, STATEMENT_INVOICE_DRAFT, BINDS(bind_id(parent->id)), &invoice_record, LIST(&drafts)))
		return false;
	for (size_t i = 0; i < drafts.count && !*draft; i++) {
		if (date_present(drafts.items[i].target_date))
			continue;
		if (!invoice_load_lines(command, &drafts.items[i]))
			return false;
		if (gathers(&drafts.items[i]))
			*draft = &drafts.items[i];
	}
	return true;
}

static struct invoice_line *line_of(struct invoice *draft, int64_t child_account_id)
{
	for (size_t i = 0; i < draft->lines.count; i++)
		if (draft->lines.items[i].kind == INVOICE_LINE_KIND_PARENT_SUMMARY &&
		    draft->lines.items[i].child_account_id == child_account_id)
			return &draft->lines.items[i];
	return NULL;
}

/* 23:59:59.999, as Kill Bill does it. */
static struct instant end_of_day(struct instant now)
{
	const int64_t day_us = INT64_C(24) * 3600 * US_PER_S;
	return (struct instant){ now.us - now.us % day_us + day_us - US_PER_S / 1000 };
}

static bool open_draft(struct command *command, const struct account *parent, struct invoice_line *line,
                       struct invoice **draft)
{
	struct invoice_calculation calculation = { .rounding = TEXT_NONE, .total = line->amount };
	struct invoice_origin origin = { .account = parent, .by_hand = true, .waits = true };
	*draft = NULL;
	line->account_id = parent->id;
	line->currency = parent->currency;
	line->position = 1;
	*list_add(command->arena, &calculation.lines, struct invoice_line) = *line;
	origin.billing = invoice_lines_period(&calculation.lines, command_today(command, parent));
	return invoice_create(command, &origin, &calculation, draft) &&
	       job_add(command, "invoice.commit", parent->id, (*draft)->id, end_of_day(command->now), TEXT_NONE);
}

/* The one line that may change after it was written: what it sums up is not known before the end of the day. */
static bool grow_line(struct command *command, struct invoice *draft, struct invoice_line *line, struct money by)
{
	if (!money_add(line->amount, by, &line->amount) || !money_add(draft->total, by, &draft->total) ||
	    !exact_money_from_money(line->amount, &line->exact))
		return too_large(command);
	return store_update(command->store, &invoice_line_record, line) && invoice_save(command, draft);
}

static bool add_line(struct command *command, const struct account *parent, const struct account *child,
                     const struct invoice *invoice, struct invoice **draft)
{
	struct invoice_line line = {
		.kind = INVOICE_LINE_KIND_PARENT_SUMMARY,
		.child_account_id = child->id,
		.description = text_format(command->arena, "Invoices of %.*s", TEXT_ARG(child->name)),
		.quantity = decimal_from_int64(1),
		.period_start = command_today(command, parent),
		.amount = invoice->balance,
		.decision = by_children(),
	};
	if (!exact_money_from_money(line.amount, &line.exact))
		return too_large(command);
	return *draft ? invoice_append(command, *draft, &line, 1) : open_draft(command, parent, &line, draft);
}

/* Nothing is owed, and nothing was served: Kill Bill makes no draft for it. */
static bool says_nothing(const struct invoice *invoice)
{
	for (size_t i = 0; i < invoice->lines.count; i++)
		if (invoice->lines.items[i].kind == INVOICE_LINE_KIND_FIXED ||
		    invoice->lines.items[i].kind == INVOICE_LINE_KIND_RECURRING)
			return false;
	return money_is_zero(invoice->balance);
}

bool parent_gather(struct command *command, const struct account *child, struct invoice *invoice)
{
	struct account *parent = NULL;
	struct invoice *draft;
	if (!parent_pays(child))
		return true;
	if (!account_find(command, child->parent_id, &parent) || !parent)
		return !store_failed(command->store);
	if (!find_draft(command, parent, &draft))
		return false;
	if (!draft && says_nothing(invoice))
		return true;
	struct invoice_line *line = draft ? line_of(draft, child->id) : NULL;
	if (!(line ? grow_line(command, draft, line, invoice->balance)
	           : add_line(command, parent, child, invoice, &draft)))
		return false;
	invoice->parent_invoice_id = draft->id;
	invoice->gathered = invoice->balance;
	return invoice_save(command, invoice);
}

/* ------------------------------------------------------------------------------------------------ following */

/* What of a line adjustments by hand have left to be taken back. */
static bool left_of(struct command *command, const struct invoice *invoice, const struct invoice_line *line,
                    struct money *left)
{
	*left = line->amount;
	for (size_t i = 0; i < invoice->lines.count; i++) {
		const struct invoice_line *other = &invoice->lines.items[i];
		if (other->kind == INVOICE_LINE_KIND_ITEM_ADJUSTMENT && other->linked_position == line->position &&
		    !money_add(*left, other->amount, left))
			return too_large(command);
	}
	if (left->minor < 0)
		*left = money_zero(left->currency);
	return true;
}

static struct invoice_line adjustment_of(struct command *command, const struct account *parent,
                                         const struct invoice_line *line, struct money amount)
{
	struct date today = command_today(command, parent);
	return (struct invoice_line){
		.kind = INVOICE_LINE_KIND_ITEM_ADJUSTMENT,
		.child_account_id = line->child_account_id,
		.description = text_format(command->arena, "Adjustment: %.*s", TEXT_ARG(line->description)),
		.quantity = decimal_from_int64(1),
		.linked_invoice_id = line->invoice_id,
		.linked_position = line->position,
		.has_linked_position = true,
		.period_start = today,
		.period_end = today,
		.amount = amount,
		.decision = by_children(),
	};
}

/* An invoice of the parent that is open already. */
static bool adjust_line(struct command *command, struct invoice *invoice, const struct invoice_line *line,
                        struct money by)
{
	struct account *parent = account_need(command, invoice->account_id, "/id");
	if (!parent)
		return false;
	struct invoice_line adjustment = adjustment_of(command, parent, line, by);
	if (by.minor < 0)
		return invoice_take_back(command, parent, invoice, &adjustment, 1);
	if (!exact_money_from_money(by, &adjustment.exact))
		return too_large(command);
	const struct invoice before = *invoice;
	return invoice_append(command, invoice, &adjustment, 1) && invoice_owe_again(command, parent, invoice, &before, by);
}

static bool move_line(struct command *command, struct invoice *parents, int64_t child_account_id, struct money by)
{
	struct invoice_line *line = line_of(parents, child_account_id);
	struct money left;
	if (!line || !left_of(command, parents, line, &left))
		return !line;
	if (by.minor < -left.minor)
		by.minor = -left.minor;
	if (money_is_zero(by))
		return true;
	return parents->status == INVOICE_STATUS_DRAFT ? grow_line(command, parents, line, by)
	                                               : adjust_line(command, parents, line, by);
}

/* What the parent's payment has made of it meanwhile. */
static bool refresh(struct command *command, struct invoice *invoice)
{
	struct invoice *now = NULL;
	if (!store_find(command->store, &invoice_record, invoice->id, (void **)&now) || !now)
		return false;
	invoice->status = now->status;
	invoice->balance = now->balance;
	invoice->settled_at = now->settled_at;
	return true;
}

/* Owed again after the parent has paid: gathered anew. */
static bool gather_again(struct command *command, struct invoice *invoice)
{
	struct account *child = NULL;
	if (invoice->status != INVOICE_STATUS_OPEN)
		return true;
	return account_find(command, invoice->account_id, &child) && child && parent_gather(command, child, invoice);
}

bool parent_follow(struct command *command, struct invoice *invoice)
{
	struct invoice *parents = NULL;
	struct money by;
	if (!invoice->parent_invoice_id)
		return true;
	if (!invoice_find(command, invoice->parent_invoice_id, &parents) || !parents)
		return !store_failed(command->store);
	if (parents->status == INVOICE_STATUS_SETTLED)
		return gather_again(command, invoice);
	if (parents->status != INVOICE_STATUS_DRAFT && parents->status != INVOICE_STATUS_OPEN)
		return true;
	if (!money_subtract(invoice->balance, invoice->gathered, &by))
		return too_large(command);
	if (money_is_zero(by))
		return true;
	invoice->gathered = invoice->balance;
	return invoice_save(command, invoice) && move_line(command, parents, invoice->account_id, by) &&
	       refresh(command, invoice);
}

/* ------------------------------------------------------------------------------------------------ the parent's side */

static bool may_gather(const struct invoice *invoice)
{
	return !invoice->by_billing_run && !invoice->order_id;
}

static bool gathered_by(struct command *command, const struct invoice *invoice, struct invoice_list *gathered)
{
	return !may_gather(invoice) ||
	       store_all(command->store, STATEMENT_INVOICE_GATHERED, BINDS(bind_id(invoice->id)), &invoice_record,
	                 LIST(gathered));
}

/* The parent's payment reaches the child as a credit that its invoice uses. */
static bool settle_child(struct command *command, struct invoice *invoice, struct money amount)
{
	struct account *child = account_need(command, invoice->account_id, "/account_id");
	struct credit template = {
		.account_id = invoice->account_id,
		.currency = invoice->currency,
		.amount = amount,
		.reason = CREDIT_REASON_GOODWILL,
	};
	struct credit *credit;
	return child && credit_create(command, &template, &credit) && credit_apply(command, child, invoice);
}

/* Settles what was gathered, the oldest first, as far as `amount` goes. */
static bool settle_children(struct command *command, struct invoice_list *gathered, struct money amount)
{
	for (size_t i = 0; i < gathered->count && amount.minor > 0; i++) {
		struct invoice *invoice = &gathered->items[i];
		if (invoice->status != INVOICE_STATUS_OPEN)
			continue;
		struct money part = money_min(amount, invoice->balance);
		amount.minor -= part.minor;
		if (!settle_child(command, invoice, part))
			return false;
	}
	return true;
}

/* While the parent's line no longer follows it: else what is left would be gathered anew. */
static bool settle_apart(struct command *command, struct invoice *invoice, struct money amount)
{
	int64_t parent_invoice_id = invoice->parent_invoice_id;
	invoice->parent_invoice_id = 0;
	bool settled = settle_child(command, invoice, amount);
	invoice->parent_invoice_id = parent_invoice_id;
	return settled;
}

/* What of the line was paid settles the child's invoices, the oldest first; what was taken off it by hand is given up. */
static bool settle_line(struct command *command, struct invoice_list *gathered, int64_t child_account_id, struct money paid)
{
	for (size_t i = 0; i < gathered->count; i++) {
		struct invoice *invoice = &gathered->items[i];
		if (invoice->status != INVOICE_STATUS_OPEN || invoice->account_id != child_account_id)
			continue;
		struct money part = money_min(paid, invoice->balance);
		bool whole = money_compare(part, invoice->balance) == 0;
		paid.minor -= part.minor;
		if (part.minor > 0 && !(whole ? settle_child(command, invoice, part) : settle_apart(command, invoice, part)))
			return false;
		if (!whole && !invoice_give_up(command, invoice))
			return false;
	}
	return true;
}

bool parent_settle(struct command *command, const struct invoice *invoice)
{
	struct invoice_list gathered = { 0 };
	struct invoice *whole = NULL;
	if (!gathered_by(command, invoice, &gathered) || gathered.count == 0)
		return !store_failed(command->store);
	if (!invoice_find(command, invoice->id, &whole) || !whole)
		return false;
	for (size_t i = 0; i < whole->lines.count; i++) {
		const struct invoice_line *line = &whole->lines.items[i];
		struct money paid;
		if (line->kind == INVOICE_LINE_KIND_PARENT_SUMMARY &&
		    (!left_of(command, whole, line, &paid) || !settle_line(command, &gathered, line->child_account_id, paid)))
			return false;
	}
	return true;
}

bool parent_check_unsettled(struct command *command, const struct invoice *invoice, const char *remedy)
{
	struct invoice_list gathered = { 0 };
	if (invoice->status != INVOICE_STATUS_SETTLED)
		return true;
	if (!gathered_by(command, invoice, &gathered))
		return false;
	for (size_t i = 0; i < gathered.count; i++)
		if (gathered.items[i].gathered.minor > 0)
			return problem_value(command->problems, PROBLEM_WRONG_STATE, "/id", invoice->number, remedy,
			                     "invoice %.*s has settled invoice %.*s of a child", TEXT_ARG(invoice->number),
			                     TEXT_ARG(gathered.items[i].number));
	return true;
}

bool parent_release(struct command *command, const struct invoice *invoice)
{
	struct invoice_list gathered = { 0 };
	if (!gathered_by(command, invoice, &gathered))
		return false;
	for (size_t i = 0; i < gathered.count; i++) {
		gathered.items[i].parent_invoice_id = 0;
		gathered.items[i].gathered = (struct money){ 0, NULL };
		if (!invoice_save(command, &gathered.items[i]))
			return false;
	}
	return true;
}

bool parent_give_up(struct command *command, const struct invoice *invoice, struct money paid)
{
	struct invoice_list gathered = { 0 };
	if (!gathered_by(command, invoice, &gathered) || !settle_children(command, &gathered, paid))
		return false;
	for (size_t i = 0; i < gathered.count; i++)
		if (gathered.items[i].status == INVOICE_STATUS_OPEN && !invoice_give_up(command, &gathered.items[i]))
			return false;
	return true;
}
