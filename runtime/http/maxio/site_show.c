/* site_show.c: the site: what a tenant is called, and what it does where nobody says. */
#include "maxio.h"

#include "billing/allocation.h"

static bool site_read(struct command *command, struct http_exchange *exchange)
{
	const struct tenant *tenant = command->tenant;
	const struct allocation_defaults defaults = allocation_defaults(command);
	struct maxio_allocation_settings settings = {
		.upgrade_charge = maxio_word(WORD_COMPONENT_UPGRADE_CHARGE, (int)defaults.upgrade_charge),
		.downgrade_credit = maxio_word(WORD_COMPONENT_UPGRADE_CHARGE, (int)defaults.downgrade_credit),
		.accrue_charge = defaults.accrue_charge ? TEXT("true") : TEXT("false"),
	};
	struct maxio_site shown = {
		.id = tenant->id, .has_id = true, .name = tenant->name, .subdomain = tenant->name,
		.currency = text_of(tenant->currency->code), .seller_id = tenant->id, .has_seller_id = true,
		.non_primary_currencies = TEXT("[]"), .has_relationship_invoicing_enabled = true, .relationship_invoicing_enabled = true,
		.has_schedule_subscription_cancellation_enabled = true, .has_customer_hierarchy_enabled = true, .has_whopays_enabled = true,
		.whopays_default_payer = TEXT("self"), .allocation_settings = &settings,
		.default_payment_collection_method = TEXT("automatic"), .has_test = true, .test = tenant->mode == TENANT_MODE_TEST,
	};
	maxio_reply(exchange, 200, "site", &maxio_site_record, &shown);
	return true;
}

const struct http_route maxio_site_routes[] = {
	{ .method = "GET", .path = "/site.json", .scope = "read", .vendors = true, .answer = "site", .handle = http_read, .read = site_read,
	  .output = &maxio_site_record, .doc = "The site." },
	{ .path = NULL },
};
