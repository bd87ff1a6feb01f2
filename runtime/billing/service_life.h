/* service_life.h: what is done at the moments of a service term (service_term.h): for the files of service terms. */
#ifndef MOONBILL_BILLING_SERVICE_LIFE_H
#define MOONBILL_BILLING_SERVICE_LIFE_H

#include "service_term.h"

/* One subscription with its term, account and zone. */
struct service {
	struct command *command;
	struct account *account;
	struct subscription *subscription;
	struct service_term *term;
	const struct timezone_rules *zone;
};

/* False with a problem when it has no term, or there is no such subscription. */
bool service_load(struct command *command, int64_t subscription_id, struct service *service);
/* Served again, if its subscription is suspended: subscription.status_change around it, then subscription.release. What it
 * is charged through stays. */
bool service_resume(struct service *service, struct text reason);
/* As far as its dates have come: each step with its events. */
bool service_follow(struct service *service);
/* Writes the term and plans its next moment. */
bool service_plan_next(struct service *service);

#endif
