/* test_task.c: scheduled tasks: when they run, what becomes of a run, what is refused. */
#include "shop.h"

#include "billing/holiday.h"
#include "billing/task.h"

static const char RULES[] = "rule 'beat' { task = true, run = function (ctx) ctx:note(tostring(ctx.event.slot)) end }\n"
                            "rule 'broken' { task = true, run = function (ctx) ctx:send('mail', {}) error('smtp down') end }\n"
                            "rule 'long' { task = true, run = function (ctx)\n"
                            "  ctx:command('task.hold', { name = 'long', length = 'PT90M' }) end }\n"
                            "rule 'rest' { pre = 'task.run', run = function (run, ctx)\n"
                            "  if ctx.event.name == 'beat' and (ctx.settings.rules or {}).rest then ctx:reject('rest', 'Not today.') end end }\n";

static void open_tasks_at(struct desk *desk, const char *at, const char *zone)
{
	*desk = (struct desk){ 0 };
	CHECK(arena_init(&desk->arena, DESK_ARENA_BYTES));
	problems_init(&desk->problems, &desk->arena);
	struct engine_options options = { .lock = true, .commands = billing_commands, .jobs = billing_jobs,
		                          .trace = desk_trace, .trace_context = desk };
	desk->engine = engine_open(TEXT(":memory:"), &options, &desk->problems);
	CHECK(desk->engine != NULL);
	const struct tenant_created *tenant = desk_do(
	        desk, "tenant.create",
	        text_format(&desk->arena, "{'name':'acme','test':true,'at':'%s','time_zone':'%s'}", at, zone).data);
	desk->tenant_id = tenant->id;
	shop_deploy(desk, RULES);
}

static void open_tasks(struct desk *desk)
{
	open_tasks_at(desk, "2010-05-25T22:00:00Z", "UTC");
}

static void jump(struct desk *desk, const char *to)
{
	struct clock_target target = { .jump = true };
	CHECK(instant_parse(text_of(to), &target.until));
	problems_init(&desk->problems, &desk->arena);
	if (!engine_advance_clock_to(desk->engine, desk->tenant_id, &target, &desk->problems) ||
	    !engine_drain(desk->engine, desk->tenant_id, &desk->problems)) {
		desk_show(desk);
		CHECK_FAIL("the clock did not jump");
	}
}

static bool runs_body(struct command *command, void *context)
{
	return task_run_page(command, 0, 0, 500, context);
}

/* "beat 22:06:07 of 22:06:07 done; ...", oldest first: the day's time of start and slot. */
static struct text runs(struct desk *desk)
{
	struct task_run_list list = { 0 };
	struct text_builder out;
	desk_read(desk, runs_body, &list);
	builder_init(&out, &desk->arena, 0);
	for (size_t i = list.count; i-- > 0;) {
		const struct task_run *run = &list.items[i];
		struct text start = instant_text(&desk->arena, run->started_at), slot = instant_text(&desk->arena, run->slot_at);
		builder_format(&out, "%s%.*s %.8s of %.8s %s", i + 1 < list.count ? "; " : "", TEXT_ARG(run->task),
		               start.data + 11, slot.data + 11, task_run_record.fields[TASK_RUN_FIELD_OUTCOME].words[run->outcome]);
		if (run->missed)
			builder_format(&out, " +%lld", (long long)run->missed);
		if (text_present(run->error))
			builder_format(&out, " '%.*s'", TEXT_ARG(run->error));
	}
	return builder_text(&out);
}

static bool task_body(struct command *command, void *context)
{
	return scheduled_task_find(command, 1, context);
}

static struct text next_run(struct desk *desk)
{
	struct scheduled_task *task;
	desk_read(desk, task_body, &task);
	CHECK(task != NULL);
	return task->next_run_at.us ? instant_text(&desk->arena, task->next_run_at) : TEXT("none");
}

/* ---- when it runs ---- */

TEST(a_task_runs_at_each_slot_on_the_way_of_the_clock)
{
	struct desk desk;
	open_tasks(&desk);
	desk_do(&desk, "task.create", "{'name':'beat','period':'PT1H','next_run_at':'2010-05-25T22:06:07Z'}");
	shop_advance(&desk, "2010-05-26T00:30:00Z");
	CHECK_EQ_TEXT(runs(&desk), "beat 22:06:07 of 22:06:07 done; beat 23:06:07 of 23:06:07 done; beat 00:06:07 of 00:06:07 done");
	CHECK_EQ_TEXT(next_run(&desk), "2010-05-26T01:06:07Z");
	desk_close(&desk);
}

