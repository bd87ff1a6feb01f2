/* event_stream.c: streams are made, named and archived. */
#include "event_stream.h"

#include "component.h"

bool event_stream_page(struct command *command, const struct object_filter *filter, struct event_stream_list *streams)
{
	const char *status = event_stream_record.fields[EVENT_STREAM_FIELD_STATUS].words[filter->status];
	return store_all(command->store, STATEMENT_EVENT_STREAM_PAGE,
	                 BINDS(filter->status ? bind_c(status) : bind_null(), bind_id(filter->before_id),
	                       bind_integer(object_page_rows(filter))),
	                 &event_stream_record, LIST(streams));
}

bool event_stream_by_handle(struct command *command, struct text handle, struct event_stream **stream)
{
	return store_one(command->store, STATEMENT_EVENT_STREAM_BY_HANDLE, BINDS(bind_text(handle)), &event_stream_record,
	                 (void **)stream);
}

struct event_stream *event_stream_need(struct command *command, int64_t id, const char *pointer)
{
	void *stream;
	if (!store_find(command->store, &event_stream_record, id, &stream))
		return NULL;
	if (!stream)
		record_missing(&event_stream_record, id, command->problems, pointer);
	return stream;
}

/* ------------------------------------------------------------------------------------------------ event_stream.create */

static bool check_property(struct command *command, const struct event_stream *stream)
{
	bool named = text_present(stream->subscription_property);
	bool by_property = stream->subscription_by == EVENT_STREAM_SUBSCRIPTION_BY_PROPERTY;
	if (by_property && !named)
		return problem(command->problems, PROBLEM_MISSING_FIELD, "/subscription_property",
		               "the property that holds the subscription is not named");
	return by_property || !named ||
	       problem(command->problems, PROBLEM_INVALID_COMBINATION, "/subscription_property",
	               "a property is named, but subscriptions are found by %s",
	               event_stream_record.fields[EVENT_STREAM_FIELD_SUBSCRIPTION_BY].words[stream->subscription_by]);
}

static bool check_free_handle(struct command *command, struct text handle)
{
	struct event_stream *other;
	if (!event_stream_by_handle(command, handle, &other))
		return false;
	return !other || problem_value(command->problems, PROBLEM_DUPLICATE, "/handle", handle, NULL,
	                               "stream %lld has the handle '%.*s' already", (long long)other->id, TEXT_ARG(handle));
}

static bool event_stream_create_perform(struct command *command, const void *data, void **output)
{
	const struct event_stream_create *input = data;
	struct event_stream *stream = arena_new(command->arena, struct event_stream);
	*stream = (struct event_stream){
		.handle = input->handle, .name = text_present(input->name) ? input->name : input->handle,
		.subscription_by = input->subscription_by ? (enum event_stream_subscription_by)input->subscription_by
		                                          : EVENT_STREAM_SUBSCRIPTION_BY_SUBSCRIPTION_ID,
		.subscription_property = input->subscription_property,
		.status = EVENT_STREAM_STATUS_ACTIVE, .created_at = command->now, .updated_at = command->now,
	};
	if (!handle_check(stream->handle, "/handle", command->problems) || !check_property(command, stream) ||
	    !check_free_handle(command, stream->handle))
		return false;
	stream->id = store_new_id(command->store, "event_stream");
	if (!stream->id || !store_insert(command->store, &event_stream_record, stream))
		return false;
	command_object(command, "event_stream", stream->id, 0);
	*output = stream;
	return true;
}

/* ------------------------------------------------------------------------------------------------ .update, .archive */

static bool save(struct command *command, struct event_stream *stream, void **output)
{
	stream->updated_at = command->now;
	command_object(command, "event_stream", stream->id, 0);
	*output = stream;
	return store_update(command->store, &event_stream_record, stream);
}

static bool event_stream_update_perform(struct command *command, const void *data, void **output)
{
	const struct event_stream_update *input = data;
	struct event_stream *stream = event_stream_need(command, input->id, "/id");
	if (!stream)
		return false;
	stream->name = input->name;
	return save(command, stream, output);
}

static bool event_stream_archive_perform(struct command *command, const void *data, void **output)
{
	const struct event_stream_archive *input = data;
	struct event_stream *stream = event_stream_need(command, input->id, "/id");
	if (!stream)
		return false;
	if (stream->status == EVENT_STREAM_STATUS_ARCHIVED)
		return problem_value(command->problems, PROBLEM_WRONG_STATE, "/id", stream->handle, NULL,
		                     "stream '%.*s' is archived already", TEXT_ARG(stream->handle));
	stream->status = EVENT_STREAM_STATUS_ARCHIVED;
	stream->archived_at = command->now;
	return save(command, stream, output);
}

const struct command_type event_stream_commands[] = {
	{ .name = "event_stream.create", .scope = "write", .input = &event_stream_create_record, .output = &event_stream_record,
	  .perform = event_stream_create_perform, .doc = "Makes a stream that events can be sent to." },
	{ .name = "event_stream.update", .scope = "write", .input = &event_stream_update_record, .output = &event_stream_record,
	  .perform = event_stream_update_perform, .doc = "Names a stream anew; its handle stays." },
	{ .name = "event_stream.archive", .scope = "write", .input = &event_stream_archive_record, .output = &event_stream_record,
	  .perform = event_stream_archive_perform, .doc = "Lets a stream take no more events; what it has taken stays." },
	{ .name = NULL },
};
