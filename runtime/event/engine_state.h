/* engine_state.h: what the files of this folder share; nobody else includes it.
 *
 *     command.c (launch, settle) ---> command_body.c (in the transaction) ---> dispatch_*.c, journal.c, audit.c
 *         |                              \--> command_context.c (tenant, clock, settings, bundle)
 *         |---> worker.c, gateway_call.c (after a commit that charges)
 *         \---> scheduler.c (after a commit that queued work)  <--- job_run.c ---> advance.c, drain
 *
 * Threads: bodies run on the store's writer; `lock` guards what several threads touch (flights, moves, counts).
 */
#ifndef MOONBILL_EVENT_ENGINE_STATE_H
#define MOONBILL_EVENT_ENGINE_STATE_H

#include "command.h"
#include "dispatch.h"
#include "engine.h"
#include "job.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
	ENGINE_WORKERS_DEFAULT = 4,
	ENGINE_WORKERS_MAX = 64,
	JOB_ATTEMPTS_MAX = 6,             /* the first and five repeats */
	COMMAND_NESTING_MAX = 32,         /* performs inside performs; more is a circle in C */
};

struct bundle_cache;
struct courier;
struct message_walk;
struct hearing;
struct scheduler;
struct worker_pool;

/* ---- engine.c ---- */

/* A delivery that a thread is busy with: the scheduler leaves it alone. */
struct flight {
	int64_t tenant_id, delivery_id;
	struct flight *next;
};

/* A tenant whose clock is being moved: its due work is the mover's, not the scheduler's. */
struct clock_move {
	int64_t tenant_id;
	struct clock_move *next;
};

struct engine {
	struct store *store;
	struct engine_options options;
	struct command_type *job_types;     /* one a kind of `jobs`, engine's own first: what the audit row calls it */
	struct bundle_cache *bundles;
	struct gateway_test *gateway_test;
	struct worker_pool *workers;
	struct scheduler *scheduler;        /* NULL without threads */
	struct courier *courier;            /* the same */
	atomic_uint_fast64_t access_version;
	atomic_uint_fast64_t endpoint_changes; /* counted once committed, before the answer and after the courier's note */
	atomic_bool clocks_stopped;         /* engine_clocks_stop */
	pthread_mutex_t lock;
	pthread_cond_t changed;             /* `running` or `flights` went down */
	/* under lock */
	size_t running;                     /* requests launched and not finished */
	struct flight *flights;
	struct clock_move *moves;
};

/* NULL when there is none. */
const struct job_kind *engine_job_kind(const struct engine *engine, struct text name);
const struct command_type *engine_job_type(const struct engine *engine, const struct job_kind *kind);

bool flight_begin(struct engine *engine, struct flight *flight); /* false: another thread has it */
void flight_end(struct engine *engine, struct flight *flight);
bool clock_move_begin(struct engine *engine, struct clock_move *move); /* false: another thread moves it */
void clock_move_end(struct engine *engine, struct clock_move *move);
bool clock_is_moving(struct engine *engine, int64_t tenant_id);
bool clock_goes_on(struct engine *engine, struct problems *problems); /* false: the engine is about to be closed */

/* ---- advance.c ---- */

/* The tenant's clock is there, and so is the command. */
bool clock_step(struct command *command, struct instant at, bool with_heartbeat);
/* When a job is due next; none: there is none. */
bool clock_next_job(struct command *command, struct instant *next);
/* False with a problem when it may not; *back: it would go back. */
bool clock_may_move(struct command *command, struct instant until, bool *back);

/* ---- command.c ---- */

struct charge_run {
	struct gateway_charge charge;
	struct flight flight; /* from before the commit until its answer is stored */
	bool flying;
	struct charge_run *next;
};

