/* component.c: components of a product family. */
#include "maxio.h"

#include "billing/component.h"
#include "billing/product.h"

#include <string.h>

/* ---- the five paths that make them ---- */

static const struct kind {
	const char *path, *wrapper; /* last segment; member of the body */
	enum component_create_kind kind;
} kinds[] = {
	{ "quantity_based_components", "quantity_based_component", COMPONENT_CREATE_KIND_QUANTITY },
	{ "on_off_components", "on_off_component", COMPONENT_CREATE_KIND_ON_OFF },
	{ "metered_components", "metered_component", COMPONENT_CREATE_KIND_METERED },
	{ "prepaid_usage_components", "prepaid_usage_component", COMPONENT_CREATE_KIND_PREPAID },
	{ "event_based_components", "event_based_component", COMPONENT_CREATE_KIND_EVENT },
};

static const struct kind *kind_of(const struct http_exchange *exchange)
{
	struct text segment = maxio_segment(exchange, 2);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (text_is(segment, kinds[i].path))
			return &kinds[i];
	BUG("%.*s makes no components", TEXT_ARG(segment));
}

/* ---- what is kept for Maxio alone ---- */

/* What is asked for of a component and means nothing here but in answers; it is the component's own object. */
struct note {
	struct text accounting_code, item_category;
	bool has_hide, hide, has_display, display;
};

static const struct json *note_of(struct arena *arena, const struct component *component)
{
	struct problems ignored;
	problems_init(&ignored, arena);
	return text_present(component->custom) ? json_parse(component->custom, arena, &ignored) : NULL;
}

static const struct json *note_member(const struct json *note, const char *name)
{
	return note && note->type == JSON_OBJECT ? json_member(note, name) : NULL;
}

static struct text note_text(const struct json *note, const char *name)
{
	const struct json *member = note_member(note, name);
	return member && member->type == JSON_STRING ? member->text : TEXT_NONE;
}

static bool note_is(const struct json *note, const char *name)
{
	const struct json *member = note_member(note, name);
	return member && member->type == JSON_TRUE;
}

bool maxio_note_flag(struct arena *arena, const struct component *component, const char *name)
{
	return note_is(note_of(arena, component), name);
}

static void text_note(struct json_writer *json, struct text asked, const char *name, const struct json *before)
{
	struct text text = text_present(asked) ? asked : note_text(before, name);
	if (!text_present(text) || text.length == 0)
		return;
	json_name(json, name);
	json_string(json, text);
}

static void flag_note(struct json_writer *json, bool has, bool asked, const char *name, const struct json *before)
{
	if (!(has ? asked : note_is(before, name)))
		return;
	json_name(json, name);
	json_boolean(json, true);
}

static bool is_noted(const char *const *names, struct text name)
{
	for (size_t i = 0; names[i]; i++)
		if (text_is(name, names[i]))
			return true;
	return false;
}

/* With all else that was kept before; none where nothing is. */
static struct text note_write(struct arena *arena, const struct note *note, const struct json *before)
{
	static const char *const names[] = { "accounting_code", "item_category", "hide_date_range_on_invoice", "display_on_hosted_page", NULL };
	struct text_builder out;
	struct json_writer json;
	builder_init(&out, arena, 0);
	json_writer_init(&json, &out);
	json_begin_object(&json);
	for (const struct json *member = before && before->type == JSON_OBJECT ? before->first : NULL; member; member = member->next)
		if (!is_noted(names, member->name)) {
			json_name_text(&json, member->name);
			json_raw(&json, json_tree_text(arena, member));
		}
	text_note(&json, note->accounting_code, names[0], before);
	text_note(&json, note->item_category, names[1], before);
	flag_note(&json, note->has_hide, note->hide, names[2], before);
	flag_note(&json, note->has_display, note->display, names[3], before);
	json_end_object(&json);
	struct text written = builder_text(&out);
	return !before && text_is(written, "{}") ? TEXT_NONE : written;
}

