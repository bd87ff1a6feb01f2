/* ip_address.h: where clients come from: addresses of sockets and headers, and lists of networks.
 *
 *     struct ip_list proxies;
 *     if (!ip_list_parse(TEXT("10.0.0.0/8 ::1"), "trusted_proxies", &proxies, problems)) ...
 *     if (ip_list_holds(&proxies, &link->address)) ...
 *
 * One form for both families: IPv4 stands in IPv6 as ::ffff:a.b.c.d, so that a socket that takes both says the same.
 */
#ifndef MOONBILL_HTTP_IP_ADDRESS_H
#define MOONBILL_HTTP_IP_ADDRESS_H

#include "base/arena.h"
#include "base/problem.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sockaddr;

struct ip_address {
	uint8_t bytes[16];
	bool known; /* false: nobody said where the request comes from */
};

enum { IP_NETWORKS_MAX = 64, IP_TEXT_BYTES = 46 };

struct ip_list {
	struct {
		struct ip_address address;
		unsigned bits; /* of the IPv6 form that count */
	} networks[IP_NETWORKS_MAX];
	size_t count;
};

struct ip_address ip_of_socket(const struct sockaddr *socket); /* not known when NULL or of another family */
/* "192.0.2.7", "2001:db8::1"; with brackets and a port as some proxies write it: "[2001:db8::1]:443", "192.0.2.7:80". */
bool ip_parse(struct text text, struct ip_address *address);
/* Terminated; "" when it is not known. */
void ip_write(const struct ip_address *address, char text[static IP_TEXT_BYTES]);

/* What one client has for itself: the address of IPv4, the network of 64 bits of IPv6, in which anyone has 2^64. */
uint64_t ip_client(const struct ip_address *address);

/* Blank-separated addresses and networks ("10.0.0.0/8"); "none" is the empty list. False and a problem that names the
 * setting. */
bool ip_list_parse(struct text words, const char *setting, struct ip_list *list, struct problems *problems);
bool ip_list_holds(const struct ip_list *list, const struct ip_address *address);

#endif
