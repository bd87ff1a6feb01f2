/* aps.h: APS's dialect: /aps/2, as applications speak it over the commands of event/aps.h. */
#ifndef MOONBILL_HTTP_APS_APS_H
#define MOONBILL_HTTP_APS_APS_H

#include "http/route.h"

extern const struct http_route aps_routes[];

#endif
