/* billing_run.c: invoices what is due for one account, and says when to look at it next. */
#include "billing_run.h"

#include "account.h"
#include "billing_span.h"
#include "catalog.h"
#include "coupon_use.h"
#include "invoice_park.h"
#include "invoice_run.h"
#include "order.h"
#include "upcoming.h"
#include "usage.h"

#include "base/metric.h"

#include <assert.h>

/* ------------------------------------------------------------------------------------------------ when */

struct instant billing_run_instant(const struct command *command, const struct account *account, struct date date)
{
	int64_t hour = command_setting_integer(command, "billing.hour", 0);
	return timezone_instant(command_zone(command, account), date, hour * 3600 * US_PER_S);
}

/* The first cycle start on or after the day whose run is still to come. */
static struct date run_date(const struct command *command, const struct account *account, const struct billing_spans *spans,
                            struct date from)
{
	struct date date = billing_spans_next_start(spans, from);
	bool passed = date_present(date) && billing_run_instant(command, account, date).us <= command->now.us;
	return passed ? billing_spans_next_start(spans, date_add_days(date, 1)) : date;
}

bool billing_run_date(struct command *command, const struct account *account, const struct plan *plan,
                      const struct subscription *subscription, struct date *date)
{
	struct billing_spans spans;
	if (!billing_spans_of(command, account, plan, subscription, &spans))
		return false;
	*date = run_date(command, account, &spans, date_max(subscription->charged_through, command_today(command, account)));
	return true;
}

/* Without service terms they tell all that is to be known. */
static bool date_of_terms(struct command *command, const struct account *account, const struct plan *plan,
                          const struct billing_terms *terms, struct date *date)
{
	struct date from = date_max(terms->charged_through, command_today(command, account));
	struct subscription *subscription = NULL;
	if (terms->id)
		return (subscription = subscription_need(command, terms->id, "")) &&
		       billing_run_date(command, account, plan, subscription, date);
	struct billing_spans spans = billing_spans_plain(command, account, plan, terms->start);
	*date = run_date(command, account, &spans, from);
	return true;
}

static bool earliest_charge_date(struct command *command, const struct account *account, struct date *earliest)
{
	struct billing_terms_list terms = { 0 };
	*earliest = DATE_NONE;
	if (!subscriptions_billable_terms(command, account->id, &terms))
		return false;
	for (size_t i = 0; i < terms.count; i++) {
		struct plan *plan = NULL;
		if (!plan_find(command, terms.items[i].plan_id, &plan))
			return false;
		struct date date = DATE_NONE;
		if (plan && !date_of_terms(command, account, plan, &terms.items[i], &date))
			return false;
		*earliest = date_min(*earliest, date);
	}
	return true;
}

static bool subscription_in(const struct subscription_list *subscriptions, int64_t id)
{
	for (size_t i = 0; i < subscriptions->count; i++)
		if (subscriptions->items[i].id == id)
			return true;
	return false;
}

/* What is not charged in advance any more can still have usage to bill: at the start of its next cycle, or of the next
 * month when its cycles are longer. */
static bool usage_run_date(struct command *command, const struct account *account, const struct plan *plan,
                           const struct subscription *subscription, struct date *earliest)
{
	struct plan monthly = *plan;
	monthly.billing_period = PLAN_BILLING_PERIOD_MONTHLY;
	const struct plan *const plans[] = { plan, &monthly };
	for (size_t i = 0; i < 2; i++) {
		struct billing_spans spans;
		if (!billing_spans_of(command, account, plans[i], subscription, &spans))
			return false;
		*earliest = date_min(*earliest, run_date(command, account, &spans, command_today(command, account)));
	}
	return true;
}

