/* credit_note_amount.c: what a credit note comes to, and how it is settled. */
#include "credit_note_amount.h"

static bool exact_subtract(struct exact_money a, struct exact_money b, struct exact_money *difference)
{
	difference->currency = a.currency;
	return fraction_subtract(a.amount, b.amount, &difference->amount);
}

/* The part of the line's discounts that falls on what is credited of it. */
static bool discount_share(const struct credit_note_item *item, struct exact_money *discount)
{
	struct fraction share;
	if (fraction_sign(item->amount.amount) == 0)
		return exact_money_from_money(money_zero(item->credited.currency), discount);
	return fraction_divide(item->credited.amount, item->amount.amount, &share) &&
	       exact_money_multiply(item->discount, share, discount);
}

static bool item_add(struct credit_note_amounts *amounts, const struct credit_note_item *item)
{
	struct exact_money discount, net, tax;
	return discount_share(item, &discount) && exact_subtract(item->credited, discount, &net) &&
	       exact_money_multiply(net, item->tax, &tax) &&
	       exact_money_add(amounts->exact_discount, discount, &amounts->exact_discount) &&
	       exact_money_add(amounts->exact_net, net, &amounts->exact_net) &&
	       exact_money_add(amounts->exact_tax, tax, &amounts->exact_tax);
}

bool credit_note_amounts_of(const struct credit_note_item *items, size_t count, const struct currency *currency,
                            enum rounding mode, struct credit_note_amounts *amounts)
{
	struct exact_money zero;
	if (!exact_money_from_money(money_zero(currency), &zero))
		return false;
	*amounts = (struct credit_note_amounts){ .exact_discount = zero, .exact_net = zero, .exact_tax = zero };
	for (size_t i = 0; i < count; i++)
		if (!item_add(amounts, &items[i]))
			return false;
	return exact_money_round(amounts->exact_discount, mode, &amounts->discount) &&
	       exact_money_round(amounts->exact_net, mode, &amounts->sub_total) &&
	       exact_money_round(amounts->exact_tax, mode, &amounts->tax) &&
	       money_add(amounts->sub_total, amounts->tax, &amounts->total);
}

bool credit_note_is_last(const struct credit_note_amounts *invoice, const struct credit_note_amounts *notes,
                         const struct credit_note_amounts *note)
{
	struct exact_money sum;
	int order;
	return exact_money_add(notes->exact_net, note->exact_net, &sum) &&
	       fraction_compare(sum.amount, invoice->exact_net.amount, &order) && order == 0;
}

bool credit_note_close(const struct credit_note_amounts *invoice, const struct credit_note_amounts *notes,
                       struct credit_note_amounts *amounts)
{
	return exact_subtract(invoice->exact_discount, notes->exact_discount, &amounts->exact_discount) &&
	       exact_subtract(invoice->exact_net, notes->exact_net, &amounts->exact_net) &&
	       exact_subtract(invoice->exact_tax, notes->exact_tax, &amounts->exact_tax) &&
	       money_subtract(invoice->discount, notes->discount, &amounts->discount) &&
	       money_subtract(invoice->sub_total, notes->sub_total, &amounts->sub_total) &&
	       money_subtract(invoice->tax, notes->tax, &amounts->tax) &&
	       money_subtract(invoice->total, notes->total, &amounts->total);
}

bool credit_note_add(struct credit_note_amounts *sum, const struct credit_note_amounts *note)
{
	return exact_money_add(sum->exact_discount, note->exact_discount, &sum->exact_discount) &&
	       exact_money_add(sum->exact_net, note->exact_net, &sum->exact_net) &&
	       exact_money_add(sum->exact_tax, note->exact_tax, &sum->exact_tax) &&
	       money_add(sum->discount, note->discount, &sum->discount) &&
	       money_add(sum->sub_total, note->sub_total, &sum->sub_total) && money_add(sum->tax, note->tax, &sum->tax) &&
	       money_add(sum->total, note->total, &sum->total);
}

bool credit_note_with_tax(struct exact_money amount, struct exact_money discount, struct fraction tax,
                          struct fraction share, struct exact_money *value)
{
	struct fraction with_tax, one = { 1, 1 };
	struct exact_money net;
	return exact_subtract(amount, discount, &net) && fraction_add(one, tax, &with_tax) &&
	       exact_money_multiply(net, share, &net) && exact_money_multiply(net, with_tax, value);
}

/* The line's part of what was paid; all invoices of nothing were paid with nothing. */
static bool paid_share(const struct credit_note_paid *paid, enum rounding mode, struct money *share)
{
	struct exact_money exact;
	struct fraction part;
	*share = money_zero(paid->paid.currency);
	if (fraction_sign(paid->invoice.amount) == 0)
		return true;
	return exact_money_from_money(paid->paid, &exact) &&
	       fraction_divide(paid->line.amount, paid->invoice.amount, &part) &&
	       exact_money_multiply(exact, part, &exact) && exact_money_round(exact, mode, share);
}

bool credit_note_refundable(const struct credit_note_paid *paid, struct money total, enum rounding mode,
                            struct money *refundable)
{
	struct money share, used;
	if (!paid_share(paid, mode, &share) || !exact_money_round(paid->used, mode, &used) ||
	    !money_subtract(share, used, refundable))
		return false;
	if (money_sign(*refundable) < 0)
		*refundable = money_zero(total.currency);
	*refundable = money_min(*refundable, total);
	return true;
}
