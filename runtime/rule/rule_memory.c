/* rule_memory.c: blocks of memory that states live in, and images of states. */
#include "rule_memory.h"

#include "rule_state.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(start, size) ((void)(start), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(start, size) ((void)(start), (void)(size))
#endif

enum { SCRATCH_BYTES_MAX = 16 * 1024 * 1024, IMAGE_GAP_BYTES = 16 };

struct rule_memory {
	size_t size_bytes;
	bool kept, in_use;        /* by its thread */
	struct arena scratch;
	struct rule_state *state; /* of the call that uses the block */
	struct rule_image *library;
	struct rule_image *images[RULE_IMAGES_MAX]; /* the most lately used first */
	size_t image_count, images_bytes; /* of these */
	_Alignas(16) char bytes[];
};

/* ------------------------------------------------------------------------------------------------ blocks */

/* The block of this thread: pages that were touched once stay mapped, and its images are worth keeping. */
static _Thread_local struct rule_memory *memory_kept;
static pthread_key_t memory_key;
static pthread_once_t memory_once = PTHREAD_ONCE_INIT;

static void image_free(struct rule_image *image)
{
	if (image)
		memory_free(image->bytes);
	memory_free(image);
}

static void memory_destroy(void *block)
{
	struct rule_memory *memory = block;
	arena_finish(&memory->scratch);
	image_free(memory->library);
	for (size_t i = 0; i < memory->image_count; i++)
		image_free(memory->images[i]);
	ASAN_UNPOISON_MEMORY_REGION(memory->bytes, memory->size_bytes);
	memory_free(memory);
}

static void memory_key_create(void)
{
	if (pthread_key_create(&memory_key, memory_destroy) != 0)
		BUG("no thread key is left");
}

static size_t size_aligned(size_t size)
{
	return (size + 15) & ~(size_t)15;
}

static struct rule_memory *memory_new(size_t size_bytes)
{
	struct rule_memory *memory = memory_alloc(sizeof *memory + size_bytes);
	if (!memory)
		return NULL;
	memset(memory, 0, sizeof *memory);
	memory->size_bytes = size_bytes;
	if (arena_init(&memory->scratch, SCRATCH_BYTES_MAX))
		return memory;
	memory_free(memory);
	return NULL;
}

static void memory_keep(struct rule_memory *memory)
{
	pthread_once(&memory_once, memory_key_create);
	if (pthread_setspecific(memory_key, memory) != 0)
		return; /* it ends with the call instead */
	memory->kept = true;
	memory_kept = memory;
}

struct rule_memory *rule_memory_take(struct rule_state *state, size_t size_bytes)
{
	struct rule_memory *memory = memory_kept;
	size_bytes = size_aligned(size_bytes);
	if (!memory || memory->in_use || memory->size_bytes != size_bytes) {
		memory = memory_new(size_bytes);
		if (memory && !memory_kept && size_bytes == RULE_MEMORY_BYTES_DEFAULT)
			memory_keep(memory);
	}
	if (memory) {
		memory->in_use = true;
		memory->state = state;
		state->arena = &memory->scratch;
		state->memory_end = memory->bytes + memory->size_bytes;
	}
	return memory;
}

void rule_memory_give_back(struct rule_memory *memory)
{
	memory->in_use = false;
	memory->state = NULL;
	if (memory->kept)
		arena_reset(&memory->scratch);
	else
		memory_destroy(memory);
}

size_t rule_memory_size(const struct rule_memory *memory)
{
	return memory->size_bytes;
}

/* ------------------------------------------------------------------------------------------------ allocator */

static void *memory_spent(struct rule_state *state)
{
	if (!state->doom) {
		state->doom = RULE_DOOM_MEMORY;
		if (state->lua)
			rule_place_of(state->lua, state->doom_place, sizeof state->doom_place);
	}
	return NULL;
}

