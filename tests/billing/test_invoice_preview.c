/* test_invoice_preview.c: what is previewed is what the clock then makes: dates, rules that ask for today, what begins ahead. */
#include "shop.h"

#define PHASE(amount, period) \
	"{'kind':'evergreen','duration_unit':'unlimited','billing_period':'" period "'," \
	"'recurring':[{'currency':'USD','amount':'" amount "'}]}"
#define PLAN(code, mode, amount, period) \
	"{'code':'" code "','product':'car','billing_mode':'" mode "','phases':[" PHASE(amount, period) "]}"
#define CATALOG \
	"{'versions':[{'effective_at':'2000-01-01T00:00:00Z','name':'v','products':[{'name':'car','category':'standalone'}]," \
	"'plans':[" PLAN("gold", "in_advance", "10", "monthly") "," PLAN("week", "in_advance", "7", "weekly") "," \
	PLAN("year", "in_advance", "100", "annual") "," PLAN("late", "in_arrear", "31", "monthly") "]}]}"

/* An account with id 1 on 1 January 2012, bill cycle day 1. */
static void preview_open(struct desk *desk, const char *settings)
{
	shop_open_empty(desk, settings, false);
	desk_deploy_catalog(desk, CATALOG);
	shop_advance(desk, "2012-01-01T00:00:00Z");
	desk_do(desk, "account.create", "{'name':'Ann','bill_cycle_day':1}");
}

/* "2012-02-01 due 2012-02-15 10.00: 2012-02-01 10.00;" ; "none" */
static struct text told(struct desk *desk, const struct invoice *invoice)
{
	struct text_builder out;
	if (!invoice)
		return TEXT("none");
	struct arena *arena = &desk->arena;
	struct text made = date_text(arena, invoice->invoice_date), due = date_text(arena, invoice->due_date),
	            total = money_amount_text(arena, invoice->total);
	builder_init(&out, arena, 0);
	builder_format(&out, "%.*s due %.*s %.*s:", TEXT_ARG(made), TEXT_ARG(due), TEXT_ARG(total));
	for (size_t i = 0; i < invoice->lines.count; i++) {
		struct text start = date_text(arena, invoice->lines.items[i].period_start),
		            amount = money_amount_text(arena, invoice->lines.items[i].amount);
		builder_format(&out, " %.*s %.*s;", TEXT_ARG(start), TEXT_ARG(amount));
	}
	return builder_text(&out);
}

struct newest {
	int64_t id;
	struct invoice *after; /* the first with a greater id; NULL: none */
};

static bool read_after(struct command *command, void *context)
{
	struct newest *newest = context;
	struct object_filter filter = { .account_id = 1, .max = OBJECT_PAGE_MAX };
	struct invoice_list invoices = { 0 };
	CHECK(invoice_page(command, &filter, &invoices));
	newest->after = NULL;
	for (size_t i = 0; i < invoices.count && invoices.items[i].id > newest->id; i++)
		newest->after = &invoices.items[i];
	return !newest->after || invoice_load_lines(command, newest->after);
}

static int64_t newest_id(struct desk *desk)
{
	struct newest newest = { 0 };
	desk_read(desk, read_after, &newest);
	int64_t id = 0;
	while (newest.after) {
		id = newest.id = newest.after->id;
		desk_read(desk, read_after, &newest);
	}
	return id;
}

static const char *day_text(struct desk *desk, int32_t day)
{
	struct date start;
	CHECK(date_make(2012, 1, 1, &start));
	return text_c(&desk->arena, date_text(&desk->arena, date_add_days(start, day)));
}

/* The clock goes on day by day until there is another invoice, at most so many days; the invoice as told. */
static struct text next_invoice(struct desk *desk, int32_t *day, int32_t most)
{
	struct newest newest = { .id = newest_id(desk) };
	for (; most > 0 && !newest.after; most--) {
		shop_advance(desk, text_format(&desk->arena, "%sT12:00:00Z", day_text(desk, ++*day)).data);
		desk_read(desk, read_after, &newest);
	}
	return told(desk, newest.after);
}

static struct text preview(struct desk *desk, const char *input)
{
	return told(desk, desk_do(desk, "invoice.preview", input));
}

#define UPCOMING "{'account_id':1,'upcoming':true}"

TEST(the_next_invoice_is_that_of_what_begins_first)
{
	struct desk desk;
	int32_t day = 0;
	preview_open(&desk, "'billing':{'due_days':14}");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'gold','start_date':'2012-01-20'}");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'week','start_date':'2012-01-10'}");
	CHECK_EQ_TEXT(preview(&desk, UPCOMING), "2012-01-10 due 2012-01-24 7.00: 2012-01-10 7.00;");
	CHECK_EQ_TEXT(next_invoice(&desk, &day, 20), "2012-01-10 due 2012-01-24 7.00: 2012-01-10 7.00;");
	desk_close(&desk);
}

