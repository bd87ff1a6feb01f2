/* catalog_check.h: what must hold inside one plan, beyond the kinds and limits of its fields.
 *
 * Price codes are unique; a percentage has `percent`, no prices and targets that exist and are no percentages;
 * every other charge has `amount` or tiers, not both; tiers begin at 0 or 1, ascend without gap or overlap
 * (the next begins one unit after the last ended, or where it ended) and end in at most one open bracket;
 * policies are known kinds, each once. Pure; every problem found, each with its pointer.
 */
#ifndef MOONBILL_BILLING_CATALOG_CHECK_H
#define MOONBILL_BILLING_CATALOG_CHECK_H

#include "records.gen.h"

/* Kinds of policies are known and chosen once each; `pointer` is the list's. */
bool policy_choices_check(const struct policy_choice *choices, size_t count, const char *pointer, struct arena *arena,
                          struct problems *problems);
bool catalog_check(const struct plan_create *plan, const char *pointer, struct arena *arena, struct problems *problems);

#endif
