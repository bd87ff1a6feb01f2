/* invoice_run.c: what subscriptions that were subscribed to directly put on an invoice. */
#include "invoice_run.h"

#include "account.h"
#include "account_control.h"
#include "billing_run.h"
#include "coupon_lines.h"
#include "invoice_park.h"
#include "invoice_tax_lines.h"
#include "item_line.h"
#include "parent_invoice.h"
#include "payment.h"
#include "repair.h"
#include "timeline.h"
#include "usage_arrear.h"

#include "value/record.h"

#include <stdlib.h>

void invoice_run_derive_from(struct subscription *subscription, struct date date)
{
	subscription->derive_from = date_min(subscription->derive_from, date);
}

/* ------------------------------------------------------------------------------------------------ reading */

static bool is_off(const struct account *account)
{
	return account->invoicing == ACCOUNT_INVOICING_OFF;
}

bool invoice_run_next_date(struct command *command, const struct account *account, bool even_off, struct date *next)
{
	*next = DATE_NONE;
	return (is_off(account) && !even_off) ||
	       store_date(command->store, STATEMENT_SUBSCRIPTION_NEXT_BILL, BINDS(bind_id(account->id)), next);
}

struct date invoice_run_next_date_of(const struct invoice_run *run)
{
	struct date next = DATE_NONE;
	for (size_t i = 0; i < run->subscriptions.count; i++)
		next = date_min(next, run->subscriptions.items[i].next_bill_date);
	return next;
}

/* Its moment of that day; none: it waits for none. */
static struct instant moment_of(const struct command *command, const struct account *account,
                                const struct subscription *subscription, struct date date)
{
	struct instant at = subscription->assess_at;
	bool waits = at.us != 0 && date_compare(timezone_date(command_zone(command, account), at), date) == 0;
	return waits ? at : INSTANT_NONE;
}

struct instant invoice_run_moment_of(const struct command *command, const struct invoice_run *run, struct date date)
{
	struct instant moment = INSTANT_NONE;
	for (size_t i = 0; i < run->subscriptions.count; i++) {
		const struct subscription *subscription = &run->subscriptions.items[i];
		if (date_compare(subscription->next_bill_date, date) != 0)
			continue;
		struct instant at = moment_of(command, run->account, subscription, date);
		if (at.us == 0)
			return INSTANT_NONE;
		moment = moment.us && moment.us < at.us ? moment : at;
	}
	return moment;
}

bool invoice_run_moment(struct command *command, const struct account *account, struct date date, struct instant *moment)
{
	const struct timezone_rules *zone = command_zone(command, account);
	return store_integer(command->store, STATEMENT_SUBSCRIPTION_NEXT_MOMENT,
	                     BINDS(bind_id(account->id), bind_date(command->arena, date),
	                           bind_instant(timezone_start_of_date(zone, date)),
	                           bind_instant(timezone_start_of_date(zone, date_add_days(date, 1)))),
	                     &moment->us, NULL);
}

static bool is_made(const struct made_subscriptions *made, int64_t id)
{
	for (size_t i = 0; i < made->count; i++)
		if (made->ids[i] == id)
			return true;
	return false;
}

/* Of what the command has made there are none, unless a rule had it billed meanwhile. */
static bool read_lines(struct command *command, const struct invoice_run *run, const struct subscription *subscription,
                       struct date after, struct invoice_line_list *lines)
{
	*lines = (struct invoice_line_list){ 0 };
	if (is_made(&run->made, subscription->id) && !date_present(subscription->charged_through) && command_is_alone(command))
		return true;
	return store_all(command->store, STATEMENT_INVOICE_LINE_BILLED,
	                 BINDS(bind_id(subscription->account_id), bind_id(subscription->id),
	                       bind_date(command->arena, after)),
	                 &invoice_line_record, LIST(lines));
}

static bool read_some(struct command *command, struct invoice_run *run)
{
	struct subscription_list *subscriptions = &run->subscriptions;
	run->some = true;
	*subscriptions = (struct subscription_list){ 0 };
	if (!store_all(command->store, STATEMENT_SUBSCRIPTION_TO_INVOICE_DUE,
	               BINDS(bind_id(run->account->id), bind_integer(run->after), bind_date(command->arena, run->target),
	                     bind_integer(INVOICE_RUN_SUBSCRIPTIONS_MAX + 1)),
	               &subscription_record, LIST(subscriptions)))
		return false;
	run->unread = subscriptions->count > INVOICE_RUN_SUBSCRIPTIONS_MAX;
	subscriptions->count -= run->unread;
	return true;
}

