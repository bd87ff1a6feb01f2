/* channel.h: how messages of one kind leave the house: rows of a table that the delivery engine reads.
 *
 * A delivery is a row (record delivery), written by delivery_add in the transaction of what it tells. The engine's
 * courier, a thread with one libcurl multi handle, sends what is due and writes the outcomes back in batches, as
 * commands. The row's `channel` names a row of these tables; webhook.h has those of HTTP, a caller's own are given to
 * engine_open:
 *
 *     const struct delivery_channel mail_channels[] = {
 *         { .name = "mail", .retries = "1m,5m,30m,2h,12h", .jitter_percent = 20, .protocols = "smtp,smtps",
 *           .prepare = mail_prepare, .start = mail_start, .judge = mail_judge, .doc = "Mail." },
 *         { .name = NULL },
 *     };
 *
 * One attempt, never inside a transaction of a command:
 *
 *     prepare   a snapshot read: row -> what is to be sent           (may end it: transfer_end)
 *     make      a thread beside, where prepare said that there is work (may end it, or say that there is more)
 *     start     courier's thread: options of the curl handle         (may end it: a folder instead of a server)
 *     judge     courier's thread: what became of it
 *     delivery.settle, a command: done; or put off by the n-th of `retries` after the n-th failure; or dead
 *
 * At least once: what a lost process had under way is sent again. An attempt that nobody counted keeps its number.
 * Messages that share channel and endpoint_id share a lane: its window of transfers at once grows with successes and
 * halves with failures, and after DELIVERY_CIRCUIT_FAILURES in a row one probe at a time is sent, so that a dead
 * endpoint delays no other. Of test tenants messages fall due by the tenant's clock and without jitter.
 */
#ifndef MOONBILL_EVENT_CHANNEL_H
#define MOONBILL_EVENT_CHANNEL_H

#include "command.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	DELIVERY_CIRCUIT_FAILURES = 20,
	DELIVERY_CONNECT_MS = 5000,
	DELIVERY_TIMEOUT_MS = 20000,       /* of a whole attempt, unless the channel says otherwise */
	DELIVERY_ANSWER_BYTES_MAX = 65536, /* a longer answer ends the transfer as failed */
	DELIVERY_ANSWER_BYTES_KEPT = 1024,
	DELIVERY_RETRIES_MAX = 30,
};

enum delivery_verdict {
	DELIVERY_VERDICT_NONE,
	DELIVERY_DONE,
	DELIVERY_AGAIN,  /* taken note of, to be sent again (APS: 202): as often as it takes, not counted as a failure */
	DELIVERY_FAILED, /* tried again while `retries` last */
	DELIVERY_DEAD,   /* trying again would not help */
	DELIVERY_WAITS,  /* not sent, and nothing is written: its endpoint is paused; the lane sleeps until it is told */
};

struct delivery_outcome {
	enum delivery_verdict verdict;
	int status;            /* the other side's: HTTP or SMTP; 0: there was no answer */
	int64_t took_ms;
	int64_t retry_after_s; /* the other side asks for so much patience; 0: it does not */
	bool endpoint_gone;    /* HTTP 410: the endpoint is disabled with it */
	struct text error;     /* for people, redacted and cut by the engine; none of DELIVERY_DONE */
	struct text answer;    /* the first DELIVERY_ANSWER_BYTES_KEPT of it */
};

/* Which addresses it may connect to; asked of each address connected to, after resolution. Never multicast, unspecified,
 * broadcast or link-local ones (where clouds keep their metadata), whatever is allowed. */
enum address_range { ADDRESS_GLOBAL, ADDRESS_PRIVATE_TOO };

/* What is not for the courier's thread, which all wait for. */
enum transfer_work {
	TRANSFER_WORK_NONE,
	TRANSFER_WORK_SHORT, /* milliseconds of processor or disk: a document written, a file synced */
	TRANSFER_WORK_LONG,  /* seconds: another program */
};

/* One attempt. Texts and `state` belong to its arena, which lasts until it is judged. */
struct transfer {
	/* the engine's, before prepare */
	int64_t tenant_id;
	const struct delivery *delivery;
	int attempt; /* 1: the first */
	struct arena *arena;
	void **shared; /* for prepare: the channel's own, in the arena; one for all that are read together, of one place. NULL at first */
	/* the channel's, by prepare; start and judge read them */
	enum address_range addresses; /* as the tenant's settings have it, unless prepare says otherwise */
	bool plain;                   /* without TLS, as the tenant's settings have it; the same */
	int64_t timeout_ms;           /* 0: DELIVERY_TIMEOUT_MS */
	struct text url;              /* terminated */
	struct text body;
	void *state;                  /* for the channel alone */
	enum transfer_work work;      /* what `make` is to do before `start` */
	bool met;                     /* by make, which has spoken to the other side (a folder): its verdict tells of it */
	/* the engine's, before judge */
	int curl_code;                /* CURLE_OK ... */
	struct delivery_outcome outcome; /* filled but for verdict and error; those too when the engine knows them */
};

