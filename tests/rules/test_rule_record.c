/* test_rule_record.c: records as rules see them: reading, assigning, lists, relations, copies, the read set. */
#include "rule_fixture.h"

TEST(fields_are_typed_values)
{
	struct fixture fixture = { .accounts_loaded = 0 };
	CHECK_RUNS(&fixture, "pre",
	           "assert(math.type(order.id) == 'integer' and order.id == 381)\n"
	           "assert(order.number == '1036' and order.status == 'draft' and order.currency == 'USD')\n"
	           "assert(order.start_date == date '2011-09-20' and order.start_date + 1 == date '2011-09-21')\n"
	           "assert(order.auto_renew == true and order.end_date == nil and order.external_key == nil)\n"
	           "assert(order.lines[1].quantity == decimal '2')\n"
	           "assert(type(order) == 'record' and type(order.lines) == 'list' and type(order.start_date) == 'date')\n"
	           "assert(tostring(order) == 'order record')\n"
	           "assert(order == order and order.lines == order.lines and order.lines[1] == order.lines[1])\n"
	           "assert(order.lines[1] ~= order.lines[2])");
	fixture_close(&fixture);
}

TEST(unknown_fields_are_errors_with_the_nearest_spelling)
{
	CHECK_FAILS("pre", "return order.paln", "rules/test.lua:2: order has no field 'paln' (did you mean 'plan'?)");
	CHECK_FAILS("pre", "order.plann = 'x'", "order has no field 'plann' (did you mean 'plan'?)");
	CHECK_FAILS("pre", "return order[1]", "order has fields by name, not 1");
	CHECK_FAILS("pre", "return order.lines[1].quantitiy", "order_line has no field 'quantitiy' (did you mean 'quantity'?)");
	CHECK_FAILS("pre", "return order.lines.first", "a list has items 1 to #list, :add and :remove, not 'first'");
}

TEST(hidden_and_secret_fields_do_not_exist)
{
	struct fixture fixture;
	fixture_open(&fixture);
	for (size_t i = 0; records_all[i]; i++) {
		const struct record *record = records_all[i];
		for (size_t field = 0; field < record->field_count; field++) {
			if (!(record->fields[field].flags & (FIELD_HIDDEN | FIELD_SECRET)))
				continue;
			struct text source = text_format(&fixture.arena, "rule 'h' { pre = 'order.create', run = function (r) return r.%s end }",
			                                 record->fields[field].name);
			rule_bundle_release(fixture.bundle);
			fixture.bundle = source_load(&fixture, source.data);
			fixture.call = call_of(&fixture);
			fixture.call.record = record;
			fixture.call.subject = arena_alloc(&fixture.arena, record->size);
			check_note("%s.%s", record->name, record->fields[field].name);
			problems_init(&fixture.problems, &fixture.arena);
			CHECK_EQ_INT(rule_run(&fixture.call, rule_bundle_at(fixture.bundle, 0)), RULE_FAILED);
			CHECK_CONTAINS(first_cause(&fixture), "has no field");
		}
	}
	fixture_close(&fixture);
}

TEST(every_kind_of_field_of_every_record_can_be_read)
{
	struct fixture fixture;
	fixture_open(&fixture);
	fixture.bundle = source_load(&fixture, "rule 'all' { pre = 'order.create', run = function (r) for name, value in pairs(r) do assert(value ~= nil) end r:copy() end }");
	for (size_t i = 0; records_all[i]; i++) {
		check_note("%s", records_all[i]->name);
		fixture.call = call_of(&fixture);
		fixture.call.record = records_all[i];
		fixture.call.subject = arena_alloc(&fixture.arena, records_all[i]->size);
		if (rule_run(&fixture.call, rule_bundle_at(fixture.bundle, 0)) != RULE_OK)
			CHECK_FAIL("%s", first_cause(&fixture));
	}
	fixture_close(&fixture);
}

