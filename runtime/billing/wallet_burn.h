/* wallet_burn.h: how prepaid money is used up: by which grants of a wallet, and by which of several wallets.
 *
 * Grants of one wallet: the lowest priority number first; of one priority what expires first (what never does comes last), then
 * what was given before what was bought, then the oldest. Each part that is taken names its grant.
 *
 * Several wallets: each charge is offered to them in their order. One that is topped up when it runs low takes all that is left,
 * whatever it holds; one that is empty is passed over; the last one takes what the others have left, even below zero. That is how
 * usage that is not billed yet is shared out (the ongoing balance); a wallet never pays more than it holds.
 *
 * Credit units: what is taken is cut after WALLET_UNIT_SCALE places, its money is rounded to the currency.
 *
 * Pure: no store, no clock. Source: peers.md d.8 and d.9; cases peers/wallets_commitments_progressive.
 */
#ifndef MOONBILL_BILLING_WALLET_BURN_H
#define MOONBILL_BILLING_WALLET_BURN_H

#include "base/arena.h"
#include "base/clock.h"
#include "value/money.h"

enum { WALLET_UNIT_SCALE = 5, WALLET_PRIORITY_DEFAULT = 50 };

/* ---- grants of one wallet ---- */
struct burn_grant {
	int64_t id;         /* grows with age */
	int64_t priority;
	struct instant expires_at; /* none: never */
	bool purchased;
	int64_t left_minor; /* not below zero */
};
struct burn_part {
	size_t grant;       /* its number in the list */
	int64_t amount_minor;
};
/* Puts them in the order in which they are used up. */
void burn_sort(struct burn_grant *grants, size_t count);
/* Takes `amount_minor`, or as much as there is, from grants in that order; their left_minor follow. `parts` has room for
 * `count`; *part_count of them were made. Answers what was taken. */
int64_t burn_take(struct burn_grant *grants, size_t count, int64_t amount_minor, struct burn_part *parts, size_t *part_count);

/* ---- several wallets ---- */
struct cascade_wallet {
	int64_t balance_minor; /* what it holds */
	bool absorbs;          /* it has an active top-up by threshold */
	int64_t taken_minor;   /* of charges so far */
};
/* Shares one charge out over wallets in their order, those for which `eligible` says so; NULL: all are. What is left when none is
 * eligible is answered. */
int64_t cascade_take(struct cascade_wallet *wallets, size_t count, const bool *eligible, int64_t charge_minor);

/* ---- credit units ---- */
/* Units cut after `scale` places. */
bool wallet_units(struct decimal asked, int scale, struct decimal *units);
/* What units come to in money, at a rate in money for one unit. False on overflow. */
bool wallet_money(struct decimal units, struct decimal rate, const struct currency *currency, struct money *amount);
/* Units that come to an amount of money, cut after `scale` places. False on overflow or for a rate of 0. */
bool wallet_units_of(struct money amount, struct decimal rate, int scale, struct decimal *units);

#endif