TEST(after_an_outage_one_run_stands_for_all_slots_and_the_grid_stays)
{
	struct desk desk;
	open_tasks(&desk);
	desk_do(&desk, "task.create", "{'name':'beat','period_ticks':36000000000,'next_run_at':'2010-05-25T22:06:07Z'}");
	jump(&desk, "2010-05-26T05:30:00Z");
	CHECK_EQ_TEXT(runs(&desk), "beat 05:30:00 of 05:06:07 done +7");
	CHECK_EQ_TEXT(next_run(&desk), "2010-05-26T06:06:07Z");
	desk_close(&desk);
}

TEST(after_an_outage_each_slot_is_run_where_that_is_wanted)
{
	struct desk desk;
	open_tasks(&desk);
	desk_do(&desk, "task.create", "{'name':'beat','period':'PT1H','catch_up':'each','next_run_at':'2010-05-25T22:06:07Z'}");
	jump(&desk, "2010-05-26T00:30:00Z");
	CHECK_EQ_TEXT(runs(&desk), "beat 00:30:00 of 22:06:07 done; beat 00:30:00 of 23:06:07 done; beat 00:30:00 of 00:06:07 done");
	CHECK_EQ_TEXT(next_run(&desk), "2010-05-26T01:06:07Z");
	desk_close(&desk);
}

TEST(a_task_without_a_first_slot_begins_at_once)
{
	struct desk desk;
	open_tasks(&desk);
	desk_do(&desk, "task.create", "{'name':'beat','period':'PT1H'}");
	shop_advance(&desk, "2010-05-25T22:30:00Z");
	CHECK_EQ_TEXT(runs(&desk), "beat 22:00:00 of 22:00:00 done");
	CHECK_EQ_TEXT(next_run(&desk), "2010-05-25T23:00:00Z");
	desk_close(&desk);
}

TEST(what_runs_once_runs_once_or_expires_after_its_last_instant)
{
	struct desk desk;
	open_tasks(&desk);
	desk_do(&desk, "task.create",
	        "{'name':'beat','run_once':true,'expires_after':'PT1H','next_run_at':'2010-05-25T22:06:07Z'}");
	desk_do(&desk, "task.create",
	        "{'name':'late','handler':'beat','run_once':true,'expires_after':'PT59M59S','next_run_at':'2010-05-25T22:06:07Z'}");
	jump(&desk, "2010-05-25T23:06:07Z");
	jump(&desk, "2010-05-27T23:06:07Z");
	CHECK_EQ_TEXT(runs(&desk), "beat 23:06:07 of 22:06:07 done; late 23:06:07 of 22:06:07 expired");
	CHECK_EQ_TEXT(next_run(&desk), "none");
	CHECK_REFUSED(&desk, "task.update", "{'id':2,'skip_weekend':true}", PROBLEM_WRONG_STATE, "/id");
	desk_do(&desk, "task.update", "{'id':2,'next_run_at':'2010-05-28T00:00:00Z'}");
	shop_advance(&desk, "2010-05-28T00:00:00Z");
	CHECK_EQ_TEXT(runs(&desk),
	              "beat 23:06:07 of 22:06:07 done; late 23:06:07 of 22:06:07 expired; late 00:00:00 of 00:00:00 done");
	desk_close(&desk);
}

TEST(due_tasks_run_in_the_order_of_their_instants_and_names)
{
	struct desk desk;
	open_tasks(&desk);
	desk_do(&desk, "task.create", "{'name':'C','handler':'beat','period':'PT1H','next_run_at':'2010-05-25T22:00:01Z'}");
	desk_do(&desk, "task.create", "{'name':'B','handler':'beat','period':'PT1H','next_run_at':'2010-05-25T22:05:00Z'}");
	desk_do(&desk, "task.create", "{'name':'A','handler':'beat','period':'PT1H','next_run_at':'2010-05-25T22:05:00Z'}");
	jump(&desk, "2010-05-25T22:05:00Z");
	CHECK_EQ_TEXT(runs(&desk), "C 22:05:00 of 22:00:01 done; A 22:05:00 of 22:05:00 done; B 22:05:00 of 22:05:00 done");
	desk_close(&desk);
}

