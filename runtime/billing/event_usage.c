/* event_usage.c: what assessments ask of components of kind event: what their events come to by the metric, each segment a line. */
#include "component_usage.h"

#include "metric_quantity.h"

/* "eu, large" of ["eu","large"]; what is absent is a line. */
static struct text segment_note(struct command *command, struct text values)
{
	struct text_builder out;
	const struct json *json = text_present(values) && values.length ? json_parse(values, command->arena, command->problems) : NULL;
	if (!json)
		return TEXT_NONE;
	builder_init(&out, command->arena, 0);
	for (const struct json *value = json->first; value; value = value->next) {
		builder_c(&out, value == json->first ? "" : ", ");
		builder_add(&out, text_present(json_text(value)) ? json_text(value) : TEXT("-"));
	}
	return builder_text(&out);
}

/* What the line's decision keeps, so that it can be told where its quantity is from. */
static struct text detail_of(struct command *command, const struct component_span *span, const struct billing_metric *metric,
                             const struct metric_segment *segment)
{
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, command->arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name(&writer, "metric");
	json_string(&writer, metric->handle);
	json_name(&writer, "from");
	json_string(&writer, instant_text(command->arena, span->from));
	json_name(&writer, "to");
	json_string(&writer, instant_text(command->arena, span->until));
	json_name(&writer, "event_count");
	json_integer(&writer, segment->event_count);
	if (segment->values.length) {
		json_name(&writer, "segment");
		json_raw(&writer, segment->values);
	}
	json_end_object(&writer);
	return builder_text(&out);
}

/* A component that is told apart by nothing has its line also when nothing came; whether that is shown is the invoice's. */
static bool event_used(struct command *command, const struct component_span *span, struct component_used_list *used)
{
	struct metric_quantity quantity;
	if (!span->had->active || !span->component->metric_id || span->from.us >= span->until.us)
		return true;
	const struct billing_metric *metric = billing_metric_need(command, span->component->metric_id, "");
	if (!metric || !metric_quantity(command, metric, span->subscription->id, span->from, span->until, &quantity))
		return false;
	for (size_t i = 0; i < quantity.count; i++) {
		const struct metric_segment *segment = &quantity.items[i];
		*list_add(command->arena, used, struct component_used) = (struct component_used){
			.quantity = segment->quantity,
			.note = segment_note(command, segment->values),
			.detail = detail_of(command, span, metric, segment),
		};
	}
	return true;
}

/* Also of what is not active: what was not billed in its period is not billed later. */
static bool event_settle(struct command *command, const struct component_span *span, const struct invoice *invoice)
{
	(void)invoice;
	if (!span->component->metric_id)
		return true;
	const struct billing_metric *metric = billing_metric_need(command, span->component->metric_id, "");
	return metric && metric_close(command, metric, span->subscription->id, span->until);
}

const struct component_usage_source event_usage_source = { .used = event_used, .settle = event_settle };
