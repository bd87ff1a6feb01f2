/* piece_cache.h: the small pieces of memory that SQLite asks for, kept by the thread that gives them back.
 *
 * SQLite takes one for each text of a row that is read and frees them all when the statement is reset: a hundred for
 * each job, more of one size at once than the C library keeps at hand. The library of Debian is built without SQLite's
 * own cache for this ("lookaside").
 *
 * For all connections of the process. A thread keeps about PIECES_KEPT_BYTES_MOST, until it ends. Not under
 * AddressSanitizer, which is to see what is used after it was freed.
 */
#ifndef MOONBILL_STORE_PIECE_CACHE_H
#define MOONBILL_STORE_PIECE_CACHE_H

enum { PIECES_KEPT_BYTES_MOST = 256 * 1024 };

/* Before SQLite is used, any number of times from one thread. Refused, and of no matter but time, where something has used
 * it before. What was set before with sqlite3_config makes the pieces that are not kept. */
void piece_cache_install(void);

#endif
