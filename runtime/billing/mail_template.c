/* mail_template.c: templates of mails: checked when they are deployed, written out when a rule sends. */
#include "mail_template.h"

#include "bundle_template.h"
#include "value/template.h"

static const char FOLDER[] = "templates/mail/", SUBJECT[] = "Subject:";

/* ---- the parts of a text ---- */

struct parts {
	struct text subject, body;
};

/* The body begins behind the subject's line, with the end of that line: its lines keep their numbers. */
static bool parts_split(struct text source, struct parts *parts)
{
	struct text line, rest, after;
	if (!text_starts(source, SUBJECT) || !text_split(source, '\n', &line, &rest))
		return false;
	text_split(rest, '\n', &after, &rest);
	parts->subject = text_trim(text_slice(line, sizeof SUBJECT - 1, line.length));
	parts->body = text_slice(source, line.length, source.length);
	return parts->subject.length > 0 && text_trim(after).length == 0;
}

static struct text without_first_lines(struct text text)
{
	size_t from = 0;
	while (from < text.length && (text.data[from] == '\n' || text.data[from] == '\r'))
		from++;
	return text_slice(text, from, text.length);
}

/* ---- of a bundle ---- */

static bool ends_with(struct text text, const char *ending)
{
	size_t length = strlen(ending);
	return text.length > length && text_is(text_slice(text, text.length - length, text.length), ending);
}

static bool of_mail(const struct bundle_file *file)
{
	return text_starts(file->name, FOLDER);
}

static bool text_check(const struct bundle_file *file, const char *pointer, struct arena *arena, struct problems *problems)
{
	struct parts parts;
	const char *name = text_c(arena, file->name);
	if (!parts_split(file->content, &parts))
		return problem_value(problems, PROBLEM_INVALID_VALUE, pointer, TEXT_NONE,
		                     "Begin it with a line \"Subject: ...\" and an empty one.", "%s:1: the text of a mail has no subject", name);
	return template_read(parts.subject, name, NULL, pointer, arena, problems) &&
	       template_read(parts.body, name, NULL, pointer, arena, problems);
}

static bool html_check(const struct bundle_archive *archive, const struct bundle_file *file, const char *pointer, struct arena *arena,
                       struct problems *problems)
{
	const char *name = text_c(arena, file->name);
	struct text beside = text_format(arena, "%.*s.txt", (int)(file->name.length - 5), file->name.data);
	if (!bundle_archive_file(archive, beside))
		return problem_value(problems, PROBLEM_MISSING_FIELD, pointer, file->name, "Every mail has its subject and a text.",
		                     "%s has no %s beside it", name, beside.data);
	return template_read(file->content, name, NULL, pointer, arena, problems) != NULL;
}

static bool file_check(const struct bundle_archive *archive, const struct bundle_file *file, struct arena *arena,
                       struct problems *problems)
{
	const char *pointer = bundle_archive_pointer(arena, file->name);
	if (ends_with(file->name, ".txt"))
		return text_check(file, pointer, arena, problems);
	if (ends_with(file->name, ".html"))
		return html_check(archive, file, pointer, arena, problems);
	return problem_value(problems, PROBLEM_INVALID_VALUE, pointer, file->name, "Call it NAME.txt or NAME.html.",
	                     "%.*s is no template of a mail", TEXT_ARG(file->name));
}

bool mail_templates_check(const struct bundle_archive *archive, struct arena *arena, struct problems *problems)
{
	bool good = true;
	for (size_t i = 0; i < archive->count; i++)
		if (of_mail(&archive->files[i]))
			good &= file_check(archive, &archive->files[i], arena, problems);
	return good;
}

bool mail_templates_keep(struct command *command, const struct bundle_archive *archive)
{
	for (size_t i = 0; i < archive->count; i++)
		if (of_mail(&archive->files[i]) && !bundle_template_keep(command, archive->digest_text, &archive->files[i]))
			return false;
	return true;
}

/* ---- written out ---- */

struct writing {
	struct command *command;
	const struct json *values;
	struct problems *problems;
};

static bool part_write(const struct writing *writing, struct text source, const char *name, enum template_escape escape, struct text *out)
{
	struct arena *arena = writing->command->arena;
	const struct template *template = template_read(source, name, NULL, "/template", arena, writing->problems);
	return template && template_write_json(template, writing->values, escape, arena, writing->problems, out);
}

/* *found NULL: there is none. */
static bool template_load(struct command *command, struct text name, const char *ending, struct bundle_template **found)
{
	*found = NULL;
	return !text_present(command->tenant->bundle) ||
	       bundle_template_find(command, command->tenant->bundle, text_format(command->arena, "%s%.*s%s", FOLDER, TEXT_ARG(name), ending),
	                            found);
}

static bool parts_write(const struct writing *writing, const struct bundle_template *text, const struct bundle_template *html,
                        struct mail *mail)
{
	struct arena *arena = writing->command->arena;
	struct parts parts;
	if (!parts_split(text->content, &parts))
		BUG("%.*s was not checked", TEXT_ARG(text->name));
	const char *name = text_c(arena, text->name);
	if (!part_write(writing, parts.body, name, TEMPLATE_ESCAPE_NONE, &mail->body) ||
	    (!text_present(mail->subject) && !part_write(writing, parts.subject, name, TEMPLATE_ESCAPE_NONE, &mail->subject)))
		return false;
	mail->body = without_first_lines(mail->body);
	return !html || text_present(mail->html) ||
	       part_write(writing, html->content, text_c(arena, html->name), TEMPLATE_ESCAPE_HTML, &mail->html);
}

bool mail_template_exists(struct command *command, struct text name, bool *exists)
{
	struct bundle_template *text;
	if (!template_load(command, name, ".txt", &text))
		return false;
	*exists = text != NULL;
	return true;
}

bool mail_template_write(struct command *command, const struct json *values, struct mail *mail, struct problems *problems)
{
	const struct writing writing = { command, values, problems };
	struct bundle_template *text, *html;
	if (!template_load(command, mail->template, ".txt", &text) || !template_load(command, mail->template, ".html", &html))
		return false;
	if (!text)
		return problem_value(problems, PROBLEM_NOT_FOUND, "/template", mail->template, "Deploy a bundle that has it.",
		                     "the bundle has no %s%.*s.txt", FOLDER, TEXT_ARG(mail->template));
	command_work_begin(command);
	bool good = parts_write(&writing, text, html, mail);
	command_work_end(command, INT64_MAX);
	return good;
}
