/* operation.h: what a subcommand asks of a store, as one line of JSON, so that it is the same whether this
 * process owns the store or a running server does (control.h).
 *
 *     {"command": "key.create", "tenant": "acme", "input": {"name": "ci"}}     any command of the engine
 *     {"command": "order.place", "input": {...}, "dry_run": true}     nothing stays; the output tells the events, too
 *     {"get": "/v1/tags?name=VIP", "tenant": "acme"}     what GET of the HTTP API answers
 *     {"list": "tenants"}  {"list": "keys", "tenant": "acme"}  {"list": "bundles", "tenant": "acme"}
 *     {"list": "audit", "after": 12, "limit": 100, "of": "key.rotate", "tenant": "acme"}
 *     {"list": "events", "limit": 20}  {"list": "events", "after": 12}  {"list": "deliveries", "of": "dead"}
 *     {"backup": "/folder/file"}     a copy of the store; the file must not be there
 *     {"export": "/folder/file", "tenant": "acme"}     a copy of the tenant; the same
 *     {"import": "/folder/file", "name": "acme", "take_over": true}     without "take_over" a branch
 *     {"branch": "acme-branch", "tenant": "acme"}  {"branch": null, ...}  {"list": "branches"}  {"drop": "acme-branch"}
 *     {"clock": null, "tenant": "acme"}  {"clock": "2011-09-06T15:00:00Z", "tenant": "acme"}
 *     {"explain": "1019", "line": 1, "tenant": "acme"}     an invoice by number or id; without "line" all of them
 *
 * The tenant is named by "tenant" or by an API key in "key"; with neither it is the only one there is. The
 * answer is {"output": ...} or {"problems": ...} (an application/problem+json document).
 */
#ifndef MOONBILL_CLI_OPERATION_H
#define MOONBILL_CLI_OPERATION_H

#include "event/engine.h"

enum { OPERATION_BYTES_MAX = 40 * 1024 * 1024 };

/* One line without the line feed, in the arena. Not on the writer's thread; several may be answered at once. `asker`: who
 * waits for a copy, NULL for the caller itself. */
struct text operation_answer(struct engine *engine, struct text request, const struct store_backup_asker *asker,
                             struct arena *arena);

#endif