/* What one run collects. */
struct command_state {
	int nesting;                /* performs inside performs */
	bool performed_inside;      /* there was one */
	int commands_now;           /* that pre rules asked for, also in parts that were undone */
	int64_t rule_fuel;          /* spent by all runs so far, also of parts that were undone */
	int64_t work_us;            /* how long rules took, and other work of the tenant's making; but short runs */
	int64_t work_begun_us;      /* when the last of it began */
	int64_t work_thread_us;     /* the thread's own time when the first began; 0: none has */
	const char *object_type;
	const char *remark_code;   /* NULL: none */
	const char *refused_event, *refused_rule; /* the rule that ended the part that ran last; NULL: none did */
	struct text remark;
	int64_t object_id, object_account_id;
	struct charge_run *charges, *last_charge;
	bool wants_payload;         /* someone reads the trace */
	struct text request_key;    /* begun by this request; none without */
	struct { struct trace_entry *items; size_t count, capacity; } trace;
	struct { enum event *items; size_t count, capacity; } happened; /* in the journal, if this commits */
	struct instant work_due_at; /* the earliest job or delivery written; none: nothing */
	const struct job *job;      /* the one that runs while its row is there; NULL: none, or it has left or been planned again */
	struct message_note_list {
		struct message_note {
			struct text channel;
			int64_t endpoint_id;
			struct instant due_at; /* the earliest of them */
			bool anew;             /* its endpoint was changed */
		} *items;
		size_t count, capacity;
	} messages; /* where messages were written for */
	struct hearing_list {
		struct hearing *items;
		size_t count, capacity;
	} hearings;                 /* what the tenant's endpoints hear, once loaded */
	bool hearings_loaded;
	bool ends_access;
};

/* How the engine starts a command of its own. */
struct command_launch {
	int64_t job_id;      /* runs this job in place of request->type; 0: none */
	int64_t delivery_id; /* answered with the command's effect, put off when it fails; 0: none */
	bool unknown;        /* the answer is that nobody knows */
	enum store_lane lane;
	int64_t held_most_us; /* see struct store_job */
	/* Writer's thread, after commit or rollback, before a gateway is asked. May be NULL. */
	void (*settled)(void *context, enum store_outcome outcome);
	void *context;
};

struct command_wait;

struct command_request_state {
	struct engine *engine;
	struct command_request *request;
	struct command_launch launch;
	struct store_job store_job;
	struct command command;
	struct command_state run;
	struct rule_bundle *bundle;      /* released when the request ends: outputs may point into it */
	struct idempotency idempotency;
	bool keyed;                      /* this request began its key: it stores the answer */
	bool performed;                  /* the body ended well */
	bool answered;                   /* encode ran for the failure */
	bool nothing_done;               /* a replay, or a job that is gone: no audit row, no trace */
	struct command_wait *wait;       /* command_run's; NULL: request->done is called */
	struct arena_mark launched;      /* of the request's arena: a run that is undone has taken what lies behind it */
};

/* command_submit and command_run with a launch (NULL: none). */
void command_launch(struct engine *engine, struct command_request *request, const struct command_launch *launch);
bool command_launch_wait(struct engine *engine, struct command_request *request, const struct command_launch *launch);
/* The gateways have answered: ends the request. */
void command_finish(struct command_request_state *state);

/* ---- command_body.c: the store's callbacks of a request; writer's thread ---- */

bool command_body(struct store_transaction *transaction, void *context);
void command_after_rollback(struct store_transaction *transaction, void *context);
/* Stores the reply under the request's key. */
bool command_key_finish(struct command_request_state *state, struct store_transaction *transaction);
/* Makes the reply of a failure, once: after the rollback, or when the batch itself failed. */
void command_answer_failure(struct command_request_state *state);

/* ---- command_context.c ---- */

/* Are the compiled rules wanted? Wished for: a bundle that does not load is passed over. */
enum bundle_need { BUNDLE_UNUSED, BUNDLE_WISHED, BUNDLE_NEEDED };

/* Fills everything a command or a read is told about its tenant. */
bool command_context(struct command *command, int64_t tenant_id, enum bundle_need need);
/* Its tenant has a bundle, and it does not load: no fault of the work that is due, which waits for a better one. */
bool command_lacks_bundle(const struct command *command);
/* When such work is tried again. */
struct instant command_bundle_wait(struct instant now);
/* The tenant's now. */
struct instant tenant_now(const struct tenant *tenant);

/* ---- settings.c ---- */

