/* test_event_metric.c: what events come to, against a naive recomputation from all of them; late events and corrections. */
#include "stream_desk.h"

#include <time.h>

#include "billing/metric_quantity.h"

#define HOUR_US (INT64_C(3600) * US_PER_S)
#define BEGIN_US INT64_C(1314835200000000) /* 2011-09-01T00:00:00Z */

static void open_with_subscription(struct desk *desk)
{
	shop_open_empty(desk, "", false);
	desk_do(desk, "account.create", "{'name':'Ann'}");
	desk_do(desk, "catalog.add_plan",
	        "{'code':'van','product':'van','amount':'10','currency':'USD','billing_period':'monthly'}");
	desk_do(desk, "subscription.subscribe", "{'account_id':1,'plan':'van'}");
}

/* ------------------------------------------------------------------------------------------------ quantities */

struct asked {
	int64_t metric_id, from_us, to_us;
	struct metric_quantity quantity;
};

static bool quantity_read(struct command *command, void *context)
{
	struct asked *asked = context;
	const struct billing_metric *metric = billing_metric_need(command, asked->metric_id, "");
	return metric && metric_quantity(command, metric, 1, (struct instant){ asked->from_us }, (struct instant){ asked->to_us },
	                                 &asked->quantity);
}

static struct metric_quantity quantity_of(struct desk *desk, int64_t metric_id, int64_t from_us, int64_t to_us)
{
	struct asked asked = { metric_id, from_us, to_us, { { 0, 0 }, 0, NULL, 0, 0 } };
	problems_init(&desk->problems, &desk->arena);
	if (!command_read(desk->engine, desk->tenant_id, &desk->arena, &desk->problems, quantity_read, &asked)) {
		desk_show(desk);
		CHECK_FAIL("the quantity could not be read");
	}
	return asked.quantity;
}

static struct text quantity_text(struct desk *desk, int64_t metric_id, int64_t from_us, int64_t to_us)
{
	return decimal_canonical_text(&desk->arena, quantity_of(desk, metric_id, from_us, to_us).quantity);
}

static bool close_body(struct store_transaction *transaction, void *context)
{
	struct asked *asked = context;
	struct command command;
	struct desk *desk = *(struct desk **)(void *)(asked + 1);
	if (!command_of_transaction(desk->engine, transaction, &command))
		return false;
	const struct billing_metric *metric = billing_metric_need(&command, asked->metric_id, "");
	return metric && metric_close(&command, metric, 1, (struct instant){ asked->to_us });
}

/* As an assessment does. */
static void close_at(struct desk *desk, int64_t metric_id, int64_t to_us)
{
	struct {
		struct asked asked;
		struct desk *desk;
	} context = { { .metric_id = metric_id, .to_us = to_us }, desk };
	struct store_job job = { .tenant_id = desk->tenant_id, .body = close_body, .context = &context, .arena = &desk->arena,
		                 .problems = &desk->problems };
	CHECK_EQ_INT(store_run(engine_store(desk->engine), &job), STORE_COMMITTED);
}

/* ------------------------------------------------------------------------------------------------ against all events */

enum { METRICS = 12, EVENTS_MOST = 3000, ROUNDS = 160 };

static const struct {
	const char *create;
	enum billing_metric_analysis analysis;
	bool big, region; /* only of values above 50; told apart by region */
} metrics[METRICS] = {
	{ "'analysis':'count'", BILLING_METRIC_ANALYSIS_COUNT, false, false },
	{ "'analysis':'sum'", BILLING_METRIC_ANALYSIS_SUM, false, false },
	{ "'analysis':'average'", BILLING_METRIC_ANALYSIS_AVERAGE, false, false },
	{ "'analysis':'median'", BILLING_METRIC_ANALYSIS_MEDIAN, false, false },
	{ "'analysis':'minimum'", BILLING_METRIC_ANALYSIS_MINIMUM, false, false },
	{ "'analysis':'maximum'", BILLING_METRIC_ANALYSIS_MAXIMUM, true, false },
	{ "'analysis':'percentile','percentile':'95'", BILLING_METRIC_ANALYSIS_PERCENTILE, false, false },
	{ "'analysis':'unique'", BILLING_METRIC_ANALYSIS_UNIQUE, true, false },
	{ "'analysis':'latest'", BILLING_METRIC_ANALYSIS_LATEST, false, false },
	{ "'analysis':'time_weighted_sum'", BILLING_METRIC_ANALYSIS_TIME_WEIGHTED_SUM, false, false },
	{ "'analysis':'sum'", BILLING_METRIC_ANALYSIS_SUM, true, true },
	{ "'analysis':'time_weighted_sum','carries_over':true", BILLING_METRIC_ANALYSIS_TIME_WEIGHTED_SUM, true, false },
};

