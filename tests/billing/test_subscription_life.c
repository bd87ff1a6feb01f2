/* test_subscription_life.c: subscriptions from their start to their end: timelines, statuses, events, refusals. */
#include "shop.h"

#include "billing/timeline.h"

/* ---- a garage: cars with trials, oil beside them, a lease that ends ---- */

#define USD(amount) "[{'currency':'USD','amount':'" amount "'}]"
#define TRIAL "{'kind':'trial','duration_unit':'days','duration':30,'fixed':" USD("0") "},"
#define MONTHLY(amount) \
	"{'kind':'evergreen','duration_unit':'unlimited','billing_period':'monthly','recurring':" USD(amount) "}"
#define LEASE "{'kind':'fixed_term','duration_unit':'months','duration':3,'billing_period':'monthly','recurring':" USD("50") "}"
#define PLAN(code, product, phases) "{'code':'" code "','product':'" product "','phases':[" phases "]}"
#define VERSION(at, existing, price) \
	"{'effective_at':'" at "','name':'" at "','products':[{'name':'lamp','category':'standalone'}]," \
	"'plans':[{'code':'lamp','product':'lamp'" existing ",'phases':[" TRIAL MONTHLY(price) "]}]}"
#define VERSIONS \
	"{'versions':[" VERSION("2011-01-01T00:00:00Z", "", "3.00") "," VERSION("2011-09-10T00:00:00Z", "", "4.00") "," \
	VERSION("2011-09-20T00:00:00Z", ",'existing_from':'2011-11-15T00:00:00Z'", "5.00") "]}"
#define SHELF(at, lamp, torch) \
	"{'effective_at':'" at "','name':'" at "','products':[{'name':'lamp','category':'standalone'},{'name':'torch','category':'standalone'}]," \
	"'plans':[" PLAN("lamp", "lamp", MONTHLY(lamp)) "," PLAN("torch", "torch", MONTHLY(torch)) "]}"
#define SHELVES \
	"{'versions':[" SHELF("2011-01-01T00:00:00Z", "3.00", "30.00") "," SHELF("2011-09-10T00:00:00Z", "4.00", "40.00") "," \
	SHELF("2011-12-01T00:00:00Z", "5.00", "50.00") "]}"
#define CATALOG \
	"{'versions':[{'effective_at':'2011-01-01T00:00:00Z','name':'v'," \
	"'products':[{'name':'car','category':'base','available':[{'name':'oil'}]},{'name':'bus','category':'base'}," \
	"{'name':'oil','category':'add_on'},{'name':'lamp','category':'standalone'}]," \
	"'plans':[" PLAN("car", "car", TRIAL MONTHLY("31.00")) "," PLAN("fast", "car", TRIAL MONTHLY("62.00")) "," \
	PLAN("bus", "bus", MONTHLY("93.00")) "," PLAN("oil", "oil", MONTHLY("10.00")) "," PLAN("lease", "car", LEASE) "," \
	PLAN("lamp", "lamp", MONTHLY("3.00")) "]}]}"

static void deploy(struct desk *desk, const char *catalog, const char *rules)
{
	void *output;
	struct bundle_file files[] = {
		{ TEXT("bundle.json"), rules ? TEXT("{\"name\":\"garage\",\"rules\":[\"rules/garage.lua\"]}") : TEXT("{\"name\":\"garage\"}") },
		{ TEXT("catalog/garage.json"), desk_json(desk, catalog) },
		{ TEXT("rules/garage.lua"), text_of(rules ? rules : "") },
	};
	struct text archive = bundle_archive_text(&desk->arena, files, rules ? 3 : 2);
	if (desk_try_text(desk, "bundle.deploy", text_format(&desk->arena, "{\"archive\":%.*s}", TEXT_ARG(archive)), &output))
		return;
	desk_show(desk);
	CHECK_FAIL("the bundle was refused");
}

/* Account 1 in UTC on 6 September 2011 at 15:00. */
static void open_with(struct desk *desk, const char *catalog, const char *rules)
{
	shop_open_empty(desk, "", false);
	deploy(desk, catalog, rules);
	desk_do(desk, "account.create", "{'name':'Ann','currency':'USD','time_zone':'UTC','bill_cycle_day':1}");
	desk->event_count = 0;
}

static void open_garage(struct desk *desk, const char *rules)
{
	open_with(desk, CATALOG, rules);
}

static struct subscription *subscribe(struct desk *desk, const char *more)
{
	return desk_do(desk, "subscription.subscribe", text_format(&desk->arena, "{'account_id':1,'bundle_key':'B',%s}", more).data);
}

/* "create car-trial 2011-09-06 day 1; ..." of what is charged. */
struct showing {
	int64_t subscription_id;
	struct text_builder out;
};

