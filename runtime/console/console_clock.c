/* console_clock.c: the sandbox's time: \at and \next. */
#include "console_state.h"

#include "event/job.h"

struct zone_read {
	struct date date;
	struct instant instant;
};

static bool midnight_body(struct command *command, void *context)
{
	struct zone_read *read = context;
	read->instant = timezone_start_of_date(command->zone, read->date);
	return true;
}

bool console_instant(struct console *console, struct text argument, struct instant *instant)
{
	struct zone_read read = { .instant = INSTANT_NONE };
	if (instant_parse(argument, instant))
		return true;
	if (date_parse(argument, &read.date) && sandbox_read(&console->sandbox, midnight_body, &read)) {
		*instant = read.instant;
		return true;
	}
	console_error(console, "'%.*s' is no date (2026-03-01) and no instant (2026-03-01T09:30:00Z)", TEXT_ARG(argument));
	return false;
}

static void now_tell(struct console *console)
{
	fprintf(console->out, "it is %s\n", instant_text(&console->arena, console->sandbox.now).data);
}

static void move(struct console *console, struct instant until)
{
	bool back = until.us < console->sandbox.now.us;
	bool good = sandbox_clock(&console->sandbox, until, console_interrupted());
	struct problems problems = console->sandbox.problems;
	console_events_tell(console);
	if (!good)
		console_problems(console, &problems);
	else if (back)
		fputs("the clock went back: what has happened stays, \\rollback undoes it\n", console->out);
	now_tell(console);
}

void console_at(struct console *console, struct text argument)
{
	struct instant until;
	if (argument.length == 0)
		now_tell(console);
	else if (console_instant(console, argument, &until))
		move(console, until);
}

/* ---- \next ---- */

static const char *kind_candidate(const void *context, size_t i)
{
	return engine_audit_name_at(context, i);
}

static void nothing_waits(struct console *console, struct text kind)
{
	if (kind.length)
		console_error(console, "nothing of '%.*s' waits%s", TEXT_ARG(kind),
		              text_did_you_mean(&console->arena, kind, kind_candidate, console->sandbox.engine));
	else
		fputs("nothing is due, ever\n", console->out);
}

void console_next(struct console *console, struct text argument)
{
	struct job *job;
	if (!sandbox_next(&console->sandbox, argument.length ? argument : TEXT_NONE, &job)) {
		console_problems(console, &console->sandbox.problems);
		return;
	}
	if (!job) {
		nothing_waits(console, argument);
		return;
	}
	fprintf(console->out, "%s  %.*s", instant_text(&console->arena, job->due_at).data, TEXT_ARG(job->kind));
	if (job->object_id)
		fprintf(console->out, " %lld", (long long)job->object_id);
	fputc('\n', console->out);
	move(console, job->due_at.us < console->sandbox.now.us ? console->sandbox.now : job->due_at);
}