#define NOTE_OF(asked)                                                                                                   \
	{ (asked)->accounting_code, (asked)->item_category, (asked)->has_hide_date_range_on_invoice,                     \
	  (asked)->hide_date_range_on_invoice, (asked)->has_display_on_hosted_page, (asked)->display_on_hosted_page }

static void note_show(struct arena *arena, const struct component *component, struct maxio_component *shown)
{
	const struct json *note = note_of(arena, component);
	shown->accounting_code = note_text(note, "accounting_code");
	shown->item_category = note_text(note, "item_category");
	shown->has_hide_date_range_on_invoice = shown->has_display_on_hosted_page = true;
	shown->hide_date_range_on_invoice = note_is(note, "hide_date_range_on_invoice");
	shown->display_on_hosted_page = note_is(note, "display_on_hosted_page");
}

/* Maxio's closed list: a client takes no other. */
static bool category_check(struct http_exchange *exchange, struct text category)
{
	static const char *const categories[] = { "Business Software", "Consumer Software", "Digital Services", "Physical Goods", "Other", NULL };
	return !text_present(category) || category.length == 0 || is_noted(categories, category) ||
	       problem(&exchange->problems, PROBLEM_INVALID_VALUE, "/item_category",
	               "must be one of Business Software, Consumer Software, Digital Services, Physical Goods or Other");
}

/* ---- shown ---- */

static bool family_show(struct command *command, const struct component *component, struct maxio_component *shown)
{
	if (!component->product_family_id)
		return true;
	const struct product_family *family = product_family_need(command, component->product_family_id, "");
	if (!family)
		return false;
	shown->product_family_id = family->id;
	shown->has_product_family_id = true;
	shown->product_family_name = family->name;
	shown->product_family_handle = family->handle;
	return true;
}

/* In whole cents where it is that; deprecated. */
static void cents_show(const struct price_terms *terms, struct maxio_component *shown)
{
	struct decimal cents;
	shown->has_price_per_unit_in_cents =
	        decimal_multiply(terms->unit_price, decimal_from_int64(100), &cents) &&
	        decimal_to_int64(decimal_canonical(cents), &shown->price_per_unit_in_cents);
}

static bool prices_show(struct command *command, const struct component *component, struct maxio_component *shown)
{
	const struct price_point *point = price_point_need(command, component->price_point_id, "");
	struct price_point_list points = { 0 };
	if (!point || !price_points_of_component(command, component->id, &points))
		return false;
	shown->default_price_point_id = point->id;
	shown->has_default_price_point_id = true;
	shown->default_price_point_name = point->name;
	shown->price_point_count = (int64_t)points.count;
	shown->has_price_point_count = true;
	if (component->kind != COMPONENT_KIND_ON_OFF)
		shown->pricing_scheme = maxio_word(WORD_PRICE_TERMS_SCHEME, (int)point->price->scheme);
	if (point->price->scheme == PRICE_TERMS_SCHEME_PER_UNIT) {
		shown->unit_price = maxio_decimal(command->arena, point->price->unit_price);
		cents_show(point->price, shown);
	}
	struct maxio_price_list prices = { 0 }, overage = { 0 };
	maxio_prices_show(command->arena, point, point->price, false, &prices);
	maxio_prices_show(command->arena, point, point->overage_price, true, &overage);
	*LIST(&shown->prices) = *(const struct record_list *)(const void *)&prices;
	*LIST(&shown->overage_prices) = *(const struct record_list *)(const void *)&overage;
	shown->has_use_site_exchange_rate = true;
	shown->use_site_exchange_rate = point->currency_prices.count == 0;
	return true;
}

