/* allocation.c: what subscriptions have of components is changed, one or several components at once. */
#include "allocation_work.h"

#include "account.h"
#include "prepaid_lot.h"
#include "subscription.h"
#include "subscription_advance.h"

#include "event/dispatch.h"
#include "value/record.h"

static const char *at(const struct allocating *work, const struct allocating_item *item, const char *name)
{
	return text_format(work->command->arena, "%s/%s", item->pointer, name).data;
}

/* ------------------------------------------------------------------------------------------------ who decides */

static enum change_scheme setting(const struct command *command, const char *path, enum change_scheme otherwise)
{
	struct text word = command_setting(command, path);
	const char *const *words = allocation_record.fields[ALLOCATION_FIELD_UPGRADE_CHARGE].words;
	for (int i = SCHEME_FULL; i <= SCHEME_NOTHING; i++)
		if (text_is(word, words[i]))
			return (enum change_scheme)i;
	return otherwise;
}

struct allocation_defaults allocation_defaults(const struct command *command)
{
	return (struct allocation_defaults){
		.upgrade_charge = (enum allocation_upgrade_charge)setting(command, "components.upgrade_charge", SCHEME_PRORATED),
		.downgrade_credit = (enum allocation_downgrade_credit)setting(command, "components.downgrade_credit", SCHEME_NOTHING),
		.accrue_charge = command_setting_boolean(command, "components.accrue_charge", true),
	};
}

static int first_said(int item, int component, int request, int tenant)
{
	return item ? item : component ? component : request ? request : tenant;
}

static void choose_schemes(const struct allocating *work, const struct allocating_item *item)
{
	struct allocation *allocation = item->allocation;
	const struct allocation_defaults tenant = allocation_defaults(work->command);
	int upgrade = first_said(item->input->upgrade_charge, item->component->upgrade_charge, work->input->upgrade_charge,
	                         (int)tenant.upgrade_charge);
	int downgrade = first_said(item->input->downgrade_credit, item->component->downgrade_credit, work->input->downgrade_credit,
	                           (int)tenant.downgrade_credit);
	allocation->upgrade_charge = (enum allocation_upgrade_charge)(allocating_lot(item) ? SCHEME_FULL : upgrade);
	allocation->downgrade_credit = (enum allocation_downgrade_credit)(allocating_lot(item) ? SCHEME_NOTHING : downgrade);
}

/* ------------------------------------------------------------------------------------------------ what is changed */

static bool check_kind(const struct allocating *work, const struct allocating_item *item)
{
	enum component_kind kind = item->component->kind;
	return kind == COMPONENT_KIND_QUANTITY || kind == COMPONENT_KIND_ON_OFF || kind == COMPONENT_KIND_PREPAID ||
	       problem_value(work->command->problems, PROBLEM_WRONG_STATE, item->pointer, item->component->handle,
	                     "Record what is used of it.", "component '%.*s' has no quantity that is allocated",
	                     TEXT_ARG(item->component->handle));
}

static bool check_quantity(const struct allocating *work, const struct allocating_item *item)
{
	struct decimal quantity = item->input->quantity;
	if (!component_quantity_check(work->command, item->component, quantity, at(work, item, "quantity")))
		return false;
	return !allocating_lot(item) || decimal_sign(quantity) > 0 ||
	       problem_value(work->command->problems, PROBLEM_OUT_OF_RANGE, at(work, item, "quantity"),
	                     decimal_text(work->command->arena, quantity), "Say how many are bought; allocation.delete takes a lot away.",
	                     "a lot of '%.*s' holds something", TEXT_ARG(item->component->handle));
}

static bool check_once(const struct allocating *work, const struct allocating_item *item)
{
	for (const struct allocating_item *other = work->items; other < item; other++)
		if (other->component->id == item->component->id)
			return problem_value(work->command->problems, PROBLEM_DUPLICATE, item->pointer, item->component->handle, NULL,
			                     "component '%.*s' is changed twice", TEXT_ARG(item->component->handle));
	return true;
}

static bool check_previous(const struct allocating *work, const struct allocating_item *item)
{
	struct arena *arena = work->command->arena;
	if (!item->input->has_previous_quantity ||
	    decimal_compare(item->input->previous_quantity, item->had->quantity) == 0)
		return true;
	return problem_value(work->command->problems, PROBLEM_CONFLICT, at(work, item, "previous_quantity"),
	                     decimal_text(arena, item->input->previous_quantity), "Read it again, and decide anew.",
	                     "the quantity is %.*s", TEXT_ARG(decimal_canonical_text(arena, item->had->quantity)));
}

