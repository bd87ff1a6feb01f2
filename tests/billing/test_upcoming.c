/* test_upcoming.c: what is told of the next invoice, once for each, whatever the clock does; heartbeats of live tenants. */
#include "shop.h"

#include "event/job.h"
#include "value/json.h"

struct told {
	struct journal *items;
	size_t count, capacity;
};

struct asked {
	const char *event;
	struct told told;
};

static bool told_body(struct command *command, void *context)
{
	struct asked *asked = context;
	return store_all(command->store, STATEMENT_JOURNAL_PAGE,
	                 BINDS(bind_integer(0), bind_c(asked->event), bind_null(), bind_integer(500)), &journal_record, LIST(&asked->told));
}

static struct told told_of(struct desk *desk, const char *event)
{
	struct asked asked = { .event = event };
	desk_read(desk, told_body, &asked);
	return asked.told;
}

static struct text member(struct desk *desk, const struct journal *row, const char *name)
{
	return json_text(json_member(json_parse(row->payload, &desk->arena, &desk->problems), name));
}

/* "2011-09-24 of 2011-10-01 165.00 USD; ...": the day it was told, the bill date, the amount. */
static struct text upcoming(struct desk *desk)
{
	struct told told = told_of(desk, "invoice.upcoming");
	struct text_builder out;
	builder_init(&out, &desk->arena, 0);
	for (size_t i = 0; i < told.count; i++) {
		const struct journal *row = &told.items[i];
		struct text day = text_slice(instant_text(&desk->arena, row->occurred_at), 0, 10);
		builder_format(&out, "%s%.*s of %.*s %.*s %.*s", i ? "; " : "", TEXT_ARG(day), TEXT_ARG(member(desk, row, "effective_date")),
		               TEXT_ARG(member(desk, row, "amount")), TEXT_ARG(member(desk, row, "currency")));
	}
	return builder_text(&out);
}

static void jump(struct desk *desk, const char *to)
{
	struct clock_target target = { .jump = true };
	CHECK(instant_parse(text_of(to), &target.until));
	CHECK(engine_advance_clock_to(desk->engine, desk->tenant_id, &target, &desk->problems));
	CHECK(engine_drain(desk->engine, desk->tenant_id, &desk->problems));
}

static void shop_with_order(struct desk *desk, const char *settings)
{
	shop_open_with(desk, settings);
	shop_order(desk, "'create_invoice':true");
}

TEST(an_invoice_is_told_of_some_days_before_with_what_it_will_be)
{
	struct desk desk;
	shop_with_order(&desk, "'billing':{'upcoming_days':7}");
	shop_advance(&desk, "2011-09-23T23:00:00Z");
	CHECK_EQ_TEXT(upcoming(&desk), "");
	shop_advance(&desk, "2011-09-24T00:00:00Z");
	CHECK_EQ_TEXT(upcoming(&desk), "2011-09-24 of 2011-10-01 165.00 USD");
	shop_advance(&desk, "2011-10-01T06:00:00Z");
	struct told told = told_of(&desk, "invoice.create");
	CHECK_EQ_INT(told.count, 2);
	const struct json *invoice = json_member(json_parse(told.items[1].payload, &desk.arena, &desk.problems), "invoice");
	CHECK_EQ_TEXT(json_text(json_member(invoice, "total")), "165.00");
	shop_advance(&desk, "2011-12-01T06:00:00Z");
	CHECK_EQ_TEXT(upcoming(&desk), "2011-09-24 of 2011-10-01 165.00 USD; 2011-10-25 of 2011-11-01 165.00 USD; "
	                               "2011-11-24 of 2011-12-01 165.00 USD");
	desk_close(&desk);
}

TEST(the_trial_leaves_no_number_no_row_and_no_id_behind)
{
	struct desk desk;
	shop_with_order(&desk, "'billing':{'upcoming_days':7}");
	shop_advance(&desk, "2011-09-24T00:00:00Z");
	struct told told = told_of(&desk, "invoice.upcoming");
	CHECK_EQ_INT(told.items[0].object_id, 0);
	const struct json *invoice = json_member(json_parse(told.items[0].payload, &desk.arena, &desk.problems), "invoice");
	CHECK(invoice && !json_member(invoice, "number") && json_member(json_item(json_member(invoice, "lines"), 0), "amount"));
	CHECK_EQ_INT(told_of(&desk, "invoice.create").count, 1);
	shop_advance(&desk, "2011-10-01T06:00:00Z");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 open 60.50 60.50; 1020 open 165.00 165.00");
	desk_close(&desk);
}

