/* mail_address.c: addresses of mail: the plain ones of RFC 5321, so that nothing in one means anything to a server. */
#include "mail.h"

#include <string.h>

enum { LOCAL_BYTES_MAX = 64, DOMAIN_BYTES_MAX = 253, LABEL_BYTES_MAX = 63, NAME_BYTES_MAX = 200 };

static bool is_alphanumeric(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Words of letters and signs with points between them. */
static bool is_local(struct text local)
{
	if (local.length == 0 || local.length > LOCAL_BYTES_MAX || local.data[0] == '.' || local.data[local.length - 1] == '.')
		return false;
	for (size_t i = 0; i < local.length; i++) {
		char c = local.data[i];
		if (c == '.' ? local.data[i - 1] == '.' : !is_alphanumeric(c) && (c == '\0' || !strchr("!#$%&'*+-/=?^_`{|}~", c)))
			return false;
	}
	return true;
}

static bool is_label(struct text label)
{
	if (label.length == 0 || label.length > LABEL_BYTES_MAX || label.data[0] == '-' || label.data[label.length - 1] == '-')
		return false;
	for (size_t i = 0; i < label.length; i++)
		if (!is_alphanumeric(label.data[i]) && label.data[i] != '-')
			return false;
	return true;
}

static bool is_domain(struct text domain)
{
	struct text label, rest = domain;
	bool more = domain.length <= DOMAIN_BYTES_MAX, good = more;
	while (more && good) {
		more = text_split(rest, '.', &label, &rest);
		good = is_label(label);
	}
	return good;
}

static bool is_address(struct text text)
{
	struct text local, domain;
	return text_split(text, '@', &local, &domain) && is_local(local) && is_domain(domain);
}

struct text mail_line(struct arena *arena, struct text text)
{
	char *bytes = arena_alloc(arena, text.length + 1);
	for (size_t i = 0; i < text.length; i++)
		bytes[i] = (unsigned char)text.data[i] < ' ' || text.data[i] == 0x7f ? ' ' : text.data[i];
	return text_trim((struct text){ bytes, text.length });
}

static struct text unquoted(struct text name)
{
	bool quoted = name.length >= 2 && name.data[0] == '"' && name.data[name.length - 1] == '"';
	return quoted ? text_slice(name, 1, name.length - 1) : name;
}

static bool has_control(struct text text)
{
	for (size_t i = 0; i < text.length; i++)
		if ((unsigned char)text.data[i] < ' ' || text.data[i] == 0x7f)
			return true;
	return false;
}

bool mail_address_parse(struct text text, struct arena *arena, struct mail_address *address)
{
	struct text plain = text_trim(text);
	size_t at = plain.length;
	*address = (struct mail_address){ 0 };
	if (has_control(text))
		return false;
	if (plain.length > 0 && plain.data[plain.length - 1] == '>') {
		while (at > 0 && plain.data[at - 1] != '<')
			at--;
		if (at == 0)
			return false;
		struct text name = unquoted(text_trim(text_slice(plain, 0, at - 1)));
		if (name.length > 0)
			address->name = text_copy(arena, text_front(name, NAME_BYTES_MAX));
		plain = text_slice(plain, at, plain.length - 1);
	}
	address->address = plain;
	return is_address(plain);
}
