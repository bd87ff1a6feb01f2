/* catalog_version_check.h: what must hold inside a version of a catalog, beyond the kinds and limits of its fields.
 *
 * Names are unique; every product, plan and price list that is named is there; add-ons are add-ons; phases come once
 * each, in order, with a length, and without an end only the last; what recurs has a billing period and prices; usage
 * sections have tiers of their kind; price lists, when there are any, have a DEFAULT; lists of rules have words of
 * theirs, no case twice, and a wildcard where they need one. Pure; every problem found, each with its pointer.
 */
#ifndef MOONBILL_BILLING_CATALOG_VERSION_CHECK_H
#define MOONBILL_BILLING_CATALOG_VERSION_CHECK_H

#include "base/problem.h"
#include "name_index.h"
#include "records.gen.h"
#include "value/place.h"

bool catalog_version_check(const struct catalog_version_input *version, const char *pointer, struct arena *arena,
                           struct problems *problems);

/* ---- its parts; each tells whether it found nothing. A place is that of what is checked. ---- */
struct catalog_check {
	const struct catalog_version_input *version;
	struct arena *arena;
	struct problems *problems;
	struct name_index products, plans, price_lists;
};
bool catalog_phases_check(const struct catalog_check *check, const struct phase *phases, size_t count,
                          const struct place *place);
bool catalog_tiers_check(const struct catalog_check *check, enum usage_section_kind kind, const struct usage_tier *tiers,
                         size_t count, const struct place *place);
bool catalog_rules_check(const struct catalog_check *check, const struct catalog_rules *rules, const struct place *place);

/* Adds a problem of a member (NULL: of the place itself) with its value, unless it has one already. Always false. */
bool catalog_problem(const struct catalog_check *check, const struct place *place, const char *member, struct text value,
                     const char *format, ...) __attribute__((format(printf, 5, 6)));
/* Not negative, and each currency once. */
bool catalog_prices_check(const struct catalog_check *check, const struct price *prices, size_t count,
                          const struct place *above, const char *member);
/* Does the version have it? A text that is absent names nothing. */
bool catalog_named_check(const struct catalog_check *check, const struct name_index *names, struct text name,
                         const char *kind, const struct place *place, const char *member);

#endif
