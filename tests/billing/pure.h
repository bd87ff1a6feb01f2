/* pure.h: an arena and short ways to dates, instants and billing events, for the tests of files that read no store. */
#ifndef MOONBILL_TESTS_BILLING_PURE_H
#define MOONBILL_TESTS_BILLING_PURE_H

#include "check.h"

#include "billing/billing_event.h"
#include "value/record.h"
#include "value/timezone.h"

static struct arena pure_arena;

__attribute__((unused)) static void pure_begin(void)
{
	CHECK(arena_init(&pure_arena, ARENA_LIMIT_DEFAULT_BYTES));
}

__attribute__((unused)) static void pure_end(void)
{
	arena_finish(&pure_arena);
}

__attribute__((unused)) static struct date pure_date(const char *text)
{
	struct date value;
	CHECK(date_parse(text_of(text), &value));
	return value;
}

__attribute__((unused)) static struct instant pure_instant(const char *text)
{
	struct instant value;
	CHECK(instant_parse(text_of(text), &value));
	return value;
}

__attribute__((unused)) static struct decimal pure_decimal(const char *text)
{
	struct decimal value;
	CHECK(decimal_parse(text_of(text), &value));
	return value;
}

__attribute__((unused)) static const struct currency *pure_usd(void)
{
	return currency_find(TEXT("USD"));
}

/* Of a plan "p" that costs 31.00 a month in advance, billed on the 1st. */
__attribute__((unused)) static struct billing_event pure_event(enum billing_transition transition, const char *date)
{
	return (struct billing_event){
		.subscription_id = 1, .transition = transition, .date = pure_date(date),
		.at = timezone_start_of_date(timezone_find(TEXT("UTC")), pure_date(date)),
		.plan = TEXT("p"), .phase = TEXT("p-evergreen"), .phase_kind = PHASE_KIND_EVERGREEN,
		.has_recurring = transition != BILLING_TRANSITION_CANCEL && transition != BILLING_TRANSITION_BLOCK,
		.recurring = decimal_from_int64(31), .quantity = decimal_from_int64(1), .period = BILLING_PERIOD_MONTHLY,
		.bill_cycle_day = 1,
	};
}

/* "2012-01-16" */
__attribute__((unused)) static struct text pure_day(struct date date)
{
	return date_present(date) ? date_text(&pure_arena, date) : TEXT("-");
}

#endif
