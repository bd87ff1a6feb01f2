/* test_billing_trial.c: amounts that do not fit hold up nothing but themselves, whatever they come from. */
#include "shop.h"

#include "billing/account.h"
#include "billing/bundle_archive.h"
#include "event/engine.h"
#include "store/statement.h"

#define DIRECT(code, amount) \
	"{'code':'" code "','product':'car','phases':[{'kind':'evergreen','duration_unit':'unlimited','billing_period':'monthly'," \
	"'recurring':[{'currency':'USD','amount':'" amount "'}]}]}"
#define VERSIONS \
	"'versions':[{'effective_at':'2000-01-01T00:00:00Z','name':'v','products':[{'name':'car','category':'standalone'}]," \
	"'plans':[" DIRECT("gold", "10") "," DIRECT("dear", "9999999999999.99") "," DIRECT("fine", "0.000000000001") "]}]"
#define CHARGE(code, kind, rest) "{'price_code':'" code "','kind':'" kind "'," rest "}"

/* Deploys plans of orders beside those of subscriptions, and rules. */
static void deploy(struct desk *desk, const char *plans, const char *rules)
{
	struct bundle_file files[] = {
		{ TEXT("bundle.json"), TEXT("{\"name\":\"trial\"}") },
		{ TEXT("catalog/all.json"), desk_json(desk, text_format(&desk->arena, "{'plans':[%s]," VERSIONS "}", plans).data) },
		{ TEXT("rules/all.lua"), text_of(rules) },
	};
	struct text archive = bundle_archive_text(&desk->arena, files, 3);
	void *output;
	if (!desk_try_text(desk, "bundle.deploy", text_format(&desk->arena, "{\"archive\":%.*s}", TEXT_ARG(archive)), &output)) {
		desk_show(desk);
		CHECK_FAIL("the bundle was refused");
	}
}

/* A plan with a tax; `amount` and `percent` of it. */
static const char *plan_text(struct desk *desk, const char *amount, const char *percent)
{
	return text_format(&desk->arena,
	                   "{'code':'A','charges':[" CHARGE("M", "recurring", "'amount':'%s','prorated':true") ","
	                   CHARGE("TAX", "percent", "'percent':'%s','mandatory':true,'tax':true") "]},"
	                   "{'code':'B','charges':[" CHARGE("N", "recurring", "'amount':'7'") "]}", amount, percent).data;
}

/* An account with id 1 on 1 January 2012, bill cycle day 1. */
static void trial_open(struct desk *desk, const char *amount, const char *percent)
{
	shop_open_empty(desk, "", false);
	deploy(desk, plan_text(desk, amount, percent), "");
	shop_advance(desk, "2012-01-01T00:00:00Z");
	desk_do(desk, "account.create", "{'name':'Ann','bill_cycle_day':1}");
}

static void order(struct desk *desk, const char *plan, const char *code, const char *quantity)
{
	desk_do(desk, "order.place",
	        text_format(&desk->arena, "{'account_id':1,'plan':'%s','status':'active','start_date':'2012-01-01','lines':["
	                                  "{'price_code':'%s','quantity':'%s'}]}", plan, code, quantity).data);
}

static void subscribe(struct desk *desk, const char *plan)
{
	desk_do(desk, "subscription.subscribe",
	        text_format(&desk->arena, "{'account_id':1,'plan':'%s','billing_alignment':'account'}", plan).data);
}

struct reading {
	struct desk *desk;
	struct text text;
};

/* "plan amount" of each line, by invoice. */
static bool read_lines(struct command *command, void *context)
{
	struct reading *reading = context;
	struct text_builder out;
	struct invoice_list page = { 0 };
	struct object_filter filter = { .account_id = 1, .max = 100 };
	CHECK(invoice_page(command, &filter, &page));
	builder_init(&out, &reading->desk->arena, 0);
	for (size_t i = page.count; i-- > 0;) {
		CHECK(invoice_load_lines(command, &page.items[i]));
		for (size_t k = 0; k < page.items[i].lines.count; k++) {
			const struct invoice_line *line = &page.items[i].lines.items[k];
			struct text amount = money_amount_text(command->arena, line->amount);
			builder_format(&out, "%s%.*s %.*s", out.length ? k ? ", " : "; " : "", TEXT_ARG(line->plan), TEXT_ARG(amount));
		}
	}
	reading->text = builder_text(&out);
	return true;
}

static struct text lines_of(struct desk *desk)
{
	struct reading reading = { desk, TEXT_NONE };
	desk_read(desk, read_lines, &reading);
	return reading.text;
}

