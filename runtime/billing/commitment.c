/* commitment.c: commitments are made, settled at the end of each period, and end. */
#include "commitment.h"

#include "account.h"
#include "billing_run.h"
#include "event/dispatch.h"
#include "invoice_run.h"
#include "invoice_tax_lines.h"
#include "price_bound.h"
#include "subscription.h"
#include "subscription_advance.h"
#include "timeline.h"

#include "value/record.h"

#define SETTLE "commitment.settle"
enum { AFTER_RUN_US = US_PER_S, WAIT_FOR_RUN_US = 60 * US_PER_S };

bool commitment_part(struct money amount, int64_t days, int64_t period_days, struct money *part)
{
	struct exact_money exact;
	struct fraction share;
	return exact_money_from_money(amount, &exact) && fraction_make(days < period_days ? days : period_days, period_days, &share) &&
	       exact_money_multiply(exact, share, &exact) && exact_money_round(exact, ROUNDING_HALF_UP, part);
}

bool commitment_page(struct command *command, const struct object_filter *filter, struct commitment_list *commitments)
{
	const char *status = commitment_record.fields[COMMITMENT_FIELD_STATUS].words[filter->status];
	return store_all(command->store, STATEMENT_COMMITMENT_PAGE,
	                 BINDS(filter->status ? bind_c(status) : bind_null(), bind_id(filter->before_id),
	                       bind_integer(object_page_rows(filter))),
	                 &commitment_record, LIST(commitments));
}

static struct occurrence occurrence_on(enum event event, struct commitment *commitment)
{
	return occurrence_of(event, &commitment_record, commitment, commitment->id, commitment->account_id);
}

static bool save(struct command *command, struct commitment *commitment)
{
	commitment->updated_at = command->now;
	return store_update(command->store, &commitment_record, commitment);
}

/* ------------------------------------------------------------------------------------------------ periods */

/* A commitment at hand, with how its subscription is charged. */
struct committed {
	struct command *command;
	struct commitment *commitment;
	struct account *account;
	struct subscription *subscription;
	struct billing_event_list events;
};

static bool read_events(struct committed *committed)
{
	return timeline_billing_events(committed->command, committed->account, committed->subscription, DATE_NONE, &committed->events);
}

/* Of the plan's, that of the plan in force. */
static enum billing_period period_of(const struct commitment *commitment, const struct billing_event *event)
{
	if (commitment->by_plan && event && event->has_recurring)
		return event->period;
	if (commitment->by_plan && event && event->usage_count > 0)
		return (enum billing_period)event->usages[0].billing_period;
	enum billing_period period;
	const char *word = commitment_record.fields[COMMITMENT_FIELD_BILLING_PERIOD].words[commitment->billing_period];
	if (!billing_period_parse(text_of(word), &period))
		BUG("a billing period of the schema is none of the calendar");
	return period;
}

/* The whole cycle that holds a day. */
static struct period cycle_of(const struct committed *committed, struct date day)
{
	const struct billing_event *event = billing_event_on(&committed->events, day);
	if (!event && committed->events.count > 0)
		event = &committed->events.items[0];
	if (!event)
		return billing_period_containing(period_of(committed->commitment, NULL), committed->commitment->starts_on,
		                                 date_day_of_month(committed->commitment->starts_on), day);
	const struct convention_cycles cycles = billing_event_cycles(event);
	const struct billing_grid grid = convention_grid(&cycles, period_of(committed->commitment, event));
	return billing_cycle_containing(&grid, day);
}

/* Where the subscription is charged for nothing any more; none: nowhere. */
static struct date charged_until(const struct committed *committed)
{
	for (size_t i = committed->events.count; i-- > 0;)
		if (committed->events.items[i].transition == BILLING_TRANSITION_CANCEL)
			return committed->events.items[i].date;
	return DATE_NONE;
}

static struct date first_open_day(const struct commitment *commitment)
{
	return date_max(commitment->starts_on, commitment->settled_through);
}

