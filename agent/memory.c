// SPDX-License-Identifier: GPL-2.0-only
/*
 * memory.c - how much memory the kernel itself has in use, to see whether it grows
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"

#define KMEMLEAK "/sys/kernel/debug/kmemleak"
#define SCANS 2			/* one may miss what was just moved from place to place */
#define SCAN_MS 6000		/* kmemleak leaves alone what is younger than 5 s */

/* Lines of /proc/meminfo in which a leak of the kernel shows, in KiB. */
static const char *const kinds[] = { "MemFree", "SUnreclaim", "VmallocUsed", "Percpu" };

static void add_kinds(struct json_object *rec)
{
	char *text, *line, *save = NULL, name[32];
	long kib;

	if (file_slurp("/proc/meminfo", &text, NULL))
		return;
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
			if (sscanf(line, "%31[^:]: %ld", name, &kib) == 2 && !strcmp(name, kinds[i]))
				json_object_object_add(rec, name, json_object_new_int64(kib));
	free(text);
}

/* How many objects of each slab cache are in use: "name active_objs ..." */
static void add_caches(struct json_object *rec)
{
	struct json_object *caches = json_object_new_object();
	char *text, *line, *save = NULL, name[64];
	long active;

	json_object_object_add(rec, "slab", caches);
	if (file_slurp("/proc/slabinfo", &text, NULL))
		return;
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (sscanf(line, "%63s %ld", name, &active) == 2 && active)
			json_object_object_add(caches, name, json_object_new_int64(active));
	free(text);
}

void report_memory(const char *when)
{
	struct json_object *rec = record("memory");

	json_object_object_add(rec, "when", json_object_new_string(when));
	add_kinds(rec);
	add_caches(rec);
	report(rec);
}

/* Only a debug kernel can tell what nobody has a pointer to any more. */
void leaks_none(void)
{
	char *text;

	if (!file_exists(KMEMLEAK))
		return;
	for (int scan = 0; scan < SCANS; scan++) {
		sleep_ms(SCAN_MS);
		if (file_write(KMEMLEAK, "scan"))
			die(KMEMLEAK " cannot be told to look");
	}
	if (file_slurp(KMEMLEAK, &text, NULL))
		die(KMEMLEAK " cannot be read");
	if (strstr(text, "unreferenced object"))
		wrong("memory has leaked: %.400s", text);
	free(text);
}