/* The tenant's settings laid over the bundle's; texts may be none. *settings is an object. */
bool settings_in_force(struct arena *arena, struct problems *problems, struct text bundle, struct text tenant,
                       const struct json **settings, struct text *text);

/* ---- bundle_cache.c ---- */

/* It keeps what took at most `bytes_most`, and always the one that was taken last. */
struct bundle_cache *bundle_cache_new(size_t bytes_most);
void bundle_cache_free(struct bundle_cache *cache);
/* Retained for the caller; *settings (may be NULL) in the transaction's arena. NULL, with `problems`, when there is no
 * such bundle or it does not load. */
struct rule_bundle *bundle_cache_take(struct bundle_cache *cache, struct store_transaction *transaction,
                                      struct text digest, struct problems *problems, struct text *settings);
/* The settings alone, without compiling anything. */
bool bundle_cache_settings(struct bundle_cache *cache, struct store_transaction *transaction, struct text digest,
                           struct text *settings);

/* ---- trace.c ---- */

void trace_event(struct command *command, int kind, const struct occurrence *occurrence, struct text payload);
void trace_rule(struct command *command, const char *name, int64_t object_id, const char *code);
/* Reports all of it and the end of the command; writer's thread. */
void trace_flush(struct command_request_state *state, bool done);

/* ---- audit.c ---- */

bool audit_done(struct command *command);
/* After a rollback, in a savepoint of its own. */
bool audit_failed(struct command *command);
/* "rejected" by a rule or a state, or "failed" by a rule's or the machine's error? */
bool problem_is_rejection(const struct problem *problem);

/* ---- journal.c ---- */

/* {"<record>": {...}, details...} */
struct text occurrence_payload(struct arena *arena, const struct occurrence *occurrence);
/* Takes the serial and writes the row. */
bool journal_append(struct command *command, const struct occurrence *occurrence, bool signal, struct text payload,
                    int64_t *serial);
/* The subject and details back from a row's payload. */
bool occurrence_from_journal(struct command *command, const struct journal *row, struct occurrence *occurrence);

/* ---- dispatch_rule.c ---- */

/* A call with everything about the command in it; its time begins. */
struct rule_call rule_call_of(struct command *command, struct problems *problems, struct rule_host *host);
/* The same for an event: its subject and the seed of its id; nothing writable. */
struct rule_call rule_call_for(struct command *command, struct problems *problems, struct rule_host *host,
                               const struct occurrence *occurrence);
/* After each run of a call so made: counts its fuel against the bound of the command, and its time. */
void rule_call_count(struct command *command, const struct rule_call *call);
/* Does it listen to this side, and do its `when` filters hold? */
bool rule_hears(const struct rule *rule, enum rule_moment moment, const struct occurrence *occurrence,
                struct arena *arena);
/* Keeps what a run read and decided as a rule_run row. */
bool rule_run_keep(struct command *command, const char *event, const struct rule_trace *trace, struct text notes);
struct text rule_notes(struct arena *arena, const struct rule_effect *effects);

/* ---- command_work.c ---- */

/* At the end of the command: tells the store for how long such work has held the writer. */
void command_work_charge(struct command *command);

/* ---- dispatch_pre.c, dispatch_post.c ---- */

/* Gives the occurrence its id and instant. */
void occurrence_begin(const struct command *command, struct occurrence *occurrence);
/* One post rule for a journalled event, its effects written; problems go to `problems`. No savepoint. */
bool post_rule_run(struct command *command, const struct rule *rule, const struct occurrence *occurrence,
                   int64_t serial, struct problems *problems, struct rule_trace **trace, struct text *notes);

/* ---- effect.c ---- */

/* Who asked for effects. */
struct effect_source {
	const char *rule, *file, *event; /* event NULL: of a task */
	int line;
	int64_t account_id, object_id, serial;
	struct uuid event_id;
};
/* Writes what a post rule or a task queued: delivery and job rows. */
bool effects_queue(struct command *command, const struct rule_effect *effects, const struct effect_source *source,
                   struct problems *problems);
