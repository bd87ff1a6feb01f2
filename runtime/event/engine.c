/* engine.c: opens and closes an engine; its tables of commands and jobs; who is busy with what. */
#include "engine_state.h"

#include "base/log.h"

#include <string.h>

/* ---- tables ---- */

const struct command_type *engine_command_at(const struct engine *engine, size_t i)
{
	for (size_t table = 0; engine->options.commands && engine->options.commands[table]; table++)
		for (const struct command_type *type = engine->options.commands[table]; type->name; type++)
			if (i-- == 0)
				return type;
	return NULL;
}

const char *engine_command_candidate(const void *engine, size_t i)
{
	const struct command_type *type = engine_command_at(engine, i);
	return type ? type->name : NULL;
}

const struct command_type *engine_command(const struct engine *engine, struct text name)
{
	for (size_t table = 0; engine->options.commands && engine->options.commands[table]; table++)
		for (const struct command_type *type = engine->options.commands[table]; type->name; type++)
			if (text_is(name, type->name))
				return type;
	return NULL;
}

/* The engine's own kinds come first, then the caller's tables. */
static const struct job_kind *job_kind_at(const struct engine *engine, size_t i)
{
	for (const struct job_kind *kind = engine_job_kinds; kind->name; kind++)
		if (i-- == 0)
			return kind;
	for (size_t table = 0; engine->options.jobs && engine->options.jobs[table]; table++)
		for (const struct job_kind *kind = engine->options.jobs[table]; kind->name; kind++)
			if (i-- == 0)
				return kind;
	return NULL;
}

const char *engine_audit_name_at(const struct engine *engine, size_t i)
{
	static const char *const own[] = { "clock.advance", "delivery.settle", "gateway.inquire", "job", "tenant.branch", "tenant.export",
	                                   "tenant.import" };
	enum { OWN = sizeof own / sizeof *own };
	if (i < OWN)
		return own[i];
	i -= OWN;
	for (size_t n = 0; engine_command_at(engine, n); n++)
		if (i-- == 0)
			return engine_command_at(engine, n)->name;
	const struct job_kind *kind = job_kind_at(engine, i);
	return kind ? kind->name : NULL;
}

const struct job_kind *engine_job_kind(const struct engine *engine, struct text name)
{
	const struct job_kind *kind;
	for (size_t i = 0; (kind = job_kind_at(engine, i)); i++)
		if (text_is(name, kind->name))
			return kind;
	return NULL;
}

const struct command_type *engine_job_type(const struct engine *engine, const struct job_kind *kind)
{
	for (const struct command_type *type = engine->job_types; type->name; type++)
		if (strcmp(type->name, kind->name) == 0)
			return type;
	BUG("kind of job %s is in no table", kind->name);
}

static bool job_types_make(struct engine *engine)
{
	size_t count = 0;
	const struct job_kind *kind;
	while (job_kind_at(engine, count))
		count++;
	engine->job_types = memory_alloc((count + 1) * sizeof *engine->job_types);
	if (!engine->job_types)
		return false;
	memset(engine->job_types, 0, (count + 1) * sizeof *engine->job_types);
	for (size_t i = 0; (kind = job_kind_at(engine, i)); i++)
		engine->job_types[i] = (struct command_type){ .name = kind->name, .scope = "admin", .doc = kind->doc };
	return true;
}

static void tables_check(const struct engine *engine)
{
	const struct command_type *type;
	for (size_t i = 0; (type = engine_command_at(engine, i)); i++)
		if (engine_command(engine, text_of(type->name)) != type)
			BUG("command %s is there twice", type->name);
	const struct job_kind *kind;
	for (size_t i = 0; (kind = job_kind_at(engine, i)); i++)
		if (engine_job_kind(engine, text_of(kind->name)) != kind)
			BUG("kind of job %s is there twice", kind->name);
}

/* ---- parts ---- */

struct store *engine_store(struct engine *engine)
{
	return engine->store;
}

uint64_t engine_access_version(struct engine *engine)
{
	return atomic_load(&engine->access_version);
}

struct gateway_test *engine_gateway_test(struct engine *engine)
{
	return engine->gateway_test;
}

const struct gateway *engine_gateway(struct engine *engine, struct text name)
{
	const struct gateway *test = gateway_test_gateway(engine->gateway_test);
	return text_is(name, test->name) ? test : NULL;
}

struct rule_bundle *engine_bundle(struct engine *engine, struct store_transaction *transaction, int64_t tenant_id,
                                  struct text digest)
{
	if (store_tenant(transaction) != tenant_id)
		BUG("a bundle of tenant %lld is read in a transaction of tenant %lld", (long long)tenant_id,
		    (long long)store_tenant(transaction));
	return bundle_cache_take(engine->bundles, transaction, digest, store_problems(transaction), NULL);
}

void engine_wake(struct engine *engine)
{
	if (engine->scheduler)
		scheduler_rescan(engine->scheduler);
	if (engine->courier)
		courier_rescan(engine->courier);
}

/* ---- who is busy ---- */

bool flight_begin(struct engine *engine, struct flight *flight)
{
	bool free = true;
	pthread_mutex_lock(&engine->lock);
	for (const struct flight *other = engine->flights; other; other = other->next)
		free = free && !(other->tenant_id == flight->tenant_id && other->delivery_id == flight->delivery_id);
	if (free) {
		flight->next = engine->flights;
		engine->flights = flight;
	}
	pthread_mutex_unlock(&engine->lock);
	return free;
}

