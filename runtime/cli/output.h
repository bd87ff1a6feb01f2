/* output.h: what a subcommand prints: lines for people, or one JSON object with --json. */
#ifndef MOONBILL_CLI_OUTPUT_H
#define MOONBILL_CLI_OUTPUT_H

#include "cli.h"
#include "value/json.h"

/* An object: "name: value" lines, or itself. */
void output_object(const struct cli *cli, struct text json);
/* {"items": [...]}: a line an item with these members, or itself. */
void output_list(const struct cli *cli, struct text json, const char *const *members);
/* An answer of the HTTP API: of a list a line an item with what each has ("id=1 name=VIP"), else as an object. */
void output_answer(const struct cli *cli, struct text json);
/* {"result": ..., "events": [...]}: the result as an object, then a line an event; or itself. */
void output_dry_run(const struct cli *cli, struct text json);
/* What went wrong, to standard error; with --json as application/problem+json to standard output. */
void output_problems(const struct cli *cli);
/* The same; below a problem that names file and line stands the line itself, where `line` knows it (else TEXT_NONE). */
struct output_source {
	struct text (*line)(const void *context, struct text file, int64_t number);
	const void *context;
};
void output_problems_of(const struct cli *cli, const struct output_source *source);
/* The same for problems that came over the control socket, as {"problems": [...]}. */
void output_problem_document(const struct cli *cli, const struct json *document, struct text json);

#endif
