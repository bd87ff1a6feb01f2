/* gateway_verify.c: a card is verified and kept by the gateway before anything is charged to it. */
#include "gateway.h"

#include "base/clock.h"
#include "base/id.h"

bool gateway_verify(const struct gateway *gateway, int64_t tenant_id, const struct card_input *card,
                    const struct currency *currency, struct arena *arena, struct problems *problems,
                    struct gateway_outcome *outcome)
{
	const struct gateway_charge charge = {
		.tenant_id = tenant_id, .gateway = gateway, .card = card, .amount = money_zero(currency),
		.idempotency_key = text_format(arena, "verify:%.*s", TEXT_ARG(uuid_text(arena, uuid_time_ordered()))),
	};
	*outcome = (struct gateway_outcome){ 0 };
	gateway->charge(gateway->context, &charge, clock_monotonic_us() + (int64_t)GATEWAY_DEADLINE_MS * 1000, arena, outcome);
	if (outcome->status == GATEWAY_OUTCOME_STATUS_APPROVED && text_present(outcome->token))
		return true;
	if (outcome->status == GATEWAY_OUTCOME_STATUS_DECLINED)
		return problem(problems, PROBLEM_PAYMENT_DECLINED, "", "the card was declined");
	return problem(problems, PROBLEM_GATEWAY_FAILED, "", "the gateway gave no usable answer");
}
