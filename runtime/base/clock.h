/* clock.h: the only reader of time.
 *
 * An instant is microseconds since 1970-01-01T00:00:00Z; 0 means "none". Business code never calls
 * clock_wall: a command carries its own `now` (tenant clock) and only the engine, which makes commands,
 * asks here. Monotonic time is for time-outs and figures.
 */
#ifndef MOONBILL_BASE_CLOCK_H
#define MOONBILL_BASE_CLOCK_H

#include "arena.h"
#include "text.h"

#include <stdbool.h>
#include <stdint.h>

struct instant {
	int64_t us;
};

#define INSTANT_NONE ((struct instant){ 0 })
enum { US_PER_MS = 1000, US_PER_S = 1000000 };

struct instant clock_wall(void);
int64_t clock_monotonic_us(void);
/* What the calling thread has had of a processor. Asks the kernel: dearer than the others. */
int64_t clock_thread_us(void);
/* Sleeps; for workers only. */
void clock_sleep_us(int64_t us);

/* RFC 3339 with "Z" or an offset, years 0001 to 9999, up to 6 digits of fraction. A leap second
 * is refused, and so is the one instant that means "none". */
bool instant_parse(struct text text, struct instant *instant);
/* Why it refuses this text, to be written behind it: "is not an instant". */
const char *instant_refusal(struct text text);
/* Whether it is in one of those years. */
bool instant_in_calendar(struct instant instant);
/* So much later; none beyond those years. */
struct instant instant_after(struct instant instant, int64_t us);
/* "2011-09-06T15:00:00Z", with ".250" or ".250001" only when there is a fraction; none for none. */
struct text instant_text(struct arena *arena, struct instant instant);
enum { INSTANT_TEXT_MAX = 32 };
/* The same of a present one into INSTANT_TEXT_MAX bytes; where it ends. */
char *instant_put(char *to, struct instant instant);

#endif
