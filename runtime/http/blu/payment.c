/* payment.c: BluBilling's payments: charged, shown; credits and refunds as payments of their type. */
#include "blu.h"

#include "billing/credit.h"
#include "billing/customer.h"
#include "billing/payment.h"

/* ---- in ---- */

static const struct blu_element card_elements[] = {
	{ .name = "autopayPreference", .kind = BLU_FIELD, .field = PAYMENT_CREATE_FIELD_AUTO_PAY, .outer = true },
	{ .name = "autopayPreferance", .kind = BLU_FIELD, .field = PAYMENT_CREATE_FIELD_AUTO_PAY, .outer = true },
	{ .name = "cardNumber", .kind = BLU_FIELD, .field = CARD_INPUT_FIELD_NUMBER },
	{ .name = "expiry", .kind = BLU_FIELD, .field = CARD_INPUT_FIELD_EXPIRY },
	{ .name = "cvv", .kind = BLU_FIELD, .field = CARD_INPUT_FIELD_CVV },
	{ .name = "cardType", .kind = BLU_FIELD, .field = CARD_INPUT_FIELD_BRAND },
	{ .name = "nameOnCard", .kind = BLU_FIELD, .field = CARD_INPUT_FIELD_HOLDER },
	{ .name = NULL },
};

static const struct blu_element method_elements[] = {
	{ .name = "creditCardPaymentMethod", .kind = BLU_RECORD, .field = PAYMENT_CREATE_FIELD_CARD,
	  .elements = card_elements },
	{ .name = "tokenPaymentMethod", .kind = BLU_FIELD, .field = PAYMENT_CREATE_FIELD_PAYMENT_METHOD_ID,
	  .attribute = "id" },
	{ .name = NULL },
};

static const struct blu_element no_elements[] = { { .name = NULL } };

static const struct blu_element payment_elements[] = {
	{ .name = "amount", .kind = BLU_FIELD, .field = PAYMENT_CREATE_FIELD_AMOUNT },
	{ .name = "currencyCode", .kind = BLU_FIELD, .field = PAYMENT_CREATE_FIELD_CURRENCY },
	{ .name = "effectiveDate", .kind = BLU_FIELD, .field = PAYMENT_CREATE_FIELD_EFFECTIVE_DATE },
	{ .name = "customer", .kind = BLU_FIELD, .field = PAYMENT_CREATE_FIELD_CUSTOMER_ID, .attribute = "id" },
	{ .name = "extCustomerRef", .kind = BLU_FIELD, .field = PAYMENT_CREATE_FIELD_CUSTOMER_KEY },
	{ .name = "invoices", .kind = BLU_LIST, .field = PAYMENT_CREATE_FIELD_TARGETS, .item = "invoice",
	  .attribute = "id", .elements = no_elements },
	{ .name = "paymentMethodDTO", .kind = BLU_INSIDE, .attribute = "type", .elements = method_elements,
	  .required = true },
	{ .name = NULL },
};

const struct blu_form blu_payment_form = {
	.root = "processPayment", .record = &payment_create_record, .elements = payment_elements,
};

/* ---- out ---- */

static void result_write(struct blu_writer *writer, const struct payment_attempt *attempt)
{
	/* The processor's answers as numbers, as this wire has them. */
	static const char *const codes[] = {
		[PAYMENT_ATTEMPT_STATUS_APPROVED] = "1", [PAYMENT_ATTEMPT_STATUS_DECLINED] = "2",
		[PAYMENT_ATTEMPT_STATUS_FAILED] = "3",   [PAYMENT_ATTEMPT_STATUS_UNKNOWN] = "3",
		[PAYMENT_ATTEMPT_STATUS_SENT] = "4",
	};
	enum payment_attempt_status status = attempt->status;
	blu_open(writer, "processorResult");
	blu_id(writer, attempt->id);
	blu_text(writer, "transactionId", attempt->transaction_id);
	blu_boolean(writer, "isSuccess", status == PAYMENT_ATTEMPT_STATUS_APPROVED);
	blu_boolean(writer, "isError", status == PAYMENT_ATTEMPT_STATUS_FAILED ||
	            status == PAYMENT_ATTEMPT_STATUS_UNKNOWN);
	blu_c(writer, "statusCode", codes[status]);
	blu_text(writer, "statusMessage", attempt->message);
	blu_money(writer, "amount", attempt->amount);
	blu_text(writer, "avsCode", attempt->avs_code);
	blu_text(writer, "cvvCode", attempt->cvv_code);
	blu_c(writer, "processorRequestType", "AUTH_CAPTURE");
	blu_text(writer, "approvalCode", attempt->approval_code);
	blu_money(writer, "secondaryAmount", money_zero(attempt->currency));
	blu_close(writer);
}

