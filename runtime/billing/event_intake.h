/* event_intake.h: events from many requests at once, written in groups.
 *
 *     decoded and checked (event_input.h, on the threads of the requests)
 *       -> queued: the tenant's open group, a job of the store -> written (event_write.h, the writer's thread) -> COMMIT -> done
 *
 * What comes while the writer is busy joins the group that waits for it: so a single event costs a part of a commit, and many at
 * once cost no more than their rows. A request is kept as a whole or not at all. When it was answered its events are on the
 * disk. More than EVENTS_QUEUED_MOST events that wait are refused, before anything of them is kept; what was taken on stays.
 *
 * It is no command: no rule is asked and no audit row written, the event's own row says what came of it.
 */
#ifndef MOONBILL_BILLING_EVENT_INTAKE_H
#define MOONBILL_BILLING_EVENT_INTAKE_H

#include "event_input.h"
#include "event_stream.h"

enum {
	EVENTS_QUEUED_MOST = 200 * 1000,             /* of all tenants */
	EVENT_BYTES_QUEUED_MOST = 256 * 1024 * 1024, /* of their requests' bodies */
	EVENT_GROUP_MOST = 2000,                     /* after so many another group begins */
};

struct event_intake;
/* One for a server; the engine outlives it. NULL when memory runs out. */
struct event_intake *event_intake_new(struct engine *engine);
/* Nothing may be queued any more. Accepts NULL. */
void event_intake_free(struct event_intake *intake);

struct event_request {
	int64_t tenant_id;
	struct text stream;           /* its handle */
	struct event_inputs *events;  /* read and hashed */
	size_t bytes;                 /* of the body */
	bool dry_run;
	struct text idempotency_key;  /* may be none */
	struct digest fingerprint;
	struct arena *arena;          /* of the request: in the intake's hands from submit to done */
	struct problems *problems;
	/* Makes the reply, in the transaction; problems say why when it was not taken. */
	void (*encode)(struct event_request *request);
	/* Once, after commit or rollback, on the writer's thread; must not block. */
	void (*done)(struct event_request *request);
	void *context;
	/* out */
	bool succeeded;
	bool replayed;                /* the reply is the stored one of this key */
	struct events_taken taken;
	int reply_status;
	struct text reply_content_type, reply_body;
	struct event_request *next;   /* the intake's */
};

/* False, with PROBLEM_TOO_MANY_REQUESTS, when too much waits already; `done` is not called then. */
bool event_intake_submit(struct event_intake *intake, struct event_request *request);
/* Takes it on this thread, in a transaction of its own; `done` is not called. Never on the writer's thread. */
void event_intake_run(struct event_intake *intake, struct event_request *request);

#endif
