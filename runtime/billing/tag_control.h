/* tag_control.h: the tags of the system. Each is the other name of a switch that an object has, or a mark alone.
 *
 *     account.pay_automatically = false          AUTO_PAY_OFF
 *     account.manual_pay                         MANUAL_PAY
 *     account.invoicing = off                    AUTO_INVOICING_OFF
 *                       = draft                  AUTO_INVOICING_DRAFT
 *                       = reuse_draft            AUTO_INVOICING_DRAFT and AUTO_INVOICING_REUSE_DRAFT
 *     subscription.invoicing_off                 AUTO_INVOICING_OFF
 *     subscription_bundle.invoicing_off          AUTO_INVOICING_OFF
 *     invoice.status = written_off               WRITTEN_OFF; it stays
 *
 * The switch decides: a tag is set and taken away by the command that turns its switch, whoever asked for it, and follows it
 * with its own events. Kill Bill's names, numbers and meanings: killbill.md b.1.
 */
#ifndef MOONBILL_BILLING_TAG_CONTROL_H
#define MOONBILL_BILLING_TAG_CONTROL_H

#include "marked_object.h"

enum control {
	CONTROL_NONE,
	CONTROL_AUTO_PAY_OFF, /* the numbers are their ids, and end their UUIDs */
	CONTROL_AUTO_INVOICING_OFF,
	CONTROL_OVERDUE_ENFORCEMENT_OFF,
	CONTROL_WRITTEN_OFF,
	CONTROL_MANUAL_PAY,
	CONTROL_TEST,
	CONTROL_PARTNER,
	CONTROL_AUTO_INVOICING_DRAFT,
	CONTROL_AUTO_INVOICING_REUSE_DRAFT,
	CONTROL_COUNT
};

/* CONTROL_NONE when the system has no such tag; letters of either case are the same. */
enum control control_find(struct text name);
struct tag_definition control_definition(struct arena *arena, enum control control);
/* Is there a switch of the object behind it? */
bool control_switches(enum control control, enum tag_object_type type);
/* Turns that switch, by the command that does so. */
bool control_switch(struct command *command, enum control control, const struct marked_object *object, bool on);

/* After the row was saved: tags follow what was switched. */
bool account_tags_follow(struct command *command, const struct account *before, const struct account *after);
bool subscription_tags_follow(struct command *command, const struct subscription *before, const struct subscription *after);
bool bundle_tags_follow(struct command *command, const struct subscription_bundle *before,
                        const struct subscription_bundle *after);
/* It has just been written off. */
bool invoice_tags_follow(struct command *command, const struct invoice *invoice);

#endif