static void allocations_write(struct blu_writer *writer, const struct payment *payment)
{
	if (payment->allocations.count == 0)
		return;
	blu_open_list(writer, "invoicePayments");
	for (size_t i = 0; i < payment->allocations.count; i++) {
		const struct invoice_payment *part = &payment->allocations.items[i];
		blu_open(writer, "invoicePayment");
		blu_id(writer, part->id);
		blu_money(writer, "amountApplied", part->amount);
		blu_money(writer, "balance", part->balance);
		blu_reference(writer, "invoice", part->invoice_id);
		blu_close(writer);
	}
	blu_close(writer);
}

/* With its attempts and allocations loaded. */
static bool payment_write(struct command *command, struct blu_writer *writer, const struct payment *payment)
{
	int64_t customer_id;
	if (!blu_customer_id(command, payment->account_id, &customer_id))
		return false;
	blu_open(writer, "payment");
	blu_id(writer, payment->id);
	blu_boolean(writer, "isSystemPayment", true);
	blu_reference(writer, "customer", customer_id);
	blu_c(writer, "paymentMethodType", word_of(WORD_SYSTEM_BLUBILLING, WORD_PAYMENT_METHOD, (int)payment->method));
	blu_currency(writer, payment->currency);
	blu_money(writer, "amount", payment->amount);
	blu_date(writer, "effectiveDate", payment->effective_date);
	blu_c(writer, "status", word_of(WORD_SYSTEM_BLUBILLING, WORD_PAYMENT_STATUS, (int)payment->status));
	blu_c(writer, "paymentType", word_of(WORD_SYSTEM_BLUBILLING, WORD_PAYMENT_TYPE, (int)payment->type));
	blu_boolean(writer, "isProcessedByBillingRun", payment->by_billing_run);
	if (payment->attempts.count)
		result_write(writer, &payment->attempts.items[payment->attempts.count - 1]);
	blu_text(writer, "paymentMethodContext", payment->method_text);
	blu_money(writer, "unappliedAmount", payment->unallocated);
	allocations_write(writer, payment);
	blu_close(writer);
	return true;
}

/* A house credit is a payment of the type Credit on this wire. */
static bool credit_write(struct command *command, struct blu_writer *writer, const struct credit *credit)
{
	int64_t customer_id;
	if (!blu_customer_id(command, credit->account_id, &customer_id))
		return false;
	blu_open(writer, "payment");
	blu_id(writer, credit->id);
	blu_boolean(writer, "isSystemPayment", true);
	blu_reference(writer, "customer", customer_id);
	blu_c(writer, "paymentMethodType", word_of(WORD_SYSTEM_BLUBILLING, WORD_PAYMENT_METHOD, PAYMENT_METHOD_CREDIT));
	blu_currency(writer, credit->currency);
	blu_money(writer, "amount", credit->amount);
	blu_date(writer, "effectiveDate", timezone_date(command->zone, credit->created_at));
	blu_c(writer, "status", word_of(WORD_SYSTEM_BLUBILLING, WORD_PAYMENT_STATUS, PAYMENT_STATUS_SUCCEEDED));
	blu_c(writer, "paymentType", word_of(WORD_SYSTEM_BLUBILLING, WORD_PAYMENT_TYPE, PAYMENT_TYPE_CREDIT));
	blu_boolean(writer, "isProcessedByBillingRun", false);
	blu_money(writer, "unappliedAmount", credit->remaining);
	blu_close(writer);
	return true;
}

/* ---- reads ---- */

