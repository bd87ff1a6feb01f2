-- aps.lua: applications of APS: their types and resources, and what those hear of subscriptions (event/aps.h).
-- The shape of a record is told at the head of records.lua. Terms: atomia-aps-blubilling.md part B.

record "aps_type" {
	doc = "A type of an application's resources, as the application declares it.",
	stored = { since = 1, key = { "id" } },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "uri", "text", required = true, max = 200, doc = "The id of the document; unique in the tenant." },
	{ "document", "json", required = true, max = 65536, doc = "The declaration, as it was sent." },
	{ "endpoint_id", "id", doc = "The webhook endpoint (profile aps) of the application: resources of the type begin with it." },
	{ "created_at", "instant", required = true, doc = "" },
	{ "updated_at", "instant", required = true, doc = "" },
}

record "aps_link" {
	doc = "What a resource is linked to.",
	{ "key", "text", required = true, min = 1, max = 100, doc = "Of another resource, or the UUID of a subscription or an account." },
}

record "aps_resource" {
	doc = "An object of an application; notifications are addressed to it.",
	stored = { since = 1, key = { "id" } },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "key", "text", required = true, max = 100, doc = "Its id on APS's wire; unique in the tenant." },
	{ "type", "text", required = true, max = 200, doc = "The URI of its type." },
	{ "account_id", "id", required = true, doc = "Who owns it." },
	{ "endpoint_id", "id", doc = "Where its notifications go: the webhook endpoint (profile aps) of its application; none: until there is one." },
	{ "linked", "list", of = "aps_link", json = true, max = 100, doc = "" },
	{ "account", "relation", of = "account", by = "account_id", doc = "" },
	{ "created_at", "instant", required = true, doc = "" },
	{ "updated_at", "instant", required = true, doc = "" },
}

record "aps_linked" {
	doc = "A link of a resource, as it is looked for from its other end.",
	stored = { since = 1, key = { "id" } },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "resource_id", "id", required = true, doc = "" },
	{ "key", "text", required = true, max = 100, doc = "What it is linked to." },
}

record "event_subscription" {
	doc = "A resource hears of an event of one source, or of all sources of a type that it can see.",
	stored = { since = 1, key = { "id" } },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "uuid", "uuid", required = true, doc = "Its id on APS's wire." },
	{ "resource_id", "id", required = true, doc = "Who hears." },
	{ "account_id", "id", required = true, doc = "Who owns that resource." },
	{ "event", "text", required = true, max = 200, doc = "URI of the event." },
	{ "source_type", "text", max = 200, doc = "Sources of this type; or source_key." },
	{ "source_key", "text", max = 100, doc = "This source: the UUID of a subscription." },
	{ "handler", "text", required = true, max = 200, doc = "Ends the address of its notifications: URL/events/RESOURCE/HANDLER." },
	{ "declared", "boolean", required = true, doc = "By the resource's type." },
	{ "asked", "boolean", required = true, doc = "By a request. It is there as long as it is asked for or declared." },
	{ "created_at", "instant", required = true, doc = "" },
}

record "aps_hearing_part" {
	doc = "How far an event has come on its way to those who hear it: what a job needs to tell the others.",
	{ "event", "text", required = true, max = 200, doc = "URI." },
	{ "source_key", "text", required = true, max = 100, doc = "UUID of the subscription." },
	{ "serial", "id", required = true, doc = "Of the journal." },
	{ "before", "text", required = true, max = 1000, doc = "The body up to the id of the event subscription." },
	{ "after", "text", required = true, max = 2000, doc = "And what follows that." },
	{ "stream", "integer", required = true, min = 0, max = 3, doc = "Whose turn it is (event/aps_hear.c)." },
	{ "after_resource_id", "integer", required = true, min = 0, doc = "The last one told of this stream." },
	{ "after_id", "integer", required = true, min = 0, doc = "The last event subscription." },
	{ "last_id", "id", required = true, doc = "The newest event subscription of then: later ones do not hear it." },
}

-- ---------------------------------------------------------------------------------------------- commands

record "aps_type_put" {
	doc = "Input of aps_type.put: makes the type of the document's id, or replaces its declaration.",
	{ "document", "json", required = true, max = 65536, doc = "An APS type: id, and operations; one with an eventSubscription subscribes every resource of the type." },
	{ "endpoint_id", "id", doc = "Of profile aps; the one before when absent." },
}

