/* fuzz_rule.c: rule source: loaded and, where it declares rules, each run twice for 10 ms worth of fuel on an order. */
#include "fuzz.h"

#include "records.gen.h"
#include "rule/rule.h"

enum { FUEL = 100000, RULES_MAX = 8 };

struct stage {
	struct order order;
	struct account account;
	struct event_details details;
	struct rule_host host;
};

static void *stage_load(void *context, const struct record *record, int64_t id)
{
	struct stage *stage = context;
	return record == &account_record && id == stage->account.id ? &stage->account : NULL;
}

static void stage_fill(struct fuzz *fuzz, struct stage *stage)
{
	struct order *order = &stage->order;
	*stage = (struct stage){ .host = { .context = stage, .load = stage_load } };
	stage->account = (struct account){ .id = 366, .email = TEXT("john@example.com"), .currency = currency_find(TEXT("USD")) };
	order->id = 381;
	order->number = TEXT("1036");
	order->account_id = 366;
	order->status = ORDER_STATUS_DRAFT;
	order->plan = TEXT("gold");
	order->currency = stage->account.currency;
	order->start_date = (struct date){ 734400 };
	order->custom = TEXT("{\"color\":\"red\",\"sizes\":[1,2.5,3]}");
	struct order_line *line = list_add(&fuzz->arena, &order->lines, struct order_line);
	line->price_code = TEXT("MNTHLY");
	line->quantity = decimal_from_int64(2);
}

static enum rule_outcome rule_try(struct fuzz *fuzz, const struct rule_bundle *bundle, const struct rule *rule,
                                  struct rule_trace *trace)
{
	struct stage stage;
	stage_fill(fuzz, &stage);
	struct rule_call call = {
		.bundle = bundle, .arena = &fuzz->arena, .problems = &fuzz->problems, .now = { INT64_C(1315321200000000) },
		.today = { 734386 }, .seed = { { 1 } }, .settings = TEXT("{\"limit\":3}"),
		.event = EVENT_ORDER_CREATE, .record = rule->moment == RULE_TASK ? NULL : &order_record,
		.subject = rule->moment == RULE_TASK ? NULL : &stage.order, .details_record = &event_details_record,
		.details = &stage.details, .subject_writable = rule->moment == RULE_PRE ? UINT64_MAX : 0, .host = &stage.host,
		.fuel_limit = FUEL,
	};
	enum rule_outcome outcome = rule_run(&call, rule);
	FUZZ_CHECK(call.last_trace != NULL);
	*trace = *call.last_trace;
	FUZZ_CHECK(outcome == RULE_OK || fuzz->problems.count > 0);
	FUZZ_CHECK(outcome == RULE_OK || call.effect_count == 0);
	FUZZ_CHECK(call.effect_count <= RULE_EFFECTS_MAX);
	return outcome;
}

/* Same bundle, same reads: same fuel and same result. A run that the wall clock ended is the one exception; with this
 * little fuel there is none. */
static void rule_use(struct fuzz *fuzz, const struct rule_bundle *bundle, const struct rule *rule)
{
	struct rule_trace first, second;
	enum rule_outcome outcome = rule_try(fuzz, bundle, rule, &first);
	FUZZ_CHECK(rule_try(fuzz, bundle, rule, &second) == outcome);
	FUZZ_CHECK(first.fuel == second.fuel);
	FUZZ_CHECK(text_equals(rule_trace_result(&first, &fuzz->arena), rule_trace_result(&second, &fuzz->arena)));
	FUZZ_CHECK(text_equals(rule_trace_reads(&first, &fuzz->arena), rule_trace_reads(&second, &fuzz->arena)));
	FUZZ_CHECK(text_equals(rule_trace_writes(&first, &fuzz->arena), rule_trace_writes(&second, &fuzz->arena)));
}

static void load(struct fuzz *fuzz)
{
	struct rule_file file = { TEXT("rules/test.lua"), fuzz->input };
	struct rule_bundle *bundle = rule_bundle_load(&file, 1, &file.name, 1, digest_sha256(fuzz->input), &fuzz->problems);
	FUZZ_CHECK((bundle != NULL) == (fuzz->problems.count == 0));
	for (size_t i = 0; bundle && i < rule_bundle_count(bundle) && i < RULES_MAX; i++)
		if (rule_bundle_at(bundle, i)->moment != RULE_POLICY)
			rule_use(fuzz, bundle, rule_bundle_at(bundle, i));
	rule_bundle_release(bundle);
}

FUZZ_TARGET(load)