static bool timeline_body(struct command *command, void *context)
{
	struct showing *showing = context;
	struct subscription *subscription;
	struct subscription_timeline *shown;
	CHECK(subscription_find(command, showing->subscription_id, &subscription) && subscription);
	CHECK(timeline_show(command, subscription, &shown));
	for (size_t i = 0; i < shown->items.count; i++) {
		const struct timeline_entry *entry = &shown->items.items[i];
		builder_format(&showing->out, "%s%s %.*s %.*s x%.*s day %d", i ? "; " : "",
		               timeline_entry_record.fields[TIMELINE_ENTRY_FIELD_TRANSITION].words[entry->transition],
		               TEXT_ARG(entry->plan), TEXT_ARG(date_text(command->arena, entry->date)),
		               TEXT_ARG(decimal_text(command->arena, entry->quantity)), (int)entry->bill_cycle_day);
	}
	return true;
}

static struct text timeline_of(struct desk *desk, int64_t id)
{
	struct showing showing = { .subscription_id = id };
	builder_init(&showing.out, &desk->arena, 0);
	desk_read(desk, timeline_body, &showing);
	return builder_text(&showing.out);
}

static bool holds(struct text text, const char *part)
{
	return memmem(text.data, text.length, part, strlen(part)) != NULL;
}

/* ---- beginning ---- */

TEST(a_trial_is_followed_by_its_paid_phase)
{
	struct desk desk;
	open_garage(&desk, NULL);
	const struct subscription *made = subscribe(&desk, "'plan':'car'");
	CHECK_EQ_INT(made->status, SUBSCRIPTION_STATUS_ACTIVE);
	CHECK_EQ_INT(made->phase, SUBSCRIPTION_PHASE_TRIAL);
	CHECK_EQ_TEXT(timeline_of(&desk, 1), "create car 2011-09-06 x1 day 1; phase car 2011-10-06 x1 day 1");
	CHECK_EQ_TEXT(desk_events(&desk), "pre subscription.create, post subscription.create, "
	                                  "post entitlement.create, post subscription.status_change, "
	                                  "pre invoice.create, post invoice.create, post invoice.settle");
	shop_advance(&desk, "2011-10-06T14:59:59Z");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &subscription_record, "phase"), "trial");
	shop_advance(&desk, "2011-10-06T15:00:00Z");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &subscription_record, "phase"), "evergreen");
	desk_close(&desk);
}

TEST(a_start_that_lies_ahead_is_pending_until_its_day)
{
	struct desk desk;
	open_garage(&desk, NULL);
	CHECK_EQ_INT(subscribe(&desk, "'plan':'bus','start_date':'2011-10-01'")->status, SUBSCRIPTION_STATUS_PENDING);
	CHECK_EQ_TEXT(shop_invoices(&desk), "");
	shop_advance(&desk, "2011-10-01T12:00:00Z");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &subscription_record, "status", "charged_through"), "active 2011-11-01");
	desk_close(&desk);
}

TEST(an_account_without_a_bill_cycle_day_takes_that_of_its_first_paid_day)
{
	struct desk desk;
	open_garage(&desk, NULL);
	desk_do(&desk, "account.create", "{'name':'Bob','currency':'USD','time_zone':'UTC'}");
	desk_do(&desk, "subscription.subscribe", "{'account_id':2,'plan':'car'}");
	const struct account *account = desk_do(&desk, "account.update", "{'id':2,'name':'Bob'}");
	CHECK_EQ_INT(account->bill_cycle_day, 6);
	desk_close(&desk);
}

TEST(a_plan_is_found_by_what_it_sells)
{
	struct desk desk;
	open_garage(&desk, NULL);
	CHECK_EQ_TEXT(subscribe(&desk, "'product':'lamp','billing_period':'monthly'")->plan, "lamp");
	CHECK_REFUSED(&desk, "subscription.subscribe", "{'account_id':1,'product':'lamp','billing_period':'annual'}",
	              PROBLEM_UNKNOWN_PRODUCT, "/product");
	CHECK_REFUSED(&desk, "subscription.subscribe", "{'account_id':1,'plan':'lamp','product':'lamp'}",
	              PROBLEM_INVALID_COMBINATION, "/product");
	CHECK_REFUSED(&desk, "subscription.subscribe", "{'account_id':1,'plan':'lamp','phase':'trial'}", PROBLEM_INVALID_VALUE,
	              "/phase");
	desk_close(&desk);
}

/* ---- add-ons ---- */

TEST(an_add_on_needs_a_base_plan_that_it_is_sold_beside)
{
	struct desk desk;
	open_garage(&desk, NULL);
	CHECK_REFUSED(&desk, "subscription.subscribe", "{'account_id':1,'plan':'oil'}", PROBLEM_WRONG_STATE, "/plan");
	const struct subscription *bus = subscribe(&desk, "'plan':'bus'");
	const char *beside = text_format(&desk.arena, "{'bundle_id':%lld,'plan':'oil'}", (long long)bus->bundle_id).data;
	CHECK_REFUSED(&desk, "subscription.subscribe", beside, PROBLEM_WRONG_STATE, "/plan");
	CHECK_REFUSED(&desk, "subscription.subscribe",
	              text_format(&desk.arena, "{'bundle_id':%lld,'plan':'car'}", (long long)bus->bundle_id).data,
	              PROBLEM_CONFLICT, "/bundle_id");
	desk_close(&desk);
}

