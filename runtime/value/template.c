/* template.c: reads a template into pieces and writes them out with a record's values. */
#include "template_state.h"

#include <string.h>

/* ------------------------------------------------------------------------------------------------ reading */

struct reader {
	struct text rest;
	const char *file, *pointer;
	struct arena *arena;
	struct problems *problems;
	int line;
	bool good;
	struct piece *open[TEMPLATE_DEPTH_MAX + 1];         /* the root, then sections */
	const struct record *records[TEMPLATE_DEPTH_MAX + 1]; /* what names are looked for in */
	size_t depth;
};

#define REFUSE(reader, remedy, value, ...)                                                                   \
	((reader)->good = false,                                                                             \
	 (void)problem_value((reader)->problems, PROBLEM_INVALID_VALUE, (reader)->pointer, (value), (remedy), __VA_ARGS__))

static struct piece *piece_add(struct reader *reader, enum piece_kind kind)
{
	struct piece *parent = reader->open[reader->depth];
	struct piece *piece = arena_new(reader->arena, struct piece);
	piece->kind = kind;
	piece->line = reader->line;
	if (parent->last_inner)
		parent->last_inner->next = piece;
	else
		parent->inner = piece;
	parent->last_inner = piece;
	return piece;
}

static void add_text(struct reader *reader, struct text text)
{
	for (size_t i = 0; i < text.length; i++)
		reader->line += text.data[i] == '\n';
	if (text.length > 0)
		piece_add(reader, PIECE_TEXT)->text = text;
}

/* The fields of "a.b.c" from this record on; where it ends in *record (a record or list) and *field. */
static bool follow(const struct record *record, struct text name, struct path *path, const struct record_field **field)
{
	struct text head, rest = name;
	bool more = true;
	path->count = 0;
	while (more) {
		more = text_split(rest, '.', &head, &rest);
		int number = record ? record_field_find(record, head) : -1;
		if (number < 0 || path->count == PATH_MAX_FIELDS)
			return false;
		*field = &record->fields[number];
		if ((*field)->kind == KIND_RELATION || ((*field)->flags & (FIELD_HIDDEN | FIELD_SECRET)))
			return false;
		path->fields[path->count++] = number;
		record = (*field)->kind == KIND_RECORD ? (*field)->of : NULL;
	}
	return true;
}

/* The field of a tag's name; NULL after a problem. */
static const struct record_field *resolve(struct reader *reader, struct text name, struct path *path)
{
	const struct record_field *field = NULL;
	for (path->out = 0; path->out <= reader->depth; path->out++)
		if (follow(reader->records[reader->depth - path->out], name, path, &field))
			return field;
	const struct record *record = reader->records[reader->depth];
	struct text head, rest;
	text_split(name, '.', &head, &rest);
	const char *nearest = record_field_find(record, head) < 0 ? record_field_nearest(record, head, reader->arena) : "";
	REFUSE(reader, "Use a field of the record, or of one around it.", name, "%s:%d: %s has no field '%.*s'%s", reader->file,
	       reader->line, record->name, TEXT_ARG(name), nearest);
	return NULL;
}

/* Those of JSON are looked up when it is written. */
static bool names_are_checked(const struct reader *reader)
{
	return reader->records[0] != NULL;
}

static void read_field(struct reader *reader, struct text name)
{
	struct path path = { 0 };
	const struct record_field *field = names_are_checked(reader) ? resolve(reader, name, &path) : NULL;
	if (!field && names_are_checked(reader))
		return;
	if (field && (field->kind == KIND_LIST || field->kind == KIND_RECORD)) {
		REFUSE(reader, "Open it as a section: {{#name}} ... {{/name}}.", name, "%s:%d: '%.*s' is no single value",
		       reader->file, reader->line, TEXT_ARG(name));
		return;
	}
	struct piece *piece = piece_add(reader, PIECE_FIELD);
	piece->name = name;
	piece->path = path;
}

static void open_section(struct reader *reader, struct text name, bool inverted)
{
	struct path path = { 0 };
	const struct record_field *field = names_are_checked(reader) ? resolve(reader, name, &path) : NULL;
	if (reader->depth == TEMPLATE_DEPTH_MAX) {
		REFUSE(reader, "Nest fewer sections.", name, "%s:%d: sections are nested deeper than %d", reader->file,
		       reader->line, TEMPLATE_DEPTH_MAX);
		return;
	}
	struct piece *piece = piece_add(reader, inverted ? PIECE_INVERTED : PIECE_SECTION);
	bool enters = field && !inverted && (field->kind == KIND_LIST || field->kind == KIND_RECORD);
	piece->name = name;
	piece->path = path;
	reader->depth++;
	reader->open[reader->depth] = piece;
	reader->records[reader->depth] = enters ? field->of : reader->records[reader->depth - 1];
}

