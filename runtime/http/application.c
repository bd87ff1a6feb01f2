/* application.c: a request from its headers to its reply: admitted, handled, finished. */
#include "exchange.h"

#include "base/log.h"
#include "maxio/maxio.h"
#include "openapi.h"

#include <string.h>

enum {
	LAST_WORDS_BYTES = 16 * 1024,
	KNOWN_ARENA_BYTES = 256 * 1024 * 1024, /* of a request, once it is known who asks */
	OPENAPI_ARENA_BYTES = 16 * 1024 * 1024,
	END_POLL_US = 500,
};

/* ---- open and close ---- */

/* Made once: it follows from tables. */
static bool describe(struct http_application *application, struct text (*write)(const struct http_router *router, struct arena *arena),
                     struct text *kept)
{
	struct arena arena;
	if (!arena_init(&arena, OPENAPI_ARENA_BYTES))
		return false;
	struct text text = write(&application->router, &arena);
	char *copy = arena_exhausted(&arena) ? NULL : memory_alloc(text.length + 1);
	if (copy) {
		memcpy(copy, text.data, text.length);
		*kept = (struct text){ copy, text.length };
	}
	arena_finish(&arena);
	return copy != NULL;
}

struct text http_application_openapi(const struct http_application *application)
{
	return application->openapi;
}

struct text http_application_openapi_maxio(const struct http_application *application)
{
	return application->openapi_maxio;
}

struct http_application *http_application_new(struct engine *engine, size_t body_bytes_max)
{
	struct http_application *application = memory_alloc(sizeof *application);
	if (!application)
		return NULL;
	memset(application, 0, sizeof *application);
	application->engine = engine;
	application->body_bytes_max = body_bytes_max ? body_bytes_max : HTTP_BODY_BYTES_MAX;
	application->keys = api_key_cache_new(engine);
	application->cache = http_cache_new(engine_store(engine));
	application->intake = event_intake_new(engine);
	if (application->keys && application->cache && application->intake &&
	    http_router_init(&application->router, http_route_tables, engine) && describe(application, openapi_text, &application->openapi) &&
	    describe(application, maxio_describe, &application->openapi_maxio))
		return application;
	http_application_free(application);
	return NULL;
}

void http_application_free(struct http_application *application)
{
	if (!application)
		return;
	/* Whoever counts down touches nothing after it. */
	while (atomic_load(&application->running) > 0 || atomic_load(&application->apart) > 0)
		clock_sleep_us(END_POLL_US);
	http_readers_free(application->readers);
	api_key_cache_free(application->keys);
	http_limiter_free(application->limiter);
	http_cache_free(application->cache);
	event_intake_free(application->intake);
	http_router_finish(&application->router);
	memory_free((void *)(uintptr_t)application->openapi.data);
	memory_free((void *)(uintptr_t)application->openapi_maxio.data);
	memory_free(application);
}

void http_application_log_requests(struct http_application *application)
{
	application->log_requests = true;
}

void http_application_note_key_use(struct http_application *application)
{
	api_key_cache_note_use(application->keys);
}

/* ---- what is known before the body ---- */

static bool is_request_id(struct text text)
{
	for (size_t i = 0; i < text.length; i++) {
		char byte = text.data[i], letter = (char)(byte | 0x20);
		if (!(byte >= '0' && byte <= '9') && !(letter >= 'a' && letter <= 'z') &&
		    (!byte || !strchr("._-", byte)))
			return false;
	}
	return text.length >= 1 && text.length <= 64;
}

static struct text header_of(const struct http_exchange *exchange, const char *name)
{
	return http_header(exchange->request->headers, exchange->request->header_count, name, NULL);
}

static struct text request_id_of(struct http_exchange *exchange)
{
	struct text given = header_of(exchange, "X-Request-Id");
	return is_request_id(given) ? given : uuid_text(exchange->arena, uuid_time_ordered());
}

