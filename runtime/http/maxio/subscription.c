/* subscription.c: subscriptions: how they are shown, made and found. */
#include "maxio.h"

#include "base/civil.h"
#include "billing/account.h"
#include "billing/coupon.h"
#include "billing/customer.h"
#include "billing/invoice.h"
#include "billing/payment.h"
#include "billing/payment_method.h"
#include "billing/product.h"
#include "billing/sign_up.h"
#include "billing/subscription_cycle.h"
#include "event/gateway.h"

#include <string.h>

enum { SETTLE_POLL_US = 2000, SETTLE_MAX_US = 30 * 1000000 };

/* ---- shown ---- */

static void integer_show(bool *has, int64_t *to, int64_t value)
{
	*has = true;
	*to = value;
}

bool maxio_subscription_state(struct command *command, const struct subscription *subscription, struct text *state)
{
	struct maxio_share owed;
	*state = maxio_word(WORD_SUBSCRIPTION_STATUS, (int)subscription->status);
	if (subscription->status != SUBSCRIPTION_STATUS_ACTIVE)
		return true;
	if (subscription->phase == SUBSCRIPTION_PHASE_TRIAL)
		*state = TEXT("trialing");
	if (!maxio_share_owed(command, subscription, INVOICE_STATUS_OPEN, &owed))
		return false;
	if (owed.failed)
		*state = TEXT("past_due");
	return true;
}

static bool money_show(struct command *command, const struct subscription *subscription, struct maxio_subscription *shown)
{
	struct maxio_share owed, paid;
	if (!maxio_share_owed(command, subscription, INVOICE_STATUS_OPEN, &owed) || !maxio_share_paid(command, subscription, &paid))
		return false;
	integer_show(&shown->has_balance_in_cents, &shown->balance_in_cents, owed.cents);
	integer_show(&shown->has_total_revenue_in_cents, &shown->total_revenue_in_cents, paid.cents);
	if (paid.first_id)
		integer_show(&shown->has_signup_payment_id, &shown->signup_payment_id, paid.first_id);
	shown->signup_revenue = money_amount_text(command->arena, (struct money){ paid.first_cents, subscription->currency });
	return true;
}

/* Maxio's closed list; a brand that is not in it is shown as none. */
static struct text card_type(struct text brand)
{
	static const struct {
		const char *brand, *type;
	} types[] = {
		{ "Visa", "visa" }, { "MasterCard", "master" }, { "American Express", "american_express" }, { "Discover", "discover" },
		{ "Diners Club", "diners_club" }, { "JCB", "jcb" }, { "Maestro", "maestro" }, { "UnionPay", "unionpay" },
	};
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (text_is(brand, types[i].brand))
			return text_of(types[i].type);
	return TEXT_NONE;
}

static bool card_show(struct command *command, const struct account *account, int64_t customer_id,
                      struct maxio_subscription *shown)
{
	struct payment_method *method = NULL;
	if (!account->payment_method_id)
		return true;
	if (!payment_method_find(command, account->payment_method_id, &method))
		return false;
	if (!method)
		return true;
	struct maxio_credit_card *card = arena_new(command->arena, struct maxio_credit_card);
	int year, month, day;
	civil_parts(method->expiry.day, &year, &month, &day);
	*card = (struct maxio_credit_card){
		.id = method->id, .has_id = true, .payment_type = TEXT("credit_card"),
		.masked_card_number = text_format(command->arena, "XXXX-XXXX-XXXX-%.*s", TEXT_ARG(method->last_four)),
		.card_type = card_type(method->brand), .customer_id = customer_id, .has_customer_id = true,
		.current_vault = TEXT("bogus"), .vault_token = text_from_int64(command->arena, method->id),
		.has_disabled = true,
	};
	if (date_present(method->expiry)) {
		integer_show(&card->has_expiration_month, &card->expiration_month, month);
		integer_show(&card->has_expiration_year, &card->expiration_year, year);
	}
	shown->credit_card = card;
	shown->payment_type = TEXT("credit_card");
	return true;
}