static bool earliest_usage_date(struct command *command, const struct account *account, struct date *earliest)
{
	struct subscription_list subscriptions = { 0 }, billable = { 0 };
	if (!subscriptions_with_usage(command, account->id, &subscriptions))
		return false;
	if (subscriptions.count > 0 && !subscriptions_billable(command, account->id, &billable))
		return false;
	for (size_t i = 0; i < subscriptions.count; i++) {
		const struct subscription *subscription = &subscriptions.items[i];
		struct plan *plan = NULL;
		bool waits = false;
		if (subscription_in(&billable, subscription->id))
			continue;
		if (!plan_find(command, subscription->plan_id, &plan) ||
		    (plan && !usage_waits(command, subscription, plan, &waits)))
			return false;
		if (waits && !usage_run_date(command, account, plan, subscription, earliest))
			return false;
	}
	return true;
}

/* `direct`: a run that has just finished, from which nothing has changed since; NULL: the rows tell. *at: of the run of that day;
 * what was subscribed to directly may wait for a later moment than the hour. */
static bool earliest_run(struct command *command, const struct account *account, const struct invoice_run *direct,
                         struct date *earliest, struct instant *at)
{
	struct date next = direct ? invoice_run_next_date_of(direct) : DATE_NONE, ordered = DATE_NONE;
	bool orders = !direct || direct->holdings.orders;
	struct instant moment = INSTANT_NONE;
	if (orders && (!earliest_charge_date(command, account, &ordered) || !earliest_usage_date(command, account, &ordered)))
		return false;
	if (!direct && !invoice_run_next_date(command, account, false, &next))
		return false;
	*earliest = date_min(ordered, next);
	*at = date_present(*earliest) ? billing_run_instant(command, account, *earliest) : INSTANT_NONE;
	if (!date_present(next) || date_compare(*earliest, ordered) == 0)
		return true;
	if (direct)
		moment = invoice_run_moment_of(command, direct, next);
	else if (!invoice_run_moment(command, account, next, &moment))
		return false;
	if (moment.us > at->us)
		*at = moment;
	return true;
}

static bool schedule(struct command *command, struct account *account, const struct invoice_run *direct)
{
	struct date date;
	struct instant at;
	if (!earliest_run(command, account, direct, &date, &at))
		return false;
	if (date_compare(date, account->next_bill_date) != 0 && !account_save_next_bill_date(command, account, date))
		return false;
	bool planned = date_present(date) ? job_move(command, "account.bill", account->id, account->id, at)
	                                  : job_remove(command, "account.bill", account->id);
	return planned && upcoming_schedule(command, account);
}

bool billing_run_schedule(struct command *command, int64_t account_id)
{
	struct account *account = account_need(command, account_id, "/account_id");
	if (!account)
		return false;
	/* A run that is due but has not come yet charges for what it was set for, and moves itself on. */
	if (date_present(account->next_bill_date) &&
	    billing_run_instant(command, account, account->next_bill_date).us <= command->now.us)
		return true;
	return schedule(command, account, NULL);
}

/* A job that is planned already begins anew: what was billed is not billed again. */
bool billing_run_go_on(struct command *command, int64_t account_id, int64_t done_through)
{
	struct account *account = account_need(command, account_id, "/account_id");
	return account && account_save_next_bill_date(command, account, command_today(command, account)) &&
	       job_move_with(command, "account.bill", account->id, account->id, command->now,
	                     done_through ? text_from_int64(command->arena, done_through) : TEXT_NONE);
}

bool billing_run_schedule_added(struct command *command, const struct account *account,
                                const struct subscription_list *added, struct plan *const *plans)
{
	struct date known;
	/* As its row says now: a rule may have billed the account since it was read. */
	if (!store_date(command->store, STATEMENT_ACCOUNT_NEXT_BILL_DATE, BINDS(bind_id(account->id)), &known))
		return false;
	bool earlier = !date_present(known);
	for (size_t i = 0; i < added->count && !earlier; i++) {
		const struct subscription *subscription = &added->items[i];
		struct date date;
		if (!billing_run_date(command, account, plans[i], subscription, &date))
			return false;
		earlier = date_compare(date, known) < 0;
	}
	return !earlier || billing_run_schedule(command, account->id);
}

/* ------------------------------------------------------------------------------------------------ what */

