/* wallet_work.h: transactions of a wallet in the making. Private to the files wallet*.c. */
#ifndef MOONBILL_BILLING_WALLET_WORK_H
#define MOONBILL_BILLING_WALLET_WORK_H

#include "wallet.h"

#define WALLET_END "wallet.end"
#define WALLET_EXPIRE "wallet.expire"
#define WALLET_TOP_UP "wallet.top_up"

/* wallet.c: writes the row with updated_at = now. */
bool wallet_save(struct command *command, struct wallet *wallet);
bool wallet_is_over(const struct wallet *wallet);

/* ---- wallet_transaction.c ---- */
struct wallet_grant {
	enum wallet_transaction_kind kind; /* granted or purchased */
	struct decimal credits;
	int64_t priority;           /* 0: the default */
	struct instant expires_at;  /* none: never */
	int64_t expires_in_days;    /* 0: never; from the moment they are there */
	struct text name;
	struct text custom;         /* the caller's own object; none */
	bool by_rule;
	const char *pointer;        /* where problems with `credits` are told */
};
/* Units come in, or are bought by an invoice of their own. */
bool wallet_transaction_grant(struct command *command, struct wallet *wallet, const struct wallet_grant *grant,
                              struct wallet_transaction **transaction);
/* The pending purchase holds its units from now on. */
bool wallet_transaction_settle(struct command *command, struct wallet *wallet, struct wallet_transaction *transaction);

/* What of a debit is for which line; position 0: for none. */
struct wallet_part {
	int64_t line_position;
	int64_t amount_minor;
};
struct wallet_debit {
	enum wallet_transaction_kind kind; /* invoiced, voided or expired */
	struct money amount;        /* above zero, no more than there is; of the parts together */
	struct decimal credits;     /* units that go with it; 0: those that its money is worth */
	const struct wallet_part *parts;
	size_t part_count;
	int64_t invoice_id;         /* 0: none */
	int64_t grant_id;           /* from this one alone; 0: in their order */
	struct text name, custom;
};
bool wallet_transaction_debit(struct command *command, struct wallet *wallet, const struct wallet_debit *debit,
                              struct wallet_transaction **transaction);
/* All that it holds goes out. */
bool wallet_transaction_empty(struct command *command, struct wallet *wallet, enum wallet_transaction_kind kind,
                              struct text name);
/* What is left of a grant is lost. */
bool wallet_transaction_expire(struct command *command, struct wallet *wallet, const struct wallet_transaction *grant);
/* Units that an amount of the wallet is worth: all when it is all that there is, and never more. */
bool wallet_units_worth(struct command *command, const struct wallet *wallet, struct money amount, struct decimal *units);
struct occurrence;
/* The row and its event after. */
bool wallet_transaction_store(struct command *command, struct wallet_transaction *transaction, struct occurrence *occurrence);

/* ---- wallet_apply.c ---- */
/* May it pay for such a line? */
bool wallet_pays(struct command *command, const struct wallet *wallet, const struct invoice_line *line);

/* ---- wallet_top_up.c ---- */
/* The rule fits together; `pointer` is that of the rule. */
bool wallet_rule_check(struct command *command, const struct wallet_top_up_rule *rule, const struct currency *currency,
                       const char *pointer);
/* A rule was set: its first interval is counted from today, a threshold is looked at now. */
bool wallet_rule_begin(struct command *command, const struct account *account, struct wallet *wallet);
/* The jobs of wallet_jobs. */
bool wallet_top_up_job(struct command *command, const struct job *job);
bool wallet_expire_job(struct command *command, const struct job *job); /* wallet_transaction.c */
/* The wallet holds less: a threshold is looked at. */
bool wallet_look(struct command *command, const struct wallet *wallet);

#endif