struct known_event {
	int64_t id, at_us, value;
	int region;
	bool gone;
};

struct naive {
	struct known_event events[EVENTS_MOST];
	size_t count;
	uint64_t seed;
};

static uint64_t chance(struct naive *naive, uint64_t below)
{
	naive->seed = naive->seed * 6364136223846793005u + 1442695040888963407u;
	return (naive->seed >> 33) % below;
}

static int compare_values(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return x < y ? -1 : x > y;
}

struct naive_answer {
	int64_t values[EVENTS_MOST], count, sum, latest, latest_at, latest_id;
	struct fraction weighted;
	int64_t carried;
};

static void naive_gather(const struct naive *naive, int metric, int region, int64_t from_us, int64_t to_us, struct naive_answer *answer)
{
	*answer = (struct naive_answer){ .weighted = { 0, 1 } };
	for (size_t i = 0; i < naive->count; i++) {
		const struct known_event *event = &naive->events[i];
		struct fraction part;
		if (event->gone || (metrics[metric].big && event->value <= 50) || (metrics[metric].region && event->region != region))
			continue;
		if (event->at_us < from_us)
			answer->carried += event->value;
		if (event->at_us < from_us || event->at_us >= to_us)
			continue;
		answer->values[answer->count++] = event->value;
		answer->sum += event->value;
		if (answer->count == 1 || event->at_us > answer->latest_at ||
		    (event->at_us == answer->latest_at && event->id > answer->latest_id)) {
			answer->latest = event->value;
			answer->latest_at = event->at_us;
			answer->latest_id = event->id;
		}
		CHECK(fraction_make((int128)event->value * (to_us - event->at_us), to_us - from_us, &part) &&
		      fraction_add(answer->weighted, part, &answer->weighted));
	}
	qsort(answer->values, (size_t)answer->count, sizeof *answer->values, compare_values);
}

/* Of n sorted values the one at hundredths / 100 x (n - 1). */
static struct fraction naive_rank(const struct naive_answer *answer, int hundredths)
{
	struct fraction found;
	int64_t scaled = hundredths * (answer->count - 1), low = answer->values[scaled / 100];
	int64_t high = answer->values[scaled / 100 + (scaled % 100 != 0)];
	CHECK(fraction_make((int128)low * 100 + (int128)(high - low) * (scaled % 100), 100, &found));
	return found;
}

static struct fraction naive_exact(struct naive_answer *answer, int metric)
{
	int64_t distinct = 0;
	struct fraction found = { 0, 1 };
	for (int64_t i = 0; i < answer->count; i++)
		distinct += i == 0 || answer->values[i] != answer->values[i - 1];
	switch (metrics[metric].analysis) {
	case BILLING_METRIC_ANALYSIS_COUNT:
		return (struct fraction){ answer->count, 1 };
	case BILLING_METRIC_ANALYSIS_SUM:
		return (struct fraction){ answer->sum, 1 };
	case BILLING_METRIC_ANALYSIS_UNIQUE:
		return (struct fraction){ distinct, 1 };
	case BILLING_METRIC_ANALYSIS_TIME_WEIGHTED_SUM:
		CHECK(metric != 11 || fraction_add(answer->weighted, (struct fraction){ answer->carried, 1 }, &answer->weighted));
		return answer->weighted;
	default:
		break;
	}
	if (answer->count == 0)
		return found;
	switch (metrics[metric].analysis) {
	case BILLING_METRIC_ANALYSIS_AVERAGE:
		CHECK(fraction_make(answer->sum, answer->count, &found));
		return found;
	case BILLING_METRIC_ANALYSIS_MEDIAN:
		return naive_rank(answer, 50);
	case BILLING_METRIC_ANALYSIS_PERCENTILE:
		return naive_rank(answer, 95);
	case BILLING_METRIC_ANALYSIS_MINIMUM:
		return (struct fraction){ answer->values[0], 1 };
	case BILLING_METRIC_ANALYSIS_MAXIMUM:
		return (struct fraction){ answer->values[answer->count - 1], 1 };
	default:
		return (struct fraction){ answer->latest, 1 };
	}
}

/* As texts, of hundredths. */
static const char *naive_text(struct desk *desk, const struct naive *naive, int metric, int region, int64_t from_us, int64_t to_us)
{
	static struct naive_answer answer;
	struct decimal shown;
	naive_gather(naive, metric, region, from_us, to_us, &answer);
	struct fraction exact = naive_exact(&answer, metric);
	CHECK(fraction_decimal(exact, 16, &shown) || fraction_round(exact, 16, ROUNDING_HALF_UP, &shown));
	return decimal_canonical_text(&desk->arena, shown).data;
}

