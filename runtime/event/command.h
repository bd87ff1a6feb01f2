/* command.h: the only way to change state.
 *
 * A command is a row { name, scope, input record, output record, perform }. A caller fills a request and
 * submits it; the writer runs, in one savepoint: idempotency key -> perform (which raises its events through
 * dispatch.h) -> the caller's encode -> audit row; then the batch commits and `done` is called. A problem
 * anywhere rolls the whole command back, burns no number, and leaves one audit row.
 *
 *     struct order *order;
 *     if (!command_perform(command, "order.place", &place, (void **)&order)) return false;  // inside another
 *
 * `perform` runs on the writer's thread; it reads the clock from the command only, never does I/O, and may
 * run again after an UNKNOWN outcome of the store.
 */
#ifndef MOONBILL_EVENT_COMMAND_H
#define MOONBILL_EVENT_COMMAND_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/problem.h"
#include "base/text.h"
#include "engine.h"
#include "gateway.h"
#include "records.gen.h"
#include "rule/rule.h"
#include "store/store.h"
#include "value/calendar.h"
#include "value/json.h"
#include "value/record.h"
#include "value/timezone.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	COMMAND_DEPTH_MAX = 8,        /* commands of rules that follow from one another */
	RULE_COMMANDS_AT_ONCE = 1000, /* that pre rules ask for within one command from outside */
};

/* Who asks. */
struct origin {
	struct text actor;      /* "key:NAME", "operator", "job:KIND", "rule:NAME" */
	struct text remote;     /* address of the caller */
	struct text request_id;
	struct uuid user_token;
};

/* The context of a command while it runs, and of a read (then nothing may be written). */
struct command {
	struct engine *engine;
	struct store_transaction *store;
	struct arena *arena;
	struct problems *problems;
	const struct command_type *type; /* the outermost; NULL for reads */
	struct tenant *tenant;           /* NULL for global commands until it exists */
	const struct timezone_rules *zone; /* the tenant's */
	struct instant now;              /* the tenant's clock */
	struct date today;               /* in the tenant's zone */
	struct rule_bundle *bundle;      /* the active one, retained while the command runs; NULL without */
	const struct json *settings;     /* bundle's settings under the tenant's; an object, maybe empty */
	struct text settings_text;       /* the same, for rules */
	struct origin origin;
	struct uuid correlation_id, causation_id;
	int depth;
	int64_t cause_id;  /* what began the chain of rules' commands that this one is of; 0: it begins with this one, if at all */
	struct text chain; /* each event and rule on the way here; none for what came from outside */
	bool dry_run;
	/* The engine's: effects and follow-ups collected while it runs. */
	struct command_state *state;
};

struct command_type {
	const char *name;  /* noun.verb; NULL ends a table */
	const char *scope; /* read, write, payments, deploy, admin */
	const struct record *input, *output; /* output NULL: none */
	bool global;       /* runs without a tenant (tenant.create); operators only */
	bool without_rules; /* runs also when the active bundle does not load: what repairs a tenant; raises no event */
	bool (*perform)(struct command *command, const void *input, void **output);
	/* The output again, by the id that a charge names as its payment: for the answer to a key whose process was
	 * lost while the gateway was busy. NULL: the output's row alone. */
	bool (*reload)(struct command *command, int64_t object_id, void **output);
	const char *doc;   /* one sentence */
};

struct command_request {
	int64_t tenant_id;
	const struct command_type *type;
	const void *input; /* secret fields (card numbers) are overwritten when the request ends: no literals */
	struct origin origin;
	struct uuid correlation_id, causation_id; /* none: new */
	int depth;
	bool dry_run;
	struct text idempotency_key; /* none: not idempotent */
	bool looks_up_key;           /* a dry run that is answered as its key was, and leaves a new key new */
	struct digest fingerprint;
	struct arena *arena;         /* the caller's; in the engine's hands from submit to done */
	struct problems *problems;
	/* Makes the reply. Success: in the command's transaction, command != NULL. Failure: after the rollback with
	 * command == NULL and problems filled. For a payment it runs when the gateway has answered. May be NULL. */
	void (*encode)(struct command *command, struct command_request *request);
	/* Optional: may it still be done? In the command's transaction before it performs, with the context of a read; false
	 * with problems refuses it. The stored answer to a key is given without asking. */
	bool (*permit)(struct command *view, struct command_request *request);
	void *context;
	/* Once, after commit or rollback; on the writer's or a worker's thread; must not block. */
	void (*done)(struct command_request *request);
	/* out */
	void *output;
	bool succeeded;
	bool replayed;               /* reply is the stored one of an earlier request with this key */
	enum store_outcome outcome;
	int reply_status;            /* set before encode: 200, or the first problem's */
	struct text reply_content_type, reply_body;
	struct trace_entry *trace;   /* its events in order, where something reads them (engine's trace, dry runs) */
	size_t trace_count;
	struct command_request_state *state; /* the engine's */
};

