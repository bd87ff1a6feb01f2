/* product.c: product families are made, and plans are added to the catalog as products of them. */
#include "product.h"

#include "component.h"

struct product_family *product_family_need(struct command *command, int64_t id, const char *pointer)
{
	void *family;
	if (!store_find(command->store, &product_family_record, id, &family))
		return NULL;
	if (!family)
		record_missing(&product_family_record, id, command->problems, pointer);
	return family;
}

struct listed_product *listed_product_need(struct command *command, int64_t id, const char *pointer)
{
	void *product;
	if (!store_find(command->store, &listed_product_record, id, &product))
		return NULL;
	if (!product)
		record_missing(&listed_product_record, id, command->problems, pointer);
	return product;
}

bool product_family_by_handle(struct command *command, struct text handle, struct product_family **family)
{
	return store_one(command->store, STATEMENT_PRODUCT_FAMILY_BY_HANDLE, BINDS(bind_text(handle)), &product_family_record,
	                 (void **)family);
}

bool listed_product_by_plan(struct command *command, struct text plan, struct listed_product **product)
{
	return store_one(command->store, STATEMENT_LISTED_PRODUCT_BY_PLAN, BINDS(bind_text(plan)), &listed_product_record,
	                 (void **)product);
}

bool product_family_page(struct command *command, struct page_query query, struct product_family_list *families)
{
	return store_all(command->store, STATEMENT_PRODUCT_FAMILY_PAGE,
	                 BINDS(bind_integer(query.after_id), bind_integer(page_limit(query))), &product_family_record,
	                 LIST(families));
}

bool listed_product_page(struct command *command, int64_t product_family_id, struct page_query query,
                         struct listed_product_list *products)
{
	return store_all(command->store, STATEMENT_LISTED_PRODUCT_PAGE,
	                 BINDS(bind_id(product_family_id), bind_integer(query.after_id), bind_integer(page_limit(query))),
	                 &listed_product_record, LIST(products));
}

/* ------------------------------------------------------------------------------------------------ handles */

enum { HANDLE_OF_NAME_BYTES = 80 };

static char handle_byte(char byte)
{
	if (byte >= 'A' && byte <= 'Z')
		return (char)(byte - 'A' + 'a');
	bool kept = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
	return kept ? byte : '-';
}

struct text handle_of_name(struct arena *arena, struct text name)
{
	struct text_builder out;
	builder_init(&out, arena, 0);
	for (size_t i = 0; i < name.length && out.length < HANDLE_OF_NAME_BYTES; i++) {
		char byte = handle_byte(name.data[i]);
		bool joins = byte == '-' && (out.length == 0 || builder_text(&out).data[out.length - 1] == '-');
		if (!joins)
			builder_byte(&out, byte);
	}
	struct text made = builder_text(&out);
	if (made.length > 0 && made.data[made.length - 1] == '-')
		made.length--;
	return made.length > 0 ? made : TEXT("unnamed");
}

bool handle_for(struct command *command, struct text asked, struct text name,
                bool (*taken)(struct command *command, struct text handle, bool *is_taken), struct text *handle)
{
	bool is_taken = true;
	*handle = asked;
	if (text_present(asked) && asked.length)
		return true;
	struct text base = handle_of_name(command->arena, name);
	*handle = base;
	for (int n = 2; taken(command, *handle, &is_taken); n++) {
		if (!is_taken)
			return true;
		*handle = text_format(command->arena, "%.*s-%d", TEXT_ARG(base), n);
	}
	return false;
}

/* ------------------------------------------------------------------------------------------------ product_family.create */

static bool family_taken(struct command *command, struct text handle, bool *is_taken)
{
	struct product_family *other;
	bool read = product_family_by_handle(command, handle, &other);
	*is_taken = read && other;
	return read;
}