static bool each_audit(struct command *command, void (*tell)(void *context, const struct audit *row), void *context)
{
	for (int64_t before = 0;;) {
		struct { struct audit *items; size_t count, capacity; } rows = { 0 };
		CHECK(store_all(command->store, STATEMENT_AUDIT_PAGE,
		                BINDS(bind_integer(before), bind_null(), bind_null(), bind_integer(100)), &audit_record, LIST(&rows)));
		for (size_t i = 0; i < rows.count; i++)
			tell(context, &rows.items[i]);
		if (rows.count == 0)
			return true;
		before = rows.items[rows.count - 1].id;
	}
}

/* Commands whose audit row says that something was left out, and what the last one says. */
static void tell_audit(void *context, const struct audit *row)
{
	struct reading *reading = context;
	if (text_present(row->code))
		reading->text = text_format(&reading->desk->arena, "%.*s %.*s: %.*s", TEXT_ARG(row->command), TEXT_ARG(row->code),
		                            TEXT_ARG(row->message));
}

static bool read_audit(struct command *command, void *context)
{
	return each_audit(command, tell_audit, context);
}

static struct text told(struct desk *desk)
{
	struct reading reading = { desk, TEXT("") };
	desk_read(desk, read_audit, &reading);
	return reading.text;
}

/* ---- orders ---- */

TEST(a_price_of_an_order_that_became_too_large_waits_and_the_rest_of_the_account_is_billed)
{
	struct desk desk;
	trial_open(&desk, "100", "10");
	order(&desk, "A", "M", "1000");
	order(&desk, "B", "N", "1");
	subscribe(&desk, "gold");
	shop_advance(&desk, "2012-02-01T00:00:00Z");
	CHECK_EQ_TEXT(lines_of(&desk), "gold 10.00; A 100000.00, A 100000.00, B 7.00, B 7.00, A 20000.00, gold 10.00");
	deploy(&desk, plan_text(&desk, "99999999999999", "10"), "");
	shop_advance(&desk, "2012-04-01T00:00:00Z");
	CHECK(strstr(lines_of(&desk).data, "; B 7.00, gold 10.00; B 7.00, gold 10.00") != NULL);
	CHECK_EQ_TEXT(told(&desk), "account.bill overflow: subscription 1 cannot be billed and is left out: an amount of plan A is too large, "
	                           "or too fine, to be exact");
	deploy(&desk, plan_text(&desk, "200", "10"), "");
	shop_advance(&desk, "2012-05-01T00:00:00Z");
	CHECK(strstr(lines_of(&desk).data, "; A 200000.00, A 200000.00, A 200000.00, B 7.00, A 60000.00, gold 10.00") != NULL);
	desk_close(&desk);
}

TEST(a_percentage_that_became_too_large_leaves_its_order_unbilled_and_nothing_else)
{
	struct desk desk;
	trial_open(&desk, "100000000", "10");
	order(&desk, "A", "M", "1000");
	order(&desk, "B", "N", "1");
	deploy(&desk, plan_text(&desk, "100000000", "100000000"), "");
	shop_advance(&desk, "2012-02-01T00:00:00Z");
	CHECK_EQ_TEXT(lines_of(&desk), "B 7.00, B 7.00");
	deploy(&desk, plan_text(&desk, "1", "50"), "");
	shop_advance(&desk, "2012-03-01T00:00:00Z");
	CHECK_EQ_TEXT(lines_of(&desk), "B 7.00, B 7.00; A 1000.00, A 1000.00, A 1000.00, B 7.00, A 1500.00");
	desk_close(&desk);
}

/* ---- subscriptions ---- */

TEST(a_tax_that_became_too_large_leaves_what_it_lies_on_unbilled_until_it_is_mended)
{
	struct desk desk;
	trial_open(&desk, "1", "10");
	subscribe(&desk, "gold");
	subscribe(&desk, "dear");
	desk_do(&desk, "tenant.configure", "{'settings':{'tax':{'percent':'1000'}}}");
	shop_advance(&desk, "2012-02-03T00:00:00Z");
	CHECK_EQ_TEXT(lines_of(&desk), "gold 10.00; dear 9999999999999.99; gold 10.00, gold 100.00");
	CHECK_EQ_TEXT(told(&desk), "account.bill overflow: subscription 2 cannot be billed and is left out: a tax of account 1 is too large, "
	                           "or too fine, to be exact");
	desk_do(&desk, "subscription.cancel", "{'id':1,'entitlement_policy':'immediate','billing_policy':'end_of_term'}");
	desk_do(&desk, "tenant.configure", "{'settings':{'tax':{'percent':'10'}}}");
	shop_advance(&desk, "2012-02-04T00:00:00Z");
	CHECK(strstr(lines_of(&desk).data, "; dear 9999999999999.99, dear 1000000000000.00") != NULL);
	desk_close(&desk);
}

