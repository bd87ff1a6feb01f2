/* upcoming.c: what an account will be invoiced, told some days before. */
#include "upcoming.h"

#include "account.h"
#include "billing_run.h"
#include "event/dispatch.h"

static const char UPCOMING[] = "invoice.upcoming";

static int32_t days_ahead(const struct command *command)
{
	return (int32_t)command_setting_integer(command, "billing.upcoming_days", 0);
}

static bool is_to_be_told(const struct command *command, const struct account *account)
{
	return days_ahead(command) > 0 && date_present(account->next_bill_date) &&
	       date_compare(account->next_bill_date, account->upcoming_told) != 0;
}

static struct instant told_at(const struct command *command, const struct account *account)
{
	struct date day = date_add_days(account->next_bill_date, -days_ahead(command));
	struct instant at = billing_run_instant(command, account, day);
	return at.us > command->now.us ? at : command->now;
}

/* Without the setting a job that is left over finds nothing to tell. */
bool upcoming_schedule(struct command *command, const struct account *account)
{
	if (days_ahead(command) == 0)
		return true;
	if (!is_to_be_told(command, account))
		return job_remove(command, UPCOMING, account->id);
	return job_move(command, UPCOMING, account->id, account->id, told_at(command, account));
}

/* ---- the invoice that will be ---- */

struct trial {
	const struct account *account;
	struct invoice *invoice; /* NULL: none */
	bool made;               /* all went well; undone on purpose */
};

/* The billing run at its instant; what it made stays in the arena. */
static bool trial_part(struct command *command, void *context)
{
	struct trial *trial = context;
	const struct instant now = command->now;
	const struct date today = command->today, date = trial->account->next_bill_date;
	const struct billing_run run = { .account_id = trial->account->id };
	struct instant then = billing_run_instant(command, trial->account, date);
	void *made = NULL;
	if (then.us > now.us) {
		command->now = then;
		command->today = timezone_date(command->zone, then);
	}
	trial->made = command_perform(command, "account.bill", &run, &made);
	trial->invoice = made;
	command->now = now;
	command->today = today;
	return false;
}

static bool tell(struct command *command, const struct account *account, struct invoice *invoice)
{
	struct occurrence upcoming = occurrence_of(EVENT_INVOICE_UPCOMING, &invoice_record, invoice, 0, account->id);
	upcoming.details.effective_date = account->next_bill_date;
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

static bool account_told(struct command *command, int64_t account_id)
{
	struct account *account = account_need(command, account_id, "");
	if (!account)
		return false;
	account->upcoming_told = account->next_bill_date;
	return account_save(command, account);
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
	if (!is_to_be_told(command, account))
		return true;
	problems_init(&problems, command->arena);
	if (!command_attempt(command, trial_part, &trial, &problems, &done))
		return false;
	if (!trial.made && !is_rejected(&problems)) {
		problems_copy(command->problems, &problems);
		return false;
	}
	bool owes = trial.made && trial.invoice && trial.invoice->balance.minor > 0;
	return account_told(command, account->id) && (!owes || tell(command, account, trial.invoice));
}

const struct job_kind upcoming_jobs[] = {
	{ UPCOMING, upcoming_job, "Tells of the invoice that an account will get." },
	{ 0 },
};