TEST(what_an_outage_passed_over_is_told_of_once_before_it_is_billed)
{
	struct desk desk;
	shop_with_order(&desk, "'billing':{'upcoming_days':7}");
	jump(&desk, "2011-10-05T00:00:00Z");
	CHECK_EQ_TEXT(upcoming(&desk), "2011-10-05 of 2011-10-01 165.00 USD");
	struct told billed = told_of(&desk, "invoice.create"), told = told_of(&desk, "invoice.upcoming");
	CHECK_EQ_INT(billed.count, 2);
	CHECK(told.items[0].serial < billed.items[1].serial);
	jump(&desk, "2011-10-26T00:00:00Z");
	CHECK_EQ_TEXT(upcoming(&desk), "2011-10-05 of 2011-10-01 165.00 USD; 2011-10-26 of 2011-11-01 165.00 USD");
	desk_close(&desk);
}

TEST(changes_of_an_account_tell_nothing_twice)
{
	struct desk desk;
	shop_with_order(&desk, "'billing':{'upcoming_days':7}");
	shop_advance(&desk, "2011-09-25T00:00:00Z");
	shop_order(&desk, "'create_invoice':true");
	desk_do(&desk, "account.update", "{'id':1,'notes':'x'}");
	shop_advance(&desk, "2011-09-30T00:00:00Z");
	CHECK_EQ_TEXT(upcoming(&desk), "2011-09-24 of 2011-10-01 165.00 USD");
	desk_close(&desk);
}

TEST(more_days_than_a_period_tell_of_each_invoice_as_soon_as_it_is_the_next)
{
	struct desk desk;
	shop_with_order(&desk, "'billing':{'upcoming_days':60}");
	shop_advance(&desk, "2011-11-02T00:00:00Z");
	CHECK_EQ_TEXT(upcoming(&desk), "2011-09-06 of 2011-10-01 165.00 USD; 2011-10-01 of 2011-11-01 165.00 USD; "
	                               "2011-11-01 of 2011-12-01 165.00 USD");
	desk_close(&desk);
}

#define AHEAD_CATALOG \
	"{'versions':[{'effective_at':'2000-01-01T00:00:00Z','name':'v','products':[{'name':'car','category':'standalone'}]," \
	"'plans':[{'code':'gold','product':'car','phases':[{'kind':'evergreen','duration_unit':'unlimited','billing_period':'monthly'," \
	"'recurring':[{'currency':'USD','amount':'10'}]}]}]}]}"

TEST(what_begins_or_changes_ahead_is_told_of_before_it_is_invoiced_and_each_day_once)
{
	struct desk desk;
	shop_open_empty(&desk, "'billing':{'upcoming_days':5}", false);
	desk_deploy_catalog(&desk, AHEAD_CATALOG);
	desk_do(&desk, "account.create", "{'name':'Ann','bill_cycle_day':1}");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'gold','start_date':'2011-10-01'}");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'gold','start_date':'2011-10-03'}");
	shop_advance(&desk, "2011-09-27T00:00:00Z");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'gold','start_date':'2011-09-30'}");
	shop_advance(&desk, "2011-10-20T00:00:00Z");
	desk_do(&desk, "subscription.change_quantity", "{'id':1,'quantity':2,'effective_date':'2011-10-26'}");
	shop_advance(&desk, "2011-10-27T00:00:00Z");
	CHECK_EQ_TEXT(upcoming(&desk), "2011-09-26 of 2011-10-01 10.00 USD; 2011-09-27 of 2011-09-30 0.33 USD; "
	                               "2011-09-28 of 2011-10-03 9.35 USD; 2011-10-21 of 2011-10-26 1.93 USD; "
	                               "2011-10-27 of 2011-11-01 40.00 USD");
	desk_close(&desk);
}