/* A curl handle is a void * here, so that only who sends includes libcurl's header. */
struct delivery_channel {
	const char *name;      /* delivery.channel; NULL ends a table */
	const char *retries;   /* "15m,30m,2h": the n-th after the n-th failure; the tenant's setting deliveries.<name>_retries first */
	int jitter_percent;    /* of a delay, either way */
	bool keeps_replies;    /* what the other side says line by line (SMTP) is its answer: the last line before its goodbye */
	const char *protocols; /* libcurl's names, comma-separated; NULL: nothing goes through libcurl */
	/* In a snapshot with the context of a read. Problems need not be reported: transfer_end says what went wrong. */
	void (*prepare)(struct command *view, struct transfer *transfer);
	/* Does transfer->work, which is none when it is called; sets it again when there is more of the other kind. The arena is the
	 * transfer's own from here on. Gives up what takes seconds when *stops is set: the process ends. NULL where there is none. */
	void (*make)(struct transfer *transfer, const atomic_bool *stops);
	/* The handle has its URL, limits, protocols and the guard of addresses set. NULL: a plain request of the URL. */
	void (*start)(struct transfer *transfer, void *curl);
	/* Sets the verdict, and the error unless it is done. Not called for what has ended before. */
	void (*judge)(struct transfer *transfer);
	/* Frees what `start` made beside the arena, once libcurl has let go of it. May be NULL. */
	void (*release)(struct transfer *transfer);
	const char *doc;
};

/* What rules may send by ctx:send(channel, {...}): made whole and checked when they do, in the transaction, so that a mistake
 * is the rule's own failure and not a message that can never arrive. */
struct message_type {
	const char *channel; /* NULL ends a table */
	/* The body that the rule gave becomes the one that the row keeps. False with problems, at pointers into the rule's. */
	bool (*accept)(struct command *command, struct delivery *delivery, struct problems *problems);
};

/* How mail leaves the house (billing/mail.h). Texts outlive the engine. */
struct mail_options {
	const char *url;             /* smtp://HOST:PORT, smtps://HOST:PORT; NULL: all of it into the folder */
	const char *user, *password; /* NULL: none is asked for */
	const char *ca_file;         /* whose certificates are believed; NULL: the system's */
	bool plain;                  /* without TLS */
	const char *folder;          /* of .eml files; made when it is missing */
	const char *pdf_python;      /* makes documents as PDF; NULL: PDF_PYTHON (billing/pdf.h) */
	int64_t timeout_ms;          /* of an attempt; 0: MAIL_TIMEOUT_MS */
	const char *from;            /* an address: who sends where nobody else is named, and who gets what comes back */
	bool tenants_send;           /* tenants may name who sends; else theirs is where answers go */
	bool tests_send;             /* mail of test tenants goes to the server too, not into the folder */
};
/* NULL: mail waits in /v1/deliveries. */
const struct mail_options *engine_mail(const struct engine *engine);

/* Ends an attempt in prepare or start: nothing is sent any more. */
void transfer_end(struct transfer *transfer, enum delivery_verdict verdict, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* For judge: what libcurl says went wrong, for people. */
const char *transfer_failure(const struct transfer *transfer);

/* The row of a message that is due at delivery->due_at; fills id, status and created_at. Of a branch it is withdrawn at once. In a perform; the courier is told
 * after the commit. Without an instant it waits until another message has ended (webhook_state.h). */
bool delivery_add(struct command *command, struct delivery *delivery);

/* NULL when there is none; also of the engine's own. */
const struct delivery_channel *engine_channel(const struct engine *engine, struct text name);
const struct delivery_channel *engine_channel_at(const struct engine *engine, size_t i); /* NULL at the end */

/* "15m,30m,2h,12h,1d" to seconds, at most DELIVERY_RETRIES_MAX of up to 30 days; "" is none of them. False with *count
 * undefined when it is no such list. */
bool delays_parse(struct text text, int64_t delays_s[static DELIVERY_RETRIES_MAX], size_t *count);

#endif
