/* component_usage.c: what is used of components, and lots of prepaid ones, under /v1. */
#include "v1.h"

#include "billing/account.h"
#include "billing/component_usage_record.h"

static bool find_had(struct command *command, const struct http_exchange *exchange, struct subscription_component **had)
{
	return store_find(command->store, &subscription_component_record, exchange->id, (void **)had) &&
	       (*had || record_missing(&subscription_component_record, exchange->id, command->problems, ""));
}

/* Midnight of the account's day; none when the parameter is absent. */
static bool midnight_asked(struct command *command, struct http_exchange *exchange, const struct subscription_component *had,
                           const char *name, struct instant *instant)
{
	struct date date;
	*instant = INSTANT_NONE;
	if (!http_parameter_date(exchange, name, &date))
		return false;
	if (!date_present(date))
		return true;
	const struct account *account = account_need(command, had->account_id, "");
	if (!account)
		return false;
	*instant = timezone_start_of_date(command_zone(command, account), date);
	return true;
}

static bool usage_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                       struct record_list *rows)
{
	struct component_usage_filter filter = { .before_id = page->after, .most = page->rows };
	struct subscription_component *had;
	return find_had(command, exchange, &had) && http_parameter_id(exchange, "since_id", &filter.since_id) &&
	       http_parameter_id(exchange, "max_id", &filter.max_id) &&
	       midnight_asked(command, exchange, had, "since_date", &filter.since) &&
	       midnight_asked(command, exchange, had, "until_date", &filter.until) &&
	       component_usage_page(command, had, &filter, (struct component_usage_rows *)(void *)rows);
}

static bool period_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                        struct record_list *rows)
{
	struct subscription_component *had;
	return find_had(command, exchange, &had) &&
	       component_period_page(command, had, page->after, page->rows, (struct component_period_list *)(void *)rows);
}

static const struct http_list usages = { &component_usage_record, "id", 0, usage_rows };
static const struct http_list periods = { &component_period_record, "id", 0, period_rows };

const struct http_route v1_component_usage_routes[] = {
	{ .method = "POST", .path = "/v1/component_usage", .command = "component_usage.create", .handle = http_write, .status = 201,
	  .location = "/v1/component_usage/",
	  .doc = "Records what a subscription used of a metered or prepaid component; below zero: takes it back." },
	{ .method = "POST", .path = "/v1/component_usage/batch", .command = "component_usage.create_batch", .handle = http_write,
	  .status = 201, .cost = 20, .doc = "Records up to 1,000, all or none." },
	{ .method = "GET", .path = "/v1/component_usage/{id}", .scope = "read", .handle = http_read, .read = v1_row_get,
	  .output = &component_usage_record, .doc = "One usage of a component." },
	{ .method = "GET", .path = "/v1/subscription_components/{id}/usage", .scope = "read",
	  .parameters = "limit cursor since_id max_id since_date until_date", .handle = http_read, .read = http_list_read,
	  .list = &usages, .asked = &component_usage_asked_record, .doc = "What a subscription used of a component, newest first." },
	{ .method = "GET", .path = "/v1/subscription_components/{id}/periods", .scope = "read", .parameters = "limit cursor",
	  .handle = http_read, .read = http_list_read, .list = &periods,
	  .doc = "What it used in each period, newest first; one without an end is not assessed yet." },
	{ .method = "PATCH", .path = "/v1/allocations/{id}", .command = "allocation.change_expiration", .id_field = "id",
	  .handle = http_write, .doc = "A lot of a prepaid component can be used until another moment." },
	V1_ACT("/v1/allocations/{id}/delete", "allocation.delete",
	       "Takes away what is left of a lot of a prepaid component, for nothing, a credit or a refund."),
	{ .path = NULL },
};
