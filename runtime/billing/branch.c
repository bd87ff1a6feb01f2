/* branch.c: copies of a tenant, and what makes a copy a branch. */
#include "branch.h"

#include "api_key.h"
#include "base/log.h"
#include "event/engine.h"
#include "event/secret_seal.h"
#include "setting_follow.h"
#include "task.h"
#include "store/tenant_copy.h"
#include "value/timezone.h"

#include <string.h>
#include <unistd.h>

enum { WITHDRAWN_AT_ONCE = 1000 };

/* ---- which there are ---- */

bool branch_page(struct command *command, int64_t after_id, int64_t limit, struct tenant_list *branches)
{
	return store_all(command->store, STATEMENT_TENANT_BRANCHES,
	                 BINDS(bind_id(command->tenant->id), bind_integer(after_id), bind_integer(limit)), &tenant_record,
	                 LIST(branches));
}

bool branch_find(struct command *command, int64_t id, struct tenant **branch)
{
	if (!tenant_find(command->store, id, branch))
		return false;
	if (*branch && (*branch)->branch_of_id != command->tenant->id)
		*branch = NULL;
	return true;
}

/* ---- told in the audit of the tenant, before its rows are read ---- */

struct copy_begun {
	struct text name;       /* of a branch: as asked for, then the one it gets; none: an export */
	bool branches;
	struct instant now;
};

static bool name_is_free(struct command *command, struct text name, bool *free)
{
	struct tenant *other;
	bool good = tenant_by_name(command->store, name, &other);
	*free = good && !other;
	return good;
}

/* "acme-branch", "acme-branch-2", ... */
static bool name_find(struct command *command, struct text *name)
{
	const size_t most = (size_t)tenant_record.fields[TENANT_FIELD_NAME].max - sizeof "-branch-9999";
	struct text front = text_front(command->tenant->name, most);
	bool free = false;
	for (int i = 1; !free; i++) {
		*name = i == 1 ? text_format(command->arena, "%.*s-branch", TEXT_ARG(front))
		               : text_format(command->arena, "%.*s-branch-%d", TEXT_ARG(front), i);
		if (!name_is_free(command, *name, &free))
			return false;
	}
	return true;
}

static bool branch_check(struct command *command, struct copy_begun *begun)
{
	struct tenant_list branches = { 0 };
	if (!branch_page(command, 0, BRANCHES_MAX, &branches))
		return false;
	if (branches.count >= BRANCHES_MAX)
		return problem_value(command->problems, PROBLEM_TOO_MANY, "", command->tenant->name, "Drop one that is not needed.",
		                     "tenant %.*s has %d branches, which is the most", TEXT_ARG(command->tenant->name), BRANCHES_MAX);
	return text_present(begun->name) ? tenant_name_check(command, begun->name) : name_find(command, &begun->name);
}

static bool begin_perform(struct command *command, const void *input, void **output)
{
	struct copy_begun *begun = (struct copy_begun *)(uintptr_t)input;
	(void)output;
	begun->now = command->now;
	command_object(command, "tenant", command->tenant->id, 0);
	return !begun->branches || branch_check(command, begun);
}

static const struct command_type branch_type = {
	.name = "tenant.branch", .scope = "admin", .without_rules = true, .perform = begin_perform,
	.doc = "Begins a copy of the tenant in the same store.",
};
static const struct command_type export_type = {
	.name = "tenant.export", .scope = "admin", .without_rules = true, .perform = begin_perform,
	.doc = "Begins a copy of the tenant in a file.",
};

static bool rehearse_perform(struct command *command, const void *input, void **output)
{
	const struct branch_make *asked = input;
	struct copy_begun begun = { .name = asked->name, .branches = true };
	return begin_perform(command, &begun, output);
}

const struct command_type branch_rehearsal = {
	.name = "tenant.branch", .scope = "admin", .without_rules = true, .perform = rehearse_perform,
	.doc = "Whether a branch could be made.",
};

static bool copy_begin(struct engine *engine, int64_t tenant_id, const struct branch_order *order, struct copy_begun *begun,
                       struct arena *arena, struct problems *problems)
{
	struct command_request request = {
		.tenant_id = tenant_id, .type = begun->branches ? &branch_type : &export_type, .input = begun,
		.origin = order->origin, .arena = arena, .problems = problems,
	};
	return command_run(engine, &request);
}

