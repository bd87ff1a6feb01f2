/* console_rules.c: the rules in force, and who decides a policy. */
#include "console_state.h"

#include "billing/bundle.h"
#include "billing/catalog_plan.h"
#include "value/catalogue.h"

#include <string.h>

/* ------------------------------------------------------------------------------------------------ the bundle in force */

struct bundle_read {
	struct console *console;
	struct text argument;
	struct rule_bundle *rules; /* NULL: none is deployed */
	const struct policy_choice *choices; /* of the plan */
	size_t choice_count;
	bool plan_known;
	const struct policy_info *policy;
	struct text setting;
};

static bool rules_body(struct command *command, void *context)
{
	struct bundle_read *read = context;
	struct text digest = command->tenant->bundle;
	read->rules = text_present(digest) ? engine_bundle(command->engine, command->store, command->tenant->id, digest) : NULL;
	return !text_present(digest) || read->rules;
}

/* ------------------------------------------------------------------------------------------------ \rules */

static struct text events_of(struct arena *arena, const struct rule *rule)
{
	struct text_builder out;
	builder_init(&out, arena, 0);
	if (rule->moment == RULE_POLICY)
		return text_of(policy_info(rule->policy)->name);
	for (size_t i = 0; rule->events && rule->events[i] != EVENT_NONE; i++)
		builder_format(&out, "%s%s", i ? " " : "", event_info(rule->events[i])->name);
	return builder_text(&out);
}

static struct text when_of(struct arena *arena, const struct rule *rule)
{
	struct text_builder out;
	builder_init(&out, arena, 0);
	for (size_t i = 0; i < rule->when_count; i++)
		builder_format(&out, "%s%s = \"%.*s\"", i ? ", " : "", rule->when[i].name, TEXT_ARG(rule->when[i].equals));
	return builder_text(&out);
}

/* Of an event, a policy, a moment, or by a part of the name. */
static bool is_asked(struct arena *arena, const struct rule *rule, struct text argument)
{
	enum event_side_kind side;
	enum event event = event_find(argument, &side);
	for (size_t i = 0; event != EVENT_NONE && rule->events && rule->events[i] != EVENT_NONE; i++)
		if (rule->events[i] == event)
			return true;
	struct text name = text_of(rule->name), events = events_of(arena, rule);
	return argument.length == 0 || text_is(argument, rule_moment_name(rule->moment)) || text_equals(argument, events) ||
	       memmem(name.data, name.length, argument.data, argument.length);
}

static void rules_tell(struct console *console, const struct rule_bundle *rules, struct text argument)
{
	static const char *const heads[] = { "rule", "moment", "of", "when", "place", "" };
	struct arena *arena = &console->arena;
	size_t count = rule_bundle_count(rules), shown = 0;
	struct text *cells = arena_new_many(arena, struct text, 6 * count + 1), *cell = cells;
	for (size_t i = 0; i < count; i++) {
		const struct rule *rule = rule_bundle_at(rules, i);
		if (!is_asked(arena, rule, argument))
			continue;
		*cell++ = text_of(rule->name);
		*cell++ = text_of(rule_moment_name(rule->moment));
		*cell++ = events_of(arena, rule);
		*cell++ = when_of(arena, rule);
		*cell++ = text_format(arena, "%s:%d", rule->file, rule->line);
		*cell++ = print_safe(arena, text_of(rule->doc ? rule->doc : ""), PRINT_TEXT_MAX);
		shown++;
	}
	struct printer printer = console_printer(console);
	if (shown)
		print_table(&printer, heads, cells, 6, shown);
	else
		fprintf(console->out, "no rule of bundle %s is of that: \\rules alone lists all %zu\n", rule_bundle_name(rules), count);
}

void console_rules(struct console *console, struct text argument)
{
	struct bundle_read read = { .console = console };
	if (!sandbox_read(&console->sandbox, rules_body, &read)) {
		console_problems(console, &console->sandbox.problems);
		return;
	}
	if (!read.rules) {
		fputs("no bundle is in force: \\reload DIR puts one there\n", console->out);
		return;
	}
	rules_tell(console, read.rules, argument);
	rule_bundle_release(read.rules);
}

