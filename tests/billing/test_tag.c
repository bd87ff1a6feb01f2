/* test_tag.c: tags and the switches that those of the system are, custom fields, keys of the configuration, broadcasts. */
#include "shop.h"

#include "billing/custom_field.h"
#include "billing/tag.h"
#include "billing/tag_definition.h"
#include "event/tenant_config.h"

/* ---- what is there ---- */

static bool tags_body(struct command *command, void *context)
{
	const struct marked_filter filter = { .max = 100 };
	return tag_page(command, &filter, context);
}

/* "account 1 VIP; ..." */
static struct text tags(struct desk *desk)
{
	struct tag_list list = { 0 };
	struct text_builder out;
	desk_read(desk, tags_body, &list);
	builder_init(&out, &desk->arena, 0);
	for (size_t i = 0; i < list.count; i++)
		builder_format(&out, "%s%s %lld %.*s", i ? "; " : "", marked_object_word(list.items[i].object_type),
		               (long long)list.items[i].object_id, TEXT_ARG(list.items[i].name));
	return builder_text(&out);
}

struct shown {
	const struct record *record;
	void *row;
};

static bool row_body(struct command *command, void *context)
{
	struct shown *shown = context;
	return store_find(command->store, shown->record, 1, &shown->row);
}

/* Fields of the row with the id 1, with blanks between them; "" when there is none. */
static struct text show(struct desk *desk, const struct record *record, const char *const *fields)
{
	struct shown shown = { record, NULL };
	struct text_builder out;
	desk_read(desk, row_body, &shown);
	builder_init(&out, &desk->arena, 0);
	for (size_t i = 0; shown.row && fields[i]; i++) {
		builder_c(&out, i ? " " : "");
		builder_add(&out, record_field_text(record, shown.row, record_field_find(record, text_of(fields[i])), &desk->arena));
	}
	return builder_text(&out);
}
#define SHOW(desk, record, ...) show((desk), (record), (const char *const[]){ __VA_ARGS__, NULL })

struct journal_list {
	struct journal *items;
	size_t count, capacity;
};

struct told {
	const char *event;
	const struct journal *row;
};

static bool journal_body(struct command *command, void *context)
{
	struct told *told = context;
	struct journal_list all = { NULL, 0, 0 };
	if (!store_all(command->store, STATEMENT_JOURNAL_AFTER,
	               BINDS(bind_integer(0), bind_integer(INT64_MAX), bind_integer(1000)), &journal_record, LIST(&all)))
		return false;
	for (size_t i = 0; i < all.count; i++)
		if (text_is(all.items[i].event, told->event))
			told->row = &all.items[i];
	return true;
}

/* The last row of that event. */
static const struct journal *told(struct desk *desk, const char *event)
{
	struct told told = { event, NULL };
	desk_read(desk, journal_body, &told);
	CHECK(told.row != NULL);
	return told.row;
}

/* ---- tags of the system ---- */

TEST(a_tag_of_the_system_turns_the_switch_that_it_is)
{
	struct desk desk;
	shop_open(&desk);
	desk_do(&desk, "tag.create", "{'name':'auto_pay_off','object_type':'account','object_id':1}");
	CHECK_EQ_TEXT(desk_events(&desk), "pre account.update, post account.update, pre tag.create, post tag.create");
	CHECK_EQ_TEXT(SHOW(&desk, &account_record, "pay_automatically"), "false");
	CHECK_EQ_TEXT(tags(&desk), "account 1 AUTO_PAY_OFF");
	desk_do(&desk, "tag.delete", "{'name':'AUTO_PAY_OFF','object_type':'account','object_id':1}");
	CHECK_EQ_TEXT(SHOW(&desk, &account_record, "pay_automatically"), "true");
	CHECK_EQ_TEXT(tags(&desk), "");
	desk_close(&desk);
}

