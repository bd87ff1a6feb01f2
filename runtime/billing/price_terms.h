/* price_terms.h: what a price may say: which fields each scheme has, tiers without gaps. */
#ifndef MOONBILL_BILLING_PRICE_TERMS_H
#define MOONBILL_BILLING_PRICE_TERMS_H

#include "event/command.h"
#include "records.gen.h"

/* All that is wrong with it becomes problems below `pointer`. A rule that it names must be one of the active bundle. */
bool price_terms_check(struct command *command, const struct price_terms *terms, const char *pointer);
/* Does the scheme count events one by one? */
bool price_scheme_counts_events(enum price_terms_scheme scheme);
/* Whom the policy "price" is left to: the shipped policy of the scheme, or the rule that is named. */
struct text price_terms_policy(const struct price_terms *terms, struct arena *arena);

#endif