TEST(what_ends_a_base_plan_or_leaves_no_place_beside_it_ends_its_add_ons)
{
	struct desk desk;
	open_garage(&desk, NULL);
	subscribe(&desk, "'plan':'car'");
	subscribe(&desk, "'plan':'oil'");
	desk_do(&desk, "subscription.cancel", "{'id':1,'effective_date':'2011-12-01'}");
	CHECK_EQ_TEXT(timeline_of(&desk, 2), "create oil 2011-09-06 x1 day 1; cancel oil 2011-12-01 x1 day 1");
	desk_do(&desk, "subscription.uncancel", "{'id':1}");
	CHECK_EQ_TEXT(timeline_of(&desk, 2), "create oil 2011-09-06 x1 day 1");
	desk_do(&desk, "subscription.change_plan", "{'id':1,'plan':'bus','policy':'immediate'}");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &subscription_record, "id", "plan", "status"), "1 bus active; 2 oil canceled");
	desk_close(&desk);
}

/* ---- changes ---- */

TEST(a_change_at_the_end_of_the_term_waits_for_the_day_that_is_charged_through)
{
	struct desk desk;
	open_garage(&desk, NULL);
	subscribe(&desk, "'plan':'bus'");
	desk_do(&desk, "subscription.change_plan", "{'id':1,'plan':'car'}");
	CHECK_EQ_TEXT(timeline_of(&desk, 1), "create bus 2011-09-06 x1 day 1; change car 2011-10-01 x1 day 1; "
	                                     "phase car 2011-10-06 x1 day 1");
	desk_do(&desk, "subscription.undo_change", "{'id':1}");
	CHECK_EQ_TEXT(timeline_of(&desk, 1), "create bus 2011-09-06 x1 day 1");
	CHECK_REFUSED(&desk, "subscription.undo_change", "{'id':1}", PROBLEM_WRONG_STATE, "/id");
	CHECK_REFUSED(&desk, "subscription.change_plan", "{'id':1,'plan':'lamp'}", PROBLEM_INVALID_VALUE, "/plan");
	desk_close(&desk);
}

TEST(a_used_up_trial_is_not_granted_again)
{
	struct desk desk;
	open_garage(&desk, NULL);
	subscribe(&desk, "'plan':'car','phase':'evergreen'");
	const struct subscription *changed = desk_do(&desk, "subscription.change_plan", "{'id':1,'plan':'fast','policy':'immediate'}");
	CHECK_EQ_INT(changed->phase, SUBSCRIPTION_PHASE_EVERGREEN);
	changed = desk_do(&desk, "subscription.change_plan",
	                  "{'id':1,'plan':'fast','policy':'immediate','change_alignment':'change_of_plan'}");
	CHECK_EQ_INT(changed->phase, SUBSCRIPTION_PHASE_TRIAL);
	desk_close(&desk);
}

TEST(quantity_and_bill_cycle_day_hold_from_their_day_on)
{
	struct desk desk;
	open_garage(&desk, NULL);
	subscribe(&desk, "'plan':'bus','quantity':2");
	desk_do(&desk, "subscription.change_quantity", "{'id':1,'quantity':5,'effective_date':'2011-10-01'}");
	desk_do(&desk, "subscription.change_bill_cycle_day", "{'id':1,'bill_cycle_day':15}");
	CHECK_EQ_TEXT(timeline_of(&desk, 1), "create bus 2011-09-06 x2 day 1; bill_cycle_day bus 2011-09-15 x2 day 15; "
	                                     "quantity bus 2011-10-01 x5 day 15");
	shop_advance(&desk, "2011-10-02T00:00:00Z");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &subscription_record, "quantity", "bill_cycle_day"), "5 15");
	desk_close(&desk);
}

TEST(a_new_day_of_an_account_leaves_what_was_billed)
{
	struct desk desk;
	open_garage(&desk, NULL);
	subscribe(&desk, "'plan':'bus'");
	desk_do(&desk, "account.change_bill_cycle_day", "{'id':1,'bill_cycle_day':20}");
	CHECK_EQ_TEXT(timeline_of(&desk, 1),
	              "create bus 2011-09-06 x1 day 1; bill_cycle_day bus 2011-09-20 x1 day 20");
	desk_close(&desk);
}

/* ---- how far back ---- */

#define DAILY "{'kind':'evergreen','duration_unit':'unlimited','billing_period':'daily','recurring':" USD("1") "}"
#define DAYS \
	"{'versions':[{'effective_at':'2011-01-01T00:00:00Z','name':'v','products':[{'name':'car','category':'base'}]," \
	"'plans':[" PLAN("car", "car", MONTHLY("31.00")) "," PLAN("taxi", "car", DAILY) "]}]}"

