/* allocation.c: changes of what a subscription has of components: made one by one and several at once, tried, listed. */
#include "maxio.h"

#include "billing/account.h"
#include "billing/allocation.h"
#include "billing/component.h"
#include "billing/payment.h"
#include "billing/subscription.h"

/* ---- schemes ---- */

/* Both spellings come back: the word of the scheme, and the old one that says when it is charged as well. */
static const struct {
	const char *word, *now, *later, *credit;
} old_names[] = {
	{ "full", "full-price-attempt-capture", "full-price-delay-capture", "full" },
	{ "prorated", "prorate-attempt-capture", "prorate-delay-capture", "prorate" },
	{ "none", "no-prorate", "no-prorate", "no-prorate" },
};

static struct text old_name(struct text word, bool upgrade, bool accrue)
{
	for (size_t i = 0; i < sizeof old_names / sizeof *old_names; i++)
		if (text_is(word, old_names[i].word))
			return text_of(!upgrade ? old_names[i].credit : accrue ? old_names[i].later : old_names[i].now);
	return TEXT_NONE;
}

static bool old_scheme_ask(struct http_exchange *exchange, struct text name, const char *pointer, int *scheme, bool *has_accrue,
                           bool *accrue)
{
	if (!text_present(name) || name.length == 0)
		return true;
	for (size_t i = 0; i < sizeof old_names / sizeof *old_names; i++) {
		bool now = text_is(name, old_names[i].now), later = text_is(name, old_names[i].later);
		if (!now && !later && !text_is(name, old_names[i].credit) && !text_is(name, old_names[i].word))
			continue;
		if (!*scheme)
			*scheme = word_find(WORD_SYSTEM_MAXIO, WORD_COMPONENT_UPGRADE_CHARGE, text_of(old_names[i].word));
		if (has_accrue && !*has_accrue && now != later) {
			*has_accrue = true;
			*accrue = later;
		}
		return true;
	}
	return problem_value(&exchange->problems, PROBLEM_UNKNOWN_CHOICE, pointer, name, NULL, "is not a proration scheme");
}

/* ---- shown ---- */

static struct text quantity_text(struct arena *arena, const struct component *component, struct decimal quantity)
{
	return maxio_quantity(arena, quantity, component->fractional);
}

static void price_show(struct command *command, const struct allocation *allocation, struct maxio_allocation *shown)
{
	const struct price_point *point = price_point_need(command, allocation->price_point_id, "");
	if (!point)
		return;
	shown->price_point_id = point->id;
	shown->has_price_point_id = true;
	shown->price_point_name = point->name;
	shown->price_point_handle = maxio_price_point_handle(command->arena, point);
	shown->previous_price_point_id = allocation->previous_price_point_id;
	shown->has_previous_price_point_id = allocation->previous_price_point_id != 0;
}

static void lot_show(struct command *command, const struct allocation *allocation, struct maxio_allocation *shown)
{
	struct decimal whole;
	if (!allocation->has_used_quantity)
		return;
	shown->expires_at = maxio_time(command->arena, command->zone, allocation->expires_at);
	/* a whole number there; the exact one is at /v1 */
	shown->has_used_quantity = decimal_round(allocation->used_quantity, 0, ROUNDING_DOWN, &whole) &&
	                           decimal_to_int64(decimal_canonical(whole), &shown->used_quantity);
}

static bool allocation_show(struct command *command, const struct allocation *allocation, struct maxio_allocation *shown)
{
	const struct component *component = component_need(command, allocation->component_id, "");
	struct arena *arena = command->arena;
	if (!component)
		return false;
	*shown = (struct maxio_allocation){
		.allocation_id = allocation->id, .has_allocation_id = allocation->id != 0,
		.component_id = component->id, .has_component_id = true, .component_handle = component->handle,
		.subscription_id = allocation->subscription_id, .has_subscription_id = true,
		.quantity = quantity_text(arena, component, allocation->quantity),
		.previous_quantity = quantity_text(arena, component, allocation->previous_quantity), .memo = allocation->memo,
		.timestamp = allocation->id ? maxio_time(arena, timezone_utc(), allocation->at) : TEXT_NONE,
		.created_at = allocation->id ? maxio_time(arena, command->zone, allocation->created_at) : TEXT_NONE,
		.upgrade_charge = maxio_word(WORD_COMPONENT_UPGRADE_CHARGE, (int)allocation->upgrade_charge),
		.downgrade_credit = maxio_word(WORD_COMPONENT_UPGRADE_CHARGE, (int)allocation->downgrade_credit),
		.accrue_charge = allocation->accrue_charge, .has_accrue_charge = true,
		.initiate_dunning = allocation->initiate_dunning, .has_initiate_dunning = true,
		.charge_id = allocation->charge_id, .has_charge_id = allocation->charge_id != 0,
	};
	shown->proration_upgrade_scheme = old_name(shown->upgrade_charge, true, allocation->accrue_charge);
	shown->proration_downgrade_scheme = old_name(shown->downgrade_credit, false, allocation->accrue_charge);
	price_show(command, allocation, shown);
	lot_show(command, allocation, shown);
	return true;
}

