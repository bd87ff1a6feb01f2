/* signature.h: HMAC-SHA256 and base64, as signatures of messages need them. Thread-safe. */
#ifndef MOONBILL_BASE_SIGNATURE_H
#define MOONBILL_BASE_SIGNATURE_H

#include "arena.h"
#include "id.h"
#include "text.h"

#include <stdbool.h>
#include <stddef.h>

struct digest hmac_sha256(struct text key, struct text message);
/* Of what the parts are together. */
struct digest hmac_sha256_parts(struct text key, const struct text *parts, size_t count);
/* The standard alphabet, padded. */
struct text base64_text(struct arena *arena, const void *bytes, size_t length);
/* False for anything that base64_text does not write. */
bool base64_read(struct arena *arena, struct text encoded, struct text *bytes);

#endif
