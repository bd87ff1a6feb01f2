/* rule_proof.h: whether calls from images are like calls from nothing, tried out. Private to runtime/rule. */
#ifndef MOONBILL_RULE_RULE_PROOF_H
#define MOONBILL_RULE_RULE_PROOF_H

#include <stdbool.h>

/* Runs rules that spoil whatever they can reach, from images and in states made anew; false when any two runs differ. Where
 * that is so (a Lua that keeps something outside its allocator's memory) the process makes states anew for each call. */
bool rule_images_proved(void);

#endif