TEST(a_switch_that_is_turned_sets_its_tags)
{
	struct desk desk;
	shop_open(&desk);
	desk_do(&desk, "account.update", "{'id':1,'invoicing':'reuse_draft','manual_pay':true}");
	CHECK_EQ_TEXT(tags(&desk), "account 1 MANUAL_PAY; account 1 AUTO_INVOICING_DRAFT; account 1 AUTO_INVOICING_REUSE_DRAFT");
	desk_do(&desk, "tag.delete", "{'name':'AUTO_INVOICING_REUSE_DRAFT','object_type':'account','object_id':1}");
	CHECK_EQ_TEXT(SHOW(&desk, &account_record, "invoicing"), "draft");
	desk_do(&desk, "tag.create", "{'name':'AUTO_INVOICING_OFF','object_type':'account','object_id':1}");
	CHECK_EQ_TEXT(tags(&desk), "account 1 MANUAL_PAY; account 1 AUTO_INVOICING_OFF");
	desk_do(&desk, "account.update", "{'id':1,'invoicing':'on','manual_pay':false}");
	CHECK_EQ_TEXT(tags(&desk), "");
	desk_close(&desk);
}

TEST(an_invoice_that_is_written_off_has_the_tag_for_good)
{
	struct desk desk;
	shop_open(&desk);
	desk_do(&desk, "invoice.charge", "{'account_id':1,'amount':'7','description':'toys'}");
	desk_do(&desk, "tag.create", "{'name':'WRITTEN_OFF','object_type':'invoice','object_id':2396}");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &invoice_record, "status", "balance"), "written_off 0.00");
	CHECK_REFUSED(&desk, "tag.delete", "{'name':'WRITTEN_OFF','object_type':'invoice','object_id':2396}", PROBLEM_WRONG_STATE, "/id");
	desk_close(&desk);
}

TEST(an_account_that_pays_by_other_means_is_not_charged_by_itself)
{
	struct desk desk;
	shop_open(&desk);
	desk_do(&desk, "invoice.charge", "{'account_id':1,'amount':'5','description':'toys'}");
	shop_pay(&desk, "5.00", "'auto_pay':1");
	desk_do(&desk, "tag.create", "{'name':'MANUAL_PAY','object_type':'account','object_id':1}");
	desk_do(&desk, "invoice.charge", "{'account_id':1,'amount':'7','description':'toys'}");
	shop_advance(&desk, "2011-09-07T15:00:00Z");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &invoice_record, "status", "balance"), "settled 0.00; open 7.00");
	desk_do(&desk, "tag.delete", "{'name':'MANUAL_PAY','object_type':'account','object_id':1}");
	shop_advance(&desk, "2011-09-08T15:00:00Z");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &invoice_record, "status", "balance"), "settled 0.00; settled 0.00");
	desk_close(&desk);
}

/* ---- tags of the tenant's own ---- */

TEST(a_tag_is_set_once_where_its_definition_lets_it_and_its_definition_lives_as_long)
{
	struct desk desk;
	shop_open(&desk);
	const struct tag_definition *own = desk_do(&desk, "tag_definition.create", "{'name':'VIP','object_types':'account payment'}");
	CHECK_EQ_INT(own->id, 100);
	desk_do(&desk, "tag.create", "{'name':'vip','object_type':'account','object_id':1}");
	CHECK_EQ_TEXT(desk_events(&desk), "pre tag.create, post tag.create");
	CHECK_EQ_TEXT(tags(&desk), "account 1 VIP");
	CHECK_REFUSED(&desk, "tag.create", "{'name':'VIP','object_type':'account','object_id':1}", PROBLEM_DUPLICATE, "/name");
	CHECK_REFUSED(&desk, "tag.create", "{'name':'VIP','object_type':'account','object_id':9}", PROBLEM_NOT_FOUND, "/object_id");
	desk_do(&desk, "invoice.charge", "{'account_id':1,'amount':'7','description':'toys'}");
	CHECK_REFUSED(&desk, "tag.create", "{'name':'VIP','object_type':'invoice','object_id':2396}", PROBLEM_INVALID_COMBINATION,
	              "/object_type");
	CHECK_REFUSED(&desk, "tag_definition.delete", "{'name':'VIP'}", PROBLEM_IN_USE, "/name");
	desk_do(&desk, "tag.delete", "{'id':1}");
	desk_do(&desk, "tag_definition.delete", "{'id':100}");
	CHECK_REFUSED(&desk, "tag.delete", "{'id':1}", PROBLEM_NOT_FOUND, "/id");
	desk_close(&desk);
}

