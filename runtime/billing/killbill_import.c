/* killbill_import.c: files of Kill Bill to the files of a bundle: which is which, in what order, and what they share. */
#include "killbill_import.h"

#include "base/clock.h"
#include "killbill_read.h"

#include <stdarg.h>
#include <stdlib.h>

enum { KILLBILL_ELEMENTS_MAX = 5000000 };

/* ---- what the parts share ---- */

struct text killbill_message(struct arena *arena, const char *file, const struct xml *element, struct text message)
{
	return text_format(arena, "%s:%ld: <%.*s> %.*s", file, element->line, TEXT_ARG(element->name), TEXT_ARG(message));
}

void killbill_problem(struct killbill_reading *reading, const struct xml *element, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	struct text message = text_vformat(reading->arena, format, arguments);
	va_end(arguments);
	reading->failed = true;
	problem_value(reading->problems, PROBLEM_CATALOG_INVALID, "", TEXT_NONE,
	              KILLBILL_REMEDY, "%s", killbill_message(reading->arena, reading->file, element, message).data);
}

static bool names_have(const char *names, struct text name)
{
	struct text head, rest = text_of(names);
	for (bool more = true; more;) {
		more = text_split(rest, ' ', &head, &rest);
		if (text_equals(head, name))
			return true;
	}
	return false;
}

void killbill_children(struct killbill_reading *reading, const struct xml *element, const char *names)
{
	for (const struct xml *child = element->first; child; child = child->next)
		if (!names_have(names, child->name))
			killbill_problem(reading, child, "has no equal in Moonbill, in <%.*s>", TEXT_ARG(element->name));
}

const struct xml *killbill_child(struct killbill_reading *reading, const struct xml *element, const char *name)
{
	const struct xml *child = xml_child(element, name);
	if (!child)
		killbill_problem(reading, element, "has no <%s>", name);
	return child;
}

/* FIXEDTERM is fixed_term. */
static bool same_word(struct text theirs, const char *ours)
{
	size_t i = 0;
	for (; *ours; ours++) {
		if (*ours == '_') {
			i += i < theirs.length && theirs.data[i] == '_';
			continue;
		}
		if (i == theirs.length || (theirs.data[i] | 0x20) != *ours)
			return false;
		i++;
	}
	return i == theirs.length;
}

static const char *word_candidate(const void *context, size_t i)
{
	const char *const *words = context;
	return words[i + 1];
}

/* Ours as Kill Bill writes them: "monthly" is MONTHLY. */
static const char *words_like(struct arena *arena, const char *ours)
{
	char *theirs = arena_new_many(arena, char, strlen(ours) + 1);
	for (size_t i = 0; ours[i]; i++)
		theirs[i] = ours[i] >= 'a' && ours[i] <= 'z' ? (char)(ours[i] & ~0x20) : ours[i];
	return theirs;
}

void killbill_word(struct killbill_reading *reading, const char *member, const struct xml *element, struct text theirs,
                   const char *const *words)
{
	for (size_t i = 1; words[i]; i++) {
		if (!same_word(theirs, words[i]))
			continue;
		size_t from = reading->out->out->length;
		json_name(reading->out, member);
		json_c(reading->out, words[i]);
		killbill_wrote(reading, element, from);
		return;
	}
	const char *near = text_nearest(theirs, word_candidate, words);
	killbill_problem(reading, element, "says '%.*s', which Moonbill has no equal for%s%s%s", TEXT_ARG(theirs),
	                 near ? " (did you mean " : "", near ? words_like(reading->arena, near) : "", near ? "?)" : "");
}

void killbill_name(struct killbill_reading *reading, const char *member, const struct xml *element)
{
	if (!text_present(xml_attribute(element, "name")))
		killbill_problem(reading, element, "has no name");
	killbill_text(reading, member, element, xml_attribute(element, "name"));
}

void killbill_text(struct killbill_reading *reading, const char *member, const struct xml *element, struct text text)
{
	size_t from = reading->out->out->length;
	if (!text_present(text))
		return;
	json_name(reading->out, member);
	json_string(reading->out, text);
	killbill_wrote(reading, element, from);
}

