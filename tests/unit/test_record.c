/* test_record.c: generic access to records, their fields as text, and their checks. */
#include "value/record.h"

#include "check.h"
#include "sample_record.h"

static struct arena arena;
static struct problems problems;
static struct sample sample;

static void start(void)
{
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	problems_init(&problems, &arena);
	sample = (struct sample){ 0 };
}

static bool set(int field, const char *text)
{
	problems_init(&problems, &arena);
	return record_field_parse(&sample_record, &sample, field, text_of(text), "/x", &arena, &problems);
}

static struct text get(int field)
{
	return record_field_text(&sample_record, &sample, field, &arena);
}

TEST(fields_are_found_by_name)
{
	start();
	CHECK_EQ_INT(record_field_find(&sample_record, TEXT("amount")), SAMPLE_AMOUNT);
	CHECK_EQ_INT(record_field_find(&sample_record, TEXT("amoun")), -1);
	CHECK_EQ_C(record_field_nearest(&sample_record, TEXT("ammount"), &arena), " (did you mean 'amount'?)");
	CHECK_EQ_C(record_field_nearest(&sample_record, TEXT("digset"), &arena), "");
	CHECK_EQ_C(record_field_nearest(&sample_record, TEXT("zzzzzzzz"), &arena), "");
	arena_finish(&arena);
}

TEST(a_zeroed_record_has_nothing_but_its_required_numbers)
{
	start();
	for (int field = 0; field < SAMPLE_COUNT; field++) {
		check_note("%s", sample_fields[field].name);
		CHECK_EQ_INT(record_has(&sample_record, &sample, field), field == SAMPLE_TOTAL);
	}
	CHECK_ABORTS(record_has(&sample_record, &sample, SAMPLE_COUNT));
	CHECK_ABORTS(record_has(&sample_record, &sample, -1));
	arena_finish(&arena);
}

TEST(every_scalar_goes_to_text_and_back)
{
	static const struct {
		int field;
		const char *text, *again;
	} rows[] = {
		{ SAMPLE_ID, "7", "7" },
		{ SAMPLE_UUID, "0190A8C2-7b3e-7c1a-9f00-0123456789ab", "0190a8c2-7b3e-7c1a-9f00-0123456789ab" },
		{ SAMPLE_NAME, "", "" },
		{ SAMPLE_NAME, "Gold", "Gold" },
		{ SAMPLE_CUSTOM, " { \"a\" : [1, 2.0] } ", "{\"a\":[1,2.0]}" },
		{ SAMPLE_DAY, "0", "0" },
		{ SAMPLE_TOTAL, "-9223372036854775808", "-9223372036854775808" },
		{ SAMPLE_QUANTITY, "1.50", "1.50" },
		{ SAMPLE_CURRENCY, "USD", "USD" },
		{ SAMPLE_AMOUNT, "60.5", "60.50" },
		{ SAMPLE_AMOUNT, "-0.05", "-0.05" },
		{ SAMPLE_SHARE, "121/2", "60.5" },
		{ SAMPLE_SHARE, "121/3", "121/3" },
		{ SAMPLE_SHARE, "60.50", "60.5" },
		{ SAMPLE_START_DATE, "2011-09-06", "2011-09-06" },
		{ SAMPLE_CREATED_AT, "2011-09-06T17:00:00+02:00", "2011-09-06T15:00:00Z" },
		{ SAMPLE_TERM, "P1M", "P1M" },
		{ SAMPLE_ACTIVE, "true", "true" },
		{ SAMPLE_ACTIVE, "false", "false" },
		{ SAMPLE_STATE, "open", "open" },
	};
	start();
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_note("%s", rows[i].text);
		CHECK(set(rows[i].field, rows[i].text));
		CHECK(record_has(&sample_record, &sample, rows[i].field));
		CHECK_EQ_TEXT(get(rows[i].field), rows[i].again);
	}
	CHECK_ABORTS((sample.part = &(struct sample_part){ 0 }, get(SAMPLE_PART)));
	arena_finish(&arena);
}

