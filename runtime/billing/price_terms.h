/* price_terms.h: what a price may say: which fields each scheme has, tiers without gaps. */
#ifndef MOONBILL_BILLING_PRICE_TERMS_H
#define MOONBILL_BILLING_PRICE_TERMS_H

#include "event/command.h"
#include "records.gen.h"

/* All that is wrong with it becomes problems below `pointer`. A rule that it names must be one of the active bundle. */
bool price_terms_check(struct command *command, const struct price_terms *terms, const char *pointer);
/* What a scheme asks of events; all but none are for components of kind event. */
enum price_events {
	PRICE_EVENTS_NONE,
	PRICE_EVENTS_VALUES,     /* the values of their properties */
	PRICE_EVENTS_ONE_BY_ONE, /* each of them, or how many they were and what they said they cost */
};
enum price_events price_scheme_events(enum price_terms_scheme scheme);
/* Can a price by these terms be told only from each event by itself, and not from what all come to? */
bool price_terms_need_events(const struct price_terms *terms);
/* Whom the policy "price" is left to: the shipped policy of the scheme, or the rule that is named. */
struct text price_terms_policy(const struct price_terms *terms, struct arena *arena);

#endif
