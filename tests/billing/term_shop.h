/* term_shop.h: a shop that sells periods which expire: account 1 has a month of a plan with service terms, and what has come of it.
 *
 *     struct desk desk;
 *     term_open(&desk, TERM_RENEWS);
 *     shop_advance(&desk, "2011-10-07T00:00:00Z");
 *     CHECK_EQ_TEXT(term_of(&desk), "active 2011-10-06T00:00:00Z 2011-11-06T00:00:00Z shutdown - terminated -");
 *     desk_close(&desk);
 */
#ifndef MOONBILL_TESTS_BILLING_TERM_SHOP_H
#define MOONBILL_TESTS_BILLING_TERM_SHOP_H

#include "shop.h"

#include "billing/service_renewal.h"

#define GRACE_HOLD "'grace_days':5,'hold_days':30"
#define RENEWS_BEFORE "'auto_renew':'before_expiration','renew_point_days':2"
#define HOLDS "pre subscription.hold, pre subscription.status_change, post subscription.status_change, post subscription.hold"

enum term_setup {
	TERM_KEPT,
	TERM_DESTROYED,      /* after hold */
	TERM_PAID,           /* renewed when that is paid */
	TERM_PAID_DESTROYED,
	TERM_RENEWS,         /* by itself, two days before it expires */
	TERM_PAID_RENEWS,
	TERM_STATEMENT,      /* by itself, on the last day of statements */
	TERM_SETUP_COUNT
};

#define PAID ",'renewing':'after_payment'"
static const struct {
	const char *plan, *terms;
} term_setups[TERM_SETUP_COUNT] = {
	[TERM_KEPT] = { "", GRACE_HOLD },
	[TERM_DESTROYED] = { "", GRACE_HOLD ",'destroy_after_hold':true" },
	[TERM_PAID] = { PAID, GRACE_HOLD },
	[TERM_PAID_DESTROYED] = { PAID, GRACE_HOLD ",'destroy_after_hold':true" },
	[TERM_RENEWS] = { "", GRACE_HOLD "," RENEWS_BEFORE },
	[TERM_PAID_RENEWS] = { PAID, GRACE_HOLD "," RENEWS_BEFORE },
	[TERM_STATEMENT] = { "", GRACE_HOLD ",'auto_renew':'last_statement_day'" },
};
#undef PAID

/* The account, and the plan of 30.00 a month by days with these members and terms. */
__attribute__((unused)) static void term_furnish(struct desk *desk, const char *zone, const char *plan, const char *terms)
{
	desk_do(desk, "account.create", text_format(&desk->arena, "{'name':'Ann','time_zone':'%s'}", zone).data);
	desk_do(desk, "plan.create",
	        text_format(&desk->arena,
	                    "{'code':'VPS','charges':[{'price_code':'FEE','kind':'recurring','amount':'30.00','prorated':true}]%s,"
	                    "'terms':{%s}}", plan, terms).data);
}

/* Its subscription is number 1. */
__attribute__((unused)) static void term_order(struct desk *desk, const char *start, const char *end)
{
	desk_do(desk, "order.place",
	        text_format(&desk->arena, "{'account_id':1,'plan':'VPS','start_date':'%s','end_date':'%s','create_invoice':true,"
	                                  "'lines':[{'price_code':'FEE','quantity':'1'}]}", start, end).data);
	desk->event_count = 0;
}

/* From 6 September to 6 October 2011. */
__attribute__((unused)) static void term_open_terms(struct desk *desk, const char *plan, const char *terms)
{
	shop_open_empty(desk, "", false);
	term_furnish(desk, "UTC", plan, terms);
	term_order(desk, "2011-09-06", "2011-10-06");
}

__attribute__((unused)) static void term_open(struct desk *desk, enum term_setup setup)
{
	term_open_terms(desk, term_setups[setup].plan, term_setups[setup].terms);
}

/* ---- what has come of it ---- */

struct term_shown {
	struct desk *desk;
	struct text text;
};

static struct text term_instant(struct desk *desk, struct instant instant)
{
	return instant.us ? instant_text(&desk->arena, instant) : TEXT("-");
}

static bool term_body(struct command *command, void *context)
{
	struct term_shown *shown = context;
	struct service_term *term = NULL;
	CHECK(service_term_find(command, 1, &term) && term);
	shown->text = text_format(&shown->desk->arena, "%s %s %s shutdown %s terminated %s",
	                          service_term_record.fields[SERVICE_TERM_FIELD_STATUS].words[term->status],
	                          term_instant(shown->desk, term->starts_at).data, term_instant(shown->desk, term->expires_at).data,
	                          term_instant(shown->desk, term->shutdown_at).data,
	                          term_instant(shown->desk, term->terminated_at).data);
	return true;
}

__attribute__((unused)) static struct text term_of(struct desk *desk)
{
	struct term_shown shown = { .desk = desk };
	desk_read(desk, term_body, &shown);
	return shown.text;
}

__attribute__((unused)) static struct text served(struct desk *desk)
{
	return SHOP_SHOW(desk, &subscription_record, "status", "end_date", "charged_through");
}

__attribute__((unused)) static struct text orders_of_renewal(struct desk *desk)
{
	return SHOP_SHOW(desk, &renewal_order_record, "status", "phase", "initiator", "period", "invoice_id");
}

#endif