static bool find_had(struct allocating *work, struct allocating_item *item)
{
	struct command *command = work->command;
	const struct price_wish wish = PRICE_WISH_OF(item->input, item->pointer);
	struct price_point *wished;
	if (!subscription_component_of(command, work->subscription, item->component->id, &item->had) ||
	    !price_wish_find(command, work->subscription, item->component, &wish, item->had ? item->had->price_point_id : 0,
	                     &wished))
		return false;
	if (!item->had && !subscription_component_make(command, work->subscription, item->component, wished,
	                                               at(work, item, "component_id"), &item->had))
		return false;
	item->before = price_point_need(command, item->had->price_point_id, item->pointer);
	item->after = wished ? wished : item->before;
	return item->before != NULL;
}

static bool make_allocation(struct allocating *work, struct allocating_item *item)
{
	struct command *command = work->command;
	struct allocation *allocation = arena_new(command->arena, struct allocation);
	*allocation = (struct allocation){
		.id = store_new_id(command->store, "allocation"),
		.account_id = work->account->id,
		.subscription_id = work->subscription->id,
		.component_id = item->component->id,
		.quantity = item->input->quantity,
		.previous_quantity = item->had->quantity,
		.price_point_id = item->after->id,
		.previous_price_point_id = item->before->id,
		.memo = item->input->memo,
		.at = work->at,
		.accrue_charge = work->accrue,
		.initiate_dunning = work->input->has_initiate_dunning && work->input->initiate_dunning,
		.created_at = command->now,
	};
	item->allocation = allocation;
	choose_schemes(work, item);
	struct occurrence created =
	        occurrence_of(EVENT_ALLOCATION_CREATE, &allocation_record, allocation, allocation->id, allocation->account_id);
	return allocation->id && event_pre(command, &created);
}

static bool find_item(struct allocating *work, struct allocating_item *item)
{
	item->component = component_named(work->command, item->input->component_id, item->input->component, item->pointer);
	return item->component && check_kind(work, item) && check_once(work, item) &&
	       check_quantity(work, item) && find_had(work, item) && check_previous(work, item) && make_allocation(work, item);
}

