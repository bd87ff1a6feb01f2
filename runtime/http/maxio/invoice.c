/* invoice.c: invoices, credit notes and balances. What Maxio shows as amounts of a line, its discount and its tax, are lines of
 * their own here, linked to it. */
#include "maxio.h"

#include "billing/account.h"
#include "billing/component.h"
#include "billing/credit.h"
#include "billing/credit_note.h"
#include "billing/customer.h"
#include "billing/invoice.h"
#include "billing/payment.h"
#include "billing/product.h"
#include "billing/subscription.h"
#include "billing/subscription_component.h"

enum { UNIT_PRICE_PLACES = 8, INVOICES_AT_ONCE = 100 };

/* ---- lines ---- */

static bool is_tax(const struct invoice_line *line)
{
	return line->kind == INVOICE_LINE_KIND_TAX;
}

static bool is_discount(const struct invoice_line *line)
{
	return line->kind == INVOICE_LINE_KIND_DISCOUNT;
}

/* Of lines that are linked to this one. */
static int64_t linked(const struct invoice *invoice, const struct invoice_line *line, bool (*is)(const struct invoice_line *line))
{
	int64_t minor = 0;
	for (size_t i = 0; i < invoice->lines.count; i++) {
		const struct invoice_line *other = &invoice->lines.items[i];
		bool own = !other->linked_invoice_id || other->linked_invoice_id == invoice->id;
		if (is(other) && own && other->has_linked_position && other->linked_position == line->position)
			minor += other->amount.minor;
	}
	return minor;
}

static struct text amount(struct arena *arena, const struct invoice *invoice, int64_t minor)
{
	return maxio_amount(arena, (struct money){ minor, invoice->currency });
}

/* What one unit came to: the price where there is one, else blended. */
static struct text unit_price(struct arena *arena, const struct invoice_line *line)
{
	struct fraction sum, quantity, each;
	struct decimal rounded;
	if (line->has_unit_price)
		return maxio_decimal(arena, line->unit_price);
	if (decimal_sign(line->quantity) == 0)
		return TEXT("0.0");
	struct decimal total;
	if (!decimal_parse(money_amount_text(arena, line->amount), &total) || !fraction_from_decimal(total, &sum) ||
	    !fraction_from_decimal(line->quantity, &quantity) || !fraction_divide(sum, quantity, &each) ||
	    !fraction_round(each, UNIT_PRICE_PLACES, ROUNDING_HALF_UP, &rounded))
		return TEXT_NONE;
	return maxio_decimal(arena, rounded);
}

static bool component_show(struct command *command, const struct invoice_line *line, struct maxio_invoice_line *shown)
{
	const struct component *component = component_need(command, line->component_id, "");
	const struct price_point *point = line->price_point_id ? price_point_need(command, line->price_point_id, "") : NULL;
	if (!component || (line->price_point_id && !point))
		return false;
	shown->component_id = component->id;
	shown->has_component_id = true;
	shown->title = component->name;
	shown->kind = maxio_word(WORD_COMPONENT_KIND, (int)component->kind);
	shown->has_tiered_unit_price = true;
	if (!point)
		return true;
	shown->price_point_id = point->id;
	shown->has_price_point_id = true;
	shown->tiered_unit_price = point->price->tiers.count > 0;
	return maxio_cost_show(command, line, point, &shown->component_cost_data);
}

static bool line_show(struct command *command, const struct invoice *invoice, const struct invoice_line *line,
                      struct maxio_invoice_line *shown)
{
	struct arena *arena = command->arena;
	struct listed_product *product = NULL;
	int64_t discount = -linked(invoice, line, is_discount), tax = linked(invoice, line, is_tax);
	*shown = (struct maxio_invoice_line){
		.uid = text_format(arena, "li_%lld_%lld", (long long)invoice->id, (long long)line->position),
		.title = line->description, .description = line->description, .quantity = maxio_decimal(arena, line->quantity),
		.unit_price = unit_price(arena, line), .subtotal_amount = amount(arena, invoice, line->amount.minor),
		.discount_amount = amount(arena, invoice, discount), .tax_amount = amount(arena, invoice, tax),
		.total_amount = amount(arena, invoice, line->amount.minor - discount + tax), .has_tiered_unit_price = true,
		.period_range_start = line->period_start, .period_range_end = line->period_end,
		.kind = maxio_word(WORD_INVOICE_LINE_KIND, (int)line->kind),
	};
	if (line->component_id)
		return component_show(command, line, shown);
	if (text_present(line->plan) && !listed_product_by_plan(command, line->plan, &product))
		return false;
	shown->has_product_id = product != NULL;
	shown->product_id = product ? product->id : 0;
	return true;
}