TEST(what_begins_too_many_periods_back_is_refused)
{
	static const struct { const char *start, *pointer; } REFUSED[] = {
		{ "'plan':'car','start_date':'0024-01-31'", "/start_date" },
		{ "'plan':'car','start_at':'0024-01-31T00:00:00Z'", "/start_at" },
		{ "'plan':'car','billing_date':'1911-01-31'", "/billing_date" },
		{ "'plan':'taxi','start_date':'2000-09-20'", "/start_date" },
	};
	struct desk desk;
	open_with(&desk, DAYS, NULL);
	for (size_t i = 0; i < sizeof REFUSED / sizeof *REFUSED; i++)
		CHECK_REFUSED(&desk, "subscription.subscribe",
		              text_format(&desk.arena, "{'account_id':1,%s}", REFUSED[i].start).data, PROBLEM_OUT_OF_RANGE,
		              REFUSED[i].pointer);
	subscribe(&desk, "'plan':'taxi','start_date':'2000-09-24'"); /* 3,999 days */
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'car','start_date':'1911-10-01'}");
	desk_close(&desk);
}

/* Days that were billed one by one do not become one change. */
TEST(what_is_changed_too_many_periods_back_is_refused)
{
	static const char *const ASKED[][2] = {
		{ "subscription.change_plan", "{'id':1,'plan':'car','effective_date':'2000-10-01'}" },
		{ "subscription.cancel", "{'id':1,'effective_date':'2000-10-01'}" },
		{ "subscription.change_quantity", "{'id':1,'quantity':2,'effective_date':'2000-10-01'}" },
		{ "subscription_bundle.pause", "{'id':1,'effective_date':'2000-10-01'}" },
		{ "subscription_bundle.transfer", "{'id':1,'account_id':2,'effective_date':'2000-10-01'}" },
		{ "blocking_state.set", "{'account_id':1,'service':'fraud','state':'x','block_billing':true,'effective_date':'0001-01-01'}" },
	};
	struct desk desk;
	open_with(&desk, DAYS, NULL);
	desk_do(&desk, "account.create", "{'name':'Bob','currency':'USD','time_zone':'UTC'}");
	subscribe(&desk, "'plan':'taxi','start_date':'2000-09-24'");
	shop_advance(&desk, "2011-10-06T15:00:00Z");
	for (size_t i = 0; i < sizeof ASKED / sizeof *ASKED; i++)
		CHECK_REFUSED(&desk, ASKED[i][0], ASKED[i][1], PROBLEM_OUT_OF_RANGE, "/effective_date");
	desk_do(&desk, "subscription_bundle.pause", "{'id':1,'effective_date':'2011-09-20'}");
	desk_close(&desk);
}

/* ---- catalog versions ---- */

/* "change 3.00" of each thing that is charged. */
static bool prices_body(struct command *command, void *context)
{
	struct showing *showing = context;
	struct subscription *subscription;
	struct subscription_timeline *shown;
	CHECK(subscription_find(command, showing->subscription_id, &subscription) && timeline_show(command, subscription, &shown));
	for (size_t i = 0; i < shown->items.count; i++) {
		const struct timeline_entry *entry = &shown->items.items[i];
		if (entry->has_recurring)
			builder_format(&showing->out, "%.*s %s %.*s; ", TEXT_ARG(date_text(command->arena, entry->date)),
			               timeline_entry_record.fields[TIMELINE_ENTRY_FIELD_TRANSITION].words[entry->transition],
			               TEXT_ARG(decimal_text(command->arena, entry->recurring)));
	}
	return true;
}

static struct text prices_of(struct desk *desk, int64_t id)
{
	struct showing showing = { .subscription_id = id };
	builder_init(&showing.out, &desk->arena, 0);
	desk_read(desk, prices_body, &showing);
	return builder_text(&showing.out);
}

TEST(a_later_version_takes_over_from_the_day_it_names_for_those_who_are_there)
{
	struct desk desk;
	open_with(&desk, VERSIONS, NULL);
	subscribe(&desk, "'plan':'lamp'");
	CHECK_EQ_TEXT(prices_of(&desk, 1), "2011-10-06 phase 3.00; 2011-11-15 migrate 5.00; ");
	desk_close(&desk);
}

TEST(a_subscription_is_moved_to_another_version_by_hand)
{
	struct desk desk;
	open_with(&desk, VERSIONS, NULL);
	subscribe(&desk, "'plan':'lamp'");
	CHECK_REFUSED(&desk, "subscription.migrate", "{'id':1,'version_id':9}", PROBLEM_NOT_FOUND, "/version_id");
	CHECK_EQ_TEXT(desk.problems.first->value, "9");
	desk_do(&desk, "subscription.migrate", "{'id':1,'version_id':2,'effective_date':'2011-10-20'}");
	CHECK_EQ_TEXT(prices_of(&desk, 1), "2011-10-06 phase 3.00; 2011-10-20 migrate 4.00; 2011-11-15 migrate 5.00; ");
	desk_close(&desk);
}

