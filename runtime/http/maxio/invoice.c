/* invoice.c: invoices, credit notes and balances. */
#include "maxio.h"

#include "billing/account.h"
#include "billing/credit.h"
#include "billing/credit_note.h"
#include "billing/customer.h"
#include "billing/invoice.h"
#include "billing/product.h"
#include "billing/subscription.h"
#include "billing/subscription_component.h"

enum { INVOICES_AT_ONCE = 100 };

/* ---- invoices ---- */

static bool has_subscription(const struct invoice *invoice, int64_t id)
{
	for (size_t i = 0; i < invoice->lines.count; i++)
		if (invoice->lines.items[i].subscription_id == id)
			return true;
	return false;
}

/* What the query asks for. */
struct wanted {
	struct maxio_page page;
	struct maxio_ids customers, products;
	struct maxio_span span;
	struct text date_field, status, numbers;
	int64_t subscription_id;
	bool ascending, lines, payments, credits, refunds, discounts, taxes, none;
};

static bool flag(struct http_exchange *exchange, const char *name, bool *value)
{
	bool set;
	return maxio_flag(exchange, name, &set, value);
}

static bool shown_parts_read(struct http_exchange *exchange, struct wanted *wanted)
{
	return flag(exchange, "line_items", &wanted->lines) && flag(exchange, "payments", &wanted->payments) &&
	       flag(exchange, "credits", &wanted->credits) && flag(exchange, "refunds", &wanted->refunds) &&
	       flag(exchange, "discounts", &wanted->discounts) && flag(exchange, "taxes", &wanted->taxes);
}

/* Invoices are in the order in which they were made: by number that is the same. */
static bool wanted_read(struct command *command, struct http_exchange *exchange, struct wanted *wanted)
{
	static const char *const fields[] = { "due_date", "issue_date", "paid_date", "created_at", "updated_at", NULL },
	                  *const sorts[] = { "number", "issue_date", "created_at", NULL },
	                  *const statuses[] = { "draft", "open", "paid", "pending", "voided", "canceled", "processing", NULL };
	struct text sort, group = http_parameter(&exchange->target, "subscription_group_uid");
	wanted->numbers = maxio_values(exchange, "number");
	wanted->none = text_present(group) && group.length > 0; /* there are no groups */
	return maxio_page(exchange, 20, &wanted->page) && maxio_word_of(exchange, "date_field", fields, &wanted->date_field) &&
	       maxio_word_of(exchange, "sort", sorts, &sort) && maxio_word_of(exchange, "status", statuses, &wanted->status) &&
	       maxio_direction(exchange, &wanted->ascending) && maxio_ids(exchange, "customer_ids", &wanted->customers) &&
	       maxio_ids(exchange, "product_ids", &wanted->products) && maxio_span(command, exchange, "", "", &wanted->span) &&
	       shown_parts_read(exchange, wanted);
}

static struct instant start_of(struct command *command, struct date date)
{
	return date_present(date) ? timezone_start_of_date(command->zone, date) : INSTANT_NONE;
}

/* due_date when no field is named. What has no such date is not within it. */
static bool date_fits(struct command *command, const struct wanted *wanted, const struct invoice *invoice)
{
	struct text field = wanted->date_field;
	if (!wanted->span.from.us && !wanted->span.until.us)
		return true;
	struct instant at = text_is(field, "created_at")   ? invoice->created_at
	                    : text_is(field, "updated_at") ? invoice->updated_at
	                    : text_is(field, "paid_date")  ? invoice->settled_at
	                    : text_is(field, "issue_date") ? start_of(command, invoice->invoice_date)
	                                                   : start_of(command, invoice->due_date);
	return at.us != 0 && maxio_within(at, &wanted->span);
}

static bool customer_fits(struct command *command, const struct wanted *wanted, const struct invoice *invoice, bool *fits)
{
	struct customer *customer;
	*fits = true;
	if (wanted->customers.count == 0)
		return true;
	if (!customer_by_account(command, invoice->account_id, &customer))
		return false;
	*fits = customer && maxio_id_among(&wanted->customers, customer->id);
	return true;
}

static bool product_fits(struct command *command, const struct wanted *wanted, const struct invoice *invoice, bool *fits)
{
	int64_t id = maxio_invoice_subscription(invoice);
	struct subscription *subscription = NULL;
	struct listed_product *product = NULL;
	*fits = true;
	if (wanted->products.count == 0)
		return true;
	if ((id && !subscription_find(command, id, &subscription)) ||
	    (subscription && !listed_product_by_plan(command, subscription->plan, &product)))
		return false;
	*fits = product && maxio_id_among(&wanted->products, product->id);
	return true;
}

