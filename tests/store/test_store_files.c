/* test_store_files.c: what stands between SQLite and its files for the writer: the log in pieces, pages of savepoints, small
 * pieces of memory, the page cache. */
#include "store_site.h"

#include "store/page_cache.h"
#include "store/piece_cache.h"
#include "store/writer_files.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

static void run(sqlite3 *handle, const char *sql)
{
	char *message = NULL;
	if (sqlite3_exec(handle, sql, NULL, NULL, &message) != SQLITE_OK)
		CHECK_FAIL("%s: %s", sql, message);
}

static int64_t number_of(sqlite3 *handle, const char *sql)
{
	sqlite3_stmt *statement = NULL;
	CHECK_EQ_INT(sqlite3_prepare_v2(handle, sql, -1, &statement, NULL), SQLITE_OK);
	CHECK_EQ_INT(sqlite3_step(statement), SQLITE_ROW);
	int64_t value = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return value;
}

struct writer {
	struct site site;
	struct writer_files files;
	sqlite3 *handle;
};

/* A table of rows of half a page each. */
static void writer_open(struct writer *writer, const char *settings)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	writer->files = (struct writer_files){ .below = NULL };
	sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, 0);
	site_make(&writer->site, IN_A_FILE);
	CHECK_EQ_INT(writer_files_start(&writer->files), SQLITE_OK);
	CHECK_EQ_INT(sqlite3_open_v2(writer->site.path, &writer->handle, flags, writer->files.name), SQLITE_OK);
	run(writer->handle, "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (id INTEGER PRIMARY KEY, bytes)");
	run(writer->handle, settings);
}

static void writer_close(struct writer *writer)
{
	CHECK_EQ_INT(sqlite3_close(writer->handle), SQLITE_OK);
	writer_files_finish(&writer->files);
	site_close(&writer->site);
}

static void rows_add(sqlite3 *handle, int64_t count)
{
	char sql[200];
	snprintf(sql, sizeof sql, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %lld)"
	         " INSERT INTO t (bytes) SELECT zeroblob(2000) FROM n", (long long)count);
	run(handle, sql);
}

/* ---- the log ---- */

static long writes_of_process(void)
{
	char line[100];
	long calls = -1;
	FILE *file = fopen("/proc/self/io", "r");
	while (file && fgets(line, sizeof line, file))
		sscanf(line, "syscw: %ld", &calls);
	if (file)
		fclose(file);
	return calls;
}

TEST(a_commit_of_many_pages_takes_few_calls)
{
	enum { ROWS = 400 };
	struct writer writer;
	writer_open(&writer, "PRAGMA synchronous = FULL");
	long before = writes_of_process();
	if (before < 0)
		CHECK_SKIP("the system does not count calls");
	rows_add(writer.handle, ROWS);
	long calls = writes_of_process() - before, bytes = ROWS * 2000;
	check_note("%ld calls", calls);
	CHECK(calls >= bytes / (128 * 1024) && calls < 30);
	writer_close(&writer);
}

