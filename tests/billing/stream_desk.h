/* stream_desk.h: events put on the desk, for the stream "calls". */
#ifndef MOONBILL_TESTS_BILLING_STREAM_DESK_H
#define MOONBILL_TESTS_BILLING_STREAM_DESK_H

#include "shop.h"

#include "billing/event_intake.h"

__attribute__((unused)) static struct events_taken stream_send_text(struct desk *desk, struct text body)
{
	const struct event_spelling spelling = { .reserved = "moonbill", .strict = true, .either = true };
	struct event_intake *intake = event_intake_new(desk->engine);
	struct event_inputs events;
	problems_init(&desk->problems, &desk->arena);
	CHECK(event_inputs_read(body, &spelling, &desk->arena, &desk->problems, &events));
	event_inputs_hash(&events, desk->tenant_id, TEXT("calls"));
	struct event_request request = {
		.tenant_id = desk->tenant_id, .stream = TEXT("calls"), .events = &events, .arena = &desk->arena,
		.problems = &desk->problems,
	};
	event_intake_run(intake, &request);
	if (!request.succeeded) {
		desk_show(desk);
		CHECK_FAIL("events were refused: %.*s", TEXT_ARG(body));
	}
	event_intake_free(intake);
	return request.taken;
}

__attribute__((unused)) static struct events_taken stream_send(struct desk *desk, const char *body)
{
	return stream_send_text(desk, desk_json(desk, body));
}

#endif
