/* engine.h: one running Moonbill over one store: the command queue, the workers, the bundles in memory.
 *
 * The engine joins store/ and rule/ and knows billing only through the two tables it is opened with: commands
 * and job kinds. Threads: the store's writer runs every command body; `workers` threads call gateways; one
 * courier thread sends messages (channel.h); one scheduler thread starts due work of live tenants. With `threads` off (case
 * runner, tests) nothing runs by itself: command_run does gateway calls on the calling thread, and due work and messages
 * run in engine_advance_clock and engine_drain.
 */
#ifndef MOONBILL_EVENT_ENGINE_H
#define MOONBILL_EVENT_ENGINE_H

#include "base/clock.h"
#include "base/problem.h"
#include "base/text.h"
#include "gateway.h"
#include "store/store.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct command;
struct command_type;
struct delivery_channel;
struct mail_options;
struct message_type;
struct job_kind;
struct trace_entry;
struct engine;
struct rule_bundle;
struct seal_keys;

enum {
	DELIVERIES_IN_FLIGHT = 1000,
	DELIVERIES_PER_ENDPOINT = 64,
	BUNDLE_BYTES_KEPT = 96 * 1024 * 1024, /* a shop's script takes some 20 KiB */
};

struct engine_options {
	bool lock;    /* own the store (serve) */
	bool threads; /* scheduler and workers */
	int workers;  /* 0 = 4 */
	int64_t gateway_deadline_ms; /* 0 = GATEWAY_DEADLINE_MS */
	size_t bundle_bytes_kept;    /* of compiled bundles that are not in use; 0 = BUNDLE_BYTES_KEPT */
	int64_t batch_us;            /* the store's (store_options) */
	int64_t deliveries_in_flight;    /* messages under way at once; 0 = DELIVERIES_IN_FLIGHT */
	int64_t deliveries_per_tenant;   /* the same of one tenant while no other sends, less than all; 0 = half of them */
	int64_t deliveries_per_endpoint; /* the same to one place; 0 = DELIVERIES_PER_ENDPOINT */
	int64_t clock_move_ms;           /* a move of a clock stops after so long, to be repeated; 0: it goes on to its end */
	const struct store_image *image; /* what a store in memory begins with; NULL: nothing */
	bool keeps_messages;             /* none is sent: each waits for ever, and no clock for it */
	bool private_deliveries;         /* a tenant's settings may allow private addresses */
	const struct command_type *const *commands; /* NULL-terminated list of tables that end with a NULL name */
	const struct job_kind *const *jobs;         /* the same */
	const struct delivery_channel *const *channels; /* the same; beside those of webhooks */
	const struct message_type *messages; /* what rules may send; NULL: anything, as they wrote it */
	const struct mail_options *mail;     /* NULL: mail waits */
	const struct seal_keys *secrets;     /* what the store's secrets are sealed with; NULL: nothing. Outlives the engine */
	/* Called on the writer's thread with each event of a finished command in order, then with its end: the
	 * dispatcher's trace (tests and the console's \events). What comes before COMMAND_REJECTED was rolled back. Dry
	 * runs and replays are not reported. May be NULL. */
	void (*trace)(void *context, const struct trace_entry *entry);
	void *trace_context;
};

/* One line of the dispatcher's trace. */
struct trace_entry {
	enum { TRACE_PRE, TRACE_POST, TRACE_SIGNAL, TRACE_RULE, TRACE_COMMAND_DONE, TRACE_COMMAND_REJECTED } kind;
	const char *name; /* event, rule or command */
	int64_t object_id;
	const char *code; /* a rejection's or a failed rule's; NULL */
	struct text payload; /* events: as journalled, or as the first pre rule sees it */
};

struct engine *engine_open(struct text store_url, const struct engine_options *options, struct problems *problems);
/* Lets running work end, answers or abandons nothing, closes the store. */
void engine_close(struct engine *engine);
struct store *engine_store(struct engine *engine);
struct gateway_test *engine_gateway_test(struct engine *engine);
/* Another one before a command that takes access away is answered: what was read of keys before may be kept only while it
 * is the same. */
uint64_t engine_access_version(struct engine *engine);

const struct command_type *engine_command(const struct engine *engine, struct text name); /* NULL */
const struct command_type *engine_command_at(const struct engine *engine, size_t i);       /* NULL at the end */
/* For text_did_you_mean: the names of these; the context is the engine. */
const char *engine_command_candidate(const void *engine, size_t i);
/* What rows of the audit may call a command: those of the tables, kinds of jobs and the engine's own. NULL at the end. */
const char *engine_audit_name_at(const struct engine *engine, size_t i);
const struct gateway *engine_gateway(struct engine *engine, struct text name);           /* "test"; NULL */

/* Before a stop: clocks that are being moved stay where they are, which is PROBLEM_BUSY to who moves them, and none is moved
 * from then on. What is due at that instant waits for the next move, as after a crash. Any thread. */
void engine_clocks_stop(struct engine *engine);
/* Set by that, for work beside that takes long. */
const atomic_bool *engine_clocks_stopped(const struct engine *engine);

/* Moves a test tenant's clock: everything due until `until` runs in order, each at its own instant, with a
 * heartbeat (before the work) at each such instant, unless only messages are due, and one at the end. Fails for a live tenant, while another
 * thread moves this clock, and for going back once anything is journalled, unless it is a branch: there going back moves the
 * clock alone, and what is done is not done again. Blocks; never on the writer's thread. One that
 * takes longer than clock_move_ms stays at the instant it has come to, whose work is done: PROBLEM_BUSY with that instant as its
 * value, and the same move again goes on from there. */
bool engine_advance_clock(struct engine *engine, int64_t tenant_id, struct instant until, struct problems *problems);
/* The same of a move in more words. With `jump` the clock is where it goes at once, as after an outage: one heartbeat, and
 * what became due runs late. With `permit` only if that is true, which is asked in a snapshot once no other thread can
 * move this clock; its problems are of the read's arena. */
struct clock_target {
	struct instant until;
	bool jump;
	bool (*permit)(struct command *view, void *context); /* may be NULL */
	void *context;
};
bool engine_advance_clock_to(struct engine *engine, int64_t tenant_id, const struct clock_target *target,
                             struct problems *problems);
/* What moving it would do, to be run dry: everything in one transaction, at most 250 jobs and heartbeats; no gateway is asked.
 * The input is the struct instant. */
extern const struct command_type clock_rehearsal;
/* Runs queued commands, repeats of post rules and deliveries of the tenant that are due now until none is left, and
 * waits for charges under way. Blocks; never on the writer's thread. */
bool engine_drain(struct engine *engine, int64_t tenant_id, struct problems *problems);
/* Writer's thread or not: tells the scheduler that something may be due, and who sends that messages may wait. */
void engine_wake(struct engine *engine);
/* The compiled bundle with this digest, from memory or compiled from its row; released with rule_bundle_release. */
struct rule_bundle *engine_bundle(struct engine *engine, struct store_transaction *transaction, int64_t tenant_id,
                                  struct text digest);

#endif
