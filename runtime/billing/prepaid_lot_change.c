/* prepaid_lot_change.c: lots expire, expire at another time, and are taken away for what they are worth. */
#include "prepaid_lot.h"

#include "account.h"
#include "component_period.h"
#include "invoice.h"
#include "item_amount.h"
#include "subscription.h"

#include "event/dispatch.h"
#include "value/record.h"

/* ------------------------------------------------------------------------------------------------ one of the lots */

/* A lot among those of its component. */
struct lot_change {
	struct command *command;
	struct subscription *subscription;
	struct account *account;
	struct prepaid_lots lots;
	struct allocation *lot;
};

static bool read_all(struct lot_change *change, const struct allocation *found, struct instant at)
{
	struct command *command = change->command;
	struct subscription_component *had;
	change->subscription = subscription_need(command, found->subscription_id, "/id");
	change->account = account_need(command, found->account_id, "/id");
	if (!change->subscription || !change->account ||
	    !subscription_component_of(command, change->subscription, found->component_id, &had) || !had ||
	    !prepaid_lots_read(command, had, at, &change->lots))
		return false;
	for (size_t i = 0; i < change->lots.list.count; i++)
		if (change->lots.list.items[i].id == found->id)
			change->lot = &change->lots.list.items[i];
	return true;
}

static bool find(struct lot_change *change, int64_t id)
{
	struct command *command = change->command;
	struct allocation *found;
	if (!store_find(command->store, &allocation_record, id, (void **)&found))
		return false;
	if (!found)
		return record_missing(&allocation_record, id, command->problems, "/id");
	command_object(command, "allocation", id, found->account_id);
	if (!found->lot)
		return problem_value(command->problems, PROBLEM_WRONG_STATE, "/id", text_from_int64(command->arena, id), NULL,
		                     "allocation %lld is no lot of a prepaid component", (long long)id);
	return read_all(change, found, command->now);
}

static bool refuse_ended(const struct lot_change *change, int64_t id, const char *remedy)
{
	struct allocation *found;
	if (change->lot)
		found = change->lot;
	else if (!store_find(change->command->store, &allocation_record, id, (void **)&found))
		return false;
	return problem_value(change->command->problems, PROBLEM_WRONG_STATE, "/id", text_from_int64(change->command->arena, id), remedy,
	                     "lot %lld is %s", (long long)id, allocation_record.fields[ALLOCATION_FIELD_LOT].words[found->lot]);
}

static bool save(struct lot_change *change)
{
	change->lots.changed[change->lot - change->lots.list.items] = true;
	return prepaid_lots_save(change->command, &change->lots) && subscription_component_save(change->command, change->lots.had);
}

/* ------------------------------------------------------------------------------------------------ expiry */

/* The lots as they are read at that moment are expired already. */
static bool expire_job(struct command *command, const struct job *job)
{
	struct lot_change change = { .command = command };
	struct allocation *found;
	if (!store_find(command->store, &allocation_record, job->object_id, (void **)&found) || !found ||
	    found->lot != ALLOCATION_LOT_OPEN)
		return !store_failed(command->store);
	command_object(command, "allocation", found->id, found->account_id);
	return read_all(&change, found, command->now) && (!change.lot || save(&change));
}

const struct job_kind prepaid_lot_jobs[] = {
	{ .name = "allocation.expire", .perform = expire_job, .doc = "A lot of a prepaid component cannot be used any more." },
	{ .name = NULL },
};

static bool check_expiry(const struct lot_change *change, struct instant expires_at)
{
	struct command *command = change->command;
	struct instant from = change->subscription->assessed_from;
	const struct price_point *point = price_point_need(command, change->lot->price_point_id, "/id");
	if (!point)
		return false;
	if (!point->has_expires_after || point->expires_unit == PRICE_POINT_EXPIRES_UNIT_NEVER)
		return problem_value(command->problems, PROBLEM_WRONG_STATE, "/expires_at", instant_text(command->arena, expires_at), NULL,
		                     "what is bought at price point '%.*s' does not expire", TEXT_ARG(point->handle));
	return expires_at.us >= from.us ||
	       problem_value(command->problems, PROBLEM_OUT_OF_RANGE, "/expires_at", instant_text(command->arena, expires_at),
	                     "Name a moment of the present period, or one ahead.", "the present period began at %.*s",
	                     TEXT_ARG(instant_text(command->arena, from)));
}