TEST(a_preview_is_made_with_the_day_that_it_is_for)
{
	struct desk desk;
	int32_t day = 0;
	preview_open(&desk, "'billing':{'due_days':14}");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'gold'}");
	struct bundle_file files[] = {
		{ TEXT("bundle.json"), TEXT("{\"name\":\"taxes\",\"rules\":[\"rules/taxes.lua\"]}") },
		{ TEXT("catalog/catalog.json"), desk_json(&desk, CATALOG) },
		{ TEXT("rules/taxes.lua"),
		  TEXT("rule 'rate' { policy = 'tax_rates', run = function(q, ctx)\n"
		       "  return { rates = { { name = 'VAT', percent = decimal(ctx.today >= date '2012-02-01' and '25' or '20') } } }\n"
		       "end }") },
	};
	struct text archive = bundle_archive_text(&desk.arena, files, 3);
	void *output;
	CHECK(desk_try_text(&desk, "bundle.deploy", text_format(&desk.arena, "{\"archive\":%.*s}", TEXT_ARG(archive)), &output));
	struct text upcoming = preview(&desk, UPCOMING), later = preview(&desk, "{'account_id':1,'target_date':'2012-02-10'}");
	CHECK_EQ_TEXT(upcoming, "2012-02-01 due 2012-02-15 12.50: 2012-02-01 10.00; 2012-02-01 2.50;");
	CHECK_EQ_TEXT(later, upcoming.data);
	CHECK_EQ_TEXT(next_invoice(&desk, &day, 40), upcoming.data);
	desk_close(&desk);
}

TEST(an_account_that_is_not_invoiced_by_itself_is_previewed_all_the_same)
{
	struct desk desk;
	preview_open(&desk, "");
	desk_do(&desk, "account.update", "{'id':1,'invoicing':'off'}");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'gold','start_date':'2012-01-10'}");
	CHECK_EQ_TEXT(preview(&desk, UPCOMING), "2012-01-10 due 2012-01-10 7.10: 2012-01-10 7.10;");
	shop_advance(&desk, "2012-03-01T00:00:00Z");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &invoice_record, "id"), "");
	desk_close(&desk);
}

/* ---- random lives ---- */

enum { LIVES = 12, STEPS = 7 };

/* Something that is set for a day ahead; refusals are part of life. */
static void random_step(struct desk *desk, uint64_t *state, int32_t day)
{
	static const char *const plans[] = { "gold", "week", "year", "late" };
	const char *plan = plans[check_between(state, 0, 3)], *ahead = day_text(desk, day + (int32_t)check_between(state, 0, 40));
	long long id = check_between(state, 1, 3), quantity = check_between(state, 1, 3);
	struct text input = TEXT_NONE;
	const char *command = NULL;
	switch (check_between(state, 0, 5)) {
	case 0:
	case 1:
		command = "subscription.subscribe";
		input = text_format(&desk->arena, "{'account_id':1,'plan':'%s','start_date':'%s'}", plan, ahead);
		break;
	case 2:
		command = "subscription.change_quantity";
		input = text_format(&desk->arena, "{'id':%lld,'quantity':%lld,'effective_date':'%s'}", id, quantity, ahead);
		break;
	case 3:
		command = "subscription.change_plan";
		input = text_format(&desk->arena, "{'id':%lld,'plan':'%s','effective_date':'%s'}", id, plan, ahead);
		break;
	case 4:
		command = check_between(state, 0, 1) ? "subscription_bundle.pause" : "subscription_bundle.resume";
		input = text_format(&desk->arena, "{'id':%lld,'effective_date':'%s'}", id, ahead);
		break;
	default:
		command = "subscription.cancel";
		input = text_format(&desk->arena, "{'id':%lld,'effective_date':'%s'}", id, ahead);
	}
	void *output;
	problems_init(&desk->problems, &desk->arena);
	desk_try_text(desk, command, desk_json(desk, input.data), &output);
}

static void live(uint64_t seed)
{
	struct desk desk;
	uint64_t state = seed;
	int32_t day = 0;
	char settings[80];
	snprintf(settings, sizeof settings, "'billing':{'due_days':14,'hour':%d,'upcoming_days':%d},'tax':{'percent':'20'}",
	         seed % 2 ? 6 : 0, seed % 3 ? 5 : 0);
	preview_open(&desk, settings);
	for (int step = 0; step < STEPS; step++) {
		for (int64_t more = check_between(&state, 1, 3); more > 0; more--)
			random_step(&desk, &state, day);
		struct text upcoming = preview(&desk, UPCOMING), made = next_invoice(&desk, &day, 100);
		if (text_is(made, "none") && !text_is(upcoming, "none")) /* further away */
			made = next_invoice(&desk, &day, 400);
		CHECK_EQ_TEXT(upcoming, text_c(&desk.arena, made));
	}
	desk_close(&desk);
}

TEST(the_preview_of_the_next_invoice_is_the_invoice_that_the_clock_makes_next)
{
	uint64_t state = check_seed();
	for (int life = 0; life < LIVES; life++) {
		check_note("life %d", life);
		live(state + (uint64_t)life * 7919);
	}
}

CHECK_MAIN
