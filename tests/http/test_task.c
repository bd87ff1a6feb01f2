/* test_task.c: scheduled tasks, working days and instants over HTTP: what is refused and what is not there is told in one way. */
#include "counter.h"

#define BUNDLE "{'files':{'bundle.json':'{\\'name\\':\\'b\\'}','rules/a.lua':'rule \\'T\\' { task = true, run = function (ctx) end }'}}"

/* Of every record the same words, wherever it is missed. */
TEST(a_missing_record_is_told_in_the_same_words_everywhere)
{
	static const struct { const char *method, *path, *body, *message; } missing[] = {
		{ "GET", "/v1/tasks/7", NULL, "scheduled task 7 does not exist" },
		{ "GET", "/v1/tasks/7/runs", NULL, "scheduled task 7 does not exist" },
		{ "PATCH", "/v1/tasks/7", "{'name':'x'}", "scheduled task 7 does not exist" },
		{ "DELETE", "/v1/tasks/7", NULL, "scheduled task 7 does not exist" },
		{ "GET", "/v1/holidays/7", NULL, "holiday 7 does not exist" },
		{ "DELETE", "/v1/holidays/7", NULL, "holiday 7 does not exist" },
		{ "GET", "/v1/subscriptions/7", NULL, "subscription 7 does not exist" },
		{ "GET", "/v1/subscriptions/7/timeline", NULL, "subscription 7 does not exist" },
		{ "POST", "/v1/subscriptions/7/change", "{'plan':'x'}", "subscription 7 does not exist" },
		{ "GET", "/v1/subscription_bundles/7", NULL, "subscription bundle 7 does not exist" },
		{ "POST", "/v1/subscription_bundles/7/pause", "{}", "subscription bundle 7 does not exist" },
		{ "GET", "/v1/invoices/7/usage", NULL, "invoice 7 does not exist" },
		{ "GET", "/v1/invoices/7/explain", NULL, "invoice 7 does not exist" },
		{ "GET", "/v1/credit_notes/7/explain", NULL, "credit note 7 does not exist" },
		{ "GET", "/v1/events/7", NULL, "event 7 does not exist" },
		{ "GET", "/v1/jobs/7", NULL, "job 7 does not exist" },
		{ "POST", "/v1/jobs/7/withdraw", "{}", "job 7 does not exist" },
		{ "POST", "/v1/causes/7/withdraw", "{}", "cause 7 does not exist" },
	};
	struct counter counter;
	counter_open(&counter);
	for (size_t i = 0; i < sizeof missing / sizeof *missing; i++) {
		check_note("%s %s", missing[i].method, missing[i].path);
		counter_expect(&counter, missing[i].method, missing[i].path, missing[i].body, 404);
		CHECK_EQ_TEXT(counter_json(&counter, "errors.0.message"), missing[i].message);
		CHECK_EQ_TEXT(counter_json(&counter, "errors.0.value"), strstr(missing[i].path, "events") ? NULL : "7");
	}
	counter_close(&counter);
}

TEST(a_working_day_that_does_not_come_is_not_told)
{
	struct counter counter;
	counter_open(&counter);
	counter_expect(&counter, "GET", "/v1/working_day?date=9999-12-30", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "next"), "9999-12-31");
	counter_expect(&counter, "GET", "/v1/working_day?date=9999-12-31", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "working"), "true");
	CHECK_EQ_TEXT(counter_json(&counter, "next"), NULL);
	CHECK_EQ_TEXT(counter_json(&counter, "previous"), "9999-12-30");
	counter_expect(&counter, "POST", "/v1/holidays", "{'name':'the end','start_date':'9999-12-31'}", 201);
	counter_expect(&counter, "GET", "/v1/working_day?date=9999-12-30", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "next"), NULL); /* the last day is none */
	counter_expect(&counter, "GET", "/v1/working_day?date=0001-01-01", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "previous"), NULL);
	CHECK_EQ_TEXT(counter_json(&counter, "next"), "0001-01-02");
	counter_close(&counter);
}

TEST(a_task_that_runs_once_has_no_period_however_it_is_written)
{
	struct counter counter;
	counter_open(&counter);
	counter_expect(&counter, "PUT", "/v1/bundle", BUNDLE, 200);
	counter_expect(&counter, "POST", "/v1/tasks", "{'name':'a','handler':'T','run_once':true,'period':'P0D'}", 422);
	CHECK_EQ_TEXT(counter_json(&counter, "errors.0.message"), "period: 'P0D' is no time at all");
	CHECK_EQ_TEXT(counter_json(&counter, "errors.0.pointer"), "/period");
	counter_expect(&counter, "POST", "/v1/tasks", "{'name':'b','handler':'T','run_once':true,'period':'P1D'}", 422);
	CHECK_EQ_TEXT(counter_json(&counter, "errors.0.message"), "what runs once has no period");
	counter_expect(&counter, "POST", "/v1/tasks", "{'name':'c','handler':'T','period':'P0D'}", 422);
	/* In ticks no period is 0, as those write it who have no other way. */
	counter_expect(&counter, "POST", "/v1/tasks", "{'name':'d','handler':'T','run_once':true,'period_ticks':0}", 201);
	CHECK_EQ_TEXT(counter_json(&counter, "period"), NULL);
	counter_expect(&counter, "POST", "/v1/tasks", "{'name':'e','handler':'T','period_ticks':0}", 422);
	counter_close(&counter);
}

TEST(the_one_instant_that_stands_for_none_is_refused_with_its_reason_and_its_neighbours_are_taken)
{
	struct counter counter;
	counter_open(&counter);
	counter_expect(&counter, "PUT", "/v1/bundle", BUNDLE, 200);
	counter_expect(&counter, "POST", "/v1/tasks", "{'name':'a','handler':'T','period':'P1D','next_run_at':'1970-01-01T00:00:00Z'}", 422);
	CHECK_EQ_TEXT(counter_json(&counter, "errors.0.message"),
	              "next_run_at: '1970-01-01T00:00:00Z' is the one instant that stands for none here: give one a microsecond before or "
	              "after it");
	counter_expect(&counter, "POST", "/v1/tasks", "{'name':'b','handler':'T','period':'P1D','next_run_at':'1969-12-31T23:59:59.999999Z'}", 201);
	counter_expect(&counter, "POST", "/v1/tasks", "{'name':'c','handler':'T','period':'P1D','next_run_at':'10000-01-01T00:00:00Z'}", 422);
	counter_expect(&counter, "POST", "/v1/holidays", "{'name':'old','start_date':'1969-12-31'}", 201);
	counter_expect(&counter, "POST", "/v1/holidays", "{'name':'epoch','start_date':'1970-01-01'}", 201); /* a date like others */
	counter_close(&counter);
}

CHECK_MAIN