TEST(what_cannot_be_billed_from_its_beginning_is_refused)
{
	struct desk desk;
	trial_open(&desk, "1", "10");
	subscribe(&desk, "gold");
	desk_do(&desk, "tenant.configure", "{'settings':{'tax':{'percent':'1000'}}}");
	CHECK_EQ_INT(desk_refused(&desk, "subscription.subscribe", "{'account_id':1,'plan':'dear'}")->code, PROBLEM_OVERFLOW);
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &subscription_record, "plan"), "gold");
	desk_close(&desk);
}

struct audit_count {
	const char *command;
	size_t rows;
};

static void count_audit(void *context, const struct audit *row)
{
	struct audit_count *count = context;
	count->rows += text_is(row->command, count->command);
}

static bool read_times(struct command *command, void *context)
{
	return each_audit(command, count_audit, context);
}

/* How often a command was performed. */
static size_t times(struct desk *desk, const char *command)
{
	struct audit_count count = { command, 0 };
	desk_read(desk, read_times, &count);
	return count.rows;
}

static bool count_dead_jobs(struct command *command, void *context)
{
	struct { struct job *items; size_t count, capacity; } rows = { 0 };
	CHECK(store_all(command->store, STATEMENT_JOB_PAGE,
	                BINDS(bind_integer(0), bind_c("dead"), bind_null(), bind_integer(100)), &job_record, LIST(&rows)));
	*(size_t *)context = rows.count;
	return true;
}

static size_t dead_jobs(struct desk *desk)
{
	size_t count = 0;
	desk_read(desk, count_dead_jobs, &count);
	return count;
}

static void subscribe_later(struct desk *desk, const char *plan, const char *day)
{
	desk_do(desk, "subscription.subscribe",
	        text_format(&desk->arena, "{'account_id':1,'plan':'%s','billing_alignment':'account','start_date':'%s'}", plan, day).data);
}

TEST(what_cannot_be_billed_when_its_day_comes_holds_up_no_other_subscription_old_or_new)
{
	struct desk desk;
	trial_open(&desk, "1", "10");
	subscribe_later(&desk, "dear", "2012-01-10");
	subscribe_later(&desk, "gold", "2012-01-10");
	subscribe_later(&desk, "dear", "2012-01-10");
	desk_do(&desk, "tenant.configure", "{'settings':{'tax':{'percent':'1000'}}}");
	shop_advance(&desk, "2012-01-12T00:00:00Z");
	CHECK_EQ_INT(dead_jobs(&desk), 0);
	CHECK_EQ_TEXT(lines_of(&desk), "gold 7.10, gold 71.00");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &subscription_record, "plan", "status"), "dear active; gold active; dear active");
	subscribe(&desk, "gold");
	CHECK_EQ_INT(desk_refused(&desk, "subscription.subscribe", "{'account_id':1,'plan':'dear'}")->code, PROBLEM_OVERFLOW);
	CHECK_EQ_INT(desk_refused(&desk, "subscription_bundle.create",
	                          "{'account_id':1,'subscriptions':[{'plan':'gold'},{'plan':'dear'}]}")->code, PROBLEM_OVERFLOW);
	desk_do(&desk, "account.update", "{'id':1,'invoicing':'off'}");
	desk_do(&desk, "account.update", "{'id':1,'invoicing':'on'}");
	desk_do(&desk, "tenant.configure", "{'settings':{'tax':{'percent':'0'}}}");
	shop_advance(&desk, "2012-01-13T00:00:00Z");
	CHECK_EQ_TEXT(lines_of(&desk), "gold 7.10, gold 71.00; gold 6.45, gold 64.50; "
	                               "dear 7096774189999.99, dear 7096774189999.99, dear 0.00, dear 0.00");
	CHECK_EQ_INT(dead_jobs(&desk), 0);
	desk_close(&desk);
}