bool maxio_component_show(struct command *command, const struct component *component, struct maxio_component *shown)
{
	bool metered = component->kind == COMPONENT_KIND_METERED || component->kind == COMPONENT_KIND_EVENT;
	*shown = (struct maxio_component){
		.id = component->id, .has_id = true, .name = component->name, .handle = component->handle,
		.unit_name = component->unit_name, .description = component->description,
		.kind = maxio_word(WORD_COMPONENT_KIND, (int)component->kind),
		.archived = component->status == COMPONENT_STATUS_ARCHIVED, .has_archived = true,
		.taxable = component->taxable, .has_taxable = true, .tax_code = component->tax_code,
		.recurring = component->recurring && !metered, .has_recurring = true,
		.upgrade_charge = maxio_word(WORD_COMPONENT_UPGRADE_CHARGE, (int)component->upgrade_charge),
		.downgrade_credit = maxio_word(WORD_COMPONENT_UPGRADE_CHARGE, (int)component->downgrade_credit),
		.created_at = maxio_time(command->arena, command->zone, component->created_at),
		.updated_at = maxio_time(command->arena, command->zone, component->updated_at),
		.archived_at = maxio_time(command->arena, command->zone, component->archived_at),
		.allow_fractional_quantities = component->fractional, .has_allow_fractional_quantities = true,
		.event_based_billing_metric_id = component->metric_id, .has_event_based_billing_metric_id = component->metric_id != 0,
	};
	note_show(command->arena, component, shown);
	return family_show(command, component, shown) && prices_show(command, component, shown);
}

/* ---- making ---- */

/* A component, and price points beside its first: all or none. */
struct making {
	struct component_create component;
	struct price_point_create *points;
	size_t count;
};

static bool handle_taken(struct command *command, struct text handle, bool *is_taken)
{
	struct component *other;
	bool read = component_by_handle(command, handle, &other);
	*is_taken = read && other;
	return read;
}

static bool making_perform(struct command *command, const void *data, void **output)
{
	const struct making *making = data;
	struct component_create input = making->component;
	struct component *component;
	if (!handle_for(command, input.handle, input.name, handle_taken, &input.handle) ||
	    !command_perform(command, "component.create", &input, (void **)&component))
		return false;
	for (size_t i = 0; i < making->count; i++) {
		void *point;
		making->points[i].component_id = component->id;
		if (!command_perform(command, "price_point.create", &making->points[i], &point))
			return false;
	}
	command_object(command, "component", component->id, 0);
	*output = component;
	return true;
}

static const struct command_type making_type = {
	.name = "component.create", .scope = "write", .output = &component_record, .perform = making_perform,
	.doc = "Makes a component with its price points.",
};

static void component_encode(struct command *command, struct http_exchange *exchange, void *output)
{
	struct maxio_component shown;
	if (maxio_component_show(command, output, &shown))
		maxio_reply(exchange, exchange->reply.status, "component", &maxio_component_record, &shown);
}

static bool component_terms(struct http_exchange *exchange, const struct maxio_component_input *asked,
                            struct component_create *input)
{
	const struct maxio_prices prices = {
		.scheme = (int)asked->pricing_scheme, .items = asked->prices.items, .count = asked->prices.count,
		.unit_price = asked->unit_price, .has_unit_price = asked->has_unit_price, .fractional = input->fractional,
	};
	input->price = maxio_terms(exchange, &prices, asked->pricing_scheme ? "/prices" : "/unit_price");
	struct maxio_terms_input rest = MAXIO_TERMS_OF(asked);
	return input->price && maxio_prepaid_ask(exchange, &rest, input->kind == COMPONENT_CREATE_KIND_PREPAID, input->fractional,
	                                         &(struct maxio_prepaid){ PREPAID_OF(input) });
}

