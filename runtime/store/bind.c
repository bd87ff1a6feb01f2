/* bind.c: values for the parameters of statements. */
#include "store/store.h"

struct store_bind bind_null(void)
{
	return (struct store_bind){ .type = BIND_NULL };
}

struct store_bind bind_integer(int64_t value)
{
	return (struct store_bind){ .type = BIND_INTEGER, .integer = value };
}

struct store_bind bind_id(int64_t id)
{
	return id ? bind_integer(id) : bind_null();
}

struct store_bind bind_text(struct text text)
{
	return text_present(text) ? (struct store_bind){ .type = BIND_TEXT, .bytes = text } : bind_null();
}

struct store_bind bind_c(const char *terminated)
{
	return bind_text(text_of(terminated));
}

struct store_bind bind_blob(const void *bytes, size_t length)
{
	return bytes ? (struct store_bind){ .type = BIND_BLOB, .bytes = { bytes, length } } : bind_null();
}

struct store_bind bind_instant(struct instant instant)
{
	return instant.us ? bind_integer(instant.us) : bind_null();
}

struct store_bind bind_date(struct arena *arena, struct date date)
{
	return date_present(date) ? bind_text(date_text(arena, date)) : bind_null();
}