TEST(subscriptions_that_begin_at_one_moment_are_billed_by_one_run)
{
	enum { SUBSCRIPTIONS = 60 };
	struct desk desk;
	trial_open(&desk, "1", "10");
	for (int i = 0; i < SUBSCRIPTIONS; i++)
		subscribe_later(&desk, i % 7 == 3 ? "dear" : "gold", "2012-01-10");
	desk_do(&desk, "tenant.configure", "{'settings':{'tax':{'percent':'1000'}}}");
	shop_advance(&desk, "2012-01-10T00:00:00Z");
	CHECK_EQ_INT(times(&desk, "subscription.advance"), SUBSCRIPTIONS);
	CHECK_EQ_INT(times(&desk, "account.bill_changed"), 1);
	CHECK_EQ_INT(dead_jobs(&desk), 0);
	desk_close(&desk);
}

TEST(one_amount_that_does_not_fit_among_hundreds_of_orders_costs_neither_memory_nor_the_bill_of_the_others)
{
	enum { ORDERS = 800 };
	struct desk desk;
	trial_open(&desk, "10", "10");
	for (int i = 0; i < ORDERS; i++)
		order(&desk, "B", "N", "1");
	order(&desk, "A", "M", "1");
	shop_advance(&desk, "2012-01-02T00:00:00Z");
	deploy(&desk, plan_text(&desk, "99999999999999", "1000000"), "");
	shop_advance(&desk, "2012-02-01T00:00:00Z");
	CHECK_EQ_TEXT(told(&desk), "account.bill overflow: subscription 801 cannot be billed and is left out: an amount of plan A is too large, "
	                           "or too fine, to be exact");
	CHECK_EQ_INT(dead_jobs(&desk), 0);
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &invoice_record, "total"), "11200.00");
	desk_close(&desk);
}

TEST(a_rule_of_the_tenant_that_raises_holds_up_the_account_until_it_is_mended)
{
	struct desk desk;
	trial_open(&desk, "1", "10");
	subscribe(&desk, "gold");
	deploy(&desk, plan_text(&desk, "1", "10"), "rule 'bad' { policy = 'rounding', run = function () error 'no' end }");
	shop_advance(&desk, "2012-02-01T00:00:30Z");
	CHECK_EQ_TEXT(lines_of(&desk), "gold 10.00");
	deploy(&desk, plan_text(&desk, "1", "10"), "");
	shop_advance(&desk, "2012-02-03T00:00:00Z");
	CHECK_EQ_TEXT(lines_of(&desk), "gold 10.00; gold 10.00");
	desk_close(&desk);
}

TEST(a_billing_run_that_died_of_a_rule_is_begun_anew_by_the_bundle_that_mends_it)
{
	struct desk desk;
	trial_open(&desk, "1", "10");
	subscribe(&desk, "gold");
	deploy(&desk, plan_text(&desk, "1", "10"), "rule 'bad' { policy = 'rounding', run = function () error 'no' end }");
	shop_advance(&desk, "2012-02-02T00:00:00Z");
	CHECK_EQ_INT(dead_jobs(&desk), 1);
	deploy(&desk, plan_text(&desk, "1", "10"), "");
	CHECK_EQ_INT(dead_jobs(&desk), 0);
	shop_advance(&desk, "2012-02-02T00:00:01Z");
	CHECK_EQ_TEXT(lines_of(&desk), "gold 10.00; gold 10.00");
	desk_close(&desk);
}

/* ---- whatever there is ---- */

static const char *const amounts[] = { "0", "0.000000000001", "0.01", "99.99", "333333.333333333333", "9999999999.99", "9999999999999.99",
	                               "99999999999999.99", "123456789012.345678901234" };
static const char *const percents[] = { "0", "0.000000001", "8.875", "100", "333.333333333", "1000", "1000000", "999999999.999999999" };
static const char *const quantities[] = { "0.000001", "1", "3.333333", "1000", "999999.999999", "1000000000" };
static const char *const rules[] = {
	"",
	"rule 'whole' { policy = 'rounding', run = function () return { mode = 'half_even', place = 'invoice' } end }",
	"rule 'rate' { policy = 'rounding', run = function () return { mode = 'floor', place = 'rate', tax_place = 'invoice' } end }",
	"rule 'huge' { policy = 'proration', run = function (change) return change.price * 1000000 end }",
	"rule 'fine' { policy = 'discount', run = function (request) return request.amount:portion(1, 999999937) end }",
};
#define DRAW(state, list) (list)[check_between((state), 0, sizeof(list) / sizeof *(list) - 1)]

/* May be refused, then nothing has changed. */
static void dare(struct desk *desk, const char *command, const char *input)
{
	void *output;
	desk_try_text(desk, command, desk_json(desk, input), &output);
}

