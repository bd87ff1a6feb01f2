/* tenant.c: a company that bills its customers, and its settings. */
#include "tenant.h"
#include "name.h"

#include "api_key.h"
#include "setting_follow.h"
#include "tenant_setting.h"
#include "value/timezone.h"

bool tenant_find(struct store_transaction *transaction, int64_t id, struct tenant **tenant)
{
	return store_one(transaction, STATEMENT_TENANT_FIND, BINDS(bind_id(id)), &tenant_record, (void **)tenant);
}

bool tenant_by_name(struct store_transaction *transaction, struct text name, struct tenant **tenant)
{
	return store_one(transaction, STATEMENT_TENANT_BY_NAME, BINDS(bind_text(name)), &tenant_record, (void **)tenant);
}

bool tenant_list(struct store_transaction *transaction, struct tenant_list *tenants)
{
	return store_all(transaction, STATEMENT_TENANT_LIST, NO_BINDS, &tenant_record, LIST(tenants));
}

bool tenant_is_test(const struct tenant *tenant)
{
	return tenant->mode == TENANT_MODE_TEST;
}

/* ---- tenant.create ---- */

bool tenant_name_check(struct command *command, struct text name)
{
	if (!name_is_one_line(name, command->problems))
		return false;
	if (text_trim(name).length != name.length || name.length == 0)
		return problem_value(command->problems, PROBLEM_BAD_TEXT, "/name", name, "Give a name without blanks around it.",
		                     "a tenant's name is not empty and has no blanks around it");
	struct tenant *other;
	if (!tenant_by_name(command->store, name, &other))
		return false;
	if (other)
		return problem_value(command->problems, PROBLEM_DUPLICATE, "/name", name, NULL,
		                     "there is a tenant named '%.*s' already", TEXT_ARG(name));
	return true;
}

static bool settings_check(struct command *command, struct text text, const struct json **settings)
{
	*settings = NULL;
	if (!text_present(text))
		return true;
	*settings = json_parse(text, command->arena, command->problems);
	return *settings && tenant_setting_check(*settings, "/settings", command->problems);
}

static bool create_check(struct command *command, const struct tenant_create *input, const struct json **settings)
{
	struct problems *problems = command->problems;
	if (!tenant_name_check(command, input->name) || !settings_check(command, input->settings, settings))
		return false;
	if (!input->test && (input->at.us || text_present(input->demo)))
		return problem(problems, PROBLEM_INVALID_COMBINATION, input->at.us ? "/at" : "/demo",
		               "only a test tenant has a clock of its own or demo data");
	if (text_present(input->time_zone) && !timezone_find(input->time_zone))
		return problem_value(problems, PROBLEM_BAD_TIMEZONE, "/time_zone", input->time_zone, NULL,
		                     "time zone '%.*s' is unknown", TEXT_ARG(input->time_zone));
	return tenant_setting_check_policies(*settings, NULL, "/settings", problems);
}

static struct tenant *tenant_make(struct command *command, const struct tenant_create *input,
                                  const struct json *settings)
{
	struct tenant *tenant = arena_new(command->arena, struct tenant);
	tenant->uuid = uuid_time_ordered();
	tenant->name = input->name;
	tenant->mode = input->test ? TENANT_MODE_TEST : TENANT_MODE_LIVE;
	tenant->demo = input->demo;
	if (input->test)
		tenant->clock = input->at.us ? input->at : command->now;
	tenant->time_zone = text_present(input->time_zone) ? input->time_zone : TEXT("UTC");
	tenant->currency = input->currency ? input->currency : currency_find(TEXT("USD"));
	if (settings)
		tenant->settings = settings_merge(command->arena, NULL, settings);
	tenant->created_at = input->test ? tenant->clock : command->now;
	return tenant;
}

struct tenant_created *tenant_created_of(struct arena *arena, const struct tenant *tenant, struct text api_key)
{
	struct tenant_created *created = arena_new(arena, struct tenant_created);
	created->id = tenant->id;
	created->uuid = tenant->uuid;
	created->name = tenant->name;
	created->mode = tenant->mode == TENANT_MODE_TEST ? TENANT_CREATED_MODE_TEST : TENANT_CREATED_MODE_LIVE;
	created->demo = tenant->demo;
	created->clock = tenant->clock;
	created->time_zone = tenant->time_zone;
	created->currency = tenant->currency;
	created->api_key = api_key;
	created->branch_of = tenant->branch_of;
	created->branched_at = tenant->branched_at;
	created->created_at = tenant->created_at;
	return created;
}

static bool tenant_create_perform(struct command *command, const void *data, void **output)
{
	const struct tenant_create *input = data;
	const struct json *settings;
	if (!create_check(command, input, &settings))
		return false;
	struct tenant *tenant = tenant_make(command, input, settings);
	tenant->id = store_new_id(command->store, "tenant");
	if (!store_insert(command->store, &tenant_record, tenant))
		return false;

	/* From here on the rows are the new tenant's own. */
	store_set_tenant(command->store, tenant->id);
	command->tenant = tenant;
	command->now = tenant->created_at;
	struct api_key *key;
	struct text whole;
	if (!api_key_add(command, TEXT("first"), API_SCOPE_ALL, input->test, &key, &whole) ||
	    !settings_begin(command, settings))
		return false;
	command_object(command, "tenant", tenant->id, 0);
	*output = tenant_created_of(command->arena, tenant, whole);
	return true;
}

/* ---- tenant.configure ---- */

static bool tenant_configure_perform(struct command *command, const void *data, void **output)
{
	const struct tenant_configure *input = data;
	const struct json *over, *before = NULL;
	if (!settings_check(command, input->settings, &over) ||
	    !tenant_setting_check_policies(over, command->bundle, "/settings", command->problems))
		return false;
	struct tenant *tenant;
	if (!tenant_find(command->store, command->tenant->id, &tenant))
		return false;
	if (text_present(tenant->settings) && !(before = json_parse(tenant->settings, command->arena, command->problems)))
		return false;
	tenant->settings = settings_merge(command->arena, input->replace ? NULL : before, over);
	if (tenant->settings.length > (size_t)tenant_record.fields[TENANT_FIELD_SETTINGS].max)
		return problem(command->problems, PROBLEM_TOO_LONG, "/settings", "the settings have %zu bytes together, at most %lld fit",
		               tenant->settings.length, (long long)tenant_record.fields[TENANT_FIELD_SETTINGS].max);
	command_object(command, "tenant", tenant->id, 0);
	*output = tenant;
	return store_update(command->store, &tenant_record, tenant) && settings_follow(command, input->replace ? before : NULL, over);
}

const struct command_type tenant_commands[] = {
	{ .name = "tenant.create", .scope = "admin", .input = &tenant_create_record, .output = &tenant_created_record,
	  .global = true, .perform = tenant_create_perform, .doc = "Makes a tenant and its first API key." },
	{ .name = "tenant.configure", .scope = "admin", .input = &tenant_configure_record, .output = &tenant_record,
	  .without_rules = true,
	  .perform = tenant_configure_perform, .doc = "Changes or replaces the tenant's settings." },
	{ .name = NULL },
};
