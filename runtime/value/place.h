/* place.h: where in a document a value stands: a chain on the stack, written out as a JSON pointer only when
 * there is a problem to report. For what decodes and checks documents. */
#ifndef MOONBILL_VALUE_PLACE_H
#define MOONBILL_VALUE_PLACE_H

#include "base/arena.h"
#include "base/text.h"

#include <stddef.h>

struct place {
	const struct place *above; /* NULL at the top */
	const char *pointer;       /* top: the JSON pointer it stands for */
	struct text name;          /* member of an object; none for an item */
	size_t index;              /* item of an array */
};

struct place place_top(const char *pointer);
struct place place_member(const struct place *above, struct text name);
struct place place_item(const struct place *above, size_t index);
/* RFC 6901: "/lines/0/amount", with ~ and / in names escaped. */
const char *place_pointer(const struct place *place, struct arena *arena);

#endif
