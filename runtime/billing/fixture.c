/* fixture.c: the past of a test tenant, set by hand. */
#include "fixture.h"

#include "tenant.h"
#include "value/json.h"

/* ---- sequences ---- */

/* The record whose ids a name means, or NULL for a series of numbers. */
static const char *id_kind(struct text name)
{
	if (name.length < 4 || memcmp(name.data + name.length - 3, "_id", 3) != 0)
		return NULL;
	const struct record *record = record_by_name(text_slice(name, 0, name.length - 3));
	return record ? record->name : NULL;
}

int64_t fixture_sequence_next(struct command *command, struct text name)
{
	const char *kind = id_kind(name);
	return kind ? store_peek_id(command->store, kind)
	            : store_peek_number(command->store, text_c(command->arena, name));
}

static bool sequence_set(struct command *command, const struct fixture_sequence *sequence, const char *pointer)
{
	const char *kind = id_kind(sequence->name);
	if (sequence->name.length > 3 &&
	    text_is(text_slice(sequence->name, sequence->name.length - 3, sequence->name.length), "_id") && !kind)
		return problem_value(command->problems, PROBLEM_INVALID_VALUE, pointer, sequence->name, NULL,
		                     "'%.*s' is the id of no record", TEXT_ARG(sequence->name));
	if (kind)
		return store_set_next_id(command->store, kind, sequence->next);
	return store_set_next_number(command->store, text_c(command->arena, sequence->name), sequence->next);
}

/* ---- states ---- */

static const char *field_candidate(const void *context, size_t i)
{
	const struct record *record = context;
	return i < record->field_count ? record->fields[i].name : NULL;
}

static struct text json_as_text(const struct json *value)
{
	if (value->type == JSON_TRUE || value->type == JSON_FALSE)
		return value->type == JSON_TRUE ? TEXT("true") : TEXT("false");
	return json_text(value);
}

static bool is_key(const struct record *record, int field)
{
	for (size_t i = 0; i < record->table->key_count; i++)
		if (record->table->key[i] == field)
			return true;
	return false;
}

static bool field_set(struct command *command, const struct record *record, void *row, const struct json *value,
                      const char *pointer)
{
	int field = record_field_find(record, value->name);
	if (field < 0)
		return problem(command->problems, PROBLEM_UNKNOWN_FIELD, pointer, "%s has no field '%.*s'%s",
		               record->name, TEXT_ARG(value->name),
		               text_did_you_mean(command->arena, value->name, field_candidate, record));
	const struct record_field *what = &record->fields[field];
	struct text text = json_as_text(value);
	if (is_key(record, field) || !(what->flags & FIELD_COLUMN) || what->kind == KIND_RECORD ||
	    what->kind == KIND_LIST || (value->type != JSON_NULL && !text_present(text)))
		return problem(command->problems, PROBLEM_READ_ONLY_FIELD, pointer, "%s.%s cannot be set by a fixture",
		               record->name, what->name);
	if (value->type != JSON_NULL)
		return record_field_parse(record, row, field, text, pointer, command->arena, command->problems);
	record_set_present(record, row, field, false);
	return true;
}

static bool state_set(struct command *command, const struct fixture_state *state, const char *pointer)
{
	const struct record *record = record_by_name(state->object);
	if (!record || !record->table || !record->table->find || record == &tenant_record || record == &api_key_record)
		return problem_value(command->problems, PROBLEM_INVALID_VALUE,
		                     text_format(command->arena, "%s/object", pointer).data, state->object, NULL,
		                     "no fixture can be set on '%.*s'", TEXT_ARG(state->object));
	const struct json *values = json_parse(state->values, command->arena, command->problems);
	if (!values)
		return false;
	if (values->type != JSON_OBJECT)
		return problem(command->problems, PROBLEM_WRONG_TYPE,
		               text_format(command->arena, "%s/values", pointer).data, "values must be an object");
	void *row;
	if (!store_find(command->store, record, state->id, &row))
		return false;
	if (!row)
		return record_missing(record, state->id, command->problems, text_format(command->arena, "%s/id", pointer).data);
	for (const struct json *value = values->first; value; value = value->next)
		if (!field_set(command, record, row, value,
		               text_format(command->arena, "%s/values/%.*s", pointer, TEXT_ARG(value->name)).data))
			return false;
	return store_update(command->store, record, row);
}

/* ---- gateway ---- */

static bool gateway_set(struct command *command, const struct fixture_set *input)
{
	const char *const *words = fixture_answer_record.fields[FIXTURE_ANSWER_FIELD_RESPOND].words;
	struct gateway_test_answer *answers =
	        arena_new_many(command->arena, struct gateway_test_answer, input->gateway.count + 1);
	for (size_t i = 0; i < input->gateway.count; i++) {
		const struct fixture_answer *answer = &input->gateway.items[i];
		answers[i] = (struct gateway_test_answer){
			.respond = text_of(words[answer->respond]),
			.transaction_id = answer->transaction_id,
			.approval_code = answer->approval_code,
			.avs_code = answer->avs_code,
			.cvv_code = answer->cvv_code,
		};
	}
	gateway_test_script(engine_gateway_test(command->engine), command->tenant->id, answers, input->gateway.count);
	return true;
}

static bool fixture_set_perform(struct command *command, const void *data, void **output)
{
	const struct fixture_set *input = data;
	(void)output;
	if (!tenant_is_test(command->tenant))
		return problem(command->problems, PROBLEM_FORBIDDEN, "",
		               "fixtures are for test tenants; '%.*s' is live", TEXT_ARG(command->tenant->name));
	for (size_t i = 0; i < input->sequences.count; i++)
		if (!sequence_set(command, &input->sequences.items[i],
		                  text_format(command->arena, "/sequences/%zu", i).data))
			return false;
	for (size_t i = 0; i < input->states.count; i++)
		if (!state_set(command, &input->states.items[i], text_format(command->arena, "/states/%zu", i).data))
			return false;
	for (size_t i = 0; i < input->invoices.count; i++)
		if (!fixture_invoice_add(command, &input->invoices.items[i],
		                         text_format(command->arena, "/invoices/%zu", i).data))
			return false;
	return input->gateway.count == 0 || gateway_set(command, input);
}

const struct command_type fixture_commands[] = {
	{ .name = "fixture.set", .scope = "admin", .input = &fixture_set_record, .perform = fixture_set_perform,
	  .doc = "Sets ids, numbers, states, earlier invoices and gateway answers of a test tenant." },
	{ .name = NULL },
};