static void compare(struct desk *desk, const struct naive *naive, int metric, int64_t from_us, int64_t to_us)
{
	static const char *const regions[] = { "[null]", "[\"eu\"]", "[\"us\"]" };
	struct metric_quantity quantity = quantity_of(desk, metric + 1, from_us, to_us);
	if (!metrics[metric].region) {
		const char *expected = naive_text(desk, naive, metric, 0, from_us, to_us);
		CHECK_EQ_INT(quantity.count, 1);
		CHECK_EQ_TEXT(decimal_canonical_text(&desk->arena, quantity.quantity), expected);
		return;
	}
	for (size_t i = 0; i < quantity.count; i++) {
		int region = text_is(quantity.items[i].values, regions[0]) ? 0 : text_is(quantity.items[i].values, regions[1]) ? 1 : 2;
		CHECK_EQ_TEXT(quantity.items[i].values, regions[region]);
		const char *expected = naive_text(desk, naive, metric, region, from_us, to_us);
		CHECK_EQ_TEXT(decimal_canonical_text(&desk->arena, quantity.items[i].quantity), expected);
	}
}

static void event_text(struct text_builder *out, struct naive *naive, int64_t next_id)
{
	static const char *const spelled[] = { "", ",\"region\":\"eu\"", ",\"region\":\"us\"" };
	struct known_event *event = &naive->events[naive->count++];
	char at[INSTANT_TEXT_MAX + 1];
	*event = (struct known_event){
		.id = next_id, .value = (int64_t)chance(naive, 120), .region = (int)chance(naive, 3),
		/* hours at times, so that many are of one moment */
		.at_us = BEGIN_US + (int64_t)chance(naive, 120) * HOUR_US + (chance(naive, 2) ? (int64_t)chance(naive, 1000000) : 0),
	};
	*instant_put(at, (struct instant){ event->at_us }) = '\0';
	builder_format(out, "%s{\"moonbill\":{\"subscription_id\":1,\"timestamp\":\"%s\"", out->length > 1 ? "," : "", at);
	if (naive->count > 5 && chance(naive, 12) == 0) {
		struct known_event *target = &naive->events[chance(naive, naive->count - 1)];
		if (!target->gone) {
			builder_format(out, ",\"corrects_id\":%lld", (long long)target->id);
			target->gone = true;
			event->gone = chance(naive, 2) == 0;
			builder_c(out, event->gone ? ",\"takes_back\":true" : "");
		}
	}
	builder_format(out, "},\"v\":%lld%s}", (long long)event->value, spelled[event->region]);
}

static void metric_make(struct desk *desk, int metric)
{
	desk_do(desk, "billing_metric.create",
	        text_format(&desk->arena, "{'stream':'calls','handle':'m%d','property':'v',%s%s%s}", metric, metrics[metric].create,
	                    metrics[metric].big ? ",'filters':[{'property':'v','operator':'above','value':'50'}]" : "",
	                    metrics[metric].region ? ",'group_by':[{'property':'region'}]" : "")
	                .data);
}

TEST(what_events_come_to_is_what_all_of_them_come_to)
{
	static struct naive naive;
	struct desk desk;
	open_with_subscription(&desk);
	naive = (struct naive){ .seed = 20260122 };
	for (int metric = 0; metric < METRICS / 2; metric++)
		metric_make(&desk, metric);
	for (int round = 0; round < ROUNDS; round++) {
		struct text_builder out;
		size_t events = 1 + chance(&naive, chance(&naive, 4) ? 6 : 60);
		if (round == ROUNDS / 4) /* the others begin when there are events already */
			for (int metric = METRICS / 2; metric < METRICS; metric++)
				metric_make(&desk, metric);
		builder_init(&out, &desk.arena, 0);
		builder_c(&out, "[");
		for (size_t i = 0; i < events && naive.count < EVENTS_MOST; i++)
			event_text(&out, &naive, (int64_t)naive.count + 1);
		builder_c(&out, "]");
		stream_send_text(&desk, builder_text(&out));
		int64_t from_us = BEGIN_US + (int64_t)chance(&naive, 100) * HOUR_US / 2;
		int64_t to_us = from_us + 1 + (int64_t)chance(&naive, 96) * HOUR_US;
		compare(&desk, &naive, (int)chance(&naive, round < ROUNDS / 4 ? METRICS / 2 : METRICS), from_us, to_us);
	}
	for (int metric = 0; metric < METRICS; metric++)
		compare(&desk, &naive, metric, BEGIN_US, BEGIN_US + 200 * HOUR_US);
	desk_close(&desk);
}

