/* gateway_test.c: the shipped adapter "test": answers by card number, by token or by script, and counts its calls.
 *
 * One lock guards everything; a call that hangs waits on `released` without holding anything else. What is remembered
 * of a charge is our key and the answer, never the card.
 */
#include "gateway.h"

#include "base/clock.h"
#include "base/id.h"

#include <pthread.h>
#include <string.h>

enum { SCRIPT_MAX = 1000, ANSWER_BUCKETS = 1024 };

struct test_tenant {
	int64_t tenant_id, calls;
	struct gateway_test_answer *script; /* copies in the adapter's arena */
	size_t script_count, script_next;
	struct test_tenant *next;
};

struct test_answer {
	int64_t tenant_id;
	struct text key;
	struct gateway_outcome outcome;
	struct test_answer *next;
};

struct gateway_test {
	struct gateway gateway;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool released;
	struct arena arena; /* tenants, scripts, answers; lives as long as the adapter */
	struct test_tenant *tenants;
	struct test_answer *answers[ANSWER_BUCKETS];
};

/* ---- under the lock ---- */

static struct test_tenant *tenant_of(struct gateway_test *test, int64_t tenant_id)
{
	for (struct test_tenant *tenant = test->tenants; tenant; tenant = tenant->next)
		if (tenant->tenant_id == tenant_id)
			return tenant;
	struct test_tenant *tenant = arena_new(&test->arena, struct test_tenant);
	tenant->tenant_id = tenant_id;
	tenant->next = test->tenants;
	return test->tenants = tenant;
}

static const struct test_answer *answer_find(const struct gateway_test *test, int64_t tenant_id, struct text key)
{
	for (const struct test_answer *answer = test->answers[text_hash(key) % ANSWER_BUCKETS]; answer;
	     answer = answer->next)
		if (answer->tenant_id == tenant_id && text_equals(answer->key, key))
			return answer;
	return NULL;
}

static void answer_keep(struct gateway_test *test, int64_t tenant_id, struct text key,
                        const struct gateway_outcome *outcome)
{
	struct test_answer **bucket = &test->answers[text_hash(key) % ANSWER_BUCKETS];
	struct test_answer *answer = arena_new(&test->arena, struct test_answer);
	const struct gateway_outcome *copy = record_copy(&gateway_outcome_record, outcome, &test->arena);
	*answer = (struct test_answer){
		.tenant_id = tenant_id, .key = text_copy(&test->arena, key), .outcome = *copy, .next = *bucket,
	};
	*bucket = answer;
}

static void outcome_copy(struct arena *arena, const struct gateway_outcome *from, struct gateway_outcome *to)
{
	const struct gateway_outcome *copy = record_copy(&gateway_outcome_record, from, arena);
	*to = *copy;
}

/* Until the deadline or the engine's end; the lock is free meanwhile. */
static void hang(struct gateway_test *test, int64_t deadline_us)
{
	const struct timespec until = {
		.tv_sec = (time_t)(deadline_us / US_PER_S), .tv_nsec = (long)(deadline_us % US_PER_S * 1000),
	};
	while (!test->released && clock_monotonic_us() < deadline_us)
		pthread_cond_timedwait(&test->changed, &test->lock, &until);
}

/* ---- answers ---- */

static bool token_declines(struct text token)
{
	return text_starts(token, "test_declined_");
}

static struct text digits_only(struct arena *arena, struct text number)
{
	struct text_builder digits;
	builder_init(&digits, arena, 0);
	for (size_t i = 0; i < number.length; i++)
		if (number.data[i] != ' ' && number.data[i] != '-')
			builder_byte(&digits, number.data[i]);
	return builder_text(&digits);
}

static const struct special_card {
	const char *number, *respond;
} special_cards[] = {
	{ "4000000000000002", "declined" },
	{ "4000000000000119", "hang" },
	{ "4000000000000127", "failed" },
};