/* Versions 1, 2 (from 10 September) and 3 (from December). It is 6 September, until LATER. */
#define LATER(date) NULL, date
#define MIGRATE(date, version) "subscription.migrate", "{'id':1,'effective_date':'" date "','version_id':" version "}"
#define CHANGE(date) "subscription.change_plan", "{'id':1,'plan':'torch','effective_date':'" date "'}"
#define UNDO "subscription.undo_change", "{'id':1}"
static const struct { const char *asked[8], *prices; } MIGRATIONS[] = {
	{ { MIGRATE("2011-10-20", "2"), CHANGE("2011-10-20") }, "create 3.00; 2011-10-20 change 40.00; 2011-10-20 migrate 40.00; " },
	{ { CHANGE("2011-10-20"), MIGRATE("2011-10-20", "2") }, "create 3.00; 2011-10-20 change 40.00; 2011-10-20 migrate 40.00; " },
	{ { CHANGE("2011-10-20"), MIGRATE("2011-11-20", "2") }, "create 3.00; 2011-10-20 change 30.00; 2011-11-20 migrate 40.00; " },
	{ { MIGRATE("2011-11-20", "2"), CHANGE("2011-10-20") }, "create 3.00; 2011-10-20 change 30.00; 2011-11-20 migrate 40.00; " },
	{ { CHANGE("2011-11-20"), MIGRATE("2011-10-20", "2") }, "create 3.00; 2011-10-20 migrate 4.00; 2011-11-20 change 40.00; " },
	{ { MIGRATE("2011-10-20", "2"), CHANGE("2011-11-20") }, "create 3.00; 2011-10-20 migrate 4.00; 2011-11-20 change 40.00; " },
	{ { CHANGE("2011-10-20"), MIGRATE("2011-11-20", "2"), UNDO }, "create 3.00; 2011-11-20 migrate 4.00; " },
	{ { LATER("2011-12-05T12:00:00Z"), CHANGE("2011-12-05"), MIGRATE("2011-10-20", "2") }, "create 3.00; 2011-10-20 migrate 4.00; 2011-12-05 change 50.00; " },
};

TEST(a_migration_prices_the_plan_that_is_in_force_then)
{
	for (size_t i = 0; i < sizeof MIGRATIONS / sizeof *MIGRATIONS; i++) {
		struct desk desk;
		open_with(&desk, SHELVES, NULL);
		subscribe(&desk, "'plan':'lamp'");
		for (const char *const *asked = MIGRATIONS[i].asked; asked[1]; asked += 2) {
			if (asked[0])
				desk_do(&desk, asked[0], asked[1]);
			else
				shop_advance(&desk, asked[1]);
		}
		CHECK_EQ_TEXT(prices_of(&desk, 1), text_format(&desk.arena, "2011-09-06 %s", MIGRATIONS[i].prices).data);
		desk_close(&desk);
	}
}

TEST(prices_of_one_subscription_are_its_own_and_stay_so)
{
	struct desk desk;
	open_with(&desk, VERSIONS, NULL);
	subscribe(&desk, "'plan':'lamp','price_overrides':[{'phase':'evergreen','recurring':'2.50'}]");
	CHECK_EQ_TEXT(prices_of(&desk, 1), "2011-10-06 phase 2.50; ");
	desk_close(&desk);
}

/* ---- what is asked wrongly ---- */

TEST(a_field_of_another_command_is_answered_with_those_of_its_kind)
{
	struct desk desk;
	open_garage(&desk, NULL);
	subscribe(&desk, "'plan':'bus'");
	CHECK_REFUSED(&desk, "subscription.cancel", "{'id':1,'policy':'immediate'}", PROBLEM_UNKNOWN_FIELD, "/policy");
	CHECK_EQ_C(desk.problems.first->message,
	           "subscription_cancel has no field 'policy' (there are: 'entitlement_policy', 'billing_policy')");
	CHECK_REFUSED(&desk, "subscription.subscribe", "{'account_id':1,'plan':'bus','effective_date':'2011-10-01'}",
	              PROBLEM_UNKNOWN_FIELD, "/effective_date");
	CHECK(strstr(desk.problems.first->message, "'start_date'") != NULL);
	desk_close(&desk);
}

TEST(the_next_invoice_is_not_that_of_a_day)
{
	struct desk desk;
	open_garage(&desk, NULL);
	subscribe(&desk, "'plan':'bus'");
	CHECK_REFUSED(&desk, "invoice.preview", "{'account_id':1,'upcoming':true,'target_date':'2011-12-01'}",
	              PROBLEM_INVALID_COMBINATION, "/target_date");
	desk_do(&desk, "invoice.preview", "{'account_id':1,'upcoming':false,'target_date':'2011-12-01'}");
	desk_close(&desk);
}

/* ---- price lists, currencies ---- */

#define DOLLARS_FIRST \
	"{'kind':'discount','duration_unit':'months','duration':1,'billing_period':'monthly','recurring':" USD("1") "}," \
	"{'kind':'evergreen','duration_unit':'unlimited','billing_period':'monthly','recurring':" \
	"[{'currency':'USD','amount':'9'},{'currency':'JPY','amount':'900'}]}"
#define LISTS \
	"{'versions':[{'effective_at':'2011-01-01T00:00:00Z','name':'v'," \
	"'products':[{'name':'car','category':'base'},{'name':'bus','category':'base'}]," \
	"'plans':[" PLAN("car", "car", MONTHLY("31.00")) "," PLAN("friend", "car", MONTHLY("1.00")) "," PLAN("bus", "bus", DOLLARS_FIRST) "]," \
	"'price_lists':[{'name':'DEFAULT','plans':[{'code':'car'},{'code':'bus'}]},{'name':'partner','plans':[{'code':'friend'}]}]}]}"

