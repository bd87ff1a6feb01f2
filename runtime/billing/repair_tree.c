/* repair_tree.c: what remains billed of a subscription's items, as pieces that do not meet. */
#include "repair_tree.h"

#include "value/record.h"

#include <stdlib.h>
#include <string.h>

static void note(struct repair_tree *tree, enum repair_fault fault)
{
	if (tree->fault == REPAIR_SOUND)
		tree->fault = fault;
}

static bool overlap(struct period a, struct period b)
{
	return date_compare(a.start, b.end) < 0 && date_compare(b.start, a.end) < 0;
}

static struct period days_of(const struct billing_item *item)
{
	return (struct period){ item->start, item->end };
}

bool repair_is_original(const struct billing_item *item)
{
	return item->kind == INVOICE_LINE_KIND_RECURRING && !money_is_zero(item->amount) &&
	       date_present(item->end) && date_compare(item->start, item->end) < 0;
}

/* ------------------------------------------------------------------------------------------------ pieces */

size_t repair_pieces_cut(struct arena *arena, struct repair_pieces *pieces, size_t index, const struct repair_piece *taken)
{
	struct repair_piece piece = pieces->items[index], before = piece, after = piece;
	before.days.end = date_min(piece.days.end, taken->days.start);
	before.to = taken->from;
	after.days.start = date_max(piece.days.start, taken->days.end);
	after.from = taken->to;
	bool has_before = date_compare(before.days.start, before.days.end) < 0;
	bool has_after = date_compare(after.days.start, after.days.end) < 0;
	size_t remain = (size_t)has_before + (size_t)has_after, behind = pieces->count - index - 1;
	if (remain == 2)
		list_add(arena, pieces, struct repair_piece);
	memmove(&pieces->items[index + remain], &pieces->items[index + 1], behind * sizeof *pieces->items);
	pieces->count = index + remain + behind;
	if (has_before)
		pieces->items[index] = before;
	if (has_after)
		pieces->items[index + has_before] = after;
	return remain;
}

/* ------------------------------------------------------------------------------------------------ repairs and adjustments */

static struct repair_original *find_original(struct repair_tree *tree, int64_t id)
{
	for (size_t i = 0; i < tree->originals.count; i++)
		if (tree->originals.items[i].item->id == id)
			return &tree->originals.items[i];
	return NULL;
}

static bool is_billed(const struct repair_tree *tree, int64_t id)
{
	for (size_t i = 0; i < tree->billed->count; i++)
		if (tree->billed->items[i].id == id)
			return true;
	return false;
}

/* What a repair or adjustment takes back, seen from the side of the charge. */
static void take(struct repair_tree *tree, struct repair_original *original, const struct billing_item *taking)
{
	struct money taken;
	if (!money_subtract(original->taken, taking->amount, &taken)) {
		note(tree, REPAIR_TOO_MUCH);
		return;
	}
	original->taken = taken;
}

static void apply_repair(struct repair_tree *tree, const struct billing_item *repair)
{
	struct repair_original *original = find_original(tree, repair->linked_id);
	if (!original) {
		if (!is_billed(tree, repair->linked_id))
			note(tree, REPAIR_OF_NOTHING);
		return;
	}
	struct period item = days_of(original->item), days = period_intersect(item, days_of(repair));
	if (date_compare(repair->start, item.start) < 0 || date_compare(repair->end, item.end) > 0)
		note(tree, REPAIR_OUTSIDE_ITEM);
	for (size_t i = 0; i < original->repaired.count; i++)
		if (overlap(original->repaired.items[i].days, days))
			note(tree, REPAIR_DOUBLE_REPAIR);
	*list_add(tree->arena, &original->repaired, struct repair_piece) =
	        (struct repair_piece){ original, days, repair->moments.start, repair->moments.end };
	*list_add(tree->arena, &original->repairs, struct repair_given) =
	        (struct repair_given){ days, money_of(-repair->amount.minor, repair->amount.currency) };
	original->repair_count++;
	take(tree, original, repair);
}

/* One without days is of the whole item. */
static void note_days(struct repair_tree *tree, struct repair_original *original, const struct billing_item *adjustment)
{
	if (!date_present(adjustment->end) || date_compare(adjustment->start, adjustment->end) >= 0)
		return;
	*list_add(tree->arena, &original->given, struct repair_given) =
	        (struct repair_given){ days_of(adjustment), money_of(-adjustment->amount.minor, adjustment->amount.currency) };
	original->repair_count++;
}

static void apply_adjustment(struct repair_tree *tree, const struct billing_item *adjustment)
{
	struct repair_original *original = find_original(tree, adjustment->linked_id);
	if (original) {
		take(tree, original, adjustment);
		note_days(tree, original, adjustment);
	} else if (!is_billed(tree, adjustment->linked_id)) {
		note(tree, REPAIR_ADJUSTS_NOTHING);
	}
}

static void check_taken(struct repair_tree *tree, const struct repair_original *original)
{
	bool charge = money_sign(original->item->amount) > 0;
	int order = money_compare(original->taken, original->item->amount);
	if (charge ? order > 0 : order < 0)
		note(tree, REPAIR_TOO_MUCH);
}