TEST(a_task_that_rests_catches_up_on_the_next_working_day)
{
	struct desk desk;
	open_tasks(&desk);
	desk_do(&desk, "task.create", "{'name':'beat','period':'P1D','skip_weekend':true,'next_run_at':'2010-05-28T09:00:00Z'}");
	jump(&desk, "2010-05-29T12:00:00Z"); /* Saturday */
	CHECK_EQ_TEXT(runs(&desk), "");
	jump(&desk, "2010-05-31T00:00:00Z");
	CHECK_EQ_TEXT(runs(&desk), "beat 00:00:00 of 09:00:00 done");
	CHECK_EQ_TEXT(next_run(&desk), "2010-05-31T09:00:00Z");
	jump(&desk, "2010-05-31T09:00:00Z"); /* for Saturday's, Sunday's and Monday's slot, none of which was missed */
	CHECK_EQ_TEXT(runs(&desk), "beat 00:00:00 of 09:00:00 done; beat 09:00:00 of 09:00:00 done");
	desk_close(&desk);
}

TEST(slots_put_off_by_rest_take_their_turn_among_those_of_the_next_working_day)
{
	static const char *const ways[] = { "coalesce", "each" };
	for (size_t i = 0; i < 2; i++) {
		struct desk desk;
		open_tasks_at(&desk, "2026-03-06T22:00:00Z", "UTC"); /* a Friday */
		desk_do(&desk, "task.create",
		        text_format(&desk.arena, "{'name':'beat','period':'PT10H','skip_weekend':true,'catch_up':'%s','next_run_at':"
		                    "'2026-03-06T23:00:00Z'}", ways[i]).data);
		shop_advance(&desk, "2026-03-09T20:00:00Z");
		CHECK_EQ_TEXT(runs(&desk), "beat 23:00:00 of 23:00:00 done; beat 01:00:00 of 01:00:00 done; beat 05:00:00 of 05:00:00 done; "
		                           "beat 09:00:00 of 09:00:00 done; beat 11:00:00 of 11:00:00 done; beat 15:00:00 of 15:00:00 done; "
		                           "beat 19:00:00 of 19:00:00 done");
		CHECK_EQ_TEXT(next_run(&desk), "2026-03-09T21:00:00Z");
		desk_close(&desk);
	}
}

TEST(more_due_tasks_than_one_wake_reads_run_in_their_order_too)
{
	struct desk desk;
	open_tasks(&desk);
	for (int i = 0; i < 230; i++)
		desk_do(&desk, "task.create", text_format(&desk.arena, "{'name':'n%03d','handler':'beat','period':'PT1H','catch_up':'each',"
		                                                       "'next_run_at':'2010-05-25T23:00:00Z'}", i).data);
	jump(&desk, "2010-05-26T00:30:00Z");
	struct task_run_list list = { 0 };
	desk_read(&desk, runs_body, &list);
	CHECK_EQ_INT(list.count, 460);
	for (size_t i = 1; i < list.count; i++) { /* newest first */
		const struct task_run *late = &list.items[i - 1], *early = &list.items[i];
		CHECK(early->slot_at.us < late->slot_at.us ||
		      (early->slot_at.us == late->slot_at.us && text_compare(early->task, late->task) < 0));
	}
	desk_close(&desk);
}

TEST(a_holiday_that_is_made_later_moves_what_is_scheduled)
{
	struct desk desk;
	open_tasks(&desk);
	desk_do(&desk, "task.create", "{'name':'beat','period':'P1D','skip_holidays':true,'next_run_at':'2010-05-26T09:00:00Z'}");
	desk_do(&desk, "holiday.create", "{'name':'Fair','start_date':'2010-05-26','end_date':'2010-05-27'}");
	CHECK_EQ_TEXT(next_run(&desk), "2010-05-28T09:00:00Z");
	desk_do(&desk, "holiday.delete", "{'id':1}");
	CHECK_EQ_TEXT(next_run(&desk), "2010-05-26T09:00:00Z");
	desk_close(&desk);
}

