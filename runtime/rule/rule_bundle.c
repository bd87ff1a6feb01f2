/* rule_bundle.c: from files to a bundle: names, sizes, sources, bytecode, declarations; look-ups in it. */
#include "rule_bundle.h"

#include "base/log.h"
#include "policies.gen.h"
#include "rule_declare.h"
#include "rule_memory.h"
#include "rule_proof.h"
#include "rule_scan.h"
#include "rule_state.h"

#include <pthread.h>

enum {
	BUNDLE_FILES_MAX = 1000,
	BUNDLE_ARENA_BYTES = 32 * 1024 * 1024,
	COMPILE_MEMORY_BYTES = 16 * 1024 * 1024, /* a compiler and the bytecode of one file */
	NAME_DEPTH_MAX = 3,
	NAME_BYTES_MAX = 60, /* what lua_Debug.short_src holds */
};

/* One load under way. */
struct load {
	struct rule_bundle *bundle;
	struct problems *problems;
};

__attribute__((format(printf, 3, 4))) static void load_problem(struct load *load, const char *place,
                                                               const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	struct text message = text_vformat(load->problems->arena, format, arguments);
	va_end(arguments);
	problem(load->problems, PROBLEM_RULE_LOAD, "", "%.*s", TEXT_ARG(message));
	struct problem *last = problem_last(load->problems);
	if (last)
		last->cause = text_format(load->problems->arena, "%s: %.*s", place, TEXT_ARG(message)).data;
}

/* ------------------------------------------------------------------------------------------------ names and sizes */

