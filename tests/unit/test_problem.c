/* test_problem.c: errors as values. */
#include "base/problem.h"

#include "check.h"

static struct arena arena;
static struct problems problems;

static void start(void)
{
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	problems_init(&problems, &arena);
}

TEST(a_code_has_a_name_a_status_a_title_and_a_remedy)
{
	CHECK_EQ_C(problem_info(PROBLEM_NOT_FOUND)->name, "not_found");
	CHECK_EQ_INT(problem_info(PROBLEM_NOT_FOUND)->status, 404);
	for (int code = 1; code < PROBLEM_CODE_COUNT; code++) {
		const struct problem_info *info = problem_info((enum problem_code)code);
		check_note("%s", info->name);
		CHECK(info->status >= 400 && info->status < 600);
		CHECK(info->title[0] != '\0');
		CHECK(info->remedy[strlen(info->remedy) - 1] == '.');
	}
	CHECK_ABORTS(problem_info(PROBLEM_CODE_COUNT));
}

TEST(a_problem_answers_false_and_is_kept)
{
	start();
	CHECK(!problem(&problems, PROBLEM_NOT_FOUND, "/invoice_id", "invoice %d does not exist", 7));
	CHECK_EQ_INT(problems.count, 1);
	CHECK_EQ_INT(problems.first->code, PROBLEM_NOT_FOUND);
	CHECK_EQ_C(problems.first->message, "invoice 7 does not exist");
	CHECK_EQ_C(problems.first->pointer, "/invoice_id");
	CHECK(problems.first->remedy == NULL);
	CHECK(problem_last(&problems) == problems.first);
	arena_finish(&arena);
}

TEST(problems_stay_in_order)
{
	start();
	CHECK(problem_last(&problems) == NULL);
	for (int i = 0; i < 5; i++)
		problem(&problems, PROBLEM_MISSING_FIELD, "", "%d", i);
	int i = 0;
	char expected[2] = "0";
	for (struct problem *each = problems.first; each; each = each->next, i++) {
		expected[0] = (char)('0' + i);
		CHECK_EQ_C(each->message, expected);
	}
	CHECK_EQ_INT(i, 5);
	arena_finish(&arena);
}

TEST(problems_beyond_the_limit_are_counted_but_not_kept)
{
	start();
	for (int i = 0; i < PROBLEMS_MAX + 20; i++)
		problem(&problems, PROBLEM_WRONG_TYPE, "", "%d", i);
	size_t kept = 0;
	for (struct problem *each = problems.first; each; each = each->next)
		kept++;
	CHECK_EQ_INT(problems.count, PROBLEMS_MAX + 20);
	CHECK_EQ_INT(kept, PROBLEMS_MAX);
	CHECK(problem_last(&problems) == NULL);
	arena_finish(&arena);
}

TEST(an_offending_value_is_shown_short_and_cut_between_characters)
{
	start();
	char text[201];
	for (int i = 0; i < 200; i += 2) {
		text[i] = '\xc3';
		text[i + 1] = '\xa9';
	}
	problem_value(&problems, PROBLEM_TOO_LONG, "/name", (struct text){ text + 1, 0 }, NULL, "x");
	CHECK_EQ_TEXT(problem_last(&problems)->value, "");
	memmove(text + 1, text, 199);
	text[0] = 'a';
	problem_value(&problems, PROBLEM_TOO_LONG, "/name", (struct text){ text, 199 }, "Shorten it.", "x");
	struct problem *last = problem_last(&problems);
	CHECK(text_utf8_valid(last->value));
	CHECK_EQ_INT(last->value.length, 99 + 3);
	CHECK_EQ_C(last->remedy, "Shorten it.");
	arena_finish(&arena);
}

TEST(a_card_number_does_not_reach_value_or_message)
{
	start();
	problem_value(&problems, PROBLEM_WRONG_TYPE, "/name", TEXT("pay 4111 1111 1111 1111 now"), NULL,
	              "'%s' is no name", "4111111111111111");
	CHECK_EQ_TEXT(problems.first->value, "pay [card] now");
	CHECK_EQ_C(problems.first->message, "'[card]' is no name");
	arena_finish(&arena);
}

TEST(copies_live_in_the_other_arena)
{
	struct arena other;
	struct problems copies;
	CHECK(arena_init(&other, ARENA_LIMIT_DEFAULT_BYTES));
	problems_init(&copies, &other);
	start();
	problem(&copies, PROBLEM_BUSY, "", "first");
	problem_value(&problems, PROBLEM_REJECTED, "/a", TEXT("v"), "Do it.", "message");
	problem_last(&problems)->cause = "gold.lua:1";
	problem_last(&problems)->detail_code = TEXT("card_required");
	for (int i = 0; i < PROBLEMS_MAX + 4; i++)
		problem(&problems, PROBLEM_WRONG_TYPE, "", "more");
	problems_copy(&copies, &problems);
	CHECK_EQ_INT(copies.count, 1 + 1 + PROBLEMS_MAX + 4);
	arena_finish(&arena);
	struct problem *copy = copies.first->next;
	CHECK_EQ_INT(copy->code, PROBLEM_REJECTED);
	CHECK_EQ_C(copy->message, "message");
	CHECK_EQ_C(copy->remedy, "Do it.");
	CHECK_EQ_C(copy->pointer, "/a");
	CHECK_EQ_C(copy->cause, "gold.lua:1");
	CHECK_EQ_TEXT(copy->value, "v");
	CHECK_EQ_TEXT(copy->detail_code, "card_required");
	arena_finish(&other);
}

TEST(a_bug_aborts)
{
	CHECK_ABORTS(BUG("impossible: %d", 1));
}

CHECK_MAIN
