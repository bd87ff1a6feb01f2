/* test_rule_call.c: runs of rules: outcomes, ctx, effects, results of policies, traces. */
#include "rule_fixture.h"

TEST(a_pre_rule_assigns_to_its_subject)
{
	struct fixture fixture = { .accounts_loaded = 0 };
	CHECK_RUNS(&fixture, "pre", "order.plan = 'silver'");
	CHECK_EQ_TEXT(fixture.order.plan, "silver");
	CHECK_EQ_TEXT(rule_trace_writes(fixture.call.traces, &fixture.arena), "{\"subject.plan\":\"silver\"}");
	fixture_close(&fixture);
}

TEST(a_rejection_carries_the_rules_own_code_and_cannot_be_caught)
{
	struct fixture fixture = { .accounts_loaded = 0 };
	enum rule_outcome outcome = body_run(&fixture, "pre",
	                                     "pcall(function () ctx:reject('card_required', 'Gold needs a card.') end)\n"
	                                     "order.plan = 'silver'");
	CHECK_EQ_INT(outcome, RULE_REJECTED);
	CHECK_EQ_INT(fixture.problems.first->code, PROBLEM_REJECTED);
	CHECK_EQ_TEXT(fixture.problems.first->detail_code, "card_required");
	CHECK_EQ_C(fixture.problems.first->message, "Gold needs a card.");
	CHECK_CONTAINS(fixture.problems.first->cause, "rules/test.lua:2");
	CHECK_EQ_TEXT(fixture.order.plan, "gold");
	CHECK_EQ_INT(fixture.call.traces->outcome, TRACE_REJECTED);
	CHECK_EQ_TEXT(rule_trace_result(fixture.call.traces, &fixture.arena), "card_required");
	fixture_close(&fixture);
}

TEST(an_error_is_a_problem_with_file_and_line)
{
	struct fixture fixture = { .accounts_loaded = 0 };
	CHECK_EQ_INT(body_run(&fixture, "pre", "local t = nil\nreturn t.x"), RULE_FAILED);
	CHECK_EQ_INT(fixture.problems.first->code, PROBLEM_RULE_FAILED);
	CHECK_EQ_C(fixture.problems.first->message, "rule 'test' failed");
	CHECK_CONTAINS(fixture.problems.first->cause, "rules/test.lua:3: attempt to index a nil value");
	CHECK_EQ_INT(fixture.call.traces->outcome, TRACE_FAILED);
	fixture_close(&fixture);
}

TEST(error_values_are_told_by_their_raw_type)
{
	CHECK_FAILS("pre", "error('plain')", "rules/test.lua:2: plain");
	CHECK_FAILS("pre", "error({ code = 'c1', message = 'told' })", "rules/test.lua:2: c1: told");
	CHECK_FAILS("pre", "error({})", "error of type table");
	CHECK_FAILS("pre", "error(nil)", "error of type nil");
	CHECK_FAILS("pre", "error(print == nil)", "global 'print' is not declared; use log(...)");
	CHECK_FAILS("pre", "error(function () end)", "error of type function");
	CHECK_FAILS("pre", "error(order)", "error of type userdata");
	CHECK_FAILS("pre", "assert(false)", "rules/test.lua:2: assertion failed");
	CHECK_FAILS("pre", "assert(nil, 'wanted')", "rules/test.lua:2: wanted");
}

TEST(a_hook_that_returns_a_value_is_an_error)
{
	CHECK_FAILS("pre", "return order", "a pre rule returns nothing; assign to the fields or use ctx:reject");
	CHECK_FAILS("post", "return false", "a post rule returns nothing; use ctx:send, ctx:command or ctx:note");
}

TEST(calls_in_the_wrong_moment_say_where_they_belong)
{
	CHECK_FAILS("pre", "ctx:send('mail', {})", "ctx:send cannot be used in a pre rule (only in: post, task)");
	CHECK_FAILS("post", "ctx:reject('a', 'b')", "ctx:reject cannot be used in a post rule (only in: pre)");
	CHECK_FAILS("post", "ctx:each('order', {})", "ctx:each cannot be used in a post rule (only in: task)");
	CHECK_FAILS("task", "ctx:reject('a', 'b')", "ctx:reject cannot be used in a task rule (only in: pre)");
	CHECK_FAILS("pre", "ctx:rejekt('a', 'b')", "ctx has no member 'rejekt' (did you mean 'reject'?)");
	CHECK_FAILS("pre", "ctx.now = 1", "ctx cannot be assigned to");
}

