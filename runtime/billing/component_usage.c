/* component_usage.c: which file answers for which kind of component. */
#include "component_usage.h"

const struct component_usage_source *component_usage_source(enum component_kind kind)
{
	static const struct component_usage_source *const sources[] = {
		[COMPONENT_KIND_QUANTITY] = NULL,
		[COMPONENT_KIND_ON_OFF] = NULL,
		[COMPONENT_KIND_METERED] = &component_metered_source,
		[COMPONENT_KIND_PREPAID] = &component_prepaid_source,
		[COMPONENT_KIND_EVENT] = &event_usage_source,
	};
	return sources[kind];
}
