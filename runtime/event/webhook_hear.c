/* webhook_hear.c: which endpoints hear an event, and a delivery for each of them in the event's transaction. */
#include "aps_state.h"
#include "engine_state.h"
#include "webhook.h"
#include "webhook_state.h"

/* ---- what an endpoint hears ---- */

static void bits_set(struct hearing *hearing, enum event event)
{
	hearing->events[event / 64] |= UINT64_C(1) << event % 64;
}

static bool name_begins(enum event event, struct text word)
{
	struct text name = text_of(event_info(event)->name);
	return name.length >= word.length && text_equals(text_slice(name, 0, word.length), word);
}

/* "*", "invoice.*", "invoice.create", "INVOICE_CREATION". False when nothing has such a name. */
static bool word_hears(struct text word, struct hearing *hearing)
{
	bool any = false;
	if (word.length > 0 && word.data[word.length - 1] == '*') {
		struct text front = text_slice(word, 0, word.length - 1);
		for (enum event event = EVENT_NONE + 1; event < EVENT_COUNT; event++)
			if (name_begins(event, front)) {
				bits_set(hearing, event);
				any = true;
			}
		return any;
	}
	enum event_side_kind side;
	for (enum event event = event_find(word, &side); event; event = event_find_next(word, event, &side)) {
		bits_set(hearing, event);
		any = true;
	}
	return any;
}

static bool next_word(struct text *rest, struct text *word)
{
	bool more = true;
	*word = TEXT_NONE;
	while (more && word->length == 0)
		more = text_split(*rest, ' ', word, rest);
	if (!more)
		*rest = TEXT_NONE;
	return word->length > 0;
}

static const char *name_candidate(const void *context, size_t i)
{
	return i == 0 ? "*" : event_name_candidate(context, i - 1);
}

/* "invoice.*": of each event what comes before its point. */
static const char *beginning_candidate(const void *context, size_t i)
{
	struct arena *arena = *(struct arena *const *)context;
	struct text noun, rest;
	if (i + 1 >= EVENT_COUNT)
		return NULL;
	text_split(text_of(event_info((enum event)(i + 1))->name), '.', &noun, &rest);
	return text_format(arena, "%.*s.*", TEXT_ARG(noun)).data;
}

static const char *hearing_suggestion(struct text word, struct arena *arena)
{
	bool beginning = word.data[word.length - 1] == '*';
	return beginning ? text_did_you_mean(arena, word, beginning_candidate, &arena)
	                 : text_did_you_mean(arena, word, name_candidate, NULL);
}

bool hearing_parse(struct text words, struct hearing *hearing, struct problems *problems)
{
	struct text rest = words, word;
	*hearing = (struct hearing){ 0 };
	bool good = true, any = false;
	while (text_present(rest) && next_word(&rest, &word)) {
		any = true;
		if (!word_hears(word, hearing) && problems)
			good = problem_value(problems, PROBLEM_UNKNOWN_EVENT, "/events", word,
			                     "Use names of events, beginnings as invoice.*, or * for all, with blanks between them.",
			                     "there is no event '%.*s'%s", TEXT_ARG(word),
			                     hearing_suggestion(word, problems->arena));
	}
	return good && (any || !problems || problem(problems, PROBLEM_MISSING_FIELD, "/events", "no event is named; * means all"));
}

/* A profile of another system speaks of events that have a name there. */
static void hearing_limit(struct hearing *hearing, const struct webhook_profile *profile)
{
	if (!profile->speaks)
		return;
	for (enum event event = EVENT_NONE + 1; event < EVENT_COUNT; event++)
		if (!webhook_alias(event, profile))
			hearing->events[event / 64] &= ~(UINT64_C(1) << event % 64);
}

bool hearing_holds(const struct hearing *hearing, enum event event)
{
	return hearing->events[event / 64] >> event % 64 & 1;
}

void hearing_of(const struct webhook_endpoint *endpoint, struct hearing *hearing)
{
	hearing_parse(endpoint->events, hearing, NULL);
	hearing->endpoint_id = endpoint->id;
	hearing->profile = webhook_profile(endpoint->profile);
	hearing->ordered = endpoint->ordering == WEBHOOK_ENDPOINT_ORDERING_ORDERED;
	hearing_limit(hearing, hearing->profile);
}

/* ---- the tenant's ---- */

/* One after the other, as rows that are kept are: each event asks. */
bool hearings_load(struct command *command)
{
	struct command_state *state = command->state;
	struct webhook_endpoint *endpoint = NULL;
	int64_t after_id = 0;
	if (state->hearings_loaded)
		return true;
	state->hearings = (struct hearing_list){ NULL, 0, 0 };
	while (store_one(command->store, STATEMENT_WEBHOOK_ENDPOINT_HEARING, BINDS(bind_integer(after_id)), &webhook_endpoint_record,
	                 (void **)&endpoint)) {
		if (!endpoint)
			return state->hearings_loaded = true;
		hearing_of(endpoint, list_add(command->arena, &state->hearings, struct hearing));
		after_id = endpoint->id;
	}
	return false;
}

void webhook_forget(struct command *command)
{
	command->state->hearings_loaded = false;
}

bool webhook_falls_due(struct command *command, const struct hearing *hearing, struct delivery *delivery)
{
	int64_t before;
	bool behind = false;
	if (hearing->ordered && delivery->account_id &&
	    !store_integer(command->store, STATEMENT_DELIVERY_BEFORE,
	                   BINDS(bind_id(delivery->endpoint_id), bind_id(delivery->account_id), bind_id(delivery->serial)), &before,
	                   &behind))
		return false;
	delivery->due_at = behind ? INSTANT_NONE : command->now;
	return true;
}

bool webhook_hear(struct command *command, const struct occurrence *occurrence, int64_t serial)
{
	bool addressed = false;
	if (!hearings_load(command))
		return false;
	for (size_t i = 0; i < command->state->hearings.count; i++) {
		const struct hearing *hearing = &command->state->hearings.items[i];
		if (!hearing_holds(hearing, occurrence->event))
			continue;
		if (hearing->profile->addressed) {
			addressed = true;
			continue;
		}
		struct delivery delivery = webhook_delivery(hearing->profile, hearing->endpoint_id);
		delivery.account_id = occurrence->account_id;
		delivery.object_id = occurrence->object_id;
		delivery.serial = serial;
		if (!webhook_falls_due(command, hearing, &delivery) || !delivery_add(command, &delivery))
			return false;
	}
	return !addressed || aps_hear(command, occurrence, serial);
}

struct delivery webhook_delivery(const struct webhook_profile *profile, int64_t endpoint_id)
{
	return (struct delivery){
		.channel = text_of(profile->name),
		.endpoint_id = endpoint_id,
		.body = TEXT("{}"),
	};
}