TEST(tags_that_are_unknown_or_of_the_system_are_told_by_name)
{
	struct desk desk;
	shop_open(&desk);
	const struct problem *problem = desk_refused(&desk, "tag.create", "{'name':'AUTO_PAY_OF','object_type':'account','object_id':1}");
	CHECK_EQ_C(problem->message, "there is no tag 'AUTO_PAY_OF' (did you mean 'AUTO_PAY_OFF'?)");
	CHECK_REFUSED(&desk, "tag_definition.delete", "{'name':'TEST'}", PROBLEM_WRONG_STATE, "/name");
	CHECK_REFUSED(&desk, "tag_definition.delete", "{'id':1}", PROBLEM_WRONG_STATE, "/id");
	CHECK_REFUSED(&desk, "tag_definition.create", "{'name':'Test'}", PROBLEM_DUPLICATE, "/name");
	CHECK_REFUSED(&desk, "tag_definition.create", "{'name':'a b'}", PROBLEM_INVALID_VALUE, "/name");
	CHECK_REFUSED(&desk, "tag_definition.create", "{'name':'ab','object_types':'acount'}", PROBLEM_UNKNOWN_CHOICE, "/object_types");
	CHECK_REFUSED(&desk, "tag.delete", "{'name':'TEST'}", PROBLEM_INVALID_COMBINATION, "/id");
	desk_close(&desk);
}

static bool definitions_body(struct command *command, void *context)
{
	const struct page_query page = { .after_id = 8, .limit = 2 };
	return tag_definition_page(command, page, context);
}

TEST(definitions_of_the_system_come_before_those_of_the_tenant)
{
	struct desk desk;
	struct tag_definition_list list = { 0 };
	shop_open(&desk);
	desk_do(&desk, "tag_definition.create", "{'name':'VIP'}");
	desk_read(&desk, definitions_body, &list);
	CHECK_EQ_INT(list.count, 2);
	CHECK_EQ_TEXT(list.items[0].name, "AUTO_INVOICING_REUSE_DRAFT");
	CHECK_EQ_TEXT(uuid_text(&desk.arena, list.items[0].uuid), "00000000-0000-0000-0000-000000000009");
	CHECK_EQ_TEXT(list.items[1].name, "VIP");
	desk_close(&desk);
}

TEST(what_a_rule_rejects_leaves_neither_tag_nor_switch)
{
	struct desk desk;
	shop_open(&desk);
	shop_deploy(&desk, "rule 'no' { pre = 'tag.create', run = function (tag, ctx)\n"
	                   "  if tag.name == 'AUTO_PAY_OFF' then ctx:reject('pays', 'Everybody pays.') end end }\n"
	                   "rule 'upper' { pre = { 'custom_field.create', 'custom_field.update' }, run = function (field, ctx)\n"
	                   "  field.value = field.value:upper() end }\n");
	CHECK_REFUSED(&desk, "tag.create", "{'name':'AUTO_PAY_OFF','object_type':'account','object_id':1}", PROBLEM_REJECTED, "");
	CHECK_EQ_TEXT(SHOW(&desk, &account_record, "pay_automatically"), "");
	CHECK_EQ_TEXT(tags(&desk), "");
	desk_do(&desk, "custom_field.create", "{'name':'region','value':'eu','object_type':'account','object_id':1}");
	CHECK_EQ_TEXT(SHOW(&desk, &custom_field_record, "value"), "EU");
	desk_close(&desk);
}

/* ---- custom fields ---- */

TEST(a_custom_field_stands_on_an_object_once)
{
	struct desk desk;
	shop_open(&desk);
	desk_do(&desk, "custom_field.create", "{'name':'region','value':'eu','object_type':'account','object_id':1}");
	const struct problem *problem = desk_refused(&desk, "custom_field.create",
	                                             "{'name':'region','value':'us','object_type':'account','object_id':1}");
	CHECK_EQ_INT(problem->code, PROBLEM_DUPLICATE);
	CHECK_EQ_C(problem->remedy, "Change its value: PATCH /v1/custom_fields/1.");
	desk_do(&desk, "custom_field.update", "{'id':1,'value':'us'}");
	CHECK_EQ_TEXT(SHOW(&desk, &custom_field_record, "value"), "us");
	desk_do(&desk, "custom_field.delete", "{'name':'region','object_type':'account','object_id':1}");
	CHECK_EQ_TEXT(desk_events(&desk), "pre custom_field.create, post custom_field.create, pre custom_field.update, "
	                                  "post custom_field.update, pre custom_field.delete, post custom_field.delete");
	CHECK_REFUSED(&desk, "custom_field.delete", "{'name':'region','object_type':'account','object_id':1}", PROBLEM_NOT_FOUND, "/name");
	CHECK_REFUSED(&desk, "custom_field.delete", "{'id':1}", PROBLEM_NOT_FOUND, "/id");
	CHECK_REFUSED(&desk, "custom_field.create", "{'name':'x','value':'y','object_type':'payment','object_id':4}", PROBLEM_NOT_FOUND,
	              "/object_id");
	desk_close(&desk);
}

