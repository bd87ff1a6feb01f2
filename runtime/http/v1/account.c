/* account.c: accounts, customers and plans under /v1. */
#include "v1.h"

#include "billing/account.h"
#include "billing/catalog.h"
#include "billing/customer.h"
#include "billing/payment_method.h"

V1_GET(account)
V1_GET(customer)
V1_GET(plan)
V1_OLDEST(account)
V1_OLDEST(customer)
V1_OLDEST(plan)

/* ---- lists: a unique name finds one row, everything else pages ---- */

static bool account_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                         struct record_list *rows)
{
	struct text key = http_parameter(&exchange->target, "external_key");
	struct account *account;
	if (!text_present(key))
		return account_oldest(command, page, rows);
	return account_by_key(command, key, &account) && v1_one(rows, account);
}

static bool customer_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                          struct record_list *rows)
{
	struct text key = http_parameter(&exchange->target, "external_key");
	struct customer *customer;
	if (text_present(key)) {
		if (!customer_by_key(command, key, &customer))
			return false;
		bool fits = customer && (!page->account_id || customer->account_id == page->account_id);
		return v1_one(rows, fits ? customer : NULL);
	}
	if (!page->account_id)
		return customer_oldest(command, page, rows);
	return customer_by_account(command, page->account_id, &customer) && v1_one(rows, customer);
}

static bool plan_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                      struct record_list *rows)
{
	struct text code = http_parameter(&exchange->target, "code");
	struct plan *plan;
	if (!text_present(code))
		return plan_oldest(command, page, rows);
	return plan_by_code(command, code, &plan) && v1_one(rows, plan);
}

static bool method_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                        struct record_list *rows)
{
	struct payment_method_list all = { 0 };
	(void)exchange;
	if (!account_need(command, page->account_id, "") ||
	    !payment_methods_of_account(command, page->account_id, &all))
		return false;
	size_t from = 0;
	while (from < all.count && all.items[from].id <= page->after)
		from++;
	size_t count = all.count - from < (size_t)page->rows ? all.count - from : (size_t)page->rows;
	*rows = (struct record_list){ all.items + from, count, count };
	return true;
}

static const struct http_list account_list = { &account_record, "id", 0, account_rows };
static const struct http_list customer_list = { &customer_record, "id", 0, customer_rows };
static const struct http_list plan_list = { &plan_record, "id", 0, plan_rows };
static const struct http_list method_list = { &payment_method_record, "id", 0, method_rows };

const struct http_route v1_account_routes[] = {
	{ .method = "GET", .path = "/v1/accounts", .scope = "read", .parameters = "limit cursor external_key",
	  .handle = http_read, .read = http_list_read, .list = &account_list,
	  .doc = "Accounts in the order of their ids, or the one of an external key." },
	{ .method = "POST", .path = "/v1/accounts", .command = "account.create", .handle = http_write, .status = 201,
	  .location = "/v1/accounts/", .doc = "Makes an account." },
	{ .method = "GET", .path = "/v1/accounts/{id}", .scope = "read", .handle = http_read, .read = account_get,
	  .output = &account_record, .doc = "An account." },
	{ .method = "PATCH", .path = "/v1/accounts/{id}", .command = "account.update", .id_field = "id",
	  .handle = http_write, .doc = "Changes an account; absent fields stay." },
	{ .method = "PUT", .path = "/v1/accounts/{id}/address", .command = "account.address_update", .id_field = "id",
	  .handle = http_write, .doc = "Gives an account a new billing, main or shipping address." },
	{ .method = "POST", .path = "/v1/accounts/{id}/bill", .command = "account.bill", .id_field = "account_id",
	  .handle = http_write, .status = 201, .location = "/v1/invoices/", .may_be_nothing = true, .cost = 10,
	  .doc = "Invoices what is due; 204 when nothing is." },
	{ .method = "POST", .path = "/v1/accounts/{id}/payment_methods", .command = "payment_method.create",
	  .id_field = "account_id", .handle = http_write, .status = 201,
	  .doc = "Keeps a card that the gateway has given a token for, and charges it from then on." },
	{ .method = "GET", .path = "/v1/accounts/{id}/payment_methods", .scope = "read", .parameters = "limit cursor",
	  .handle = http_read, .read = http_list_read, .list = &method_list, .doc = "How an account may pay." },

	{ .method = "GET", .path = "/v1/customers", .scope = "read",
	  .parameters = "limit cursor external_key account_id",
	  .handle = http_read, .read = http_list_read, .list = &customer_list,
	  .doc = "Customers in the order of their ids, or the one of an external key or account." },
	{ .method = "POST", .path = "/v1/customers", .command = "customer.create", .handle = http_write, .status = 201,
	  .location = "/v1/customers/", .doc = "Makes a customer, and its account when none is named." },
	{ .method = "GET", .path = "/v1/customers/{id}", .scope = "read", .handle = http_read, .read = customer_get,
	  .output = &customer_record, .doc = "A customer." },
	{ .method = "PATCH", .path = "/v1/customers/{id}", .command = "customer.update", .id_field = "id",
	  .handle = http_write, .doc = "Changes a customer and its account; absent fields stay." },
	{ .method = "POST", .path = "/v1/customers/{id}/status", .command = "customer.status", .id_field = "id",
	  .handle = http_write, .doc = "Suspends, reactivates or terminates a customer." },

	{ .method = "GET", .path = "/v1/plans", .scope = "read", .parameters = "limit cursor code", .handle = http_read,
	  .read = http_list_read, .list = &plan_list, .doc = "Plans in the order of their ids, or the one of a code." },
	{ .method = "POST", .path = "/v1/plans", .command = "plan.create", .handle = http_write, .status = 201,
	  .location = "/v1/plans/", .doc = "Makes a plan with its charges." },
	{ .method = "GET", .path = "/v1/plans/{id}", .scope = "read", .handle = http_read, .read = plan_get,
	  .output = &plan_record, .doc = "A plan." },
	{ .path = NULL },
};