/* All of an account that has few. */
static bool read_all(struct command *command, struct invoice_run *run)
{
	struct arena_mark mark = arena_mark(command->arena);
	if (run->after)
		return read_some(command, run);
	if (!store_all(command->store, STATEMENT_SUBSCRIPTION_TO_INVOICE,
	               BINDS(bind_id(run->account->id), bind_integer(INVOICE_RUN_SUBSCRIPTIONS_MAX + 1)), &subscription_record,
	               LIST(&run->subscriptions)))
		return false;
	if (run->subscriptions.count <= INVOICE_RUN_SUBSCRIPTIONS_MAX)
		return true;
	arena_rewind(command->arena, mark);
	return read_some(command, run);
}

static int compare_ids(const void *a, const void *b)
{
	const struct subscription *left = a, *right = b;
	return (left->id > right->id) - (left->id < right->id);
}

static bool is_read(const struct invoice_run *run, int64_t id)
{
	const struct subscription_list *subscriptions = &run->subscriptions;
	const struct subscription sought = { .id = id };
	return subscriptions->count > 0 &&
	       bsearch(&sought, subscriptions->items, subscriptions->count, sizeof sought, compare_ids);
}

/* Those with usage that came after their end, as far as this run goes. */
static bool read_waiting(struct command *command, struct invoice_run *run)
{
	struct usage_subscriptions waiting = { 0 };
	struct subscription_list *subscriptions = &run->subscriptions, late = { 0 };
	int64_t last = run->unread ? subscriptions->items[subscriptions->count - 1].id : INT64_MAX;
	if (!usage_waiting(command, run->account->id, &waiting))
		return false;
	for (size_t i = 0; i < waiting.count; i++) {
		struct subscription *found = NULL;
		if (waiting.items[i] <= run->after || waiting.items[i] > last || is_read(run, waiting.items[i]))
			continue;
		if (!subscription_find(command, waiting.items[i], &found))
			return false;
		if (found)
			*list_add(command->arena, &late, struct subscription) = *found;
	}
	for (size_t i = 0; i < late.count; i++)
		*list_add(command->arena, subscriptions, struct subscription) = late.items[i];
	if (late.count > 0)
		qsort(subscriptions->items, subscriptions->count, sizeof *subscriptions->items, compare_ids);
	return true;
}

/* Those that have not ended or have changed, and those that have usage which came after their end; in order of their ids. */
static bool read_subscriptions(struct command *command, struct invoice_run *run)
{
	return read_all(command, run) && account_holdings_read(command, run->account->id, &run->holdings) &&
	       (!run->holdings.open_usage || read_waiting(command, run));
}

/* ------------------------------------------------------------------------------------------------ what is due of one */

struct collecting {
	struct command *command;
	struct invoice_run *run;
	struct item_amount *amount;
	struct invoice_calculation *calculation;
};

static bool proposal_failed(struct command *command, const struct subscription *subscription, enum proposal_fault fault)
{
	return fault == PROPOSAL_DATES && problem(command->problems, PROBLEM_OVERFLOW, "",
	                                          "the timeline of subscription %lld leaves the calendar",
	                                          (long long)subscription->id);
}

static bool propose(struct collecting *collecting, struct invoice_run_part *part, struct date from,
                    struct billing_item_list *items)
{
	struct command *command = collecting->command;
	const struct billing_hooks hooks = item_amount_hooks(collecting->amount);
	const struct proposal_terms terms = {
		.events = part->events.items,
		.event_count = part->events.count,
		.target = part->target,
		.from = from,
		.currency = collecting->run->account->currency,
		.greedy = text_is(command_setting(command, "billing.in_arrear"), "greedy"),
	};
	*items = (struct billing_item_list){ 0 };
	enum proposal_fault fault = propose_items(command->arena, &terms, &hooks, items, &part->next);
	if (fault != PROPOSAL_SOUND)
		return proposal_failed(command, part->subscription, fault);
	return item_amount_find_moments(collecting->amount, items);
}

/* How many lines a run takes. */
static size_t lines_max(const struct invoice_run *run)
{
	size_t most = INVOICE_RUN_LINES_MAX;
	for (int i = 0; i < run->smaller && most > 1; i++)
		most /= 4;
	return most;
}