TEST(a_price_list_that_does_not_exist_sells_nothing)
{
	struct desk desk;
	open_with(&desk, LISTS, NULL);
	CHECK_REFUSED(&desk, "subscription.subscribe",
	              "{'account_id':1,'product':'car','billing_period':'monthly','price_list':'partnr'}", PROBLEM_UNKNOWN_CHOICE,
	              "/price_list");
	CHECK(strstr(desk.problems.first->message, "'partner'") != NULL);
	CHECK_EQ_TEXT(subscribe(&desk, "'product':'car','billing_period':'monthly','price_list':'partner'")->plan, "friend");
	CHECK_REFUSED(&desk, "subscription.change_plan", "{'id':1,'product':'car','billing_period':'monthly','price_list':'defalt'}",
	              PROBLEM_UNKNOWN_CHOICE, "/price_list");
	desk_do(&desk, "subscription.change_plan",
	        "{'id':1,'product':'bus','billing_period':'monthly','price_list':'partner','policy':'immediate'}"); /* it lacks the bus */
	CHECK(holds(timeline_of(&desk, 1), "change bus"));
	desk_close(&desk);
}

TEST(only_phases_that_will_be_served_need_a_price_in_the_currency)
{
	struct desk desk;
	open_with(&desk, LISTS, NULL);
	desk_do(&desk, "account.create", "{'name':'Kei','currency':'JPY','time_zone':'UTC','bill_cycle_day':6}");
	CHECK_REFUSED(&desk, "subscription.subscribe", "{'account_id':2,'plan':'bus'}", PROBLEM_CURRENCY_MISMATCH, "/plan");
	desk_do(&desk, "subscription.subscribe", "{'account_id':2,'plan':'bus','phase':'evergreen'}");
	CHECK_EQ_TEXT(prices_of(&desk, 1), "2011-09-06 create 900; ");
	desk_close(&desk);
}

/* ---- ends ---- */

TEST(service_and_billing_end_apart)
{
	struct desk desk;
	open_garage(&desk, NULL);
	subscribe(&desk, "'plan':'bus'");
	desk.event_count = 0;
	desk_do(&desk, "subscription.cancel", "{'id':1,'entitlement_policy':'immediate','billing_policy':'end_of_term'}");
	CHECK_EQ_TEXT(desk_events(&desk), "pre subscription.cancel, post subscription.cancel, post entitlement.cancel, "
	                                  "post subscription.status_change");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &subscription_record, "status", "entitled_until", "billed_until"),
	              "canceled 2011-09-06T15:00:00Z 2011-10-01T00:00:00Z");
	CHECK_REFUSED(&desk, "subscription.cancel", "{'id':1}", PROBLEM_WRONG_STATE, "/id");
	shop_advance(&desk, "2011-10-02T00:00:00Z");
	CHECK(holds(desk_events(&desk), "post subscription.terminate"));
	desk_close(&desk);
}

TEST(a_fixed_term_expires_by_itself)
{
	struct desk desk;
	open_garage(&desk, NULL);
	subscribe(&desk, "'plan':'lease'");
	shop_advance(&desk, "2011-12-06T14:00:00Z");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &subscription_record, "status"), "active");
	desk.event_count = 0;
	shop_advance(&desk, "2011-12-06T15:00:00Z");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &subscription_record, "status"), "complete");
	CHECK(holds(desk_events(&desk), "post subscription.expire"));
	desk_close(&desk);
}

/* The trial of thirty days is over by then: it passed with the change. */
TEST(a_change_that_is_set_for_the_past_announces_the_phases_that_passed)
{
	struct desk desk;
	open_garage(&desk, NULL);
	subscribe(&desk, "'plan':'bus'");
	shop_advance(&desk, "2011-11-20T00:00:00Z");
	desk.event_count = 0;
	desk_do(&desk, "subscription.change_plan",
	        "{'id':1,'plan':'car','change_alignment':'change_of_plan','effective_date':'2011-10-01'}");
	struct text events = desk_events(&desk);
	CHECK(holds(events, "pre subscription.change_plan, post subscription.change_plan, post subscription.phase"));
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &subscription_record, "phase"), "evergreen");
	/* And once: what was announced is not announced again by something else that is set for the past. */
	desk_do(&desk, "subscription.change_quantity", "{'id':1,'quantity':2,'effective_date':'2011-10-05'}");
	CHECK(!holds(desk_events(&desk), "post subscription.phase"));
	desk_close(&desk);
}

TEST(an_add_on_has_its_own_end_of_service_again_when_its_base_plan_stays)
{
	struct desk desk;
	open_garage(&desk, NULL);
	subscribe(&desk, "'plan':'car'");
	subscribe(&desk, "'bundle_id':1,'plan':'oil'");
	desk_do(&desk, "subscription.cancel", "{'id':2,'entitlement_date':'2011-12-20','billing_date':'2011-12-25'}");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &subscription_record, "plan", "entitled_until", "billed_until"),
	              "car - -; oil 2011-12-20T00:00:00Z 2011-12-25T00:00:00Z");
	desk_do(&desk, "subscription.cancel", "{'id':1,'effective_date':'2011-12-01'}");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &subscription_record, "plan", "entitled_until", "billed_until"),
	              "car 2011-12-01T00:00:00Z 2011-12-01T00:00:00Z; oil 2011-12-01T00:00:00Z 2011-12-01T00:00:00Z");
	desk_do(&desk, "subscription.uncancel", "{'id':1}");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &subscription_record, "plan", "entitled_until", "billed_until"),
	              "car - -; oil 2011-12-20T00:00:00Z 2011-12-25T00:00:00Z");
	desk_close(&desk);
}

