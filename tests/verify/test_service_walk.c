/* test_service_walk.c: whatever is done to subscriptions with service terms, in whatever zone, and however the clock moves,
 * verify finds nothing after any step, and each term stands where its dates have come to. */
#include "billing/term_shop.h"

#include "verify_file.h"

enum { WALKS = CHECK_SLOWNESS > 1 ? 1 : 2, STEPS = 40, IDS = 4, JOURNEY_MAX = 6000 };

/* Zones whose clocks skip midnight, or have it twice; one that changes by night, one that has no 30 December 2011. */
static const char *const zones[] = {
	"UTC", "America/Sao_Paulo", "Asia/Beirut", "Africa/Cairo", "America/Santiago", "America/Havana", "America/Asuncion",
	"Europe/Paris", "Pacific/Apia",
};

/* %d: an id, of the first few. */
static const struct act {
	const char *command, *input;
} acts[] = {
	{ "subscription.hold", "{'id':%d}" },
	{ "subscription.hold", "{'id':%d}" },
	{ "subscription.release", "{'id':%d}" },
	{ "subscription.release", "{'id':%d}" },
	{ "subscription.restore", "{'id':%d}" },
	{ "subscription.restore", "{'id':%d}" },
	{ "subscription.renew", "{'id':%d}" },
	{ "subscription.renew", "{'id':%d,'create_invoice':false}" },
	{ "subscription.renew", "{'id':%d,'period':'P1D'}" },
	{ "subscription.renew", "{'id':%d,'period':'PT36H','create_invoice':false}" },
	{ "subscription.renew", "{'id':%d,'period':'P1M','renew_from':'renewal'}" },
	{ "subscription.set_term", "{'id':%d,'grace_days':0}" },
	{ "subscription.set_term", "{'id':%d,'grace_days':9,'hold_days':0,'destroy_after_hold':false}" },
	{ "subscription.set_term", "{'id':%d,'auto_renew':'before_expiration','renew_point_days':1,'renewal_period':'P10D'}" },
	{ "subscription.set_term", "{'id':%d,'auto_renew':'disabled'}" },
	{ "subscription.set_term", "{'id':%d,'of_plan':true}" },
	{ "subscription.update", "{'id':%d,'auto_renew':true}" },
	{ "subscription.update", "{'id':%d,'auto_renew':false}" },
	{ "subscription.terminate", "{'id':%d}" },
	{ "order.update", "{'id':%d,'status':'suspended'}" },
	{ "order.update", "{'id':%d,'status':'suspended'}" },
	{ "order.update", "{'id':%d,'status':'active'}" },
	{ "order.update", "{'id':%d,'status':'active'}" },
	{ "order.update", "{'id':%d,'status':'active'}" },
	{ "order.update", "{'id':%d,'status':'canceled'}" },
	{ "order.change", "{'old_order_id':%d,'order':{'plan':'VPS','lines':[{'price_code':'FEE','quantity':'2'}]}}" },
	{ "order.place", "{'account_id':1,'plan':'VPS','create_invoice':true,'lines':[{'price_code':'FEE','quantity':'%d'}]}" },
	{ "renewal_order.cancel", "{'id':%d}" },
	{ "invoice.cancel", "{'id':%d}" },
	{ "payment.create", "{'account_id':1,'amount':'30.00','currency':'USD','targets':[{'invoice_id':%d}]," CARD "}" },
	{ "payment.create", "{'account_id':1,'amount':'%d0.00','currency':'USD'," CARD "}" },
};

struct walk {
	struct desk desk;
	struct folder folder;
	uint64_t state;
	char journey[JOURNEY_MAX]; /* what was done, to be shown when it fails */
	size_t length;
	int64_t done;
	bool whole; /* its periods are of whole days */
};

static void walk_note(struct walk *walk, const char *what)
{
	int written = snprintf(walk->journey + walk->length, JOURNEY_MAX - walk->length, "\n#     %s", what);
	walk->length = walk->length + (size_t)written < JOURNEY_MAX ? walk->length + (size_t)written : JOURNEY_MAX - 1;
}

static void walk_open(struct walk *walk, uint64_t seed)
{
	*walk = (struct walk){ .state = seed };
	const char *zone = zones[check_between(&walk->state, 0, sizeof zones / sizeof *zones - 1)];
	int setup = (int)check_between(&walk->state, 0, TERM_SETUP_COUNT - 1);
	folder_open(&walk->folder);
	shop_open_at(&walk->desk, walk->folder.original, "", false);
	bool hasty = check_between(&walk->state, 0, 1);
	walk->whole = check_between(&walk->state, 0, 1);
	term_furnish(&walk->desk, zone, term_setups[setup].plan, term_setups[setup].terms);
	term_order(&walk->desk, "2011-09-06", "2011-09-16");
	term_order(&walk->desk, "2011-09-06", "2011-10-16");
	term_order(&walk->desk, "2011-09-06", "2011-09-07");
	term_order(&walk->desk, "2012-01-25", "2012-02-25");
	for (int id = 1; hasty && id <= IDS; id++)
		desk_do(&walk->desk, "subscription.set_term",
		        text_format(&walk->desk.arena, "{'id':%d,'grace_days':1,'hold_days':2}", id).data);
	walk_note(walk, text_format(&walk->desk.arena, "in %s, with set-up %d%s", zone, setup, hasty ? ", hasty" : "").data);
}