/* The plan of a subscription, read once for all subscriptions of it. */
static const struct plan *plan_of(struct command *command, const struct subscription *subscription,
                                  const struct invoice_basis *bases, size_t count)
{
	struct plan *plan = NULL;
	for (size_t i = 0; i < count; i++)
		if (bases[i].plan->id == subscription->plan_id)
			return bases[i].plan;
	if (plan_find(command, subscription->plan_id, &plan) && !plan)
		BUG("subscription %lld has no plan", (long long)subscription->id);
	return plan;
}

/* Suspended and canceled ones are here for what they have used. */
static bool is_charged_in_advance(const struct subscription *subscription)
{
	return subscription->status != SUBSCRIPTION_STATUS_SUSPENDED &&
	       subscription->status != SUBSCRIPTION_STATUS_CANCELED;
}

/* As many cycles as fit; *lines counts those of the invoice so far. */
static void find_parts(struct command *command, const struct billing_spans *spans,
                       const struct subscription *subscription, struct date until, size_t *lines,
                       struct invoice_basis *basis)
{
	struct billing_part parts[BILLING_PARTS_MAX];
	struct date last = date_present(until) ? until : subscription->charged_through;
	size_t lines_a_part = basis->charge_count ? basis->charge_count : 1;
	size_t room = *lines < BILLING_LINES_MAX ? (BILLING_LINES_MAX - *lines) / lines_a_part : 0;
	if (!is_charged_in_advance(subscription))
		return;
	basis->part_count =
	        billing_spans_parts(spans, subscription, last, parts, room < BILLING_PARTS_MAX ? room : BILLING_PARTS_MAX);
	*lines += basis->part_count * lines_a_part;
	struct billing_part *kept = arena_new_many(command->arena, struct billing_part, basis->part_count + 1);
	memcpy(kept, parts, basis->part_count * sizeof *parts);
	basis->parts = kept;
}

static bool find_usage(struct command *command, const struct account *account, const struct billing_grid *grid,
                       const struct subscription *subscription, struct date until, struct invoice_basis *basis,
                       struct parked_list *parked)
{
	struct invoice_usages usages;
	struct date before = usage_billed_before(grid, subscription, until);
	if (!usage_collect(command, account, grid, subscription, basis->plan, before, &usages, parked))
		return false;
	basis->usages = usages.items;
	basis->usage_count = usages.count;
	basis->usage_cycle = billing_cycle_containing(grid, until);
	return true;
}

/* What orders owe until a day. */
struct due {
	const struct account *account;
	const struct subscription_list *subscriptions;
	struct date until;               /* none: a first invoice */
	const struct left_out *left_out;
	struct invoice_basis *bases;     /* of the subscriptions */
	bool any;                        /* something is due */
	struct parked_list parked;
	struct invoice_calculation calculation;
};

static bool make_basis(struct command *command, struct due *due, size_t *lines, size_t i)
{
	const struct account *account = due->account;
	const struct subscription *subscription = &due->subscriptions->items[i];
	struct invoice_basis *basis = &due->bases[i];
	struct date until = due->until;
	basis->plan = plan_of(command, subscription, due->bases, i);
	if (!basis->plan)
		return false;
	basis->subscription_id = subscription->id;
	basis->order_id = subscription->order_id;
	basis->charges = subscription->charges.items;
	basis->charge_count = subscription->charges.count;
	basis->discounts = subscription->discounts.items;
	basis->discount_count = subscription->discounts.count;
	if (is_left_out(due->left_out, subscription->id))
		return true;
	struct billing_spans spans;
	if (!billing_spans_of(command, account, basis->plan, subscription, &spans))
		return false;
	find_parts(command, &spans, subscription, until, lines, basis);
	/* A first invoice has nothing in arrears. */
	return !date_present(until) ||
	       find_usage(command, account, billing_spans_grid(&spans, until), subscription, until, basis, &due->parked);
}

