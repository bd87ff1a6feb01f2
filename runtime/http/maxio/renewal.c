/* renewal.c: what the next renewal would come to, as things are or with other quantities. */
#include "maxio.h"

#include "billing/account.h"
#include "billing/allocation.h"
#include "billing/component.h"
#include "billing/invoice.h"
#include "billing/product.h"
#include "billing/subscription.h"
#include "billing/subscription_component.h"
#include "billing/subscription_cycle.h"

struct trying {
	struct maxio_renewal_input asked;
	struct subscription *subscription;
	struct allocation_create allocations; /* other quantities, for nothing */
	struct { struct component_usage_create *items; size_t count, capacity; } usages;
	struct invoice_preview preview;
	struct invoice *invoice;
	bool made; /* all went well; undone on purpose */
};

/* ---- asked for ---- */

/* What is to have been used, less what was. */
static bool usage_ask(struct command *command, struct http_exchange *exchange, struct trying *trying,
                      const struct maxio_renewal_component *asked, int64_t component_id, int64_t price_point_id)
{
	struct subscription_component *had;
	struct decimal more = asked->quantity;
	if (!subscription_component_of(command, trying->subscription, component_id, &had) ||
	    (had && !decimal_subtract(asked->quantity, had->unit_balance, &more)))
		return false;
	if (decimal_sign(more) != 0)
		*list_add(exchange->arena, &trying->usages, struct component_usage_create) = (struct component_usage_create){
			.subscription_id = trying->subscription->id, .component_id = component_id, .quantity = more,
			.price_point_id = price_point_id,
		};
	return true;
}

static bool component_ask(struct command *command, struct http_exchange *exchange, struct trying *trying, size_t i)
{
	const struct maxio_renewal_component *asked = &trying->asked.components.items[i];
	const char *at = text_format(exchange->arena, "/components/%zu/component_id", i).data;
	const char *price_at = text_format(exchange->arena, "/components/%zu/price_point_id", i).data;
	struct component *component;
	struct price_point *point = NULL;
	if (!text_present(asked->component_id))
		return problem(&exchange->problems, PROBLEM_MISSING_FIELD, at, "a component is needed");
	if (!maxio_component_of(command, asked->component_id, at, &component) ||
	    (asked->price_point_id.length && !maxio_price_point_of(command, component, asked->price_point_id, price_at, &point)))
		return false;
	if (component->kind == COMPONENT_KIND_METERED)
		return usage_ask(command, exchange, trying, asked, component->id, point ? point->id : 0);
	if (component->kind != COMPONENT_KIND_QUANTITY && component->kind != COMPONENT_KIND_ON_OFF)
		return problem(&exchange->problems, PROBLEM_INVALID_VALUE, at, "is of a kind that a renewal is not tried with");
	*list_add(exchange->arena, &trying->allocations.allocations, struct allocation_item) = (struct allocation_item){
		.component_id = component->id, .quantity = asked->quantity, .price_point_id = point ? point->id : 0,
		.upgrade_charge = ALLOCATION_ITEM_UPGRADE_CHARGE_NOTHING, .downgrade_credit = ALLOCATION_ITEM_DOWNGRADE_CREDIT_NOTHING,
	};
	return true;
}

static bool trying_resolve(struct command *command, struct http_exchange *exchange)
{
	struct trying *trying = exchange->work;
	if (!maxio_subscription_addressed(command, exchange, &trying->subscription))
		return false;
	trying->allocations.subscription_id = trying->subscription->id;
	trying->preview = (struct invoice_preview){ .account_id = trying->subscription->account_id, .has_upcoming = true, .upcoming = true,
		                                    .subscription_id = trying->subscription->id };
	for (size_t i = 0; i < trying->asked.components.count; i++)
		if (!component_ask(command, exchange, trying, i))
			return false;
	return true;
}

/* ---- tried ---- */

static bool try_all(struct command *command, struct trying *trying)
{
	void *output;
	if (trying->allocations.allocations.count > 0 && !command_perform(command, "allocation.create", &trying->allocations, &output))
		return false;
	for (size_t i = 0; i < trying->usages.count; i++)
		if (!command_perform(command, "component_usage.create", &trying->usages.items[i], &output))
			return false;
	return command_perform(command, "invoice.preview", &trying->preview, (void **)&trying->invoice);
}

/* Does it and fails, so that all of it is undone. */
static bool try_part(struct command *command, void *context)
{
	struct trying *trying = context;
	trying->made = try_all(command, trying);
	return false;
}

static bool trying_perform(struct command *command, const void *data, void **output)
{
	struct trying *trying = (struct trying *)(uintptr_t)data;
	struct problems problems;
	bool done;
	problems_init(&problems, command->arena);
	command_object(command, "account", trying->subscription->account_id, trying->subscription->account_id);
	if (!command_attempt(command, try_part, trying, &problems, &done))
		return false;
	if (!trying->made)
		problems_copy(command->problems, &problems);
	*output = trying;
	return trying->made;
}

static const struct command_type trying_type = {
	.name = "invoice.preview", .scope = "read", .perform = trying_perform, .doc = "The next invoice of a subscription, tried.",
};

/* ---- shown ---- */

