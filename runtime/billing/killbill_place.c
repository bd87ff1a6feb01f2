/* killbill_place.c: where in the XML the parts of an imported bundle come from. */
#include "killbill_read.h"

#include "bundle_archive.h"

#include <string.h>

/* ------------------------------------------------------------------------------------------------ while writing */

static size_t add(struct killbill_reading *reading, const struct xml *element, size_t from, size_t to)
{
	struct killbill_places *places = reading->places;
	*list_add(reading->arena, places, struct killbill_place) = (struct killbill_place){ from, to, reading->file, element };
	return places->count - 1;
}

void killbill_begin(struct killbill_reading *reading, const struct xml *element)
{
	struct { size_t *items; size_t count, capacity; } open = { reading->places->open, reading->places->open_count,
		                                                   reading->places->open_capacity };
	size_t place = add(reading, element, reading->out->out->length, SIZE_MAX);
	*list_add(reading->arena, &open, size_t) = place;
	reading->places->open = open.items;
	reading->places->open_count = open.count;
	reading->places->open_capacity = open.capacity;
	json_begin_object(reading->out);
}

void killbill_end(struct killbill_reading *reading)
{
	struct killbill_places *places = reading->places;
	json_end_object(reading->out);
	places->items[places->open[--places->open_count]].to = reading->out->out->length;
}

void killbill_wrote(struct killbill_reading *reading, const struct xml *element, size_t from)
{
	if (element)
		add(reading, element, from, reading->out->out->length);
}

/* ------------------------------------------------------------------------------------------------ problems */

/* The value that the pointer's steps lead to, or the last on the way to it. */
static const struct json *value_at(struct arena *arena, const struct json *value, struct text pointer)
{
	struct text step, rest = pointer;
	for (bool more = text_present(pointer); more && value;) {
		const struct json *next = NULL;
		int64_t number;
		more = text_split(rest, '/', &step, &rest);
		if (value->type == JSON_OBJECT)
			next = json_member(value, text_c(arena, step));
		else if (value->type == JSON_ARRAY && text_to_int64(step, &number) && number >= 0)
			next = json_item(value, (size_t)number);
		if (!next)
			break;
		value = next;
	}
	return value;
}

/* The innermost that holds the byte. */
static const struct killbill_place *place_at(const struct killbill_places *places, size_t offset)
{
	const struct killbill_place *found = NULL;
	for (size_t i = 0; i < places->count && places->items[i].from <= offset; i++)
		if (offset < places->items[i].to)
			found = &places->items[i];
	return found;
}

/* A file that was made, with the pointer of it in the bundle. */
struct made_file {
	const char *name;
	struct text content;
	const struct killbill_places *places;
};

/* NULL: the pointer is of something else. */
static const struct killbill_place *place_of(const struct made_file *file, struct arena *arena, const struct json *document,
                                             struct text pointer)
{
	struct text name = text_of(bundle_archive_pointer(arena, text_of(file->name)));
	if (!text_starts(pointer, name.data))
		return NULL;
	size_t skip = name.length + (pointer.length > name.length);
	struct text steps = { pointer.data + skip, pointer.length - skip };
	return place_at(file->places, value_at(arena, document, steps)->offset);
}

/* A message that ends with the pointer of another place ends with that of the XML. */
static const char *message_of(const struct made_file *file, struct arena *arena, const struct json *document, const char *message)
{
	const char *pointer = strstr(message, "/files/");
	const struct killbill_place *other = pointer ? place_of(file, arena, document, text_of(pointer)) : NULL;
	return other ? text_format(arena, "%.*s%s:%ld", (int)(pointer - message), message, other->file, other->element->line).data : message;
}

static void place_problems(const struct made_file *file, struct arena *arena, struct problems *problems)
{
	struct problems ignored;
	problems_init(&ignored, arena);
	const struct json *document =
	        text_present(file->content) ? json_parse_limited(file->content, SIZE_MAX, arena, &ignored) : NULL;
	for (struct problem *problem = document ? problems->first : NULL; problem; problem = problem->next) {
		const struct killbill_place *place = place_of(file, arena, document, text_of(problem->pointer));
		if (!place)
			continue;
		struct text message = text_of(message_of(file, arena, document, problem->message));
		problem->message = killbill_message(arena, place->file, place->element, message).data;
		problem->pointer = "";
		problem->remedy = KILLBILL_REMEDY;
	}
}

void killbill_problems_place(const struct killbill_bundle *made, struct arena *arena, struct problems *problems)
{
	const struct made_file files[] = {
		{ "catalog/killbill.json", made->catalog, &made->catalog_places },
		{ "overdue.json", made->overdue, &made->overdue_places },
	};
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		place_problems(&files[i], arena, problems);
}
