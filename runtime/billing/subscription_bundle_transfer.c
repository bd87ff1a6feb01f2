/* subscription_bundle_transfer.c: a bundle ends at one account and goes on at another, in the phases it was in. */
#include "account.h"
#include "catalog_plan.h"
#include "convention_choice.h"
#include "coupon.h"
#include "event/dispatch.h"
#include "invoice_run.h"
#include "subscription_commands.h"
#include "subscription_component.h"
#include "subscription_moment.h"

/* A subscription and the one that goes on for it. */
struct moved {
	const struct subscription *from, *to;
};

struct transfer {
	struct command *command;
	const struct subscription_bundle_transfer *input;
	struct subscription_bundle *from, *to;
	struct account *giver, *taker;
	struct instant at;
	struct { struct moved *items; size_t count, capacity; } moved;
};

static int64_t own_day(const struct subscription_event_list *rows, struct instant at)
{
	int64_t day = 0;
	for (size_t i = 0; i < rows->count && rows->items[i].at.us <= at.us; i++)
		if (rows->items[i].has_bill_cycle_day)
			day = rows->items[i].bill_cycle_day;
	return day;
}

static int64_t quantity_at(const struct subscription *subscription, const struct subscription_event_list *rows,
                           struct instant at)
{
	int64_t quantity = subscription->has_quantity ? subscription->quantity : 1;
	for (size_t i = 0; i < rows->count && rows->items[i].at.us <= at.us; i++)
		if (rows->items[i].has_quantity)
			quantity = rows->items[i].quantity;
	return quantity;
}

static bool find_plan(const struct transfer *transfer, int64_t id, struct catalog_plan **plan)
{
	return catalog_plan_find(transfer->command, id, plan) && *plan;
}

/* As a migration prices it; what lies after the end has no price yet. */
static int64_t changes_to(const struct timeline *timeline, const struct subscription_event *row)
{
	const struct billing_event *event = billing_event_at(&timeline->laid, row->at);
	bool laid = event && event->at.us == row->at.us && event->transition != BILLING_TRANSITION_CANCEL;
	return laid ? event->catalog_plan_id : row->catalog_plan_id;
}

/* What begins later goes on when it begins. */
static struct instant goes_on_at(const struct transfer *transfer, const struct subscription *subscription)
{
	return subscription->started_at.us > transfer->at.us ? subscription->started_at : transfer->at;
}

/* Laid from where it was laid before, beginning with the phase it began with. */
static struct subscription_event creation_of(const struct subscription *subscription, const struct catalog_plan *plan,
                                             const struct subscription_event_list *rows, struct instant at)
{
	const struct subscription_event *row = subscription_event_of_plan(rows, at);
	int64_t day = own_day(rows, at);
	struct subscription_event creation = *row;
	creation.kind = SUBSCRIPTION_EVENT_KIND_CREATE;
	creation.at = at;
	creation.catalog_plan_id = plan->id;
	creation.quantity = quantity_at(subscription, rows, at);
	creation.has_quantity = true;
	creation.bill_cycle_day = day;
	creation.has_bill_cycle_day = day > 0;
	bool from_change = row->alignment == SUBSCRIPTION_EVENT_ALIGNMENT_CHANGE_OF_PLAN;
	if (from_change)
		creation.alignment = SUBSCRIPTION_EVENT_ALIGNMENT_START_OF_SUBSCRIPTION;
	else if (!row->phase && catalog_plan_phase(plan, (enum phase_kind)rows->items[0].phase))
		creation.phase = rows->items[0].phase;
	return creation;
}

/* Its own convention goes with it; else the plan, the new account and the tenant are asked. */
static bool choose_convention(const struct transfer *transfer, const struct catalog_plan *plan,
                              struct subscription_event *creation)
{
	struct convention_choice choice;
	bool own = creation->convention_by == SUBSCRIPTION_EVENT_CONVENTION_BY_SUBSCRIPTION;
	if (!convention_choose(transfer->command, own ? creation->convention : TEXT_NONE, "", plan->convention,
	                       transfer->taker->convention, &choice))
		return false;
	subscription_event_count(creation, choice, false);
	return true;
}

