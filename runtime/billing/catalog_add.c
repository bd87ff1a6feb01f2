/* catalog_add.c: command catalog.add_plan: a plan with one price, without a bundle.
 *
 * The version in force is copied with the plan added, as a version of its own that is in force from now on; so what was
 * agreed before stays what it was. A bundle deployed later brings its own versions and this one is none of them.
 */
#include "catalog_plan.h"
#include "catalog_version.h"
#include "catalog_version_check.h"
#include "convention.h"

struct adding {
	struct command *command;
	const struct catalog_plan_add *asked;
	struct catalog_version *present; /* NULL: the catalog is empty */
	struct catalog_version_input *next;
};

static struct arena *arena_of(const struct adding *adding)
{
	return adding->command->arena;
}

/* ---- what is there ---- */

static bool present_copy(struct adding *adding)
{
	const struct catalog_version *present = adding->present;
	struct catalog_version_input *next = adding->next;
	struct catalog_plan_list plans = { 0 };
	next->name = TEXT("catalog");
	if (!present)
		return true;
	next->name = present->name;
	next->rules = present->rules;
	*LIST(&next->products) = *(const struct record_list *)(const void *)&present->products;
	*LIST(&next->price_lists) = *(const struct record_list *)(const void *)&present->price_lists;
	if (!catalog_plans_of_version(adding->command, present->id, &plans))
		return false;
	for (size_t i = 0; i < plans.count; i++) {
		struct catalog_plan_input *plan = list_add(arena_of(adding), &next->plans, struct catalog_plan_input);
		catalog_plan_as_input(&plans.items[i], plan);
		plan->existing_from = (struct instant){ 0 }; /* it was said of the version that is copied */
	}
	return true;
}

/* ---- its product ---- */

static struct product *product_of(const struct catalog_version_input *next, struct text name)
{
	for (size_t i = 0; i < next->products.count; i++)
		if (text_equals(next->products.items[i].name, name))
			return &next->products.items[i];
	return NULL;
}

static bool available_for(struct adding *adding, size_t i)
{
	const struct text name = adding->asked->available_for.items[i].name;
	struct product *product = product_of(adding->next, name);
	if (!product)
		return problem_value(adding->command->problems, PROBLEM_UNKNOWN_PRODUCT,
		                     text_format(arena_of(adding), "/available_for/%zu/name", i).data, name, NULL,
		                     "the catalog has no product '%.*s'", TEXT_ARG(name));
	list_add(arena_of(adding), &product->available, struct product_name)->name = adding->asked->product;
	return true;
}

static bool product_add(struct adding *adding)
{
	const struct catalog_plan_add *asked = adding->asked;
	struct product *product = product_of(adding->next, asked->product);
	enum product_category category = asked->category ? (enum product_category)asked->category : PRODUCT_CATEGORY_BASE;
	if (product)
		return !asked->category || product->category == category ||
		       problem(adding->command->problems, PROBLEM_INVALID_COMBINATION, "/category",
		               "product '%.*s' has another category; leave it out", TEXT_ARG(asked->product));
	if (asked->available_for.count > 0 && category != PRODUCT_CATEGORY_ADD_ON)
		return problem(adding->command->problems, PROBLEM_INVALID_COMBINATION, "/available_for",
		               "only an add-on is bought beside another product");
	*list_add(arena_of(adding), &adding->next->products, struct product) =
	        (struct product){ .name = asked->product, .category = category };
	for (size_t i = 0; i < asked->available_for.count; i++)
		if (!available_for(adding, i))
			return false;
	return true;
}

/* ---- the plan ---- */

static void price_add(struct adding *adding, void *prices, struct decimal amount)
{
	struct price *price = arena_new(arena_of(adding), struct price);
	const struct currency *currency = adding->asked->currency;
	*price = (struct price){ currency ? currency : adding->command->tenant->currency, amount };
	*LIST(prices) = (struct record_list){ price, 1, 1 };
}

static void phases_add(struct adding *adding, struct catalog_plan_input *plan)
{
	const struct catalog_plan_add *asked = adding->asked;
	if (asked->has_trial_duration) {
		struct phase *trial = list_add(arena_of(adding), &plan->phases, struct phase);
		*trial = (struct phase){
			.kind = PHASE_KIND_TRIAL, .duration_unit = (enum phase_duration_unit)asked->trial_unit,
			.duration = asked->trial_duration, .has_duration = true,
		};
		price_add(adding, &trial->fixed, decimal_from_int64(0));
	}
	struct phase *phase = list_add(arena_of(adding), &plan->phases, struct phase);
	*phase = (struct phase){
		.kind = PHASE_KIND_EVERGREEN, .duration_unit = PHASE_DURATION_UNIT_UNLIMITED,
		.billing_period = (enum phase_billing_period)asked->billing_period,
	};
	if (asked->billing_period)
		price_add(adding, &phase->recurring, asked->amount);
	else
		price_add(adding, &phase->fixed, asked->amount);
}

static void plan_add(struct adding *adding)
{
	const struct catalog_plan_add *asked = adding->asked;
	struct catalog_plan_input *plan = list_add(arena_of(adding), &adding->next->plans, struct catalog_plan_input);
	plan->code = asked->code;
	plan->name = asked->name;
	plan->product = asked->product;
	plan->billing_mode = (enum catalog_plan_input_billing_mode)asked->billing_mode;
	plan->convention = asked->convention;
	phases_add(adding, plan);
	for (size_t i = 0; i < adding->next->price_lists.count; i++) {
		struct price_list *list = &adding->next->price_lists.items[i];
		if (text_is(list->name, "DEFAULT"))
			list_add(arena_of(adding), &list->plans, struct plan_name)->code = asked->code;
	}
}

/* ---- the command ---- */

static bool asked_check(const struct adding *adding)
{
	const struct catalog_plan_add *asked = adding->asked;
	struct catalog_plan *plan;
	if (!convention_check(arena_of(adding), adding->command->problems, asked->convention, "/convention"))
		return false;
	if ((asked->trial_unit != 0) != asked->has_trial_duration)
		return problem(adding->command->problems, PROBLEM_INVALID_COMBINATION,
		               asked->trial_unit ? "/trial_duration" : "/trial_unit",
		               "a trial needs trial_unit and trial_duration");
	if (!catalog_plan_by_code(adding->command, asked->code, adding->command->now, &plan))
		return false;
	return !plan || problem_value(adding->command->problems, PROBLEM_DUPLICATE, "/code", asked->code, NULL,
	                              "the catalog has a plan '%.*s' already", TEXT_ARG(asked->code));
}

static bool catalog_add_plan_perform(struct command *command, const void *data, void **output)
{
	struct catalog_version_input next = { .effective_at = command->now };
	struct adding adding = { .command = command, .asked = data, .next = &next };
	struct catalog_plan *plan;
	if (!asked_check(&adding) || !catalog_version_at(command, command->now, &adding.present) ||
	    !present_copy(&adding) || !product_add(&adding))
		return false;
	plan_add(&adding);
	if (!catalog_version_check(&next, "", command->arena, command->problems) || !catalog_version_add(command, &next) ||
	    !catalog_plan_by_code(command, adding.asked->code, command->now, &plan))
		return false;
	command_object(command, "catalog_plan", plan->id, 0);
	*output = plan;
	return true;
}

const struct command_type catalog_version_commands[] = {
	{ .name = "catalog.add_plan", .scope = "write", .input = &catalog_plan_add_record, .output = &catalog_plan_record,
	  .perform = catalog_add_plan_perform, .doc = "Adds a plan with one price to the catalog, in force from now on." },
	{ .name = NULL },
};
