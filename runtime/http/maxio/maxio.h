/* maxio.h: Maxio Advanced Billing's wire over our commands: what its files share. Private to http/.
 *
 *     site.c      which requests are Maxio's, and of which site
 *     form.c      a body, read leniently into a record of schema/maxio.lua
 *     show.c      records of schema/maxio.lua written: null for what is absent; numbers, decimals and instants as it spells them
 *     describe.c  the routes as OpenAPI
 *     unspoken.c  what requests may not ask for
 *     refuse.c    the four shapes of errors, and their sentences
 *     filter.c    what lists are asked for
 *     share.c     what of an account's money is of one of its subscriptions
 *     path.c      what the address names, by id, handle or reference
 *     family.c component.c price_point.c customer.c subscription.c invoice.c site_show.c ...   the calls
 *
 * What a field is called and how it is spelled is schema/maxio.lua; words of states and kinds are schema/words.lua.
 * Source: spec maxio.md.
 */
#ifndef MOONBILL_HTTP_MAXIO_MAXIO_H
#define MOONBILL_HTTP_MAXIO_MAXIO_H

#include "http/exchange.h"
#include "value/words.h"

extern const struct http_route maxio_family_routes[], maxio_component_routes[], maxio_price_point_routes[],
        maxio_customer_routes[], maxio_site_routes[], maxio_subscription_routes[], maxio_holding_routes[], maxio_ingest_routes[], maxio_invoice_routes[], maxio_allocation_routes[], maxio_lot_routes[], maxio_usage_routes[],
        maxio_currency_routes[], maxio_segment_routes[], maxio_event_routes[], maxio_renewal_routes[];

/* ---- describe.c ---- */

/* The document; the arena is exhausted when memory was. */
struct text maxio_describe(const struct http_router *router, struct arena *arena);

/* ---- site.c ---- */

/* "/{site}/events/{stream}.json", which is spoken on any host. */
bool maxio_is_ingestion(const struct http_target *target);

/* ---- form.c ---- */

/* The member `wrapper` of the body (NULL: the body itself) into `input`, zeroed, of the record. What is absent reads as {}. */
bool maxio_body(struct http_exchange *exchange, const char *wrapper, const struct record *record, void *input);
/* An instant as Maxio is given it: RFC 3339, without a zone (the site's), or a date alone (at `hour` there). None is none. */
bool maxio_instant(struct http_exchange *exchange, const struct timezone_rules *zone, struct text text, int hour,
                   const char *pointer, struct instant *instant);
/* "12" is an id, "handle:x" a handle; any other text is a handle too. */
void maxio_name(struct text text, int64_t *id, struct text *handle);

/* ---- unspoken.c ---- */

/* Does it ask for nothing of what nothing here does? Else a problem for each such member, below `pointer`. */
bool maxio_spoken(struct http_exchange *exchange, const struct json *json, const struct record *record, const char *pointer);

/* ---- refuse.c ---- */

void maxio_refuse(struct http_exchange *exchange);

/* ---- show.c ---- */

/* With null for what is absent. */
void maxio_write(struct json_writer *writer, const struct record *record, const void *value);
/* {"wrapper": {...}}, or the record alone when it is NULL. */
void maxio_reply(struct http_exchange *exchange, int status, const char *wrapper, const struct record *record,
                 const void *value);
/* A list under way: an array, or {"name": [...]}. */
struct maxio_list {
	struct text_builder out;
	struct json_writer json;
	const char *name, *wrapper; /* of the whole, and of each item; NULL: there is none */
};
void maxio_list_begin(struct http_exchange *exchange, struct maxio_list *list, const char *name, const char *wrapper);
void maxio_list_add(struct maxio_list *list, const struct record *record, const void *value);
void maxio_list_end(struct http_exchange *exchange, struct maxio_list *list, int status);

/* "2024-04-01T00:00:00Z", or with the offset of the zone; none of no instant. */
struct text maxio_time(struct arena *arena, const struct timezone_rules *zone, struct instant instant);
/* "47.0", "0.24226804": as short as it can be, with one place at least. */
struct text maxio_decimal(struct arena *arena, struct decimal decimal);
struct text maxio_amount(struct arena *arena, struct money money);
/* A number, or a string where fractions are allowed; "0" of none. */
struct text maxio_quantity(struct arena *arena, struct decimal quantity, bool fractional);
/* The word, or none. */
struct text maxio_word(enum word_kind kind, int state);

/* ---- path.c ---- */