TEST(a_task_whose_work_goes_on_does_not_overlap_itself)
{
	struct desk desk;
	open_tasks(&desk);
	desk_do(&desk, "task.create", "{'name':'long','period':'PT1H','next_run_at':'2010-05-25T22:06:07Z'}");
	jump(&desk, "2010-05-25T22:06:07Z");
	jump(&desk, "2010-05-25T23:06:07Z");
	CHECK_EQ_TEXT(next_run(&desk), "2010-05-25T23:36:07Z");
	jump(&desk, "2010-05-25T23:36:07Z");
	CHECK_EQ_TEXT(runs(&desk), "long 22:06:07 of 22:06:07 done; long 23:36:07 of 23:06:07 done");
	CHECK_EQ_TEXT(next_run(&desk), "2010-05-26T00:06:07Z");
	desk_close(&desk);
}

TEST(what_is_paused_misses_nothing)
{
	struct desk desk;
	open_tasks(&desk);
	desk_do(&desk, "task.create", "{'name':'beat','period':'PT1H','next_run_at':'2010-05-25T22:06:07Z'}");
	desk_do(&desk, "task.update", "{'id':1,'status':'paused'}");
	shop_advance(&desk, "2010-05-26T05:30:00Z");
	CHECK_EQ_TEXT(runs(&desk), "");
	desk_do(&desk, "task.update", "{'id':1,'status':'active'}");
	CHECK_EQ_TEXT(next_run(&desk), "2010-05-26T06:06:07Z");
	shop_advance(&desk, "2010-05-26T06:06:07Z");
	CHECK_EQ_TEXT(runs(&desk), "beat 06:06:07 of 06:06:07 done");
	desk_close(&desk);
}

TEST(a_second_outage_of_a_year_by_the_second_is_one_run)
{
	struct desk desk;
	open_tasks(&desk);
	desk_do(&desk, "task.create", "{'name':'beat','period':'PT1S','skip_weekend':true,'next_run_at':'2010-05-25T22:00:01Z'}");
	jump(&desk, "2011-05-25T22:00:01Z");
	CHECK_EQ_TEXT(runs(&desk), "beat 22:00:01 of 22:00:01 done +31536000");
	desk_close(&desk);
}

TEST(a_task_without_another_slot_is_finished)
{
	struct desk desk;
	open_tasks(&desk);
	desk_do(&desk, "task.create", "{'name':'beat','period':'P1000Y','next_run_at':'0999-05-25T22:00:01Z'}");
	desk_do(&desk, "task.create", "{'name':'last','handler':'beat','period':'P1000Y','next_run_at':'9010-05-25T22:00:01Z'}");
	shop_advance(&desk, "2010-05-25T22:00:01Z");
	CHECK_EQ_TEXT(next_run(&desk), "2999-05-25T22:00:01Z");
	jump(&desk, "9999-12-30T00:00:00Z");
	CHECK_EQ_TEXT(next_run(&desk), "none");
	CHECK_REFUSED(&desk, "task.update", "{'id':2,'status':'active'}", PROBLEM_WRONG_STATE, "/id");
	struct scheduled_task *task;
	desk_read(&desk, task_body, &task);
	CHECK_EQ_INT(task->status, SCHEDULED_TASK_STATUS_FINISHED);
	desk_close(&desk);
}

/* ---- what becomes of a run ---- */

TEST(a_handler_that_fails_is_undone_told_and_does_not_stop_others)
{
	struct desk desk;
	open_tasks(&desk);
	desk_do(&desk, "task.create", "{'name':'broken','period':'PT1H','next_run_at':'2010-05-25T22:06:07Z'}");
	desk_do(&desk, "task.create", "{'name':'z','handler':'beat','period':'PT1H','next_run_at':'2010-05-25T22:06:07Z'}");
	jump(&desk, "2010-05-25T22:06:07Z");
	CHECK_EQ_TEXT(runs(&desk), "broken 22:06:07 of 22:06:07 failed 'smtp down'; z 22:06:07 of 22:06:07 done");
	CHECK_EQ_TEXT(next_run(&desk), "2010-05-25T23:06:07Z");
	struct task_run_list list = { 0 };
	desk_read(&desk, runs_body, &list);
	CHECK_EQ_TEXT(list.items[1].error_place, "rules/test.lua:2");
	CHECK_EQ_INT(list.items[1].errors, 1);
	desk_close(&desk);
}

TEST(a_task_whose_command_is_refused_says_why)
{
	struct desk desk;
	open_tasks(&desk);
	shop_deploy(&desk, "rule 'order' { task = true, run = function (ctx) ctx:command('acount.update', {}) end }\n");
	desk_do(&desk, "task.create", "{'name':'order','period':'PT1H'}");
	const struct task_run *order = desk_do(&desk, "task.run", "{'id':1}");
	CHECK_EQ_TEXT(order->error, "there is no command 'acount.update' (did you mean 'account.update'?)");
	CHECK_EQ_TEXT(order->error_place, "rules/test.lua:1");
	desk_close(&desk);
}