/* ---- configuration ---- */

TEST(a_key_is_set_again_in_place_and_its_value_is_not_told)
{
	struct desk desk;
	shop_open(&desk);
	const struct tenant_config *config = desk_do(&desk, "tenant_config.set", "{'key':'PLUGIN_CONFIG_x','value':'secret1'}");
	CHECK_EQ_INT(config->id, 1);
	config = desk_do(&desk, "tenant_config.set", "{'key':'PLUGIN_CONFIG_x','value':'secret2'}");
	CHECK_EQ_INT(config->id, 1);
	CHECK_EQ_TEXT(config->value, "secret2");
	const struct journal *row = told(&desk, "tenant_config.change");
	CHECK_EQ_TEXT(row->object_type, "TENANT_KVS");
	CHECK_EQ_INT(row->object_id, 1);
	CHECK(strstr(text_c(&desk.arena, row->payload), "secret") == NULL);
	desk_do(&desk, "tenant_config.delete", "{'key':'PLUGIN_CONFIG_x'}");
	CHECK_EQ_INT(told(&desk, "tenant_config.delete")->object_id, 0);
	CHECK_REFUSED(&desk, "tenant_config.delete", "{'key':'PLUGIN_CONFIG_x'}", PROBLEM_NOT_FOUND, "/key");
	CHECK_REFUSED(&desk, "tenant_config.delete", "{}", PROBLEM_INVALID_COMBINATION, "/id");
	desk_close(&desk);
}

TEST(what_is_kept_of_a_rule_does_not_tell_the_value_that_it_saw)
{
	struct desk desk;
	shop_open(&desk);
	shop_deploy(&desk, "rule 'look' { pre = 'tenant_config.change', run = function (config)\n"
	                   "  if #config.value > 3 then config.value = config.value .. '!' end\nend }");
	const struct tenant_config *config = desk_do(&desk, "tenant_config.set", "{'key':'PLUGIN_CONFIG_x','value':'secret1'}");
	CHECK_EQ_TEXT(config->value, "secret1!");
	CHECK_EQ_TEXT(SHOW(&desk, &rule_run_record, "reads", "writes"),
	              "{\"subject.value\":\"(not kept)\"} {\"subject.value\":\"(not kept)\"}");
	desk_close(&desk);
}

static bool configs_body(struct command *command, void *context)
{
	return tenant_config_page(command, 0, 100, context);
}

/* "1 region eu; ..." */
static struct text configs(struct desk *desk)
{
	struct tenant_config_list list = { 0 };
	struct text_builder out;
	desk_read(desk, configs_body, &list);
	builder_init(&out, &desk->arena, 0);
	for (size_t i = 0; i < list.count; i++)
		builder_format(&out, "%s%lld %.*s %.*s", i ? "; " : "", (long long)list.items[i].id, TEXT_ARG(list.items[i].key),
		               TEXT_ARG(list.items[i].value));
	return builder_text(&out);
}

