/* credit_note_draft.c: what a credit note takes back of which lines. */
#include "credit_note_draft.h"

#include "discount_spread.h"

static bool lies_on_one(const struct invoice_line *line)
{
	return line->has_linked_position && (!line->linked_invoice_id || line->linked_invoice_id == line->invoice_id);
}

/* A coupon's discounts are linked to the charge, and so is what repairs have given back of them. */
static bool takes_from(const struct invoice_line *taken, const struct note_line *item)
{
	const struct invoice_line *line = item->line;
	if (!taken->coupon_redemption_id)
		return taken->linked_position == line->position;
	return item->discount && taken->amount.minor > 0 && taken->coupon_redemption_id == line->coupon_redemption_id &&
	       taken->linked_position == line->linked_position &&
	       date_compare(taken->coupon_period_start, line->coupon_period_start) == 0;
}

/* What earlier adjustments and repairs have left: between nothing and the line's amount's sign. */
static bool take(const struct invoice_line *taken, size_t count, struct note_line *item)
{
	bool charges = !item->discount;
	if (charges && !invoice_line_charges(item->line))
		item->left = money_zero(item->left.currency);
	for (size_t i = 0; i < count; i++)
		if (takes_from(&taken[i], item) && !money_add(item->left, taken[i].amount, &item->left))
			return false;
	if (charges ? item->left.minor < 0 : item->left.minor > 0)
		item->left = money_zero(item->left.currency);
	return true;
}

/* ------------------------------------------------------------------------------------------------ discounts */

static bool bears(const struct invoice_line *discount, const struct note_line *item)
{
	const struct invoice_line *line = item->line;
	if (note_line_follows(item) || line->amount.minor <= 0)
		return false;
	if (lies_on_one(discount))
		return line->position == discount->linked_position;
	return line->subscription_id == discount->subscription_id && line->order_id == discount->order_id &&
	       (line->kind == INVOICE_LINE_KIND_ONE_TIME || line->kind == INVOICE_LINE_KIND_RECURRING);
}

/* What of one discount each line bears; `shares` hold what the discounts before it have left. */
static bool spread(struct arena *arena, const struct note_draft *draft, const struct note_line *discount,
                   struct discount_share *shares)
{
	struct exact_money left, wanted;
	struct money amount = money_of(-discount->line->amount.minor, discount->line->currency);
	int order;
	for (size_t i = 0; i < draft->count; i++)
		shares[i].eligible = bears(discount->line, &draft->items[i]);
	if (!discount_left(shares, draft->count, amount.currency, &left) || !exact_money_from_money(amount, &wanted) ||
	    !fraction_compare(wanted.amount, left.amount, &order))
		return false;
	if (order > 0 && !exact_money_round(left, ROUNDING_DOWN, &amount))
		return false;
	return discount_spread_cents(arena, shares, draft->count, amount);
}

static bool begin_shares(struct arena *arena, const struct note_draft *draft, struct discount_share **shares)
{
	*shares = arena_new_many(arena, struct discount_share, draft->count + 1);
	for (size_t i = 0; i < draft->count; i++) {
		struct note_line *item = &draft->items[i];
		struct money zero = money_zero(item->line->currency);
		struct money left = note_line_follows(item) ? zero : item->line->amount;
		if (!exact_money_from_money(left, &(*shares)[i].left) || !exact_money_from_money(zero, &(*shares)[i].taken))
			return false;
	}
	return true;
}

/* Calls `use` for each discount, with what each line bears of it. */
typedef bool discount_use(struct note_draft *draft, struct note_line *discount, const struct exact_money *borne);

static bool each_discount(struct arena *arena, struct note_draft *draft, discount_use *use)
{
	struct discount_share *shares;
	struct exact_money *borne = arena_new_many(arena, struct exact_money, draft->count + 1);
	if (!begin_shares(arena, draft, &shares))
		return false;
	for (size_t d = 0; d < draft->count; d++) {
		if (!draft->items[d].discount)
			continue;
		for (size_t i = 0; i < draft->count; i++)
			borne[i] = shares[i].taken;
		if (!spread(arena, draft, &draft->items[d], shares))
			return false;
		for (size_t i = 0; i < draft->count; i++) {
			borne[i].currency = shares[i].taken.currency;
			if (!fraction_subtract(shares[i].taken.amount, borne[i].amount, &borne[i].amount))
				return false;
		}
		if (!use(draft, &draft->items[d], borne))
			return false;
	}
	return true;
}

