/* item_line.c: billed and proposed items as lines of invoices. */
#include "item_line.h"

#include "catalog_plan.h"
#include "line_price.h"

#include "value/json.h"
#include "value/record.h"

/* ------------------------------------------------------------------------------------------------ lines to items */

/* Its place in the list, from 1; 0: it is not there. */
static int64_t place_of(const struct invoice_line_list *lines, int64_t invoice_id, int64_t position)
{
	for (size_t i = 0; i < lines->count; i++)
		if (lines->items[i].invoice_id == invoice_id && lines->items[i].position == position)
			return (int64_t)i + 1;
	return 0;
}

static bool takes_from_another(enum invoice_line_kind kind)
{
	return kind == INVOICE_LINE_KIND_REPAIR || kind == INVOICE_LINE_KIND_ITEM_ADJUSTMENT;
}

/* Of what can be repaired, the period that its price is for. */
static struct period whole_of(struct arena *arena, const struct invoice_line *line)
{
	return line->kind == INVOICE_LINE_KIND_RECURRING ? line_whole(arena, line)
	                                                 : (struct period){ line->period_start, line->period_end };
}

/* Who counts days has none: their lines are not read again. */
static struct billing_moments moments_of(struct arena *arena, const struct invoice_line *line)
{
	const struct convention *convention = convention_find(line->convention);
	bool counts = convention && convention->unit == CONVENTION_UNIT_SECOND;
	return counts ? line_moments(arena, line) : (struct billing_moments){ .start = INSTANT_NONE };
}

void items_of_lines(struct arena *arena, const struct invoice_line_list *lines, struct billing_item_list *items)
{
	for (size_t i = 0; i < lines->count; i++) {
		const struct invoice_line *line = &lines->items[i];
		int64_t linked = 0;
		if (takes_from_another(line->kind)) {
			linked = place_of(lines, line->linked_invoice_id, line->linked_position);
			if (linked == 0)
				continue;
		}
		*list_add(arena, items, struct billing_item) = (struct billing_item){
			.kind = line->kind,
			.id = (int64_t)i + 1,
			.linked_id = linked,
			.subscription_id = line->subscription_id,
			.catalog_plan_id = line->catalog_plan_id,
			.plan = line->plan,
			.phase = line->phase,
			.usage_section = line->usage_section,
			.counts = convention_choice_kept(line->convention, (enum convention_by)line->convention_by),
			.start = line->period_start,
			.end = line->period_end,
			.quantity = line->quantity,
			.rate = line->rate,
			.has_unit_price = line->has_unit_price,
			.unit_price = line->unit_price,
			.whole = whole_of(arena, line),
			.moments = moments_of(arena, line),
			.exact = line->exact,
			.amount = line->amount,
		};
	}
}

/* ------------------------------------------------------------------------------------------------ items to lines */

static void write_period(struct json_writer *writer, struct arena *arena, struct period period)
{
	json_name(writer, "period");
	json_begin_array(writer);
	json_string(writer, date_text(arena, period.start));
	json_string(writer, date_text(arena, period.end));
	json_end_array(writer);
}

static void write_moments(struct json_writer *writer, struct arena *arena, const char *name, struct instant start,
                          struct instant end)
{
	if (start.us == 0 || end.us == 0)
		return;
	json_name(writer, name);
	json_begin_array(writer);
	json_string(writer, instant_text(arena, start));
	json_string(writer, instant_text(arena, end));
	json_end_array(writer);
}

