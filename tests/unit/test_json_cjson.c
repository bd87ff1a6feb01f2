/* test_json_cjson.c: our reader of JSON beside cJSON: what both read is the same, what cJSON refuses we refuse.
 *
 * Documents are generated from fixed seeds; half of them are then damaged by a few bytes. cJSON reads more than
 * JSON (it skips control bytes as blanks, takes numbers as strtod does), so only one direction holds for refusals.
 */
#include "value/json.h"

#include "check.h"

#include <cjson/cJSON.h>
#include <math.h>

enum { DOCUMENTS = 40000, DAMAGE_MOST = 3, DEPTH_MOST = 6 };

static struct arena arena;
static uint64_t random_state;

/* xorshift64*: the same documents on every machine. */
static unsigned random_below(unsigned limit)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (unsigned)((random_state * UINT64_C(2685821657736338717)) >> 33) % limit;
}

/* ---- documents ---- */

static void add_one_of(struct text_builder *out, const char *const *choices, unsigned count)
{
	builder_c(out, choices[random_below(count)]);
}

#define ADD_ONE_OF(out, choices) add_one_of((out), (choices), sizeof(choices) / sizeof *(choices))

static void add_blank(struct text_builder *out)
{
	static const char *const blanks[] = { "", "", "", " ", "\n", "\t ", "\r\n" };
	ADD_ONE_OF(out, blanks);
}

static void add_string(struct text_builder *out)
{
	static const char *const pieces[] = {
		"a", "Z", "0", " ", "é", "\u20ac", "\U0001f4a1", "\\n", "\\\"", "\\\\", "\\/", "\\b\\f\\r\\t", "\\u0041",
		"\\u00e9", "\\u20AC", "\\ud83d\\udca1", "'", "{", "]", ":", ",", "\x7f",
	};
	builder_byte(out, '"');
	for (unsigned count = random_below(8); count > 0; count--)
		ADD_ONE_OF(out, pieces);
	builder_byte(out, '"');
}

static void add_number(struct text_builder *out)
{
	static const char *const numbers[] = {
		"0", "-0", "7", "-12", "0.5", "-2.50", "1e3", "1E+3", "25e-2", "9007199254740993", "-9223372036854775808",
		"123456789012345678901234567890", "0.000000000000000000001", "1e307", "1e-400", "3.141592653589793",
	};
	ADD_ONE_OF(out, numbers);
}

static void add_value(struct text_builder *out, unsigned depth);

static void add_array(struct text_builder *out, unsigned depth)
{
	builder_byte(out, '[');
	for (unsigned i = 0, count = random_below(5); i < count; i++) {
		builder_c(out, i ? "," : "");
		add_value(out, depth + 1);
	}
	add_blank(out);
	builder_byte(out, ']');
}

/* Names differ: cJSON keeps both of two equal ones, we refuse them. */
static void add_object(struct text_builder *out, unsigned depth)
{
	builder_byte(out, '{');
	for (unsigned i = 0, count = random_below(5); i < count; i++) {
		builder_format(out, "%s\"%c%u\\u0061\"", i ? "," : "", 'a' + (int)random_below(26), i);
		add_blank(out);
		builder_byte(out, ':');
		add_value(out, depth + 1);
	}
	add_blank(out);
	builder_byte(out, '}');
}

static void add_value(struct text_builder *out, unsigned depth)
{
	static const char *const words[] = { "true", "false", "null" };
	add_blank(out);
	switch (random_below(depth < DEPTH_MOST ? 6 : 3)) {
	case 0:
		ADD_ONE_OF(out, words);
		break;
	case 1:
		add_string(out);
		break;
	case 2:
		add_number(out);
		break;
	case 3:
		add_array(out, depth);
		break;
	default:
		add_object(out, depth);
	}
	add_blank(out);
}

/* Changes, drops, doubles or puts in a byte of those that matter. No zero byte: cJSON ends there. */
static struct text damaged(struct text source)
{
	static const char bytes[] = "{}[]\":,\\-+.eE019tfnu \n\x01\x1f\x7f\xc3\xa9\xed\xa0\x80\xff/'";
	struct text_builder out;
	builder_init(&out, &arena, 0);
	size_t at = random_below((unsigned)source.length + 1);
	builder_add(&out, text_slice(source, 0, at));
	unsigned how = random_below(4);
	if (how == 3)
		builder_add(&out, text_slice(source, at, at + 1));
	if (how < 2)
		builder_byte(&out, bytes[random_below(sizeof bytes - 1)]);
	builder_add(&out, text_slice(source, how == 0 || how == 3 ? at : at + 1, source.length));
	return builder_text(&out);
}