/* Where the period of the plan's changes to another length, which ends the one that runs; none: nowhere. */
static struct date cut_after(const struct committed *committed, struct date day)
{
	const struct commitment *commitment = committed->commitment;
	const struct billing_event_list *events = &committed->events;
	const struct billing_event *in_force = billing_event_on(events, day);
	for (size_t i = 0; commitment->by_plan && in_force && i < events->count; i++) {
		const struct billing_event *event = &events->items[i];
		bool charges = event->transition != BILLING_TRANSITION_CANCEL && event->transition != BILLING_TRANSITION_BLOCK;
		if (charges && date_compare(event->date, day) > 0 && period_of(commitment, event) != period_of(commitment, in_force))
			return event->date;
	}
	return DATE_NONE;
}

/* The period that is settled next is settled at its end, right after the account's run of that day. */
static bool plan(struct committed *committed)
{
	struct commitment *commitment = committed->commitment;
	struct period cycle = cycle_of(committed, first_open_day(commitment));
	commitment->settles_on = date_min(cycle.end, cut_after(committed, first_open_day(commitment)));
	struct instant due = billing_run_instant(committed->command, committed->account, commitment->settles_on);
	return save(committed->command, commitment) &&
	       job_move(committed->command, SETTLE, commitment->account_id, commitment->id, instant_after(due, AFTER_RUN_US));
}

/* ------------------------------------------------------------------------------------------------ commitment.create */

static bool refuse_start(const struct committed *committed, const char *why)
{
	struct command *command = committed->command;
	return problem_value(command->problems, PROBLEM_OUT_OF_RANGE, "/starts_on",
	                     date_text(command->arena, committed->commitment->starts_on),
	                     "Name a day of the running period, or one ahead.", "%s", why);
}

static bool check_begun(const struct committed *committed)
{
	return (committed->events.count > 0 &&
	        date_compare(committed->commitment->starts_on, committed->events.items[0].date) >= 0) ||
	       refuse_start(committed, "the subscription is not charged for anything so early");
}

static bool check_running(const struct committed *committed)
{
	struct date end = cycle_of(committed, committed->commitment->starts_on).end;
	return date_compare(end, command_today(committed->command, committed->account)) > 0 ||
	       refuse_start(committed, "its period is over");
}

/* Of the plan in force then, or of its first usage section. */
static bool find_period(struct committed *committed, const struct commitment_create *input)
{
	const struct billing_event *event = billing_event_on(&committed->events, committed->commitment->starts_on);
	const char *name = NULL;
	if (event && event->has_recurring)
		name = billing_period_name(event->period);
	for (size_t i = 0; event && !name && i < event->usage_count; i++)
		name = usage_section_record.fields[USAGE_SECTION_FIELD_BILLING_PERIOD].words[event->usages[i].billing_period];
	if (input->billing_period)
		committed->commitment->billing_period = (enum commitment_billing_period)input->billing_period;
	for (int i = 1; !committed->commitment->billing_period && name && commitment_record.fields[COMMITMENT_FIELD_BILLING_PERIOD].words[i];
	     i++)
		if (strcmp(commitment_record.fields[COMMITMENT_FIELD_BILLING_PERIOD].words[i], name) == 0)
			committed->commitment->billing_period = (enum commitment_billing_period)i;
	return committed->commitment->billing_period ||
	       problem_value(committed->command->problems, PROBLEM_MISSING_FIELD, "/billing_period", TEXT_NONE,
	                     "Say how long a period of the commitment is.", "nothing recurs on that day");
}

static struct commitment *commitment_of(struct command *command, const struct account *account,
                                        const struct commitment_create *input)
{
	struct commitment *commitment = arena_new(command->arena, struct commitment);
	*commitment = (struct commitment){
		.id = store_new_id(command->store, "commitment"),
		.uuid = uuid_present(input->uuid) ? input->uuid : uuid_time_ordered(),
		.account_id = account->id,
		.subscription_id = input->subscription_id,
		.name = text_present(input->name) ? input->name : TEXT("Minimum commitment"),
		.currency = account->currency,
		.status = COMMITMENT_STATUS_ACTIVE,
		.starts_on = date_present(input->starts_on) ? input->starts_on : command_today(command, account),
		.created_at = command->now,
		.updated_at = command->now,
	};
	return commitment;
}