/* A segment of the path without its ".json". */
struct text maxio_segment(const struct http_exchange *exchange, size_t i);
/* page and per_page: the rows after so many, at most so many. False and "invalid page: 0". */
struct maxio_page {
	int64_t page, per_page;
};
enum { MAXIO_PAGE_MAX = 1000000000 }; /* what is beyond is as empty, and page times per_page is a number */
bool maxio_page(struct http_exchange *exchange, int64_t per_page, struct maxio_page *page);
/* Is the row at this place (from 0) one of the page? */
bool maxio_on_page(const struct maxio_page *page, int64_t place);
/* What a call of that method addresses: the object by id or handle; PROBLEM_NOT_FOUND at "". */
bool maxio_family_of(struct command *command, struct http_exchange *exchange, struct text name,
                     struct product_family **family);
bool maxio_component_of(struct command *command, struct text name, const char *pointer, struct component **component);
bool maxio_price_point_of(struct command *command, const struct component *component, struct text name, const char *pointer,
                          struct price_point **point);
/* Handler of writes that read first: `resolve` in a snapshot, then `submit` with what it left in exchange->work. */
bool maxio_resolve(struct http_exchange *exchange,
                   bool (*resolve)(struct command *command, struct http_exchange *exchange),
                   bool (*submit)(struct http_exchange *exchange));

/* ---- the calls: parts that others show ---- */

bool maxio_family_show(struct command *command, const struct product_family *family, struct maxio_product_family *shown);
bool maxio_product_show(struct command *command, const struct listed_product *product, struct maxio_product *shown);
bool maxio_component_show(struct command *command, const struct component *component, struct maxio_component *shown);
bool maxio_price_point_show(struct command *command, const struct component *component, const struct price_point *point,
                            struct maxio_price_point *shown);
bool maxio_customer_show(struct command *command, const struct customer *customer, struct maxio_customer *shown);
/* The handle that a price point is shown with: that of the one made with its component is Maxio's own kind of handle. */
struct text maxio_price_point_handle(struct arena *arena, const struct price_point *point);

/* ---- price.c ---- */

/* Prices that are asked for, as terms; NULL and a problem at `pointer`. */
struct maxio_prices {
	int scheme; /* a price_terms_scheme; 0: per unit */
	const struct maxio_price_input *items;
	size_t count;
	struct decimal unit_price;
	bool has_unit_price, fractional;
};
struct price_terms *maxio_terms(struct http_exchange *exchange, const struct maxio_prices *prices, const char *pointer);
struct maxio_price_list {
	struct maxio_price *items;
	size_t count, capacity;
};
/* `terms` NULL: none. */
void maxio_prices_show(struct arena *arena, const struct price_point *point, const struct price_terms *terms, bool overage,
                       struct maxio_price_list *list);

/* Which bracket the id of a shown price means. */
struct maxio_price_place {
	int64_t price_point_id;
	size_t place; /* from 0 */
	bool overage;
};
struct maxio_price_place maxio_price_place(int64_t price_id);

/* ---- currency.c ---- */

struct maxio_currency_price_list {
	struct maxio_currency_price *items;
	size_t count, capacity;
};
/* What holds now. */
void maxio_currency_prices_show(struct arena *arena, const struct price_point *point, struct maxio_currency_price_list *list);

/* ---- price_point.c ---- */

/* "full", "prorated", "none" as an allocation scheme; absent: 0. */
bool maxio_scheme_ask(struct http_exchange *exchange, struct text word, const char *pointer, int *scheme);
/* What components, price points and custom prices say of prepaid ones alike. */
struct maxio_terms_input {
	const struct maxio_overage_input *overage_pricing;
	bool renew, rollover, has_expires_after;
	int64_t expires_after;
	int expires_unit;
};
#define MAXIO_TERMS_OF(asked)                                                                                            \
	{                                                                                                                \
		(asked)->overage_pricing, (asked)->has_renew_prepaid_allocation && (asked)->renew_prepaid_allocation,    \
		        (asked)->has_rollover_prepaid_remainder && (asked)->rollover_prepaid_remainder,                  \
		        (asked)->has_expiration_interval, (asked)->expiration_interval,                                  \
		        (int)(asked)->expiration_interval_unit                                                           \
	}
/* Where that goes: fields of component.create, price_point.create and custom prices. */
struct maxio_prepaid {
	struct price_terms **overage_price;
	bool *has_renew, *renew, *has_rollover, *rollover, *has_expires_after;
	int64_t *expires_after;
	int *expires_unit;
};
#define PREPAID_OF(input)                                                                                                \
	&(input)->overage_price, &(input)->has_renew_prepaid, &(input)->renew_prepaid, &(input)->has_rollover_prepaid,   \
	        &(input)->rollover_prepaid, &(input)->has_expires_after, &(input)->expires_after,                        \
	        (int *)(void *)&(input)->expires_unit
bool maxio_prepaid_ask(struct http_exchange *exchange, const struct maxio_terms_input *asked, bool prepaid, bool fractional,
                       const struct maxio_prepaid *to);
