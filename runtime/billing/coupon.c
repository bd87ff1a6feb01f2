/* coupon.c: coupons are made, described and archived; what they cover. */
#include "coupon.h"

#include "catalog.h"
#include "catalog_plan.h"
#include "component.h"
#include "invoice_calculate.h"

#include "value/record.h"

/* ------------------------------------------------------------------------------------------------ reading */

bool coupon_page(struct command *command, const struct object_filter *filter, struct coupon_list *coupons)
{
	const char *status = coupon_record.fields[COUPON_FIELD_STATUS].words[filter->status];
	return store_all(command->store, STATEMENT_COUPON_PAGE,
	                 BINDS(filter->status ? bind_c(status) : bind_null(), bind_id(filter->before_id),
	                       bind_integer(object_page_rows(filter))),
	                 &coupon_record, LIST(coupons));
}

bool coupon_by_code(struct command *command, struct text code, struct coupon **coupon)
{
	return store_one(command->store, STATEMENT_COUPON_BY_CODE, BINDS(bind_text(code)), &coupon_record, (void **)coupon);
}

struct coupon *coupon_need(struct command *command, int64_t id, const char *pointer)
{
	void *coupon;
	if (!store_find(command->store, &coupon_record, id, &coupon))
		return NULL;
	if (!coupon)
		record_missing(&coupon_record, id, command->problems, pointer);
	return coupon;
}

bool coupon_amount_in(const struct coupon *coupon, const struct currency *currency, struct decimal *amount)
{
	for (size_t i = 0; i < coupon->amounts.count; i++)
		if (coupon->amounts.items[i].currency == currency) {
			*amount = coupon->amounts.items[i].amount;
			return true;
		}
	return false;
}

int64_t coupon_periods(const struct coupon *coupon)
{
	if (coupon->duration == COUPON_DURATION_ONCE)
		return 1;
	return coupon->duration == COUPON_DURATION_PERIODS ? coupon->periods : 0;
}

static bool names_plan(const struct coupon *coupon, struct text code)
{
	for (size_t i = 0; i < coupon->plans.count; i++)
		if (text_equals(coupon->plans.items[i].code, code))
			return true;
	return coupon->plans.count == 0;
}

static bool names_component(const struct coupon *coupon, struct text handle)
{
	for (size_t i = 0; i < coupon->components.count; i++)
		if (text_equals(coupon->components.items[i].handle, handle))
			return true;
	return coupon->components.count == 0 && coupon->plans.count == 0 && coupon->products.count == 0;
}

bool coupon_covers_component(struct command *command, const struct coupon *coupon, const struct invoice_line *line, bool *covers)
{
	bool used = invoice_line_sold_as(line) == INVOICE_LINE_KIND_COMPONENT_USAGE;
	const struct component *component = component_need(command, line->component_id, "");
	*covers = component && (used || (coupon->has_percent && component->kind != COMPONENT_KIND_PREPAID)) &&
	          names_component(coupon, component->handle);
	return component != NULL;
}

bool coupon_names_plans(const struct coupon *coupon)
{
	return coupon->components.count == 0 || coupon->plans.count > 0 || coupon->products.count > 0;
}

static bool names_product(const struct coupon *coupon, struct text name)
{
	for (size_t i = 0; i < coupon->products.count; i++)
		if (text_equals(coupon->products.items[i].name, name))
			return true;
	return coupon->products.count == 0;
}

bool coupon_covers_plan(struct command *command, const struct coupon *coupon, int64_t catalog_plan_id, struct text code,
                        bool *covers)
{
	struct catalog_plan *plan = NULL;
	*covers = coupon->products.count == 0 && (coupon->plans.count == 0 || (!catalog_plan_id && names_plan(coupon, code)));
	if (*covers || !catalog_plan_id)
		return true;
	if (!catalog_plan_find(command, catalog_plan_id, &plan) ||
	    (plan && plan->parent_id && !catalog_plan_find(command, plan->parent_id, &plan)))
		return false;
	*covers = plan && names_plan(coupon, plan->code) && names_product(coupon, plan->product);
	return true;
}

/* ------------------------------------------------------------------------------------------------ coupon.create */

