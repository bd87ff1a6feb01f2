/* coupon.c: coupons and their redemptions under /v1. */
#include "v1.h"

#include "billing/account.h"
#include "billing/coupon.h"

V1_NEWEST(coupon_redemption)

static bool coupon_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                        struct record_list *rows)
{
	struct text code = http_parameter(&exchange->target, "code");
	struct object_filter filter = v1_filter(page);
	struct coupon *coupon;
	if (!text_present(code))
		return coupon_page(command, &filter, (struct coupon_list *)(void *)rows);
	return coupon_by_code(command, code, &coupon) && v1_one(rows, coupon);
}

static bool redemption_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                            struct record_list *rows)
{
	(void)exchange;
	return coupon_redemption_newest(command, page, rows);
}

static bool of_coupon_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                           struct record_list *rows)
{
	struct object_filter filter = v1_filter(page);
	return coupon_need(command, exchange->id, "") &&
	       coupon_redemptions_of_coupon(command, exchange->id, &filter,
	                                    (struct coupon_redemption_list *)(void *)rows);
}

/* All of them: an account redeems few. */
static bool of_account_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                            struct record_list *rows)
{
	struct coupon_redemption_list all = { 0 };
	if (!account_need(command, exchange->id, "") || !coupon_redemptions_of_account(command, exchange->id, &all))
		return false;
	size_t first = 0;
	while (first < all.count && all.items[first].id <= page->after)
		first++;
	*rows = (struct record_list){ all.items + first, all.count - first, all.count - first };
	return true;
}

static const struct http_list coupons = { &coupon_record, "id", COUPON_FIELD_STATUS, coupon_rows };
static const struct http_list redemptions = { &coupon_redemption_record, "id", COUPON_REDEMPTION_FIELD_STATUS,
	                                      redemption_rows };
static const struct http_list of_coupon = { &coupon_redemption_record, "id", 0, of_coupon_rows };
static const struct http_list of_account = { &coupon_redemption_record, "id", 0, of_account_rows };

const struct http_route v1_coupon_routes[] = {
	{ .method = "GET", .path = "/v1/coupons", .scope = "read", .parameters = "limit cursor status code",
	  .handle = http_read, .read = http_list_read, .list = &coupons, .doc = "Coupons, newest first, or the one of a code." },
	{ .method = "POST", .path = "/v1/coupons", .command = "coupon.create", .handle = http_write, .status = 201,
	  .location = "/v1/coupons/", .doc = "Makes a coupon that accounts redeem by its code." },
	{ .method = "GET", .path = "/v1/coupons/{id}", .scope = "read", .handle = http_read, .read = v1_row_get,
	  .output = &coupon_record, .doc = "A coupon." },
	{ .method = "PATCH", .path = "/v1/coupons/{id}", .command = "coupon.update", .id_field = "id", .handle = http_write,
	  .doc = "Changes what a coupon is called, until when and how often it is redeemed; absent fields stay." },
	{ .method = "POST", .path = "/v1/coupons/{id}/archive", .command = "coupon.archive", .id_field = "id",
	  .handle = http_write, .doc = "Lets nobody redeem a coupon any more; what was redeemed goes on." },
	{ .method = "GET", .path = "/v1/coupons/{id}/redemptions", .scope = "read", .parameters = "limit cursor",
	  .handle = http_read, .read = http_list_read, .list = &of_coupon, .doc = "Who redeemed a coupon, newest first." },
	{ .method = "GET", .path = "/v1/coupon_redemptions", .scope = "read", .parameters = "limit cursor status",
	  .handle = http_read, .read = http_list_read, .list = &redemptions, .doc = "Redemptions of coupons, newest first." },
	{ .method = "POST", .path = "/v1/coupon_redemptions", .command = "coupon.redeem", .handle = http_write, .status = 201,
	  .location = "/v1/coupon_redemptions/",
	  .doc = "Redeems a coupon for an account, one of its subscriptions or one of its orders." },
	{ .method = "GET", .path = "/v1/coupon_redemptions/{id}", .scope = "read", .handle = http_read, .read = v1_row_get,
	  .output = &coupon_redemption_record, .doc = "A redemption, and how many billing periods are left of it." },
	{ .method = "POST", .path = "/v1/coupon_redemptions/{id}/remove", .command = "coupon.remove", .id_field = "id",
	  .handle = http_write, .doc = "Takes a redeemed coupon away: what begins today or later is not discounted." },
	{ .method = "GET", .path = "/v1/accounts/{id}/coupon_redemptions", .scope = "read", .parameters = "limit cursor",
	  .handle = http_read, .read = http_list_read, .list = &of_account,
	  .doc = "What an account redeemed, oldest first." },
	{ .path = NULL },
};
