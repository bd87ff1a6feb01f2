/* console_print.c: values as a person reads them. */
#include "console_print.h"

#include "value/json.h"
#include "value/money.h"

#include <string.h>

enum { COLUMNS_MAX = 64, GAP = 2, INDENT = 2, INDENT_MAX = 8 };

/* ------------------------------------------------------------------------------------------------ texts */

static size_t characters(struct text text)
{
	size_t count = 0;
	for (size_t i = 0; i < text.length; i++)
		count += ((unsigned char)text.data[i] & 0xc0) != 0x80;
	return count;
}

static void byte_add(struct text_builder *out, char byte)
{
	if (byte == '\n')
		builder_c(out, "\\n");
	else if (byte == '\t')
		builder_c(out, "\\t");
	else if ((unsigned char)byte < ' ' || byte == 0x7f)
		builder_format(out, "\\x%02x", (unsigned char)byte);
	else
		builder_byte(out, byte);
}

struct text print_safe(struct arena *arena, struct text text, size_t most)
{
	struct text_builder out;
	bool cut = characters(text) > most;
	builder_init(&out, arena, 0);
	for (size_t i = 0, shown = 0; i < text.length; i++) {
		shown += ((unsigned char)text.data[i] & 0xc0) != 0x80;
		if (cut && shown >= most)
			break;
		byte_add(&out, text.data[i]);
	}
	if (cut)
		builder_c(&out, "…");
	return builder_text(&out);
}

void print_lines(FILE *out, struct text text)
{
	for (size_t i = 0; i < text.length; i++) {
		unsigned char byte = (unsigned char)text.data[i];
		bool plain = (byte >= ' ' && byte != 0x7f) || byte == '\n' || byte == '\t';
		fprintf(out, plain ? "%c" : "\\x%02x", byte);
	}
	fputc('\n', out);
}

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

struct text print_masked(struct arena *arena, struct text text)
{
	enum { CARD_DIGITS = 12, SHOWN_DIGITS = 4 };
	struct text_builder out;
	builder_init(&out, arena, 0);
	for (size_t i = 0; i < text.length;) {
		size_t end = i;
		while (end < text.length && is_digit(text.data[end]))
			end++;
		bool card = end - i >= CARD_DIGITS;
		for (; i < end; i++)
			builder_byte(&out, card && end - i > SHOWN_DIGITS ? '*' : text.data[i]);
		if (i < text.length)
			builder_byte(&out, text.data[i++]);
	}
	return builder_text(&out);
}

static const char *const kind_words[] = {
	[KIND_ID] = "id",           [KIND_UUID] = "uuid",       [KIND_TEXT] = "text",       [KIND_JSON] = "object",
	[KIND_INTEGER] = "integer", [KIND_DECIMAL] = "decimal", [KIND_MONEY] = "money",     [KIND_EXACT] = "exact",
	[KIND_CURRENCY] = "currency", [KIND_DATE] = "date",     [KIND_INSTANT] = "instant", [KIND_DURATION] = "duration",
	[KIND_BOOLEAN] = "boolean",
};

struct text print_kind(struct arena *arena, const struct record_field *field)
{
	struct text_builder out;
	switch (field->kind) {
	case KIND_RECORD:
	case KIND_RELATION:
		return text_of(field->of->name);
	case KIND_LIST:
		return text_format(arena, "list of %s", field->of->name);
	case KIND_CHOICE:
		builder_init(&out, arena, 0);
		for (size_t i = 1; field->words[i]; i++)
			builder_format(&out, "%s%s", i > 1 ? "|" : "", field->words[i]);
		return builder_text(&out);
	default:
		return text_of(kind_words[field->kind]);
	}
}

static bool is_shown(const struct record_field *field)
{
	return !(field->flags & (FIELD_HIDDEN | FIELD_SECRET)) && field->kind != KIND_RELATION;
}

static bool has_parts(const struct record_field *field)
{
	return field->kind == KIND_RECORD || field->kind == KIND_LIST;
}