static void collect_originals(struct repair_tree *tree)
{
	const struct billing_item_list *billed = tree->billed;
	tree->originals.items = arena_new_many(tree->arena, struct repair_original, billed->count + 1);
	for (size_t i = 0; i < billed->count; i++)
		if (repair_is_original(&billed->items[i]))
			tree->originals.items[tree->originals.count++] = (struct repair_original){
				.item = &billed->items[i],
				.taken = money_zero(billed->items[i].amount.currency),
			};
	for (size_t i = 0; i < billed->count; i++) {
		if (billed->items[i].kind == INVOICE_LINE_KIND_REPAIR)
			apply_repair(tree, &billed->items[i]);
		else if (billed->items[i].kind == INVOICE_LINE_KIND_ITEM_ADJUSTMENT)
			apply_adjustment(tree, &billed->items[i]);
	}
}

/* ------------------------------------------------------------------------------------------------ what remains */

/* The longest first, of equal ones the earlier: what comes later covers what was there. */
static int compare_covering(const void *left, const void *right)
{
	const struct repair_piece *a = left, *b = right;
	int32_t a_days = period_days(a->days), b_days = period_days(b->days);
	if (a_days != b_days)
		return a_days > b_days ? -1 : 1;
	int64_t a_id = a->original->item->id, b_id = b->original->item->id;
	return (a_id > b_id) - (a_id < b_id);
}

static int compare_pieces(const void *left, const void *right)
{
	const struct repair_piece *a = left, *b = right;
	int64_t a_of = a->original->item->subscription_id, b_of = b->original->item->subscription_id;
	if (a_of != b_of)
		return a_of < b_of ? -1 : 1;
	return date_compare(a->days.start, b->days.start);
}

static void note_doubled(struct repair_tree *tree, const struct repair_piece *under, const struct repair_piece *piece,
                         struct period both)
{
	struct repair_piece doubled = { under->original, both, under->from, under->to };
	if (date_compare(both.start, under->days.start) > 0)
		doubled.from = piece->from;
	if (date_compare(both.end, under->days.end) < 0)
		doubled.to = piece->to;
	*list_add(tree->arena, &tree->doubled, struct repair_piece) = doubled;
}

/* An item within another one stands in its place for those days; one that is neither within nor apart makes no sense. Both
 * charge days twice. */
static void cover(struct repair_tree *tree, struct repair_pieces *painted, const struct repair_piece *piece)
{
	for (size_t i = 0; i < painted->count;) {
		struct repair_piece *under = &painted->items[i];
		bool same = under->original->item->subscription_id == piece->original->item->subscription_id;
		if (!same || !overlap(under->days, piece->days)) {
			i++;
			continue;
		}
		struct period both = period_intersect(under->days, piece->days);
		bool within = date_compare(both.start, piece->days.start) == 0 &&
		              date_compare(both.end, piece->days.end) == 0;
		if (!within || period_days(under->days) == period_days(piece->days))
			note(tree, REPAIR_DOUBLE_BILLING);
		note_doubled(tree, under, piece, both);
		i += repair_pieces_cut(tree->arena, painted, i, piece);
	}
	*list_add(tree->arena, painted, struct repair_piece) = *piece;
}

/* The item's days less those repaired; also counts these. */
static void add_unrepaired(struct repair_tree *tree, struct repair_original *original, struct repair_pieces *pieces)
{
	size_t first = pieces->count;
	int32_t left = 0;
	*list_add(tree->arena, pieces, struct repair_piece) = (struct repair_piece){
		original, days_of(original->item), original->item->moments.start, original->item->moments.end
	};
	for (size_t r = 0; r < original->repaired.count; r++)
		for (size_t i = first; i < pieces->count;) {
			const struct repair_piece *repaired = &original->repaired.items[r];
			i += overlap(pieces->items[i].days, repaired->days) ? repair_pieces_cut(tree->arena, pieces, i, repaired) : 1;
		}
	for (size_t i = first; i < pieces->count; i++)
		left += period_days(pieces->items[i].days);
	original->days_repaired = period_days(days_of(original->item)) - left;
}

void repair_tree_build(struct arena *arena, const struct billing_item_list *billed, struct repair_tree *tree)
{
	struct repair_pieces unrepaired = { 0 };
	*tree = (struct repair_tree){ .arena = arena, .billed = billed };
	collect_originals(tree);
	for (size_t i = 0; i < tree->originals.count; i++) {
		check_taken(tree, &tree->originals.items[i]);
		add_unrepaired(tree, &tree->originals.items[i], &unrepaired);
	}
	if (unrepaired.count == 0)
		return;
	qsort(unrepaired.items, unrepaired.count, sizeof *unrepaired.items, compare_covering);
	for (size_t i = 0; i < unrepaired.count; i++)
		cover(tree, &tree->pieces, &unrepaired.items[i]);
	qsort(tree->pieces.items, tree->pieces.count, sizeof *tree->pieces.items, compare_pieces);
}
