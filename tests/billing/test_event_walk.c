/* test_event_walk.c: every event of the catalogue, driven from its table: what a rejection leaves, what may be assigned, which
 * names are heard. */
#include "shop.h"

#include <sqlite3.h>
#include <unistd.h>

/* ---- the walk: commands of a new shop that raise every event which is raised by a command ---- */

#define PHASE(amount) \
	"'phases':[{'kind':'evergreen','duration_unit':'unlimited','billing_period':'monthly'," \
	"'recurring':[{'currency':'USD','amount':'" amount "'}]}]"
static const char catalog[] =
        "{'versions':[{'effective_at':'2000-01-01T00:00:00Z','name':'v','products':[{'name':'car','category':'standalone'}],"
        "'plans':[{'code':'gold','product':'car','billing_mode':'in_advance'," PHASE("10") "},"
        "{'code':'silver','product':'car','billing_mode':'in_advance'," PHASE("20") "}]}]}";

static const struct step {
	const char *command, *input;
} steps[] = {
	{ "tag_definition.create", "{'name':'VIP'}" },
	{ "account.create", "{'name':'Eva','email':'eva@example.test'}" },
	{ "account.update", "{'id':1,'email':'john@example.test','notes':'n'}" },
	{ "account.address_update", "{'id':1,'kind':'main','address':{'city':'Bath'}}" },
	{ "customer.create", "{'name':'Ann'}" },
	{ "customer.status", "{'id':367,'status':'suspended'}" },
	{ "order.place", "{'status':'draft','new_customer':{'name':'Bob'},'lines':[{'plan':'HOST','quantity':'1'}]}" },
	{ "order.process", "{'id':381,'create_invoice':true}" },
	{ "order.place", "{'account_id':1,'end_date':'2011-10-06','create_invoice':true,'lines':[{'plan':'HOST','quantity':'1'}]}" },
	{ "order.quote", "{'account_id':1,'plan':'H1'}" },
	{ "invoice.send", "{'id':2397,'subject':'s','body':'b'}" },
	{ "invoice.send", "{'invoices':[{'id':2397}],'subject':'s','body':'b'}" },
	{ "credit_note.create", "{'invoice_id':2397,'reason':'other','items':[{'position':1,'amount':'1.00'}]}" },
	{ "credit_note.send", "{'id':1}" },
	{ "credit_note.void", "{'id':1}" },
	{ "payment.create", "{'account_id':1,'amount':'100.00','currency':'USD'," CARD "}" },
	{ "subscription.renew", "{'id':2,'create_invoice':false}" },
	{ "subscription.update", "{'id':2,'custom':{'a':1}}" },
	{ "subscription.status", "{'id':2,'status':'suspended'}" },
	{ "subscription.status", "{'id':2,'status':'active'}" },
	{ "order.change", "{'old_order_id':382,'order':{'lines':[{'plan':'HOST','quantity':'2'}]}}" },
	{ "order.place", "{'account_id':1,'plan':'H1','create_invoice':true,'lines':[{'price_code':'MNTHLY','quantity':'1'}]}" },
	{ "usage.record", "{'order_id':384,'price_code':'BANDWIDTH','quantity':'3'}" },
	{ "subscription.terminate", "{'id':4,'reason':'enough'}" },
	{ "invoice.cancel", "{'id':2398}" },
	{ "subscription.subscribe", "{'account_id':1,'plan':'gold'}" },
	{ "invoice.adjust", "{'id':2399,'position':1,'amount':'1.00'}" },
	{ "subscription.change_plan", "{'id':5,'plan':'silver','policy':'immediate'}" },
	{ "subscription_bundle.pause", "{'id':1}" },
	{ "subscription_bundle.resume", "{'id':1}" },
	{ "blocking_state.set", "{'account_id':1,'service':'fraud','state':'looked_at'}" },
	{ "component.create", "{'handle':'seats','name':'s','kind':'quantity','price':{'scheme':'per_unit','unit_price':'1'}}" },
	{ "component.create", "{'handle':'logs','name':'l','kind':'event','price':{'scheme':'per_unit','unit_price':'1'}}" },
	{ "price_point.create", "{'component_id':1,'handle':'dear','price':{'scheme':'per_unit','unit_price':'2'}}" },
	{ "allocation.create", "{'subscription_id':5,'allocations':[{'component':'seats','quantity':'3'}]}" },
	{ "subscription_component.reprice", "{'subscription_id':5,'components':[{'component':'seats','price_point':'dear'}]}" },
	{ "subscription_component.activate", "{'subscription_id':5,'component':'logs'}" },
	{ "subscription_component.deactivate", "{'subscription_id':5,'component':'logs'}" },
	{ "component.create", "{'handle':'calls','name':'c','kind':'metered','price':{'scheme':'per_unit','unit_price':'1'}}" },
	{ "component_usage.create", "{'subscription_id':5,'component':'calls','quantity':'3'}" },
	{ "commitment.create", "{'subscription_id':5,'amount':'5'}" },
	{ "progressive_billing.create", "{'subscription_id':5,'thresholds':[{'amount':'5000'}]}" },
	{ "progressive_billing.update", "{'id':1,'name':'So far'}" },
	{ "wallet.create", "{'account_id':1,'granted':'1'}" },
	{ "wallet.update", "{'id':1,'name':'Credits'}" },
	{ "wallet.terminate", "{'id':1}" },
	{ "subscription.cancel", "{'id':5,'effective_date':'2011-12-01'}" },
	{ "tag.create", "{'name':'VIP','object_type':'account','object_id':1}" },
	{ "tag.delete", "{'id':1}" },
	{ "custom_field.create", "{'name':'region','value':'eu','object_type':'account','object_id':1}" },
	{ "custom_field.update", "{'id':1,'value':'us'}" },
	{ "custom_field.delete", "{'id':1}" },
	{ "tenant_config.set", "{'key':'k','value':'v'}" },
	{ "tenant_config.delete", "{'key':'k'}" },
	{ "task.create", "{'name':'beat','period':'P1D','next_run_at':'2031-01-01T00:00:00Z'}" },
	{ "task.run", "{'name':'beat'}" },
	{ "order.place", "{'account_id':1,'end_date':'2011-10-06','lines':[{'plan':'TERM','quantity':'1'}]}" },
	{ "subscription.hold", "{'id':6}" },
	{ "termination_request.create", "{'account_id':1,'termination_date':'2012-01-01'}" },
	{ "account.terminate", "{'id':1}" },
};
enum { STEP_COUNT = sizeof steps / sizeof *steps };

