/* template_state.h: what the files of templates share; nobody else includes it. */
#ifndef MOONBILL_VALUE_TEMPLATE_STATE_H
#define MOONBILL_VALUE_TEMPLATE_STATE_H

#include "template.h"

enum piece_kind { PIECE_TEXT, PIECE_FIELD, PIECE_SECTION, PIECE_INVERTED };

/* Where a value is: so many records out from the innermost, then along fields. */
enum { PATH_MAX_FIELDS = 8 };
struct path {
	size_t out;
	int fields[PATH_MAX_FIELDS];
	size_t count;
};

struct piece {
	enum piece_kind kind;
	struct text text, name;
	struct path path;
	struct piece *inner, *last_inner; /* of a section */
	struct piece *next;
	int line;
};

struct template {
	const struct record *record; /* NULL: of JSON; its pieces have names and no paths */
	const char *file;
	struct piece root;
};

/* The text with what HTML would read as its own written out. */
void template_html(struct text_builder *out, struct text text);
/* PROBLEM_TEMPLATE_FAILED: sections within sections took more. */
bool template_endless(const struct template *template, int steps_max, struct problems *problems);

#endif
