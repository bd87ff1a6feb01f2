/* upcoming.c: what an account will be invoiced, told some days before. */
#include "upcoming.h"

#include "account.h"
#include "billing_run.h"
#include "event/dispatch.h"
#include "event/job_ahead.h"
#include "invoice.h"

static const char UPCOMING[] = "invoice.upcoming";

enum { TOLD_MAX = 40 }; /* dates of an account that are remembered */

static int32_t days_ahead(const struct command *command)
{
	return (int32_t)command_setting_integer(command, "billing.upcoming_days", 0);
}

/* ---- which dates ---- */

/* "2011-10-01 2011-11-01": those that are told of and have not passed. */
static bool is_told(const struct command *command, const struct account *account, struct date date)
{
	struct text day = date_text(command->arena, date);
	for (size_t at = 0; at + day.length <= account->upcoming_told.length; at += day.length + 1)
		if (text_equals(text_slice(account->upcoming_told, at, at + day.length), day))
			return true;
	return false;
}

static struct date date_of(const struct command *command, const struct account *account, struct instant at)
{
	return timezone_date(command_zone(command, account), at);
}

/* The first day on which something may be invoiced and that is not told of yet; none: there is none. */
static bool next_untold(struct command *command, const struct account *account, struct date *date)
{
	struct instants_ahead instants = { 0 };
	*date = DATE_NONE;
	if (!jobs_ahead(command, account->id, TOLD_MAX + 1, &instants))
		return false;
	for (size_t i = 0; i < instants.count && !date_present(*date); i++) {
		struct date day = date_of(command, account, instants.items[i]);
		if (!is_told(command, account, day))
			*date = day;
	}
	return true;
}

static struct instant told_at(const struct command *command, const struct account *account, struct date date)
{
	struct instant at = billing_run_instant(command, account, date_add_days(date, -days_ahead(command)));
	return at.us > command->now.us ? at : command->now;
}

/* Without the setting a job that is left over finds nothing to tell. */
bool upcoming_schedule(struct command *command, const struct account *account)
{
	struct date date;
	if (days_ahead(command) == 0)
		return true;
	if (!next_untold(command, account, &date))
		return false;
	if (!date_present(date))
		return job_remove(command, UPCOMING, account->id);
	return job_move(command, UPCOMING, account->id, account->id, told_at(command, account, date));
}

/* ---- the invoice that will be ---- */

struct trial {
	const struct account *account;
	struct date date;        /* whose invoice it is */
	struct invoice *invoice; /* NULL: none */
	bool made;               /* all went well; undone on purpose */
};

static bool newest_invoice(struct command *command, int64_t account_id, struct invoice **newest)
{
	struct object_filter filter = { .account_id = account_id, .max = 1 };
	struct invoice_list page = { 0 };
	if (!invoice_page(command, &filter, &page))
		return false;
	*newest = page.count > 0 ? &page.items[0] : NULL;
	return true;
}

/* The account's work until the end of that day, or until its first invoice of the day. */
static bool try_work(struct command *command, struct trial *trial)
{
	const struct account *account = trial->account;
	struct instant end = { timezone_instant(command_zone(command, account), date_add_days(trial->date, 1), 0).us - 1 };
	struct invoice *before, *after;
	if (!newest_invoice(command, account->id, &before))
		return false;
	for (;;) {
		struct job *job;
		if (!job_ahead_next(command, account->id, end, &job))
			return false;
		if (!job)
			return true;
		if (!job_ahead_do(command, job) || !newest_invoice(command, account->id, &after))
			return false;
		bool made = after && (!before || after->id > before->id);
		before = after;
		if (made && date_compare(date_of(command, account, job->due_at), trial->date) == 0) {
			trial->invoice = after;
			return invoice_load_lines(command, after);
		}
	}
}

/* Each piece of work at its instant; what it made stays in the arena. */
static bool trial_part(struct command *command, void *context)
{
	struct trial *trial = context;
	const struct instant now = command->now;
	const struct date today = command->today;
	trial->made = try_work(command, trial);
	command->now = now;
	command->today = today;
	return false;
}

static bool tell(struct command *command, const struct trial *trial)
{
	struct invoice *invoice = trial->invoice;
	struct occurrence upcoming = occurrence_of(EVENT_INVOICE_UPCOMING, &invoice_record, invoice, 0, trial->account->id);
	upcoming.details.effective_date = trial->date;
	upcoming.details.currency = invoice->currency;
	upcoming.details.amount = invoice->balance;
	/* Its id and number were those of a moment. */
	invoice->id = 0;
	invoice->number = TEXT_NONE;
	for (size_t i = 0; i < invoice->lines.count; i++)
		invoice->lines.items[i].invoice_id = 0;
	return event_signal(command, &upcoming);
}

/* A rule that rejects the invoice today may do so then: there is nothing to tell of. */
static bool is_rejected(const struct problems *problems)
{
	return problems->first && problems->first->code == PROBLEM_REJECTED;
}

/* Those that have passed are forgotten, and the earliest when there are many. */
static bool account_told(struct command *command, int64_t account_id, struct date date)
{
	struct account *account = account_need(command, account_id, "");
	if (!account)
		return false;
	struct text today = date_text(command->arena, command_today(command, account)), told = account->upcoming_told;
	const size_t step = today.length + 1;
	while (told.length > 0 && (text_compare(text_slice(told, 0, today.length), today) < 0 || told.length >= TOLD_MAX * step))
		told = text_slice(told, step, told.length);
	struct text day = date_text(command->arena, date);
	account->upcoming_told = told.length > 0 ? TEXT_JOIN(command->arena, told, TEXT(" "), day) : day;
	return account_save(command, account) && upcoming_schedule(command, account);
}

static bool upcoming_job(struct command *command, const struct job *job)
{
	struct account *account = account_need(command, job->account_id, "");
	struct trial trial = { .account = account };
	struct problems problems;
	bool done;
	if (!account)
		return false;
	command_object(command, "account", account->id, account->id);
	if (days_ahead(command) == 0 || !next_untold(command, account, &trial.date))
		return days_ahead(command) == 0;
	if (!date_present(trial.date))
		return true;
	if (told_at(command, account, trial.date).us > command->now.us)
		return upcoming_schedule(command, account);
	problems_init(&problems, command->arena);
	if (!command_attempt(command, trial_part, &trial, &problems, &done))
		return false;
	if (!trial.made && !is_rejected(&problems)) {
		problems_copy(command->problems, &problems);
		return false;
	}
	bool owes = trial.made && trial.invoice && trial.invoice->balance.minor > 0;
	return (!owes || tell(command, &trial)) && account_told(command, account->id, trial.date);
}

const struct job_kind upcoming_jobs[] = {
	{ UPCOMING, upcoming_job, "Tells of the invoice that an account will get." },
	{ 0 },
};