TEST(assignments_are_checked_by_type_and_limit)
{
	CHECK_FAILS("pre", "order.plan = 5", "order.plan needs a text, not 5 (integer); use tostring");
	CHECK_FAILS("pre", "order.plan = ('x'):rep(61)", "plan has 61 bytes, 60 are allowed");
	CHECK_FAILS("pre", "order.plan = '\\0'", "order.plan");
	CHECK_FAILS("pre", "order.auto_renew = 'yes'", "order.auto_renew needs true or false, not 'yes' (text)");
	CHECK_FAILS("pre", "order.auto_renew = nil", "order.auto_renew is required and cannot be nil");
	CHECK_FAILS("pre", "order.start_date = '2011-02-30'", "'2011-02-30' is not a date");
	CHECK_FAILS("pre", "order.start_date = 5", "order.start_date needs a date, not 5 (integer)");
	CHECK_FAILS("pre", "order.start_date = money '5 USD'", "order.start_date needs a date, not 5.00 USD (money)");
	CHECK_FAILS("pre", "order.lines[1].quantity = 0.5", "needs a decimal, an integer or the text of one, not 0.5 (float)");
	CHECK_FAILS("pre", "order.lines[1].quantity = -1", "quantity");
	CHECK_FAILS("pre", "order.lines[1].quantity = '1.1234567'", "quantity");
	CHECK_FAILS("pre", "order.lines = {}", "order.lines needs at least 1 items");
	CHECK_FAILS("pre", "order.custom = 'x'", "order.custom needs a table, not 'x' (text)");
	CHECK_FAILS("pre", "order.custom = { 1, 2 }", "order.custom: needs a table with names, not a list");
}

TEST(only_listed_fields_can_be_assigned)
{
	CHECK_FAILS("pre", "order.id = 5", "order.id cannot be assigned here (only: external_key, plan, start_date, end_date, auto_renew, lines, discounts, custom)");
	CHECK_FAILS("pre", "order.account = order.account", "order.account cannot be assigned here");
	CHECK_FAILS("pre", "order.account.email = 'x@example.com'", "account.email cannot be assigned: this record is frozen here");
	CHECK_FAILS("pre", "order.lines[1] = {}", "items of a list cannot be assigned");
	CHECK_FAILS("post", "order.plan = 'x'", "order.plan cannot be assigned: in a post rule records are frozen; use ctx:command");
	CHECK_FAILS("post", "order.lines:add { price_code = 'X', quantity = 1 }", "order.lines cannot be assigned: in a post rule");
	CHECK_FAILS("post", "order.lines[1].plan = 'x'", "order_line.plan cannot be assigned: in a post rule");
	CHECK_FAILS("post", "order.lines:remove(1)", "order.lines cannot be assigned: in a post rule");
}

TEST(a_failed_assignment_leaves_the_field_as_it_was)
{
	struct fixture fixture = { .accounts_loaded = 0 };
	CHECK_RUNS(&fixture, "pre", "assert(not pcall(function () order.start_date = 'never' end)) assert(order.start_date == date '2011-09-20')");
	CHECK_EQ_TEXT(date_text(&fixture.arena, fixture.order.start_date), "2011-09-20");
	fixture_close(&fixture);
}

TEST(values_of_all_accepted_types_are_assigned)
{
	struct fixture fixture = { .accounts_loaded = 0 };
	CHECK_RUNS(&fixture, "pre",
	           "order.end_date = order.start_date + 30\n"
	           "order.start_date = '2011-09-21'\n"
	           "order.auto_renew = false\n"
	           "order.lines[1].quantity = 3\n"
	           "order.lines[2].quantity = decimal '1.50'\n"
	           "order.custom = { b = { 1, 2 }, a = order.start_date }\n"
	           "order.external_key = nil");
	CHECK_EQ_TEXT(date_text(&fixture.arena, fixture.order.end_date), "2011-10-20");
	CHECK_EQ_TEXT(date_text(&fixture.arena, fixture.order.start_date), "2011-09-21");
	CHECK(!fixture.order.auto_renew);
	CHECK_EQ_TEXT(decimal_text(&fixture.arena, fixture.order.lines.items[0].quantity), "3");
	CHECK_EQ_TEXT(decimal_text(&fixture.arena, fixture.order.lines.items[1].quantity), "1.50");
	CHECK_EQ_TEXT(fixture.order.custom, "{\"a\":\"2011-09-21\",\"b\":[1,2]}");
	CHECK_EQ_TEXT(rule_trace_writes(fixture.call.traces, &fixture.arena),
	              "{\"subject.end_date\":\"2011-10-20\",\"subject.start_date\":\"2011-09-21\",\"subject.auto_renew\":false,"
	              "\"subject.lines[1].quantity\":\"3\",\"subject.lines[2].quantity\":\"1.50\","
	              "\"subject.custom\":{\"a\":\"2011-09-21\",\"b\":[1,2]},\"subject.external_key\":null}");
	fixture_close(&fixture);
}

