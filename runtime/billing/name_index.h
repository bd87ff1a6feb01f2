/* name_index.h: names of one kind, to find one among thousands. Pure.
 *
 *     struct name_index index;
 *     name_index_begin(&index, count, arena);
 *     for (...) name_index_add(&index, products[i].name);
 *     name_index_end(&index);                              // from here on it is searched
 *     size_t at;
 *     if (!name_index_find(&index, name, &at)) ... name_index_nearest(&index, name, arena)
 */
#ifndef MOONBILL_BILLING_NAME_INDEX_H
#define MOONBILL_BILLING_NAME_INDEX_H

#include "base/arena.h"
#include "base/text.h"

struct indexed_name {
	struct text name;
	size_t position; /* in which it was added */
};

struct name_index {
	struct indexed_name *items;
	size_t count, capacity;
};

void name_index_begin(struct name_index *index, size_t capacity, struct arena *arena);
void name_index_add(struct name_index *index, struct text name);
void name_index_end(struct name_index *index);
/* The first of that name; false when there is none. */
bool name_index_find(const struct name_index *index, struct text name, size_t *position);
/* " (did you mean 'x'?)" or "". */
const char *name_index_nearest(const struct name_index *index, struct text name, struct arena *arena);

#endif
