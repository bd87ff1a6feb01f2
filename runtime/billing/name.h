/* name.h: what a name may be that operators and logs show in one line. */
#ifndef MOONBILL_BILLING_NAME_H
#define MOONBILL_BILLING_NAME_H

#include "base/problem.h"
#include "base/text.h"

#include <stdbool.h>

/* No control characters, line feeds and tabs included; other text may have those. A problem at /name. */
bool name_is_one_line(struct text name, struct problems *problems);

#endif