/* ------------------------------------------------------------------------------------------------ corrections */

enum { DAY_EVENTS = 4000, CORRECTED = 200 };

static struct text many_events(struct desk *desk, int first, int count, bool correct)
{
	struct text_builder out;
	builder_init(&out, &desk->arena, 0);
	for (int i = first; i < first + count; i++) {
		builder_format(&out, "%c{\"moonbill\":{\"subscription_id\":1,\"timestamp\":\"2011-09-01T11:00:00Z\"", i > first ? ',' : '[');
		if (correct)
			builder_format(&out, ",\"corrects_token\":\"t%d\"},\"v\":1}", i);
		else
			builder_format(&out, ",\"uniqueness_token\":\"t%d\"},\"v\":%d}", i, i);
	}
	builder_byte(&out, ']');
	return builder_text(&out);
}

static int64_t cpu_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Were the day added up again for each of them, they would cost a hundred times what all of its events did. */
TEST(a_correction_costs_the_same_however_many_events_its_day_has)
{
	struct desk desk;
	open_with_subscription(&desk);
	for (int metric = 0; metric < 4; metric++)
		metric_make(&desk, metric);
	int64_t begun = cpu_us();
	for (int i = 0; i < DAY_EVENTS; i += EVENTS_AT_ONCE_MAX)
		stream_send_text(&desk, many_events(&desk, i, EVENTS_AT_ONCE_MAX, false));
	int64_t sent = cpu_us();
	stream_send_text(&desk, many_events(&desk, 1, CORRECTED, true));
	int64_t corrected = cpu_us();
	CHECK(corrected - sent < 5 * (sent - begun));
	CHECK_EQ_TEXT(quantity_text(&desk, 1, BEGIN_US, BEGIN_US + 24 * HOUR_US), "4000");
	desk_close(&desk);
}

TEST(of_equal_values_the_one_that_is_left_is_the_greatest_and_a_segment_of_nothing_is_gone)
{
	struct desk desk;
	open_with_subscription(&desk);
	desk_do(&desk, "billing_metric.create", "{'stream':'calls','analysis':'maximum','property':'v'}");
	desk_do(&desk, "billing_metric.create", "{'stream':'calls','analysis':'sum','property':'v','group_by':[{'property':'r'}]}");
	stream_send(&desk, "[{'moonbill':{'subscription_id':1,'timestamp':'2011-09-01T11:00:00Z'},'v':9,'r':'eu'},"
	                   "{'moonbill':{'subscription_id':1,'timestamp':'2011-09-01T11:00:00Z'},'v':9,'r':'us'},"
	                   "{'moonbill':{'subscription_id':1,'timestamp':'2011-09-01T11:00:00Z'},'v':7,'r':'us'}]");
	stream_send(&desk, "{'moonbill':{'corrects_id':1,'takes_back':true}}");
	CHECK_EQ_TEXT(quantity_text(&desk, 1, BEGIN_US, BEGIN_US + 24 * HOUR_US), "9");
	CHECK_EQ_INT(quantity_of(&desk, 2, BEGIN_US, BEGIN_US + 24 * HOUR_US).count, 1);
	stream_send(&desk, "[{'moonbill':{'corrects_id':2,'takes_back':true}},"
	                   "{'moonbill':{'subscription_id':1,'timestamp':'2011-09-01T11:00:00Z'},'v':8,'r':'eu'},"
	                   "{'moonbill':{'corrects_id':6,'takes_back':true}}]");
	CHECK_EQ_TEXT(quantity_text(&desk, 1, BEGIN_US, BEGIN_US + 24 * HOUR_US), "7");
	CHECK_EQ_TEXT(quantity_text(&desk, 2, BEGIN_US, BEGIN_US + 24 * HOUR_US), "7");
	desk_close(&desk);
}

/* ------------------------------------------------------------------------------------------------ late events */