static bool component_fill(struct http_exchange *exchange, const struct maxio_component_input *asked,
                           struct component_create *input)
{
	const struct kind *kind = kind_of(exchange);
	bool switched = kind->kind == COMPONENT_CREATE_KIND_ON_OFF;
	const struct note note = NOTE_OF(asked);
	if (!switched && !asked->pricing_scheme && !asked->has_unit_price)
		return problem(&exchange->problems, PROBLEM_MISSING_FIELD, "/pricing_scheme", "a pricing scheme is needed");
	*input = (struct component_create){
		.handle = asked->handle, .name = asked->name, .unit_name = asked->unit_name, .description = asked->description,
		.kind = kind->kind, .has_fractional = asked->has_allow_fractional_quantities,
		.fractional = asked->has_allow_fractional_quantities && asked->allow_fractional_quantities,
		.has_recurring = asked->has_recurring, .recurring = asked->recurring, .has_taxable = true,
		.taxable = asked->has_taxable && asked->taxable, .tax_code = asked->tax_code, .product_family_id = exchange->id,
		.metric_id = asked->has_event_based_billing_metric_id ? asked->event_based_billing_metric_id : 0,
		.custom = note_write(exchange->arena, &note, NULL),
	};
	return category_check(exchange, asked->item_category) &&
	       maxio_scheme_ask(exchange, asked->upgrade_charge, "/upgrade_charge", (int *)(void *)&input->upgrade_charge) &&
	       maxio_scheme_ask(exchange, asked->downgrade_credit, "/downgrade_credit", (int *)(void *)&input->downgrade_credit) &&
	       component_terms(exchange, asked, input);
}

static bool making_fill(struct http_exchange *exchange, const struct maxio_component_input *asked, struct making *making)
{
	making->count = asked->price_points.count;
	making->points = arena_new_many(exchange->arena, struct price_point_create, making->count + 1);
	if (!component_fill(exchange, asked, &making->component))
		return false;
	for (size_t i = 0; i < making->count; i++)
		if (!maxio_price_point_ask(exchange, &asked->price_points.items[i],
		                           making->component.kind == COMPONENT_CREATE_KIND_PREPAID, making->component.fractional,
		                           &making->points[i]))
			return false;
	return true;
}

/* The component is sold in the family. */
static bool making_resolve(struct command *command, struct http_exchange *exchange)
{
	struct product_family *family;
	if (!maxio_family_of(command, exchange, maxio_segment(exchange, 1), &family))
		return false;
	exchange->id = family->id;
	return true;
}

static bool making_submit(struct http_exchange *exchange)
{
	struct making *making = arena_new(exchange->arena, struct making);
	return making_fill(exchange, exchange->work, making) && http_submit(exchange, &making_type, making, component_encode);
}

static bool component_create(struct http_exchange *exchange)
{
	struct maxio_component_input *asked = arena_new(exchange->arena, struct maxio_component_input);
	exchange->work = asked;
	return maxio_body(exchange, kind_of(exchange)->wrapper, &maxio_component_input_record, asked) &&
	       maxio_resolve(exchange, making_resolve, making_submit);
}

/* ---- reading ---- */

static bool component_reply(struct command *command, struct http_exchange *exchange, const struct component *component)
{
	struct maxio_component shown;
	if (!maxio_component_show(command, component, &shown))
		return false;
	maxio_reply(exchange, 200, "component", &maxio_component_record, &shown);
	return true;
}

/* The family must be its own. */
static bool component_of_family(struct command *command, struct http_exchange *exchange, struct component **component)
{
	struct product_family *family;
	if (!maxio_family_of(command, exchange, maxio_segment(exchange, 1), &family) ||
	    !maxio_component_of(command, maxio_segment(exchange, 3), "", component))
		return false;
	return (*component)->product_family_id == family->id ||
	       problem(&exchange->problems, PROBLEM_NOT_FOUND, "", "component %lld is not of product family %lld",
	               (long long)(*component)->id, (long long)family->id);
}

static bool family_component_read(struct command *command, struct http_exchange *exchange)
{
	struct component *component;
	return component_of_family(command, exchange, &component) && component_reply(command, exchange, component);
}

static bool component_read(struct command *command, struct http_exchange *exchange)
{
	struct component *component;
	return maxio_component_of(command, maxio_segment(exchange, 1), "", &component) &&
	       component_reply(command, exchange, component);
}

static bool component_lookup(struct command *command, struct http_exchange *exchange)
{
	struct text handle = http_parameter(&exchange->target, "handle");
	struct component *component;
	if (!text_present(handle))
		handle = TEXT("");
	return maxio_component_of(command, text_format(exchange->arena, "handle:%.*s", TEXT_ARG(handle)), "", &component) &&
	       component_reply(command, exchange, component);
}

