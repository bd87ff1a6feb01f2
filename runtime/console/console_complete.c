/* console_complete.c: what a half line may go on with. */
#include "console_complete.h"

#include "value/catalogue.h"

#include <string.h>

enum { DEPTH_MAX = 16 };

struct completing {
	struct console *console;
	struct arena *arena;
	struct text prefix;
	struct completions *out;
};

static void offer(struct completing *completing, struct text name, struct text kind, struct text doc)
{
	struct completions *out = completing->out;
	struct text prefix = completing->prefix;
	if (out->count == COMPLETIONS_MAX || name.length < prefix.length || memcmp(name.data, prefix.data, prefix.length) != 0)
		return;
	for (size_t i = 0; i < out->count; i++)
		if (text_equals(out->items[i].name, name))
			return;
	out->items[out->count++] = (struct completion){ text_copy(completing->arena, name), kind, doc };
}

struct text completions_common(const struct completions *completions)
{
	struct text common = completions->count ? completions->items[0].name : TEXT("");
	for (size_t i = 1; i < completions->count; i++) {
		size_t same = 0;
		while (same < common.length && same < completions->items[i].name.length &&
		       common.data[same] == completions->items[i].name.data[same])
			same++;
		common.length = same;
	}
	return common;
}

/* ------------------------------------------------------------------------------------------------ what there is */

static void fields_offer(struct completing *completing, const struct record *record, bool input)
{
	for (size_t i = 0; record && i < record->field_count; i++) {
		const struct record_field *field = &record->fields[i];
		bool relation = field->kind == KIND_RELATION;
		if (field->flags & FIELD_HIDDEN || (input ? relation : (bool)(field->flags & FIELD_SECRET)))
			continue;
		struct text kind = print_kind(completing->arena, field);
		if (input && field->flags & FIELD_REQUIRED)
			kind = text_format(completing->arena, "%.*s *", TEXT_ARG(kind));
		offer(completing, text_of(field->name), kind, text_of(field->doc));
	}
}

static void verbs_offer(struct completing *completing, struct text noun)
{
	const struct command_type *type;
	for (size_t i = 0; (type = engine_command_at(completing->console->sandbox.engine, i)); i++) {
		struct text head, verb;
		if (text_split(text_of(type->name), '.', &head, &verb) && text_equals(head, noun))
			offer(completing, verb, text_of("command"), text_of(type->doc));
	}
	completing->out->behind = " { ";
}

static void names_offer(struct completing *completing)
{
	const char *name;
	for (size_t i = 0; (name = rule_console_name_at(completing->console->lua, i)); i++) {
		const struct record *record = record_by_name(text_of(name));
		const struct record *held = rule_console_record_of(completing->console->lua, text_of(name));
		offer(completing, text_of(name), text_of(held ? held->name : ""), text_of(record ? record->doc : ""));
	}
}

static void words_offer(struct completing *completing, const struct record_field *field)
{
	for (size_t i = 1; field->kind == KIND_CHOICE && field->words[i]; i++)
		offer(completing, text_of(field->words[i]), TEXT(""), TEXT(""));
	completing->out->behind = "\"";
}

/* ------------------------------------------------------------------------------------------------ \commands */

static void things_offer(struct completing *completing, struct text command)
{
	const struct command_type *type;
	if (text_is(command, "chain") || text_is(command, "rules") || text_is(command, "d") || text_is(command, "?"))
		for (size_t i = 0; policy_name_candidate(NULL, i); i++)
			offer(completing, text_of(policy_name_candidate(NULL, i)), TEXT("policy"), TEXT(""));
	if (text_is(command, "rules") || text_is(command, "events") || text_is(command, "d") || text_is(command, "?"))
		for (int event = EVENT_NONE + 1; event < EVENT_COUNT; event++)
			offer(completing, text_of(event_info((enum event)event)->name), TEXT("event"), TEXT(""));
	if (text_is(command, "d") || text_is(command, "?"))
		for (size_t i = 0; (type = engine_command_at(completing->console->sandbox.engine, i)); i++)
			offer(completing, text_of(type->name), TEXT("command"), text_of(type->doc));
	if (text_is(command, "d") || text_is(command, "?") || text_is(command, "show") || text_is(command, "events"))
		for (size_t i = 0; records_all[i]; i++)
			if (records_all[i]->table)
				offer(completing, text_of(records_all[i]->name), TEXT("record"), text_of(records_all[i]->doc));
}

static void backslash_complete(struct completing *completing, struct text line)
{
	struct text command, argument;
	if (text_split(line, ' ', &command, &argument)) {
		completing->prefix = argument;
		completing->out->typed = argument.length;
		completing->out->behind = "";
		things_offer(completing, text_slice(command, 1, command.length));
		return;
	}
	completing->prefix = text_slice(line, 1, line.length);
	completing->out->typed = completing->prefix.length;
	for (size_t i = 0; console_command_name_at(i); i++)
		offer(completing, text_of(console_command_name_at(i)), TEXT(""), text_of(console_command_doc_at(i)));
}

/* ------------------------------------------------------------------------------------------------ inside braces */

/* What a table that is being written stands for. */
struct table {
	const struct record *record; /* NULL: not known */
	bool input, list;
};