TEST(what_comes_after_its_period_was_billed_is_kept_and_late)
{
	struct desk desk;
	open_with_subscription(&desk);
	metric_make(&desk, 0);
	metric_make(&desk, 1);
	int64_t noon_us = BEGIN_US + 12 * HOUR_US, end_us = BEGIN_US + 48 * HOUR_US;
	stream_send(&desk, "{'moonbill':{'subscription_id':1,'timestamp':'2011-09-01T11:00:00Z','uniqueness_token':'t'},'v':5}");
	close_at(&desk, 2, noon_us); /* the count is not billed yet */
	struct events_taken taken = stream_send(&desk, "[{'moonbill':{'subscription_id':1,'timestamp':'2011-09-01T11:30:00Z'},'v':7},"
	                                        "{'moonbill':{'subscription_id':1,'timestamp':'2011-09-01T12:00:00Z'},'v':9}]");
	CHECK_EQ_INT(taken.kept, 2);
	CHECK_EQ_INT(taken.late, 1);
	CHECK_EQ_TEXT(quantity_text(&desk, 2, BEGIN_US, noon_us), "5");
	CHECK_EQ_TEXT(quantity_text(&desk, 2, noon_us, end_us), "9");
	CHECK_EQ_TEXT(quantity_text(&desk, 1, BEGIN_US, end_us), "3");
	/* what is billed is not taken back */
	stream_send(&desk, "{'moonbill':{'corrects_token':'t','takes_back':true}}");
	CHECK_EQ_TEXT(quantity_text(&desk, 2, BEGIN_US, noon_us), "5");
	close_at(&desk, 2, BEGIN_US); /* never goes back */
	CHECK_EQ_INT(stream_send(&desk, "{'moonbill':{'subscription_id':1,'timestamp':'2011-09-01T11:45:00Z'},'v':1}").late, 1);
	desk_close(&desk);
}

TEST(one_that_has_sent_nothing_is_late_too_once_its_period_is_billed)
{
	struct desk desk;
	open_with_subscription(&desk);
	metric_make(&desk, 1);
	close_at(&desk, 1, BEGIN_US + 24 * HOUR_US);
	CHECK_EQ_INT(stream_send(&desk, "{'moonbill':{'subscription_id':1,'timestamp':'2011-09-01T11:00:00Z'},'v':5}").late, 1);
	CHECK_EQ_INT(stream_send(&desk, "{'moonbill':{'subscription_id':1,'timestamp':'2011-09-02T00:00:00Z'},'v':5}").late, 0);
	CHECK_EQ_TEXT(quantity_text(&desk, 1, BEGIN_US, BEGIN_US + 48 * HOUR_US), "5");
	desk_close(&desk);
}

TEST(a_sum_over_time_goes_on_from_what_was_billed)
{
	struct desk desk;
	open_with_subscription(&desk);
	desk_do(&desk, "billing_metric.create", "{'stream':'calls','analysis':'time_weighted_sum','property':'v','carries_over':true}");
	desk_do(&desk, "billing_metric.create", "{'stream':'calls','handle':'days','analysis':'time_weighted_sum','property':'v'}");
	/* 2500 from 5 March of 31 days is 2177.419...: peers.md d.1 */
	int64_t march_us = INT64_C(1298937600000000), april_us = INT64_C(1301616000000000), may_us = INT64_C(1304208000000000);
	stream_send(&desk, "{'moonbill':{'subscription_id':1,'timestamp':'2011-03-05T00:00:00Z'},'v':2500}");
	CHECK_EQ_TEXT(quantity_text(&desk, 1, march_us, april_us), "2177.4193548387096774");
	close_at(&desk, 1, april_us);
	stream_send(&desk, "{'moonbill':{'subscription_id':1,'timestamp':'2011-04-16T00:00:00Z'},'v':-500}");
	CHECK_EQ_TEXT(quantity_text(&desk, 1, april_us, may_us), "2250");
	CHECK_EQ_TEXT(quantity_text(&desk, 2, april_us, may_us), "-250");
	close_at(&desk, 1, may_us);
	CHECK_EQ_TEXT(quantity_text(&desk, 1, may_us, may_us + 24 * HOUR_US), "2000");
	desk_close(&desk);
}

TEST(a_quantity_becomes_a_multiple_of_its_unit)
{
	struct desk desk;
	open_with_subscription(&desk);
	desk_do(&desk, "billing_metric.create",
	        "{'stream':'calls','handle':'gb','analysis':'sum','property':'v','rounding_unit':'1000'}");
	desk_do(&desk, "billing_metric.create",
	        "{'stream':'calls','handle':'half','analysis':'sum','property':'v','rounding_unit':'0.5','rounding':'half_up'}");
	stream_send(&desk, "{'moonbill':{'subscription_id':1},'v':1000.74}");
	int64_t from_us = BEGIN_US, to_us = BEGIN_US + 400 * HOUR_US;
	CHECK_EQ_TEXT(quantity_text(&desk, 1, from_us, to_us), "2000");
	CHECK_EQ_TEXT(quantity_text(&desk, 2, from_us, to_us), "1000.5");
	desk_close(&desk);
}

CHECK_MAIN