static bool payment_of_type(struct command *command, struct http_exchange *exchange, enum payment_type type,
                            const char *what)
{
	struct payment *payment;
	struct blu_writer writer;
	if (!payment_find(command, exchange->id, &payment))
		return false;
	if (!payment || payment->type != type)
		return blu_missing(exchange, what, "id");
	blu_answer(exchange, &writer);
	if (!payment_write(command, &writer, payment))
		return false;
	blu_answered(exchange, &writer, 200);
	return true;
}

bool blu_payment_read(struct command *command, struct http_exchange *exchange)
{
	return payment_of_type(command, exchange, PAYMENT_TYPE_PAYMENT, "payment");
}

bool blu_refund_read(struct command *command, struct http_exchange *exchange)
{
	return payment_of_type(command, exchange, PAYMENT_TYPE_REFUND, "refund");
}

bool blu_credit_read(struct command *command, struct http_exchange *exchange)
{
	struct credit *credit;
	struct blu_writer writer;
	if (!credit_find(command, exchange->id, &credit))
		return false;
	if (!credit)
		return blu_missing(exchange, "credit", "id");
	blu_answer(exchange, &writer);
	if (!credit_write(command, &writer, credit))
		return false;
	blu_answered(exchange, &writer, 200);
	return true;
}

bool blu_payments_read(struct command *command, struct http_exchange *exchange)
{
	struct object_filter filter = { 0 };
	struct payment_list payments = { 0 };
	struct blu_writer writer;
	if (!blu_filter(command, exchange, WORD_PAYMENT_STATUS, &filter) || !payment_page(command, &filter, &payments))
		return false;
	blu_answer(exchange, &writer);
	blu_open_list(&writer, "list");
	for (size_t i = 0; i < payments.count; i++)
		if (!payment_load(command, &payments.items[i]) || !payment_write(command, &writer, &payments.items[i]))
			return false;
	blu_close(&writer);
	blu_answered(exchange, &writer, 200);
	return true;
}

/* ---- charging ---- */

static void payment_encode(struct command *command, struct http_exchange *exchange, void *output)
{
	struct payment *payment = output;
	struct blu_writer writer;
	if (payment->attempts.count == 0 && !payment_load(command, payment))
		return;
	blu_answer(exchange, &writer);
	payment_write(command, &writer, payment);
	blu_answered(exchange, &writer, exchange->reply.status);
}

static bool method_check(struct http_exchange *exchange, const struct xml *root, const struct payment_create *input)
{
	struct text type = xml_attribute(xml_child(root, "paymentMethodDTO"), "type");
	bool card = text_is(type, "CreditCard"), token = text_is(type, "Token");
	if (!card && !token)
		return problem_value(&exchange->problems, PROBLEM_UNKNOWN_CHOICE, "/type", text_slice(type, 0, 60),
		                     "Use type=\"CreditCard\" or type=\"Token\".", "paymentMethodDTO has no such type");
	if (card ? input->card != NULL : input->payment_method_id != 0)
		return true;
	const char *element = card ? "creditCardPaymentMethod" : "tokenPaymentMethod";
	return problem(&exchange->problems, PROBLEM_MISSING_FIELD, text_format(exchange->arena, "/%s", element).data,
	               "paymentMethodDTO of this type has no %s", element);
}

static bool customer_fill(struct http_exchange *exchange, struct payment_create *input)
{
	int64_t id;
	struct text key;
	if (!blu_customer_named(exchange, &id, &key))
		return false;
	if ((id && input->customer_id && id != input->customer_id) ||
	    (text_present(key) && text_present(input->customer_key) && !text_equals(key, input->customer_key)))
		return problem(&exchange->problems, PROBLEM_INVALID_COMBINATION, id ? "/customerId" : "/extCustomerRef",
		               "address and body name different customers");
	if (id)
		input->customer_id = id;
	if (text_present(key))
		input->customer_key = key;
	return true;
}

bool blu_payment_create(struct http_exchange *exchange)
{
	struct payment_create *input = arena_new(exchange->arena, struct payment_create);
	if (!blu_begin(exchange))
		return false;
	const struct blu_form *form = exchange->entry->route->form;
	const struct xml *root = blu_body(exchange, form->root);
	return root && blu_form_decode(exchange, form, root, input) && method_check(exchange, root, input) &&
	       customer_fill(exchange, input) && http_submit(exchange, exchange->entry->command, input, payment_encode);
}
