/* test_gateway.c: charges after the commit, their answers, and what a lost process leaves behind. */
#include "shop.h"

#include "base/log.h"

/* Inputs are made anew for each request: card numbers are overwritten when it ends. */
static struct payment_create *payment_of(struct shop *shop, const char *number)
{
	struct payment_create *input = arena_new(&shop->arena, struct payment_create);
	input->account_id = 1;
	input->currency = currency_find(TEXT("USD"));
	if (!number)
		return input;
	input->card = arena_new(&shop->arena, struct card_input);
	input->card->number = text_copy(&shop->arena, text_of(number));
	input->card->cvv = text_copy(&shop->arena, TEXT("123"));
	date_make(2030, 1, 31, &input->card->expiry);
	return input;
}

static void payment_encode(struct command *command, struct command_request *request)
{
	const struct payment *payment = request->output;
	request->reply_status = command ? 201 : request->reply_status;
	request->reply_content_type = TEXT("text/plain");
	request->reply_body = command ? text_format(request->arena, "payment %lld is %d", (long long)payment->id, (int)payment->status)
	                              : text_of(request->problems->first->message);
}

static struct command_request pay_request(struct shop *shop, struct payment_create *input, const char *key)
{
	struct command_request request = shop_request(shop, "pay", input);
	request.encode = payment_encode;
	request.idempotency_key = text_of(key);
	request.fingerprint = digest_sha256(TEXT("pay"));
	return request;
}

static const struct payment *pay(struct shop *shop, const char *number)
{
	struct command_request request = pay_request(shop, payment_of(shop, number), NULL);
	if (!command_run(shop->engine, &request)) {
		shop_show(&shop->problems);
		CHECK_FAIL("paying failed");
	}
	return request.output;
}

static void shop_with_account(struct shop *shop, struct engine_options options)
{
	shop_open(shop, ":memory:", options);
	CHECK(account_open(shop, "Ann"));
	shop_trace_take(shop);
}

static int64_t calls_of(struct shop *shop)
{
	return gateway_test_calls(engine_gateway_test(shop->engine), shop->tenant_id);
}

/* ---- the adapter ---- */

TEST(brands_are_told_by_the_number)
{
	CHECK_EQ_C(card_brand(TEXT("4111111111111111")), "Visa");
	CHECK_EQ_C(card_brand(TEXT("4111 1111 1111 1111")), "Visa");
	CHECK_EQ_C(card_brand(TEXT("5555555555554444")), "MasterCard");
	CHECK_EQ_C(card_brand(TEXT("2223003122003222")), "MasterCard");
	CHECK_EQ_C(card_brand(TEXT("378282246310005")), "American Express");
	CHECK_EQ_C(card_brand(TEXT("6011111111111117")), "Discover");
	CHECK_EQ_C(card_brand(TEXT("30569309025904")), "Diners Club");
	CHECK_EQ_C(card_brand(TEXT("3530111333300000")), "JCB");
	CHECK_EQ_C(card_brand(TEXT("9000000000000001")), "Card");
	CHECK(card_brand(TEXT("4111111111111112")) == NULL);
	CHECK(card_brand(TEXT("4111")) == NULL);
	CHECK(card_brand(TEXT("4111111111111111111111")) == NULL);
	CHECK(card_brand(TEXT("411111111111111x")) == NULL);
	CHECK(card_brand(TEXT_NONE) == NULL);
}

static struct gateway_outcome charge_once(struct gateway_test *test, struct arena *arena, const char *key, const char *number,
                                          struct text token)
{
	struct card_input card = { .number = text_of(number) };
	const struct gateway_charge charge = {
		.tenant_id = 7, .idempotency_key = text_of(key), .card = number ? &card : NULL, .token = token,
	};
	struct gateway_outcome outcome = { .attempt_id = 0 };
	const struct gateway *gateway = gateway_test_gateway(test);
	gateway->charge(gateway->context, &charge, clock_monotonic_us() + 30 * US_PER_MS, arena, &outcome);
	return outcome;
}

/* One token in two thousand would be sixteen decimal digits, and one in ten of those a number that passes Luhn's check. */
TEST(no_token_has_a_word_of_digits_alone)
{
	struct gateway_test *test = gateway_test_new();
	struct arena arena;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	for (int i = 0; i < 20000; i++) {
		struct arena_mark mark = arena_mark(&arena);
		char key[16];
		snprintf(key, sizeof key, "k%d", i);
		struct text token = charge_once(test, &arena, key, "4111111111111111", TEXT_NONE).token;
		size_t digits = 0;
		while (digits < token.length && token.data[token.length - 1 - digits] >= '0' &&
		       token.data[token.length - 1 - digits] <= '9')
			digits++;
		CHECK(digits < token.length && token.data[token.length - 1 - digits] != '_');
		arena_rewind(&arena, mark);
	}
	arena_finish(&arena);
	gateway_test_free(test);
}