static struct text document(void)
{
	struct text_builder out;
	builder_init(&out, &arena, 0);
	add_value(&out, 0);
	struct text source = builder_text(&out);
	if (random_below(2))
		for (unsigned times = 1 + random_below(DAMAGE_MOST); times > 0; times--)
			source = damaged(source);
	return source;
}

/* ---- comparing ---- */

static bool same_number(struct text text, double theirs)
{
	double ours = strtod(text_c(&arena, text), NULL);
	return !(ours < theirs) && !(ours > theirs);
}

static bool same_tree(const struct json *ours, const cJSON *theirs);

static bool same_children(const struct json *ours, const cJSON *theirs)
{
	const struct json *our = ours->first;
	const cJSON *their = theirs->child;
	size_t count = 0;
	for (; our && their; our = our->next, their = their->next, count++)
		if (!same_tree(our, their) || (ours->type == JSON_OBJECT && !text_is(our->name, their->string)))
			return false;
	return !our && !their && count == ours->count;
}

static bool same_tree(const struct json *ours, const cJSON *theirs)
{
	switch (ours->type) {
	case JSON_NULL:
		return cJSON_IsNull(theirs);
	case JSON_FALSE:
		return cJSON_IsFalse(theirs);
	case JSON_TRUE:
		return cJSON_IsTrue(theirs);
	case JSON_NUMBER:
		return cJSON_IsNumber(theirs) && same_number(ours->text, theirs->valuedouble);
	case JSON_STRING:
		return cJSON_IsString(theirs) && text_is(ours->text, theirs->valuestring);
	case JSON_ARRAY:
		return cJSON_IsArray(theirs) && same_children(ours, theirs);
	case JSON_OBJECT:
		return cJSON_IsObject(theirs) && same_children(ours, theirs);
	}
	return false;
}

struct tally {
	int both, only_theirs, neither;
};

static void compare(struct text source, struct tally *tally)
{
	struct problems problems;
	problems_init(&problems, &arena);
	const struct json *ours = json_parse(source, &arena, &problems);
	const char *end = NULL;
	cJSON *theirs = cJSON_ParseWithLengthOpts(source.data, source.length + 1, &end, true);
	check_note("%.*s", TEXT_ARG(source));
	CHECK(!ours || theirs);
	CHECK((ours != NULL) == (problems.count == 0));
	if (ours) {
		CHECK(same_tree(ours, theirs));
		tally->both++;
		/* what we write is read back by both as the same */
		struct text written = json_tree_text(&arena, ours);
		cJSON *again = cJSON_ParseWithLength(written.data, written.length);
		const struct json *ours_again = json_parse(written, &arena, &problems);
		CHECK(again && ours_again && same_tree(ours, again) && same_tree(ours_again, theirs));
		cJSON_Delete(again);
	} else if (theirs) {
		tally->only_theirs++;
	} else {
		tally->neither++;
	}
	cJSON_Delete(theirs);
}

TEST(what_both_read_is_the_same_and_what_cjson_refuses_we_refuse)
{
	struct tally tally = { 0, 0, 0 };
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	random_state = UINT64_C(0x6d6f6f6e62696c6c);
	for (int i = 0; i < DOCUMENTS; i++) {
		compare(document(), &tally);
		arena_reset(&arena);
	}
	/* each of the three must have been met often, or the test has told nothing */
	CHECK(tally.both > DOCUMENTS / 3);
	CHECK(tally.neither > DOCUMENTS / 10);
	CHECK(tally.only_theirs > DOCUMENTS / 1000);
	arena_finish(&arena);
}

/* What cJSON takes although it is not JSON, or loses: the reasons for a reader of our own. */
TEST(what_only_cjson_takes_is_refused)
{
	static const char *const sources[] = {
		"[01]", "[1.]", "[\"\x01\"]", "[\"\xff\"]", "[\"\xed\xa0\x80\"]", "{\"a\":1,\"a\":2}", "[1,\x01" "2]", "[\"\n\"]",
		"\xef\xbb\xbf[]", "[1e999]", "[\"\\u0000\"]",
	};
	struct tally tally = { 0, 0, 0 };
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
		compare(text_of(sources[i]), &tally);
	CHECK_EQ_INT(tally.both, 0);
	arena_finish(&arena);
}

CHECK_MAIN
