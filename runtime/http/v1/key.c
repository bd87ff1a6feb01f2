/* key.c: API keys: listed, made, rotated, revoked by an admin of their tenant. */
#include "v1.h"

enum { OWN_GRACE_LEAST_S = 60 };

static bool key_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                     struct record_list *rows)
{
	struct page_query query = { .after_id = page->after, .limit = (size_t)page->rows };
	(void)exchange;
	return api_key_page(command, query, (struct api_key_list *)(void *)rows);
}

static bool is_own(const struct http_exchange *exchange)
{
	return exchange->id == exchange->identity.key_id;
}

/* The new key might get lost with the answer, and nobody could ask for another. */
static bool check_own_grace(struct http_exchange *exchange, const struct key_rotate *input)
{
	bool short_grace = input->has_grace_seconds && input->grace_seconds < OWN_GRACE_LEAST_S;
	return !is_own(exchange) || !short_grace ||
	       problem(&exchange->problems, PROBLEM_OUT_OF_RANGE, "/grace_seconds",
	               "a key that replaces itself must open for %d more seconds at least", OWN_GRACE_LEAST_S);
}

static bool key_rotate(struct http_exchange *exchange)
{
	struct key_rotate *input = arena_new(exchange->arena, struct key_rotate);
	const struct json *json = http_body_json(exchange);
	if (!json || !json_decode(json, &key_rotate_record, input, "", exchange->arena, &exchange->problems))
		return false;
	const char *named = input->id                        ? "/id"
	                    : text_present(input->key_id) ? "/key_id"
	                    : text_present(input->name)   ? "/name"
	                                                  : NULL;
	if (named)
		return problem(&exchange->problems, PROBLEM_READ_ONLY_FIELD, named, "the key is named by the path");
	input->id = exchange->id;
	return check_own_grace(exchange, input) && http_submit(exchange, exchange->entry->command, input, NULL);
}

static bool key_revoke(struct http_exchange *exchange)
{
	if (is_own(exchange))
		return problem_value(&exchange->problems, PROBLEM_IN_USE, "", TEXT_NONE, "Use another key, or moonbill key revoke.",
		                     "a key does not revoke itself");
	return http_write(exchange);
}

static const struct http_list key_list = { &api_key_record, "id", 0, key_rows };

const struct http_route v1_key_routes[] = {
	{ .method = "GET", .path = "/v1/keys", .scope = "admin", .parameters = "limit cursor", .handle = http_read,
	  .read = http_list_read, .list = &key_list, .doc = "API keys in the order of their ids, without their secrets." },
	{ .method = "GET", .path = "/v1/keys/{id}", .scope = "admin", .handle = http_read, .read = v1_row_get,
	  .output = &api_key_record, .doc = "An API key without its secret." },
	{ .method = "POST", .path = "/v1/keys", .command = "key.create", .handle = http_write, .status = 201,
	  .shown_once = true, .doc = "Makes an API key; its text is shown this once." },
	{ .method = "POST", .path = "/v1/keys/{id}/rotate", .command = "key.rotate", .id_field = "id",
	  .handle = key_rotate, .status = 201, .shown_once = true,
	  .doc = "Makes a key in its place; the old one opens for a time of grace." },
	{ .method = "POST", .path = "/v1/keys/{id}/revoke", .command = "key.revoke", .id_field = "id", .handle = key_revoke,
	  .doc = "From then on the key opens nothing." },
	{ .path = NULL },
};
