/* host.h: rows by equality filters, as tasks and consoles walk them. */
#ifndef MOONBILL_EVENT_HOST_H
#define MOONBILL_EVENT_HOST_H

#include "command.h"

/* Does a statement walk rows of this record? */
bool host_lists(const struct record *record);
/* Has the row what each filter says? */
bool host_filters_hold(const struct record *record, const void *row, const struct rule_when *filters, size_t filter_count,
                       struct arena *arena);

#endif
