/* commitment.c: commitments of subscriptions under /v1. */
#include "v1.h"

#include "billing/commitment.h"

V1_NEWEST(commitment)

static bool commitment_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                            struct record_list *rows)
{
	(void)exchange;
	return commitment_newest(command, page, rows);
}

static const struct http_list commitments = { &commitment_record, "id", COMMITMENT_FIELD_STATUS, commitment_rows };

const struct http_route v1_commitment_routes[] = {
	{ .method = "GET", .path = "/v1/commitments", .scope = "read", .parameters = "limit cursor status", .handle = http_read,
	  .read = http_list_read, .list = &commitments, .doc = "Commitments of subscriptions, newest first." },
	{ .method = "POST", .path = "/v1/commitments", .command = "commitment.create", .handle = http_write, .status = 201,
	  .location = "/v1/commitments/", .doc = "Sets the least that a subscription pays for each of its periods." },
	{ .method = "GET", .path = "/v1/commitments/{id}", .scope = "read", .handle = http_read, .read = v1_row_get,
	  .output = &commitment_record, .doc = "A commitment, and how far it is settled." },
	V1_ACT("/v1/commitments/{id}/end", "commitment.end", "Lets a commitment end; the period that it ends in is settled in part."),
	{ .path = NULL },
};
