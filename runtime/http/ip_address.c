/* ip_address.c: where clients come from: addresses of sockets and headers, and lists of networks. */
#include "ip_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

enum { IPV4_AT = 12, IPV4_BITS_BEFORE = 96, BITS_MAX = 128 };

static struct ip_address of_ipv4(const void *four_bytes)
{
	struct ip_address address = { .bytes = { [10] = 0xff, [11] = 0xff }, .known = true };
	memcpy(address.bytes + IPV4_AT, four_bytes, 4);
	return address;
}

static bool is_ipv4(const struct ip_address *address)
{
	static const uint8_t before[IPV4_AT] = { [10] = 0xff, [11] = 0xff };
	return memcmp(address->bytes, before, sizeof before) == 0;
}

struct ip_address ip_of_socket(const struct sockaddr *socket)
{
	const void *from = socket;
	struct ip_address address = { .known = false };
	if (socket && socket->sa_family == AF_INET)
		return of_ipv4(&((const struct sockaddr_in *)from)->sin_addr);
	if (socket && socket->sa_family == AF_INET6) {
		memcpy(address.bytes, &((const struct sockaddr_in6 *)from)->sin6_addr, sizeof address.bytes);
		address.known = true;
	}
	return address;
}

/* Without brackets and port. A colon is a port's only when it is the one colon there is. */
static struct text bare(struct text text)
{
	struct text head, tail;
	if (text.length && text.data[0] == '[') {
		text_split(text_slice(text, 1, text.length), ']', &head, &tail);
		return head;
	}
	bool colon = text_split(text, ':', &head, &tail);
	return colon && !memchr(tail.data, ':', tail.length) ? head : text;
}

bool ip_parse(struct text text, struct ip_address *address)
{
	char terminated[IP_TEXT_BYTES];
	uint8_t four_bytes[4];
	struct text plain = bare(text_trim(text));
	*address = (struct ip_address){ .known = false };
	if (plain.length == 0 || plain.length >= sizeof terminated)
		return false;
	memcpy(terminated, plain.data, plain.length);
	terminated[plain.length] = '\0';
	if (inet_pton(AF_INET, terminated, four_bytes) == 1)
		*address = of_ipv4(four_bytes);
	else
		address->known = inet_pton(AF_INET6, terminated, address->bytes) == 1;
	return address->known;
}

void ip_write(const struct ip_address *address, char text[static IP_TEXT_BYTES])
{
	text[0] = '\0';
	if (address->known && is_ipv4(address))
		inet_ntop(AF_INET, address->bytes + IPV4_AT, text, IP_TEXT_BYTES);
	else if (address->known)
		inet_ntop(AF_INET6, address->bytes, text, IP_TEXT_BYTES);
}

uint64_t ip_client(const struct ip_address *address)
{
	uint64_t client;
	memcpy(&client, address->bytes + (is_ipv4(address) ? 8 : 0), sizeof client);
	return client;
}

/* ---- lists ---- */

static bool network_parse(struct text word, struct ip_address *address, unsigned *bits)
{
	struct text base, length;
	int64_t number = 0;
	bool cut = text_split(word, '/', &base, &length);
	if (!ip_parse(base, address))
		return false;
	int64_t most = is_ipv4(address) ? BITS_MAX - IPV4_BITS_BEFORE : BITS_MAX;
	if (cut && (!text_to_int64(length, &number) || number < 0 || number > most))
		return false;
	*bits = (unsigned)(cut ? number + BITS_MAX - most : BITS_MAX);
	return true;
}

bool ip_list_parse(struct text words, const char *setting, struct ip_list *list, struct problems *problems)
{
	struct text word, rest = text_is(words, "none") ? TEXT("") : words;
	list->count = 0;
	for (bool more = rest.length > 0; more;) {
		more = text_split(rest, ' ', &word, &rest);
		if (word.length == 0)
			continue;
		if (list->count == IP_NETWORKS_MAX)
			return problem(problems, PROBLEM_CONFIG_INVALID, "", "%s has more than %d networks", setting,
			               IP_NETWORKS_MAX);
		if (!network_parse(word, &list->networks[list->count].address, &list->networks[list->count].bits))
			return problem_value(problems, PROBLEM_CONFIG_INVALID, "", word,
			                     "Write blank-separated addresses or networks (10.0.0.0/8 ::1), or none.",
			                     "%s: '%.*s' is no address and no network", setting,
			                     TEXT_ARG(text_slice(word, 0, 100)));
		list->count++;
	}
	return true;
}

static bool begins_alike(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;
	return memcmp(a, b, whole) == 0 && (!rest || (a[whole] ^ b[whole]) >> (8 - rest) == 0);
}

bool ip_list_holds(const struct ip_list *list, const struct ip_address *address)
{
	for (size_t i = 0; address->known && i < list->count; i++)
		if (begins_alike(list->networks[i].address.bytes, address->bytes, list->networks[i].bits))
			return true;
	return false;
}
