/* properties.c: what must hold of amounts and dates, whichever they are, over random cases.
 *
 *     model_properties [--cases 200000] [--seed N]      cases of each property; 10,000,000 take a few minutes
 *
 * Seeds that once failed stand in tests/failed.seeds ("model_properties SEED") and run first; CHECK_SEED is the seed otherwise.
 * Each property is also run with a result that is wrong by the least there is in one case of a hundred, and must notice: a
 * property that cannot fail does not count.
 */
#include "value/calendar.h"
#include "value/money.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CASES_DEFAULT = 200000, CASES_OF_A_LIE = 2000, PIECES_MAX = 12, ARENA_BYTES = 1024 * 1024 };

struct draw {
	uint64_t state;
	struct arena *arena;
	bool lying; /* one result of a hundred is wrong */
};

/* SplitMix64. */
static uint64_t draw_word(struct draw *draw)
{
	uint64_t z = (draw->state += 0x9e3779b97f4a7c15u);
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static int64_t draw_between(struct draw *draw, int64_t low, int64_t high)
{
	return low + (int64_t)(draw_word(draw) % (uint64_t)(high - low + 1));
}

/* Of any size: as many bits as are drawn; now and then the ends of the range. */
static int64_t draw_int64(struct draw *draw)
{
	uint64_t word = draw_word(draw);
	switch (word % 32) {
	case 0: return INT64_MAX;
	case 1: return INT64_MIN;
	case 2: return 0;
	default: {
		int64_t value = (int64_t)(draw_word(draw) >> (1 + word % 63));
		return word >> 63 ? -value : value;
	}
	}
}

/* 1 when this result is to be wrong. */
static int lie(struct draw *draw)
{
	return draw->lying && draw_word(draw) % 100 == 0;
}

static const struct currency *draw_currency(struct draw *draw)
{
	return currency_at((size_t)draw_between(draw, 0, (int64_t)currency_count() - 1));
}

static struct date draw_date(struct draw *draw)
{
	return (struct date){ (int32_t)draw_between(draw, 1, DATE_DAY_MAX) };
}

/* ---- money ---- */

static bool a_sum_is_exact_or_refused(struct draw *draw)
{
	const struct currency *currency = draw_currency(draw);
	struct money a = money_of(draw_int64(draw), currency), b = money_of(draw_int64(draw), currency), sum, back;
	int64_t wanted;
	bool fits = !__builtin_add_overflow(a.minor, b.minor, &wanted);
	if (money_add(a, b, &sum) != fits)
		return false;
	return !fits || (sum.minor + lie(draw) == wanted && money_subtract(sum, b, &back) && back.minor == a.minor);
}

static bool a_difference_is_exact_or_refused(struct draw *draw)
{
	const struct currency *currency = draw_currency(draw);
	struct money a = money_of(draw_int64(draw), currency), b = money_of(draw_int64(draw), currency), difference;
	int64_t wanted;
	bool fits = !__builtin_sub_overflow(a.minor, b.minor, &wanted);
	if (money_subtract(a, b, &difference) != fits)
		return false;
	return !fits || difference.minor + lie(draw) == wanted;
}

static bool pieces_add_up_and_none_is_a_unit_off(struct draw *draw)
{
	int64_t weights[PIECES_MAX], total = 0;
	struct money pieces[PIECES_MAX];
	size_t count = (size_t)draw_between(draw, 1, PIECES_MAX);
	for (size_t i = 0; i < count; i++)
		total += weights[i] = draw_between(draw, 0, 1000000);
	struct money whole = money_of(draw_int64(draw) / 4, draw_currency(draw));
	if (!money_allocate(whole, weights, count, pieces))
		return total == 0;
	int128 sum = lie(draw);
	for (size_t i = 0; i < count; i++) {
		int128 off = (int128)pieces[i].minor * total - (int128)whole.minor * weights[i];
		if (off <= -(int128)total || off >= total)
			return false;
		sum += pieces[i].minor;
	}
	return sum == whole.minor;
}

static bool an_amount_reads_back(struct draw *draw)
{
	struct money money = money_of(draw_int64(draw), draw_currency(draw)), back;
	struct text text = money_amount_text(draw->arena, money);
	return money_parse(text, money.currency, &back) && back.minor + lie(draw) == money.minor;
}

static bool two_shares_are_the_whole(struct draw *draw)
{
	struct exact_money price, left, right, sum;
	int64_t days = draw_between(draw, 1, 400), served = draw_between(draw, 0, days);
	struct decimal amount = { draw_between(draw, -1000000000000, 1000000000000), (int)draw_between(draw, 0, 12) };
	struct fraction share, rest;
	int order;
	return exact_money_from_decimal(amount, draw_currency(draw), &price) && fraction_make(served, days, &share) &&
	       fraction_make(days - served + lie(draw), days, &rest) && exact_money_multiply(price, share, &left) &&
	       exact_money_multiply(price, rest, &right) && exact_money_add(left, right, &sum) &&
	       fraction_compare(sum.amount, price.amount, &order) && order == 0;
}

/* ---- decimals and fractions ---- */

static bool a_decimal_reads_back(struct draw *draw)
{
	struct decimal back, decimal = { (int128)draw_int64(draw) * (draw_between(draw, 0, 1) ? 1 : 1000003),
		                         (int)draw_between(draw, 0, DECIMAL_SCALE_MAX) };
	if (!decimal_parse(decimal_text(draw->arena, decimal), &back))
		return false;
	back.coefficient += lie(draw);
	return back.coefficient == decimal.coefficient && back.scale == decimal.scale;
}

static bool a_product_is_exact_or_refused(struct draw *draw)
{
	int128 a = (int128)draw_int64(draw) * draw_int64(draw), b = draw_int64(draw), wanted;
	struct decimal product;
	a += a % 10 == 0; /* zeros at the end would be dropped where that makes it fit */
	b += b % 10 == 0;
	bool fits = !__builtin_mul_overflow(a, b, &wanted);
	bool answered = decimal_multiply((struct decimal){ a, 3 }, (struct decimal){ b, 2 }, &product);
	if (!answered || !fits)
		return answered == fits;
	product.coefficient += lie(draw);
	return decimal_compare(product, (struct decimal){ wanted, 5 }) == 0;
}

/* The two neighbours of n/d by long division, and which of them each mode takes. */
static bool rounding_is_what_division_says(struct draw *draw)
{
	static const enum rounding modes[] = { ROUNDING_HALF_UP, ROUNDING_HALF_EVEN, ROUNDING_HALF_DOWN, ROUNDING_UP,
		                               ROUNDING_DOWN, ROUNDING_CEILING, ROUNDING_FLOOR };
	int64_t n = draw_between(draw, -100000, 100000), d = draw_between(draw, 1, 400);
	int scale = (int)draw_between(draw, 0, 3);
	enum rounding mode = modes[draw_between(draw, 0, 6)];
	int64_t scaled = n * (int64_t)decimal_power_of_ten(scale), low = scaled / d - (scaled % d < 0), wanted = low;
	int64_t twice = 2 * (scaled - low * d); /* against d: below, at or above a half */
	bool negative = n < 0, whole = twice == 0;
	switch (mode) {
	case ROUNDING_HALF_UP: wanted = low + (twice > d || (twice == d && !negative)); break;
	case ROUNDING_HALF_DOWN: wanted = low + (twice > d || (twice == d && negative)); break;
	case ROUNDING_HALF_EVEN: wanted = low + (twice > d || (twice == d && low % 2 != 0)); break;
	case ROUNDING_UP: wanted = low + (!whole && !negative); break;
	case ROUNDING_DOWN: wanted = low + (!whole && negative); break;
	case ROUNDING_CEILING: wanted = low + !whole; break;
	case ROUNDING_FLOOR: break;
	}
	struct fraction fraction;
	struct decimal rounded;
	return fraction_make(n, d, &fraction) && fraction_round(fraction, scale, mode, &rounded) &&
	       rounded.coefficient == wanted + lie(draw);
}

/* ---- the calendar ---- */

static bool a_date_reads_back(struct draw *draw)
{
	struct date date = draw_date(draw), parsed, made;
	int year, month, day;
	date_parts(date, &year, &month, &day);
	return date_parse(date_text(draw->arena, date), &parsed) && parsed.day == date.day &&
	       date_make(year, month, day, &made) && made.day + lie(draw) == date.day &&
	       date_weekday(date) == (date.day - 1) % 7 + 1;
}

/* Zeller would do; this counts the days of whole years and months. */
static bool a_day_number_counts_days(struct draw *draw)
{
	static const int before_month[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
	struct date date = draw_date(draw);
	int year, month, day;
	date_parts(date, &year, &month, &day);
	int past = year - 1;
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	int days = past * 365 + past / 4 - past / 100 + past / 400 + before_month[month - 1] + (leap && month > 2) + day;
	return days + lie(draw) == date.day;
}

static bool months_forth_and_back_find_the_day(struct draw *draw)
{
	struct date date = { (int32_t)draw_between(draw, 400000, 1200000) };
	int32_t months = (int32_t)draw_between(draw, -2000, 2000);
	int day = date_day_of_month(date);
	struct date there = date_add_months(date, months);
	struct date back = date_add_months_anchored(there, -months, day);
	int last = date_last_day_of_month(there);
	return back.day == date.day && date_day_of_month(there) == (day < last ? day : last) + lie(draw);
}

static bool cycles_adjoin(struct draw *draw)
{
	enum billing_period period = (enum billing_period)draw_between(draw, BILLING_PERIOD_DAILY, BILLING_PERIOD_TRIENNIAL);
	struct date anchor = { (int32_t)draw_between(draw, 600000, 800000) };
	struct date date = { (int32_t)draw_between(draw, 600000, 800000) };
	int anchor_day = draw_between(draw, 0, 1) ? (int)draw_between(draw, 1, 31) : 0;
	struct period cycle = billing_period_containing(period, anchor, anchor_day, date);
	struct period next = billing_period_containing(period, anchor, anchor_day, cycle.end);
	struct period last = billing_period_containing(period, anchor, anchor_day, date_add_days(cycle.start, -1));
	return period_contains(cycle, date) && next.start.day == cycle.end.day + lie(draw) && last.end.day == cycle.start.day;
}

/* ---- all of them ---- */

static const struct property {
	const char *name;
	bool (*holds)(struct draw *draw);
} properties[] = {
	{ "a sum of money is exact or refused", a_sum_is_exact_or_refused },
	{ "a difference of money is exact or refused", a_difference_is_exact_or_refused },
	{ "pieces of an amount add up to it, none a unit off its share", pieces_add_up_and_none_is_a_unit_off },
	{ "an amount reads back as it was written", an_amount_reads_back },
	{ "two shares of a price are the price", two_shares_are_the_whole },
	{ "a decimal reads back as it was written", a_decimal_reads_back },
	{ "a product is exact or refused", a_product_is_exact_or_refused },
	{ "rounding is what division says, in each mode", rounding_is_what_division_says },
	{ "a date reads back as it was written", a_date_reads_back },
	{ "the number of a day counts days", a_day_number_counts_days },
	{ "months forth and back find the day", months_forth_and_back_find_the_day },
	{ "cycles adjoin and hold their days", cycles_adjoin },
};

/* The first case that does not hold; -1 when all do. */
static long property_run(const struct property *property, struct arena *arena, uint64_t seed, bool lying, long cases)
{
	struct draw draw = { .state = seed, .arena = arena, .lying = lying };
	for (long i = 0; i < cases; i++) {
		if (!property->holds(&draw))
			return i;
		arena_reset(arena);
	}
	return -1;
}

static uint64_t argument(int argc, char **argv, const char *name, uint64_t otherwise)
{
	for (int i = 1; i + 1 < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return strtoull(argv[i + 1], NULL, 10);
	return otherwise;
}

struct tally {
	int passed, failed;
};

static void properties_run(struct arena *arena, uint64_t seed, long cases, struct tally *tally)
{
	printf("# seed %llu, %ld cases of each\n", (unsigned long long)seed, cases);
	for (size_t i = 0; i < sizeof properties / sizeof *properties; i++) {
		long at = property_run(&properties[i], arena, seed, false, cases);
		bool noticed = property_run(&properties[i], arena, seed, true, CASES_OF_A_LIE) >= 0;
		printf("%s - %s\n", at < 0 ? "ok" : "not ok", properties[i].name);
		if (at >= 0)
			printf("# does not hold in case %ld of seed %llu\n", at, (unsigned long long)seed);
		printf("%s - ... and a wrong one is noticed\n", noticed ? "ok" : "not ok");
		tally->passed += (at < 0) + noticed;
		tally->failed += (at >= 0) + !noticed;
	}
}

static void failed_seeds_run(struct arena *arena, struct tally *tally)
{
	char line[300];
	unsigned long long seed;
	FILE *list = fopen(SOURCE_DIR "/tests/failed.seeds", "r");
	while (list && fgets(line, sizeof line, list))
		if (sscanf(line, "model_properties %llu", &seed) == 1)
			properties_run(arena, seed, CASES_DEFAULT, tally);
	if (list)
		fclose(list);
}

int main(int argc, char **argv)
{
	const char *chosen = getenv("CHECK_SEED");
	struct tally tally = { 0 };
	struct arena arena;
	if (!arena_init(&arena, ARENA_BYTES))
		return 1;
	failed_seeds_run(&arena, &tally);
	properties_run(&arena, argument(argc, argv, "--seed", chosen ? strtoull(chosen, NULL, 10) : 20110906),
	               (long)argument(argc, argv, "--cases", CASES_DEFAULT), &tally);
	arena_finish(&arena);
	printf("%d passed, %d failed\n", tally.passed, tally.failed);
	return tally.failed > 0;
}
