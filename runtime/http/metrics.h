/* metrics.h: the text of /metrics. Private to http/. */
#ifndef MOONBILL_HTTP_METRICS_H
#define MOONBILL_HTTP_METRICS_H

#include "application.h"

/* Everything that the process has counted, and how it is at this moment, in Prometheus' format 0.0.4. */
struct text http_metrics_text(struct http_application *application, struct arena *arena);
#define HTTP_METRICS_TYPE TEXT("text/plain; version=0.0.4; charset=utf-8")

#endif