static bool parties_show(struct command *command, const struct subscription *subscription, const struct account *account,
                         struct maxio_subscription *shown)
{
	struct customer *customer;
	struct listed_product *product;
	struct subscription_bundle *bundle = NULL;
	if (!customer_by_account(command, account->id, &customer) || !listed_product_by_plan(command, subscription->plan, &product) ||
	    (subscription->bundle_id && !store_find(command->store, &subscription_bundle_record, subscription->bundle_id, (void **)&bundle)))
		return false;
	if (bundle)
		shown->reference = bundle->external_key;
	if (customer) {
		shown->customer = arena_new(command->arena, struct maxio_customer);
		if (!maxio_customer_show(command, customer, shown->customer))
			return false;
	}
	if (product) {
		shown->product = arena_new(command->arena, struct maxio_product);
		integer_show(&shown->has_product_price_in_cents, &shown->product_price_in_cents, product->amount.minor);
		if (!maxio_product_show(command, product, shown->product))
			return false;
	}
	return card_show(command, account, customer ? customer->id : 0, shown);
}

/* Of the coupons that discount it, or all that the account is charged for; the first is `coupon_code`. */
static bool coupons_show(struct command *command, const struct subscription *subscription, struct maxio_subscription *shown)
{
	struct coupon_redemption_list redemptions = { 0 };
	struct text_builder out;
	struct json_writer json;
	builder_init(&out, command->arena, 0);
	json_writer_init(&json, &out);
	json_begin_array(&json);
	if (!coupon_redemptions_of_account(command, subscription->account_id, &redemptions))
		return false;
	for (size_t i = 0; i < redemptions.count; i++) {
		const struct coupon_redemption *one = &redemptions.items[i];
		bool of_it = one->subscription_id ? one->subscription_id == subscription->id : one->order_id == 0;
		if (!of_it || one->status != COUPON_REDEMPTION_STATUS_ACTIVE)
			continue;
		if (!text_present(shown->coupon_code))
			shown->coupon_code = one->code;
		json_string(&json, one->code);
	}
	json_end_array(&json);
	shown->coupon_codes = builder_text(&out);
	return true;
}

static bool cycle_show(struct command *command, const struct subscription *subscription, const struct account *account,
                       struct maxio_subscription *shown)
{
	struct cycle_moments cycle;
	struct arena *arena = command->arena;
	if (!subscription_cycle_at(command, account, subscription, command->now, &cycle))
		return false;
	shown->current_period_started_at = maxio_time(arena, command->zone, cycle.start);
	shown->current_period_ends_at = maxio_time(arena, command->zone, cycle.end);
	shown->next_assessment_at = shown->current_period_ends_at;
	shown->trial_started_at = maxio_time(arena, command->zone, cycle.trial_start);
	shown->trial_ended_at = maxio_time(arena, command->zone, cycle.trial_end);
	if (!cycle.in_trial && subscription->started_at.us <= command->now.us)
		shown->activated_at = maxio_time(arena, command->zone, cycle.trial_end.us ? cycle.trial_end : subscription->started_at);
	return true;
}

bool maxio_subscription_show(struct command *command, const struct subscription *subscription, struct maxio_subscription *shown)
{
	struct account *account = account_need(command, subscription->account_id, "");
	bool canceled = subscription->billed_until.us && subscription->billed_until.us <= command->now.us;
	if (!account)
		return false;
	*shown = (struct maxio_subscription){
		.id = subscription->id, .has_id = true, .has_product_version_number = true, .product_version_number = 1,
		.created_at = maxio_time(command->arena, command->zone, subscription->created_at),
		.updated_at = maxio_time(command->arena, command->zone, subscription->updated_at),
		.has_cancel_at_end_of_period = true, .cancel_at_end_of_period = subscription->billed_until.us && !canceled,
		.canceled_at = canceled ? maxio_time(command->arena, command->zone, subscription->billed_until) : TEXT_NONE,
		.delayed_cancel_at = canceled ? TEXT_NONE : maxio_time(command->arena, command->zone, subscription->billed_until),
		.currency = text_of(subscription->currency->code),
		.payment_collection_method = account->has_manual_pay && account->manual_pay ? TEXT("remittance") : TEXT("automatic"),
	};
	return maxio_subscription_state(command, subscription, &shown->state) && money_show(command, subscription, shown) &&
	       parties_show(command, subscription, account, shown) && coupons_show(command, subscription, shown) &&
	       cycle_show(command, subscription, account, shown);
}