TEST(what_does_not_fit_is_one_problem_at_the_pointer)
{
	static const struct {
		int field;
		const char *text;
		enum problem_code code;
	} rows[] = {
		{ SAMPLE_ID, "0", PROBLEM_OUT_OF_RANGE },       { SAMPLE_ID, "x", PROBLEM_BAD_INTEGER },
		{ SAMPLE_UUID, "x", PROBLEM_BAD_UUID },         { SAMPLE_NAME, "a\x01", PROBLEM_BAD_TEXT },
		{ SAMPLE_NAME, "\xff", PROBLEM_BAD_TEXT },      { SAMPLE_NAME, "123456789012345678901", PROBLEM_TOO_LONG },
		{ SAMPLE_CUSTOM, "{", PROBLEM_MALFORMED },      { SAMPLE_DAY, "32", PROBLEM_OUT_OF_RANGE },
		{ SAMPLE_DAY, "-1", PROBLEM_OUT_OF_RANGE },     { SAMPLE_DAY, "1.5", PROBLEM_BAD_INTEGER },
		{ SAMPLE_DAY, "", PROBLEM_BAD_INTEGER },        { SAMPLE_QUANTITY, "1e3", PROBLEM_BAD_DECIMAL },
		{ SAMPLE_QUANTITY, "-1", PROBLEM_OUT_OF_RANGE }, { SAMPLE_QUANTITY, "0.0001", PROBLEM_TOO_MANY_DECIMALS },
		{ SAMPLE_CURRENCY, "usd", PROBLEM_UNKNOWN_CURRENCY }, { SAMPLE_START_DATE, "2011-02-29", PROBLEM_BAD_DATE },
		{ SAMPLE_CREATED_AT, "2011-09-06", PROBLEM_BAD_INSTANT }, { SAMPLE_TERM, "1M", PROBLEM_BAD_DURATION },
		{ SAMPLE_TERM, "PT0S", PROBLEM_BAD_DURATION },  { SAMPLE_TERM, "P0M", PROBLEM_BAD_DURATION },
		{ SAMPLE_ACTIVE, "yes", PROBLEM_WRONG_TYPE },   { SAMPLE_STATE, "Open", PROBLEM_UNKNOWN_CHOICE },
		{ SAMPLE_STATE, "", PROBLEM_UNKNOWN_CHOICE },
		{ SAMPLE_AMOUNT, "1.234", PROBLEM_TOO_MANY_DECIMALS }, { SAMPLE_AMOUNT, "x", PROBLEM_BAD_DECIMAL },
		{ SAMPLE_AMOUNT, "1000.01", PROBLEM_OUT_OF_RANGE }, { SAMPLE_SHARE, "1/0", PROBLEM_BAD_DECIMAL },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_note("%s = %s", sample_fields[rows[i].field].name, rows[i].text);
		start();
		sample.currency = currency_find(TEXT("USD"));
		CHECK(!set(rows[i].field, rows[i].text));
		CHECK_EQ_INT(problems.count, 1);
		CHECK_EQ_C(problem_info(problems.first->code)->name, problem_info(rows[i].code)->name);
		CHECK_EQ_C(problems.first->pointer, "/x");
		CHECK(strstr(problems.first->message, sample_fields[rows[i].field].name) || strstr(problems.first->message, rows[i].text));
		arena_finish(&arena);
	}
}

TEST(no_text_makes_a_field_absent_unless_it_is_required)
{
	start();
	CHECK(set(SAMPLE_DAY, "3"));
	CHECK(set(SAMPLE_DAY, NULL));
	CHECK(!sample.has_day);
	CHECK(!text_present(get(SAMPLE_DAY)));
	CHECK(!set(SAMPLE_NAME, NULL));
	CHECK_EQ_INT(problems.first->code, PROBLEM_MISSING_FIELD);
	arena_finish(&arena);
}

TEST(an_amount_needs_its_currency_first)
{
	start();
	CHECK(!set(SAMPLE_AMOUNT, "1.50"));
	CHECK_EQ_INT(problems.first->code, PROBLEM_INVALID_COMBINATION);
	CHECK(set(SAMPLE_CURRENCY, "USD"));
	CHECK(set(SAMPLE_AMOUNT, "1.50"));
	arena_finish(&arena);
}

TEST(a_field_can_be_made_absent_again)
{
	start();
	sample.name = TEXT("x");
	sample.currency = currency_find(TEXT("USD"));
	sample.amount = money_of(5, sample.currency);
	record_set_present(&sample_record, &sample, SAMPLE_NAME, false);
	record_set_present(&sample_record, &sample, SAMPLE_AMOUNT, false);
	record_set_present(&sample_record, &sample, SAMPLE_ACTIVE, true);
	CHECK(!record_has(&sample_record, &sample, SAMPLE_NAME));
	CHECK(!money_present(sample.amount));
	CHECK(sample.has_active);
	arena_finish(&arena);
}

TEST(a_list_grows_and_keeps_its_items)
{
	start();
	for (int i = 0; i < 100; i++) {
		struct sample_part *part = i % 2 ? record_list_add(&sample_record, &sample, SAMPLE_PARTS, &arena)
		                                 : list_add(&arena, &sample.parts, struct sample_part);
		CHECK_EQ_INT(part->count, 0);
		part->count = i;
	}
	CHECK_EQ_INT(sample.parts.count, 100);
	for (int i = 0; i < 100; i++)
		CHECK_EQ_INT(sample.parts.items[i].count, i);
	CHECK_ABORTS(record_list_add(&sample_record, &sample, SAMPLE_NAME, &arena));
	arena_finish(&arena);
}

