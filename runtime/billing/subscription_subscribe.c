/* subscription_subscribe.c: a plan is subscribed to, in a bundle that is there or a new one. */
#include "account.h"
#include "blocking_state.h"
#include "convention_choice.h"
#include "coupon.h"
#include "event/dispatch.h"
#include "invoice_run.h"
#include "subscription_announce.h"
#include "subscription_commands.h"
#include "subscription_component.h"
#include "subscription_moment.h"
#include "subscription_terms.h"
#include "timeline.h"

#include <assert.h>

/* ------------------------------------------------------------------------------------------------ when */

struct subscribing_moments {
	struct instant billing, entitlement;
};

static bool find_moments(struct command *command, const struct account *account,
                         const struct subscription_subscribe *input, struct subscribing_moments *moments)
{
	struct instant start;
	if (!moment_asked(command, account, input->start_date, input->start_at, "/start_date", &start) ||
	    !moment_asked(command, account, input->billing_date, input->billing_at, "/billing_date", &moments->billing) ||
	    !moment_asked(command, account, input->entitlement_date, input->entitlement_at, "/entitlement_date",
	                  &moments->entitlement))
		return false;
	if (start.us == 0)
		start = command->now;
	if (moments->billing.us == 0)
		moments->billing = start;
	if (moments->entitlement.us == 0)
		moments->entitlement = start;
	return true;
}

/* Where the moment of billing was given; a rule may have moved it since. */
static const char *billing_pointer(const struct subscription_subscribe *input)
{
	if (input->billing_at.us)
		return "/billing_at";
	if (date_present(input->billing_date))
		return "/billing_date";
	return input->start_at.us ? "/start_at" : "/start_date";
}

/* ------------------------------------------------------------------------------------------------ beside what */

static bool is_alive(const struct subscription *subscription, struct instant at)
{
	return !subscription_is_final(subscription->status) &&
	       (subscription->billed_until.us == 0 || subscription->billed_until.us > at.us);
}

static bool check_no_base(struct command *command, const struct subscription_list *members,
                          const struct subscribing_moments *moments)
{
	for (size_t i = 0; i < members->count; i++)
		if (members->items[i].category == SUBSCRIPTION_CATEGORY_BASE && is_alive(&members->items[i], moments->billing))
			return problem_value(command->problems, PROBLEM_CONFLICT, "/bundle_id", members->items[i].plan,
			                     "Change its plan, or subscribe in another bundle.",
			                     "the bundle has a base plan: subscription %lld", (long long)members->items[i].id);
	return true;
}

/* An add-on does not begin before its base plan; earlier on the same day it begins with it. */
static bool follow_base_start(struct command *command, const struct account *account, const struct subscription *base,
                              struct subscribing_moments *moments)
{
	const struct timezone_rules *zone = command_zone(command, account);
	struct date base_day = timezone_date(zone, base->started_at), day = timezone_date(zone, moments->billing);
	if (date_compare(day, base_day) < 0)
		return problem_value(command->problems, PROBLEM_OUT_OF_RANGE, "/start_date", date_text(command->arena, day),
		                     "Let it start with the base plan or later.", "its base plan starts on %.*s",
		                     TEXT_ARG(date_text(command->arena, base_day)));
	moments->billing = moment_not_before(moments->billing, base->started_at);
	if (date_compare(timezone_date(zone, moments->entitlement), base_day) == 0)
		moments->entitlement = moment_not_before(moments->entitlement, base->entitled_from);
	return true;
}

