/* refuse.c: how APS's dialect refuses: our own problems at the members that the client sent; what cannot be understood is 400
 * there, not 422. */
#include "aps.h"

#include "http/exchange.h"

#include <string.h>

static bool aps_accept(struct http_exchange *exchange, struct text type)
{
	return v1_dialect.accept(exchange, type);
}

/* Members of our commands as APS names them; "" is what stands in the address, or the document itself. The first that fits. */
static const struct {
	const char *ours;
	enum problem_code code; /* PROBLEM_NONE: any */
	const char *wire;
} wire_names[] = {
	{ "/source_type", PROBLEM_INVALID_COMBINATION, "/source" },
	{ "/source_type", PROBLEM_NONE, "/source/type" },
	{ "/source_key", PROBLEM_NONE, "/source/id" },
	{ "/key", PROBLEM_NONE, "/aps/id" },
	{ "/type", PROBLEM_NONE, "/aps/type" },
	{ "/document", PROBLEM_NONE, "" },
	{ "/resource", PROBLEM_NONE, "" },
	{ "/uuid", PROBLEM_NONE, "" },
};

/* What comes after `front` where that is the whole of the pointer or of its first names; NULL when it is not. */
static const char *pointer_rest(const char *pointer, const char *front)
{
	size_t length = strlen(front);
	bool fits = strncmp(pointer, front, length) == 0 && (pointer[length] == '/' || !pointer[length]);
	return fits ? pointer + length : NULL;
}

static const char *wire_pointer(struct http_exchange *exchange, const struct problem *problem)
{
	if (exchange->entry && exchange->entry->route->no_body)
		return "";
	for (size_t i = 0; i < sizeof wire_names / sizeof *wire_names; i++) {
		const char *rest = pointer_rest(problem->pointer, wire_names[i].ours);
		if (rest && (wire_names[i].code == PROBLEM_NONE || wire_names[i].code == problem->code))
			return text_format(exchange->arena, "%s%s", wire_names[i].wire, rest).data;
	}
	return problem->pointer;
}

static void aps_refuse(struct http_exchange *exchange)
{
	for (struct problem *problem = exchange->problems.first; problem; problem = problem->next)
		if (problem->pointer)
			problem->pointer = wire_pointer(exchange, problem);
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