/* ---- found ---- */

bool maxio_subscription_of(struct command *command, struct text name, bool by_reference, struct subscription **subscription)
{
	int64_t id;
	struct text reference;
	maxio_name(name, &id, &reference);
	*subscription = NULL;
	if (id && !subscription_find(command, id, subscription))
		return false;
	if (!*subscription && by_reference && !subscription_by_reference(command, name, subscription))
		return false;
	return *subscription || problem(command->problems, PROBLEM_NOT_FOUND, "", "subscription %.*s does not exist",
	                                TEXT_ARG(text_slice(name, 0, 100)));
}

bool maxio_subscription_addressed(struct command *command, struct http_exchange *exchange, struct subscription **subscription)
{
	return maxio_subscription_of(command, maxio_segment(exchange, 1), false, subscription);
}

static bool subscription_reply(struct command *command, struct http_exchange *exchange, const struct subscription *subscription)
{
	struct maxio_subscription shown;
	if (!maxio_subscription_show(command, subscription, &shown))
		return false;
	maxio_reply(exchange, 200, "subscription", &maxio_subscription_record, &shown);
	return true;
}

static bool subscription_read(struct command *command, struct http_exchange *exchange)
{
	struct subscription *subscription;
	return maxio_subscription_addressed(command, exchange, &subscription) &&
	       subscription_reply(command, exchange, subscription);
}

static bool subscription_lookup(struct command *command, struct http_exchange *exchange)
{
	struct text reference = http_parameter(&exchange->target, "reference");
	struct subscription *subscription = NULL;
	if (text_present(reference) && !subscription_by_reference(command, reference, &subscription))
		return false;
	if (!subscription)
		return problem(&exchange->problems, PROBLEM_NOT_FOUND, "", "there is no subscription of this reference");
	return subscription_reply(command, exchange, subscription);
}

static bool state_fits(struct command *command, const struct http_exchange *exchange, const struct subscription *subscription, bool *fits)
{
	struct text wanted = http_parameter(&exchange->target, "state"), state;
	*fits = true;
	if (!text_present(wanted) || wanted.length == 0)
		return true;
	if (!maxio_subscription_state(command, subscription, &state))
		return false;
	*fits = text_equals(wanted, state);
	return true;
}

/* Newest first; with a state all that went before are looked at. */
static bool subscriptions_read(struct command *command, struct http_exchange *exchange)
{
	struct object_filter filter = { .max = OBJECT_PAGE_DEFAULT };
	struct subscription_list subscriptions = { 0 };
	struct maxio_list list;
	struct maxio_page page;
	int64_t place = 0;
	if (!maxio_page(exchange, 20, &page))
		return false;
	maxio_list_begin(exchange, &list, NULL, "subscription");
	do {
		if (!subscription_page(command, &filter, &subscriptions))
			return false;
		for (size_t i = 0; i < subscriptions.count; i++) {
			struct maxio_subscription shown;
			bool fits;
			filter.before_id = subscriptions.items[i].id;
			if (!state_fits(command, exchange, &subscriptions.items[i], &fits))
				return false;
			if (!fits || !maxio_on_page(&page, place++))
				continue;
			if (!maxio_subscription_show(command, &subscriptions.items[i], &shown))
				return false;
			maxio_list_add(&list, &maxio_subscription_record, &shown);
		}
	} while (subscriptions.count == OBJECT_PAGE_DEFAULT && place < page.page * page.per_page);
	maxio_list_end(exchange, &list, 200);
	return true;
}