/* Up to the day on which one invoice has its fill of it; the days after it are for the next. */
static bool propose_fill(struct collecting *collecting, struct invoice_run_part *part, struct date from,
                         struct billing_item_list *items)
{
	const struct date target = part->target;
	const size_t most = lines_max(collecting->run);
	if (items->count <= most)
		return true;
	part->target = date_min(items->items[most].start, target);
	if (!propose(collecting, part, from, items))
		return false;
	part->cut = items->count > 0 && date_compare(part->target, target) < 0;
	if (part->cut)
		return true;
	part->target = target;
	return propose(collecting, part, from, items);
}

static struct date earliest_start(const struct billing_item_list *proposed, const struct invoice_line_list *lines,
                                  struct date from)
{
	for (size_t i = 0; i < proposed->count; i++)
		from = date_min(from, proposed->items[i].start);
	for (size_t i = 0; i < lines->count; i++)
		if (lines->items[i].kind == INVOICE_LINE_KIND_RECURRING)
			from = date_min(from, lines->items[i].period_start);
	return from;
}

/* Goes back to a day that neither a line nor a proposal crosses: what lies before it is as it should be, and cannot touch
 * what lies after it. */
static bool read_both(struct collecting *collecting, struct invoice_run_part *part, struct date *from,
                      struct billing_item_list *proposed, struct invoice_line_list *lines)
{
	for (;;) {
		if (!propose(collecting, part, *from, proposed) ||
		    !read_lines(collecting->command, collecting->run, part->subscription, *from, lines))
			return false;
		struct date earliest = date_present(*from) ? earliest_start(proposed, lines, *from) : *from;
		if (date_compare(earliest, *from) == 0)
			return true;
		*from = earliest;
	}
}

/* Does all that is proposed begin where what is charged ends? Then no line can meet it, and none need be read. A recurring
 * item that reaches back may have been charged in part, up to an end that was taken back; a fixed item of the very day may
 * have been charged: only lines tell. */
static bool follows_on(const struct billing_item_list *proposed, struct date charged_through)
{
	for (size_t i = 0; date_present(charged_through) && i < proposed->count; i++) {
		int order = date_compare(proposed->items[i].start, charged_through);
		if (order < 0 || (order == 0 && proposed->items[i].kind == INVOICE_LINE_KIND_FIXED))
			return false;
	}
	return true;
}

/* What is too large is left out; a later run tries it again. */
static void park(struct collecting *collecting, struct invoice_run_part *part, const struct billing_item *item)
{
	bool usage = item->kind == INVOICE_LINE_KIND_USAGE;
	*list_add(collecting->command->arena, &collecting->run->parked, struct parked) =
	        (struct parked){ part->subscription->id, usage ? item->usage_section : item->phase, item->start };
	if (!usage)
		part->parked_from = date_min(part->parked_from, item->start);
}

static bool add_lines(struct collecting *collecting, struct invoice_run_part *part, struct billing_item_list *items,
                      const struct invoice_line_list *billed)
{
	size_t kept = 0;
	for (size_t i = 0; i < items->count; i++) {
		if (items->items[i].too_large) {
			park(collecting, part, &items->items[i]);
			continue;
		}
		part->first = date_min(part->first, items->items[i].start);
		items->items[kept++] = items->items[i];
	}
	items->count = kept;
	return lines_of_items(collecting->amount, items, billed, &collecting->calculation->lines);
}

static bool merge(struct collecting *collecting, struct invoice_run_part *part, struct date *from,
                  struct billing_item_list *proposed)
{
	struct command *command = collecting->command;
	const struct billing_hooks hooks = item_amount_hooks(collecting->amount);
	struct billing_item_list billed = { 0 }, added = { 0 };
	struct invoice_line_list lines;
	struct date last_target;
	part->merged = true;
	if (!store_date(command->store, STATEMENT_INVOICE_LAST_TARGET, BINDS(bind_id(collecting->run->account->id)),
	                &last_target))
		return false;
	part->target = date_max(part->target, last_target);
	if (!read_both(collecting, part, from, proposed, &lines) ||
	    (lines.count == 0 && !propose_fill(collecting, part, *from, proposed)))
		return false;
	items_of_lines(command->arena, &lines, &billed);
	if (repair_merge(command->arena, &billed, proposed, &hooks, &added) == REPAIR_REFUSED)
		return command->problems->count == 0 &&
		       problem(command->problems, PROBLEM_OVERFLOW, "", "what was billed of subscription %lld cannot be compared",
		               (long long)part->subscription->id);
	return add_lines(collecting, part, &added, &lines);
}