/* ---- lists ---- */

TEST(lists_are_counted_walked_and_grown)
{
	struct fixture fixture = { .accounts_loaded = 0 };
	CHECK_RUNS(&fixture, "pre",
	           "local codes = {}\n"
	           "for i, line in ipairs(order.lines) do codes[i] = line.price_code end\n"
	           "for i, line in pairs(order.lines) do assert(codes[i] == line.price_code) end\n"
	           "assert(#order.lines == 2 and table.concat(codes, ',') == 'MNTHLY,SETUP')\n"
	           "assert(order.lines[0] == nil and order.lines[3] == nil)\n"
	           "local first = order.lines[1]\n"
	           "for i = 1, 20 do\n"
	           "  local line = order.lines:add { price_code = 'X' .. i, quantity = i, description = 'added' }\n"
	           "  assert(line == order.lines[#order.lines] and line.quantity == decimal(i))\n"
	           "end\n"
	           "assert(first.price_code == 'MNTHLY')\n"
	           "first.price_code = 'NEW'\n"
	           "assert(order.lines[1].price_code == 'NEW' and #order.lines == 22)\n"
	           "order.discounts:add { percent = '5', text = 'paid by card' }");
	CHECK_EQ_INT(fixture.order.lines.count, 22);
	CHECK_EQ_TEXT(fixture.order.lines.items[0].price_code, "NEW");
	CHECK_EQ_TEXT(fixture.order.lines.items[21].price_code, "X20");
	CHECK_EQ_INT(fixture.order.discounts.count, 1);
	CHECK_EQ_TEXT(decimal_text(&fixture.arena, fixture.order.discounts.items[0].percent), "5");
	fixture_close(&fixture);
}

TEST(items_are_removed_and_their_proxies_say_so)
{
	struct fixture fixture = { .accounts_loaded = 0 };
	CHECK_RUNS(&fixture, "pre",
	           "local second = order.lines[2]\n"
	           "order.lines:remove(1)\n"
	           "assert(#order.lines == 1 and order.lines[1].price_code == 'SETUP')\n"
	           "local ok, message = pcall(function () return second.price_code end)\n"
	           "assert(not ok and message:find('read it again from the list', 1, true), message)\n"
	           "order.lines:add { price_code = 'MORE', quantity = 1 }\n"
	           "assert(order.lines[2].price_code == 'MORE')");
	CHECK_EQ_INT(fixture.order.lines.count, 2);
	CHECK_EQ_TEXT(fixture.order.lines.items[0].price_code, "SETUP");
	CHECK_CONTAINS(rule_trace_writes(fixture.call.traces, &fixture.arena).data, "\"subject.lines:remove(1)\":1");
	fixture_close(&fixture);
	CHECK_FAILS("pre", "order.lines:remove(3)", "order.lines has no item 3; it has 2");
	CHECK_FAILS("pre", "order.lines:remove(0)", "order.lines has no item 0; it has 2");
}

TEST(items_are_checked_like_fields)
{
	CHECK_FAILS("pre", "order.lines:add { price_coed = 'X' }", "order_line has no field 'price_coed' (did you mean 'price_code'?)");
	CHECK_FAILS("pre", "order.lines:add { quantity = 'many' }", "'many' is not a decimal number");
	CHECK_FAILS("pre", "order.lines:add 'X'", "order.lines:add needs a table of fields, not 'X'");
	CHECK_FAILS("pre", "order.lines:add { id = 5 }", "order_line");
	CHECK_FAILS("pre", "for i = 1, 21 do order.discounts:add { percent = 1 } end", "order.discounts has 20 items already; no more are allowed");
	CHECK_FAILS("pre", "order.lines.add({})", "add: call it with a colon on a list, not on table");
}