/* ---- a copy becomes a tenant ---- */

struct adoption {
	const struct tenant *original; /* as the file has it */
	int64_t id;                    /* of the rows */
	int64_t branch_of_id;          /* 0: the original is not of this store */
	struct text name;
	bool takes_over;
	struct instant now;            /* the original's when it was copied */
};

static struct tenant *tenant_of(struct arena *arena, const struct adoption *adoption)
{
	struct tenant *tenant = arena_new(arena, struct tenant);
	*tenant = *adoption->original;
	tenant->id = adoption->id;
	tenant->uuid = uuid_time_ordered();
	tenant->name = adoption->name;
	if (adoption->takes_over)
		return tenant;
	tenant->mode = TENANT_MODE_TEST;
	tenant->clock = adoption->now;
	tenant->branch_of = adoption->original->name;
	tenant->branch_of_id = adoption->branch_of_id;
	tenant->branched_at = adoption->now;
	return tenant;
}

static bool adopt_perform(struct command *command, const void *input, void **output)
{
	const struct adoption *adoption = input;
	const int64_t from_id = adoption->original->id;
	struct api_key *key;
	struct text whole;
	if (!tenant_name_check(command, adoption->name))
		return false;
	struct tenant *tenant = tenant_of(command->arena, adoption);
	if (!store_insert(command->store, &tenant_record, tenant) ||
	    !store_execute(command->store, STATEMENT_PARTIAL_TENANT_END, BINDS(bind_id(tenant->id)), NULL))
		return false;

	/* From here on the rows are the new tenant's own. */
	store_set_tenant(command->store, tenant->id);
	command->tenant = tenant;
	command->now = tenant->mode == TENANT_MODE_TEST ? tenant->clock : command->now;
	if (!settings_moved(command, from_id) || !tasks_moved(command, from_id) || !webhook_secrets_move(command, from_id, !adoption->takes_over) ||
	    !api_key_add(command, TEXT("first"), API_SCOPE_ALL, tenant_is_test(tenant), &key, &whole))
		return false;
	command_object(command, "tenant", tenant->id, 0);
	*output = tenant_created_of(command->arena, tenant, whole);
	return true;
}

static const struct command_type adopt_type = {
	.name = "tenant.import", .scope = "admin", .global = true, .without_rules = true, .output = &tenant_created_record,
	.perform = adopt_perform, .doc = "Makes a tenant of rows that were copied.",
};

/* ---- nothing that waits in a branch is sent ---- */

struct silence {
	struct instant now;
	int64_t withdrawn;
};

static bool silence_body(struct store_transaction *transaction, void *context)
{
	struct silence *silence = context;
	return store_execute(transaction, STATEMENT_DELIVERY_WITHDRAW_OF_BRANCH,
	                     BINDS(bind_instant(silence->now), bind_integer(WITHDRAWN_AT_ONCE)), &silence->withdrawn);
}

static bool silence(struct store *store, const struct adoption *adoption, struct problems *problems)
{
	struct silence silence = { adoption->now, WITHDRAWN_AT_ONCE };
	bool good = true;
	while (good && silence.withdrawn == WITHDRAWN_AT_ONCE) {
		struct store_job job = { .tenant_id = adoption->id, .held_most_us = INT64_MAX, .body = silence_body, .context = &silence,
			                 .arena = problems->arena, .problems = problems };
		good = store_run(store, &job) == STORE_COMMITTED;
	}
	return good;
}

/* ---- out of a file ---- */

struct copying {
	struct engine *engine;
	const struct import_order *order;
	struct store *from;
	struct tenant_list tenants; /* of the file */
	struct adoption adoption;
	struct arena *arena;
	struct problems *problems;
};

static bool tenants_read(struct store_transaction *transaction, void *context)
{
	return tenant_list(transaction, context);
}

static bool last_at_read(struct store_transaction *transaction, void *context)
{
	bool found;
	return store_integer(transaction, STATEMENT_AUDIT_LAST_AT, NO_BINDS, &((struct instant *)context)->us, &found);
}

/* The only one; in a store in memory the one with this id. */
static bool original_find(struct copying *copying, int64_t id)
{
	const struct tenant_list *tenants = &copying->tenants;
	for (size_t i = 0; i < tenants->count; i++)
		if (tenants->count == 1 || tenants->items[i].id == id)
			copying->adoption.original = &tenants->items[i];
	return copying->adoption.original != NULL;
}

