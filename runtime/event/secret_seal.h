/* secret_seal.h: secrets that the store keeps, sealed by the keys of the process where it has some (base/seal.h).
 *
 * A webhook's secret is sealed in its row, for its tenant, endpoint and id. Answers that show one are kept nowhere.
 */
#ifndef MOONBILL_EVENT_SECRET_SEAL_H
#define MOONBILL_EVENT_SECRET_SEAL_H

#include "base/seal.h"
#include "command.h"
#include "records.gen.h"

/* Before the row is written; its id is there. */
void webhook_secret_seal(struct command *command, struct webhook_secret *secret);
/* After it was read. */
bool webhook_secret_open(struct command *view, struct webhook_secret *secret, struct arena *arena, struct problems *problems);

/* Are the keys there for all that is sealed? A problem for each that is not. */
bool secrets_check(struct engine *engine, struct problems *problems);

extern const struct command_type secret_commands[];

#endif
