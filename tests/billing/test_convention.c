/* test_convention.c: the examples of docs/conventions.md, and that each convention's policies are shipped. */
#include "check.h"

#include "billing/convention.h"
#include "billing/invoice_calculate.h"
#include "billing/invoice_tax.h"
#include "billing/proration.h"

static struct arena arena;

static struct date day(const char *text)
{
	struct date date;
	CHECK(date_parse(text_of(text), &date));
	return date;
}

static struct instant moment(const char *text)
{
	struct instant instant;
	CHECK(instant_parse(text_of(text), &instant));
	return instant;
}

static struct exact_money usd(const char *amount)
{
	struct exact_money exact = { .currency = currency_find(TEXT("USD")) };
	CHECK(arena.limit_bytes || arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	CHECK(fraction_parse(text_of(amount), &exact.amount));
	return exact;
}

static const struct convention *named(const char *name)
{
	const struct convention *convention = convention_find(text_of(name));
	CHECK(convention);
	return convention;
}

static struct text choice_of(const struct convention *convention, const char *policy)
{
	for (size_t i = 0; i < convention->choice_count; i++)
		if (text_is(convention->choices[i].policy, policy))
			return convention->choices[i].rule;
	return TEXT_NONE;
}

static void decide(const struct convention *convention, enum policy policy, void *input, struct rule_result *result)
{
	struct problems problems;
	problems_init(&problems, &arena);
	struct text choice = choice_of(convention, policy_info(policy)->name);
	struct rule_call call = {
		.bundle = rule_bundle_shipped(), .arena = &arena, .problems = &problems,
		.record = policy_info(policy)->input, .subject = input, .now = moment("2024-03-15T00:00:00Z"),
	};
	CHECK(rule_decide(&call, policy, &choice, 1, result));
	CHECK(text_is(choice, result->rule->name));
}

/* The price of the part, rounded as the convention rounds a line. */
static struct text prorated(const char *convention_name, struct proration_change *change)
{
	const struct convention *convention = named(convention_name);
	struct rule_result share = { .rule = NULL }, rounding = { .rule = NULL };
	struct rounding_request request = { .currency = change->currency };
	struct money money;
	decide(convention, POLICY_PRORATION, change, &share);
	decide(convention, POLICY_ROUNDING, &request, &rounding);
	CHECK(invoice_round_exact(rounding.record, share.exact, &money));
	return money_text(&arena, money);
}

static struct period cycle(const char *convention, const char *period, int bill_cycle_day, const char *start, const char *on)
{
	enum billing_period billing_period;
	CHECK(billing_period_parse(text_of(period), &billing_period));
	struct convention_cycles cycles = { named(convention)->anchor, bill_cycle_day, day(start) };
	struct billing_grid grid = convention_grid(&cycles, billing_period);
	return billing_cycle_containing(&grid, day(on));
}

#define CHECK_PERIOD(found, from, to)                                                                                     \
	do {                                                                                                                \
		struct period checked = (found);                                                                            \
		CHECK(arena.limit_bytes || arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));                                   \
		CHECK_EQ_TEXT(date_text(&arena, checked.start), from);                                                      \
		CHECK_EQ_TEXT(date_text(&arena, checked.end), to);                                                          \
	} while (0)

TEST(every_convention_names_shipped_policies)
{
	for (size_t i = 0; i < convention_count; i++)
		for (size_t j = 0; j < conventions[i].choice_count; j++) {
			const struct rule_bundle *owner;
			const struct policy_choice *choice = &conventions[i].choices[j];
			CHECK(rule_policy_by_choice(NULL, policy_find(choice->policy), choice->rule, &owner));
		}
	CHECK(!convention_find(TEXT("killbil")));
}