struct text print_field(struct arena *arena, const struct record *record, const void *value, int number, size_t most)
{
	const struct record_field *field = &record->fields[number];
	if (!is_shown(field) || has_parts(field) || !record_has(record, value, number))
		return TEXT_NONE;
	if (field->kind == KIND_MONEY)
		return money_text(arena, *(const struct money *)record_field_const_at(field, value));
	return print_safe(arena, record_field_text(record, value, number, arena), most);
}

/* ------------------------------------------------------------------------------------------------ tables */

static bool is_amount(struct text text)
{
	size_t digits = 0;
	for (size_t i = 0; i < text.length; i++)
		digits += text.data[i] >= '0' && text.data[i] <= '9';
	return digits > 0 && digits + 6 >= text.length && !memchr(text.data, ':', text.length) &&
	       !memchr(text.data + 1, '-', text.length - 1);
}

/* Adds a cell to a line; blanks at its end are left out when it is told. */
static void cell_add(struct text_builder *line, struct text text, size_t width, bool right)
{
	size_t length = characters(text), room = width > length ? width - length : 0;
	builder_format(line, "%*s%.*s%*s", right ? (int)room : 0, "", TEXT_ARG(text), (int)(right ? GAP : room + GAP), "");
}

static void line_put(const struct printer *printer, struct text_builder *line)
{
	while (line->length && line->data[line->length - 1] == ' ')
		line->length--;
	fprintf(printer->out, "%.*s\n", (int)line->length, line->data);
	line->length = 0;
}

struct column {
	size_t width;
	bool right;
};

static struct column column_of(const char *head, const struct text *cells, size_t columns, size_t rows)
{
	struct column column = { characters(text_of(head)), rows > 0 };
	for (size_t row = 0; row < rows; row++, cells += columns) {
		size_t width = characters(*cells);
		column.width = width > column.width ? width : column.width;
		column.right = column.right && (cells->length == 0 || is_amount(*cells));
	}
	return column;
}

void print_table(const struct printer *printer, const char *const *heads, const struct text *cells, size_t columns, size_t rows)
{
	struct column *of = arena_new_many(printer->arena, struct column, columns + 1);
	struct text_builder line;
	builder_init(&line, printer->arena, 0);
	for (size_t i = 0; i < columns; i++) {
		of[i] = column_of(heads[i], cells + i, columns, rows);
		cell_add(&line, text_of(heads[i]), of[i].width, of[i].right);
	}
	line_put(printer, &line);
	for (size_t i = 0; i < rows * columns; i++) {
		size_t column = i % columns;
		cell_add(&line, cells[i], of[column].width, of[column].right);
		if (column + 1 == columns)
			line_put(printer, &line);
	}
}

/* ---- rows of records ---- */

struct columns {
	int numbers[COLUMNS_MAX];
	const char *heads[COLUMNS_MAX];
	size_t count, left_out;
};

/* Worth a column: told of some row, one value, short. */
static bool is_column(const struct record *record, int number)
{
	const struct record_field *field = &record->fields[number];
	return is_shown(field) && !has_parts(field) && field->kind != KIND_UUID && field->kind != KIND_JSON &&
	       field->kind != KIND_CURRENCY;
}

static size_t column_width(const struct printer *printer, const struct record *record, const void *const *rows, size_t count,
                           int number, bool *present)
{
	size_t width = strlen(record->fields[number].name);
	*present = false;
	for (size_t i = 0; i < count; i++) {
		struct text text = print_field(printer->arena, record, rows[i], number, PRINT_CELL_MAX);
		*present = *present || text_present(text);
		if (characters(text) > width)
			width = characters(text);
	}
	return width;
}

/* What a row is known by, and what it is about: amounts and states. These come first where a line is too short for all. */
static bool is_telling(const struct record_field *field)
{
	static const char *const names[] = { "id", "number", "name", "code", "position", "description", "plan" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(field->name, names[i]) == 0)
			return true;
	return field->kind == KIND_MONEY || field->kind == KIND_CHOICE;
}