/* ---- invoices ---- */

static int64_t subscription_of(const struct invoice *invoice)
{
	for (size_t i = 0; i < invoice->lines.count; i++)
		if (invoice->lines.items[i].subscription_id)
			return invoice->lines.items[i].subscription_id;
	return 0;
}

static bool has_subscription(const struct invoice *invoice, int64_t id)
{
	for (size_t i = 0; i < invoice->lines.count; i++)
		if (invoice->lines.items[i].subscription_id == id)
			return true;
	return false;
}

/* The first of a subscription is of its signup; what changes within a period is a proration. */
static struct text role_of(const struct invoice *invoice, const struct subscription *subscription)
{
	bool changes = false, periods = false;
	for (size_t i = 0; i < invoice->lines.count; i++) {
		const struct invoice_line *line = &invoice->lines.items[i];
		if (subscription && line->kind == INVOICE_LINE_KIND_RECURRING &&
		    date_compare(line->period_start, subscription->start_date) <= 0)
			return TEXT("signup");
		changes |= line->kind == INVOICE_LINE_KIND_ALLOCATION;
		periods |= line->kind == INVOICE_LINE_KIND_RECURRING || line->kind == INVOICE_LINE_KIND_COMPONENT ||
		           line->kind == INVOICE_LINE_KIND_COMPONENT_USAGE || line->kind == INVOICE_LINE_KIND_USAGE;
	}
	return periods ? TEXT("renewal") : changes ? TEXT("proration") : TEXT("adhoc");
}

static bool payments_show(struct command *command, const struct invoice *invoice, struct maxio_invoice *shown, int64_t *paid)
{
	struct invoice_payment_list all = { 0 };
	if (!invoice_payments_of(command, invoice->account_id, invoice->id, &all))
		return false;
	*paid = 0;
	for (size_t i = 0; i < all.count; i++) {
		const struct invoice_payment *one = &all.items[i];
		struct maxio_invoice_payment *payment = list_add(command->arena, &shown->payments, struct maxio_invoice_payment);
		*payment = (struct maxio_invoice_payment){
			.uid = text_format(command->arena, "pmt_%lld", (long long)one->id), .transaction_id = one->payment_id,
			.has_transaction_id = true, .transaction_time = maxio_time(command->arena, command->zone, one->created_at),
			.memo = TEXT("Payment"), .original_amount = maxio_amount(command->arena, one->amount),
			.applied_amount = maxio_amount(command->arena, one->amount), .has_prepayment = true,
		};
		*paid += one->amount.minor;
	}
	return true;
}

static bool lines_show(struct command *command, const struct invoice *invoice, struct maxio_invoice *shown)
{
	int64_t subtotal = 0, discount = 0, tax = 0;
	for (size_t i = 0; i < invoice->lines.count; i++) {
		const struct invoice_line *line = &invoice->lines.items[i];
		*(is_tax(line) ? &tax : is_discount(line) ? &discount : &subtotal) += line->amount.minor;
		if (!is_tax(line) && !is_discount(line) &&
		    !line_show(command, invoice, line, list_add(command->arena, &shown->line_items, struct maxio_invoice_line)))
			return false;
	}
	shown->subtotal_amount = amount(command->arena, invoice, subtotal);
	shown->discount_amount = amount(command->arena, invoice, -discount);
	shown->tax_amount = amount(command->arena, invoice, tax);
	return true;
}

