/* mail_folder.h: mail into a folder of .eml files, each there whole or not at all. */
#ifndef MOONBILL_BILLING_MAIL_FOLDER_H
#define MOONBILL_BILLING_MAIL_FOLDER_H

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

/* FOLDER/TENANT-DELIVERY.eml, on the disk when it returns; one of that name is replaced, the folder made when it is missing.
 * The name is made of numbers alone. False: errno says why. */
bool mail_folder_put(const char *folder, int64_t tenant_id, int64_t delivery_id, struct text mail, struct arena *arena);

#endif
