-- Indexes beside the primary keys; each names the statement that needs it.

-- used by: tenant_by_name
CREATE UNIQUE INDEX tenant_name ON tenant (name);

-- used by: api_key_by_public_part
CREATE INDEX api_key_public_part ON api_key (key_id);

-- used by: bundle_by_digest, bundle_digest_by_name
CREATE UNIQUE INDEX bundle_digest ON bundle (tenant_id, digest);

-- used by: bundle_template_by_name
CREATE UNIQUE INDEX bundle_template_name ON bundle_template (tenant_id, bundle, name);

-- used by: plan_by_code
CREATE UNIQUE INDEX plan_code ON plan (tenant_id, code);

-- used by: catalog_version_by_digest
CREATE UNIQUE INDEX catalog_version_digest ON catalog_version (tenant_id, digest);

-- used by: catalog_version_in_force, catalog_version_first, catalog_version_retire, catalog_version_retire_at
CREATE UNIQUE INDEX catalog_version_effective ON catalog_version (tenant_id, effective_at) WHERE active = 1;

-- used by: catalog_plan_by_code, catalog_plan_versions
CREATE UNIQUE INDEX catalog_plan_code ON catalog_plan (tenant_id, code, version_id) WHERE parent_id IS NULL;

-- used by: catalog_plan_followed, catalog_plan_first_followed
CREATE INDEX catalog_plan_follow ON catalog_plan (tenant_id, code) WHERE parent_id IS NULL AND existing_from IS NOT NULL;

-- used by: catalog_plan_codes, catalog_plan_page
CREATE INDEX catalog_plan_version ON catalog_plan (tenant_id, version_id) WHERE parent_id IS NULL;

-- used by: catalog_plan_of_product, catalog_plan_page_of_product
CREATE INDEX catalog_plan_product ON catalog_plan (tenant_id, version_id, product) WHERE parent_id IS NULL;

-- used by: account_by_key
CREATE UNIQUE INDEX account_key ON account (tenant_id, external_key);

-- used by: account_child
CREATE INDEX account_parent ON account (tenant_id, parent_id) WHERE parent_id IS NOT NULL;

-- used by: customer_by_key
CREATE UNIQUE INDEX customer_key ON customer (tenant_id, external_key);

-- used by: customer_by_username
CREATE UNIQUE INDEX customer_username ON customer (tenant_id, username);

-- used by: customer_by_account
CREATE UNIQUE INDEX customer_account ON customer (tenant_id, account_id);

-- used by: order_by_number
CREATE UNIQUE INDEX order_number ON "order" (tenant_id, number);

-- used by: subscription_of_bundle, subscription_beside
CREATE INDEX subscription_bundle_member ON subscription (tenant_id, account_id, bundle_id) WHERE bundle_id IS NOT NULL;

-- used by: subscription_bundle_taken
CREATE INDEX subscription_bundle_taken ON subscription_bundle (tenant_id, transferred_from_id) WHERE transferred_from_id IS NOT NULL;

-- used by: subscription_bundle_by_key, subscription_by_reference, event_subscription_by_reference
CREATE INDEX subscription_bundle_key ON subscription_bundle (tenant_id, external_key, account_id);

-- used by: invoice_by_number
CREATE UNIQUE INDEX invoice_number ON invoice (tenant_id, number);

-- used by: credit_note_by_number
CREATE UNIQUE INDEX credit_note_number ON credit_note (tenant_id, number);

-- used by: invoice_gathered
CREATE INDEX invoice_parent ON invoice (tenant_id, parent_invoice_id) WHERE parent_invoice_id IS NOT NULL;

-- used by: usage_by_key
CREATE UNIQUE INDEX usage_key ON usage (tenant_id, external_key) WHERE external_key IS NOT NULL;

-- used by: usage_unbilled, usage_unbilled_codes, usage_bill, subscription_with_usage
CREATE INDEX usage_open ON usage (tenant_id, account_id, subscription_id, price_code) WHERE status = 'unbilled';

-- used by: usage_free
CREATE INDEX usage_invoice ON usage (tenant_id, account_id, invoice_id) WHERE invoice_id IS NOT NULL;

-- used by: unit_usage_tracked, unit_usage_of_delivery
CREATE INDEX unit_usage_delivery ON unit_usage (tenant_id, account_id, subscription_id, tracking_id);

-- used by: unit_usage_of_unit, unit_usage_in_window, unit_usage_mark
CREATE INDEX unit_usage_moment ON unit_usage (tenant_id, account_id, subscription_id, occurred_at, id);

-- used by: unit_usage_changed, unit_usage_last_revision
CREATE INDEX unit_usage_revision ON unit_usage (tenant_id, account_id, subscription_id, revision);

-- used by: unit_usage_page
CREATE INDEX unit_usage_newest ON unit_usage (tenant_id, account_id, subscription_id, id);

-- used by: unit_usage_waiting, unit_usage_forget, account_holdings
CREATE INDEX unit_usage_open ON unit_usage (tenant_id, account_id, subscription_id, status) WHERE status IN ('unbilled', 'removing');