TEST(a_list_is_replaced_by_a_table_or_a_list)
{
	struct fixture fixture = { .accounts_loaded = 0 };
	CHECK_RUNS(&fixture, "pre",
	           "order.lines = { { price_code = 'A', quantity = 1 }, order.lines[2] }\n"
	           "assert(#order.lines == 2 and order.lines[1].price_code == 'A' and order.lines[2].price_code == 'SETUP')\n"
	           "order.lines = order.lines\n"
	           "assert(#order.lines == 2)\n"
	           "order.discounts = {}");
	CHECK_EQ_INT(fixture.order.lines.count, 2);
	CHECK_EQ_TEXT(fixture.order.lines.items[0].price_code, "A");
	CHECK_EQ_TEXT(fixture.order.lines.items[1].price_code, "SETUP");
	fixture_close(&fixture);
}

/* ---- parts and amounts ---- */

static enum rule_outcome subject_run(struct fixture *fixture, const struct record *record, void *subject, uint64_t writable,
                                     const char *body)
{
	struct text source = text_format(&fixture->arena, "rule 's' { pre = 'order.create', run = function (it, ctx)\n%s\nend }", body);
	rule_bundle_release(fixture->bundle);
	fixture->bundle = source_load(fixture, source.data);
	if (!fixture->bundle)
		CHECK_FAIL("%s", first_cause(fixture));
	fixture->call = call_of(fixture);
	fixture->call.record = record;
	fixture->call.subject = subject;
	fixture->call.subject_writable = writable;
	return rule_run(&fixture->call, rule_bundle_at(fixture->bundle, 0));
}

TEST(a_part_is_read_assigned_and_cleared)
{
	struct fixture fixture;
	fixture_open(&fixture);
	uint64_t writable = BIT(ACCOUNT_FIELD_ADDRESS) | BIT(ACCOUNT_FIELD_NAME);
	if (subject_run(&fixture, &account_record, &fixture.account, writable,
	                "assert(it.address == nil)\n"
	                "it.address = { city = 'Paris', country_code = 'FR' }\n"
	                "local address = it.address\n"
	                "assert(address.city == 'Paris' and address == it.address)\n"
	                "address.zip = '75001'\n"
	                "it.address = { city = 'Lyon' }\n"
	                "assert(address.city == 'Lyon' and address.zip == nil)\n"
	                "it.address = nil\n"
	                "assert(not pcall(function () return address.city end))\n"
	                "it.address = { city = 'Nice' }") != RULE_OK)
		CHECK_FAIL("%s", first_cause(&fixture));
	CHECK_EQ_TEXT(fixture.account.address->city, "Nice");
	CHECK_EQ_TEXT(rule_trace_reads(fixture.call.traces, &fixture.arena), "{\"subject.address\":null}");
	fixture_close(&fixture);
}

TEST(amounts_must_be_rounded_and_in_the_records_currency)
{
	struct fixture fixture;
	fixture_open(&fixture);
	struct payment payment = { .currency = currency_find(TEXT("USD")) };
	payment.amount = money_of(6050, payment.currency);
	uint64_t writable = BIT(PAYMENT_FIELD_AMOUNT);
	if (subject_run(&fixture, &payment_record, &payment, writable,
	                "assert(it.amount == money '60.50 USD')\n"
	                "it.amount = it.amount - money '0.50 USD'\n"
	                "it.amount = it.amount:percent(50):round('half_up')") != RULE_OK)
		CHECK_FAIL("%s", first_cause(&fixture));
	CHECK_EQ_INT(payment.amount.minor, 3000);
	CHECK_EQ_TEXT(rule_trace_writes(fixture.call.traces, &fixture.arena), "{\"subject.amount\":\"30.00\"}");
	CHECK_EQ_INT(subject_run(&fixture, &payment_record, &payment, writable, "it.amount = money '5.00 EUR'"), RULE_FAILED);
	CHECK_CONTAINS(first_cause(&fixture), "payment.amount is in USD, not in EUR");
	problems_init(&fixture.problems, &fixture.arena);
	CHECK_EQ_INT(subject_run(&fixture, &payment_record, &payment, writable, "it.amount = it.amount:portion(1, 3)"), RULE_FAILED);
	CHECK_CONTAINS(first_cause(&fixture), "payment.amount needs money, not 10.00 USD (exact amount); round it first");
	problems_init(&fixture.problems, &fixture.arena);
	CHECK_EQ_INT(subject_run(&fixture, &payment_record, &payment, writable, "it.amount = 5"), RULE_FAILED);
	CHECK_CONTAINS(first_cause(&fixture), "payment.amount needs money, not 5 (integer)");
	fixture_close(&fixture);
}

