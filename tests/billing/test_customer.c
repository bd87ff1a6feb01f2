/* test_customer.c: customers: made with their account, found, listed, suspended. */
#include "desk.h"

#define JOHN                                                                                                       \
	"{'name':'John Doe','external_key':'JOHNDOE001','locale':'en_US','business':true,'username':'jdoe001',"       \
	"'locked':true,'billing_contact':{'first_name':'John','email':'johndoe@jdoe.com','address':{'city':'Chicago'}}}"

TEST(a_customer_is_made_with_its_account)
{
	struct desk desk;
	desk_open(&desk);
	desk_do(&desk, "fixture.set", "{'sequences':[{'name':'customer_id','next':366}]}");
	const struct customer *customer = desk_do(&desk, "customer.create", JOHN);
	CHECK_EQ_INT(customer->id, 366);
	CHECK_EQ_INT(customer->account_id, 1);
	CHECK_EQ_INT(customer->status, CUSTOMER_STATUS_ACTIVE);
	CHECK(customer->locked);
	CHECK_EQ_TEXT(customer->billing_contact->address->city, "Chicago");
	CHECK_EQ_TEXT(desk_events(&desk), "pre account.create, post account.create, pre customer.create, post customer.create");
	desk_close(&desk);
}

static bool john_has_an_account(struct command *command, void *context)
{
	struct account *account;
	struct customer *customer;
	(void)context;
	CHECK(customer_account(command, 0, 0, TEXT("JOHNDOE001"), &account, &customer));
	CHECK_EQ_INT(customer->id, 1);
	CHECK_EQ_TEXT(account->name, "John Doe");
	CHECK_EQ_TEXT(account->external_key, "JOHNDOE001");
	CHECK_EQ_TEXT(account->email, "johndoe@jdoe.com");
	CHECK_EQ_TEXT(account->address->city, "Chicago");
	CHECK(account->business);
	CHECK(customer_account(command, account->id, 0, TEXT_NONE, &account, &customer) && customer->id == 1);
	CHECK(customer_account(command, 0, 1, TEXT_NONE, &account, NULL) && account->id == 1);
	CHECK(customer_account(command, 2, 0, TEXT_NONE, &account, &customer) && account->id == 2 && !customer);

	CHECK(!customer_account(command, 0, 0, TEXT_NONE, &account, &customer));
	CHECK_EQ_INT(command->problems->last->code, PROBLEM_MISSING_FIELD);
	CHECK(!customer_account(command, 2, 1, TEXT_NONE, &account, &customer));
	CHECK_EQ_INT(command->problems->last->code, PROBLEM_INVALID_COMBINATION);
	CHECK(!customer_account(command, 0, 0, TEXT("NOBODY"), &account, &customer));
	CHECK_EQ_INT(command->problems->last->code, PROBLEM_NOT_FOUND);
	CHECK_EQ_C(command->problems->last->pointer, "/customer_key");
	CHECK(!customer_account(command, 0, 99, TEXT_NONE, &account, &customer));
	CHECK_EQ_C(command->problems->last->pointer, "/customer_id");
	CHECK(!customer_account(command, 99, 0, TEXT_NONE, &account, &customer));
	CHECK_EQ_C(command->problems->last->pointer, "/account_id");
	return true;
}

TEST(an_account_is_found_by_any_of_its_three_names)
{
	struct desk desk;
	desk_open(&desk);
	desk_do(&desk, "customer.create", JOHN);
	desk_do(&desk, "account.create", "{'name':'without a login'}");
	desk_read(&desk, john_has_an_account, NULL);
	desk_close(&desk);
}

TEST(keys_and_logins_are_unique_and_a_refusal_stores_nothing)
{
	struct desk desk;
	desk_open(&desk);
	desk_do(&desk, "customer.create", JOHN);
	CHECK_REFUSED(&desk, "customer.create", JOHN, PROBLEM_DUPLICATE, "/external_key");
	CHECK_EQ_TEXT(desk.problems.first->value, "JOHNDOE001");
	CHECK_REFUSED(&desk, "customer.create", "{'name':'J','username':'jdoe001'}", PROBLEM_DUPLICATE, "/username");
	CHECK_REFUSED(&desk, "customer.create", "{'name':'J','account_id':1}", PROBLEM_DUPLICATE, "/account_id");
	CHECK_REFUSED(&desk, "customer.create", "{'name':'J','account_id':9}", PROBLEM_NOT_FOUND, "/account_id");
	const struct customer *next = desk_do(&desk, "customer.create", "{'name':'Jane'}");
	CHECK_EQ_INT(next->id, 2);
	CHECK_EQ_INT(next->account_id, 2);
	desk_close(&desk);
}