TEST(ctx_gives_time_settings_and_details)
{
	struct fixture fixture = { .accounts_loaded = 0 };
	fixture_open(&fixture);
	fixture.details.reason = TEXT("new year");
	CHECK_RUNS(&fixture, "pre",
	           "assert(tostring(ctx.now) == '2011-09-06T15:00:00Z')\n"
	           "assert(ctx.today == date '2011-09-06')\n"
	           "assert(ctx.settings.limit == 3 and ctx.settings.retry.max_attempts == 3)\n"
	           "assert(#ctx.settings.names == 2 and table.concat(ctx.settings.names, ',') == 'a,b')\n"
	           "assert(ctx.settings.absent == nil)\n"
	           "assert(ctx.event.reason == 'new year')\n"
	           "ctx.event.create_invoice = false\n"
	           "assert(ctx.fuel_left > 4000000)\n");
	CHECK(fixture.details.has_create_invoice);
	CHECK(!fixture.details.create_invoice);
	CHECK_EQ_TEXT(rule_trace_reads(fixture.call.traces, &fixture.arena),
	              "{\"ctx.now\":\"2011-09-06T15:00:00Z\",\"ctx.today\":\"2011-09-06\","
	              "\"ctx.settings\":{\"limit\":3,\"names\":[\"a\",\"b\"],\"retry\":{\"max_attempts\":3}},\"event.reason\":\"new year\"}");
	CHECK_EQ_TEXT(rule_trace_writes(fixture.call.traces, &fixture.arena), "{\"event.create_invoice\":false}");
	fixture_close(&fixture);
}

TEST(settings_cannot_be_changed)
{
	CHECK_FAILS("pre", "ctx.settings.limit = 4", "read-only");
	CHECK_FAILS("pre", "ctx.settings.retry.max_attempts = 4", "read-only");
	CHECK_FAILS("pre", "table.insert(ctx.settings.names, 'c')", "read-only");
}

TEST(effects_are_queued_in_order_as_json)
{
	struct fixture fixture = { .accounts_loaded = 0 };
	CHECK_RUNS(&fixture, "post",
	           "ctx:send('mail', { to = order.account.email, amount = money '19.99 USD', on = ctx.today,\n"
	           "  list = { 1, 'two', true }, nested = { b = 1, a = decimal '2.50' }, empty = {} })\n"
	           "ctx:command('invoice.send', { invoice_id = 7 })\n"
	           "ctx:note('watched')");
	CHECK_EQ_INT(fixture.call.effect_count, 3);
	const struct rule_effect *effect = fixture.call.effects;
	CHECK_EQ_INT(effect->kind, EFFECT_SEND);
	CHECK_EQ_TEXT(effect->name, "mail");
	CHECK_EQ_TEXT(effect->body, "{\"amount\":\"19.99 USD\",\"empty\":{},\"list\":[1,\"two\",true],"
	                            "\"nested\":{\"a\":\"2.50\",\"b\":1},\"on\":\"2011-09-06\",\"to\":\"john@example.com\"}");
	effect = effect->next;
	CHECK_EQ_INT(effect->kind, EFFECT_COMMAND);
	CHECK_EQ_TEXT(effect->body, "{\"invoice_id\":7}");
	effect = effect->next;
	CHECK_EQ_INT(effect->kind, EFFECT_NOTE);
	CHECK(!text_present(effect->name));
	CHECK_EQ_TEXT(effect->body, "watched");
	CHECK(effect->next == NULL);
	fixture_close(&fixture);
}

TEST(a_failed_run_queues_nothing_and_leaves_what_was_there)
{
	struct fixture fixture;
	fixture_open(&fixture);
	fixture.bundle = source_load(&fixture, "rule 'a' { post = 'order.create', run = function (order, ctx) ctx:note('one') end }\n"
	                                       "rule 'b' { post = 'order.create', run = function (order, ctx) ctx:note('two') error('no') end }\n"
	                                       "rule 'c' { post = 'order.create', run = function (order, ctx) ctx:note('three') end }");
	CHECK(fixture.bundle != NULL);
	fixture.call = call_of(&fixture);
	CHECK_EQ_INT(rule_run(&fixture.call, rule_bundle_at(fixture.bundle, 1)), RULE_FAILED);
	CHECK(fixture.call.effects == NULL && fixture.call.effect_count == 0);
	CHECK_EQ_INT(rule_run(&fixture.call, rule_bundle_at(fixture.bundle, 0)), RULE_OK);
	CHECK_EQ_INT(rule_run(&fixture.call, rule_bundle_at(fixture.bundle, 1)), RULE_FAILED);
	CHECK_EQ_INT(rule_run(&fixture.call, rule_bundle_at(fixture.bundle, 2)), RULE_OK);
	CHECK_EQ_INT(fixture.call.effect_count, 2);
	CHECK_EQ_TEXT(fixture.call.effects->body, "one");
	CHECK_EQ_TEXT(fixture.call.effects->next->body, "three");
	CHECK(fixture.call.effects->next->next == NULL);
	fixture_close(&fixture);
}

