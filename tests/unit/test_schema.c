/* test_schema.c: what the generators make of schema/, and what they refuse. */
#include "events.gen.h"
#include "records.gen.h"
#include "value/catalogue.h"

#include "check.h"

#include <sys/stat.h>

static struct arena arena;

static void start(void)
{
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
}

/* ---- records ---- */

TEST(every_record_is_found_by_its_name_and_fits_its_descriptor)
{
	for (size_t i = 0; records_all[i]; i++) {
		const struct record *record = records_all[i];
		check_note("%s", record->name);
		CHECK(record_by_name(text_of(record->name)) == record);
		CHECK(record->field_count > 0 && record->field_count <= RECORD_FIELDS_MAX);
		CHECK(record->doc[0] != '\0');
		for (size_t number = 0; number < record->field_count; number++) {
			const struct record_field *field = &record->fields[number];
			CHECK_EQ_INT(record_field_find(record, text_of(field->name)), number);
			CHECK(field->offset < record->size && field->presence_offset < record->size);
			CHECK(field->min <= field->max);
		}
	}
	CHECK(record_by_name(TEXT("no_such_record")) == NULL);
}

TEST(amounts_have_a_currency_field)
{
	for (size_t i = 0; records_all[i]; i++) {
		const struct record *record = records_all[i];
		for (size_t number = 0; number < record->field_count; number++) {
			enum record_kind kind = record->fields[number].kind;
			check_note("%s.%s", record->name, record->fields[number].name);
			if (kind == KIND_MONEY || kind == KIND_EXACT)
				CHECK(record->currency_field >= 0 && record->fields[record->currency_field].kind == KIND_CURRENCY);
		}
	}
}

TEST(columns_are_the_fields_flagged_as_such_and_keys_are_columns)
{
	for (size_t i = 0; records_all[i]; i++) {
		const struct record *record = records_all[i];
		size_t flagged = 0;
		for (size_t number = 0; number < record->field_count; number++)
			flagged += (record->fields[number].flags & FIELD_COLUMN) != 0;
		check_note("%s", record->name);
		CHECK_EQ_INT(flagged, record->table ? record->table->column_count : 0);
		for (size_t k = 0; record->table && k < record->table->key_count; k++)
			CHECK(record->fields[record->table->key[k]].flags & FIELD_COLUMN);
	}
}

TEST(nothing_secret_or_hidden_has_a_way_out)
{
	for (size_t i = 0; records_all[i]; i++)
		for (size_t number = 0; number < records_all[i]->field_count; number++) {
			unsigned flags = records_all[i]->fields[number].flags;
			check_note("%s.%s", records_all[i]->name, records_all[i]->fields[number].name);
			if (flags & FIELD_SECRET)
				CHECK(!(flags & (FIELD_COLUMN | FIELD_RULE_WRITES)));
		}
}

/* ---- events ---- */

static size_t sides(const struct event_info *info)
{
	return (size_t)info->pre.exists + info->post.exists + info->signal.exists;
}

/* The 72 of the three systems and their 104 sides; beside them events and sides that none of them has. */
TEST(the_catalogue_has_91_events_and_142_sides)
{
	size_t rows = 0;
	CHECK_EQ_INT(EVENT_COUNT - 1, 91);
	for (enum event event = EVENT_NONE + 1; event < EVENT_COUNT; event++) {
		check_note("%s", event_info(event)->name);
		CHECK(sides(event_info(event)) > 0);
		rows += sides(event_info(event));
	}
	CHECK_EQ_INT(rows, 142);
	CHECK_ABORTS(event_info(EVENT_NONE));
	CHECK_ABORTS(event_info(EVENT_COUNT));
}

TEST(a_core_name_is_found_with_any_side)
{
	enum event_side_kind side = EVENT_SIDE_PRE;
	CHECK_EQ_INT(event_find(TEXT("invoice.create"), &side), EVENT_INVOICE_CREATE);
	CHECK_EQ_INT(side, EVENT_SIDE_ANY);
	CHECK_EQ_INT(event_find(TEXT("invoice.creat"), &side), EVENT_NONE);
	CHECK_EQ_INT(event_find(TEXT(""), &side), EVENT_NONE);
	for (enum event event = EVENT_NONE + 1; event < EVENT_COUNT; event++)
		CHECK_EQ_INT(event_find(text_of(event_info(event)->name), &side), event);
}

