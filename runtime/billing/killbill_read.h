/* killbill_read.h: what the parts of the import share: problems with their place, words, JSON while reading. */
#ifndef MOONBILL_BILLING_KILLBILL_READ_H
#define MOONBILL_BILLING_KILLBILL_READ_H

#include "killbill_import.h"
#include "value/json.h"
#include "value/xml.h"

#define KILLBILL_REMEDY "Change the file there and import it again."

struct killbill_reading {
	const char *file;
	struct arena *arena;
	struct problems *problems;
	struct json_writer *out;
	const struct xml *currencies; /* of the catalog: an empty price is 0 in each */
	struct text billing_mode;     /* of the catalog, for plans that have none; none */
	struct killbill_places *places; /* where what is written comes from */
	size_t plans, states;
	bool failed;                  /* a problem was told; what is written is of no use */
};

/* ---- killbill_place.c ---- */
/* An object is written of what the element says, until it ends; they nest. */
void killbill_begin(struct killbill_reading *reading, const struct xml *element);
void killbill_end(struct killbill_reading *reading);
/* What was written since `from` (bytes of `out`) comes from the element. */
void killbill_wrote(struct killbill_reading *reading, const struct xml *element, size_t from);

/* "FILE:LINE: <element> ..." */
void killbill_problem(struct killbill_reading *reading, const struct xml *element, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
struct text killbill_message(struct arena *arena, const char *file, const struct xml *element, struct text message);
/* The element has no other children than these, named with blanks between. */
void killbill_children(struct killbill_reading *reading, const struct xml *element, const char *names);
/* The child; when it is missing that is a problem, and NULL. */
const struct xml *killbill_child(struct killbill_reading *reading, const struct xml *element, const char *name);
/* Writes `member`: the word of `words` (a choice's, from 1) that this is but for case and underscores. */
void killbill_word(struct killbill_reading *reading, const char *member, const struct xml *element, struct text theirs,
                   const char *const *words);
/* Writes `member`: the text, which the element says; nothing for one that is absent. */
void killbill_text(struct killbill_reading *reading, const char *member, const struct xml *element, struct text text);
/* Writes `member`: the element's name; that it has none is a problem. */
void killbill_name(struct killbill_reading *reading, const char *member, const struct xml *element);

void killbill_plans(struct killbill_reading *reading, const struct xml *plans);
void killbill_rules(struct killbill_reading *reading, const struct xml *rules);
void killbill_catalog(struct killbill_reading *reading, const struct xml *catalog);
void killbill_overdue(struct killbill_reading *reading, const struct xml *overdue);

#endif
