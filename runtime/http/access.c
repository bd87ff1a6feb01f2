/* access.c: whose key a request carries, and what it opens. */
#include "exchange.h"

#include <string.h>
#include <strings.h>

enum { KEY_BYTES_MAX = 200 };

/* ---- credentials ---- */

static int base64_value(char byte)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = byte ? strchr(digits, byte) : NULL;
	return at ? (int)(at - digits) : -1;
}

/* Up to the first byte that is no digit, which is the padding. */
static struct text base64_decode(struct arena *arena, struct text encoded)
{
	char *to = arena_alloc(arena, encoded.length + 1);
	size_t length = 0;
	unsigned bits = 0, count = 0;
	for (size_t i = 0; i < encoded.length; i++) {
		int value = base64_value(encoded.data[i]);
		if (value < 0)
			break;
		bits = (bits << 6 | (unsigned)value) & 0xffffu;
		count += 6;
		if (count >= 8) {
			count -= 8;
			to[length++] = (char)(bits >> count & 0xff);
		}
	}
	return (struct text){ to, length };
}

static bool scheme_is(struct text credentials, const char *scheme, struct text *rest)
{
	size_t length = strlen(scheme);
	if (credentials.length <= length || strncasecmp(credentials.data, scheme, length) != 0 ||
	    credentials.data[length] != ' ')
		return false;
	*rest = text_trim(text_slice(credentials, length, credentials.length));
	return true;
}

/* "Bearer KEY", or "Basic" with the key as user name and any password. */
static struct text key_of(struct arena *arena, struct text credentials)
{
	struct text rest, key;
	if (scheme_is(credentials, "Bearer", &rest))
		return rest;
	if (!scheme_is(credentials, "Basic", &rest) || rest.length > 2 * KEY_BYTES_MAX)
		return TEXT_NONE;
	text_split(base64_decode(arena, rest), ':', &key, &rest);
	return key;
}

/* X-Killbill-ApiSecret is a whole key of ours, X-Killbill-ApiKey its public part: a tenant's two, as Kill Bill has them. */
static struct text killbill_key(const struct http_request *request)
{
	size_t keys, secrets;
	struct text key = http_header(request->headers, request->header_count, "X-Killbill-ApiKey", &keys);
	struct text secret = http_header(request->headers, request->header_count, "X-Killbill-ApiSecret", &secrets);
	struct api_key_text read;
	return keys == 1 && secrets == 1 && secret.length <= KEY_BYTES_MAX && api_key_read(secret, &read) && text_equals(read.id, key)
	               ? secret
	               : TEXT_NONE;
}

/* A user of Kill Bill's own (Basic) may come beside its headers, and is nobody here. */
static bool has_killbill_key(const struct http_exchange *exchange)
{
	const struct http_request *request = exchange->request;
	return exchange->entry->route->killbill &&
	       text_present(http_header(request->headers, request->header_count, "X-Killbill-ApiSecret", NULL));
}

/* ---- may they? ---- */

static bool unauthorized(struct http_exchange *exchange, const char *what)
{
	http_reply_header(&exchange->reply, "WWW-Authenticate", TEXT("Bearer realm=\"moonbill\""));
	return problem_value(&exchange->problems, PROBLEM_UNAUTHORIZED, "", TEXT_NONE,
	                     "Send an API key as \"Authorization: Bearer KEY\", or as the user name of Basic.",
	                     "%s", what);
}

static void admit_operator(struct http_exchange *exchange)
{
	exchange->identity = (struct api_key_identity){ .tenant_id = exchange->request->operator_tenant_id, .scopes = ~0u,
		                                        .name = "operator", .actor = "operator" };
}

bool http_access(struct http_exchange *exchange)
{
	unsigned scope = exchange->entry->scope;
	if (!scope)
		return true;
	if (exchange->request->operator_tenant_id) {
		admit_operator(exchange);
		return true;
	}
	size_t count;
	const struct http_request *request = exchange->request;
	struct text credentials = http_header(request->headers, request->header_count, "Authorization", &count);
	bool of_killbill = has_killbill_key(exchange);
	if (!text_present(credentials) && !of_killbill)
		return unauthorized(exchange, "the request has no API key");
	struct text key = of_killbill ? killbill_key(request) : key_of(exchange->arena, credentials);
	if (count > 1 || !text_present(key) || key.length > KEY_BYTES_MAX ||
	    !api_key_verify(exchange->application->keys, key, &exchange->identity)) {
		exchange->identity.tenant_id = 0;
		if (exchange->identity.unknown)
			return problem(&exchange->problems, PROBLEM_STORE_FAILED, "", "the API key could not be looked up");
		http_limit_failed_key(exchange);
		return unauthorized(exchange, "the API key is not one in force");
	}
	if (exchange->dialect->admit && !exchange->dialect->admit(exchange))
		return false;
	if (exchange->identity.scopes & scope)
		return true;
	struct text needed = api_scopes_text(exchange->arena, scope);
	const char *remedy = text_format(exchange->arena, "Use a key with the scope '%.*s'.", TEXT_ARG(needed)).data;
	return problem_value(&exchange->problems, PROBLEM_FORBIDDEN, "", TEXT_NONE, remedy,
	                     "the key '%s' has not the scope '%.*s'", exchange->identity.name, TEXT_ARG(needed));
}