TEST(without_the_setting_nothing_is_told_and_with_it_accounts_that_are_there_are_planned)
{
	struct desk desk;
	shop_with_order(&desk, "");
	shop_advance(&desk, "2011-10-02T00:00:00Z");
	CHECK_EQ_TEXT(upcoming(&desk), "");
	desk_do(&desk, "tenant.configure", "{'settings':{'billing':{'upcoming_days':3}}}");
	shop_advance(&desk, "2011-10-29T12:00:00Z");
	CHECK_EQ_TEXT(upcoming(&desk), "2011-10-29 of 2011-11-01 165.00 USD");
	desk_do(&desk, "tenant.configure", "{'settings':{'billing':{'upcoming_days':0}}}");
	shop_advance(&desk, "2011-12-02T00:00:00Z");
	CHECK_EQ_TEXT(upcoming(&desk), "2011-10-29 of 2011-11-01 165.00 USD");
	CHECK_EQ_INT(desk_refused(&desk, "tenant.configure", "{'settings':{'billing':{'upcoming_days':366}}}")->code, PROBLEM_OUT_OF_RANGE);
	desk_close(&desk);
}

TEST(an_invoice_that_a_rule_would_reject_is_not_told_of)
{
	struct desk desk;
	shop_with_order(&desk, "'billing':{'upcoming_days':7}");
	shop_deploy(&desk, "rule 'none' { pre = 'invoice.create', run = function (invoice, ctx) ctx:reject('none', 'Not this one.') end }\n");
	shop_advance(&desk, "2011-09-25T00:00:00Z");
	CHECK_EQ_TEXT(upcoming(&desk), "");
	desk_close(&desk);
}

/* ---- heartbeats ---- */

static bool jobs_body(struct command *command, void *context)
{
	return store_all(command->store, STATEMENT_JOB_PAGE, BINDS(bind_integer(0), bind_null(), bind_null(), bind_integer(500)), &job_record,
	                 context);
}

/* How many jobs of this kind there are. */
static int jobs_of(struct desk *desk, const char *kind)
{
	struct { struct job *items; size_t count, capacity; } jobs = { 0 };
	int count = 0;
	desk_read(desk, jobs_body, &jobs);
	for (size_t i = 0; i < jobs.count; i++)
		count += text_is(jobs.items[i].kind, kind);
	return count;
}

TEST(a_live_tenants_heartbeat_is_planned_by_a_setting)
{
	struct desk desk;
	shop_open(&desk);
	desk_do(&desk, "tenant.configure", "{'settings':{'tasks':{'heartbeat_minutes':5}}}");
	CHECK(engine_drain(desk.engine, desk.tenant_id, &desk.problems));
	CHECK_EQ_INT(jobs_of(&desk, "clock.heartbeat"), 0); /* a test tenant's clock beats when it moves */
	desk.tenant_id = 0;
	desk.tenant_id = ((const struct tenant_created *)desk_do(&desk, "tenant.create", "{'name':'live'}"))->id;
	CHECK_EQ_INT(jobs_of(&desk, "clock.heartbeat"), 0);
	desk_do(&desk, "tenant.configure", "{'settings':{'tasks':{'heartbeat_minutes':5}}}");
	CHECK(engine_drain(desk.engine, desk.tenant_id, &desk.problems));
	CHECK_EQ_INT(jobs_of(&desk, "clock.heartbeat"), 1);
	desk_do(&desk, "tenant.configure", "{'settings':{'tasks':{'heartbeat_minutes':1}}}");
	CHECK(engine_drain(desk.engine, desk.tenant_id, &desk.problems));
	CHECK_EQ_INT(jobs_of(&desk, "clock.heartbeat"), 1);
	desk_do(&desk, "tenant.configure", "{'settings':{'tasks':{'heartbeat_minutes':null}}}");
	CHECK(engine_drain(desk.engine, desk.tenant_id, &desk.problems));
	CHECK_EQ_INT(jobs_of(&desk, "clock.heartbeat"), 0);
	desk_close(&desk);
}

TEST(a_heartbeat_that_a_tenant_is_made_with_is_planned_at_once)
{
	struct desk desk;
	shop_open(&desk);
	desk.tenant_id = 0;
	const struct tenant_created *tenant =
	        desk_do(&desk, "tenant.create", "{'name':'live','settings':{'tasks':{'heartbeat_minutes':5}}}");
	desk.tenant_id = tenant->id;
	CHECK_EQ_INT(jobs_of(&desk, "tenant.settings"), 1);
	CHECK(engine_drain(desk.engine, desk.tenant_id, &desk.problems));
	CHECK_EQ_INT(jobs_of(&desk, "clock.heartbeat"), 1);
	desk_close(&desk);
}

CHECK_MAIN
