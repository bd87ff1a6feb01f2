/* tenant.h: a company that bills its customers, and its settings.
 *
 * Commands: tenant.create [global] makes a tenant with its first key; tenant.configure lays settings over the
 * present ones or replaces them. Settings are checked against the list in tenant_setting.c (docs/settings.md):
 * unknown paths are refused with the nearest name, each value by its kind.
 */
#ifndef MOONBILL_BILLING_TENANT_H
#define MOONBILL_BILLING_TENANT_H

#include "event/command.h"

extern const struct command_type tenant_commands[];

/* Of any scope, as the table is global. *tenant = NULL when there is none. */
bool tenant_find(struct store_transaction *transaction, int64_t id, struct tenant **tenant);
bool tenant_by_name(struct store_transaction *transaction, struct text name, struct tenant **tenant);
/* In the order of their creation, for operators. */
struct tenant_list {
	struct tenant *items;
	size_t count, capacity;
};
bool tenant_list(struct store_transaction *transaction, struct tenant_list *tenants);

/* Of a tenant that is being made: one line, without blanks around it, and free. A problem at /name. */
bool tenant_name_check(struct command *command, struct text name);
/* What its maker is told, with its first key. */
struct tenant_created *tenant_created_of(struct arena *arena, const struct tenant *tenant, struct text api_key);

/* May fixtures be set? */
bool tenant_is_test(const struct tenant *tenant);

#endif
