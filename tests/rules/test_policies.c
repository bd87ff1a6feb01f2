/* test_policies.c: the shipped policies, each against the numbers of its source. */
#include "rule_fixture.h"

static struct proration_change change_of(const char *price, const char *period_start, const char *period_end,
                                         const char *service_start, const char *service_end)
{
	struct proration_change change = { .currency = currency_find(TEXT("USD")), .reason = 1 };
	CHECK(exact_money_from_decimal(decimal_of(price), change.currency, &change.price));
	change.period_start = day_of(period_start);
	change.period_end = day_of(period_end);
	change.service_start = day_of(service_start);
	change.service_end = day_of(service_end);
	change.days_left = date_days_between(change.service_start, change.service_end);
	change.days_in_period = date_days_between(change.period_start, change.period_end);
	return change;
}

/* The answer of one shipped policy, as text. */
static struct text answer_of(struct fixture *fixture, enum policy policy, const char *choice, const struct record *record,
                             void *input, const char *settings)
{
	struct rule_result result;
	struct text choices[] = { text_of(choice) };
	fixture_open(fixture);
	fixture->call = call_of(fixture);
	fixture->call.bundle = NULL;
	fixture->call.record = record;
	fixture->call.subject = input;
	fixture->call.settings = text_of(settings);
	if (!rule_decide(&fixture->call, policy, choices, 1, &result))
		CHECK_FAIL("%s: %s", choice, first_cause(fixture));
	CHECK_EQ_C(result.trace->file, text_format(&fixture->arena, "%s.lua", choice).data);
	CHECK_EQ_INT(result.trace->outcome, TRACE_OK);
	return rule_trace_result(result.trace, &fixture->arena);
}

static void check_share(const char *choice, struct proration_change change, const char *expected)
{
	struct fixture fixture;
	CHECK_EQ_TEXT(answer_of(&fixture, POLICY_PRORATION, choice, &proration_change_record, &change, "{}"), expected);
	fixture_close(&fixture);
}

TEST(inclusive_days_give_the_60_50_of_blubilling)
{
	check_share("proration/inclusive_days", change_of("165", "2011-09-01", "2011-10-01", "2011-09-20", "2011-10-01"), "60.50 USD");
	check_share("proration/inclusive_days", change_of("150", "2011-09-01", "2011-10-01", "2011-09-20", "2011-10-01"), "55.00 USD");
}

TEST(half_open_days_give_the_same_shares_for_half_open_periods)
{
	check_share("proration/half_open_days", change_of("165", "2011-09-01", "2011-10-01", "2011-09-20", "2011-10-01"), "60.50 USD");
	check_share("proration/half_open_days", change_of("92", "2012-01-31", "2012-05-02", "2012-02-07", "2012-05-02"), "85.00 USD");
	check_share("proration/inclusive_days", change_of("92", "2012-01-31", "2012-05-02", "2012-02-07", "2012-05-02"), "85.00 USD");
}

TEST(exclusive_start_days_leave_out_the_first_day_within_a_period)
{
	check_share("proration/exclusive_start_days", change_of("181.50", "2011-09-01", "2011-10-01", "2011-09-20", "2011-10-01"), "60.50 USD");
	check_share("proration/exclusive_start_days", change_of("30", "2011-09-01", "2011-10-01", "2011-09-01", "2011-09-11"), "10.00 USD");
	check_share("proration/exclusive_start_days", change_of("30", "2011-09-01", "2011-10-01", "2011-09-20", "2011-09-20"), "0.00 USD");
}

TEST(none_charges_the_whole_and_gives_nothing_back)
{
	struct proration_change change = change_of("165", "2011-09-01", "2011-10-01", "2011-09-20", "2011-10-01");
	check_share("proration/none", change, "165.00 USD");
	change.reason = PRORATION_CHANGE_REASON_CREDIT;
	check_share("proration/none", change, "0.00 USD");
}

TEST(a_ratio_of_nine_digits_is_taken_of_the_price)
{
	check_share("proration/killbill", change_of("10", "2012-01-15", "2012-02-15", "2012-01-15", "2012-01-20"), "1.61290323 USD");
	check_share("proration/killbill", change_of("19.95", "2016-09-08", "2016-10-08", "2016-09-08", "2016-09-09"), "0.66499999335 USD");
}

/* Billed: 5.48 for 15 to 31 January of a month of 10.00; half of these days is half of that. */
TEST(kill_bill_gives_back_a_part_of_what_was_billed)
{
	struct proration_change change = change_of("10", "2012-01-01", "2012-02-01", "2012-01-15", "2012-01-23");
	change.reason = PRORATION_CHANGE_REASON_CREDIT;
	CHECK(exact_money_from_decimal(decimal_of("5.48"), change.currency, &change.paid));
	change.days_billed = 16;
	change.has_days_billed = true;
	check_share("proration/killbill", change, "2.74 USD");
	check_share("proration/half_open_days", change, "80/31 USD");
}

TEST(a_share_that_is_no_whole_cent_stays_exact)
{
	check_share("proration/inclusive_days", change_of("10", "2011-09-01", "2011-10-01", "2011-09-21", "2011-10-01"), "10/3 USD");
}

