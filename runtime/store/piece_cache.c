/* piece_cache.c: lists of free pieces by size, a set of them for each thread, between SQLite and its own allocator. */
#include "store/piece_cache.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

/* Sizes are multiples of a step. The last has room for what is compared of a row that fills a page. */
enum { STEP_BYTES = 64, SIZES = 68, PIECE_BYTES_MOST = STEP_BYTES * SIZES };

#ifdef __SANITIZE_ADDRESS__
enum { KEEPS = 0 };
#else
enum { KEEPS = 1 };
#endif

struct piece {
	struct piece *next;
};

/* What sqlite3_config had before. Set once, before SQLite is used. */
static sqlite3_mem_methods below;
static bool installed;

/* The thread's own; the key only tells that it ends. */
static _Thread_local struct piece *kept[SIZES];
static _Thread_local int kept_bytes;
static _Thread_local bool end_is_told;
static pthread_key_t thread_end;

static void kept_free(void *context)
{
	struct piece **pieces = context;
	end_is_told = false; /* what another key's end gives back later is kept, and this comes once more */
	kept_bytes = 0;
	for (size_t i = 0; i < SIZES; i++)
		while (pieces[i]) {
			struct piece *piece = pieces[i];
			pieces[i] = piece->next;
			below.xFree(piece);
		}
}

static int piece_round(int bytes)
{
	return bytes <= PIECE_BYTES_MOST ? (bytes + STEP_BYTES - 1) / STEP_BYTES * STEP_BYTES : below.xRoundup(bytes);
}

static void *piece_alloc(int bytes)
{
	int rounded = piece_round(bytes);
	struct piece **pieces = rounded <= PIECE_BYTES_MOST ? &kept[rounded / STEP_BYTES - 1] : NULL;
	if (!pieces || !*pieces)
		return below.xMalloc(rounded);
	struct piece *piece = *pieces;
	*pieces = piece->next;
	kept_bytes -= rounded;
	return piece;
}

static void piece_free(void *given)
{
	int bytes = below.xSize(given);
	if (!end_is_told)
		end_is_told = pthread_setspecific(thread_end, kept) == 0;
	if (bytes % STEP_BYTES != 0 || bytes > PIECE_BYTES_MOST || kept_bytes > PIECES_KEPT_BYTES_MOST || !end_is_told) {
		below.xFree(given);
		return;
	}
	struct piece **pieces = &kept[bytes / STEP_BYTES - 1], *piece = given;
	piece->next = *pieces;
	*pieces = piece;
	kept_bytes += bytes;
}

void piece_cache_install(void)
{
	sqlite3_mem_methods methods;
	if (!KEEPS || installed || sqlite3_config(SQLITE_CONFIG_GETMALLOC, &methods) != SQLITE_OK ||
	    pthread_key_create(&thread_end, kept_free) != 0)
		return;
	installed = true;
	below = methods;
	methods.xMalloc = piece_alloc;
	methods.xFree = piece_free;
	methods.xRoundup = piece_round;
	sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
}