static bool has_advance_charge(const struct invoice_basis *basis)
{
	for (size_t i = 0; i < basis->charge_count; i++) {
		const struct charge *charge = plan_charge(basis->plan, basis->charges[i].price_code);
		if (charge && (charge->kind == CHARGE_KIND_RECURRING || charge->kind == CHARGE_KIND_ONE_TIME))
			return true;
	}
	return false;
}

/* From the start of the first cycle charged for to the end of the last. */
static struct period advance_period(const struct invoice_basis *bases, size_t count)
{
	struct period header = { DATE_NONE, DATE_NONE };
	for (size_t i = 0; i < count; i++) {
		if (bases[i].part_count == 0 || !has_advance_charge(&bases[i]))
			continue;
		struct date start = bases[i].parts[0].cycle.start,
		            end = bases[i].parts[bases[i].part_count - 1].cycle.end;
		header.start = date_present(header.start) ? date_min(header.start, start) : start;
		header.end = date_max(header.end, end);
	}
	return header;
}

/* With nothing but usage: the cycle of the run. */
static struct period header_period(const struct invoice_basis *bases, size_t count)
{
	struct period header = advance_period(bases, count);
	for (size_t i = 0; i < count && !date_present(header.start); i++)
		if (bases[i].usage_count > 0)
			header = bases[i].usage_cycle;
	return header;
}

/* The first day that something is charged for. */
static struct date earliest_day(const struct invoice_basis *bases, size_t count)
{
	struct date day = DATE_NONE;
	for (size_t i = 0; i < count; i++) {
		if (bases[i].part_count > 0)
			day = date_min(day, bases[i].parts[0].service.start);
		for (size_t j = 0; j < bases[i].usage_count; j++)
			day = date_min(day, bases[i].usages[j].period.start);
	}
	return day;
}

static bool move_mark(struct command *command, struct subscription *subscription, const struct invoice_basis *basis)
{
	if (basis->part_count == 0)
		return true;
	struct date through = basis->parts[basis->part_count - 1].service.end;
	assert(date_compare(through, subscription->charged_through) > 0);
	subscription->charged_through = through;
	subscription->discounts.count = 0;
	for (size_t i = 0; i < subscription->charges.count; i++) {
		struct subscription_charge *in_force = &subscription->charges.items[i];
		const struct charge *charge = plan_charge(basis->plan, in_force->price_code);
		if (charge && charge->kind == CHARGE_KIND_ONE_TIME)
			in_force->has_billed_once = in_force->billed_once = true;
	}
	return subscription_save(command, subscription);
}

static bool find_bases(struct command *command, struct due *due)
{
	size_t lines = 0;
	due->bases = arena_new_many(command->arena, struct invoice_basis, due->subscriptions->count + 1);
	due->calculation = (struct invoice_calculation){ .total = money_zero(due->account->currency) };
	due->parked = (struct parked_list){ 0 };
	for (size_t i = 0; i < due->subscriptions->count; i++) {
		if (!make_basis(command, due, &lines, i))
			return false;
		due->any = due->any || due->bases[i].part_count > 0 || due->bases[i].usage_count > 0;
	}
	return true;
}

bool billing_price_subscriptions(struct command *command, const struct account *account,
                                 const struct subscription_list *subscriptions, struct coupon_uses *coupons,
                                 struct invoice_forecast *forecast, struct money *total)
{
	struct due due = { .account = account, .subscriptions = subscriptions };
	if (!find_bases(command, &due) ||
	    (due.any && !invoice_calculate(command, account, due.bases, subscriptions->count, coupons, &due.calculation)))
		return false;
	invoice_forecast_keep(account, due.bases, subscriptions->count, coupons, &due.calculation, forecast);
	*total = due.calculation.total;
	return true;
}

/* What is due of them, as lines; writes nothing. No line: nothing is due. */
static bool calculate_due(struct command *command, struct due *due, struct invoice_origin *origin)
{
	size_t count = due->subscriptions->count;
	struct coupon_uses coupons = { 0 };
	if (!find_bases(command, due))
		return false;
	if (!due->any)
		return true;
	origin->billing = header_period(due->bases, count);
	origin->bases = due->bases;
	origin->basis_count = count;
	if (!coupon_uses_of(command, due->account, earliest_day(due->bases, count), &coupons))
		return false;
	return invoice_forecast_take(command, origin->forecast, due->account, due->bases, count, &coupons, &due->calculation) ||
	       invoice_calculate(command, due->account, due->bases, count, &coupons, &due->calculation);
}

