/* words.c: what other systems call our states and kinds. */
#include "words.h"

const char *word_of(enum word_system system, enum word_kind kind, int state)
{
	const struct word_row *row = word_rows[system][kind];
	for (; row && row->word; row++)
		if (row->state == state)
			return row->word;
	return NULL;
}

int word_find(enum word_system system, enum word_kind kind, struct text word)
{
	const struct word_row *row = word_rows[system][kind];
	for (; row && row->word; row++)
		if (text_is(word, row->word))
			return row->state;
	return 0;
}

const char *const *word_list(enum word_system system, enum word_kind kind)
{
	static const char *const none[] = { NULL };
	return word_lists[system][kind] ? word_lists[system][kind] : none;
}

struct text word_list_text(struct arena *arena, enum word_system system, enum word_kind kind)
{
	struct text_builder out;
	builder_init(&out, arena, 0);
	for (const char *const *word = word_list(system, kind); *word; word++) {
		builder_c(&out, out.length ? ", " : "");
		builder_c(&out, *word);
	}
	return builder_text(&out);
}