/* What was set for a moment after `at` is set there too. */
static bool take_along(const struct transfer *transfer, struct subscription *made, const struct subscription_event_list *rows,
                       const struct timeline *timeline, struct instant at)
{
	struct command *command = transfer->command;
	struct instant first = INSTANT_NONE;
	for (size_t i = 0; i < rows->count; i++) {
		struct subscription_event row = rows->items[i];
		struct catalog_plan *plan = NULL;
		if (row.at.us <= at.us)
			continue;
		if (row.kind == SUBSCRIPTION_EVENT_KIND_CHANGE) {
			row.catalog_plan_id = changes_to(timeline, &row);
			if (!find_plan(transfer, row.catalog_plan_id, &plan) || !choose_convention(transfer, plan, &row))
				return false;
		}
		if (!subscription_event_add(command, made, row))
			return false;
		if (first.us == 0)
			first = row.at;
	}
	const struct subscription_touch touch = { .from = first };
	return first.us == 0 || subscription_touch(command, transfer->taker, made, &touch);
}

static bool make_there(struct transfer *transfer, const struct subscription *subscription)
{
	struct command *command = transfer->command;
	const struct instant at = goes_on_at(transfer, subscription);
	struct subscription_event_list rows = { 0 };
	struct timeline timeline;
	struct catalog_plan *plan = NULL;
	struct subscription *made;
	if (!subscription_events(command, subscription, &rows) ||
	    !timeline_read(command, transfer->giver, subscription, &timeline))
		return false;
	const struct billing_event *held = billing_event_at(&timeline.laid, at);
	if (!find_plan(transfer, held ? held->catalog_plan_id : subscription->catalog_plan_id, &plan))
		return false;
	const struct subscription_event *row = subscription_event_of_plan(&rows, at);
	if (!row)
		return true;
	bool from_change = row->alignment == SUBSCRIPTION_EVENT_ALIGNMENT_CHANGE_OF_PLAN;
	struct subscribing subscribing = {
		.account = transfer->taker,
		.bundle = transfer->to,
		.aligned_from = from_change ? row->at : subscription->aligned_from,
	};
	struct subscription_event creation = creation_of(subscription, plan, &rows, at);
	if (!choose_convention(transfer, plan, &creation) ||
	    !subscription_make_as(command, &subscribing, plan, &creation, &made) ||
	    !take_along(transfer, made, &rows, &timeline, at) || !subscription_components_go_on(command, subscription, made))
		return false;
	*list_add(command->arena, &transfer->moved, struct moved) = (struct moved){ subscription, made };
	return true;
}

static bool end_here(const struct transfer *transfer, struct subscription *subscription)
{
	const struct instant service = goes_on_at(transfer, subscription);
	struct instant billing = service;
	if (transfer->input->billing_policy == SUBSCRIPTION_BUNDLE_TRANSFER_BILLING_POLICY_END_OF_TERM) {
		struct timeline timeline;
		if (!timeline_read(transfer->command, transfer->giver, subscription, &timeline))
			return false;
		billing = moment_not_before(moment_of_policy(transfer->command, transfer->giver, subscription, &timeline,
		                                             CATALOG_POLICY_END_OF_TERM),
		                            transfer->at);
	}
	return subscription_end(transfer->command, transfer->giver, subscription, transfer->at, billing,
	                        TEXT("transferred"));
}

static bool lives_then(const struct transfer *transfer, const struct subscription *member)
{
	return !subscription_is_final(member->status) && member->started_at.us <= transfer->at.us;
}

/* What is to begin later goes along where something lives. */
static bool moves(const struct subscription *member)
{
	return !subscription_is_final(member->status);
}

/* A base plan is older than its add-ons. */
static bool make_all_there(struct transfer *transfer, const struct subscription_list *members)
{
	bool lives = false;
	for (size_t i = 0; i < members->count; i++)
		lives |= lives_then(transfer, &members->items[i]);
	if (!lives)
		return problem_value(transfer->command->problems, PROBLEM_WRONG_STATE, "/id", TEXT_NONE,
		                     "Transfer a bundle that is alive then.", "no subscription of bundle %lld is alive at that moment",
		                     (long long)transfer->from->id);
	for (size_t i = 0; i < members->count; i++)
		if (moves(&members->items[i]) && !make_there(transfer, &members->items[i]))
			return false;
	return true;
}