-- used by: unit_usage_of_invoice, unit_usage_free
CREATE INDEX unit_usage_invoice ON unit_usage (tenant_id, account_id, invoice_id) WHERE invoice_id IS NOT NULL;

-- used by: usage_progress_of_subscription
CREATE UNIQUE INDEX usage_progress_section ON usage_progress (tenant_id, account_id, subscription_id, section);

-- used by: usage_line_of_section
CREATE INDEX invoice_line_section ON invoice_line (tenant_id, account_id, subscription_id, usage_section, period_end) WHERE usage_section IS NOT NULL;

-- used by: product_family_by_handle
CREATE UNIQUE INDEX product_family_handle ON product_family (tenant_id, handle);

-- used by: listed_product_by_plan
CREATE UNIQUE INDEX listed_product_plan ON listed_product (tenant_id, plan);

-- used by: invoice_line_billed
CREATE INDEX invoice_line_subscription ON invoice_line (tenant_id, account_id, subscription_id) WHERE subscription_id IS NOT NULL;

-- used by: invoice_line_taken, invoice_line_tax_returned, progressive_taken
CREATE INDEX invoice_line_linked ON invoice_line (tenant_id, account_id, linked_invoice_id) WHERE linked_invoice_id IS NOT NULL;

-- used by: progressive_open
CREATE INDEX invoice_line_progressive ON invoice_line (tenant_id, account_id, subscription_id, period_end) WHERE kind = 'progressive';

-- used by: usage_watched
CREATE INDEX progressive_billing_active ON progressive_billing (tenant_id) WHERE status = 'active';

-- used by: usage_watched
CREATE INDEX wallet_topped_up ON wallet (tenant_id) WHERE status = 'active' AND top_up IS NOT NULL;

-- used by: component_by_handle
CREATE UNIQUE INDEX component_handle ON component (tenant_id, handle);

-- used by: price_point_of_component
CREATE INDEX price_point_component ON price_point (tenant_id, component_id, id) WHERE subscription_id IS NULL;

-- used by: price_point_by_handle
CREATE UNIQUE INDEX price_point_handle ON price_point (tenant_id, component_id, handle) WHERE subscription_id IS NULL;

-- used by: price_segment_active
CREATE INDEX price_segment_point ON price_segment (tenant_id, price_point_id, id);

-- used by: subscription_component_one
CREATE UNIQUE INDEX subscription_component_once ON subscription_component (tenant_id, account_id, subscription_id, component_id);

-- used by: allocation_counted
CREATE INDEX allocation_counted ON allocation (tenant_id, account_id, subscription_id, component_id, id) WHERE counted = 1;

-- used by: component_period_open
CREATE INDEX component_period_open ON component_period (tenant_id, account_id, subscription_id, component_id, id) WHERE ends_at IS NULL;

-- used by: component_charge_waiting
CREATE INDEX component_charge_waiting ON component_charge (tenant_id, account_id, subscription_id, id) WHERE status = 'waiting';

-- used by: coupon_by_code
CREATE UNIQUE INDEX coupon_code ON coupon (tenant_id, code);

-- used by: coupon_redemption_of_coupon
CREATE INDEX coupon_redemption_coupon ON coupon_redemption (tenant_id, coupon_id, id);

-- used by: coupon_periods
CREATE INDEX invoice_line_coupon ON invoice_line (tenant_id, account_id, coupon_redemption_id, coupon_period_end) WHERE coupon_redemption_id IS NOT NULL;

-- used by: job_due, job_next_due, job_due_count, job_next_by_tenant
CREATE INDEX job_by_due ON job (tenant_id, due_at, id) WHERE status = 'due';

-- used by: job_of_object, job_remove_of_object, job_begin_anew, delivery_due_in_order
CREATE INDEX job_by_object ON job (tenant_id, kind, object_id) WHERE status = 'due';

-- used by: job_withdraw_of_cause
CREATE INDEX job_of_cause ON job (tenant_id, cause_id) WHERE cause_id IS NOT NULL;

-- used by: delivery_withdraw_of_cause
CREATE INDEX delivery_of_cause ON delivery (tenant_id, cause_id) WHERE cause_id IS NOT NULL AND status = 'pending';

-- used by: delivery_sent_due, delivery_sent_next, delivery_sent_by_tenant
CREATE INDEX delivery_sent ON delivery (tenant_id, due_at, id) WHERE status = 'sent';

-- used by: backlog, job_begin_anew
CREATE INDEX job_dead ON job (tenant_id, kind, object_id, id) WHERE status = 'dead';

-- used by: backlog
CREATE INDEX delivery_dead ON delivery (tenant_id, id) WHERE status = 'dead';

-- used by: delivery_by_request_key
CREATE INDEX delivery_request_key ON delivery (tenant_id, request_key) WHERE request_key IS NOT NULL;

-- used by: delivery_tenants, delivery_next_pending, delivery_due_of_endpoint, delivery_next_of_endpoint, delivery_release
CREATE INDEX delivery_pending ON delivery (tenant_id, endpoint_id, due_at, id) WHERE status = 'pending';