TEST(an_alias_of_any_system_fixes_the_side)
{
	static const struct {
		const char *alias;
		enum event event;
		enum event_side_kind side;
	} rows[] = {
		{ "InvoicePreCreated", EVENT_INVOICE_CREATE, EVENT_SIDE_PRE },
		{ "InvoiceCreated", EVENT_INVOICE_CREATE, EVENT_SIDE_POST },
		{ "INVOICE_CREATION", EVENT_INVOICE_CREATE, EVENT_SIDE_POST },
		{ "InvoicePaid", EVENT_INVOICE_SETTLE, EVENT_SIDE_POST },
		{ "HeartBeatEvent", EVENT_CLOCK_HEARTBEAT, EVENT_SIDE_SIGNAL },
		{ "http://parallels.com/aps/events/pa/subscription/renewed", EVENT_SUBSCRIPTION_RENEW, EVENT_SIDE_POST },
		{ "POST /customers", EVENT_ACCOUNT_CREATE, EVENT_SIDE_POST },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		enum event_side_kind side;
		check_note("%s", rows[i].alias);
		CHECK_EQ_INT(event_find(text_of(rows[i].alias), &side), rows[i].event);
		CHECK_EQ_INT(side, rows[i].side);
	}
}

TEST(an_alias_of_several_events_finds_them_one_after_the_other)
{
	enum event_side_kind side;
	struct text name = TEXT("SUBSCRIPTION_CANCEL");
	CHECK_EQ_INT(event_find(name, &side), EVENT_SUBSCRIPTION_CANCEL);
	CHECK_EQ_INT(event_find_next(name, EVENT_SUBSCRIPTION_CANCEL, &side), EVENT_SUBSCRIPTION_TERMINATE);
	CHECK_EQ_INT(side, EVENT_SIDE_POST);
	CHECK_EQ_INT(event_find_next(name, EVENT_SUBSCRIPTION_TERMINATE, &side), EVENT_NONE);
	CHECK_EQ_INT(event_find(TEXT("SUBSCRIPTION_CANCEL[actionType=EFFECTIVE]"), &side), EVENT_SUBSCRIPTION_TERMINATE);
	CHECK_EQ_INT(event_find(TEXT("SUBSCRIPTION_CANCEL[actionType=X]"), &side), EVENT_NONE);
	CHECK_EQ_INT(event_find(TEXT("SUBSCRIPTION_CANCEL["), &side), EVENT_NONE);
}

TEST(what_a_pre_rule_may_assign_is_a_mask_of_fields)
{
	const struct event_side *side = event_side(EVENT_ORDER_CALCULATE, EVENT_SIDE_PRE);
	CHECK(!side->subject_all);
	CHECK_EQ_C(side->writable[0], "order.lines");
	uint64_t listed = UINT64_C(1) << ORDER_FIELD_LINES | UINT64_C(1) << ORDER_FIELD_DISCOUNTS |
	                  UINT64_C(1) << ORDER_FIELD_CUSTOM;
	CHECK(side->subject_writable == listed);
	side = event_side(EVENT_ORDER_CREATE, EVENT_SIDE_PRE);
	CHECK(side->subject_all);
	for (int field = 0; field < ORDER_FIELD_COUNT; field++) {
		check_note("%s", order_record.fields[field].name);
		CHECK_EQ_INT(side->subject_writable >> field & 1, (order_record.fields[field].flags & FIELD_RULE_WRITES) != 0);
	}
	side = event_side(EVENT_SUBSCRIPTION_CREATE, EVENT_SIDE_PRE);
	CHECK(side->details_writable == UINT64_C(1) << EVENT_DETAILS_FIELD_CREATE_INVOICE);
	CHECK(!event_side(EVENT_ORDER_UPGRADE, EVENT_SIDE_PRE)->exists);
}

TEST(a_noun_with_a_record_is_the_subject)
{
	CHECK(event_info(EVENT_ORDER_CREATE)->subject == &order_record);
	CHECK(event_info(EVENT_COMPONENT_ACTIVATE)->subject == &subscription_component_record);
	CHECK_EQ_C(event_info(EVENT_COMPONENT_ACTIVATE)->object_type, "COMPONENT");
	CHECK(event_info(EVENT_CLOCK_HEARTBEAT)->subject == NULL);
}