/* The file tells when it was made: the last row of its audit is the export's. */
static bool original_read(struct copying *copying, int64_t id)
{
	const char *path = copying->order->path;
	if (!store_read(copying->from, 0, copying->arena, copying->problems, tenants_read, &copying->tenants))
		return false;
	if (!original_find(copying, id))
		return problem_value(copying->problems, PROBLEM_INVALID_VALUE, "", text_of(path),
		                     "Name a file that moonbill tenant export has made.", "%s has %zu tenants: it is not the file of one", path,
		                     copying->tenants.count);
	const struct tenant *original = copying->adoption.original;
	struct instant *now = &copying->adoption.now;
	if (now->us == 0 && original->mode == TENANT_MODE_TEST)
		*now = original->clock;
	return now->us || store_read(copying->from, original->id, copying->arena, copying->problems, last_at_read, now);
}

static bool adopt(struct copying *copying, struct tenant_created **tenant)
{
	struct command_request request = {
		.type = &adopt_type, .input = &copying->adoption, .origin = copying->order->origin, .arena = copying->arena,
		.problems = copying->problems,
	};
	bool good = command_run(copying->engine, &request);
	*tenant = request.output;
	return good;
}

/* What was copied goes unless it becomes a tenant. */
static bool rows_become_tenant(struct copying *copying, struct tenant_created **tenant)
{
	struct store *store = engine_store(copying->engine);
	struct store_import import;
	if (!store_import(store, copying->from, copying->adoption.original->id, copying->order->asker, &import, copying->problems))
		return false;
	copying->adoption.id = import.tenant_id;
	if ((copying->adoption.takes_over || silence(store, &copying->adoption, copying->problems)) && adopt(copying, tenant))
		return true;
	store_import_abandon(store, import.tenant_id);
	return false;
}

static struct store *file_open(const struct copying *copying)
{
	const struct store_options options = { .read_only = true, .readers = 1, .read_limit_ms = -1 };
	return store_open(text_of(copying->order->path), &options, copying->problems);
}

/* ---- tenant_import ---- */

static bool name_taken(struct store_transaction *transaction, void *context)
{
	struct copying *copying = context;
	struct tenant *other;
	struct text name = copying->adoption.name;
	if (!tenant_by_name(transaction, name, &other))
		return false;
	return !other || problem_value(copying->problems, PROBLEM_DUPLICATE, "/name", name, "Give another name.",
	                               "there is a tenant named '%.*s' already", TEXT_ARG(name));
}

/* What would be refused after all rows is refused before them. */
static bool import_check(struct copying *copying)
{
	const struct tenant *original = copying->adoption.original;
	if (!text_present(copying->adoption.name))
		copying->adoption.name = original->name;
	if (copying->adoption.takes_over && tenant_is_branch(original))
		return problem_value(copying->problems, PROBLEM_WRONG_STATE, "", original->name, "Import it as a branch.",
		                     "%.*s is a branch of %.*s: it cannot take over", TEXT_ARG(original->name),
		                     TEXT_ARG(original->branch_of));
	return store_read(engine_store(copying->engine), 0, copying->arena, copying->problems, name_taken, copying);
}

bool tenant_import(struct engine *engine, const struct import_order *order, struct arena *arena, struct problems *problems,
                   struct tenant_created **tenant)
{
	struct copying copying = { .engine = engine, .order = order, .arena = arena, .problems = problems,
		                   .adoption = { .name = order->name, .takes_over = order->takes_over } };
	copying.from = file_open(&copying);
	if (!copying.from)
		return false;
	bool good = store_is_sound(copying.from, problems) && store_has_our_tables(copying.from, problems) &&
	            original_read(&copying, 0) && import_check(&copying) && rows_become_tenant(&copying, tenant);
	store_close(copying.from);
	if (good)
		engine_wake(engine);
	return good;
}

/* ---- tenant_export ---- */

bool tenant_export(struct engine *engine, int64_t tenant_id, const char *path, const struct branch_order *order,
                   struct arena *arena, struct problems *problems, struct store_backup *made)
{
	struct copy_begun begun = { .branches = false };
	return copy_begin(engine, tenant_id, order, &begun, arena, problems) &&
	       store_export(engine_store(engine), tenant_id, path, STORE_EXPORT_TO_KEEP, order->asker, made, problems);
}