/* What is left of it can be used again, or no more. */
static void set_expiry(struct lot_change *change, struct instant expires_at)
{
	struct allocation *lot = change->lot;
	struct subscription_component *had = change->lots.had;
	bool over = expires_at.us <= change->command->now.us, was_open = lot->lot == ALLOCATION_LOT_OPEN;
	lot->expires_at = expires_at;
	if (lot->lot == ALLOCATION_LOT_USED_UP)
		return;
	if (was_open && over)
		had->quantity = quantity_less(had->quantity, prepaid_lot_left(lot));
	if (!was_open && !over)
		had->quantity = quantity_plus(had->quantity, prepaid_lot_left(lot));
	lot->lot = over ? ALLOCATION_LOT_EXPIRED : ALLOCATION_LOT_OPEN;
	lot->ended_at = over ? expires_at : INSTANT_NONE;
}

static bool plan_expiry(const struct lot_change *change)
{
	const struct allocation *lot = change->lot;
	return lot->expires_at.us <= change->command->now.us
	               ? job_remove(change->command, "allocation.expire", lot->id)
	               : job_move(change->command, "allocation.expire", lot->account_id, lot->id, lot->expires_at);
}

static bool change_expiration_perform(struct command *command, const void *data, void **output)
{
	const struct allocation_change_expiration *input = data;
	struct lot_change change = { .command = command };
	if (!find(&change, input->id))
		return false;
	struct allocation *lot = change.lot;
	if (!lot || lot->lot == ALLOCATION_LOT_LAPSED || lot->lot == ALLOCATION_LOT_DELETED)
		return refuse_ended(&change, input->id, "Allocate a new one.");
	struct instant before = lot->expires_at;
	if (!check_expiry(&change, input->expires_at))
		return false;
	set_expiry(&change, input->expires_at);
	struct occurrence changed =
	        occurrence_of(EVENT_ALLOCATION_EXPIRATION_CHANGE, &allocation_record, lot, lot->id, lot->account_id);
	changed.details.previous_at = before;
	*output = lot;
	return plan_expiry(&change) && save(&change) && event_post(command, &changed);
}

/* ------------------------------------------------------------------------------------------------ what it is worth */

/* What was paid for it, and where. */
struct lot_cost {
	struct exact_money exact;
	int64_t invoice_id, position; /* 0: on no invoice */
};

static bool cost_by_charge(struct command *command, const struct allocation *lot, struct lot_cost *cost)
{
	struct component_charge *charge;
	if (!store_find(command->store, &component_charge_record, lot->charge_id, (void **)&charge) || !charge)
		return false;
	if (charge->status == COMPONENT_CHARGE_STATUS_INVOICED) {
		cost->invoice_id = charge->invoice_id;
		cost->position = charge->line_position;
	}
	return exact_money_from_money(charge->amount, &cost->exact);
}

static bool cost_by_line(struct command *command, const struct allocation *lot, struct lot_cost *cost)
{
	struct invoice *invoice;
	if (!invoice_find(command, lot->invoice_id, &invoice) || !invoice)
		return false;
	for (size_t i = 0; i < invoice->lines.count; i++)
		if (invoice->lines.items[i].position == lot->line_position) {
			cost->invoice_id = invoice->id;
			cost->position = lot->line_position;
			return exact_money_from_money(invoice->lines.items[i].amount, &cost->exact);
		}
	return true;
}

static bool find_cost(const struct lot_change *change, struct lot_cost *cost)
{
	*cost = (struct lot_cost){ 0 };
	return exact_money_from_money(money_zero(change->account->currency), &cost->exact) &&
	       (change->lot->charge_id    ? cost_by_charge(change->command, change->lot, cost)
	        : change->lot->invoice_id ? cost_by_line(change->command, change->lot, cost)
	                                  : true);
}

/* The unused share of what it cost, as the subscription's plan is rounded. */
static bool find_worth(const struct lot_change *change, const struct lot_cost *cost, struct money *worth)
{
	struct fraction left, whole, share;
	struct item_amount amount = item_amount_of(change->command, change->account);
	struct billing_item item = {
		.kind = INVOICE_LINE_KIND_COMPONENT, .subscription_id = change->subscription->id,
		.catalog_plan_id = change->subscription->catalog_plan_id, .plan = change->subscription->plan,
	};
	if (!fraction_from_decimal(prepaid_lot_left(change->lot), &left) || !fraction_from_decimal(change->lot->quantity, &whole) ||
	    !fraction_divide(left, whole, &share) || !exact_money_multiply(cost->exact, share, &item.exact))
		return problem(change->command->problems, PROBLEM_OVERFLOW, "", "the unused share of the lot is too large to compute");
	if (!item_amount_round(&amount, &item))
		return false;
	*worth = item.amount;
	return true;
}

/* ------------------------------------------------------------------------------------------------ taken away */

