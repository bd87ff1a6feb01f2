/* account.c: the party that owes money: made, changed, found. */
#include "account.h"

#include "account_control.h"
#include "account_day.h"
#include "convention.h"

#include "event/dispatch.h"
#include "parent_invoice.h"

bool account_find(struct command *command, int64_t id, struct account **account)
{
	return store_find(command->store, &account_record, id, (void **)account);
}

bool account_by_key(struct command *command, struct text external_key, struct account **account)
{
	return store_one(command->store, STATEMENT_ACCOUNT_BY_KEY, BINDS(bind_text(external_key)), &account_record,
	                 (void **)account);
}

struct account *account_need(struct command *command, int64_t id, const char *pointer)
{
	struct account *account;
	if (!account_find(command, id, &account))
		return NULL;
	if (!account)
		record_missing(&account_record, id, command->problems, pointer);
	return account;
}

bool account_page(struct command *command, struct page_query page, struct account_list *accounts)
{
	return store_all(command->store, STATEMENT_ACCOUNT_PAGE,
	                 BINDS(bind_integer(page.after_id), bind_integer(page_limit(page))), &account_record,
	                 LIST(accounts));
}

bool account_save(struct command *command, struct account *account)
{
	account->updated_at = command->now;
	return store_update(command->store, &account_record, account);
}

bool account_mark_discounted(struct command *command, struct account *account)
{
	if (account->has_discounted && account->discounted)
		return true;
	account->has_discounted = account->discounted = true;
	return account_save(command, account);
}

bool account_mark_prepaying(struct command *command, struct account *account)
{
	if (account->has_prepays && account->prepays)
		return true;
	account->has_prepays = account->prepays = true;
	return account_save(command, account);
}

bool account_save_next_bill_date(struct command *command, struct account *account, struct date date)
{
	account->next_bill_date = date;
	account->updated_at = command->now;
	struct store_bind bound = date_present(date) ? bind_date(command->arena, date) : bind_null();
	return store_execute(command->store, STATEMENT_ACCOUNT_SET_NEXT_BILL_DATE,
	                     BINDS(bind_id(account->id), bound, bind_instant(command->now)), NULL);
}

/* ---- what must hold ---- */

static bool key_check(struct command *command, const struct account *account)
{
	if (!text_present(account->external_key))
		return true;
	struct account *other;
	if (!account_by_key(command, account->external_key, &other))
		return false;
	if (other && other->id != account->id)
		return problem_value(command->problems, PROBLEM_DUPLICATE, "/external_key", account->external_key, NULL,
		                     "account %lld has the external key '%.*s' already", (long long)other->id,
		                     TEXT_ARG(account->external_key));
	return true;
}

/* Also of what a pre rule has assigned. */
static bool account_check(struct command *command, const struct account *account)
{
	struct problems *problems = command->problems;
	if (!record_check(&account_record, account, "", problems))
		return false;
	if (!timezone_find(account->time_zone))
		return problem_value(problems, PROBLEM_BAD_TIMEZONE, "/time_zone", account->time_zone, NULL,
		                     "time zone '%.*s' is unknown", TEXT_ARG(account->time_zone));
	if (!convention_check(command->arena, problems, account->convention, "/convention"))
		return false;
	if (text_present(account->custom) && !text_starts(text_trim(account->custom), "{"))
		return problem(problems, PROBLEM_WRONG_TYPE, "/custom", "custom must be an object");
	return key_check(command, account);
}

/* ---- account.create ---- */

struct account *account_make(struct command *command, const struct account_create *input)
{
	struct account *account = arena_new(command->arena, struct account);
	account->uuid = uuid_present(input->uuid) ? input->uuid : uuid_time_ordered();
	account->external_key = input->external_key;
	account->name = input->name;
	account->email = input->email;
	account->currency = input->currency ? input->currency : command->tenant->currency;
	account->time_zone = text_present(input->time_zone) ? input->time_zone : command->tenant->time_zone;
	account->bill_cycle_day = input->bill_cycle_day;
	account->has_bill_cycle_day = input->has_bill_cycle_day;
	account->convention = input->convention;
	account->locale = input->locale;
	account->status = ACCOUNT_STATUS_ACTIVE;
	account->business = input->has_business && input->business;
	account->address = input->address;
	account->notes = input->notes;
	account->custom = input->custom;
	account->created_at = account->updated_at = command->now;
	return account;
}

bool account_create_as(struct command *command, const struct account_create *input, int64_t id, struct account **output)
{
	struct account *account = account_make(command, input);
	if (!key_check(command, account))
		return false;
	account->id = id ? id : store_new_id(command->store, "account");
	struct occurrence created =
	        occurrence_of(EVENT_ACCOUNT_CREATE, &account_record, account, account->id, account->id);
	if (!event_pre(command, &created) || !account_check(command, account) ||
	    !store_insert(command->store, &account_record, account))
		return false;
	command_object(command, "account", account->id, account->id);
	*output = account;
	return event_post(command, &created);
}

