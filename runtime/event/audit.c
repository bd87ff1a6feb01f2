/* audit.c: one row a command: who, from where, what, with which outcome; rejected ones included. */
#include "audit.h"

#include "engine_state.h"

#include "base/log.h"

bool problem_is_rejection(const struct problem *problem)
{
	switch (problem->code) {
	case PROBLEM_RULE_FAILED:
	case PROBLEM_RULE_FUEL:
	case PROBLEM_RULE_MEMORY:
	case PROBLEM_RULE_DEPTH:
	case PROBLEM_RULE_AMOUNT:
	case PROBLEM_CAUSE_ENDED:
		return false;
	default:
		return problem_info(problem->code)->status < 500;
	}
}

/* A test tenant's clock may have been made by this very command. */
static struct instant audit_instant(const struct command *command)
{
	return command->tenant && command->tenant->mode == TENANT_MODE_TEST ? command->tenant->clock : command->now;
}

static struct text audit_text(const struct record *record, int field, struct text text)
{
	return text_present(text) ? text_front(text, (size_t)record->fields[field].max) : TEXT_NONE;
}

struct text audit_digest(struct arena *arena, struct text previous, const struct audit *row)
{
	struct audit bare = *row;
	bare.digest = TEXT_NONE;
	struct digest digest = digest_sha256_two(previous, json_record_text(arena, &audit_record, &bare));
	return text_hex(arena, digest.bytes, sizeof digest.bytes);
}

struct last_digest {
	struct arena *arena;
	struct text digest;
};

static bool last_digest_take(void *context, const struct store_row *row)
{
	struct last_digest *last = context;
	last->digest = text_copy(last->arena, store_row_text(row, 0));
	return false;
}

static bool audit_link(struct command *command, struct audit *row)
{
	struct last_digest last = { command->arena, store_noted_number(command->store, "audit", row->id - 1) };
	if (!text_present(last.digest)) {
		last.digest = TEXT("");
		if (!store_each(command->store, STATEMENT_AUDIT_LAST_DIGEST, NO_BINDS, last_digest_take, &last))
			return false;
	}
	row->digest = audit_digest(command->arena, last.digest, row);
	store_note_number(command->store, "audit", row->id, row->digest);
	return true;
}

static bool audit_write(struct command *command, struct audit *row)
{
	const struct record *record = &audit_record;
	row->at = audit_instant(command);
	row->wall_at = clock_wall();
	row->actor = audit_text(record, AUDIT_FIELD_ACTOR,
	                        text_present(command->origin.actor) ? command->origin.actor : TEXT("operator"));
	row->remote = audit_text(record, AUDIT_FIELD_REMOTE, command->origin.remote);
	row->request_id = audit_text(record, AUDIT_FIELD_REQUEST_ID, command->origin.request_id);
	row->command = text_of(command->type->name);
	row->correlation_id = command->correlation_id;
	return store_next_number(command->store, "audit", &row->id) && audit_link(command, row) &&
	       store_insert(command->store, record, row);
}

bool audit_done(struct command *command)
{
	const struct command_state *state = command->state;
	struct audit row = {
		.outcome = AUDIT_OUTCOME_DONE,
		.code = audit_text(&audit_record, AUDIT_FIELD_CODE, text_of(state->remark_code)),
		.message = audit_text(&audit_record, AUDIT_FIELD_MESSAGE, state->remark),
		.object_type = text_of(state->object_type),
		.object_id = state->object_id,
		.account_id = state->object_account_id,
	};
	return audit_write(command, &row);
}

bool audit_failed(struct command *command)
{
	const struct command_state *state = command->state;
	const struct problem *problem = command->problems->first;
	struct text message = redact_cards(command->arena, text_of(problem->message));
	struct audit row = {
		.outcome = problem_is_rejection(problem) ? AUDIT_OUTCOME_REJECTED : AUDIT_OUTCOME_FAILED,
		.code = audit_text(&audit_record, AUDIT_FIELD_CODE, problem_code_text(problem)),
		.message = audit_text(&audit_record, AUDIT_FIELD_MESSAGE, message),
		.event = audit_text(&audit_record, AUDIT_FIELD_EVENT, text_of(state->refused_event)),
		.rule = audit_text(&audit_record, AUDIT_FIELD_RULE, text_of(state->refused_rule)),
	};
	return audit_write(command, &row);
}
