/* rule_proof.c: a self-test of images: what one call spoils, no other sees. */
#include "rule_proof.h"

#include "events.gen.h"
#include "records.gen.h"
#include "rule_bundle.h"
#include "rule_memory.h"

enum { PROOF_FUEL = 20000 };

/* Each spoils something that a state keeps, and tells what it found. */
static const char proof_source[] =
        "local count, list, held = 0, { 1 }, nil\n"
        "local function step() count = count + 1 return count end\n"
        "rule 'count' { task = true, run = function (ctx)\n"
        "  list[#list + 1] = step() held = held or ctx\n"
        "  ctx:note(count .. ' ' .. #list .. ' ' .. tostring(held == ctx) .. ' ' .. ctx.fuel_left)\n"
        "end }\n"
        "rule 'spend' { task = true, run = function (ctx) step() list = 'x' while true do list = list .. list end end }\n"
        "rule 'fail' { task = true, run = function (ctx) step() list = nil error({ code = 'spoiled' }) end }\n"
        "rule 'deep' { task = true, run = function (ctx)\n"
        "  local function down(n) count = n return 1 + down(n + 1) end\n"
        "  ctx:note(tostring(pcall(down, 1)) .. count)\n"
        "end }\n"
        "rule 'draw' { task = true, run = function (ctx) ctx:note(ctx:id() .. ctx:random(1000000)) end }\n";

static void run_tell(struct rule_bundle *bundle, size_t number, struct arena *arena, struct text_builder *out)
{
	struct problems problems;
	problems_init(&problems, arena);
	struct rule_call call = { .bundle = bundle, .arena = arena, .problems = &problems, .fuel_limit = PROOF_FUEL };
	enum rule_outcome outcome = rule_run(&call, rule_bundle_at(bundle, number));
	builder_format(out, "%d %lld %.*s %s|", (int)outcome, (long long)call.traces->fuel,
	               TEXT_ARG(rule_trace_result(call.traces, arena)), problems.first ? problems.first->cause : "");
	for (const struct rule_effect *effect = call.effects; effect; effect = effect->next)
		builder_add(out, effect->body);
	builder_byte(out, '\n');
}

/* Each rule, and the first behind it, which sees what the file keeps. */
static struct text runs_text(struct rule_bundle *bundle, struct arena *arena)
{
	struct text_builder out;
	builder_init(&out, arena, 0);
	for (size_t i = 0; i < rule_bundle_count(bundle); i++) {
		run_tell(bundle, i, arena, &out);
		run_tell(bundle, 0, arena, &out);
	}
	return builder_text(&out);
}

bool rule_images_proved(void)
{
	struct arena arena;
	struct problems problems;
	bool used = rule_images_used(), same = false;
	if (!arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES))
		return false;
	problems_init(&problems, &arena);
	struct rule_file file = { TEXT("rules/proof.lua"), text_of(proof_source) };
	struct rule_bundle *bundle = bundle_load(&file, 1, &file.name, 1, digest_sha256(file.source), &problems);
	if (bundle) {
		rule_images_use(false);
		struct text anew = runs_text(bundle, &arena);
		rule_images_use(true);
		same = text_equals(runs_text(bundle, &arena), anew) && !arena_exhausted(&arena);
		rule_images_use(used);
	}
	rule_bundle_release(bundle);
	arena_finish(&arena);
	return same;
}
