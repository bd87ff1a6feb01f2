/* record_parse.c: a scalar field from text. */
#include "json.h"
#include "record.h"
#include "record_field.h"

#include <string.h>

static const char *choice_word(const void *context, size_t i)
{
	const struct record_field *field = context;
	return field->words[i + 1];
}

static const char *choice_remedy(const struct field_site *site)
{
	struct text_builder out;
	builder_init(&out, site->problems->arena, 0);
	builder_c(&out, "Use one of: ");
	for (size_t i = 1; site->field->words[i]; i++)
		builder_format(&out, "%s%s", i > 1 ? ", " : "", site->field->words[i]);
	builder_c(&out, ".");
	return builder_text(&out).data;
}

static bool choice_parse(const struct field_site *site, struct text text)
{
	for (unsigned i = 1; site->field->words[i]; i++) {
		if (text_is(text, site->field->words[i])) {
			memcpy(record_field_at(site->field, site->value), &i, sizeof i);
			return true;
		}
	}
	return field_problem(site, PROBLEM_UNKNOWN_CHOICE, text, choice_remedy(site), "%s cannot be %s%s",
	                     site->field->name, field_shown(site, text),
	                     text_did_you_mean(site->problems->arena, text, choice_word, site->field));
}

static const char *currency_code(const void *context, size_t i)
{
	(void)context;
	return i < currency_count() ? currency_at(i)->code : NULL;
}

static bool currency_parse(const struct field_site *site, struct text text)
{
	const struct currency *currency = currency_find(text);
	if (!currency)
		return field_problem(site, PROBLEM_UNKNOWN_CURRENCY, text, NULL, "%s: %s is not an ISO 4217 code%s",
		                     site->field->name, field_shown(site, text),
		                     text_did_you_mean(site->problems->arena, text, currency_code, NULL));
	*(const struct currency **)record_field_at(site->field, site->value) = currency;
	return true;
}

/* Read as absent, it would be taken for what it is not: what expires at once for what never expires. */
static bool no_time(const struct field_site *site, struct text text)
{
	return field_problem(site, PROBLEM_BAD_DURATION, text, "Leave it out, or give at least a microsecond, as PT0.000001S.",
	                     "%s: %s is no time at all", site->field->name, field_shown(site, text));
}

static bool not_a_decimal(const struct field_site *site, struct text text)
{
	return field_problem(site, PROBLEM_BAD_DECIMAL, text, NULL, "%s: %s is not a decimal number", site->field->name,
	                     field_shown(site, text));
}

/* The currency of the record's amounts; NULL and a problem (unless reported already) when it has none yet. */
static const struct currency *amount_currency(const struct field_site *site, bool reported)
{
	const struct record_field *field = &site->record->fields[site->record->currency_field];
	const struct currency *currency = *(const struct currency *const *)record_field_const_at(field, site->value);
	if (!currency && !reported)
		field_problem(site, PROBLEM_INVALID_COMBINATION, TEXT_NONE, "Give the currency as well.",
		              "%s is an amount without a currency: %s is missing", site->field->name, field->name);
	return currency;
}

static bool amount_parse(const struct field_site *site, struct text text, bool currency_reported)
{
	struct decimal decimal;
	if (!decimal_parse(text, &decimal))
		return not_a_decimal(site, text);
	const struct currency *currency = amount_currency(site, currency_reported);
	struct money *money = record_field_at(site->field, site->value);
	return currency && (money_parse(text, currency, money) ||
	                    money_from_decimal(decimal, currency, place_pointer(site->place, site->problems->arena),
	                                       site->problems, money));
}

static bool exact_parse(const struct field_site *site, struct text text, bool currency_reported)
{
	struct fraction amount;
	if (!fraction_parse(text, &amount))
		return field_problem(site, PROBLEM_BAD_DECIMAL, text, "Write a decimal, or a fraction such as 121/3.",
		                     "%s: %s is not an exact amount", site->field->name, field_shown(site, text));
	const struct currency *currency = amount_currency(site, currency_reported);
	if (!currency)
		return false;
	*(struct exact_money *)record_field_at(site->field, site->value) = (struct exact_money){ amount, currency };
	return true;
}

static bool boolean_parse(const struct field_site *site, struct text text)
{
	bool *at = record_field_at(site->field, site->value);
	*at = text_is(text, "true");
	return *at || text_is(text, "false") ||
	       field_problem(site, PROBLEM_WRONG_TYPE, text, "Write true or false.", "%s must be true or false, not %s",
	                     site->field->name, field_shown(site, text));
}