TEST(a_key_of_the_configuration_has_as_many_values_as_were_added_and_goes_with_all_of_them)
{
	struct desk desk;
	shop_open(&desk);
	desk_do(&desk, "tenant_config.add", "{'key':'CATALOG','value':'v1'}");
	desk_do(&desk, "tenant_config.add", "{'key':'CATALOG','value':'v2'}");
	desk_do(&desk, "tenant_config.add", "{'key':'region','value':'eu'}");
	CHECK_EQ_TEXT(configs(&desk), "1 CATALOG v1; 2 CATALOG v2; 3 region eu");
	desk_do(&desk, "tenant_config.delete", "{'id':2}");
	desk_do(&desk, "tenant_config.add", "{'key':'CATALOG','value':'v3'}");
	desk_do(&desk, "tenant_config.set", "{'key':'CATALOG','value':'v4'}");
	CHECK_EQ_TEXT(configs(&desk), "1 CATALOG v4; 3 region eu");
	desk_do(&desk, "tenant_config.add", "{'key':'CATALOG','value':'v5'}");
	desk.event_count = 0;
	desk_do(&desk, "tenant_config.delete", "{'key':'CATALOG'}");
	CHECK_EQ_TEXT(desk_events(&desk), "pre tenant_config.delete, post tenant_config.delete");
	CHECK_EQ_TEXT(configs(&desk), "3 region eu");
	desk_do(&desk, "tenant_config.add", "{'key':'PUSH_NOTIFICATION_CB','value':'https://hooks.example/a'}");
	desk_do(&desk, "tenant_config.add", "{'key':'PUSH_NOTIFICATION_CB','value':'https://hooks.example/b'}");
	CHECK_EQ_TEXT(SHOW(&desk, &webhook_endpoint_record, "url"), "https://hooks.example/b");
	desk_close(&desk);
}

TEST(the_callback_is_its_endpoint)
{
	struct desk desk;
	shop_open(&desk);
	const struct tenant_config *config = desk_do(&desk, "push.register", "{'url':'https://hooks.example/a'}");
	int64_t endpoint_id = config->endpoint_id;
	config = desk_do(&desk, "tenant_config.set", "{'key':'PUSH_NOTIFICATION_CB','value':'https://hooks.example/b'}");
	CHECK_EQ_INT(config->endpoint_id, endpoint_id);
	CHECK_EQ_TEXT(SHOW(&desk, &webhook_endpoint_record, "url", "profile"), "https://hooks.example/b killbill");
	CHECK_REFUSED(&desk, "tenant_config.set", "{'key':'PUSH_NOTIFICATION_CB','value':'ftp://x'}", PROBLEM_INVALID_VALUE, "/value");
	desk_do(&desk, "webhook_endpoint.delete", "{'id':1}");
	CHECK_EQ_TEXT(SHOW(&desk, &tenant_config_record, "key"), "");
	CHECK_EQ_INT(told(&desk, "tenant_config.delete")->object_id, 0);
	desk_do(&desk, "push.register", "{'url':'https://hooks.example/c'}");
	desk_do(&desk, "tenant_config.delete", "{'key':'PUSH_NOTIFICATION_CB'}");
	CHECK_EQ_TEXT(SHOW(&desk, &webhook_endpoint_record, "url"), "");
	CHECK_REFUSED(&desk, "push.unregister", "{}", PROBLEM_NOT_FOUND, "/cb");
	desk_close(&desk);
}

TEST(a_broadcast_is_its_event)
{
	struct desk desk;
	shop_open(&desk);
	desk_do(&desk, "node.broadcast", "{'service':'plugins','command':'START_PLUGIN','payload':{'name':'x'}}");
	const struct journal *row = told(&desk, "node.broadcast");
	CHECK_EQ_TEXT(row->payload,
	              "{\"broadcast\":{\"service\":\"plugins\",\"command\":\"START_PLUGIN\",\"payload\":{\"name\":\"x\"}}}");
	desk_close(&desk);
}

/* ---- blocking states ---- */

TEST(a_pause_may_be_rejected_and_says_of_what_kind_it_is)
{
	struct desk desk;
	shop_open(&desk);
	shop_deploy(&desk, "rule 'no' { pre = 'bundle.pause', run = function (state, ctx)\n"
	                   "  if state.level == 'bundle' then ctx:reject('busy', 'Not now.') end end }\n");
	desk_do(&desk, "catalog.add_plan", "{'code':'van','product':'van','amount':'60','billing_period':'monthly'}");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'van'}");
	CHECK_REFUSED(&desk, "subscription_bundle.pause", "{'id':1}", PROBLEM_REJECTED, "");
	desk_do(&desk, "blocking_state.set", "{'account_id':1,'service':'entitlement','state':'paused','block_billing':true}");
	CHECK_EQ_TEXT(told(&desk, "bundle.pause")->object_type, "ACCOUNT");
	desk_close(&desk);
}

CHECK_MAIN