/* The payment of the invoice that it is on. */
static bool payment_show(struct command *command, int64_t account_id, int64_t invoice_id, struct maxio_payment **shown)
{
	struct object_filter filter = { .account_id = account_id, .max = 20 };
	struct payment_list payments = { 0 };
	*shown = NULL;
	if (!invoice_id)
		return true;
	if (!payment_page(command, &filter, &payments))
		return false;
	for (size_t i = 0; i < payments.count && !*shown; i++)
		for (size_t k = 0; k < payments.items[i].targets.count; k++) {
			const struct payment *payment = &payments.items[i];
			if (payment->targets.items[k].invoice_id != invoice_id || payment->status == PAYMENT_STATUS_PENDING)
				continue;
			*shown = arena_new(command->arena, struct maxio_payment);
			**shown = (struct maxio_payment){
				.id = payment->id, .has_id = true, .amount_in_cents = payment->amount.minor, .has_amount_in_cents = true,
				.success = payment->status == PAYMENT_STATUS_SUCCEEDED, .has_success = true,
				.memo = TEXT("Payment for: Prorated component allocation changes."),
			};
		}
	return true;
}

static bool invoice_of(struct command *command, const struct allocation *allocation, int64_t *invoice_id)
{
	struct component_charge *charge = NULL;
	*invoice_id = 0;
	if (!allocation->charge_id)
		return true;
	if (!store_find(command->store, &component_charge_record, allocation->charge_id, (void **)&charge))
		return false;
	if (charge)
		*invoice_id = charge->invoice_id;
	return true;
}

static bool allocation_paid_show(struct command *command, const struct allocation *allocation, struct maxio_allocation *shown)
{
	int64_t invoice_id;
	return allocation_show(command, allocation, shown) && invoice_of(command, allocation, &invoice_id) &&
	       (allocation->accrue_charge || payment_show(command, allocation->account_id, invoice_id, &shown->payment));
}

/* ---- asked for ---- */

struct allocating_call {
	struct maxio_allocations_input asked;
	struct allocation_create input;
	struct maxio_before before;
	int64_t account_id;
	bool one; /* a single allocation: it is answered alone */
	int64_t made[100];
	size_t made_count;
};

static bool quantity_ask(struct http_exchange *exchange, const struct maxio_allocation_input *asked, const char *pointer,
                         struct allocation_item *item)
{
	item->quantity = asked->has_decimal_quantity ? asked->decimal_quantity : asked->quantity;
	item->has_previous_quantity = asked->has_decimal_previous_quantity || asked->has_previous_quantity;
	item->previous_quantity = asked->has_decimal_previous_quantity ? asked->decimal_previous_quantity : asked->previous_quantity;
	if (!asked->has_quantity && !asked->has_decimal_quantity)
		return problem(&exchange->problems, PROBLEM_MISSING_FIELD, pointer, "a quantity is needed");
	return decimal_sign(item->quantity) >= 0 ||
	       problem(&exchange->problems, PROBLEM_OUT_OF_RANGE, pointer, "must be greater than or equal to 0");
}