static bool components_of(struct command *command, struct http_exchange *exchange, int64_t family_id)
{
	struct object_filter filter = { .max = PAGE_LIMIT_MAX };
	struct component_list components = { 0 };
	struct maxio_list list;
	struct maxio_page page;
	bool archived;
	int64_t place = 0;
	if (!maxio_page(exchange, 20, &page) || !http_parameter_boolean(exchange, "include_archived", false, &archived))
		return false;
	maxio_list_begin(exchange, &list, NULL, "component");
	do {
		if (!component_page(command, &filter, &components))
			return false;
		for (size_t i = 0; i < components.count; i++) {
			const struct component *component = &components.items[i];
			struct maxio_component shown;
			filter.before_id = component->id;
			if ((family_id && component->product_family_id != family_id) ||
			    (!archived && component->status == COMPONENT_STATUS_ARCHIVED) || !maxio_on_page(&page, place++))
				continue;
			if (!maxio_component_show(command, component, &shown))
				return false;
			maxio_list_add(&list, &maxio_component_record, &shown);
		}
	} while (components.count >= PAGE_LIMIT_MAX);
	maxio_list_end(exchange, &list, 200);
	return true;
}

static bool components_read(struct command *command, struct http_exchange *exchange)
{
	return components_of(command, exchange, 0);
}

static bool family_components_read(struct command *command, struct http_exchange *exchange)
{
	struct product_family *family;
	return maxio_family_of(command, exchange, maxio_segment(exchange, 1), &family) &&
	       components_of(command, exchange, family->id);
}

/* ---- changing ---- */

struct changing {
	struct maxio_component_change asked;
	struct text custom;
};

static bool change_resolved(struct http_exchange *exchange, const struct component *component)
{
	struct changing *changing = exchange->work;
	const struct note note = NOTE_OF(&changing->asked);
	exchange->id = component->id;
	changing->custom = note_write(exchange->arena, &note, note_of(exchange->arena, component));
	return category_check(exchange, changing->asked.item_category);
}

static bool change_of_family(struct command *command, struct http_exchange *exchange)
{
	struct component *component;
	return component_of_family(command, exchange, &component) && change_resolved(exchange, component);
}

static bool change_alone(struct command *command, struct http_exchange *exchange)
{
	struct component *component;
	return maxio_component_of(command, maxio_segment(exchange, 1), "", &component) && change_resolved(exchange, component);
}

static bool resolve_of_family(struct command *command, struct http_exchange *exchange)
{
	struct component *component;
	if (!component_of_family(command, exchange, &component))
		return false;
	exchange->id = component->id;
	return true;
}

static bool update_submit(struct http_exchange *exchange)
{
	const struct changing *changing = exchange->work;
	const struct maxio_component_change *asked = &changing->asked;
	struct component_update *input = arena_new(exchange->arena, struct component_update);
	*input = (struct component_update){
		.id = exchange->id, .name = asked->name, .unit_name = asked->unit_name, .description = asked->description,
		.handle = asked->handle, .has_taxable = asked->has_taxable, .taxable = asked->taxable, .tax_code = asked->tax_code,
		.custom = changing->custom,
	};
	return maxio_scheme_ask(exchange, asked->upgrade_charge, "/upgrade_charge", (int *)(void *)&input->upgrade_charge) &&
	       maxio_scheme_ask(exchange, asked->downgrade_credit, "/downgrade_credit", (int *)(void *)&input->downgrade_credit) &&
	       http_submit(exchange, exchange->entry->command, input, component_encode);
}

/* The body's member is named after the kind on one of the paths. */
static bool update_body(struct http_exchange *exchange, struct maxio_component_change *asked)
{
	const struct json *root = http_body_json(exchange);
	const char *wrapper = "component";
	for (size_t i = 0; root && root->type == JSON_OBJECT && i < sizeof kinds / sizeof *kinds; i++)
		if (json_member(root, kinds[i].wrapper))
			wrapper = kinds[i].wrapper;
	return root && maxio_body(exchange, wrapper, &maxio_component_change_record, asked);
}