/* Its lines are read only where they are asked about. */
static bool lines_fit(struct command *command, const struct wanted *wanted, struct invoice *invoice, bool *fits)
{
	*fits = true;
	if (!wanted->subscription_id && wanted->products.count == 0)
		return true;
	if (!invoice_load_lines(command, invoice))
		return false;
	*fits = !wanted->subscription_id || has_subscription(invoice, wanted->subscription_id);
	return !*fits || product_fits(command, wanted, invoice, fits);
}

static bool invoice_fits(struct command *command, const struct wanted *wanted, struct invoice *invoice, bool *fits)
{
	*fits = (wanted->status.length == 0 || text_equals(wanted->status, maxio_word(WORD_INVOICE_STATUS, (int)invoice->status))) &&
	        (wanted->numbers.length == 0 || maxio_holds_word(wanted->numbers, invoice->number)) &&
	        date_fits(command, wanted, invoice);
	return !*fits || (customer_fits(command, wanted, invoice, fits) && (!*fits || lines_fit(command, wanted, invoice, fits)));
}

/* The account whose invoices may be meant; 0: anybody's. */
static bool account_asked(struct command *command, struct http_exchange *exchange, int64_t *subscription_id, int64_t *account_id)
{
	struct text name = http_parameter(&exchange->target, "subscription_id");
	struct subscription *subscription;
	*subscription_id = *account_id = 0;
	if (!text_present(name) || name.length == 0)
		return true;
	if (!maxio_subscription_of(command, name, false, &subscription))
		return false;
	*subscription_id = subscription->id;
	*account_id = subscription->account_id;
	return true;
}

static bool invoice_add(struct command *command, const struct wanted *wanted, const struct invoice *invoice, struct maxio_list *list)
{
	struct maxio_invoice shown;
	if (!maxio_invoice_show(command, invoice, &shown))
		return false;
	shown.line_items.count = wanted->lines ? shown.line_items.count : 0;
	shown.payments.count = wanted->payments ? shown.payments.count : 0;
	shown.credits.count = wanted->credits ? shown.credits.count : 0;
	shown.refunds.count = wanted->refunds ? shown.refunds.count : 0;
	shown.discounts.count = wanted->discounts ? shown.discounts.count : 0;
	shown.taxes.count = wanted->taxes ? shown.taxes.count : 0;
	maxio_list_add(list, &maxio_invoice_record, &shown);
	return true;
}

/* The ids of those that fit, newest first: as far as the page; all of them when the oldest are asked for. */
struct fitting {
	const struct wanted *wanted;
	int64_t account_id;
	int64_t *ids;
	size_t count, capacity;
};

static bool fitting_add(struct command *command, struct fitting *fitting, int64_t id)
{
	if (fitting->count == fitting->capacity) {
		size_t capacity = fitting->capacity ? 2 * fitting->capacity : INVOICES_AT_ONCE;
		int64_t *grown = memory_realloc(fitting->ids, capacity * sizeof *grown);
		if (!grown)
			return problem_out_of_memory(command->problems, "invoices were looked for");
		fitting->ids = grown;
		fitting->capacity = capacity;
	}
	fitting->ids[fitting->count++] = id;
	return true;
}

static bool batch_find(struct command *command, struct fitting *fitting, struct object_filter *filter, bool *more)
{
	struct invoice_list invoices = { 0 };
	bool fits;
	if (!invoice_page(command, filter, &invoices))
		return false;
	for (size_t i = 0; i < invoices.count; i++) {
		filter->before_id = invoices.items[i].id;
		if (!invoice_fits(command, fitting->wanted, &invoices.items[i], &fits) ||
		    (fits && !fitting_add(command, fitting, invoices.items[i].id)))
			return false;
	}
	*more = invoices.count == INVOICES_AT_ONCE;
	return true;
}

/* What a batch takes is given back before the next one: however many there are, a hundred are in memory. */
static bool fitting_find(struct command *command, struct fitting *fitting)
{
	struct object_filter filter = { .account_id = fitting->account_id, .max = INVOICES_AT_ONCE };
	const struct wanted *wanted = fitting->wanted;
	const size_t most = (size_t)(wanted->page.page * wanted->page.per_page);
	bool more = true;
	while (more && (wanted->ascending || fitting->count < most)) {
		struct arena_mark mark = arena_mark(command->arena);
		if (!batch_find(command, fitting, &filter, &more))
			return false;
		arena_rewind(command->arena, mark);
	}
	return true;
}

