/* test_metric.c: what is counted is what is told, in the format that Prometheus reads. */
#include "base/metric.h"

#include "check.h"

#include <pthread.h>

static struct arena arena; /* of the text at hand */

/* Two routes have names; every event has the worst one there can be. */
static bool namer(void *context, enum metric_dimension dimension, size_t value, struct text_builder *out)
{
	(void)context;
	if (dimension == METRIC_DIMENSION_ROUTE && value > 1)
		return false;
	metric_label(out, dimension == METRIC_DIMENSION_ROUTE ? "route" : "event",
	             dimension == METRIC_DIMENSION_ROUTE ? TEXT("/r") : TEXT("a\\b\"c\nd"));
	return true;
}

/* In the arena, which the caller finishes. */
static const char *told(void)
{
	struct text_builder out;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	builder_init(&out, &arena, 0);
	metrics_text(&out, namer, NULL);
	return builder_text(&out).data;
}

static void tells(const char *line)
{
	const char *text = told();
	check_note("%s", line);
	CHECK(strstr(text, line) != NULL);
	arena_finish(&arena);
}

static void is_silent_about(const char *line)
{
	const char *text = told();
	check_note("%s", line);
	CHECK(strstr(text, line) == NULL);
	arena_finish(&arena);
}

TEST(a_name_comes_with_its_help_and_kind_before_its_series)
{
	tells("# HELP moonbill_store_commits_total Transactions committed.\n"
	      "# TYPE moonbill_store_commits_total counter\n"
	      "moonbill_store_commits_total 0\n");
}

TEST(a_counter_tells_the_sum_of_what_was_added)
{
	metric_add(METRIC_STORE_COMMITS_TOTAL, 2);
	metric_add(METRIC_STORE_COMMITS_TOTAL, 40);
	tells("\nmoonbill_store_commits_total 42\n");
}

TEST(words_of_a_label_are_told_before_anything_is_counted)
{
	tells("\nmoonbill_rule_runs_total{moment=\"task\",outcome=\"failed\"} 0\n");
	metric_add_at(METRIC_RULE_RUNS_TOTAL, METRIC_MOMENT_TASK, METRIC_RUN_FAILED, 1);
	tells("\nmoonbill_rule_runs_total{moment=\"task\",outcome=\"failed\"} 1\n");
	tells("\nmoonbill_rule_runs_total{moment=\"task\",outcome=\"rejected\"} 0\n");
}

TEST(values_without_words_are_told_once_they_are_counted)
{
	is_silent_about("moonbill_http_requests_total{");
	metric_add_at(METRIC_HTTP_REQUESTS_TOTAL, 1, METRIC_CLASS_4XX, 3);
	tells("\nmoonbill_http_requests_total{route=\"/r\",status=\"4xx\"} 3\n");
	metric_add_at(METRIC_HTTP_REQUESTS_TOTAL, 7, METRIC_CLASS_4XX, 1); /* a number without a name */
	tells("} 3\n# HELP moonbill_http_request_duration_seconds");
}

TEST(label_values_cannot_leave_their_quotes)
{
	metric_add_at(METRIC_EVENTS_TOTAL, 1, 0, 1);
	tells("\nmoonbill_events_total{event=\"a\\\\b\\\"c\\nd\"} 1\n");
}

TEST(a_value_beyond_its_dimension_is_counted_as_the_last)
{
	metric_add_at(METRIC_EVENTS_TOTAL, 100000, 0, 5);
	CHECK_EQ_INT(metric_value_at(METRIC_EVENTS_TOTAL, 127, 0), 5);
	CHECK_EQ_INT(metric_value_at(METRIC_BILLING_ACCOUNTS_TOTAL, 0, 0), 0); /* its neighbour */
}

TEST(buckets_are_cumulative_inclusive_and_end_with_inf)
{
	metric_observe(METRIC_STORE_COMMIT_SECONDS, 500);      /* 0.0005 s: the bound itself */
	metric_observe(METRIC_STORE_COMMIT_SECONDS, 501);
	metric_observe(METRIC_STORE_COMMIT_SECONDS, 10000001); /* beyond the last */
	tells("\nmoonbill_store_commit_seconds_bucket{le=\"0.0005\"} 1\n"
	      "moonbill_store_commit_seconds_bucket{le=\"0.001\"} 2\n");
	tells("\nmoonbill_store_commit_seconds_bucket{le=\"10\"} 2\n"
	      "moonbill_store_commit_seconds_bucket{le=\"+Inf\"} 3\n"
	      "moonbill_store_commit_seconds_sum 10.001002\n"
	      "moonbill_store_commit_seconds_count 3\n");
	CHECK_EQ_INT(metric_observations(METRIC_STORE_COMMIT_SECONDS, 0), 3);
}

TEST(gauges_go_down_and_below_zero)
{
	metric_add(METRIC_HTTP_CONNECTIONS, -3);
	tells("\nmoonbill_http_connections -3\n");
}

enum { THREADS = 4, ROUNDS = 100000 };

static void *count_many(void *context)
{
	(void)context;
	for (int i = 0; i < ROUNDS; i++)
		metric_add(METRIC_STORE_COMMITS_TOTAL, 1);
	return NULL;
}

TEST(nothing_is_lost_when_threads_count_the_same)
{
	pthread_t threads[THREADS];
	for (int i = 0; i < THREADS; i++)
		CHECK(pthread_create(&threads[i], NULL, count_many, NULL) == 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	CHECK_EQ_INT(metric_value_at(METRIC_STORE_COMMITS_TOTAL, 0, 0), THREADS * ROUNDS);
}

static void page_read(const char *path, char *room, size_t size)
{
	FILE *file = fopen(path, "r");
	CHECK(file != NULL);
	room[fread(room, 1, size - 1, file)] = '\0';
	fclose(file);
}

TEST(the_page_of_metrics_is_what_the_table_makes)
{
	static char written[64 * 1024], made[64 * 1024];
	page_read(SOURCE_DIR "/docs/metrics.md", written, sizeof written);
	page_read(BINARY_DIR "/gen/metrics.md", made, sizeof made);
	CHECK_EQ_C(written, made);
}

CHECK_MAIN
