/* webhook_url.c: which URLs may be an endpoint's. What an address is, is asked again when it is connected to. */
#include "base/address.h"
#include "engine_state.h"
#include "webhook_state.h"

#include <curl/curl.h>

#define url_refuse(problems, url, remedy, ...) \
	problem_value((problems), PROBLEM_INVALID_VALUE, "/url", text_front((url), 200), (remedy), __VA_ARGS__)

static const char url_example[] = "Write it as in https://example.com/hooks.";

static bool scheme_check(const char *scheme, bool plain, struct text url, struct problems *problems)
{
	if (strcmp(scheme, "https") == 0 || (plain && strcmp(scheme, "http") == 0))
		return true;
	if (strcmp(scheme, "http") == 0)
		return url_refuse(problems, url, "Use https, or set deliveries.plain_http for a network of your own.",
		                  "the URL is http, which anyone on the way can read");
	return url_refuse(problems, url, "Give a URL that begins with https://.", "the URL is not of https");
}

/* Below 1024 live mail, databases of old and the like, which a POST could reach. */
static bool port_check(const char *scheme, const char *port, struct text url, struct problems *problems)
{
	int64_t number = 0;
	text_to_int64(text_of(port), &number);
	return number == (strcmp(scheme, "https") == 0 ? 443 : 80) || number >= 1024 ||
	       url_refuse(problems, url, "Leave the port out, or use one from 1024 on.", "webhooks do not go to port %lld",
	                  (long long)number);
}

/* libcurl takes "https:///hooks" for one of the host "hooks". */
static bool has_host(struct text url)
{
	const char *slashes = strstr(url.data, "://");
	return !slashes || slashes[3] != '/';
}

/* Labels of 1 to 63 bytes with points between them, of which one may stand at the end. */
static bool name_is_whole(const char *host)
{
	struct text label, rest = text_of(host);
	bool more = rest.length <= 253;
	bool whole = more;
	while (more && whole) {
		more = text_split(rest, '.', &label, &rest) && rest.length > 0;
		whole = label.length >= 1 && label.length <= 63;
	}
	return whole;
}

/* "[::1]" as libcurl gives it; notations of IPv4 as 0x7f.1 are brought into their usual form by it. */
static bool host_check(char *host, enum address_range addresses, struct text url, struct problems *problems)
{
	size_t length = strlen(host);
	bool bracketed = host[0] == '[' && host[length - 1] == ']';
	if (bracketed)
		host[length - 1] = '\0';
	const char *address = bracketed ? host + 1 : host;
	if (!address_is_text(address))
		return name_is_whole(host) || url_refuse(problems, url, url_example, "the host of the URL is no name");
	enum address_kind kind = address_kind_of_text(address);
	if (kind == ADDRESS_KIND_GLOBAL || (kind == ADDRESS_KIND_PRIVATE && addresses == ADDRESS_PRIVATE_TOO))
		return true;
	return url_refuse(problems, url, kind == ADDRESS_KIND_PRIVATE
	                                         ? "Name a public host, or set deliveries.private_addresses for a network of your own."
	                                         : "Name a public host.",
	                  "the URL leads to an address that is not a public one");
}

static char *url_part(CURLU *parsed, CURLUPart part, unsigned flags)
{
	char *text = NULL;
	return curl_url_get(parsed, part, &text, flags) == CURLUE_OK ? text : NULL;
}

static bool parts_check(CURLU *parsed, bool plain, enum address_range addresses, struct text url, struct problems *problems)
{
	char *scheme = url_part(parsed, CURLUPART_SCHEME, 0);
	char *host = url_part(parsed, CURLUPART_HOST, 0);
	char *port = url_part(parsed, CURLUPART_PORT, CURLU_DEFAULT_PORT);
	char *user = url_part(parsed, CURLUPART_USER, 0);
	bool good = scheme && host && port
	                    ? scheme_check(scheme, plain, url, problems) && port_check(scheme, port, url, problems) &&
	                              host_check(host, addresses, url, problems)
	                    : !scheme || !host ? url_refuse(problems, url, url_example, "this is no whole URL")
	                                       : scheme_check(scheme, plain, url, problems); /* of a scheme without a port */
	if (good && user)
		good = url_refuse(problems, url, "Leave user and password out; verify the signature instead.",
		                  "the URL has a user's name in it");
	curl_free(scheme);
	curl_free(port);
	curl_free(host);
	curl_free(user);
	return good;
}

bool webhook_url_check(struct text url, bool plain, enum address_range addresses, struct problems *problems)
{
	for (size_t i = 0; i < url.length; i++)
		if (url.data[i] <= ' ' || url.data[i] == 0x7f)
			return url_refuse(problems, url, "Write it without blanks, as in https://example.com/hooks.",
			                  "the URL has blanks or control characters in it");
	const char *whole = text_c(problems->arena, url);
	if (!has_host(text_of(whole)))
		return url_refuse(problems, url, url_example, "the URL has no host");
	CURLU *parsed = curl_url();
	if (!parsed)
		return problem_out_of_memory(problems, "a URL was read");
	bool good = curl_url_set(parsed, CURLUPART_URL, whole, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK
	                    ? parts_check(parsed, plain, addresses, url, problems)
	                    : url_refuse(problems, url, url_example, "this is no URL");
	curl_url_cleanup(parsed);
	return good;
}
