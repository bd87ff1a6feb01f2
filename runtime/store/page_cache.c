/* page_cache.c: passes every call to SQLite's own page cache, but those to drop pages where there are none to drop. */
#include "store/page_cache.h"

#include "base/arena.h"

#include <sqlite3.h>
#include <stdbool.h>

/* SQLite's own. Set once, before SQLite is used; xCreate is not given anything that it could lie in. */
static sqlite3_pcache_methods2 below;

struct page_cache {
	sqlite3_pcache *below;
	unsigned key_most;   /* no page has a higher number */
	unsigned key_before; /* nor has one but that which was given key_most in place of its own; 0: none was */
};

static struct page_cache *of(sqlite3_pcache *cache)
{
	return (struct page_cache *)(void *)cache;
}

static sqlite3_pcache *cache_create(int page_bytes, int extra_bytes, int purgeable)
{
	struct page_cache *cache = memory_alloc(sizeof *cache);
	if (!cache)
		return NULL;
	*cache = (struct page_cache){ .below = below.xCreate(page_bytes, extra_bytes, purgeable) };
	if (cache->below)
		return (sqlite3_pcache *)(void *)cache;
	memory_free(cache);
	return NULL;
}

static void cache_destroy(sqlite3_pcache *cache)
{
	below.xDestroy(of(cache)->below);
	memory_free(cache);
}

static void cache_set_size(sqlite3_pcache *cache, int pages)
{
	below.xCachesize(of(cache)->below, pages);
}

static int cache_count(sqlite3_pcache *cache)
{
	return below.xPagecount(of(cache)->below);
}

/* A page has this number, and has not come from there. */
static void key_seen(struct page_cache *own, unsigned key)
{
	if (key > own->key_most) {
		own->key_most = key;
		own->key_before = 0;
	} else if (key < own->key_most && own->key_before > 0 && key > own->key_before) {
		own->key_before = key;
	}
}

static sqlite3_pcache_page *cache_fetch(sqlite3_pcache *cache, unsigned key, int create)
{
	struct page_cache *own = of(cache);
	sqlite3_pcache_page *page = below.xFetch(own->below, key, create);
	if (page)
		key_seen(own, key);
	return page;
}

static void cache_unpin(sqlite3_pcache *cache, sqlite3_pcache_page *page, int discard)
{
	below.xUnpin(of(cache)->below, page, discard);
}

static void cache_rekey(sqlite3_pcache *cache, sqlite3_pcache_page *page, unsigned old_key, unsigned new_key)
{
	struct page_cache *own = of(cache);
	below.xRekey(own->below, page, old_key, new_key);
	if (new_key > own->key_most) {
		own->key_before = own->key_most;
		own->key_most = new_key;
	} else if (old_key == own->key_most && own->key_before > 0) {
		own->key_most = new_key > own->key_before ? new_key : own->key_before;
		own->key_before = 0;
	} else {
		key_seen(own, new_key);
	}
}

static void cache_truncate(sqlite3_pcache *cache, unsigned limit)
{
	struct page_cache *own = of(cache);
	if (limit > own->key_most)
		return;
	below.xTruncate(own->below, limit);
	own->key_most = limit > 0 ? limit - 1 : 0;
	own->key_before = 0;
}

static void cache_shrink(sqlite3_pcache *cache)
{
	below.xShrink(of(cache)->below);
}

void page_cache_install(void)
{
	sqlite3_pcache_methods2 methods;
	if (sqlite3_config(SQLITE_CONFIG_GETPCACHE2, &methods) != SQLITE_OK || methods.xCreate == cache_create)
		return;
	below = methods;
	methods.xCreate = cache_create;
	methods.xDestroy = cache_destroy;
	methods.xCachesize = cache_set_size;
	methods.xPagecount = cache_count;
	methods.xFetch = cache_fetch;
	methods.xUnpin = cache_unpin;
	methods.xRekey = cache_rekey;
	methods.xTruncate = cache_truncate;
	methods.xShrink = cache_shrink;
	sqlite3_config(SQLITE_CONFIG_PCACHE2, &methods);
}