static bool account_create_perform(struct command *command, const void *data, void **output)
{
	struct account *account;
	if (!account_create_as(command, data, 0, &account))
		return false;
	*output = account;
	return true;
}

/* ---- account.update ---- */

static void account_assign(struct account *account, const struct account_update *input)
{
	if (text_present(input->external_key))
		account->external_key = input->external_key;
	if (text_present(input->name))
		account->name = input->name;
	if (text_present(input->email))
		account->email = input->email;
	if (input->has_bill_cycle_day) {
		account->bill_cycle_day = input->bill_cycle_day;
		account->has_bill_cycle_day = true;
	}
	if (text_present(input->convention))
		account->convention = input->convention.length > 0 ? input->convention : TEXT_NONE;
	if (text_present(input->locale))
		account->locale = input->locale;
	if (input->has_business)
		account->business = input->business;
	if (text_present(input->notes))
		account->notes = input->notes;
	if (text_present(input->custom))
		account->custom = input->custom;
}

/* Who invoices and who pays. */
static void account_assign_controls(struct account *account, const struct account_update *input)
{
	if (input->invoicing)
		account->invoicing = (enum account_invoicing)input->invoicing;
	if (input->has_pay_automatically) {
		account->has_pay_automatically = true;
		account->pay_automatically = input->pay_automatically;
	}
	if (input->has_manual_pay) {
		account->has_manual_pay = true;
		account->manual_pay = input->manual_pay;
	}
	if (input->parent_id)
		account->parent_id = input->parent_id;
	if (input->has_parent_pays) {
		account->has_parent_pays = true;
		account->parent_pays = input->parent_pays;
	}
}

static bool account_update_perform(struct command *command, const void *data, void **output)
{
	const struct account_update *input = data;
	struct account *account = account_need(command, input->id, "/id");
	if (!account)
		return false;
	struct account *before = record_copy(&account_record, account, command->arena);
	account_assign(account, input);
	account_assign_controls(account, input);
	struct occurrence updated =
	        occurrence_of(EVENT_ACCOUNT_UPDATE, &account_record, account, account->id, account->id);
	updated.details.old_account = before;
	command_object(command, "account", account->id, account->id);
	*output = account;
	if (!event_pre(command, &updated) || !account_check(command, account) || !parent_check(command, account))
		return false;
	updated.details.changed = record_changed(&account_record, before, account, command->arena);
	return account_save(command, account) && event_post(command, &updated) &&
	       account_day_changed(command, before, account, DATE_NONE) &&
	       account_controls_changed(command, before, account);
}

/* ---- account.address_update ---- */

/* The address of this kind. */
static struct address **account_address(struct account *account, enum account_address_update_kind kind)
{
	switch (kind) {
	case ACCOUNT_ADDRESS_UPDATE_KIND_MAIN:
		return &account->main_address;
	case ACCOUNT_ADDRESS_UPDATE_KIND_SHIPPING:
		return &account->shipping_address;
	default:
		return &account->address;
	}
}

static bool account_address_update_perform(struct command *command, const void *data, void **output)
{
	const struct account_address_update *input = data;
	struct account *account = account_need(command, input->id, "/id");
	if (!account)
		return false;
	enum account_address_update_kind kind = input->kind ? input->kind : ACCOUNT_ADDRESS_UPDATE_KIND_BILLING;
	struct address **address = account_address(account, kind);
	struct occurrence updated =
	        occurrence_of(EVENT_ACCOUNT_ADDRESS_UPDATE, &account_record, account, account->id, account->id);
	struct event_details *details = &updated.details;
	details->old_billing_address = account->address;
	details->old_main_address = account->main_address;
	details->old_shipping_address = account->shipping_address;
	details->old_address = *address;
	details->address = *address = input->address;
	details->kind = text_of(account_address_update_record.fields[ACCOUNT_ADDRESS_UPDATE_FIELD_KIND].words[kind]);
	command_object(command, "account", account->id, account->id);
	*output = account;
	if (!event_pre(command, &updated))
		return false;
	*address = details->address; /* a rule may have given another one */
	details->billing_address = account->address;
	details->main_address = account->main_address;
	details->shipping_address = account->shipping_address;
	return account_check(command, account) && account_save(command, account) && event_post(command, &updated);
}

const struct command_type account_commands[] = {
	{ .name = "account.create",
	  .scope = "write",
	  .input = &account_create_record,
	  .output = &account_record,
	  .perform = account_create_perform,
	  .doc = "Makes an account." },
	{ .name = "account.update",
	  .scope = "write",
	  .input = &account_update_record,
	  .output = &account_record,
	  .perform = account_update_perform,
	  .doc = "Changes an account; absent fields stay." },
	{ .name = "account.address_update",
	  .scope = "write",
	  .input = &account_address_update_record,
	  .output = &account_record,
	  .perform = account_address_update_perform,
	  .doc = "Gives an account another billing, main or shipping address." },
	{ .name = NULL },
};
