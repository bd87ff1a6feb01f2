/* provisioning.c: the machine of what serves a subscription; what a payment opens; what is told from outside. */
#include "provisioning.h"

#include "event/dispatch.h"
#include "invoice.h"
#include "payment.h"
#include "renewal.h"
#include "subscription.h"

#include "base/log.h"

/* ------------------------------------------------------------------------------------------------ the machine */

#define S(status) (1u << SUBSCRIPTION_PROVISIONING_STATUS_##status)

/* What each status may become. */
static const unsigned follows[SUBSCRIPTION_PROVISIONING_STATUS_COUNT] = {
	[SUBSCRIPTION_PROVISIONING_STATUS_NONE] = S(PREPARED) | S(INITIATED) | S(PROVISIONED),
	[SUBSCRIPTION_PROVISIONING_STATUS_PREPARED] = S(PREPARE_FAILED) | S(INITIATED) | S(CANCELLED),
	[SUBSCRIPTION_PROVISIONING_STATUS_PREPARE_FAILED] = S(PREPARED) | S(CANCELLED),
	[SUBSCRIPTION_PROVISIONING_STATUS_INITIATED] = S(IN_PROGRESS) | S(PROVISIONED) | S(FAILED) | S(CANCELLED),
	[SUBSCRIPTION_PROVISIONING_STATUS_IN_PROGRESS] = S(PROVISIONED) | S(FAILED) | S(CANCELLED),
	[SUBSCRIPTION_PROVISIONING_STATUS_PROVISIONED] = S(PENDING_QUANTITY_CHANGE) | S(PENDING_PACKAGE_CHANGE) |
	                                                 S(PENDING_TERMINATION) | S(REMOVED),
	[SUBSCRIPTION_PROVISIONING_STATUS_FAILED] = S(PREPARED) | S(INITIATED) | S(CANCELLED),
	[SUBSCRIPTION_PROVISIONING_STATUS_CANCELLED] = S(PREPARED),
	[SUBSCRIPTION_PROVISIONING_STATUS_PENDING_QUANTITY_CHANGE] = S(PROVISIONED) | S(QUANTITY_CHANGE_FAILED),
	[SUBSCRIPTION_PROVISIONING_STATUS_QUANTITY_CHANGE_FAILED] = S(PENDING_QUANTITY_CHANGE) | S(PROVISIONED),
	[SUBSCRIPTION_PROVISIONING_STATUS_PENDING_PACKAGE_CHANGE] = S(PROVISIONED) | S(PACKAGE_CHANGE_FAILED),
	[SUBSCRIPTION_PROVISIONING_STATUS_PACKAGE_CHANGE_FAILED] = S(PENDING_PACKAGE_CHANGE) | S(PROVISIONED),
	[SUBSCRIPTION_PROVISIONING_STATUS_PENDING_TERMINATION] = S(REMOVED) | S(TERMINATION_FAILED),
	[SUBSCRIPTION_PROVISIONING_STATUS_TERMINATION_FAILED] = S(PENDING_TERMINATION) | S(REMOVED),
	[SUBSCRIPTION_PROVISIONING_STATUS_REMOVED] = 0,
};

static struct text status_text(enum subscription_provisioning_status status)
{
	return status ? text_of(subscription_record.fields[SUBSCRIPTION_FIELD_PROVISIONING_STATUS].words[status])
	              : TEXT("none");
}

/* "initiated, cancelled": what may follow. */
static const char *following(struct arena *arena, enum subscription_provisioning_status status)
{
	struct text_builder out;
	builder_init(&out, arena, 0);
	for (int i = 1; i < SUBSCRIPTION_PROVISIONING_STATUS_COUNT; i++)
		if (follows[status] & 1u << i)
			builder_format(&out, "%s%.*s", out.length ? ", " : "",
			               TEXT_ARG(status_text((enum subscription_provisioning_status)i)));
	return out.length ? text_c(arena, builder_text(&out)) : "nothing: it is final";
}

static bool change(struct command *command, struct subscription *subscription,
                   enum subscription_provisioning_status status, struct text message)
{
	struct occurrence changed = occurrence_of(EVENT_SUBSCRIPTION_PROVISIONING_STATUS_CHANGE, &subscription_record,
	                                          subscription, subscription->id, subscription->account_id);
	changed.details.old_provisioning_status = status_text(subscription->provisioning_status);
	changed.details.new_provisioning_status = status_text(status);
	changed.details.message = message;
	subscription->provisioning_status = status;
	return subscription_save(command, subscription) && event_post(command, &changed);
}

/* ------------------------------------------------------------------------------------------------ by itself */

enum subscription_provisioning_status provisioning_first_status(const struct plan *plan)
{
	switch (plan->provisioning) {
	case PLAN_PROVISIONING_AT_ONCE:
		return SUBSCRIPTION_PROVISIONING_STATUS_INITIATED;
	case PLAN_PROVISIONING_AFTER_PAYMENT:
		return SUBSCRIPTION_PROVISIONING_STATUS_PREPARED;
	default:
		return SUBSCRIPTION_PROVISIONING_STATUS_NONE;
	}
}

bool provisioning_withdraw(struct command *command, struct subscription *subscription)
{
	return (subscription->provisioning_status != SUBSCRIPTION_PROVISIONING_STATUS_PREPARED &&
	        subscription->provisioning_status != SUBSCRIPTION_PROVISIONING_STATUS_PREPARE_FAILED) ||
	       change(command, subscription, SUBSCRIPTION_PROVISIONING_STATUS_CANCELLED, TEXT_NONE);
}

