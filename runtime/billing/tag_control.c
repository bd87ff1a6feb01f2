/* tag_control.c: the tags of the system, and the switches that they are. */
#include "tag_control.h"

#include "tag.h"

#include <strings.h>

#define ON(type) (1u << TAG_OBJECT_TYPE_##type)

static const struct control_row {
	const char *name, *description;
	unsigned objects;  /* ON(ACCOUNT) | ... */
	unsigned switches; /* of which of them it is a switch */
} control_rows[CONTROL_COUNT] = {
	[CONTROL_AUTO_PAY_OFF] = { "AUTO_PAY_OFF", "Nothing is charged by itself until it is taken away.", ON(ACCOUNT), ON(ACCOUNT) },
	[CONTROL_AUTO_INVOICING_OFF] = { "AUTO_INVOICING_OFF", "Nothing is invoiced until it is taken away.",
	                                 ON(ACCOUNT) | ON(BUNDLE) | ON(SUBSCRIPTION), ON(ACCOUNT) | ON(BUNDLE) | ON(SUBSCRIPTION) },
	[CONTROL_OVERDUE_ENFORCEMENT_OFF] = { "OVERDUE_ENFORCEMENT_OFF", "Nothing follows from invoices that are overdue.",
	                                      ON(ACCOUNT), 0 },
	[CONTROL_WRITTEN_OFF] = { "WRITTEN_OFF", "What was open of the invoice is given up.", ON(INVOICE), ON(INVOICE) },
	[CONTROL_MANUAL_PAY] = { "MANUAL_PAY", "It pays by other means: nothing is charged by itself.", ON(ACCOUNT), ON(ACCOUNT) },
	[CONTROL_TEST] = { "TEST", "For tests.", ON(ACCOUNT) | ON(BUNDLE), 0 },
	[CONTROL_PARTNER] = { "PARTNER", "Of a partner.", ON(ACCOUNT) | ON(BUNDLE), 0 },
	[CONTROL_AUTO_INVOICING_DRAFT] = { "AUTO_INVOICING_DRAFT", "Invoices wait as drafts.", ON(ACCOUNT), ON(ACCOUNT) },
	[CONTROL_AUTO_INVOICING_REUSE_DRAFT] = { "AUTO_INVOICING_REUSE_DRAFT", "The next run adds to the draft that waits.",
	                                         ON(ACCOUNT), ON(ACCOUNT) },
};

/* ------------------------------------------------------------------------------------------------ what they are */

enum control control_find(struct text name)
{
	for (int control = CONTROL_NONE + 1; control < CONTROL_COUNT; control++)
		if (name.length == strlen(control_rows[control].name) &&
		    strncasecmp(name.data, control_rows[control].name, name.length) == 0)
			return (enum control)control;
	return CONTROL_NONE;
}

static struct text objects_text(struct arena *arena, unsigned objects)
{
	struct text_builder out;
	builder_init(&out, arena, 0);
	for (int type = TAG_OBJECT_TYPE_ACCOUNT; type <= TAG_OBJECT_TYPE_PAYMENT; type++)
		if (objects >> type & 1)
			builder_format(&out, "%s%s", out.length ? " " : "", marked_object_word((enum tag_object_type)type));
	return builder_text(&out);
}

struct tag_definition control_definition(struct arena *arena, enum control control)
{
	const struct control_row *row = &control_rows[control];
	struct tag_definition definition = {
		.id = control,
		.name = text_of(row->name),
		.description = text_of(row->description),
		.object_types = objects_text(arena, row->objects),
		.control = true,
	};
	definition.uuid.bytes[sizeof definition.uuid.bytes - 1] = (unsigned char)control;
	return definition;
}

bool control_switches(enum control control, enum tag_object_type type)
{
	return control_rows[control].switches >> type & 1;
}

/* ------------------------------------------------------------------------------------------------ turning a switch */

static bool account_switch(struct command *command, enum control control, int64_t id, bool on)
{
	struct account_update input = { .id = id };
	switch (control) {
	case CONTROL_AUTO_PAY_OFF:
		input.has_pay_automatically = true;
		input.pay_automatically = !on;
		break;
	case CONTROL_MANUAL_PAY:
		input.has_manual_pay = true;
		input.manual_pay = on;
		break;
	case CONTROL_AUTO_INVOICING_OFF:
		input.invoicing = on ? ACCOUNT_UPDATE_INVOICING_OFF : ACCOUNT_UPDATE_INVOICING_ON;
		break;
	case CONTROL_AUTO_INVOICING_DRAFT:
		input.invoicing = on ? ACCOUNT_UPDATE_INVOICING_DRAFT : ACCOUNT_UPDATE_INVOICING_ON;
		break;
	case CONTROL_AUTO_INVOICING_REUSE_DRAFT:
		input.invoicing = on ? ACCOUNT_UPDATE_INVOICING_REUSE_DRAFT : ACCOUNT_UPDATE_INVOICING_DRAFT;
		break;
	default:
		BUG("%s is no switch of an account", control_rows[control].name);
	}
	return command_perform(command, "account.update", &input, NULL);
}

