/* rule_memory.h: the block that a lua_State lives in, its allocator, and the images of states. Private to runtime/rule.
 *
 * All memory of a lua_State comes from one fixed block by bumping a pointer; nothing is freed singly. Everything of the
 * state lies in that block, and its only pointers to the outside are static C data and functions. So the first bytes of the
 * block, copied at some moment and put back at the same address, are the state of that moment. What must hold, and does: no
 * call is under way, the collector is stopped, there are no finalizers, frees are ignored, and the state finds the call's data
 * through the block (allocator) and the extra space (everything else).
 *
 * An image is kept of the library alone and of each rule file that was run on top of it. A thread keeps one block of
 * RULE_MEMORY_BYTES_DEFAULT with its images, the least lately used of which goes first: RULE_MEMORY_BYTES_DEFAULT and
 * RULE_IMAGES_BYTES_MAX a thread that runs rules, at most, whatever tenants deploy. A call with another limit has a block of
 * its own, which ends with it.
 */
#ifndef MOONBILL_RULE_RULE_MEMORY_H
#define MOONBILL_RULE_RULE_MEMORY_H

#include "rule_bundle.h"
#include "rule_lua.h"

enum {
	RULE_IMAGES_MAX = 64,                /* of files, a block */
	RULE_IMAGES_BYTES_MAX = 4 * 1024 * 1024, /* of them together; beyond it the least lately used go */
	RULE_IMAGE_BYTES_MAX = 256 * 1024,   /* a file that makes more when it is run is run for each call */
	RULE_NAMES = 64,
	RULES_OF_FILE = 1000,
};

/* Where a rule's text for a field or method was found to lead. Texts in the image keep their places, so the place stands for
 * the text. */
struct rule_name {
	const void *text; /* as lua_topointer gives it */
	const void *of; /* the record, or the type of value */
	int field;
	lua_CFunction method;
};

struct rule_image {
	uint64_t bundle;                 /* its serial; 0: the library alone */
	const struct bundle_file *file;
	char *bytes;                     /* of the block, from its beginning */
	size_t size_bytes;
	const char *block;
	lua_State *lua;
	struct rule_record *subject;     /* of the proxy in RULE_SLOT_SUBJECT */
	uint64_t straight[(RULES_OF_FILE + 63) / 64]; /* by ordinal: rule_straight.c */
	struct rule_name names[RULE_NAMES];
};

/* A block for `state`; NULL when there is no memory. */
struct rule_memory *rule_memory_take(struct rule_state *state, size_t size_bytes);
void rule_memory_give_back(struct rule_memory *memory);
size_t rule_memory_size(const struct rule_memory *memory);
/* What the images of files of the calling thread take. */
size_t rule_images_bytes(void);

/* lua_Alloc. Lua gives the type of a new object as the old size; shrinking must not fail. */
void *rule_allocate(void *memory, void *block, size_t old_size, size_t new_size);

/* Empties the block for a state that is made anew. */
void rule_memory_clear(struct rule_state *state);
/* What the block of a state that stays (a console's) holds at some moment, to be put back when what comes after goes wrong. Zeroed
 * before its first use; the same one is filled again and again, and freed by rule_copy_free. */
struct rule_copy {
	char *bytes;
	size_t size_bytes, capacity_bytes;
};
bool rule_copy_take(const struct rule_state *state, struct rule_copy *copy); /* false: no memory */
void rule_copy_put_back(struct rule_state *state, const struct rule_copy *copy);
void rule_copy_free(struct rule_copy *copy);
/* Puts the image of a file of the state's bundle (NULL: of the library) back and sets state->lua, image and subject. */
bool rule_image_restore(struct rule_state *state, const struct bundle_file *file);
/* Keeps the state as it stands as the image of `file` (NULL: of the library) and sets state->image; without memory, or when it
 * is too large, it is not kept: slower, not wrong. */
void rule_image_keep(struct rule_state *state, const struct bundle_file *file);

/* False when states are made anew for each call: the self-test failed (rule_proof.c), or a test wants it so. Of the
 * process. */
bool rule_images_used(void);
void rule_images_use(bool used);
/* The place of a name among those of the image; NULL when the text is the call's own. Its `text` or `of` differ while it is
 * not known: then the caller finds out, and fills it. */
static inline struct rule_name *rule_image_name(const struct rule_state *state, const void *text, const void *of)
{
	struct rule_image *image = state->image;
	if (!image || (uintptr_t)text - (uintptr_t)image->block >= image->size_bytes)
		return NULL;
	return &image->names[((uintptr_t)text / 16 ^ (uintptr_t)of / 8) % RULE_NAMES];
}

#endif