static struct text respond_by_card(struct text digits)
{
	for (size_t i = 0; i < sizeof special_cards / sizeof special_cards[0]; i++)
		if (text_is(digits, special_cards[i].number))
			return text_of(special_cards[i].respond);
	return card_brand(digits) ? TEXT("approved") : TEXT("declined");
}

static struct gateway_test_answer answer_by_script(struct test_tenant *tenant)
{
	struct gateway_test_answer answer = tenant->script[tenant->script_next];
	if (tenant->script_next + 1 < tenant->script_count)
		tenant->script_next++;
	return answer;
}

/* Derived from our key: nothing of the card is in it. The letter keeps sixteen hex digits that are all decimal ones from
 * passing for a card number. */
static struct text token_make(struct arena *arena, const struct gateway_charge *charge, bool declines)
{
	struct digest digest = digest_sha256(charge->idempotency_key);
	struct text hex = text_hex(arena, digest.bytes, 8);
	return text_format(arena, "test_%s_t%.*s", declines ? "declined" : "approved", TEXT_ARG(hex));
}

static void outcome_of_card(const struct gateway_charge *charge, struct text digits, struct arena *arena,
                            struct gateway_outcome *outcome)
{
	const struct card_input *card = charge->card;
	const char *brand = card_brand(digits);
	outcome->brand = text_copy(arena, text_present(card->brand) ? card->brand : text_of(brand ? brand : "Card"));
	outcome->last_four =
	        text_copy(arena, text_slice(digits, digits.length > 4 ? digits.length - 4 : 0, digits.length));
	outcome->expiry = card->expiry;
	outcome->token = token_make(arena, charge, text_is(digits, "4000000000000341"));
}

static void outcome_fill(const struct gateway_test_answer *answer, int64_t call, struct arena *arena,
                         struct gateway_outcome *outcome)
{
	bool approved = text_is(answer->respond, "approved"), declined = text_is(answer->respond, "declined");
	outcome->status = approved                             ? GATEWAY_OUTCOME_STATUS_APPROVED
	                  : declined                           ? GATEWAY_OUTCOME_STATUS_DECLINED
	                  : text_is(answer->respond, "failed") ? GATEWAY_OUTCOME_STATUS_FAILED
	                                                       : GATEWAY_OUTCOME_STATUS_UNKNOWN;
	outcome->transaction_id = text_copy(arena, answer->transaction_id);
	outcome->approval_code = text_copy(arena, answer->approval_code);
	outcome->avs_code = text_copy(arena, answer->avs_code);
	outcome->cvv_code = text_copy(arena, answer->cvv_code);
	if (!approved && !declined)
		return;
	if (!text_present(answer->transaction_id))
		outcome->transaction_id = text_format(arena, "test-%lld", (long long)call);
	if (approved && !text_present(answer->approval_code))
		outcome->approval_code = text_format(arena, "T%05lld", (long long)call);
	outcome->status_code = approved ? TEXT("1") : TEXT("2");
	outcome->message = approved ? TEXT("This transaction has been approved.")
	                            : TEXT("This transaction has been declined.");
}

/* ---- the adapter ---- */

static void test_charge(void *context, const struct gateway_charge *charge, int64_t deadline_us, struct arena *arena,
                        struct gateway_outcome *outcome)
{
	struct gateway_test *test = context;
	struct text digits = charge->card ? digits_only(arena, charge->card->number) : TEXT_NONE;
	pthread_mutex_lock(&test->lock);
	struct test_tenant *tenant = tenant_of(test, charge->tenant_id);
	int64_t call = ++tenant->calls;
	const struct test_answer *known = answer_find(test, charge->tenant_id, charge->idempotency_key);
	if (known) {
		outcome_copy(arena, &known->outcome, outcome);
	} else {
		struct gateway_test_answer answer = { .respond = TEXT_NONE };
		if (tenant->script_count > 0)
			answer = answer_by_script(tenant);
		else
			answer.respond = charge->card ? respond_by_card(digits)
			                 : token_declines(charge->token) ? TEXT("declined") : TEXT("approved");
		outcome_fill(&answer, call, arena, outcome);
		if (charge->card)
			outcome_of_card(charge, digits, arena, outcome);
		if (text_is(answer.respond, "hang"))
			hang(test, deadline_us);
		answer_keep(test, charge->tenant_id, charge->idempotency_key, outcome);
	}
	pthread_mutex_unlock(&test->lock);
	if (digits.length)
		bytes_wipe((void *)(uintptr_t)digits.data, digits.length);
}

