/* operation.c: what a subcommand asks of a store: commands, lists, clocks, copies. */
#include "operation.h"

#include "billing/api_key.h"
#include "billing/branch.h"
#include "billing/bundle_history.h"
#include "billing/explain.h"
#include "billing/task.h"
#include "billing/tenant.h"
#include "http/application.h"
#include "store/tenant_copy.h"
#include "value/json.h"

#include <assert.h>
#include <string.h>

struct operation {
	struct engine *engine;
	const struct store_backup_asker *asker;
	const struct json *request;
	struct arena *arena;
	struct problems *problems;
	int64_t tenant_id;
	struct text_builder *out; /* the output's JSON */
	struct text refused;      /* a problem document that was made elsewhere; none: of problems */
};

/* ---- which tenant ---- */

static bool tenant_only(struct store_transaction *transaction, struct tenant **tenant)
{
	struct tenant_list tenants = { 0 };
	if (!tenant_list(transaction, &tenants))
		return false;
	if (tenants.count == 0)
		return problem_value(store_problems(transaction), PROBLEM_NOT_FOUND, "", TEXT_NONE,
		                     "Make one with: moonbill tenant create NAME", "there is no tenant yet");
	if (tenants.count > 1)
		return problem_value(store_problems(transaction), PROBLEM_MISSING_FIELD, "", TEXT_NONE, "Add --tenant NAME.",
		                     "there are %zu tenants: name one", tenants.count);
	*tenant = tenants.items;
	return true;
}

static bool tenant_body(struct store_transaction *transaction, void *context)
{
	struct operation *operation = context;
	struct text name = json_text(json_member(operation->request, "tenant"));
	struct tenant *tenant = NULL;
	if (!text_present(name) ? !tenant_only(transaction, &tenant) : !tenant_by_name(transaction, name, &tenant))
		return false;
	if (!tenant)
		return problem_value(operation->problems, PROBLEM_NOT_FOUND, "", name, "List them with: moonbill tenant list",
		                     "there is no tenant '%.*s'", TEXT_ARG(name));
	operation->tenant_id = tenant->id;
	return true;
}

static bool tenant_by_api_key(struct operation *operation, struct text key)
{
	struct api_key_cache *cache = api_key_cache_new(operation->engine);
	struct api_key_identity identity;
	bool found = cache && api_key_verify(cache, key, &identity);
	api_key_cache_free(cache);
	if (!found)
		return problem(operation->problems, PROBLEM_UNAUTHORIZED, "", "the API key opens no tenant of this store");
	operation->tenant_id = identity.tenant_id;
	return true;
}

static bool tenant_choose(struct operation *operation)
{
	struct text key = json_text(json_member(operation->request, "key"));
	if (text_present(key))
		return tenant_by_api_key(operation, key);
	return store_read(engine_store(operation->engine), 0, operation->arena, operation->problems, tenant_body, operation);
}

/* ---- commands ---- */

static void output_encode(struct command *command, struct command_request *request)
{
	if (!command || !request->type->output || !request->output)
		return;
	*(struct text *)request->context = json_record_text(request->arena, request->type->output, request->output);
}

static bool command_answer(struct operation *operation, struct text name)
{
	const struct command_type *type = engine_command(operation->engine, name);
	if (!type)
		return problem_value(operation->problems, PROBLEM_UNKNOWN_COMMAND, "", name, NULL, "there is no command '%.*s'",
		                     TEXT_ARG(name));
	void *input = arena_alloc(operation->arena, type->input->size);
	const struct json *given = json_member(operation->request, "input"), *dry = json_member(operation->request, "dry_run");
	static const struct json empty = { .type = JSON_OBJECT };
	struct text output = TEXT("{}");
	if (!json_decode(given ? given : &empty, type->input, input, "", operation->arena, operation->problems) ||
	    (!type->global && !tenant_choose(operation)))
		return false;
	struct command_request request = {
		.tenant_id = operation->tenant_id,
		.type = type,
		.input = input,
		.origin = { .actor = TEXT("operator") },
		.dry_run = dry && dry->type == JSON_TRUE,
		.arena = operation->arena,
		.problems = operation->problems,
		.encode = output_encode,
		.context = &output,
	};
	if (!command_run(operation->engine, &request))
		return operation->problems->first != NULL
		               ? false
		               : problem(operation->problems, PROBLEM_STORE_FAILED, "", "the store did not take the command");
	if (request.dry_run) {
		struct dry_run shown = command_dry_run(&request, output);
		output = json_record_text(operation->arena, &dry_run_record, &shown);
	}
	builder_add(operation->out, output);
	return true;
}