TEST(a_customer_may_belong_to_an_account_that_has_none)
{
	struct desk desk;
	desk_open(&desk);
	desk_do(&desk, "account.create", "{'name':'Ann'}");
	desk_events(&desk);
	const struct customer *customer = desk_do(&desk, "customer.create", "{'name':'Ann','account_id':1}");
	CHECK_EQ_INT(customer->account_id, 1);
	CHECK_EQ_TEXT(desk_events(&desk), "pre customer.create, post customer.create");
	desk_close(&desk);
}

static bool account_has_status(struct command *command, void *context)
{
	struct account *account;
	CHECK(account_find(command, 1, &account));
	CHECK_EQ_INT(account->status, *(const enum account_status *)context);
	return true;
}

TEST(a_terminated_customer_stays_so)
{
	struct desk desk;
	enum account_status status = ACCOUNT_STATUS_SUSPENDED;
	desk_open(&desk);
	desk_do(&desk, "customer.create", JOHN);
	desk_events(&desk);
	desk_do(&desk, "customer.status", "{'id':1,'status':'suspended'}");
	CHECK_EQ_TEXT(desk_events(&desk), "pre customer.status_change, post customer.status_change");
	desk_read(&desk, account_has_status, &status);
	desk_do(&desk, "customer.status", "{'id':1,'status':'suspended'}");
	CHECK_EQ_TEXT(desk_events(&desk), "");
	desk_do(&desk, "customer.status", "{'id':1,'status':'terminated'}");
	CHECK_REFUSED(&desk, "customer.status", "{'id':1,'status':'active'}", PROBLEM_WRONG_STATE, "/status");
	CHECK_REFUSED(&desk, "customer.status", "{'id':1,'status':'gone'}", PROBLEM_UNKNOWN_CHOICE, "/status");
	desk_close(&desk);
}

TEST(an_update_of_a_customer_reaches_its_account)
{
	struct desk desk;
	desk_open(&desk);
	desk_do(&desk, "customer.create", JOHN);
	desk_events(&desk);
	const struct customer *customer = desk_do(
	        &desk, "customer.update", "{'id':1,'name':'Jim','billing_contact':{'email':'jim@jdoe.com','address':{'city':'Bonn'}}}");
	CHECK_EQ_TEXT(customer->name, "Jim");
	CHECK_EQ_TEXT(customer->external_key, "JOHNDOE001");
	CHECK_EQ_TEXT(desk_events(&desk), "pre account.update, post account.update, pre account.address_update, post account.address_update");
	desk_close(&desk);
}

/* ---- lists ---- */

static size_t found(struct command *command, struct customer_query query)
{
	struct customer_list customers = { 0 };
	CHECK(customer_search(command, &query, &customers));
	return customers.count;
}

static struct instant at(const char *text)
{
	struct instant instant;
	CHECK(instant_parse(text_of(text), &instant));
	return instant;
}

static bool customers_are_searched(struct command *command, void *context)
{
	(void)context;
	CHECK_EQ_INT(found(command, (struct customer_query){ .offset = 20, .max = 10 }), 5);
	CHECK_EQ_INT(found(command, (struct customer_query){ .max = 100 }), 25);
	CHECK_EQ_INT(found(command, (struct customer_query){ 0 }), 25);
	CHECK_EQ_INT(found(command, (struct customer_query){ .status = CUSTOMER_STATUS_SUSPENDED }), 1);
	CHECK_EQ_INT(found(command, (struct customer_query){ .search = TEXT("ONE 1") }), 11);
	CHECK_EQ_INT(found(command, (struct customer_query){ .search = TEXT("key-7") }), 1);
	CHECK_EQ_INT(found(command, (struct customer_query){ .search = TEXT("%") }), 0);
	CHECK_EQ_INT(found(command, (struct customer_query){ .created_from = at("2011-09-06T00:00:00Z"),
	                                                     .created_to = at("2011-09-06T23:59:00Z"), .max = 100 }), 25);
	CHECK_EQ_INT(found(command, (struct customer_query){ .created_to = at("2011-09-06T15:00:00Z") }), 0);
	CHECK_EQ_INT(found(command, (struct customer_query){ .updated_from = at("2011-09-06T15:00:00Z"), .max = 3 }), 3);
	struct customer_list page = { 0 };
	CHECK(customer_page(command, (struct page_query){ .after_id = 24 }, &page));
	CHECK_EQ_INT(page.count, 1);
	CHECK_EQ_INT(page.items[0].id, 25);
	return true;
}

TEST(customers_are_listed_by_offset_status_search_and_window)
{
	struct desk desk;
	desk_open(&desk);
	for (int i = 0; i < 25; i++)
		desk_do(&desk, "customer.create",
		        text_format(&desk.arena, "{'name':'Someone %d','external_key':'key-%d'}", i, i).data);
	desk_do(&desk, "customer.status", "{'id':3,'status':'suspended'}");
	desk_read(&desk, customers_are_searched, NULL);
	desk_close(&desk);
}

CHECK_MAIN