TEST(rounding_policies_name_their_mode_and_place)
{
	struct fixture fixture;
	struct rounding_request request = { .currency = currency_find(TEXT("USD")) };
	CHECK_EQ_TEXT(answer_of(&fixture, POLICY_ROUNDING, "rounding/half_up", &rounding_request_record, &request, "{}"),
	              "{\"mode\":\"half_up\",\"place\":\"line\"}");
	fixture_close(&fixture);
	CHECK_EQ_TEXT(answer_of(&fixture, POLICY_ROUNDING, "rounding/half_even", &rounding_request_record, &request, "{}"),
	              "{\"mode\":\"half_even\",\"place\":\"line\"}");
	fixture_close(&fixture);
}

TEST(ten_percent_of_55_are_5_50_as_tax_and_as_discount)
{
	struct fixture fixture;
	struct tax_request tax = { .currency = currency_find(TEXT("USD")), .percent = decimal_of("10") };
	CHECK(exact_money_from_decimal(decimal_of("55"), tax.currency, &tax.amount));
	CHECK_EQ_TEXT(answer_of(&fixture, POLICY_TAX, "tax/percent", &tax_request_record, &tax, "{}"), "5.50 USD");
	fixture_close(&fixture);
	struct discount_request discount = { .currency = tax.currency, .amount = tax.amount, .percent = tax.percent,
	                                     .has_percent = true };
	CHECK_EQ_TEXT(answer_of(&fixture, POLICY_DISCOUNT, "discount/percent", &discount_request_record, &discount, "{}"), "5.50 USD");
	fixture_close(&fixture);
}

static void check_retry(int64_t attempts, bool automatic, const char *settings, const char *expected)
{
	struct fixture fixture;
	struct retry_failure failure = { .attempts = attempts, .automatic = automatic, .today = day_of("2011-09-06") };
	check_note("attempt %lld, %s", (long long)attempts, settings);
	CHECK_EQ_TEXT(answer_of(&fixture, POLICY_RETRY, "retry/attempts", &retry_failure_record, &failure, settings), expected);
	fixture_close(&fixture);
}

TEST(the_third_failure_ends_the_attempts)
{
	const char *settings = "{\"retry\":{\"max_attempts\":3,\"on_exhausted\":\"cancel_invoice_suspend_order\"}}";
	check_retry(1, true, "{}", "{\"retry_on\":\"2011-09-07\"}");
	check_retry(2, true, "{\"retry\":{\"days_between\":8}}", "{\"retry_on\":\"2011-09-14\"}");
	check_retry(2, false, "{}", "{}");
	check_retry(3, true, "{}", "{\"give_up\":true}");
	check_retry(2, false, settings, "{}");
	check_retry(3, false, settings, "{\"give_up\":true,\"cancel_invoice\":true,\"suspend_orders\":true}");
	check_retry(4, false, "{\"retry\":{\"max_attempts\":4,\"on_exhausted\":\"cancel_invoice\"}}",
	            "{\"give_up\":true,\"cancel_invoice\":true}");
}

TEST(invoice_numbers_are_the_counter_with_prefix_and_zeros)
{
	struct fixture fixture;
	struct invoice_number_request request = { .counter = 1019 };
	CHECK_EQ_TEXT(answer_of(&fixture, POLICY_INVOICE_NUMBER, "invoice_number/plain", &invoice_number_request_record, &request, "{}"), "1019");
	fixture_close(&fixture);
	request = (struct invoice_number_request){ .counter = 1019, .prefix = TEXT("INV-"), .digits = 6, .has_digits = true };
	CHECK_EQ_TEXT(answer_of(&fixture, POLICY_INVOICE_NUMBER, "invoice_number/plain", &invoice_number_request_record, &request, "{}"),
	              "INV-001019");
	fixture_close(&fixture);
	request = (struct invoice_number_request){ .counter = 1019, .digits = 3, .has_digits = true };
	CHECK_EQ_TEXT(answer_of(&fixture, POLICY_INVOICE_NUMBER, "invoice_number/plain", &invoice_number_request_record, &request, "{}"), "1019");
	fixture_close(&fixture);
}

TEST(every_policy_with_a_default_ships_it)
{
	for (enum policy policy = POLICY_NONE + 1; policy < POLICY_COUNT; policy++) {
		const struct policy_info *info = policy_info(policy);
		const struct rule_bundle *owner;
		check_note("%s", info->name);
		if (info->default_choice)
			CHECK(rule_policy_by_choice(NULL, policy, text_of(info->default_choice), &owner) != NULL);
	}
}

TEST(the_shipped_bundle_has_the_documentation_of_each_policy)
{
	const struct rule_bundle *shipped = rule_bundle_shipped();
	CHECK(rule_bundle_count(shipped) >= 10);
	for (size_t i = 0; i < rule_bundle_count(shipped); i++) {
		const struct rule *rule = rule_bundle_at(shipped, i);
		check_note("%s", rule->name);
		CHECK(rule->doc[0] != '\0');
		CHECK(text_starts(text_of(rule->file), rule->name));
	}
}

CHECK_MAIN