/* ---- payments that follow ---- */

bool maxio_before(struct command *command, struct maxio_before *before)
{
	struct object_filter newest = { .max = 1 };
	struct payment_list payments = { 0 };
	struct invoice_list invoices = { 0 };
	*before = (struct maxio_before){ 0 };
	if (!payment_page(command, &newest, &payments) || !invoice_page(command, &newest, &invoices))
		return false;
	before->payment_id = payments.count ? payments.items[0].id : 0;
	before->invoice_id = invoices.count ? invoices.items[0].id : 0;
	return true;
}

struct settling {
	struct maxio_before before;
	int64_t account_id;
	bool waits;
};

static bool pays_itself(const struct account *account)
{
	return account->payment_method_id && !(account->has_manual_pay && account->manual_pay) &&
	       !(account->has_pay_automatically && !account->pay_automatically);
}

/* Does a payment that was asked for since then wait to be answered? */
static bool settling_read(struct command *command, struct http_exchange *exchange)
{
	struct settling *settling = exchange->work;
	struct object_filter filter = { .account_id = settling->account_id, .status = PAYMENT_STATUS_PENDING, .max = 1 };
	struct account *account = account_need(command, settling->account_id, "");
	struct payment_list payments = { 0 };
	struct invoice_list open = { 0 };
	settling->waits = false;
	if (!account || !pays_itself(account))
		return account != NULL;
	if (!payment_page(command, &filter, &payments) || !invoices_open(command, account->id, &open))
		return false;
	settling->waits = payments.count > 0 && payments.items[0].id > settling->before.payment_id;
	for (size_t i = 0; i < open.count; i++)
		if (open.items[i].id > settling->before.invoice_id && open.items[i].failed_attempts == 0 && open.items[i].balance.minor > 0)
			settling->waits = true;
	return true;
}

bool maxio_settle(struct http_exchange *exchange, const struct maxio_before *before, int64_t account_id)
{
	struct settling settling = { .before = *before, .account_id = account_id };
	void *work = exchange->work;
	int64_t until_us = clock_monotonic_us() + SETTLE_MAX_US;
	struct store *store = engine_store(exchange->application->engine);
	uint64_t seen, version = STORE_VERSION_NONE;
	bool read;
	exchange->work = &settling;
	do { /* nothing is looked at again before something was committed */
		seen = version = store_version(store, exchange->identity.tenant_id);
		if (!(read = http_read_body(exchange, settling_read)))
			break;
		while (settling.waits && (version == seen || version == STORE_VERSION_NONE) && clock_monotonic_us() < until_us) {
			clock_sleep_us(SETTLE_POLL_US);
			version = store_version(store, exchange->identity.tenant_id);
		}
	} while (settling.waits && clock_monotonic_us() < until_us);
	exchange->work = work;
	return read;
}

/* ---- making ---- */

/* A subscription, and what its metered components have used already: all or none. */
struct signing {
	struct maxio_subscription_input asked;
	struct subscription_sign_up input;
	struct { struct component_usage_create *items; size_t count, capacity; } usages;
	struct maxio_before before;
	const struct gateway *gateway;
	const struct currency *currency;
	int64_t subscription_id;
};

static bool product_ask(struct command *command, struct http_exchange *exchange, struct signing *signing)
{
	const struct maxio_subscription_input *asked = &signing->asked;
	const struct listed_product *product = NULL;
	if (asked->has_product_id)
		product = listed_product_need(command, asked->product_id, "/product_id");
	else if (!text_present(asked->product_handle) || asked->product_handle.length == 0)
		return problem(&exchange->problems, PROBLEM_MISSING_FIELD, "/product", "a product is needed");
	else if (!listed_product_by_plan(command, asked->product_handle, (struct listed_product **)(uintptr_t)&product))
		return false;
	else if (!product)
		return problem(&exchange->problems, PROBLEM_NOT_FOUND, "/product", "there is no such product");
	if (!product)
		return false;
	signing->input.plan = product->plan;
	return true;
}

