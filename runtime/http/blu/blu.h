/* blu.h: BluBilling's wire over our commands: what its files share. Private to http/.
 *
 *     document.c   one description of an answer, written as XML or as JSON
 *     form.c       a body, XML or JSON, by a table of its elements into a command's input
 *     refuse.c     <errors>; the wire's name of a field
 *     describe.c   forms, parameters and documents for the API's description
 *     query.c      format, paging, windows of time, who and what is meant
 *     customer.c order.c payment.c invoice.c plan.c activity.c   the calls
 *
 * In JSON the root element is the one member of the document, attributes become members, lists become arrays, money and
 * quantities stay text. Both roots, /rest and /rest_v1, are the same.
 */
#ifndef MOONBILL_HTTP_BLU_BLU_H
#define MOONBILL_HTTP_BLU_BLU_H

#include "billing/object_filter.h"
#include "value/words.h"
#include "http/exchange.h"
#include "value/xml.h"

extern const struct http_route blu_routes[];

enum { BLU_PAGE_MAX = 100 };

/* ---- document.c ---- */

enum { BLU_DEPTH_MAX = 16 };

struct blu_writer {
	struct text_builder out;
	bool json;
	struct xml_writer xml;
	struct json_writer js;
	unsigned depth;
	bool array[BLU_DEPTH_MAX]; /* JSON: is the open element a list? */
};

void blu_open(struct blu_writer *writer, const char *name);
/* Its items are opened by blu_open with the items' name. */
void blu_open_list(struct blu_writer *writer, const char *name);
void blu_close(struct blu_writer *writer);
void blu_id(struct blu_writer *writer, int64_t id); /* attribute of the element just opened */
/* <name>text</name>; nothing when it is absent */
void blu_text(struct blu_writer *writer, const char *name, struct text text);
void blu_c(struct blu_writer *writer, const char *name, const char *terminated);
void blu_integer(struct blu_writer *writer, const char *name, int64_t value);
void blu_boolean(struct blu_writer *writer, const char *name, bool value);
void blu_money(struct blu_writer *writer, const char *name, struct money money);
void blu_date(struct blu_writer *writer, const char *name, struct date date);
/* The last day of something whose end is the first day after it. */
void blu_last_day(struct blu_writer *writer, const char *name, struct date end);
/* With at least `places` places: 1.0 */
void blu_decimal(struct blu_writer *writer, const char *name, struct decimal decimal, int places);
void blu_reference(struct blu_writer *writer, const char *name, int64_t id); /* <name id="366"/>; nothing for 0 */
void blu_currency(struct blu_writer *writer, const struct currency *currency); /* <currency id="USD"/> */

/* ---- form.c ---- */

enum blu_kind {
	BLU_FIELD = 1, /* a scalar field of the record */
	BLU_WORD,      /* a choice by the wire's words */
	BLU_LAST_DAY,  /* a date whose field is the first day after it */
	BLU_RECORD,    /* a record field; `elements` are inside */
	BLU_LIST,      /* a list field; `item` elements with `elements` inside */
	BLU_INSIDE,    /* elements inside that belong to the same record */
	BLU_DROPPED,   /* accepted and forgotten */
};

struct blu_element {
	const char *name; /* NULL ends a table */
	enum blu_kind kind;
	int field;
	const char *attribute;  /* its value is this attribute, not its text */
	enum word_kind words;
	const struct record *states; /* BLU_WORD: the record and field whose states the words are of */
	int states_field;
	const char *item;
	const struct blu_element *elements;
	bool outer;    /* the field is of the record around the present one */
	bool required; /* beside what the record requires */
};

struct blu_form {
	const char *root;
	const struct record *record;
	const struct blu_element *elements;
	bool whole; /* the root is one of the elements: a list that is the document */
};
/* What the rows of routes name as their bodies. */
extern const struct blu_form blu_customer_form, blu_order_form, blu_change_form, blu_update_form, blu_payment_form,
        blu_activities_form;