static bool segment_valid(struct text segment)
{
	if (segment.length == 0 || segment.data[0] == '.')
		return false;
	for (size_t i = 0; i < segment.length; i++) {
		char byte = segment.data[i];
		if (!((byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '_' || byte == '.' || byte == '-'))
			return false;
	}
	return true;
}

static bool file_name_valid(struct text name)
{
	if (name.length < 5 || name.length >= NAME_BYTES_MAX ||
	    !text_is(text_slice(name, name.length - 4, name.length), ".lua"))
		return false;
	struct text segment, rest = name;
	int depth = 0;
	bool more = true;
	while (more) {
		more = text_split(rest, '/', &segment, &rest);
		if (!segment_valid(segment) || ++depth > NAME_DEPTH_MAX)
			return false;
	}
	return true;
}

static bool file_check(struct load *load, const struct rule_file *file, size_t *total_bytes)
{
	const char *name = text_c(load->problems->arena, file->name);
	*total_bytes += file->source.length;
	if (!file_name_valid(file->name))
		load_problem(load, name,
		             "a file is named by at most %d segments of a-z 0-9 _ . - and ends with .lua, in less than %d bytes",
		             NAME_DEPTH_MAX, NAME_BYTES_MAX);
	else if (bundle_file_find(load->bundle, file->name))
		load_problem(load, name, "the file is there twice");
	else if (file->source.length > RULE_FILE_BYTES_MAX && !load->bundle->counts)
		load_problem(load, name, "the file has %zu bytes; %d are allowed", file->source.length, RULE_FILE_BYTES_MAX);
	else
		return true;
	return false;
}

/* ------------------------------------------------------------------------------------------------ compiling */

struct compile {
	struct text source;
	const char *chunk_name; /* "=rules/gold.lua" */
	struct arena *arena;
	struct text_builder bytecode;
};

static int bytecode_write(lua_State *lua, const void *data, size_t size, void *context)
{
	(void)lua;
	struct compile *compile = context;
	builder_add(&compile->bytecode, (struct text){ data, size });
	return compile->bytecode.failed;
}

static int compile_protected(lua_State *lua)
{
	struct compile *compile = lua_touserdata(lua, 1);
	if (luaL_loadbufferx(lua, compile->source.data, compile->source.length, compile->chunk_name, "t") != LUA_OK)
		return lua_error(lua);
	builder_init(&compile->bytecode, compile->arena, 0);
	if (lua_dump(lua, bytecode_write, compile, false) != 0)
		return rule_error(lua, "%s: the bytecode does not fit", compile->chunk_name + 1);
	return 0;
}

static bool refused(struct load *load, const char *name, struct text source, unsigned char *lines)
{
	struct scan_refusal refusal;
	if (rule_scan(source, lines, &refusal))
		return false;
	struct arena *arena = load->problems->arena;
	load_problem(load, text_format(arena, "%s:%d", name, refusal.line).data, "%s%.*s%s%s", refusal.token.length ? "'" : "",
	             TEXT_ARG(refusal.token), refusal.token.length ? "': " : "", refusal.reason);
	return true;
}

/* "rules/gold.lua:3: unexpected symbol near 'x'" taken apart. */
static void compile_problem(struct load *load, const char *name, const char *failure)
{
	struct text place = text_of(name), message = text_of(failure), rest, line;
	if (text_starts(message, name) && text_split(text_slice(message, place.length + 1, message.length), ':', &line, &rest))
		load_problem(load, text_format(load->problems->arena, "%s:%.*s", name, TEXT_ARG(line)).data, "%.*s",
		             TEXT_ARG(text_trim(rest)));
	else
		load_problem(load, name, "%s", failure);
}

static void file_compile(struct load *load, struct bundle_file *file, struct text source)
{
	if (text_starts(source, "\xef\xbb\xbf")) {
		load_problem(load, text_format(load->problems->arena, "%s:1", file->name).data,
		             "the file begins with a byte order mark; save it as UTF-8 without one");
		return;
	}
	struct arena *arena = &load->bundle->arena;
	unsigned char *lines = arena_alloc(arena, rule_scan_lines(source));
	if (refused(load, file->name, source, lines))
		return;
	if (!memchr(source.data, '\r', source.length)) /* which the scan and the compiler may count differently */
		file->lines = lines;
	struct rule_state state = { .bundle = load->bundle, .results = arena, .problems = load->problems };
	if (!rule_state_begin(&state, COMPILE_MEMORY_BYTES, RULE_LOAD_FUEL)) {
		problem(load->problems, PROBLEM_OUT_OF_MEMORY, "", "%s could not be compiled", file->name);
		return;
	}
	struct compile compile = { source, text_format(arena, "=%s", file->name).data, arena, { 0 } };
	if (rule_protected(&state, compile_protected, &compile))
		file->bytecode = builder_text(&compile.bytecode);
	else
		compile_problem(load, file->name, rule_failure_text(&state));
	rule_state_end(&state);
}

/* ------------------------------------------------------------------------------------------------ loading */

static void files_take(struct load *load, const struct rule_file *files, size_t count)
{
	struct rule_bundle *bundle = load->bundle;
	size_t total_bytes = 0;
	if (count > BUNDLE_FILES_MAX) {
		load_problem(load, "bundle", "there are %zu files; %d are allowed", count, BUNDLE_FILES_MAX);
		return;
	}
	bundle->files = arena_new_many(&bundle->arena, struct bundle_file, count ? count : 1);
	for (size_t i = 0; i < count && total_bytes <= RULE_BUNDLE_BYTES_MAX; i++) {
		if (!file_check(load, &files[i], &total_bytes))
			continue;
		total_bytes = bundle->counts ? 0 : total_bytes;
		struct bundle_file *file = &bundle->files[bundle->file_count++];
		file->name = text_c(&bundle->arena, files[i].name);
		if (total_bytes <= RULE_BUNDLE_BYTES_MAX)
			file_compile(load, file, files[i].source);
	}
	if (total_bytes > RULE_BUNDLE_BYTES_MAX)
		load_problem(load, "bundle", "the files have more than %d bytes together", RULE_BUNDLE_BYTES_MAX);
}

static const char *file_candidate(const void *context, size_t i)
{
	const struct rule_bundle *bundle = context;
	return i < bundle->file_count ? bundle->files[i].name : NULL;
}

static void entries_run(struct load *load, const struct text *entries, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct bundle_file *file = bundle_file_find(load->bundle, entries[i]);
		bool twice = false;
		for (size_t earlier = 0; earlier < i; earlier++)
			twice = twice || text_equals(entries[earlier], entries[i]);
		if (!file)
			load_problem(load, "bundle", "the rule file '%.*s' is not in the bundle%s", TEXT_ARG(entries[i]),
			             text_did_you_mean(load->problems->arena, entries[i], file_candidate, load->bundle));
		else if (twice)
			load_problem(load, "bundle", "the rule file '%s' is listed twice", file->name);
		else if (text_present(file->bytecode))
			rule_declarations_read(load->bundle, file, load->problems);
	}
}

/* Behind the others of its policy. */
static void policy_index(struct rule_bundle *bundle, struct bundle_rule *entry)
{
	if (entry->rule.moment != RULE_POLICY)
		return;
	struct bundle_rule **place = &bundle->policies[entry->rule.policy];
	while (*place)
		place = &(*place)->next_of_policy;
	*place = entry;
}

