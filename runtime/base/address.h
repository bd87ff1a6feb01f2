/* address.h: may a message go to this network address? Asked of the very address that is connected to, so that no name,
 * notation or redirect can pass by it.
 */
#ifndef MOONBILL_BASE_ADDRESS_H
#define MOONBILL_BASE_ADDRESS_H

#include <stdbool.h>

struct sockaddr;

enum address_kind {
	ADDRESS_KIND_GLOBAL,
	ADDRESS_KIND_PRIVATE,  /* loopback, private and shared networks, unique local: someone's own */
	ADDRESS_KIND_NOWHERE,  /* link-local (metadata of clouds), multicast, unspecified, broadcast, reserved, for documents */
};

/* Of IPv4 and IPv6; of anything else NOWHERE. What embeds an IPv4 address (mapped, NAT64, 6to4) is of that one's kind. */
enum address_kind address_kind(const struct sockaddr *address);
/* Is it "192.0.2.7" or "2001:db8::1"? */
bool address_is_text(const char *text);
/* The same of "192.0.2.7" or "2001:db8::1"; what is no address is NOWHERE. */
enum address_kind address_kind_of_text(const char *text);

#endif
