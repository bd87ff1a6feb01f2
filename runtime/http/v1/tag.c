/* tag.c: tags, their definitions and custom fields, under /v1. */
#include "v1.h"

#include "billing/custom_field.h"
#include "billing/tag.h"
#include "billing/tag_definition.h"

V1_OLDEST(tag_definition)
V1_GET(tag_definition)

static bool definition_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                            struct record_list *rows)
{
	(void)exchange;
	return tag_definition_oldest(command, page, rows);
}

/* object_type and object_id together, or neither. */
static bool filter_read(struct http_exchange *exchange, const struct http_page *page, struct marked_filter *filter)
{
	int type;
	*filter = (struct marked_filter){ .account_id = page->account_id, .after_id = page->after, .max = page->rows,
		                          .name = http_parameter(&exchange->target, "name") };
	if (!http_parameter_choice(exchange, "object_type", &tag_record, TAG_FIELD_OBJECT_TYPE, &type) ||
	    !http_parameter_id(exchange, "object_id", &filter->object.id))
		return false;
	filter->object.type = (enum tag_object_type)type;
	return (type != 0) == (filter->object.id != 0) ||
	       problem(&exchange->problems, PROBLEM_BAD_PARAMETER, type ? "/object_id" : "/object_type",
	               "object_type and object_id tell together which object is meant");
}

static bool tag_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                     struct record_list *rows)
{
	struct marked_filter filter;
	return filter_read(exchange, page, &filter) && tag_page(command, &filter, (struct tag_list *)(void *)rows);
}

static bool field_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                       struct record_list *rows)
{
	struct marked_filter filter;
	return filter_read(exchange, page, &filter) &&
	       custom_field_page(command, &filter, (struct custom_field_list *)(void *)rows);
}

static const struct http_list definitions = { &tag_definition_record, "id", 0, definition_rows };
static const struct http_list tags = { &tag_record, "id", 0, tag_rows };
static const struct http_list fields = { &custom_field_record, "id", 0, field_rows };

const struct http_route v1_tag_routes[] = {
	{ .method = "GET", .path = "/v1/tag_definitions", .scope = "read", .parameters = "limit cursor", .handle = http_read,
	  .read = http_list_read, .list = &definitions, .doc = "Which tags there are: those of the system, then the tenant's own." },
	{ .method = "POST", .path = "/v1/tag_definitions", .command = "tag_definition.create", .handle = http_write,
	  .status = 201, .location = "/v1/tag_definitions/", .doc = "Defines a tag." },
	{ .method = "GET", .path = "/v1/tag_definitions/{id}", .scope = "read", .handle = http_read,
	  .read = tag_definition_get, .output = &tag_definition_record, .doc = "A tag that may be set." },
	{ .method = "DELETE", .path = "/v1/tag_definitions/{id}", .command = "tag_definition.delete", .id_field = "id",
	  .handle = http_write, .doc = "Takes away a tag that is set nowhere." },
	{ .method = "GET", .path = "/v1/tags", .scope = "read",
	  .parameters = "limit cursor account_id object_type object_id name", .handle = http_read, .read = http_list_read,
	  .list = &tags, .doc = "Tags that are set: of an object, of a name, of an account and what is its own, or all." },
	{ .method = "POST", .path = "/v1/tags", .command = "tag.create", .handle = http_write, .status = 201,
	  .location = "/v1/tags/", .doc = "Sets a tag on an object; one of the system turns the switch that it stands for." },
	{ .method = "GET", .path = "/v1/tags/{id}", .scope = "read", .handle = http_read, .read = v1_row_get,
	  .output = &tag_record, .doc = "A tag that is set." },
	{ .method = "DELETE", .path = "/v1/tags/{id}", .command = "tag.delete", .id_field = "id", .handle = http_write,
	  .doc = "Takes a tag off an object." },
	{ .method = "GET", .path = "/v1/custom_fields", .scope = "read",
	  .parameters = "limit cursor account_id object_type object_id", .handle = http_read, .read = http_list_read,
	  .list = &fields, .doc = "Custom fields: of an object, of an account and what is its own, or all." },
	{ .method = "POST", .path = "/v1/custom_fields", .command = "custom_field.create", .handle = http_write,
	  .status = 201, .location = "/v1/custom_fields/", .doc = "Writes a text of a new name on an object." },
	{ .method = "GET", .path = "/v1/custom_fields/{id}", .scope = "read", .handle = http_read, .read = v1_row_get,
	  .output = &custom_field_record, .doc = "A custom field." },
	{ .method = "PATCH", .path = "/v1/custom_fields/{id}", .command = "custom_field.update", .id_field = "id",
	  .handle = http_write, .doc = "Gives a custom field another value." },
	{ .method = "DELETE", .path = "/v1/custom_fields/{id}", .command = "custom_field.delete", .id_field = "id",
	  .handle = http_write, .doc = "Takes a custom field off an object." },
	{ .path = NULL },
};
