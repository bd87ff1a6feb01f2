/* route.h: which requests there are: rows of tables, matched segment by segment.
 *
 *     { .method = "POST", .path = "/v1/orders/{id}/change", .command = "order.change", .id_field = "old_order_id",
 *       .handle = http_write, .status = 201, .location = "/v1/orders/", .doc = "Replaces an order by a new one." },
 *
 * A row of a write names its command, which says input, output and scope; a row of a read names the function that
 * answers in a snapshot, and the record it answers with. "{id}" stands for any one segment that is a positive whole
 * number, and so does "{line}", which the handler reads; "{key}" and "{word}", which it reads too, for any that is not
 * empty, and each may be followed by ".json", which is then part of the segment; literal segments win. GET / and the API's description (openapi.h) are made of the same rows.
 */
#ifndef MOONBILL_HTTP_ROUTE_H
#define MOONBILL_HTTP_ROUTE_H

#include "event/command.h"
#include "request.h"

struct http_exchange;
struct http_list;
struct blu_form;

struct http_route {
	const char *method, *path;  /* path NULL ends a table */
	const char *scope;          /* NULL: the command's; "": open to everyone */
	const char *parameters;     /* of the query, blank-separated; NULL: none */
	const char *command;        /* writes */
	const char *id_field;       /* writes: field of the input that {id} goes to */
	const char *location;       /* of what was made: this and its id */
	int status;                 /* of success; 0 = 200 */
	bool large_body;            /* takes a bundle */
	bool no_body;               /* writes: what comes as a body is not read */
	bool bare_list;             /* reads: the answer is an array of `output` */
	bool open_input, open_output; /* the body, the answer is a JSON object of which nothing more is said */
	bool ticks;                 /* reads: the answer follows the wall clock and cannot be kept */
	bool shown_once;            /* writes: the answer is not kept for repeats, so there is no Idempotency-Key */
	bool may_be_nothing;        /* 204 when there was nothing to do */
	const struct record *input; /* of the body, where it is not the command's */
	const struct record *output; /* of the answer; NULL: the list's items, or the command's */
	const char *also_accepts;   /* types of the body besides the dialect's, blank-separated */
	const char *media;          /* of an answer without a record: its type */
	const struct blu_form *form; /* BluBilling: the body, and the root element of the answer */
	const char *root;
	bool killbill;              /* the key may come in Kill Bill's headers */
	bool vendors;               /* of a vendor's wire: GET / and openapi.h leave it out, maxio/describe.c tells of it */
	const char *wrapper, *answer, *answer_list; /* vendors: members around the body, around the record, and around the list of all */
	int cost;                   /* tokens of the tenant's budget for dear requests; 0: a list's 1, or none */
	/* Answers, or begins to (http_finish or http_submit); false with problems. */
	bool (*handle)(struct http_exchange *exchange);
	/* What http_read calls in a snapshot: fills the reply; false with problems. */
	bool (*read)(struct command *command, struct http_exchange *exchange);
	bool (*convert)(struct http_exchange *exchange); /* reads: what is done with the reply once the snapshot is gone */
	const struct http_list *list; /* of http_list_read */
	const struct record *asked;   /* parameters of a list that are no fields of its items; NULL: none */
	const char *doc;
};

enum { ROUTE_SEGMENTS_MAX = 8 };

/* A row as the application knows it. */
struct http_entry {
	const struct http_route *route;
	struct text segments[ROUTE_SEGMENTS_MAX]; /* of its path: split once, compared for every request */
	size_t segment_count;
	const struct command_type *command; /* NULL for reads */
	unsigned scope;                     /* 0: open */
	const struct http_entry *resource;  /* the read of what it addresses: of its path, or else of the object whose
	                                     * {id} the path goes on from; NULL: there is none */
};

/* What the body and the answer are; NULL when no record says. */
const struct record *http_entry_input(const struct http_entry *entry);
const struct record *http_entry_output(const struct http_entry *entry);

/* Rows of all tables, sorted by path and method. */
struct http_router {
	struct http_entry *entries;
	uint16_t *marks; /* of the entries: most rows are told apart without looking at them */
	size_t count;
};

/* Tables end with a NULL path, the list with NULL. A row whose command or scope does not exist is a BUG(). */
bool http_router_init(struct http_router *router, const struct http_route *const *tables, const struct engine *engine);
void http_router_finish(struct http_router *router);

/* The row, with the value of its {id} (0 without). NULL: *allowed (in the arena) lists the methods that the path has,
 * "" when it is no path at all. HEAD finds GET. */
const struct http_entry *http_router_find(const struct http_router *router, struct text method,
                                          const struct http_target *target, struct arena *arena, int64_t *id,
                                          struct text *allowed);
/* Does a blank-separated list hold the word? */
bool http_words_hold(const char *words, struct text word);

#endif