void command_submit(struct engine *engine, struct command_request *request);
/* Submits and waits (also for a gateway's answer); true when it succeeded; `done` is not called. Never on the
 * writer's thread. */
bool command_run(struct engine *engine, struct command_request *request);
/* What a dry run that succeeded is answered with: `result` is what its answer would have been (JSON), its status
 * request->reply_status. In the request's arena. */
struct dry_run command_dry_run(const struct command_request *request, struct text result);
/* Another command inside this one: same transaction and correlation, own events. `output` may be NULL. A caller in C
 * gives an input that is in order; record_check is its duty. */
bool command_perform(struct command *command, const char *name, const void *input, void **output);
/* No other command was performed inside this one so far, be it by a rule: what it read is as it left it. */
bool command_is_alone(const struct command *command);
/* A part of a perform in a savepoint of its own: when it fails its rows, numbers, events and charges are undone alone,
 * *done is false and `problems` (of the command's arena) say why. False only when the store fails. */
bool command_attempt(struct command *command, bool (*part)(struct command *command, void *context), void *context,
                     struct problems *problems, bool *done);
/* A snapshot read with the context of a command (tenant, zone, now, settings; no bundle). False when body did. */
bool command_read(struct engine *engine, int64_t tenant_id, struct arena *arena, struct problems *problems,
                  bool (*body)(struct command *command, void *context), void *context);
/* A copy of a tenant that acts on nothing outside: what it would send is withdrawn, what it would charge is the test gateway's. */
static inline bool tenant_is_branch(const struct tenant *tenant)
{
	return tenant && text_present(tenant->branch_of);
}
/* What a read in the transaction of `command` would be told; nothing may be written with it. */
bool command_view(const struct command *command, struct command *view);

/* The context of a read in a transaction of the store's own jobs, for work that is no command; its tenant is the transaction's. */
bool command_of_transaction(struct engine *engine, struct store_transaction *transaction, struct command *command);
/* What rules may ask of the store, for one call or read: what it loads is remembered until then. `task`: rows as well. */
void host_init(struct rule_host *host, struct command *command, bool task);

/* ---- for performs ---- */
/* Around work that is as long as the tenant makes it, as that of rules is, on the writer's thread: it is a debt of the tenant
 * (store_charge), of at most `most_us`. No rule runs in between. */
void command_work_begin(struct command *command);
void command_work_end(struct command *command, int64_t most_us);
/* today in an account's zone */
struct date command_today(const struct command *command, const struct account *account);
const struct timezone_rules *command_zone(const struct command *command, const struct account *account);
/* A setting by path ("billing.day"): a string, or a number as written; none for anything else. */
struct text command_setting(const struct command *command, const char *path);
int64_t command_setting_integer(const struct command *command, const char *path, int64_t otherwise);
bool command_setting_boolean(const struct command *command, const char *path, bool otherwise);
/* `over` laid over `under` member by member through objects, anything else replaced; null in `over` takes the member
 * away. Both may be NULL. An object as JSON text. */
struct text settings_merge(struct arena *arena, const struct json *under, const struct json *over);
/* Names the object in the audit row: the outermost perform's word counts, else that of the first inside it. */
void command_object(struct command *command, const char *object_type, int64_t object_id, int64_t account_id);
/* Said in the audit row of the command that is done all the same; the first remark counts, a failure's problem before it. */
void command_remark(struct command *command, enum problem_code code, struct text message);
/* This command takes away what a key opens: see engine_access_version. */
void command_ends_access(struct command *command);
/* After this command's commit the gateway is asked and its answer submitted as payment.complete (gateway_outcome; its
 * output becomes the request's); the request's reply waits for it. `charge` is copied; its card stays in the request's
 * memory and is wiped after the call. A delivery row (channel "gateway", status sent) is written now: what a lost
 * process leaves is asked about by the next one, through gateway->inquire. If payment.complete fails the reply is
 * PROBLEM_GATEWAY_FAILED, the key stays in use, and the gateway is asked again later. About an answer that was
 * `unknown` it is asked again after 5 min, 1 h and on five days; an answer that is none of that is submitted as
 * payment.complete once more. */
void command_charge_after_commit(struct command *command, const struct gateway_charge *charge);

#endif
