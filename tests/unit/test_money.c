/* test_money.c: currencies, amounts, exact amounts and splitting without loss. */
#include "value/money.h"

#include "check.h"

static struct arena arena;
static struct problems problems;

static void start(void)
{
	if (!arena.reserve)
		CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	problems_init(&problems, &arena);
}

static const struct currency *currency_of(const char *code)
{
	const struct currency *currency = currency_find(text_of(code));
	start();
	if (!currency)
		CHECK_FAIL("no currency %s", code);
	return currency;
}

static struct money money_in(const char *code, const char *amount)
{
	struct money money = money_zero(NULL);
	if (!money_parse(text_of(amount), currency_of(code), &money))
		CHECK_FAIL("no amount: %s %s", amount, code);
	return money;
}

TEST(every_currency_is_found_by_its_code)
{
	CHECK(currency_count() > 150);
	for (size_t i = 0; i < currency_count(); i++) {
		const struct currency *currency = currency_at(i);
		check_note("%s", currency->code);
		CHECK(currency_find(text_of(currency->code)) == currency);
		CHECK(currency->exponent >= 0 && currency->exponent <= 4);
		CHECK(currency->name[0] != '\0');
	}
	CHECK_ABORTS(currency_at(currency_count()));
}

TEST(unknown_codes_are_refused)
{
	static const char *const refused[] = { "", "US", "USDD", "usd", "XXX", "XAU", "ZZZ", "AAA", "EU1" };
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		check_note("%s", refused[i]);
		CHECK(currency_find(text_of(refused[i])) == NULL);
	}
	CHECK(currency_find(TEXT_NONE) == NULL);
}

TEST(exponents_are_those_of_iso_4217)
{
	static const char *const codes[5] = {
		"BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
		"",
		"USD EUR GBP CHF CHE SEK RON HUF MGA MRU XCG CZK",
		"BHD IQD JOD KWD LYD OMR TND",
		"CLF UYW",
	};
	for (int exponent = 0; exponent < 5; exponent++) {
		struct text rest = text_of(codes[exponent]), code;
		while (rest.length) {
			text_split(rest, ' ', &code, &rest);
			check_note("%.*s", TEXT_ARG(code));
			CHECK(currency_find(code) != NULL);
			CHECK_EQ_INT(currency_find(code)->exponent, exponent);
		}
	}
}

TEST(an_amount_is_read_in_the_smallest_unit)
{
	CHECK_EQ_INT(money_in("USD", "60.50").minor, 6050);
	CHECK_EQ_INT(money_in("USD", "60.5").minor, 6050);
	CHECK_EQ_INT(money_in("USD", "60.5000").minor, 6050);
	CHECK_EQ_INT(money_in("JPY", "1234").minor, 1234);
	CHECK_EQ_INT(money_in("BHD", "1.234").minor, 1234);
	CHECK_EQ_INT(money_in("CLF", "0.1234").minor, 1234);
	CHECK_EQ_INT(money_in("USD", "-92233720368547758.08").minor, INT64_MIN);
}

TEST(an_amount_that_does_not_fit_is_refused)
{
	struct money money;
	CHECK(!money_parse(TEXT("1.234"), currency_of("USD"), &money));
	CHECK(!money_parse(TEXT("0.5"), currency_of("JPY"), &money));
	CHECK(!money_parse(TEXT("92233720368547758.08"), currency_of("USD"), &money));
	CHECK(!money_parse(TEXT("100000000000000000000000000000000000000"), currency_of("USD"), &money));
	CHECK(!money_parse(TEXT("1,00"), currency_of("USD"), &money));
	CHECK(!money_parse(TEXT(""), currency_of("USD"), &money));
}

TEST(a_problem_names_the_decimals_of_the_currency)
{
	struct money money;
	struct decimal decimal = { 1234, 3 };
	const struct currency *usd = currency_of("USD");
	CHECK(!money_from_decimal(decimal, usd, "/amount", &problems, &money));
	CHECK_EQ_INT(problems.first->code, PROBLEM_TOO_MANY_DECIMALS);
	CHECK_EQ_C(problems.first->pointer, "/amount");
	CHECK_EQ_TEXT(problems.first->value, "1.234");
	CHECK(strstr(problems.first->message, "USD has 2") != NULL);
	struct decimal large = { (int128)INT64_MAX, 0 };
	CHECK(!money_from_decimal(large, usd, "/amount", &problems, &money));
	CHECK_EQ_INT(problem_last(&problems)->code, PROBLEM_OUT_OF_RANGE);
	struct decimal fits = { 12500, 3 };
	CHECK(money_from_decimal(fits, usd, "/amount", &problems, &money));
	CHECK_EQ_INT(money.minor, 1250);
	CHECK_EQ_INT(problems.count, 2);
}

TEST(money_is_written_with_all_its_decimals)
{
	CHECK_EQ_TEXT(money_text(&arena, money_in("USD", "60.5")), "60.50 USD");
	CHECK_EQ_TEXT(money_text(&arena, money_in("JPY", "1000")), "1000 JPY");
	CHECK_EQ_TEXT(money_amount_text(&arena, money_in("KWD", "-0.005")), "-0.005");
	CHECK_EQ_TEXT(money_amount_text(&arena, money_zero(NULL)), NULL);
	CHECK_EQ_TEXT(money_text(&arena, money_zero(NULL)), NULL);
}