static bool component_update(struct http_exchange *exchange)
{
	struct changing *changing = arena_new(exchange->arena, struct changing);
	bool of_family = text_is(exchange->target.segments[0], "product_families");
	exchange->work = changing;
	return update_body(exchange, &changing->asked) &&
	       maxio_resolve(exchange, of_family ? change_of_family : change_alone, update_submit);
}

/* Answered without a wrapper. */
static void archive_encode(struct command *command, struct http_exchange *exchange, void *output)
{
	struct maxio_component shown;
	if (maxio_component_show(command, output, &shown))
		maxio_reply(exchange, exchange->reply.status, NULL, &maxio_component_record, &shown);
}

static bool archive_submit(struct http_exchange *exchange)
{
	struct component_archive *input = arena_new(exchange->arena, struct component_archive);
	input->id = exchange->id;
	return http_submit(exchange, exchange->entry->command, input, archive_encode);
}

static bool component_archive(struct http_exchange *exchange)
{
	return maxio_resolve(exchange, resolve_of_family, archive_submit);
}

#define MAKES(kind)                                                                                                      \
	{                                                                                                                \
		.method = "POST", .path = "/product_families/{key}/" kind "s.json", .command = "component.create",       \
		.wrapper = kind, .answer = "component", .status = 201, .vendors = true, .handle = component_create, .input = &maxio_component_input_record,      \
		.output = &maxio_component_record, .doc = "Makes a component of a family."                               \
	}

const struct http_route maxio_component_routes[] = {
	MAKES("quantity_based_component"), MAKES("on_off_component"), MAKES("metered_component"),
	MAKES("prepaid_usage_component"), MAKES("event_based_component"),
	{ .method = "GET", .path = "/product_families/{key}/components.json", .scope = "read", .vendors = true, .answer = "component",
	  .parameters = "page per_page include_archived", .handle = http_read, .read = family_components_read, .cost = 1,
	  .output = &maxio_component_record, .bare_list = true, .doc = "Components of a family, newest first." },
	{ .method = "GET", .path = "/product_families/{key}/components/{key}.json", .scope = "read", .vendors = true, .answer = "component",
	  .handle = http_read, .read = family_component_read, .output = &maxio_component_record, .doc = "A component of a family." },
	{ .method = "PUT", .path = "/product_families/{key}/components/{key}.json", .command = "component.update",
	  .vendors = true, .wrapper = "component", .answer = "component", .handle = component_update, .input = &maxio_component_change_record,
	  .output = &maxio_component_record, .doc = "Changes what a component is called." },
	{ .method = "DELETE", .path = "/product_families/{key}/components/{key}.json", .command = "component.archive",
	  .vendors = true, .handle = component_archive, .output = &maxio_component_record, .doc = "Archives a component." },
	{ .method = "GET", .path = "/components.json", .scope = "read", .parameters = "page per_page include_archived",
	  .vendors = true, .answer = "component", .handle = http_read, .read = components_read, .cost = 1, .output = &maxio_component_record,
	  .bare_list = true, .doc = "Components, newest first." },
	{ .method = "GET", .path = "/components/lookup.json", .scope = "read", .parameters = "handle", .vendors = true, .answer = "component",
	  .handle = http_read, .read = component_lookup, .output = &maxio_component_record, .doc = "A component by its handle." },
	{ .method = "GET", .path = "/components/{key}.json", .scope = "read", .vendors = true, .answer = "component", .handle = http_read,
	  .read = component_read, .output = &maxio_component_record, .doc = "A component." },
	{ .method = "PUT", .path = "/components/{key}.json", .command = "component.update", .vendors = true, .wrapper = "component", .answer = "component",
	  .handle = component_update, .input = &maxio_component_change_record, .output = &maxio_component_record,
	  .doc = "Changes what a component is called." },
	{ .path = NULL },
};