TEST(killbill_a_part_before_the_first_bill_cycle_day)
{
	CHECK_PERIOD(cycle("killbill", "monthly", 1, "2024-03-15", "2024-03-15"), "2024-03-01", "2024-04-01");
	CHECK_PERIOD(cycle("killbill", "quarterly", 1, "2024-03-15", "2024-04-02"), "2024-03-01", "2024-06-01");
	CHECK_PERIOD(cycle("killbill", "quarterly", 25, "2024-03-15", "2024-03-15"), "2023-12-25", "2024-03-25");
	struct proration_change change = proration_change_of(
	        usd("100"), PRORATION_CHANGE_REASON_START, (struct period){ day("2024-03-01"), day("2024-04-01") },
	        (struct period){ day("2024-03-15"), day("2024-04-01") });
	CHECK_EQ_TEXT(prorated("killbill", &change), "54.84 USD");
}

TEST(lago_days_are_counted_with_both_ends_and_taxes_rounded_once)
{
	CHECK_PERIOD(cycle("lago", "monthly", 0, "2024-03-15", "2024-03-15"), "2024-03-01", "2024-04-01");
	CHECK_PERIOD(cycle("lago", "weekly", 0, "2024-03-15", "2024-03-15"), "2024-03-11", "2024-03-18");
	CHECK_PERIOD(cycle("lago", "biannual", 0, "2024-03-15", "2024-08-15"), "2024-07-01", "2025-01-01");
	struct proration_change change = proration_change_of(
	        usd("100"), PRORATION_CHANGE_REASON_START, (struct period){ day("2024-03-01"), day("2024-04-01") },
	        (struct period){ day("2024-03-15"), day("2024-04-01") });
	CHECK_EQ_TEXT(prorated("lago", &change), "54.84 USD");
}

TEST(lago_four_taxes_of_68_33_at_20_percent_are_54_66)
{
	struct tax_rate vat = { .name = TEXT("VAT"), .percent = { 20, 0 } };
	struct invoice_tax taxes[4];
	struct rule_result rounding = { .rule = NULL };
	int64_t sum = 0;
	for (size_t i = 0; i < 4; i++)
		taxes[i] = (struct invoice_tax){ .line = i, .rate = &vat, .exact = usd("13.666") };
	struct rounding_request request = { .currency = taxes[0].exact.currency };
	decide(named("lago"), POLICY_ROUNDING, &request, &rounding);
	CHECK(invoice_taxes_round(&arena, taxes, 4, rounding.record));
	for (size_t i = 0; i < 4; i++)
		sum += taxes[i].amount.minor;
	CHECK_EQ_INT(sum, 5466);
	CHECK_EQ_INT(taxes[0].amount.minor, 1367);
	CHECK_EQ_INT(taxes[3].amount.minor, 1366);
	struct rounding_decision each = { .mode = ROUNDING_DECISION_MODE_HALF_UP, .place = ROUNDING_DECISION_PLACE_LINE };
	CHECK(invoice_taxes_round(&arena, taxes, 4, &each));
	CHECK_EQ_INT(taxes[3].amount.minor, 1367);
}

TEST(stripe_month_ends_come_back_and_seconds_are_counted)
{
	CHECK_PERIOD(cycle("stripe", "monthly", 0, "2024-01-31", "2024-03-15"), "2024-02-29", "2024-03-31");
	CHECK_PERIOD(cycle("stripe", "monthly", 0, "2024-01-31", "2024-04-29"), "2024-03-31", "2024-04-30");
	struct proration_change change = proration_change_of(
	        usd("10"), PRORATION_CHANGE_REASON_CREDIT, (struct period){ day("2024-02-29"), day("2024-03-31") },
	        (struct period){ day("2024-03-15"), day("2024-03-31") });
	proration_change_time(&change, moment("2024-02-29T00:00:00Z"), moment("2024-03-31T00:00:00Z"),
	                      moment("2024-03-15T12:00:00Z"), moment("2024-04-05T00:00:00Z"));
	CHECK_EQ_INT(change.seconds_left, 1339200);
	CHECK_EQ_INT(change.seconds_in_period, 2678400);
	CHECK_EQ_TEXT(prorated("stripe", &change), "5.00 USD");
}