TEST(an_event_without_a_subject_gives_its_details)
{
	struct fixture fixture;
	fixture_open(&fixture);
	fixture.details.reason = TEXT("tick");
	fixture.bundle = source_load(&fixture, "rule 'a' { post = 'clock.heartbeat', when = { reason = 'tick' }, run = function (it, ctx) ctx:note(it.reason) assert(it == ctx.event) end }");
	if (!fixture.bundle)
		CHECK_FAIL("%s", first_cause(&fixture));
	fixture.call = call_of(&fixture);
	fixture.call.record = NULL;
	fixture.call.subject = NULL;
	if (rule_run(&fixture.call, rule_bundle_at(fixture.bundle, 0)) != RULE_OK)
		CHECK_FAIL("%s", first_cause(&fixture));
	CHECK_EQ_TEXT(fixture.call.effects->body, "tick");
	fixture_close(&fixture);
}

TEST(a_record_is_sent_as_an_object)
{
	struct fixture fixture = { .accounts_loaded = 0 };
	CHECK_RUNS(&fixture, "post", "ctx:send('hook', { order = order, lines = order.lines })");
	CHECK_CONTAINS(fixture.call.effects->body.data, "\"plan\":\"gold\"");
	CHECK_CONTAINS(fixture.call.effects->body.data, "\"price_code\":\"SETUP\"");
	fixture_close(&fixture);
}

TEST(what_cannot_be_sent_is_refused_by_name)
{
	CHECK_FAILS("post", "ctx:send('mail', { f = function () end })", "ctx:send: function cannot be sent");
	CHECK_FAILS("post", "ctx:send('mail', { x = 0.5 })", "ctx:send: 0.5 is a float");
	CHECK_FAILS("post", "ctx:send('mail', { 1, 2, x = 3 })", "ctx:send: 1 is not the name of a member");
	CHECK_FAILS("post", "ctx:send('mail', { 1, 2 })", "ctx:send: needs a table with names, not a list");
	CHECK_FAILS("post", "local t = {} t.t = t ctx:send('mail', t)", "nested more than 16 deep");
	CHECK_FAILS("post", "ctx:send('no channel', {})", "is no name");
	CHECK_FAILS("post", "ctx:send('mail', 'text')", "ctx:send: needs a table, not text");
	CHECK_FAILS("post", "ctx:send('mail', { x = '\\xff' })", "not valid UTF-8");
	CHECK_FAILS("post", "ctx:send('mail', { x = { ('y'):rep(65000), ('y'):rep(65000), ('y'):rep(65000), ('y'):rep(65000), ('y'):rep(65000) } })",
	            "more than 262144 bytes");
	CHECK_FAILS("post", "for i = 1, 101 do ctx:note('x') end", "at most 100 effects");
}

static const char *const task_source = "rule 'NightlyTask' { task = true, run = function (ctx)\n"
                                       "  for order in ctx:each('order', { status = 'active' }) do\n"
                                       "    ctx:command('order.update', { id = order.id, plan = order.plan })\n"
                                       "  end\n"
                                       "end }";

static bool each_order(void *context, const struct record *record, const struct rule_when *filters, size_t filter_count,
                       int64_t after_id, size_t limit, struct record_list *rows)
{
	struct fixture *fixture = context;
	CHECK(record == &order_record);
	CHECK_EQ_INT(filter_count, 1);
	CHECK_EQ_C(filters[0].name, "status");
	CHECK_EQ_TEXT(filters[0].equals, "active");
	CHECK_EQ_INT(limit, 100);
	struct { struct order *items; size_t count, capacity; } orders = { NULL, 0, 0 };
	for (int64_t id = after_id + 1; id <= 42 && orders.count < 20; id++) {
		struct order *order = list_add(&fixture->arena, &orders, struct order);
		order->id = id;
		order->plan = TEXT("gold");
	}
	*rows = (struct record_list){ orders.items, orders.count, orders.capacity };
	return true;
}