static bool is_word(char byte)
{
	return byte == '_' || (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

/* The name, perhaps with a point in it, that ends at `end`. */
static struct text name_before(struct text source, size_t end)
{
	while (end > 0 && (source.data[end - 1] == ' ' || source.data[end - 1] == '('))
		end--;
	size_t begin = end;
	while (begin > 0 && (is_word(source.data[begin - 1]) || source.data[begin - 1] == '.'))
		begin--;
	return text_slice(source, begin, end);
}

/* What opens at `at`, inside `outer`. */
static struct table table_opened(const struct completing *completing, struct text source, size_t at, const struct table *outer)
{
	size_t end = at;
	while (end > 0 && source.data[end - 1] == ' ')
		end--;
	char before = end > 0 ? source.data[end - 1] : '\0';
	if (outer && outer->list && (before == '{' || before == ','))
		return (struct table){ outer->record, outer->input, false };
	if (before == '=') {
		int field = outer && outer->record ? record_field_find(outer->record, name_before(source, end - 1)) : -1;
		const struct record_field *of = field < 0 ? NULL : &outer->record->fields[field];
		return (struct table){ of ? of->of : NULL, outer && outer->input, of && of->kind == KIND_LIST };
	}
	struct text name = name_before(source, end);
	const struct command_type *type = engine_command(completing->console->sandbox.engine, name);
	return type ? (struct table){ type->input, true, false } : (struct table){ record_by_name(name), false, false };
}

/* The innermost table that is open, and where its last item begins. */
static bool table_find(const struct completing *completing, struct text source, struct table *table, size_t *item, bool *quoted)
{
	struct table open[DEPTH_MAX];
	size_t depth = 0, begins[DEPTH_MAX];
	char quote = '\0';
	for (size_t i = 0; i < source.length; i++) {
		char byte = source.data[i];
		if (quote) {
			quote = byte == quote ? '\0' : quote;
		} else if (byte == '"' || byte == '\'') {
			quote = byte;
		} else if (byte == '{' && depth < DEPTH_MAX) {
			open[depth] = table_opened(completing, source, i, depth ? &open[depth - 1] : NULL);
			begins[depth++] = i + 1;
		} else if (byte == '}' && depth > 0) {
			depth--;
		} else if (byte == ',' && depth > 0) {
			begins[depth - 1] = i + 1;
		}
	}
	*quoted = quote != '\0';
	if (depth == 0)
		return false;
	*table = open[depth - 1];
	*item = begins[depth - 1];
	return true;
}

/* ------------------------------------------------------------------------------------------------ paths */

/* What lies in brackets leads to an item, whatever it is. */
static struct text path_before(struct text source)
{
	size_t begin = source.length;
	int depth = 0;
	while (begin > 0) {
		char byte = source.data[begin - 1];
		depth += byte == ']' ? 1 : byte == '[' ? -1 : 0;
		if (depth < 0 || (depth == 0 && byte != '[' && byte != '.' && !is_word(byte)))
			break;
		begin--;
	}
	return text_slice(source, begin, source.length);
}

/* The next name of a path, and whether an index follows. */
static bool step_take(struct text *path, struct text *name, bool *indexed)
{
	size_t end = 0;
	while (end < path->length && is_word(path->data[end]))
		end++;
	*name = text_slice(*path, 0, end);
	*indexed = end < path->length && path->data[end] == '[';
	while (end < path->length && path->data[end] != '.')
		end++;
	*path = text_slice(*path, end < path->length ? end + 1 : end, path->length);
	return name->length > 0;
}

static const struct record *record_of_path(struct completing *completing, struct text path)
{
	struct text name;
	bool indexed;
	if (!step_take(&path, &name, &indexed))
		return NULL;
	const struct record *record = rule_console_record_of(completing->console->lua, name);
	if (!record && indexed)
		record = record_by_name(name);
	while (record && step_take(&path, &name, &indexed)) {
		int field = record_field_find(record, name);
		record = field < 0 ? NULL : record->fields[field].of;
	}
	return record;
}

static void path_complete(struct completing *completing, struct text path)
{
	size_t point = path.length;
	while (point > 0 && path.data[point - 1] != '.')
		point--;
	struct text base = text_slice(path, 0, point > 0 ? point - 1 : 0);
	completing->prefix = text_slice(path, point, path.length);
	completing->out->typed = completing->prefix.length;
	if (point == 0) {
		names_offer(completing);
		return;
	}
	const struct record *record = record_of_path(completing, base);
	if (record)
		fields_offer(completing, record, false);
	else
		verbs_offer(completing, base);
}

/* ------------------------------------------------------------------------------------------------ all of it */

/* In a table: a field, or its value. True when that was it. */
static bool item_complete(struct completing *completing, const struct table *table, struct text item, bool quoted)
{
	struct text name, value;
	if (!table->record || table->list)
		return false;
	if (!text_split(item, '=', &name, &value)) {
		completing->prefix = text_trim(item);
		completing->out->typed = completing->prefix.length;
		completing->out->behind = " = ";
		fields_offer(completing, table->record, table->input);
		return true;
	}
	int field = record_field_find(table->record, text_trim(name));
	value = text_trim(value);
	if (field < 0 || !quoted || value.length == 0)
		return quoted;
	completing->prefix = text_slice(value, 1, value.length);
	completing->out->typed = completing->prefix.length;
	words_offer(completing, &table->record->fields[field]);
	return true;
}

void console_complete(struct console *console, struct text before, struct arena *arena, struct completions *completions)
{
	struct completing completing = { console, arena, TEXT(""), completions };
	struct table table;
	size_t item = 0;
	bool quoted = false;
	completions->count = completions->typed = 0;
	completions->behind = "";
	if (text_starts(before, "\\")) {
		backslash_complete(&completing, before);
		return;
	}
	bool inside = table_find(&completing, before, &table, &item, &quoted);
	if (inside && item_complete(&completing, &table, text_slice(before, item, before.length), quoted))
		return;
	if (!quoted)
		path_complete(&completing, path_before(before));
}
