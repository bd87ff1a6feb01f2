/* site.c: which requests are Maxio's, and whether the key that was sent is of the site that they are for.
 *
 * A site is a tenant, by its name: "acme.chargify.com" and "events.chargify.com/acme/events/..." are acme's. On any other host
 * the key alone says whose the request is.
 */
#include "maxio.h"

#include <string.h>
#include <strings.h>

static const char *const domains[] = { ".chargify.com", ".ebilling.maxio.com", NULL };

static bool has_json(struct text segment)
{
	return segment.length > 5 && memcmp(segment.data + segment.length - 5, ".json", 5) == 0;
}

bool maxio_is_ingestion(const struct http_target *target)
{
	size_t count = target->segment_count;
	return (count == 3 || count == 4) && text_is(target->segments[1], "events") && has_json(target->segments[count - 1]);
}

/* Of "acme.chargify.com:443", "acme"; none on a host that is not Maxio's. */
static struct text site_of_host(struct text host)
{
	struct text name, port;
	if (!text_present(host))
		return TEXT_NONE;
	text_split(host, ':', &name, &port);
	for (size_t i = 0; domains[i]; i++) {
		size_t length = strlen(domains[i]);
		if (name.length > length && strncasecmp(name.data + name.length - length, domains[i], length) == 0)
			return text_slice(name, 0, name.length - length);
	}
	return TEXT_NONE;
}

static bool same_site(struct text site, const char *tenant)
{
	return site.length == strlen(tenant) && strncasecmp(site.data, tenant, site.length) == 0;
}

/* The events' host names no site: there the path does. */
static bool maxio_admit(struct http_exchange *exchange)
{
	const struct http_request *request = exchange->request;
	struct text site = site_of_host(http_header(request->headers, request->header_count, "Host", NULL));
	if (maxio_is_ingestion(&exchange->target) && !text_is(exchange->target.segments[0], "subscriptions"))
		site = exchange->target.segments[0];
	if (!text_present(site) || same_site(site, exchange->identity.tenant))
		return true;
	exchange->identity.tenant_id = 0;
	http_reply_header(&exchange->reply, "WWW-Authenticate", TEXT("Basic realm=\"moonbill\""));
	return problem(&exchange->problems, PROBLEM_UNAUTHORIZED, "", "the API key is not one of the site '%.*s'",
	               TEXT_ARG(text_slice(site, 0, 100)));
}

/* What is empty comes with whatever type a client's library sets. */
static bool maxio_accept(struct http_exchange *exchange, struct text type)
{
	if (!text_present(type) || !http_type_is(type, "application/xml"))
		return true;
	return problem_value(&exchange->problems, PROBLEM_UNSUPPORTED_MEDIA, "", type, "Send Content-Type: application/json.",
	                     "bodies of the type '%.*s' are not read", TEXT_ARG(text_slice(type, 0, 100)));
}

static const char *const maxio_roots[] = {
	"product_families", "products", "products_price_points", "components", "components_price_points", "price_points", "customers",
	"subscriptions", "subscriptions_components", "event_based_billing", "invoices", "credit_notes", "events",
	"events.json", "site.json", "sites", "customers.json", "components.json", "invoices.json", "credit_notes.json",
	"subscriptions.json", "subscriptions_components.json", "product_families.json", "products.json", NULL,
};
const struct http_dialect maxio_dialect = {
	.roots = maxio_roots, .lenient = true, .accept = maxio_accept, .admit = maxio_admit, .refuse = maxio_refuse,
	.out_of_memory_type = "application/json",
	.out_of_memory = "{\"errors\":[\"Memory ran out.\"]}",
};
