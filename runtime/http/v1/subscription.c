/* subscription.c: subscriptions to plans of the catalog, their bundles and what holds them back, under /v1. */
#include "v1.h"

#include "billing/account.h"
#include "billing/blocking_state.h"
#include "billing/subscription_bundle.h"
#include "billing/timeline.h"

V1_NEWEST(subscription_bundle)

static bool bundle_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                        struct record_list *rows)
{
	return (!exchange->id || account_need(command, exchange->id, "")) &&
	       subscription_bundle_newest(command, page, rows);
}

static bool bundle_get(struct command *command, struct http_exchange *exchange)
{
	struct subscription_bundle *bundle;
	if (!subscription_bundle_find(command, exchange->id, &bundle))
		return false;
	if (bundle && !subscription_bundle_members(command, bundle,
	                                           (struct subscription_list *)(void *)&bundle->subscriptions))
		return false;
	return http_reply_found(exchange, &subscription_bundle_record, bundle);
}

static bool blocking_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                          struct record_list *rows)
{
	struct page_query query = { .after_id = page->after, .limit = (size_t)page->rows };
	return account_need(command, exchange->id, "") &&
	       blocking_state_page(command, exchange->id, query, (struct blocking_state_list *)(void *)rows);
}

static bool timeline_get(struct command *command, struct http_exchange *exchange)
{
	struct subscription *subscription;
	struct subscription_timeline *shown = NULL;
	if (!subscription_find(command, exchange->id, &subscription))
		return false;
	if (!subscription)
		return record_missing(&subscription_record, exchange->id, &exchange->problems, "");
	return timeline_show(command, subscription, &shown) && http_reply_found(exchange, &subscription_timeline_record, shown);
}

static const struct http_list bundles = { &subscription_bundle_record, "id", 0, bundle_rows };
static const struct http_list states = { &blocking_state_record, "id", 0, blocking_rows };

const struct http_route v1_subscription_routes[] = {
	{ .method = "POST", .path = "/v1/subscriptions", .command = "subscription.subscribe", .handle = http_write,
	  .status = 201, .location = "/v1/subscriptions/",
	  .doc = "Subscribes to a plan of the catalog, in a bundle that is there or a new one." },
	{ .method = "GET", .path = "/v1/subscriptions/{id}/timeline", .scope = "read", .handle = http_read,
	  .read = timeline_get, .output = &subscription_timeline_record,
	  .doc = "What a subscription was, is and will be charged, by what is known now." },
	V1_ACT("/v1/subscriptions/{id}/change", "subscription.change_plan",
	       "Goes on with another plan: now, at the end of what is charged, or on a day."),
	V1_ACT("/v1/subscriptions/{id}/undo_change", "subscription.undo_change",
	       "Takes back a change of plan that lies ahead."),
	V1_ACT("/v1/subscriptions/{id}/cancel", "subscription.cancel", "Ends service and billing, each at its moment."),
	V1_ACT("/v1/subscriptions/{id}/uncancel", "subscription.uncancel", "Takes back a cancellation that lies ahead."),
	V1_ACT("/v1/subscriptions/{id}/quantity", "subscription.change_quantity",
	       "Multiplies prices by another quantity from a moment on."),
	V1_ACT("/v1/subscriptions/{id}/bill_cycle_day", "subscription.change_bill_cycle_day",
	       "Gives it a bill cycle day of its own from its next date on."),
	V1_ACT("/v1/subscriptions/{id}/migrate", "subscription.migrate",
	       "Prices it by another catalog version from a moment on."),
	V1_ACT("/v1/accounts/{id}/bill_cycle_day", "account.change_bill_cycle_day",
	       "Gives an account, and the subscriptions that follow it, another bill cycle day."),
	{ .method = "GET", .path = "/v1/subscription_bundles", .scope = "read", .parameters = "limit cursor account_id",
	  .handle = http_read, .read = http_list_read, .list = &bundles, .doc = "Bundles of subscriptions, newest first." },
	{ .method = "POST", .path = "/v1/subscription_bundles", .command = "subscription_bundle.create",
	  .handle = http_write, .status = 201, .location = "/v1/subscription_bundles/",
	  .doc = "Makes a bundle with its subscriptions, all or none." },
	{ .method = "GET", .path = "/v1/subscription_bundles/{id}", .scope = "read", .handle = http_read,
	  .read = bundle_get, .output = &subscription_bundle_record, .doc = "A bundle with its subscriptions." },
	V1_ACT("/v1/subscription_bundles/{id}/pause", "subscription_bundle.pause",
	       "Neither served nor charged from a moment on."),
	V1_ACT("/v1/subscription_bundles/{id}/resume", "subscription_bundle.resume", "Served and charged again."),
	V1_ACT("/v1/subscription_bundles/{id}/transfer", "subscription_bundle.transfer",
	       "Ends a bundle and goes on with it at another account."),
	{ .method = "GET", .path = "/v1/accounts/{id}/subscription_bundles", .scope = "read",
	  .parameters = "limit cursor", .handle = http_read, .read = http_list_read, .list = &bundles,
	  .doc = "Bundles of an account, newest first." },
	{ .method = "POST", .path = "/v1/blocking_states", .command = "blocking_state.set", .handle = http_write,
	  .status = 201, .location = "/v1/blocking_states/",
	  .doc = "A service holds back an account, bundle or subscription, or frees it." },
	{ .method = "GET", .path = "/v1/blocking_states/{id}", .scope = "read", .handle = http_read, .read = v1_row_get,
	  .output = &blocking_state_record, .doc = "A blocking state." },
	{ .method = "GET", .path = "/v1/accounts/{id}/blocking_states", .scope = "read", .parameters = "limit cursor",
	  .handle = http_read, .read = http_list_read, .list = &states,
	  .doc = "What holds back an account, its bundles and subscriptions, in the order it was set." },
	{ .path = NULL },
};
