/* customer.c: BluBilling's customers. Passwords are dropped where they come in. */
#include "blu.h"

#include "billing/account.h"
#include "billing/credit.h"
#include "billing/customer.h"
#include "billing/invoice.h"

/* ---- in ---- */

static const struct blu_element address_elements[] = {
	{ .name = "street1", .kind = BLU_FIELD, .field = ADDRESS_FIELD_STREET1 },
	{ .name = "street2", .kind = BLU_FIELD, .field = ADDRESS_FIELD_STREET2 },
	{ .name = "city", .kind = BLU_FIELD, .field = ADDRESS_FIELD_CITY },
	{ .name = "state", .kind = BLU_FIELD, .field = ADDRESS_FIELD_STATE },
	{ .name = "zip", .kind = BLU_FIELD, .field = ADDRESS_FIELD_ZIP },
	{ .name = "country", .kind = BLU_FIELD, .field = ADDRESS_FIELD_COUNTRY },
	{ .name = "countryCode", .kind = BLU_FIELD, .field = ADDRESS_FIELD_COUNTRY_CODE },
	{ .name = NULL },
};

#define CONTACT_ELEMENTS                                                                             \
	{ .name = "firstName", .kind = BLU_FIELD, .field = CONTACT_FIELD_FIRST_NAME },               \
	{ .name = "lastName", .kind = BLU_FIELD, .field = CONTACT_FIELD_LAST_NAME },                 \
	{ .name = "companyName", .kind = BLU_FIELD, .field = CONTACT_FIELD_COMPANY },                \
	{ .name = "emailPrimary", .kind = BLU_FIELD, .field = CONTACT_FIELD_EMAIL },                 \
	{ .name = "emailSecondary", .kind = BLU_FIELD, .field = CONTACT_FIELD_EMAIL_SECONDARY },     \
	{ .name = "workPhone", .kind = BLU_FIELD, .field = CONTACT_FIELD_WORK_PHONE },               \
	{ .name = "homePhone", .kind = BLU_FIELD, .field = CONTACT_FIELD_HOME_PHONE },               \
	{ .name = "mobilePhone", .kind = BLU_FIELD, .field = CONTACT_FIELD_MOBILE_PHONE },           \
	{ .name = "fax", .kind = BLU_FIELD, .field = CONTACT_FIELD_FAX },                            \
	{ .name = "address", .kind = BLU_RECORD, .field = CONTACT_FIELD_ADDRESS, .elements = address_elements }

static const struct blu_element sales_elements[] = { CONTACT_ELEMENTS, { .name = NULL } };

static const struct blu_element billing_elements[] = {
	{ .name = "username", .kind = BLU_FIELD, .field = CUSTOMER_CREATE_FIELD_USERNAME, .outer = true },
	{ .name = "passwd", .kind = BLU_DROPPED },
	{ .name = "accountLocked", .kind = BLU_FIELD, .field = CUSTOMER_CREATE_FIELD_LOCKED, .outer = true },
	CONTACT_ELEMENTS,
	{ .name = NULL },
};

static const struct blu_element customer_elements[] = {
	{ .name = "name", .kind = BLU_FIELD, .field = CUSTOMER_CREATE_FIELD_NAME },
	{ .name = "status", .kind = BLU_WORD, .field = CUSTOMER_CREATE_FIELD_STATUS, .words = WORD_CUSTOMER_STATUS,
	  .states = &customer_record, .states_field = CUSTOMER_FIELD_STATUS },
	{ .name = "extCustomerRef", .kind = BLU_FIELD, .field = CUSTOMER_CREATE_FIELD_EXTERNAL_KEY },
	{ .name = "locale", .kind = BLU_FIELD, .field = CUSTOMER_CREATE_FIELD_LOCALE },
	{ .name = "isBusinessAccount", .kind = BLU_FIELD, .field = CUSTOMER_CREATE_FIELD_BUSINESS },
	{ .name = "currency", .kind = BLU_FIELD, .field = CUSTOMER_CREATE_FIELD_CURRENCY, .attribute = "id" },
	{ .name = "billingContact", .kind = BLU_RECORD, .field = CUSTOMER_CREATE_FIELD_BILLING_CONTACT,
	  .elements = billing_elements, .required = true },
	{ .name = "salesContact", .kind = BLU_RECORD, .field = CUSTOMER_CREATE_FIELD_SALES_CONTACT,
	  .elements = sales_elements },
	{ .name = NULL },
};

const struct blu_form blu_customer_form = {
	.root = "customer", .record = &customer_create_record, .elements = customer_elements,
};

/* ---- out ---- */

static void address_write(struct blu_writer *writer, const struct address *address)
{
	if (!address)
		return;
	blu_open(writer, "address");
	blu_text(writer, "street1", address->street1);
	blu_text(writer, "street2", address->street2);
	blu_text(writer, "city", address->city);
	blu_text(writer, "state", address->state);
	blu_text(writer, "zip", address->zip);
	blu_text(writer, "country", address->country);
	blu_text(writer, "countryCode", address->country_code);
	blu_close(writer);
}

