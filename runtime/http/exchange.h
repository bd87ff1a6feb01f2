/* exchange.h: a request under way; what handlers see. Private to http/.
 *
 *     admitted (target, route, access, headers) --> handled --read--> finished
 *                                                      \--write--> command --encode, done--> finished
 *
 * Threads: one at a time. From http_submit to its `done` everything here, arena included, is the engine's.
 */
#ifndef MOONBILL_HTTP_EXCHANGE_H
#define MOONBILL_HTTP_EXCHANGE_H

#include "application.h"
#include "billing/api_key.h"
#include "billing/bundle_archive.h"
#include "billing/event_intake.h"
#include "request.h"
#include "route.h"
#include "value/json.h"

#include <stdatomic.h>

struct http_exchange;

/* How a family of paths speaks of problems. */
struct http_dialect {
	const char *const *roots; /* first segments, NULL-terminated; NULL: every other path */
	/* Can a body of this type be read? `type` is TEXT_NONE when the request does not say. False and a problem. */
	bool (*accept)(struct http_exchange *exchange, struct text type);
	bool lenient; /* parameters that no row names are passed over */
	/* May the key that was sent be used for this request? False and a problem. NULL: it may. */
	bool (*admit)(struct http_exchange *exchange);
	/* Status, type and body for exchange->problems. */
	void (*refuse)(struct http_exchange *exchange);
	/* What is said when there is no memory for `refuse`. */
	const char *out_of_memory_type, *out_of_memory;
};
extern const struct http_dialect v1_dialect, blu_dialect, aps_dialect, maxio_dialect;
extern const struct http_route *const http_route_tables[];

struct http_limiter;
struct http_readers;
struct http_cache;

struct http_application {
	struct engine *engine;
	struct api_key_cache *keys;
	struct http_limiter *limiter; /* NULL: no limits */
	struct http_readers *readers; /* NULL: reads run where they come */
	struct http_cache *cache;
	struct event_intake *intake;
	struct http_router router;
	struct text openapi, openapi_maxio; /* descriptions of the API and of Maxio's wire; memory_free */
	size_t body_bytes_max;
	atomic_bool stopping;
	bool log_requests; /* a line for each, not only for those that fail here */
	atomic_size_t running; /* exchanges without `done` */
	atomic_size_t apart;   /* threads of apart.c */
};

struct http_exchange {
	struct http_application *application;
	struct http_request *request;
	struct arena *arena;
	struct problems problems;
	struct http_reply reply;
	/* admitted */
	bool admitted, refused;
	bool conditional;                 /* has If-Match or If-None-Match */
	struct text tag;                  /* of a read's answer; none: not yet known */
	const struct http_dialect *dialect;
	struct http_target target;
	const struct http_entry *entry;
	int64_t id;                       /* of the path */
	struct api_key_identity identity; /* tenant_id 0: open route */
	struct text request_id;
	struct ip_address client;            /* whose requests are counted; unknown: nobody's */
	int64_t begun_us;                 /* monotonic */
	/* a write */
	struct {
		struct command_request request;
		void (*encode)(struct command *command, struct http_exchange *exchange, void *output);
		struct text key; /* idempotency; may be none */
		int64_t made_id; /* for Location */
		struct text tag; /* for ETag: of what a GET answers now; may be none */
		bool dry_run;
		bool once; /* a repeat of the key is refused, not answered again */
	} write;
	void *work;   /* the handler's own, from handle to encode */
	struct http_exchange *next_later; /* of read_later.c, while it waits there */
	bool wait;    /* everything on this thread */
	http_done *done;
	void *context;
};

/* ---- application.c ---- */

/* Handles it on this thread, or ends it with the problems when `handle` is false. */
void http_run(struct http_exchange *exchange, bool (*handle)(struct http_exchange *exchange));
/* Ends it: the reply, or the problems when there are some. The exchange is gone after it. */
void http_finish(struct http_exchange *exchange);

/* ---- note.c ---- */

/* Counts a request whose reply is made, and writes its line when the log wants one. */
void http_note(struct http_exchange *exchange);

/* ---- reply.c ---- */

void http_reply_header(struct http_reply *reply, const char *name, struct text value);
/* The headers of every reply. */
void http_reply_seal(struct http_exchange *exchange);
void http_reply_json(struct http_exchange *exchange, int status, struct text body);
void http_reply_record(struct http_exchange *exchange, int status, const struct record *record, const void *value);
/* The record, or PROBLEM_NOT_FOUND: of a read. */
bool http_reply_found(struct http_exchange *exchange, const struct record *record, const void *value);
/* Is a Content-Type, parameters aside, this one? */
bool http_type_is(struct text type, const char *wanted);
/* The dialect's words for the problems. */
void http_reply_problems(struct http_exchange *exchange);

/* ---- access.c ---- */

/* Who asks, and may they? */
bool http_access(struct http_exchange *exchange);

/* ---- condition.c ---- */

/* Are If-Match and If-None-Match lists of entity tags, or "*"? */
bool http_conditions_check(struct http_exchange *exchange);
/* The ETag of a 200 with this type and body. */
struct text http_tag_of(struct arena *arena, const struct http_reply *reply);
/* Of a read's 200: its ETag, and what the conditions make of it (304, or status 0 with a problem). */
void http_reply_tag(struct http_exchange *exchange);
/* Do the conditions of a write hold of what it addresses? False and a problem. */
bool http_condition_permits(struct command *view, struct http_exchange *exchange);
/* In the transaction of a write whose answer is made: its ETag, if a GET would answer the same. */
void http_write_tag(struct command *command, struct http_exchange *exchange);

/* ---- limit.c: false and a problem when they are too many, with Retry-After ---- */