static bool check_amounts(struct command *command, const struct coupon *coupon)
{
	bool sound = true;
	for (size_t i = 0; i < coupon->amounts.count; i++) {
		const struct coupon_amount *off = &coupon->amounts.items[i];
		const char *amount = text_format(command->arena, "/amounts/%zu/amount", i).data;
		struct money money;
		if (!money_from_decimal(off->amount, off->currency, amount, command->problems, &money))
			sound = false;
		else if (money.minor <= 0)
			sound = problem(command->problems, PROBLEM_OUT_OF_RANGE, amount, "the amount must be above zero");
		for (size_t j = 0; j < i; j++)
			if (coupon->amounts.items[j].currency == off->currency)
				sound = problem(command->problems, PROBLEM_DUPLICATE,
				                text_format(command->arena, "/amounts/%zu/currency", i).data,
				                "there are two amounts in %s", off->currency->code);
	}
	return sound;
}

static bool check_what(struct command *command, const struct coupon *coupon)
{
	if (coupon->has_percent == (coupon->amounts.count > 0))
		return problem(command->problems, coupon->has_percent ? PROBLEM_INVALID_COMBINATION : PROBLEM_MISSING_FIELD,
		               "/percent", "a coupon takes off either a percentage or amounts");
	if (coupon->has_percent && decimal_sign(coupon->percent) == 0)
		return problem(command->problems, PROBLEM_OUT_OF_RANGE, "/percent", "the percentage must be above zero");
	return check_amounts(command, coupon);
}

static bool check_duration(struct command *command, const struct coupon *coupon)
{
	bool of_periods = coupon->duration == COUPON_DURATION_PERIODS;
	if (of_periods != coupon->has_periods)
		return problem(command->problems, of_periods ? PROBLEM_MISSING_FIELD : PROBLEM_INVALID_COMBINATION, "/periods",
		               "periods are given where, and only where, the duration is 'periods'");
	if (coupon->valid_from.us && coupon->valid_until.us && coupon->valid_until.us <= coupon->valid_from.us)
		return problem(command->problems, PROBLEM_BAD_PERIOD, "/valid_until", "it ends before it begins");
	return true;
}

/* A misspelt name would be a coupon that covers nothing. */
static bool check_names(struct command *command, const struct coupon *coupon)
{
	struct catalog_version *version = NULL;
	bool known = true;
	for (size_t i = 0; i < coupon->plans.count; i++) {
		struct plan *sold = NULL;
		if (!plan_by_code(command, coupon->plans.items[i].code, &sold))
			return false;
		known = (sold || catalog_plan_need(command, coupon->plans.items[i].code, command->now,
		                                   text_format(command->arena, "/plans/%zu/code", i).data)) && known;
	}
	if (coupon->products.count > 0 && !catalog_version_at(command, command->now, &version))
		return false;
	for (size_t i = 0; i < coupon->products.count; i++) {
		struct text name = coupon->products.items[i].name;
		if (!version || !catalog_version_product(version, name))
			known = problem_value(command->problems, PROBLEM_UNKNOWN_PRODUCT,
			                      text_format(command->arena, "/products/%zu/name", i).data, name, NULL,
			                      "the catalog has no product '%.*s'", TEXT_ARG(name));
	}
	return known;
}

static bool check_components(struct command *command, const struct coupon *coupon)
{
	bool known = true;
	for (size_t i = 0; i < coupon->components.count; i++) {
		struct text handle = coupon->components.items[i].handle;
		struct component *component;
		if (!component_by_handle(command, handle, &component))
			return false;
		if (!component)
			known = problem_value(command->problems, PROBLEM_UNKNOWN_COMPONENT,
			                      text_format(command->arena, "/components/%zu/handle", i).data, handle, NULL,
			                      "there is no component '%.*s'", TEXT_ARG(handle));
	}
	return known;
}

static bool check_free_code(struct command *command, struct text code)
{
	struct coupon *other;
	if (!coupon_by_code(command, code, &other))
		return false;
	return !other || problem_value(command->problems, PROBLEM_DUPLICATE, "/code", code, NULL,
	                               "coupon %lld has the code '%.*s' already", (long long)other->id, TEXT_ARG(code));
}

