-- tags.lua: what people and services hang on objects and on the tenant: tags, custom fields, keys of the configuration.
-- The shape of a record is told at the head of records.lua. Terms: killbill.md a.2, a.5.

-- What may carry tags and custom fields; billing/marked_object.h has their order.
local marked_objects = { "account", "bundle", "subscription", "invoice", "payment" }

record "tag_definition" {
	doc = "A tag that may be set: one of the system, which switches something, or one of the tenant's own.",
	stored = { since = 1, key = { "id" } },
	{ "id", "id", required = true, doc = "Assigned; below 100 those of the system." },
	{ "uuid", "uuid", required = true, doc = "Assigned; those of the system are Kill Bill's." },
	{ "name", "text", required = true, max = 60, doc = "Unique in the tenant, letters of either case the same." },
	{ "description", "text", max = 200, doc = "" },
	{ "object_types", "text", required = true, max = 100, doc = "Blank-separated: what it may be set on." },
	{ "control", "boolean", required = true, doc = "Of the system: it cannot be deleted." },
	{ "created_at", "instant", doc = "None of those of the system." },
}

record "tag" {
	doc = "A tag set on an object.",
	stored = { since = 1, key = { "account_id", "id" } },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "uuid", "uuid", required = true, doc = "Assigned." },
	{ "account_id", "id", required = true, doc = "The object's." },
	{ "object_type", "choice", words = marked_objects, required = true, doc = "bundle: of subscriptions" },
	{ "object_id", "id", required = true, doc = "" },
	{ "name", "text", required = true, max = 60, doc = "Of its definition; once on an object." },
	{ "created_at", "instant", required = true, doc = "" },
}

record "custom_field" {
	doc = "A text of a name on an object.",
	stored = { since = 1, key = { "account_id", "id" } },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "uuid", "uuid", required = true, doc = "Assigned." },
	{ "account_id", "id", required = true, doc = "The object's." },
	{ "object_type", "choice", words = marked_objects, required = true, doc = "bundle: of subscriptions" },
	{ "object_id", "id", required = true, doc = "" },
	{ "name", "text", required = true, max = 100, doc = "Once on an object." },
	{ "value", "text", required = true, max = 2000, rule = true, doc = "" },
	{ "created_at", "instant", required = true, doc = "" },
	{ "updated_at", "instant", required = true, doc = "" },
}

record "tenant_config" {
	doc = "A value under a key of the tenant's configuration, for plugins and other systems.",
	stored = { since = 1, key = { "id" } },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "uuid", "uuid", required = true, doc = "Assigned." },
	{ "key", "text", required = true, max = 255, doc = "May have several values, PUSH_NOTIFICATION_CB one." },
	{ "value", "text", max = 65536, rule = true, untold = true, doc = "None in events that have happened, which others read." },
	{ "endpoint_id", "id", doc = "PUSH_NOTIFICATION_CB: the webhook endpoint that it is; its URL is the value." },
	{ "created_at", "instant", required = true, doc = "" },
	{ "updated_at", "instant", required = true, doc = "" },
}

-- ---------------------------------------------------------------------------------------------- commands

record "tag_definition_create" {
	doc = "Input of tag_definition.create.",
	{ "name", "text", required = true, min = 1, max = 60, visible = true, doc = "No blanks." },
	{ "description", "text", max = 200, doc = "" },
	{ "object_types", "text", min = 1, max = 100, doc = "Blank-separated: account bundle subscription invoice payment; all when absent." },
}

record "tag_definition_delete" {
	doc = "Input of tag_definition.delete: one that is set nowhere.",
	{ "id", "id", doc = "Or name." },
	{ "name", "text", min = 1, max = 60, doc = "" },
}

record "tag_create" {
	doc = "Input of tag.create.",
	{ "name", "text", required = true, min = 1, max = 60, doc = "Of a definition." },
	{ "object_type", "choice", words = marked_objects, required = true, doc = "" },
	{ "object_id", "id", required = true, doc = "" },
}

record "tag_delete" {
	doc = "Input of tag.delete: the tag by its id, or by its name and object.",
	{ "id", "id", doc = "" },
	{ "name", "text", min = 1, max = 60, doc = "" },
	{ "object_type", "choice", words = marked_objects, doc = "" },
	{ "object_id", "id", doc = "" },
}

record "custom_field_create" {
	doc = "Input of custom_field.create.",
	{ "name", "text", required = true, min = 1, max = 100, visible = true, doc = "" },
	{ "value", "text", required = true, max = 2000, doc = "" },
	{ "object_type", "choice", words = marked_objects, required = true, doc = "" },
	{ "object_id", "id", required = true, doc = "" },
}

record "custom_field_update" {
	doc = "Input of custom_field.update.",
	{ "id", "id", required = true, doc = "" },
	{ "value", "text", required = true, max = 2000, doc = "" },
}

record "custom_field_delete" {
	doc = "Input of custom_field.delete: the field by its id, or by its name and object.",
	{ "id", "id", doc = "" },
	{ "name", "text", min = 1, max = 100, doc = "" },
	{ "object_type", "choice", words = marked_objects, doc = "" },
	{ "object_id", "id", doc = "" },
}

record "tenant_config_set" {
	doc = "Input of tenant_config.set: the one value of a key, in place of all that it had.",
	{ "key", "text", required = true, min = 1, max = 255, doc = "PUSH_NOTIFICATION_CB registers the callback of push notifications." },
	{ "value", "text", required = true, max = 65536, doc = "" },
}

record "tenant_config_add" {
	doc = "Input of tenant_config.add: a further value of a key.",
	{ "key", "text", required = true, min = 1, max = 255, doc = "PUSH_NOTIFICATION_CB has one: it is replaced." },
	{ "value", "text", required = true, max = 65536, doc = "" },
}

record "tenant_config_delete" {
	doc = "Input of tenant_config.delete.",
	{ "id", "id", doc = "One value; or key." },
	{ "key", "text", min = 1, max = 255, doc = "All its values." },
}

record "node_broadcast" {
	doc = "Input of node.broadcast: what every node and plugin is to hear.",
	{ "service", "text", required = true, min = 1, max = 100, doc = "Whom it is for." },
	{ "command", "text", required = true, min = 1, max = 100, doc = "What is to be done." },
	{ "payload", "json", max = 65536, doc = "An object with more; {} when absent." },
}

record "broadcast" {
	doc = "Output of node.broadcast: what was said, as its event tells it.",
	{ "service", "text", required = true, max = 100, doc = "" },
	{ "command", "text", required = true, max = 100, doc = "" },
	{ "payload", "json", required = true, max = 65536, doc = "" },
}
