/* refuse.c: how APS's dialect refuses: our own problems; what cannot be understood is 400 there, not 422. */
#include "aps.h"

#include "http/exchange.h"

static bool aps_accept(struct http_exchange *exchange, struct text type)
{
	return v1_dialect.accept(exchange, type);
}

static void aps_refuse(struct http_exchange *exchange)
{
	int status = problem_info(exchange->problems.first->code)->status;
	exchange->reply.status = status == 422 ? 400 : status;
	exchange->reply.content_type = TEXT("application/problem+json");
	exchange->reply.body = json_problems_text_as(exchange->arena, &exchange->problems, exchange->reply.status);
}

static const char *const aps_roots[] = { "aps", NULL };
const struct http_dialect aps_dialect = {
	.roots = aps_roots, .accept = aps_accept, .refuse = aps_refuse,
	.out_of_memory_type = "application/problem+json",
	.out_of_memory = "{\"type\":\"urn:moonbill:problem:out_of_memory\",\"title\":\"Memory ran out\",\"status\":503,"
	                 "\"detail\":\"memory ran out\",\"errors\":[]}",
};
