/* demo.h: demo tenants: a folder under examples/ with a bundle and demo.json, what the tenant starts from.
 *
 *     { "clock": "2011-09-06T15:00:00Z", "ids": { "customer": 366 }, "numbers": { "order_number": 1036 },
 *       "settings": { ... }, "time_zone": "UTC", "currency": "USD" }
 */
#ifndef MOONBILL_CLI_DEMO_H
#define MOONBILL_CLI_DEMO_H

#include "base/problem.h"
#include "value/json.h"

struct demo {
	struct text name;
	struct text archive;         /* of its bundle, checked */
	const struct json *start;    /* demo.json, an object */
};

/* From the installed share directory, else from the sources beside which this program was built. */
bool demo_load(struct text name, struct arena *arena, struct problems *problems, struct demo *demo);
/* Input of fixture.set from "ids" and "numbers". */
struct text demo_fixture(const struct demo *demo, struct arena *arena);

#endif