/* ---- what the HTTP API tells ---- */

static bool get_answer(struct operation *operation, struct text path)
{
	if (!tenant_choose(operation))
		return false;
	struct http_application *application = http_application_new(operation->engine, 0);
	if (!application)
		return problem(operation->problems, PROBLEM_OUT_OF_MEMORY, "", "the API needs more memory than there is");
	struct http_request request = { .arena = operation->arena, .method = TEXT("GET"), .target = path,
		                        .operator_tenant_id = operation->tenant_id };
	struct http_reply reply;
	http_handle_wait(application, &request, &reply);
	http_application_free(application);
	bool json = text_starts(reply.content_type, "application/json");
	if (reply.status >= 400) {
		operation->refused = reply.body;
		return false;
	}
	if (!json)
		return problem_value(operation->problems, PROBLEM_UNSUPPORTED_MEDIA, "", path, "Get it over HTTP.",
		                     "what is there is no JSON");
	builder_add(operation->out, reply.body);
	return true;
}

/* ---- lists ---- */

static void item_write(struct operation *operation, const struct record *record, const void *value)
{
	if (operation->out->data[operation->out->length - 1] != '[')
		builder_byte(operation->out, ',');
	builder_add(operation->out, json_record_text(operation->arena, record, value));
}

static bool tenants_body(struct store_transaction *transaction, void *context)
{
	struct tenant_list tenants = { 0 };
	if (!tenant_list(transaction, &tenants))
		return false;
	for (size_t i = 0; i < tenants.count; i++)
		item_write(context, &tenant_record, &tenants.items[i]);
	return true;
}

/* Of all tenants, those of "tenant" alone where it is named. */
static bool branches_body(struct store_transaction *transaction, void *context)
{
	struct operation *operation = context;
	struct text of = json_text(json_member(operation->request, "tenant"));
	struct tenant_list tenants = { 0 };
	if (!tenant_list(transaction, &tenants))
		return false;
	for (size_t i = 0; i < tenants.count; i++)
		if (tenant_is_branch(&tenants.items[i]) && (!text_present(of) || text_equals(of, tenants.items[i].branch_of)))
			item_write(operation, &tenant_record, &tenants.items[i]);
	return true;
}

/* Lists of a tenant that are told whole, in the order of their ids. */
#define LISTING_PAGE(noun)                                                                                        \
	static bool noun##_rows(struct command *command, struct page_query page, struct record_list *rows)           \
	{                                                                                                            \
		return noun##_page(command, page, (struct noun##_list *)(void *)rows);                              \
	}
LISTING_PAGE(api_key)
LISTING_PAGE(bundle)
LISTING_PAGE(bundle_activation)
LISTING_PAGE(scheduled_task)

static const struct listing {
	const char *what;
	const struct record *record;
	bool (*rows)(struct command *command, struct page_query page, struct record_list *rows);
} listings[] = {
	{ "keys", &api_key_record, api_key_rows },
	{ "bundles", &bundle_record, bundle_rows },
	{ "bundle_activations", &bundle_activation_record, bundle_activation_rows },
	{ "tasks", &scheduled_task_record, scheduled_task_rows },
	{ NULL, NULL, NULL },
};

static const struct listing *listing_find(struct text what)
{
	const struct listing *listing = listings;
	while (listing->what && !text_is(what, listing->what))
		listing++;
	return listing->what ? listing : NULL;
}

static int64_t id_of_row(const struct record *record, const void *row)
{
	int64_t id;
	memcpy(&id, record_field_const_at(&record->fields[record_field_find(record, TEXT("id"))], row), sizeof id);
	return id;
}