static bool invoice_switch(struct command *command, int64_t id, bool on)
{
	const struct invoice_write_off input = { .id = id };
	if (!on)
		return problem_value(command->problems, PROBLEM_WRONG_STATE, "/id", TEXT_NONE, "Charge the amount anew.",
		                     "invoice %lld was written off and stays so", (long long)id);
	return command_perform(command, "invoice.write_off", &input, NULL);
}

bool control_switch(struct command *command, enum control control, const struct marked_object *object, bool on)
{
	const struct subscription_set_invoicing subscription = { .id = object->id, .invoicing_off = on };
	const struct subscription_bundle_set_invoicing bundle = { .id = object->id, .invoicing_off = on };
	switch (object->type) {
	case TAG_OBJECT_TYPE_ACCOUNT:
		return account_switch(command, control, object->id, on);
	case TAG_OBJECT_TYPE_INVOICE:
		return invoice_switch(command, object->id, on);
	case TAG_OBJECT_TYPE_BUNDLE:
		return command_perform(command, "subscription_bundle.set_invoicing", &bundle, NULL);
	default:
		return command_perform(command, "subscription.set_invoicing", &subscription, NULL);
	}
}

/* ------------------------------------------------------------------------------------------------ following it */

#define BIT(control) (1u << CONTROL_##control)

static const unsigned invoicing_switches[ACCOUNT_INVOICING_COUNT] = {
	[ACCOUNT_INVOICING_OFF] = BIT(AUTO_INVOICING_OFF),
	[ACCOUNT_INVOICING_DRAFT] = BIT(AUTO_INVOICING_DRAFT),
	[ACCOUNT_INVOICING_REUSE_DRAFT] = BIT(AUTO_INVOICING_DRAFT) | BIT(AUTO_INVOICING_REUSE_DRAFT),
};

static unsigned account_switches(const struct account *account)
{
	bool pays = !account->has_pay_automatically || account->pay_automatically;
	return invoicing_switches[account->invoicing] | (pays ? 0 : BIT(AUTO_PAY_OFF)) |
	       (account->manual_pay ? BIT(MANUAL_PAY) : 0);
}

static bool follow(struct command *command, const struct marked_object *object, unsigned before, unsigned after)
{
	for (int control = CONTROL_NONE + 1; control < CONTROL_COUNT; control++) {
		struct text name = text_of(control_rows[control].name);
		bool was = before >> control & 1, is = after >> control & 1;
		if (was != is && !(is ? tag_set(command, object, name, NULL) : tag_unset(command, object, name)))
			return false;
	}
	return true;
}

bool account_tags_follow(struct command *command, const struct account *before, const struct account *after)
{
	const struct marked_object object = { TAG_OBJECT_TYPE_ACCOUNT, after->id, after->id, after->uuid };
	return follow(command, &object, account_switches(before), account_switches(after));
}

bool subscription_tags_follow(struct command *command, const struct subscription *before, const struct subscription *after)
{
	const struct marked_object object = { TAG_OBJECT_TYPE_SUBSCRIPTION, after->id, after->account_id, after->uuid };
	return follow(command, &object, before->invoicing_off ? BIT(AUTO_INVOICING_OFF) : 0,
	              after->invoicing_off ? BIT(AUTO_INVOICING_OFF) : 0);
}

bool bundle_tags_follow(struct command *command, const struct subscription_bundle *before,
                        const struct subscription_bundle *after)
{
	const struct marked_object object = { TAG_OBJECT_TYPE_BUNDLE, after->id, after->account_id, after->uuid };
	return follow(command, &object, before->invoicing_off ? BIT(AUTO_INVOICING_OFF) : 0,
	              after->invoicing_off ? BIT(AUTO_INVOICING_OFF) : 0);
}

bool invoice_tags_follow(struct command *command, const struct invoice *invoice)
{
	const struct marked_object object = { TAG_OBJECT_TYPE_INVOICE, invoice->id, invoice->account_id, invoice->uuid };
	return follow(command, &object, 0, BIT(WRITTEN_OFF));
}
