/* name_index.c: names of one kind, sorted, to find one among thousands. */
#include "name_index.h"

#include <assert.h>
#include <stdlib.h>

/* Two of one name stand in the order they came in. */
static int by_name(const void *a, const void *b)
{
	const struct indexed_name *left = a, *right = b;
	int order = text_compare(left->name, right->name);
	return order ? order : (left->position > right->position) - (left->position < right->position);
}

void name_index_begin(struct name_index *index, size_t capacity, struct arena *arena)
{
	*index = (struct name_index){
		.items = arena_new_many(arena, struct indexed_name, capacity + 1), .capacity = capacity,
	};
}

void name_index_add(struct name_index *index, struct text name)
{
	assert(index->count < index->capacity);
	index->items[index->count] = (struct indexed_name){ name, index->count };
	index->count++;
}

void name_index_end(struct name_index *index)
{
	qsort(index->items, index->count, sizeof *index->items, by_name);
}

bool name_index_find(const struct name_index *index, struct text name, size_t *position)
{
	size_t low = 0, high = index->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (text_compare(index->items[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == index->count || !text_equals(index->items[low].name, name))
		return false;
	*position = index->items[low].position;
	return true;
}

struct candidates {
	const struct name_index *index;
	struct arena *arena;
};

static const char *candidate(const void *context, size_t i)
{
	const struct candidates *candidates = context;
	return i < candidates->index->count ? text_c(candidates->arena, candidates->index->items[i].name) : NULL;
}

const char *name_index_nearest(const struct name_index *index, struct text name, struct arena *arena)
{
	struct candidates candidates = { index, arena };
	return text_did_you_mean(arena, name, candidate, &candidates);
}