/* In the order of the fields, as many as the line has room for. */
static void columns_choose(const struct printer *printer, const struct record *record, const void *const *rows, size_t count,
                           struct columns *columns)
{
	size_t used = 0;
	bool *chosen = arena_new_many(printer->arena, bool, record->field_count + 1);
	columns->count = columns->left_out = 0;
	for (int telling = 1; telling >= 0; telling--)
		for (size_t i = 0; i < record->field_count; i++) {
			bool present;
			if (!is_column(record, (int)i) || is_telling(&record->fields[i]) != telling)
				continue;
			size_t width = column_width(printer, record, rows, count, (int)i, &present) + GAP;
			chosen[i] = present && used + width <= printer->width + GAP;
			columns->left_out += present && !chosen[i];
			used += chosen[i] ? width : 0;
		}
	for (size_t i = 0; i < record->field_count && columns->count < COLUMNS_MAX; i++)
		if (chosen[i]) {
			columns->heads[columns->count] = record->fields[i].name;
			columns->numbers[columns->count++] = (int)i;
		}
}

void print_rows(const struct printer *printer, const struct record *record, const void *const *rows, size_t count)
{
	size_t shown = count < PRINT_ROWS_MAX ? count : PRINT_ROWS_MAX;
	struct columns columns;
	if (count == 0) {
		fprintf(printer->out, "no rows of %s\n", record->name);
		return;
	}
	columns_choose(printer, record, rows, shown, &columns);
	struct text *cells = arena_new_many(printer->arena, struct text, shown * columns.count + 1);
	for (size_t row = 0; row < shown; row++)
		for (size_t i = 0; i < columns.count; i++)
			cells[row * columns.count + i] = print_field(printer->arena, record, rows[row], columns.numbers[i], PRINT_CELL_MAX);
	print_table(printer, columns.heads, cells, columns.count, shown);
	if (columns.left_out)
		fprintf(printer->out, "(%zu more columns: look at one of the rows)\n", columns.left_out);
	if (count > shown)
		fprintf(printer->out, "(%zu more rows)\n", count - shown);
}

/* ------------------------------------------------------------------------------------------------ blocks */

static size_t name_width(const struct record *record, const void *value)
{
	size_t width = 0;
	for (size_t i = 0; i < record->field_count; i++)
		if (is_shown(&record->fields[i]) && record_has(record, value, (int)i) && strlen(record->fields[i].name) > width)
			width = strlen(record->fields[i].name);
	return width;
}

static void block_put(const struct printer *printer, const struct record *record, const void *value, size_t indent);

/* A line a row: the lists of a record are short. */
static void list_put(const struct printer *printer, const struct record_field *field, const struct record_list *list,
                     size_t indent)
{
	char *buffer = NULL;
	size_t size = 0;
	const void **rows = arena_new_many(printer->arena, const void *, list->count + 1);
	for (size_t i = 0; i < list->count; i++)
		rows[i] = (const char *)list->items + i * field->of->size;
	struct printer inner = *printer;
	inner.out = open_memstream(&buffer, &size);
	if (!inner.out)
		return;
	inner.width = printer->width > indent + 40 ? printer->width - indent : 40;
	print_rows(&inner, field->of, rows, list->count);
	fclose(inner.out);
	struct text line, rest = { buffer, size };
	while (rest.length) {
		text_split(rest, '\n', &line, &rest);
		fprintf(printer->out, "%*s%.*s\n", (int)indent, "", TEXT_ARG(line));
	}
	free(buffer);
}

static void part_put(const struct printer *printer, const struct record_field *field, const void *value, size_t indent)
{
	const void *at = record_field_const_at(field, value), *part;
	if (field->kind == KIND_LIST) {
		const struct record_list *list = at;
		fprintf(printer->out, "%zu\n", list->count);
		if (list->count)
			list_put(printer, field, list, indent + INDENT);
		return;
	}
	memcpy(&part, at, sizeof part);
	fputc('\n', printer->out);
	if (indent < INDENT_MAX)
		block_put(printer, field->of, part, indent + INDENT);
}

