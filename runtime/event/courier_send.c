/* courier_send.c: transfers by libcurl: their limits, the guard of addresses, and what came back. */
#include "courier_state.h"

#include "base/address.h"
#include "base/log.h"

#include <string.h>
#include <strings.h>
#include <unistd.h>

/* ---- the guard: the very address that is connected to ---- */

static bool address_allowed(const struct run *run, enum address_kind kind)
{
	return kind == ADDRESS_KIND_GLOBAL || (kind == ADDRESS_KIND_PRIVATE && run->transfer.addresses == ADDRESS_PRIVATE_TOO);
}

static curl_socket_t socket_open(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct run *run = context;
	if (purpose != CURLSOCKTYPE_IPCXN || !address_allowed(run, address_kind(&address->addr))) {
		run->address_refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* A connection that is used again was opened for another message, perhaps of another tenant. */
static int request_begins(void *context, char *remote_address, char *local_address, int remote_port, int local_port)
{
	struct run *run = context;
	(void)local_address;
	(void)remote_port;
	(void)local_port;
	if (address_allowed(run, address_kind_of_text(remote_address)))
		return CURL_PREREQFUNC_OK;
	run->address_refused = true;
	return CURL_PREREQFUNC_ABORT;
}

/* ---- what comes back ---- */

static bool answer_counts(struct run *run, size_t length)
{
	run->answer_bytes += length;
	if (run->answer_bytes > DELIVERY_ANSWER_BYTES_MAX)
		run->answer_too_long = true;
	return !run->answer_too_long;
}

static size_t answer_body(char *bytes, size_t size, size_t count, void *context)
{
	struct run *run = context;
	size_t length = size * count, room = sizeof run->answer - run->answer_kept;
	size_t kept = length < room ? length : room;
	memcpy(run->answer + run->answer_kept, bytes, kept);
	run->answer_kept += kept;
	return answer_counts(run, length) ? length : 0;
}

static size_t answer_header(char *bytes, size_t size, size_t count, void *context)
{
	struct run *run = context;
	size_t length = size * count;
	if (run->lane->channel->keeps_replies && (length < 3 || memcmp(bytes, "221", 3) != 0)) {
		run->answer_kept = length < sizeof run->answer ? length : sizeof run->answer;
		memcpy(run->answer, bytes, run->answer_kept);
	}
	return answer_counts(run, length) ? length : 0;
}

const char *transfer_failure(const struct transfer *transfer)
{
	const struct run *run = (const struct run *)(const void *)transfer; /* its first member */
	if (run->address_refused)
		return "its address is not a public one; deliveries.private_addresses allows those of a network of one's own";
	if (run->answer_too_long)
		return "the answer was longer than 64 KiB, and was not read to its end";
	switch ((CURLcode)transfer->curl_code) {
	case CURLE_COULDNT_RESOLVE_HOST:
		return "the host's name has no address";
	case CURLE_COULDNT_CONNECT:
		return "nobody accepted the connection";
	case CURLE_OPERATION_TIMEDOUT:
		return run->answer_bytes ? "the answer did not come to its end in time" : "no answer came in time";
	case CURLE_GOT_NOTHING:
		return "the connection was closed without an answer";
	default:
		return run->error[0] ? run->error : curl_easy_strerror((CURLcode)transfer->curl_code);
	}
}

/* What the other side says goes into a row: as text, without card numbers. */
static struct text answer_text(struct run *run)
{
	struct text answer = { run->answer, run->answer_kept };
	if (answer.length == 0)
		return TEXT_NONE;
	for (size_t i = 0; i < answer.length; i++)
		if ((unsigned char)run->answer[i] < ' ' && run->answer[i] != '\n' && run->answer[i] != '\t')
			run->answer[i] = ' ';
	answer = text_front(answer, sizeof run->answer - 4);
	return text_utf8_valid(answer) ? redact_cards(run->transfer.arena, answer) : TEXT_NONE;
}

static void run_judge(struct courier *courier, struct run *run, CURLcode code)
{
	struct transfer *transfer = &run->transfer;
	struct delivery_outcome *outcome = &transfer->outcome;
	long status = 0;
	curl_off_t retry_after_s = 0;
	curl_easy_getinfo(run->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(run->easy, CURLINFO_RETRY_AFTER, &retry_after_s);
	transfer->curl_code = (int)code;
	outcome->status = (int)status;
	outcome->retry_after_s = retry_after_s;
	outcome->took_ms = (clock_monotonic_us() - run->begun_us) / US_PER_MS;
	outcome->answer = answer_text(run);
	run->lane->channel->judge(transfer);
	if (outcome->verdict == DELIVERY_VERDICT_NONE)
		BUG("channel %s did not judge a message", run->lane->channel->name);
	lane_learn(courier, run);
}

/* ---- handles ---- */

static CURL *handle_take(struct courier *courier)
{
	return courier->handle_count ? courier->handles[--courier->handle_count] : curl_easy_init();
}

static void handle_give(struct courier *courier, CURL *easy)
{
	if (courier->handle_count == HANDLES_KEPT_MAX) {
		curl_easy_cleanup(easy);
		return;
	}
	curl_easy_reset(easy);
	courier->handles[courier->handle_count++] = easy;
}

void handles_free(struct courier *courier)
{
	while (courier->handle_count)
		curl_easy_cleanup(courier->handles[--courier->handle_count]);
}

/* No proxy, no cookies, no netrc, no redirects: what the environment or an answer says moves no message elsewhere. */
static void handle_limit(struct run *run)
{
	CURL *easy = run->easy;
	const struct transfer *transfer = &run->transfer;
	curl_easy_setopt(easy, CURLOPT_PRIVATE, run);
	curl_easy_setopt(easy, CURLOPT_URL, transfer->url.data);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, run->lane->channel->protocols);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* who gives up on a name waits for no resolver: it ends by itself */
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)DELIVERY_CONNECT_MS);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)(transfer->timeout_ms ? transfer->timeout_ms : DELIVERY_TIMEOUT_MS));
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "Moonbill/" MOONBILL_VERSION);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, run->error);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, socket_open);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, run);
	curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, request_begins);
	curl_easy_setopt(easy, CURLOPT_PREREQDATA, run);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, answer_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, run);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, answer_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, run);
}

