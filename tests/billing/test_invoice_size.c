/* test_invoice_size.c: accounts with more to bill than one invoice takes: of many subscriptions, of many days, of both. */
#include "shop.h"

#include "base/arena.h"
#include "billing/invoice_run.h"

#define PHASE(amount, period) \
	"{'kind':'evergreen','duration_unit':'unlimited','billing_period':'" period "'," \
	"'recurring':[{'currency':'USD','amount':'" amount "'}]}"
#define PLAN(code, amount, period) "{'code':'" code "','product':'car','phases':[" PHASE(amount, period) "]}"
#define CATALOG \
	"{'versions':[{'effective_at':'2000-01-01T00:00:00Z','name':'v','products':[{'name':'car','category':'standalone'}]," \
	"'plans':[" PLAN("day", "1", "daily") "," PLAN("month", "10", "monthly") "]}]}"

enum { BUNDLE = 100 };

/* An account with id 1 on 2 January 2012, bill cycle day 1. */
static void size_open(struct desk *desk, const char *settings)
{
	shop_open_empty(desk, settings, false);
	desk_deploy_catalog(desk, CATALOG);
	shop_advance(desk, "2012-01-02T00:00:00Z");
	desk_do(desk, "account.create", "{'name':'Ann','bill_cycle_day':1}");
}

static void subscribe_many(struct desk *desk, int count, const char *plan)
{
	for (; count > 0; count -= BUNDLE) {
		struct text_builder out;
		builder_init(&out, &desk->arena, 0);
		for (int i = 0; i < count && i < BUNDLE; i++)
			builder_format(&out, "%s{'plan':'%s','billing_alignment':'account'}", i ? "," : "", plan);
		desk_do(desk, "subscription_bundle.create",
		        text_format(&desk->arena, "{'account_id':1,'subscriptions':[%.*s]}", TEXT_ARG(builder_text(&out))).data);
	}
}

static void jump(struct desk *desk, const char *to)
{
	struct clock_target target = { .jump = true };
	CHECK(instant_parse(text_of(to), &target.until));
	CHECK(engine_advance_clock_to(desk->engine, desk->tenant_id, &target, &desk->problems));
	CHECK(engine_drain(desk->engine, desk->tenant_id, &desk->problems));
}

/* What the account's invoices of a day come to. */
struct billed {
	struct date day;        /* none: of all days */
	size_t invoices, lines; /* in all */
	size_t most;            /* lines of one */
	int64_t total;
};

static bool add_page(struct command *command, struct billed *billed, struct object_filter *filter)
{
	struct invoice_list invoices = { 0 };
	CHECK(invoice_page(command, filter, &invoices));
	for (size_t i = 0; i < invoices.count; i++) {
		struct invoice *invoice = &invoices.items[i];
		if (date_present(billed->day) && date_compare(billed->day, invoice->invoice_date) != 0)
			continue;
		CHECK(invoice_load_lines(command, invoice));
		billed->invoices++;
		billed->lines += invoice->lines.count;
		billed->most = invoice->lines.count > billed->most ? invoice->lines.count : billed->most;
		billed->total += invoice->total.minor;
	}
	if (invoices.count > 0)
		filter->before_id = invoices.items[invoices.count - 1].id;
	return invoices.count > 0;
}

static bool read_billed(struct command *command, void *context)
{
	struct billed *billed = context;
	struct object_filter filter = { .account_id = 1, .max = OBJECT_PAGE_MAX };
	while (add_page(command, billed, &filter))
		;
	return true;
}

static struct billed billed_on(struct desk *desk, const char *day)
{
	struct billed billed = { .day = DATE_NONE };
	if (day)
		CHECK(date_parse(text_of(day), &billed.day));
	desk_read(desk, read_billed, &billed);
	struct text failed = SHOP_SHOW(desk, &job_record, "last_error");
	CHECK(strpbrk(text_c(&desk->arena, failed), "abcdefghijklmnopqrstuvwxyz") == NULL);
	return billed;
}

TEST(more_subscriptions_than_an_invoice_takes_are_billed_on_several_of_one_day)
{
	const int count = 2 * INVOICE_RUN_LINES_MAX + 300;
	struct desk desk;
	size_open(&desk, "'tax':{'percent':'20'}");
	desk_do(&desk, "account.update", "{'id':1,'invoicing':'off'}");
	subscribe_many(&desk, count, "month");
	desk_do(&desk, "account.update", "{'id':1,'invoicing':'on'}");
	CHECK(engine_drain(desk.engine, desk.tenant_id, &desk.problems));
	CHECK_EQ_INT(billed_on(&desk, NULL).lines, 2 * count);
	shop_advance(&desk, "2012-02-01T00:00:00Z");
	struct billed february = billed_on(&desk, "2012-02-01");
	CHECK_EQ_INT(february.invoices, 3);
	CHECK_EQ_INT(february.lines, 2 * count);
	CHECK_EQ_INT(february.most, 2 * INVOICE_RUN_LINES_MAX);
	CHECK_EQ_INT(february.total, 1200 * count);
	desk_close(&desk);
}