TEST(a_misspelt_event_finds_its_nearest_name)
{
	CHECK_EQ_C(text_nearest(TEXT("invoice.craete"), event_name_candidate, NULL), "invoice.create");
	CHECK_EQ_C(text_nearest(TEXT("InvoicePreCreate"), event_name_candidate, NULL), "InvoicePreCreated");
	size_t count = 0;
	while (event_name_candidate(NULL, count))
		count++;
	CHECK(count > 72 + 80);
}

/* ---- policies ---- */

TEST(a_policy_knows_its_input_and_result)
{
	const struct policy_info *info = policy_info(policy_find(TEXT("proration")));
	CHECK(info->input == &proration_change_record);
	CHECK_EQ_INT(info->result, POLICY_RESULT_EXACT);
	CHECK_EQ_C(info->default_choice, "proration/inclusive_days");
	info = policy_info(POLICY_ROUNDING);
	CHECK_EQ_INT(info->result, POLICY_RESULT_RECORD);
	CHECK(info->result_record == &rounding_decision_record);
	CHECK_EQ_INT(policy_find(TEXT("prorate")), POLICY_NONE);
	CHECK_EQ_C(text_nearest(TEXT("prorration"), policy_name_candidate, NULL), "proration");
	CHECK_ABORTS(policy_info(POLICY_NONE));
}

/* ---- what the generators refuse ---- */

static void file_write(const char *path, const char *content)
{
	FILE *file = fopen(path, "w");
	CHECK(file != NULL);
	fputs(content, file);
	CHECK_EQ_INT(fclose(file), 0);
}

/* Runs a generator over a schema of two files, events or policies by its first word; its first line of output, "" when it made one. */
static struct text generated(const char *generator, const char *records, const char *events)
{
	char folder[] = "/tmp/moonbill-schema-XXXXXX", line[500] = "";
	CHECK(mkdtemp(folder) != NULL);
	file_write(text_format(&arena, "%s/records.lua", folder).data, records);
	bool policies = text_starts(text_of(events), "policy");
	file_write(text_format(&arena, "%s/events.lua", folder).data, policies ? "" : events);
	file_write(text_format(&arena, "%s/policies.lua", folder).data, policies ? events : "");
	struct text command = text_format(&arena, "lua5.4 %s/scripts/generate/%s.lua %s %s 2>&1; rm -r %s", SOURCE_DIR,
	                                  generator, folder, folder, folder);
	FILE *output = popen(command.data, "r");
	CHECK(output != NULL);
	if (fgets(line, sizeof line, output))
		line[strcspn(line, "\n")] = '\0';
	pclose(output);
	return text_copy(&arena, text_of(line));
}

