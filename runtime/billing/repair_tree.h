/* repair_tree.h: what remains billed of a subscription's items, as pieces that do not meet. A part of repair.h. */
#ifndef MOONBILL_BILLING_REPAIR_TREE_H
#define MOONBILL_BILLING_REPAIR_TREE_H

#include "repair.h"

struct repair_given {
	struct period days;
	struct money amount;
};
struct repair_givens {
	struct repair_given *items;
	size_t count, capacity;
};
struct repair_piece {
	struct repair_original *original;
	struct period days;
	struct instant from, to; /* where seconds are counted; none: not known */
};
struct repair_pieces {
	struct repair_piece *items;
	size_t count, capacity;
};
/* A billed item that can be repaired, and what was taken back of it. */
struct repair_original {
	const struct billing_item *item;
	struct money taken;      /* by repairs and adjustments, as an amount above zero for a charge */
	int32_t days_repaired;
	size_t repair_count;
	struct repair_pieces repaired; /* ascending, apart */
	struct repair_givens repairs; /* the same with what they gave back */
	/* Adjustments that say from which day on they give back (above zero for a charge, below where one was withdrawn). */
	struct repair_givens given;
};

struct repair_tree {
	struct arena *arena;
	const struct billing_item_list *billed;
	struct { struct repair_original *items; size_t count; } originals;
	struct repair_pieces pieces; /* by subscription, then start */
	struct repair_pieces doubled; /* days of items that another one charges as well: they remain its */
	enum repair_fault fault;     /* the first */
};

void repair_tree_build(struct arena *arena, const struct billing_item_list *billed, struct repair_tree *tree);
/* Whether an item can be repaired: a recurring one that cost something. */
bool repair_is_original(const struct billing_item *item);
/* Takes the days of `taken` out of pieces[index], with which they meet: nothing, one or two pieces remain of it, in its
 * place and behind it. Returns how many. */
size_t repair_pieces_cut(struct arena *arena, struct repair_pieces *pieces, size_t index, const struct repair_piece *taken);

#endif
