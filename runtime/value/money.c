/* money.c: amounts in the smallest unit of one currency, exact amounts, and splitting without loss. */
#include "value/money.h"

struct money money_of(int64_t minor, const struct currency *currency)
{
	return (struct money){ minor, currency };
}

struct money money_zero(const struct currency *currency)
{
	return money_of(0, currency);
}

bool money_present(struct money money)
{
	return money.currency != NULL;
}

bool money_same_currency(struct money a, struct money b)
{
	return a.currency == b.currency;
}

bool money_is_zero(struct money money)
{
	return money.minor == 0;
}

int money_sign(struct money money)
{
	return (money.minor > 0) - (money.minor < 0);
}

static const char *code_of(const struct currency *currency)
{
	return currency ? currency->code : "none";
}

static void same_currency_or_bug(const struct currency *a, const struct currency *b)
{
	if (!a || a != b)
		BUG("%s meets %s", code_of(a), code_of(b));
}

int money_compare(struct money a, struct money b)
{
	same_currency_or_bug(a.currency, b.currency);
	return (a.minor > b.minor) - (a.minor < b.minor);
}

bool money_add(struct money a, struct money b, struct money *sum)
{
	int64_t minor;
	same_currency_or_bug(a.currency, b.currency);
	if (__builtin_add_overflow(a.minor, b.minor, &minor))
		return false;
	*sum = money_of(minor, a.currency);
	return true;
}

bool money_subtract(struct money a, struct money b, struct money *difference)
{
	int64_t minor;
	same_currency_or_bug(a.currency, b.currency);
	if (__builtin_sub_overflow(a.minor, b.minor, &minor))
		return false;
	*difference = money_of(minor, a.currency);
	return true;
}

bool money_negate(struct money money, struct money *negated)
{
	if (money.minor == INT64_MIN)
		return false;
	*negated = money_of(-money.minor, money.currency);
	return true;
}

struct money money_min(struct money a, struct money b)
{
	return money_compare(a, b) <= 0 ? a : b;
}

/* ---- decimals and text ---- */

/* The decimal in smallest units; its places must fit the exponent. */
static bool minor_of(struct decimal decimal, int exponent, int64_t *minor)
{
	struct decimal in_units;
	decimal = decimal_canonical(decimal);
	if (decimal.scale > exponent || !decimal_round(decimal, exponent, ROUNDING_DOWN, &in_units))
		return false;
	return decimal_to_int64((struct decimal){ in_units.coefficient, 0 }, minor);
}

bool money_from_decimal(struct decimal decimal, const struct currency *currency, const char *pointer,
                        struct problems *problems, struct money *money)
{
	int64_t minor;
	if (minor_of(decimal, currency->exponent, &minor)) {
		*money = money_of(minor, currency);
		return true;
	}
	struct text shown = decimal_text(problems->arena, decimal);
	if (decimal_canonical(decimal).scale > currency->exponent)
		return problem_value(problems, PROBLEM_TOO_MANY_DECIMALS, pointer, shown, NULL,
		                     "%.*s has too many decimals: %s has %d", TEXT_ARG(shown), currency->code,
		                     currency->exponent);
	return problem_value(problems, PROBLEM_OUT_OF_RANGE, pointer, shown, NULL,
	                     "%.*s is too large for an amount of %s", TEXT_ARG(shown), currency->code);
}

bool money_parse(struct text amount, const struct currency *currency, struct money *money)
{
	struct decimal decimal;
	int64_t minor;
	if (!decimal_parse(amount, &decimal) || !minor_of(decimal, currency->exponent, &minor))
		return false;
	*money = money_of(minor, currency);
	return true;
}

struct decimal money_decimal(struct money money)
{
	if (!money.currency)
		BUG("no amount");
	return (struct decimal){ money.minor, money.currency->exponent };
}

struct text money_amount_text(struct arena *arena, struct money money)
{
	return money.currency ? decimal_text(arena, money_decimal(money)) : TEXT_NONE;
}

