/* process.h: what the kernel says of this process. */
#ifndef MOONBILL_BASE_PROCESS_H
#define MOONBILL_BASE_PROCESS_H

#include <stdint.h>

struct process_usage {
	int64_t cpu_us, resident_bytes, virtual_bytes, threads;
	int64_t descriptors, descriptors_max;
	int64_t started_at_us; /* since 1970 */
};
/* 0 for what cannot be read. */
struct process_usage process_usage(void);

#endif