/* *plans: the plan's own, whose place this takes; NULL: there is none. */
static bool check_alone(struct committed *committed, struct commitment **plans)
{
	struct command *command = committed->command;
	struct commitment_list others = { 0 };
	*plans = NULL;
	if (!store_all(command->store, STATEMENT_COMMITMENT_OF_SUBSCRIPTION,
	               BINDS(bind_id(committed->account->id), bind_id(committed->subscription->id)), &commitment_record, LIST(&others)))
		return false;
	for (size_t i = 0; i < others.count; i++) {
		if (!others.items[i].by_plan)
			return problem_value(command->problems, PROBLEM_DUPLICATE, "/subscription_id", TEXT_NONE, "End that one first.",
			                     "subscription %lld has commitment %lld already", (long long)committed->subscription->id,
			                     (long long)others.items[i].id);
		*plans = &others.items[i];
	}
	return true;
}

/* It takes the place of the plan's for whole periods: what a period was charged counts for one commitment. */
static bool check_place(struct committed *committed, const struct commitment *plans)
{
	const struct commitment *commitment = committed->commitment;
	struct date first = first_open_day(plans);
	struct date begin = cycle_of(committed, commitment->starts_on).start;
	return date_compare(commitment->starts_on, first) <= 0 || date_compare(commitment->starts_on, begin) == 0 ||
	       problem_value(committed->command->problems, PROBLEM_OUT_OF_RANGE, "/starts_on",
	                     date_text(committed->command->arena, commitment->starts_on), "Name the first day of a period.",
	                     "the plan commits to the period of this day, which begins on %.*s",
	                     TEXT_ARG(date_text(committed->command->arena, begin)));
}

static bool check_amount(struct command *command, struct commitment *commitment, struct decimal amount)
{
	if (!money_from_decimal(amount, commitment->currency, "/amount", command->problems, &commitment->amount))
		return false;
	return commitment->amount.minor > 0 || problem_value(command->problems, PROBLEM_OUT_OF_RANGE, "/amount",
	                                                     decimal_text(command->arena, amount), NULL,
	                                                     "a commitment is above zero");
}

static bool finish(struct command *command, struct commitment *commitment);

static bool replace(struct command *command, struct commitment *plans, struct date from)
{
	if (!plans)
		return true;
	plans->ends_on = from;
	return date_compare(from, first_open_day(plans)) <= 0 ? finish(command, plans) : save(command, plans);
}

/* The row, its events, the job that settles its first period. */
static bool begin(struct committed *committed)
{
	struct command *command = committed->command;
	struct commitment *commitment = committed->commitment;
	struct occurrence created = occurrence_on(EVENT_COMMITMENT_CREATE, commitment);
	const struct money amount = commitment->amount;
	if (!event_pre(command, &created))
		return false;
	commitment->by_plan = commitment->by_plan && money_compare(commitment->amount, amount) == 0;
	if (!store_insert(command->store, &commitment_record, commitment))
		return false;
	committed->subscription->commitment_id = commitment->id;
	return subscription_save(command, committed->subscription) && event_post(command, &created) && plan(committed);
}

static bool commitment_create_perform(struct command *command, const void *data, void **output)
{
	const struct commitment_create *input = data;
	struct committed committed = { .command = command };
	if (!subscription_need_direct_at(command, input->subscription_id, "/subscription_id", &committed.subscription, &committed.account))
		return false;
	struct commitment *commitment = committed.commitment = commitment_of(command, committed.account, input), *plans;
	if (commitment->id == 0 || !check_amount(command, commitment, input->amount) || !check_alone(&committed, &plans))
		return false;
	if (plans && !date_present(input->starts_on))
		commitment->starts_on = date_min(first_open_day(plans), commitment->starts_on);
	if (!read_events(&committed) || !check_begun(&committed) || !find_period(&committed, input) ||
	    (plans && !check_place(&committed, plans)) || !check_running(&committed))
		return false;
	command_object(command, "commitment", commitment->id, commitment->account_id);
	*output = commitment;
	return replace(command, plans, commitment->starts_on) && begin(&committed);
}

/* ------------------------------------------------------------------------------------------------ of a plan */

/* Of a whole period, by the plan in force from the event on; 0: none. */
static struct money minimum_of(struct command *command, const struct billing_event *event, const struct currency *currency)
{
	struct problems ignored;
	struct money amount;
	bool charged = event->transition != BILLING_TRANSITION_CANCEL && event->transition != BILLING_TRANSITION_BLOCK;
	problems_init(&ignored, command->arena);
	return charged && decimal_sign(event->minimum) > 0 && money_from_decimal(event->minimum, currency, "", &ignored, &amount)
	               ? amount : money_zero(currency);
}