static void block_put(const struct printer *printer, const struct record *record, const void *value, size_t indent)
{
	size_t width = name_width(record, value);
	for (size_t i = 0; i < record->field_count; i++) {
		const struct record_field *field = &record->fields[i];
		if (!is_shown(field) || field->kind == KIND_UUID || !record_has(record, value, (int)i))
			continue;
		if (field->kind == KIND_LIST && ((const struct record_list *)record_field_const_at(field, value))->count == 0)
			continue;
		fprintf(printer->out, "%*s%-*s", (int)indent, "", (int)width + GAP, field->name);
		struct text text = print_field(printer->arena, record, value, (int)i, PRINT_TEXT_MAX);
		if (has_parts(field))
			part_put(printer, field, value, indent);
		else
			fprintf(printer->out, "%.*s\n", TEXT_ARG(text));
	}
}

static void id_put(const struct printer *printer, const struct record *record, const void *value)
{
	int id = record_field_find(record, TEXT("id"));
	struct text text = id < 0 ? TEXT_NONE : print_field(printer->arena, record, value, id, PRINT_CELL_MAX);
	fprintf(printer->out, "%s%s%.*s", record->name, text_present(text) ? " " : "", TEXT_ARG(text));
}

void print_record(const struct printer *printer, const struct record *record, const void *value)
{
	id_put(printer, record, value);
	if (printer->is_gone && printer->is_gone(printer->context, value)) {
		fputs(" is gone: what made it was rolled back\n", printer->out);
		return;
	}
	fputc('\n', printer->out);
	block_put(printer, record, value, INDENT);
}

void print_fields(const struct printer *printer, const struct record *record, bool input)
{
	static const char *const heads[] = { "field", "", "kind", "" };
	struct text *cells = arena_new_many(printer->arena, struct text, 4 * record->field_count + 1);
	size_t rows = 0;
	for (size_t i = 0; i < record->field_count; i++) {
		const struct record_field *field = &record->fields[i];
		if (field->flags & FIELD_HIDDEN || (!input && field->flags & FIELD_SECRET))
			continue;
		struct text *row = cells + 4 * rows++;
		row[0] = text_of(field->name);
		row[1] = input && field->flags & FIELD_REQUIRED ? TEXT("*") : TEXT("");
		row[2] = print_safe(printer->arena, print_kind(printer->arena, field), PRINT_CELL_MAX);
		row[3] = text_of(field->doc);
	}
	print_table(printer, heads, cells, 4, rows);
}

/* ------------------------------------------------------------------------------------------------ values of Lua */

static struct text quoted(struct arena *arena, struct text text)
{
	struct text_builder out;
	builder_init(&out, arena, 0);
	builder_byte(&out, '"');
	for (size_t i = 0; i < text.length; i++) {
		if (text.data[i] == '"' || text.data[i] == '\\')
			builder_byte(&out, '\\');
		byte_add(&out, text.data[i]);
	}
	builder_byte(&out, '"');
	return builder_text(&out);
}

/* In one line, as a member of a table. */
static struct text short_text(const struct printer *printer, const struct rule_console_value *value)
{
	struct arena *arena = printer->arena;
	switch (value->kind) {
	case RULE_CONSOLE_NIL:
		return TEXT("nil");
	case RULE_CONSOLE_TEXT:
		return print_safe(arena, quoted(arena, value->text), PRINT_TEXT_MAX);
	case RULE_CONSOLE_ROWS:
		return text_format(arena, "%zu of %s", value->count, value->record->name);
	case RULE_CONSOLE_TABLE:
		return value->count ? text_format(arena, "a table of %zu", value->count + value->more) : TEXT("{}");
	case RULE_CONSOLE_RECORD: {
		int id = record_field_find(value->record, TEXT("id"));
		struct text text = id < 0 ? TEXT_NONE : print_field(arena, value->record, value->value, id, PRINT_CELL_MAX);
		return text_format(arena, "%s %.*s", value->record->name, TEXT_ARG(text));
	}
	default:
		return print_safe(arena, value->text, PRINT_TEXT_MAX);
	}
}

