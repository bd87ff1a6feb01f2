/* file.h: whole files and folders, read with limits. */
#ifndef MOONBILL_CLI_FILE_H
#define MOONBILL_CLI_FILE_H

#include "base/problem.h"
#include "billing/bundle_archive.h"

enum { FILE_CONFIG_BYTES_MAX = 1024 * 1024 };

/* PROBLEM_IO_FAILED names the path and the reason. */
bool file_read(const char *path, size_t bytes_max, struct arena *arena, struct problems *problems, struct text *content);
/* The same of standard input, to its end. */
bool file_read_input(size_t bytes_max, struct arena *arena, struct problems *problems, struct text *content);
/* Makes the file, which must not be there; PROBLEM_IO_FAILED names the path and the reason. */
bool file_write(const char *path, struct text content, struct problems *problems);
/* The content in place of what the file holds, whole or not at all, also when the power goes: its owner and mode stay. A new
 * file is its owner's alone. */
bool file_replace(const char *path, struct text content, struct arena *arena, struct problems *problems);
/* Makes the folder, which may be there. */
bool file_folder_make(const char *path, struct problems *problems);
/* Packs the folder of a bundle: bundle.json and what lies in rules/, catalog/, templates/ and checks/. Other
 * files at the top (README.md, demo.json) stay outside; hidden files and those ending with ~ are passed over. */
bool file_bundle_pack(const char *folder, struct arena *arena, struct problems *problems, struct text *archive);

#endif