/* The event that is in force today, or comes, and commits to something; NULL: none. */
static const struct billing_event *committing(const struct committed *committed)
{
	const struct billing_event_list *events = &committed->events;
	struct date today = command_today(committed->command, committed->account);
	for (size_t i = 0; i < events->count; i++) {
		const struct billing_event *event = &events->items[i];
		bool over = i + 1 < events->count && date_compare(events->items[i + 1].date, today) <= 0;
		bool recurs = event->has_recurring || event->usage_count > 0;
		if (!over && recurs && minimum_of(committed->command, event, committed->account->currency).minor > 0)
			return event;
	}
	return NULL;
}

bool commitment_of_plan(struct command *command, const struct account *account, struct subscription *subscription,
                        const struct billing_event_list *events)
{
	struct account *holder = record_copy(&account_record, account, command->arena);
	struct committed committed = { command, NULL, holder, subscription, *events };
	const struct billing_event *event = committing(&committed);
	if (!event)
		return true;
	const struct commitment_create input = { .subscription_id = subscription->id, .starts_on = event->date };
	struct commitment *commitment = committed.commitment = commitment_of(command, account, &input);
	commitment->by_plan = true;
	commitment->amount = minimum_of(command, event, account->currency);
	if (commitment->id == 0 || !find_period(&committed, &input))
		return false;
	commitment->starts_on = date_max(event->date, cycle_of(&committed, command_today(command, account)).start);
	return begin(&committed);
}

/* ------------------------------------------------------------------------------------------------ commitment.end */

static bool finish(struct command *command, struct commitment *commitment)
{
	struct occurrence ended = occurrence_on(EVENT_COMMITMENT_END, commitment);
	commitment->status = COMMITMENT_STATUS_ENDED;
	commitment->settles_on = DATE_NONE;
	return save(command, commitment) && job_remove(command, SETTLE, commitment->id) && event_post(command, &ended);
}

static bool commitment_end_perform(struct command *command, const void *data, void **output)
{
	const struct commitment_end *input = data;
	void *found;
	if (!store_find(command->store, &commitment_record, input->id, &found))
		return false;
	if (!found)
		return record_missing(&commitment_record, input->id, command->problems, "/id");
	struct commitment *commitment = found;
	struct account *account = account_need(command, commitment->account_id, "/id");
	if (!account)
		return false;
	command_object(command, "commitment", commitment->id, commitment->account_id);
	*output = commitment;
	struct date end = date_present(input->ends_on) ? input->ends_on : command_today(command, account);
	if (commitment->status == COMMITMENT_STATUS_ENDED)
		return problem(command->problems, PROBLEM_WRONG_STATE, "/id", "commitment %lld has ended", (long long)commitment->id);
	if (date_present(commitment->settled_through) && date_compare(end, commitment->settled_through) < 0)
		return problem_value(command->problems, PROBLEM_OUT_OF_RANGE, "/ends_on", date_text(command->arena, end),
		                     "Name a day of the running period, or one ahead.", "its period is settled");
	commitment->ends_on = end;
	return date_compare(end, first_open_day(commitment)) <= 0 ? finish(command, commitment) : save(command, commitment);
}

/* ------------------------------------------------------------------------------------------------ commitment.settle */

/* Days of a period that commit to the same. */
struct settling_part {
	struct text plan;
	struct money amount; /* of a whole period */
	int64_t days;
};
/* What a period comes to. */
struct settling {
	struct period cycle, service;
	struct period counted; /* days whose charges count: those of the cycle that are not settled */
	struct money least, charged, missing;
	struct { struct settling_part *items; size_t count, capacity; } parts;
};

static bool add_part(struct committed *committed, struct settling *settling, struct text plan, struct money amount, struct period days)
{
	struct money least;
	if (date_compare(days.start, days.end) >= 0 || amount.minor <= 0)
		return true;
	const struct settling_part part = { plan, amount, period_days(days) };
	*list_add(committed->command->arena, &settling->parts, struct settling_part) = part;
	return (commitment_part(amount, part.days, period_days(settling->cycle), &least) &&
	        money_add(settling->least, least, &settling->least)) ||
	       problem(committed->command->problems, PROBLEM_OVERFLOW, "", "the commitment is too large");
}