static bool listing_body(struct command *command, void *context)
{
	struct operation *operation = context;
	const struct listing *listing = listing_find(json_text(json_member(operation->request, "list")));
	assert(listing); /* asked for only when it was found */
	const struct record *record = listing->record;
	struct page_query page = { .limit = PAGE_LIMIT_MAX };
	for (;;) {
		struct record_list rows = { 0 };
		if (!listing->rows(command, page, &rows))
			return false;
		const char *row = rows.items;
		for (size_t i = 0; i < rows.count; i++, row += record->size)
			item_write(operation, record, row);
		if (rows.count < PAGE_LIMIT_MAX)
			return true;
		page.after_id = id_of_row(record, row - record->size);
	}
}

/* A whole number of the request; `otherwise` when it is absent or none. */
static int64_t integer_member(const struct operation *operation, const char *name, int64_t otherwise)
{
	const struct json *member = json_member(operation->request, name);
	int64_t value;
	return member && member->type == JSON_NUMBER && text_to_int64(member->text, &value) ? value : otherwise;
}

/* A name with a typo must not look like a command that nobody ran. Commands of our own (steps of a clock, jobs) are in no
 * list, but in rows. */
static bool audit_filter_is_known(struct operation *operation, size_t found, int64_t after)
{
	const struct json *of = json_member(operation->request, "of");
	struct text name = json_text(of);
	return !of || found || after || engine_command(operation->engine, name) ||
	       problem_value(operation->problems, PROBLEM_UNKNOWN_COMMAND, "", name, NULL, "there is no command '%.*s'%s",
	                     TEXT_ARG(name), text_did_you_mean(operation->arena, name, engine_command_candidate, operation->engine));
}

static bool audit_body(struct command *command, void *context)
{
	struct operation *operation = context;
	struct { struct audit *items; size_t count, capacity; } rows = { 0 };
	const struct json *of = json_member(operation->request, "of");
	int64_t after = integer_member(operation, "after", 0);
	if (!store_all(command->store, STATEMENT_AUDIT_PAGE,
	               BINDS(bind_integer(after), of ? bind_text(json_text(of)) : bind_null(),
	                     bind_null(), bind_integer(integer_member(operation, "limit", PAGE_LIMIT_MAX))),
	               &audit_record, LIST(&rows)) ||
	    !audit_filter_is_known(operation, rows.count, after))
		return false;
	for (size_t i = 0; i < rows.count; i++)
		item_write(operation, &audit_record, &rows.items[i]);
	return true;
}

/* Without "after" the last ones. */
static bool events_body(struct command *command, void *context)
{
	struct operation *operation = context;
	struct { struct journal *items; size_t count, capacity; } rows = { 0 };
	int64_t last = 0, limit = integer_member(operation, "limit", PAGE_LIMIT_MAX);
	if (!store_integer(command->store, STATEMENT_JOURNAL_LAST, NO_BINDS, &last, NULL) ||
	    !store_all(command->store, STATEMENT_JOURNAL_PAGE,
	               BINDS(bind_integer(integer_member(operation, "after", last - limit)), bind_null(), bind_null(),
	                     bind_integer(limit)),
	               &journal_record, LIST(&rows)))
		return false;
	for (size_t i = 0; i < rows.count; i++)
		item_write(operation, &journal_record, &rows.items[i]);
	return true;
}

static const char *word_candidate(const void *field, size_t i)
{
	return ((const struct record_field *)field)->words[i + 1];
}

/* A status with a typo must not look like one that nothing has. */
static bool status_check(struct operation *operation, const struct record *record, int number, struct text status)
{
	const struct record_field *field = &record->fields[number];
	struct text_builder words;
	builder_init(&words, operation->arena, 0);
	for (size_t i = 0; word_candidate(field, i); i++) {
		if (text_is(status, word_candidate(field, i)))
			return true;
		builder_format(&words, "%s%s", i ? ", " : "Use one of: ", word_candidate(field, i));
	}
	builder_byte(&words, '.');
	return problem_value(operation->problems, PROBLEM_UNKNOWN_CHOICE, "", status, builder_text(&words).data,
	                     "a %s is never '%.*s'%s", record->name, TEXT_ARG(status),
	                     text_did_you_mean(operation->arena, status, word_candidate, field));
}

