/* invoice_change.c: invoices on demand and what is done to them by hand, under /v1. */
#include "v1.h"

const struct http_route v1_invoice_change_routes[] = {
	{ .method = "POST", .path = "/v1/accounts/{id}/invoices", .command = "invoice.run", .id_field = "account_id",
	  .handle = http_write, .status = 201, .location = "/v1/invoices/", .may_be_nothing = true, .cost = 10,
	  .doc = "Invoices what is due for direct subscriptions on a day; 204 when nothing is." },
	{ .method = "POST", .path = "/v1/accounts/{id}/invoices/preview", .command = "invoice.preview",
	  .id_field = "account_id", .handle = http_write, .may_be_nothing = true, .cost = 10,
	  .doc = "The invoice that would be made on a day, next, or after a command; 204: none. Nothing of it stays." },
	{ .method = "POST", .path = "/v1/accounts/{id}/charges", .command = "invoice.charge", .id_field = "account_id",
	  .handle = http_write, .status = 201, .location = "/v1/invoices/",
	  .doc = "Charges an amount that no subscription charges for, on an invoice of its own or on a draft." },
	{ .method = "POST", .path = "/v1/accounts/{id}/credits", .command = "credit.create", .id_field = "account_id",
	  .handle = http_write, .status = 201, .location = "/v1/invoices/",
	  .doc = "Gives an account a credit, on an invoice of its own; open invoices use it up, by date." },
	{ .method = "POST", .path = "/v1/credits/{id}/withdraw", .command = "credit.withdraw", .id_field = "id",
	  .handle = http_write, .doc = "Takes back what is left of a credit that an invoice gave." },
	{ .method = "POST", .path = "/v1/invoices/{id}/adjust", .command = "invoice.adjust", .id_field = "id",
	  .handle = http_write, .doc = "Takes back a line, in part or whole; what was paid of it becomes a credit." },
	{ .method = "POST", .path = "/v1/invoices/{id}/commit", .command = "invoice.commit", .id_field = "id",
	  .handle = http_write, .doc = "Makes a draft an invoice that is owed." },
	{ .method = "POST", .path = "/v1/invoices/{id}/write_off", .command = "invoice.write_off", .id_field = "id",
	  .handle = http_write, .doc = "Gives up what is open of an invoice." },
	{ .method = "POST", .path = "/v1/subscriptions/{id}/invoicing", .command = "subscription.set_invoicing",
	  .id_field = "id", .handle = http_write,
	  .doc = "Stops invoicing a subscription, or goes on: what was left out is invoiced then." },
	{ .path = NULL },
};