struct walk {
	struct desk desk;
	char path[64];
};

static void walk_deploy(struct walk *walk, const char *rules)
{
	struct text all = text_format(&walk->desk.arena, "rule 'beat' { task = true, run = function (ctx) end }\n%s", rules);
	struct bundle_file files[] = { { TEXT("bundle.json"), TEXT("{\"name\":\"walk\"}") },
		                       { TEXT("catalog/catalog.json"), desk_json(&walk->desk, catalog) },
		                       { TEXT("rules/walk.lua"), all } };
	struct text archive = bundle_archive_text(&walk->desk.arena, files, 3);
	void *output;
	if (!desk_try_text(&walk->desk, "bundle.deploy", text_format(&walk->desk.arena, "{\"archive\":%.*s}", TEXT_ARG(archive)),
	                   &output)) {
		desk_show(&walk->desk);
		CHECK_FAIL("the bundle was refused");
	}
	walk->desk.event_count = 0;
}

static void walk_open(struct walk *walk, const char *rules)
{
	snprintf(walk->path, sizeof walk->path, "/tmp/moonbill-walk-XXXXXX");
	int file = mkstemp(walk->path);
	CHECK(file >= 0);
	close(file);
	unlink(walk->path);
	shop_open_at(&walk->desk, walk->path, "'billing':{'anniversary':true}", false);
	shop_furnish(&walk->desk);
	desk_do(&walk->desk, "plan.create",
	        "{'code':'HOST','charges':[{'price_code':'FEE','kind':'recurring','amount':'100.00','prorated':true}],"
	        "'provisioning':'after_payment','renewing':'after_payment'}");
	desk_do(&walk->desk, "plan.create",
	        "{'code':'TERM','charges':[{'price_code':'FEE','kind':'recurring','amount':'30.00','prorated':true}],'terms':{}}");
	walk_deploy(walk, rules);
}

