/* customer.c: the login and contact side of an account: made, changed, found. */
#include "customer.h"

#include "account.h"
#include "event/dispatch.h"

/* ---- found ---- */

bool customer_find(struct command *command, int64_t id, struct customer **customer)
{
	return store_find(command->store, &customer_record, id, (void **)customer);
}

static bool customer_by_text(struct command *command, enum statement statement, struct text text,
                             struct customer **customer)
{
	return store_one(command->store, statement, BINDS(bind_text(text)), &customer_record, (void **)customer);
}

bool customer_by_key(struct command *command, struct text external_key, struct customer **customer)
{
	return customer_by_text(command, STATEMENT_CUSTOMER_BY_KEY, external_key, customer);
}

bool customer_by_account(struct command *command, int64_t account_id, struct customer **customer)
{
	return store_one(command->store, STATEMENT_CUSTOMER_BY_ACCOUNT, BINDS(bind_id(account_id)), &customer_record,
	                 (void **)customer);
}

bool customer_page(struct command *command, struct page_query page, struct customer_list *customers)
{
	return store_all(command->store, STATEMENT_CUSTOMER_PAGE,
	                 BINDS(bind_integer(page.after_id), bind_integer(page_limit(page))), &customer_record,
	                 LIST(customers));
}

bool customer_search(struct command *command, const struct customer_query *query, struct customer_list *customers)
{
	const char *status = query->status ? customer_record.fields[CUSTOMER_FIELD_STATUS].words[query->status] : NULL;
	struct page_query page = { .limit = query->max };
	return store_all(command->store, STATEMENT_CUSTOMER_SEARCH,
	                 BINDS(bind_c(status), query->search.length ? bind_text(query->search) : bind_null(),
	                       bind_instant(query->created_from), bind_instant(query->created_to),
	                       bind_instant(query->updated_from), bind_instant(query->updated_to),
	                       bind_integer(page_limit(page)), bind_integer(query->offset)),
	                 &customer_record, LIST(customers));
}

static bool named_customer(struct command *command, int64_t customer_id, struct text customer_key,
                           struct customer **found)
{
	*found = NULL;
	if (customer_id) {
		if (!customer_find(command, customer_id, found))
			return false;
		if (!*found)
			return record_missing(&customer_record, customer_id, command->problems, "/customer_id");
	}
	if (!text_present(customer_key))
		return true;
	struct customer *by_key;
	if (!customer_by_key(command, customer_key, &by_key))
		return false;
	if (!by_key)
		return problem_value(command->problems, PROBLEM_NOT_FOUND, "/customer_key", customer_key, NULL,
		                     "there is no customer with the external key '%.*s'", TEXT_ARG(customer_key));
	if (*found && (*found)->id != by_key->id)
		return problem(command->problems, PROBLEM_INVALID_COMBINATION, "/customer_key",
		               "customer_id and customer_key mean different customers");
	*found = by_key;
	return true;
}

bool customer_account(struct command *command, int64_t account_id, int64_t customer_id, struct text customer_key,
                      struct account **account, struct customer **customer)
{
	struct customer *found;
	if (!account_id && !customer_id && !text_present(customer_key))
		return problem(command->problems, PROBLEM_MISSING_FIELD, "/account_id",
		               "name the account by account_id, customer_id or customer_key");
	if (!named_customer(command, customer_id, customer_key, &found))
		return false;
	if (found && account_id && found->account_id != account_id)
		return problem(command->problems, PROBLEM_INVALID_COMBINATION, "/account_id",
		               "account %lld is not the account of customer %lld", (long long)account_id,
		               (long long)found->id);
	*account = account_need(command, found ? found->account_id : account_id, "/account_id");
	if (!*account || (!found && !customer_by_account(command, account_id, &found)))
		return false;
	if (customer)
		*customer = found;
	return true;
}

/* ---- what must hold ---- */

static bool unique_check(struct command *command, const struct customer *customer, enum statement statement,
                         struct text value, const char *pointer, const char *what)
{
	if (!text_present(value))
		return true;
	struct customer *other;
	if (!customer_by_text(command, statement, value, &other))
		return false;
	if (other && other->id != customer->id)
		return problem_value(command->problems, PROBLEM_DUPLICATE, pointer, value, NULL,
		                     "customer %lld has the %s '%.*s' already", (long long)other->id, what,
		                     TEXT_ARG(value));
	return true;
}