void flight_end(struct engine *engine, struct flight *flight)
{
	pthread_mutex_lock(&engine->lock);
	struct flight **link = &engine->flights;
	while (*link && *link != flight)
		link = &(*link)->next;
	if (*link)
		*link = flight->next;
	pthread_cond_broadcast(&engine->changed);
	pthread_mutex_unlock(&engine->lock);
}

bool clock_move_begin(struct engine *engine, struct clock_move *move)
{
	bool free = true;
	pthread_mutex_lock(&engine->lock);
	for (const struct clock_move *other = engine->moves; other; other = other->next)
		free = free && other->tenant_id != move->tenant_id;
	if (free) {
		move->next = engine->moves;
		engine->moves = move;
	}
	pthread_mutex_unlock(&engine->lock);
	return free;
}

void clock_move_end(struct engine *engine, struct clock_move *move)
{
	pthread_mutex_lock(&engine->lock);
	struct clock_move **link = &engine->moves;
	while (*link != move)
		link = &(*link)->next;
	*link = move->next;
	pthread_mutex_unlock(&engine->lock);
}

bool clock_is_moving(struct engine *engine, int64_t tenant_id)
{
	bool moving = false;
	pthread_mutex_lock(&engine->lock);
	for (const struct clock_move *move = engine->moves; move; move = move->next)
		moving = moving || move->tenant_id == tenant_id;
	pthread_mutex_unlock(&engine->lock);
	return moving;
}

void engine_clocks_stop(struct engine *engine)
{
	atomic_store(&engine->clocks_stopped, true);
	if (engine->courier)
		holds_give_up(engine->courier);
}

const atomic_bool *engine_clocks_stopped(const struct engine *engine)
{
	return &engine->clocks_stopped;
}

bool clock_goes_on(struct engine *engine, struct problems *problems)
{
	return !atomic_load(&engine->clocks_stopped) ||
	       problem_value(problems, PROBLEM_BUSY, "", TEXT_NONE, "Move the clock again once the server is back.",
	                     "the server stops, and the clock stays where it has come to");
}

/* ---- open and close ---- */

/* In an order that engine_free can undo from any point. */
static bool engine_begin(struct engine *engine, struct text store_url, struct problems *problems)
{
	const struct engine_options *options = &engine->options;
	int workers = options->workers > 0 ? options->workers : ENGINE_WORKERS_DEFAULT;
	if (workers > ENGINE_WORKERS_MAX)
		workers = ENGINE_WORKERS_MAX;
	engine->bundles = bundle_cache_new(options->bundle_bytes_kept ? options->bundle_bytes_kept : BUNDLE_BYTES_KEPT);
	engine->gateway_test = gateway_test_new();
	if (!rule_bundle_shipped() || !engine->bundles || !engine->gateway_test || !job_types_make(engine))
		return problem(problems, PROBLEM_OUT_OF_MEMORY, "", "memory ran out while the engine was opened");
	tables_check(engine);
	const struct store_options store_options = { .lock = options->lock, .batch_us = options->batch_us,
		                                     .image = options->image };
	engine->store = store_open(store_url, &store_options, problems);
	if (!engine->store)
		return false;
	engine->workers = worker_pool_new(options->threads ? workers : 0);
	if (!engine->workers)
		return problem(problems, PROBLEM_OUT_OF_MEMORY, "", "the engine's workers cannot be started");
	/* Without the lock another process may be waiting for these answers. */
	if (options->lock && !gateway_recover(engine, problems))
		return false;
	if (options->threads && !(engine->courier = courier_start(engine)))
		return problem(problems, PROBLEM_OUT_OF_MEMORY, "", "the thread that sends messages cannot be started");
	if (options->threads && !(engine->scheduler = scheduler_start(engine)))
		return problem(problems, PROBLEM_OUT_OF_MEMORY, "", "the engine's scheduler cannot be started");
	return true;
}

static void engine_wait_idle(struct engine *engine)
{
	pthread_mutex_lock(&engine->lock);
	while (engine->running > 0)
		pthread_cond_wait(&engine->changed, &engine->lock);
	pthread_mutex_unlock(&engine->lock);
}

void engine_close(struct engine *engine)
{
	if (!engine)
		return;
	if (engine->scheduler)
		scheduler_stop(engine->scheduler);
	if (engine->courier)
		courier_stop(engine->courier);
	if (engine->gateway_test)
		gateway_test_release(engine->gateway_test);
	if (engine->workers) {
		while (!worker_pool_has_threads(engine->workers) && worker_pool_run(engine->workers))
			;
		engine_wait_idle(engine);
		worker_pool_free(engine->workers);
	}
	if (engine->store)
		store_close(engine->store);
	scheduler_free(engine->scheduler);
	courier_free(engine->courier);
	bundle_cache_free(engine->bundles);
	gateway_test_free(engine->gateway_test);
	pthread_cond_destroy(&engine->changed);
	pthread_mutex_destroy(&engine->lock);
	memory_free(engine->job_types);
	memory_free(engine);
}

struct engine *engine_open(struct text store_url, const struct engine_options *options, struct problems *problems)
{
	struct engine *engine = memory_alloc(sizeof *engine);
	if (!engine) {
		problem(problems, PROBLEM_OUT_OF_MEMORY, "", "memory ran out while the engine was opened");
		return NULL;
	}
	memset(engine, 0, sizeof *engine);
	engine->options = *options;
	pthread_mutex_init(&engine->lock, NULL);
	pthread_cond_init(&engine->changed, NULL);
	if (!engine_begin(engine, store_url, problems)) {
		engine_close(engine);
		return NULL;
	}
	return engine;
}