/* Where the days begin that no item of the part can have charged yet. A fixed item is paid for until its phase ends, unless
 * something that recurs took over before: of that only its own items tell. */
static struct date end_of(const struct invoice_run_part *part, const struct billing_item_list *proposed)
{
	const struct billing_event *in_force = billing_event_on(&part->events, part->target);
	struct date through = DATE_NONE, fixed_until = in_force && in_force->has_recurring ? in_force->date : DATE_NONE;
	for (size_t i = 0; i < proposed->count; i++) {
		const struct billing_item *item = &proposed->items[i];
		struct date end = item->kind == INVOICE_LINE_KIND_FIXED ? date_min(item->end, fixed_until) : item->end;
		through = date_max(through, date_present(item->end) ? end : item->start);
	}
	return through;
}

/* What was set for a day ahead counts when that day has come: until then what was charged stays. */
static bool derives_by(const struct subscription *subscription, struct date target)
{
	return date_present(subscription->derive_from) && date_compare(subscription->derive_from, target) <= 0;
}

/* Where seconds are counted, what ended on a day that changed may end at another moment of it. */
static struct date looks_back(const struct invoice_run_part *part, struct date from)
{
	for (size_t i = 0; i < part->events.count; i++) {
		const struct convention *convention = part->events.items[i].counts.convention;
		if (convention && convention->unit == CONVENTION_UNIT_SECOND)
			return date_add_days(from, -1);
	}
	return from;
}

static bool collect_recurring(struct collecting *collecting, struct invoice_run_part *part)
{
	const struct subscription *subscription = part->subscription;
	struct billing_item_list proposed = { 0 };
	struct date charged = subscription->charged_through;
	bool changed = derives_by(subscription, part->target);
	struct date from = changed && date_present(charged)
	                           ? looks_back(part, date_min(subscription->derive_from, charged)) : charged;
	if (!changed && !propose(collecting, part, from, &proposed))
		return false;
	if (changed || !follows_on(&proposed, from)) {
		if (!merge(collecting, part, &from, &proposed))
			return false;
		part->through = from; /* nothing that is proposed from there on: nothing of it is charged */
	} else if (!propose_fill(collecting, part, from, &proposed) || !add_lines(collecting, part, &proposed, NULL)) {
		return false;
	}
	part->through = date_max(part->through, end_of(part, &proposed));
	return true;
}

/* What goes back of a line is never more than it has left. */
static bool round_usage(const struct collecting *collecting, struct billing_item *item)
{
	const struct money most = item->amount;
	if (!item_amount_round(collecting->amount, item))
		return false;
	if (item->linked_id && money_compare(item->amount, most) < 0)
		item->amount = most;
	return true;
}

/* What goes back of several lines begins to be cents with their sum: less than one that is over goes with the line before. */
static bool joins(const struct billing_item *item, struct billing_item *before)
{
	return item->linked_id && before->linked_id && item->amount.minor == 0 && fraction_sign(item->exact.amount) < 0 &&
	       text_equals(item->usage_section, before->usage_section) && date_compare(item->start, before->start) == 0 &&
	       exact_money_add(before->exact, item->exact, &before->exact);
}

static bool round_usages(const struct collecting *collecting, struct billing_item_list *items)
{
	size_t kept = 0;
	for (size_t i = 0; i < items->count; i++) {
		if (!round_usage(collecting, &items->items[i]))
			return false;
		if (kept == 0 || !joins(&items->items[i], &items->items[kept - 1]))
			items->items[kept++] = items->items[i];
	}
	items->count = kept;
	return true;
}

static bool collect_usage(struct collecting *collecting, struct invoice_run_part *part)
{
	struct usage_proposal proposal = { .parked = &collecting->run->parked };
	for (size_t i = 0; i < part->events.count && !part->has_usage; i++)
		part->has_usage = part->events.items[i].usage_count > 0;
	if (!part->has_usage)
		return true;
	if (!usage_propose(collecting->command, collecting->run->account, part->subscription, &part->events,
	                   part->target, &proposal))
		return false;
	part->closed = proposal.closed;
	if (!round_usages(collecting, &proposal.items))
		return false;
	for (size_t i = 0; i < proposal.items.count; i++)
		part->used_through = date_max(part->used_through, proposal.items.items[i].end);
	return add_lines(collecting, part, &proposal.items, &proposal.charged);
}

