/* payment_create.c: a payment is checked, shown to rules and stored; the gateway is asked after the commit. */
#include "payment.h"

#include "customer.h"
#include "event/dispatch.h"
#include "invoice.h"
#include "payment_commands.h"
#include "payment_method.h"

/* One payment on its way to the gateway. */
struct paying {
	struct command *command;
	const struct payment_create *input;
	struct account *account;
	struct payment *payment;
	struct payment_method *method; /* a stored one, or NULL */
	struct invoice *first_target;  /* or NULL */
};

/* ------------------------------------------------------------------------------------------------ checks */

static bool check_amount(struct paying *paying, struct money *amount)
{
	struct command *command = paying->command;
	const struct payment_create *input = paying->input;
	if (input->currency != paying->account->currency)
		return problem_value(command->problems, PROBLEM_CURRENCY_MISMATCH, "/currency",
		                     text_of(input->currency->code), NULL, "the account pays in %s, not in %s",
		                     paying->account->currency->code, input->currency->code);
	if (!money_from_decimal(input->amount, input->currency, "/amount", command->problems, amount))
		return false;
	if (amount->minor <= 0)
		return problem_value(command->problems, PROBLEM_OUT_OF_RANGE, "/amount",
		                     money_amount_text(command->arena, *amount), NULL, "a payment is above zero");
	return true;
}

static bool named_before(const struct payment_create *input, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (input->targets.items[j].invoice_id == input->targets.items[i].invoice_id)
			return true;
	return false;
}

static bool check_target(struct paying *paying, size_t i)
{
	struct command *command = paying->command;
	int64_t id = paying->input->targets.items[i].invoice_id;
	const char *pointer = text_format(command->arena, "/targets/%zu/invoice_id", i).data;
	struct invoice *invoice = invoice_need(command, id, pointer);
	if (!invoice)
		return false;
	if (invoice->account_id != paying->account->id)
		return problem(command->problems, PROBLEM_NOT_FOUND, pointer, "invoice %lld is not of account %lld",
		               (long long)id, (long long)paying->account->id);
	if (named_before(paying->input, i))
		return problem(command->problems, PROBLEM_INVALID_VALUE, pointer, "invoice %lld is named twice",
		               (long long)id);
	if (invoice->status != INVOICE_STATUS_OPEN)
		return problem_value(command->problems, PROBLEM_WRONG_STATE, pointer, invoice->number,
		                     "Pay an invoice that is open.", "invoice %.*s is %s", TEXT_ARG(invoice->number),
		                     invoice_record.fields[INVOICE_FIELD_STATUS].words[invoice->status]);
	if (i == 0)
		paying->first_target = invoice;
	return true;
}

/* Messages never hold the number. */
static bool check_card(struct paying *paying, const struct card_input *card)
{
	struct command *command = paying->command;
	if (!card_brand(card->number))
		return problem(command->problems, PROBLEM_INVALID_VALUE, "/card/number",
		               "the card number is not valid");
	if (date_compare(card->expiry, command_today(command, paying->account)) < 0)
		return problem_value(command->problems, PROBLEM_INVALID_VALUE, "/card/expiry",
		                     date_text(command->arena, card->expiry), "Use a card that is still valid.",
		                     "the card has expired");
	return true;
}

static bool check_stored_method(struct paying *paying)
{
	struct command *command = paying->command;
	int64_t id = paying->input->payment_method_id;
	if (!payment_method_find(command, id, &paying->method))
		return false;
	if (!paying->method || paying->method->account_id != paying->account->id)
		return problem(command->problems, PROBLEM_NOT_FOUND, "/payment_method_id",
		               "account %lld has no payment method %lld", (long long)paying->account->id,
		               (long long)id);
	return true;
}

static bool check_means(struct paying *paying)
{
	const struct payment_create *input = paying->input;
	if (input->card && input->payment_method_id)
		return problem(paying->command->problems, PROBLEM_INVALID_COMBINATION, "/payment_method_id",
		               "a payment is by a new card or by a stored method, not by both");
	if (input->card)
		return check_card(paying, input->card);
	if (!input->payment_method_id)
		return problem(paying->command->problems, PROBLEM_MISSING_FIELD, "/card",
		               "a payment needs a card or a stored method");
	return check_stored_method(paying);
}

/* ------------------------------------------------------------------------------------------------ rows */

static struct text card_text(struct arena *arena, const struct card_input *card)
{
	char last_four[4];
	size_t digits = 0;
	for (size_t i = card->number.length; i-- > 0 && digits < sizeof last_four;)
		if (card->number.data[i] >= '0' && card->number.data[i] <= '9')
			last_four[sizeof last_four - ++digits] = card->number.data[i];
	struct text brand =
	        text_present(card->brand) && card->brand.length > 0 ? card->brand : text_of(card_brand(card->number));
	return payment_method_text(arena, brand, (struct text){ last_four + sizeof last_four - digits, digits });
}

static enum payment_method_choice method_of(const struct payment_method *stored)
{
	switch (stored ? stored->kind : PAYMENT_METHOD_KIND_CREDIT_CARD) {
	case PAYMENT_METHOD_KIND_TOKEN:
		return PAYMENT_METHOD_TOKEN;
	case PAYMENT_METHOD_KIND_BANK_ACCOUNT:
		return PAYMENT_METHOD_BANK_ACCOUNT;
	default:
		return PAYMENT_METHOD_CREDIT_CARD;
	}
}