TEST(a_task_reads_rows_and_queues_commands)
{
	struct fixture fixture = { .accounts_loaded = 0 };
	fixture_open(&fixture);
	fixture.host.each = each_order;
	CHECK_EQ_INT(source_run(&fixture, task_source), RULE_OK);
	CHECK_EQ_INT(fixture.call.effect_count, 20);
	CHECK_EQ_TEXT(fixture.call.effects->body, "{\"id\":1,\"plan\":\"gold\"}");
	CHECK_CONTAINS(rule_trace_reads(fixture.call.traces, &fixture.arena).data, "\"order#1.id\":1,\"order#1.plan\":\"gold\"");
	fixture_close(&fixture);
}

TEST(each_names_what_it_cannot_read)
{
	CHECK_FAILS("task", "ctx:each('order', {})", "rows cannot be read here");
	struct fixture fixture = { .accounts_loaded = 0 };
	fixture_open(&fixture);
	fixture.host.each = each_order;
	CHECK_EQ_INT(body_run(&fixture, "task", "ctx:each('ordr', {})"), RULE_FAILED);
	CHECK_CONTAINS(first_cause(&fixture), "there are no rows of 'ordr' (did you mean 'order'?)");
	fixture_close(&fixture);
	memset(&fixture, 0, sizeof fixture);
	fixture_open(&fixture);
	fixture.host.each = each_order;
	CHECK_EQ_INT(body_run(&fixture, "task", "ctx:each('order', { stat = 'active' })"), RULE_FAILED);
	CHECK_CONTAINS(first_cause(&fixture), "order has no field 'stat'");
	fixture_close(&fixture);
}

TEST(each_run_begins_anew)
{
	struct fixture fixture = { .accounts_loaded = 0 };
	const char *source = "local calls = 0\n"
	                     "rule 'count' { pre = 'order.create', run = function (order)\n"
	                     "  calls = calls + 1\n"
	                     "  order.external_key = tostring(calls)\n"
	                     "end }";
	CHECK_EQ_INT(source_run(&fixture, source), RULE_OK);
	fixture.call.traces = fixture.call.last_trace = NULL;
	CHECK_EQ_INT(rule_run(&fixture.call, rule_bundle_at(fixture.bundle, 0)), RULE_OK);
	CHECK_EQ_TEXT(fixture.order.external_key, "1");
	fixture_close(&fixture);
}

TEST(the_trace_names_rule_file_line_and_bundle)
{
	struct fixture fixture = { .accounts_loaded = 0 };
	CHECK_RUNS(&fixture, "post", "local e = order.account.email .. order.plan .. order.account.email");
	const struct rule_trace *trace = fixture.call.traces;
	CHECK_EQ_C(trace->rule, "test");
	CHECK_EQ_C(trace->file, "rules/test.lua");
	CHECK_EQ_INT(trace->line, 1);
	CHECK_EQ_INT(strlen(trace->bundle), 12);
	CHECK_EQ_INT(trace->moment, RULE_POST);
	CHECK_EQ_TEXT(rule_trace_reads(trace, &fixture.arena), "{\"subject.account\":366,\"subject.account.email\":\"john@example.com\",\"subject.plan\":\"gold\"}");
	CHECK(!text_present(rule_trace_writes(trace, &fixture.arena)));
	CHECK_EQ_INT(trace->outcome, TRACE_OK);
	CHECK(trace->fuel > 0 && trace->fuel < 2000);
	fixture_close(&fixture);
}

/* ---- when ---- */

static const struct rule *when_rule(struct fixture *fixture, const char *when)
{
	rule_bundle_release(fixture->bundle);
	fixture->bundle = source_load(fixture, text_format(&fixture->arena, "rule 'w' { pre = 'order.create', when = %s, run = function () end }",
	                                                  when).data);
	CHECK(fixture->bundle != NULL);
	return rule_bundle_at(fixture->bundle, 0);
}