/* A new object has a type and is paid for; what it grows by has none. */
static void *memory_bump(struct rule_state *state, size_t type, size_t size)
{
	size_t wanted = size_aligned(size);
	if (size > state->memory->size_bytes || wanted > (size_t)(state->memory_end - state->memory_next))
		return memory_spent(state);
	if (type != 0)
		state->fuel_used += (int64_t)(wanted / RULE_FUEL_OBJECT_BYTES);
	else
		state->grown_bytes += (int64_t)wanted;
	char *block = state->memory_next;
	state->memory_next += wanted;
	ASAN_UNPOISON_MEMORY_REGION(block, size);
	return block;
}

/* Grows or shrinks the newest block where it lies. */
static bool memory_resize_last(struct rule_state *state, char *block, size_t old_size, size_t new_size)
{
	if (block + size_aligned(old_size) != state->memory_next)
		return false;
	if (new_size > (size_t)(state->memory_end - block))
		return false;
	ASAN_POISON_MEMORY_REGION(block, size_aligned(old_size));
	ASAN_UNPOISON_MEMORY_REGION(block, new_size);
	state->memory_next = block + size_aligned(new_size);
	if (new_size > old_size)
		state->grown_bytes += (int64_t)(new_size - old_size);
	return true;
}

void *rule_allocate(void *context, void *block, size_t old_size, size_t new_size)
{
	struct rule_state *state = ((struct rule_memory *)context)->state;
	if (block == NULL) {
		bool long_text = old_size == LUA_TSTRING && new_size > RULE_TEXT_BYTES_MAX + 64;
		return state->doom || long_text ? memory_spent(state) : memory_bump(state, old_size, new_size);
	}
	if (new_size == 0) {
		memory_resize_last(state, block, old_size, 0);
		return NULL;
	}
	if (memory_resize_last(state, block, old_size, new_size) || new_size <= old_size)
		return block;
	void *grown = state->doom ? memory_spent(state) : memory_bump(state, 0, new_size);
	if (grown)
		memcpy(grown, block, old_size);
	return grown;
}

void rule_memory_clear(struct rule_state *state)
{
	struct rule_memory *memory = state->memory;
	state->memory_next = memory->bytes;
	ASAN_POISON_MEMORY_REGION(memory->bytes, memory->size_bytes);
}

/* ------------------------------------------------------------------------------------------------ copies */

static bool copy_fits(struct rule_copy *copy, size_t size_bytes)
{
	if (size_bytes <= copy->capacity_bytes)
		return true;
	char *grown = memory_realloc(copy->bytes, 2 * size_bytes);
	if (!grown)
		return false;
	copy->bytes = grown;
	copy->capacity_bytes = 2 * size_bytes;
	return true;
}

bool rule_copy_take(const struct rule_state *state, struct rule_copy *copy)
{
	struct rule_memory *memory = state->memory;
	size_t size_bytes = (size_t)(state->memory_next - memory->bytes);
	if (!copy_fits(copy, size_bytes))
		return false;
	ASAN_UNPOISON_MEMORY_REGION(memory->bytes, size_bytes);
	memcpy(copy->bytes, memory->bytes, size_bytes);
	copy->size_bytes = size_bytes;
	return true;
}

void rule_copy_put_back(struct rule_state *state, const struct rule_copy *copy)
{
	struct rule_memory *memory = state->memory;
	ASAN_POISON_MEMORY_REGION(memory->bytes, memory->size_bytes);
	ASAN_UNPOISON_MEMORY_REGION(memory->bytes, copy->size_bytes);
	memcpy(memory->bytes, copy->bytes, copy->size_bytes);
	state->memory_next = memory->bytes + copy->size_bytes;
}

void rule_copy_free(struct rule_copy *copy)
{
	memory_free(copy->bytes);
	*copy = (struct rule_copy){ NULL, 0, 0 };
}

/* ------------------------------------------------------------------------------------------------ images */

/* Set once, by the self-test, before the first call of a rule; and by tests. */
static atomic_bool images_unused;