static bool collect_components(struct collecting *collecting, struct invoice_run_part *part)
{
	const struct component_billing billing = { collecting->command, collecting->run->account, part->subscription,
		                                   &part->events, collecting->amount };
	bool cut;
	if (!component_assess(&billing, lines_max(collecting->run), &collecting->calculation->lines, &part->assessment, &cut))
		return false;
	part->cut = part->cut || cut;
	return true;
}

/* Invoices within the periods that it closes were for a part of this. */
static bool collect_progressive(struct collecting *collecting, struct invoice_run_part *part)
{
	const struct billing_event *in_force = billing_event_on(&part->events, part->target);
	const struct progressive_closing closing = {
		.subscription = part->subscription,
		.target = part->target,
		.windows = &part->closed,
		.components = component_assess_closes(part->assessment),
		.stops = in_force && in_force->transition == BILLING_TRANSITION_CANCEL,
	};
	return !part->subscription->progressive_billing_id ||
	       progressive_credit_lines(collecting->command, &closing, &collecting->calculation->lines, &part->progressive);
}

static bool collect_part(struct collecting *collecting, struct subscription *subscription)
{
	struct invoice_run *run = collecting->run;
	struct invoice_run_part *part = list_add(collecting->command->arena, &run->parts, struct invoice_run_part);
	*part = (struct invoice_run_part){ .subscription = subscription, .target = run->target };
	collecting->amount->events = &part->events;
	return timeline_billing_events(collecting->command, run->account, subscription, DATE_NONE, &part->events) &&
	       collect_recurring(collecting, part) && collect_usage(collecting, part) && collect_components(collecting, part) &&
	       collect_progressive(collecting, part);
}

/* ------------------------------------------------------------------------------------------------ all of an account */

static bool sum_up(struct command *command, struct invoice_calculation *calculation)
{
	calculation->total = money_zero(calculation->total.currency);
	for (size_t i = 0; i < calculation->lines.count; i++)
		if (!money_add(calculation->total, calculation->lines.items[i].amount, &calculation->total))
			return problem(command->problems, PROBLEM_OVERFLOW, "", "the sum of the lines is too large");
	return true;
}

bool invoice_run_read(struct command *command, struct invoice_run *run)
{
	return (is_off(run->account) && !run->even_off) || read_subscriptions(command, run);
}

static void begin_parts(struct invoice_run *run)
{
	size_t count = run->subscriptions.count;
	run->parts.items = NULL;
	run->parts.count = run->parts.capacity = 0;
	run->parked = (struct parked_list){ 0 };
	run->more = false;
	run->done_through = count > 0 ? run->subscriptions.items[count - 1].id : run->after;
}

/* The i-th, and what comes after it, is for another run. */
static void stop_before(struct invoice_run *run, size_t i)
{
	run->more = true;
	run->done_through = i > 0 ? run->subscriptions.items[i - 1].id : run->after;
}

static bool last_is_cut(const struct invoice_run *run)
{
	return run->parts.count > 0 && run->parts.items[run->parts.count - 1].cut;
}

/* Its cycle begins, or its components are assessed, later today. What has changed of one without components does not wait. */
static bool waits_today(const struct collecting *collecting, const struct subscription *subscription)
{
	const struct invoice_run *run = collecting->run;
	bool changed = !subscription->components && derives_by(subscription, run->target);
	return !changed && date_compare(run->target, command_today(collecting->command, run->account)) == 0 &&
	       component_assess_waits(collecting->command, run->account, subscription, run->target);
}

/* Until the invoice is full. */
static bool collect_parts(struct collecting *collecting, const struct left_out *left_out)
{
	struct invoice_run *run = collecting->run;
	const struct invoice_line_list *lines = &collecting->calculation->lines;
	const size_t full = lines->count + lines_max(run);
	begin_parts(run);
	for (size_t i = 0; i < run->subscriptions.count && !run->more; i++) {
		struct subscription *subscription = &run->subscriptions.items[i];
		if (subscription_is_uninvoiced(subscription) || waits_today(collecting, subscription))
			continue;
		if (lines->count >= full)
			stop_before(run, i);
		else if (is_left_out(left_out, subscription->id))
			*list_add(collecting->command->arena, &run->parts, struct invoice_run_part) =
			        (struct invoice_run_part){ .subscription = subscription, .target = run->target, .left_out = true };
		else if (!collect_part(collecting, subscription))
			return false;
		else if (last_is_cut(run))
			stop_before(run, i);
	}
	run->more = run->more || run->unread;
	return true;
}