TEST(the_adapter_answers_by_number_token_and_script)
{
	struct gateway_test *test = gateway_test_new();
	struct arena arena;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	struct gateway_outcome good = charge_once(test, &arena, "a", "4111111111111111", TEXT_NONE);
	CHECK_EQ_INT(good.status, GATEWAY_OUTCOME_STATUS_APPROVED);
	CHECK_EQ_TEXT(good.brand, "Visa");
	CHECK_EQ_TEXT(good.last_four, "1111");
	CHECK(text_present(good.transaction_id));
	CHECK(text_present(good.approval_code));
	CHECK_EQ_INT(charge_once(test, &arena, "b", "4000000000000002", TEXT_NONE).status, GATEWAY_OUTCOME_STATUS_DECLINED);
	CHECK_EQ_INT(charge_once(test, &arena, "c", "4000000000000127", TEXT_NONE).status, GATEWAY_OUTCOME_STATUS_FAILED);
	CHECK_EQ_INT(charge_once(test, &arena, "d", "4000000000000119", TEXT_NONE).status, GATEWAY_OUTCOME_STATUS_UNKNOWN);
	CHECK_EQ_INT(charge_once(test, &arena, "e", NULL, good.token).status, GATEWAY_OUTCOME_STATUS_APPROVED);
	struct gateway_outcome once = charge_once(test, &arena, "f", "4000000000000341", TEXT_NONE);
	CHECK_EQ_INT(once.status, GATEWAY_OUTCOME_STATUS_APPROVED);
	CHECK_EQ_INT(charge_once(test, &arena, "g", NULL, once.token).status, GATEWAY_OUTCOME_STATUS_DECLINED);

	const struct gateway_test_answer script[] = {
		{ .respond = TEXT("declined") },
		{ .respond = TEXT("approved"), .transaction_id = TEXT("2162704713"), .approval_code = TEXT("0S33CM"),
		  .avs_code = TEXT("Y"), .cvv_code = TEXT("X") },
	};
	gateway_test_script(test, 7, script, 2);
	CHECK_EQ_INT(charge_once(test, &arena, "h", "4111111111111111", TEXT_NONE).status, GATEWAY_OUTCOME_STATUS_DECLINED);
	struct gateway_outcome scripted = charge_once(test, &arena, "i", "4000000000000002", TEXT_NONE);
	CHECK_EQ_INT(scripted.status, GATEWAY_OUTCOME_STATUS_APPROVED);
	CHECK_EQ_TEXT(scripted.transaction_id, "2162704713");
	CHECK_EQ_TEXT(scripted.approval_code, "0S33CM");
	CHECK_EQ_TEXT(scripted.avs_code, "Y");
	CHECK_EQ_INT(charge_once(test, &arena, "j", NULL, once.token).status, GATEWAY_OUTCOME_STATUS_APPROVED); /* repeats */
	gateway_test_script(test, 7, NULL, 0);
	CHECK_EQ_INT(charge_once(test, &arena, "k", NULL, once.token).status, GATEWAY_OUTCOME_STATUS_DECLINED);
	CHECK_EQ_INT(gateway_test_calls(test, 7), 11);
	CHECK_EQ_INT(gateway_test_calls(test, 8), 0);

	/* The same key has the same answer; an unknown one is unknown. */
	CHECK_EQ_INT(charge_once(test, &arena, "b", "4111111111111111", TEXT_NONE).status, GATEWAY_OUTCOME_STATUS_DECLINED);
	struct gateway_outcome asked = { .attempt_id = 0 };
	const struct gateway *gateway = gateway_test_gateway(test);
	gateway->inquire(gateway->context, 7, TEXT("i"), &arena, &asked);
	CHECK_EQ_TEXT(asked.transaction_id, "2162704713");
	gateway->inquire(gateway->context, 8, TEXT("i"), &arena, &asked);
	CHECK_EQ_INT(asked.status, GATEWAY_OUTCOME_STATUS_UNKNOWN);
	arena_finish(&arena);
	gateway_test_free(test);
}

/* ---- charging ---- */