static bool check_available(struct command *command, const struct account *account, const struct subscription *base,
                            const struct catalog_plan *plan, struct instant at)
{
	struct timeline timeline;
	struct catalog_plan *base_plan = NULL;
	bool available = false;
	if (!timeline_read(command, account, base, &timeline))
		return false;
	const struct billing_event *event = billing_event_at(&timeline.laid, at);
	int64_t plan_id = event ? event->catalog_plan_id : base->catalog_plan_id;
	if (!catalog_plan_find(command, plan_id, &base_plan) || !base_plan ||
	    !catalog_add_on_is_available(command, base_plan, plan->product, &available))
		return false;
	return available || problem_value(command->problems, PROBLEM_WRONG_STATE, "/plan", plan->code,
	                                  "Subscribe to an add-on that the base plan's product names as available.",
	                                  "product '%.*s' is not sold beside '%.*s'", TEXT_ARG(plan->product),
	                                  TEXT_ARG(base_plan->product));
}

static bool check_add_on(struct command *command, const struct account *account, const struct subscription_list *members,
                         const struct catalog_plan *plan, struct subscribing_moments *moments)
{
	const struct subscription *base = NULL;
	for (size_t i = 0; i < members->count; i++)
		if (members->items[i].category == SUBSCRIPTION_CATEGORY_BASE && is_alive(&members->items[i], moments->billing))
			base = &members->items[i];
	if (!base)
		return problem_value(command->problems, PROBLEM_WRONG_STATE, "/plan", plan->code,
		                     "Subscribe to a base plan first, and name its bundle.",
		                     "an add-on needs a base plan in its bundle");
	return blocking_allows_change(command, base, "/bundle_id") &&
	       follow_base_start(command, account, base, moments) &&
	       check_available(command, account, base, plan, moments->billing);
}

static bool check_room(struct command *command, const struct subscription_list *members, const struct catalog_plan *plan,
                       struct instant at)
{
	int64_t count = 0;
	for (size_t i = 0; i < members->count; i++)
		count += text_equals(members->items[i].plan, plan->code) && is_alive(&members->items[i], at);
	return !plan->has_max_in_bundle || count < plan->max_in_bundle ||
	       problem_value(command->problems, PROBLEM_CONFLICT, "/plan", plan->code, "Subscribe in another bundle.",
	                     "the bundle may hold %lld of plan '%.*s'", (long long)plan->max_in_bundle,
	                     TEXT_ARG(plan->code));
}

static bool check_bundle(struct command *command, const struct subscribing *subscribing,
                         const struct catalog_plan *plan, struct subscribing_moments *moments)
{
	struct subscription_list members = { 0 };
	const struct text counted = plan->has_max_in_bundle ? plan->code : TEXT_NONE;
	if (subscribing->bundle && !subscription_bundle_beside(command, subscribing->bundle, counted, &members))
		return false;
	bool fits = plan->category == CATALOG_PLAN_CATEGORY_ADD_ON
	                    ? check_add_on(command, subscribing->account, &members, plan, moments)
	                    : check_no_base(command, &members, moments);
	return fits && check_room(command, &members, plan, moments->billing);
}

/* ------------------------------------------------------------------------------------------------ rows */

static struct subscription_event creation_of(const struct subscription_subscribe *input, const struct plan_found *found,
                                             struct instant at)
{
	struct catalog_query query = { .from = plan_terms(found->parent), .phase = (enum phase_kind)input->phase };
	struct subscription_event creation = {
		.kind = SUBSCRIPTION_EVENT_KIND_CREATE,
		.at = at,
		.catalog_plan_id = found->plan->id,
		.phase = (enum subscription_event_phase)input->phase,
		.alignment = (enum subscription_event_alignment)input->create_alignment,
		.billing_alignment = (enum subscription_event_billing_alignment)input->billing_alignment,
		.bill_cycle_day = input->bill_cycle_day,
		.has_bill_cycle_day = input->has_bill_cycle_day,
		.quantity = input->has_quantity ? input->quantity : 1,
		.has_quantity = true,
	};
	if (query.phase == PHASE_KIND_NONE)
		query.phase = found->parent->phases.items[0].kind;
	if (creation.alignment == SUBSCRIPTION_EVENT_ALIGNMENT_NONE)
		creation.alignment = catalog_create_alignment(found->rules, &query);
	if (creation.billing_alignment == SUBSCRIPTION_EVENT_BILLING_ALIGNMENT_NONE)
		creation.billing_alignment = catalog_billing_alignment(found->rules, &query);
	return creation;
}

