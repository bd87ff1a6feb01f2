/* session.h: a subcommand's way to the store: its own engine when the lock is free, else the owner's socket.
 *
 *     struct session session;
 *     if (session_open(&session, cli) && session_ask(&session, request, &output)) output_object(cli, output);
 *     session_close(&session);
 *
 * What goes wrong is printed already when a function returns false.
 */
#ifndef MOONBILL_CLI_SESSION_H
#define MOONBILL_CLI_SESSION_H

#include "base/seal.h"
#include "cli.h"
#include "value/json.h"

struct engine;

struct session {
	struct cli *cli;
	struct engine *engine; /* NULL: ask the owner */
	struct seal_keys secrets; /* of the configuration */
	struct text socket_path;
};

bool session_open(struct session *session, struct cli *cli);
void session_close(struct session *session);
/* One operation (operation.h); *output is its output's JSON. */
bool session_ask(struct session *session, struct text request, struct text *output);
/* The same of work that may answer in the middle how far it has come (a clock that is moved): that is told on stderr, and asked
 * again until it is done. */
bool session_ask_on(struct session *session, struct text request, struct text *output);

/* Members "tenant" and "key" of a request, where --tenant and --key were given. */
void session_tenant_write(struct json_writer *writer, const struct cli *cli);
/* {"command": NAME, "tenant": ..., "key": ..., "input": INPUT}, with --tenant and --key when they were given, and as a
 * dry run with --dry-run. */
struct text session_command(const struct cli *cli, const char *name, struct text input);
/* {MEMBER: VALUE, "tenant": ..., "key": ...}; a NULL value is null. */
struct text session_request(const struct cli *cli, const char *member, const char *value);
/* A page of a list: rows after this one (less than 0: the last ones), of this kind where `of` is not NULL. */
struct text session_page_request(const struct cli *cli, const char *list, const char *of, int64_t after, int64_t limit);
/* Opens, asks once, prints the answer as an object, closes. */
enum cli_exit session_once(struct cli *cli, struct text request);
/* The same for a list, with these members of its items as columns (NULL-terminated). */
enum cli_exit session_list(struct cli *cli, struct text request, const char *const *members);

#endif