static void paying_works(struct engine_options options)
{
	struct shop shop;
	shop_with_account(&shop, options);
	struct payment_create *input = payment_of(&shop, "4111111111111111");
	const char *number = input->card->number.data, *cvv = input->card->cvv.data;
	struct command_request request = pay_request(&shop, input, NULL);
	CHECK(command_run(shop.engine, &request));
	CHECK_EQ_INT(request.reply_status, 201);
	CHECK_EQ_TEXT(request.reply_body, "payment 1 is 2");
	const struct payment *payment = request.output;
	CHECK_EQ_INT(payment->status, PAYMENT_STATUS_SUCCEEDED);
	CHECK_EQ_TEXT(payment->method_text, "Visa: 1111");
	for (size_t i = 0; i < 16; i++)
		CHECK_EQ_INT(number[i], 0);
	CHECK_EQ_INT(cvv[0] | cvv[1] | cvv[2], 0);

	CHECK_EQ_TEXT(shop_trace_take(&shop), "pre payment.create, post payment.create, done pay, post payment.succeed, "
	                                      "done payment.complete");
	const struct payment_attempt *attempt = shop_row(&shop, &payment_attempt_record, 1);
	CHECK_EQ_INT(attempt->status, PAYMENT_ATTEMPT_STATUS_APPROVED);
	const struct delivery *delivery = shop_row(&shop, &delivery_record, 1);
	CHECK_EQ_INT(delivery->status, DELIVERY_STATUS_DONE);
	CHECK_EQ_INT(delivery->object_id, 1);
	CHECK(!text_has_card_number(delivery->body));
	const struct audit *audit = shop_last_audit(&shop);
	CHECK_EQ_TEXT(audit->command, "payment.complete");
	CHECK_EQ_TEXT(audit->actor, "gateway:test");
	const struct journal *created = shop_row(&shop, &journal_record, 2), *succeeded = shop_row(&shop, &journal_record, 3);
	CHECK(memcmp(&created->correlation_id, &succeeded->correlation_id, sizeof created->correlation_id) == 0);
	CHECK_EQ_INT(calls_of(&shop), 1);
	shop_close(&shop);
}

TEST(a_charge_is_made_on_the_calling_thread_without_workers)
{
	paying_works((struct engine_options){ .threads = false });
}

TEST(a_charge_is_made_by_a_worker_and_the_reply_waits_for_it)
{
	paying_works((struct engine_options){ .threads = true });
}

TEST(a_declined_charge_is_an_answer_not_a_failure)
{
	struct shop shop;
	shop_with_account(&shop, (struct engine_options){ .threads = false });
	CHECK_EQ_INT(pay(&shop, "4000000000000002")->status, PAYMENT_STATUS_FAILED);
	const struct payment_attempt *attempt = shop_row(&shop, &payment_attempt_record, 1);
	CHECK_EQ_INT(attempt->status, PAYMENT_ATTEMPT_STATUS_DECLINED);
	shop_close(&shop);
}

TEST(a_charge_without_an_answer_by_the_deadline_is_unknown)
{
	struct shop shop;
	shop_with_account(&shop, (struct engine_options){ .threads = true, .gateway_deadline_ms = 50 });
	CHECK_EQ_INT(pay(&shop, "4000000000000119")->status, PAYMENT_STATUS_UNKNOWN);
	CHECK_EQ_INT(calls_of(&shop), 1);
	shop_close(&shop);
}

TEST(a_rejected_payment_is_not_charged)
{
	struct shop shop;
	shop_with_account(&shop, (struct engine_options){ .threads = false });
	shop_rules(&shop, "rule 'no' { pre = 'payment.create', run = function (payment, ctx) ctx:reject('no', 'No.') end }");
	struct payment_create *input = payment_of(&shop, "4111111111111111");
	const char *number = input->card->number.data;
	CHECK(!shop_try(&shop, "pay", input));
	CHECK_EQ_INT(calls_of(&shop), 0);
	CHECK_EQ_INT(shop_count(&shop, &payment_record), 0);
	CHECK_EQ_INT(shop_count(&shop, &delivery_record), 0);
	CHECK_EQ_INT(number[0], 0);
	shop_close(&shop);
}

