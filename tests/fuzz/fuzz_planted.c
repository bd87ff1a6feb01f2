/* fuzz_planted.c: a bug behind four bytes of magic, which fuzzing must find: the control that the machinery works. */
#include "fuzz.h"

#include <string.h>

static void planted(struct fuzz *fuzz)
{
	if (fuzz->input.length < 4 || memcmp(fuzz->input.data, "MB\x7f!", 4) != 0)
		return;
	const volatile char *past = fuzz->input.data + fuzz->input.length; /* the sanitizer's to find */
	fprintf(stderr, "one byte past the input: %d\n", *past);
	abort();
}

FUZZ_TARGET(planted)