struct text money_text(struct arena *arena, struct money money)
{
	struct text amount = money_amount_text(arena, money);
	if (!text_present(amount))
		return TEXT_NONE;
	return text_format(arena, "%.*s %s", TEXT_ARG(amount), money.currency->code);
}

/* ---- exact amounts ---- */

bool exact_money_from_money(struct money money, struct exact_money *exact)
{
	return exact_money_from_decimal(money_decimal(money), money.currency, exact);
}

bool exact_money_from_decimal(struct decimal amount, const struct currency *currency, struct exact_money *exact)
{
	exact->currency = currency;
	return fraction_from_decimal(amount, &exact->amount);
}

bool exact_money_multiply(struct exact_money exact, struct fraction share, struct exact_money *product)
{
	product->currency = exact.currency;
	return fraction_multiply(exact.amount, share, &product->amount);
}

bool exact_money_add(struct exact_money a, struct exact_money b, struct exact_money *sum)
{
	same_currency_or_bug(a.currency, b.currency);
	sum->currency = a.currency;
	return fraction_add(a.amount, b.amount, &sum->amount);
}

bool exact_money_near(struct exact_money exact, struct exact_money *near)
{
	struct decimal rounded;
	return fraction_round(exact.amount, EXACT_MONEY_NEAR_PLACES, ROUNDING_HALF_UP, &rounded) &&
	       exact_money_from_decimal(rounded, exact.currency, near);
}

bool exact_money_round(struct exact_money exact, enum rounding mode, struct money *money)
{
	struct decimal rounded;
	int64_t minor;
	if (!fraction_round(exact.amount, exact.currency->exponent, mode, &rounded) ||
	    !minor_of(rounded, exact.currency->exponent, &minor))
		return false;
	*money = money_of(minor, exact.currency);
	return true;
}

/* ---- splitting ---- */

/* |whole| * weight = floor * total + remainder, for one weight. */
struct split {
	int128 magnitude, total;
};

static int128 split_floor(struct split split, int64_t weight)
{
	return split.magnitude * weight / split.total;
}

static int128 split_remainder(struct split split, int64_t weight)
{
	return split.magnitude * weight % split.total;
}

static size_t remainders_above(struct split split, const int64_t *weights, size_t count, int128 bound)
{
	size_t above = 0;
	for (size_t i = 0; i < count; i++)
		above += split_remainder(split, weights[i]) > bound;
	return above;
}

/* The least bound that at most `units` remainders exceed. Found by halving, which needs no memory. */
static int128 remainder_bound(struct split split, const int64_t *weights, size_t count, size_t units)
{
	int128 low = 0, high = split.total;
	while (low < high) {
		int128 middle = low + (high - low) / 2;
		if (remainders_above(split, weights, count, middle) <= units)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

bool money_allocate(struct money whole, const int64_t *weights, size_t count, struct money *pieces)
{
	struct split split = { whole.minor < 0 ? -(int128)whole.minor : whole.minor, 0 };
	for (size_t i = 0; i < count; i++) {
		if (weights[i] < 0)
			return false;
		split.total += weights[i];
	}
	if (split.total == 0)
		return false;
	int128 left = split.magnitude;
	for (size_t i = 0; i < count; i++)
		left -= split_floor(split, weights[i]);
	size_t units = (size_t)left;
	int128 bound = units ? remainder_bound(split, weights, count, units) : 0;
	size_t at_bound = units ? units - remainders_above(split, weights, count, bound) : 0;
	for (size_t i = 0; i < count; i++) {
		int128 piece = split_floor(split, weights[i]), remainder = split_remainder(split, weights[i]);
		if (units && remainder > bound) {
			piece++;
		} else if (at_bound && remainder == bound) {
			piece++;
			at_bound--;
		}
		pieces[i] = money_of((int64_t)(whole.minor < 0 ? -piece : piece), whole.currency);
	}
	return true;
}
