/* courier_state.h: what the files of the delivery engine share; nobody else includes it.
 *
 *     notes of commits, scan at start
 *         -> courier_lane.c (lanes), courier_feed.c (reads what is due), courier_make.c (what takes long)
 *         -> courier_share.c (whose turn it is, and how much of the room)
 *         -> courier_send.c (libcurl) -> judged
 *         -> courier_settle.c (outcomes of a tenant, one command) -> the rows; a note for the next
 *     courier.c (the thread that goes round), courier_walk.c (one tenant's due messages on the caller's thread)
 *
 * Everything here is of the courier's thread alone, but what stands under its lock.
 */
#ifndef MOONBILL_EVENT_COURIER_STATE_H
#define MOONBILL_EVENT_COURIER_STATE_H

#include "channel.h"
#include "engine_state.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>

enum {
	LANE_BUCKETS = 4096,
	LANE_WINDOW_FIRST = 8,
	LANE_OPEN_MAX = 512,      /* messages of a lane in memory: read, under way, or not yet written back */
	LANES_KEPT = 1024,        /* from so many on those that have nothing to send are let go */
	BATCH_BYTES_MAX = 8 * 1024 * 1024, /* of messages that are read at once; the one that passes it is the last */
	SETTLE_OUTCOMES_MAX = 512,
	SETTLE_BYTES_MAX = 8 * 1024 * 1024, /* of bodies that one command reads again; the one that passes it is the last */
	HANDLES_KEPT_MAX = 256,
	MAKERS_OF_A_KIND = 3,      /* threads for work of each kind that is not the courier's */
	MAKERS_OF_A_TENANT = 2,    /* of them; so another's is begun at once */
	MAKERS = 2 * MAKERS_OF_A_KIND,
	CIRCUIT_PROBE_FIRST_US = 1 * US_PER_S,
	CIRCUIT_PROBE_LAST_US = 60 * US_PER_S,
	WALK_PATIENCE_US = 10 * US_PER_S, /* with tries of a lane that fail one after the other, while a clock waits for them */
};

struct courier;
struct lane;
struct sender;

/* Messages that were read together share an arena. */
struct batch {
	struct arena arena;
	size_t open;
	void *shared; /* their channel's */
};

/* A message in the engine's hands: queued (-> made -> queued, once for each kind of work) -> flying -> ended -> settled. */
struct run {
	struct transfer transfer;
	struct lane *lane;
	struct batch *batch;
	struct arena own; /* of one that a maker's thread had */
	bool has_own;
	enum transfer_work making; /* what a maker does for it */
	struct run *next;
	struct run *before; /* while it flies */
	CURL *easy;
	int64_t begun_us;
	size_t answer_bytes;
	char answer[DELIVERY_ANSWER_BYTES_KEPT];
	size_t answer_kept;
	bool answer_too_long, address_refused;
	char error[CURL_ERROR_SIZE];
};

struct run_queue {
	struct run *first, *last;
	size_t count;
};

/* Work that is not for the courier's thread, on threads of its own. */
struct makers {
	pthread_t threads[MAKERS];
	size_t count;
	atomic_bool gives_up; /* the courier ends */
	/* under the courier's lock */
	pthread_cond_t work;
	struct run_queue waiting, made;
	const struct run *at_work[MAKERS]; /* NULL: that one waits */
	size_t numbered;        /* threads that have their place in at_work */
	int64_t last_tenant_id; /* whose was taken last */
};

/* A tenant whose messages another thread sends. */
struct hold {
	int64_t tenant_id;
	bool idle; /* nothing of it is in the courier's hands any more */
	struct hold *next;
};

/* A tenant with lanes. */
struct sender {
	int64_t tenant_id;
	struct sender *next;
	struct lane *lanes; /* never none */
	struct lane *turn;  /* where its part of the next round begins; NULL: anywhere */
	size_t flying;      /* of all its lanes */
};

/* What goes to one place. */
struct lane {
	int64_t tenant_id, endpoint_id;
	const struct delivery_channel *channel;
	struct sender *sender;
	struct lane *next_in_bucket, *next; /* the second: of its sender */
	struct run_queue queued;
	int64_t *open_ids; /* LANE_OPEN_MAX */
	size_t open, flying;
	size_t making;     /* short work that makers have: it counts as under way */
	size_t window;     /* transfers at once */
	size_t grown;      /* successes since the window last grew */
	int failures;      /* in a row */
	int64_t failed_at_us; /* monotonic: when window and circuit learned of the last; what was begun before tells nothing more */
	int64_t pause_us;  /* while the circuit is open: to the next probe */
	int64_t not_before_us; /* monotonic: no transfer and no read until then */
	int64_t failed_us; /* what failures in a row have taken together */
	bool given_up;     /* for the rest of a walk */
	bool empty;        /* when it was read last nothing waited, now or later */
	bool wakes;        /* something may be due */
	int64_t wakes_us;  /* monotonic: then something is; 0: nothing is known */
};

/* Outcomes of one tenant on their way back. */
struct settle {
	struct courier *courier;
	struct settle *next, *next_finished;
	int64_t tenant_id;
	struct run_queue runs;
	size_t body_bytes; /* of those that did not arrive: their rows are read */
	struct arena arena;
	struct problems problems;
	struct command_request request;
	bool under_way;
};