/* ---- pauses ---- */

TEST(a_pause_stops_charges_and_changes_until_it_is_over)
{
	struct desk desk;
	open_garage(&desk, NULL);
	subscribe(&desk, "'plan':'bus'");
	shop_advance(&desk, "2011-09-07T15:00:00Z");
	desk_do(&desk, "subscription_bundle.pause", "{'id':1}");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &subscription_record, "status"), "suspended");
	CHECK_REFUSED(&desk, "subscription.change_plan", "{'id':1,'plan':'car'}", PROBLEM_WRONG_STATE, "/id");
	CHECK_REFUSED(&desk, "subscription_bundle.pause", "{'id':1}", PROBLEM_WRONG_STATE, "/id");
	desk_do(&desk, "subscription_bundle.resume", "{'id':1,'effective_date':'2011-09-20'}");
	CHECK_EQ_TEXT(timeline_of(&desk, 1), "create bus 2011-09-06 x1 day 1; block bus 2011-09-07 x1 day 1; "
	                                     "unblock bus 2011-09-20 x1 day 1");
	shop_advance(&desk, "2011-09-20T01:00:00Z");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &subscription_record, "status"), "active");
	desk_close(&desk);
}

TEST(a_pause_of_less_than_a_day_stops_no_charges)
{
	struct desk desk;
	open_garage(&desk, NULL);
	subscribe(&desk, "'plan':'bus'");
	desk_do(&desk, "subscription_bundle.pause", "{'id':1,'effective_at':'2011-09-10T00:00:00Z'}");
	desk_do(&desk, "subscription_bundle.resume", "{'id':1,'effective_at':'2011-09-10T23:59:59Z'}");
	CHECK_EQ_TEXT(timeline_of(&desk, 1), "create bus 2011-09-06 x1 day 1");
	desk_close(&desk);
}

TEST(only_what_is_paused_is_resumed)
{
	struct desk desk;
	open_garage(&desk, NULL);
	subscribe(&desk, "'plan':'bus'");
	CHECK_REFUSED(&desk, "subscription_bundle.resume", "{'id':1}", PROBLEM_WRONG_STATE, "/id");
	desk_do(&desk, "subscription_bundle.pause", "{'id':1,'effective_date':'2011-09-20'}");
	CHECK_REFUSED(&desk, "subscription_bundle.resume", "{'id':1}", PROBLEM_WRONG_STATE, "/id");
	desk_do(&desk, "subscription_bundle.resume", "{'id':1,'effective_date':'2011-09-25'}");
	CHECK_REFUSED(&desk, "subscription_bundle.resume", "{'id':1,'effective_date':'2011-09-26'}", PROBLEM_WRONG_STATE, "/id");
	desk_close(&desk);
}

TEST(one_object_is_blocked_at_a_time)
{
	struct desk desk;
	open_garage(&desk, NULL);
	subscribe(&desk, "'plan':'bus'");
	CHECK_REFUSED(&desk, "blocking_state.set", "{'account_id':1,'bundle_id':1,'service':'s','state':'x'}",
	              PROBLEM_INVALID_COMBINATION, "/account_id");
	desk_do(&desk, "blocking_state.set", "{'account_id':1,'service':'dunning','state':'late','block_entitlement':true}");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &subscription_record, "status"), "suspended");
	desk_do(&desk, "blocking_state.set", "{'account_id':1,'service':'dunning','state':'clear'}");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &subscription_record, "status"), "active");
	desk_close(&desk);
}

/* ---- bundles ---- */

TEST(a_bundle_is_made_with_all_its_subscriptions_or_not_at_all)
{
	struct desk desk;
	open_garage(&desk, NULL);
	CHECK_REFUSED(&desk, "subscription_bundle.create",
	              "{'account_id':1,'external_key':'K','subscriptions':[{'plan':'car'},{'plan':'none'}]}", PROBLEM_UNKNOWN_PLAN,
	              "/subscriptions/1/plan");
	CHECK_EQ_TEXT(shop_subscriptions(&desk), "");
	desk_do(&desk, "subscription_bundle.create",
	        "{'account_id':1,'external_key':'K','subscriptions':[{'plan':'car'},{'plan':'oil'}]}");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &subscription_record, "plan", "bundle_id"), "car 1; oil 1");
	CHECK_REFUSED(&desk, "subscription_bundle.create",
	              "{'account_id':1,'external_key':'K','subscriptions':[{'plan':'lamp'}]}", PROBLEM_DUPLICATE, "/external_key");
	desk_close(&desk);
}

