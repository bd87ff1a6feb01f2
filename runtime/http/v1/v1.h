/* v1.h: the native resources: tables of routes, a file for each family. Private to http/.
 *
 * Reads answer records as JSON; lists are newest first or in the order of their ids, as each row's doc says.
 */
#ifndef MOONBILL_HTTP_V1_V1_H
#define MOONBILL_HTTP_V1_V1_H

#include "billing/object_filter.h"
#include "http/exchange.h"

extern const struct http_route v1_account_routes[];
extern const struct http_route v1_order_routes[];
extern const struct http_route v1_subscription_routes[];
extern const struct http_route v1_invoice_routes[];
extern const struct http_route v1_invoice_change_routes[];
extern const struct http_route v1_credit_note_routes[];
extern const struct http_route v1_component_routes[];
extern const struct http_route v1_subscription_component_routes[];
extern const struct http_route v1_component_usage_routes[];
extern const struct http_route v1_stream_routes[];
extern const struct http_route v1_coupon_routes[];
extern const struct http_route v1_document_routes[];
extern const struct http_route v1_journal_routes[];
extern const struct http_route v1_bundle_routes[];
extern const struct http_route v1_tenant_routes[];
extern const struct http_route v1_usage_routes[];
extern const struct http_route v1_task_routes[];
extern const struct http_route v1_workflow_routes[];
extern const struct http_route v1_key_routes[];
extern const struct http_route v1_catalog_routes[];
extern const struct http_route v1_commitment_routes[];
extern const struct http_route v1_progressive_billing_routes[];
extern const struct http_route v1_wallet_routes[];
extern const struct http_route v1_webhook_routes[];
extern const struct http_route v1_aps_routes[];
extern const struct http_route v1_branch_routes[];
extern const struct http_route v1_tag_routes[];
extern const struct http_route v1_tenant_config_routes[];

/* noun_get: route->read of "/v1/NOUNs/{id}" over NOUN_find; the row's output is the noun's record. */
#define V1_GET(noun)                                                                                 \
	static bool noun##_get(struct command *command, struct http_exchange *exchange)              \
	{                                                                                            \
		struct noun *noun;                                                                   \
		return noun##_find(command, exchange->id, &noun) &&                                  \
		       http_reply_found(exchange, exchange->entry->route->output, noun);             \
	}

/* A command on the object of the path. */
#define V1_ACT(address, command_name, sentence)                                                                      \
	{                                                                                                            \
		.method = "POST", .path = address, .command = command_name, .id_field = "id", .handle = http_write,  \
		.doc = sentence                                                                                      \
	}

/* noun_newest: rows of a list over NOUN_page with an object filter. */
#define V1_NEWEST(noun)                                                                              \
	static bool noun##_newest(struct command *command, const struct http_page *page, struct record_list *rows) \
	{                                                                                            \
		struct object_filter filter = v1_filter(page);                                       \
		return noun##_page(command, &filter, (struct noun##_list *)(void *)rows);            \
	}

/* noun_oldest: rows of a list over NOUN_page in the order of ids. */
#define V1_OLDEST(noun)                                                                              \
	static bool noun##_oldest(struct command *command, const struct http_page *page, struct record_list *rows) \
	{                                                                                            \
		struct page_query query = { .after_id = page->after, .limit = (size_t)page->rows };  \
		return noun##_page(command, query, (struct noun##_list *)(void *)rows);              \
	}

static inline struct object_filter v1_filter(const struct http_page *page)
{
	return (struct object_filter){
		.account_id = page->account_id,
		.status = page->status,
		.before_id = page->after,
		.max = page->rows,
	};
}

/* Route->read of "/v1/NOUNs/{id}" where the stored row is all there is to show; the output is its record. */
static inline bool v1_row_get(struct command *command, struct http_exchange *exchange)
{
	const struct record *record = exchange->entry->route->output;
	void *row;
	return store_find(command->store, record, exchange->id, &row) && http_reply_found(exchange, record, row);
}

/* The row as the only one of a list. */
static inline bool v1_one(struct record_list *rows, void *row)
{
	*rows = (struct record_list){ row, row != NULL, row != NULL };
	return true;
}

#endif
