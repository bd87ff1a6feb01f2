/* control.h: the control socket of a store: PATH.sock beside the file, of mode 0600, for its owner (and root).
 *
 * Whoever holds the store's lock may listen; others send one line, an operation, and get one line back. One
 * request a connection, sent within 10 seconds; eight are answered at once, so that a long one (a backup) holds up
 * no other. What comes over it is the operator's: it needs no API key.
 */
#ifndef MOONBILL_CLI_CONTROL_H
#define MOONBILL_CLI_CONTROL_H

#include "event/engine.h"

struct control;

/* The path in a store's URL; NULL for a store that has no file. */
const char *control_store_path(struct arena *arena, struct text store_url);
/* The socket's path for a store's URL, beside the file that symbolic links lead to; none for a store that has no file. */
struct text control_path(struct arena *arena, struct text store_url);

/* Listens with a thread of its own; a socket left behind by a dead owner is replaced. NULL and a problem. */
struct control *control_start(struct engine *engine, struct text path, struct problems *problems);
void control_stop(struct control *control); /* accepts NULL; removes the socket */

/* Does somebody listen there? */
bool control_answers(struct text path, struct arena *arena);
/* Sends an operation to the owner. False and a problem when there is none, or it went away before it answered. */
bool control_ask(struct text path, struct text request, struct arena *arena, struct problems *problems,
                 struct text *answer);

#endif