TEST(a_task_whose_rule_is_gone_says_so_and_goes_on)
{
	struct desk desk;
	open_tasks(&desk);
	desk_do(&desk, "task.create", "{'name':'beat','period':'PT1H','next_run_at':'2010-05-25T22:06:07Z'}");
	shop_deploy(&desk, "rule 'beet' { task = true, run = function (ctx) end }");
	jump(&desk, "2010-05-25T22:06:07Z");
	CHECK_EQ_TEXT(runs(&desk), "beat 22:06:07 of 22:06:07 failed 'no_handler'");
	const struct problem *refused = desk_refused(&desk, "task.run", "{'id':1}");
	CHECK_EQ_INT(refused->code, PROBLEM_NO_HANDLER);
	CHECK_EQ_C(refused->message, "the bundle has no task rule 'beat' (did you mean 'beet'?)");
	desk_close(&desk);
}

TEST(a_pre_rule_of_task_run_passes_over_a_slot)
{
	struct desk desk;
	open_tasks(&desk);
	desk_do(&desk, "tenant.configure", "{'settings':{'rules':{'rest':true}}}");
	desk_do(&desk, "task.create", "{'name':'beat','period':'PT1H','next_run_at':'2010-05-25T22:06:07Z'}");
	shop_advance(&desk, "2010-05-25T22:10:00Z");
	CHECK_EQ_TEXT(runs(&desk), "beat 22:06:07 of 22:06:07 skipped 'Not today.'");
	desk_close(&desk);
}

TEST(a_run_raises_its_events_and_by_hand_leaves_the_schedule)
{
	struct desk desk;
	open_tasks(&desk);
	desk_do(&desk, "task.create", "{'name':'beat','period':'PT1H','next_run_at':'2010-05-25T22:06:07Z'}");
	desk.event_count = 0;
	const struct task_run *run = desk_do(&desk, "task.run", "{'id':1}");
	CHECK_EQ_INT(run->outcome, TASK_RUN_OUTCOME_DONE);
	CHECK_EQ_TEXT(desk_events(&desk), "pre task.run, post task.run");
	CHECK_EQ_TEXT(next_run(&desk), "2010-05-25T22:06:07Z");
	desk_close(&desk);
}

TEST(as_many_runs_are_kept_as_the_settings_say)
{
	struct desk desk;
	open_tasks(&desk);
	desk_do(&desk, "tenant.configure", "{'settings':{'tasks':{'runs_kept':2}}}");
	desk_do(&desk, "task.create", "{'name':'beat','period':'PT1H','next_run_at':'2010-05-25T22:06:07Z'}");
	shop_advance(&desk, "2010-05-26T03:00:00Z");
	CHECK_EQ_TEXT(runs(&desk), "beat 01:06:07 of 01:06:07 done; beat 02:06:07 of 02:06:07 done");
	desk_close(&desk);
}

TEST(a_deleted_task_runs_no_more)
{
	struct desk desk;
	open_tasks(&desk);
	desk_do(&desk, "task.create", "{'name':'beat','period':'PT1H','next_run_at':'2010-05-25T22:06:07Z'}");
	desk_do(&desk, "task.delete", "{'id':1}");
	shop_advance(&desk, "2010-05-26T03:00:00Z");
	CHECK_EQ_TEXT(runs(&desk), "");
	desk_close(&desk);
}

/* ---- refusals ---- */

