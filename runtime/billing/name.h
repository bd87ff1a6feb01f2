/* name.h: what a name may be that operators and logs show in one line. */
#ifndef MOONBILL_BILLING_NAME_H
#define MOONBILL_BILLING_NAME_H

#include "base/problem.h"
#include "base/text.h"

#include <stdbool.h>

/* People must see something of it: not blanks alone. A problem at /name. */
bool name_is_visible(struct text name, struct problems *problems);
/* The same, and no control characters, line feeds and tabs included; other text may have those. */
bool name_is_one_line(struct text name, struct problems *problems);

#endif
