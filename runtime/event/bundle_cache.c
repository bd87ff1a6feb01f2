/* bundle_cache.c: compiled bundles in memory, by the digest of their content; beyond a number of bytes the least recently used
 * ones go.
 *
 * The same content of two tenants is one entry. `lock` guards the table; compiling happens outside it, so two threads
 * may compile the same bundle at once and the second one's work is dropped.
 */
#include "engine_state.h"

#include <string.h>

enum {
	CACHE_CHAINS = 4096,
	DIGEST_HEX_BYTES = 64,
	BUNDLE_LOAD_BYTES_MAX = 256 * 1024 * 1024, /* a row of up to 33 MiB, its JSON tree and its texts */
};

struct bundle_entry {
	char digest[DIGEST_HEX_BYTES];
	struct rule_bundle *bundle;
	size_t bytes; /* of the bundle and of this */
	struct bundle_entry *next_of_chain;
	struct bundle_entry *newer, *older; /* by use */
	size_t settings_length;
	char settings[]; /* JSON object; nothing without */
};

struct bundle_cache {
	pthread_mutex_t lock;
	size_t bytes, bytes_most;
	struct bundle_entry *newest, *oldest;
	struct bundle_entry *chains[CACHE_CHAINS];
};

struct bundle_cache *bundle_cache_new(size_t bytes_most)
{
	struct bundle_cache *cache = memory_alloc(sizeof *cache);
	if (!cache)
		return NULL;
	memset(cache, 0, sizeof *cache);
	cache->bytes_most = bytes_most;
	pthread_mutex_init(&cache->lock, NULL);
	return cache;
}

/* ---- under the lock ---- */

static struct bundle_entry **chain_of(struct bundle_cache *cache, struct text digest)
{
	return &cache->chains[text_hash(digest) % CACHE_CHAINS];
}

static void use_unlink(struct bundle_cache *cache, struct bundle_entry *entry)
{
	*(entry->newer ? &entry->newer->older : &cache->newest) = entry->older;
	*(entry->older ? &entry->older->newer : &cache->oldest) = entry->newer;
}

static void use_link(struct bundle_cache *cache, struct bundle_entry *entry)
{
	entry->newer = NULL;
	entry->older = cache->newest;
	*(cache->newest ? &cache->newest->newer : &cache->oldest) = entry;
	cache->newest = entry;
}

static struct bundle_entry *entry_find(struct bundle_cache *cache, struct text digest)
{
	struct bundle_entry *entry = *chain_of(cache, digest);
	while (entry && !text_equals(digest, (struct text){ entry->digest, DIGEST_HEX_BYTES }))
		entry = entry->next_of_chain;
	if (entry && entry != cache->newest) {
		use_unlink(cache, entry);
		use_link(cache, entry);
	}
	return entry;
}

static void entry_remove(struct bundle_cache *cache, struct bundle_entry *entry)
{
	struct bundle_entry **place = chain_of(cache, (struct text){ entry->digest, DIGEST_HEX_BYTES });
	while (*place != entry)
		place = &(*place)->next_of_chain;
	*place = entry->next_of_chain;
	use_unlink(cache, entry);
	cache->bytes -= entry->bytes;
	rule_bundle_release(entry->bundle);
	memory_free(entry);
}

static void entry_add(struct bundle_cache *cache, struct bundle_entry *entry, struct text digest)
{
	struct bundle_entry **chain = chain_of(cache, digest);
	entry->next_of_chain = *chain;
	*chain = entry;
	use_link(cache, entry);
	cache->bytes += entry->bytes;
	while (cache->bytes > cache->bytes_most && cache->oldest != entry)
		entry_remove(cache, cache->oldest);
}

static void entry_settings_copy(const struct bundle_entry *entry, struct arena *arena, struct text *settings)
{
	if (settings)
		*settings = entry->settings_length ? text_copy(arena, (struct text){ entry->settings, entry->settings_length })
		                                   : TEXT_NONE;
}

void bundle_cache_free(struct bundle_cache *cache)
{
	if (!cache)
		return;
	while (cache->oldest)
		entry_remove(cache, cache->oldest);
	pthread_mutex_destroy(&cache->lock);
	memory_free(cache);
}

/* ---- keeping ---- */

static struct bundle_entry *entry_new(struct text digest, struct rule_bundle *bundle, struct text settings)
{
	size_t size = sizeof(struct bundle_entry) + settings.length;
	struct bundle_entry *entry = memory_alloc(size);
	if (!entry)
		return NULL;
	*entry = (struct bundle_entry){
		.bundle = bundle, .bytes = size + rule_bundle_bytes(bundle), .settings_length = settings.length,
	};
	memcpy(entry->digest, digest.data, DIGEST_HEX_BYTES);
	if (settings.length)
		memcpy(entry->settings, settings.data, settings.length);
	rule_bundle_retain(bundle);
	return entry;
}

/* Keeps the bundle beside the caller's own reference; without memory it is simply not kept. */
static void cache_keep_bundle(struct bundle_cache *cache, struct text digest, struct rule_bundle *bundle,
                              struct text settings)
{
	struct bundle_entry *entry = entry_new(digest, bundle, settings);
	if (!entry)
		return;
	pthread_mutex_lock(&cache->lock);
	if (entry_find(cache, digest)) {
		rule_bundle_release(bundle);
		memory_free(entry);
	} else {
		entry_add(cache, entry, digest);
	}
	pthread_mutex_unlock(&cache->lock);
}

/* ---- from the row ---- */

/* What the row says, parsed in an arena of its own: files are large and gone after compiling. */
struct bundle_row {
	struct arena *arena;
	struct problems *problems;
	bool found;
	const struct json *manifest, *files;
};

