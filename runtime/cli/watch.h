/* watch.h: serve --watch DIR: a bundle's folder is deployed when it changes. For development.
 *
 * A thread of its own waits for changes (inotify), lets them settle, then does what moonbill check and moonbill deploy do, through
 * the engine that serves. What is wrong is told on standard error and leaves in force what was; so does a folder that is gone, until
 * it is there again.
 */
#ifndef MOONBILL_CLI_WATCH_H
#define MOONBILL_CLI_WATCH_H

#include "cli.h"
#include "event/engine.h"

struct watch;

/* Deploys once, then watches. `cli` has --tenant; it outlives the watch. NULL with problems. */
struct watch *watch_start(struct cli *cli, struct engine *engine, const char *folder);
void watch_stop(struct watch *watch); /* accepts NULL */

#endif
