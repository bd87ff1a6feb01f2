/* rule_pattern.h: Lua patterns, matched with a step budget. Pure; knows nothing of Lua states.
 *
 * The language is that of Lua 5.4's string library: classes %a %c %d %g %l %p %s %u %w %x and their upper-case
 * complements, `.`, sets and ranges, `* + - ?`, anchors, captures and position captures, %1 to %8, %bxy, %f[set].
 * On what both accept, results equal the library's. It is stricter in five ways, so that a mistake shows at once
 * and not only when a subject happens to reach it:
 *   - the whole pattern is checked before matching begins;
 *   - `%` before a letter or digit must be one of the above (the library takes "%q" for "q" and "%z" for a zero byte);
 *   - a position capture cannot be referred to (the library never matches it);
 *   - a range cannot end with `%`;
 *   - at most PATTERN_CAPTURES_MAX captures and PATTERN_DEPTH_MAX nested trials (each capture bracket and each
 *     repetition is one), refused by the check.
 * Classes are ASCII whatever the locale.
 *
 *     struct pattern_state state = { .steps_left = 8 * fuel };
 *     if (pattern_match(&state, subject, TEXT("(%d+)-(%d+)"), 0) == PATTERN_MATCHED) ... state.captures[0] ...
 *
 * Matching is backtracking and may take exponential time: every trial, every eighth byte of a set and every
 * sixteenth byte of a back reference costs a step, and the match ends with PATTERN_SPENT when none is left.
 */
#ifndef MOONBILL_RULE_PATTERN_H
#define MOONBILL_RULE_PATTERN_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	PATTERN_CAPTURES_MAX = 8,
	PATTERN_DEPTH_MAX = 200,
};

enum pattern_outcome {
	PATTERN_NO_MATCH,
	PATTERN_MATCHED,
	PATTERN_MALFORMED, /* state.problem says how, state.problem_at where */
	PATTERN_SPENT,     /* steps_left is 0; says nothing about a match */
};

/* Offsets into the subject. A position capture has no length. */
struct pattern_capture {
	size_t start, length;
	bool is_position;
};

struct pattern_state {
	uint64_t steps_left; /* set by the caller before the first call; what is missing afterwards was used */
	/* out; `start`, `end` and captures only after PATTERN_MATCHED */
	size_t start, end;
	size_t capture_count;
	struct pattern_capture captures[PATTERN_CAPTURES_MAX];
	const char *problem;
	size_t problem_at; /* byte of the pattern */
	/* private */
	struct text subject, pattern;
	bool anchored;
	size_t depth;
};

/* Checks the pattern and sets up. False: state->problem. */
bool pattern_begin(struct pattern_state *state, struct text subject, struct text pattern);
/* Tries one place only; a leading `^` has been taken off by pattern_begin (see state->anchored). */
enum pattern_outcome pattern_match_at(struct pattern_state *state, size_t at);
/* The first match at or after `init` (only at `init` when anchored); none when init is past the end. */
enum pattern_outcome pattern_search(struct pattern_state *state, size_t init);
/* pattern_begin and pattern_search. */
enum pattern_outcome pattern_match(struct pattern_state *state, struct text subject, struct text pattern, size_t init);
/* Whether the pattern has no special character, so that a plain search does. */
bool pattern_is_plain(struct text pattern);

#endif
