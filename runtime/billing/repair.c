/* repair.c: the merge of what was billed with what should have been billed. */
#include "repair.h"

#include "repair_tree.h"

#include "value/record.h"

#include <string.h>

struct merging {
	struct arena *arena;
	struct repair_tree *tree; /* its pieces lose what a proposal covers */
	const struct billing_hooks *hooks;
	struct billing_item_list *added;
};

/* ------------------------------------------------------------------------------------------------ parts of an amount */

/* What the rest of an amount is the rest of. */
static struct text rest_decision(struct arena *arena, struct money of, struct money less)
{
	struct text of_text = money_amount_text(arena, of), less_text = money_amount_text(arena, less);
	return text_format(arena, "{\"of\":\"%.*s\",\"less\":\"%.*s\"}", TEXT_ARG(of_text), TEXT_ARG(less_text));
}

/* Splits `item` at `date` within it, which stands for `at`: *first gets its part of the whole period, `item` keeps the rest. */
static bool split(const struct merging *merging, struct billing_item *item, struct date date, struct instant at,
                  struct billing_item *first)
{
	const struct billing_hooks *hooks = merging->hooks;
	struct money of = item->amount;
	*first = *item;
	first->moments.end = item->moments.start = at;
	if (item->too_large) { /* nothing that could be shared */
		first->end = item->start = date;
		return true;
	}
	if (billing_item_is_whole(item))
		first->rate = money_decimal(of); /* in cents: so both parts make up the amount */
	first->end = item->start = date;
	if (!hooks->prorate(hooks->context, NULL, first) || !hooks->round(hooks->context, first))
		return false;
	first->rate = item->rate;
	item->moments.start = first->moments.end; /* which the hook may have found */
	if (first->too_large) {
		item->too_large = true;
		item->amount = first->amount = money_zero(of.currency);
		return true;
	}
	item->decision = rest_decision(merging->arena, of, first->amount);
	return money_subtract(of, first->amount, &item->amount) && exact_money_from_money(item->amount, &item->exact);
}

/* ------------------------------------------------------------------------------------------------ proposals */

static bool same_kind(const struct billing_item *a, const struct billing_item *b)
{
	return a->subscription_id == b->subscription_id && text_equals(a->plan, b->plan) &&
	       text_equals(a->phase, b->phase) && decimal_compare(a->rate, b->rate) == 0;
}

/* What is never repaired is there or it is not. A fixed item may have got another end since. */
static bool is_there(const struct billing_item_list *billed, const struct billing_item *item)
{
	bool fixed = item->kind == INVOICE_LINE_KIND_FIXED;
	if (item->too_large || (!fixed && !money_is_zero(item->amount)))
		return false;
	for (size_t i = 0; i < billed->count; i++) {
		const struct billing_item *other = &billed->items[i];
		if (other->kind == item->kind && other->subscription_id == item->subscription_id &&
		    text_equals(other->plan, item->plan) && text_equals(other->phase, item->phase) &&
		    date_compare(other->start, item->start) == 0 && money_compare(other->amount, item->amount) == 0 &&
		    (fixed || date_compare(other->end, item->end) == 0))
			return true;
	}
	return false;
}

static bool differ(struct instant a, struct instant b)
{
	return a.us != 0 && b.us != 0 && a.us != b.us;
}

static bool is_before(struct instant a, struct instant b)
{
	return a.us != 0 && b.us != 0 && a.us < b.us;
}

enum { DAY_S = 86400 };

static void begin_a_day_later(struct repair_piece *piece)
{
	piece->days.start = date_add_days(piece->days.start, 1);
	piece->from.us += DAY_S * (int64_t)US_PER_S;
}

static void end_a_day_earlier(struct repair_piece *piece)
{
	piece->days.end = date_add_days(piece->days.end, -1);
	piece->to.us -= DAY_S * (int64_t)US_PER_S;
}

/* What the item covers of the piece, if anything. A day on which both begin, or both end, at moments of their own is not
 * covered: its seconds are counted anew. */