/* The address behind the proxies that are trusted; request->remote becomes it. */
void http_find_client(struct http_exchange *exchange);
bool http_limit_address(struct http_exchange *exchange);
bool http_limit_identity(struct http_exchange *exchange);
/* A wrong key was sent: its address pays for it. */
void http_limit_failed_key(struct http_exchange *exchange);
void http_limiter_free(struct http_limiter *limiter); /* accepts NULL */

/* Tokens of the tenant's budget that a request of this route takes; 0: none, it is an ordinary one. */
int http_route_cost(const struct http_route *route);

/* ---- read_later.c ---- */

/* http_read_now on a thread of its own, when it is the tenant's turn. The exchange is the thread's. */
void http_read_later(struct http_readers *readers, struct http_exchange *exchange);
void http_readers_free(struct http_readers *readers); /* accepts NULL; nobody may wait any more */

/* ---- apart.c ---- */

/* `run` as a handler on a thread of its own, which may wait: for gateways, for payments that follow. */
bool http_apart(struct http_exchange *exchange, bool (*run)(struct http_exchange *exchange));

/* ---- write.c ---- */

/* Handler of a write: the body is the command's input as JSON. */
bool http_write(struct http_exchange *exchange);
/* Of everything that makes it this request; for its Idempotency-Key. */
struct digest http_fingerprint(const struct http_exchange *exchange);
/* The JSON of the body; an empty body is {}. NULL and problems. */
const struct json *http_body_json(struct http_exchange *exchange);
/* Submits; the caller returns true at once. `encode` fills exchange->reply's status, type and body in the command's
 * transaction; NULL: the output as JSON. */
/* Who asks, for commands that a handler runs itself. */
struct origin http_origin(const struct http_exchange *exchange);
/* For writes that are many commands, on a thread that may wait: true when this request's key has an answer, or may not have one,
 * and the exchange is ended with it. Else the key stays new until the last command, by http_submit, has it. */
bool http_replay(struct http_exchange *exchange, const struct command_type *type, const void *input);
bool http_submit(struct http_exchange *exchange, const struct command_type *type, const void *input,
                 void (*encode)(struct command *command, struct http_exchange *exchange, void *output));

/* The same on this thread, which may wait: true when it is done, and the caller ends the exchange, whose reply is what `encode`
 * made of it. False when it is ended: with problems, with the answer that the key had, or of a dry run. */
bool http_submit_and_wait(struct http_exchange *exchange, const struct command_type *type, const void *input,
                          void (*encode)(struct command *command, struct http_exchange *exchange, void *output));

/* ---- events.c ---- */

/* The body as events of this stream, into the intake; the exchange ends when they are committed. `encode` makes the reply, NULL: the
 * numbers of what was taken, 201. False and problems when they are not in order, or too many wait. */
bool http_events_take(struct http_exchange *exchange, struct text stream, const struct event_spelling *spelling,
                      void (*encode)(struct http_exchange *exchange, const struct events_taken *taken));

/* ---- cache.c: answers of reads, kept until the next commit of their tenant; bounded, thread-safe ---- */

struct http_cache_count {
	int64_t hits, misses;
	size_t answers, bytes;
};

struct http_cache *http_cache_new(struct store *store); /* NULL when memory runs out */
void http_cache_free(struct http_cache *cache);         /* accepts NULL */
void http_cache_clear(struct http_cache *cache);
struct http_cache_count http_cache_count(struct http_cache *cache);
/* `version` is of the store, from before the answer is looked for or read. Found: reply and tag are copied. */
bool http_cache_find(struct http_cache *cache, struct http_exchange *exchange, uint64_t version);
void http_cache_keep(struct http_cache *cache, const struct http_exchange *exchange, uint64_t version);

/* ---- read.c ---- */

/* Handler of a read: route->read in a snapshot; what is dear waits for its turn. */
bool http_read(struct http_exchange *exchange);
bool http_read_now(struct http_exchange *exchange); /* on this thread */
bool http_read_body(struct http_exchange *exchange,
                    bool (*body)(struct command *command, struct http_exchange *exchange));
/* A parameter as a positive whole number; 0 when absent. False and a problem. */
bool http_parameter_id(struct http_exchange *exchange, const char *name, int64_t *id);
bool http_parameter_integer(struct http_exchange *exchange, const char *name, int64_t min, int64_t max,
                            int64_t otherwise, int64_t *value);
/* A day; none when absent. */
bool http_parameter_date(struct http_exchange *exchange, const char *name, struct date *date);
/* true and false, 1 and 0. */
bool http_parameter_boolean(struct http_exchange *exchange, const char *name, bool otherwise, bool *value);
/* One of the names that next(context, i) lists up to NULL; none when absent. The problem tells the nearest. */
bool http_parameter_name(struct http_exchange *exchange, const char *name,
                         const char *(*next)(const void *context, size_t i), const void *context, struct text *value);
/* A word of a choice field; 0 when absent. */
bool http_parameter_choice(struct http_exchange *exchange, const char *name, const struct record *record, int field,
                           int *choice);

/* ---- list.c: {"items": [...], "next": cursor or null} ---- */

enum { HTTP_LIST_DEFAULT = 50, HTTP_LIST_MAX = 200 };

/* What a list was asked for. */
struct http_page {
	int64_t after;   /* key of the last row seen; 0: from the first */
	int64_t rows;    /* one more than a page has, so that the end is known */
	int64_t account_id;
	int status;      /* of the record's own choice; 0: any */
};

struct http_list {
	const struct record *record;
	const char *key;  /* the id field that rows are in the order of */
	int status_field; /* for ?status=; 0: none */
	bool (*rows)(struct command *command, struct http_exchange *exchange, const struct http_page *page,
	             struct record_list *rows);
};

/* route->read of lists. */
bool http_list_read(struct command *command, struct http_exchange *exchange);

#endif
