/* credit.h: money the tenant owes an account: overpayments and unused parts of a replaced order; its next invoices use
 * it up, oldest credit first. remaining = amount - sum of its credit_use rows, and never below zero. */
#ifndef MOONBILL_BILLING_CREDIT_H
#define MOONBILL_BILLING_CREDIT_H

#include "object_filter.h"

/* ---- reading ---- */
struct credit_list {
	struct credit *items;
	size_t count, capacity;
};
/* With its uses. */
bool credit_find(struct command *command, int64_t id, struct credit **credit);
/* Newest first, without their uses. status and updated windows of the filter do not apply. */
bool credit_page(struct command *command, const struct object_filter *filter, struct credit_list *credits);
/* What is left of the account's credits in its currency. */
bool credit_balance(struct command *command, const struct account *account, struct money *balance);

/* ---- for other performs ---- */
/* `template` gives account, currency, amount, reason and where it comes from. */
bool credit_create(struct command *command, const struct credit *template, struct credit **credit);
/* Uses the account's credits for its open invoices, by date, as far as they go. */
bool credit_spend(struct command *command, const struct account *account);
/* An invoice that is withdrawn: what it used of credits is the account's again, what is left of its own credits is not. */
bool credit_undo(struct command *command, const struct invoice *invoice);
/* What is left of a credit is used for an invoice that is not owed any more, or not yet. */
bool credit_use_up(struct command *command, struct credit *credit, int64_t invoice_id);
/* What is left of a credit that an invoice gave is not the account's any more. */
bool credit_take_away(struct command *command, struct credit *credit);
/* Uses the account's credits for an open invoice as far as they go. */
bool credit_apply(struct command *command, const struct account *account, struct invoice *invoice);

#endif