static bool add_shares(struct note_draft *draft, struct note_line *discount, const struct exact_money *borne)
{
	(void)discount;
	for (size_t i = 0; i < draft->count; i++) {
		struct money share;
		if (!exact_money_round(borne[i], ROUNDING_HALF_UP, &share) ||
		    !money_add(draft->items[i].discounts, share, &draft->items[i].discounts))
			return false;
	}
	return true;
}

/* The part of the discount that lies on what is taken of its lines. */
static bool take_discount(struct note_draft *draft, struct note_line *discount, const struct exact_money *borne)
{
	for (size_t i = 0; i < draft->count; i++) {
		struct exact_money whole, part;
		struct fraction share;
		if (fraction_sign(borne[i].amount) == 0)
			continue;
		struct exact_money share_of = borne[i];
		struct money of = draft->items[i].line->amount;
		bool alone = lies_on_one(discount->line); /* then of what is left of both: adjustments may have parted them */
		if (alone && !exact_money_from_money(money_of(-discount->left.minor, of.currency), &share_of))
			return false;
		if (!exact_money_from_money(alone ? draft->items[i].left : of, &whole) || fraction_sign(whole.amount) == 0)
			continue;
		if (!fraction_divide(draft->items[i].exact.amount, whole.amount, &share) ||
		    !exact_money_multiply(share_of, share, &part) || !exact_money_near(part, &part) ||
		    !fraction_subtract(discount->exact.amount, part.amount, &discount->exact.amount))
			return false;
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------ the lines */

static const struct json *targets_of(struct arena *arena, const struct invoice_line *line)
{
	struct problems ignored;
	problems_init(&ignored, arena);
	bool percentage = line->kind == INVOICE_LINE_KIND_TAX || line->kind == INVOICE_LINE_KIND_PERCENT;
	if (!percentage || !line->order_id || !text_present(line->decision))
		return NULL;
	const struct json *decision = json_parse(line->decision, arena, &ignored);
	return decision ? json_member(decision, "targets") : NULL;
}

bool note_draft_begin(struct arena *arena, const struct invoice *invoice, const struct invoice_line *taken,
                      size_t taken_count, struct note_draft *draft)
{
	struct money zero = money_zero(invoice->currency);
	*draft = (struct note_draft){ .discount = zero, .sub_total = zero, .tax = zero, .total = zero,
		                      .before = note_sums_none(invoice->currency),
		                      .took = note_sums_none(invoice->currency) };
	draft->items = arena_new_many(arena, struct note_line, invoice->lines.count + 1);
	draft->count = invoice->lines.count;
	for (size_t i = 0; i < draft->count; i++) {
		const struct invoice_line *line = &invoice->lines.items[i];
		const struct json *targets = targets_of(arena, line);
		draft->items[i] = (struct note_line){
			.line = line, .targets = targets, .left = line->amount, .credited = zero, .discounts = zero, .decision = TEXT_NONE,
			.tax = line->kind == INVOICE_LINE_KIND_TAX && (targets || lies_on_one(line)),
			.percentage = line->kind == INVOICE_LINE_KIND_PERCENT && targets,
			.discount = line->kind == INVOICE_LINE_KIND_DISCOUNT && line->amount.minor < 0,
		};
		if (!exact_money_from_money(zero, &draft->items[i].exact) || !take(taken, taken_count, &draft->items[i]))
			return false;
	}
	return each_discount(arena, draft, add_shares);
}

bool note_line_follows(const struct note_line *item)
{
	return item->tax || item->percentage || item->discount;
}

bool note_line_take_unused(struct note_line *item, struct exact_money unused)
{
	struct exact_money left;
	int order;
	item->exact.currency = unused.currency;
	if (!exact_money_near(unused, &unused) || !fraction_subtract(unused.amount, item->given_back.amount, &item->exact.amount) ||
	    !exact_money_from_money(item->left, &left) || !fraction_compare(item->exact.amount, left.amount, &order))
		return false;
	if (fraction_sign(item->exact.amount) < 0)
		return exact_money_from_money(money_zero(unused.currency), &item->exact);
	if (order > 0)
		item->exact = left;
	return true;
}

struct note_line *note_draft_line(struct note_draft *draft, int64_t position)
{
	for (size_t i = 0; i < draft->count; i++)
		if (draft->items[i].line->position == position)
			return &draft->items[i];
	return NULL;
}

/* ------------------------------------------------------------------------------------------------ cents */

static struct money clamp(const struct note_line *item, struct money amount)
{
	if (!item->discount)
		return money_min(amount, item->left);
	return money_compare(amount, item->left) < 0 ? item->left : amount;
}

static bool sum_add(struct rounded_sum *sum, struct exact_money exact, struct money amount)
{
	return exact_money_add(sum->exact, exact, &sum->exact) && money_add(sum->amount, amount, &sum->amount);
}

/* What is a cent or more off its exact amount was held to what was left, and counts as it is. */
static bool sum_take(struct note_sums *sums, const struct note_line *item)
{
	struct rounded_sum *sum = item->tax ? &sums->taxes : &sums->lines;
	struct exact_money cents;
	struct fraction apart, whole;
	int order;
	if (!exact_money_from_money(item->credited, &cents) || !fraction_subtract(item->exact.amount, cents.amount, &apart) ||
	    !fraction_make(1, decimal_power_of_ten(item->credited.currency->exponent), &whole))
		return false;
	if (fraction_sign(apart) < 0)
		apart.numerator = -apart.numerator;
	return fraction_compare(apart, whole, &order) && sum_add(sum, order < 0 ? item->exact : cents, item->credited);
}

/* Of an amount that is cents: credited so, and counted with what came before. */
static bool take_cents(struct note_line *item, struct rounded_sum *before, bool *cents)
{
	struct exact_money floor;
	struct money amount;
	int order;
	if (!exact_money_round(item->exact, ROUNDING_FLOOR, &amount) || !exact_money_from_money(amount, &floor) ||
	    !fraction_compare(floor.amount, item->exact.amount, &order))
		return false;
	*cents = order == 0;
	if (*cents)
		item->credited = clamp(item, amount);
	return !*cents || sum_add(before, item->exact, amount);
}

/* Of the lines that are taxes, or of those that are none: their exact amounts as cents that add up to the rounded sum, with what
 * earlier notes took. Amounts that are cents already stay what they are. */
static bool round_lines(struct arena *arena, enum rounding mode, struct note_draft *draft, bool taxes)
{
	struct invoice_line *lines = arena_new_many(arena, struct invoice_line, draft->count + 1);
	struct invoice_line **group = arena_new_many(arena, struct invoice_line *, draft->count + 1);
	struct note_line **items = arena_new_many(arena, struct note_line *, draft->count + 1);
	struct rounded_sum before = taxes ? draft->before.taxes : draft->before.lines;
	size_t count = 0;
	for (size_t i = 0; i < draft->count; i++) {
		struct note_line *item = &draft->items[i];
		bool cents;
		if (item->tax != taxes || fraction_sign(item->exact.amount) == 0)
			continue;
		if (!take_cents(item, &before, &cents))
			return false;
		if (cents)
			continue;
		items[count] = item;
		lines[count].exact = item->exact;
		group[count] = &lines[count];
		count++;
	}
	if (!invoice_round_after(arena, &before, group, count, mode))
		return false;
	for (size_t i = 0; i < count; i++)
		items[i]->credited = clamp(items[i], lines[i].amount);
	return true;
}

/* ------------------------------------------------------------------------------------------------ what notes took */

struct note_sums note_sums_none(const struct currency *currency)
{
	const struct rounded_sum none = { { { 0, 1 }, currency }, money_zero(currency) };
	return (struct note_sums){ none, none };
}

static bool add_kept(const struct json *kept, struct rounded_sum *sum)
{
	struct exact_money exact = sum->exact;
	struct money amount;
	if (!kept || !fraction_parse(json_text(json_item(kept, 0)), &exact.amount) ||
	    !money_parse(json_text(json_item(kept, 1)), exact.currency, &amount))
		return true;
	return exact_money_near(exact, &exact) && sum_add(sum, exact, amount);
}

bool note_sums_add_kept(struct note_sums *sums, const struct json *took)
{
	return !took || (add_kept(json_member(took, "lines"), &sums->lines) && add_kept(json_member(took, "taxes"), &sums->taxes));
}

static struct text exact_text(struct arena *arena, struct exact_money exact)
{
	struct decimal decimal;
	return fraction_decimal(exact.amount, EXACT_MONEY_NEAR_PLACES, &decimal) ? decimal_canonical_text(arena, decimal)
	                                                                         : fraction_text(arena, exact.amount);
}

static void write_sum(struct json_writer *writer, struct arena *arena, const char *name, const struct rounded_sum *sum)
{
	json_name(writer, name);
	json_begin_array(writer);
	json_string(writer, exact_text(arena, sum->exact));
	json_string(writer, money_amount_text(arena, sum->amount));
	json_end_array(writer);
}

void note_sums_write(struct json_writer *writer, struct arena *arena, const char *name, const struct note_sums *sums)
{
	json_name(writer, name);
	json_begin_object(writer);
	write_sum(writer, arena, "lines", &sums->lines);
	write_sum(writer, arena, "taxes", &sums->taxes);
	json_end_object(writer);
}

/* A line of less than a cent, too: the cents of the others come of the sum with it. */
static bool is_told(const struct note_line *item)
{
	bool differs = note_line_follows(item) ? money_compare(item->left, item->line->amount) != 0 : fraction_sign(item->exact.amount) != 0;
	return item->credited.minor == 0 && differs;
}

void note_left_write(struct json_writer *writer, struct arena *arena, const struct note_draft *draft)
{
	json_name(writer, "left");
	json_begin_array(writer);
	for (size_t i = 0; i < draft->count; i++) {
		if (!is_told(&draft->items[i]))
			continue;
		json_begin_array(writer);
		json_integer(writer, draft->items[i].line->position);
		json_string(writer, money_amount_text(arena, draft->items[i].left));
		json_string(writer, exact_text(arena, draft->items[i].exact));
		json_end_array(writer);
	}
	json_end_array(writer);
}

void note_left_read(struct note_draft *draft, const struct json *kept)
{
	for (const struct json *pair = kept ? kept->first : NULL; pair; pair = pair->next) {
		int64_t position;
		bool whole = pair->first && text_to_int64(pair->first->text, &position);
		struct note_line *item = whole ? note_draft_line(draft, position) : NULL;
		if (item && money_parse(json_text(json_item(pair, 1)), item->left.currency, &item->left) && !note_line_follows(item))
			fraction_parse(json_text(json_item(pair, 2)), &item->exact.amount);
	}
}

/* ------------------------------------------------------------------------------------------------ what follows */

static bool is_taxed(const struct note_line *tax, const struct note_line *item)
{
	const struct invoice_line *line = item->line;
	if (note_line_follows(item) || line->amount.minor <= 0)
		return false;
	if (!tax->targets)
		return line->position == tax->line->linked_position;
	if (line->subscription_id != tax->line->subscription_id || line->order_id != tax->line->order_id)
		return false;
	for (const struct json *code = tax->targets->first; code; code = code->next)
		if (text_equals(json_text(code), line->price_code))
			return true;
	return false;
}

/* What discounts have left of the line, and of that what lies on what is taken of it. */
static bool add_taxed(const struct note_line *item, struct exact_money *whole, struct exact_money *taken)
{
	struct exact_money amount, part;
	struct fraction share;
	struct money net;
	return money_subtract(item->line->amount, item->discounts, &net) && exact_money_from_money(item->line->amount, &amount) &&
	       fraction_divide(item->exact.amount, amount.amount, &share) && exact_money_from_money(net, &amount) &&
	       exact_money_multiply(amount, share, &part) && exact_money_near(part, &part) && exact_money_add(*whole, amount, whole) &&
	       exact_money_add(*taken, part, taken);
}

/* The part of the tax that lies on what is taken of its lines. */
static bool tax_share(struct note_draft *draft, struct note_line *tax)
{
	struct exact_money whole, taken;
	struct fraction share;
	if (!exact_money_from_money(money_zero(tax->line->currency), &whole))
		return false;
	taken = whole;
	for (size_t i = 0; i < draft->count; i++)
		if (is_taxed(tax, &draft->items[i]) && !add_taxed(&draft->items[i], &whole, &taken))
			return false;
	if (fraction_sign(whole.amount) <= 0 || tax->left.minor <= 0)
		return true;
	return fraction_divide(taken.amount, whole.amount, &share) && exact_money_multiply(tax->line->exact, share, &tax->exact) &&
	       exact_money_near(tax->exact, &tax->exact);
}

/* In cents, whatever fractions were asked for. */
static bool takes_the_rest(const struct note_draft *draft, enum rounding mode)
{
	for (size_t i = 0; i < draft->count; i++) {
		const struct note_line *item = &draft->items[i];
		struct money taken;
		if (!note_line_follows(item) &&
		    (!exact_money_round(item->exact, mode, &taken) || money_compare(taken, item->left) != 0))
			return false;
	}
	return true;
}

static bool take_rest(struct note_draft *draft)
{
	for (size_t i = 0; i < draft->count; i++)
		if (!exact_money_from_money(draft->items[i].left, &draft->items[i].exact))
			return false;
	return true;
}

static bool take_followers(struct arena *arena, enum rounding mode, struct note_draft *draft)
{
	draft->rest = takes_the_rest(draft, mode);
	if (draft->rest)
		return take_rest(draft);
	for (size_t i = 0; i < draft->count; i++)
		if ((draft->items[i].tax || draft->items[i].percentage) && !tax_share(draft, &draft->items[i]))
			return false;
	return each_discount(arena, draft, take_discount);
}

/* A line with the discounts that name it: rounded among all lines they may be a cent more than what is left of them together,
 * where an adjustment by hand took the rest of the line. */
static bool hold_to_net(const struct note_draft *draft, struct note_line *item)
{
	struct money left = item->left, taken = item->credited, more;
	for (size_t i = 0; i < draft->count; i++) {
		const struct note_line *each = &draft->items[i];
		if (each->discount && lies_on_one(each->line) && each->line->linked_position == item->line->position &&
		    (!money_add(left, each->left, &left) || !money_add(taken, each->credited, &taken)))
			return false;
	}
	if (left.minor < 0 || money_compare(taken, left) <= 0)
		return true;
	return money_subtract(taken, left, &more) && money_subtract(item->credited, money_min(more, item->credited), &item->credited);
}

static bool hold_to_nets(struct note_draft *draft)
{
	for (size_t i = 0; i < draft->count; i++)
		if (!note_line_follows(&draft->items[i]) && draft->items[i].credited.minor > 0 && !hold_to_net(draft, &draft->items[i]))
			return false;
	return true;
}

bool note_draft_finish(struct arena *arena, enum rounding mode, struct note_draft *draft)
{
	if (!take_followers(arena, mode, draft) || !round_lines(arena, mode, draft, false) || !hold_to_nets(draft) ||
	    !round_lines(arena, mode, draft, true))
		return false;
	for (size_t i = 0; i < draft->count; i++) {
		const struct note_line *item = &draft->items[i];
		struct money *sum = item->tax ? &draft->tax : &draft->sub_total;
		if (!money_add(*sum, item->credited, sum) || !sum_take(&draft->took, item) ||
		    (item->discount && !money_subtract(draft->discount, item->credited, &draft->discount)))
			return false;
	}
	return money_add(draft->sub_total, draft->tax, &draft->total);
}