/* Before invoice.create: what rules read there is what will be stored. */
static bool move_marks(struct command *command, const struct due *due, struct subscription_list *subscriptions, bool *moved)
{
	*moved = false;
	for (size_t i = 0; i < subscriptions->count; i++) {
		*moved = *moved || due->bases[i].part_count > 0;
		if (!move_mark(command, &subscriptions->items[i], &due->bases[i]))
			return false;
	}
	return true;
}

bool billing_bill_subscriptions(struct command *command, struct invoice_origin *origin,
                                struct subscription_list *subscriptions, struct date until, struct invoice **invoice)
{
	struct due due = { .account = origin->account, .subscriptions = subscriptions, .until = until };
	bool moved;
	*invoice = NULL;
	if (!calculate_due(command, &due, origin))
		return false;
	invoice_park(command, &due.parked);
	return move_marks(command, &due, subscriptions, &moved) &&
	       (due.calculation.lines.count == 0 || (invoice_create(command, origin, &due.calculation, invoice) &&
	                                             coupon_redemptions_settle(command, *invoice)));
}

/* ------------------------------------------------------------------------------------------------ the run */

static bool add_with_usage(struct command *command, const struct account *account, struct subscription_list *due)
{
	struct subscription_list more = { 0 };
	if (!subscriptions_with_usage(command, account->id, &more))
		return false;
	for (size_t i = 0; i < more.count; i++)
		if (!subscription_in(due, more.items[i].id))
			*list_add(command->arena, due, struct subscription) = more.items[i];
	return true;
}

struct account_run {
	struct account *account;
	struct date date;
	struct invoice_run direct;    /* of what was subscribed to directly */
	struct subscription_list subscriptions; /* made by orders */
	struct invoice_origin origin;
	struct due due;               /* of these */
	size_t of_orders;             /* lines */
	bool charged;                 /* cycles were due and are charged now, so that there may be more of them */
	struct invoice *invoice;
};

/* What orders owe and what was subscribed to directly, on one invoice. */
static bool calculate_all(struct command *command, void *context, const struct left_out *left_out)
{
	struct account_run *run = context;
	run->origin = (struct invoice_origin){ .account = run->account, .by_billing_run = true };
	run->due = (struct due){ .account = run->account, .subscriptions = &run->subscriptions, .until = run->date, .left_out = left_out };
	if (!calculate_due(command, &run->due, &run->origin))
		return false;
	run->of_orders = run->due.calculation.lines.count;
	return invoice_run_collect(command, &run->direct, left_out, &run->due.calculation);
}

static bool calculate_what_fits(struct command *command, struct account_run *run)
{
	size_t of_orders = run->subscriptions.count, count = of_orders + run->direct.subscriptions.count;
	int64_t *ids = arena_new_many(command->arena, int64_t, count + 1);
	for (size_t i = 0; i < of_orders; i++)
		ids[i] = run->subscriptions.items[i].id;
	for (size_t i = of_orders; i < count; i++)
		ids[i] = run->direct.subscriptions.items[i - of_orders].id;
	struct billing_trial trial = { .calculate = calculate_all, .context = run, .candidates = ids, .count = count };
	if (!billing_trial_run(command, &trial))
		return false;
	invoice_park_subscriptions(command, &trial);
	invoice_park(command, &run->due.parked);
	invoice_park(command, &run->direct.parked);
	return true;
}

