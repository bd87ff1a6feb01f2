/* delivery_message.c: messages as rows, the table of channels, and the delays between tries. */
#include "channel.h"
#include "engine_state.h"
#include "webhook.h"

#include <stdarg.h>

/* ---- channels ---- */

/* The engine's own come first, then the caller's tables. */
const struct delivery_channel *engine_channel_at(const struct engine *engine, size_t i)
{
	for (const struct delivery_channel *channel = webhook_channels; channel->name; channel++)
		if (i-- == 0)
			return channel;
	for (size_t table = 0; engine->options.channels && engine->options.channels[table]; table++)
		for (const struct delivery_channel *channel = engine->options.channels[table]; channel->name; channel++)
			if (i-- == 0)
				return channel;
	return NULL;
}

const struct delivery_channel *engine_channel(const struct engine *engine, struct text name)
{
	const struct delivery_channel *channel;
	if (engine->options.keeps_messages)
		return NULL;
	for (size_t i = 0; (channel = engine_channel_at(engine, i)); i++)
		if (text_is(name, channel->name))
			return channel;
	return NULL;
}

const struct mail_options *engine_mail(const struct engine *engine)
{
	return engine->options.mail;
}

/* ---- rows ---- */

void delivery_note(struct command *command, const struct delivery *delivery, bool anew)
{
	struct message_note_list *notes = &command->state->messages;
	if (delivery->due_at.us == 0)
		return;
	for (size_t i = 0; i < notes->count; i++) {
		struct message_note *note = &notes->items[i];
		if (note->endpoint_id != delivery->endpoint_id || !text_equals(note->channel, delivery->channel))
			continue;
		if (delivery->due_at.us < note->due_at.us)
			note->due_at = delivery->due_at;
		note->anew = note->anew || anew;
		return;
	}
	*list_add(command->arena, notes, struct message_note) =
	        (struct message_note){ delivery->channel, delivery->endpoint_id, delivery->due_at, anew };
}

bool delivery_add(struct command *command, struct delivery *delivery)
{
	if (!command->state)
		BUG("a message is sent in a read");
	delivery->id = store_new_id(command->store, "delivery");
	delivery->created_at = command->now;
	if (tenant_is_branch(command->tenant)) {
		delivery->status = DELIVERY_STATUS_WITHDRAWN;
		delivery->due_at = delivery->ended_at = command->now;
	} else {
		delivery->status = DELIVERY_STATUS_PENDING;
		delivery_note(command, delivery, false);
	}
	return delivery->id && store_insert(command->store, &delivery_record, delivery);
}

/* Whether the endpoint is gone or not: messages of a parallel one may be of a time when it was ordered. */
bool delivery_order_goes_on(struct command *command, const struct delivery *delivery)
{
	return !delivery->endpoint_id || !delivery->account_id ||
	       store_execute(command->store, STATEMENT_DELIVERY_GO_ON,
	                     BINDS(bind_id(delivery->endpoint_id), bind_id(delivery->account_id), bind_instant(command->now)), NULL);
}

/* ---- an attempt ends ---- */

void transfer_end(struct transfer *transfer, enum delivery_verdict verdict, const char *format, ...)
{
	va_list arguments;
	transfer->outcome.verdict = verdict;
	va_start(arguments, format);
	transfer->outcome.error = text_vformat(transfer->arena, format, arguments);
	va_end(arguments);
}

/* ---- delays ---- */

enum { DELAY_S_MAX = 30 * 86400 };

static bool delay_parse(struct text text, int64_t *delay_s)
{
	static const struct {
		char letter;
		int64_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	int64_t number;
	if (text.length < 2 || text.data[0] == '-' || !text_to_int64(text_slice(text, 0, text.length - 1), &number))
		return false;
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
		if (text.data[text.length - 1] == units[i].letter && number <= DELAY_S_MAX / units[i].seconds) {
			*delay_s = number * units[i].seconds;
			return true;
		}
	return false;
}

bool delays_parse(struct text text, int64_t delays_s[static DELIVERY_RETRIES_MAX], size_t *count)
{
	struct text word, rest = text;
	bool more = text.length > 0;
	*count = 0;
	while (more) {
		more = text_split(rest, ',', &word, &rest);
		if (*count == DELIVERY_RETRIES_MAX || !delay_parse(text_trim(word), &delays_s[*count]))
			return false;
		(*count)++;
	}
	return true;
}