/* How it counts is chosen once, here. */
static bool choose_convention(struct command *command, const struct account *account,
                              const struct subscription_subscribe *input, const struct catalog_plan *plan,
                              struct subscription_event *creation)
{
	struct convention_choice choice;
	if (!convention_choose(command, input->convention, "/convention", plan->convention, account->convention, &choice))
		return false;
	subscription_event_count(creation, choice, input->billing_alignment != 0);
	return true;
}

static struct subscription *row_of(struct command *command, const struct subscribing *subscribing, struct uuid uuid,
                                   const struct catalog_plan *plan, const struct subscribing_moments *moments)
{
	const struct account *account = subscribing->account;
	struct subscription *row = arena_new(command->arena, struct subscription);
	row->id = store_new_id(command->store, "subscription");
	row->uuid = uuid_present(uuid) ? uuid : uuid_time_ordered();
	row->account_id = account->id;
	row->bundle_id = subscribing->bundle->id;
	row->has_bundle_invoicing_off = subscribing->bundle->has_invoicing_off;
	row->bundle_invoicing_off = subscribing->bundle->invoicing_off;
	row->catalog_plan_id = plan->id;
	row->plan = plan->code;
	row->category = (enum subscription_category)plan->category;
	row->currency = account->currency;
	row->status = SUBSCRIPTION_STATUS_PENDING;
	row->started_at = moments->billing;
	row->aligned_from = subscribing->aligned_from.us ? subscribing->aligned_from : moments->billing;
	row->entitled_from = moments->entitlement;
	row->start_date = timezone_date(command_zone(command, account), moments->billing);
	row->auto_renew = true;
	row->created_at = row->updated_at = command->now;
	return row;
}

/* A rule may have moved the start, or set an end. */
static bool store_as_ruled(struct command *command, const struct subscribing *subscribing, struct subscription *row,
                           struct subscription_event creation)
{
	const struct timezone_rules *zone = command_zone(command, subscribing->account);
	if (date_compare(row->start_date, timezone_date(zone, creation.at)) != 0)
		row->started_at = creation.at = timezone_start_of_date(zone, row->start_date);
	if (!store_insert(command->store, &subscription_record, row) || !subscription_event_add(command, row, creation))
		return false;
	if (!date_present(row->end_date))
		return true;
	struct instant end = moment_not_before(timezone_start_of_date(zone, row->end_date), creation.at);
	return subscription_event_add(command, row, (struct subscription_event){ .kind = SUBSCRIPTION_EVENT_KIND_CANCEL,
	                                                                         .at = end });
}

static bool store_rows(struct command *command, struct subscribing *subscribing, struct subscription *row,
                       const struct subscription_event *creation)
{
	struct occurrence created =
	        occurrence_of(EVENT_SUBSCRIPTION_CREATE, &subscription_record, row, row->id, row->account_id);
	created.effective_at = created.details.effective_at = creation->at;
	created.details.action = TEXT("requested");
	created.details.bundle_key = subscribing->bundle->external_key;
	created.details.has_create_invoice = true;
	created.details.create_invoice = true;
	if (!row->id || !event_pre(command, &created))
		return false;
	subscribing->invoice = created.details.create_invoice;
	if (!store_as_ruled(command, subscribing, row, *creation))
		return false;
	created.effective_at = created.details.effective_at = row->started_at;
	return row->started_at.us <= command->now.us || event_post(command, &created); /* what is at once is announced once */
}