static bool invoice_show(struct command *command, const struct invoice *invoice, struct maxio_invoice *shown)
{
	struct arena *arena = command->arena;
	struct account *account = account_need(command, invoice->account_id, "");
	struct customer *customer;
	struct subscription *subscription = NULL;
	struct listed_product *product = NULL;
	int64_t subscription_id = subscription_of(invoice), paid;
	if (!account || !customer_by_account(command, account->id, &customer) ||
	    (subscription_id && !subscription_find(command, subscription_id, &subscription)) ||
	    (subscription && !listed_product_by_plan(command, subscription->plan, &product)))
		return false;
	bool manual = account->has_manual_pay && account->manual_pay;
	*shown = (struct maxio_invoice){
		.id = invoice->id, .has_id = true, .uid = text_format(arena, "inv_%lld", (long long)invoice->id),
		.site_id = command->tenant->id, .has_site_id = true, .customer_id = customer ? customer->id : 0,
		.has_customer_id = customer != NULL, .subscription_id = subscription_id, .has_subscription_id = subscription_id != 0,
		.number = invoice->number, .sequence_number = invoice->id, .has_sequence_number = true,
		.issue_date = invoice->invoice_date, .due_date = invoice->due_date,
		.paid_date = invoice->settled_at.us ? timezone_date(command_zone(command, account), invoice->settled_at) : DATE_NONE,
		.status = maxio_word(WORD_INVOICE_STATUS, (int)invoice->status), .role = role_of(invoice, subscription),
		.collection_method = manual ? TEXT("remittance") : TEXT("automatic"), .consolidation_level = TEXT("none"),
		.currency = text_of(invoice->currency->code), .product_name = product ? product->name : TEXT_NONE,
		.total_amount = maxio_amount(arena, invoice->total), .refund_amount = TEXT("0.0"),
		.due_amount = maxio_amount(arena, invoice->balance), .created_at = maxio_time(arena, command->zone, invoice->created_at),
		.updated_at = maxio_time(arena, command->zone, invoice->updated_at),
	};
	if (!lines_show(command, invoice, shown) || !payments_show(command, invoice, shown, &paid))
		return false;
	int64_t credited = invoice->status == INVOICE_STATUS_OPEN || invoice->status == INVOICE_STATUS_SETTLED
	                           ? invoice->total.minor - invoice->balance.minor - paid : 0;
	shown->paid_amount = amount(arena, invoice, paid);
	shown->credit_amount = amount(arena, invoice, credited > 0 ? credited : 0);
	return true;
}

static bool flag(const struct http_exchange *exchange, const char *name)
{
	struct text text = http_parameter(&exchange->target, name);
	return text_is(text, "true") || text_is(text, "1");
}

static bool invoice_wanted(const struct http_exchange *exchange, const struct invoice *invoice, int64_t subscription_id)
{
	struct text status = http_parameter(&exchange->target, "status");
	return (!subscription_id || has_subscription(invoice, subscription_id)) &&
	       (!text_present(status) || status.length == 0 ||
	        text_equals(status, maxio_word(WORD_INVOICE_STATUS, (int)invoice->status)));
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

static bool invoices_read(struct command *command, struct http_exchange *exchange)
{
	struct object_filter filter = { .max = INVOICES_AT_ONCE };
	struct invoice_list invoices;
	struct maxio_list list;
	struct maxio_page page;
	int64_t subscription_id, place = 0;
	bool with_lines = flag(exchange, "line_items"), with_payments = flag(exchange, "payments");
	if (!maxio_page(exchange, 20, &page) || !account_asked(command, exchange, &subscription_id, &filter.account_id))
		return false;
	maxio_list_begin(exchange, &list, "invoices", NULL);
	do {
		invoices = (struct invoice_list){ 0 };
		if (!invoice_page(command, &filter, &invoices))
			return false;
		for (size_t i = 0; i < invoices.count; i++) {
			struct invoice *invoice = &invoices.items[i];
			struct maxio_invoice shown;
			filter.before_id = invoice->id;
			if (!invoice_load_lines(command, invoice))
				return false;
			if (!invoice_wanted(exchange, invoice, subscription_id) || !maxio_on_page(&page, place++))
				continue;
			if (!invoice_show(command, invoice, &shown))
				return false;
			shown.line_items.count = with_lines ? shown.line_items.count : 0;
			shown.payments.count = with_payments ? shown.payments.count : 0;
			maxio_list_add(&list, &maxio_invoice_record, &shown);
		}
	} while (invoices.count == INVOICES_AT_ONCE && place < page.page * page.per_page);
	maxio_list_end(exchange, &list, 200);
	return true;
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
	if (!invoice_show(command, invoice, &shown))
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
		if (!note_show(command, &notes.items[i], subscription_of(invoice), &shown))
			return false;
		maxio_list_add(&list, &maxio_credit_note_record, &shown);
	}
	maxio_list_end(exchange, &list, 200);
	return true;
}