static void fill(void)
{
	char name[] = "Gold";
	sample.name = text_copy(&arena, TEXT("Gold"));
	sample.total = 1;
	sample.part = arena_new(&arena, struct sample_part);
	sample.part->name = text_copy(&arena, (struct text){ name, 4 });
	list_add(&arena, &sample.parts, struct sample_part)->name = text_copy(&arena, TEXT("ab"));
	list_add(&arena, &sample.parts, struct sample_part)->name = text_copy(&arena, TEXT("cd"));
}

TEST(a_copy_shares_nothing_with_its_original)
{
	struct arena other;
	start();
	CHECK(arena_init(&other, ARENA_LIMIT_DEFAULT_BYTES));
	fill();
	struct sample *copy = record_copy(&sample_record, &sample, &other);
	CHECK_EQ_TEXT(record_changed(&sample_record, &sample, copy, &other), "");
	arena_finish(&arena);
	CHECK_EQ_TEXT(copy->name, "Gold");
	CHECK_EQ_TEXT(copy->part->name, "Gold");
	CHECK_EQ_TEXT(copy->parts.items[1].name, "cd");
	list_add(&other, &copy->parts, struct sample_part);
	CHECK_EQ_INT(copy->parts.count, 3);
	arena_finish(&other);
}

TEST(changed_fields_are_named_in_order_but_hidden_ones)
{
	start();
	fill();
	struct sample *after = record_copy(&sample_record, &sample, &arena);
	after->digest = TEXT("x");
	CHECK_EQ_TEXT(record_changed(&sample_record, &sample, after, &arena), "");
	after->name = TEXT("Silver");
	after->has_day = true;
	after->parts.items[1].name = TEXT("ef");
	after->part->count = 5;
	CHECK_EQ_TEXT(record_changed(&sample_record, &sample, after, &arena), "name,day,parts");
	after->part->has_count = true;
	CHECK_EQ_TEXT(record_changed(&sample_record, &sample, after, &arena), "name,day,part,parts");
	CHECK_EQ_TEXT(record_changed(&sample_record, after, &sample, &arena), "name,day,part,parts");
	arena_finish(&arena);
}

TEST(records_are_the_same_when_no_field_differs_hidden_ones_among_them)
{
	start();
	fill();
	struct sample *other = record_copy(&sample_record, &sample, &arena);
	CHECK(record_same(&sample_record, &sample, other));
	other->digest = TEXT("x");
	CHECK(!record_same(&sample_record, &sample, other));
	other->digest = sample.digest;
	other->parts.items[1].name = TEXT("ef");
	CHECK(!record_same(&sample_record, &sample, other));
	other->parts.items[1].name = sample.parts.items[1].name;
	other->parts.count--;
	CHECK(!record_same(&sample_record, &sample, other));
	arena_finish(&arena);
}

TEST(equal_values_in_other_clothes_are_no_change)
{
	start();
	struct sample after = { 0 };
	CHECK(set(SAMPLE_QUANTITY, "1.50"));
	after.has_quantity = true;
	CHECK(decimal_parse(TEXT("1.5"), &after.quantity));
	CHECK_EQ_TEXT(record_changed(&sample_record, &sample, &after, &arena), "");
	arena_finish(&arena);
}

TEST(a_check_finds_every_problem_at_its_pointer)
{
	start();
	fill();
	CHECK(record_check(&sample_record, &sample, "", &problems));
	sample.name = TEXT_NONE;
	sample.has_day = true;
	sample.day = 40;
	sample.part->name = TEXT("a");
	sample.parts.items[1].name = TEXT_NONE;
	sample.parts.items[1].has_count = true;
	CHECK(!record_check(&sample_record, &sample, "/items/0", &problems));
	struct text_builder out;
	builder_init(&out, &arena, 0);
	for (const struct problem *each = problems.first; each; each = each->next)
		builder_format(&out, "%s %s\n", each->pointer, problem_info(each->code)->name);
	CHECK_EQ_TEXT(builder_text(&out), "/items/0/name missing_field\n/items/0/day out_of_range\n/items/0/part/name too_short\n"
	                                  "/items/0/parts/1/name missing_field\n/items/0/parts/1/count out_of_range\n");
	arena_finish(&arena);
}

TEST(a_message_shows_a_long_value_shortened_and_without_card_numbers)
{
	start();
	CHECK(!set(SAMPLE_STATE, "0123456789012345678901234567890123456789abcdef"));
	CHECK_EQ_C(problems.first->message, "state cannot be '0123456789012345678901234567890123456789...'");
	CHECK(!set(SAMPLE_STATE, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx 4111111111111111"));
	CHECK(strstr(problems.first->message, "4111") == NULL);
	arena_finish(&arena);
}

CHECK_MAIN
