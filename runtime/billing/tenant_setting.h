/* tenant_setting.h: which settings exist, and what each may hold.
 *
 * Settings are an object of objects ({"billing": {"day": 1}}); a path joins the names by points. A bundle's
 * settings and a tenant's are of the same shape; what both leave out has the default named here. Members under
 * "rules" are the tenant's own, for ctx.settings in rules: any JSON.
 */
#ifndef MOONBILL_BILLING_TENANT_SETTING_H
#define MOONBILL_BILLING_TENANT_SETTING_H

#include "rule/rule.h"
#include "value/json.h"

struct tenant_setting {
	const char *path; /* "billing.day"; NULL ends the table */
	enum { SETTING_INTEGER = 1, SETTING_BOOLEAN, SETTING_TEXT, SETTING_CHOICE, SETTING_POLICY, SETTING_DELAYS, SETTING_ADDRESS, SETTING_PERCENT } kind;
	int64_t min, max; /* integer, percent: value; text: length in bytes */
	const char *const *words; /* choice: NULL-terminated */
	const char *otherwise; /* the default as text */
	const char *doc;
};
extern const struct tenant_setting tenant_settings[];

/* Every problem found, each with its JSON pointer below `pointer`. */
bool tenant_setting_check(const struct json *settings, const char *pointer, struct problems *problems);
/* Are the rules named under "policies" there, in this bundle (may be NULL) or shipped? */
bool tenant_setting_check_policies(const struct json *settings, const struct rule_bundle *rules, const char *pointer,
                                   struct problems *problems);

#endif
