/* killbill_overdue.c: Kill Bill's overdue configuration as JSON of the same shape, checked. */
#include "killbill_read.h"

static const char *const unit_words[] = { "", "days", "weeks", "months", "years", NULL };
static const char *const policy_words[] = { "", "immediate", "end_of_term", NULL };

static void interval_write(struct killbill_reading *reading, const char *member, const struct xml *interval)
{
	int64_t count;
	if (!interval)
		return;
	const struct xml *unit = killbill_child(reading, interval, "unit"), *number = killbill_child(reading, interval, "number");
	killbill_children(reading, interval, "unit number");
	if (!unit || !number)
		return;
	if (!text_to_int64(number->text, &count) || count < 0) {
		killbill_problem(reading, number, "is '%.*s', which is no whole number", TEXT_ARG(number->text));
		return;
	}
	json_name(reading->out, member);
	killbill_begin(reading, interval);
	killbill_word(reading, "unit", unit, unit->text, unit_words);
	json_name(reading->out, "number");
	json_integer(reading->out, count);
	killbill_end(reading);
}

static void number_write(struct killbill_reading *reading, const char *member, const struct xml *element)
{
	int64_t count;
	if (!element)
		return;
	if (!text_to_int64(element->text, &count)) {
		killbill_problem(reading, element, "is '%.*s', which is no whole number", TEXT_ARG(element->text));
		return;
	}
	json_name(reading->out, member);
	json_integer(reading->out, count);
}

static void flag_write(struct killbill_reading *reading, const char *member, const struct xml *element)
{
	if (!element)
		return;
	if (!text_is(element->text, "true") && !text_is(element->text, "false")) {
		killbill_problem(reading, element, "is '%.*s'; it must be true or false", TEXT_ARG(element->text));
		return;
	}
	json_name(reading->out, member);
	json_boolean(reading->out, text_is(element->text, "true"));
}

static void responses_write(struct killbill_reading *reading, const struct xml *responses)
{
	if (!responses || !responses->first)
		return;
	json_name(reading->out, "response_for_last_failed_payment");
	json_begin_array(reading->out);
	for (const struct xml *response = responses->first; response; response = response->next) {
		killbill_begin(reading, response);
		killbill_text(reading, "word", response, response->text);
		killbill_end(reading);
	}
	json_end_array(reading->out);
}

static void condition_write(struct killbill_reading *reading, const struct xml *condition)
{
	killbill_children(reading, condition,
	                  "numberOfUnpaidInvoicesEqualsOrExceeds totalUnpaidInvoiceBalanceEqualsOrExceeds "
	                  "timeSinceEarliestUnpaidInvoiceEqualsOrExceeds responseForLastFailedPaymentIn controlTagInclusion "
	                  "controlTagExclusion");
	json_name(reading->out, "condition");
	killbill_begin(reading, condition);
	number_write(reading, "unpaid_invoices", xml_child(condition, "numberOfUnpaidInvoicesEqualsOrExceeds"));
	killbill_text(reading, "unpaid_balance", condition, xml_child_text(condition, "totalUnpaidInvoiceBalanceEqualsOrExceeds"));
	interval_write(reading, "unpaid_since", xml_child(condition, "timeSinceEarliestUnpaidInvoiceEqualsOrExceeds"));
	responses_write(reading, xml_child(condition, "responseForLastFailedPaymentIn"));
	killbill_text(reading, "with_tag", condition, xml_child_text(condition, "controlTagInclusion"));
	killbill_text(reading, "without_tag", condition, xml_child_text(condition, "controlTagExclusion"));
	killbill_end(reading);
}

static void state_write(struct killbill_reading *reading, const struct xml *state)
{
	const struct xml *condition = xml_child(state, "condition"), *policy = xml_child(state, "subscriptionCancellationPolicy");
	killbill_children(reading, state,
	                  "condition externalMessage blockChanges disableEntitlementAndChangesBlocked "
	                  "subscriptionCancellationPolicy isClearState autoReevaluationInterval");
	if (!text_present(xml_attribute(state, "name")))
		killbill_problem(reading, state, "has no name");
	killbill_begin(reading, state);
	killbill_text(reading, "name", state, xml_attribute(state, "name"));
	if (condition)
		condition_write(reading, condition);
	killbill_text(reading, "message", state, xml_child_text(state, "externalMessage"));
	flag_write(reading, "block_changes", xml_child(state, "blockChanges"));
	flag_write(reading, "block_entitlement", xml_child(state, "disableEntitlementAndChangesBlocked"));
	if (policy && !text_is(policy->text, "NONE"))
		killbill_word(reading, "cancel", policy, policy->text, policy_words);
	flag_write(reading, "clear", xml_child(state, "isClearState"));
	interval_write(reading, "check_every", xml_child(state, "autoReevaluationInterval"));
	killbill_end(reading);
	reading->states++;
}

void killbill_overdue(struct killbill_reading *reading, const struct xml *overdue)
{
	const struct xml *states = killbill_child(reading, overdue, "accountOverdueStates");
	killbill_children(reading, overdue, "accountOverdueStates");
	killbill_begin(reading, overdue);
	if (states) {
		killbill_children(reading, states, "initialReevaluationInterval state");
		interval_write(reading, "first_check_after", xml_child(states, "initialReevaluationInterval"));
	}
	json_name(reading->out, "states");
	json_begin_array(reading->out);
	for (const struct xml *state = states ? states->first : NULL; state; state = state->next)
		if (text_is(state->name, "state"))
			state_write(reading, state);
	json_end_array(reading->out);
	killbill_end(reading);
}
