/* author_tools.h: all that can be said of a bundle's folder without a store; for moonbill check, test, annotations and new. */
#ifndef MOONBILL_CLI_AUTHOR_TOOLS_H
#define MOONBILL_CLI_AUTHOR_TOOLS_H

#include "billing/bundle.h"
#include "cli.h"
#include "rule/author.h"

struct checked {
	struct rule_check_list checks;
	struct author_findings findings; /* warnings alone when all is well */
};

/* Reads the bundle in a folder, runs the lint over its files and its checks. What is wrong is in cli->problems, all of it: false.
 * content->archive is there as far as it could be read; content->rules is the caller's to release when it returns true. */
bool author_check(struct cli *cli, const char *folder, struct bundle_content *content, struct checked *checked);
/* The files of rules/ and checks/; how many. */
size_t author_files(const struct bundle_content *content, struct arena *arena, struct author_file **files);
/* What the tools know of commands and channels. False with problems. */
bool author_host_make(struct cli *cli, struct author_host *host);
/* The annotations for editors; TEXT_NONE with problems. */
struct text author_annotations_text(struct cli *cli);

#endif