/* ------------------------------------------------------------------------------------------------ \chain */

struct link {
	const char *by;
	struct text rule, place, what;
};

struct chain {
	struct console *console;
	const struct policy_info *policy;
	const struct rule_bundle *rules;
	struct text *cells, *cell;
	size_t count;
	bool decided; /* somebody answers for certain */
};

static void link_add(struct chain *chain, const char *by, struct text rule, struct text place, const char *what)
{
	*chain->cell++ = text_from_int64(&chain->console->arena, (int64_t)++chain->count);
	*chain->cell++ = text_of(by);
	*chain->cell++ = rule;
	*chain->cell++ = place;
	*chain->cell++ = text_of(what);
}

static const char *word_of_link(const struct chain *chain, bool is_first)
{
	return is_first ? "is asked first" : chain->decided ? "asked when those before answer nil" : "asked when nobody before answers";
}

static void choice_add(struct chain *chain, const char *by, struct text choice)
{
	const struct rule_bundle *owner = NULL;
	enum policy policy = policy_find(text_of(chain->policy->name));
	if (!text_present(choice)) {
		link_add(chain, by, TEXT("-"), TEXT(""), "passed over: names none");
		return;
	}
	const struct rule *rule = rule_policy_by_choice(chain->rules, policy, choice, &owner);
	if (!rule) {
		link_add(chain, by, choice, TEXT(""), "is no policy of this kind: whoever asks fails");
		return;
	}
	link_add(chain, by, choice, text_format(&chain->console->arena, "%s:%d", rule->file, rule->line),
	         word_of_link(chain, !chain->decided));
	chain->decided = true;
}

/* What a filter on the plan says of this plan; NULL: nothing against it. */
static const char *passed_over(struct arena *arena, const struct rule *rule, struct text plan)
{
	for (size_t i = 0; i < rule->when_count; i++)
		if (text_present(plan) && strcmp(rule->when[i].name, "plan") == 0 && !text_equals(rule->when[i].equals, plan))
			return text_format(arena, "passed over: when plan = \"%.*s\"", TEXT_ARG(rule->when[i].equals)).data;
	return NULL;
}

static void rules_add(struct chain *chain, struct text plan)
{
	struct arena *arena = &chain->console->arena;
	enum policy policy = policy_find(text_of(chain->policy->name));
	for (size_t i = 0; chain->rules && i < rule_bundle_count(chain->rules); i++) {
		const struct rule *rule = rule_bundle_at(chain->rules, i);
		if (rule->moment != RULE_POLICY || rule->policy != policy)
			continue;
		const char *over = passed_over(arena, rule, plan);
		const char *when = rule->when_count ? text_format(arena, "%s, when %.*s", word_of_link(chain, !chain->decided),
		                                                  TEXT_ARG(when_of(arena, rule))).data
		                                    : word_of_link(chain, !chain->decided);
		link_add(chain, "bundle", text_of(rule->name), text_format(arena, "%s:%d", rule->file, rule->line), over ? over : when);
		chain->decided = chain->decided || (!over && rule->when_count == 0);
	}
}

/* Of orders, or of the catalog in force. */
static bool plan_read(struct command *command, struct bundle_read *read)
{
	struct plan *plan = NULL;
	struct catalog_plan *of_catalog = NULL;
	if (!store_one(command->store, STATEMENT_PLAN_BY_CODE, BINDS(bind_text(read->argument)), &plan_record, (void **)&plan) ||
	    (!plan && !catalog_plan_by_code(command, read->argument, command->now, &of_catalog)))
		return false;
	read->choices = plan ? plan->policies.items : of_catalog ? of_catalog->policies.items : NULL;
	read->choice_count = plan ? plan->policies.count : of_catalog ? of_catalog->policies.count : 0;
	read->plan_known = plan || of_catalog;
	return true;
}

