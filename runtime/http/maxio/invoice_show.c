/* invoice_show.c: an invoice as Maxio shows it. What there are amounts of a line, its discount and its tax, are lines of their own
 * here, linked to it. */
#include "maxio.h"

#include "billing/account.h"
#include "billing/component.h"
#include "billing/credit.h"
#include "billing/credit_note.h"
#include "billing/customer.h"
#include "billing/payment.h"
#include "billing/product.h"
#include "billing/subscription.h"

enum { UNIT_PRICE_PLACES = 8 };

struct credit_use_list {
	struct credit_use *items;
	size_t count, capacity;
};

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
	if (maxio_note_flag(command->arena, component, "hide_date_range_on_invoice"))
		shown->period_range_start = shown->period_range_end = DATE_NONE;
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

int64_t maxio_invoice_subscription(const struct invoice *invoice)
{
	for (size_t i = 0; i < invoice->lines.count; i++)
		if (invoice->lines.items[i].subscription_id)
			return invoice->lines.items[i].subscription_id;
	return 0;
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

/* What the account had kept of earlier invoices, and this one used. */
static bool credits_show(struct command *command, const struct invoice *invoice, struct maxio_invoice *shown)
{
	struct credit_use_list uses = { 0 };
	if (!store_all(command->store, STATEMENT_CREDIT_USE_OF_INVOICE, BINDS(bind_id(invoice->account_id), bind_id(invoice->id)),
	               &credit_use_record, LIST(&uses)))
		return false;
	for (size_t i = 0; i < uses.count; i++) {
		const struct credit_use *use = &uses.items[i];
		*list_add(command->arena, &shown->credits, struct maxio_invoice_credit) = (struct maxio_invoice_credit){
			.uid = text_format(command->arena, "cdt_%lld", (long long)use->id), .memo = TEXT("Service credit"),
			.transaction_time = maxio_time(command->arena, command->zone, use->created_at),
			.original_amount = maxio_amount(command->arena, use->amount), .applied_amount = maxio_amount(command->arena, use->amount),
		};
	}
	return true;
}

/* What credit notes that hold pay back, and what they took off what it owed. */
static bool notes_show(struct command *command, const struct invoice *invoice, struct maxio_invoice *shown, int64_t *offset)
{
	struct credit_note_list notes = { 0 };
	int64_t refunded = 0;
	*offset = 0;
	if (!credit_notes_of_invoice(command, invoice->account_id, invoice->id, &notes))
		return false;
	for (size_t i = 0; i < notes.count; i++) {
		const struct credit_note *note = &notes.items[i];
		if (note->status != CREDIT_NOTE_STATUS_ISSUED)
			continue;
		*offset += note->offset.minor;
		refunded += note->refund.minor;
		if (note->offset.minor > 0)
			*list_add(command->arena, &shown->credits, struct maxio_invoice_credit) = (struct maxio_invoice_credit){
				.uid = text_format(command->arena, "cn_%lld", (long long)note->id), .memo = note->description,
				.transaction_time = maxio_time(command->arena, command->zone, note->created_at),
				.original_amount = maxio_amount(command->arena, note->total), .applied_amount = maxio_amount(command->arena, note->offset),
			};
		if (note->refund.minor > 0)
			*list_add(command->arena, &shown->refunds, struct maxio_invoice_refund) = (struct maxio_invoice_refund){
				.transaction_id = note->id, .has_transaction_id = true, .memo = note->description,
				.original_amount = maxio_amount(command->arena, note->refund), .applied_amount = maxio_amount(command->arena, note->refund),
			};
	}
	shown->refund_amount = amount(command->arena, invoice, refunded);
	return true;
}

static bool discount_show(struct command *command, const struct invoice *invoice, const struct invoice_line *line,
                          struct maxio_invoice *shown)
{
	struct coupon_redemption *redemption = NULL;
	struct maxio_invoice_discount *discount = list_add(command->arena, &shown->discounts, struct maxio_invoice_discount);
	if (line->coupon_redemption_id &&
	    !store_find(command->store, &coupon_redemption_record, line->coupon_redemption_id, (void **)&redemption))
		return false;
	*discount = (struct maxio_invoice_discount){
		.uid = text_format(command->arena, "dli_%lld_%lld", (long long)invoice->id, (long long)line->position),
		.title = line->description, .code = redemption ? redemption->code : TEXT_NONE, .source_type = TEXT("Coupon"),
		.source_id = redemption ? redemption->coupon_id : 0, .has_source_id = redemption != NULL,
		.discount_amount = amount(command->arena, invoice, -line->amount.minor),
	};
	return true;
}

static void tax_show(struct command *command, const struct invoice *invoice, const struct invoice_line *line, struct maxio_invoice *shown)
{
	int64_t taxable = 0;
	for (size_t i = 0; i < invoice->lines.count; i++)
		if (line->has_linked_position && invoice->lines.items[i].position == line->linked_position)
			taxable = invoice->lines.items[i].amount.minor + linked(invoice, &invoice->lines.items[i], is_discount);
	*list_add(command->arena, &shown->taxes, struct maxio_invoice_tax) = (struct maxio_invoice_tax){
		.uid = text_format(command->arena, "txli_%lld_%lld", (long long)invoice->id, (long long)line->position),
		.title = line->description, .source_type = TEXT("Tax"), .taxable_amount = amount(command->arena, invoice, taxable),
		.tax_amount = amount(command->arena, invoice, line->amount.minor),
	};
}

static bool lines_show(struct command *command, const struct invoice *invoice, struct maxio_invoice *shown)
{
	int64_t subtotal = 0, discount = 0, tax = 0;
	for (size_t i = 0; i < invoice->lines.count; i++) {
		const struct invoice_line *line = &invoice->lines.items[i];
		*(is_tax(line) ? &tax : is_discount(line) ? &discount : &subtotal) += line->amount.minor;
		if (is_tax(line))
			tax_show(command, invoice, line, shown);
		if (is_discount(line) && !discount_show(command, invoice, line, shown))
			return false;
		if (!is_tax(line) && !is_discount(line) &&
		    !line_show(command, invoice, line, list_add(command->arena, &shown->line_items, struct maxio_invoice_line)))
			return false;
	}
	shown->subtotal_amount = amount(command->arena, invoice, subtotal);
	shown->discount_amount = amount(command->arena, invoice, -discount);
	shown->tax_amount = amount(command->arena, invoice, tax);
	return true;
}

static struct text family_name(struct command *command, const struct listed_product *product)
{
	const struct product_family *family = product_family_need(command, product->product_family_id, "");
	return family ? family->name : TEXT_NONE;
}

bool maxio_invoice_show(struct command *command, const struct invoice *invoice, struct maxio_invoice *shown)
{
	struct arena *arena = command->arena;
	struct account *account = account_need(command, invoice->account_id, "");
	struct customer *customer;
	struct subscription *subscription = NULL;
	struct listed_product *product = NULL;
	int64_t subscription_id = maxio_invoice_subscription(invoice), paid, offset;
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
		.product_family_name = product ? family_name(command, product) : TEXT_NONE, .total_amount = maxio_amount(arena, invoice->total),
		.due_amount = maxio_amount(arena, invoice->balance), .created_at = maxio_time(arena, command->zone, invoice->created_at),
		.updated_at = maxio_time(arena, command->zone, invoice->updated_at),
	};
	if (!lines_show(command, invoice, shown) || !payments_show(command, invoice, shown, &paid) ||
	    !credits_show(command, invoice, shown) || !notes_show(command, invoice, shown, &offset))
		return false;
	int64_t credited = invoice->status == INVOICE_STATUS_OPEN || invoice->status == INVOICE_STATUS_SETTLED
	                           ? invoice->total.minor - invoice->balance.minor - paid : 0;
	shown->paid_amount = amount(arena, invoice, paid);
	shown->credit_amount = amount(arena, invoice, credited > 0 ? credited : 0);
	return true;
}