static bool bundle_row_take(void *context, const struct store_row *row)
{
	struct bundle_row *bundle = context;
	bundle->found = true;
	bundle->manifest = json_parse(store_row_text(row, 0), bundle->arena, bundle->problems);
	if (bundle->manifest)
		bundle->files = json_parse(store_row_text(row, 1), bundle->arena, bundle->problems);
	return false;
}

static bool is_rule_file(struct text name)
{
	return text_starts(name, "rules/") && name.length > 4 &&
	       text_is(text_slice(name, name.length - 4, name.length), ".lua");
}

static bool digest_parse(struct text hex, struct digest *digest)
{
	static const char digits[16] = "0123456789abcdef"; /* no end among them */
	if (hex.length != DIGEST_HEX_BYTES)
		return false;
	for (size_t i = 0; i < DIGEST_HEX_BYTES; i++) {
		const char *digit = memchr(digits, hex.data[i], sizeof digits);
		if (!digit)
			return false;
		digest->bytes[i / 2] = (uint8_t)(digest->bytes[i / 2] << 4 | (digit - digits));
	}
	return true;
}

/* Files in the order of their names, as the archive has them; entries as the manifest lists them, else all. */
static struct rule_bundle *bundle_compile(const struct bundle_row *row, struct digest digest, struct problems *problems)
{
	struct rule_file *files = arena_new_many(row->arena, struct rule_file, row->files->count + 1);
	size_t file_count = 0, entry_count = 0;
	for (const struct json *file = row->files->first; file; file = file->next)
		if (is_rule_file(file->name))
			files[file_count++] = (struct rule_file){ file->name, json_text(file) };

	const struct json *rules = json_member(row->manifest, "rules");
	size_t most = rules && rules->count > file_count ? rules->count : file_count;
	struct text *entries = arena_new_many(row->arena, struct text, most + 1);
	if (rules)
		for (const struct json *rule = rules->first; rule; rule = rule->next)
			entries[entry_count++] = json_text(rule);
	else
		for (size_t i = 0; i < file_count; i++)
			entries[entry_count++] = files[i].name;
	return rule_bundle_load(files, file_count, entries, entry_count, digest, problems);
}

static struct text settings_of(const struct json *manifest, struct arena *arena)
{
	const struct json *settings = json_member(manifest, "settings");
	if (!settings || settings->type != JSON_OBJECT)
		return TEXT_NONE;
	return json_tree_text(arena, settings);
}

static bool bundle_missing(struct problems *problems, struct text digest)
{
	return problem(problems, PROBLEM_NOT_FOUND, "", "bundle %.*s does not exist", TEXT_ARG(digest));
}

static struct rule_bundle *bundle_load(struct store_transaction *transaction, struct text digest, struct arena *arena,
                                       struct problems *problems, struct text *settings)
{
	struct digest parsed = { { 0 } };
	struct bundle_row row = { .arena = arena, .problems = problems };
	if (!digest_parse(digest, &parsed)) {
		bundle_missing(problems, digest);
		return NULL;
	}
	if (!store_each(transaction, STATEMENT_BUNDLE_CONTENT, BINDS(bind_text(digest)), bundle_row_take, &row))
		return NULL;
	if (!row.found)
		bundle_missing(problems, digest);
	if (!row.files)
		return NULL;
	*settings = settings_of(row.manifest, arena);
	return bundle_compile(&row, parsed, problems);
}

struct rule_bundle *bundle_cache_take(struct bundle_cache *cache, struct store_transaction *transaction,
                                      struct text digest, struct problems *problems, struct text *settings)
{
	pthread_mutex_lock(&cache->lock);
	struct bundle_entry *entry = entry_find(cache, digest);
	struct rule_bundle *bundle = NULL;
	if (entry) {
		bundle = entry->bundle;
		rule_bundle_retain(bundle);
		entry_settings_copy(entry, store_arena(transaction), settings);
	}
	pthread_mutex_unlock(&cache->lock);
	if (bundle)
		return bundle;

	struct arena arena;
	struct text loaded = TEXT_NONE;
	if (!arena_init(&arena, BUNDLE_LOAD_BYTES_MAX)) {
		problem(problems, PROBLEM_OUT_OF_MEMORY, "", "memory ran out while a bundle was loaded");
		return NULL;
	}
	bundle = bundle_load(transaction, digest, &arena, problems, &loaded);
	if (bundle) {
		cache_keep_bundle(cache, digest, bundle, loaded);
		if (settings)
			*settings = text_present(loaded) ? text_copy(store_arena(transaction), loaded) : TEXT_NONE;
	}
	arena_finish(&arena);
	return bundle;
}

/* ---- settings alone ---- */

struct manifest_row {
	struct arena *arena;
	struct problems *problems;
	const struct json *manifest;
};

static bool manifest_row_take(void *context, const struct store_row *row)
{
	struct manifest_row *found = context;
	found->manifest = json_parse(store_row_text(row, 0), found->arena, found->problems);
	return false;
}

bool bundle_cache_settings(struct bundle_cache *cache, struct store_transaction *transaction, struct text digest,
                           struct text *settings)
{
	pthread_mutex_lock(&cache->lock);
	struct bundle_entry *entry = entry_find(cache, digest);
	if (entry)
		entry_settings_copy(entry, store_arena(transaction), settings);
	pthread_mutex_unlock(&cache->lock);
	if (entry)
		return true;
	struct manifest_row row = { .arena = store_arena(transaction), .problems = store_problems(transaction) };
	if (!store_each(transaction, STATEMENT_BUNDLE_MANIFEST, BINDS(bind_text(digest)), manifest_row_take, &row))
		return false;
	if (!row.manifest)
		return bundle_missing(row.problems, digest);
	*settings = settings_of(row.manifest, store_arena(transaction));
	return true;
}
