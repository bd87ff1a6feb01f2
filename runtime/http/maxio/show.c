/* show.c: what is shown, as Maxio spells it. */
#include "maxio.h"

#include "value/timezone.h"

#include <string.h>

/* ---- records ---- */

/* A word of C has an underscore behind it in the schema. */
static void name_write(struct json_writer *writer, const char *name)
{
	size_t length = strlen(name);
	if (name[length - 1] == '_')
		json_name_text(writer, (struct text){ name, length - 1 });
	else
		json_name(writer, name);
}

static void field_write(struct json_writer *writer, const struct record *record, const void *value, int field)
{
	const struct record_field *of = &record->fields[field];
	const void *at = record_field_const_at(of, value), *part;
	if (of->kind == KIND_LIST) {
		const struct record_list *list = at;
		json_begin_array(writer);
		for (size_t i = 0; i < list->count; i++)
			maxio_write(writer, of->of, (const char *)list->items + i * of->of->size);
		json_end_array(writer);
	} else if (of->kind == KIND_RECORD && record_field_has(of, value)) {
		memcpy(&part, at, sizeof part);
		maxio_write(writer, of->of, part);
	} else {
		json_field(writer, record, value, field);
	}
}

void maxio_write(struct json_writer *writer, const struct record *record, const void *value)
{
	json_begin_object(writer);
	for (size_t field = 0; field < record->field_count; field++) {
		name_write(writer, record->fields[field].name);
		field_write(writer, record, value, (int)field);
	}
	json_end_object(writer);
}

/* ---- replies ---- */

void maxio_reply(struct http_exchange *exchange, int status, const char *wrapper, const struct record *record,
                 const void *value)
{
	struct text_builder out;
	struct json_writer json;
	builder_init(&out, exchange->arena, 0);
	json_writer_init(&json, &out);
	if (wrapper) {
		json_begin_object(&json);
		json_name(&json, wrapper);
	}
	maxio_write(&json, record, value);
	if (wrapper)
		json_end_object(&json);
	http_reply_json(exchange, status, builder_text(&out));
}

void maxio_list_begin(struct http_exchange *exchange, struct maxio_list *list, const char *name, const char *wrapper)
{
	*list = (struct maxio_list){ .name = name, .wrapper = wrapper };
	builder_init(&list->out, exchange->arena, 0);
	json_writer_init(&list->json, &list->out);
	if (name) {
		json_begin_object(&list->json);
		json_name(&list->json, name);
	}
	json_begin_array(&list->json);
}

void maxio_list_add(struct maxio_list *list, const struct record *record, const void *value)
{
	if (list->wrapper) {
		json_begin_object(&list->json);
		json_name(&list->json, list->wrapper);
	}
	maxio_write(&list->json, record, value);
	if (list->wrapper)
		json_end_object(&list->json);
}

void maxio_list_end(struct http_exchange *exchange, struct maxio_list *list, int status)
{
	json_end_array(&list->json);
	if (list->name)
		json_end_object(&list->json);
	http_reply_json(exchange, status, builder_text(&list->out));
}

/* ---- values ---- */

struct text maxio_time(struct arena *arena, const struct timezone_rules *zone, struct instant instant)
{
	if (instant.us == 0)
		return TEXT_NONE;
	struct date date = timezone_date(zone, instant);
	int64_t seconds = timezone_time_of_day_us(zone, instant) / US_PER_S;
	int64_t utc = instant.us / US_PER_S - (instant.us % US_PER_S < 0);
	int64_t local = timezone_start_of_date(timezone_utc(), date).us / US_PER_S + seconds;
	int64_t offset_min = (local - utc) / 60;
	struct text day = date_text(arena, date);
	int hours = (int)(seconds / 3600), minutes = (int)(seconds / 60 % 60);
	if (offset_min == 0)
		return text_format(arena, "%.*sT%02d:%02d:%02dZ", TEXT_ARG(day), hours, minutes, (int)(seconds % 60));
	int64_t away_min = offset_min < 0 ? -offset_min : offset_min;
	return text_format(arena, "%.*sT%02d:%02d:%02d%c%02d:%02d", TEXT_ARG(day), hours, minutes, (int)(seconds % 60),
	                   offset_min < 0 ? '-' : '+', (int)(away_min / 60), (int)(away_min % 60));
}

struct text maxio_decimal(struct arena *arena, struct decimal decimal)
{
	struct text text = decimal_canonical_text(arena, decimal);
	return memchr(text.data, '.', text.length) ? text : text_format(arena, "%.*s.0", TEXT_ARG(text));
}

struct text maxio_amount(struct arena *arena, struct money money)
{
	struct decimal amount;
	if (!money.currency || !decimal_parse(money_amount_text(arena, money), &amount))
		return TEXT("0.0");
	return maxio_decimal(arena, amount);
}

struct text maxio_quantity(struct arena *arena, struct decimal quantity, bool fractional)
{
	if (fractional)
		return text_format(arena, "\"%.*s\"", TEXT_ARG(maxio_decimal(arena, quantity)));
	return decimal_canonical_text(arena, quantity);
}

struct text maxio_word(enum word_kind kind, int state)
{
	const char *word = state ? word_of(WORD_SYSTEM_MAXIO, kind, state) : NULL;
	return word ? text_of(word) : TEXT_NONE;
}
