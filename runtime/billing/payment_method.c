/* payment_method.c: how an account pays: a gateway's token and what may be shown of the card. */
#include "payment_method.h"

#include "account.h"

bool payment_method_find(struct command *command, int64_t id, struct payment_method **method)
{
	return store_find(command->store, &payment_method_record, id, (void **)method);
}

bool payment_methods_of_account(struct command *command, int64_t account_id, struct payment_method_list *methods)
{
	return store_all(command->store, STATEMENT_PAYMENT_METHOD_OF_ACCOUNT, BINDS(bind_id(account_id)),
	                 &payment_method_record, LIST(methods));
}

struct text payment_method_text(struct arena *arena, struct text brand, struct text last_four)
{
	struct text shown = text_present(brand) && brand.length > 0 ? text_slice(brand, 0, 40) : TEXT("Card");
	return text_format(arena, "%.*s: %.*s", TEXT_ARG(shown), TEXT_ARG(last_four));
}

/* Gateways may give a card another token each time: what is shown of it tells it as well. */
static bool is_same_card(const struct payment_method *method, struct text gateway,
                         const struct gateway_outcome *outcome)
{
	if (!text_equals(method->gateway, gateway))
		return false;
	return text_equals(method->token, outcome->token) ||
	       (text_present(outcome->last_four) && text_equals(method->last_four, outcome->last_four) &&
	        text_equals(method->brand, outcome->brand) && date_compare(method->expiry, outcome->expiry) == 0);
}

/* The method of this card, or a new one at the end of the list. */
static struct payment_method *take_method(struct command *command, int64_t account_id,
                                          struct payment_method_list *methods, struct text gateway,
                                          const struct gateway_outcome *outcome, bool *is_new)
{
	for (size_t i = 0; i < methods->count; i++) {
		if (is_same_card(&methods->items[i], gateway, outcome)) {
			*is_new = false;
			return &methods->items[i];
		}
	}
	*is_new = true;
	struct payment_method *method = list_add(command->arena, methods, struct payment_method);
	method->id = store_new_id(command->store, "payment_method");
	method->account_id = account_id;
	method->kind = PAYMENT_METHOD_KIND_CREDIT_CARD;
	method->created_at = command->now;
	return method;
}

/* A preference belongs to one method: the one that got it last. */
static bool take_preference(struct command *command, struct payment_method_list *methods,
                            const struct payment_method *owner)
{
	for (size_t i = 0; i < methods->count; i++) {
		struct payment_method *other = &methods->items[i];
		if (other == owner || !other->has_auto_pay || other->auto_pay != owner->auto_pay)
			continue;
		other->has_auto_pay = false;
		other->auto_pay = 0;
		if (!store_update(command->store, &payment_method_record, other))
			return false;
	}
	return true;
}

static bool point_account(struct command *command, int64_t account_id, const struct payment_method_list *methods)
{
	const struct payment_method *first = NULL;
	for (size_t i = 0; i < methods->count; i++) {
		const struct payment_method *method = &methods->items[i];
		if (method->has_auto_pay && (!first || method->auto_pay < first->auto_pay))
			first = method;
	}
	struct account *account = account_need(command, account_id, "/account_id");
	if (!account)
		return false;
	account->payment_method_id = first ? first->id : 0;
	return account_save(command, account);
}

bool payment_method_keep(struct command *command, int64_t account_id, struct text gateway,
                         const struct gateway_outcome *outcome, int64_t auto_pay, struct payment_method **kept)
{
	struct payment_method_list methods = { 0 };
	bool is_new;
	if (!payment_methods_of_account(command, account_id, &methods))
		return false;
	struct payment_method *method = take_method(command, account_id, &methods, gateway, outcome, &is_new);
	method->gateway = gateway;
	method->token = outcome->token;
	method->brand = outcome->brand;
	method->last_four = outcome->last_four;
	method->expiry = outcome->expiry;
	method->has_auto_pay = true;
	method->auto_pay = auto_pay;
	*kept = method;
	bool written = is_new ? store_insert(command->store, &payment_method_record, method)
	                      : store_update(command->store, &payment_method_record, method);
	return method->id != 0 && written && take_preference(command, &methods, method) &&
	       point_account(command, account_id, &methods);
}

/* ------------------------------------------------------------------------------------------------ payment_method.create
 */

/* Thirteen digits and more are what a card number has: it must never be kept. */
static bool is_card_number(struct text token)
{
	size_t digits = 0;
	for (size_t i = 0; i < token.length; i++) {
		if (token.data[i] >= '0' && token.data[i] <= '9')
			digits++;
		else if (token.data[i] != ' ' && token.data[i] != '-')
			return false;
	}
	return digits >= 13;
}

static bool method_create(struct command *command, const void *data, void **output)
{
	const struct payment_method_create *input = data;
	struct text gateway = command_setting(command, "payments.gateway");
	if (!account_need(command, input->account_id, "/account_id"))
		return false;
	if (is_card_number(input->token))
		return problem_value(command->problems, PROBLEM_INVALID_VALUE, "/token", TEXT("(not shown)"),
		                     "Send the token that the gateway gave for the card.",
		                     "a token of digits only looks like a card number, which is never kept");
	struct gateway_outcome outcome = {
		.token = input->token, .brand = input->brand, .last_four = input->last_four, .expiry = input->expiry,
	};
	return payment_method_keep(command, input->account_id, text_present(gateway) ? gateway : TEXT("test"), &outcome,
	                           input->has_auto_pay ? input->auto_pay : 1, (struct payment_method **)output);
}

const struct command_type payment_method_commands[] = {
	{
		.name = "payment_method.create",
		.scope = "payments",
		.input = &payment_method_create_record,
		.output = &payment_method_record,
		.perform = method_create,
		.doc = "Keeps a card that the gateway has given a token for.",
	},
	{ .name = NULL },
};