static bool chain_body(struct command *command, void *context)
{
	struct bundle_read *read = context;
	struct text path = text_format(command->arena, "policies.%s", read->policy->name);
	read->setting = command_setting(command, path.data);
	return rules_body(command, context) && (!text_present(read->argument) || plan_read(command, read));
}

static struct text choice_of_plan(const struct bundle_read *read)
{
	for (size_t i = 0; i < read->choice_count; i++)
		if (text_is(read->choices[i].policy, read->policy->name))
			return read->choices[i].rule;
	return TEXT_NONE;
}

static void chain_tell(struct console *console, const struct bundle_read *read)
{
	static const char *const heads[] = { "", "by", "rule", "place", "" };
	size_t rows = 8 + (read->rules ? rule_bundle_count(read->rules) : 0);
	struct chain chain = { .console = console, .policy = read->policy, .rules = read->rules };
	chain.cells = chain.cell = arena_new_many(&console->arena, struct text, 5 * rows);
	if (read->plan_known)
		choice_add(&chain, "plan", choice_of_plan(read));
	choice_add(&chain, "setting", read->setting);
	rules_add(&chain, read->argument);
	choice_add(&chain, "shipped", text_of(read->policy->default_choice));
	struct printer printer = console_printer(console);
	print_table(&printer, heads, chain.cells, 5, chain.count);
}

void console_chain(struct console *console, struct text argument)
{
	struct bundle_read read = { .console = console };
	struct text kind, plan = TEXT_NONE;
	if (text_split(argument, ' ', &kind, &plan))
		read.argument = text_trim(plan);
	enum policy policy = policy_find(kind);
	if (policy == POLICY_NONE) {
		console_error(console, "\\chain POLICY [PLAN]: '%.*s' is no policy%s", TEXT_ARG(kind),
		              text_did_you_mean(&console->arena, kind, policy_name_candidate, NULL));
		return;
	}
	read.policy = policy_info(policy);
	if (!sandbox_read(&console->sandbox, chain_body, &read)) {
		console_problems(console, &console->sandbox.problems);
		return;
	}
	if (text_present(read.argument) && !read.plan_known)
		console_error(console, "there is no plan '%.*s'", TEXT_ARG(read.argument));
	else
		chain_tell(console, &read);
	rule_bundle_release(read.rules);
}

/* ------------------------------------------------------------------------------------------------ source lines */

struct source {
	struct text file, line_text;
	int64_t line;
};

static struct text line_at(struct text content, int64_t number)
{
	struct text line = TEXT_NONE, rest = content;
	for (int64_t i = 0; i < number && rest.length; i++)
		text_split(rest, '\n', &line, &rest);
	return line;
}

static bool source_body(struct command *command, void *context)
{
	struct source *source = context;
	struct bundle *bundle = NULL;
	if (!text_present(command->tenant->bundle) || !bundle_by_digest(command, command->tenant->bundle, &bundle) || !bundle)
		return true;
	struct problems ignored;
	problems_init(&ignored, command->arena);
	const struct json *files = json_parse_limited(bundle->files, INT32_MAX, command->arena, &ignored);
	const struct json *file = files ? json_member(files, text_c(command->arena, source->file)) : NULL;
	if (file)
		source->line_text = line_at(json_text(file), source->line);
	return true;
}

/* A read of its own, beside the problems that are being told. */
struct text console_source_line(struct console *console, struct arena *arena, struct text file, int64_t line)
{
	struct source source = { .file = file, .line = line };
	struct problems ignored;
	problems_init(&ignored, arena);
	struct sandbox *sandbox = &console->sandbox;
	if (!command_read(sandbox->engine, sandbox->tenant_id, arena, &ignored, source_body, &source) ||
	    !text_present(source.line_text))
		return TEXT_NONE;
	return print_safe(arena, text_trim(source.line_text), PRINT_TEXT_MAX);
}