TEST(no_amount_is_not_zero_of_a_currency)
{
	CHECK(!money_present(money_zero(NULL)));
	CHECK(money_present(money_in("USD", "0")));
	CHECK(money_is_zero(money_in("USD", "0")));
	CHECK_EQ_INT(money_sign(money_in("USD", "-1")), -1);
}

TEST(sums_that_overflow_are_refused)
{
	struct money most = money_of(INT64_MAX, currency_of("USD")), one = money_of(1, most.currency), result;
	struct money least = money_of(INT64_MIN, most.currency);
	CHECK(!money_add(most, one, &result));
	CHECK(!money_subtract(least, one, &result));
	CHECK(!money_negate(least, &result));
	CHECK(money_negate(most, &result) && result.minor == -INT64_MAX);
	CHECK(money_add(most, least, &result) && result.minor == -1);
}

TEST(two_currencies_never_mix)
{
	struct money dollar = money_in("USD", "1"), euro = money_in("EUR", "1"), result;
	CHECK(!money_same_currency(dollar, euro));
	CHECK_ABORTS(money_add(dollar, euro, &result));
	CHECK_ABORTS(money_subtract(dollar, euro, &result));
	CHECK_ABORTS(money_compare(dollar, euro));
	CHECK_ABORTS(money_add(dollar, money_zero(NULL), &result));
}

TEST(the_smaller_amount_is_chosen)
{
	struct money two = money_in("USD", "2"), one = money_in("USD", "1");
	CHECK_EQ_INT(money_min(two, one).minor, 100);
	CHECK_EQ_INT(money_compare(two, one), 1);
	CHECK_EQ_INT(money_compare(one, one), 0);
}

/* ---- exact amounts ---- */

static struct money share_of(const char *code, const char *amount, const char *share, enum rounding mode)
{
	struct exact_money exact, product;
	struct fraction fraction;
	struct money rounded = money_zero(NULL);
	CHECK(exact_money_from_money(money_in(code, amount), &exact));
	CHECK(fraction_parse(text_of(share), &fraction));
	CHECK(exact_money_multiply(exact, fraction, &product));
	CHECK(exact_money_round(product, mode, &rounded));
	return rounded;
}

TEST(a_share_is_rounded_once_to_the_currency)
{
	CHECK_EQ_TEXT(money_text(&arena, share_of("USD", "10.00", "5/31", ROUNDING_HALF_UP)), "1.61 USD");
	CHECK_EQ_TEXT(money_text(&arena, share_of("USD", "10.00", "2/31", ROUNDING_HALF_UP)), "0.65 USD");
	CHECK_EQ_TEXT(money_text(&arena, share_of("USD", "10.00", "5/28", ROUNDING_HALF_UP)), "1.79 USD");
	CHECK_EQ_TEXT(money_text(&arena, share_of("USD", "20.00", "21/31", ROUNDING_HALF_UP)), "13.55 USD");
	CHECK_EQ_TEXT(money_text(&arena, share_of("USD", "-10.00", "21/31", ROUNDING_HALF_UP)), "-6.77 USD");
	CHECK_EQ_TEXT(money_text(&arena, share_of("JPY", "999", "15/30", ROUNDING_HALF_UP)), "500 JPY");
	CHECK_EQ_TEXT(money_text(&arena, share_of("JPY", "999", "15/30", ROUNDING_HALF_DOWN)), "499 JPY");
	CHECK_EQ_TEXT(money_text(&arena, share_of("KWD", "1.000", "1/3", ROUNDING_UP)), "0.334 KWD");
}

TEST(exact_amounts_lose_nothing_before_they_are_rounded)
{
	struct exact_money third, sum;
	struct fraction fraction;
	struct money rounded;
	CHECK(exact_money_from_money(money_in("USD", "1.00"), &third));
	CHECK(fraction_make(1, 3, &fraction) && exact_money_multiply(third, fraction, &third));
	CHECK(exact_money_add(third, third, &sum) && exact_money_add(sum, third, &sum));
	CHECK(exact_money_round(sum, ROUNDING_DOWN, &rounded));
	CHECK_EQ_INT(rounded.minor, 100);
}

TEST(an_exact_amount_too_large_for_money_is_refused)
{
	struct exact_money exact;
	struct decimal large = { (int128)INT64_MAX, 0 };
	struct money rounded;
	CHECK(exact_money_from_decimal(large, currency_of("USD"), &exact));
	CHECK(!exact_money_round(exact, ROUNDING_HALF_UP, &rounded));
}

/* ---- splitting ---- */

static void check_split(const char *code, const char *whole, const int64_t *weights, size_t count, const int64_t *expected)
{
	struct money pieces[8];
	CHECK(money_allocate(money_in(code, whole), weights, count, pieces));
	for (size_t i = 0; i < count; i++) {
		check_note("%s, piece %zu", whole, i);
		CHECK_EQ_INT(pieces[i].minor, expected[i]);
		CHECK(pieces[i].currency == currency_of(code));
	}
}