TEST(when_compares_fields_by_their_text)
{
	struct fixture fixture;
	fixture_open(&fixture);
	static const struct {
		const char *when;
		bool holds;
	} rows[] = {
		{ "{ plan = 'gold' }", true },
		{ "{ plan = 'silver' }", false },
		{ "{ plan = 'gold', auto_renew = true }", true },
		{ "{ plan = 'gold', auto_renew = false }", false },
		{ "{ id = 381 }", true },
		{ "{ start_date = date '2011-09-20' }", true },
		{ "{ start_date = '2011-09-21' }", false },
		{ "{ currency = 'USD' }", true },
		{ "{ external_key = 'x' }", false },
		{ "{}", true },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		check_note("%s", rows[i].when);
		const struct rule *rule = when_rule(&fixture, rows[i].when);
		CHECK_EQ_INT(rule_when_holds(rule, &order_record, &fixture.order, &fixture.arena), rows[i].holds);
	}
	fixture_close(&fixture);
}

/* ---- policies ---- */

static struct proration_change change_of(void)
{
	struct proration_change change = { .currency = currency_find(TEXT("USD")), .reason = 1 };
	CHECK(exact_money_from_decimal(decimal_of("165"), change.currency, &change.price));
	change.plan = TEXT("gold");
	change.period_start = day_of("2011-09-01");
	change.period_end = day_of("2011-10-01");
	change.service_start = day_of("2011-09-20");
	change.service_end = day_of("2011-10-01");
	change.days_left = 11;
	change.days_in_period = 30;
	return change;
}

static bool proration_decide(struct fixture *fixture, const char *source, const struct text *choices, size_t count,
                             struct proration_change *change, struct rule_result *result)
{
	fixture_open(fixture);
	fixture->bundle = source ? source_load(fixture, source) : NULL;
	if (source && !fixture->bundle)
		CHECK_FAIL("did not load: %s", first_cause(fixture));
	fixture->call = call_of(fixture);
	fixture->call.record = &proration_change_record;
	fixture->call.subject = change;
	return rule_decide(&fixture->call, POLICY_PRORATION, choices, count, result);
}

TEST(the_first_policy_rule_whose_when_holds_decides)
{
	struct fixture fixture;
	struct rule_result result;
	struct proration_change change = change_of();
	const char *source = "rule 'silver' { policy = 'proration', when = { plan = 'silver' }, run = function () error('no') end }\n"
	                     "rule 'pass' { policy = 'proration', run = function () return nil end }\n"
	                     "rule 'half' { policy = 'proration', run = function (change) return change.price:portion(1, 2) end }\n"
	                     "rule 'late' { policy = 'proration', run = function () error('no') end }";
	CHECK(proration_decide(&fixture, source, NULL, 0, &change, &result));
	CHECK_EQ_TEXT(fraction_text(&fixture.arena, result.exact.amount), "165/2");
	CHECK_EQ_C(result.rule->name, "half");
	CHECK_EQ_C(result.trace->rule, "half");
	CHECK_EQ_TEXT(rule_trace_result(result.trace, &fixture.arena), "82.50 USD");
	CHECK_EQ_C(fixture.call.traces->rule, "pass");
	CHECK_EQ_TEXT(rule_trace_result(fixture.call.traces, &fixture.arena), "nil");
	fixture_close(&fixture);
}

TEST(a_choice_comes_before_the_bundles_order_and_may_be_shipped)
{
	struct fixture fixture;
	struct rule_result result;
	struct proration_change change = change_of();
	const char *source = "rule 'first' { policy = 'proration', run = function () error('no') end }\n"
	                     "rule 'chosen' { policy = 'proration', run = function (change) return change.price end }";
	struct text choices[] = { TEXT_NONE, TEXT("chosen") };
	CHECK(proration_decide(&fixture, source, choices, 2, &change, &result));
	CHECK_EQ_C(result.rule->name, "chosen");
	fixture_close(&fixture);
	struct text shipped[] = { TEXT("proration/none") };
	CHECK(proration_decide(&fixture, source, shipped, 1, &change, &result));
	CHECK_EQ_C(result.rule->file, "proration/none.lua");
	fixture_close(&fixture);
	struct text unknown[] = { TEXT("proration/nonne") };
	CHECK(!proration_decide(&fixture, source, unknown, 1, &change, &result));
	CHECK_EQ_INT(fixture.problems.first->code, PROBLEM_UNKNOWN_POLICY);
	fixture_close(&fixture);
}

TEST(without_rules_the_shipped_default_decides)
{
	struct fixture fixture;
	struct rule_result result;
	struct proration_change change = change_of();
	CHECK(proration_decide(&fixture, NULL, NULL, 0, &change, &result));
	CHECK_EQ_TEXT(fraction_text(&fixture.arena, result.exact.amount), "121/2");
	CHECK_EQ_C(result.rule->name, "proration/inclusive_days");
	fixture_close(&fixture);
}