/* ---- runs ---- */

static void run_flies(struct courier *courier, struct run *run)
{
	run->next = courier->flights;
	run->before = NULL;
	if (courier->flights)
		courier->flights->before = run;
	courier->flights = run;
	run->lane->flying++;
	run->lane->sender->flying++;
	courier->in_flight++;
}

static void run_end(struct courier *courier, struct run *run)
{
	curl_multi_remove_handle(courier->multi, run->easy);
	handle_give(courier, run->easy);
	run->easy = NULL;
	if (run->before)
		run->before->next = run->next;
	else
		courier->flights = run->next;
	if (run->next)
		run->next->before = run->before;
	run->lane->flying--;
	run->lane->sender->flying--;
	courier->in_flight--;
}

void runs_abandon(struct courier *courier)
{
	while (courier->flights) {
		struct run *run = courier->flights;
		run_end(courier, run);
		run_free(run);
	}
}

bool run_has_ended(const struct run *run)
{
	return run->transfer.outcome.verdict != DELIVERY_VERDICT_NONE;
}

static void transfer_start(struct courier *courier, struct run *run)
{
	struct transfer *transfer = &run->transfer;
	const struct delivery_channel *channel = run->lane->channel;
	if (channel->protocols) {
		run->easy = handle_take(courier);
		if (run->easy)
			handle_limit(run);
		else
			transfer_end(transfer, DELIVERY_FAILED, "memory ran out before it was sent");
	}
	if (!run_has_ended(run) && channel->start)
		channel->start(transfer, run->easy);
	if (!run_has_ended(run) && !run->easy)
		BUG("channel %s has neither sent nor ended a message", channel->name);
	if (!run_has_ended(run) && curl_multi_add_handle(courier->multi, run->easy) != CURLM_OK)
		transfer_end(transfer, DELIVERY_FAILED, "it could not be sent");
}

void run_begin(struct courier *courier, struct run *run)
{
	const bool sent = !run_has_ended(run) || run->transfer.met; /* what ended before tells nothing of the other side */
	if (!run_has_ended(run))
		run->begun_us = clock_monotonic_us();
	if (!run_has_ended(run) && run->transfer.work && make_begin(courier, run))
		return;
	if (!run_has_ended(run))
		transfer_start(courier, run);
	if (!run_has_ended(run)) {
		run_flies(courier, run);
		return;
	}
	if (run->easy)
		handle_give(courier, run->easy);
	run->easy = NULL;
	if (sent)
		lane_learn(courier, run);
	settle_add(courier, run);
}

void runs_go_on(struct courier *courier)
{
	int running, left;
	const CURLMsg *message;
	curl_multi_perform(courier->multi, &running);
	while ((message = curl_multi_info_read(courier->multi, &left))) {
		struct run *run = NULL;
		CURLcode code = message->data.result;
		if (message->msg != CURLMSG_DONE || curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &run) != CURLE_OK)
			continue;
		run_judge(courier, run, code);
		run_end(courier, run);
		settle_add(courier, run);
	}
}