record "aps_type_delete" {
	doc = "Input of aps_type.delete: a type without resources.",
	{ "id", "id", required = true, doc = "" },
}

record "aps_resource_create" {
	doc = "Input of aps_resource.create.",
	{ "type", "text", required = true, min = 1, max = 200, doc = "URI; what a known type declares is subscribed to." },
	{ "key", "text", min = 1, max = 100, doc = "Its id on APS's wire; a UUID is made when absent." },
	{ "account_id", "id", required = true, doc = "Who owns it." },
	{ "endpoint_id", "id", doc = "Of profile aps; when absent the type's, else the tenant's only one, even if that is made later. Required where there are several." },
	{ "linked", "list", of = "aps_link", max = 100, doc = "What it is linked to; need not exist yet." },
}

record "aps_resource_update" {
	doc = "Input of aps_resource.update; absent fields stay.",
	{ "id", "id", required = true, doc = "" },
	{ "endpoint_id", "id", doc = "" },
	{ "unlink", "boolean", doc = "The links before go." },
	{ "linked", "list", of = "aps_link", max = 100, doc = "Come to those before." },
}

record "aps_resource_delete" {
	doc = "Input of aps_resource.delete: with its event subscriptions.",
	{ "id", "id", doc = "" },
	{ "key", "text", min = 1, max = 100, doc = "Or its id on APS's wire." },
}

record "event_subscription_create" {
	doc = "Input of event_subscription.create; the same again answers what is there.",
	{ "resource_id", "id", doc = "Who hears; or resource." },
	{ "resource", "text", min = 1, max = 100, doc = "The key of that resource." },
	{ "uuid", "uuid", doc = "" },
	{ "event", "text", required = true, min = 1, max = 200, doc = "http://parallels.com/aps/events/pa/subscription/renewed" },
	{ "source_type", "text", min = 1, max = 200, doc = "http://parallels.com/aps/types/pa/subscription/1.0; or source_key." },
	{ "source_key", "text", min = 1, max = 100, doc = "The UUID of a subscription." },
	{ "relation", "text", max = 200, doc = "Only of events about links, which there are none of." },
	{ "handler", "text", required = true, min = 1, max = 200, doc = "Letters, digits and - . _ ~ /" },
}

record "event_subscription_delete" {
	doc = "Input of event_subscription.delete.",
	{ "id", "id", doc = "" },
	{ "uuid", "uuid", doc = "Or its id on APS's wire." },
	{ "resource", "text", min = 1, max = 100, doc = "With uuid: the key of the resource it must be of." },
}

-- ---------------------------------------------------------------------------------------------- APS's wire

record "aps_head" {
	doc = "aps of a resource.",
	{ "id", "text", min = 1, max = 100, doc = "A UUID is made when absent." },
	{ "type", "text", required = true, min = 1, max = 200, doc = "URI." },
}

record "aps_wire_resource" {
	doc = "A resource on APS's wire.",
	{ "aps", "record", of = "aps_head", required = true, doc = "" },
	{ "account_id", "id", required = true, doc = "Who owns it, by our id." },
	{ "endpoint_id", "id", doc = "Our id of its application's webhook endpoint." },
	{ "linked", "list", of = "aps_link", max = 100, doc = "" },
}

record "aps_source" {
	doc = "source of an event subscription: a type, or one source.",
	{ "type", "text", min = 1, max = 200, doc = "" },
	{ "id", "text", min = 1, max = 100, doc = "" },
}

record "aps_wire_subscription_create" {
	doc = "An event subscription as it is asked for on APS's wire.",
	{ "event", "text", required = true, min = 1, max = 200, doc = "URI." },
	{ "source", "record", of = "aps_source", required = true, doc = "" },
	{ "relation", "text", max = 200, doc = "Empty." },
	{ "handler", "text", required = true, min = 1, max = 200, doc = "" },
}

record "aps_wire_subscription" {
	doc = "An event subscription on APS's wire.",
	{ "id", "uuid", required = true, doc = "" },
	{ "event", "text", required = true, max = 200, doc = "" },
	{ "source", "record", of = "aps_source", required = true, doc = "" },
	{ "handler", "text", required = true, max = 200, doc = "" },
}