static void rules_index(struct rule_bundle *bundle)
{
	bundle->rules = arena_new_many(&bundle->arena, const struct bundle_rule *, bundle->rule_count + 1);
	size_t index = 0;
	for (struct bundle_rule *entry = bundle->first; entry; entry = entry->next) {
		struct text file = text_of(entry->rule.file);
		entry->name = text_of(entry->rule.name);
		entry->stem = text_slice(file, 0, file.length - strlen(".lua"));
		entry->rule.index = index;
		bundle->rules[index++] = entry;
		policy_index(bundle, entry);
		const enum event *events = entry->rule.events;
		for (size_t i = 0; events && events[i] != EVENT_NONE; i++)
			bundle->listens[entry->rule.moment][events[i] / 64] |= UINT64_C(1) << (events[i] % 64);
	}
}

static struct rule_bundle *bundle_new(struct digest digest, struct problems *problems)
{
	struct rule_bundle *bundle = memory_alloc(sizeof *bundle);
	if (bundle)
		memset(bundle, 0, sizeof *bundle);
	if (!bundle || !arena_init(&bundle->arena, BUNDLE_ARENA_BYTES)) {
		memory_free(bundle);
		problem(problems, PROBLEM_OUT_OF_MEMORY, "", "the bundle could not be loaded");
		return NULL;
	}
	static atomic_uint_fast64_t serials; /* of the process: images of all threads go by it */
	bundle->serial = atomic_fetch_add_explicit(&serials, 1, memory_order_relaxed) + 1;
	atomic_init(&bundle->references, 1);
	bundle->digest = digest;
	bundle->load_fuel = RULE_LOAD_FUEL;
	bundle->name = text_hex(&bundle->arena, digest.bytes, 6).data;
	return bundle;
}

/* Takes the bundle. */
static struct rule_bundle *bundle_fill(struct rule_bundle *bundle, const struct rule_file *files, size_t file_count,
                                       const struct text *entries, size_t entry_count, struct problems *problems)
{
	size_t problems_before = problems->count;
	long failures_before = memory_failures();
	struct load load = { bundle, problems };
	files_take(&load, files, file_count);
	entries_run(&load, entries, entry_count);
	rules_index(bundle);
	if (arena_exhausted(&bundle->arena) || memory_failures() != failures_before)
		problem_out_of_memory(problems, "a bundle was loaded");
	if (problems->count > problems_before) {
		rule_bundle_release(bundle);
		return NULL;
	}
	arena_settle(&bundle->arena);
	return bundle;
}

struct rule_bundle *bundle_load(const struct rule_file *files, size_t file_count, const struct text *entries,
                                size_t entry_count, struct digest digest, struct problems *problems)
{
	struct rule_bundle *bundle = bundle_new(digest, problems);
	return bundle ? bundle_fill(bundle, files, file_count, entries, entry_count, problems) : NULL;
}

struct rule_bundle *bundle_load_counted(const struct rule_file *files, size_t file_count, const struct text *entries,
                                        size_t entry_count, uint32_t *counts, size_t count_count, struct problems *problems)
{
	struct rule_bundle *bundle = bundle_new(digest_sha256(TEXT("counted")), problems);
	if (!bundle)
		return NULL;
	bundle->counts = counts;
	bundle->count_count = count_count;
	return bundle_fill(bundle, files, file_count, entries, entry_count, problems);
}

/* Once for the process, before the first bundle of others. */
static void images_prove(void)
{
	if (rule_images_proved())
		return;
	rule_images_use(false);
	log_write(LOG_WARNING, "rule.images",
	          "calls from images could not be shown to be like calls in new states; every call makes its own: slower, not wrong");
}

struct rule_bundle *rule_bundle_load(const struct rule_file *files, size_t file_count, const struct text *entries,
                                     size_t entry_count, struct digest digest, struct problems *problems)
{
	static pthread_once_t proved = PTHREAD_ONCE_INIT;
	pthread_once(&proved, images_prove);
	return bundle_load(files, file_count, entries, entry_count, digest, problems);
}

void rule_bundle_retain(struct rule_bundle *bundle)
{
	atomic_fetch_add_explicit(&bundle->references, 1, memory_order_relaxed);
}

void rule_bundle_release(struct rule_bundle *bundle)
{
	if (!bundle || atomic_fetch_sub_explicit(&bundle->references, 1, memory_order_acq_rel) != 1)
		return;
	arena_finish(&bundle->arena);
	memory_free(bundle);
}

/* ------------------------------------------------------------------------------------------------ look-ups */

struct digest rule_bundle_digest(const struct rule_bundle *bundle)
{
	return bundle->digest;
}

const char *rule_bundle_name(const struct rule_bundle *bundle)
{
	return bundle->name;
}

