/* rule_check_compare.c: what came out of a check as JSON, beside what was expected. */
#include "rule_check_case.h"
#include "rule_lua.h"

/* ------------------------------------------------------------------------------------------------ records */

static void list_write(struct json_writer *writer, struct arena *arena, const struct record_field *field, const void *value)
{
	struct record_list list;
	memcpy(&list, record_field_const_at(field, value), sizeof list);
	json_begin_array(writer);
	for (size_t i = 0; i < list.count; i++)
		check_record_write(writer, arena, field->of, (const char *)list.items + i * field->of->size);
	json_end_array(writer);
}

static void field_write(struct json_writer *writer, struct arena *arena, const struct record *record, const void *value, size_t number)
{
	const struct record_field *field = &record->fields[number];
	const void *at = record_field_const_at(field, value);
	struct money money;
	struct exact_money exact;
	const void *part;
	switch (field->kind) {
	case KIND_MONEY:
		memcpy(&money, at, sizeof money);
		json_string(writer, money_text(arena, money));
		break;
	case KIND_EXACT:
		memcpy(&exact, at, sizeof exact);
		json_string(writer, rule_exact_text(arena, exact));
		break;
	case KIND_LIST:
		list_write(writer, arena, field, value);
		break;
	case KIND_RECORD:
		memcpy(&part, at, sizeof part);
		check_record_write(writer, arena, field->of, part);
		break;
	default:
		json_field(writer, record, value, (int)number);
	}
}

void check_record_write(struct json_writer *writer, struct arena *arena, const struct record *record, const void *value)
{
	const unsigned unseen = FIELD_HIDDEN | FIELD_SECRET;
	json_begin_object(writer);
	for (size_t i = 0; i < record->field_count; i++) {
		const struct record_field *field = &record->fields[i];
		bool seen = field->kind != KIND_RELATION && !(field->flags & unseen);
		if (!seen || !(field->kind == KIND_LIST || record_has(record, value, (int)i)))
			continue;
		json_name_plain(writer, field->name);
		field_write(writer, arena, record, value, i);
	}
	json_end_object(writer);
}

/* ------------------------------------------------------------------------------------------------ comparing */

static const char *shown(const struct json *json, struct arena *arena)
{
	return json ? json_tree_text(arena, json).data : "nothing";
}

void check_differs(struct arena *arena, struct rule_check *check, const char *path, const struct json *wanted,
                   const struct json *got)
{
	check->passed = false;
	if (check->differences.count < RULE_CHECK_DIFFERENCES_MAX)
		*list_add(arena, &check->differences, struct rule_difference) =
		        (struct rule_difference){ path, shown(wanted, arena), shown(got, arena) };
}

/* "60.5" is "60.50", "5 USD" is "5.00 USD", 5 is "5": what matters is the amount. */
static bool same_number(struct text a, struct text b)
{
	struct text amount_a, amount_b, unit_a = TEXT_NONE, unit_b = TEXT_NONE;
	struct decimal left, right;
	text_split(a, ' ', &amount_a, &unit_a);
	text_split(b, ' ', &amount_b, &unit_b);
	return text_equals(unit_a, unit_b) && decimal_parse(amount_a, &left) && decimal_parse(amount_b, &right) &&
	       decimal_compare(left, right) == 0;
}

static bool same_scalar(const struct json *wanted, const struct json *got)
{
	struct text a = json_text(wanted), b = json_text(got);
	if (!text_present(a) || !text_present(b))
		return wanted->type == got->type && !text_present(a) && !text_present(b);
	return text_equals(a, b) || same_number(a, b);
}

static bool is_container(const struct json *json)
{
	return json->type == JSON_OBJECT || json->type == JSON_ARRAY;
}

struct comparison {
	struct arena *arena;
	struct rule_check *check;
};

static void compare(const struct comparison *comparison, const struct json *wanted, const struct json *got, const char *path);

/* {} of Lua is an empty list as well. */
static void compare_lists(const struct comparison *comparison, const struct json *wanted, const struct json *got, const char *path)
{
	if (wanted->count != got->count) {
		check_differs(comparison->arena, comparison->check, path, wanted, got);
		return;
	}
	const struct json *item = got->first;
	size_t place = 1;
	for (const struct json *want = wanted->first; want; want = want->next, item = item->next)
		compare(comparison, want, item, text_format(comparison->arena, "%s[%zu]", path, place++).data);
}

static void compare_members(const struct comparison *comparison, const struct json *wanted, const struct json *got, const char *path)
{
	for (const struct json *want = wanted->first; want; want = want->next) {
		const char *name = text_c(comparison->arena, want->name);
		compare(comparison, want, json_member(got, name),
		        path[0] ? text_format(comparison->arena, "%s.%s", path, name).data : name);
	}
}

static void compare(const struct comparison *comparison, const struct json *wanted, const struct json *got, const char *path)
{
	bool empty = wanted->type == JSON_OBJECT && wanted->count == 0;
	if (!got && empty)
		return;
	if (got && got->type == JSON_ARRAY && (wanted->type == JSON_ARRAY || empty))
		compare_lists(comparison, wanted, got, path);
	else if (got && got->type == JSON_OBJECT && wanted->type == JSON_OBJECT)
		compare_members(comparison, wanted, got, path);
	else if (!got || is_container(got) || is_container(wanted) || !same_scalar(wanted, got))
		check_differs(comparison->arena, comparison->check, path, wanted, got);
}

void check_compare(const struct json *wanted, const struct json *got, struct arena *arena, struct rule_check *check)
{
	const struct comparison comparison = { arena, check };
	compare(&comparison, wanted, got, "");
}
