/* address.c: kinds of network addresses, by the registries of special ones (RFC 6890 and its followers). */
#include "address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

struct range {
	uint8_t bytes[16];
	unsigned bits;
	enum address_kind kind;
};

static const struct range ranges4[] = {
	{ { 0 }, 8, ADDRESS_KIND_NOWHERE },
	{ { 10 }, 8, ADDRESS_KIND_PRIVATE },
	{ { 100, 64 }, 10, ADDRESS_KIND_PRIVATE },
	{ { 127 }, 8, ADDRESS_KIND_PRIVATE },
	{ { 169, 254 }, 16, ADDRESS_KIND_NOWHERE },
	{ { 172, 16 }, 12, ADDRESS_KIND_PRIVATE },
	{ { 192, 0, 0 }, 24, ADDRESS_KIND_NOWHERE },
	{ { 192, 0, 2 }, 24, ADDRESS_KIND_NOWHERE },
	{ { 192, 88, 99 }, 24, ADDRESS_KIND_NOWHERE },
	{ { 192, 168 }, 16, ADDRESS_KIND_PRIVATE },
	{ { 198, 18 }, 15, ADDRESS_KIND_PRIVATE },
	{ { 198, 51, 100 }, 24, ADDRESS_KIND_NOWHERE },
	{ { 203, 0, 113 }, 24, ADDRESS_KIND_NOWHERE },
	{ { 224 }, 4, ADDRESS_KIND_NOWHERE },
	{ { 240 }, 4, ADDRESS_KIND_NOWHERE },
};

/* Only 2000::/3 is global, and not all of it. */
static const struct range ranges6[] = {
	{ { [15] = 1 }, 128, ADDRESS_KIND_PRIVATE },                /* ::1 */
	{ { 0xfc }, 7, ADDRESS_KIND_PRIVATE },
	{ { 0x20, 0x01 }, 23, ADDRESS_KIND_NOWHERE },               /* 2001::/23, Teredo in it */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32, ADDRESS_KIND_NOWHERE },
	{ { 0x3f, 0xff }, 20, ADDRESS_KIND_NOWHERE },
	{ { 0x20 }, 3, ADDRESS_KIND_GLOBAL },
};

/* Where an IPv4 address lies within an IPv6 one. */
static const struct {
	uint8_t bytes[16];
	unsigned bits, at;
} embeddings[] = {
	{ { [10] = 0xff, [11] = 0xff }, 96, 12 },                   /* ::ffff:a.b.c.d */
	{ { 0x00, 0x64, 0xff, 0x9b }, 96, 12 },                     /* 64:ff9b:: */
	{ { 0x20, 0x02 }, 16, 2 },                                  /* 2002:: */
};

static bool begins(const uint8_t *bytes, const uint8_t *front, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;
	uint8_t mask = (uint8_t)(0xff00 >> rest);
	return memcmp(bytes, front, whole) == 0 && (rest == 0 || ((bytes[whole] ^ front[whole]) & mask) == 0);
}

static enum address_kind kind_in(const struct range *ranges, size_t count, const uint8_t *bytes, enum address_kind otherwise)
{
	for (size_t i = 0; i < count; i++)
		if (begins(bytes, ranges[i].bytes, ranges[i].bits))
			return ranges[i].kind;
	return otherwise;
}

static enum address_kind kind4(const uint8_t *bytes)
{
	return kind_in(ranges4, sizeof ranges4 / sizeof ranges4[0], bytes, ADDRESS_KIND_GLOBAL);
}

static enum address_kind kind6(const uint8_t *bytes)
{
	for (size_t i = 0; i < sizeof embeddings / sizeof embeddings[0]; i++)
		if (begins(bytes, embeddings[i].bytes, embeddings[i].bits))
			return kind4(bytes + embeddings[i].at);
	return kind_in(ranges6, sizeof ranges6 / sizeof ranges6[0], bytes, ADDRESS_KIND_NOWHERE);
}

enum address_kind address_kind(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET)
		return kind4((const uint8_t *)&((const struct sockaddr_in *)(const void *)address)->sin_addr);
	if (address->sa_family == AF_INET6)
		return kind6((const uint8_t *)&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr);
	return ADDRESS_KIND_NOWHERE;
}

enum address_kind address_kind_of_text(const char *text)
{
	uint8_t bytes[16];
	if (inet_pton(AF_INET, text, bytes) == 1)
		return kind4(bytes);
	if (inet_pton(AF_INET6, text, bytes) == 1)
		return kind6(bytes);
	return ADDRESS_KIND_NOWHERE;
}

bool address_is_text(const char *text)
{
	uint8_t bytes[16];
	return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}
