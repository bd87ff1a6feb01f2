/* branch.c: branches of the tenant: copies with a clock of their own, which send and charge nothing. */
#include "v1.h"

#include "billing/branch.h"

static bool branch_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                        struct record_list *rows)
{
	(void)exchange;
	return branch_page(command, page->after, page->rows, (struct tenant_list *)(void *)rows);
}

static bool branch_get(struct command *command, struct http_exchange *exchange)
{
	struct tenant *branch;
	return branch_find(command, exchange->id, &branch) && http_reply_found(exchange, &tenant_record, branch);
}

/* ---- made ---- */

static bool branch_permit(struct command *view, void *context)
{
	return http_condition_permits(view, context);
}

static bool may_be_made(struct http_exchange *exchange)
{
	return !exchange->conditional || command_read(exchange->application->engine, exchange->identity.tenant_id, exchange->arena,
	                                              &exchange->problems, branch_permit, exchange);
}

static bool branch_work(struct http_exchange *exchange)
{
	const struct branch_make *input = exchange->work;
	const struct branch_order order = { .name = input->name, .at = input->at, .origin = http_origin(exchange) };
	struct tenant_created *branch;
	if (may_be_made(exchange) && branch_make(exchange->application->engine, exchange->identity.tenant_id, &order, exchange->arena,
	                                         &exchange->problems, &branch)) {
		http_reply_record(exchange, 201, &tenant_created_record, branch);
		http_reply_header(&exchange->reply, "Location",
		                  text_format(exchange->arena, "%s%lld", exchange->entry->route->location, (long long)branch->id));
	}
	http_finish(exchange);
	return true;
}

static bool branch_post(struct http_exchange *exchange)
{
	const struct json *json = http_body_json(exchange);
	struct branch_make *input = arena_new(exchange->arena, struct branch_make);
	if (!json || !json_decode(json, &branch_make_record, input, "", exchange->arena, &exchange->problems))
		return false;
	if (exchange->write.dry_run)
		return http_submit(exchange, &branch_rehearsal, input, NULL);
	exchange->work = input;
	return http_apart(exchange, branch_work);
}

/* What is told of a branch changes with its own commits, not with the tenant's: it is read each time (ticks). */
static const struct http_list branches = { &tenant_record, "id", 0, branch_rows };

const struct http_route v1_branch_routes[] = {
	{ .method = "GET", .path = "/v1/branches", .scope = "read", .parameters = "limit cursor", .ticks = true, .handle = http_read,
	  .read = http_list_read, .list = &branches, .doc = "Branches of the tenant, oldest first." },
	{ .method = "POST", .path = "/v1/branches", .scope = "admin", .handle = branch_post, .cost = 200, .status = 201,
	  .location = "/v1/branches/", .shown_once = true, .input = &branch_make_record, .output = &tenant_created_record,
	  .doc = "Copies the tenant; the branch's API key is shown this once." },
	{ .method = "GET", .path = "/v1/branches/{id}", .scope = "read", .ticks = true, .handle = http_read, .read = branch_get,
	  .output = &tenant_record, .doc = "A branch of the tenant." },
	{ .method = "DELETE", .path = "/v1/branches/{id}", .command = "branch.drop", .id_field = "id", .handle = http_write,
	  .doc = "Drops a branch: it is gone at once, its rows follow." },
	{ .path = NULL },
};