size_t rule_bundle_bytes(const struct rule_bundle *bundle)
{
	return sizeof *bundle + arena_held_bytes(&bundle->arena);
}

size_t rule_bundle_count(const struct rule_bundle *bundle)
{
	return bundle->rule_count;
}

const struct rule *rule_bundle_at(const struct rule_bundle *bundle, size_t i)
{
	return i < bundle->rule_count ? &bundle->rules[i]->rule : NULL;
}

const struct rule *rule_bundle_find(const struct rule_bundle *bundle, struct text name)
{
	for (const struct bundle_rule *entry = bundle->first; entry; entry = entry->next)
		if (text_is(name, entry->rule.name))
			return &entry->rule;
	return NULL;
}

const struct bundle_file *bundle_file_find(const struct rule_bundle *bundle, struct text name)
{
	for (size_t i = 0; i < bundle->file_count; i++)
		if (text_is(name, bundle->files[i].name))
			return &bundle->files[i];
	return NULL;
}

const struct bundle_rule *bundle_rule_of(const struct rule *rule)
{
	return (const struct bundle_rule *)(const void *)((const char *)rule - offsetof(struct bundle_rule, rule));
}

bool rule_bundle_listens(const struct rule_bundle *bundle, enum rule_moment moment, enum event event)
{
	return bundle->listens[moment][event / 64] >> (event % 64) & 1;
}

const char *rule_moment_name(enum rule_moment moment)
{
	static const char *const names[] = { "", "pre", "post", "policy", "task" };
	return names[moment];
}

/* ------------------------------------------------------------------------------------------------ shipped policies */

/* Made once for the process and never released: immutable, shared by all threads. The lock is for making it. */
static _Atomic(struct rule_bundle *) shipped_bundle;
static pthread_mutex_t shipped_lock = PTHREAD_MUTEX_INITIALIZER;

static struct rule_bundle *shipped_load(struct arena *arena)
{
	struct problems problems;
	problems_init(&problems, arena);
	struct rule_file *files = arena_new_many(arena, struct rule_file, shipped_policy_count + 1);
	struct text *entries = arena_new_many(arena, struct text, shipped_policy_count + 1);
	struct text_builder all;
	builder_init(&all, arena, 0);
	for (size_t i = 0; i < shipped_policy_count; i++) {
		entries[i] = text_of(shipped_policies[i].path);
		files[i] = (struct rule_file){ entries[i], { shipped_policies[i].source, shipped_policies[i].length } };
		builder_add(&all, files[i].source);
	}
	if (arena_exhausted(arena))
		return NULL;
	struct rule_bundle *loaded = rule_bundle_load(files, shipped_policy_count, entries, shipped_policy_count,
	                                              digest_sha256(builder_text(&all)), &problems);
	if (!loaded && problems.first && problems.first->code != PROBLEM_OUT_OF_MEMORY)
		BUG("shipped policy: %s", problems.first->cause);
	return loaded;
}

/* Apart, so that whoever finds it made pays for none of this. */
__attribute__((noinline)) static struct rule_bundle *shipped_make(void)
{
	struct arena arena;
	pthread_mutex_lock(&shipped_lock);
	struct rule_bundle *shipped = atomic_load_explicit(&shipped_bundle, memory_order_relaxed);
	if (!shipped && arena_init(&arena, BUNDLE_ARENA_BYTES)) {
		shipped = shipped_load(&arena);
		atomic_store_explicit(&shipped_bundle, shipped, memory_order_release);
		arena_finish(&arena);
	}
	pthread_mutex_unlock(&shipped_lock);
	return shipped;
}

struct rule_bundle *rule_bundle_shipped(void)
{
	struct rule_bundle *shipped = atomic_load_explicit(&shipped_bundle, memory_order_acquire);
	return shipped ? shipped : shipped_make();
}

static const struct rule *shipped_policy(struct text choice, enum policy policy)
{
	const struct rule_bundle *shipped = rule_bundle_shipped();
	const struct bundle_rule *entry = shipped ? shipped->policies[policy] : NULL;
	while (entry && !text_equals(entry->stem, choice))
		entry = entry->next_of_policy;
	return entry ? &entry->rule : NULL;
}

const struct rule *rule_policy_by_choice(const struct rule_bundle *bundle, enum policy policy, struct text choice,
                                         const struct rule_bundle **owner)
{
	const struct bundle_rule *entry = bundle ? bundle->policies[policy] : NULL;
	while (entry && !text_equals(entry->name, choice))
		entry = entry->next_of_policy;
	*owner = bundle;
	if (entry)
		return &entry->rule;
	*owner = rule_bundle_shipped();
	return shipped_policy(choice, policy);
}
