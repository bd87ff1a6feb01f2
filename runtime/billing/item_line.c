/* item_line.c: billed and proposed items as lines of invoices. */
#include "item_line.h"

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
			.start = line->period_start,
			.end = line->period_end,
			.quantity = line->quantity,
			.rate = line->rate,
			.whole = { line->period_start, line->period_end },
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

/* The period that the rate is for, who decided the part, who the cents. */
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
	if (text_present(item->decision)) {
		json_name(&writer, item->kind == INVOICE_LINE_KIND_USAGE ? "usage" : "proration");
		json_raw(&writer, item->decision);
	}
	if (text_present(amount->rounding_decision)) {
		json_name(&writer, "rounding");
		json_raw(&writer, amount->rounding_decision);
	}
	json_end_object(&writer);
	return builder_text(&out);
}

static struct text description_of(struct arena *arena, const struct billing_item *item)
{
	if (item->kind == INVOICE_LINE_KIND_REPAIR)
		return text_format(arena, "Unused time of %.*s", TEXT_ARG(item->phase));
	if (item->kind == INVOICE_LINE_KIND_USAGE)
		return text_format(arena, "%.*s of %.*s", TEXT_ARG(item->usage_section), TEXT_ARG(item->plan));
	return text_present(item->phase) ? item->phase : item->plan;
}

static void set_line(const struct item_amount *amount, const struct billing_item *item, struct invoice_line *line)
{
	line->account_id = amount->account->id;
	line->currency = amount->account->currency;
	line->kind = item->kind;
	line->subscription_id = item->subscription_id;
	line->catalog_plan_id = item->catalog_plan_id;
	line->plan = item->plan;
	line->phase = item->phase;
	line->usage_section = item->usage_section;
	line->description = description_of(amount->command->arena, item);
	line->quantity = item->quantity;
	line->rate = item->rate;
	line->has_rate = item->kind != INVOICE_LINE_KIND_USAGE;
	line->period_start = item->start;
	line->period_end = item->end;
	line->exact = item->exact;
	line->amount = item->amount;
	line->decision = decision_of(amount, item);
}

bool lines_of_items(struct item_amount *amount, const struct billing_item_list *items,
                    const struct invoice_line_list *billed, struct invoice_line_list *lines)
{
	for (size_t i = 0; i < items->count; i++) {
		const struct billing_item *item = &items->items[i];
		struct invoice_line *line = list_add(amount->command->arena, lines, struct invoice_line);
		set_line(amount, item, line);
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
