/* verify_amount.c: amounts and quantities worked out again, exactly, from what their rows keep. */
#include "verify_check.h"

#include "value/json.h"
#include "value/money.h"

/* ---- lines ---- */

struct line {
	int64_t invoice_id, position;
	struct text kind, quantity, unit_price, exact, decision, rounding;
	const struct currency *currency;
	int64_t minor;
};

static void line_found(struct verify_chunk *chunk, const struct line *line, const char *of, struct text expected,
                       struct text found)
{
	struct arena *arena = store_arena(chunk->transaction);
	verify_found(chunk, TEXT("invoice_line"), line->invoice_id,
	             text_format(arena, "line %lld: %s %.*s", (long long)line->position, of, TEXT_ARG(expected)), found);
}

/* How one line became cents. */
struct line_rounding {
	enum rounding mode;
	struct fraction step; /* of the currency's units; none: the smallest */
	bool together;        /* with others: then it differs from its exact amount by less than a unit */
};

/* "half_up to 0.05 per line, taxes per invoice": mode, step or none, place, and the place of taxes where it is another. */
static bool rounding_read(const struct line *line, struct line_rounding *rounding)
{
	struct text head, taxes, mode, rest, step, place = TEXT_NONE;
	bool tax = text_is(line->kind, "tax"), percentage = tax || text_is(line->kind, "percent");
	if (!text_split(line->rounding, ',', &head, &taxes))
		head = line->rounding;
	else if (tax)
		place = text_slice(taxes, sizeof " taxes", taxes.length);
	*rounding = (struct line_rounding){ .mode = ROUNDING_HALF_UP };
	if (!text_split(head, ' ', &mode, &rest) || !rounding_parse(mode, &rounding->mode))
		return false;
	if (text_starts(rest, "to ") && text_split(text_slice(rest, 3, rest.length), ' ', &step, &rest) &&
	    !fraction_parse(step, &rounding->step))
		return false;
	if (!text_present(place))
		place = rest;
	rounding->together = text_is(place, "per invoice") || (text_is(place, "per rate") && percentage);
	return true;
}

/* To the smallest unit, or to multiples of the step. */
static bool round_to(const struct line_rounding *rounding, struct fraction exact, enum rounding mode,
                     const struct currency *currency, struct money *amount)
{
	struct exact_money steps = { exact, currency }, whole = { exact, currency };
	struct decimal count;
	struct fraction multiple;
	if (!fraction_present(rounding->step))
		return exact_money_round(whole, mode, amount);
	return fraction_divide(exact, rounding->step, &steps.amount) && fraction_round(steps.amount, 0, mode, &count) &&
	       fraction_from_decimal(count, &multiple) && fraction_multiply(multiple, rounding->step, &whole.amount) &&
	       exact_money_round(whole, mode, amount);
}

/* A tax that goes back with a part of its line: cents of all that went back by then less those that went back before, never
 * more than was left; the last part takes what was left. */
static bool back_amount(const struct line *line, const struct json *back, const struct line_rounding *rounding,
                        struct fraction exact, struct money *amount)
{
	struct fraction before;
	struct money charged, given, all;
	if (!fraction_parse(json_text(json_member(back, "before")), &before) || !fraction_add(before, exact, &before) ||
	    !money_parse(json_text(json_member(back, "charged")), line->currency, &charged) ||
	    !money_parse(json_text(json_member(back, "given")), line->currency, &given))
		return false;
	if (rounding->together ? !exact_money_round((struct exact_money){ before, line->currency }, rounding->mode, &all)
	                       : !round_to(rounding, before, rounding->mode, line->currency, &all))
		return false;
	int64_t left = charged.minor + given.minor, now = given.minor - all.minor;
	bool below = charged.minor < 0;
	now = below ? (now > 0 ? 0 : now) : (now < 0 ? 0 : now);
	left = below ? (left > 0 ? 0 : left) : (left < 0 ? 0 : left);
	*amount = money_of(json_member(back, "rest") || (below ? now < left : now > left) ? -left : -now, line->currency);
	return true;
}

static void check_back(struct verify_chunk *chunk, const struct line *line, const struct json *back,
                       const struct line_rounding *rounding, struct fraction exact)
{
	struct arena *arena = store_arena(chunk->transaction);
	struct money amount;
	if (!back_amount(line, back, rounding, exact, &amount))
		line_found(chunk, line, "amount", TEXT("that can be rounded"), line->exact);
	else if (line->minor != amount.minor)
		line_found(chunk, line, "amount", money_text(arena, amount), money_text(arena, money_of(line->minor, line->currency)));
}

static void check_rounding(struct verify_chunk *chunk, const struct line *line, const struct json *decision, struct fraction exact)
{
	struct arena *arena = store_arena(chunk->transaction);
	struct line_rounding rounding;
	struct money low, high;
	const struct json *back = decision && !json_member(decision, "included") ? json_member(decision, "back") : NULL;
	if (!rounding_read(line, &rounding))
		return;
	if (back) {
		check_back(chunk, line, back, &rounding, exact);
		return;
	}
	if (decision && json_member(decision, "together")) /* a coupon's discount of several lines */
		rounding.together = true;
	enum rounding below = rounding.together ? ROUNDING_FLOOR : rounding.mode;
	enum rounding above = rounding.together ? ROUNDING_CEILING : rounding.mode;
	if (!round_to(&rounding, exact, below, line->currency, &low) || !round_to(&rounding, exact, above, line->currency, &high))
		line_found(chunk, line, "amount", TEXT("that can be rounded"), line->exact);
	else if (line->minor < low.minor || line->minor > high.minor)
		line_found(chunk, line, "amount", money_text(arena, low), money_text(arena, money_of(line->minor, line->currency)));
}