/* Reads the body into `input`, zeroed or preset. Every problem found; pointers are the record's. */
bool blu_form_read(struct http_exchange *exchange, const struct blu_form *form, void *input);
/* The body as a tree, whatever it was written in; NULL and problems. */
const struct xml *blu_body(struct http_exchange *exchange, const char *root);
bool blu_form_decode(struct http_exchange *exchange, const struct blu_form *form, const struct xml *root, void *input);

/* ---- query.c ---- */

/* What the dialect keeps of a request. */
struct blu_work {
	bool json;
	const struct blu_form *form; /* of the body, for the names of fields */
	const struct xml *body;
	int64_t id;                  /* of the object that is addressed */
};

/* First of every call: the format. */
bool blu_begin(struct http_exchange *exchange);
struct blu_work *blu_work(struct http_exchange *exchange);
/* Handler of reads. */
bool blu_read(struct http_exchange *exchange);
/* Begins the document of an answer, and ends it: what was written becomes the reply. */
void blu_answer(struct http_exchange *exchange, struct blu_writer *writer);
void blu_answered(struct http_exchange *exchange, struct blu_writer *writer, int status);
/* The customer that the query names; none: 0 and TEXT_NONE. */
bool blu_customer_named(struct http_exchange *exchange, int64_t *customer_id, struct text *customer_key);
/* offset, max, status, windows, customer. `status` belongs to this kind of words. */
bool blu_filter(struct command *command, struct http_exchange *exchange, enum word_kind words,
                struct object_filter *filter);
/* "201109060000" in the tenant's zone; `end`: the first instant after that minute. None when absent. */
bool blu_instant(struct command *command, struct http_exchange *exchange, const char *name, bool end,
                 struct instant *instant);
/* A state by its word; 0 when absent. */
bool blu_status(struct http_exchange *exchange, enum word_kind words, int *status);
/* PROBLEM_NOT_FOUND for what the address names; returns false. */
bool blu_missing(struct http_exchange *exchange, const char *what, const char *parameter);

/* ---- the calls: parts that others show ---- */

bool blu_customer_read(struct command *command, struct http_exchange *exchange);
bool blu_customers_read(struct command *command, struct http_exchange *exchange);
bool blu_customer_create(struct http_exchange *exchange);

bool blu_order_read(struct command *command, struct http_exchange *exchange);
bool blu_orders_read(struct command *command, struct http_exchange *exchange);
bool blu_order_create(struct http_exchange *exchange);
bool blu_order_update(struct http_exchange *exchange);
bool blu_order_act(struct http_exchange *exchange);
bool blu_order_change(struct http_exchange *exchange);
bool blu_order_delete(struct http_exchange *exchange);

bool blu_invoice_read(struct command *command, struct http_exchange *exchange);
bool blu_invoices_read(struct command *command, struct http_exchange *exchange);
bool blu_invoice_cancel(struct http_exchange *exchange);
/* What orders and invoices themselves show of an invoice. */
void blu_invoice_head(struct blu_writer *writer, const struct invoice *invoice);

bool blu_payment_read(struct command *command, struct http_exchange *exchange);
bool blu_refund_read(struct command *command, struct http_exchange *exchange);
bool blu_credit_read(struct command *command, struct http_exchange *exchange);
bool blu_payments_read(struct command *command, struct http_exchange *exchange);
bool blu_payment_create(struct http_exchange *exchange);

bool blu_plan_read(struct command *command, struct http_exchange *exchange);
bool blu_plans_read(struct command *command, struct http_exchange *exchange);
/* "thirty_days" -> "ThirtyDays" */
struct text blu_camel(struct arena *arena, const char *word);

bool blu_activities_read(struct command *command, struct http_exchange *exchange);
bool blu_activities_create(struct http_exchange *exchange);

/* The customer of an account; 0 when it has none. */
bool blu_customer_id(struct command *command, int64_t account_id, int64_t *customer_id);

#endif
