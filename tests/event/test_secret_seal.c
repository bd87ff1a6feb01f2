/* test_secret_seal.c: what a sealed secret signs, and that nothing of it stays in memory. */
#include "leftover.h"

#include "base/signature.h"
#include "event/secret_seal.h"

#define PLACE "webhook_secret 3 7 11"

struct desk {
	struct arena arena;
	struct problems problems;
	struct seal_keys keys;
	struct webhook_secret secret;
	struct text plain, key; /* static: in no arena */
};

static char plain_bytes[80], key_bytes[32];

static void desk_open(struct desk *desk)
{
	struct arena other;
	*desk = (struct desk){ .secret = { .id = 11, .endpoint_id = 7 } };
	CHECK(arena_init(&desk->arena, ARENA_LIMIT_DEFAULT_BYTES) && arena_init(&other, ARENA_LIMIT_DEFAULT_BYTES));
	problems_init(&desk->problems, &desk->arena);
	random_bytes(key_bytes, sizeof key_bytes);
	snprintf(plain_bytes, sizeof plain_bytes, "whsec_%s", base64_text(&other, key_bytes, sizeof key_bytes).data);
	desk->plain = text_of(plain_bytes);
	desk->key = (struct text){ key_bytes, sizeof key_bytes };
	CHECK(seal_keys_read(seal_key_new(&other), "k", &desk->keys, &desk->problems));
	desk->secret.secret = text_copy(&desk->arena, seal(&desk->keys, desk->plain, PLACE, &other));
	arena_finish(&other);
}

TEST(what_is_opened_to_sign_is_wiped_again)
{
	const struct text parts[] = { TEXT("id"), TEXT("."), TEXT("17"), TEXT("."), TEXT("{}") };
	struct digest signature, wanted;
	struct desk desk;
	desk_open(&desk);
	const char *begin = leftover_begin(&desk.arena);
	CHECK(webhook_secret_sign(&desk.keys, 3, &desk.secret, parts, 5, &desk.arena, &desk.problems, &signature));
	wanted = hmac_sha256(desk.key, TEXT("id.17.{}"));
	CHECK(memcmp(signature.bytes, wanted.bytes, sizeof wanted.bytes) == 0);
	CHECK(!leftover(&desk.arena, begin, desk.plain.data, desk.plain.length));
	CHECK(!leftover(&desk.arena, begin, desk.key.data, desk.key.length));
	arena_finish(&desk.arena);
}

/* The control: who opens one by hand leaves it there, and it is found. */
TEST(what_nobody_wipes_is_found)
{
	struct desk desk;
	struct text plain;
	desk_open(&desk);
	const char *begin = leftover_begin(&desk.arena);
	CHECK(unseal(&desk.keys, desk.secret.secret, PLACE, &desk.arena, &desk.problems, &plain));
	CHECK(leftover(&desk.arena, begin, desk.plain.data, desk.plain.length));
	text_wipe(plain);
	CHECK(!leftover(&desk.arena, begin, desk.plain.data, desk.plain.length));
	arena_finish(&desk.arena);
}

/* Messages that were read together are signed by one row. */
TEST(a_secret_that_is_not_sealed_signs_again_and_again)
{
	const struct text part = TEXT("x");
	struct digest first, second;
	struct desk desk;
	desk_open(&desk);
	desk.secret.secret = text_copy(&desk.arena, desk.plain);
	const char *begin = leftover_begin(&desk.arena);
	CHECK(webhook_secret_sign(NULL, 3, &desk.secret, &part, 1, &desk.arena, &desk.problems, &first));
	CHECK(webhook_secret_sign(NULL, 3, &desk.secret, &part, 1, &desk.arena, &desk.problems, &second));
	CHECK(memcmp(first.bytes, second.bytes, sizeof first.bytes) == 0);
	CHECK(!leftover(&desk.arena, begin, desk.key.data, desk.key.length));
	arena_finish(&desk.arena);
}

TEST(a_secret_that_was_moved_signs_nothing)
{
	const struct text part = TEXT("x");
	struct digest signature;
	struct desk desk;
	desk_open(&desk);
	CHECK(!webhook_secret_sign(&desk.keys, 4, &desk.secret, &part, 1, &desk.arena, &desk.problems, &signature));
	CHECK_EQ_INT(desk.problems.first->code, PROBLEM_SECRET_SEALED);
	arena_finish(&desk.arena);
}

CHECK_MAIN
