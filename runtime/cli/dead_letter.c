/* dead_letter.c: what waits or died: listed, begun anew, withdrawn. */
#include "dead_letter.h"

#include "output.h"
#include "session.h"

enum { LIMIT_DEFAULT = 100, LIMIT_MOST = 1000 };

const struct cli_option dead_letter_list_options[] = {
	{ "--tenant", "NAME", "Whose; may be left out when there is one tenant." },
	{ "--status", "WORD", "Only those of this status." },
	{ "--after", "ID", "Only those after this one." },
	{ "--limit", "COUNT", "At most so many, 1 to 1000; 100 when absent." },
	{ NULL, NULL, NULL },
};

const struct cli_option dead_letter_retry_options[] = {
	{ "--tenant", "NAME", "Whose; may be left out when there is one tenant." },
	{ "--dead", NULL, "All of the tenant that are dead." },
	{ NULL, NULL, NULL },
};

const struct cli_option dead_letter_withdraw_options[] = {
	{ "--tenant", "NAME", "Whose; may be left out when there is one tenant." },
	{ NULL, NULL, NULL },
};

enum cli_exit dead_letter_list(struct cli *cli, const struct dead_letter *letter)
{
	int64_t after, limit;
	if (!cli_number(cli, "--after", 0, INT64_MAX, 0, &after))
		return cli_usage_error(cli->subcommand, "--after takes the id of a %s", letter->noun);
	if (!cli_number(cli, "--limit", 1, LIMIT_MOST, LIMIT_DEFAULT, &limit))
		return cli_usage_error(cli->subcommand, "--limit takes a number from 1 to %d", LIMIT_MOST);
	return session_list(cli, session_page_request(cli, letter->list, cli_value(cli, "--status"), after, limit), letter->members);
}

/* ---- begun anew ---- */

static bool ask_of(struct session *session, const char *command, int64_t id, struct text *output)
{
	struct text input = text_format(&session->cli->arena, "{\"id\":%lld}", (long long)id);
	return session_ask(session, session_command(session->cli, command, input), output);
}

static bool retry_one(struct session *session, const struct dead_letter *letter, int64_t id)
{
	struct text output;
	return ask_of(session, letter->command, id, &output);
}

/* All that are dead now; what dies again meanwhile has been passed already. Charges are asked about by themselves. */
static bool retry_dead(struct session *session, const struct dead_letter *letter, int64_t *count)
{
	struct cli *cli = session->cli;
	int64_t after = 0;
	struct text output;
	for (;;) {
		struct arena_mark mark = arena_mark(&cli->arena);
		if (!session_ask(session, session_page_request(cli, letter->list, "dead", after, LIMIT_MOST), &output))
			return false;
		const struct json *items = json_member(json_parse_limited(output, INT32_MAX, &cli->arena, &cli->problems), "items");
		for (const struct json *item = items->first; item; item = item->next) {
			bool gateway = text_is(json_text(json_member(item, "channel")), "gateway");
			text_to_int64(json_text(json_member(item, "id")), &after);
			if (!gateway && !retry_one(session, letter, after))
				return false;
			*count += !gateway;
		}
		if (items->count < LIMIT_MOST)
			return true;
		arena_rewind(&cli->arena, mark);
	}
}

static bool retry_named(struct session *session, const struct dead_letter *letter, int64_t *count)
{
	int64_t id = 0;
	for (; *count < session->cli->argument_count; ++*count)
		if (!text_to_int64(text_of(session->cli->arguments[*count]), &id) || !retry_one(session, letter, id))
			return false;
	return true;
}

/* The first argument that is no id; NULL: all are. */
static const char *wrong_argument(const struct cli *cli)
{
	int64_t id;
	for (int i = 0; i < cli->argument_count; i++)
		if (!text_to_int64(text_of(cli->arguments[i]), &id) || id <= 0)
			return cli->arguments[i];
	return NULL;
}

enum cli_exit dead_letter_retry(struct cli *cli, const struct dead_letter *letter)
{
	bool dead = cli_value(cli, "--dead") != NULL;
	struct session session;
	int64_t count = 0;
	if (dead == (cli->argument_count > 0))
		return cli_usage_error(cli->subcommand, "name each %s, or --dead for all that are dead", letter->noun);
	if (wrong_argument(cli))
		return cli_usage_error(cli->subcommand, "'%s' is not the id of a %s", wrong_argument(cli), letter->noun);
	if (!session_open(&session, cli))
		return CLI_FAILED;
	bool good = dead ? retry_dead(&session, letter, &count) : retry_named(&session, letter, &count);
	session_close(&session);
	if (good)
		output_object(cli, text_format(&cli->arena, "{\"retried\":%lld}", (long long)count));
	return good ? CLI_DONE : CLI_FAILED;
}

/* ---- withdrawn ---- */

static int64_t count_member(const struct json *answer, const char *name)
{
	int64_t count = 0;
	const struct json *member = json_member(answer, name);
	return member && text_to_int64(member->text, &count) ? count : 0;
}

/* What one answer says was taken out; of what is a row itself, that one. */
static bool withdraw_one(struct session *session, const struct dead_letter *letter, int64_t id, int64_t *count)
{
	struct cli *cli = session->cli;
	const struct json *more;
	do {
		struct text output;
		if (!ask_of(session, letter->withdraw, id, &output))
			return false;
		const struct json *answer = json_parse(output, &cli->arena, &cli->problems);
		if (!answer)
			return false;
		more = json_member(answer, "more");
		*count += more ? count_member(answer, "jobs") + count_member(answer, "deliveries") : 1;
	} while (more && more->type == JSON_TRUE);
	return true;
}

enum cli_exit dead_letter_withdraw(struct cli *cli, const struct dead_letter *letter)
{
	struct session session;
	int64_t id = 0, count = 0;
	bool good = true;
	if (wrong_argument(cli))
		return cli_usage_error(cli->subcommand, "'%s' is not the id of a %s", wrong_argument(cli), letter->noun);
	if (!session_open(&session, cli))
		return CLI_FAILED;
	for (int i = 0; good && i < cli->argument_count; i++)
		good = text_to_int64(text_of(cli->arguments[i]), &id) && withdraw_one(&session, letter, id, &count);
	session_close(&session);
	if (good)
		output_object(cli, text_format(&cli->arena, "{\"withdrawn\":%lld}", (long long)count));
	return good ? CLI_DONE : CLI_FAILED;
}
