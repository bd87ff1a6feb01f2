/* filter.c: what lists are asked for in the query: words, ids, flags, and spans of time in the site's zone. */
#include "maxio.h"

#include "value/timezone.h"

static bool bad(struct http_exchange *exchange, const char *name, struct text value)
{
	return problem_value(&exchange->problems, PROBLEM_INVALID_VALUE, text_format(exchange->arena, "/%s", name).data,
	                     text_slice(value, 0, 60), NULL, "'%.*s' is not valid", TEXT_ARG(text_slice(value, 0, 60)));
}

struct text maxio_values(struct http_exchange *exchange, const char *name)
{
	struct text_builder out;
	const char *listed = text_format(exchange->arena, "%s[]", name).data;
	builder_init(&out, exchange->arena, 0);
	for (size_t i = 0; i < exchange->target.parameter_count; i++) {
		const struct http_field *one = &exchange->target.parameters[i];
		if (!text_is(one->name, name) && !text_is(one->name, listed))
			continue;
		if (out.length)
			builder_byte(&out, ',');
		builder_add(&out, one->value);
	}
	return builder_text(&out);
}

bool maxio_ids(struct http_exchange *exchange, const char *name, struct maxio_ids *ids)
{
	struct text rest = maxio_values(exchange, name), one;
	bool more = rest.length > 0;
	while (more) {
		more = text_split(rest, ',', &one, &rest);
		one = text_trim(one);
		int64_t id;
		if (ids->count == MAXIO_IDS_MAX || !text_to_int64(one, &id))
			return bad(exchange, name, one);
		if (ids->count == 0 || !maxio_id_among(ids, id))
			ids->items[ids->count++] = id;
	}
	return true;
}

bool maxio_id_among(const struct maxio_ids *ids, int64_t id)
{
	for (size_t i = 0; i < ids->count; i++)
		if (ids->items[i] == id)
			return true;
	return ids->count == 0;
}

bool maxio_holds_word(struct text csv, struct text word)
{
	struct text rest = csv, one;
	bool more = rest.length > 0;
	while (more) {
		more = text_split(rest, ',', &one, &rest);
		if (text_equals(text_trim(one), word))
			return true;
	}
	return false;
}

bool maxio_word_of(struct http_exchange *exchange, const char *name, const char *const *words, struct text *word)
{
	*word = http_parameter(&exchange->target, name);
	if (!text_present(*word) || word->length == 0) {
		*word = TEXT("");
		return true;
	}
	for (size_t i = 0; words[i]; i++)
		if (text_is(*word, words[i]))
			return true;
	return bad(exchange, name, *word);
}

bool maxio_direction(struct http_exchange *exchange, bool *ascending)
{
	static const char *const directions[] = { "asc", "desc", NULL };
	struct text direction;
	bool good = maxio_word_of(exchange, "direction", directions, &direction);
	*ascending = text_is(direction, "asc");
	return good;
}

bool maxio_flag(struct http_exchange *exchange, const char *name, bool *set, bool *value)
{
	struct text text = http_parameter(&exchange->target, name);
	*set = text_present(text) && text.length;
	*value = *set && (text_is(text, "true") || text_is(text, "1"));
	return !*set || *value || text_is(text, "false") || text_is(text, "0") || bad(exchange, name, text);
}

/* A day of the site from its midnight, or up to the next one; an instant takes the place of the day of the same side. */
static bool side_of(struct command *command, struct http_exchange *exchange, const char *prefix, const char *suffix, bool end,
                    struct instant *instant)
{
	const char *day_name = text_format(exchange->arena, "%s%s_date%s", prefix, end ? "end" : "start", suffix).data;
	const char *time_name = text_format(exchange->arena, "%s%s_datetime%s", prefix, end ? "end" : "start", suffix).data;
	struct text day = http_parameter(&exchange->target, day_name), time = http_parameter(&exchange->target, time_name);
	struct date date;
	*instant = INSTANT_NONE;
	if (text_present(time) && time.length) {
		if (!maxio_instant(exchange, command->zone, time, 0, text_format(exchange->arena, "/%s", time_name).data, instant))
			return false;
		if (end)
			instant->us += US_PER_S; /* that second is included */
		return true;
	}
	if (!text_present(day) || day.length == 0)
		return true;
	if (!date_parse(text_slice(day, 0, 10), &date))
		return bad(exchange, day_name, day);
	*instant = timezone_start_of_date(command->zone, end ? date_add_days(date, 1) : date);
	return true;
}

bool maxio_span(struct command *command, struct http_exchange *exchange, const char *prefix, const char *suffix,
                struct maxio_span *span)
{
	return side_of(command, exchange, prefix, suffix, false, &span->from) &&
	       side_of(command, exchange, prefix, suffix, true, &span->until);
}

bool maxio_within(struct instant at, const struct maxio_span *span)
{
	return (span->from.us == 0 || at.us >= span->from.us) && (span->until.us == 0 || at.us < span->until.us);
}
