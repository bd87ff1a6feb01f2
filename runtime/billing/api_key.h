/* api_key.h: keys that open the API of one tenant.
 *
 * Commands: key.create, key.rotate, key.revoke. A key's text is shown once; rows keep its public part and a digest of its
 * secret. Scopes: read write payments deploy admin.
 *
 *     struct api_key_identity who;
 *     if (!api_key_verify(keys, text, &who)) ... 401
 *     if (!(who.scopes & API_SCOPE_WRITE)) ... 403
 */
#ifndef MOONBILL_BILLING_API_KEY_H
#define MOONBILL_BILLING_API_KEY_H

#include "event/command.h"
#include "page.h"

extern const struct command_type api_key_commands[];

enum api_scope {
	API_SCOPE_READ = 1 << 0,
	API_SCOPE_WRITE = 1 << 1,
	API_SCOPE_PAYMENTS = 1 << 2,
	API_SCOPE_DEPLOY = 1 << 3,
	API_SCOPE_ADMIN = 1 << 4,
	API_SCOPE_ALL = (1 << 5) - 1,
};
/* Blank-separated words; false and a problem at `pointer` for an unknown one or none at all. */
bool api_scopes_parse(struct text words, const char *pointer, struct problems *problems, unsigned *scopes);
struct text api_scopes_text(struct arena *arena, unsigned scopes);
/* 0 for a word that is no scope. For command_type.scope. */
unsigned api_scope_of(const char *word);

struct api_key_identity {
	int64_t tenant_id, key_id;
	unsigned scopes;     /* admin includes all others */
	int64_t expires_at_us; /* by the wall clock; 0: never */
	bool test;           /* the tenant is a test tenant */
	bool unknown;        /* the store failed: nobody knows whose key it is */
	char name[104];      /* of the key, terminated */
	char actor[108];     /* "key:NAME", for struct origin */
	char tenant[104];    /* its name, terminated */
};

/* Keys known good, for at most 5 s after they were read: one that is revoked or rotated ends when that is answered, one that
 * expires at its instant. One for a server; thread-safe (a mutex over a small table, held for a look-up only). */
struct api_key_cache;
enum { API_KEY_CACHE_US = 5 * 1000000 };
struct api_key_cache *api_key_cache_new(struct engine *engine);
/* From now on notes in the store, to the hour, when a key was last used. For servers: others would be surprised by a write
 * that nobody asked for. */
void api_key_cache_note_use(struct api_key_cache *cache);
void api_key_cache_free(struct api_key_cache *cache); /* accepts NULL */
/* Reads the store when the key is not in the cache. False: no such key in force, or identity->unknown. The
 * secret's digest is compared in constant time. Not on the writer's thread. */
bool api_key_verify(struct api_key_cache *cache, struct text key, struct api_key_identity *identity);

struct api_key_list {
	struct api_key *items;
	size_t count, capacity;
};
/* Of the command's tenant, revoked ones included. */
bool api_key_page(struct command *command, struct page_query page, struct api_key_list *keys);

/* For tenant.create: makes a key of the transaction's tenant; *whole is its text, to be shown once. */
bool api_key_add(struct command *command, struct text name, unsigned scopes, bool test_tenant, struct api_key **key,
                 struct text *whole);

#endif
