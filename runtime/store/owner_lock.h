/* owner_lock.h: one process owns a store: a lock on the file PATH.lock, held until the process ends. */
#ifndef MOONBILL_STORE_OWNER_LOCK_H
#define MOONBILL_STORE_OWNER_LOCK_H

#include "base/problem.h"

#include <stdbool.h>

/* *descriptor holds the lock. PROBLEM_LOCKED when another process has it. */
bool owner_lock_take(const char *path, struct problems *problems, int *descriptor);
void owner_lock_release(int descriptor);

#endif
