/* killbill.h: Kill Bill's dialect, as far as push notifications need it. */
#ifndef MOONBILL_HTTP_KILLBILL_KILLBILL_H
#define MOONBILL_HTTP_KILLBILL_KILLBILL_H

#include "http/route.h"

extern const struct http_route killbill_routes[];

#endif