static const struct http_dialect *dialect_of(const struct http_target *target)
{
	static const struct http_dialect *const rooted[] = { &blu_dialect, &aps_dialect, &maxio_dialect };
	for (size_t d = 0; target->segment_count && d < sizeof rooted / sizeof *rooted; d++)
		for (size_t i = 0; rooted[d]->roots[i]; i++)
			if (text_is(target->segments[0], rooted[d]->roots[i]))
				return rooted[d];
	return maxio_is_ingestion(target) ? &maxio_dialect : &v1_dialect;
}

static struct http_exchange *exchange_of(struct http_application *application, struct http_request *request)
{
	if (request->exchange)
		return request->exchange;
	struct http_exchange *exchange = arena_new(request->arena, struct http_exchange);
	request->exchange = exchange;
	exchange->application = application;
	exchange->request = request;
	exchange->arena = request->arena;
	exchange->begun_us = clock_monotonic_us();
	exchange->dialect = &v1_dialect;
	problems_init(&exchange->problems, request->arena);
	exchange->request_id = request_id_of(exchange);
	return exchange;
}

/* The limit comes before anything that costs, but after the path has told the dialect of a refusal. */
static bool find_target(struct http_exchange *exchange)
{
	bool parsed = http_target_parse(exchange->request->target, exchange->arena, &exchange->problems,
	                                &exchange->target);
	exchange->dialect = dialect_of(&exchange->target);
	http_find_client(exchange);
	return http_limit_address(exchange) && parsed;
}

static bool find_route(struct http_exchange *exchange)
{
	struct text allowed, method = exchange->request->method;
	exchange->entry = http_router_find(&exchange->application->router, method, &exchange->target, exchange->arena,
	                                   &exchange->id, &allowed);
	if (exchange->entry)
		return true;
	if (allowed.length == 0)
		return problem_value(&exchange->problems, PROBLEM_NOT_FOUND, "", TEXT_NONE,
		                     "GET / lists what there is.",
		                     "there is nothing at %.*s", TEXT_ARG(text_slice(exchange->target.path, 0, 200)));
	http_reply_header(&exchange->reply, "Allow", allowed);
	return problem(&exchange->problems, PROBLEM_METHOD_NOT_ALLOWED, "", "%.*s is not allowed here, only %.*s",
	               TEXT_ARG(text_slice(method, 0, 20)), TEXT_ARG(allowed));
}

struct parameter_names {
	struct arena *arena;
	const char *words;
};

static const char *parameter_candidate(const void *context, size_t i)
{
	const struct parameter_names *names = context;
	struct text rest = text_of(names->words), one = TEXT_NONE;
	bool more = rest.length > 0;
	for (size_t n = 0; more && n <= i; n++) {
		more = text_split(rest, ' ', &one, &rest);
		if (n == i)
			return text_c(names->arena, one);
	}
	return NULL;
}

/* A parameter that is silently passed over would answer another question than the one asked. */
static bool check_parameters(struct http_exchange *exchange)
{
	const struct http_route *route = exchange->entry->route;
	struct parameter_names names = { exchange->arena, route->parameters ? route->parameters : "" };
	for (size_t i = 0; !exchange->dialect->lenient && i < exchange->target.parameter_count; i++) {
		struct text name = exchange->target.parameters[i].name;
		if (http_words_hold(names.words, name))
			continue;
		const char *remedy = names.words[0] ? text_format(exchange->arena, "Use: %s.", names.words).data
		                                    : "Leave the query out.";
		problem_value(&exchange->problems, PROBLEM_BAD_PARAMETER,
		              text_format(exchange->arena, "/%.*s", TEXT_ARG(text_slice(name, 0, 60))).data, TEXT_NONE,
		              remedy, "there is no parameter '%.*s'%s", TEXT_ARG(text_slice(name, 0, 60)),
		              text_did_you_mean(exchange->arena, name, parameter_candidate, &names));
	}
	return exchange->problems.count == 0;
}

static size_t body_limit(const struct http_exchange *exchange)
{
	return exchange->entry && exchange->entry->route->large_body ? BUNDLE_ARCHIVE_BYTES_MAX
	                                                             : exchange->application->body_bytes_max;
}