static bool names_check(struct command *command, const struct customer *customer)
{
	return unique_check(command, customer, STATEMENT_CUSTOMER_BY_KEY, customer->external_key, "/external_key",
	                    "external key") &&
	       unique_check(command, customer, STATEMENT_CUSTOMER_BY_USERNAME, customer->username, "/username",
	                    "user name");
}

/* The account has the status of its customer. */
static bool account_follow(struct command *command, struct account *account, const struct customer *customer)
{
	enum account_status status = customer->status == CUSTOMER_STATUS_SUSPENDED    ? ACCOUNT_STATUS_SUSPENDED
	                             : customer->status == CUSTOMER_STATUS_TERMINATED ? ACCOUNT_STATUS_TERMINATED
	                                                                              : ACCOUNT_STATUS_ACTIVE;
	if (account->status == status)
		return true;
	account->status = status;
	return account_save(command, account);
}

/* ---- customer.create ---- */

static struct account_create account_input(const struct customer_create *input)
{
	struct account_create create = {
		.external_key = input->external_key,
		.name = input->name,
		.currency = input->currency,
		.time_zone = input->time_zone,
		.locale = input->locale,
		.business = input->business,
		.has_business = input->has_business,
	};
	if (input->billing_contact) {
		create.email = input->billing_contact->email;
		create.address = input->billing_contact->address;
	}
	return create;
}

struct account *customer_account_ahead(struct command *command, const struct customer_create *input, int64_t account_id)
{
	struct account_create create = account_input(input);
	struct account *account = account_make(command, &create);
	account->id = account_id;
	return account;
}

static bool account_for(struct command *command, const struct customer_create *input, int64_t account_id,
                        struct account **account)
{
	if (input->account_id) {
		struct customer *other;
		*account = account_need(command, input->account_id, "/account_id");
		if (!*account || !customer_by_account(command, input->account_id, &other))
			return false;
		return !other || problem(command->problems, PROBLEM_DUPLICATE, "/account_id",
		                         "account %lld has customer %lld already", (long long)input->account_id,
		                         (long long)other->id);
	}
	struct account_create create = account_input(input);
	return account_create_as(command, &create, account_id, account);
}

static struct customer *customer_make(struct command *command, const struct customer_create *input)
{
	struct customer *customer = arena_new(command->arena, struct customer);
	customer->external_key = input->external_key;
	customer->name = input->name;
	customer->status = input->status ? (enum customer_status)input->status : CUSTOMER_STATUS_ACTIVE;
	customer->username = input->username;
	customer->locked = input->has_locked && input->locked;
	customer->roles = input->roles;
	customer->billing_contact = input->billing_contact;
	customer->sales_contact = input->sales_contact;
	customer->created_at = customer->updated_at = command->now;
	return customer;
}

bool customer_create_as(struct command *command, const struct customer_create *input, int64_t account_id,
                        struct text order_number, struct customer **output)
{
	struct customer *customer = customer_make(command, input);
	struct account *account;
	if (!names_check(command, customer) || !account_for(command, input, account_id, &account))
		return false;
	customer->account_id = account->id;
	customer->id = store_new_id(command->store, "customer");
	struct occurrence created =
	        occurrence_of(EVENT_CUSTOMER_CREATE, &customer_record, customer, customer->id, account->id);
	created.details.account = account;
	created.details.login = customer->username;
	created.details.roles = customer->roles;
	created.details.order_number = order_number;
	created.details.billing_address = account->address;
	created.details.main_address = account->main_address;
	created.details.shipping_address = account->shipping_address;
	if (!event_pre(command, &created))
		return false;
	customer->roles = created.details.roles;
	if (!record_check(&customer_record, customer, "", command->problems) ||
	    !store_insert(command->store, &customer_record, customer) || !account_follow(command, account, customer))
		return false;
	command_object(command, "customer", customer->id, account->id);
	*output = customer;
	return event_post(command, &created);
}

static bool customer_create_perform(struct command *command, const void *data, void **output)
{
	struct customer *customer;
	if (!customer_create_as(command, data, 0, TEXT_NONE, &customer))
		return false;
	*output = customer;
	return true;
}

/* ---- customer.update ---- */

static struct customer *customer_need(struct command *command, int64_t id)
{
	struct customer *customer;
	if (!customer_find(command, id, &customer))
		return NULL;
	if (!customer)
		record_missing(&customer_record, id, command->problems, "/id");
	return customer;
}