TEST(years_of_daily_charges_are_billed_after_an_outage_as_day_by_day)
{
	struct desk desk;
	size_open(&desk, "");
	subscribe_many(&desk, 3, "day");
	jump(&desk, "2018-01-02T00:00:00Z"); /* 2192 days and the one that begins */
	struct billed years = billed_on(&desk, "2018-01-02");
	CHECK_EQ_INT(years.lines, 3 * 2192);
	CHECK_EQ_INT(years.total, 3 * 2192 * 100);
	CHECK(years.most < 2 * INVOICE_RUN_LINES_MAX);
	shop_advance(&desk, "2018-01-04T00:00:00Z");
	CHECK_EQ_INT(billed_on(&desk, NULL).total, 3 * 2195 * 100);
	desk_close(&desk);
}

TEST(a_subscription_that_begins_years_ago_is_billed_on_several_invoices_and_goes_on)
{
	struct desk desk;
	size_open(&desk, "");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'day','start_date':'2006-01-02'}");
	CHECK(engine_drain(desk.engine, desk.tenant_id, &desk.problems));
	CHECK_EQ_INT(billed_on(&desk, NULL).total, 2192 * 100);
	CHECK_EQ_INT(billed_on(&desk, NULL).invoices, 3);
	shop_advance(&desk, "2012-01-04T00:00:00Z");
	CHECK_EQ_INT(billed_on(&desk, NULL).total, 2194 * 100);
	desk_close(&desk);
}

TEST(drafts_of_many_subscriptions_are_made_once_each)
{
	const int count = INVOICE_RUN_LINES_MAX + 200;
	struct desk desk;
	size_open(&desk, "");
	desk_do(&desk, "account.update", "{'id':1,'invoicing':'off'}");
	subscribe_many(&desk, count, "month");
	desk_do(&desk, "account.update", "{'id':1,'invoicing':'reuse_draft'}");
	CHECK(engine_drain(desk.engine, desk.tenant_id, &desk.problems));
	shop_advance(&desk, "2012-03-15T00:00:00Z");
	struct billed drafts = billed_on(&desk, NULL);
	CHECK_EQ_INT(drafts.lines, 3 * count);
	CHECK_EQ_INT(drafts.total, (968 + 1000 + 1000) * count); /* 30 of 31 days, and two months */
	desk_close(&desk);
}

/* Moves the clock to the first of a month while memory fails once, at the nth allocation from now. */
static bool fails_for_memory(struct desk *desk, int month, long nth)
{
	struct instant until;
	CHECK(instant_parse(text_format(&desk->arena, "2012-%02d-01T00:00:00Z", month), &until));
	problems_init(&desk->problems, &desk->arena);
	memory_fail_after(nth, false);
	engine_advance_clock(desk->engine, desk->tenant_id, until, &desk->problems);
	memory_fail_after(0, false);
	return strstr(SHOP_SHOW(desk, &job_record, "last_error").data, "memory") != NULL;
}

TEST(a_run_that_memory_was_too_short_for_takes_a_quarter_when_it_is_repeated)
{
	const int count = INVOICE_RUN_LINES_MAX;
	struct desk desk;
	int month = 3;
	size_open(&desk, "");
	desk_do(&desk, "account.update", "{'id':1,'invoicing':'off'}");
	subscribe_many(&desk, count, "month");
	desk_do(&desk, "account.update", "{'id':1,'invoicing':'on'}");
	CHECK(engine_drain(desk.engine, desk.tenant_id, &desk.problems));
	long before = memory_allocations();
	shop_advance(&desk, "2012-02-01T00:00:00Z");
	CHECK_EQ_INT(billed_on(&desk, "2012-02-01").invoices, 1);
	long run = memory_allocations() - before;
	while (month < 12 && !fails_for_memory(&desk, month, run * month / 12)) /* where it fails is not the run's each time */
		month++;
	CHECK(month < 12);
	const char *day = text_format(&desk.arena, "2012-%02d-01", month).data;
	shop_advance(&desk, text_format(&desk.arena, "%sT00:10:00Z", day).data);
	struct billed billed = billed_on(&desk, day);
	CHECK_EQ_INT(billed.invoices, 2); /* the quarter, and what follows at once */
	CHECK_EQ_INT(billed.lines, count);
	CHECK_EQ_INT(billed.most, count - INVOICE_RUN_LINES_MAX / 4);
	desk_close(&desk);
}

CHECK_MAIN