bool invoice_run_collect(struct command *command, struct invoice_run *run, const struct left_out *left_out,
                         struct invoice_calculation *calculation)
{
	struct item_amount amount = item_amount_of(command, run->account);
	struct collecting collecting = { command, run, &amount, calculation };
	size_t first = calculation->lines.count;
	calculation->total.currency = run->account->currency;
	if (!collect_parts(&collecting, left_out))
		return false;
	if (!text_present(calculation->rounding))
		calculation->rounding = item_amount_rounding(&amount);
	return coupon_lines_add(&amount, first, calculation) &&
	       invoice_tax_lines_add(command, run->account, first, calculation) && sum_up(command, calculation);
}

struct period invoice_lines_period(const struct invoice_line_list *lines, struct date otherwise)
{
	struct period period = { DATE_NONE, DATE_NONE };
	for (size_t i = 0; i < lines->count; i++) {
		period.start = date_min(period.start, lines->items[i].period_start);
		period.end = date_max(period.end, lines->items[i].period_end);
	}
	if (!date_present(period.start))
		period.start = otherwise;
	if (date_compare(period.end, period.start) <= 0)
		period.end = date_add_days(period.start, 1);
	return period;
}

/* ------------------------------------------------------------------------------------------------ at once */

bool invoice_collect_payment(struct command *command, const struct account *account, const struct invoice *invoice)
{
	if (!invoice || invoice->status != INVOICE_STATUS_OPEN || !account->payment_method_id ||
	    !account_pays_by_itself(account) || parent_pays(account))
		return true;
	return payment_collect_at(command, account, invoice->id, command->now);
}

struct direct_trial {
	struct invoice_run *run;
	struct invoice_calculation *calculation;
};

static bool calculate_direct(struct command *command, void *context, const struct left_out *left_out)
{
	struct direct_trial *direct = context;
	*direct->calculation = (struct invoice_calculation){ .rounding = TEXT_NONE };
	return invoice_run_collect(command, direct->run, left_out, direct->calculation);
}

/* What the command makes must be billable from its beginning; all else waits. */
static bool check_made(struct command *command, const struct billing_trial *trial, const struct made_subscriptions *made)
{
	for (size_t i = 0; i < trial->left_out.count; i++) {
		struct problem *reason = trial->reasons[i];
		const struct problems why = { .first = reason, .last = reason, .count = 1 };
		if (!is_made(made, trial->left_out.items[i]))
			continue;
		problems_copy(command->problems, &why);
		return false;
	}
	return true;
}

static bool try_direct(struct command *command, struct invoice_run *run, struct invoice_calculation *calculation)
{
	struct direct_trial direct = { run, calculation };
	size_t count = run->subscriptions.count;
	int64_t *ids = arena_new_many(command->arena, int64_t, count + 1);
	for (size_t i = 0; i < count; i++)
		ids[i] = run->subscriptions.items[i].id;
	struct billing_trial trial = { .calculate = calculate_direct, .context = &direct, .candidates = ids, .count = count };
	if (!billing_trial_run(command, &trial) || !check_made(command, &trial, &run->made))
		return false;
	invoice_park_subscriptions(command, &trial);
	invoice_park(command, &run->parked);
	return true;
}

static bool bill_direct(struct command *command, struct invoice_run *run, struct invoice **invoice)
{
	struct invoice_calculation calculation;
	struct invoice_origin origin = { .account = run->account, .by_billing_run = true, .target = run->target };
	*invoice = NULL;
	if (!invoice_run_read(command, run) || !try_direct(command, run, &calculation))
		return false;
	origin.billing = invoice_lines_period(&calculation.lines, run->target);
	return (calculation.lines.count == 0 || invoice_create(command, &origin, &calculation, invoice)) &&
	       invoice_run_finish(command, run, *invoice) && invoice_collect_payment(command, run->account, *invoice);
}

bool invoice_run_bill(struct command *command, const struct account *account, struct date target, bool even_off,
                      struct invoice **invoice)
{
	struct invoice_run run = { .account = account, .target = target, .even_off = even_off };
	return bill_direct(command, &run, invoice);
}

bool account_bill_made(struct command *command, struct account *account, const struct made_subscriptions *made)
{
	struct invoice *invoice;
	struct invoice_run run = { .account = account, .target = command_today(command, account), .made = *made };
	return bill_direct(command, &run, &invoice) &&
	       (run.more ? billing_run_go_on(command, account->id, run.done_through) : billing_run_schedule(command, account->id));
}

bool account_bill_changed(struct command *command, struct account *account)
{
	return account_bill_made(command, account, &(struct made_subscriptions){ 0 });
}