static bool make_rows(struct command *command, struct subscribing *subscribing, struct subscription *row,
                      const struct subscription_event *creation)
{
	row->quantity = creation->quantity;
	row->has_quantity = true;
	if (!store_rows(command, subscribing, row, creation))
		return false;
	struct subscription_touch touch = { .from = row->started_at, .amounts_at = "/quantity", .date_at = subscribing->date_at };
	return subscription_touch(command, subscribing->account, row, &touch) &&
	       subscription_announce_expiry(command, subscribing->account, row);
}

bool subscription_make_as(struct command *command, struct subscribing *subscribing, const struct catalog_plan *plan,
                          const struct subscription_event *creation, struct subscription **made)
{
	const struct subscribing_moments moments = { .billing = creation->at, .entitlement = creation->at };
	*made = row_of(command, subscribing, (struct uuid){ { 0 } }, plan, &moments);
	return make_rows(command, subscribing, *made, creation);
}

static bool find_bundle(struct command *command, struct subscribing *subscribing, struct instant start)
{
	if (!subscribing->bundle)
		subscribing->bundle = subscription_bundle_make(command, subscribing->account, subscribing->bundle_uuid,
		                                               subscribing->bundle_key, start);
	return subscribing->bundle != NULL;
}

/* On what it was charged for elsewhere there is no line, and nobody looks for one. */
static bool note_charged(struct command *command, const struct subscribing *subscribing,
                         const struct subscription_subscribe *input, struct subscription *made)
{
	if (input->charged_until.us == 0)
		return true;
	if (input->charged_until.us <= made->started_at.us)
		return problem(command->problems, PROBLEM_OUT_OF_RANGE, "/charged_until", "it lies after the start");
	made->charged_through = timezone_date(command_zone(command, subscribing->account), input->charged_until);
	made->derive_from = DATE_NONE;
	return store_update(command->store, &subscription_record, made);
}

bool subscription_make(struct command *command, struct subscribing *subscribing,
                       const struct subscription_subscribe *input, struct subscription **made)
{
	struct subscribing_moments moments;
	struct plan_found found;
	struct plan_wish wish = PLAN_WISH_OF(input);
	if (!find_moments(command, subscribing->account, input, &moments) ||
	    !plan_wish_find(command, subscribing->account, &wish, moments.billing, &found) ||
	    !check_bundle(command, subscribing, found.parent, &moments) ||
	    !find_bundle(command, subscribing, moments.billing))
		return false;
	struct subscription_event creation = creation_of(input, &found, moments.billing);
	subscribing->date_at = billing_pointer(input);
	*made = row_of(command, subscribing, input->uuid, found.plan, &moments);
	struct coupon_redemption *redemption;
	const struct component_choices components = { input->components.items, input->components.count };
	return choose_convention(command, subscribing->account, input, found.plan, &creation) &&
	       make_rows(command, subscribing, *made, &creation) && note_charged(command, subscribing, input, *made) &&
	       subscription_components_begin(command, *made, &components, "/components") &&
	       (!text_present(input->coupon) || coupon_redeem_for(command, subscribing->account,
	                                                          (struct coupon_target){ .subscription = *made }, input->coupon,
	                                                          (*made)->start_date, "/coupon", &redemption));
}

/* ------------------------------------------------------------------------------------------------ subscription.subscribe */

static bool named_bundle(struct command *command, const struct subscription_subscribe *input,
                         struct subscribing *subscribing)
{
	subscribing->bundle = subscription_bundle_need(command, input->bundle_id, "/bundle_id");
	if (!subscribing->bundle)
		return false;
	if (input->account_id && input->account_id != subscribing->bundle->account_id)
		return problem(command->problems, PROBLEM_INVALID_COMBINATION, "/account_id",
		               "bundle %lld is of another account", (long long)input->bundle_id);
	subscribing->account = account_need(command, subscribing->bundle->account_id, "/account_id");
	return subscribing->account != NULL;
}

