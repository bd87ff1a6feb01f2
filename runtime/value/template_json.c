/* template_json.c: writes a template out with what a JSON document holds. */
#include "template_state.h"

struct json_writing {
	const struct template *template;
	struct text_builder out;
	enum template_escape escape;
	struct problems *problems;
	const struct json *frames[TEMPLATE_DEPTH_MAX + 1];
	size_t depth;
	int64_t steps; /* left */
	bool good;
};

static const struct json *member_named(struct json_writing *writing, const struct json *object, struct text name)
{
	for (const struct json *member = object->type == JSON_OBJECT ? object->first : NULL; member; member = member->next) {
		writing->steps--;
		if (text_equals(member->name, name))
			return member;
	}
	return NULL;
}

/* NULL when nothing has this name; *known: its first part has. */
static const struct json *look_up(struct json_writing *writing, struct text name, bool *known)
{
	struct text head, rest = name;
	const struct json *found = NULL;
	*known = true;
	if (text_is(name, "."))
		return writing->frames[writing->depth];
	bool more = text_split(name, '.', &head, &rest);
	for (size_t i = writing->depth + 1; i-- > 0 && !found;)
		found = member_named(writing, writing->frames[i], head);
	*known = found != NULL;
	while (found && more) {
		more = text_split(rest, '.', &head, &rest);
		found = member_named(writing, found, head);
	}
	return found;
}

static const char *name_candidate(const void *context, size_t i)
{
	const struct json *object = context, *member = object->type == JSON_OBJECT ? object->first : NULL;
	while (member && i-- > 0)
		member = member->next;
	return member ? member->name.data : NULL;
}

static void refuse(struct json_writing *writing, const struct piece *piece, const char *remedy, const char *what, const char *nearest)
{
	writing->good = problem_value(writing->problems, PROBLEM_TEMPLATE_FAILED, "", piece->name, remedy, "%s:%d: %s '%.*s'%s",
	                              writing->template->file, piece->line, what, TEXT_ARG(piece->name), nearest);
}

static struct text plain_text(const struct json *value)
{
	return value->type == JSON_TRUE ? TEXT("true") : value->type == JSON_FALSE ? TEXT("false") : json_text(value);
}

static void write_field(struct json_writing *writing, const struct piece *piece)
{
	bool known;
	const struct json *value = look_up(writing, piece->name, &known);
	if (!known && writing->depth == 0) {
		refuse(writing, piece, "Send it with the message, or open a section of that name around it: {{#name}} ... {{/name}}.",
		       "there is no", text_did_you_mean(writing->problems->arena, piece->name, name_candidate, writing->frames[0]));
		return;
	}
	if (!value)
		return;
	if (value->type == JSON_ARRAY || value->type == JSON_OBJECT) {
		refuse(writing, piece, "Open it as a section: {{#name}} ... {{/name}}, and name what is inside.", "this is no single value:", "");
		return;
	}
	if (writing->escape == TEMPLATE_ESCAPE_HTML)
		template_html(&writing->out, plain_text(value));
	else
		builder_add(&writing->out, plain_text(value));
}

static bool goes_on(struct json_writing *writing)
{
	return writing->good && !writing->out.failed && writing->steps-- > 0;
}

static void write_pieces(struct json_writing *writing, const struct piece *pieces);

static void write_inside(struct json_writing *writing, const struct piece *piece, const struct json *value)
{
	writing->frames[++writing->depth] = value;
	write_pieces(writing, piece->inner);
	writing->depth--;
}

static bool holds(const struct json *value)
{
	return value && value->type != JSON_NULL && value->type != JSON_FALSE && (value->type != JSON_ARRAY || value->count > 0);
}

static void write_section(struct json_writing *writing, const struct piece *piece)
{
	bool known;
	const struct json *value = look_up(writing, piece->name, &known), *around = writing->frames[writing->depth];
	bool there = holds(value);
	if (there == (piece->kind == PIECE_INVERTED))
		return;
	if (there && value->type == JSON_ARRAY) {
		for (const struct json *item = value->first; item && goes_on(writing); item = item->next)
			write_inside(writing, piece, item);
	} else {
		write_inside(writing, piece, there && value->type == JSON_OBJECT ? value : around);
	}
}

static void write_pieces(struct json_writing *writing, const struct piece *pieces)
{
	for (const struct piece *piece = pieces; piece && goes_on(writing); piece = piece->next) {
		if (piece->kind == PIECE_TEXT)
			builder_add(&writing->out, piece->text);
		else if (piece->kind == PIECE_FIELD)
			write_field(writing, piece);
		else
			write_section(writing, piece);
	}
}

bool template_write_json(const struct template *template, const struct json *value, enum template_escape escape,
                         struct arena *arena, struct problems *problems, struct text *out)
{
	struct json_writing writing = { .template = template, .escape = escape, .problems = problems, .frames = { value },
		                        .steps = TEMPLATE_JSON_STEPS_MAX, .good = true };
	builder_init(&writing.out, arena, TEMPLATE_OUTPUT_BYTES_MAX);
	write_pieces(&writing, template->root.inner);
	if (writing.good && writing.steps <= 0)
		return template_endless(template, TEMPLATE_JSON_STEPS_MAX, problems);
	if (writing.good && writing.out.failed)
		return problem(problems, PROBLEM_TOO_LONG, "", "the document is longer than %d bytes", TEMPLATE_OUTPUT_BYTES_MAX);
	*out = builder_text(&writing.out);
	return writing.good;
}