TEST(a_dry_run_charges_nothing_and_answers_pending)
{
	struct shop shop;
	shop_with_account(&shop, (struct engine_options){ .threads = true });
	struct command_request request = pay_request(&shop, payment_of(&shop, "4111111111111111"), NULL);
	request.dry_run = true;
	CHECK(command_run(shop.engine, &request));
	CHECK_EQ_TEXT(request.reply_body, "payment 1 is 1");
	CHECK_EQ_INT(calls_of(&shop), 0);
	CHECK_EQ_INT(shop_count(&shop, &delivery_record), 0);
	shop_close(&shop);
}

TEST(a_job_charges_a_token_and_the_clock_waits_for_it)
{
	struct shop shop;
	shop_with_account(&shop, (struct engine_options){ .threads = true });
	const struct account_update input = { .id = 1, .notes = TEXT("pay 60") };
	shop_do(&shop, "job.plan", &input);
	shop_trace_take(&shop);
	CHECK(engine_advance_clock(shop.engine, shop.tenant_id, (struct instant){ (int64_t)(SHOP_NOW_S + 100) * US_PER_S }, &shop.problems));
	CHECK_EQ_TEXT(shop_trace_take(&shop), "signal clock.heartbeat, done clock.advance, pre payment.create, post payment.create, "
	                                      "done pay, post payment.succeed, done payment.complete, signal clock.heartbeat, "
	                                      "done clock.advance");
	const struct payment_attempt *attempt = shop_row(&shop, &payment_attempt_record, 1);
	CHECK_EQ_INT(attempt->completed_at.us, (int64_t)(SHOP_NOW_S + 60) * US_PER_S);
	shop_close(&shop);
}

/* ---- keys ---- */

enum { PAYERS = 20 };

struct payer {
	struct shop *shop;
	pthread_t thread;
	struct arena arena;
	bool good;
	int status;
	struct text reply;
};

static void *payer_main(void *context)
{
	struct payer *payer = context;
	struct shop own = { .engine = payer->shop->engine, .tenant_id = payer->shop->tenant_id, .arena = payer->arena };
	struct command_request request = pay_request(&own, payment_of(&own, "4111111111111111"), "once");
	request.arena = &own.arena;
	payer->good = command_run(own.engine, &request);
	payer->status = request.reply_status;
	payer->reply = request.reply_body;
	payer->arena = own.arena;
	return NULL;
}

TEST(duplicates_of_a_payment_charge_once)
{
	struct shop shop;
	struct payer payers[PAYERS];
	shop_with_account(&shop, (struct engine_options){ .threads = true });
	for (int i = 0; i < PAYERS; i++) {
		payers[i] = (struct payer){ .shop = &shop };
		CHECK(arena_init(&payers[i].arena, ARENA_LIMIT_DEFAULT_BYTES));
		pthread_create(&payers[i].thread, NULL, payer_main, &payers[i]);
	}
	int good = 0;
	for (int i = 0; i < PAYERS; i++) {
		pthread_join(payers[i].thread, NULL);
		good += payers[i].good;
		if (payers[i].good)
			CHECK_EQ_TEXT(payers[i].reply, "payment 1 is 2");
		else
			CHECK_EQ_INT(payers[i].status, 409);
		arena_finish(&payers[i].arena);
	}
	CHECK(good >= 1);
	CHECK_EQ_INT(calls_of(&shop), 1);
	CHECK_EQ_INT(shop_count(&shop, &payment_record), 1);
	struct command_request again = pay_request(&shop, payment_of(&shop, "4111111111111111"), "once");
	CHECK(command_run(shop.engine, &again));
	CHECK(again.replayed);
	CHECK_EQ_INT(again.reply_status, 201);
	CHECK_EQ_TEXT(again.reply_body, "payment 1 is 2");
	shop_close(&shop);
}

/* ---- accidents ---- */

