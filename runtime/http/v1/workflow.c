/* workflow.c: accounts that end, subscriptions one by one, what is sent, under /v1. */
#include "v1.h"

#include "billing/account.h"
#include "billing/termination_request.h"

V1_NEWEST(termination_request)

static bool renewal_order_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                               struct record_list *rows)
{
	const char *const *words = renewal_order_record.fields[RENEWAL_ORDER_FIELD_STATUS].words;
	(void)exchange;
	return store_all(command->store, STATEMENT_RENEWAL_ORDER_PAGE,
	                 BINDS(bind_id(page->account_id), bind_c(page->status ? words[page->status] : NULL), bind_id(page->after),
	                       bind_integer(page->rows)),
	                 &renewal_order_record, rows);
}

static const struct http_list renewal_orders = { &renewal_order_record, "id", RENEWAL_ORDER_FIELD_STATUS, renewal_order_rows };

static bool request_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                         struct record_list *rows)
{
	return (!exchange->id || account_need(command, exchange->id, "")) &&
	       termination_request_newest(command, page, rows);
}

static const struct http_list requests = { &termination_request_record, "id", TERMINATION_REQUEST_FIELD_STATUS,
	                                   request_rows };

const struct http_route v1_workflow_routes[] = {
	V1_ACT("/v1/accounts/{id}/terminate", "account.terminate",
	       "Ends an account now, with its orders, subscriptions and customer."),
	V1_ACT("/v1/accounts/{id}/reactivate", "account.reactivate",
	       "Brings back a terminated account within the period of its termination request."),
	{ .method = "POST", .path = "/v1/accounts/{id}/termination_requests", .command = "termination_request.create",
	  .id_field = "account_id", .handle = http_write, .status = 201, .location = "/v1/termination_requests/",
	  .doc = "Asks that an account end on a day, at once or with what is charged." },
	{ .method = "GET", .path = "/v1/accounts/{id}/termination_requests", .scope = "read",
	  .parameters = "limit cursor status", .handle = http_read, .read = http_list_read, .list = &requests,
	  .doc = "Termination requests of an account, newest first." },
	{ .method = "GET", .path = "/v1/termination_requests", .scope = "read",
	  .parameters = "limit cursor account_id status", .handle = http_read, .read = http_list_read, .list = &requests,
	  .doc = "Termination requests, newest first." },
	{ .method = "GET", .path = "/v1/termination_requests/{id}", .scope = "read", .handle = http_read,
	  .read = v1_row_get, .output = &termination_request_record, .doc = "A termination request." },
	V1_ACT("/v1/termination_requests/{id}/withdraw", "termination_request.withdraw",
	       "Takes back a termination request that is pending."),
	{ .method = "PATCH", .path = "/v1/subscriptions/{id}", .command = "subscription.update", .id_field = "id",
	  .handle = http_write, .doc = "Changes the end date, automatic renewal or own data of a subscription." },
	V1_ACT("/v1/subscriptions/{id}/status", "subscription.status",
	       "Suspends one subscription of an order, or serves it again."),
	V1_ACT("/v1/subscriptions/{id}/terminate", "subscription.terminate", "Ends one subscription of an order now."),
	V1_ACT("/v1/subscriptions/{id}/renew", "subscription.renew",
	       "Moves the end of a subscription on by a period, at once or when its invoice is paid."),
	{ .method = "GET", .path = "/v1/subscriptions/{id}/term", .scope = "read", .handle = http_read, .read = v1_row_get,
	  .output = &service_term_record, .doc = "The period of a subscription with service terms, and what comes after it." },
	{ .method = "PATCH", .path = "/v1/subscriptions/{id}/term", .command = "subscription.set_term", .id_field = "id",
	  .handle = http_write, .doc = "Gives a subscription other days of grace and hold, or another automatic renewal." },
	V1_ACT("/v1/subscriptions/{id}/hold", "subscription.hold", "Puts a subscription with service terms on hold by hand."),
	V1_ACT("/v1/subscriptions/{id}/release", "subscription.release",
	       "Serves a subscription again that was put on hold by hand."),
	V1_ACT("/v1/subscriptions/{id}/restore", "subscription.restore",
	       "Serves a terminated subscription again, for the days of grace."),
	{ .method = "GET", .path = "/v1/renewal_orders", .scope = "read", .parameters = "limit cursor account_id status",
	  .handle = http_read, .read = http_list_read, .list = &renewal_orders, .doc = "Renewal orders, newest first." },
	{ .method = "GET", .path = "/v1/renewal_orders/{id}", .scope = "read", .handle = http_read, .read = v1_row_get,
	  .output = &renewal_order_record, .doc = "A renewal order." },
	V1_ACT("/v1/renewal_orders/{id}/cancel", "renewal_order.cancel",
	       "Cancels a renewal order that waits, with its invoice unless that is paid."),
	V1_ACT("/v1/renewal_orders/{id}/process", "renewal_order.process",
	       "Processes a renewal order whose invoice is paid and that a rule kept from it."),
	V1_ACT("/v1/subscriptions/{id}/provisioning", "subscription.provisioning",
	       "Tells what became of the provisioning of a subscription."),
	V1_ACT("/v1/orders/{id}/process", "order.process",
	       "Makes the subscriptions of a draft and on demand its first invoice."),
	{ .method = "POST", .path = "/v1/invoices/send", .command = "invoice.send", .handle = http_write,
	  .doc = "Sends several invoices to their accounts by mail, as one batch." },
	V1_ACT("/v1/invoices/{id}/send", "invoice.send", "Sends an invoice to its account by mail."),
	{ .method = "POST", .path = "/v1/credit_notes/send", .command = "credit_note.send", .handle = http_write,
	  .doc = "Sends several credit notes to their accounts by mail." },
	V1_ACT("/v1/credit_notes/{id}/send", "credit_note.send", "Sends a credit note to its account by mail."),
	{ .path = NULL },
};
