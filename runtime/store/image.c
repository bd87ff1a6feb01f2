/* image.c: a whole store as bytes, for another one in memory. */
#include "store/sqlite.h"

#include <string.h>

/* Where the header of a database says which journal it is read and written with; 1: one that needs no file beside it. */
enum { HEADER_WRITE_VERSION = 18, HEADER_READ_VERSION = 19, HEADER_BYTES = 100, VERSION_ROLLBACK = 1 };

struct image_taking {
	struct store_image *image;
	struct problems *problems;
};

static bool image_of(sqlite3 *handle, struct store_image *image, struct problems *problems)
{
	sqlite3_int64 size = 0;
	image->bytes = sqlite3_serialize(handle, "main", &size, 0);
	image->size = (size_t)size;
	if (image->bytes && image->size >= HEADER_BYTES)
		return true;
	store_image_free(image);
	return problem(problems, PROBLEM_OUT_OF_MEMORY, "", "the store does not fit into memory");
}

static bool taking_body(struct store_transaction *transaction, void *context)
{
	const struct image_taking *taking = context;
	return image_of(transaction->connection->handle, taking->image, taking->problems);
}

bool store_image_take(struct store *store, struct arena *arena, struct problems *problems, struct store_image *image)
{
	struct image_taking taking = { image, problems };
	*image = (struct store_image){ NULL, 0 };
	return store_read(store, 0, arena, problems, taking_body, &taking);
}

void store_image_free(struct store_image *image)
{
	sqlite3_free(image->bytes);
	*image = (struct store_image){ NULL, 0 };
}

bool connection_fill(struct connection *connection, const struct store_image *image, struct problems *problems)
{
	unsigned char *bytes = sqlite3_malloc64(image->size);
	if (!bytes)
		return problem(problems, PROBLEM_OUT_OF_MEMORY, "", "the store does not fit into memory");
	memcpy(bytes, image->bytes, image->size);
	bytes[HEADER_WRITE_VERSION] = bytes[HEADER_READ_VERSION] = VERSION_ROLLBACK;
	int result = sqlite3_deserialize(connection->handle, "main", bytes, (sqlite3_int64)image->size,
	                                 (sqlite3_int64)image->size, SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE);
	return result == SQLITE_OK || problem_sqlite(problems, connection->handle, result, "opening the copy in memory");
}