static bool changes_quantity(struct http_exchange *exchange, const struct component *component, struct decimal quantity, const char *pointer,
                             bool preview)
{
	bool used = component->kind == COMPONENT_KIND_METERED || component->kind == COMPONENT_KIND_EVENT;
	struct decimal one = decimal_from_int64(1), none = decimal_from_int64(0);
	if (used || (preview && component->kind == COMPONENT_KIND_PREPAID))
		return problem(&exchange->problems, PROBLEM_WRONG_STATE, pointer, "%s",
		               "Allocations can only be updated for quantity and on/off components.");
	if (component->kind == COMPONENT_KIND_PREPAID && decimal_sign(quantity) == 0)
		return problem(&exchange->problems, PROBLEM_OUT_OF_RANGE, text_format(exchange->arena, "%s/quantity", pointer).data,
		               "must be greater than 0");
	return component->kind != COMPONENT_KIND_ON_OFF || decimal_compare(quantity, one) == 0 ||
	       decimal_compare(quantity, none) == 0 ||
	       problem(&exchange->problems, PROBLEM_OUT_OF_RANGE, text_format(exchange->arena, "%s/quantity", pointer).data,
	               "must be either 1 (on) or 0 (off)");
}

static bool item_ask(struct command *command, struct http_exchange *exchange, const struct maxio_allocation_input *asked,
                     struct text name, const char *pointer, bool preview, struct allocation_create *input)
{
	struct allocation_item *item = list_add(exchange->arena, &input->allocations, struct allocation_item);
	struct arena *arena = exchange->arena;
	struct component *component;
	struct price_point *point;
	const char *at = name.length && !pointer[0] ? "" : text_format(arena, "%s/component_id", pointer).data;
	if (!text_present(name))
		return problem(&exchange->problems, PROBLEM_MISSING_FIELD, at, "a component is needed");
	if (!maxio_component_of(command, name, at, &component) ||
	    !quantity_ask(exchange, asked, text_format(arena, "%s/quantity", pointer).data, item) ||
	    !changes_quantity(exchange, component, item->quantity, pointer[0] ? pointer : "/base", preview))
		return false;
	item->component_id = component->id;
	item->memo = asked->memo;
	bool has = input->has_accrue_charge;
	if (!maxio_scheme_ask(exchange, asked->upgrade_charge, text_format(arena, "%s/upgrade_charge", pointer).data,
	                      (int *)(void *)&item->upgrade_charge) ||
	    !maxio_scheme_ask(exchange, asked->downgrade_credit, text_format(arena, "%s/downgrade_credit", pointer).data,
	                      (int *)(void *)&item->downgrade_credit) ||
	    !old_scheme_ask(exchange, asked->proration_upgrade_scheme, text_format(arena, "%s/proration_upgrade_scheme", pointer).data,
	                    (int *)(void *)&item->upgrade_charge, &has, &input->accrue_charge) ||
	    !old_scheme_ask(exchange, asked->proration_downgrade_scheme,
	                    text_format(arena, "%s/proration_downgrade_scheme", pointer).data,
	                    (int *)(void *)&item->downgrade_credit, NULL, NULL))
		return false;
	input->has_accrue_charge = has;
	if (asked->custom_price)
		return maxio_custom_price_ask(exchange, asked->custom_price, component, &item->custom_price);
	if (!text_present(asked->price_point_id) || asked->price_point_id.length == 0)
		return true;
	if (!maxio_price_point_of(command, component, asked->price_point_id, text_format(arena, "%s/price_point_id", pointer).data, &point))
		return false;
	item->price_point_id = point->id;
	return true;
}

static bool top_ask(struct http_exchange *exchange, const struct maxio_allocations_input *asked, struct allocation_create *input)
{
	input->has_accrue_charge = asked->has_accrue_charge;
	input->accrue_charge = asked->accrue_charge;
	input->has_initiate_dunning = asked->has_initiate_dunning;
	input->initiate_dunning = asked->initiate_dunning;
	return maxio_scheme_ask(exchange, asked->upgrade_charge, "/upgrade_charge", (int *)(void *)&input->upgrade_charge) &&
	       maxio_scheme_ask(exchange, asked->downgrade_credit, "/downgrade_credit", (int *)(void *)&input->downgrade_credit) &&
	       old_scheme_ask(exchange, asked->proration_upgrade_scheme, "/proration_upgrade_scheme",
	                      (int *)(void *)&input->upgrade_charge, &input->has_accrue_charge, &input->accrue_charge) &&
	       old_scheme_ask(exchange, asked->proration_downgrade_scheme, "/proration_downgrade_scheme",
	                      (int *)(void *)&input->downgrade_credit, NULL, NULL);
}