TEST(a_mistake_in_records_is_refused_with_record_field_and_nearest_name)
{
	static const char *const rows[][2] = {
		{ "record 'a' { doc = 'x', { 'n', 'id' } }", "" },
		{ "record 'a' { doc = 'x', { 'n', 'text', requird = true } }",
		  "schema: record a, field n: unknown option 'requird' (did you mean 'required'?)" },
		{ "record 'a' { doc = 'x', { 'n', 'txt' } }", "schema: record a, field n: unknown kind 'txt' (did you mean 'text'?)" },
		{ "record 'a' { dok = 'x', { 'n', 'id' } }", "schema: record a: unknown option 'dok' (did you mean 'doc'?)" },
		{ "record 'a' { { 'n', 'id' } }", "schema: record a: needs doc = \"...\"" },
		{ "record 'a' { doc = 'x', { 'n', 'id', max = 3 } }", "schema: record a, field n: kind id takes no option 'max'" },
		{ "record 'a' { doc = 'x', { 'n', 'text', max = 'y' } }",
		  "schema: record a, field n: option 'max' must be a number, it is a string" },
		{ "record 'a' { doc = 'x', { 'n', 'integer', min = 3, max = 2 } }", "schema: record a, field n: min 3 is above max 2" },
		{ "record 'a' { doc = 'x', { 'N', 'id' } }",
		  "schema: record a, field N: 'N' is not a name (lower case, digits, underscores)" },
		{ "record 'a' { doc = 'x', { 'default', 'id' } }",
		  "schema: record a, field default: 'default' is a keyword of C or Lua; choose another name" },
		{ "record 'a' { doc = 'x', { 'n', 'id' }, { 'n', 'id' } }", "schema: record a, field n: the name is there twice" },
		{ "record 'a' { doc = 'x', { 'n', 'id' } } record 'a' { doc = 'x', { 'n', 'id' } }", "schema: record a: is there twice" },
		{ "record 'money' { doc = 'x', { 'n', 'id' } }", "schema: record money: the name is taken in C; choose another" },
		{ "record 'a' { doc = 'x', { 'n', 'money' } }", "schema: record a, field n: the record has no field of kind currency" },
		{ "record 'a' { doc = 'x', { 'n', 'list', of = 'brd' } } record 'bird' { doc = 'x', { 'n', 'id' } }",
		  "schema: record a, field n: there is no record 'brd' (did you mean 'bird'?)" },
		{ "record 'a' { doc = 'x', { 'n', 'list' } }", "schema: record a, field n: kind list needs of = \"<record>\"" },
		{ "record 'a' { doc = 'x', { 's', 'choice', words = { 'none' } } }",
		  "schema: record a, field s: the word 'none' is what an absent choice is called" },
		{ "record 'a' { doc = 'x', { 'owner_id', 'id' }, { 'o', 'relation', of = 'a', by = 'owner' } }",
		  "schema: record a, field o: by = 'owner' is not a field" },
		{ "record 'a' { doc = 'x', stored = { key = { 'idd' } }, { 'id', 'id' } }",
		  "schema: record a: key 'idd' is not a field (did you mean 'id'?)" },
		{ "record 'a' { doc = 'x', stored = { key = { 'id' } }, { 'id', 'id' }, { 's', 'text', secret = true } }",
		  "schema: record a, field s: a secret field is input only; it cannot be stored" },
	};
	start();
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_note("%s", rows[i][0]);
		CHECK_EQ_TEXT(generated("records", rows[i][0], ""), rows[i][1]);
	}
	arena_finish(&arena);
}

TEST(a_mistake_in_events_is_refused)
{
	static const char records[] = "record 'order' { doc = 'x', { 'lines', 'text' } }";
	static const char *const rows[][2] = {
		{ "event 'order.create' { object = 'ORDER', subject = 'order', pre = { writable = { 'order.lines', 'order.custom' }, "
		  "payload = { 'order' }, origin = 'seed' } }",
		  "" },
		{ "event 'order.create' { object = 'ORDER', subject = 'order', pre = { writable = { 'order.linse' }, "
		  "payload = { 'order' }, origin = 'seed' } }",
		  "schema: event order.create, pre: record order has no field 'linse' (did you mean 'lines'?)" },
		{ "event 'order.create' { object = 'ORDER', post = { writable = { 'x' }, payload = { 'order' }, origin = 'seed' } }",
		  "schema: event order.create, post: only pre may list writable" },
		{ "event 'order.create' { object = 'ORDER', prr = {} }",
		  "schema: event order.create: unknown option 'prr' (did you mean 'pre'?)" },
		{ "event 'order.create' { object = 'ORDER', post = { aliases = { killbil = {} }, payload = { 'o' }, origin = 'seed' } }",
		  "schema: event order.create, post, aliases: unknown option 'killbil' (did you mean 'killbill'?)" },
		{ "event 'order.create' { object = 'ORDER' }", "schema: event order.create: needs pre, post or signal" },
		{ "event 'order' { object = 'ORDER' }", "schema: event order: a name is noun.verb" },
		{ "policy 'tax' { input = 'ordr', result = 'exact', doc = 'x' }",
		  "schema: policy tax, input: there is no record 'ordr' (did you mean 'order'?)" },
		{ "policy 'tax' { result = 'exakt', doc = 'x' }", "schema: policy tax, result: there is no record 'exakt'" },
	};
	start();
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_note("%s", rows[i][0]);
		CHECK_EQ_TEXT(generated("events", records, rows[i][0]), rows[i][1]);
	}
	arena_finish(&arena);
}

CHECK_MAIN