/* ------------------------------------------------------------------------------------------------ paid */

struct opening {
	struct subscription *subscription;
	const struct invoice *invoice;
	const struct payment *payment;
};

static bool open_one(struct command *command, void *context)
{
	const struct opening *opening = context;
	struct subscription *subscription = opening->subscription;
	struct occurrence paid = occurrence_of(EVENT_SUBSCRIPTION_PROVISION_ON_PAYMENT, &subscription_record, subscription,
	                                       subscription->id, subscription->account_id);
	paid.details.payment_id = opening->payment ? opening->payment->id : 0;
	paid.details.invoice_id = opening->invoice->id;
	if (!event_post(command, &paid))
		return false;
	if (subscription->provisioning_status == SUBSCRIPTION_PROVISIONING_STATUS_PREPARED &&
	    !change(command, subscription, SUBSCRIPTION_PROVISIONING_STATUS_INITIATED, TEXT_NONE))
		return false;
	return subscription->renewal_invoice_id != opening->invoice->id || renewal_complete(command, subscription);
}

static const char PAID[] = "subscription.paid";

/* What a rule rejects is tried again by a job, and at last dead. */
static bool open_later(struct command *command, const struct opening *opening, const struct problem *why)
{
	const struct subscription *subscription = opening->subscription;
	struct text payload = text_format(command->arena, "{\"invoice_id\":%lld,\"payment_id\":%lld}", (long long)opening->invoice->id,
	                                  (long long)(opening->payment ? opening->payment->id : 0));
	log_write(LOG_WARNING, PAID, "tenant=%lld subscription=%lld: %s", (long long)command->tenant->id,
	          (long long)subscription->id, why->message);
	command_remark(command, why->code, text_of(why->message));
	return job_add(command, PAID, subscription->account_id, subscription->id, (struct instant){ command->now.us + US_PER_S },
	               payload);
}

static bool waiting_for(struct command *command, const struct invoice *invoice, struct subscription_list *waiting)
{
	return store_all(command->store, STATEMENT_SUBSCRIPTION_WAITING_FOR_INVOICE,
	                 BINDS(bind_id(invoice->account_id), bind_id(invoice->id)), &subscription_record, LIST(waiting));
}

bool provisioning_open(struct command *command, const struct invoice *invoice, const struct payment *payment)
{
	struct subscription_list waiting = { 0 };
	if (!waiting_for(command, invoice, &waiting))
		return false;
	for (size_t i = 0; i < waiting.count; i++) {
		struct opening opening = { &waiting.items[i], invoice, payment };
		struct problems problems;
		bool done;
		problems_init(&problems, command->arena);
		if (!command_attempt(command, open_one, &opening, &problems, &done))
			return false;
		if (!done && !open_later(command, &opening, problems.first))
			return false;
	}
	return true;
}

static bool payload_id(const struct json *payload, const char *name, int64_t *id)
{
	return payload && text_to_int64(json_text(json_member(payload, name)), id);
}

/* Nothing is left to do when it waits no more, or the invoice is owed again. */
static bool paid_job(struct command *command, const struct job *job)
{
	const struct json *payload = json_parse(job->payload, command->arena, command->problems);
	struct subscription_list waiting = { 0 };
	struct invoice *invoice = NULL;
	struct payment *payment = NULL;
	int64_t invoice_id, payment_id;
	if (!payload_id(payload, "invoice_id", &invoice_id) || !payload_id(payload, "payment_id", &payment_id) ||
	    !invoice_find(command, invoice_id, &invoice) || (payment_id && !payment_find(command, payment_id, &payment)))
		return false;
	if (!invoice || invoice->status != INVOICE_STATUS_SETTLED)
		return true;
	if (!waiting_for(command, invoice, &waiting))
		return false;
	for (size_t i = 0; i < waiting.count; i++) {
		struct opening opening = { &waiting.items[i], invoice, payment };
		if (waiting.items[i].id == job->object_id)
			return open_one(command, &opening);
	}
	return true;
}

const struct job_kind provisioning_jobs[] = {
	{ PAID, paid_job, "What the payment of an invoice opens or renews, after a rule rejected it." },
	{ 0 },
};

/* ------------------------------------------------------------------------------------------------ told from outside */

static bool provisioning_perform(struct command *command, const void *data, void **output)
{
	const struct subscription_set_provisioning *input = data;
	struct subscription *subscription = subscription_need(command, input->id, "/id");
	if (!subscription)
		return false;
	command_object(command, "subscription", subscription->id, subscription->account_id);
	*output = subscription;
	enum subscription_provisioning_status old = subscription->provisioning_status,
	                                      status = (enum subscription_provisioning_status)input->status;
	if (old == status)
		return true;
	if (!(follows[old] & 1u << status))
		return problem_value(command->problems, PROBLEM_WRONG_STATE, "/status", status_text(status),
		                     text_format(command->arena, "Next may come: %s.", following(command->arena, old)).data,
		                     "the provisioning of subscription %lld is %.*s and cannot become %.*s",
		                     (long long)subscription->id, TEXT_ARG(status_text(old)), TEXT_ARG(status_text(status)));
	return change(command, subscription, status, input->message);
}

const struct command_type provisioning_commands[] = {
	{ .name = "subscription.provisioning",
	  .scope = "write",
	  .input = &subscription_set_provisioning_record,
	  .output = &subscription_record,
	  .perform = provisioning_perform,
	  .doc = "Tells what became of the provisioning of a subscription." },
	{ .name = NULL },
};