static void close_section(struct reader *reader, struct text name)
{
	struct text open = reader->open[reader->depth]->name;
	if (reader->depth > 0 && text_equals(open, name)) {
		reader->depth--;
		return;
	}
	if (reader->depth == 0)
		REFUSE(reader, "Remove it, or open the section before it.", name, "%s:%d: {{/%.*s}} closes nothing", reader->file,
		       reader->line, TEXT_ARG(name));
	else
		REFUSE(reader, "Close sections in the reverse order of their opening.", name,
		       "%s:%d: {{/%.*s}} stands where {{/%.*s}} is expected", reader->file, reader->line, TEXT_ARG(name),
		       TEXT_ARG(open));
}

static void read_tag(struct reader *reader, struct text tag)
{
	char sign = tag.length > 0 ? tag.data[0] : 0;
	struct text name = text_trim(strchr("#^/", sign) && sign ? text_slice(tag, 1, tag.length) : tag);
	if (sign == '#' || sign == '^')
		open_section(reader, name, sign == '^');
	else if (sign == '/')
		close_section(reader, name);
	else if (sign && strchr("{&>=", sign))
		REFUSE(reader, "Write {{name}}: values are always escaped, and there are no partials.", tag,
		       "%s:%d: {{%.*s}} is not known here", reader->file, reader->line, TEXT_ARG(tag));
	else
		read_field(reader, name);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* A section tag or remark that is alone on its line takes the line with it: *before loses its blanks, rest its line end. */
static void take_line(struct reader *reader, struct text *before, bool at_start)
{
	size_t keep = before->length, skip = 0;
	while (keep > 0 && is_blank(before->data[keep - 1]))
		keep--;
	while (skip < reader->rest.length && (is_blank(reader->rest.data[skip]) || reader->rest.data[skip] == '\r'))
		skip++;
	bool begins = keep > 0 ? before->data[keep - 1] == '\n' : at_start;
	bool ends = skip == reader->rest.length || reader->rest.data[skip] == '\n';
	if (!begins || !ends)
		return;
	before->length = keep;
	reader->rest = text_slice(reader->rest, skip < reader->rest.length ? skip + 1 : skip, reader->rest.length);
	reader->line++;
}

/* Where `mark` begins at or after `from`; the length when it does not. */
static size_t find(struct text text, size_t from, const char *mark)
{
	for (size_t i = from; i + 2 <= text.length; i++)
		if (text.data[i] == mark[0] && text.data[i + 1] == mark[1])
			return i;
	return text.length;
}

/* The text before the next tag and the tag; false at the end. *line_begins: nothing but tags before it on its line. */
static bool read_piece(struct reader *reader, bool *line_begins)
{
	size_t open = find(reader->rest, 0, "{{");
	struct text before = text_slice(reader->rest, 0, open);
	if (open == reader->rest.length) {
		add_text(reader, before);
		return false;
	}
	size_t close = find(reader->rest, open + 2, "}}");
	if (close == reader->rest.length) {
		add_text(reader, before);
		REFUSE(reader, "End the tag with }}.", TEXT_NONE, "%s:%d: a tag does not end", reader->file, reader->line);
		return false;
	}
	struct text tag = text_slice(reader->rest, open + 2, close);
	reader->rest = text_slice(reader->rest, close + 2, reader->rest.length);
	bool shows = tag.length == 0 || !strchr("#^/!", tag.data[0]), alone = *line_begins;
	struct text whole = before;
	int line = reader->line;
	if (!shows)
		take_line(reader, &before, alone);
	*line_begins = !shows && (before.length != whole.length || reader->line != line || (alone && whole.length == 0));
	reader->line = line;
	add_text(reader, before);
	if (tag.length == 0 || tag.data[0] != '!')
		read_tag(reader, tag);
	for (const char *c = whole.data + before.length; c < reader->rest.data; c++)
		reader->line += *c == '\n';
	return true;
}

const struct template *template_read(struct text source, const char *file, const struct record *record, const char *pointer,
                                     struct arena *arena, struct problems *problems)
{
	struct template *template = arena_new(arena, struct template);
	struct reader reader = { .rest = source, .file = file, .pointer = pointer, .arena = arena, .problems = problems,
		                 .line = 1, .good = true, .open = { &template->root }, .records = { record } };
	bool line_begins = true;
	template->record = record;
	template->file = file;
	while (read_piece(&reader, &line_begins))
		;
	for (; reader.depth > 0; reader.depth--)
		REFUSE(&reader, "Close it with {{/name}}.", reader.open[reader.depth]->name,
		       "%s:%d: the section '%.*s' is not closed", file, reader.open[reader.depth]->line,
		       TEXT_ARG(reader.open[reader.depth]->name));
	return reader.good ? template : NULL;
}

/* ------------------------------------------------------------------------------------------------ writing */

struct frame {
	const struct record *record;
	const void *value;
};

struct writer {
	struct text_builder out;
	struct arena *arena;
	enum template_escape escape;
	struct frame frames[TEMPLATE_DEPTH_MAX + 1];
	size_t depth;
	int64_t steps; /* left */
};

void template_html(struct text_builder *out, struct text text)
{
	for (size_t i = 0; i < text.length; i++) {
		switch (text.data[i]) {
		case '&': builder_c(out, "&amp;"); break;
		case '<': builder_c(out, "&lt;"); break;
		case '>': builder_c(out, "&gt;"); break;
		case '"': builder_c(out, "&quot;"); break;
		case '\'': builder_c(out, "&#39;"); break;
		default: builder_byte(out, text.data[i]);
		}
	}
}

/* The record that holds the path's last field; a record on the way that is absent: NULL. */
static const void *reach(const struct writer *writer, const struct path *path, const struct record **record)
{
	const struct frame *frame = &writer->frames[writer->depth - path->out];
	const void *value = frame->value;
	*record = frame->record;
	for (size_t i = 0; i + 1 < path->count && value; i++) {
		const struct record_field *field = &(*record)->fields[path->fields[i]];
		value = *(void *const *)record_field_const_at(field, value);
		*record = field->of;
	}
	return value;
}

static void write_field(struct writer *writer, const struct piece *piece)
{
	const struct record *record;
	const void *value = reach(writer, &piece->path, &record);
	int field = piece->path.fields[piece->path.count - 1];
	if (!value || !record_has(record, value, field))
		return;
	struct text text = record->fields[field].kind == KIND_JSON
	                           ? *(const struct text *)record_field_const_at(&record->fields[field], value)
	                           : record_field_text(record, value, field, writer->arena);
	if (writer->escape == TEMPLATE_ESCAPE_HTML)
		template_html(&writer->out, text);
	else
		builder_add(&writer->out, text);
}

static bool goes_on(struct writer *writer)
{
	return !writer->out.failed && writer->steps-- > 0;
}

bool template_endless(const struct template *template, int steps_max, struct problems *problems)
{
	return problem_value(problems, PROBLEM_TEMPLATE_FAILED, "", TEXT_NONE, "Do not open lists within lists.",
	                     "%s: its sections come to more than %d steps", template->file, steps_max);
}

static void write_pieces(struct writer *writer, const struct piece *pieces);

static void write_inside(struct writer *writer, const struct piece *piece, const struct record *record, const void *value)
{
	writer->depth++;
	writer->frames[writer->depth] = (struct frame){ record, value };
	write_pieces(writer, piece->inner);
	writer->depth--;
}

static bool holds(const struct record *record, const void *value, int number)
{
	const struct record_field *field = &record->fields[number];
	if (!value || !record_has(record, value, number))
		return false;
	if (field->kind == KIND_LIST)
		return ((const struct record_list *)record_field_const_at(field, value))->count > 0;
	return field->kind != KIND_BOOLEAN || *(const bool *)record_field_const_at(field, value);
}

static void write_section(struct writer *writer, const struct piece *piece)
{
	const struct record *record;
	const void *value = reach(writer, &piece->path, &record);
	int number = piece->path.fields[piece->path.count - 1];
	const struct frame *around = &writer->frames[writer->depth];
	bool there = holds(record, value, number);
	if (there == (piece->kind == PIECE_INVERTED))
		return;
	const struct record_field *field = &record->fields[number];
	if (there && field->kind == KIND_LIST) {
		const struct record_list *list = record_field_const_at(field, value);
		for (size_t i = 0; i < list->count && goes_on(writer); i++)
			write_inside(writer, piece, field->of, (const char *)list->items + i * field->of->size);
	} else if (there && field->kind == KIND_RECORD) {
		write_inside(writer, piece, field->of, *(void *const *)record_field_const_at(field, value));
	} else {
		write_inside(writer, piece, around->record, around->value);
	}
}

static void write_pieces(struct writer *writer, const struct piece *pieces)
{
	for (const struct piece *piece = pieces; piece && goes_on(writer); piece = piece->next) {
		if (piece->kind == PIECE_TEXT)
			builder_add(&writer->out, piece->text);
		else if (piece->kind == PIECE_FIELD)
			write_field(writer, piece);
		else
			write_section(writer, piece);
	}
}

bool template_write(const struct template *template, const void *value, enum template_escape escape, struct arena *arena,
                    struct problems *problems, struct text *out)
{
	struct writer writer = { .arena = arena, .escape = escape, .steps = TEMPLATE_STEPS_MAX,
	                         .frames = { { template->record, value } } };
	builder_init(&writer.out, arena, TEMPLATE_OUTPUT_BYTES_MAX);
	write_pieces(&writer, template->root.inner);
	if (writer.steps <= 0)
		return template_endless(template, TEMPLATE_STEPS_MAX, problems);
	if (writer.out.failed)
		return problem(problems, PROBLEM_TOO_LONG, "", "the document is longer than %d bytes", TEMPLATE_OUTPUT_BYTES_MAX);
	*out = builder_text(&writer.out);
	return true;
}