static bool check_size(struct http_exchange *exchange, size_t bytes)
{
	size_t limit = body_limit(exchange);
	return bytes <= limit || problem(&exchange->problems, PROBLEM_PAYLOAD_TOO_LARGE, "",
	                                 "the body has %zu bytes, at most %zu are read", bytes, limit);
}

static bool check_body(struct http_exchange *exchange)
{
	struct text encoding = header_of(exchange, "Content-Encoding"), length = header_of(exchange, "Content-Length");
	int64_t bytes = 0;
	if (text_present(encoding) && !text_is(encoding, "identity"))
		return problem_value(&exchange->problems, PROBLEM_UNSUPPORTED_MEDIA, "", encoding,
		                     "Send the body as it is.", "bodies are not read compressed");
	if (text_present(length) && (!text_to_int64(length, &bytes) || bytes < 0))
		return problem(&exchange->problems, PROBLEM_BAD_REQUEST, "",
		               "the Content-Length is not a number of bytes");
	return check_size(exchange, (size_t)bytes) &&
	       (!http_request_has_body(exchange->request) ||
	        exchange->dialect->accept(exchange, header_of(exchange, "Content-Type")));
}

static bool is_read(const struct http_exchange *exchange)
{
	return text_is(exchange->request->method, "GET") || text_is(exchange->request->method, "HEAD");
}

/* A header that decides what a write does is given once: of two, one would be lost without a word. */
static bool check_once(struct http_exchange *exchange, const char *name)
{
	size_t found = 0;
	http_header(exchange->request->headers, exchange->request->header_count, name, &found);
	return found <= 1 || problem(&exchange->problems, PROBLEM_BAD_REQUEST, "", "the header %s is given %zu times", name, found);
}

static bool check_kept(struct http_exchange *exchange, struct text key)
{
	return !text_present(key) || !exchange->entry->route->shown_once ||
	       problem_value(&exchange->problems, PROBLEM_BAD_IDEMPOTENCY_KEY, "", TEXT_NONE,
	                     "Leave the Idempotency-Key out; replace a key or secret whose answer was lost.",
	                     "what is shown once, a key or a secret, is not kept for repeats");
}

static bool check_write(struct http_exchange *exchange)
{
	if (!check_once(exchange, "Idempotency-Key") || !check_once(exchange, "Dry-Run"))
		return false;
	struct text key = header_of(exchange, "Idempotency-Key"), dry = header_of(exchange, "Dry-Run");
	bool good = !text_present(key) || (key.length >= 1 && key.length <= 255);
	for (size_t i = 0; good && i < key.length; i++)
		good = key.data[i] >= 0x20 && key.data[i] < 0x7f;
	if (!good)
		return problem(&exchange->problems, PROBLEM_BAD_IDEMPOTENCY_KEY, "",
		               "the Idempotency-Key is not valid");
	if (!check_kept(exchange, key))
		return false;
	exchange->write.dry_run = text_is(dry, "true");
	if (text_present(dry) && !text_is(dry, "true") && !text_is(dry, "false"))
		return problem_value(&exchange->problems, PROBLEM_BAD_REQUEST, "", dry,
		                     "Send Dry-Run: true, or leave it out.",
		                     "the header Dry-Run is neither true nor false");
	exchange->write.key = key;
	return true;
}

/* Whoever has a key may ask for what is large: an invoice of thousands of lines. */
static void allow_memory(struct http_exchange *exchange)
{
	if (exchange->arena->limit_bytes < KNOWN_ARENA_BYTES)
		exchange->arena->limit_bytes = KNOWN_ARENA_BYTES;
}

static bool admit(struct http_exchange *exchange)
{
	if (exchange->admitted)
		return !exchange->refused;
	exchange->admitted = true;
	long failures_before = memory_failures();
	bool good = find_target(exchange) && find_route(exchange) && http_access(exchange) &&
	            http_limit_identity(exchange) && check_body(exchange) &&
	            check_parameters(exchange) && http_conditions_check(exchange) &&
	            (is_read(exchange) || check_write(exchange));
	if (!good && memory_failures() != failures_before)
		problem_out_of_memory(&exchange->problems, "a request was looked at");
	exchange->refused = !good;
	if (good && exchange->entry->scope)
		allow_memory(exchange);
	return good;
}