static struct payment *new_payment(struct paying *paying, struct money amount, bool by_billing_run)
{
	struct command *command = paying->command;
	const struct payment_create *input = paying->input;
	const struct payment_method *stored = paying->method;
	struct payment *payment = arena_new(command->arena, struct payment);
	payment->id = store_new_id(command->store, "payment");
	payment->uuid = uuid_time_ordered();
	payment->account_id = paying->account->id;
	payment->type = PAYMENT_TYPE_PAYMENT;
	payment->status = PAYMENT_STATUS_PENDING;
	payment->currency = amount.currency;
	payment->amount = amount;
	payment->unallocated = money_zero(amount.currency);
	payment->effective_date = date_present(input->effective_date) ? input->effective_date
	                                                              : command_today(command, paying->account);
	payment->method = method_of(stored);
	payment->method_text = stored ? payment_method_text(command->arena, stored->brand, stored->last_four)
	                              : card_text(command->arena, input->card);
	payment->payment_method_id = stored ? stored->id : 0;
	payment->has_auto_pay = input->has_auto_pay && !stored;
	payment->auto_pay = payment->has_auto_pay ? input->auto_pay : 0;
	payment->by_billing_run = by_billing_run;
	payment->targets.items = input->targets.items;
	payment->targets.count = payment->targets.capacity = input->targets.count;
	payment->custom = input->custom;
	payment->created_at = payment->updated_at = command->now;
	return payment;
}

static struct payment_attempt *add_attempt(struct paying *paying, struct text gateway)
{
	struct command *command = paying->command;
	struct payment *payment = paying->payment;
	struct payment_attempt *attempt = list_add(command->arena, &payment->attempts, struct payment_attempt);
	attempt->id = store_new_id(command->store, "payment_attempt");
	attempt->account_id = payment->account_id;
	attempt->payment_id = payment->id;
	attempt->gateway = gateway;
	attempt->status = PAYMENT_ATTEMPT_STATUS_SENT;
	attempt->currency = payment->currency;
	attempt->amount = payment->amount;
	attempt->sent_at = command->now;
	return attempt;
}

static const struct gateway *gateway_of(struct paying *paying)
{
	struct command *command = paying->command;
	struct text name = paying->method ? paying->method->gateway : command_setting(command, "payments.gateway");
	if (!text_present(name) || tenant_is_branch(command->tenant))
		name = TEXT("test");
	const struct gateway *gateway = engine_gateway(command->engine, name);
	if (!gateway)
		problem_value(command->problems, PROBLEM_NOT_FOUND, "", name, "Correct the setting payments.gateway.",
		              "there is no gateway %.*s", TEXT_ARG(name));
	return gateway;
}

/* ------------------------------------------------------------------------------------------------ the command */

static bool ask_rules(struct paying *paying, struct occurrence *creation)
{
	struct payment *payment = paying->payment;
	struct money asked = payment->amount;
	creation->details.invoice = paying->first_target;
	if (!event_pre(paying->command, creation))
		return false;
	if (payment->amount.currency != asked.currency || payment->amount.minor <= 0 ||
	    payment->amount.minor > asked.minor)
		return problem(paying->command->problems, PROBLEM_OUT_OF_RANGE, "/amount",
		               "a rule may only lower the amount of a payment, and not to zero");
	return true;
}

static void charge_later(struct paying *paying, const struct gateway *gateway, const struct payment_attempt *attempt)
{
	struct command *command = paying->command;
	struct gateway_charge charge = {
		.tenant_id = store_tenant(command->store),
		.account_id = attempt->account_id,
		.attempt_id = attempt->id,
		.payment_id = attempt->payment_id,
		.gateway = gateway,
		.idempotency_key = payment_attempt_key(command, attempt->id),
		.amount = attempt->amount,
		.card = paying->input->card,
		.token = paying->method ? paying->method->token : TEXT_NONE,
	};
	command_charge_after_commit(command, &charge);
}

bool payment_create(struct command *command, const struct payment_create *input, bool by_billing_run,
                    struct payment **created)
{
	struct paying paying = { .command = command, .input = input };
	struct money amount;
	if (!customer_account(command, input->account_id, input->customer_id, input->customer_key, &paying.account,
	                      NULL) ||
	    !check_amount(&paying, &amount))
		return false;
	for (size_t i = 0; i < input->targets.count; i++)
		if (!check_target(&paying, i))
			return false;
	const struct gateway *gateway = check_means(&paying) ? gateway_of(&paying) : NULL;
	if (!gateway)
		return false;
	struct payment *payment = paying.payment = new_payment(&paying, amount, by_billing_run);
	struct occurrence creation =
	        occurrence_of(EVENT_PAYMENT_CREATE, &payment_record, payment, payment->id, payment->account_id);
	if (payment->id == 0 || !ask_rules(&paying, &creation))
		return false;
	struct payment_attempt *attempt = add_attempt(&paying, text_of(gateway->name));
	if (attempt->id == 0 || !store_insert(command->store, &payment_record, payment) ||
	    !store_insert(command->store, &payment_attempt_record, attempt) || !event_post(command, &creation))
		return false;
	command_object(command, "payment", payment->id, payment->account_id);
	charge_later(&paying, gateway, attempt);
	*created = payment;
	return true;
}

bool payment_create_perform(struct command *command, const void *input, void **output)
{
	return payment_create(command, input, false, (struct payment **)output);
}