static bool find_covered(const struct repair_piece *piece, const struct billing_item *item, struct repair_piece *covered)
{
	*covered = *piece;
	if (date_compare(item->start, piece->days.start) > 0) {
		covered->days.start = item->start;
		covered->from = item->moments.start;
	} else if (date_compare(item->start, piece->days.start) == 0 && differ(item->moments.start, piece->from)) {
		begin_a_day_later(covered);
	}
	if (date_compare(item->end, piece->days.end) < 0) {
		covered->days.end = item->end;
		covered->to = item->moments.end;
	} else if (date_compare(item->end, piece->days.end) == 0 && differ(item->moments.end, piece->to)) {
		end_a_day_earlier(covered);
	}
	return date_compare(covered->days.start, covered->days.end) < 0 && !is_before(covered->from, item->moments.start) &&
	       !is_before(item->moments.end, covered->to) && !is_before(covered->to, covered->from);
}

static bool has_days(struct period period)
{
	return date_present(period.start) && date_present(period.end);
}

/* What was charged as a part of one period is no part of a longer item that is priced by a period of another length: each of
 * its days cost something else. */
static bool is_priced_alike(const struct repair_piece *piece, const struct billing_item *item)
{
	const struct billing_item *charged = piece->original->item;
	struct period days = { charged->start, charged->end }, all = { item->start, item->end };
	bool longer = date_compare(all.start, days.start) <= 0 && date_compare(days.end, all.end) <= 0 &&
	              period_days(days) < period_days(all);
	bool is_part = has_days(charged->whole) && period_days(days) < period_days(charged->whole);
	return !longer || !is_part || period_days(charged->whole) == period_days(item->whole);
}

/* The first piece of the item's kind of which the rest of it covers something; none: SIZE_MAX. */
static size_t next_piece(const struct repair_pieces *pieces, const struct billing_item *item,
                         const struct billing_item *rest, struct repair_piece *covered)
{
	for (size_t i = 0; i < pieces->count; i++)
		if (same_kind(pieces->items[i].original->item, item) && is_priced_alike(&pieces->items[i], item) &&
		    find_covered(&pieces->items[i], rest, covered))
			return i;
	return SIZE_MAX;
}

static void add(struct merging *merging, const struct billing_item *item)
{
	*list_add(merging->arena, merging->added, struct billing_item) = *item;
}

/* From left to right: what lies before a piece is charged, what it covers is taken out of the piece. */
static bool merge_recurring(struct merging *merging, const struct billing_item *proposed)
{
	struct repair_pieces *pieces = &merging->tree->pieces;
	struct billing_item rest = *proposed, part;
	struct repair_piece covered;
	for (size_t i; (i = next_piece(pieces, proposed, &rest, &covered)) != SIZE_MAX;) {
		if (date_compare(rest.start, covered.days.start) < 0) {
			if (!split(merging, &rest, covered.days.start, covered.from, &part))
				return false;
			add(merging, &part);
		}
		repair_pieces_cut(merging->arena, pieces, i, &covered);
		if (date_compare(covered.days.end, rest.end) >= 0)
			return true;
		if (!split(merging, &rest, covered.days.end, covered.to, &part))
			return false;
	}
	add(merging, &rest);
	return true;
}

static bool merge_proposed(struct merging *merging, const struct billing_item *proposed)
{
	if (is_there(merging->tree->billed, proposed))
		return true;
	if (proposed->kind == INVOICE_LINE_KIND_RECURRING)
		return merge_recurring(merging, proposed);
	add(merging, proposed);
	return true;
}

/* ------------------------------------------------------------------------------------------------ repairs */

static struct money absolute(struct money money)
{
	return money_of(money.minor < 0 ? -money.minor : money.minor, money.currency);
}

/* At most what is left. What no day of the item is charged for any more is taken back to the last cent: rounding may have
 * left one for each repair. */
static bool limit(struct repair_original *original, struct period days, struct money *taken)
{
	const struct billing_item *item = original->item;
	struct money left;
	if (!money_subtract(item->amount, original->taken, &left))
		return false;
	bool nothing_left = money_sign(left) == 0 || (money_sign(left) > 0) != (money_sign(item->amount) > 0);
	left = nothing_left ? money_zero(left.currency) : absolute(left);
	original->repair_count++;
	original->days_repaired += period_days(days);
	bool last = original->days_repaired >= period_days((struct period){ item->start, item->end });
	int64_t short_of = left.minor - taken->minor;
	if (short_of < 0 || (last && (uint64_t)short_of <= original->repair_count))
		*taken = left;
	struct money signed_amount = money_of(money_sign(item->amount) > 0 ? taken->minor : -taken->minor, taken->currency);
	return money_add(original->taken, signed_amount, &original->taken);
}