/* ---- the end ---- */

/* The request used up its memory, or the machine's is used up. There is a little more to say so; without it the words
 * that the dialect has ready must do. */
static void reply_out_of_memory(struct http_exchange *exchange)
{
	exchange->reply = (struct http_reply){ 0 };
	arena_extend(exchange->arena, LAST_WORDS_BYTES);
	problem_out_of_memory(&exchange->problems, "the request was answered, or it needs more than it may have");
	http_reply_problems(exchange);
	if (!arena_exhausted(exchange->arena))
		return;
	exchange->reply.status = problem_info(PROBLEM_OUT_OF_MEMORY)->status;
	exchange->reply.content_type = text_of(exchange->dialect->out_of_memory_type);
	exchange->reply.body = text_of(exchange->dialect->out_of_memory);
}

static void make_reply(struct http_exchange *exchange)
{
	if (arena_exhausted(exchange->arena))
		reply_out_of_memory(exchange);
	if (exchange->reply.status == 200 && is_read(exchange))
		http_reply_tag(exchange);
	else if (text_present(exchange->write.tag))
		http_reply_header(&exchange->reply, "ETag", exchange->write.tag);
	if (exchange->reply.status == 0)
		http_reply_problems(exchange);
	http_reply_seal(exchange);
}

void http_finish(struct http_exchange *exchange)
{
	struct http_application *application = exchange->application;
	make_reply(exchange);
	http_note(exchange);
	exchange->done(exchange->context, exchange->request, &exchange->reply);
	atomic_fetch_sub(&application->running, 1);
}

/* ---- entries ---- */

bool http_admit(struct http_application *application, struct http_request *request, struct http_reply *reply,
                size_t *body_bytes_max)
{
	struct http_exchange *exchange = exchange_of(application, request);
	bool good = admit(exchange);
	*body_bytes_max = body_limit(exchange);
	if (!good) {
		make_reply(exchange);
		http_note(exchange);
		*reply = exchange->reply;
	}
	return good;
}

void http_refuse(struct http_application *application, struct http_request *request, struct http_reply *reply,
                 enum problem_code code, const char *message)
{
	struct http_exchange *exchange = exchange_of(application, request);
	exchange->reply = (struct http_reply){ 0 };
	problems_init(&exchange->problems, exchange->arena);
	problem(&exchange->problems, code, "", "%s", message);
	make_reply(exchange);
	http_note(exchange);
	*reply = exchange->reply;
}

void http_run(struct http_exchange *exchange, bool (*handle)(struct http_exchange *exchange))
{
	long failures_before = memory_failures();
	log_context_set(exchange->request_id, TEXT_NONE);
	if (handle(exchange)) {
		log_context_clear();
		return;
	}
	if (memory_failures() != failures_before)
		problem_out_of_memory(&exchange->problems, "a request was handled");
	exchange->reply.status = 0;
	http_finish(exchange);
	log_context_clear();
}

static bool admit_and_handle(struct http_exchange *exchange)
{
	return admit(exchange) && check_size(exchange, exchange->request->body.length) &&
	       exchange->entry->route->handle(exchange);
}

static void handle(struct http_exchange *exchange)
{
	atomic_fetch_add(&exchange->application->running, 1);
	http_run(exchange, admit_and_handle);
}

void http_handle(struct http_application *application, struct http_request *request, http_done *done, void *context)
{
	struct http_exchange *exchange = exchange_of(application, request);
	exchange->done = done;
	exchange->context = context;
	handle(exchange);
}

static void reply_copy(void *context, struct http_request *request, const struct http_reply *reply)
{
	(void)request;
	*(struct http_reply *)context = *reply;
}

void http_handle_wait(struct http_application *application, struct http_request *request, struct http_reply *reply)
{
	struct http_exchange *exchange = exchange_of(application, request);
	exchange->wait = true;
	exchange->done = reply_copy;
	exchange->context = reply;
	handle(exchange);
}