/* How it is paid for is the customer's choice for all that is charged. */
static bool collection_check(struct command *command, struct http_exchange *exchange, const struct maxio_allocations_input *asked,
                             const struct subscription *subscription)
{
	bool otherwise = asked->payment_collection_method > MAXIO_ALLOCATIONS_INPUT_PAYMENT_COLLECTION_METHOD_AUTOMATIC;
	const struct account *account = account_need(command, subscription->account_id, "");
	if (!account || !asked->payment_collection_method)
		return account != NULL;
	return otherwise == (account->has_manual_pay && account->manual_pay) ||
	       problem(&exchange->problems, PROBLEM_INVALID_VALUE, "/payment_collection_method",
	               "must be that of the subscription: allocations are paid for as all of it is");
}

static bool call_resolve(struct command *command, struct http_exchange *exchange, bool preview)
{
	struct allocating_call *call = exchange->work;
	struct subscription *subscription;
	if (!maxio_subscription_addressed(command, exchange, &subscription) || !maxio_before(command, &call->before))
		return false;
	call->input.subscription_id = subscription->id;
	call->account_id = subscription->account_id;
	if (!top_ask(exchange, &call->asked, &call->input) || !collection_check(command, exchange, &call->asked, subscription))
		return false;
	if (call->one)
		return item_ask(command, exchange, &call->asked.allocations.items[0], maxio_segment(exchange, 3), "", preview, &call->input);
	if (call->asked.allocations.count == 0)
		return problem(&exchange->problems, PROBLEM_MISSING_FIELD, "/allocations", "there are none");
	bool good = true;
	for (size_t i = 0; i < call->asked.allocations.count; i++) {
		const struct maxio_allocation_input *item = &call->asked.allocations.items[i];
		const char *pointer = text_format(exchange->arena, "/allocations/%zu", i).data;
		good &= item_ask(command, exchange, item, item->component_id, pointer, preview, &call->input);
	}
	return good;
}

/* ---- making ---- */

static bool made_reply(struct command *command, struct http_exchange *exchange)
{
	const struct allocating_call *call = exchange->work;
	struct maxio_list list;
	maxio_list_begin(exchange, &list, NULL, "allocation");
	for (size_t i = 0; i < call->made_count; i++) {
		struct allocation *allocation;
		struct maxio_allocation shown;
		if (!store_find(command->store, &allocation_record, call->made[i], (void **)&allocation) || !allocation ||
		    !allocation_paid_show(command, allocation, &shown))
			return false;
		if (call->one) {
			maxio_reply(exchange, 200, "allocation", &maxio_allocation_record, &shown);
			return true;
		}
		maxio_list_add(&list, &maxio_allocation_record, &shown);
	}
	maxio_list_end(exchange, &list, 200);
	return true;
}

static void made_encode(struct command *command, struct http_exchange *exchange, void *output)
{
	struct allocating_call *call = exchange->work;
	const struct allocations_made *made = output;
	for (call->made_count = 0; call->made_count < made->allocations.count && call->made_count < 100; call->made_count++)
		call->made[call->made_count] = made->allocations.items[call->made_count].id;
	made_reply(command, exchange);
}

/* What is paid at once is in the answer. */
static bool call_run(struct http_exchange *exchange)
{
	struct allocating_call *call = exchange->work;
	if (!http_submit_and_wait(exchange, exchange->entry->command, &call->input, made_encode))
		return true;
	if (!maxio_settle(exchange, &call->before, call->account_id) || !http_read_body(exchange, made_reply))
		return false;
	http_finish(exchange);
	return true;
}

static bool call_make(struct command *command, struct http_exchange *exchange)
{
	return call_resolve(command, exchange, false);
}

static bool one_create(struct http_exchange *exchange)
{
	struct allocating_call *call = arena_new(exchange->arena, struct allocating_call);
	struct maxio_allocation_input *asked = list_add(exchange->arena, &call->asked.allocations, struct maxio_allocation_input);
	exchange->work = call;
	call->one = true;
	if (!maxio_body(exchange, "allocation", &maxio_allocation_input_record, asked))
		return false;
	call->asked.has_accrue_charge = asked->has_accrue_charge;
	call->asked.accrue_charge = asked->accrue_charge;
	call->asked.has_initiate_dunning = asked->has_initiate_dunning;
	call->asked.initiate_dunning = asked->initiate_dunning;
	return http_read_body(exchange, call_make) && http_apart(exchange, call_run);
}