TEST(lines_take_the_currency_of_their_invoice)
{
	struct fixture fixture;
	fixture_open(&fixture);
	struct invoice invoice = { .currency = currency_find(TEXT("EUR")) };
	if (subject_run(&fixture, &invoice_record, &invoice, BIT(INVOICE_FIELD_LINES),
	                "it.lines:add { description = 'goodwill', amount = money '-5.00 EUR' }") != RULE_OK)
		CHECK_FAIL("%s", first_cause(&fixture));
	CHECK_EQ_INT(invoice.lines.items[0].amount.minor, -500);
	CHECK_EQ_C(invoice.lines.items[0].currency->code, "EUR");
	CHECK_EQ_INT(subject_run(&fixture, &invoice_record, &invoice, BIT(INVOICE_FIELD_LINES),
	                         "it.lines:add { description = 'x', amount = money '5.00 USD' }"), RULE_FAILED);
	CHECK_CONTAINS(first_cause(&fixture), "invoice_line.amount is in EUR, not in USD");
	fixture_close(&fixture);
}

/* ---- relations, json, copies ---- */

TEST(relations_are_loaded_once_and_only_when_read)
{
	struct fixture fixture = { .accounts_loaded = 0 };
	CHECK_RUNS(&fixture, "pre", "return");
	CHECK_EQ_INT(fixture.accounts_loaded, 0);
	CHECK_RUNS(&fixture, "pre", "assert(order.account.email == 'john@example.com' and order.account == order.account) assert(order.customer == nil)");
	CHECK_EQ_INT(fixture.accounts_loaded, 1);
	CHECK_EQ_TEXT(rule_trace_reads(fixture.call.traces, &fixture.arena),
	              "{\"subject.account\":366,\"subject.account.email\":\"john@example.com\",\"subject.customer\":null}");
	fixture_close(&fixture);
}

TEST(the_card_on_auto_pay_is_nil_without_one)
{
	struct fixture fixture = { .accounts_loaded = 0 };
	const char *body = "if not order.account.card then ctx:reject('card_required', 'Gold is sold only with a card on file.') end";
	CHECK_EQ_INT(body_run(&fixture, "pre", body), RULE_REJECTED);
	fixture.card.id = 9;
	fixture.account.payment_method_id = 9;
	problems_init(&fixture.problems, &fixture.arena);
	CHECK_RUNS(&fixture, "pre", body);
	fixture_close(&fixture);
}

TEST(json_fields_are_read_only_tables_without_floats)
{
	struct fixture fixture = { .accounts_loaded = 0 };
	CHECK_RUNS(&fixture, "pre",
	           "local custom = order.custom\n"
	           "assert(custom.color == 'red' and custom.absent == nil and custom.deep.a == true)\n"
	           "assert(#custom.sizes == 3 and custom.sizes[1] == 1 and custom.sizes[2] == decimal '2.5')\n"
	           "local names = {} for name in pairs(custom) do names[#names + 1] = name end\n"
	           "assert(table.concat(names, ',') == 'color,deep,sizes')\n"
	           "local n = 0 for i, size in ipairs(custom.sizes) do n = n + i end assert(n == 6)\n"
	           "assert(order.custom == custom)");
	fixture_close(&fixture);
	CHECK_FAILS("pre", "order.custom.color = 'blue'", "this table is read-only; assign a new one to the field");
	CHECK_FAILS("pre", "table.sort(order.custom.sizes)", "sort: argument 1 is read-only");
}

