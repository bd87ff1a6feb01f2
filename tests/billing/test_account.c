/* test_account.c: accounts: their events, what rules may change, what is refused. */
#include "desk.h"

TEST(an_account_takes_what_is_not_given_from_its_tenant)
{
	struct desk desk;
	desk_open(&desk);
	const struct account *account = desk_do(&desk, "account.create", "{'name':'Ann','external_key':'A-1'}");
	CHECK_EQ_INT(account->id, 1);
	CHECK_EQ_C(account->currency->code, "USD");
	CHECK_EQ_TEXT(account->time_zone, "UTC");
	CHECK_EQ_INT(account->status, ACCOUNT_STATUS_ACTIVE);
	CHECK_EQ_TEXT(instant_text(&desk.arena, account->created_at), "2011-09-06T15:00:00Z");
	CHECK_EQ_TEXT(desk_events(&desk), "pre account.create, post account.create");
	desk_close(&desk);
}

TEST(a_name_of_blanks_is_none)
{
	struct desk desk;
	desk_open(&desk);
	CHECK_REFUSED(&desk, "account.create", "{'name':' '}", PROBLEM_TOO_SHORT, "/name");
	CHECK_REFUSED(&desk, "customer.create", "{'name':' \\t ','external_key':'A'}", PROBLEM_TOO_SHORT, "/name");
	CHECK_REFUSED(&desk, "key.create", "{'name':' ','scopes':'read'}", PROBLEM_TOO_SHORT, "/name");
	desk_do(&desk, "customer.create", "{'name':'Ann','external_key':'A'}");
	CHECK_REFUSED(&desk, "account.update", "{'id':1,'name':'  '}", PROBLEM_TOO_SHORT, "/name");
	CHECK_REFUSED(&desk, "customer.update", "{'id':1,'name':'  '}", PROBLEM_TOO_SHORT, "/name");
	desk_close(&desk);
}

TEST(an_account_that_is_refused_leaves_no_number)
{
	struct desk desk;
	desk_open(&desk);
	desk_do(&desk, "account.create", "{'name':'Ann','external_key':'A-1'}");
	CHECK_REFUSED(&desk, "account.create", "{'name':'Bob','external_key':'A-1'}", PROBLEM_DUPLICATE, "/external_key");
	CHECK_REFUSED(&desk, "account.create", "{'name':'Bob','time_zone':'Europe/Pariss'}", PROBLEM_BAD_TIMEZONE, "/time_zone");
	CHECK_REFUSED(&desk, "account.create", "{'name':'Bob','custom':[1]}", PROBLEM_WRONG_TYPE, "/custom");
	CHECK_REFUSED(&desk, "account.create", "{'external_key':'B'}", PROBLEM_MISSING_FIELD, "/name");
	const struct account *bob = desk_do(&desk, "account.create", "{'name':'Bob'}");
	CHECK_EQ_INT(bob->id, 2);
	desk_close(&desk);
}

TEST(an_update_changes_what_it_names)
{
	struct desk desk;
	desk_open(&desk);
	desk_do(&desk, "account.create", "{'name':'Ann','email':'a@example.com','external_key':'A-1','custom':{'x':1}}");
	desk_events(&desk);
	const struct account *account = desk_do(&desk, "account.update", "{'id':1,'name':'Anna','bill_cycle_day':15}");
	CHECK_EQ_TEXT(account->name, "Anna");
	CHECK_EQ_TEXT(account->email, "a@example.com");
	CHECK_EQ_TEXT(account->custom, "{\"x\":1}");
	CHECK_EQ_INT(account->bill_cycle_day, 15);
	CHECK_EQ_TEXT(desk_events(&desk), "pre account.update, post account.update");
	CHECK_REFUSED(&desk, "account.update", "{'id':7,'name':'x'}", PROBLEM_NOT_FOUND, "/id");
	CHECK_REFUSED(&desk, "account.update", "{'id':1,'nmae':'x'}", PROBLEM_UNKNOWN_FIELD, "/nmae");
	desk_close(&desk);
}

