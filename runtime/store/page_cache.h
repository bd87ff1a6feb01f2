/* page_cache.h: SQLite's page cache, spared a walk through all pages with each commit.
 *
 * SQLite tells its cache after each commit how many pages the file has, so that those beyond it are dropped, and the cache
 * looks through what it holds if any page has ever had a higher number. When SQLite 3.40 puts the pages of a tree in
 * order it gives one of them the number of the lock page (262,145) for a moment, and so each such commit walked through
 * some 16,000 pages, for nothing. Here the number that was taken for a moment is forgotten again.
 *
 * For all connections of the process, each cache used by one thread at a time.
 */
#ifndef MOONBILL_STORE_PAGE_CACHE_H
#define MOONBILL_STORE_PAGE_CACHE_H

/* Before SQLite is used. Refused, and of no matter but time, where something has used it before. */
void page_cache_install(void);

#endif