/* ---- files ---- */

struct document {
	const char *file;
	const struct xml *root;
	struct instant effective_at;
};

static int by_instant(const void *a, const void *b)
{
	const struct document *left = a, *right = b;
	return (left->effective_at.us > right->effective_at.us) - (left->effective_at.us < right->effective_at.us);
}

static bool document_read(const struct killbill_file *file, struct arena *arena, struct problems *problems,
                          struct document *document)
{
	const struct problem *before = problems->last;
	*document = (struct document){ .file = file->name };
	document->root = xml_parse_limited(file->content, KILLBILL_ELEMENTS_MAX, arena, problems);
	if (!document->root) {
		struct problem *last = problems->last;
		if (last && last != before) {
			last->message = text_format(arena, "%s: %s", file->name, last->message).data;
			last->remedy = KILLBILL_REMEDY;
		}
		return false;
	}
	instant_parse(xml_child_text(document->root, "effectiveDate"), &document->effective_at); /* none: told later */
	return true;
}

static struct text manifest_text(struct arena *arena, const struct document *first)
{
	struct text name = first ? xml_child_text(first->root, "catalogName") : TEXT_NONE;
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name(&writer, "name");
	json_string(&writer, text_present(name) && name.length ? name : TEXT("killbill"));
	json_end_object(&writer);
	return builder_text(&out);
}

static bool catalogs_write(struct killbill_reading *reading, const struct document *documents, size_t count,
                           struct killbill_bundle *made)
{
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, reading->arena, 0);
	json_writer_init(&writer, &out);
	reading->out = &writer;
	reading->places = &made->catalog_places;
	json_begin_object(&writer);
	json_name(&writer, "versions");
	json_begin_array(&writer);
	for (size_t i = 0; i < count; i++) {
		reading->file = documents[i].file;
		killbill_catalog(reading, documents[i].root);
	}
	json_end_array(&writer);
	json_end_object(&writer);
	made->catalog = builder_text(&out);
	made->versions = count;
	made->plans = reading->plans;
	return !out.failed || problem_out_of_memory(reading->problems, "importing a catalog");
}

static void overdue_write(struct killbill_reading *reading, const struct document *document, struct killbill_bundle *made)
{
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, reading->arena, 0);
	json_writer_init(&writer, &out);
	reading->out = &writer;
	reading->places = &made->overdue_places;
	reading->file = document->file;
	if (text_present(made->overdue))
		killbill_problem(reading, document->root, "is the second overdue configuration; a tenant has one");
	killbill_overdue(reading, document->root);
	made->overdue = builder_text(&out);
	made->overdue_states = reading->states;
}

bool killbill_import(const struct killbill_file *files, size_t count, struct arena *arena, struct problems *problems,
                     struct killbill_bundle *made)
{
	struct killbill_reading reading = { .arena = arena, .problems = problems };
	struct document *catalogs = arena_new_many(arena, struct document, count + 1);
	size_t catalog_count = 0;
	bool good = true;
	*made = (struct killbill_bundle){ 0 };
	for (size_t i = 0; i < count; i++) {
		struct document document;
		if (!document_read(&files[i], arena, problems, &document)) {
			good = false;
			continue;
		}
		reading.file = document.file;
		if (text_is(document.root->name, "catalog"))
			catalogs[catalog_count++] = document;
		else if (text_is(document.root->name, "overdueConfig"))
			overdue_write(&reading, &document, made);
		else
			killbill_problem(&reading, document.root, "is neither a catalog nor an overdueConfig");
	}
	qsort(catalogs, catalog_count, sizeof *catalogs, by_instant);
	if (catalog_count > 0)
		good = catalogs_write(&reading, catalogs, catalog_count, made) && good;
	made->manifest = manifest_text(arena, catalog_count ? &catalogs[catalog_count - 1] : NULL);
	return good && !reading.failed;
}