static struct coupon *coupon_of(struct command *command, const struct coupon_create *input)
{
	struct coupon *coupon = arena_new(command->arena, struct coupon);
	*coupon = (struct coupon){
		.uuid = uuid_present(input->uuid) ? input->uuid : uuid_time_ordered(),
		.code = input->code, .name = input->name, .description = input->description,
		.has_percent = input->has_percent, .percent = input->percent,
		.duration = (enum coupon_duration)input->duration,
		.has_periods = input->has_periods, .periods = input->periods,
		.valid_from = input->valid_from, .valid_until = input->valid_until,
		.has_max_redemptions = input->has_max_redemptions, .max_redemptions = input->max_redemptions,
		.has_max_per_account = input->has_max_per_account, .max_per_account = input->max_per_account,
		.stackable = !input->has_stackable || input->stackable,
		.status = COUPON_STATUS_ACTIVE,
		.created_at = command->now, .updated_at = command->now,
	};
	if (!coupon->duration)
		coupon->duration = input->has_periods ? COUPON_DURATION_PERIODS : COUPON_DURATION_ONCE;
	*LIST(&coupon->amounts) = *(const struct record_list *)(const void *)&input->amounts;
	*LIST(&coupon->plans) = *(const struct record_list *)(const void *)&input->plans;
	*LIST(&coupon->products) = *(const struct record_list *)(const void *)&input->products;
	*LIST(&coupon->components) = *(const struct record_list *)(const void *)&input->components;
	return coupon;
}

static bool coupon_create_perform(struct command *command, const void *data, void **output)
{
	struct coupon *coupon = coupon_of(command, data);
	if (!check_what(command, coupon) || !check_duration(command, coupon) || !check_names(command, coupon) ||
	    !check_components(command, coupon) || !check_free_code(command, coupon->code))
		return false;
	coupon->id = store_new_id(command->store, "coupon");
	if (!coupon->id || !store_insert(command->store, &coupon_record, coupon))
		return false;
	command_object(command, "coupon", coupon->id, 0);
	*output = coupon;
	return true;
}

/* ------------------------------------------------------------------------------------------------ coupon.update, .archive */

static bool save(struct command *command, struct coupon *coupon, void **output)
{
	coupon->updated_at = command->now;
	command_object(command, "coupon", coupon->id, 0);
	*output = coupon;
	return store_update(command->store, &coupon_record, coupon);
}

static bool coupon_update_perform(struct command *command, const void *data, void **output)
{
	const struct coupon_update *input = data;
	struct coupon *coupon = coupon_need(command, input->id, "/id");
	if (!coupon)
		return false;
	if (text_present(input->name))
		coupon->name = input->name;
	if (text_present(input->description))
		coupon->description = input->description;
	if (input->valid_until.us)
		coupon->valid_until = input->valid_until;
	if (input->has_max_redemptions) {
		coupon->has_max_redemptions = true;
		coupon->max_redemptions = input->max_redemptions;
	}
	if (input->has_max_per_account) {
		coupon->has_max_per_account = true;
		coupon->max_per_account = input->max_per_account;
	}
	if (coupon->has_max_redemptions && coupon->max_redemptions < coupon->redemptions)
		return problem(command->problems, PROBLEM_OUT_OF_RANGE, "/max_redemptions",
		               "it was redeemed %lld times already", (long long)coupon->redemptions);
	return check_duration(command, coupon) && save(command, coupon, output);
}

static bool coupon_archive_perform(struct command *command, const void *data, void **output)
{
	const struct coupon_archive *input = data;
	struct coupon *coupon = coupon_need(command, input->id, "/id");
	if (!coupon)
		return false;
	if (coupon->status == COUPON_STATUS_ARCHIVED)
		return problem_value(command->problems, PROBLEM_WRONG_STATE, "/id", coupon->code, NULL,
		                     "coupon '%.*s' is archived already", TEXT_ARG(coupon->code));
	coupon->status = COUPON_STATUS_ARCHIVED;
	coupon->archived_at = command->now;
	return save(command, coupon, output);
}

const struct command_type coupon_commands[] = {
	{ .name = "coupon.create", .scope = "write", .input = &coupon_create_record, .output = &coupon_record,
	  .perform = coupon_create_perform, .doc = "Makes a coupon that accounts redeem by its code." },
	{ .name = "coupon.update", .scope = "write", .input = &coupon_update_record, .output = &coupon_record,
	  .perform = coupon_update_perform,
	  .doc = "Changes what a coupon is called, until when and how often it is redeemed; absent fields stay." },
	{ .name = "coupon.archive", .scope = "write", .input = &coupon_archive_record, .output = &coupon_record,
	  .perform = coupon_archive_perform, .doc = "Lets nobody redeem a coupon any more; what was redeemed goes on." },
	{ .name = NULL },
};