TEST(a_copy_is_a_plain_table)
{
	struct fixture fixture = { .accounts_loaded = 0 };
	CHECK_RUNS(&fixture, "pre",
	           "local copy = order:copy()\n"
	           "assert(type(copy) == 'table' and copy.plan == 'gold' and copy.lines[2].price_code == 'SETUP' and copy.account == nil)\n"
	           "copy.plan = 'silver' copy.lines[1].price_code = 'X' copy.anything = 1\n"
	           "assert(order.plan == 'gold' and order.lines[1].price_code == 'MNTHLY')");
	CHECK_CONTAINS(rule_trace_reads(fixture.call.traces, &fixture.arena).data, "\"subject.lines[2].price_code\":\"SETUP\"");
	fixture_close(&fixture);
}

TEST(pairs_walks_the_fields_that_are_there)
{
	struct fixture fixture = { .accounts_loaded = 0 };
	CHECK_RUNS(&fixture, "pre",
	           "local names = {} for name, value in pairs(order) do names[#names + 1] = name end\n"
	           "assert(table.concat(names, ' ') == 'id number account_id status plan currency start_date auto_renew lines discounts custom',\n"
	           "  table.concat(names, ' '))");
	fixture_close(&fixture);
}

/* ---- the read set ---- */

TEST(fields_are_noted_once_at_their_first_read)
{
	struct fixture fixture = { .accounts_loaded = 0 };
	CHECK_RUNS(&fixture, "pre",
	           "local a = order.end_date, order.plan, #order.lines, order.lines[2].quantity, order.plan, order.lines[2].quantity\n"
	           "order.external_key = 'mine'\n"
	           "local b = order.external_key");
	CHECK_EQ_TEXT(rule_trace_reads(fixture.call.traces, &fixture.arena),
	              "{\"subject.end_date\":null,\"subject.plan\":\"gold\",\"subject.lines\":2,\"subject.lines[2].quantity\":\"1\"}");
	fixture_close(&fixture);
}

TEST(a_long_read_set_is_cut_and_says_so)
{
	struct fixture fixture;
	fixture_open(&fixture);
	for (int i = 0; i < 480; i++) {
		struct order_line *line = list_add(&fixture.arena, &fixture.order.lines, struct order_line);
		line->price_code = TEXT("A_RATHER_LONG_PRICE_CODE_TO_FILL_THE_SET_AND_SOME_MORE_BYTES");
		line->description = TEXT("a description that is read as well, of the same length about as the price code");
		line->quantity = decimal_of("1");
	}
	CHECK_RUNS(&fixture, "post", "for _, line in ipairs(order.lines) do local a, b = line.price_code, line.description end");
	struct text reads = rule_trace_reads(fixture.call.traces, &fixture.arena);
	CHECK(reads.length < 61000);
	CHECK_CONTAINS(reads.data, "\"...\":");
	CHECK(json_parse(reads, &fixture.arena, &fixture.problems) != NULL);
	fixture_close(&fixture);
}

/* ---- a record among the details: "address.*" ---- */