/* ---- branch_make ---- */

static bool branch_copy(struct copying *copying, int64_t tenant_id, struct tenant_created **branch)
{
	bool within = store_is_in_memory(engine_store(copying->engine));
	copying->from = within ? engine_store(copying->engine) : file_open(copying);
	if (!copying->from)
		return false;
	bool good = original_read(copying, tenant_id) && rows_become_tenant(copying, branch);
	if (!within)
		store_close(copying->from);
	return good;
}

static bool clock_read(struct command *command, void *context)
{
	*(struct instant *)context = command->now;
	return true;
}

/* The branch is there whatever becomes of its clock, and its key is shown this once: it tells where the clock stands. */
static void branch_go(struct engine *engine, struct instant at, struct tenant_created *branch, struct arena *arena)
{
	struct problems ignored;
	problems_init(&ignored, arena);
	if (at.us && at.us != branch->clock.us && !engine_advance_clock(engine, branch->id, at, &ignored))
		log_write(LOG_INFO, "branch.clock", "tenant=%lld: %s", (long long)branch->id,
		          ignored.first ? ignored.first->message : "the clock did not come to its end");
	command_read(engine, branch->id, arena, &ignored, clock_read, &branch->clock);
}

bool branch_make(struct engine *engine, int64_t tenant_id, const struct branch_order *order, struct arena *arena,
                 struct problems *problems, struct tenant_created **branch)
{
	struct store *store = engine_store(engine);
	struct copy_begun begun = { .name = order->name, .branches = true };
	struct store_backup made;
	if (!copy_begin(engine, tenant_id, order, &begun, arena, problems))
		return false;
	const struct import_order import = { .path = store_export_path(store, arena), .origin = order->origin, .asker = order->asker };
	if (!store_is_in_memory(store) &&
	    !store_export(store, tenant_id, import.path, STORE_EXPORT_TO_READ, order->asker, &made, problems))
		return false;
	struct copying copying = { .engine = engine, .order = &import, .arena = arena, .problems = problems,
		                   .adoption = { .branch_of_id = tenant_id, .name = begun.name, .now = begun.now } };
	bool good = branch_copy(&copying, tenant_id, branch);
	if (!store_is_in_memory(store))
		unlink(import.path);
	if (good)
		branch_go(engine, order->at, *branch, arena);
	return good;
}

/* ---- branch.drop ---- */

/* Its own keys may drop it, too. */
static bool drop_find(struct command *command, int64_t id, struct tenant **branch)
{
	if (id == command->tenant->id ? !tenant_find(command->store, id, branch) : !branch_find(command, id, branch))
		return false;
	if (!*branch)
		return problem_value(command->problems, PROBLEM_NOT_FOUND, "/id", text_from_int64(command->arena, id),
		                     "Look which there are: GET /v1/branches.", "the tenant has no branch %lld", (long long)id);
	return tenant_is_branch(*branch) ||
	       problem_value(command->problems, PROBLEM_WRONG_STATE, "/id", (*branch)->name, "Drop branches only.",
	                     "tenant %.*s is no branch", TEXT_ARG((*branch)->name));
}

static bool branch_drop_perform(struct command *command, const void *data, void **output)
{
	const struct branch_drop *input = data;
	struct tenant *branch;
	(void)output;
	if (!drop_find(command, input->id, &branch))
		return false;
	command_object(command, "tenant", branch->id, 0);
	command_ends_access(command);
	store_sweep(command->store);
	return store_execute(command->store, STATEMENT_API_KEYS_REMOVE, BINDS(bind_id(branch->id)), NULL) &&
	       store_execute(command->store, STATEMENT_TENANT_REMOVE, BINDS(bind_id(branch->id)), NULL) &&
	       store_execute(command->store, STATEMENT_PARTIAL_TENANT_GOES, BINDS(bind_id(branch->id)), NULL);
}

const struct command_type branch_commands[] = {
	{ .name = "branch.drop", .scope = "admin", .without_rules = true, .input = &branch_drop_record,
	  .perform = branch_drop_perform, .doc = "Removes a branch of the tenant with all its rows." },
	{ .name = NULL },
};