static struct text description_of(const struct lot_change *change)
{
	struct arena *arena = change->command->arena;
	const struct component *component = component_need(change->command, change->lot->component_id, "");
	return component ? text_format(arena, "Unused %.*s: %.*s", TEXT_ARG(component->name),
	                               TEXT_ARG(decimal_canonical_text(arena, prepaid_lot_left(change->lot))))
	                 : TEXT_NONE;
}

static bool credit(const struct lot_change *change, struct allocation_deleted *deleted)
{
	const struct credit_create input = {
		.account_id = change->account->id, .amount = money_decimal(deleted->amount), .currency = deleted->currency,
		.description = description_of(change),
	};
	struct invoice *invoice;
	if (!command_perform(change->command, "credit.create", &input, (void **)&invoice))
		return false;
	deleted->invoice_id = invoice->id;
	return true;
}

static bool refund(const struct lot_change *change, const struct lot_cost *cost, struct allocation_deleted *deleted)
{
	struct credit_note_take take = { .position = cost->position, .has_amount = true, .amount = money_decimal(deleted->amount) };
	struct credit_note_create input = {
		.invoice_id = cost->invoice_id, .reason = CREDIT_NOTE_CREATE_REASON_OTHER, .description = description_of(change),
	};
	struct credit_note *note;
	input.items.items = &take;
	input.items.count = input.items.capacity = 1;
	if (!cost->invoice_id)
		return problem(change->command->problems, PROBLEM_WRONG_STATE, "/credit_scheme",
		               "lot %lld is on no invoice yet: nothing can be refunded; delete it with credit", (long long)change->lot->id);
	if (!command_perform(change->command, "credit_note.create", &input, (void **)&note))
		return false;
	deleted->credit_note_id = note->id;
	return true;
}

static bool give_worth(const struct lot_change *change, enum allocation_delete_credit_scheme scheme,
                       struct allocation_deleted *deleted)
{
	struct lot_cost cost;
	deleted->amount = money_zero(deleted->currency);
	if (scheme == ALLOCATION_DELETE_CREDIT_SCHEME_NOTHING)
		return true;
	if (!find_cost(change, &cost) || !find_worth(change, &cost, &deleted->amount))
		return false;
	if (money_sign(deleted->amount) <= 0)
		return true;
	return scheme == ALLOCATION_DELETE_CREDIT_SCHEME_REFUND ? refund(change, &cost, deleted) : credit(change, deleted);
}

static void take_away(struct lot_change *change)
{
	struct subscription_component *had = change->lots.had;
	had->quantity = quantity_less(had->quantity, prepaid_lot_left(change->lot));
	change->lot->lot = ALLOCATION_LOT_DELETED;
	change->lot->ended_at = change->command->now;
}

static bool delete_perform(struct command *command, const void *data, void **output)
{
	const struct allocation_delete *input = data;
	struct lot_change change = { .command = command };
	enum allocation_delete_credit_scheme scheme =
	        input->credit_scheme ? input->credit_scheme : ALLOCATION_DELETE_CREDIT_SCHEME_CREDIT;
	if (!find(&change, input->id))
		return false;
	if (!change.lot || change.lot->lot != ALLOCATION_LOT_OPEN)
		return refuse_ended(&change, input->id, NULL);
	struct allocation_deleted *deleted = arena_new(command->arena, struct allocation_deleted);
	*deleted = (struct allocation_deleted){ .currency = change.account->currency };
	if (!give_worth(&change, scheme, deleted))
		return false;
	take_away(&change);
	struct occurrence gone =
	        occurrence_of(EVENT_ALLOCATION_DELETE, &allocation_record, change.lot, change.lot->id, change.lot->account_id);
	gone.details.credit_scheme = text_of(allocation_delete_record.fields[ALLOCATION_DELETE_FIELD_CREDIT_SCHEME].words[scheme]);
	gone.details.currency = deleted->currency;
	gone.details.amount = deleted->amount;
	deleted->allocation = change.lot;
	*output = deleted;
	return job_remove(command, "allocation.expire", change.lot->id) && save(&change) && event_post(command, &gone);
}

const struct command_type prepaid_lot_commands[] = {
	{ .name = "allocation.change_expiration", .scope = "write", .input = &allocation_change_expiration_record,
	  .output = &allocation_record, .perform = change_expiration_perform,
	  .doc = "A lot of a prepaid component can be used until another moment." },
	{ .name = "allocation.delete", .scope = "write", .input = &allocation_delete_record, .output = &allocation_deleted_record,
	  .perform = delete_perform,
	  .doc = "Takes away what is left of a lot of a prepaid component, for nothing, a credit or a refund." },
	{ .name = NULL },
};
