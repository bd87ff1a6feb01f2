/* console_subcommand.h: where a console of a bundle begins; for moonbill console and moonbill test. */
#ifndef MOONBILL_CLI_CONSOLE_SUBCOMMAND_H
#define MOONBILL_CLI_CONSOLE_SUBCOMMAND_H

#include "cli.h"
#include "console/console.h"

/* The store of a test tenant made for the bundle in a folder; the caller frees the image. False with problems, or when what is
 * wrong has been printed. */
bool console_image_of_bundle(struct cli *cli, const char *folder, struct store_image *image);
/* `folder` NULL: of the tenant that --tenant names. */
struct console_options console_options_of(struct cli *cli, const char *folder, const struct store_image *image);

#endif