bool rule_images_used(void)
{
	return !atomic_load_explicit(&images_unused, memory_order_relaxed);
}

void rule_images_use(bool used)
{
	atomic_store_explicit(&images_unused, !used, memory_order_relaxed);
}

/* Moves the image to the front. */
static struct rule_image *image_find(struct rule_memory *memory, uint64_t bundle, const struct bundle_file *file)
{
	for (size_t i = 0; i < memory->image_count; i++) {
		struct rule_image *image = memory->images[i];
		if (image->bundle != bundle || image->file != file)
			continue;
		memmove(&memory->images[1], &memory->images[0], i * sizeof image);
		memory->images[0] = image;
		return image;
	}
	return NULL;
}

bool rule_image_restore(struct rule_state *state, const struct bundle_file *file)
{
	struct rule_memory *memory = state->memory;
	if (!rule_images_used())
		return false;
	struct rule_image *image = file ? image_find(memory, state->bundle->serial, file) : memory->library;
	if (!image)
		return false;
	ASAN_POISON_MEMORY_REGION(memory->bytes, memory->size_bytes);
	ASAN_UNPOISON_MEMORY_REGION(memory->bytes, image->size_bytes);
	memcpy(memory->bytes, image->bytes, image->size_bytes);
	state->memory_next = memory->bytes + image->size_bytes;
	state->image = image;
	state->subject = image->subject;
	rule_state_attach(state, image->lua);
	return true;
}

static struct rule_image *image_new(struct rule_state *state)
{
	struct rule_memory *memory = state->memory;
	size_t size_bytes = (size_t)(state->memory_next - memory->bytes);
	struct rule_image *image = size_bytes <= RULE_IMAGE_BYTES_MAX ? memory_alloc(sizeof *image) : NULL;
	char *bytes = image ? memory_alloc(size_bytes) : NULL;
	if (!bytes) {
		memory_free(image);
		return NULL;
	}
	ASAN_UNPOISON_MEMORY_REGION(memory->bytes, size_bytes);
	memcpy(bytes, memory->bytes, size_bytes);
	*image = (struct rule_image){
		.bytes = bytes, .size_bytes = size_bytes, .block = memory->bytes, .lua = state->lua, .subject = state->subject,
	};
	return image;
}

static size_t image_bytes(const struct rule_image *image)
{
	return sizeof *image + image->size_bytes;
}

static void image_drop_last(struct rule_memory *memory)
{
	struct rule_image *image = memory->images[--memory->image_count];
	memory->images_bytes -= image_bytes(image);
	image_free(image);
}

size_t rule_images_bytes(void)
{
	return memory_kept ? memory_kept->images_bytes : 0;
}

/* The newest block of a state may shrink or end. A gap behind it keeps what the call makes out of the image's bytes: there
 * each place stands for one text, whatever call it is (struct rule_name). Also where no image is kept, so that all states are
 * alike. */
static void newest_close(struct rule_state *state)
{
	if (state->memory_end - state->memory_next >= IMAGE_GAP_BYTES)
		state->memory_next += IMAGE_GAP_BYTES;
}

void rule_image_keep(struct rule_state *state, const struct bundle_file *file)
{
	struct rule_memory *memory = state->memory;
	newest_close(state);
	struct rule_image *image = rule_images_used() && memory->kept ? image_new(state) : NULL;
	if (!image)
		return;
	state->image = image;
	if (!file) {
		image_free(memory->library);
		memory->library = image;
		return;
	}
	image->bundle = state->bundle->serial;
	image->file = file;
	memory->images_bytes += image_bytes(image);
	while (memory->image_count == RULE_IMAGES_MAX || memory->images_bytes > RULE_IMAGES_BYTES_MAX)
		image_drop_last(memory);
	memmove(&memory->images[1], &memory->images[0], memory->image_count++ * sizeof image);
	memory->images[0] = image;
}