static void contact_write(struct blu_writer *writer, const struct contact *contact)
{
	blu_text(writer, "firstName", contact->first_name);
	blu_text(writer, "lastName", contact->last_name);
	blu_text(writer, "companyName", contact->company);
	blu_text(writer, "emailPrimary", contact->email);
	blu_text(writer, "emailSecondary", contact->email_secondary);
	blu_text(writer, "workPhone", contact->work_phone);
	blu_text(writer, "homePhone", contact->home_phone);
	blu_text(writer, "mobilePhone", contact->mobile_phone);
	blu_text(writer, "fax", contact->fax);
	address_write(writer, contact->address);
}

static void contacts_write(struct blu_writer *writer, const struct customer *customer)
{
	if (customer->billing_contact || text_present(customer->username)) {
		blu_open(writer, "billingContact");
		blu_text(writer, "username", customer->username);
		blu_boolean(writer, "accountLocked", customer->locked);
		if (customer->billing_contact)
			contact_write(writer, customer->billing_contact);
		blu_close(writer);
	}
	if (customer->sales_contact) {
		blu_open(writer, "salesContact");
		contact_write(writer, customer->sales_contact);
		blu_close(writer);
	}
}

static bool financials_write(struct command *command, struct blu_writer *writer, const struct account *account)
{
	struct invoice_list open = { 0 };
	struct money owed = money_zero(account->currency), credit;
	if (!invoices_open(command, account->id, &open) || !credit_balance(command, account, &credit))
		return false;
	for (size_t i = 0; i < open.count; i++)
		if (!money_same_currency(owed, open.items[i].balance) || !money_add(owed, open.items[i].balance, &owed))
			return problem(command->problems, PROBLEM_OVERFLOW, "",
			               "what account %lld owes cannot be added up", (long long)account->id);
	blu_open(writer, "financials");
	blu_money(writer, "outstandingBalance", owed);
	blu_money(writer, "creditBalance", credit);
	blu_boolean(writer, "isAutoPay", account->payment_method_id != 0);
	blu_close(writer);
	return true;
}

static bool customer_write(struct command *command, struct blu_writer *writer, const struct customer *customer)
{
	struct account *account = account_need(command, customer->account_id, "");
	if (!account)
		return false;
	blu_open(writer, "customer");
	blu_id(writer, customer->id);
	blu_text(writer, "name", customer->name);
	blu_c(writer, "status", word_of(WORD_SYSTEM_BLUBILLING, WORD_CUSTOMER_STATUS, (int)customer->status));
	blu_text(writer, "extCustomerRef", customer->external_key);
	blu_text(writer, "locale", account->locale);
	blu_boolean(writer, "isBusinessAccount", account->business);
	blu_currency(writer, account->currency);
	contacts_write(writer, customer);
	bool good = financials_write(command, writer, account);
	blu_close(writer);
	return good;
}

/* ---- calls ---- */

static void customer_encode(struct command *command, struct http_exchange *exchange, void *output)
{
	struct blu_writer writer;
	blu_answer(exchange, &writer);
	customer_write(command, &writer, output);
	blu_answered(exchange, &writer, exchange->reply.status);
}

bool blu_customer_create(struct http_exchange *exchange)
{
	struct customer_create *input = arena_new(exchange->arena, struct customer_create);
	return blu_begin(exchange) && blu_form_read(exchange, exchange->entry->route->form, input) &&
	       http_submit(exchange, exchange->entry->command, input, customer_encode);
}

static bool customer_addressed(struct command *command, struct http_exchange *exchange, struct customer **customer)
{
	int64_t id;
	struct text key;
	*customer = NULL;
	if (!blu_customer_named(exchange, &id, &key))
		return false;
	if (exchange->id || id) {
		if (!customer_find(command, exchange->id ? exchange->id : id, customer))
			return false;
	} else if (text_present(key) && !customer_by_key(command, key, customer)) {
		return false;
	}
	if (!*customer)
		blu_missing(exchange, "customer", id ? "customerId" : "extCustomerRef");
	return *customer != NULL;
}

bool blu_customer_read(struct command *command, struct http_exchange *exchange)
{
	struct customer *customer;
	struct blu_writer writer;
	if (!customer_addressed(command, exchange, &customer))
		return false;
	blu_answer(exchange, &writer);
	if (!customer_write(command, &writer, customer))
		return false;
	blu_answered(exchange, &writer, 200);
	return true;
}

bool blu_customers_read(struct command *command, struct http_exchange *exchange)
{
	struct object_filter filter = { 0 };
	struct customer_list customers = { 0 };
	if (!blu_filter(command, exchange, WORD_CUSTOMER_STATUS, &filter))
		return false;
	struct customer_query query = {
		.offset = filter.offset,
		.max = (size_t)filter.max,
		.status = (enum customer_status)filter.status,
		.search = http_parameter(&exchange->target, "search"),
		.created_from = filter.created_from,
		.created_to = filter.created_until,
		.updated_from = filter.updated_from,
		.updated_to = filter.updated_until,
	};
	if (!customer_search(command, &query, &customers))
		return false;
	struct blu_writer writer;
	blu_answer(exchange, &writer);
	blu_open_list(&writer, "list");
	for (size_t i = 0; i < customers.count; i++)
		if (!customer_write(command, &writer, &customers.items[i]))
			return false;
	blu_close(&writer);
	blu_answered(exchange, &writer, 200);
	return true;
}
