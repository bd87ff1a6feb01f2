/* list.c: one page of a list, and the cursor of the next. */
#include "exchange.h"

enum { CURSOR_CHECK_BYTES = 5 };

/* Ties a cursor to its tenant and list: a made-up one, or one of another list, is told from a real one. */
static struct text cursor_check(const struct http_exchange *exchange, int64_t key)
{
	struct text what = text_format(exchange->arena, "%lld:%lld:%.*s", (long long)exchange->identity.tenant_id,
	                               (long long)key, TEXT_ARG(exchange->target.path));
	struct digest digest = digest_sha256_two(TEXT("moonbill cursor"), what);
	return text_hex(exchange->arena, digest.bytes, CURSOR_CHECK_BYTES);
}

static struct text cursor_text(const struct http_exchange *exchange, int64_t key)
{
	return text_format(exchange->arena, "%lld-%.*s", (long long)key, TEXT_ARG(cursor_check(exchange, key)));
}

static bool cursor_read(struct http_exchange *exchange, int64_t *key)
{
	struct text cursor = http_parameter(&exchange->target, "cursor"), head, check;
	*key = 0;
	if (!text_present(cursor))
		return true;
	if (text_split(cursor, '-', &head, &check) && text_to_int64(head, key) && *key > 0 &&
	    text_equals(check, cursor_check(exchange, *key)))
		return true;
	return problem(&exchange->problems, PROBLEM_BAD_CURSOR, "/cursor", "the cursor is not one of this list");
}

static bool page_read(struct http_exchange *exchange, const struct http_list *list, struct http_page *page)
{
	int64_t limit;
	if (!http_parameter_integer(exchange, "limit", 1, HTTP_LIST_MAX, HTTP_LIST_DEFAULT, &limit) ||
	    !cursor_read(exchange, &page->after) || !http_parameter_id(exchange, "account_id", &page->account_id) ||
	    (list->status_field &&
	     !http_parameter_choice(exchange, "status", list->record, list->status_field, &page->status)))
		return false;
	if (exchange->id) /* a list below /v1/accounts/{id} */
		page->account_id = exchange->id;
	page->rows = limit + 1;
	return true;
}

static int64_t key_of(const struct http_list *list, const void *row)
{
	int field = record_field_find(list->record, text_of(list->key));
	return *(const int64_t *)record_field_const_at(&list->record->fields[field], row);
}

static void items_write(struct json_writer *writer, const struct http_list *list, const struct record_list *rows,
                        size_t shown)
{
	json_begin_array(writer);
	for (size_t i = 0; i < shown; i++)
		json_record(writer, list->record, (const char *)rows->items + i * list->record->size);
	json_end_array(writer);
}

bool http_list_read(struct command *command, struct http_exchange *exchange)
{
	const struct http_list *list = exchange->entry->route->list;
	struct http_page page = { 0 };
	struct record_list rows = { 0 };
	if (!page_read(exchange, list, &page) || !list->rows(command, exchange, &page, &rows))
		return false;
	bool more = (int64_t)rows.count >= page.rows;
	size_t shown = more ? (size_t)page.rows - 1 : rows.count;

	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, exchange->arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name(&writer, "items");
	items_write(&writer, list, &rows, shown);
	json_name(&writer, "next");
	const char *last = more ? (const char *)rows.items + (shown - 1) * list->record->size : NULL;
	json_string(&writer, last ? cursor_text(exchange, key_of(list, last)) : TEXT_NONE);
	json_end_object(&writer);
	http_reply_json(exchange, 200, builder_text(&out));
	return true;
}
