/* limit.c: requests that come too often are refused: per address before anything is known of them, then per key and
 * tenant, and what is dear by its cost. */
#include "exchange.h"

#include "base/metric.h"

#include <string.h>

enum {
	FAILED_KEY_COST = 100, /* requests' worth: who guesses keys is slowed down soon */
	FORWARDED_MOST = 16,   /* proxies one behind the other that are looked through */
};

struct http_limiter {
	struct http_limits limits;
	struct rate_table *rates;
};

bool http_application_limit(struct http_application *application, const struct http_limits *limits)
{
	struct http_limiter *limiter = memory_alloc(sizeof *limiter);
	struct rate_table *rates = limiter ? rate_table_new(&limits->rates) : NULL;
	if (!rates) {
		memory_free(limiter);
		return false;
	}
	*limiter = (struct http_limiter){ *limits, rates };
	application->limiter = limiter;
	return true;
}

void http_limiter_free(struct http_limiter *limiter)
{
	if (!limiter)
		return;
	rate_table_free(limiter->rates);
	memory_free(limiter);
}

/* ---- who it is ---- */

static struct text last_of(struct text *list)
{
	size_t at = list->length;
	while (at > 0 && list->data[at - 1] != ',')
		at--;
	struct text last = text_trim(text_slice(*list, at, list->length));
	*list = text_slice(*list, 0, at ? at - 1 : 0);
	return last;
}

/* What all lines of it say: some proxies write their own below the client's instead of adding to it. */
static struct text forwarded_for(const struct http_exchange *exchange)
{
	const struct http_request *request = exchange->request;
	struct text_builder all;
	builder_init(&all, exchange->arena, 0);
	for (size_t i = 0; i < request->header_count; i++) {
		struct text line = http_header(&request->headers[i], 1, "X-Forwarded-For", NULL);
		if (!text_present(line))
			continue;
		if (builder_text(&all).length)
			builder_c(&all, ",");
		builder_add(&all, line);
	}
	return builder_text(&all);
}

/* Each proxy adds on the right the address it was called from. So what a trusted one says of its caller is believed,
 * and what stands further left only if that caller is trusted too; the rest is the client's own invention. */
static void look_through_proxies(struct http_exchange *exchange, const struct ip_list *proxies)
{
	struct text list = forwarded_for(exchange);
	struct ip_address said;
	for (int i = 0; list.length && i < FORWARDED_MOST; i++) {
		if (!ip_list_holds(proxies, &exchange->client) || !ip_parse(last_of(&list), &said))
			return;
		exchange->client = said;
	}
}

void http_find_client(struct http_exchange *exchange)
{
	const struct http_limiter *limiter = exchange->application->limiter;
	exchange->client = exchange->request->address;
	if (!limiter || !ip_list_holds(&limiter->limits.proxies, &exchange->client))
		return;
	char text[IP_TEXT_BYTES];
	look_through_proxies(exchange, &limiter->limits.proxies);
	ip_write(&exchange->client, text);
	exchange->request->remote = text_copy(exchange->arena, text_of(text));
}

/* ---- refusals ---- */

/* `value`: whose requests they are; none where it says nothing to the client. */
static bool too_many(struct http_exchange *exchange, int64_t wait_us, struct text value, const char *what)
{
	metric_add(METRIC_HTTP_LIMITED_TOTAL, 1);
	int64_t wait_s = (wait_us + US_PER_S - 1) / US_PER_S;
	struct text seconds = text_format(exchange->arena, "%lld", (long long)wait_s);
	problems_init(&exchange->problems, exchange->arena); /* whatever else is wrong with it */
	http_reply_header(&exchange->reply, "Retry-After", seconds);
	return problem_value(&exchange->problems, PROBLEM_TOO_MANY_REQUESTS, "", value,
	                     text_format(exchange->arena, "Wait %lld s, then send fewer at once.", (long long)wait_s).data,
	                     "%s", what);
}

static bool is_limited(const struct http_limiter *limiter, const struct ip_address *client)
{
	return limiter && client->known && !ip_list_holds(&limiter->limits.exempt, client) &&
	       !ip_list_holds(&limiter->limits.proxies, client);
}

bool http_limit_address(struct http_exchange *exchange)
{
	const struct http_limiter *limiter = exchange->application->limiter;
	if (!is_limited(limiter, &exchange->client))
		return true;
	int64_t wait_us = rate_take(limiter->rates, RATE_ADDRESS, ip_client(&exchange->client), 1);
	if (wait_us == 0)
		return true;
	const char *what = text_format(exchange->arena, "more than %lld requests a second come from your address",
	                               (long long)rate_per_s(limiter->rates, RATE_ADDRESS)).data;
	return too_many(exchange, wait_us, exchange->request->remote, what);
}

void http_limit_failed_key(struct http_exchange *exchange)
{
	const struct http_limiter *limiter = exchange->application->limiter;
	if (is_limited(limiter, &exchange->client))
		rate_charge(limiter->rates, RATE_ADDRESS, ip_client(&exchange->client), FAILED_KEY_COST);
}

int http_route_cost(const struct http_route *route)
{
	return route->cost ? route->cost : route->list != NULL;
}

struct budget {
	enum rate_kind kind;
	uint64_t subject;
	int64_t cost;
};

/* From all of them or from none: 0, or the longest wait and whose it is. */
static int64_t budgets_take(struct rate_table *rates, const struct budget *budgets, size_t count, size_t *longest)
{
	int64_t waits_us[RATE_KINDS];
	*longest = 0;
	for (size_t i = 0; i < count; i++) {
		waits_us[i] = rate_take(rates, budgets[i].kind, budgets[i].subject, budgets[i].cost);
		if (waits_us[i] > waits_us[*longest])
			*longest = i;
	}
	for (size_t i = 0; waits_us[*longest] && i < count; i++)
		if (waits_us[i] == 0)
			rate_give(rates, budgets[i].kind, budgets[i].subject, budgets[i].cost);
	return waits_us[*longest];
}

bool http_limit_identity(struct http_exchange *exchange)
{
	const struct http_limiter *limiter = exchange->application->limiter;
	const struct api_key_identity *who = &exchange->identity;
	if (!limiter || who->tenant_id == 0)
		return true;
	static const char *const whose[RATE_KINDS] = { [RATE_KEY] = "requests a second are sent with the key",
		                                       [RATE_TENANT] = "requests a second are sent by the tenant",
		                                       [RATE_EXPENSIVE] = "tokens a second are spent by the tenant on "
		                                                          "requests like this one" };
	const uint64_t tenant = (uint64_t)who->tenant_id; /* a number of a key is its tenant's */
	const struct budget budgets[] = { { RATE_KEY, tenant << 32 ^ (uint64_t)who->key_id, 1 }, { RATE_TENANT, tenant, 1 },
		                          { RATE_EXPENSIVE, tenant, http_route_cost(exchange->entry->route) } };
	size_t longest;
	int64_t wait_us = budgets_take(limiter->rates, budgets, sizeof budgets / sizeof *budgets, &longest);
	if (wait_us == 0)
		return true;
	enum rate_kind kind = budgets[longest].kind;
	const char *what = text_format(exchange->arena, "more than %lld %s", (long long)rate_per_s(limiter->rates, kind),
	                               whose[kind]).data;
	return too_many(exchange, wait_us, kind == RATE_KEY ? text_of(who->name) : TEXT_NONE, what);
}
