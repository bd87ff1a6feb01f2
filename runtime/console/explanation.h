/* explanation.h: how an amount came about (billing/explain.h), as a person reads it. */
#ifndef MOONBILL_CONSOLE_EXPLANATION_H
#define MOONBILL_CONSOLE_EXPLANATION_H

#include "value/json.h"

#include <stdio.h>

/* An explanation or credit_explanation as JSON. */
void explanation_print(FILE *out, const struct json *explanation);
/* Done again, does all of it, or this step, come to the same? */
bool explanation_is_same(const struct json *explanation);

#endif