/* The period that the rate is for, the moments of both where seconds are counted, who decided the part, who the cents. */
static struct text decision_of(const struct item_amount *amount, const struct billing_item *item)
{
	struct arena *arena = amount->command->arena;
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	if (date_present(item->whole.start) && date_present(item->whole.end))
		write_period(&writer, arena, item->whole);
	write_moments(&writer, arena, "period_moments", item->moments.whole_start, item->moments.whole_end);
	write_moments(&writer, arena, "moments", item->moments.start, item->moments.end);
	if (text_present(item->decision)) {
		json_name(&writer, item->kind == INVOICE_LINE_KIND_USAGE ? "usage" : "proration");
		json_raw(&writer, item->decision);
	}
	if (item->given_back.currency) {
		json_name(&writer, "given_back");
		json_string(&writer, fraction_text(arena, item->given_back.amount));
	}
	if (text_present(amount->rounding_decision)) {
		json_name(&writer, "rounding");
		json_raw(&writer, amount->rounding_decision);
	}
	json_end_object(&writer);
	return builder_text(&out);
}

/* "Large telescope (trial)"; the last phase is what the plan is, and goes without a word. */
static struct text plan_text(struct arena *arena, const struct catalog_plan *plan, const struct billing_item *item)
{
	static const char *const words[] = {
		[PHASE_KIND_TRIAL] = "trial", [PHASE_KIND_DISCOUNT] = "discount", [PHASE_KIND_FIXED_TERM] = "fixed term",
		[PHASE_KIND_EVERGREEN] = NULL,
	};
	const struct phase *phase = plan ? catalog_plan_phase_named(plan, item->phase) : NULL;
	const char *word = phase ? words[phase->kind] : NULL;
	struct text name = plan && text_present(plan->name) ? plan->name : item->plan;
	return word ? TEXT_JOIN(arena, name, TEXT(" ("), text_of(word), TEXT(")")) : name;
}

static struct text description_of(struct arena *arena, const struct catalog_plan *plan, const struct billing_item *item)
{
	struct text name = plan_text(arena, plan, item);
	if (item->kind == INVOICE_LINE_KIND_REPAIR)
		return text_format(arena, "Unused time of %.*s", TEXT_ARG(name));
	if (item->kind == INVOICE_LINE_KIND_USAGE)
		return text_format(arena, "%.*s: %.*s", TEXT_ARG(name), TEXT_ARG(item->usage_section));
	return name;
}

static bool set_line(struct item_amount *amount, const struct billing_item *item, struct invoice_line *line)
{
	const struct catalog_plan *plan;
	if (!item_amount_plan(amount, item, &plan))
		return false;
	line->account_id = amount->account->id;
	line->currency = amount->account->currency;
	line->kind = item->kind;
	line->subscription_id = item->subscription_id;
	line->catalog_plan_id = item->catalog_plan_id;
	line->plan = item->plan;
	line->phase = item->phase;
	line->usage_section = item->usage_section;
	line->description = description_of(amount->command->arena, plan, item);
	line->quantity = item->quantity;
	line->has_unit_price = item->has_unit_price;
	line->unit_price = item->unit_price;
	line->rate = item->rate;
	line->has_rate = item->kind != INVOICE_LINE_KIND_USAGE;
	line->period_start = item->start;
	line->period_end = item->end;
	struct convention_choice counts = item_amount_counts(amount, item);
	if (counts.by != CONVENTION_BY_DEFAULT) {
		line->convention = text_of(counts.convention->name);
		line->convention_by = (enum invoice_line_convention_by)counts.by;
	}
	line->exact = item->exact;
	line->amount = item->amount;
	line->decision = decision_of(amount, item);
	return true;
}

bool lines_of_items(struct item_amount *amount, const struct billing_item_list *items,
                    const struct invoice_line_list *billed, struct invoice_line_list *lines)
{
	for (size_t i = 0; i < items->count; i++) {
		const struct billing_item *item = &items->items[i];
		struct invoice_line *line = list_add(amount->command->arena, lines, struct invoice_line);
		if (!set_line(amount, item, line))
			return false;
		line->position = (int64_t)lines->count;
		if (item->linked_id) {
			const struct invoice_line *linked = &billed->items[item->linked_id - 1];
			line->linked_invoice_id = linked->invoice_id;
			line->linked_position = linked->position;
			line->has_linked_position = true;
		}
	}
	return true;
}
