/* name.c: what a name may be that operators and logs show in one line. */
#include "name.h"

bool name_is_visible(struct text name, struct problems *problems)
{
	return name.length == 0 || text_trim(name).length > 0 ||
	       problem_value(problems, PROBLEM_TOO_SHORT, "/name", name, "Give a name that can be seen.", "the name is blank");
}

bool name_is_one_line(struct text name, struct problems *problems)
{
	for (size_t i = 0; i < name.length; i++)
		if ((unsigned char)name.data[i] < 0x20 || name.data[i] == 0x7f)
			return problem_value(problems, PROBLEM_BAD_TEXT, "/name", TEXT_NONE, "Write the name in one line.",
			                     "the name has a control character at byte %zu", i + 1);
	return name_is_visible(name, problems);
}