static void walk_close(struct walk *walk)
{
	static const char *const ends[] = { "", "-wal", "-shm", ".lock", ".sock" };
	char path[80];
	desk_close(&walk->desk);
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		snprintf(path, sizeof path, "%s%s", walk->path, ends[i]);
		unlink(path);
	}
}

static bool step_do(struct walk *walk, const struct step *step)
{
	void *output = NULL;
	return desk_try_text(&walk->desk, step->command, desk_json(&walk->desk, step->input), &output);
}

static void step_must(struct walk *walk, const struct step *step)
{
	if (step_do(walk, step))
		return;
	desk_show(&walk->desk);
	CHECK_FAIL("%s was refused: %s", step->command, step->input);
}

static bool raised(const struct walk *walk, enum event event, enum event_side_kind side)
{
	char wanted[120];
	snprintf(wanted, sizeof wanted, "%s %s", event_side_name(side), event_info(event)->name);
	for (size_t i = 0; i < walk->desk.event_count; i++)
		if (strcmp(walk->desk.events[i], wanted) == 0)
			return true;
	return false;
}

/* All but those that wait for what is to come. */
static bool has_pre(int event)
{
	return event_side((enum event)event, EVENT_SIDE_PRE)->exists && !event_info((enum event)event)->waits;
}

/* The step that raises each of them first; STEP_COUNT: none does. */
static void find_steps(size_t first[EVENT_COUNT])
{
	struct walk walk = { 0 };
	walk_open(&walk, "");
	for (int event = 0; event < EVENT_COUNT; event++)
		first[event] = STEP_COUNT;
	for (size_t i = 0; i < STEP_COUNT; i++) {
		walk.desk.event_count = 0;
		step_must(&walk, &steps[i]);
		for (int event = EVENT_NONE + 1; event < EVENT_COUNT; event++)
			if (first[event] == STEP_COUNT && event_side((enum event)event, EVENT_SIDE_PRE)->exists &&
			    raised(&walk, (enum event)event, EVENT_SIDE_PRE))
				first[event] = i;
	}
	walk_close(&walk);
}

/* ---- what a rejection leaves ---- */

enum { TABLES_MAX = 120 };

/* What each table holds, but for what is there to tell of the rejection itself. */
struct snapshot {
	struct { const char *name; struct text rows; } tables[TABLES_MAX];
	size_t count;
};

static void rows_read(struct walk *walk, sqlite3 *handle, const char *table, struct text *rows)
{
	sqlite3_stmt *statement;
	struct text_builder out;
	bool counters = strcmp(table, "counter") == 0;
	const char *sql = text_format(&walk->desk.arena, "SELECT * FROM \"%s\"%s", table,
	                              counters ? " WHERE series NOT LIKE 'audit%'" : "").data;
	builder_init(&out, &walk->desk.arena, 0);
	CHECK_EQ_INT(sqlite3_prepare_v2(handle, sql, -1, &statement, NULL), SQLITE_OK);
	while (sqlite3_step(statement) == SQLITE_ROW) {
		for (int i = 0; i < sqlite3_column_count(statement); i++) {
			const unsigned char *value = sqlite3_column_text(statement, i);
			builder_format(&out, "%s|", value ? (const char *)value : "");
		}
		builder_byte(&out, '\n');
	}
	sqlite3_finalize(statement);
	*rows = builder_text(&out);
}

/* Ids have gaps: they are taken in blocks, and not given back. */
static const char table_names[] =
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'audit%' "
        "AND name NOT LIKE 'id_block%' AND name NOT LIKE 'idempotency%' ORDER BY name";

static void snapshot_take(struct walk *walk, struct snapshot *snapshot)
{
	sqlite3 *handle;
	sqlite3_stmt *statement;
	snapshot->count = 0;
	CHECK_EQ_INT(sqlite3_open(walk->path, &handle), SQLITE_OK);
	CHECK_EQ_INT(sqlite3_prepare_v2(handle, table_names, -1, &statement, NULL), SQLITE_OK);
	while (sqlite3_step(statement) == SQLITE_ROW) {
		CHECK(snapshot->count < TABLES_MAX);
		const char *name = text_c(&walk->desk.arena, text_of((const char *)sqlite3_column_text(statement, 0)));
		snapshot->tables[snapshot->count].name = name;
		rows_read(walk, handle, name, &snapshot->tables[snapshot->count++].rows);
	}
	sqlite3_finalize(statement);
	CHECK_EQ_INT(sqlite3_close(handle), SQLITE_OK);
}