/* Add-ons that did not end with their base plan end by themselves. */
static bool end_all_here(const struct transfer *transfer, bool add_ons)
{
	struct subscription_list members = { 0 };
	if (!subscription_bundle_members(transfer->command, transfer->from, &members))
		return false;
	for (size_t i = 0; i < members.count; i++) {
		struct subscription *member = &members.items[i];
		bool is_add_on = member->category == SUBSCRIPTION_CATEGORY_ADD_ON;
		bool skipped = is_add_on != add_ons || !moves(member) || (add_ons && member->billed_until.us != 0);
		if (!skipped && !end_here(transfer, member))
			return false;
	}
	return true;
}

/* Coupons of the account stay with it. */
static bool take_coupons(const struct transfer *transfer)
{
	for (size_t i = 0; i < transfer->moved.count; i++)
		if (!coupon_redemptions_transfer(transfer->command, transfer->moved.items[i].from, transfer->moved.items[i].to,
		                                 transfer->taker))
			return false;
	return true;
}

/* ------------------------------------------------------------------------------------------------ the command */

static bool find_accounts(struct transfer *transfer)
{
	struct command *command = transfer->command;
	transfer->from = subscription_bundle_need(command, transfer->input->id, "/id");
	transfer->taker = account_need(command, transfer->input->account_id, "/account_id");
	if (!transfer->from || !transfer->taker)
		return false;
	transfer->giver = account_need(command, transfer->from->account_id, "/id");
	if (transfer->taker->id == transfer->from->account_id)
		return problem(command->problems, PROBLEM_INVALID_VALUE, "/account_id", "the bundle is of this account already");
	if (transfer->giver && transfer->giver->currency != transfer->taker->currency)
		return problem_value(command->problems, PROBLEM_CURRENCY_MISMATCH, "/account_id",
		                     text_of(transfer->taker->currency->code), "Choose an account of the same currency.",
		                     "the bundle is charged in %s", transfer->giver->currency->code);
	return transfer->giver != NULL;
}

static bool find_moment(struct transfer *transfer)
{
	if (!moment_asked(transfer->command, transfer->giver, transfer->input->effective_date,
	                  transfer->input->effective_at, "/effective_date", &transfer->at))
		return false;
	if (transfer->at.us == 0)
		transfer->at = transfer->command->now;
	return true;
}

static bool make_bundle(struct transfer *transfer)
{
	bool renamed = text_present(transfer->input->external_key);
	transfer->to = subscription_bundle_make(transfer->command, transfer->taker, (struct uuid){ { 0 } },
	                                        renamed ? transfer->input->external_key : transfer->from->external_key,
	                                        transfer->from->original_start);
	if (!transfer->to)
		return false;
	transfer->to->transferred_from_id = transfer->from->id;
	return store_update(transfer->command->store, &subscription_bundle_record, transfer->to);
}

bool subscription_bundle_transfer_perform(struct command *command, const void *data, void **output)
{
	struct transfer transfer = { .command = command, .input = data };
	struct subscription_list members = { 0 };
	if (!find_accounts(&transfer) || !find_moment(&transfer) ||
	    !subscription_bundle_members(command, transfer.from, &members) || !make_bundle(&transfer))
		return false;
	for (size_t i = 0; i < members.count; i++)
		if (moves(&members.items[i]) && !subscription_is_changeable(command, &members.items[i]))
			return false;
	command_object(command, "subscription_bundle", transfer.to->id, transfer.to->account_id);
	*output = transfer.to;
	return make_all_there(&transfer, &members) && end_all_here(&transfer, false) && end_all_here(&transfer, true) &&
	       take_coupons(&transfer) &&
	       account_bill_changed(command, transfer.giver) && account_bill_changed(command, transfer.taker) &&
	       subscription_bundle_members(command, transfer.to,
	                                   (struct subscription_list *)(void *)&transfer.to->subscriptions);
}