struct courier {
	struct engine *engine;
	CURLM *multi;
	struct lane *buckets[LANE_BUCKETS];
	struct sender *senders;
	size_t lane_count, lane_count_most; /* the second: then lanes are let go */
	struct sender *turn;         /* where the next round begins; NULL: anywhere */
	struct run *flights; /* transfers under way, by next and before */
	size_t in_flight, in_flight_most, tenant_flight_most, lane_flight_most;
	CURL *handles[HANDLES_KEPT_MAX];
	size_t handle_count;
	uint_fast64_t changes_heard; /* of engine->endpoint_changes */
	struct settle *settles;      /* by tenant; freed when empty */
	int64_t scan_at_us;          /* monotonic: the whole store is looked through again; 0: not */
	/* A courier of one tenant until an instant, on its caller's thread. */
	int64_t only_tenant_id;      /* 0: the engine's own thread */
	struct instant until;
	struct hold hold;            /* on that thread's, while there is one */
	struct makers makers;
	bool store_failed;
	size_t ended; /* messages with a verdict, since the begin */
	/* the thread's */
	pthread_t thread;
	pthread_mutex_t lock;
	/* under lock */
	bool stopping, notes_lost; /* lost: or there are messages that none was written for */
	struct note {
		int64_t tenant_id, endpoint_id;
		const struct delivery_channel *channel; /* NULL: all lanes of the tenant */
		struct instant due_at; /* wall clock; none: at once */
		bool anew;
	} *notes;
	size_t note_count, note_capacity;
	struct hold *holds;
	pthread_cond_t held;         /* one became idle */
	struct settle *finished;     /* committed or not; courier_settle.c takes them back */
};

/* ---- courier.c ---- */

/* One that sends nothing yet, of one tenant or (0) of all; NULL when memory ran out. */
struct courier *courier_new(struct engine *engine, int64_t only_tenant_id);
bool courier_holds(struct courier *courier, int64_t tenant_id);
/* Waits until the thread has nothing of the tenant in its hands; it takes nothing up until the hold ends. */
void hold_begin(struct courier *courier, struct hold *hold);
void hold_end(struct courier *courier, struct hold *hold);
/* Reads, begins, goes on, writes back: all that is possible now. */
void round_run(struct courier *courier);
/* Were endpoints or their secrets changed since this was last taken note of? Then nothing is begun before it is. */
bool changes_wait(const struct courier *courier);
/* What is under way may still end, for two seconds; nothing new is begun. */
void courier_run_out(struct courier *courier);

/* ---- courier_lane.c ---- */

/* All lanes, sender by sender; NULL at the end. */
struct lane *lane_first(const struct courier *courier);
struct lane *lane_next(const struct lane *lane);
/* NULL when memory ran out. */
struct lane *lane_find(struct courier *courier, int64_t tenant_id, const struct delivery_channel *channel, int64_t endpoint_id);
void lanes_free(struct courier *courier);
/* Lets go of those that have nothing to send, when there are many. */
void lanes_sweep(struct courier *courier);
/* due_at by the wall clock; none: something is due. `lane` NULL: memory ran out, and the store is looked through again. */
void lane_wake(struct courier *courier, struct lane *lane, struct instant due_at);
/* What is not under way leaves memory; it is still pending. */
void lane_drop(struct lane *lane);
/* The same, and nothing is known of the other side any more. */
void lane_renew(struct lane *lane);
struct run *lane_take(struct lane *lane); /* the next of `queued` */
/* May one more be sent now? */
bool lane_may_send(const struct lane *lane, int64_t now_us);
/* What became of a transfer: the window and the circuit. */
void lane_learn(const struct courier *courier, const struct run *run);
void run_queue_add(struct run_queue *queue, struct run *run);
void run_queue_add_first(struct run_queue *queue, struct run *run);
/* Takes a message out of memory. */
void run_free(struct run *run);
/* What was read together is done with another of its messages. */
void batch_leave(struct batch *batch);

/* ---- courier_share.c ---- */

/* NULL when there is none. */
struct sender *sender_find(const struct courier *courier, int64_t tenant_id);
/* May one more be under way, of the sender at all or of the lane? Room is left for those that have nothing under way. */
bool sender_has_room(const struct courier *courier, const struct sender *sender);
bool lane_has_room(const struct courier *courier, const struct lane *lane);
/* Reads and begins what there is room for; senders take turns, and so do the lanes of each. */
void lanes_send(struct courier *courier);

/* ---- courier_feed.c ---- */

/* Reads what is due, where there is room for it. */
void lane_feed(struct courier *courier, struct lane *lane);

/* ---- courier_make.c ---- */

/* Has its work done by another thread; makes_take_back goes on with it. False: it is done already, or has ended. */
bool make_begin(struct courier *courier, struct run *run);
/* What has ended is judged, the other lies first in its lane. */
void makes_take_back(struct courier *courier);
/* Joins the threads. What has arrived is written back; the other is sent by the next courier. */
void makers_stop(struct courier *courier);

/* ---- courier_walk.c ---- */

/* Is this a walk's courier, and are clocks to stay where they are? */
bool walk_stops(const struct courier *courier);

/* ---- courier_send.c ---- */

/* Is there a verdict? */
bool run_has_ended(const struct run *run);
/* Begins it, has its work done first, or ends it at once. */
void run_begin(struct courier *courier, struct run *run);
/* Goes on with all transfers; those that ended are judged and given to settle_add. */
void runs_go_on(struct courier *courier);
/* Transfers that have not ended when the courier does: their messages are sent again by the next one. */
void runs_abandon(struct courier *courier);
void handles_free(struct courier *courier);

/* ---- courier_settle.c ---- */

/* The run has a verdict. */
void settle_add(struct courier *courier, struct run *run);
/* Submits what has gathered of tenants that have no settle under way; a courier on its caller's thread waits for each. */
void settles_submit(struct courier *courier);
/* Frees what was written back. */
void settles_take_back(struct courier *courier);
bool settles_any(const struct courier *courier);
void settles_free(struct courier *courier);

#endif
