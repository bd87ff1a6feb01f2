/* request.c: headers found; a target's path split before it is decoded, its query as decoded pairs. */
#include "request.h"

#include <string.h>
#include <strings.h>

struct text http_header(const struct http_field *headers, size_t count, const char *name, size_t *found)
{
	struct text value = TEXT_NONE;
	size_t length = strlen(name), n = 0;
	for (size_t i = 0; i < count; i++) {
		if (headers[i].name.length != length || strncasecmp(headers[i].name.data, name, length) != 0)
			continue;
		if (n++ == 0)
			value = headers[i].value.data ? headers[i].value : TEXT("");
	}
	if (found)
		*found = n;
	return value;
}

bool http_request_has_body(const struct http_request *request)
{
	struct text length = http_header(request->headers, request->header_count, "Content-Length", NULL);
	return request->body.length > 0 || (text_present(length) && !text_is(length, "0")) ||
	       text_present(http_header(request->headers, request->header_count, "Transfer-Encoding", NULL));
}

/* ---- decoding ---- */

static int hex_value(char byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	byte |= 0x20;
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* What may stand in a path or query once decoded: UTF-8 without control bytes. */
static bool is_plain(struct text text)
{
	for (size_t i = 0; i < text.length; i++)
		if ((unsigned char)text.data[i] < 0x20 || text.data[i] == 0x7f)
			return false;
	return text_utf8_valid(text);
}

/* `plus`: a '+' is a blank, as in queries. */
static bool decode(struct text raw, bool plus, struct arena *arena, struct problems *problems, struct text *decoded)
{
	char *to = arena_alloc(arena, raw.length + 1);
	size_t length = 0;
	for (size_t i = 0; i < raw.length; i++) {
		char byte = raw.data[i];
		if (byte == '%') {
			int high = i + 2 < raw.length ? hex_value(raw.data[i + 1]) : -1;
			int low = high >= 0 ? hex_value(raw.data[i + 2]) : -1;
			if (low < 0)
				return problem(problems, PROBLEM_BAD_REQUEST, "",
				               "the address has a '%%' without two hexadecimal digits");
			byte = (char)(high << 4 | low);
			i += 2;
		} else if (byte == '+' && plus) {
			byte = ' ';
		}
		to[length++] = byte;
	}
	*decoded = (struct text){ to, length };
	return is_plain(*decoded) ||
	       problem(problems, PROBLEM_BAD_REQUEST, "",
	               "the address holds control bytes or bytes that are not UTF-8");
}

/* ---- path ---- */

static bool path_parse(struct text path, struct arena *arena, struct problems *problems, struct http_target *target)
{
	if (path.length == 0 || path.data[0] != '/')
		return problem(problems, PROBLEM_BAD_REQUEST, "", "the address does not begin with '/'");
	if (path.length > HTTP_PATH_BYTES_MAX)
		return problem(problems, PROBLEM_URI_TOO_LONG, "", "the path has %zu bytes, at most %d are read",
		               path.length, HTTP_PATH_BYTES_MAX);
	target->path = path;
	struct text rest = text_slice(path, 1, path.length), segment;
	bool more = rest.length > 0;
	while (more) {
		more = text_split(rest, '/', &segment, &rest);
		if (target->segment_count == HTTP_SEGMENTS_MAX)
			return problem(problems, PROBLEM_NOT_FOUND, "", "no path has more than %d parts",
			               HTTP_SEGMENTS_MAX);
		if (!decode(segment, false, arena, problems, &target->segments[target->segment_count++]))
			return false;
	}
	return true;
}

/* ---- query ---- */

static bool parameter_add(struct http_target *target, struct text pair, struct arena *arena, struct problems *problems)
{
	struct text name, value = TEXT("");
	if (!text_split(pair, '=', &name, &value))
		value = TEXT("");
	if (target->parameter_count == HTTP_PARAMETERS_MAX)
		return problem(problems, PROBLEM_BAD_PARAMETER, "", "the query has more than %d parameters",
		               HTTP_PARAMETERS_MAX);
	struct http_field *parameter = &target->parameters[target->parameter_count];
	if (!decode(name, true, arena, problems, &parameter->name) ||
	    !decode(value, true, arena, problems, &parameter->value))
		return false;
	bool listed = parameter->name.length > 2 && text_is(text_slice(parameter->name, parameter->name.length - 2, parameter->name.length), "[]");
	for (size_t i = 0; !listed && i < target->parameter_count; i++)
		if (text_equals(target->parameters[i].name, parameter->name))
			return problem(problems, PROBLEM_BAD_PARAMETER, "", "the parameter '%.*s' is given twice",
			               TEXT_ARG(parameter->name));
	target->parameter_count++;
	return true;
}

static size_t parameters_room(struct text query)
{
	size_t count = query.length > 0;
	for (size_t i = 0; i < query.length && count < HTTP_PARAMETERS_MAX; i++)
		count += query.data[i] == '&';
	return count;
}

static bool query_parse(struct text query, struct arena *arena, struct problems *problems, struct http_target *target)
{
	if (query.length > HTTP_QUERY_BYTES_MAX)
		return problem(problems, PROBLEM_URI_TOO_LONG, "", "the query has %zu bytes, at most %d are read",
		               query.length, HTTP_QUERY_BYTES_MAX);
	target->parameters = arena_new_many(arena, struct http_field, parameters_room(query));
	struct text pair;
	bool more = query.length > 0;
	while (more) {
		more = text_split(query, '&', &pair, &query);
		if (pair.length > 0 && !parameter_add(target, pair, arena, problems))
			return false;
	}
	return true;
}

/* "http://host/path" is "/path": what a proxy would be sent. Whose host it is makes no difference here. */
static struct text origin_form(struct text text)
{
	static const char *const schemes[] = { "http://", "https://" };
	for (size_t i = 0; i < 2; i++) {
		size_t length = strlen(schemes[i]);
		if (text.length <= length || strncasecmp(text.data, schemes[i], length) != 0)
			continue;
		while (length < text.length && !strchr("/?#", text.data[length]))
			length++;
		return length < text.length ? text_slice(text, length, text.length) : TEXT("/");
	}
	return text;
}

bool http_target_parse(struct text text, struct arena *arena, struct problems *problems, struct http_target *target)
{
	*target = (struct http_target){ .path = TEXT("") };
	struct text path, query = TEXT("");
	text = origin_form(text);
	if (!text_split(text, '?', &path, &query))
		query = TEXT("");
	if (memchr(text.data ? text.data : "", '#', text.length))
		return problem(problems, PROBLEM_BAD_REQUEST, "", "the address has a '#', which is never sent");
	return path_parse(path, arena, problems, target) && query_parse(query, arena, problems, target);
}

struct text http_parameter(const struct http_target *target, const char *name)
{
	for (size_t i = 0; i < target->parameter_count; i++)
		if (text_is(target->parameters[i].name, name))
			return target->parameters[i].value;
	return TEXT_NONE;
}