static bool account_is_kept(struct command *command, void *context)
{
	struct account *account, *by_key;
	struct account_list accounts = { 0 };
	(void)context;
	CHECK(account_find(command, 1, &account) && account);
	CHECK_EQ_TEXT(account->address->city, "Chicago");
	CHECK_EQ_TEXT(account->address->country_code, "usa");
	CHECK(account_by_key(command, TEXT("A-1"), &by_key) && by_key);
	CHECK_EQ_INT(by_key->id, 1);
	CHECK(account_by_key(command, TEXT("A-2"), &by_key) && !by_key);
	CHECK(account_page(command, (struct page_query){ .after_id = 1 }, &accounts));
	CHECK_EQ_INT(accounts.count, 2);
	CHECK_EQ_INT(accounts.items[1].id, 3);
	return true;
}

TEST(an_account_moves_and_is_found)
{
	struct desk desk;
	desk_open(&desk);
	desk_do(&desk, "account.create", "{'name':'Ann','external_key':'A-1','address':{'city':'Paris'}}");
	desk_do(&desk, "account.create", "{'name':'Bob'}");
	desk_do(&desk, "account.create", "{'name':'Cid'}");
	desk_events(&desk);
	desk_do(&desk, "account.address_update", "{'id':1,'address':{'city':'Chicago','country_code':'usa'}}");
	CHECK_EQ_TEXT(desk_events(&desk), "pre account.address_update, post account.address_update");
	desk_read(&desk, account_is_kept, NULL);
	desk_close(&desk);
}

/* ---- rules ---- */

#define DEPLOY(rule) "{'archive':{'files':{'bundle.json':'{\\'name\\':\\'r\\'}','rules/r.lua':'" rule "'}}}"

TEST(a_pre_rule_may_change_an_account_and_the_change_is_checked)
{
	struct desk desk;
	desk_open(&desk);
	desk_do(&desk, "bundle.deploy",
	        DEPLOY("rule [[sign]] { pre = [[account.create]], run = function (account, ctx) account.notes = [[seen]];"
	               " if account.name == [[Twin]] then account.external_key = [[A-1]] end end }"));
	const struct account *account = desk_do(&desk, "account.create", "{'name':'Ann','external_key':'A-1'}");
	CHECK_EQ_TEXT(account->notes, "seen");
	CHECK_REFUSED(&desk, "account.create", "{'name':'Twin'}", PROBLEM_DUPLICATE, "/external_key");
	desk_close(&desk);
}

TEST(a_rule_gives_no_name_of_blanks)
{
	struct desk desk;
	desk_open(&desk);
	desk_do(&desk, "bundle.deploy",
	        DEPLOY("rule [[hide]] { pre = [[account.create]], run = function (account, ctx) account.name = [[  ]] end }"));
	desk_refused(&desk, "account.create", "{'name':'Ann'}");
	CHECK(strstr(desk.problems.first->cause, "name is blank") != NULL);
	desk_close(&desk);
}

TEST(a_rule_that_rejects_leaves_nothing)
{
	struct desk desk;
	desk_open(&desk);
	desk_do(&desk, "bundle.deploy",
	        DEPLOY("rule [[no]] { pre = [[account.create]], run = function (account, ctx)"
	               " if account.name == [[Eve]] then ctx:reject([[unwanted]], [[Not Eve.]]) end end }"));
	const struct problem *problem = desk_refused(&desk, "account.create", "{'name':'Eve'}");
	CHECK_EQ_INT(problem->code, PROBLEM_REJECTED);
	CHECK_EQ_TEXT(problem->detail_code, "unwanted");
	const struct account *account = desk_do(&desk, "account.create", "{'name':'Ann'}");
	CHECK_EQ_INT(account->id, 1);
	desk_close(&desk);
}

CHECK_MAIN
