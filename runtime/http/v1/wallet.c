/* wallet.c: wallets of prepaid units and their transactions under /v1. */
#include "v1.h"

#include "billing/account.h"
#include "billing/wallet.h"

V1_NEWEST(wallet)
V1_GET(wallet_transaction)

static bool wallet_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                        struct record_list *rows)
{
	(void)exchange;
	return wallet_newest(command, page, rows);
}

static bool transaction_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                             struct record_list *rows)
{
	struct object_filter filter = v1_filter(page);
	const struct wallet *wallet = wallet_need(command, exchange->id, "");
	return wallet && wallet_transactions_of_wallet(command, wallet, &filter, (struct wallet_transaction_list *)(void *)rows);
}

/* All of them, oldest first. */
static bool use_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                     struct record_list *rows)
{
	const struct invoice *invoice = invoice_need(command, exchange->id, "");
	struct wallet_use_list all = { 0 };
	size_t first = 0;
	if (!invoice || !wallet_uses_of_invoice(command, invoice, &all))
		return false;
	while (first < all.count && all.items[first].id <= page->after)
		first++;
	*rows = (struct record_list){ all.items + first, all.count - first, all.count - first };
	return true;
}

static bool of_account_get(struct command *command, struct http_exchange *exchange)
{
	const struct account *account = account_need(command, exchange->id, "");
	struct account_wallets *wallets = arena_new(command->arena, struct account_wallets);
	return account && wallet_ongoing(command, account, wallets) &&
	       http_reply_found(exchange, &account_wallets_record, wallets);
}

static const struct http_list wallets = { &wallet_record, "id", WALLET_FIELD_STATUS, wallet_rows };
static const struct http_list transactions = { &wallet_transaction_record, "id", 0, transaction_rows };
static const struct http_list uses = { &wallet_use_record, "id", 0, use_rows };

const struct http_route v1_wallet_routes[] = {
	{ .method = "GET", .path = "/v1/wallets", .scope = "read", .parameters = "limit cursor status", .handle = http_read,
	  .read = http_list_read, .list = &wallets, .doc = "Wallets of prepaid units, newest first." },
	{ .method = "POST", .path = "/v1/wallets", .command = "wallet.create", .handle = http_write, .status = 201,
	  .location = "/v1/wallets/", .doc = "Makes a wallet of prepaid units that pays an account's invoices." },
	{ .method = "GET", .path = "/v1/wallets/{id}", .scope = "read", .handle = http_read, .read = v1_row_get,
	  .output = &wallet_record, .doc = "A wallet, and what it holds." },
	{ .method = "PATCH", .path = "/v1/wallets/{id}", .command = "wallet.update", .id_field = "id", .handle = http_write,
	  .doc = "Changes when a wallet is used, what for, when it expires, and how it is topped up; absent fields stay." },
	V1_ACT("/v1/wallets/{id}/terminate", "wallet.terminate", "Ends a wallet: what it holds is gone."),
	{ .method = "POST", .path = "/v1/wallets/{id}/top_up", .command = "wallet.top_up", .id_field = "id", .handle = http_write,
	  .status = 201, .location = "/v1/wallet_transactions/",
	  .doc = "Gives a wallet units, or sells them by an invoice that is paid first." },
	{ .method = "POST", .path = "/v1/wallets/{id}/void", .command = "wallet.void", .id_field = "id", .handle = http_write,
	  .status = 201, .location = "/v1/wallet_transactions/", .doc = "Takes units out of a wallet." },
	{ .method = "GET", .path = "/v1/wallets/{id}/transactions", .scope = "read", .parameters = "limit cursor",
	  .handle = http_read, .read = http_list_read, .list = &transactions,
	  .doc = "What came into a wallet and went out of it, newest first." },
	{ .method = "GET", .path = "/v1/wallet_transactions/{id}", .scope = "read", .handle = http_read,
	  .read = wallet_transaction_get, .output = &wallet_transaction_record,
	  .doc = "A transaction: of a debit with the grants that it took from, of a grant with where it went." },
	{ .method = "GET", .path = "/v1/invoices/{id}/wallet_uses", .scope = "read", .parameters = "limit cursor",
	  .handle = http_read, .read = http_list_read, .list = &uses,
	  .doc = "Which grants paid which lines of an invoice, oldest first." },
	{ .method = "GET", .path = "/v1/accounts/{id}/wallets", .scope = "read", .handle = http_read, .read = of_account_get,
	  .output = &account_wallets_record,
	  .doc = "The active wallets of an account in their order, and what of its unbilled usage falls to each." },
	{ .path = NULL },
};