static bool sign_up_perform(struct command *command, const void *data, void **output)
{
	const struct signing *signing = data;
	if (!command_perform(command, "subscription.sign_up", &signing->input, output))
		return false;
	const struct subscription *made = *output;
	for (size_t i = 0; i < signing->usages.count; i++) {
		void *used;
		signing->usages.items[i].subscription_id = made->id;
		if (!command_perform(command, "component_usage.create", &signing->usages.items[i], &used))
			return false;
	}
	command_object(command, "subscription", made->id, made->account_id);
	return true;
}

static const struct command_type signing_type = {
	.name = "subscription.sign_up", .scope = "payments", .output = &subscription_record, .perform = sign_up_perform,
	.doc = "Makes a subscription, with what it has used already.",
};

static bool balance_ask(struct http_exchange *exchange, struct signing *signing, const struct maxio_signup_component *asked,
                        const struct component *component, size_t i)
{
	if (!asked->has_unit_balance || decimal_sign(asked->unit_balance) == 0)
		return true;
	if (component->kind != COMPONENT_KIND_METERED)
		return problem(&exchange->problems, PROBLEM_INVALID_VALUE,
		               text_format(exchange->arena, "/components/%zu/unit_balance", i).data, "is for metered components");
	*list_add(exchange->arena, &signing->usages, struct component_usage_create) = (struct component_usage_create){
		.component_id = component->id, .quantity = asked->unit_balance,
	};
	return true;
}

static bool component_ask(struct command *command, struct http_exchange *exchange, struct signing *signing, size_t i)
{
	const struct maxio_signup_component *asked = &signing->asked.components.items[i];
	struct component_choice *choice = list_add(exchange->arena, &signing->input.components, struct component_choice);
	const char *pointer = text_format(exchange->arena, "/components/%zu/component_id", i).data;
	const char *price_at = text_format(exchange->arena, "/components/%zu/price_point_id", i).data;
	struct component *component;
	if (!maxio_component_of(command, asked->component_id, pointer, &component) ||
	    !balance_ask(exchange, signing, asked, component, i))
		return false;
	*choice = (struct component_choice){
		.component_id = component->id,
		.quantity = asked->has_allocated_quantity ? asked->allocated_quantity : asked->quantity,
		.has_quantity = asked->has_allocated_quantity || asked->has_quantity,
		.enabled = asked->enabled, .has_enabled = asked->has_enabled,
	};
	if (asked->custom_price)
		return maxio_custom_price_ask(exchange, asked->custom_price, component, &choice->custom_price);
	if (!text_present(asked->price_point_id) || asked->price_point_id.length == 0)
		return true;
	struct price_point *point;
	if (!maxio_price_point_of(command, component, asked->price_point_id, price_at, &point))
		return false;
	choice->price_point_id = point->id;
	return true;
}

static bool moments_ask(struct command *command, struct http_exchange *exchange, struct signing *signing)
{
	const struct maxio_subscription_input *asked = &signing->asked;
	struct subscription_sign_up *input = &signing->input;
	return maxio_instant(exchange, command->zone, asked->next_billing_at, 12, "/next_billing_at", &input->next_billing_at) &&
	       maxio_instant(exchange, command->zone, asked->previous_billing_at, 12, "/previous_billing_at",
	                     &input->previous_billing_at) &&
	       maxio_instant(exchange, command->zone, asked->initial_billing_at, 12, "/initial_billing_at", &input->start_at);
}

static void customer_ask(struct http_exchange *exchange, struct signing *signing)
{
	const struct maxio_subscription_input *asked = &signing->asked;
	signing->input.customer_id = asked->customer_id;
	signing->input.customer_key = asked->customer_reference;
	if (asked->customer_attributes) {
		signing->input.customer = arena_new(exchange->arena, struct customer_create);
		maxio_customer_ask(exchange->arena, asked->customer_attributes, signing->input.customer);
	}
}

