/* health.h: whether the process lives, and whether it should get requests. Private to http/. */
#ifndef MOONBILL_HTTP_HEALTH_H
#define MOONBILL_HTTP_HEALTH_H

#include "application.h"
#include "route.h"

extern const struct http_route health_routes[];

/* False with every reason. Any thread; waits for nobody. */
bool http_ready(struct http_application *application, struct problems *problems);
/* From now on it is not ready. */
void http_application_stopping(struct http_application *application);

#endif