/* What is due, sent or dead, of one status where that was asked for. */
static bool page_body(struct operation *operation, struct command *command, enum statement page, const struct record *record, int status_field)
{
	struct record_list rows = { 0 };
	struct text status = json_text(json_member(operation->request, "of"));
	if (text_present(status) && !status_check(operation, record, status_field, status))
		return false;
	if (!store_all(command->store, page,
	               BINDS(bind_integer(integer_member(operation, "after", 0)), bind_text(status), bind_null(),
	                     bind_integer(integer_member(operation, "limit", PAGE_LIMIT_MAX))),
	               record, &rows))
		return false;
	for (size_t i = 0; i < rows.count; i++)
		item_write(operation, record, (const char *)rows.items + i * record->size);
	return true;
}

static bool deliveries_body(struct command *command, void *context)
{
	return page_body(context, command, STATEMENT_DELIVERY_PAGE, &delivery_record, DELIVERY_FIELD_STATUS);
}

static bool causes_body(struct command *command, void *context)
{
	return page_body(context, command, STATEMENT_CAUSE_PAGE, &cause_record, CAUSE_FIELD_STATUS);
}

static bool jobs_body(struct command *command, void *context)
{
	return page_body(context, command, STATEMENT_JOB_PAGE, &job_record, JOB_FIELD_STATUS);
}

/* Of a tenant: from a row on, or else a whole listing. */
static const struct {
	const char *name;
	bool (*body)(struct command *command, void *context);
} lists[] = {
	{ "audit", audit_body }, { "events", events_body }, { "deliveries", deliveries_body }, { "jobs", jobs_body },
	{ "causes", causes_body },
};

static bool list_of_tenant(struct operation *operation, struct text what)
{
	bool (*body)(struct command *command, void *context) = listing_find(what) ? listing_body : NULL;
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
		if (text_is(what, lists[i].name))
			body = lists[i].body;
	if (!body)
		return problem(operation->problems, PROBLEM_BAD_REQUEST, "", "there is no list of '%.*s'", TEXT_ARG(what));
	return tenant_choose(operation) &&
	       command_read(operation->engine, operation->tenant_id, operation->arena, operation->problems, body, operation);
}

static bool list_answer(struct operation *operation, struct text what)
{
	bool good;
	builder_c(operation->out, "{\"items\":[");
	if (text_is(what, "tenants"))
		good = store_read(engine_store(operation->engine), 0, operation->arena, operation->problems, tenants_body, operation);
	else if (text_is(what, "branches"))
		good = store_read(engine_store(operation->engine), 0, operation->arena, operation->problems, branches_body, operation);
	else
		good = list_of_tenant(operation, what);
	builder_c(operation->out, "]}");
	return good;
}

/* ---- clocks ---- */

static bool clock_body(struct command *command, void *context)
{
	struct operation *operation = context;
	struct json_writer writer;
	json_writer_init(&writer, operation->out);
	json_begin_object(&writer);
	json_name(&writer, "tenant");
	json_string(&writer, command->tenant->name);
	json_name(&writer, "mode");
	json_c(&writer, tenant_is_test(command->tenant) ? "test" : "live");
	json_name(&writer, "now");
	json_string(&writer, instant_text(operation->arena, command->now));
	json_end_object(&writer);
	return true;
}

static bool clock_answer(struct operation *operation, const struct json *value)
{
	struct instant until;
	if (value->type != JSON_NULL && !instant_parse(json_text(value), &until))
		return problem_value(operation->problems, PROBLEM_BAD_INSTANT, "", json_text(value), NULL, "'%.*s' %s",
		                     TEXT_ARG(json_text(value)), instant_refusal(json_text(value)));
	if (!tenant_choose(operation))
		return false;
	if (value->type != JSON_NULL &&
	    !engine_advance_clock(operation->engine, operation->tenant_id, until, operation->problems))
		return false;
	return command_read(operation->engine, operation->tenant_id, operation->arena, operation->problems, clock_body,
	                    operation);
}

/* ---- explanations ---- */

/* "credit:7" */
static bool names_credit(struct text name, int64_t *id)
{
	return text_starts(name, "credit:") && text_to_int64(text_slice(name, 7, name.length), id);
}

static bool explain_named_credit(struct command *command, struct operation *operation, struct text name)
{
	struct credit_explanation *explanation = NULL;
	int64_t id;
	if (!(names_credit(name, &id) ? explain_credit(command, id, &explanation)
	                              : explain_credit_note_called(command, name, &explanation)))
		return false;
	if (!explanation)
		return problem_value(operation->problems, PROBLEM_NOT_FOUND, "", name,
		                     "Give an invoice's number, or its id, a credit note's number, or credit: and the id of a credit.",
		                     "there is no invoice, credit note or credit '%.*s'", TEXT_ARG(name));
	builder_add(operation->out, json_record_text(operation->arena, &credit_explanation_record, explanation));
	return true;
}

