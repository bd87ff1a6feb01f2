/* tenant_config.c: keys of the tenant's configuration and broadcasts, under /v1; values may be secrets: scope admin. */
#include "v1.h"

#include "event/tenant_config.h"

V1_GET(tenant_config)

static bool config_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                        struct record_list *rows)
{
	struct text key = http_parameter(&exchange->target, "key");
	struct tenant_config_list *list = (struct tenant_config_list *)(void *)rows;
	return text_present(key) ? tenant_config_of_key(command, key, page->after, page->rows, list)
	                         : tenant_config_page(command, page->after, page->rows, list);
}

static const struct http_list configs = { &tenant_config_record, "id", 0, config_rows };

const struct http_route v1_tenant_config_routes[] = {
	{ .method = "GET", .path = "/v1/tenant_config", .scope = "admin", .parameters = "limit cursor key", .handle = http_read,
	  .read = http_list_read, .list = &configs, .doc = "The tenant's configuration, or the values of a key." },
	{ .method = "PUT", .path = "/v1/tenant_config", .command = "tenant_config.set", .handle = http_write,
	  .doc = "Keeps one value under a key of the tenant's configuration, in place of all it had." },
	{ .method = "POST", .path = "/v1/tenant_config", .command = "tenant_config.add", .handle = http_write, .status = 201,
	  .location = "/v1/tenant_config/", .doc = "Keeps a further value under a key of the tenant's configuration." },
	{ .method = "GET", .path = "/v1/tenant_config/{id}", .scope = "admin", .handle = http_read, .read = tenant_config_get,
	  .output = &tenant_config_record, .doc = "A value of the tenant's configuration." },
	{ .method = "DELETE", .path = "/v1/tenant_config/{id}", .command = "tenant_config.delete", .id_field = "id",
	  .handle = http_write, .doc = "Deletes a value of the tenant's configuration." },
	{ .method = "POST", .path = "/v1/broadcasts", .command = "node.broadcast", .handle = http_write, .status = 201,
	  .doc = "Tells every node and plugin that listens something." },
	{ .path = NULL },
};