/* The same for a pre rule, whose commands run now; their failure is the command's. */
bool effects_perform(struct command *command, const struct rule_effect *effects, const struct effect_source *source);
/* ---- cause.c ---- */

/* Before effects become rows: counts them for what began the chain that the command is of. `queued`: their commands become jobs, and
 * a chain begins with the first that does. PROBLEM_CAUSE_ENDED when there are too many, or it was withdrawn. */
bool cause_extend(struct command *command, const struct rule_effect *effects, bool queued, const struct effect_source *source,
                  struct problems *problems);
/* Each event and rule from what began it to this one: "account.update 'tidy' -> invoice.create 'thank'". */
struct text cause_chain(const struct command *command, const struct effect_source *source);

/* ---- effect.c ---- */

/* A queued command's row to its type and decoded input. */
bool command_job_read(struct command *command, const struct job *job, const struct command_type **type, void **input);

/* ---- secret.c: fields like card numbers, anywhere in an input ---- */

void secrets_wipe(const struct record *record, const void *value); /* overwrites their bytes */
bool secrets_present(const struct record *record, const void *value);

/* ---- job.c, job_run.c ---- */

/* Writes a row with everything set but id; notes when it is due. */
bool job_insert(struct command *command, struct job *job);
/* The instant of the repeat after `failures` of them; none: it is dead. */
struct instant job_repeat_at(struct instant now, int64_t failures);
/* Time does not mend it: a rule's work that failed so is dead at once, until a bundle or a person begins it anew. */
bool job_is_given_up(const struct problem *problem);
/* Tells the scheduler, once committed, that something is due then. */
void work_due(struct command *command, struct instant due_at);
/* Runs the job in its command; then takes the row out, unless its successor has it (job_move). */
bool job_perform(struct command_request_state *state);
/* Takes out the row of the job that runs, if it is there. */
bool job_leave(struct command *command);
/* After its rollback: puts it off, or marks it dead. */
bool job_failed(struct command_request_state *state);
/* Fills a request that runs a job of this kind. */
void job_request(struct engine *engine, struct command_request *request, int64_t tenant_id, struct text job_kind,
                 struct arena *arena, struct problems *problems);
/* The jobs due until an instant, in order, at most `limit`. */
struct job_list {
	struct job *items;
	size_t count, capacity;
};
bool jobs_due(struct engine *engine, int64_t tenant_id, struct instant until, size_t limit, struct arena *arena,
              struct problems *problems, struct job_list *jobs);
/* Runs everything due until then, one after the other, on this thread; false when the store fails. */
bool due_work_run(struct message_walk *messages, struct instant until, struct problems *problems);
extern const struct job_kind engine_job_kinds[];

/* ---- scheduler.c ---- */

struct scheduler *scheduler_start(struct engine *engine);
void scheduler_stop(struct scheduler *scheduler); /* joins; running jobs end by themselves, and may still note */
void scheduler_free(struct scheduler *scheduler); /* when the writer has ended */
/* Any thread: this tenant has work due at this instant; `at_once`: it is due already. */
void scheduler_note(struct scheduler *scheduler, int64_t tenant_id, struct instant due_at, bool at_once);
void scheduler_rescan(struct scheduler *scheduler);

/* ---- worker.c ---- */

struct work {
	void (*run)(struct work *work); /* may free it */
	struct work *next;
};
/* count 0: nothing runs by itself, see worker_pool_run. */
struct worker_pool *worker_pool_new(int count);
/* Runs what is queued, then joins. */
void worker_pool_free(struct worker_pool *pool);
bool worker_pool_has_threads(const struct worker_pool *pool);
void worker_pool_add(struct worker_pool *pool, struct work *work);
/* One piece of queued work on this thread; false when there is none. */
bool worker_pool_run(struct worker_pool *pool);

/* ---- courier.c ---- */

/* The thread that sends messages; NULL when it cannot be had. */
struct courier *courier_start(struct engine *engine);
/* Joins, after what is under way has had a moment to end; what has ended is written back. */
void courier_stop(struct courier *courier);
/* Any thread: clocks stop, and who moves one waits no longer until the tenant's messages are in no other hands. */
void holds_give_up(struct courier *courier);
void courier_free(struct courier *courier); /* once the store is closed */
/* Any thread: messages wait there; due_at by the wall clock, none: some are due. `anew`: what of it is in the courier's hands
 * and not yet sent is read again, and what was learned of the endpoint forgotten. */