static void dare_deploy(struct desk *desk, uint64_t *state)
{
	struct bundle_file files[] = {
		{ TEXT("bundle.json"), TEXT("{\"name\":\"trial\"}") },
		{ TEXT("catalog/all.json"),
		  desk_json(desk, text_format(&desk->arena, "{'plans':[%s]," VERSIONS "}", plan_text(desk, DRAW(state, amounts), DRAW(state, percents))).data) },
		{ TEXT("rules/all.lua"), text_of(DRAW(state, rules)) },
	};
	struct text archive = bundle_archive_text(&desk->arena, files, 3);
	void *output;
	desk_try_text(desk, "bundle.deploy", text_format(&desk->arena, "{\"archive\":%.*s}", TEXT_ARG(archive)), &output);
}

static void dare_something(struct desk *desk, uint64_t *state)
{
	struct arena *arena = &desk->arena;
	switch (check_between(state, 0, 6)) {
	case 0:
		dare_deploy(desk, state);
		break;
	case 1:
		dare(desk, "order.place",
		     text_format(arena, "{'account_id':1,'plan':'A','status':'active','start_date':'2012-01-%02d','discounts':[{'percent':'%s'}],"
		                        "'lines':[{'price_code':'M','quantity':'%s'}]}", (int)check_between(state, 1, 28),
		                 DRAW(state, percents), DRAW(state, quantities)).data);
		break;
	case 2:
		dare(desk, "subscription.subscribe",
		     text_format(arena, "{'account_id':1,'plan':'%s','quantity':%s}", check_random(state) & 1 ? "dear" : "fine",
		                 check_random(state) & 1 ? "1" : "97").data);
		break;
	case 3:
		dare(desk, "tenant.configure", text_format(arena, "{'settings':{'tax':{'percent':'%s'}}}", DRAW(state, percents)).data);
		break;
	case 4:
		dare(desk, "subscription.change_quantity",
		     text_format(arena, "{'id':%d,'quantity':%d}", (int)check_between(state, 2, 6), (int)check_between(state, 1, 100)).data);
		break;
	case 5:
		dare(desk, "coupon.create", "{'code':'SOME','percent':'33.333333333'}");
		dare(desk, "coupon.redeem", "{'coupon':'SOME','account_id':1}");
		break;
	default:
		dare(desk, "subscription.cancel",
		     text_format(arena, "{'id':%d,'billing_policy':'immediate'}", (int)check_between(state, 2, 6)).data);
	}
}

static bool read_account(struct command *command, void *context)
{
	struct account *account = account_need(command, 1, "");
	CHECK(account != NULL);
	*(struct date *)context = account->next_bill_date;
	return true;
}

/* Each month a plain subscription beside all that is daring: its line comes. */
static bool count_gold(struct command *command, void *context)
{
	struct invoice_list page = { 0 };
	struct object_filter filter = { .account_id = 1, .max = 100 };
	CHECK(invoice_page(command, &filter, &page));
	for (size_t i = 0; i < page.count; i++) {
		CHECK(invoice_load_lines(command, &page.items[i]));
		for (size_t k = 0; k < page.items[i].lines.count; k++) {
			const struct invoice_line *line = &page.items[i].lines.items[k];
			*(int *)context += line->kind == INVOICE_LINE_KIND_RECURRING && text_is(line->plan, "gold");
		}
	}
	return true;
}

TEST(no_amount_freezes_an_account)
{
	uint64_t state = check_seed();
	size_t left_out = 0;
	for (int life = 0; life < 40; life++) {
		struct desk desk;
		struct date next;
		trial_open(&desk, "100", "10");
		subscribe(&desk, "gold");
		order(&desk, "A", "M", "1000");
		for (int month = 2; month < 6; month++) {
			for (int64_t acts = check_between(&state, 1, 4); acts > 0; acts--)
				dare_something(&desk, &state);
			deploy(&desk, plan_text(&desk, DRAW(&state, amounts), DRAW(&state, percents)), DRAW(&state, rules));
			shop_advance(&desk, text_format(&desk.arena, "2012-%02d-02T00:00:00Z", month).data);
			check_note("life %d, month %d: %s", life, month, told(&desk).data);
			desk_read(&desk, read_account, &next);
			struct date second;
			CHECK(date_parse(text_format(&desk.arena, "2012-%02d-02", month), &second));
			CHECK(date_compare(next, second) > 0);
			int gold = 0;
			desk_read(&desk, count_gold, &gold);
			CHECK_EQ_INT(gold, month);
		}
		left_out += strstr(told(&desk).data, "left out") != NULL;
		desk_close(&desk);
	}
	CHECK(left_out > 0);
}

CHECK_MAIN