TEST(left_over_cents_go_to_the_largest_remainders)
{
	check_split("USD", "1.00", (int64_t[]){ 1, 1, 1 }, 3, (int64_t[]){ 34, 33, 33 });
	check_split("USD", "0.02", (int64_t[]){ 1, 1, 1 }, 3, (int64_t[]){ 1, 1, 0 });
	check_split("USD", "1.00", (int64_t[]){ 100, 200 }, 2, (int64_t[]){ 33, 67 });
	check_split("USD", "-1.00", (int64_t[]){ 1, 1, 1 }, 3, (int64_t[]){ -34, -33, -33 });
	check_split("USD", "1.00", (int64_t[]){ 0, 1, 0 }, 3, (int64_t[]){ 0, 100, 0 });
	check_split("USD", "0.01", (int64_t[]){ 0, 1, 1 }, 3, (int64_t[]){ 0, 1, 0 });
	check_split("JPY", "100", (int64_t[]){ 333, 333, 334 }, 3, (int64_t[]){ 33, 33, 34 });
	check_split("USD", "0", (int64_t[]){ 3, 4 }, 2, (int64_t[]){ 0, 0 });
	check_split("USD", "-92233720368547758.08", (int64_t[]){ INT64_MAX, INT64_MAX }, 2,
	            (int64_t[]){ INT64_MIN / 2, INT64_MIN / 2 });
}

TEST(weights_that_make_no_sense_are_refused)
{
	struct money pieces[2];
	CHECK(!money_allocate(money_in("USD", "1"), (int64_t[]){ 0, 0 }, 2, pieces));
	CHECK(!money_allocate(money_in("USD", "1"), (int64_t[]){ 1, -1 }, 2, pieces));
	CHECK(!money_allocate(money_in("USD", "1"), NULL, 0, pieces));
}

enum { CASES = 100000, PIECES_MAX = 12 };

TEST(pieces_always_sum_to_the_whole_and_lie_within_one_unit_of_their_share)
{
	uint64_t state = check_seed();
	const struct currency *usd = currency_of("USD");
	for (int i = 0; i < CASES; i++) {
		int64_t weights[PIECES_MAX];
		struct money pieces[PIECES_MAX];
		size_t count = (size_t)check_between(&state, 1, PIECES_MAX);
		int64_t most = i % 3 == 0 ? 3 : i % 3 == 1 ? 1000 : INT64_MAX;
		struct money whole = money_of(i % 2 ? check_between(&state, -1000, 1000)
		                                    : check_between(&state, INT64_MIN, INT64_MAX), usd);
		int128 total = 0, sum = 0;
		for (size_t j = 0; j < count; j++)
			total += weights[j] = check_between(&state, 0, most);
		check_note("case %d", i);
		CHECK(money_allocate(whole, weights, count, pieces) == (total > 0));
		if (total == 0)
			continue;
		for (size_t j = 0; j < count; j++) {
			sum += pieces[j].minor;
			/* |piece - whole * weight / total| < 1, without dividing: the quotient truncates toward zero */
			int128 cut = (int128)whole.minor * weights[j] / total;
			int128 beyond = whole.minor < 0 ? cut - pieces[j].minor : pieces[j].minor - cut;
			CHECK(beyond == 0 || beyond == 1);
			CHECK(weights[j] != 0 || pieces[j].minor == 0);
		}
		CHECK(sum == whole.minor);
	}
}

TEST(an_equal_weight_never_gets_more_than_an_earlier_one)
{
	uint64_t state = check_seed();
	const struct currency *usd = currency_of("USD");
	for (int i = 0; i < CASES; i++) {
		int64_t weights[PIECES_MAX];
		struct money pieces[PIECES_MAX];
		size_t count = (size_t)check_between(&state, 1, PIECES_MAX);
		for (size_t j = 0; j < count; j++)
			weights[j] = check_between(&state, 1, 4);
		check_note("case %d", i);
		CHECK(money_allocate(money_of(check_between(&state, 0, 100000), usd), weights, count, pieces));
		for (size_t j = 1; j < count; j++)
			for (size_t k = 0; k < j; k++) {
				CHECK(weights[k] != weights[j] || pieces[k].minor >= pieces[j].minor);
				CHECK(weights[k] <= weights[j] || pieces[k].minor >= pieces[j].minor);
			}
	}
}

TEST(amounts_are_read_back_as_written)
{
	uint64_t state = check_seed();
	start();
	for (int i = 0; i < CASES; i++) {
		const struct currency *currency = currency_at((size_t)check_between(&state, 0, (int64_t)currency_count() - 1));
		struct money back, money = money_of(check_between(&state, INT64_MIN, INT64_MAX), currency);
		arena_reset(&arena);
		struct text text = money_amount_text(&arena, money);
		check_note("%s %s", text.data, currency->code);
		CHECK(money_parse(text, currency, &back));
		CHECK(back.minor == money.minor && back.currency == currency);
	}
}

CHECK_MAIN