void courier_note(struct courier *courier, int64_t tenant_id, struct text channel, int64_t endpoint_id, struct instant due_at,
                  bool anew);
/* Messages may wait that no commit has told of: looks through the store for them soon. */
void courier_rescan(struct courier *courier);

/* ---- courier_walk.c ---- */

/* A tenant's messages, sent on the caller's thread at one instant after the other. From the first that was due to the end
 * no other thread sends for this tenant. Where tries fail and take long, what is left waits for the end of the walk. */
struct message_walk {
	struct engine *engine;
	int64_t tenant_id;
	struct courier *courier; /* NULL: nothing was due yet */
};

/* Sends what is due until then, and waits for it. *any: there was something. False when the store fails. */
bool message_walk_due(struct message_walk *walk, struct instant until, struct problems *problems, bool *any);
/* When the first message is due that this walk would send, if that is before *next, or *next is none. */
bool message_walk_next(const struct message_walk *walk, struct command *view, struct instant *next);
void message_walk_end(struct message_walk *walk);

/* ---- delivery_message.c ---- */

/* A message of this row's channel and endpoint waits, or, `anew`, its endpoint was changed: the courier is told after the
 * commit. */
void delivery_note(struct command *command, const struct delivery *delivery, bool anew);
/* A message to an endpoint has ended: the next of its account may go. */
bool delivery_order_goes_on(struct command *command, const struct delivery *delivery);

/* ---- gateway_call.c, gateway_inquiry.c, delivery.c ---- */

/* Asks the gateways of a committed request, one after the other, stores the answers, finishes the request. */
void gateway_call_run(struct command_request_state *state);
void gateway_call_queue(struct command_request_state *state);
/* Ends flights and wipes cards of a request that was not committed. */
void gateway_call_drop(struct command_request_state *state);
/* What an adapter hands over comes from outside: a status that is none counts as unknown, texts are cut to their fields
 * and dropped when they are no texts. An approval is never lost over its message. */
void outcome_settle(struct gateway_outcome *outcome, int64_t attempt_id, struct arena *arena);
/* payment.complete with what a gateway answered, and whom it answers. */
struct completion {
	struct engine *engine;
	int64_t tenant_id, delivery_id;
	const char *gateway;
	struct gateway_outcome *outcome;
	struct command_request_state *original; /* whose reply it makes; NULL: nobody waits */
	bool last;                              /* of the original's charges */
	struct arena *arena;
	struct problems *problems;
};
/* Submits it and waits; never on the writer's thread. */
bool completion_run(struct completion *completion);

/* The row of a charge that is about to be sent. */
bool delivery_insert_charge(struct command *command, const struct gateway_charge *charge, int64_t *delivery_id);
/* A read of its own: is this charge committed and not answered? */
bool delivery_is_sent(struct engine *engine, int64_t tenant_id, int64_t delivery_id, struct arena *arena,
                      struct problems *problems, struct delivery **delivery);
/* Its answer is stored: done, or, when it is unknown, to be asked about later and at last dead. */
bool delivery_answered(struct command *command, int64_t delivery_id, bool unknown);
/* payment.complete has said of it that the answer is unknown. */
bool delivery_is_unknown(const struct delivery *delivery);
void delivery_failed(struct command *command, int64_t delivery_id);
/* Asks gateways about attempts that nobody waits for and that are due until an instant; *any: there were such. False
 * when the store fails. */
bool gateway_inquire_due(struct engine *engine, int64_t tenant_id, struct instant until, struct problems *problems,
                         bool *any);
/* At open: charges that an earlier process left behind, of all tenants. */
bool gateway_recover(struct engine *engine, struct problems *problems);
/* After a lost process: the answer to a key that was begun there, once its charge is known. *found: reply made. */
bool gateway_answer_lost(struct command_request_state *state, bool *found);

#endif
