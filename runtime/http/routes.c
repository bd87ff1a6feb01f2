/* routes.c: every table of routes. */
#include "aps/aps.h"
#include "blu/blu.h"
#include "health.h"
#include "killbill/killbill.h"
#include "maxio/maxio.h"
#include "v1/v1.h"

const struct http_route *const http_route_tables[] = {
	v1_catalog_routes, v1_account_routes, v1_order_routes,  v1_subscription_routes,  v1_invoice_routes, v1_invoice_change_routes, v1_credit_note_routes, v1_coupon_routes, v1_component_routes, v1_stream_routes, v1_subscription_component_routes, v1_component_usage_routes, v1_document_routes, v1_journal_routes,
	v1_bundle_routes,  v1_tenant_routes, v1_usage_routes,   v1_key_routes,      v1_task_routes, v1_workflow_routes, health_routes,
	v1_tag_routes,     v1_tenant_config_routes, v1_wallet_routes, v1_commitment_routes, v1_progressive_billing_routes,
	v1_branch_routes,
	v1_aps_routes,     aps_routes,
	v1_webhook_routes, killbill_routes, blu_routes,
	maxio_family_routes, maxio_component_routes, maxio_price_point_routes, maxio_customer_routes, maxio_site_routes, maxio_subscription_routes,
	maxio_holding_routes, maxio_ingest_routes, maxio_invoice_routes, maxio_allocation_routes, maxio_lot_routes, maxio_usage_routes,
	maxio_currency_routes, maxio_segment_routes, maxio_event_routes, maxio_renewal_routes,
	NULL,
};
