/* command_context.c: what a command or a read is told about its tenant: clock, zone, settings, bundle. */
#include "engine_state.h"

struct instant tenant_now(const struct tenant *tenant)
{
	return tenant->mode == TENANT_MODE_TEST ? tenant->clock : clock_wall();
}

static const struct timezone_rules *zone_or_utc(struct text name)
{
	const struct timezone_rules *zone = text_present(name) ? timezone_find(name) : NULL;
	return zone ? zone : timezone_utc();
}

/* Global commands begin without a tenant. */
static bool context_without_tenant(struct command *command)
{
	command->now = clock_wall();
	command->zone = timezone_utc();
	command->today = timezone_date(command->zone, command->now);
	return settings_in_force(command->arena, command->problems, TEXT_NONE, TEXT_NONE, &command->settings,
	                         &command->settings_text);
}

/* The problems of a load say what is wrong in the bundle; this, what to do. */
static void bundle_remedy(struct problems *problems)
{
	for (struct problem *problem = problems->first; problem; problem = problem->next)
		if (problem->code == PROBLEM_RULE_LOAD || problem->code == PROBLEM_UNKNOWN_EVENT)
			problem->remedy = "The active bundle does not load: deploy one that does.";
}

static bool context_bundle(struct command *command, enum bundle_need need, struct text *settings)
{
	struct bundle_cache *bundles = command->engine->bundles;
	struct text digest = command->tenant->bundle;
	*settings = TEXT_NONE;
	if (!text_present(digest))
		return true;
	if (need == BUNDLE_UNUSED)
		return bundle_cache_settings(bundles, command->store, digest, settings);
	struct problems found;
	problems_init(&found, command->arena);
	command->bundle = bundle_cache_take(bundles, command->store, digest, &found, settings);
	if (command->bundle)
		return true;
	if (need == BUNDLE_WISHED && !store_failed(command->store))
		return true;
	bundle_remedy(&found);
	problems_copy(command->problems, &found);
	return false;
}

bool command_lacks_bundle(const struct command *command)
{
	return command->tenant && text_present(command->tenant->bundle) && !command->bundle;
}

struct instant command_bundle_wait(struct instant now)
{
	return (struct instant){ now.us + 600 * US_PER_S };
}

bool command_context(struct command *command, int64_t tenant_id, enum bundle_need need)
{
	if (tenant_id == 0)
		return context_without_tenant(command);
	if (!store_find(command->store, &tenant_record, tenant_id, (void **)&command->tenant))
		return false;
	if (!command->tenant)
		return record_missing(&tenant_record, tenant_id, command->problems, "");
	command->now = tenant_now(command->tenant);
	command->zone = zone_or_utc(command->tenant->time_zone);
	command->today = timezone_date(command->zone, command->now);
	struct text settings;
	return context_bundle(command, need, &settings) &&
	       settings_in_force(command->arena, command->problems, settings, command->tenant->settings,
	                         &command->settings, &command->settings_text);
}

const struct timezone_rules *command_zone(const struct command *command, const struct account *account)
{
	const struct timezone_rules *zone =
	        account && text_present(account->time_zone) ? timezone_find(account->time_zone) : NULL;
	return zone ? zone : command->zone;
}

struct date command_today(const struct command *command, const struct account *account)
{
	return timezone_date(command_zone(command, account), command->now);
}

/* ---- reads ---- */

struct read_run {
	struct engine *engine;
	int64_t tenant_id;
	bool (*body)(struct command *command, void *context);
	void *context;
};

static bool read_body(struct store_transaction *transaction, void *context)
{
	const struct read_run *run = context;
	struct command command = {
		.engine = run->engine,
		.store = transaction,
		.arena = store_arena(transaction),
		.problems = store_problems(transaction),
	};
	long failures_before = memory_failures();
	bool good = command_context(&command, run->tenant_id, BUNDLE_UNUSED) && run->body(&command, run->context);
	/* What was taken for absent may be there: see command_body. */
	return memory_failures() == failures_before ? good : problem_out_of_memory(command.problems, "something was read");
}

bool command_view(const struct command *command, struct command *view)
{
	*view = (struct command){
		.engine = command->engine,
		.store = command->store,
		.arena = command->arena,
		.problems = command->problems,
	};
	return command_context(view, store_tenant(command->store), BUNDLE_UNUSED);
}

bool command_of_transaction(struct engine *engine, struct store_transaction *transaction, struct command *command)
{
	*command = (struct command){
		.engine = engine,
		.store = transaction,
		.arena = store_arena(transaction),
		.problems = store_problems(transaction),
	};
	return command_context(command, store_tenant(transaction), BUNDLE_UNUSED);
}

bool command_read(struct engine *engine, int64_t tenant_id, struct arena *arena, struct problems *problems,
                  bool (*body)(struct command *command, void *context), void *context)
{
	struct read_run run = { .engine = engine, .tenant_id = tenant_id, .body = body, .context = context };
	return store_read(engine->store, tenant_id, arena, problems, read_body, &run);
}