TEST(a_day_on_which_clocks_change_has_23_hours)
{
	struct proration_change change = proration_change_of(
	        usd("10"), PRORATION_CHANGE_REASON_END, (struct period){ day("2024-03-01"), day("2024-04-01") },
	        (struct period){ day("2024-03-31"), day("2024-04-02") });
	proration_change_zone(&change, timezone_find(TEXT("Europe/Paris")));
	CHECK_EQ_INT(change.days_left, 1);
	CHECK_EQ_INT(change.seconds_left, 23 * 3600);
}

TEST(blubilling_eleven_of_thirty_days)
{
	CHECK_PERIOD(cycle("blubilling", "quarterly", 25, "2011-09-20", "2011-09-20"), "2011-08-25", "2011-11-25");
	struct proration_change change = proration_change_of(
	        usd("165"), PRORATION_CHANGE_REASON_START, (struct period){ day("2011-09-01"), day("2011-10-01") },
	        (struct period){ day("2011-09-20"), day("2011-10-01") });
	CHECK_EQ_TEXT(prorated("blubilling", &change), "60.50 USD");
}

TEST(maxio_a_months_end_that_was_met_stays)
{
	CHECK_PERIOD(cycle("maxio", "monthly", 0, "2023-10-31", "2023-10-31"), "2023-10-31", "2023-11-30");
	CHECK_PERIOD(cycle("maxio", "monthly", 0, "2023-10-31", "2024-02-28"), "2024-01-30", "2024-02-29");
	CHECK_PERIOD(cycle("maxio", "monthly", 0, "2023-10-31", "2024-03-30"), "2024-03-29", "2024-04-29");
	CHECK_PERIOD(cycle("maxio", "monthly", 0, "2023-10-31", "2030-01-29"), "2030-01-28", "2030-02-28");
}

TEST(meteroid_a_first_quarter_is_a_part_of_the_one_from_its_months_first_day)
{
	CHECK_PERIOD(cycle("meteroid", "quarterly", 1, "2021-01-10", "2021-01-10"), "2021-01-01", "2021-04-01");
	struct proration_change change = proration_change_of(
	        usd("90"), PRORATION_CHANGE_REASON_START, (struct period){ day("2021-01-01"), day("2021-04-01") },
	        (struct period){ day("2021-01-10"), day("2021-04-01") });
	CHECK_EQ_TEXT(prorated("meteroid", &change), "81.00 USD");
}

TEST(cycles_elapsed_billed_and_next)
{
	struct convention_cycles tenth = { CONVENTION_ANCHOR_BILL_CYCLE_DAY_OF_MONTH, 10, day("2024-01-01") };
	struct billing_grid grid = convention_grid(&tenth, BILLING_PERIOD_MONTHLY);
	CHECK_EQ_INT(billing_cycles_elapsed(&grid, day("2024-01-01"), day("2024-03-15")), 3);
	CHECK_EQ_INT(billing_cycles_elapsed(&grid, day("2024-01-01"), day("2023-03-15")), 0);
	CHECK_PERIOD(billing_cycle_billed(&grid, day("2024-01-10"), false, day("2024-01-01")), "2024-01-01", "2024-01-10");
	CHECK_PERIOD(billing_cycle_billed(&grid, day("2024-01-10"), true, day("2024-01-01")), "2024-01-10", "2024-02-10");
	CHECK_EQ_TEXT(date_text(&arena, billing_cycle_after(&grid, 2, day("2024-01-04"))), "2024-01-10");
	CHECK_EQ_TEXT(date_text(&arena, billing_cycle_after(&grid, 2, day("2024-01-10"))), "2024-03-10");
}

TEST(cash_is_rounded_to_five_cents)
{
	struct rounding_decision cash = { .mode = ROUNDING_DECISION_MODE_HALF_UP, .place = ROUNDING_DECISION_PLACE_LINE,
		                          .has_step = true, .step = { 5, 2 } };
	struct money money;
	CHECK(invoice_round_exact(&cash, usd("10.02"), &money));
	CHECK_EQ_INT(money.minor, 1000);
	CHECK(invoice_round_exact(&cash, usd("-10.025"), &money));
	CHECK_EQ_INT(money.minor, -1005);
}

CHECK_MAIN