static void walk_close(struct walk *walk)
{
	desk_close(&walk->desk);
	folder_close(&walk->folder);
}

/* ---- steps ---- */

static bool now_body(struct command *command, void *context)
{
	*(struct instant *)context = command->now;
	return true;
}

static void move_clock(struct walk *walk)
{
	static const int64_t hours[] = { 1, 24, 5 * 24, 31 * 24, 70 * 24 };
	struct instant now;
	desk_read(&walk->desk, now_body, &now);
	struct clock_target target = {
		.until.us = now.us + hours[check_between(&walk->state, 0, 4)] * check_between(&walk->state, 1, 3600) * US_PER_S,
		.jump = check_between(&walk->state, 0, 3) == 0,
	};
	walk_note(walk, text_format(&walk->desk.arena, "clock %s %.*s", target.jump ? "jumps to" : "to",
	                            TEXT_ARG(instant_text(&walk->desk.arena, target.until))).data);
	problems_init(&walk->desk.problems, &walk->desk.arena);
	if (engine_advance_clock_to(walk->desk.engine, walk->desk.tenant_id, &target, &walk->desk.problems))
		return;
	desk_show(&walk->desk);
	CHECK_FAIL("the clock does not move%s", walk->journey);
}

static const struct act *choose(struct walk *walk)
{
	const struct act *act = &acts[check_between(&walk->state, 0, sizeof acts / sizeof *acts - 1)];
	bool odd = strstr(act->input, "PT36H") || strstr(act->input, "renew_from");
	return odd && walk->whole ? acts : act;
}

/* Refused or done; never broken. */
static void act(struct walk *walk)
{
	const struct act *act = choose(walk);
	int id = (int)check_between(&walk->state, 1, IDS);
	const char *place = strstr(act->input, "%d");
	struct text input = text_format(&walk->desk.arena, "%.*s%d%s", (int)(place - act->input), act->input, id, place + 2);
	void *output;
	bool done = desk_try_text(&walk->desk, act->command, desk_json(&walk->desk, input.data), &output);
	const struct problem *problem = walk->desk.problems.first;
	walk->done += done;
	walk_note(walk, text_format(&walk->desk.arena, "%s %s%s%s", act->command, input.data, done ? "" : ": ", done ? "" : problem->message).data);
	if (!done && problem->code == PROBLEM_INTERNAL)
		CHECK_FAIL("a command breaks%s", walk->journey);
}

/* ---- what holds ---- */

struct standing {
	const struct walk *walk;
	const char *wrong;
};

static bool standing_body(struct command *command, void *context)
{
	struct standing *standing = context;
	struct object_filter all = { .max = OBJECT_PAGE_MAX };
	struct subscription_list subscriptions = { 0 };
	CHECK(subscription_page(command, &all, &subscriptions));
	for (size_t i = 0; i < subscriptions.count; i++) {
		struct service_term *term = NULL;
		const struct subscription *subscription = &subscriptions.items[i];
		const struct account *account = account_need(command, subscription->account_id, "");
		CHECK(service_term_find(command, subscription->id, &term) && term && account);
		const struct timezone_rules *zone = command_zone(command, account);
		if (!subscription_is_final(subscription->status) && !term->held && term->status < service_term_status_at(term, zone, command->now))
			standing->wrong = "a term is behind its dates";
		struct date day = timezone_date(zone, term->expires_at);
		bool midnight = term->expires_at.us == timezone_start_of_date(zone, day).us;
		bool touches = term->period.us && !midnight; /* a period of hours that day; others are whole days */
		struct date end = touches ? date_add_days(day, 1) : day;
		if (!subscription_is_final(subscription->status) && date_compare(subscription->end_date, end) != 0)
			standing->wrong = "a subscription does not end with its term";
		if (standing->walk->whole && !midnight)
			standing->wrong = "a period of days does not end with a day";
	}
	return true;
}

static void check_whole(struct walk *walk)
{
	struct standing standing = { .walk = walk };
	struct outcome outcome = verify_file(walk->folder.original, NULL);
	if (outcome.count)
		CHECK_FAIL("%s%s", outcome.first, walk->journey);
	desk_read(&walk->desk, standing_body, &standing);
	if (standing.wrong)
		CHECK_FAIL("%s%s", standing.wrong, walk->journey);
}

TEST(verify_finds_nothing_after_any_step_of_random_lives_of_service_terms)
{
	uint64_t state = check_seed();
	int64_t done = 0;
	for (int i = 0; i < WALKS; i++) {
		struct walk walk;
		walk_open(&walk, check_random(&state));
		for (int step = 0; step < STEPS; step++) {
			if (check_between(&walk.state, 0, 2) == 0)
				move_clock(&walk);
			else
				act(&walk);
			check_whole(&walk);
		}
		done += walk.done;
		walk_close(&walk);
	}
	CHECK(done > WALKS * STEPS / 10); /* most is refused of what is blindly asked */
}

/* The control: the same look tells of a life that went wrong. */
TEST(a_term_that_is_served_on_hold_would_be_found)
{
	struct walk walk;
	walk_open(&walk, 1);
	shop_advance(&walk.desk, "2011-09-20T00:00:00Z");
	check_whole(&walk);
	plant_into(walk.folder.original, "UPDATE service_term SET status = 'hold', shutdown_at = 1, expired = 1");
	CHECK(verify_file(walk.folder.original, NULL).count > 0);
	walk_close(&walk);
}

CHECK_MAIN