static void table_put(const struct printer *printer, const struct rule_console_value *value, size_t indent)
{
	size_t width = 0;
	if (value->count == 0)
		fprintf(printer->out, "%*s{}\n", (int)indent, "");
	for (size_t i = 0; i < value->count; i++)
		if (characters(value->members[i].name) > width)
			width = characters(value->members[i].name);
	for (size_t i = 0; i < value->count; i++) {
		const struct rule_console_member *member = &value->members[i];
		struct text text = short_text(printer, &member->value), name = print_safe(printer->arena, member->name, PRINT_CELL_MAX);
		bool inner = member->value.kind == RULE_CONSOLE_TABLE && member->value.count;
		fprintf(printer->out, "%*s%.*s%*s%.*s\n", (int)indent, "", TEXT_ARG(name),
		        inner ? 0 : (int)(width - (width < characters(name) ? width : characters(name)) + GAP), "",
		        inner ? 0 : (int)text.length, text.data);
		if (inner)
			table_put(printer, &member->value, indent + INDENT);
	}
	if (value->more)
		fprintf(printer->out, "%*s(%zu more)\n", (int)indent, "", value->more);
}

static void json_value(const struct printer *printer, struct json_writer *writer, const struct rule_console_value *value)
{
	switch (value->kind) {
	case RULE_CONSOLE_NIL:
		json_null(writer);
		break;
	case RULE_CONSOLE_RECORD:
		json_record(writer, value->record, value->value);
		break;
	case RULE_CONSOLE_ROWS:
		json_begin_array(writer);
		for (size_t i = 0; i < value->count; i++)
			json_record(writer, value->record, value->rows[i]);
		json_end_array(writer);
		break;
	case RULE_CONSOLE_TABLE:
		value->sequence ? json_begin_array(writer) : json_begin_object(writer);
		for (size_t i = 0; i < value->count; i++) {
			if (!value->sequence)
				json_name_text(writer, value->members[i].name);
			json_value(printer, writer, &value->members[i].value);
		}
		value->sequence ? json_end_array(writer) : json_end_object(writer);
		break;
	default:
		if (value->kind == RULE_CONSOLE_PLAIN && value->number && !strpbrk(value->text.data, "ni")) /* nan, inf */
			json_raw(writer, value->text);
		else
			json_string(writer, value->text);
	}
}

static void noun_put(const struct printer *printer, const struct rule_console_value *value)
{
	struct text name = value->text;
	if (value->record)
		fprintf(printer->out, "%.*s: %s\n%.*s[1] is one of them, %.*s { limit = 10 } some; \\d %.*s lists fields, \\? %.*s commands\n",
		        TEXT_ARG(name), value->record->doc, TEXT_ARG(name), TEXT_ARG(name), TEXT_ARG(name), TEXT_ARG(name));
	else
		fprintf(printer->out, "%.*s has commands: \\? %.*s lists them\n", TEXT_ARG(name), TEXT_ARG(name));
}

void print_value(const struct printer *printer, const struct rule_console_value *value)
{
	if (printer->json) {
		struct text_builder out;
		struct json_writer writer;
		builder_init(&out, printer->arena, 0);
		json_writer_init(&writer, &out);
		json_value(printer, &writer, value);
		fprintf(printer->out, "%.*s\n", TEXT_ARG(builder_text(&out)));
	} else if (value->kind == RULE_CONSOLE_RECORD) {
		print_record(printer, value->record, value->value);
	} else if (value->kind == RULE_CONSOLE_ROWS) {
		print_rows(printer, value->record, value->rows, value->count);
	} else if (value->kind == RULE_CONSOLE_TABLE) {
		table_put(printer, value, 0);
	} else if (value->kind == RULE_CONSOLE_NOUN) {
		noun_put(printer, value);
	} else {
		struct text text = value->kind == RULE_CONSOLE_TEXT ? quoted(printer->arena, value->text) : short_text(printer, value);
		fprintf(printer->out, "%.*s\n", TEXT_ARG(text));
	}
}