-- used by: delivery_next_pending, delivery_due_of_channel, delivery_next_of_channel
CREATE INDEX delivery_of_channel ON delivery (tenant_id, channel, due_at, id) WHERE status = 'pending' AND endpoint_id IS NULL;

-- used by: delivery_due_in_order, delivery_next_pending, delivery_before, delivery_go_on, delivery_line, delivery_line_up
CREATE INDEX delivery_order ON delivery (tenant_id, endpoint_id, account_id, serial) WHERE status = 'pending' AND endpoint_id IS NOT NULL;

-- used by: delivery_of_event
CREATE UNIQUE INDEX delivery_event ON delivery (tenant_id, endpoint_id, serial, coalesce(object_id, 0)) WHERE endpoint_id IS NOT NULL;

-- used by: webhook_secrets_live, webhook_secrets_drop, webhook_secrets_delete
CREATE INDEX webhook_secret_endpoint ON webhook_secret (tenant_id, endpoint_id, id);

-- used by: scheduled_task_by_name
CREATE UNIQUE INDEX scheduled_task_name ON scheduled_task (tenant_id, name);

-- used by: scheduled_task_due, scheduled_task_next
CREATE INDEX scheduled_task_next ON scheduled_task (tenant_id, next_run_at, name) WHERE status = 'active';

-- used by: task_run_page_of_task, task_run_prune
CREATE INDEX task_run_of_task ON task_run (tenant_id, task_id);

-- used by: tag_definition_by_name
CREATE UNIQUE INDEX tag_definition_name ON tag_definition (tenant_id, name COLLATE NOCASE);

-- used by: tag_by_name, tag_page_of_object
CREATE UNIQUE INDEX tag_object ON tag (tenant_id, object_type, object_id, name);

-- used by: tag_page_named
CREATE INDEX tag_name ON tag (tenant_id, name, id);

-- used by: custom_field_by_name, custom_field_page_of_object
CREATE UNIQUE INDEX custom_field_object ON custom_field (tenant_id, object_type, object_id, name);

-- used by: tenant_config_by_key, tenant_config_of_key, tenant_config_remove_others
CREATE INDEX tenant_config_key ON tenant_config (tenant_id, key);

-- used by: tenant_config_of_endpoint
CREATE INDEX tenant_config_endpoint ON tenant_config (tenant_id, endpoint_id) WHERE endpoint_id IS NOT NULL;

-- used by: aps_type_by_uri
CREATE UNIQUE INDEX aps_type_uri ON aps_type (tenant_id, uri);

-- used by: aps_resource_by_key
CREATE UNIQUE INDEX aps_resource_key ON aps_resource (tenant_id, key);

-- used by: aps_resource_page_of_account
CREATE INDEX aps_resource_account ON aps_resource (tenant_id, account_id, id);

-- used by: aps_resource_of_type
CREATE INDEX aps_resource_of_type ON aps_resource (tenant_id, type, id);

-- used by: aps_resource_adopt
CREATE INDEX aps_resource_homeless ON aps_resource (tenant_id, id) WHERE endpoint_id IS NULL;

-- used by: aps_linked_remove
CREATE INDEX aps_linked_resource ON aps_linked (tenant_id, resource_id);

-- used by: event_subscription_of_linked
CREATE INDEX aps_linked_key ON aps_linked (tenant_id, key, resource_id);

-- used by: event_subscription_of_resource, event_subscription_of_linked, event_subscription_remove_of_resource
CREATE INDEX event_subscription_resource ON event_subscription (tenant_id, resource_id);

-- used by: event_subscription_of_owner
CREATE INDEX event_subscription_account ON event_subscription (tenant_id, account_id, event, source_key);

-- used by: event_subscription_by_uuid
CREATE UNIQUE INDEX event_subscription_uuid ON event_subscription (tenant_id, uuid);

-- used by: wallet_grants
CREATE INDEX wallet_grant_left ON wallet_transaction (tenant_id, account_id, wallet_id) WHERE remaining > 0;

-- used by: wallet_purchases
CREATE INDEX wallet_purchase_pending ON wallet_transaction (tenant_id, account_id, wallet_id) WHERE status = 'pending';

-- used by: wallet_transaction_page
CREATE INDEX wallet_transaction_wallet ON wallet_transaction (tenant_id, account_id, wallet_id, id);

-- used by: wallet_transaction_of_invoice
CREATE INDEX wallet_transaction_invoice ON wallet_transaction (tenant_id, account_id, invoice_id) WHERE invoice_id IS NOT NULL;

-- used by: wallet_use_of_transaction
CREATE INDEX wallet_use_debit ON wallet_use (tenant_id, account_id, transaction_id);

-- used by: wallet_use_of_grant
CREATE INDEX wallet_use_grant ON wallet_use (tenant_id, account_id, grant_id);

-- used by: wallet_use_of_invoice, wallet_use_sum
CREATE INDEX wallet_use_invoice ON wallet_use (tenant_id, account_id, invoice_id) WHERE invoice_id IS NOT NULL;