/* ---- balances ---- */

static struct maxio_balance *balance_new(struct arena *arena, int64_t cents)
{
	struct maxio_balance *balance = arena_new(arena, struct maxio_balance);
	*balance = (struct maxio_balance){
		.balance_in_cents = cents, .has_balance_in_cents = true,
		.automatic_balance_in_cents = cents, .has_automatic_balance_in_cents = true, .has_remittance_balance_in_cents = true,
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

/* Of drafts nothing is owed yet. */
static bool pending_invoices(struct command *command, int64_t account_id, int64_t *cents)
{
	struct object_filter filter = { .account_id = account_id, .status = INVOICE_STATUS_DRAFT, .max = OBJECT_PAGE_MAX };
	struct invoice_list drafts = { 0 };
	*cents = 0;
	if (!invoice_page(command, &filter, &drafts))
		return false;
	for (size_t i = 0; i < drafts.count; i++)
		*cents += drafts.items[i].total.minor;
	return true;
}

static bool balances_read(struct command *command, struct http_exchange *exchange)
{
	struct subscription *subscription;
	struct invoice_list open = { 0 };
	struct money credit;
	int64_t waiting, pending, owed = 0;
	if (!maxio_subscription_addressed(command, exchange, &subscription) ||
	    !invoices_open(command, subscription->account_id, &open) || !waiting_credits(command, subscription, &waiting) ||
	    !pending_invoices(command, subscription->account_id, &pending))
		return false;
	struct account *account = account_need(command, subscription->account_id, "");
	if (!account || !credit_balance(command, account, &credit))
		return false;
	for (size_t i = 0; i < open.count; i++)
		owed += open.items[i].balance.minor;
	const struct maxio_balances shown = {
		.open_invoices = balance_new(exchange->arena, owed), .pending_invoices = balance_new(exchange->arena, pending),
		.pending_discounts = balance_new(exchange->arena, waiting), .service_credits = balance_new(exchange->arena, credit.minor),
		.prepayments = balance_new(exchange->arena, 0),
	};
	maxio_reply(exchange, 200, NULL, &maxio_balances_record, &shown);
	return true;
}

const struct http_route maxio_invoice_routes[] = {
	{ .method = "GET", .path = "/invoices.json", .scope = "read", .vendors = true, .handle = http_read, .read = invoices_read,
	  .parameters = "page per_page subscription_id status line_items payments", .cost = 10, .output = &maxio_invoice_record,
	  .doc = "Invoices, newest first." },
	{ .method = "GET", .path = "/invoices/{key}.json", .scope = "read", .vendors = true, .handle = http_read,
	  .read = invoice_read, .output = &maxio_invoice_record, .doc = "An invoice." },
	{ .method = "GET", .path = "/credit_notes.json", .scope = "read", .parameters = "page per_page subscription_id",
	  .vendors = true, .handle = http_read, .read = credit_notes_read, .cost = 1, .output = &maxio_credit_note_record,
	  .doc = "Credit notes, newest first." },
	{ .method = "GET", .path = "/subscriptions/{id}/account_balances.json", .scope = "read", .vendors = true,
	  .handle = http_read, .read = balances_read, .output = &maxio_balances_record, .doc = "What is owed and kept." },
	{ .path = NULL },
};
