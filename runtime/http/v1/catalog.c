/* catalog.c: versions of the catalog and their plans under /v1. */
#include "v1.h"

#include "billing/catalog_plan.h"
#include "billing/catalog_version.h"

V1_OLDEST(catalog_version)

/* Of ?version_id=, or of the version in force now; none when there is no catalog. */
static bool plan_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                      struct record_list *rows)
{
	struct page_query query = { .after_id = page->after, .limit = (size_t)page->rows };
	struct catalog_version *version = NULL;
	int64_t version_id = 0;
	if (!http_parameter_id(exchange, "version_id", &version_id))
		return false;
	if (!version_id && !catalog_version_at(command, command->now, &version))
		return false;
	if (version)
		version_id = version->id;
	return catalog_plan_page(command, version_id, http_parameter(&exchange->target, "product"), query,
	                         (struct catalog_plan_list *)(void *)rows);
}

static bool version_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                         struct record_list *rows)
{
	(void)exchange;
	return catalog_version_oldest(command, page, rows);
}

static const struct http_list version_list = { &catalog_version_record, "id", 0, version_rows };
static const struct http_list plan_list = { &catalog_plan_record, "id", 0, plan_rows };

const struct http_route v1_catalog_routes[] = {
	{ .method = "GET", .path = "/v1/catalog/versions", .scope = "read", .parameters = "limit cursor", .handle = http_read,
	  .read = http_list_read, .list = &version_list,
	  .doc = "Versions of the catalog in the order of their ids, also those that are no part of it any more." },
	{ .method = "GET", .path = "/v1/catalog/versions/{id}", .scope = "read", .handle = http_read, .read = v1_row_get,
	  .output = &catalog_version_record, .doc = "A version with its products, price lists and rules." },
	{ .method = "GET", .path = "/v1/catalog/plans", .scope = "read", .parameters = "limit cursor version_id product",
	  .handle = http_read, .read = http_list_read, .list = &plan_list,
	  .doc = "Plans of a version, or of the one in force now, in the order of their ids." },
	{ .method = "POST", .path = "/v1/catalog/plans", .command = "catalog.add_plan", .handle = http_write, .status = 201,
	  .location = "/v1/catalog/plans/", .doc = "Adds a plan with one price to the catalog, in force from now on." },
	{ .method = "GET", .path = "/v1/catalog/plans/{id}", .scope = "read", .handle = http_read, .read = v1_row_get,
	  .output = &catalog_plan_record, .doc = "A plan of a version." },
	{ .path = NULL },
};