/* One coupon is redeemed for a subscription. */
static bool coupon_ask(struct http_exchange *exchange, struct signing *signing)
{
	const struct maxio_subscription_input *asked = &signing->asked;
	const struct json *codes = text_present(asked->coupon_codes) ? json_parse(asked->coupon_codes, exchange->arena, &exchange->problems) : NULL;
	signing->input.coupon = asked->coupon_code.length ? asked->coupon_code : TEXT_NONE;
	if (!codes || codes->count == 0)
		return true;
	if (codes->type != JSON_ARRAY || codes->count > 1 || codes->first->type != JSON_STRING ||
	    (text_present(signing->input.coupon) && !text_equals(signing->input.coupon, codes->first->text)))
		return problem(&exchange->problems, PROBLEM_INVALID_VALUE, "/coupon_codes", "one coupon is redeemed for a subscription");
	signing->input.coupon = codes->first->text;
	return true;
}

/* The profile that its customer is charged by already. */
static bool profile_ask(struct command *command, struct http_exchange *exchange, const struct signing *signing)
{
	const struct maxio_subscription_input *asked = &signing->asked;
	struct customer *customer = NULL;
	struct account *account = NULL;
	if (!asked->has_payment_profile_id)
		return true;
	if (asked->has_customer_id ? !customer_find(command, asked->customer_id, &customer)
	                           : text_present(asked->customer_reference) &&
	                                     !customer_by_key(command, asked->customer_reference, &customer))
		return false;
	if (customer && !(account = account_need(command, customer->account_id, "")))
		return false;
	return (account && account->payment_method_id == asked->payment_profile_id) ||
	       problem(&exchange->problems, PROBLEM_INVALID_VALUE, "/payment_profile",
	               "must be the one that the customer is charged by; send the card to charge another one");
}

static bool currency_ask(struct command *command, struct http_exchange *exchange, const struct signing *signing)
{
	struct text asked = signing->asked.currency;
	return !text_present(asked) || asked.length == 0 || text_is(asked, command->tenant->currency->code) ||
	       problem(&exchange->problems, PROBLEM_INVALID_VALUE, "/currency", "must be %s: products are sold in it",
	               command->tenant->currency->code);
}

static bool signing_fill(struct command *command, struct http_exchange *exchange)
{
	struct signing *signing = exchange->work;
	const struct maxio_subscription_input *asked = &signing->asked;
	struct text gateway = command_setting(command, "payments.gateway");
	signing->gateway = engine_gateway(command->engine, text_present(gateway) ? gateway : TEXT("test"));
	signing->currency = command->tenant->currency;
	customer_ask(exchange, signing);
	signing->input.reference = asked->reference;
	signing->input.has_pays_otherwise = asked->payment_collection_method != 0;
	signing->input.pays_otherwise = asked->payment_collection_method > MAXIO_SUBSCRIPTION_INPUT_PAYMENT_COLLECTION_METHOD_AUTOMATIC;
	if (!coupon_ask(exchange, signing) || !profile_ask(command, exchange, signing) || !currency_ask(command, exchange, signing) ||
	    !maxio_before(command, &signing->before) || !product_ask(command, exchange, signing) || !moments_ask(command, exchange, signing))
		return false;
	for (size_t i = 0; i < asked->components.count; i++)
		if (!component_ask(command, exchange, signing, i))
			return false;
	return true;
}

static void wipe(struct text secret)
{
	if (secret.length)
		bytes_wipe((void *)(uintptr_t)secret.data, secret.length);
}

static bool token_take(struct http_exchange *exchange, struct signing *signing, const struct card_input *card)
{
	struct gateway_outcome outcome;
	if (!card_brand(card->number))
		return problem(&exchange->problems, PROBLEM_INVALID_VALUE, "/full_number", "is not valid");
	if (!signing->gateway)
		return problem(&exchange->problems, PROBLEM_GATEWAY_FAILED, "", "there is no gateway for cards");
	if (!gateway_verify(signing->gateway, exchange->identity.tenant_id, card, signing->currency, exchange->arena,
	                    &exchange->problems, &outcome))
		return false;
	signing->input.payment = arena_new(exchange->arena, struct payment_token);
	*signing->input.payment = (struct payment_token){
		.token = outcome.token, .brand = outcome.brand, .last_four = outcome.last_four, .expiry = outcome.expiry,
	};
	return true;
}