static bool fitting_show(struct command *command, const struct fitting *fitting, struct maxio_list *list)
{
	for (size_t i = 0; i < fitting->count; i++) {
		struct invoice *invoice;
		if (!maxio_on_page(&fitting->wanted->page, (int64_t)i))
			continue;
		if (!invoice_find(command, fitting->ids[fitting->wanted->ascending ? fitting->count - 1 - i : i], &invoice) ||
		    (invoice && !invoice_add(command, fitting->wanted, invoice, list)))
			return false;
	}
	return true;
}

static bool invoices_read(struct command *command, struct http_exchange *exchange)
{
	struct wanted *wanted = arena_new(exchange->arena, struct wanted);
	struct fitting fitting = { .wanted = wanted };
	struct maxio_list list;
	if (!wanted_read(command, exchange, wanted) ||
	    !account_asked(command, exchange, &wanted->subscription_id, &fitting.account_id))
		return false;
	maxio_list_begin(exchange, &list, "invoices", NULL);
	bool good = wanted->none || (fitting_find(command, &fitting) && fitting_show(command, &fitting, &list));
	memory_free(fitting.ids);
	if (good)
		maxio_list_end(exchange, &list, 200);
	return good;
}

/* By its uid, "inv_12", or its id. */
static bool invoice_read(struct command *command, struct http_exchange *exchange)
{
	struct text uid = maxio_segment(exchange, 1);
	struct invoice *invoice = NULL;
	struct maxio_invoice shown;
	int64_t id;
	if (text_to_int64(text_starts(uid, "inv_") ? text_slice(uid, 4, uid.length) : uid, &id) && !invoice_find(command, id, &invoice))
		return false;
	if (!invoice)
		return problem(&exchange->problems, PROBLEM_NOT_FOUND, "", "invoice %.*s does not exist", TEXT_ARG(text_slice(uid, 0, 60)));
	if (!maxio_invoice_show(command, invoice, &shown))
		return false;
	maxio_reply(exchange, 200, NULL, &maxio_invoice_record, &shown);
	return true;
}

/* ---- credit notes ---- */

static bool note_show(struct command *command, const struct credit_note *note, int64_t subscription_id, struct maxio_credit_note *shown)
{
	struct arena *arena = command->arena;
	struct customer *customer;
	if (!customer_by_account(command, note->account_id, &customer))
		return false;
	*shown = (struct maxio_credit_note){
		.uid = text_format(arena, "cn_%lld", (long long)note->id), .site_id = command->tenant->id, .has_site_id = true,
		.customer_id = customer ? customer->id : 0, .has_customer_id = customer != NULL,
		.subscription_id = subscription_id, .has_subscription_id = subscription_id != 0, .number = note->number,
		.sequence_number = note->id, .has_sequence_number = true, .issue_date = note->note_date,
		.applied_date = note->note_date, .status = TEXT("applied"), .currency = text_of(note->currency->code),
		.memo = note->description, .subtotal_amount = maxio_amount(arena, note->sub_total),
		.discount_amount = maxio_amount(arena, note->discount), .tax_amount = maxio_amount(arena, note->tax),
		.total_amount = maxio_amount(arena, note->total), .applied_amount = maxio_amount(arena, note->total),
		.remaining_amount = TEXT("0.0"), .created_at = maxio_time(arena, command->zone, note->created_at),
		.updated_at = maxio_time(arena, command->zone, note->voided_at.us ? note->voided_at : note->created_at),
	};
	return true;
}

static bool credit_notes_read(struct command *command, struct http_exchange *exchange)
{
	struct object_filter filter = { .max = OBJECT_PAGE_MAX };
	struct credit_note_list notes = { 0 };
	struct maxio_list list;
	struct maxio_page page;
	int64_t subscription_id, place = 0;
	if (!maxio_page(exchange, 20, &page) || !account_asked(command, exchange, &subscription_id, &filter.account_id) ||
	    !credit_note_page(command, &filter, &notes))
		return false;
	maxio_list_begin(exchange, &list, "credit_notes", NULL);
	for (size_t i = 0; i < notes.count; i++) {
		struct maxio_credit_note shown;
		struct invoice *invoice = invoice_need(command, notes.items[i].invoice_id, "");
		if (!invoice || notes.items[i].status != CREDIT_NOTE_STATUS_ISSUED ||
		    (subscription_id && !has_subscription(invoice, subscription_id)) || !maxio_on_page(&page, place++))
			continue;
		if (!note_show(command, &notes.items[i], maxio_invoice_subscription(invoice), &shown))
			return false;
		maxio_list_add(&list, &maxio_credit_note_record, &shown);
	}
	maxio_list_end(exchange, &list, 200);
	return true;
}

