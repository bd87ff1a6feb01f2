/* gateway.h: what charges a card. An adapter is a pair of C functions called on a worker's thread, outside any
 * transaction; Lua sees tokens only. The shipped adapter "test" answers by card number or by script:
 *
 *     4111111111111111 and any other valid number: approved     4000000000000002: declined
 *     4000000000000341: approved once as a card, its token declines   4000000000000119: hangs until the deadline
 *     4000000000000127: fails (no usable answer)
 *
 * and counts its calls. Scripts (one outcome a call, the last one repeats) are for test tenants. It remembers its
 * answers by idempotency key for as long as the process lives: a repeated key gets the same one, inquire tells it, and
 * a key it does not know is unknown. Thread-safe; a card number is never kept.
 */
#ifndef MOONBILL_EVENT_GATEWAY_H
#define MOONBILL_EVENT_GATEWAY_H

#include "base/arena.h"
#include "base/problem.h"
#include "base/text.h"
#include "records.gen.h"

#include <stdbool.h>
#include <stdint.h>

enum { GATEWAY_DEADLINE_MS = 30000 };

struct gateway_charge {
	int64_t tenant_id, account_id, attempt_id, payment_id;
	const struct gateway *gateway;
	struct text idempotency_key; /* ours to the gateway: derived from tenant and attempt */
	struct money amount;
	const struct card_input *card; /* or NULL with a token */
	struct text token;
};

struct gateway {
	const char *name;
	/* Fills `outcome` (its texts in `arena`) with one of approved, declined, failed, unknown. Blocks until the
	 * deadline at most. An amount of zero verifies the card and charges nothing. The answer carries token, brand, last four and expiry of a card. */
	void (*charge)(void *context, const struct gateway_charge *charge, int64_t deadline_monotonic_us,
	               struct arena *arena, struct gateway_outcome *outcome);
	/* What became of an earlier charge with this key: for attempts left `sent` by a crash. */
	void (*inquire)(void *context, int64_t tenant_id, struct text idempotency_key, struct arena *arena,
	                struct gateway_outcome *outcome);
	void *context;
};

/* Asks for the token of a card, and charges nothing: a charge of zero. Blocks until the gateway's deadline; never on the
 * writer's thread. The card is the caller's to wipe. False and PROBLEM_PAYMENT_DECLINED or PROBLEM_GATEWAY_FAILED. */
bool gateway_verify(const struct gateway *gateway, int64_t tenant_id, const struct card_input *card,
                    const struct currency *currency, struct arena *arena, struct problems *problems,
                    struct gateway_outcome *outcome);

/* ---- the test adapter ---- */
struct gateway_test;
struct gateway_test *gateway_test_new(void);
void gateway_test_free(struct gateway_test *test);
const struct gateway *gateway_test_gateway(struct gateway_test *test);
struct gateway_test_answer {
	struct text respond; /* approved, declined, failed, hang */
	struct text transaction_id, approval_code, avs_code, cvv_code;
};
/* From now on, for one tenant; copies. count 0 ends the script. */
void gateway_test_script(struct gateway_test *test, int64_t tenant_id, const struct gateway_test_answer *answers,
                         size_t count);
int64_t gateway_test_calls(struct gateway_test *test, int64_t tenant_id);
/* What an inquiry about a charge with this key finds from now on, whatever was answered then. */
void gateway_test_resolve(struct gateway_test *test, int64_t tenant_id, struct text idempotency_key,
                          const struct gateway_test_answer *answer);
/* Calls that hang return now, and later ones at once, with unknown: the engine closes. */
void gateway_test_release(struct gateway_test *test);
/* The first 6 digits' brand ("Visa", "MasterCard", "American Express", ... or "Card"); NULL when Luhn fails. */
const char *card_brand(struct text number);

#endif
