/* fuzz_money.c: amounts: "USD 60.50 1.10 3 1 2" is a currency, two amounts and up to 16 weights to split the first by. */
#include "fuzz.h"

#include "value/money.h"

enum { WEIGHTS_MAX = 16 };

static struct text word_next(struct text *rest)
{
	struct text word;
	if (!text_split(*rest, ' ', &word, rest))
		*rest = TEXT("");
	return word;
}

static bool money_read(struct fuzz *fuzz, const struct currency *currency, struct text word, struct money *money)
{
	struct decimal decimal;
	struct money strict;
	if (!decimal_parse(word, &decimal)) {
		FUZZ_CHECK(!money_parse(word, currency, money));
		return false;
	}
	bool good = money_from_decimal(decimal, currency, "", &fuzz->problems, &strict);
	FUZZ_CHECK(money_parse(word, currency, money) == good);
	FUZZ_CHECK(good == (fuzz->problems.count == 0));
	if (!good)
		return false;
	FUZZ_CHECK(strict.minor == money->minor && decimal_compare(money_decimal(*money), decimal) == 0);
	struct text text = money_amount_text(&fuzz->arena, *money);
	FUZZ_CHECK(money_parse(text, currency, &strict) && strict.minor == money->minor);
	return true;
}

static void pair_use(struct money a, struct money b)
{
	struct money sum, back;
	if (money_add(a, b, &sum))
		FUZZ_CHECK(money_subtract(sum, b, &back) && back.minor == a.minor);
	if (money_negate(b, &back) && money_subtract(a, b, &sum)) {
		struct money other;
		FUZZ_CHECK(money_add(a, back, &other) && other.minor == sum.minor);
	}
	FUZZ_CHECK(money_compare(a, b) == -money_compare(b, a));
}

static void exact_use(struct money money)
{
	struct exact_money exact;
	struct money rounded;
	FUZZ_CHECK(exact_money_from_money(money, &exact));
	for (int mode = ROUNDING_HALF_UP; mode <= ROUNDING_FLOOR; mode++)
		FUZZ_CHECK(exact_money_round(exact, (enum rounding)mode, &rounded) && rounded.minor == money.minor);
}

static void split_use(struct money whole, struct text rest)
{
	int64_t weights[WEIGHTS_MAX];
	struct money pieces[WEIGHTS_MAX];
	size_t count = 0;
	while (rest.length > 0 && count < WEIGHTS_MAX && text_to_int64(word_next(&rest), &weights[count]))
		count++;
	if (!money_allocate(whole, weights, count, pieces))
		return;
	int128 sum = 0;
	for (size_t i = 0; i < count; i++) {
		sum += pieces[i].minor;
		FUZZ_CHECK(pieces[i].minor == 0 || (pieces[i].minor < 0) == (whole.minor < 0));
		FUZZ_CHECK(weights[i] > 0 || pieces[i].minor == 0);
	}
	FUZZ_CHECK(sum == whole.minor);
}

static void amounts(struct fuzz *fuzz)
{
	struct text rest = fuzz->input;
	const struct currency *currency = currency_find(word_next(&rest));
	if (!currency)
		currency = currency_at(text_hash(fuzz->input) % currency_count());
	struct money a, b;
	if (!money_read(fuzz, currency, word_next(&rest), &a))
		return;
	exact_use(a);
	if (!money_read(fuzz, currency, word_next(&rest), &b))
		return;
	pair_use(a, b);
	split_use(a, rest);
}

FUZZ_TARGET(amounts)