/* ---- balances ---- */

/* Of those who pay by themselves, or when they are sent an invoice. */
static struct maxio_balance *balance_new(struct arena *arena, int64_t cents, bool manual)
{
	struct maxio_balance *balance = arena_new(arena, struct maxio_balance);
	*balance = (struct maxio_balance){
		.balance_in_cents = cents, .has_balance_in_cents = true,
		.automatic_balance_in_cents = manual ? 0 : cents, .has_automatic_balance_in_cents = true,
		.remittance_balance_in_cents = manual ? cents : 0, .has_remittance_balance_in_cents = true,
	};
	return balance;
}

/* Credits of allocations that wait for the next assessment. */
static bool waiting_credits(struct command *command, const struct subscription *subscription, int64_t *cents)
{
	struct component_charge_list charges = { 0 };
	*cents = 0;
	if (!component_charge_page(command, subscription, COMPONENT_CHARGE_STATUS_WAITING, 0, OBJECT_PAGE_MAX, &charges))
		return false;
	for (size_t i = 0; i < charges.count; i++)
		if (charges.items[i].amount.minor < 0)
			*cents -= charges.items[i].amount.minor;
	return true;
}

/* Credit is kept of an account: the next of its invoices uses it, whichever subscription it is for. */
static bool balances_read(struct command *command, struct http_exchange *exchange)
{
	struct subscription *subscription;
	struct maxio_share open, drafts;
	struct money credit;
	int64_t waiting;
	if (!maxio_subscription_addressed(command, exchange, &subscription) ||
	    !maxio_share_owed(command, subscription, INVOICE_STATUS_OPEN, &open) ||
	    !maxio_share_owed(command, subscription, INVOICE_STATUS_DRAFT, &drafts) || !waiting_credits(command, subscription, &waiting))
		return false;
	struct account *account = account_need(command, subscription->account_id, "");
	if (!account || !credit_balance(command, account, &credit))
		return false;
	bool manual = account->has_manual_pay && account->manual_pay;
	const struct maxio_balances shown = {
		.open_invoices = balance_new(exchange->arena, open.cents, manual),
		.pending_invoices = balance_new(exchange->arena, drafts.cents, manual),
		.pending_discounts = balance_new(exchange->arena, waiting, manual),
		.service_credits = balance_new(exchange->arena, credit.minor, manual),
		.prepayments = balance_new(exchange->arena, 0, manual),
	};
	maxio_reply(exchange, 200, NULL, &maxio_balances_record, &shown);
	return true;
}

const struct http_route maxio_invoice_routes[] = {
	{ .method = "GET", .path = "/invoices.json", .scope = "read", .vendors = true, .answer_list = "invoices", .handle = http_read, .read = invoices_read,
	  .parameters = "page per_page subscription_id subscription_group_uid status number customer_ids product_ids sort direction date_field "
	                "start_date end_date start_datetime end_datetime line_items discounts taxes credits payments refunds custom_fields", .cost = 10, .output = &maxio_invoice_record,
	  .doc = "Invoices, newest first." },
	{ .method = "GET", .path = "/invoices/{key}.json", .scope = "read", .vendors = true, .handle = http_read,
	  .read = invoice_read, .output = &maxio_invoice_record, .doc = "An invoice." },
	{ .method = "GET", .path = "/credit_notes.json", .scope = "read", .parameters = "page per_page subscription_id line_items discounts taxes refunds applications",
	  .vendors = true, .answer_list = "credit_notes", .handle = http_read, .read = credit_notes_read, .cost = 1, .output = &maxio_credit_note_record,
	  .doc = "Credit notes, newest first." },
	{ .method = "GET", .path = "/subscriptions/{id}/account_balances.json", .scope = "read", .vendors = true,
	  .handle = http_read, .read = balances_read, .output = &maxio_balances_record, .doc = "What is owed and kept." },
	{ .path = NULL },
};