static bool family_create_perform(struct command *command, const void *data, void **output)
{
	const struct product_family_create *input = data;
	struct text handle;
	struct product_family *other;
	if (!handle_for(command, input->handle, input->name, family_taken, &handle) ||
	    !handle_check(handle, "/handle", command->problems) || !product_family_by_handle(command, handle, &other))
		return false;
	if (other)
		return problem_value(command->problems, PROBLEM_DUPLICATE, "/handle", handle, NULL,
		                     "product family %lld has the handle '%.*s' already", (long long)other->id, TEXT_ARG(handle));
	struct product_family *family = arena_new(command->arena, struct product_family);
	*family = (struct product_family){
		.id = store_new_id(command->store, "product_family"), .uuid = uuid_time_ordered(), .handle = handle,
		.name = input->name, .description = input->description, .created_at = command->now, .updated_at = command->now,
	};
	command_object(command, "product_family", family->id, 0);
	*output = family;
	return family->id && store_insert(command->store, &product_family_record, family);
}

/* ------------------------------------------------------------------------------------------------ listed_product.create */

/* Of its own product of the catalog: a bundle of subscriptions may have any number of them. */
static bool plan_add(struct command *command, const struct listed_product *product, const struct listed_product_create *input)
{
	const struct catalog_plan_add add = {
		.code = product->plan, .name = product->name, .product = product->plan,
		.category = CATALOG_PLAN_ADD_CATEGORY_STANDALONE, .currency = product->currency, .amount = input->amount,
		.billing_period = (enum catalog_plan_add_billing_period)input->billing_period,
		.convention = input->convention, .trial_unit = (enum catalog_plan_add_trial_unit)input->trial_unit,
		.trial_duration = input->trial_duration, .has_trial_duration = input->has_trial_duration,
	};
	void *plan;
	return command_perform(command, "catalog.add_plan", &add, &plan);
}

static bool product_taken(struct command *command, struct text handle, bool *is_taken)
{
	struct listed_product *other;
	bool read = listed_product_by_plan(command, handle, &other);
	*is_taken = read && other;
	return read;
}

static bool product_fill(struct command *command, const struct listed_product_create *input, struct listed_product *product)
{
	*product = (struct listed_product){
		.id = store_new_id(command->store, "listed_product"), .uuid = uuid_time_ordered(),
		.product_family_id = input->product_family_id,
		.name = input->name, .description = input->description,
		.currency = input->currency ? input->currency : command->tenant->currency,
		.billing_period = (enum listed_product_billing_period)input->billing_period,
		.trial_unit = (enum listed_product_trial_unit)input->trial_unit, .trial_duration = input->trial_duration,
		.has_trial_duration = input->has_trial_duration,
		.needs_card = input->has_needs_card && input->needs_card,
		.created_at = command->now, .updated_at = command->now,
	};
	return product->id && handle_for(command, input->plan, input->name, product_taken, &product->plan) && handle_check(product->plan, "/plan", command->problems) &&
	       money_from_decimal(input->amount, product->currency, "/amount", command->problems, &product->amount);
}

static bool product_create_perform(struct command *command, const void *data, void **output)
{
	const struct listed_product_create *input = data;
	struct listed_product *product = arena_new(command->arena, struct listed_product);
	if (!product_family_need(command, input->product_family_id, "/product_family_id") ||
	    !product_fill(command, input, product))
		return false;
	struct listed_product *other;
	if (!listed_product_by_plan(command, product->plan, &other))
		return false;
	if (other)
		return problem_value(command->problems, PROBLEM_DUPLICATE, "/plan", product->plan, NULL,
		                     "product %lld sells the plan '%.*s' already", (long long)other->id, TEXT_ARG(product->plan));
	command_object(command, "listed_product", product->id, 0);
	*output = product;
	return plan_add(command, product, input) && store_insert(command->store, &listed_product_record, product);
}

const struct command_type product_commands[] = {
	{ .name = "product_family.create", .scope = "write", .input = &product_family_create_record,
	  .output = &product_family_record, .perform = family_create_perform, .doc = "Makes a product family." },
	{ .name = "listed_product.create", .scope = "write", .input = &listed_product_create_record,
	  .output = &listed_product_record, .perform = product_create_perform,
	  .doc = "Adds a plan to the catalog, and lists it as a product of a family." },
	{ .name = NULL },
};