/* The gateway keeps the card; here it is gone when this returns. */
static bool card_verify(struct http_exchange *exchange, struct signing *signing)
{
	const struct maxio_subscription_input *asked = &signing->asked;
	const struct maxio_card_input *given = asked->credit_card_attributes ? asked->credit_card_attributes
	                                                                     : asked->payment_profile_attributes;
	if (!given)
		return true;
	struct date first = { (int32_t)civil_day((int)given->expiration_year, (int)given->expiration_month, 1) };
	const struct card_input card = { .number = given->full_number, .cvv = given->cvv,
		                         .expiry = date_add_days(date_add_months(first, 1), -1) };
	bool taken = token_take(exchange, signing, &card);
	wipe(given->full_number);
	wipe(given->cvv);
	return taken;
}

static bool signed_read(struct command *command, struct http_exchange *exchange)
{
	const struct signing *signing = exchange->work;
	struct subscription *subscription;
	return subscription_find(command, signing->subscription_id, &subscription) && subscription &&
	       subscription_reply(command, exchange, subscription);
}

static void signing_encode(struct command *command, struct http_exchange *exchange, void *output)
{
	struct maxio_subscription shown;
	if (maxio_subscription_show(command, output, &shown))
		maxio_reply(exchange, 201, "subscription", &maxio_subscription_record, &shown);
}

/* The answer shows what the payment that follows has made of it. */
static bool signing_run(struct http_exchange *exchange)
{
	struct signing *signing = exchange->work;
	if (!card_verify(exchange, signing))
		return false;
	if (!http_submit_and_wait(exchange, &signing_type, signing, signing_encode))
		return true;
	const struct subscription *made = exchange->write.request.output;
	signing->subscription_id = made->id;
	if (!maxio_settle(exchange, &signing->before, made->account_id) || !http_read_body(exchange, signed_read))
		return false;
	exchange->reply.status = 201;
	http_finish(exchange);
	return true;
}

static bool subscription_create(struct http_exchange *exchange)
{
	struct signing *signing = arena_new(exchange->arena, struct signing);
	exchange->work = signing;
	return maxio_body(exchange, "subscription", &maxio_subscription_input_record, &signing->asked) &&
	       http_read_body(exchange, signing_fill) && http_apart(exchange, signing_run);
}

const struct http_route maxio_subscription_routes[] = {
	{ .method = "POST", .path = "/subscriptions.json", .command = "subscription.sign_up", .scope = "write", .status = 201,
	  .vendors = true, .wrapper = "subscription", .answer = "subscription", .handle = subscription_create, .input = &maxio_subscription_input_record,
	  .output = &maxio_subscription_record, .doc = "Makes a subscription, with its customer and card where they are new." },
	{ .method = "GET", .path = "/subscriptions.json", .scope = "read", .parameters = "page per_page state", .vendors = true, .answer = "subscription",
	  .handle = http_read, .read = subscriptions_read, .cost = 1, .output = &maxio_subscription_record, .bare_list = true,
	  .doc = "Subscriptions, newest first." },
	{ .method = "GET", .path = "/subscriptions/{id}.json", .scope = "read", .vendors = true, .answer = "subscription", .ticks = true, .handle = http_read,
	  .read = subscription_read, .output = &maxio_subscription_record, .doc = "A subscription." },
	{ .method = "GET", .path = "/subscriptions/lookup.json", .scope = "read", .parameters = "reference", .vendors = true, .answer = "subscription",
	  .ticks = true, .handle = http_read, .read = subscription_lookup, .output = &maxio_subscription_record,
	  .doc = "A subscription by the caller's own reference." },
	{ .path = NULL },
};
