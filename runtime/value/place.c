/* place.c: where in a document a value stands, written out as a JSON pointer when needed. */
#include "place.h"

struct place place_top(const char *pointer)
{
	return (struct place){ .pointer = pointer ? pointer : "" };
}

struct place place_member(const struct place *above, struct text name)
{
	return (struct place){ .above = above, .name = name };
}

struct place place_item(const struct place *above, size_t index)
{
	return (struct place){ .above = above, .index = index };
}

static void place_write(const struct place *place, struct text_builder *out)
{
	if (!place->above) {
		builder_c(out, place->pointer);
		return;
	}
	place_write(place->above, out);
	builder_byte(out, '/');
	if (!text_present(place->name)) {
		builder_format(out, "%zu", place->index);
		return;
	}
	for (size_t i = 0; i < place->name.length; i++) {
		char byte = place->name.data[i];
		if (byte == '~')
			builder_c(out, "~0");
		else if (byte == '/')
			builder_c(out, "~1");
		else
			builder_byte(out, byte);
	}
}

const char *place_pointer(const struct place *place, struct arena *arena)
{
	if (!place->above)
		return place->pointer;
	struct text_builder out;
	builder_init(&out, arena, 0);
	place_write(place, &out);
	return builder_text(&out).data;
}
