/* output.c: what a subcommand prints, for people or as JSON. */
#include "output.h"

#include <stdio.h>

static struct text value_text(const struct json *value)
{
	switch (value->type) {
	case JSON_TRUE:
		return TEXT("true");
	case JSON_FALSE:
		return TEXT("false");
	case JSON_STRING:
	case JSON_NUMBER:
		return value->text;
	case JSON_OBJECT:
		return value->count ? TEXT("{...}") : TEXT("{}");
	case JSON_ARRAY:
		return value->count ? TEXT("[...]") : TEXT("[]");
	case JSON_NULL:
		break;
	}
	return TEXT("-");
}

static const struct json *parsed(const struct cli *cli, struct text json)
{
	struct arena *arena = cli->problems.arena;
	struct problems problems;
	problems_init(&problems, arena);
	const struct json *document = json_parse_limited(json, INT32_MAX, arena, &problems);
	if (!document)
		BUG("our own JSON cannot be read: %.*s", TEXT_ARG(json));
	return document;
}

static void members_print(const struct json *object)
{
	for (const struct json *member = object->first; member; member = member->next) {
		struct text value = value_text(member);
		printf("%-14.*s %.*s\n", TEXT_ARG(member->name), TEXT_ARG(value));
	}
}

void output_object(const struct cli *cli, struct text json)
{
	if (cli->json)
		printf("%.*s\n", TEXT_ARG(json));
	else
		members_print(parsed(cli, json));
}

void output_dry_run(const struct cli *cli, struct text json)
{
	if (cli->json) {
		output_object(cli, json);
		return;
	}
	const struct json *document = parsed(cli, json);
	members_print(json_member(document, "result"));
	for (const struct json *event = json_member(document, "events")->first; event; event = event->next) {
		struct text kind = json_text(json_member(event, "kind")), name = json_text(json_member(event, "name"));
		printf("  %-6.*s %.*s\n", TEXT_ARG(kind), TEXT_ARG(name));
	}
}

enum { COLUMN_BYTES_MAX = 40 };

static int width_of(const struct json *items, const char *member)
{
	size_t width = strlen(member);
	for (const struct json *item = items->first; item; item = item->next) {
		const struct json *value = json_member(item, member);
		if (value && value_text(value).length > width)
			width = value_text(value).length;
	}
	return (int)(width > COLUMN_BYTES_MAX ? COLUMN_BYTES_MAX : width);
}

void output_list(const struct cli *cli, struct text json, const char *const *members)
{
	if (cli->json) {
		printf("%.*s\n", TEXT_ARG(json));
		return;
	}
	const struct json *items = json_member(parsed(cli, json), "items");
	for (size_t i = 0; members[i]; i++)
		printf("%-*s%s", members[i + 1] ? width_of(items, members[i]) : 0, members[i], members[i + 1] ? "  " : "\n");
	for (const struct json *item = items->first; item; item = item->next) {
		for (size_t i = 0; members[i]; i++) {
			const struct json *value = json_member(item, members[i]);
			struct text text = value ? value_text(value) : TEXT("-");
			printf("%-*.*s%s", members[i + 1] ? width_of(items, members[i]) : 0, TEXT_ARG(text),
			       members[i + 1] ? "  " : "\n");
		}
	}
}

/* id=1 name="two words" */
static void pair_print(struct arena *arena, const struct json *member)
{
	struct text value = value_text(member);
	bool quoted = member->type == JSON_STRING && (value.length == 0 || memchr(value.data, ' ', value.length));
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, arena, 0);
	json_writer_init(&writer, &out);
	if (quoted)
		json_string(&writer, value);
	else
		builder_add(&out, value);
	struct text shown = builder_text(&out);
	printf("%.*s=%.*s", TEXT_ARG(member->name), TEXT_ARG(shown));
}

