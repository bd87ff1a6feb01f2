/* name.c: what a name may be that operators and logs show in one line. */
#include "name.h"

bool name_is_one_line(struct text name, struct problems *problems)
{
	for (size_t i = 0; i < name.length; i++)
		if ((unsigned char)name.data[i] < 0x20 || name.data[i] == 0x7f)
			return problem_value(problems, PROBLEM_BAD_TEXT, "/name", TEXT_NONE, "Write the name in one line.",
			                     "the name has a control character at byte %zu", i + 1);
	return true;
}