static bool takes_whole(const struct billing_item *item, const struct billing_item *repair)
{
	return date_compare(repair->start, item->start) == 0 && date_compare(repair->end, item->end) == 0;
}

static bool decide_repair(struct merging *merging, const struct repair_piece *piece, struct billing_item *repair)
{
	const struct billing_item *item = piece->original->item;
	const struct billing_hooks *hooks = merging->hooks;
	if (takes_whole(item, repair))
		return money_negate(item->amount, &repair->amount) &&
		       exact_money_from_money(repair->amount, &repair->exact);
	return hooks->repair(hooks->context, item, repair) && hooks->round(hooks->context, repair);
}

/* Of what was given back of days as large a part as of them lies within `days`. Each is divided by days of its own: to twelve
 * decimals the sum of however many fits. */
static bool given_of_days(const struct repair_givens *givens, struct period days, struct exact_money *sum)
{
	for (size_t i = 0; i < givens->count; i++) {
		const struct repair_given *given = &givens->items[i];
		struct exact_money part;
		struct fraction share;
		int32_t within = period_days(period_intersect(given->days, days));
		if (within <= 0)
			continue;
		if (!exact_money_from_money(given->amount, &part) || !fraction_make(within, period_days(given->days), &share) ||
		    !exact_money_multiply(part, share, &part) || !exact_money_near(part, &part) || !exact_money_add(*sum, part, sum))
			return false;
	}
	return true;
}

/* From the first day that adjustments which were not withdrawn give back; they all reach to the end of the item. */
static struct period given_days(const struct repair_original *original)
{
	struct period days = { DATE_NONE, original->item->end };
	for (size_t i = 0; i < original->given.count; i++) {
		int64_t minor = 0;
		for (size_t j = 0; j < original->given.count; j++)
			if (date_compare(original->given.items[j].days.start, original->given.items[i].days.start) == 0)
				minor += original->given.items[j].amount.minor;
		if (minor > 0)
			days.start = date_min(days.start, original->given.items[i].days.start);
	}
	return days;
}

/* What the days of a price cost, by their number. */
static bool price_of_days(struct exact_money price, int32_t days, int32_t of_days, struct exact_money *part)
{
	struct fraction share;
	return fraction_make(days > 0 ? days : 0, of_days, &share) && exact_money_multiply(price, share, part);
}

static bool subtract(struct exact_money *from, struct exact_money amount)
{
	return fraction_subtract(from->amount, amount.amount, &from->amount);
}

/* *most = what can be given back of the piece: of its days before `given` all, of the others what was given back of none of
 * `given`, be it by adjustments or by repairs. `price`: what the days of the piece cost. */
static bool most_of_days(const struct repair_piece *piece, struct period given, struct exact_money price, struct exact_money *most)
{
	const struct repair_original *original = piece->original;
	struct exact_money rest, taken = { { 0, 1 }, price.currency };
	int32_t days = period_days(piece->days), within = period_days(period_intersect(piece->days, given));
	if (!price_of_days(price, days - (within > 0 ? within : 0), days, most) ||
	    !price_of_days(price, period_days(given), days, &rest) || !given_of_days(&original->given, given, &taken) ||
	    !given_of_days(&original->repairs, given, &taken) || !subtract(&rest, taken))
		return false;
	return fraction_sign(rest.amount) <= 0 || exact_money_add(*most, rest, most);
}

/* What was given back of these days is not given back again: less their part of it, and no more than is left of all the
 * days that were. A whole item is held by what is left of it. */