TEST(a_transfer_goes_on_in_the_phases_it_was_in)
{
	struct desk desk;
	open_garage(&desk, NULL);
	desk_do(&desk, "account.create", "{'name':'Bob','currency':'USD','time_zone':'UTC','bill_cycle_day':1}");
	subscribe(&desk, "'plan':'car'");
	subscribe(&desk, "'plan':'oil'");
	shop_advance(&desk, "2011-09-16T15:00:00Z");
	desk_do(&desk, "subscription_bundle.transfer", "{'id':1,'account_id':2}");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &subscription_record, "account_id", "plan", "status", "phase"),
	              "1 car canceled trial; 1 oil canceled evergreen; 2 car active trial; 2 oil active evergreen");
	CHECK_EQ_TEXT(timeline_of(&desk, 3), "create car 2011-09-16 x1 day 1; phase car 2011-10-06 x1 day 1");
	CHECK_REFUSED(&desk, "subscription_bundle.transfer", "{'id':2,'account_id':2}", PROBLEM_INVALID_VALUE, "/account_id");
	desk_close(&desk);
}

TEST(a_transfer_takes_along_what_lies_ahead_and_what_held_then)
{
	struct desk desk;
	open_garage(&desk, NULL);
	desk_do(&desk, "account.create", "{'name':'Bob','currency':'USD','time_zone':'UTC','bill_cycle_day':1}");
	subscribe(&desk, "'plan':'bus'");
	shop_advance(&desk, "2011-11-15T15:00:00Z");
	desk_do(&desk, "subscription.change_quantity", "{'id':1,'quantity':3,'effective_date':'2011-11-10'}");
	desk_do(&desk, "subscription.change_quantity", "{'id':1,'quantity':5,'effective_date':'2011-12-01'}");
	desk_do(&desk, "subscription.cancel", "{'id':1,'effective_date':'2011-12-20'}");
	desk_do(&desk, "subscription_bundle.transfer", "{'id':1,'account_id':2,'effective_date':'2011-11-05'}");
	CHECK_EQ_TEXT(timeline_of(&desk, 2), "create bus 2011-11-05 x1 day 1; quantity bus 2011-11-10 x3 day 1; "
	                                     "quantity bus 2011-12-01 x5 day 1; cancel bus 2011-12-20 x5 day 1");
	desk_close(&desk);
}

TEST(a_transfer_keeps_the_version_that_prices_what_lies_ahead)
{
	struct desk desk;
	open_with(&desk, SHELVES, NULL);
	desk_do(&desk, "account.create", "{'name':'Bob','currency':'USD','time_zone':'UTC','bill_cycle_day':1}");
	subscribe(&desk, "'plan':'lamp'");
	desk_do(&desk, CHANGE("2011-11-20"));
	desk_do(&desk, MIGRATE("2011-10-20", "2"));
	shop_advance(&desk, "2011-10-25T15:00:00Z");
	desk_do(&desk, "subscription_bundle.transfer", "{'id':1,'account_id':2}");
	CHECK_EQ_TEXT(prices_of(&desk, 2), "2011-10-25 create 4.00; 2011-11-20 change 40.00; ");
	desk_close(&desk);
}

TEST(what_is_to_be_transferred_is_not_uncanceled)
{
	struct desk desk;
	open_garage(&desk, NULL);
	desk_do(&desk, "account.create", "{'name':'Bob','currency':'USD','time_zone':'UTC','bill_cycle_day':1}");
	subscribe(&desk, "'plan':'bus'");
	desk_do(&desk, "subscription_bundle.transfer", "{'id':1,'account_id':2,'effective_date':'2011-12-01'}");
	CHECK_REFUSED(&desk, "subscription.uncancel", "{'id':1}", PROBLEM_WRONG_STATE, "/id");
	desk_close(&desk);
}

/* ---- rules ---- */

TEST(rules_decide_when_a_cancellation_takes_effect)
{
	struct desk desk;
	open_garage(&desk, "rule \"at once\" { policy = \"cancel\", run = function () return \"immediate\" end }\n");
	subscribe(&desk, "'plan':'bus'");
	const struct subscription *ended = desk_do(&desk, "subscription.cancel", "{'id':1}");
	CHECK_EQ_INT(ended->status, SUBSCRIPTION_STATUS_CANCELED);
	desk_close(&desk);
}

TEST(a_rule_before_a_change_may_move_or_reject_it)
{
	struct desk desk;
	open_garage(&desk, "rule \"wait\" { pre = \"subscription.change_plan\", run = function (subscription, ctx)\n"
	                   "  if ctx.event.new_subscription.plan == \"fast\" then ctx:reject(\"too_fast\", \"No.\") end\n"
	                   "  ctx.event.policy = \"end_of_term\" end }\n");
	subscribe(&desk, "'plan':'bus'");
	desk_do(&desk, "subscription.change_plan", "{'id':1,'plan':'car','policy':'immediate'}");
	CHECK(holds(timeline_of(&desk, 1), "change car 2011-10-01"));
	CHECK_REFUSED(&desk, "subscription.change_plan", "{'id':1,'plan':'fast'}", PROBLEM_REJECTED, "");
	desk_close(&desk);
}

CHECK_MAIN