static bool find_place(struct command *command, const struct subscription_subscribe *input,
                       struct subscribing *subscribing)
{
	if (input->bundle_id)
		return named_bundle(command, input, subscribing);
	if (!input->account_id)
		return problem(command->problems, PROBLEM_MISSING_FIELD, "/account_id",
		               "an account or a bundle must be named");
	subscribing->account = account_need(command, input->account_id, "/account_id");
	subscribing->bundle_key = input->bundle_key;
	return subscribing->account &&
	       (!text_present(input->bundle_key) ||
	        subscription_bundle_by_key(command, input->account_id, input->bundle_key, &subscribing->bundle));
}

bool subscription_subscribe_perform(struct command *command, const void *data, void **output)
{
	const struct subscription_subscribe *input = data;
	struct subscribing subscribing = { .account = NULL };
	struct subscription *made;
	if (!find_place(command, input, &subscribing) || !subscription_make(command, &subscribing, input, &made))
		return false;
	const struct made_subscriptions one = { &made->id, 1 };
	command_object(command, "subscription", made->id, made->account_id);
	*output = made;
	if (!subscribing.invoice)
		return true;
	if (made->started_at.us <= command->now.us && !account_bill_made(command, subscribing.account, &one))
		return false;
	return subscription_find(command, made->id, (struct subscription **)output);
}

/* ------------------------------------------------------------------------------------------------ subscription_bundle.create */

/* Problems of the i-th subscription are told at its place. */
static void place_problems(struct command *command, size_t known, size_t i)
{
	struct problem *told = command->problems->first;
	for (size_t n = 0; told; n++, told = told->next)
		if (n >= known)
			told->pointer = text_format(command->arena, "/subscriptions/%zu%s", i, told->pointer).data;
}

static bool check_free_key(struct command *command, const struct subscription_bundle_create *input)
{
	struct subscription_bundle *used = NULL;
	if (!text_present(input->external_key))
		return true;
	if (!subscription_bundle_by_key(command, input->account_id, input->external_key, &used))
		return false;
	return !used || problem_value(command->problems, PROBLEM_DUPLICATE, "/external_key", input->external_key,
	                              "Choose another key, or subscribe in that bundle.", "bundle %lld has this key",
	                              (long long)used->id);
}

static bool check_unplaced(struct command *command, const struct subscription_subscribe *input)
{
	return (!input->account_id && !input->bundle_id && !text_present(input->bundle_key)) ||
	       problem(command->problems, PROBLEM_INVALID_COMBINATION, input->account_id ? "/account_id" : "/bundle_id",
	               "account and bundle of a subscription are those of the new bundle");
}

bool subscription_bundle_create_perform(struct command *command, const void *data, void **output)
{
	const struct subscription_bundle_create *input = data;
	struct subscribing subscribing = { .bundle_key = input->external_key, .bundle_uuid = input->uuid };
	struct subscription *made;
	int64_t *begun = arena_new_many(command->arena, int64_t, input->subscriptions.count + 1);
	size_t begun_count = 0;
	subscribing.account = account_need(command, input->account_id, "/account_id");
	if (!subscribing.account || !check_free_key(command, input))
		return false;
	for (size_t i = 0; i < input->subscriptions.count; i++) {
		const struct subscription_subscribe *one = &input->subscriptions.items[i];
		size_t known = command->problems->count;
		if (!check_unplaced(command, one) || !subscription_make(command, &subscribing, one, &made)) {
			place_problems(command, known, i);
			return false;
		}
		if (subscribing.invoice && made->started_at.us <= command->now.us)
			begun[begun_count++] = made->id;
	}
	struct subscription_bundle *bundle = subscribing.bundle;
	assert(bundle); /* made for the first of them, of which there is one at least */
	command_object(command, "subscription_bundle", bundle->id, bundle->account_id);
	*output = bundle;
	return (begun_count == 0 ||
	        account_bill_made(command, subscribing.account, &(struct made_subscriptions){ begun, begun_count })) &&
	       subscription_bundle_members(command, bundle, (struct subscription_list *)(void *)&bundle->subscriptions);
}