/* The catalogue has no event of the login side alone: what rules and listeners see is account.update. */
static bool account_update(struct command *command, const struct customer_update *input,
                           const struct customer *customer)
{
	struct account_update update = { .id = customer->account_id,
		                         .name = input->name,
		                         .external_key = input->external_key };
	if (input->billing_contact)
		update.email = input->billing_contact->email;
	void *account;
	if (!command_perform(command, "account.update", &update, &account))
		return false;
	if (!input->billing_contact || !input->billing_contact->address)
		return true;
	struct account_address_update move = { .id = customer->account_id, .address = input->billing_contact->address };
	return command_perform(command, "account.address_update", &move, &account);
}

static bool customer_update_perform(struct command *command, const void *data, void **output)
{
	const struct customer_update *input = data;
	struct customer *customer = customer_need(command, input->id);
	if (!customer)
		return false;
	if (text_present(input->name))
		customer->name = input->name;
	if (text_present(input->external_key))
		customer->external_key = input->external_key;
	if (input->has_locked)
		customer->locked = input->locked;
	if (text_present(input->roles))
		customer->roles = input->roles;
	if (input->billing_contact)
		customer->billing_contact = input->billing_contact;
	if (input->sales_contact)
		customer->sales_contact = input->sales_contact;
	customer->updated_at = command->now;
	command_object(command, "customer", customer->id, customer->account_id);
	*output = customer;
	return names_check(command, customer) && account_update(command, input, customer) &&
	       store_update(command->store, &customer_record, customer);
}

/* ---- customer.status ---- */

/* A pre rule may choose another status than the one that was asked for. */
static bool status_assign(struct command *command, struct customer *customer, struct text word)
{
	if (!record_field_parse(&customer_record, customer, CUSTOMER_FIELD_STATUS, word, "/status", command->arena,
	                        command->problems))
		return false;
	customer->updated_at = command->now;
	return true;
}

bool customer_set_status(struct command *command, struct customer *customer, enum customer_status status,
                         struct text reason)
{
	struct account *account = account_need(command, customer->account_id, "/id");
	const char *const *words = customer_record.fields[CUSTOMER_FIELD_STATUS].words;
	if (!account || customer->status == status)
		return account != NULL;
	struct occurrence changed = occurrence_of(EVENT_CUSTOMER_STATUS_CHANGE, &customer_record, customer,
	                                          customer->id, customer->account_id);
	changed.details.account = account;
	changed.details.login = customer->username;
	changed.details.old_status = text_of(words[customer->status]);
	changed.details.new_status = text_of(words[status]);
	changed.details.reason = reason;
	changed.details.address = account->address;
	return event_pre(command, &changed) && status_assign(command, customer, changed.details.new_status) &&
	       store_update(command->store, &customer_record, customer) && account_follow(command, account, customer) &&
	       event_post(command, &changed);
}

static bool customer_status_perform(struct command *command, const void *data, void **output)
{
	const struct customer_status_change *input = data;
	struct customer *customer = customer_need(command, input->id);
	if (!customer)
		return false;
	*output = customer;
	command_object(command, "customer", customer->id, customer->account_id);
	if (customer->status == CUSTOMER_STATUS_TERMINATED && (int)input->status != CUSTOMER_STATUS_TERMINATED)
		return problem(command->problems, PROBLEM_WRONG_STATE, "/status", "customer %lld is terminated",
		               (long long)customer->id);
	return customer_set_status(command, customer, (enum customer_status)input->status, input->reason);
}

const struct command_type customer_commands[] = {
	{ .name = "customer.create",
	  .scope = "write",
	  .input = &customer_create_record,
	  .output = &customer_record,
	  .perform = customer_create_perform,
	  .doc = "Makes a customer, and its account when none is named." },
	{ .name = "customer.update",
	  .scope = "write",
	  .input = &customer_update_record,
	  .output = &customer_record,
	  .perform = customer_update_perform,
	  .doc = "Changes a customer and its account; absent fields stay." },
	{ .name = "customer.status",
	  .scope = "write",
	  .input = &customer_status_change_record,
	  .output = &customer_record,
	  .perform = customer_status_perform,
	  .doc = "Suspends, reactivates or terminates a customer." },
	{ .name = NULL },
};