static bool bill_all(struct command *command, struct account_run *run)
{
	if (!invoice_run_read(command, &run->direct) || !calculate_what_fits(command, run) ||
	    !move_marks(command, &run->due, &run->subscriptions, &run->charged))
		return false;
	const struct invoice_line_list *lines = &run->due.calculation.lines;
	if (lines->count > run->of_orders) {
		run->origin.target = run->date;
		if (run->of_orders == 0)
			run->origin.billing = invoice_lines_period(lines, run->date);
	}
	return (lines->count == 0 || invoice_create(command, &run->origin, &run->due.calculation, &run->invoice)) &&
	       invoice_run_finish(command, &run->direct, run->invoice);
}

static bool find_due(struct command *command, struct account_run *run)
{
	const struct account *account = run->account;
	return orders_activate_due(command, account->id, date_min(run->date, command_today(command, account))) &&
	       subscriptions_due(command, account->id, run->date, &run->subscriptions);
}

static bool run_account(struct command *command, struct account_run *run)
{
	const struct account *account = run->account;
	struct account_holdings *holdings = &run->direct.holdings;
	run->direct.account = account;
	run->direct.target = run->date;
	if (!account_holdings_read(command, account->id, holdings) || (holdings->orders && !find_due(command, run)))
		return false;
	return (!holdings->orders || add_with_usage(command, account, &run->subscriptions)) && bill_all(command, run) &&
	       invoice_collect_payment(command, account, run->invoice);
}

/* Orders that begin change the account, and so may commands that rules perform: then it is read again. */
static bool schedule_after(struct command *command, const struct account_run *run)
{
	struct account *account = run->account;
	bool alone = command_is_alone(command);
	if (!alone || run->direct.holdings.orders)
		account = account_need(command, account->id, "/account_id");
	return account && schedule(command, account, alone && !run->direct.some ? &run->direct : NULL);
}

/* At once again while more is due than one run takes, else at the next bill date. */
static bool schedule_next(struct command *command, const struct account_run *run)
{
	struct subscription_list due = { 0 };
	struct date today = command_today(command, run->account);
	if (run->charged && !run->direct.more && !subscriptions_due(command, run->account->id, today, &due))
		return false;
	return due.count > 0 || run->direct.more ? billing_run_go_on(command, run->account->id, run->direct.done_through)
	                                         : schedule_after(command, run);
}

/* `direct`: where it begins and how much it takes of what was subscribed to directly. */
static bool account_bill(struct command *command, const struct billing_run *asked, const struct invoice_run *direct,
                         struct invoice **invoice)
{
	metric_add(METRIC_BILLING_ACCOUNTS_TOTAL, 1);
	struct account *account = account_need(command, asked->account_id, "/account_id");
	struct account_run run = { .account = account, .direct = *direct };
	if (!account)
		return false;
	run.date = date_present(asked->date) ? asked->date : command_today(command, account);
	if (!run_account(command, &run))
		return false;
	if (run.invoice)
		command_object(command, "invoice", run.invoice->id, account->id);
	else
		command_object(command, "account", account->id, account->id);
	*invoice = run.invoice;
	return schedule_next(command, &run);
}

static bool account_bill_perform(struct command *command, const void *input, void **output)
{
	struct invoice *invoice = NULL;
	bool done = account_bill(command, input, &(struct invoice_run){ .after = 0 }, &invoice);
	*output = invoice;
	return done;
}

static bool account_bill_job(struct command *command, const struct job *job)
{
	struct billing_run asked = { .account_id = job->account_id };
	struct invoice_run direct = { .smaller = job->has_rule_fault && job->rule_fault ? 0 : (int)job->attempts };
	struct invoice *invoice;
	text_to_int64(job->payload, &direct.after);
	return account_bill(command, &asked, &direct, &invoice);
}

const struct command_type billing_run_commands[] = {
	{
		.name = "account.bill",
		.scope = "write",
		.input = &billing_run_record,
		.output = &invoice_record,
		.perform = account_bill_perform,
		.doc = "Invoices what is due for an account until a date; answers with the invoice, or nothing.",
	},
	{ 0 },
};

const struct job_kind billing_run_jobs[] = {
	{ "account.bill", account_bill_job, "The billing run of an account on its bill date." },
	{ 0 },
};
