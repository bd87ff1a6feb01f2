/* fault_power.h: the bytes that a power cut takes; for fault_vfs.c only. */
#ifndef MOONBILL_TESTS_FAULT_POWER_H
#define MOONBILL_TESTS_FAULT_POWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct power_file;

/* The entry of this path; NULL for a file without a name. Kept for the process. */
struct power_file *power_file(const char *path);
void power_watch(long nth, uint64_t seed);
/* Around what is noted and done; notes are taken before it is done. The cut, when it is due, happens in a note. */
void power_enter(void);
void power_leave(void);
void power_note_write(struct power_file *file, const void *bytes, size_t count, int64_t offset);
void power_note_truncate(struct power_file *file, int64_t size);
void power_note_sync(struct power_file *file);

#endif