/* Names of tables that hold something else by now, with blanks between them. */
static struct text snapshot_changed(struct walk *walk, const struct snapshot *before, const struct snapshot *after)
{
	struct text_builder out;
	builder_init(&out, &walk->desk.arena, 0);
	CHECK_EQ_INT(before->count, after->count);
	for (size_t i = 0; i < before->count; i++)
		if (!text_equals(before->tables[i].rows, after->tables[i].rows))
			builder_format(&out, "%s%s", out.length ? " " : "", before->tables[i].name);
	return builder_text(&out);
}

/* Where a rejection is not the end of the command: what is held back, or passed over, alone. */
static const struct {
	enum event event;
	const char *changed; /* tables */
} held_back[] = {
	{ EVENT_INVOICE_SEND, "" },
	{ EVENT_CREDIT_INVOICE_SEND, "" },
	{ EVENT_TASK_RUN, "task_run" },
};

static const char *held_back_changes(enum event event)
{
	for (size_t i = 0; i < sizeof held_back / sizeof *held_back; i++)
		if (held_back[i].event == event)
			return held_back[i].changed;
	return NULL;
}

static void check_rejection(struct walk *walk, enum event event, const struct step *step)
{
	struct snapshot before, after;
	const char *changes = held_back_changes(event);
	walk_deploy(walk, text_format(&walk->desk.arena,
	                              "rule 'no' { pre = '%s', run = function (s, ctx) ctx:reject('no', 'not today') end }",
	                              event_info(event)->name).data);
	snapshot_take(walk, &before);
	bool done = step_do(walk, step);
	snapshot_take(walk, &after);
	check_note("%s, by %s", event_info(event)->name, step->command);
	CHECK(done == (changes != NULL));
	if (!done)
		CHECK_EQ_C(problem_info(walk->desk.problems.first->code)->name, "rejected");
	CHECK_EQ_TEXT(snapshot_changed(walk, &before, &after), changes ? changes : "");
}

TEST(a_rejection_before_any_event_leaves_nothing_and_burns_no_number)
{
	struct walk walk = { 0 };
	size_t first[EVENT_COUNT], rejected = 0, wanted = 0;
	find_steps(first);
	walk_open(&walk, "");
	for (size_t i = 0; i < STEP_COUNT; i++) {
		for (int event = EVENT_NONE + 1; event < EVENT_COUNT; event++) {
			if (first[event] != i || !has_pre(event))
				continue;
			check_rejection(&walk, (enum event)event, &steps[i]);
			rejected++;
		}
		walk_deploy(&walk, "");
		step_must(&walk, &steps[i]);
	}
	for (int event = EVENT_NONE + 1; event < EVENT_COUNT; event++) {
		check_note("pre %s", event > EVENT_NONE ? event_info((enum event)event)->name : "");
		CHECK(!has_pre(event) || first[event] < STEP_COUNT);
		CHECK(!event_info((enum event)event)->waits || first[event] == STEP_COUNT);
		wanted += has_pre(event);
	}
	CHECK_EQ_INT(rejected, wanted);
	walk_close(&walk);
}

/* The control: what happens is seen. */
TEST(a_step_that_no_rule_rejects_is_seen_in_the_tables)
{
	struct walk walk = { 0 };
	struct snapshot before, after;
	walk_open(&walk, "");
	snapshot_take(&walk, &before);
	step_must(&walk, &steps[1]);
	snapshot_take(&walk, &after);
	CHECK_EQ_TEXT(snapshot_changed(&walk, &before, &after), "account counter journal");
	walk_close(&walk);
}

/* ---- what may be assigned ---- */

