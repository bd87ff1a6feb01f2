/* routes.c: BluBilling's calls. */
#include "blu.h"

#define PAGED "format offset max status customerId extCustomerRef createStartTime createEndTime updateStartTime updateEndTime"

static bool activities(struct http_exchange *exchange)
{
	return problem_value(&exchange->problems, PROBLEM_NOT_IMPLEMENTED, "", TEXT_NONE,
	                     "Bill usage as a quantity of an order line until then.",
	                     "activities are not kept: usage is not recorded yet");
}

const struct http_route blu_routes[] = {
	{ .method = "POST", .path = "/rest/customers", .parameters = "format", .command = "customer.create", .status = 201,
	  .handle = blu_customer_create, .doc = "Makes a customer and its account." },
	{ .method = "GET", .path = "/rest/customers", .scope = "read", .parameters = PAGED " search", .handle = blu_read,
	  .read = blu_customers_read, .doc = "Customers in the order of their ids." },
	{ .method = "GET", .path = "/rest/customer", .scope = "read", .parameters = "format customerId extCustomerRef",
	  .handle = blu_read, .read = blu_customer_read, .doc = "A customer by its reference." },
	{ .method = "GET", .path = "/rest/customer/{id}", .scope = "read", .parameters = "format", .handle = blu_read,
	  .read = blu_customer_read, .doc = "A customer." },

	{ .method = "POST", .path = "/rest/orders", .parameters = "format customerId extCustomerRef generateInvoice action",
	  .command = "order.place", .status = 201, .handle = blu_order_create, .doc = "Places an order." },
	{ .method = "GET", .path = "/rest/orders", .scope = "read", .parameters = PAGED, .handle = blu_read,
	  .read = blu_orders_read, .doc = "Orders, newest first." },
	{ .method = "GET", .path = "/rest/order", .scope = "read", .parameters = "format orderNumber", .handle = blu_read,
	  .read = blu_order_read, .doc = "An order by its number." },
	{ .method = "GET", .path = "/rest/order/{id}", .scope = "read", .parameters = "format", .handle = blu_read,
	  .read = blu_order_read, .doc = "An order." },
	{ .method = "PUT", .path = "/rest/order", .parameters = "format orderNumber", .command = "order.update",
	  .handle = blu_order_update, .doc = "Gives an order, by its number, a new status or end date." },
	{ .method = "PUT", .path = "/rest/order/{id}", .parameters = "format", .command = "order.update",
	  .handle = blu_order_update, .doc = "Gives an order a new status or end date." },
	{ .method = "POST", .path = "/rest/order", .parameters = "format orderNumber action", .command = "order.update",
	  .handle = blu_order_act, .doc = "Activates, suspends, completes or cancels an order by its number." },
	{ .method = "POST", .path = "/rest/order/{id}", .parameters = "format action", .command = "order.update",
	  .handle = blu_order_act, .doc = "Activates, suspends, completes or cancels an order." },
	{ .method = "DELETE", .path = "/rest/order", .parameters = "format orderNumber", .command = "order.delete",
	  .handle = blu_order_delete, .doc = "Deletes an order without invoices, by its number." },
	{ .method = "DELETE", .path = "/rest/order/{id}", .parameters = "format", .command = "order.delete",
	  .handle = blu_order_delete, .doc = "Deletes an order without invoices." },
	{ .method = "POST", .path = "/rest/changeOrder", .parameters = "format customerId extCustomerRef generateInvoice",
	  .command = "order.change", .status = 201, .handle = blu_order_change, .doc = "Ends an order and places the one after it." },

	{ .method = "POST", .path = "/rest/payments", .parameters = "format customerId extCustomerRef",
	  .command = "payment.create", .status = 201, .handle = blu_payment_create,
	  .doc = "Charges a card; answers when the gateway has." },
	{ .method = "GET", .path = "/rest/payments", .scope = "read", .parameters = PAGED, .handle = blu_read,
	  .read = blu_payments_read, .doc = "Payments, newest first." },
	{ .method = "GET", .path = "/rest/payment/{id}", .scope = "read", .parameters = "format", .handle = blu_read,
	  .read = blu_payment_read, .doc = "A payment." },
	{ .method = "GET", .path = "/rest/credit/{id}", .scope = "read", .parameters = "format", .handle = blu_read,
	  .read = blu_credit_read, .doc = "A credit of the house." },
	{ .method = "GET", .path = "/rest/refund/{id}", .scope = "read", .parameters = "format", .handle = blu_read,
	  .read = blu_refund_read, .doc = "A refund." },

	{ .method = "GET", .path = "/rest/invoices", .scope = "read", .parameters = PAGED, .handle = blu_read,
	  .read = blu_invoices_read, .doc = "Invoices without their lines, newest first." },
	{ .method = "GET", .path = "/rest/invoice", .scope = "read", .parameters = "format invoiceNumber", .handle = blu_read,
	  .read = blu_invoice_read, .doc = "An invoice by its number." },
	{ .method = "GET", .path = "/rest/invoice/{id}", .scope = "read", .parameters = "format", .handle = blu_read,
	  .read = blu_invoice_read, .doc = "An invoice with lines and payments." },
	{ .method = "DELETE", .path = "/rest/invoice", .parameters = "format invoiceNumber suspendOrders",
	  .command = "invoice.cancel", .handle = blu_invoice_cancel, .doc = "Cancels an unpaid invoice, by its number." },
	{ .method = "DELETE", .path = "/rest/invoice/{id}", .parameters = "format suspendOrders", .command = "invoice.cancel",
	  .handle = blu_invoice_cancel, .doc = "Cancels an unpaid invoice." },

	{ .method = "GET", .path = "/rest/plans", .scope = "read", .parameters = "format offset max excludeCharges",
	  .handle = blu_read, .read = blu_plans_read, .doc = "Plans in the order of their ids." },
	{ .method = "GET", .path = "/rest/plan", .scope = "read", .parameters = "format contractCode excludeCharges",
	  .handle = blu_read, .read = blu_plan_read, .doc = "A plan by its code." },
	{ .method = "GET", .path = "/rest/plan/{id}", .scope = "read", .parameters = "format excludeCharges", .handle = blu_read,
	  .read = blu_plan_read, .doc = "A plan." },

	{ .method = "GET", .path = "/rest/activities", .scope = "read",
	  .parameters = PAGED " orderNumber priceCode extRefId", .handle = activities, .doc = "Usage; not recorded yet." },
	{ .method = "POST", .path = "/rest/activities", .scope = "write", .parameters = "format", .handle = activities,
	  .doc = "Usage; not recorded yet." },
	{ .path = NULL },
};
