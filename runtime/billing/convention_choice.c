/* convention_choice.c: which convention a subscription counts by, and whom its policies come after. */
#include "convention_choice.h"

bool convention_choose(struct command *command, struct text own, const char *pointer, struct text plan, struct text account,
                       struct convention_choice *choice)
{
	const struct {
		struct text name;
		const char *pointer;
		enum convention_by by;
	} chain[] = {
		{ own, pointer, CONVENTION_BY_SUBSCRIPTION },
		{ plan, "", CONVENTION_BY_PLAN },
		{ account, "", CONVENTION_BY_ACCOUNT },
		{ command_setting(command, "billing.convention"), "", CONVENTION_BY_TENANT },
	};
	*choice = (struct convention_choice){ convention_default(), CONVENTION_BY_DEFAULT };
	for (size_t i = 0; i < sizeof chain / sizeof *chain; i++) {
		if (!text_present(chain[i].name))
			continue;
		*choice = (struct convention_choice){ convention_find(chain[i].name), chain[i].by };
		return convention_check(command->arena, command->problems, chain[i].name, chain[i].pointer);
	}
	return true;
}

bool convention_of_line(struct command *command, const struct account *account, const struct invoice_line *line,
                        struct convention_choice *choice)
{
	if (!line || !line->catalog_plan_id)
		return convention_choose(command, TEXT_NONE, "", TEXT_NONE, account->convention, choice);
	*choice = convention_choice_kept(line->convention, (enum convention_by)line->convention_by);
	return true;
}

void convention_policies(struct command *command, const struct policy_choice *own, size_t own_count,
                         struct convention_choice choice, struct policy_choices *policies)
{
	bool last = choice.by <= CONVENTION_BY_TENANT;
	const struct convention *convention = choice.convention;
	size_t count = own_count + (last ? 0 : convention->choice_count);
	struct policy_choice *first = arena_new_many(command->arena, struct policy_choice, count + 1);
	for (size_t i = 0; i < own_count; i++)
		first[i] = own[i];
	for (size_t i = own_count; i < count; i++)
		first[i] = convention->choices[i - own_count];
	*policies = (struct policy_choices){ first, count, last ? convention->choices : NULL,
		                             last ? convention->choice_count : 0 };
}
