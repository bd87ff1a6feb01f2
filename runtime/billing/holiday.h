/* holiday.h: days on which tasks with skip_holidays rest; a tenant's own, in its zone. */
#ifndef MOONBILL_BILLING_HOLIDAY_H
#define MOONBILL_BILLING_HOLIDAY_H

#include "event/command.h"
#include "page.h"
#include "schedule.h"

/* holiday.create   holiday_create -> holiday   refused where it meets another one, or is longer than a year
 * holiday.update   holiday_update -> holiday
 * holiday.delete   holiday_delete -> holiday, as it was
 * What is scheduled already moves with them. */
extern const struct command_type holiday_commands[];

struct holiday_list {
	struct holiday *items;
	size_t count, capacity;
};
bool holiday_find(struct command *command, int64_t id, struct holiday **holiday);
bool holidays_all(struct command *command, struct holiday_list *holidays);
bool holiday_page(struct command *command, struct page_query page, struct holiday_list *holidays);
/* Weekends and holidays of the tenant. */
bool working_day_show(struct command *command, struct date date, struct working_day *shown);

#endif
