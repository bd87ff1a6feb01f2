/* notify.h: tells who started the process how it is: systemd's protocol for Type=notify, without its library.
 *
 *     notify_send("READY=1\nSTATUS=serves http://127.0.0.1:8080");
 *
 * Does nothing where NOTIFY_SOCKET is not set. A datagram of a few bytes; the protocol is promised to stay as it is
 * (sd_notify(3)), which is why twenty lines stand here and no library.
 */
#ifndef MOONBILL_BASE_NOTIFY_H
#define MOONBILL_BASE_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

/* False when somebody listens and could not be told. */
bool notify_send(const char *state);
/* How often "WATCHDOG=1" is to be sent, which is twice as often as it is missed; 0: nobody waits for it. */
int64_t notify_watchdog_us(void);

#endif