/* Each day counts what the plan of that day commits to. */
static bool add_parts(struct committed *committed, struct settling *settling)
{
	const struct billing_event_list *events = &committed->events;
	const struct commitment *commitment = committed->commitment;
	if (!commitment->by_plan)
		return add_part(committed, settling, TEXT_NONE, commitment->amount, settling->service);
	for (size_t i = 0; i < events->count; i++) {
		const struct billing_event *event = &events->items[i];
		struct date until = i + 1 < events->count ? events->items[i + 1].date : DATE_NONE;
		const struct period days = { date_max(event->date, settling->service.start), date_min(until, settling->service.end) };
		if (!add_part(committed, settling, event->plan, minimum_of(committed->command, event, commitment->currency), days))
			return false;
	}
	return true;
}

static bool compute(struct committed *committed, struct settling *settling)
{
	struct command *command = committed->command;
	const struct commitment *commitment = committed->commitment;
	struct exact_money least, charged, missing, none = { { 0, 1 }, commitment->currency };
	*settling = (struct settling){ .cycle = cycle_of(committed, first_open_day(commitment)) };
	settling->counted = settling->cycle;
	if (commitment->by_plan) {
		settling->counted.start = date_max(settling->cycle.start, commitment->settled_through);
		settling->counted.end = date_min(settling->cycle.end, cut_after(committed, first_open_day(commitment)));
	}
	settling->service = (struct period){
		date_max(settling->counted.start, commitment->starts_on),
		date_min(settling->counted.end, date_min(commitment->ends_on, charged_until(committed))),
	};
	settling->least = settling->missing = settling->charged = money_zero(commitment->currency);
	if (date_compare(settling->service.start, settling->service.end) >= 0)
		return true;
	return add_parts(committed, settling) &&
	       store_integer(command->store, STATEMENT_COMMITMENT_CHARGED,
	                     BINDS(bind_id(commitment->account_id), bind_id(commitment->subscription_id),
	                           bind_date(command->arena, settling->counted.start), bind_date(command->arena, settling->counted.end),
	                           bind_integer(commitment->from_invoice_id)),
	                     &settling->charged.minor, NULL) &&
	       exact_money_from_money(settling->least, &least) && exact_money_from_money(settling->charged, &charged) &&
	       price_top_up(least, none, charged, &missing) && exact_money_round(missing, ROUNDING_HALF_UP, &settling->missing);
}

static void tell_money(struct command *command, struct json_writer *writer, const char *name, struct money amount)
{
	json_name(writer, name);
	json_string(writer, money_amount_text(command->arena, amount));
}

static void tell_part(struct command *command, struct json_writer *writer, const struct settling_part *part)
{
	json_begin_object(writer);
	if (text_present(part->plan)) {
		json_name(writer, "plan");
		json_string(writer, part->plan);
	}
	tell_money(command, writer, "amount", part->amount);
	json_name(writer, "days");
	json_integer(writer, part->days);
	json_end_object(writer);
}

static struct text decision_of(struct committed *committed, const struct settling *settling)
{
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, committed->command->arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name(&writer, "commitment");
	json_begin_object(&writer);
	json_name(&writer, "id");
	json_integer(&writer, committed->commitment->id);
	json_name(&writer, "parts");
	json_begin_array(&writer);
	for (size_t i = 0; i < settling->parts.count; i++)
		tell_part(committed->command, &writer, &settling->parts.items[i]);
	json_end_array(&writer);
	json_name(&writer, "period_days");
	json_integer(&writer, period_days(settling->cycle));
	tell_money(committed->command, &writer, "charged", settling->charged);
	json_end_object(&writer);
	json_end_object(&writer);
	return builder_text(&out);
}