static void test_inquire(void *context, int64_t tenant_id, struct text idempotency_key, struct arena *arena,
                         struct gateway_outcome *outcome)
{
	struct gateway_test *test = context;
	pthread_mutex_lock(&test->lock);
	const struct test_answer *known = answer_find(test, tenant_id, idempotency_key);
	if (known)
		outcome_copy(arena, &known->outcome, outcome);
	else
		outcome->status = GATEWAY_OUTCOME_STATUS_UNKNOWN;
	pthread_mutex_unlock(&test->lock);
}

void gateway_test_resolve(struct gateway_test *test, int64_t tenant_id, struct text idempotency_key,
                          const struct gateway_test_answer *answer)
{
	pthread_mutex_lock(&test->lock);
	struct gateway_outcome outcome = { .attempt_id = 0 };
	outcome_fill(answer, tenant_of(test, tenant_id)->calls, &test->arena, &outcome);
	answer_keep(test, tenant_id, idempotency_key, &outcome);
	pthread_mutex_unlock(&test->lock);
}

struct gateway_test *gateway_test_new(void)
{
	struct gateway_test *test = memory_alloc(sizeof *test);
	if (!test)
		return NULL;
	memset(test, 0, sizeof *test);
	if (!arena_init(&test->arena, ARENA_LIMIT_DEFAULT_BYTES)) {
		memory_free(test);
		return NULL;
	}
	test->gateway =
	        (struct gateway){ .name = "test", .charge = test_charge, .inquire = test_inquire, .context = test };
	pthread_condattr_t monotonic;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_mutex_init(&test->lock, NULL);
	pthread_cond_init(&test->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return test;
}

void gateway_test_free(struct gateway_test *test)
{
	if (!test)
		return;
	pthread_cond_destroy(&test->changed);
	pthread_mutex_destroy(&test->lock);
	arena_finish(&test->arena);
	memory_free(test);
}

const struct gateway *gateway_test_gateway(struct gateway_test *test)
{
	return &test->gateway;
}

void gateway_test_release(struct gateway_test *test)
{
	pthread_mutex_lock(&test->lock);
	test->released = true;
	pthread_cond_broadcast(&test->changed);
	pthread_mutex_unlock(&test->lock);
}

void gateway_test_script(struct gateway_test *test, int64_t tenant_id, const struct gateway_test_answer *answers,
                         size_t count)
{
	if (count > SCRIPT_MAX)
		count = SCRIPT_MAX;
	pthread_mutex_lock(&test->lock);
	struct test_tenant *tenant = tenant_of(test, tenant_id);
	tenant->script = count ? arena_new_many(&test->arena, struct gateway_test_answer, count) : NULL;
	for (size_t i = 0; i < count; i++)
		tenant->script[i] = (struct gateway_test_answer){
			.respond = text_copy(&test->arena, answers[i].respond),
			.transaction_id = text_copy(&test->arena, answers[i].transaction_id),
			.approval_code = text_copy(&test->arena, answers[i].approval_code),
			.avs_code = text_copy(&test->arena, answers[i].avs_code),
			.cvv_code = text_copy(&test->arena, answers[i].cvv_code),
		};
	tenant->script_count = count;
	tenant->script_next = 0;
	pthread_mutex_unlock(&test->lock);
}

int64_t gateway_test_calls(struct gateway_test *test, int64_t tenant_id)
{
	pthread_mutex_lock(&test->lock);
	int64_t calls = tenant_of(test, tenant_id)->calls;
	pthread_mutex_unlock(&test->lock);
	return calls;
}