void output_answer(const struct cli *cli, struct text json)
{
	const struct json *items = cli->json ? NULL : json_member(parsed(cli, json), "items");
	if (!items || items->type != JSON_ARRAY) {
		output_object(cli, json);
		return;
	}
	for (const struct json *item = items->first; item; item = item->next) {
		const char *between = "";
		for (const struct json *member = item->first; member; member = member->next) {
			if (member->type == JSON_NULL)
				continue;
			fputs(between, stdout);
			pair_print(cli->problems.arena, member);
			between = " ";
		}
		putchar('\n');
	}
}

/* ---- problems ---- */

/* "/files/catalog~1plans.json/plans/0/code" as "catalog/plans.json: plans/0/code"; others as they are. */
static struct text place_text(struct arena *arena, struct text pointer)
{
	struct text_builder out;
	builder_init(&out, arena, 0);
	if (!text_starts(pointer, "/files/"))
		return pointer;
	bool in_name = true;
	for (size_t i = strlen("/files/"); i < pointer.length; i++) {
		char c = pointer.data[i];
		if (c == '~' && i + 1 < pointer.length) {
			builder_byte(&out, pointer.data[++i] == '1' ? '/' : '~');
		} else if (c == '/' && in_name) {
			in_name = false;
			builder_c(&out, ": ");
		} else {
			builder_byte(&out, c);
		}
	}
	return builder_text(&out);
}

/* A rule's cause is "file:line: message": then it is the place, and its message says more than ours. */
static bool cause_has_line(struct text cause)
{
	struct text file, rest, line;
	int64_t number;
	return text_split(cause, ':', &file, &rest) && text_split(rest, ':', &line, &rest) && text_to_int64(line, &number);
}

static bool text_ends(struct text text, struct text end)
{
	return text.length >= end.length && text_equals(text_slice(text, text.length - end.length, text.length), end);
}

static void source_print(struct text cause, const struct output_source *source)
{
	struct text file, rest, line;
	int64_t number;
	if (!source || !text_split(cause, ':', &file, &rest) || !text_split(rest, ':', &line, &rest) || !text_to_int64(line, &number))
		return;
	struct text content = source->line(source->context, file, number);
	if (content.length)
		fprintf(stderr, "    %lld | %.*s\n", (long long)number, TEXT_ARG(content));
}

static void problem_print(struct arena *arena, const struct json *item, const struct output_source *source)
{
	struct text cause = json_text(json_member(item, "cause"));
	struct text place = place_text(arena, json_text(json_member(item, "pointer")));
	struct text message = json_text(json_member(item, "message"));
	struct text remedy = json_text(json_member(item, "remedy"));
	bool says_all = text_present(cause) && (cause_has_line(cause) || (message.length && text_ends(cause, message)));
	if (says_all)
		fprintf(stderr, "%.*s\n", TEXT_ARG(cause));
	else if (place.length)
		fprintf(stderr, "%.*s: %.*s\n", TEXT_ARG(place), TEXT_ARG(message));
	else
		fprintf(stderr, "moonbill: %.*s\n", TEXT_ARG(message));
	if (text_present(cause) && !says_all)
		fprintf(stderr, "    %.*s\n", TEXT_ARG(cause));
	if (says_all)
		source_print(cause, source);
	if (remedy.length)
		fprintf(stderr, "    %.*s\n", TEXT_ARG(remedy));
}

static void document_print(const struct cli *cli, const struct json *document, struct text json, const struct output_source *source)
{
	if (cli->json) {
		printf("%.*s\n", TEXT_ARG(json));
		return;
	}
	const struct json *errors = json_member(document, "errors");
	for (const struct json *item = errors ? errors->first : NULL; item; item = item->next)
		problem_print(cli->problems.arena, item, source);
}

void output_problem_document(const struct cli *cli, const struct json *document, struct text json)
{
	document_print(cli, document, json, NULL);
}

void output_problems(const struct cli *cli)
{
	output_problems_of(cli, NULL);
}

void output_problems_of(const struct cli *cli, const struct output_source *source)
{
	struct text json = json_problems_text(cli->problems.arena, &cli->problems);
	document_print(cli, parsed(cli, json), json, source);
}