/* Without a sync nothing but the commit itself says that the end of the log must be out. */
TEST(another_connection_finds_what_is_committed_whatever_is_synced)
{
	static const char *const levels[] = { "PRAGMA synchronous = FULL", "PRAGMA synchronous = NORMAL", "PRAGMA synchronous = OFF" };
	for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
		struct writer writer;
		sqlite3 *other = NULL;
		writer_open(&writer, levels[i]);
		CHECK_EQ_INT(sqlite3_open(writer.site.path, &other), SQLITE_OK);
		for (int64_t commits = 1; commits <= 40; commits++) {
			rows_add(writer.handle, commits);
			CHECK_EQ_INT(number_of(other, "SELECT count(*) FROM t"), commits * (commits + 1) / 2);
		}
		CHECK_EQ_INT(number_of(other, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"), 1);
		CHECK_EQ_INT(sqlite3_close(other), SQLITE_OK);
		writer_close(&writer);
	}
}

/* A cache of few pages writes them to the log before the commit, reads them back and writes them again. */
TEST(pages_that_leave_a_small_cache_come_back_from_the_log)
{
	struct writer writer;
	writer_open(&writer, "PRAGMA cache_size = 20");
	for (int round = 0; round < 3; round++) {
		run(writer.handle, "BEGIN");
		rows_add(writer.handle, 300);
		run(writer.handle, "UPDATE t SET bytes = zeroblob(1000 + id % 500)");
		run(writer.handle, round == 1 ? "ROLLBACK" : "COMMIT");
	}
	CHECK_EQ_INT(number_of(writer.handle, "SELECT count(*) FROM t WHERE length(bytes) = 1000 + id % 500"), 600);
	run(writer.handle, "PRAGMA wal_checkpoint(TRUNCATE)");
	CHECK_EQ_INT(number_of(writer.handle, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"), 1);
	writer_close(&writer);
}

/* ---- pages of savepoints ---- */

/* 100 rows fit into memory, 2,000 do not. */
TEST(savepoints_put_back_few_pages_and_many)
{
	static const int64_t counts[] = { 100, 2000, 100 };
	struct writer writer;
	writer_open(&writer, "PRAGMA synchronous = FULL");
	rows_add(writer.handle, 2000);
	run(writer.handle, "BEGIN");
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
		char sql[300];
		snprintf(sql, sizeof sql, "SAVEPOINT a; UPDATE t SET bytes = 'a' WHERE id <= %lld; SAVEPOINT b;"
		         " UPDATE t SET bytes = 'b' WHERE id <= %lld; ROLLBACK TO b; RELEASE b", (long long)counts[i], (long long)counts[i]);
		run(writer.handle, sql);
		CHECK_EQ_INT(number_of(writer.handle, "SELECT count(*) FROM t WHERE bytes = 'a'"), counts[i]);
		run(writer.handle, "ROLLBACK TO a; RELEASE a");
		CHECK_EQ_INT(number_of(writer.handle, "SELECT count(*) FROM t WHERE bytes = zeroblob(2000)"), 2000);
	}
	run(writer.handle, "COMMIT");
	CHECK_EQ_INT(number_of(writer.handle, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"), 1);
	writer_close(&writer);
}

/* ---- the cache of small pieces ---- */

static sqlite3_mem_methods plain_memory;
static atomic_int pieces_out; /* that SQLite's own allocator gave and has not got back */

static void *counted_alloc(int bytes)
{
	pieces_out++;
	return plain_memory.xMalloc(bytes);
}

static void counted_free(void *piece)
{
	pieces_out--;
	plain_memory.xFree(piece);
}

static void pieces_begin(void)
{
	CHECK_EQ_INT(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &plain_memory), SQLITE_OK);
	sqlite3_mem_methods counted = plain_memory;
	counted.xMalloc = counted_alloc;
	counted.xFree = counted_free;
	CHECK_EQ_INT(sqlite3_config(SQLITE_CONFIG_MALLOC, &counted), SQLITE_OK);
	piece_cache_install();
	CHECK_EQ_INT(sqlite3_initialize(), SQLITE_OK);
}

enum { PIECES = 200, PIECE_BYTES_MOST = 6000 };

/* Takes pieces of many sizes, fills them, gives them back; how many SQLite's own allocator had to give at most. */
static int pieces_use(void)
{
	char *pieces[PIECES];
	int before = pieces_out;
	for (int i = 0; i < PIECES; i++) {
		int bytes = 1 + i * PIECE_BYTES_MOST / PIECES;
		CHECK((pieces[i] = sqlite3_malloc(bytes)) != NULL);
		CHECK(sqlite3_msize(pieces[i]) >= (sqlite3_uint64)bytes);
		memset(pieces[i], i, (size_t)bytes);
	}
	int given = pieces_out - before;
	for (int i = 0; i < PIECES; i++) {
		CHECK_EQ_INT((unsigned char)pieces[i][0], (unsigned char)i);
		sqlite3_free(pieces[i]);
	}
	return given;
}

static void *pieces_thread(void *context)
{
	*(int *)context = pieces_use();
	return NULL;
}

TEST(a_piece_of_memory_that_sqlite_gave_back_is_given_again)
{
	pieces_begin();
	int first = pieces_use(), again = pieces_use();
	check_note("%d pieces, then %d", first, again);
	CHECK(first > PIECES / 2); /* SQLite may have given some back already */
#ifndef __SANITIZE_ADDRESS__
	CHECK(again < first);
#endif
}

TEST(a_piece_that_grows_keeps_what_it_holds)
{
	pieces_begin();
	pieces_use();
	char *piece = sqlite3_malloc(20);
	memcpy(piece, "as it was", 10);
	piece = sqlite3_realloc(piece, 5000);
	CHECK(sqlite3_msize(piece) >= 5000);
	CHECK_EQ_INT(memcmp(piece, "as it was", 10), 0);
	sqlite3_free(piece);
}

TEST(a_thread_that_ends_keeps_no_pieces)
{
	pthread_t thread;
	int given = 0;
	pieces_begin();
	int before = pieces_out;
	CHECK_EQ_INT(pthread_create(&thread, NULL, pieces_thread, &given), 0);
	CHECK_EQ_INT(pthread_join(thread, NULL), 0);
	CHECK(given > 0);
	CHECK_EQ_INT(pieces_out, before);
}

/* So small that it is kept. */
static void piece_use(void *context)
{
	(void)context;
	sqlite3_free(sqlite3_malloc(100));
}

static void *late_thread(void *context)
{
	const pthread_key_t *late = context;
	piece_use(NULL);
	CHECK_EQ_INT(pthread_setspecific(*late, context), 0);
	return NULL;
}

/* By the end of another of the thread's keys, which comes after that of the pieces. */
TEST(a_thread_that_ends_keeps_no_pieces_that_come_back_late)
{
	pthread_t thread;
	pthread_key_t late;
	pieces_begin();
	CHECK_EQ_INT(pthread_key_create(&late, piece_use), 0);
	int before = pieces_out;
	CHECK_EQ_INT(pthread_create(&thread, NULL, late_thread, &late), 0);
	CHECK_EQ_INT(pthread_join(thread, NULL), 0);
	CHECK_EQ_INT(pieces_out, before);
}

/* ---- the page cache ---- */

enum { LOCK_PAGE = 262145, PAGES = 10 };

struct cache {
	sqlite3_pcache_methods2 methods;
	sqlite3_pcache *cache;
	sqlite3_pcache_page *pages[PAGES + 1];
};

static void cache_open(struct cache *cache)
{
	page_cache_install();
	CHECK_EQ_INT(sqlite3_config(SQLITE_CONFIG_GETPCACHE2, &cache->methods), SQLITE_OK);
	CHECK_EQ_INT(sqlite3_initialize(), SQLITE_OK);
	cache->cache = cache->methods.xCreate(4096, 100, 1);
	cache->methods.xCachesize(cache->cache, 100);
	for (unsigned key = 1; key <= PAGES; key++)
		CHECK((cache->pages[key] = cache->methods.xFetch(cache->cache, key, 2)) != NULL);
}

static void cache_lift(struct cache *cache, unsigned key)
{
	cache->methods.xRekey(cache->cache, cache->pages[key], key, LOCK_PAGE);
}

TEST(a_page_cache_drops_what_is_beyond_the_end_also_after_a_page_had_a_high_number)
{
	struct cache cache;
	cache_open(&cache);
	sqlite3_pcache_methods2 *methods = &cache.methods;
	cache_lift(&cache, 3);
	methods->xRekey(cache.cache, cache.pages[3], LOCK_PAGE, 3);
	methods->xTruncate(cache.cache, PAGES + 1);
	CHECK_EQ_INT(methods->xPagecount(cache.cache), PAGES);
	methods->xTruncate(cache.cache, PAGES);
	CHECK_EQ_INT(methods->xPagecount(cache.cache), PAGES - 1);
	cache_lift(&cache, 4);
	methods->xTruncate(cache.cache, PAGES);
	CHECK_EQ_INT(methods->xPagecount(cache.cache), PAGES - 2);
	CHECK(methods->xFetch(cache.cache, 4, 0) == NULL);
	/* One comes in between that is below the lifted one. */
	cache_lift(&cache, 6);
	CHECK(methods->xFetch(cache.cache, PAGES + 1, 2) != NULL);
	methods->xRekey(cache.cache, cache.pages[6], LOCK_PAGE, 6);
	CHECK_EQ_INT(methods->xPagecount(cache.cache), PAGES - 1);
	methods->xTruncate(cache.cache, PAGES);
	CHECK_EQ_INT(methods->xPagecount(cache.cache), PAGES - 2);
	/* Or takes its place there meanwhile. */
	cache_lift(&cache, 6);
	methods->xRekey(cache.cache, cache.pages[7], 7, PAGES + 1);
	methods->xRekey(cache.cache, cache.pages[6], LOCK_PAGE, 6);
	methods->xTruncate(cache.cache, PAGES);
	CHECK_EQ_INT(methods->xPagecount(cache.cache), PAGES - 3);
	/* One comes in between, the lifted one returns to a place beyond it. */
	cache_lift(&cache, 5);
	CHECK(methods->xFetch(cache.cache, LOCK_PAGE + 2, 2) != NULL);
	methods->xRekey(cache.cache, cache.pages[5], LOCK_PAGE, LOCK_PAGE + 5);
	methods->xTruncate(cache.cache, PAGES);
	CHECK_EQ_INT(methods->xPagecount(cache.cache), PAGES - 4);
	methods->xDestroy(cache.cache);
}

/* The walk itself: a cache whose methods are SQLite's own would do it each time. */
TEST(a_page_cache_does_not_look_for_what_cannot_be_there)
{
	struct cache cache;
	cache_open(&cache);
	enum { MANY = 50000, TIMES = 2000 };
	cache.methods.xCachesize(cache.cache, MANY * 2);
	for (unsigned key = 1; key <= MANY; key++)
		CHECK(cache.methods.xFetch(cache.cache, key, 2) != NULL);
	clock_t begun = clock(); /* of the processor, which others share */
	for (int i = 0; i < TIMES; i++) {
		cache_lift(&cache, 3);
		cache.methods.xRekey(cache.cache, cache.pages[3], LOCK_PAGE, 3);
		cache.methods.xTruncate(cache.cache, MANY + 1);
	}
	double took_s = (double)(clock() - begun) / CLOCKS_PER_SEC;
	check_note("%.6f s", took_s);
	CHECK(took_s < TIMES * 20e-6); /* a walk takes 100 us at least */
	cache.methods.xDestroy(cache.cache);
}

CHECK_MAIN