static bool find_items(struct allocating *work)
{
	work->items = arena_new_many(work->command->arena, struct allocating_item, work->input->allocations.count);
	for (size_t i = 0; i < work->input->allocations.count; i++) {
		struct allocating_item *item = &work->items[i];
		*item = (struct allocating_item){ .input = &work->input->allocations.items[i] };
		item->pointer = text_format(work->command->arena, "/allocations/%zu", i).data;
		if (!find_item(work, item))
			return false;
		work->count++;
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------ of which subscription */

/* Of what is bought while nothing is charged for a period. */
static struct component_time moment_of(const struct allocating *work)
{
	const struct billing_event_list *events = work->billing.events;
	const struct billing_event *event = billing_event_at(events, work->at);
	struct date date = timezone_date(command_zone(work->command, work->account), work->at);
	return (struct component_time){
		.event = event ? event : events->count > 0 ? &events->items[0] : NULL, .cycle = { date, date },
		.cycle_start = work->at, .cycle_end = work->at, .start = work->at, .end = work->at,
	};
}

/* What it is charged for now. Where it has no components yet it is charged for its plan's present cycle. */
static bool find_time(struct allocating *work)
{
	const struct subscription *subscription = work->subscription;
	struct instant until = subscription->assessed_until;
	work->charged = until.us > work->at.us && component_time_at(&work->billing, work->at, &work->time);
	if (work->charged)
		work->time.end = until;
	else
		work->time = moment_of(work);
	return true;
}

static bool open_work(struct allocating *work)
{
	struct command *command = work->command;
	int64_t id = work->input->subscription_id;
	if (!subscription_need_direct_at(command, id, "/subscription_id", &work->subscription, &work->account))
		return false;
	command_object(command, "subscription", id, work->account->id);
	if (subscription_is_final(work->subscription->status))
		return problem(command->problems, PROBLEM_WRONG_STATE, "/subscription_id", "subscription %lld is %s", (long long)id,
		               subscription_status_word(work->subscription->status));
	if (!timeline_read(command, work->account, work->subscription, &work->timeline))
		return false;
	work->amount = item_amount_of(command, work->account);
	work->amount.events = &work->timeline.events;
	work->billing = (struct component_billing){ command, work->account, work->subscription, &work->timeline.events, &work->amount };
	work->accrue = work->input->has_accrue_charge ? work->input->accrue_charge : allocation_defaults(command).accrue_charge;
	return true;
}

/* ------------------------------------------------------------------------------------------------ rows */

/* What is charged of the present period, for when billing stops within it. */
static bool add_rate(const struct allocating *work, const struct allocating_item *item)
{
	struct exact_money *rate = &item->had->charged_rate;
	if (!rate->currency && !exact_money_from_money(money_zero(work->account->currency), rate))
		return false;
	return exact_money_add(*rate, item->difference, rate) ||
	       problem(work->command->problems, PROBLEM_OVERFLOW, item->pointer, "the price is too large to compute");
}

/* What is charged once is had until then, and that was now; a lot is had beside those that are there. */
static bool store_had(const struct allocating *work, const struct allocating_item *item)
{
	if (allocating_lot(item)) {
		item->had->price_point_id = item->after->id;
		return prepaid_lot_open(work->command, work->account, item->had, item->after, item->allocation) &&
		       subscription_component_save(work->command, item->had);
	}
	bool once = !item->component->recurring && work->charged;
	item->had->quantity = once ? decimal_from_int64(0) : item->allocation->quantity;
	if (item->charge && !once && !add_rate(work, item))
		return false;
	item->had->price_point_id = item->after->id;
	return subscription_component_save(work->command, item->had);
}

static bool store_rows(const struct allocating *work)
{
	struct store_transaction *store = work->command->store;
	for (size_t i = 0; i < work->count; i++) {
		const struct allocating_item *item = &work->items[i];
		if (!store_had(work, item) || (item->charge && !store_insert(store, &component_charge_record, item->charge)) ||
		    !store_insert(store, &allocation_record, item->allocation))
			return false;
	}
	return true;
}

static bool announce(const struct allocating *work)
{
	for (size_t i = 0; i < work->count; i++) {
		const struct allocating_item *item = &work->items[i];
		struct allocation *allocation = item->allocation;
		struct occurrence created = occurrence_of(EVENT_ALLOCATION_CREATE, &allocation_record, allocation, allocation->id,
		                                          allocation->account_id);
		created.details.component_charge = item->charge;
		created.details.invoice_id = item->charge ? item->charge->invoice_id : 0;
		if (!event_post(work->command, &created))
			return false;
	}
	return true;
}

bool allocations_make(struct command *command, const struct allocation_create *input, struct instant at,
                      struct allocating *work)
{
	*work = (struct allocating){ .command = command, .input = input, .at = at };
	return open_work(work) && find_items(work) && find_time(work) && allocations_price(work) && store_rows(work) &&
	       allocations_invoice(work) && announce(work);
}

/* ------------------------------------------------------------------------------------------------ the command */

static bool create_perform(struct command *command, const void *data, void **output)
{
	struct allocating work;
	if (!allocations_make(command, data, command->now, &work))
		return false;
	struct allocations_made *made = arena_new(command->arena, struct allocations_made);
	*made = (struct allocations_made){
		.subscription_id = work.subscription->id,
		.currency = work.account->currency,
		.total = work.total,
		.direction = (enum allocations_made_direction)work.direction,
		.invoice_id = work.invoice ? work.invoice->id : 0,
	};
	for (size_t i = 0; i < work.count; i++) {
		*list_add(command->arena, &made->allocations, struct allocation) = *work.items[i].allocation;
		if (work.items[i].charge)
			*list_add(command->arena, &made->charges, struct component_charge) = *work.items[i].charge;
	}
	*output = made;
	return true;
}

const struct command_type allocation_commands[] = {
	{ .name = "allocation.create", .scope = "write", .input = &allocation_create_record, .output = &allocations_made_record,
	  .perform = create_perform,
	  .doc = "Changes what a subscription has of components, all or none; what it costs waits or is invoiced at once." },
	{ .name = "allocation.preview", .scope = "read", .input = &allocation_preview_record,
	  .output = &allocations_previewed_record, .perform = allocation_preview_perform,
	  .doc = "What allocation.create would do, now or at another moment of the present period; nothing of it stays." },
	{ .name = NULL },
};
