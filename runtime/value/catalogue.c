/* catalogue.c: the event catalogue and the kinds of policies, as tables. */
#include "catalogue.h"

#include "base/problem.h"

const struct event_info *event_info(enum event event)
{
	if (event <= EVENT_NONE || event >= EVENT_COUNT)
		BUG("event %d is not one", (int)event);
	return &event_infos[event];
}

static const struct event_side *side_of(const struct event_info *info, enum event_side_kind side)
{
	switch (side) {
	case EVENT_SIDE_PRE:
		return &info->pre;
	case EVENT_SIDE_POST:
		return &info->post;
	case EVENT_SIDE_SIGNAL:
		return &info->signal;
	case EVENT_SIDE_ANY:
		break;
	}
	BUG("side %d is not one", (int)side);
}

const struct event_side *event_side(enum event event, enum event_side_kind side)
{
	return side_of(event_info(event), side);
}

const char *event_side_name(enum event_side_kind side)
{
	static const char *const names[] = { "any", "pre", "post", "signal" };
	return names[side];
}

const char *event_system_name(enum event_system system)
{
	return event_system_names[system];
}

static bool alias_is(const struct event_alias *alias, struct text name)
{
	struct text head, condition;
	if (text_is(name, alias->name))
		return true;
	if (!alias->condition || !text_split(name, '[', &head, &condition) || condition.length == 0)
		return false;
	return text_is(head, alias->name) && condition.data[condition.length - 1] == ']' &&
	       text_is(text_slice(condition, 0, condition.length - 1), alias->condition);
}

/* The side of `info` that `name` means: EVENT_SIDE_ANY for its core name; false when it means none. */
static bool name_means(const struct event_info *info, struct text name, enum event_side_kind *side)
{
	*side = EVENT_SIDE_ANY;
	if (text_is(name, info->name))
		return true;
	for (*side = EVENT_SIDE_PRE; *side <= EVENT_SIDE_SIGNAL; (*side)++) {
		const struct event_side *candidate = side_of(info, *side);
		for (size_t i = 0; i < candidate->alias_count; i++)
			if (alias_is(&candidate->aliases[i], name))
				return true;
	}
	*side = EVENT_SIDE_ANY;
	return false;
}

enum event event_find_next(struct text name_or_alias, enum event after, enum event_side_kind *side)
{
	for (enum event event = after + 1; event < EVENT_COUNT; event++)
		if (name_means(&event_infos[event], name_or_alias, side))
			return event;
	*side = EVENT_SIDE_ANY;
	return EVENT_NONE;
}

enum event event_find(struct text name_or_alias, enum event_side_kind *side)
{
	return event_find_next(name_or_alias, EVENT_NONE, side);
}

const char *event_name_candidate(const void *context, size_t i)
{
	(void)context;
	if (i < EVENT_COUNT - 1)
		return event_infos[i + 1].name;
	i -= EVENT_COUNT - 1;
	for (enum event event = EVENT_NONE + 1; event < EVENT_COUNT; event++) {
		for (enum event_side_kind side = EVENT_SIDE_PRE; side <= EVENT_SIDE_SIGNAL; side++) {
			const struct event_side *candidate = side_of(&event_infos[event], side);
			if (i < candidate->alias_count)
				return candidate->aliases[i].name;
			i -= candidate->alias_count;
		}
	}
	return NULL;
}

const struct policy_info *policy_info(enum policy policy)
{
	if (policy <= POLICY_NONE || policy >= POLICY_COUNT)
		BUG("policy %d is not one", (int)policy);
	return &policy_infos[policy];
}

enum policy policy_find(struct text name)
{
	for (enum policy policy = POLICY_NONE + 1; policy < POLICY_COUNT; policy++)
		if (text_is(name, policy_infos[policy].name))
			return policy;
	return POLICY_NONE;
}

const char *policy_name_candidate(const void *context, size_t i)
{
	(void)context;
	return i < POLICY_COUNT - 1 ? policy_infos[i + 1].name : NULL;
}
