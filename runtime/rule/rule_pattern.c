/* rule_pattern.c: Lua patterns, matched with a step budget. */
#include "rule_pattern.h"

#include <assert.h>
#include <string.h>

static const size_t NOWHERE = SIZE_MAX;   /* no match */
static const size_t UNFINISHED = SIZE_MAX; /* length of a capture whose `)` has not been reached */

/* ---- character classes: ASCII, whatever the locale ---- */

static bool is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static bool is_lower(unsigned char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_upper(unsigned char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_letter(unsigned char c)
{
	return is_lower(c) || is_upper(c);
}

static bool is_graphic(unsigned char c)
{
	return c > ' ' && c < 127;
}

static unsigned char to_lower(unsigned char c)
{
	return is_upper(c) ? (unsigned char)(c - 'A' + 'a') : c;
}

static bool is_hexadecimal(unsigned char c)
{
	return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'f');
}

/* `class` is lower case. */
static bool class_contains(unsigned char class, unsigned char c)
{
	switch (class) {
	case 'a': return is_letter(c);
	case 'c': return c < ' ' || c == 127;
	case 'd': return is_digit(c);
	case 'g': return is_graphic(c);
	case 'l': return is_lower(c);
	case 'p': return is_graphic(c) && !is_letter(c) && !is_digit(c);
	case 's': return c == ' ' || (c >= '\t' && c <= '\r');
	case 'u': return is_upper(c);
	case 'w': return is_letter(c) || is_digit(c);
	case 'x': return is_hexadecimal(c);
	default: return false;
	}
}

static bool is_class(unsigned char letter)
{
	return is_letter(letter) && strchr("acdglpsuwx", to_lower(letter)) != NULL;
}

/* What `%` and `letter` stand for: a class, its complement or the character itself. */
static bool escape_contains(unsigned char letter, unsigned char c)
{
	if (!is_class(letter))
		return letter == c;
	return class_contains(to_lower(letter), c) == is_lower(letter);
}

/* ---- reading the pattern ---- */

static unsigned char pattern_byte(const struct pattern_state *state, size_t p)
{
	return p < state->pattern.length ? (unsigned char)state->pattern.data[p] : 0;
}

static unsigned char subject_byte(const struct pattern_state *state, size_t s)
{
	return s < state->subject.length ? (unsigned char)state->subject.data[s] : 0;
}

/* `p` at `[`: the place of its `]`, or NOWHERE. The first character of a set never ends it: "[]]" holds "]". */
static size_t set_close(const struct pattern_state *state, size_t p)
{
	size_t length = state->pattern.length;
	p += pattern_byte(state, p + 1) == '^' ? 2 : 1;
	for (bool first = true; p < length; first = false) {
		unsigned char c = pattern_byte(state, p);
		if (c == ']' && !first)
			return p;
		p += c == '%' ? 2 : 1;
	}
	return NOWHERE;
}

/* The end of the single character, class or set that begins at `p`, of a checked pattern. */
static size_t item_end(const struct pattern_state *state, size_t p)
{
	switch (pattern_byte(state, p)) {
	case '%': return p + 2;
	case '[': return set_close(state, p) + 1;
	default: return p + 1;
	}
}

/* `p` at `[`, `close` at its `]`. A range needs both its ends inside: "[a-]" is "a" and "-". */
static bool set_contains(const struct pattern_state *state, size_t p, size_t close, unsigned char c)
{
	bool found = true;
	if (pattern_byte(state, p + 1) == '^') {
		found = false;
		p++;
	}
	for (p++; p < close; p++) {
		unsigned char low = pattern_byte(state, p);
		if (low == '%') {
			if (escape_contains(pattern_byte(state, ++p), c))
				return found;
		} else if (pattern_byte(state, p + 1) == '-' && p + 2 < close) {
			p += 2;
			if (low <= c && c <= pattern_byte(state, p))
				return found;
		} else if (low == c) {
			return found;
		}
	}
	return !found;
}

/* ---- checking ---- */

static bool malformed(struct pattern_state *state, size_t at, const char *problem)
{
	state->problem = problem;
	state->problem_at = at;
	return false;
}

static bool is_repetition(unsigned char c)
{
	return c == '*' || c == '+' || c == '-' || c == '?';
}

/* What the check knows of the captures opened so far. */
struct capture_check {
	size_t count, open_count, trials;
	bool open[PATTERN_CAPTURES_MAX], is_position[PATTERN_CAPTURES_MAX];
};

static bool check_open(struct pattern_state *state, struct capture_check *check, size_t *p)
{
	bool is_position = pattern_byte(state, *p + 1) == ')';
	if (check->count == PATTERN_CAPTURES_MAX)
		return malformed(state, *p, "has more than 8 captures");
	check->open[check->count] = !is_position;
	check->is_position[check->count] = is_position;
	check->count++;
	check->open_count += !is_position;
	check->trials++;
	*p += is_position ? 2 : 1;
	return true;
}

static bool check_close(struct pattern_state *state, struct capture_check *check, size_t *p)
{
	if (check->open_count == 0)
		return malformed(state, *p, "has a ')' that closes nothing");
	size_t i = check->count - 1;
	while (!check->open[i])
		i--;
	check->open[i] = false;
	check->open_count--;
	check->trials++;
	*p += 1;
	return true;
}

static bool check_reference(struct pattern_state *state, const struct capture_check *check, size_t *p)
{
	size_t number = (size_t)(pattern_byte(state, *p + 1) - '0');
	if (number == 0 || number > check->count)
		return malformed(state, *p, "refers to a capture that does not exist");
	if (check->open[number - 1])
		return malformed(state, *p, "refers to a capture that is not closed");
	if (check->is_position[number - 1])
		return malformed(state, *p, "refers to a position capture, which has no text");
	*p += 2;
	return true;
}

static bool escape_is_known(unsigned char letter)
{
	return is_class(letter) || !(is_letter(letter) || is_digit(letter));
}

/* The escapes and ranges inside a set. */
static bool check_set(struct pattern_state *state, size_t p, size_t close)
{
	p += pattern_byte(state, p + 1) == '^' ? 2 : 1;
	for (; p < close; p++) {
		if (pattern_byte(state, p) == '%') {
			if (!escape_is_known(pattern_byte(state, ++p)))
				return malformed(state, p - 1, "has an unknown '%' class inside a set");
		} else if (pattern_byte(state, p + 1) == '-' && p + 2 < close) {
			p += 2;
			if (pattern_byte(state, p) == '%')
				return malformed(state, p, "has a range that ends with '%', which has no meaning");
		}
	}
	return true;
}

/* A single character, class or set, and the repetition behind it. */
static bool check_item(struct pattern_state *state, struct capture_check *check, size_t *p)
{
	unsigned char c = pattern_byte(state, *p), letter = pattern_byte(state, *p + 1);
	if (c == '%') {
		if (*p + 1 >= state->pattern.length)
			return malformed(state, *p, "ends with '%' (write '%%' for the character itself)");
		if (!escape_is_known(letter))
			return malformed(state, *p, "has an unknown '%' class");
	}
	if (c == '[') {
		size_t close = set_close(state, *p);
		if (close == NOWHERE)
			return malformed(state, *p, "has a '[' without its ']'");
		if (!check_set(state, *p, close))
			return false;
	}
	*p = item_end(state, *p);
	if (is_repetition(pattern_byte(state, *p))) {
		check->trials++;
		*p += 1;
	}
	return true;
}

static bool check_frontier(struct pattern_state *state, size_t *p)
{
	size_t set = *p + 2;
	if (pattern_byte(state, set) != '[')
		return malformed(state, *p, "has a '%f' without a set behind it");
	size_t close = set_close(state, set);
	if (close == NOWHERE)
		return malformed(state, set, "has a '[' without its ']'");
	*p = close + 1;
	return check_set(state, set, close);
}

static bool check_next(struct pattern_state *state, struct capture_check *check, size_t *p)
{
	unsigned char c = pattern_byte(state, *p), next = pattern_byte(state, *p + 1);
	if (c == '(')
		return check_open(state, check, p);
	if (c == ')')
		return check_close(state, check, p);
	if (c == '%' && next == 'b') {
		if (*p + 4 > state->pattern.length)
			return malformed(state, *p, "has a '%b' without its two characters");
		*p += 4;
		return true;
	}
	if (c == '%' && next == 'f')
		return check_frontier(state, p);
	if (c == '%' && is_digit(next))
		return check_reference(state, check, p);
	return check_item(state, check, p);
}

static bool pattern_check(struct pattern_state *state)
{
	struct capture_check check = { .trials = 1 };
	for (size_t p = 0; p < state->pattern.length;) {
		size_t at = p;
		if (!check_next(state, &check, &p))
			return false;
		if (check.trials > PATTERN_DEPTH_MAX)
			return malformed(state, at, "is too complex (more than 199 captures and repetitions)");
	}
	if (check.open_count > 0)
		return malformed(state, state->pattern.length, "has a '(' without its ')'");
	return true;
}

/* ---- matching ---- */

static bool step_take(struct pattern_state *state, size_t steps)
{
	if (state->steps_left < steps) {
		state->steps_left = 0;
		return false;
	}
	state->steps_left -= steps;
	return true;
}

/* One character of the subject against the item [p, end). Out of steps reads as "no". */
static bool item_matches(struct pattern_state *state, size_t s, size_t p, size_t end)
{
	if (s >= state->subject.length || !step_take(state, 1 + (end - p) / 8))
		return false;
	unsigned char c = subject_byte(state, s);
	switch (pattern_byte(state, p)) {
	case '.': return true;
	case '%': return escape_contains(pattern_byte(state, p + 1), c);
	case '[': return set_contains(state, p, end - 1, c);
	default: return pattern_byte(state, p) == c;
	}
}

static size_t match_here(struct pattern_state *state, size_t s, size_t p);

/* As many as possible, then fewer. Each shorter trial is a step of its own inside match_here. */
static size_t match_greedy(struct pattern_state *state, size_t s, size_t p, size_t end)
{
	size_t count = 0;
	while (item_matches(state, s + count, p, end))
		count++;
	for (;; count--) {
		size_t matched = match_here(state, s + count, end + 1);
		if (matched != NOWHERE || count == 0 || state->steps_left == 0)
			return matched;
	}
}

/* As few as possible, then more. */
static size_t match_lazy(struct pattern_state *state, size_t s, size_t p, size_t end)
{
	for (;; s++) {
		size_t matched = match_here(state, s, end + 1);
		if (matched != NOWHERE || !item_matches(state, s, p, end))
			return matched;
	}
}

static size_t match_open(struct pattern_state *state, size_t s, size_t p)
{
	bool is_position = pattern_byte(state, p + 1) == ')';
	assert(state->capture_count < PATTERN_CAPTURES_MAX);
	state->captures[state->capture_count++] = (struct pattern_capture){
		.start = s, .length = is_position ? 0 : UNFINISHED, .is_position = is_position
	};
	size_t matched = match_here(state, s, p + (is_position ? 2 : 1));
	if (matched == NOWHERE)
		state->capture_count--;
	return matched;
}

static size_t match_close(struct pattern_state *state, size_t s, size_t p)
{
	size_t i = state->capture_count;
	do {
		assert(i > 0);
		i--;
	} while (state->captures[i].length != UNFINISHED);
	state->captures[i].length = s - state->captures[i].start;
	size_t matched = match_here(state, s, p + 1);
	if (matched == NOWHERE)
		state->captures[i].length = UNFINISHED;
	return matched;
}

/* `p` at the two characters of %b. */
static size_t match_balanced(struct pattern_state *state, size_t s, size_t p)
{
	unsigned char open = pattern_byte(state, p), close = pattern_byte(state, p + 1);
	size_t depth = 1;
	if (s >= state->subject.length || subject_byte(state, s) != open)
		return NOWHERE;
	while (++s < state->subject.length && step_take(state, 1)) {
		unsigned char c = subject_byte(state, s);
		if (c == close && --depth == 0)
			return s + 1;
		if (c == open && c != close)
			depth++;
	}
	return NOWHERE;
}

/* `p` at the set of %f: between a character outside it and one inside; both ends of the subject read as zero bytes. */
static bool frontier_is_at(struct pattern_state *state, size_t s, size_t p, size_t end)
{
	unsigned char before = s == 0 ? 0 : subject_byte(state, s - 1);
	return step_take(state, (end - p) / 8) && !set_contains(state, p, end - 1, before) &&
	       set_contains(state, p, end - 1, subject_byte(state, s));
}

static size_t match_reference(struct pattern_state *state, size_t s, unsigned char digit)
{
	const struct pattern_capture *capture = &state->captures[digit - '1'];
	assert((size_t)(digit - '1') < state->capture_count && capture->length != UNFINISHED);
	if (capture->length == 0)
		return s;
	if (state->subject.length - s < capture->length || !step_take(state, capture->length / 16))
		return NOWHERE;
	if (memcmp(state->subject.data + capture->start, state->subject.data + s, capture->length) != 0)
		return NOWHERE;
	return s + capture->length;
}

/* %b, %f and back references: moves both places on, false when there is no match here. `*is_escape` tells whether
 * there was one at all. */
static bool match_special_escape(struct pattern_state *state, size_t *s, size_t *p, bool *is_escape)
{
	unsigned char letter = pattern_byte(state, *p + 1);
	*is_escape = pattern_byte(state, *p) == '%' && (letter == 'b' || letter == 'f' || is_digit(letter));
	if (!*is_escape)
		return true;
	if (letter == 'b') {
		*s = match_balanced(state, *s, *p + 2);
		*p += 4;
	} else if (letter == 'f') {
		size_t end = item_end(state, *p + 2);
		if (!frontier_is_at(state, *s, *p + 2, end))
			*s = NOWHERE;
		*p = end;
	} else {
		*s = match_reference(state, *s, letter);
		*p += 2;
	}
	return *s != NOWHERE;
}

/* The end of the match of pattern[p ..] at subject[s ..], or NOWHERE. */
static size_t match_rest(struct pattern_state *state, size_t s, size_t p)
{
	while (p < state->pattern.length) {
		bool is_escape;
		if (!step_take(state, 1))
			return NOWHERE;
		unsigned char c = pattern_byte(state, p);
		if (c == '(')
			return match_open(state, s, p);
		if (c == ')')
			return match_close(state, s, p);
		if (c == '$' && p + 1 == state->pattern.length)
			return s == state->subject.length ? s : NOWHERE;
		if (!match_special_escape(state, &s, &p, &is_escape))
			return NOWHERE;
		if (is_escape)
			continue;

		size_t end = item_end(state, p);
		if (!step_take(state, (end - p) / 8)) /* item_end read a whole set */
			return NOWHERE;
		unsigned char repetition = pattern_byte(state, end);
		if (repetition == '*')
			return match_greedy(state, s, p, end);
		if (repetition == '-')
			return match_lazy(state, s, p, end);
		bool matches = item_matches(state, s, p, end);
		if (repetition == '+')
			return matches ? match_greedy(state, s + 1, p, end) : NOWHERE;
		if (repetition == '?') {
			size_t matched = matches ? match_here(state, s + 1, end + 1) : NOWHERE;
			if (matched != NOWHERE)
				return matched;
			p = end + 1;
			continue;
		}
		if (!matches)
			return NOWHERE;
		s++;
		p = end;
	}
	return s;
}

static size_t match_here(struct pattern_state *state, size_t s, size_t p)
{
	assert(state->depth < PATTERN_DEPTH_MAX); /* by pattern_check */
	state->depth++;
	size_t matched = match_rest(state, s, p);
	state->depth--;
	return matched;
}

/* ---- entries ---- */

bool pattern_begin(struct pattern_state *state, struct text subject, struct text pattern)
{
	state->subject = subject;
	state->pattern = pattern;
	state->anchored = pattern.length > 0 && pattern.data[0] == '^';
	state->problem = NULL;
	state->problem_at = 0;
	state->depth = 0;
	state->capture_count = 0;
	state->start = state->end = 0;
	if (state->anchored)
		state->pattern = (struct text){ pattern.data + 1, pattern.length - 1 };
	if (pattern_check(state))
		return true;
	state->problem_at += state->anchored;
	return false;
}

enum pattern_outcome pattern_match_at(struct pattern_state *state, size_t at)
{
	assert(at <= state->subject.length);
	state->capture_count = 0;
	state->start = at;
	state->end = step_take(state, 1) ? match_here(state, at, 0) : NOWHERE;
	/* First this: a repetition cut short by the budget may look like a match. */
	if (state->steps_left == 0)
		return PATTERN_SPENT;
	return state->end == NOWHERE ? PATTERN_NO_MATCH : PATTERN_MATCHED;
}

enum pattern_outcome pattern_search(struct pattern_state *state, size_t init)
{
	for (size_t at = init; at <= state->subject.length; at++) {
		enum pattern_outcome outcome = pattern_match_at(state, at);
		if (outcome != PATTERN_NO_MATCH || state->anchored)
			return outcome;
	}
	return PATTERN_NO_MATCH;
}

enum pattern_outcome pattern_match(struct pattern_state *state, struct text subject, struct text pattern, size_t init)
{
	return pattern_begin(state, subject, pattern) ? pattern_search(state, init) : PATTERN_MALFORMED;
}

bool pattern_is_plain(struct text pattern)
{
	for (size_t i = 0; i < pattern.length; i++)
		if (pattern.data[i] != '\0' && strchr("^$*+?.([%-", pattern.data[i]) != NULL)
			return false;
	return true;
}