/* Parses a member that holds a number; false when it is not there. */
static bool decision_number(const struct json *decision, const char *name, struct fraction *number)
{
	const struct json *member = json_member(decision, name);
	return member && fraction_parse(json_text(member), number);
}

static void expect_equal(struct verify_chunk *chunk, const struct line *line, const char *of, struct fraction expected,
                         struct fraction found)
{
	struct arena *arena = store_arena(chunk->transaction);
	int order;
	if (!fraction_compare(expected, found, &order) || order != 0)
		line_found(chunk, line, of, fraction_text(arena, expected), fraction_text(arena, found));
}

/* Price times quantity, where no tiers decide, and all of it where no policy took a part. */
static void check_price(struct verify_chunk *chunk, const struct line *line, const struct json *decision, struct fraction exact)
{
	struct fraction quantity, price, whole, product;
	if (!decision_number(decision, "whole", &whole))
		return;
	if (text_present(line->unit_price) && fraction_parse(line->unit_price, &price) &&
	    fraction_parse(line->quantity, &quantity) && fraction_multiply(price, quantity, &product))
		expect_equal(chunk, line, "price", product, whole);
	if (!json_member(decision, "proration"))
		expect_equal(chunk, line, "exact amount", whole, exact);
}

/* The shipped rule takes percent of 100; others are free. */
static void check_percent(struct verify_chunk *chunk, const struct line *line, const struct json *decision, struct fraction exact)
{
	const struct json *tax = json_member(decision, "tax");
	struct fraction percent, of, hundred, product;
	if (!tax || !text_is(json_text(json_member(tax, "rule")), "tax/percent") || !decision_number(decision, "percent", &percent) ||
	    !decision_number(decision, "of", &of) || !fraction_make(1, 100, &hundred))
		return;
	if (fraction_multiply(of, percent, &product) && fraction_multiply(product, hundred, &product))
		expect_equal(chunk, line, "percentage", product, exact);
}

static bool line_row(void *context, const struct store_row *row)
{
	struct verify_chunk *chunk = context;
	struct arena *arena = store_arena(chunk->transaction);
	struct arena_mark mark = arena_mark(arena);
	const struct line line = {
		.invoice_id = store_row_integer(row, 0), .position = store_row_integer(row, 1), .kind = store_row_text(row, 2),
		.currency = currency_find(store_row_text(row, 3)), .quantity = store_row_text(row, 4),
		.unit_price = store_row_text(row, 5), .exact = store_row_text(row, 6), .minor = store_row_integer(row, 7),
		.decision = store_row_text(row, 8), .rounding = store_row_text(row, 9),
	};
	struct problems ignored;
	struct fraction exact;
	problems_init(&ignored, arena);
	if (line.currency && text_present(line.exact) && fraction_parse(line.exact, &exact)) {
		const struct json *decision = text_present(line.decision) ? json_parse(line.decision, arena, &ignored) : NULL;
		check_rounding(chunk, &line, decision, exact);
		if (decision) {
			check_price(chunk, &line, decision, exact);
			check_percent(chunk, &line, decision, exact);
		}
	}
	arena_rewind(arena, mark);
	return true;
}

bool verify_line_decision(struct verify_chunk *chunk)
{
	return verify_each(chunk, line_row);
}

/* ---- usage ---- */

struct usage_sum {
	struct verify_chunk *chunk;
	int64_t account_id, invoice_id, position;
	struct decimal sum, line;
	bool known; /* the line is there */
};

static void usage_sum_end(struct usage_sum *sum)
{
	struct arena *arena = store_arena(sum->chunk->transaction);
	if (sum->invoice_id == 0 || (sum->known && decimal_compare(sum->sum, sum->line) == 0))
		return;
	verify_found(sum->chunk, TEXT("invoice_line"), sum->invoice_id,
	             text_format(arena, "line %lld: quantity %.*s", (long long)sum->position,
	                         TEXT_ARG(decimal_canonical_text(arena, sum->sum))),
	             sum->known ? decimal_canonical_text(arena, sum->line) : TEXT("none"));
}

static bool usage_row(struct usage_sum *sum, const struct store_row *row)
{
	struct decimal quantity;
	int64_t account_id = store_row_integer(row, 0), invoice_id = store_row_integer(row, 1), position = store_row_integer(row, 2);
	if (account_id != sum->account_id || invoice_id != sum->invoice_id || position != sum->position) {
		usage_sum_end(sum);
		*sum = (struct usage_sum){ .chunk = sum->chunk, .account_id = account_id, .invoice_id = invoice_id,
		                           .position = position, .sum = decimal_from_int64(0) };
		sum->known = !store_row_null(row, 4) && decimal_parse(store_row_text(row, 4), &sum->line);
	}
	return !decimal_parse(store_row_text(row, 3), &quantity) || decimal_add(sum->sum, quantity, &sum->sum);
}

static bool usage_row_each(void *context, const struct store_row *row)
{
	return usage_row(context, row);
}

bool verify_usage_quantity(struct verify_chunk *chunk)
{
	struct usage_sum sum = { .chunk = chunk };
	if (!store_each(chunk->transaction, chunk->invariant->statement,
	                BINDS(bind_integer(chunk->from), bind_integer(chunk->to)), usage_row_each, &sum))
		return false;
	usage_sum_end(&sum);
	return true;
}