static bool lists_field(const struct event_side *side, const struct record *subject, const struct record_field *field)
{
	char whole[120], one[120];
	snprintf(whole, sizeof whole, "%s.*", subject->name);
	snprintf(one, sizeof one, "%s.%s", subject->name, field->name);
	for (size_t i = 0; side->writable && side->writable[i]; i++)
		if (strcmp(side->writable[i], one) == 0 || (strcmp(side->writable[i], whole) == 0 && field->flags & FIELD_RULE_WRITES))
			return true;
	return false;
}

/* "reason", or "addresses.*" */
static bool lists_detail(const struct event_side *side, const struct record *subject, const struct record_field *field)
{
	char whole[120];
	if (subject && strcmp(subject->name, field->name) == 0)
		return false;
	snprintf(whole, sizeof whole, "%s.*", field->name);
	for (size_t i = 0; side->writable && side->writable[i]; i++)
		if (strcmp(side->writable[i], field->name) == 0 || strcmp(side->writable[i], whole) == 0)
			return true;
	return false;
}

/* A rule that assigns each field its own value, and notes those that let it; *listed: those of the catalogue. */
static const char *probe_of(struct arena *arena, enum event event, struct text *listed)
{
	const struct event_side *side = event_side(event, EVENT_SIDE_PRE);
	const struct record *subject = event_info(event)->subject;
	struct text_builder rule, list;
	builder_init(&rule, arena, 0);
	builder_init(&list, arena, 0);
	builder_format(&rule,
	               "rule 'probe %s' { pre = '%s', run = function (s, ctx)\n"
	               "  local function probe(name, object, field)\n"
	               "    local ok, why = pcall(function () object[field] = object[field] end)\n"
	               "    if ok or not tostring(why):find('cannot be assigned', 1, true) then ctx:note(name) end\n"
	               "  end\n", event_info(event)->name, event_info(event)->name);
	for (size_t i = 0; subject && i < subject->field_count; i++) {
		const struct record_field *field = &subject->fields[i];
		if (field->flags & FIELD_HIDDEN)
			continue; /* no rule knows of it */
		builder_format(&rule, "  probe('%s.%s', s, '%s')\n", subject->name, field->name, field->name);
		if (lists_field(side, subject, field))
			builder_format(&list, "%s.%s\n", subject->name, field->name);
	}
	for (size_t i = 0; i < event_details_record.field_count; i++) {
		const struct record_field *field = &event_details_record.fields[i];
		builder_format(&rule, "  probe('%s', ctx.event, '%s')\n", field->name, field->name);
		if (lists_detail(side, subject, field))
			builder_format(&list, "%s\n", field->name);
	}
	builder_c(&rule, "end }");
	*listed = text_trim(builder_text(&list));
	return builder_text(&rule).data;
}

static struct text first_cell(struct walk *walk, const char *sql)
{
	sqlite3 *handle;
	sqlite3_stmt *statement;
	struct text cell = TEXT("");
	CHECK_EQ_INT(sqlite3_open(walk->path, &handle), SQLITE_OK);
	CHECK_EQ_INT(sqlite3_prepare_v2(handle, sql, -1, &statement, NULL), SQLITE_OK);
	if (sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_text(statement, 0))
		cell = text_of(text_c(&walk->desk.arena, text_of((const char *)sqlite3_column_text(statement, 0))));
	sqlite3_finalize(statement);
	CHECK_EQ_INT(sqlite3_close(handle), SQLITE_OK);
	return cell;
}

/* The rules for the events that this step raises first. */
static void walk_probe(struct walk *walk, const size_t *first, size_t step)
{
	struct text_builder rules;
	struct text listed;
	builder_init(&rules, &walk->desk.arena, 0);
	for (int event = EVENT_NONE + 1; event < EVENT_COUNT; event++)
		if (has_pre(event) && first[event] == step)
			builder_format(&rules, "%s\n", probe_of(&walk->desk.arena, (enum event)event, &listed));
	walk_deploy(walk, builder_text(&rules).data);
}

static void check_probe(struct walk *walk, enum event event)
{
	struct text listed;
	probe_of(&walk->desk.arena, event, &listed);
	const char *sql = text_format(&walk->desk.arena, "SELECT result FROM rule_run WHERE rule = 'probe %s' ORDER BY id LIMIT 1",
	                              event_info(event)->name).data;
	check_note("%s", event_info(event)->name);
	CHECK_EQ_TEXT(first_cell(walk, sql), text_c(&walk->desk.arena, listed));
}