static bool line_show(struct command *command, const struct invoice_line *line, struct maxio_preview_line *shown)
{
	const struct component *component = line->component_id ? component_need(command, line->component_id, "") : NULL;
	struct listed_product *product = NULL;
	if (line->component_id && !component)
		return false;
	if (!component && text_present(line->plan) && !listed_product_by_plan(command, line->plan, &product))
		return false;
	*shown = (struct maxio_preview_line){
		.transaction_type = line->amount.minor < 0 ? TEXT("credit") : TEXT("charge"),
		.kind = component ? maxio_word(WORD_COMPONENT_KIND, (int)component->kind) : maxio_word(WORD_INVOICE_LINE_KIND, (int)line->kind),
		.amount_in_cents = line->amount.minor, .has_amount_in_cents = true, .memo = line->description,
		.has_discount_amount_in_cents = true, .has_taxable_amount_in_cents = true,
		.component_id = line->component_id, .has_component_id = component != NULL,
		.component_handle = component ? component->handle : TEXT_NONE, .component_name = component ? component->name : TEXT_NONE,
		.product_id = product ? product->id : 0, .has_product_id = product != NULL,
		.product_handle = product ? product->plan : TEXT_NONE, .product_name = product ? product->name : TEXT_NONE,
		.period_range_start = date_present(line->period_start) ? date_text(command->arena, line->period_start) : TEXT_NONE,
		.period_range_end = date_present(line->period_end) ? date_text(command->arena, line->period_end) : TEXT_NONE,
	};
	return true;
}

static int64_t linked_cents(const struct invoice *invoice, const struct invoice_line *line, enum invoice_line_kind kind)
{
	int64_t cents = 0;
	for (size_t i = 0; i < invoice->lines.count; i++) {
		const struct invoice_line *other = &invoice->lines.items[i];
		if (other->kind == kind && other->has_linked_position && other->linked_position == line->position && !other->linked_invoice_id)
			cents += other->amount.minor;
	}
	return cents;
}

static bool lines_show(struct command *command, const struct trying *trying, struct maxio_renewal_preview *shown)
{
	const struct invoice *invoice = trying->invoice;
	for (size_t i = 0; invoice && i < invoice->lines.count; i++) {
		const struct invoice_line *line = &invoice->lines.items[i];
		bool tax = line->kind == INVOICE_LINE_KIND_TAX, discount = line->kind == INVOICE_LINE_KIND_DISCOUNT;
		struct maxio_preview_line *one;
		*(tax ? &shown->total_tax_in_cents : discount ? &shown->total_discount_in_cents : &shown->subtotal_in_cents) += line->amount.minor;
		if (tax || discount)
			continue;
		one = list_add(command->arena, &shown->line_items, struct maxio_preview_line);
		if (!line_show(command, line, one))
			return false;
		one->discount_amount_in_cents = -linked_cents(invoice, line, INVOICE_LINE_KIND_DISCOUNT);
		one->taxable_amount_in_cents = linked_cents(invoice, line, INVOICE_LINE_KIND_TAX)
		                                       ? line->amount.minor - one->discount_amount_in_cents : 0;
	}
	return true;
}

static bool trying_show(struct command *command, const struct trying *trying, struct maxio_renewal_preview *shown)
{
	struct cycle_moments cycle;
	struct maxio_share owed;
	const struct account *account = account_need(command, trying->subscription->account_id, "");
	if (!account || !subscription_cycle_at(command, account, trying->subscription, command->now, &cycle) ||
	    !maxio_share_owed(command, trying->subscription, INVOICE_STATUS_OPEN, &owed))
		return false;
	*shown = (struct maxio_renewal_preview){
		.next_assessment_at = maxio_time(command->arena, command->zone, cycle.end), .has_subtotal_in_cents = true,
		.has_total_tax_in_cents = true, .has_total_discount_in_cents = true, .has_total_in_cents = true,
		.has_existing_balance_in_cents = true, .existing_balance_in_cents = owed.cents, .has_total_amount_due_in_cents = true,
		.has_uncalculated_taxes = true,
	};
	if (!lines_show(command, trying, shown))
		return false;
	shown->total_discount_in_cents = -shown->total_discount_in_cents;
	shown->total_in_cents = shown->subtotal_in_cents - shown->total_discount_in_cents + shown->total_tax_in_cents;
	shown->total_amount_due_in_cents = shown->total_in_cents + owed.cents;
	return true;
}

static void trying_encode(struct command *command, struct http_exchange *exchange, void *output)
{
	struct maxio_renewal_preview shown;
	if (trying_show(command, output, &shown))
		maxio_reply(exchange, 200, "renewal_preview", &maxio_renewal_preview_record, &shown);
}

static bool trying_submit(struct http_exchange *exchange)
{
	return http_submit(exchange, &trying_type, exchange->work, trying_encode);
}

static bool renewal_try(struct http_exchange *exchange)
{
	struct trying *trying = arena_new(exchange->arena, struct trying);
	exchange->work = trying;
	return maxio_body(exchange, NULL, &maxio_renewal_input_record, &trying->asked) &&
	       maxio_resolve(exchange, trying_resolve, trying_submit);
}

const struct http_route maxio_renewal_routes[] = {
	{ .method = "POST", .path = "/subscriptions/{id}/renewals/preview.json", .command = "invoice.preview", .scope = "read", .vendors = true, .answer = "renewal_preview",
	  .handle = renewal_try, .input = &maxio_renewal_input_record, .output = &maxio_renewal_preview_record,
	  .doc = "What the next renewal would come to, as things are or with other quantities." },
	{ .path = NULL },
};