TEST(the_address_of_an_event_is_assigned_whole_and_field_by_field)
{
	struct fixture fixture;
	fixture_open(&fixture);
	struct address given = { .city = TEXT("uppsala"), .country_code = TEXT("SE") }, old = { .city = TEXT("old") };
	fixture.bundle = source_load(&fixture,
		"rule 'by field' { pre = 'account.address_update', run = function (account, ctx)\n"
		"  local address = ctx.event.address\n"
		"  address.city = address.city:upper() address.zip = '75310'\n"
		"end }\n"
		"rule 'whole' { pre = 'account.address_update', run = function (account, ctx) ctx.event.address = { city = 'Lund' } end }\n"
		"rule 'old' { pre = 'account.address_update', run = function (account, ctx) ctx.event.old_address.city = 'x' end }\n"
		"rule 'kind' { pre = 'account.address_update', run = function (account, ctx) ctx.event.kind = 'x' end }");
	if (!fixture.bundle)
		CHECK_FAIL("did not load: %s", first_cause(&fixture));
	fixture.details.address = &given;
	fixture.details.old_address = &old;
	fixture.call = call_of(&fixture);
	fixture.call.event = EVENT_ACCOUNT_ADDRESS_UPDATE;
	fixture.call.record = &account_record;
	fixture.call.subject = &fixture.account;
	fixture.call.details_writable = event_info(EVENT_ACCOUNT_ADDRESS_UPDATE)->pre.details_writable;
	CHECK_EQ_INT(rule_run(&fixture.call, rule_bundle_at(fixture.bundle, 0)), RULE_OK);
	CHECK_EQ_TEXT(fixture.details.address->city, "UPPSALA");
	CHECK_EQ_TEXT(fixture.details.address->zip, "75310");
	CHECK_EQ_TEXT(fixture.details.address->country_code, "SE");
	CHECK_EQ_TEXT(rule_trace_reads(fixture.call.last_trace, &fixture.arena), "{\"event.address\":true,\"event.address.city\":\"uppsala\"}");
	CHECK_EQ_TEXT(rule_trace_writes(fixture.call.last_trace, &fixture.arena), "{\"event.address.city\":\"UPPSALA\",\"event.address.zip\":\"75310\"}");
	CHECK_EQ_INT(rule_run(&fixture.call, rule_bundle_at(fixture.bundle, 1)), RULE_OK);
	CHECK_EQ_TEXT(fixture.details.address->city, "Lund");
	CHECK(!text_present(fixture.details.address->zip));
	CHECK_EQ_INT(rule_run(&fixture.call, rule_bundle_at(fixture.bundle, 2)), RULE_FAILED);
	CHECK_CONTAINS(first_cause(&fixture), "address.city cannot be assigned: this record is frozen here");
	problems_init(&fixture.problems, &fixture.arena);
	CHECK_EQ_INT(rule_run(&fixture.call, rule_bundle_at(fixture.bundle, 3)), RULE_FAILED);
	CHECK_CONTAINS(first_cause(&fixture), "event_details.kind cannot be assigned here (only: address)");
	CHECK_EQ_TEXT(old.city, "old");
	fixture_close(&fixture);
}

/* ---- copies ---- */

TEST(a_copied_line_takes_only_what_rules_may_write)
{
	struct fixture fixture;
	fixture_open(&fixture);
	fixture.order.lines.items[0].position = 7;
	fixture.order.lines.items[0].has_position = true;
	fixture.order.lines.items[0].subscription_id = 55;
	CHECK_RUNS(&fixture, "pre", "order.lines:add(order.lines[1])");
	CHECK_EQ_INT(fixture.order.lines.count, 3);
	CHECK_EQ_TEXT(fixture.order.lines.items[2].price_code, "MNTHLY");
	CHECK_EQ_INT(fixture.order.lines.items[2].subscription_id, 0);
	CHECK_RUNS(&fixture, "pre", "order.lines = { order.lines[2], order.lines[1], order.lines[1] }");
	CHECK_EQ_INT(fixture.order.lines.items[1].subscription_id, 55);
	CHECK_EQ_INT(fixture.order.lines.items[1].position, 7);
	CHECK_EQ_INT(fixture.order.lines.items[2].subscription_id, 0);
	CHECK_EQ_TEXT(fixture.order.lines.items[2].price_code, "MNTHLY");
	fixture_close(&fixture);
}

TEST(what_is_sent_whole_is_read_whole)
{
	struct fixture fixture;
	fixture_open(&fixture);
	CHECK_RUNS(&fixture, "post", "ctx:send('mail', { order = order })");
	CHECK_CONTAINS(rule_trace_reads(fixture.call.last_trace, &fixture.arena).data, "\"subject.lines[2].price_code\":\"SETUP\"");
	CHECK_CONTAINS(rule_trace_reads(fixture.call.last_trace, &fixture.arena).data, "\"subject.lines\":2");
	fixture_close(&fixture);
}

TEST(an_item_that_moved_is_read_under_another_name)
{
	struct fixture fixture;
	fixture_open(&fixture);
	CHECK_RUNS(&fixture, "pre", "local _ = order.lines[1].price_code order.lines:remove(1) _ = order.lines[1].price_code");
	CHECK_EQ_TEXT(rule_trace_reads(fixture.call.last_trace, &fixture.arena),
	              "{\"subject.lines\":2,\"subject.lines[1].price_code\":\"MNTHLY\",\"subject.lines~1[1].price_code\":\"SETUP\"}");
	fixture_close(&fixture);
}

CHECK_MAIN