static bool many_create(struct http_exchange *exchange)
{
	struct allocating_call *call = arena_new(exchange->arena, struct allocating_call);
	exchange->work = call;
	return maxio_body(exchange, NULL, &maxio_allocations_input_record, &call->asked) && http_read_body(exchange, call_make) &&
	       http_apart(exchange, call_run);
}

/* ---- trying ---- */

struct preview_call {
	struct allocating_call call; /* first: what is resolved alike */
	struct allocation_preview input;
};

static bool preview_resolve(struct command *command, struct http_exchange *exchange)
{
	struct preview_call *preview = exchange->work;
	struct text when = preview->call.asked.effective_proration_date;
	if (!call_resolve(command, exchange, true))
		return false;
	const struct allocation_create *create = &preview->call.input;
	preview->input = (struct allocation_preview){
		.subscription_id = create->subscription_id,
		.upgrade_charge = (enum allocation_preview_upgrade_charge)create->upgrade_charge,
		.downgrade_credit = (enum allocation_preview_downgrade_credit)create->downgrade_credit,
		.has_accrue_charge = create->has_accrue_charge, .accrue_charge = create->accrue_charge,
	};
	*LIST(&preview->input.allocations) = *(const struct record_list *)(const void *)&create->allocations;
	if (when.length == 10 && date_parse(when, &preview->input.effective_date))
		return true;
	return maxio_instant(exchange, command->zone, when, 0, "/effective_proration_date", &preview->input.effective_at);
}

static struct text direction_word(int direction)
{
	return direction == ALLOCATION_DIRECTION_UPGRADE ? TEXT("upgrade") : direction ? TEXT("downgrade") : TEXT_NONE;
}

static bool line_show(struct command *command, const struct allocations_previewed *made, size_t i, struct maxio_preview_line *shown)
{
	const struct component_charge *charge = &made->charges.items[i];
	const struct component *component = component_need(command, charge->component_id, "");
	if (!component)
		return false;
	*shown = (struct maxio_preview_line){
		.transaction_type = charge->amount.minor < 0 ? TEXT("credit") : TEXT("charge"),
		.kind = maxio_word(WORD_COMPONENT_KIND, (int)component->kind), .amount_in_cents = charge->amount.minor,
		.has_amount_in_cents = true, .memo = charge->description, .has_discount_amount_in_cents = true,
		.has_taxable_amount_in_cents = true,
		.taxable_amount_in_cents = made->tax.minor && component->taxable ? charge->amount.minor : 0, .component_id = component->id, .has_component_id = true,
		.component_handle = component->handle, .component_name = component->name,
	};
	for (size_t k = 0; k < made->allocations.count; k++) {
		const struct allocation *allocation = &made->allocations.items[k];
		if (allocation->component_id == component->id && !made->direction)
			shown->direction = direction_word((int)allocation->direction);
	}
	return true;
}

static void cents(bool *has, int64_t *to, struct money money)
{
	*has = true;
	*to = money.minor;
}

static void preview_encode(struct command *command, struct http_exchange *exchange, void *output)
{
	const struct allocations_previewed *made = output;
	struct arena *arena = command->arena;
	struct maxio_allocation_preview shown = {
		.start_date = maxio_time(arena, timezone_utc(), made->starts_at), .end_date = maxio_time(arena, timezone_utc(), made->ends_at),
		.has_existing_balance_in_cents = true,
		.direction = direction_word((int)made->direction), .accrue_charge = made->accrue_charge, .has_accrue_charge = true,
		.period_type = made->scheme == ALLOCATIONS_PREVIEWED_SCHEME_FULL ? TEXT("full") : TEXT("prorated"),
	};
	cents(&shown.has_subtotal_in_cents, &shown.subtotal_in_cents, made->subtotal);
	cents(&shown.has_total_discount_in_cents, &shown.total_discount_in_cents,
	      money_of(-made->discount.minor, made->discount.currency));
	cents(&shown.has_total_tax_in_cents, &shown.total_tax_in_cents, made->tax);
	cents(&shown.has_total_in_cents, &shown.total_in_cents, made->total);
	if (made->scheme)
		shown.proration_scheme = old_name(maxio_word(WORD_COMPONENT_UPGRADE_CHARGE, (int)made->scheme),
		                                  made->direction != ALLOCATIONS_PREVIEWED_DIRECTION_DOWNGRADE, made->accrue_charge);
	struct subscription *subscription = subscription_need(command, made->subscription_id, "");
	struct maxio_share owed;
	if (!subscription || !maxio_share_owed(command, subscription, INVOICE_STATUS_OPEN, &owed))
		return;
	shown.existing_balance_in_cents = owed.cents;
	for (size_t i = 0; i < made->charges.count; i++)
		if (!line_show(command, made, i, list_add(arena, &shown.line_items, struct maxio_preview_line)))
			return;
	for (size_t i = 0; i < made->allocations.count; i++)
		if (!allocation_show(command, &made->allocations.items[i], list_add(arena, &shown.allocations, struct maxio_allocation)))
			return;
	maxio_reply(exchange, 200, "allocation_preview", &maxio_allocation_preview_record, &shown);
}

