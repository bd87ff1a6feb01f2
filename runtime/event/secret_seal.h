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
/* The HMAC-SHA256 of what the parts are together, by the secret of a row as it was read. What is opened for it, in the arena,
 * is wiped before this returns. Any thread; `keys` may be NULL. False with a problem when it cannot be opened. */
bool webhook_secret_sign(const struct seal_keys *keys, int64_t tenant_id, const struct webhook_secret *secret,
                         const struct text *parts, size_t part_count, struct arena *arena, struct problems *problems,
                         struct digest *signature);

/* The rows of the command's tenant are a copy of another one's, sealed for their place there: `renew` has fresh secrets in their
 * place, else they are sealed for where they are. False with a problem when one cannot be opened. */
bool webhook_secrets_move(struct command *command, int64_t from_tenant_id, bool renew);
/* "whsec_" and random bytes in base64. */
struct text webhook_secret_new(struct arena *arena);

/* Are the keys there for all that is sealed? A problem for each that is not. */
bool secrets_check(struct engine *engine, struct problems *problems);

extern const struct command_type secret_commands[];

#endif