static bool explain_body(struct command *command, void *context)
{
	struct operation *operation = context;
	struct text name = json_text(json_member(operation->request, "explain"));
	struct explanation *explanation;
	if (!explain_invoice_called(command, name, integer_member(operation, "line", EXPLAIN_ALL), &explanation))
		return false;
	if (!explanation)
		return explain_named_credit(command, operation, name);
	builder_add(operation->out, json_record_text(operation->arena, &explanation_record, explanation));
	return true;
}

static bool explain_answer(struct operation *operation)
{
	return tenant_choose(operation) && command_read(operation->engine, operation->tenant_id, operation->arena,
	                                                operation->problems, explain_body, operation);
}

/* ---- copies ---- */

static bool backup_answer(struct operation *operation, struct text path)
{
	struct store_backup backup;
	if (path.length == 0 || path.data[0] != '/')
		return problem_value(operation->problems, PROBLEM_INVALID_VALUE, "", path, "Give a path that begins with '/'.",
		                     "a backup needs the whole path of its file");
	if (!store_backup(engine_store(operation->engine), text_c(operation->arena, path), operation->asker, &backup,
	                  operation->problems))
		return false;
	builder_format(operation->out, "{\"bytes\":%lld,\"took_us\":%lld}", (long long)backup.bytes, (long long)backup.took_us);
	return true;
}

/* The owner's working directory is not that of who asks. */
static bool path_check(struct operation *operation, struct text path)
{
	return (path.length > 0 && path.data[0] == '/') ||
	       problem_value(operation->problems, PROBLEM_INVALID_VALUE, "", path, "Give a path that begins with '/'.",
	                     "the whole path of the file is needed");
}

static struct branch_order branch_order_of(const struct operation *operation)
{
	return (struct branch_order){ .origin = { .actor = TEXT("operator") }, .asker = operation->asker };
}

static bool tenant_answer(struct operation *operation, const struct tenant_created *tenant)
{
	builder_add(operation->out, json_record_text(operation->arena, &tenant_created_record, tenant));
	return true;
}

static bool export_answer(struct operation *operation, const struct json *value)
{
	const struct branch_order order = branch_order_of(operation);
	struct store_backup made;
	if (!path_check(operation, json_text(value)) || !tenant_choose(operation) ||
	    !tenant_export(operation->engine, operation->tenant_id, text_c(operation->arena, json_text(value)), &order,
	                   operation->arena, operation->problems, &made))
		return false;
	builder_format(operation->out, "{\"bytes\":%lld,\"took_us\":%lld}", (long long)made.bytes, (long long)made.took_us);
	return true;
}

static bool import_answer(struct operation *operation, const struct json *value)
{
	const struct json *take_over = json_member(operation->request, "take_over");
	const struct import_order order = {
		.path = text_c(operation->arena, json_text(value)),
		.name = json_text(json_member(operation->request, "name")),
		.takes_over = take_over && take_over->type == JSON_TRUE,
		.origin = { .actor = TEXT("operator") },
		.asker = operation->asker,
	};
	struct tenant_created *tenant = NULL;
	return path_check(operation, json_text(value)) &&
	       tenant_import(operation->engine, &order, operation->arena, operation->problems, &tenant) &&
	       tenant_answer(operation, tenant);
}

static bool branch_answer(struct operation *operation, const struct json *value)
{
	struct branch_order order = branch_order_of(operation);
	struct tenant_created *branch = NULL;
	order.name = json_text(value);
	return tenant_choose(operation) &&
	       branch_make(operation->engine, operation->tenant_id, &order, operation->arena, operation->problems, &branch) &&
	       tenant_answer(operation, branch);
}

struct dropping {
	struct operation *operation;
	struct branch_drop input;
};

