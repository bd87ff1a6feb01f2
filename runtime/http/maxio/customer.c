/* customer.c: customers: the contact side of an account each. */
#include "maxio.h"

#include "billing/customer.h"

/* ---- shown ---- */

static void address_show(const struct address *address, struct maxio_customer *shown)
{
	if (!address)
		return;
	shown->address = address->street1;
	shown->address_2 = address->street2;
	shown->city = address->city;
	shown->state = address->state;
	shown->zip = address->zip;
	shown->country = address->country_code;
	shown->country_name = address->country;
}

bool maxio_customer_show(struct command *command, const struct customer *customer, struct maxio_customer *shown)
{
	const struct contact *contact = customer->billing_contact;
	*shown = (struct maxio_customer){
		.id = customer->id, .has_id = true, .reference = customer->external_key, .first_name = customer->name,
		.created_at = maxio_time(command->arena, command->zone, customer->created_at),
		.updated_at = maxio_time(command->arena, command->zone, customer->updated_at),
		.has_verified = true, .verified = false, .has_tax_exempt = true, .tax_exempt = false,
	};
	if (!contact)
		return true;
	shown->first_name = contact->first_name;
	shown->last_name = contact->last_name;
	shown->organization = contact->company;
	shown->email = contact->email;
	shown->phone = contact->work_phone;
	address_show(contact->address, shown);
	return true;
}

/* ---- asked for ---- */

static struct address *address_asked(struct arena *arena, const struct maxio_customer_input *asked)
{
	struct address *address = arena_new(arena, struct address);
	*address = (struct address){
		.street1 = asked->address, .street2 = asked->address_2, .city = asked->city, .state = asked->state,
		.zip = asked->zip, .country_code = asked->country,
	};
	return address;
}

void maxio_customer_ask(struct arena *arena, const struct maxio_customer_input *asked, struct customer_create *input)
{
	struct contact *contact = arena_new(arena, struct contact);
	*contact = (struct contact){
		.first_name = asked->first_name, .last_name = asked->last_name, .company = asked->organization,
		.email = asked->email, .work_phone = asked->phone, .address = address_asked(arena, asked),
	};
	*input = (struct customer_create){
		.external_key = asked->reference, .locale = asked->locale, .billing_contact = contact,
		.name = text_format(arena, "%.*s %.*s", TEXT_ARG(asked->first_name), TEXT_ARG(asked->last_name)),
	};
}

/* ---- calls ---- */

static void customer_encode(struct command *command, struct http_exchange *exchange, void *output)
{
	struct maxio_customer shown;
	if (maxio_customer_show(command, output, &shown))
		maxio_reply(exchange, exchange->reply.status, "customer", &maxio_customer_record, &shown);
}

static bool customer_create(struct http_exchange *exchange)
{
	struct maxio_customer_input asked = { 0 };
	struct customer_create *input = arena_new(exchange->arena, struct customer_create);
	if (!maxio_body(exchange, "customer", &maxio_customer_input_record, &asked))
		return false;
	maxio_customer_ask(exchange->arena, &asked, input);
	return http_submit(exchange, exchange->entry->command, input, customer_encode);
}

static bool customer_reply(struct command *command, struct http_exchange *exchange, const struct customer *customer)
{
	struct maxio_customer shown;
	if (!customer)
		return problem(&exchange->problems, PROBLEM_NOT_FOUND, "", "the customer does not exist");
	if (!maxio_customer_show(command, customer, &shown))
		return false;
	maxio_reply(exchange, 200, "customer", &maxio_customer_record, &shown);
	return true;
}

static bool customer_read(struct command *command, struct http_exchange *exchange)
{
	struct customer *customer;
	return customer_find(command, exchange->id, &customer) && customer_reply(command, exchange, customer);
}

static bool customer_lookup(struct command *command, struct http_exchange *exchange)
{
	struct text reference = http_parameter(&exchange->target, "reference");
	struct customer *customer = NULL;
	return (!text_present(reference) || customer_by_key(command, reference, &customer)) &&
	       customer_reply(command, exchange, customer);
}

static bool customers_read(struct command *command, struct http_exchange *exchange)
{
	struct maxio_page page;
	struct customer_list customers = { 0 };
	struct maxio_list list;
	struct customer_query query = { .search = http_parameter(&exchange->target, "q") };
	if (!maxio_page(exchange, 50, &page))
		return false;
	query.offset = (page.page - 1) * page.per_page;
	query.max = (size_t)page.per_page;
	if (!customer_search(command, &query, &customers))
		return false;
	maxio_list_begin(exchange, &list, NULL, "customer");
	for (size_t i = 0; i < customers.count; i++) {
		struct maxio_customer shown;
		if (!maxio_customer_show(command, &customers.items[i], &shown))
			return false;
		maxio_list_add(&list, &maxio_customer_record, &shown);
	}
	maxio_list_end(exchange, &list, 200);
	return true;
}

const struct http_route maxio_customer_routes[] = {
	{ .method = "POST", .path = "/customers.json", .command = "customer.create", .status = 201, .vendors = true, .wrapper = "customer", .answer = "customer",
	  .handle = customer_create, .input = &maxio_customer_input_record, .output = &maxio_customer_record,
	  .doc = "Makes a customer and its account." },
	{ .method = "GET", .path = "/customers.json", .scope = "read", .parameters = "page per_page q", .vendors = true, .answer = "customer",
	  .handle = http_read, .read = customers_read, .cost = 1, .output = &maxio_customer_record, .bare_list = true,
	  .doc = "Customers." },
	{ .method = "GET", .path = "/customers/{id}.json", .scope = "read", .vendors = true, .answer = "customer", .handle = http_read,
	  .read = customer_read, .output = &maxio_customer_record, .doc = "A customer." },
	{ .method = "GET", .path = "/customers/lookup.json", .scope = "read", .parameters = "reference", .vendors = true, .answer = "customer",
	  .handle = http_read, .read = customer_lookup, .output = &maxio_customer_record,
	  .doc = "A customer by the caller's own reference." },
	{ .path = NULL },
};