static unsigned json_depth(const struct json *json)
{
	unsigned deepest = 0;
	for (const struct json *child = json->first; child; child = child->next) {
		unsigned depth = json_depth(child);
		deepest = depth > deepest ? depth : deepest;
	}
	return deepest + (json->type == JSON_ARRAY || json->type == JSON_OBJECT);
}

bool field_set_json(const struct field_site *site, const struct json *json)
{
	unsigned depth = json_depth(json);
	if (depth > JSON_FIELD_DEPTH_MAX)
		return field_problem(site, PROBLEM_TOO_DEEP, TEXT_NONE, NULL, "%s nests %u deep, %d are allowed",
		                     site->field->name, depth, JSON_FIELD_DEPTH_MAX);
	*(struct text *)record_field_at(site->field, site->value) = json_tree_text(site->arena, json);
	return true;
}

static bool json_text_parse(const struct field_site *site, struct text text)
{
	struct problems inner;
	problems_init(&inner, site->problems->arena);
	const struct json *json = json_parse(text, site->arena, &inner);
	if (!json)
		return field_problem(site, PROBLEM_MALFORMED, text, "Send JSON.", "%s: %s", site->field->name,
		                     inner.first->message);
	return field_set_json(site, json);
}

/* Kinds whose text either fits or does not. */
static bool plain_parse(const struct field_site *site, struct text text)
{
	void *at = record_field_at(site->field, site->value);
	enum problem_code code;
	const char *what;
	switch (site->field->kind) {
	case KIND_ID:
	case KIND_INTEGER:
		if (text_to_int64(text, at))
			return true;
		code = PROBLEM_BAD_INTEGER, what = "a whole number";
		break;
	case KIND_UUID:
		if (uuid_parse(text, at))
			return true;
		code = PROBLEM_BAD_UUID, what = "a UUID";
		break;
	case KIND_DATE:
		if (date_parse(text, at))
			return true;
		code = PROBLEM_BAD_DATE, what = "a date";
		break;
	case KIND_INSTANT:
		if (instant_parse(text, at))
			return true;
		return field_problem(site, PROBLEM_BAD_INSTANT, text, NULL, "%s: %s %s", site->field->name,
		                     field_shown(site, text), instant_refusal(text));
	case KIND_DURATION:
		if (duration_parse(text, at))
			return duration_present(*(struct duration *)at) || no_time(site, text);
		code = PROBLEM_BAD_DURATION, what = "a duration";
		break;
	default:
		BUG("%s.%s is not one value", site->record->name, site->field->name);
	}
	return field_problem(site, code, text, NULL, "%s: %s is not %s", site->field->name, field_shown(site, text),
	                     what);
}

static bool value_parse(const struct field_site *site, struct text text, bool currency_reported)
{
	switch (site->field->kind) {
	case KIND_TEXT:
		*(struct text *)record_field_at(site->field, site->value) = text;
		return true;
	case KIND_JSON:
		return json_text_parse(site, text);
	case KIND_DECIMAL:
		return decimal_parse(text, record_field_at(site->field, site->value)) || not_a_decimal(site, text);
	case KIND_MONEY:
		return amount_parse(site, text, currency_reported);
	case KIND_EXACT:
		return exact_parse(site, text, currency_reported);
	case KIND_CURRENCY:
		return currency_parse(site, text);
	case KIND_BOOLEAN:
		return boolean_parse(site, text);
	case KIND_CHOICE:
		return choice_parse(site, text);
	default:
		return plain_parse(site, text);
	}
}

bool field_parse(const struct field_site *site, struct text text, bool currency_reported)
{
	bool parsed = value_parse(site, text, currency_reported);
	record_set_present(site->record, site->value, site->number, parsed);
	return parsed;
}

bool record_field_parse(const struct record *record, void *value, int field, struct text text, const char *pointer,
                        struct arena *arena, struct problems *problems)
{
	struct place place = place_top(pointer);
	struct field_site site = { record, value, field, &record->fields[field], &place, arena, problems };
	if (!text_present(text)) {
		record_set_present(record, value, field, false);
		return !(site.field->flags & FIELD_REQUIRED) || field_missing(&site);
	}
	return field_parse(&site, text_copy(arena, text), false) && field_check(&site);
}
