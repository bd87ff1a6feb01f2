/* usage_due.h: the windows of a subscription's usage that a run looks at, each with what was billed of it and what it
 * comes to now.
 *
 *     new     completed after the day its section is billed through
 *     late    billed before, with records that came or went since: the window of the line that billed it, or where
 *             there is no such line the window of the timeline
 */
#ifndef MOONBILL_BILLING_USAGE_DUE_H
#define MOONBILL_BILLING_USAGE_DUE_H

#include "event/command.h"
#include "usage_window.h"

struct usage_line_list {
	struct invoice_line *items;
	size_t count, capacity;
};

/* A subscription in a run. */
struct usage_subject {
	struct command *command;
	const struct account *account;
	const struct subscription *subscription;
	const struct timezone_rules *zone;
	struct date target;
	struct usage_stretch_list stretches;
	struct { struct usage_progress *items; size_t count, capacity; } sections; /* one a name; of new ones all 0 */
};
bool usage_subject_read(struct command *command, const struct account *account, const struct subscription *subscription,
                        const struct billing_event_list *events, struct date target, struct usage_subject *subject);

struct usage_due {
	struct usage_window window;
	bool late;
	int64_t windows_back;          /* late: 1 the last one that is billed, 2 the one before */
	struct usage_line_list lines;  /* that billed it, on invoices that hold */
	struct usage_billed billed;    /* what they come to */
	struct usage_quantity_list quantities;
	struct usage_rating rating;
	bool too_large;                /* rated: what is due fits nowhere */
};
struct usage_due_list {
	struct usage_due *items;
	size_t count, capacity;
};
/* By their start, without quantities and rating. */
bool usage_due_windows(const struct usage_subject *subject, const struct usage_progress *section,
                       struct usage_due_list *dues);
/* Reads the window's records and rates it, or says that it is too large. */
bool usage_due_rate(const struct usage_subject *subject, struct usage_due *due);
/* The day the section is billed through once the run is done; none: nothing of it is completed. */
struct date usage_due_through(const struct usage_subject *subject, const struct usage_progress *section);

/* ---- usage_decision.c: how the amount of a usage line came about, as JSON ---- */
/* `line` NULL: all of the rating's lines; `policy` is the usage_late policy's decision, none where it was not asked. */
struct text usage_decision(struct arena *arena, const struct usage_due *due, const struct usage_rate_line *line,
                           const struct currency *currency, struct text policy);
/* What lines billed, by what their decisions say; without lines where one does not tell. False when a sum does not fit. */
bool usage_decisions_billed(struct arena *arena, const struct usage_line_list *lines, struct usage_billed *billed);

#endif