TEST(an_answer_that_cannot_be_stored_is_asked_for_again)
{
	struct shop shop;
	shop_with_account(&shop, (struct engine_options){ .threads = false });
	shop_complete_failures = 1;
	struct command_request request = pay_request(&shop, payment_of(&shop, "4111111111111111"), "k");
	CHECK(!command_run(shop.engine, &request));
	CHECK_EQ_INT(request.reply_status, 502);
	CHECK_EQ_INT(shop.problems.first->code, PROBLEM_GATEWAY_FAILED);
	CHECK(strstr(shop.problems.first->message, "not this time") != NULL);
	CHECK(strstr(shop.problems.first->remedy, "Do not pay anew") != NULL);
	CHECK_EQ_TEXT(text_of(shop.problems.first->cause), "shop.lua:7: not now");
	const struct delivery *delivery = shop_row(&shop, &delivery_record, 1);
	CHECK_EQ_INT(delivery->status, DELIVERY_STATUS_SENT);
	CHECK_EQ_INT(delivery->due_at.us, (int64_t)(SHOP_NOW_S + 1) * US_PER_S);
	struct command_request busy = pay_request(&shop, payment_of(&shop, "4111111111111111"), "k");
	CHECK(!command_run(shop.engine, &busy));
	CHECK_EQ_INT(shop.problems.first->code, PROBLEM_IDEMPOTENCY_IN_USE);

	CHECK(engine_advance_clock(shop.engine, shop.tenant_id, (struct instant){ (int64_t)(SHOP_NOW_S + 5) * US_PER_S }, &shop.problems));
	const struct payment *payment = shop_row(&shop, &payment_record, 1);
	CHECK_EQ_INT(payment->status, PAYMENT_STATUS_SUCCEEDED);
	delivery = shop_row(&shop, &delivery_record, 1);
	CHECK_EQ_INT(delivery->status, DELIVERY_STATUS_DONE);
	CHECK_EQ_INT(calls_of(&shop), 1);

	/* The key's request gets its answer, made when it is repeated. */
	struct command_request late = pay_request(&shop, payment_of(&shop, "4111111111111111"), "k");
	CHECK(command_run(shop.engine, &late));
	CHECK_EQ_TEXT(late.reply_body, "payment 1 is 2");
	struct command_request later = pay_request(&shop, payment_of(&shop, "4111111111111111"), "k");
	CHECK(command_run(shop.engine, &later));
	CHECK(later.replayed);
	CHECK_EQ_TEXT(later.reply_body, "payment 1 is 2");
	CHECK_EQ_INT(calls_of(&shop), 1);
	CHECK_EQ_INT(shop_count(&shop, &payment_record), 1);
	shop_close(&shop);
}

static struct instant after(int64_t seconds)
{
	return (struct instant){ (SHOP_NOW_S + seconds) * US_PER_S };
}

TEST(an_unknown_answer_is_asked_for_again_until_it_comes)
{
	struct shop shop;
	shop_with_account(&shop, (struct engine_options){ .threads = true, .gateway_deadline_ms = 20 });
	CHECK_EQ_INT(pay(&shop, "4000000000000119")->status, PAYMENT_STATUS_UNKNOWN);
	const struct delivery *delivery = shop_row(&shop, &delivery_record, 1);
	CHECK_EQ_INT(delivery->status, DELIVERY_STATUS_SENT);
	CHECK_EQ_INT(delivery->due_at.us, after(300).us);
	shop_trace_take(&shop);
	CHECK(engine_advance_clock(shop.engine, shop.tenant_id, after(300), &shop.problems));
	CHECK_EQ_TEXT(shop_trace_take(&shop), "signal clock.heartbeat, done clock.advance, done gateway.inquire");
	delivery = shop_row(&shop, &delivery_record, 1);
	CHECK_EQ_INT(delivery->due_at.us, after(3900).us);

	const struct gateway_test_answer approved = { .respond = TEXT("approved") };
	gateway_test_resolve(engine_gateway_test(shop.engine), shop.tenant_id, TEXT("1-1"), &approved);
	CHECK(engine_advance_clock(shop.engine, shop.tenant_id, after(3900), &shop.problems));
	CHECK_EQ_TEXT(shop_trace_take(&shop), "signal clock.heartbeat, done clock.advance, post payment.succeed, "
	                                      "done payment.complete");
	const struct payment *payment = shop_row(&shop, &payment_record, 1);
	CHECK_EQ_INT(payment->status, PAYMENT_STATUS_SUCCEEDED);
	delivery = shop_row(&shop, &delivery_record, 1);
	CHECK_EQ_INT(delivery->status, DELIVERY_STATUS_DONE);
	CHECK_EQ_INT(calls_of(&shop), 1);
	shop_close(&shop);
}

TEST(an_answer_that_stays_unknown_is_left_to_a_person_after_five_days)
{
	struct shop shop;
	shop_with_account(&shop, (struct engine_options){ .threads = false, .gateway_deadline_ms = 20 });
	CHECK_EQ_INT(pay(&shop, "4000000000000119")->status, PAYMENT_STATUS_UNKNOWN);
	int64_t audits = shop_count(&shop, &audit_record);
	CHECK(engine_advance_clock(shop.engine, shop.tenant_id, after(30 * 86400), &shop.problems));
	const struct delivery *delivery = shop_row(&shop, &delivery_record, 1);
	CHECK_EQ_INT(delivery->status, DELIVERY_STATUS_DEAD);
	CHECK_EQ_INT(delivery->due_at.us, after(300 + 3600 + 5 * 86400).us);
	/* Seven questions, a step of the clock for each and one at the end. */
	CHECK_EQ_INT(shop_count(&shop, &audit_record), audits + 7 + 8);
	shop_close(&shop);
}