bool maxio_price_point_ask(struct http_exchange *exchange, const struct maxio_price_point_input *asked, bool prepaid,
                           bool fractional, struct price_point_create *input);
bool maxio_custom_price_ask(struct http_exchange *exchange, const struct maxio_price_point_input *asked,
                            const struct component *component, struct custom_price **price);
/* catalog, default or custom */
struct text maxio_price_point_type(const struct component *component, const struct price_point *point);

/* ---- filter.c ---- */

enum { MAXIO_IDS_MAX = 200 };
struct maxio_ids {
	int64_t items[MAXIO_IDS_MAX];
	size_t count; /* 0: any */
};
/* [from, until); none: open. */
struct maxio_span {
	struct instant from, until;
};
/* "1,2,3", or NAME[]=1&NAME[]=2: the values of a list, comma-joined. */
struct text maxio_values(struct http_exchange *exchange, const char *name);
bool maxio_holds_word(struct text csv, struct text word);
/* The rest: false and a problem at the parameter when it is not in order; what is absent asks for nothing. */
bool maxio_ids(struct http_exchange *exchange, const char *name, struct maxio_ids *ids);
bool maxio_id_among(const struct maxio_ids *ids, int64_t id);
bool maxio_word_of(struct http_exchange *exchange, const char *name, const char *const *words, struct text *word);
bool maxio_direction(struct http_exchange *exchange, bool *ascending); /* false when absent */
bool maxio_flag(struct http_exchange *exchange, const char *name, bool *set, bool *value);
/* start_date, end_date, start_datetime and end_datetime between prefix and suffix, in the site's zone. */
bool maxio_span(struct command *command, struct http_exchange *exchange, const char *prefix, const char *suffix,
                struct maxio_span *span);
bool maxio_within(struct instant at, const struct maxio_span *span);

/* ---- share.c ---- */

struct maxio_share {
	int64_t cents;
	int64_t first_id, first_cents; /* of the first: invoice or payment; 0: there is none */
	bool failed;                   /* one of the invoices was not paid when it was to be */
};
/* What invoices in that status owe of the subscription, or, as drafts, come to. */
bool maxio_share_owed(struct command *command, const struct subscription *subscription, enum invoice_status status,
                      struct maxio_share *share);
/* What was paid for it. */
bool maxio_share_paid(struct command *command, const struct subscription *subscription, struct maxio_share *share);

/* ---- customer.c ---- */

/* What customer.create is asked for. */
void maxio_customer_ask(struct arena *arena, const struct maxio_customer_input *asked, struct customer_create *input);

/* ---- allocation.c ---- */

/* What the addressed subscription has of the addressed component; *had = NULL: it never had it. */
bool maxio_held(struct command *command, struct http_exchange *exchange, struct subscription_component **had);

/* ---- invoice_show.c ---- */

/* With its lines. */
bool maxio_invoice_show(struct command *command, const struct invoice *invoice, struct maxio_invoice *shown);
/* The first that it has lines of; 0: none. */
int64_t maxio_invoice_subscription(const struct invoice *invoice);

/* ---- component.c ---- */

/* What Maxio knows of a component and nothing here asks for is kept as the caller's own object. */
bool maxio_note_flag(struct arena *arena, const struct component *component, const char *name);

/* ---- cost.c ---- */

/* NULL where the line keeps no parts. */
bool maxio_cost_show(struct command *command, const struct invoice_line *line, const struct price_point *point,
                     struct maxio_cost_data **shown);

/* ---- holding.c ---- */

bool maxio_holding_show(struct command *command, const struct subscription *subscription,
                        const struct subscription_component *had, struct maxio_subscription_component *shown);

/* ---- subscription.c ---- */

/* The word of its state. */
bool maxio_subscription_state(struct command *command, const struct subscription *subscription, struct text *state);
bool maxio_subscription_show(struct command *command, const struct subscription *subscription, struct maxio_subscription *shown);
/* By id, or by reference too; PROBLEM_NOT_FOUND at "". */
bool maxio_subscription_of(struct command *command, struct text name, bool by_reference, struct subscription **subscription);
/* That of the second segment, by id. */
bool maxio_subscription_addressed(struct command *command, struct http_exchange *exchange, struct subscription **subscription);
/* The newest payment and invoice before a command that may ask for a payment; then: waits until those that it asked for of the
 * account are answered, 30 s at most. On a thread of http_apart. */
struct maxio_before {
	int64_t payment_id, invoice_id;
};
bool maxio_before(struct command *command, struct maxio_before *before);
bool maxio_settle(struct http_exchange *exchange, const struct maxio_before *before, int64_t account_id);

#endif