static bool charge(struct committed *committed, const struct settling *settling, struct invoice **invoice)
{
	struct command *command = committed->command;
	const struct commitment *commitment = committed->commitment;
	struct invoice_calculation calculation = { .rounding = TEXT_NONE, .total = settling->missing };
	struct invoice_origin origin = { .account = committed->account, .by_hand = true, .billing = settling->cycle };
	const struct billing_event *event = billing_event_on(&committed->events, settling->service.start);
	struct invoice_line *line = list_add(command->arena, &calculation.lines, struct invoice_line);
	*line = (struct invoice_line){
		.account_id = commitment->account_id, .position = 1, .kind = INVOICE_LINE_KIND_TRUE_UP,
		.subscription_id = commitment->subscription_id, .description = commitment->name,
		.catalog_plan_id = event ? event->catalog_plan_id : 0, .plan = event ? event->plan : TEXT_NONE,
		.phase = event ? event->phase : TEXT_NONE,
		.quantity = decimal_from_int64(1), .currency = commitment->currency, .amount = settling->missing,
		.period_start = settling->service.start, .period_end = settling->service.end,
		.decision = decision_of(committed, settling),
	};
	if (!exact_money_from_money(line->amount, &line->exact) ||
	    !invoice_tax_lines_add(command, committed->account, 0, &calculation))
		return false;
	calculation.total = money_zero(commitment->currency);
	for (size_t i = 0; i < calculation.lines.count; i++)
		if (!money_add(calculation.total, calculation.lines.items[i].amount, &calculation.total))
			return problem(command->problems, PROBLEM_OVERFLOW, "", "the commitment is too large");
	return invoice_create(command, &origin, &calculation, invoice) && invoice_collect_payment(command, committed->account, *invoice);
}

static bool is_last(const struct committed *committed, const struct settling *settling)
{
	struct date end = date_min(committed->commitment->ends_on, charged_until(committed));
	return date_present(end) && date_compare(end, settling->counted.end) <= 0;
}

static bool settle(struct committed *committed)
{
	struct command *command = committed->command;
	struct commitment *commitment = committed->commitment;
	struct settling settling;
	struct invoice *invoice = NULL;
	if (!read_events(committed) || !compute(committed, &settling) ||
	    (settling.missing.minor > 0 && !charge(committed, &settling, &invoice)))
		return false;
	struct occurrence settled = occurrence_on(EVENT_COMMITMENT_SETTLE, commitment);
	if (invoice) {
		settled.details.currency = commitment->currency;
		settled.details.amount = settling.missing;
		settled.details.invoice_id = invoice->id;
	}
	commitment->settled_through = settling.counted.end;
	commitment->from_invoice_id = commitment->seen_invoice_id;
	return store_integer(command->store, STATEMENT_INVOICE_NEWEST, BINDS(bind_id(commitment->account_id)),
	                     &commitment->seen_invoice_id, NULL) &&
	       save(command, commitment) && event_post(command, &settled) &&
	       (is_last(committed, &settling) ? finish(command, commitment) : plan(committed));
}

/* The account's run of the day comes first: it bills the usage of the period. */
static bool waits_for_run(const struct committed *committed)
{
	const struct account *account = committed->account;
	return account->invoicing != ACCOUNT_INVOICING_OFF && date_present(account->next_bill_date) &&
	       date_compare(account->next_bill_date, committed->commitment->settles_on) <= 0;
}

static bool commitment_settle_job(struct command *command, const struct job *job)
{
	struct committed committed = { .command = command };
	void *found;
	if (!store_find(command->store, &commitment_record, job->object_id, &found))
		return false;
	committed.commitment = found;
	if (!committed.commitment || committed.commitment->status == COMMITMENT_STATUS_ENDED)
		return true;
	command_object(command, "commitment", committed.commitment->id, committed.commitment->account_id);
	committed.account = account_need(command, committed.commitment->account_id, "");
	if (!committed.account || !subscription_find(command, committed.commitment->subscription_id, &committed.subscription))
		return false;
	if (waits_for_run(&committed))
		return job_move(command, SETTLE, committed.account->id, committed.commitment->id, instant_after(command->now, WAIT_FOR_RUN_US));
	return settle(&committed);
}

/* ------------------------------------------------------------------------------------------------ the commands */

const struct command_type commitment_commands[] = {
	{ .name = "commitment.create", .scope = "write", .input = &commitment_create_record, .output = &commitment_record,
	  .perform = commitment_create_perform, .doc = "Sets the least that a subscription pays for each of its periods." },
	{ .name = "commitment.end", .scope = "write", .input = &commitment_end_record, .output = &commitment_record,
	  .perform = commitment_end_perform, .doc = "Lets a commitment end; the period that it ends in is settled in part." },
	{ .name = NULL },
};

const struct job_kind commitment_jobs[] = {
	{ SETTLE, commitment_settle_job, "A period of a commitment is over." },
	{ 0 },
};