/* A process that pays by a card that hangs, and dies while the gateway is busy. */
static void pay_and_die(const char *store)
{
	struct shop shop;
	shop_open(&shop, store, (struct engine_options){ .threads = true, .lock = true });
	CHECK(account_open(&shop, "Ann"));
	struct command_request request = pay_request(&shop, payment_of(&shop, "4000000000000119"), "k");
	command_submit(shop.engine, &request);
	while (calls_of(&shop) == 0)
		clock_sleep_us(US_PER_MS);
	const struct payment_attempt *attempt = shop_row(&shop, &payment_attempt_record, 1);
	_exit(attempt->status == PAYMENT_ATTEMPT_STATUS_SENT ? 42 : 1);
}

static void crash_is_mended(bool threads)
{
	struct scratch scratch = scratch_make();
	fflush(stdout);
	pid_t child = fork();
	if (child == 0)
		pay_and_die(scratch.store);
	int status = 0;
	waitpid(child, &status, 0);
	CHECK(WIFEXITED(status));
	CHECK_EQ_INT(WEXITSTATUS(status), 42);

	struct shop shop;
	memset(&shop, 0, sizeof shop);
	CHECK(arena_init(&shop.arena, (size_t)1 << 30));
	pthread_mutex_init(&shop.lock, NULL);
	shop_attach(&shop, scratch.store, (struct engine_options){ .threads = threads, .lock = true });
	shop.tenant_id = 1;
	const struct payment *payment = shop_row(&shop, &payment_record, 1);
	for (int i = 0; i < 500 && payment->status == PAYMENT_STATUS_PENDING; i++) {
		clock_sleep_us(10 * US_PER_MS);
		payment = shop_row(&shop, &payment_record, 1);
	}
	CHECK_EQ_INT(payment->status, PAYMENT_STATUS_UNKNOWN);
	const struct payment_attempt *attempt = shop_row(&shop, &payment_attempt_record, 1);
	CHECK_EQ_INT(attempt->status, PAYMENT_ATTEMPT_STATUS_UNKNOWN);
	CHECK_EQ_INT(calls_of(&shop), 0); /* asked, not charged again */
	struct command_request again = pay_request(&shop, payment_of(&shop, "4111111111111111"), "k");
	CHECK(command_run(shop.engine, &again));
	CHECK_EQ_TEXT(again.reply_body, "payment 1 is 4");
	CHECK_EQ_INT(shop_count(&shop, &payment_record), 1);
	CHECK_EQ_INT(calls_of(&shop), 0);
	shop_close(&shop);
	scratch_remove(&scratch);
}

TEST(a_charge_of_a_lost_process_becomes_unknown_when_the_store_is_opened)
{
	crash_is_mended(false);
}

TEST(a_charge_of_a_lost_process_becomes_unknown_with_workers_too)
{
	crash_is_mended(true);
}

static void nothing_done(struct command_request *request)
{
	*(int *)request->context += 1;
}

TEST(closing_ends_a_call_that_hangs_and_stores_its_answer)
{
	struct shop shop;
	struct scratch scratch = scratch_make();
	int done = 0;
	shop_open(&shop, scratch.store, (struct engine_options){ .threads = true, .lock = true });
	CHECK(account_open(&shop, "Ann"));
	struct command_request request = pay_request(&shop, payment_of(&shop, "4000000000000119"), NULL);
	request.done = nothing_done;
	request.context = &done;
	command_submit(shop.engine, &request);
	while (calls_of(&shop) == 0)
		clock_sleep_us(US_PER_MS);
	int64_t begun_us = clock_monotonic_us();
	engine_close(shop.engine);
	CHECK(clock_monotonic_us() - begun_us < 10 * US_PER_S);
	CHECK_EQ_INT(done, 1);
	shop_attach(&shop, scratch.store, (struct engine_options){ .threads = false, .lock = true });
	const struct payment *payment = shop_row(&shop, &payment_record, 1);
	CHECK_EQ_INT(payment->status, PAYMENT_STATUS_UNKNOWN);
	shop_close(&shop);
	scratch_remove(&scratch);
}

CHECK_MAIN