TEST(what_cannot_be_scheduled_is_refused_with_its_place)
{
	struct desk desk;
	open_tasks(&desk);
	CHECK_REFUSED(&desk, "task.create", "{'name':'beat'}", PROBLEM_BAD_PERIOD, "/period");
	CHECK_REFUSED(&desk, "task.create", "{'name':'beat','period_ticks':0}", PROBLEM_BAD_PERIOD, "/period_ticks");
	CHECK_REFUSED(&desk, "task.create", "{'name':'beat','period_ticks':10000005}", PROBLEM_BAD_PERIOD, "/period_ticks");
	CHECK_REFUSED(&desk, "task.create", "{'name':'beat','period':'PT0.5S'}", PROBLEM_BAD_PERIOD, "/period");
	CHECK_REFUSED(&desk, "task.create", "{'name':'beat','period':'-PT1H'}", PROBLEM_BAD_PERIOD, "/period");
	static const char *const too_long[] = { "P1001Y", "P12001M", "P365243D", "PT8765833H", "P3600000MT8979658473709.551616S" };
	for (size_t i = 0; i < sizeof too_long / sizeof *too_long; i++) {
		const char *input = text_format(&desk.arena, "{'name':'beat','period':'%s'}", too_long[i]).data;
		CHECK_REFUSED(&desk, "task.create", input, PROBLEM_OUT_OF_RANGE, "/period");
	}
	CHECK_REFUSED(&desk, "task.create", "{'name':'beat','period_ticks':9223372036854775800}", PROBLEM_OUT_OF_RANGE,
	              "/period_ticks");
	CHECK_REFUSED(&desk, "task.create", "{'name':'beat','run_once':true,'expires_after':'PT9223372036854S'}",
	              PROBLEM_OUT_OF_RANGE, "/expires_after");
	CHECK_REFUSED(&desk, "task.hold", "{'name':'beat','length':'PT9000000000000S'}", PROBLEM_OUT_OF_RANGE, "/length");
	CHECK_REFUSED(&desk, "task.create", "{'name':'beat','period':'PT1H','period_ticks':10}", PROBLEM_INVALID_COMBINATION,
	              "/period_ticks");
	CHECK_REFUSED(&desk, "task.create", "{'name':'beat','run_once':true,'period':'PT1H'}", PROBLEM_INVALID_COMBINATION,
	              "/run_once");
	CHECK_REFUSED(&desk, "task.create", "{'name':'beat','run_once':true,'expires_after':'P1D'}", PROBLEM_BAD_DURATION,
	              "/expires_after");
	CHECK_REFUSED(&desk, "task.create", "{'name':'beat','run_once':true,'expires_after':'PT0S'}", PROBLEM_BAD_DURATION,
	              "/expires_after");
	CHECK_REFUSED(&desk, "task.create",
	              "{'name':'beat','run_once':true,'expires_after':'PT1H','next_run_at':'2010-05-25T20:59:59Z'}",
	              PROBLEM_OUT_OF_RANGE, "/next_run_at");
	CHECK_REFUSED(&desk, "task.create", "{'name':'baet','period':'PT1H'}", PROBLEM_NO_HANDLER, "/handler");
	CHECK_REFUSED(&desk, "task.create", "{'name':'rest','period':'PT1H'}", PROBLEM_NO_HANDLER, "/handler");
	desk_do(&desk, "task.create", "{'name':'beat','period':'PT1H'}");
	CHECK_REFUSED(&desk, "task.create", "{'name':'beat','period':'PT1H'}", PROBLEM_DUPLICATE, "/name");
	CHECK_REFUSED(&desk, "task.hold", "{'name':'baet','length':'PT1H'}", PROBLEM_NOT_FOUND, "/name");
	CHECK_REFUSED(&desk, "task.hold", "{'name':'beat'}", PROBLEM_INVALID_COMBINATION, "/length");
	CHECK_REFUSED(&desk, "task.run", "{'id':9}", PROBLEM_NOT_FOUND, "/id");
	desk_close(&desk);
}

TEST(holidays_that_overlap_or_end_before_they_start_are_refused)
{
	struct desk desk;
	open_tasks(&desk);
	desk_do(&desk, "holiday.create", "{'name':'May Day','start_date':'2010-05-01','recurring':true}");
	CHECK_REFUSED(&desk, "holiday.create", "{'name':'Spring','start_date':'2014-04-28','end_date':'2014-05-02'}",
	              PROBLEM_DUPLICATE, "/start_date");
	CHECK_REFUSED(&desk, "holiday.create", "{'name':'Odd','start_date':'2014-04-28','end_date':'2014-04-02'}",
	              PROBLEM_BAD_PERIOD, "/end_date");
	CHECK_REFUSED(&desk, "holiday.create", "{'name':'Long','start_date':'2014-04-28','end_date':'2016-04-02'}",
	              PROBLEM_OUT_OF_RANGE, "/end_date");
	desk_do(&desk, "holiday.update", "{'id':1,'end_date':'2010-05-02'}"); /* not against itself */
	desk_close(&desk);
}

CHECK_MAIN