static void proration_fails(const char *run, const char *part)
{
	struct fixture fixture;
	struct rule_result result;
	struct proration_change change = change_of();
	fixture_open(&fixture);
	struct text source = text_format(&fixture.arena, "rule 'p' { policy = 'proration', run = function (change, ctx)\n%s\nend }", run);
	struct fixture other;
	CHECK(!proration_decide(&other, source.data, NULL, 0, &change, &result));
	CHECK_EQ_INT(other.problems.first->code, PROBLEM_RULE_FAILED);
	CHECK_CONTAINS(first_cause(&other), part);
	fixture_close(&other);
	fixture_close(&fixture);
}

TEST(a_policy_that_answers_wrongly_fails)
{
	proration_fails("return 'much'", "rules/test.lua:1: the policy proration returns money or an exact amount, not 'much' (text)");
	proration_fails("return 5", "not 5 (integer)");
	proration_fails("return money '5 EUR'", "the result is in EUR, not in USD");
	proration_fails("return change.price, 1", "returns one value, not 2");
	proration_fails("return ctx:random(3)", "ctx:random cannot be used in a policy rule (only in: pre, post, task)");
	proration_fails("change.days_left = 3", "in a policy rule records are frozen; return the result");
}

static bool retry_decide(struct fixture *fixture, const char *source, struct retry_failure *failure, struct rule_result *result)
{
	fixture_open(fixture);
	fixture->bundle = source_load(fixture, source);
	if (!fixture->bundle)
		CHECK_FAIL("did not load: %s", first_cause(fixture));
	fixture->call = call_of(fixture);
	fixture->call.record = &retry_failure_record;
	fixture->call.subject = failure;
	return rule_decide(&fixture->call, POLICY_RETRY, NULL, 0, result);
}

TEST(a_policy_returns_a_record_as_a_table)
{
	struct fixture fixture;
	struct rule_result result;
	struct retry_failure failure = { .attempts = 2, .today = day_of("2011-09-06") };
	CHECK(retry_decide(&fixture, "rule 'r' { policy = 'retry', run = function (failure)\n"
	                             "return { retry_on = failure.today + 8, suspend_orders = failure.attempts > 1 } end }",
	                   &failure, &result));
	const struct retry_decision *decision = result.record;
	CHECK_EQ_TEXT(date_text(&fixture.arena, decision->retry_on), "2011-09-14");
	CHECK(decision->suspend_orders && !decision->give_up);
	CHECK_EQ_TEXT(rule_trace_result(result.trace, &fixture.arena), "{\"retry_on\":\"2011-09-14\",\"suspend_orders\":true}");
	fixture_close(&fixture);
	CHECK(!retry_decide(&fixture, "rule 'r' { policy = 'retry', run = function () return { retry_no = 1 } end }", &failure, &result));
	CHECK_CONTAINS(first_cause(&fixture), "retry_decision has no field 'retry_no' (did you mean 'retry_on'?)");
	fixture_close(&fixture);
	CHECK(!retry_decide(&fixture, "rule 'r' { policy = 'retry', run = function () return { give_up = 1 } end }", &failure, &result));
	CHECK_CONTAINS(first_cause(&fixture), "retry_decision.give_up needs true or false, not 1 (integer)");
	fixture_close(&fixture);
}

TEST(running_out_of_memory_in_a_call_is_a_problem)
{
	const char *body = "ctx:command('order.update', order:copy()) order.custom = { a = order.account.email }";
	for (long nth = 1; nth < 40; nth++) {
		struct fixture fixture = { .accounts_loaded = 0 };
		CHECK_RUNS(&fixture, "pre", body);
		check_note("allocation %ld", nth);
		problems_init(&fixture.problems, &fixture.arena);
		fixture.call = call_of(&fixture);
		fixture.call.subject_writable = order_writable;
		fixture.call.memory_limit_bytes = 1024 * 1024; /* another size: a new block */
		memory_fail_after(nth, false);
		enum rule_outcome outcome = rule_run(&fixture.call, rule_bundle_at(fixture.bundle, 0));
		memory_fail_after(0, false);
		CHECK(outcome == RULE_OK || fixture.problems.count > 0);
		fixture_close(&fixture);
	}
}

CHECK_MAIN