TEST(a_rule_may_assign_just_what_the_catalogue_lists_before_each_event)
{
	struct walk walk = { 0 };
	size_t first[EVENT_COUNT];
	find_steps(first);
	walk_open(&walk, "");
	for (size_t i = 0; i < STEP_COUNT; i++) {
		walk_probe(&walk, first, i);
		step_must(&walk, &steps[i]);
		for (int event = EVENT_NONE + 1; event < EVENT_COUNT; event++)
			if (has_pre(event) && first[event] == i)
				check_probe(&walk, (enum event)event);
	}
	walk_close(&walk);
}

/* ---- which names are heard ---- */

/* A rule for each name of a side; alias NULL: the name of our own. */
static void add_listener(struct text_builder *rules, enum event event, enum event_side_kind side, const char *alias)
{
	const char *name = alias ? alias : event_info(event)->name;
	builder_format(rules, "rule '%s %s %s' { %s = '%s', run = function () end }\n", event_side_name(side),
	               event_info(event)->name, alias ? alias : "", event_side_name(side), name);
}

/* An alias that several events have is heard before or after each of them, one under a condition only sometimes: those are
 * told apart in test_dispatch.c. */
static bool is_plain(const struct event_alias *alias, enum event event)
{
	enum event_side_kind side;
	return !alias->condition && event_find(text_of(alias->name), &side) == event &&
	       event_find_next(text_of(alias->name), event, &side) == EVENT_NONE;
}

static const char *listeners(struct arena *arena)
{
	struct text_builder rules;
	builder_init(&rules, arena, 0);
	for (int event = EVENT_NONE + 1; event < EVENT_COUNT; event++) {
		for (enum event_side_kind kind = EVENT_SIDE_PRE; kind <= EVENT_SIDE_POST; kind++) {
			const struct event_side *side = event_side((enum event)event, kind);
			if (!side->exists)
				continue;
			add_listener(&rules, (enum event)event, kind, NULL);
			for (size_t i = 0; i < side->alias_count; i++)
				if (is_plain(&side->aliases[i], (enum event)event))
					add_listener(&rules, (enum event)event, kind, side->aliases[i].name);
		}
	}
	return builder_text(&rules).data;
}

static int64_t count_raised(const struct walk *walk, const char *side_and_name)
{
	int64_t count = 0;
	for (size_t i = 0; i < walk->desk.event_count; i++)
		count += strcmp(walk->desk.events[i], side_and_name) == 0;
	return count;
}

TEST(a_rule_is_run_once_for_each_event_whatever_name_of_it_it_has)
{
	struct walk walk = { 0 };
	size_t heard = 0;
	walk_open(&walk, "");
	walk_deploy(&walk, listeners(&walk.desk.arena));
	for (size_t i = 0; i < STEP_COUNT; i++)
		step_must(&walk, &steps[i]);
	CHECK(walk.desk.event_count < DESK_EVENTS_MAX);
	for (int event = EVENT_NONE + 1; event < EVENT_COUNT; event++) {
		for (enum event_side_kind kind = EVENT_SIDE_PRE; kind <= EVENT_SIDE_POST; kind++) {
			const struct event_side *side = event_side((enum event)event, kind);
			const char *name = text_format(&walk.desk.arena, "%s %s", event_side_name(kind), event_info((enum event)event)->name).data;
			int64_t count = side->exists ? count_raised(&walk, name) : 0;
			for (size_t i = 0; count && i <= side->alias_count; i++) {
				if (i < side->alias_count && !is_plain(&side->aliases[i], (enum event)event))
					continue;
				const char *alias = i < side->alias_count ? side->aliases[i].name : "";
				const char *sql = text_format(&walk.desk.arena, "SELECT count(*) FROM rule_run WHERE rule = '%s %s'", name, alias).data;
				check_note("%s %s", name, alias);
				CHECK_EQ_TEXT(first_cell(&walk, sql), text_from_int64(&walk.desk.arena, count).data);
				heard++;
			}
		}
	}
	CHECK(heard > 100);
	walk_close(&walk);
}

CHECK_MAIN