static bool preview_submit(struct http_exchange *exchange)
{
	struct preview_call *preview = exchange->work;
	return http_submit(exchange, exchange->entry->command, &preview->input, preview_encode);
}

static bool preview(struct http_exchange *exchange)
{
	struct preview_call *call = arena_new(exchange->arena, struct preview_call);
	exchange->work = call;
	return maxio_body(exchange, NULL, &maxio_allocations_input_record, &call->call.asked) &&
	       maxio_resolve(exchange, preview_resolve, preview_submit);
}

/* ---- reading ---- */

enum { ALLOCATIONS_PER_PAGE = 50 };

bool maxio_held(struct command *command, struct http_exchange *exchange, struct subscription_component **had)
{
	struct subscription *subscription;
	struct component *component;
	return maxio_subscription_addressed(command, exchange, &subscription) &&
	       maxio_component_of(command, maxio_segment(exchange, 3), "", &component) &&
	       subscription_component_of(command, subscription, component->id, had);
}

static bool allocations_read(struct command *command, struct http_exchange *exchange)
{
	struct subscription_component *had;
	struct allocation_list allocations = { 0 };
	struct maxio_page page;
	struct maxio_list list;
	int64_t before = 0;
	if (!maxio_page(exchange, ALLOCATIONS_PER_PAGE, &page) || !maxio_held(command, exchange, &had))
		return false;
	maxio_list_begin(exchange, &list, NULL, "allocation");
	for (int64_t i = 1; had && i <= page.page; i++) {
		if (!allocation_page(command, had, before, ALLOCATIONS_PER_PAGE, &allocations))
			return false;
		if (allocations.count == 0)
			break;
		before = allocations.items[allocations.count - 1].id;
	}
	for (size_t i = 0; i < allocations.count; i++) {
		struct maxio_allocation shown;
		if (!allocation_paid_show(command, &allocations.items[i], &shown))
			return false;
		maxio_list_add(&list, &maxio_allocation_record, &shown);
	}
	maxio_list_end(exchange, &list, 200);
	return true;
}

#define ALLOCATIONS_PATH "/subscriptions/{id}/components/{key}/allocations"

const struct http_route maxio_allocation_routes[] = {
	{ .method = "POST", .path = ALLOCATIONS_PATH ".json", .command = "allocation.create", .scope = "write", .vendors = true, .wrapper = "allocation", .answer = "allocation",
	  .handle = one_create, .input = &maxio_allocation_input_record, .output = &maxio_allocation_record,
	  .doc = "Changes what a subscription has of a component." },
	{ .method = "GET", .path = ALLOCATIONS_PATH ".json", .scope = "read", .parameters = "page", .vendors = true, .answer = "allocation",
	  .handle = http_read, .read = allocations_read, .cost = 1, .output = &maxio_allocation_record, .bare_list = true,
	  .doc = "Changes of a component, newest first." },
	{ .method = "POST", .path = "/subscriptions/{id}/allocations.json", .command = "allocation.create", .scope = "write",
	  .vendors = true, .answer = "allocation", .bare_list = true, .handle = many_create, .input = &maxio_allocations_input_record, .output = &maxio_allocation_record,
	  .doc = "Changes what a subscription has of several components, all or none." },
	{ .method = "POST", .path = "/subscriptions/{id}/allocations/preview.json", .command = "allocation.preview", .scope = "write",
	  .vendors = true, .answer = "allocation_preview", .handle = preview, .input = &maxio_allocations_input_record,
	  .output = &maxio_allocation_preview_record, .doc = "What changes would come to." },
	{ .path = NULL },
};