/* It is the original that is told of it, where that is here. */
static bool branch_named(struct store_transaction *transaction, void *context)
{
	struct dropping *dropping = context;
	struct operation *operation = dropping->operation;
	struct text name = json_text(json_member(operation->request, "drop"));
	struct tenant *branch, *original = NULL;
	if (!tenant_by_name(transaction, name, &branch))
		return false;
	if (!branch)
		return problem_value(operation->problems, PROBLEM_NOT_FOUND, "", name, "List them with: moonbill branch list",
		                     "there is no branch '%.*s'", TEXT_ARG(name));
	if (branch->branch_of_id && !tenant_find(transaction, branch->branch_of_id, &original))
		return false;
	dropping->input.id = branch->id;
	operation->tenant_id = original ? original->id : branch->id;
	return true;
}

/* Its rows go between the writer's batches; this waits until they have. */
static bool drop_answer(struct operation *operation, const struct json *value)
{
	struct store *store = engine_store(operation->engine);
	struct dropping dropping = { .operation = operation };
	if (!store_read(store, 0, operation->arena, operation->problems, branch_named, &dropping))
		return false;
	struct command_request request = {
		.tenant_id = operation->tenant_id, .type = engine_command(operation->engine, TEXT("branch.drop")), .input = &dropping.input,
		.origin = { .actor = TEXT("operator") }, .arena = operation->arena, .problems = operation->problems,
	};
	if (!command_run(operation->engine, &request) ||
	    !store_sweep_wait(store, dropping.input.id, operation->asker, operation->problems))
		return false;
	struct json_writer writer;
	json_writer_init(&writer, operation->out);
	json_begin_object(&writer);
	json_name(&writer, "dropped");
	json_string(&writer, json_text(value));
	json_end_object(&writer);
	return true;
}

static const struct {
	const char *name;
	bool (*answer)(struct operation *operation, const struct json *value);
} copies[] = {
	{ "export", export_answer }, { "import", import_answer }, { "branch", branch_answer }, { "drop", drop_answer },
};

static bool answer(struct operation *operation, struct text request)
{
	operation->request = json_parse(request, operation->arena, operation->problems);
	if (!operation->request)
		return false;
	const struct json *command = json_member(operation->request, "command");
	const struct json *get = json_member(operation->request, "get");
	const struct json *list = json_member(operation->request, "list");
	const struct json *clock = json_member(operation->request, "clock");
	const struct json *backup = json_member(operation->request, "backup");
	if (command)
		return command_answer(operation, json_text(command));
	if (get)
		return get_answer(operation, json_text(get));
	if (list)
		return list_answer(operation, json_text(list));
	if (clock)
		return clock_answer(operation, clock);
	if (backup)
		return backup_answer(operation, json_text(backup));
	for (size_t i = 0; i < sizeof copies / sizeof copies[0]; i++) {
		const struct json *value = json_member(operation->request, copies[i].name);
		if (value)
			return copies[i].answer(operation, value);
	}
	if (json_member(operation->request, "explain"))
		return explain_answer(operation);
	return problem(operation->problems, PROBLEM_BAD_REQUEST, "",
	               "a request has one of command, get, list, clock, backup, export, import, branch, drop, explain");
}

/* Said without memory: what the arena holds by then cannot be trusted. */
static const char out_of_memory_line[] =
        "{\"problems\":{\"type\":\"urn:moonbill:problem:out_of_memory\",\"title\":\"Memory ran out\",\"status\":503,"
        "\"errors\":[{\"pointer\":\"\",\"code\":\"out_of_memory\",\"message\":\"memory ran out; whether it was done is unknown\","
        "\"remedy\":\"Look whether it was done, then try again or send less at once.\"}]}}";

struct text operation_answer(struct engine *engine, struct text request, const struct store_backup_asker *asker,
                             struct arena *arena)
{
	struct problems problems;
	struct text_builder out, whole;
	problems_init(&problems, arena);
	builder_init(&out, arena, 0);
	builder_init(&whole, arena, 0);
	struct operation operation = {
		.engine = engine, .asker = asker, .arena = arena, .problems = &problems, .out = &out,
	};
	bool good = answer(&operation, request);
	builder_c(&whole, good ? "{\"output\":" : "{\"problems\":");
	builder_add(&whole, good                                ? builder_text(&out)
	                    : text_present(operation.refused) ? operation.refused
	                                                      : json_problems_text(arena, &problems));
	builder_c(&whole, "}");
	return arena_exhausted(arena) || whole.failed ? text_of(out_of_memory_line) : builder_text(&whole);
}
