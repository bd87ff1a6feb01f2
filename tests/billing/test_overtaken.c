/* test_overtaken.c: commands of pre rules that change the very thing which the command around them is changing. */
#include "shop.h"

struct overtaking {
	const char *event, *rule_command; /* what the pre rule of the event commands */
	const char *command, *input;      /* what raises the event */
	const char *again;                /* Lua: how the rule tells the event that it raised itself; NULL: it raises none */
};

/* Order 381 and its subscription 1036 have invoice 2396 of 60.50, number 1019; its line stands at 1. */
static const struct overtaking overtakings[] = {
	{ "invoice.cancel", "'invoice.adjust', { id = 2396, position = 1, amount = '5.00' }", "invoice.cancel", "{'id':2396}", NULL },
	{ "invoice.adjust", "'invoice.cancel', { id = 2396 }", "invoice.adjust", "{'id':2396,'position':1,'amount':'1.00'}", NULL },
	{ "account.update", "'account.update', { id = 1, notes = 'inner' }", "account.update", "{'id':1,'name':'Outer'}",
	  "if subject.notes == 'inner' then return end" },
	{ "account.update", "'account.terminate', { id = 1 }", "account.update", "{'id':1,'name':'Outer'}", NULL },
	{ "order.create", "'account.terminate', { id = 1 }", "order.place",
	  "{'account_id':1,'plan':'H1','start_date':'2011-09-20','lines':[{'price_code':'MNTHLY','quantity':'1'}]}", NULL },
};

static void rule_listens(const struct overtaking *row, struct desk *desk)
{
	char rule[400];
	snprintf(rule, sizeof rule, "rule 'z' { pre = '%s', run = function (subject, ctx)\n"
	                            "  %s ctx:command(%s)\nend }\n",
	         row->event, row->again ? row->again : "", row->rule_command);
	shop_deploy(desk, rule);
}

TEST(what_a_pre_rule_changes_under_the_command_around_it_is_refused_and_undone)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "'create_invoice':true");
	struct text invoices = shop_invoices(&desk), orders = shop_orders(&desk);
	for (size_t i = 0; i < sizeof overtakings / sizeof overtakings[0]; i++) {
		const struct overtaking *row = &overtakings[i];
		rule_listens(row, &desk);
		const struct problem *problem = desk_refused(&desk, row->command, row->input);
		CHECK_EQ_C(problem_info(problem->code)->name, "rule_overtakes");
		CHECK_EQ_TEXT(shop_invoices(&desk), invoices.data);
		CHECK_EQ_TEXT(shop_orders(&desk), orders.data);
	}
	desk_close(&desk);
}

/* The account's address is read again for the mail, and the invoice with what the rule's command made of it: only that the row
 * would get back what it was before tells it. */
TEST(an_invoice_that_a_rule_changes_while_it_is_sent_is_held_back_and_stays_as_it_was)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "'create_invoice':true");
	shop_order(&desk, "'create_invoice':true");
	desk_do(&desk, "account.update", "{'id':1,'email':'jones@example.com'}");
	struct text invoices = shop_invoices(&desk);
	shop_deploy(&desk, "rule 'z' { pre = 'invoice.send', when = { number = '1019' }, run = function (invoice, ctx)\n"
	                   "  ctx:command('invoice.adjust', { id = invoice.id, position = 1, amount = '5.00' })\nend }");
	const struct sent_batch *batch = desk_do(&desk, "invoice.send", "{'invoices':[{'id':2396},{'id':2397}]}");
	CHECK_EQ_INT(batch->items.count, 2);
	CHECK(!batch->items.items[0].delivery_id);
	CHECK_EQ_TEXT(batch->items.items[0].code, "rule_overtakes");
	CHECK(batch->items.items[1].delivery_id);
	CHECK_EQ_TEXT(shop_invoices(&desk), invoices.data);
	CHECK_EQ_INT(shop_invoice(&desk, 2396)->sent_at.us, 0);
	CHECK(shop_invoice(&desk, 2397)->sent_at.us > 0);
	desk_close(&desk);
}

TEST(what_a_pre_rule_changes_beside_the_command_around_it_stays)
{
	struct desk desk;
	shop_open(&desk);
	shop_deploy(&desk, "rule 'note' { pre = 'order.create', run = function (order, ctx)\n"
	                   "  ctx:command('account.update', { id = order.account_id, notes = 'has ordered' })\nend }");
	shop_order(&desk, "'create_invoice':true");
	const struct account *account = desk_do(&desk, "account.update", "{'id':1,'name':'Jones'}");
	CHECK_EQ_TEXT(account->notes, "has ordered");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 open 60.50 60.50");
	desk_close(&desk);
}

CHECK_MAIN