static bool hold_given_back(struct merging *merging, const struct repair_piece *piece, struct billing_item *repair)
{
	const struct billing_hooks *hooks = merging->hooks;
	struct exact_money price = repair->exact, held, most, given = { { 0, 1 }, repair->amount.currency };
	struct period days = given_days(piece->original);
	int order;
	if (!date_present(days.start) || takes_whole(piece->original->item, repair) || fraction_sign(price.amount) >= 0)
		return true;
	price.amount.numerator = -price.amount.numerator;
	held = price;
	if (!given_of_days(&piece->original->given, piece->days, &given) || !subtract(&held, given) ||
	    !most_of_days(piece, days, price, &most) || !fraction_compare(held.amount, most.amount, &order))
		return false;
	if (order > 0)
		held = most;
	if (fraction_sign(held.amount) < 0)
		held.amount = (struct fraction){ 0, 1 };
	if (!fraction_compare(held.amount, price.amount, &order))
		return false;
	if (order >= 0)
		return true;
	repair->given_back = price;
	repair->exact = held;
	repair->exact.amount.numerator = -held.amount.numerator;
	return subtract(&repair->given_back, held) && hooks->round(hooks->context, repair);
}

static bool add_repair(struct merging *merging, const struct repair_piece *piece)
{
	const struct billing_item *item = piece->original->item;
	struct billing_item repair = *item;
	repair.kind = INVOICE_LINE_KIND_REPAIR;
	repair.id = 0;
	repair.linked_id = item->id;
	repair.start = piece->days.start;
	repair.end = piece->days.end;
	repair.moments.start = piece->from;
	repair.moments.end = piece->to;
	repair.decision = TEXT_NONE;
	repair.given_back = (struct exact_money){ .currency = NULL };
	if (!decide_repair(merging, piece, &repair))
		return false;
	if (repair.too_large) {
		add(merging, &repair);
		return true;
	}
	if (!hold_given_back(merging, piece, &repair))
		return false;
	struct money taken = absolute(repair.amount);
	if (!limit(piece->original, piece->days, &taken))
		return false;
	struct money limited = money_of(money_sign(item->amount) > 0 ? -taken.minor : taken.minor, taken.currency);
	if (money_compare(limited, repair.amount) != 0 && !exact_money_from_money(limited, &repair.exact))
		return false;
	repair.amount = limited;
	add(merging, &repair);
	return true;
}

/* ------------------------------------------------------------------------------------------------ all */

enum repair_fault repair_merge(struct arena *arena, const struct billing_item_list *billed,
                               const struct billing_item_list *proposed, const struct billing_hooks *hooks,
                               struct billing_item_list *added)
{
	struct repair_tree tree;
	repair_tree_build(arena, billed, &tree);
	struct merging merging = { .arena = arena, .tree = &tree, .hooks = hooks, .added = added };
	size_t before = added->count;
	bool decided = true;
	for (size_t i = 0; i < proposed->count && decided; i++)
		decided = merge_proposed(&merging, &proposed->items[i]);
	for (size_t i = 0; i < tree.pieces.count && decided; i++)
		decided = add_repair(&merging, &tree.pieces.items[i]);
	for (size_t i = 0; i < tree.doubled.count && decided; i++)
		decided = add_repair(&merging, &tree.doubled.items[i]);
	if (decided)
		return tree.fault;
	added->count = before;
	return REPAIR_REFUSED;
}

enum repair_fault repair_remaining(struct arena *arena, const struct billing_item_list *billed,
                                   const struct billing_hooks *hooks, struct billing_item_list *remaining)
{
	struct repair_tree tree;
	repair_tree_build(arena, billed, &tree);
	for (size_t i = 0; i < tree.pieces.count; i++) {
		const struct repair_piece *remains = &tree.pieces.items[i];
		const struct billing_item *item = remains->original->item;
		struct period all = { item->start, item->end }, days = remains->days;
		struct billing_item *piece = list_add(arena, remaining, struct billing_item);
		*piece = *item;
		piece->start = days.start;
		piece->end = days.end;
		piece->moments.start = remains->from;
		piece->moments.end = remains->to;
		if (period_days(days) == period_days(all))
			continue;
		if (!hooks->repair(hooks->context, item, piece) || !hooks->round(hooks->context, piece) ||
		    !money_negate(piece->amount, &piece->amount))
			return REPAIR_REFUSED;
	}
	return tree.fault;
}
