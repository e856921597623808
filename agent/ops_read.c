// SPDX-License-Identifier: GPL-2.0-only
/*
 * ops_read.c - a process that reads an NVMe drive
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ops.h"

enum { CHUNK = 1 << 20, ALIGN = 4096, CHUNKS = 32 };

/* Folder of the drive's namespace in sysfs; false as long as there is none. */
static bool find_namespace(const struct slot *slot, char *buf, size_t size)
{
	char pattern[128];
	glob_t found;

	snprintf(pattern, sizeof(pattern), "/sys/bus/pci/devices/%s/nvme/nvme*/nvme*n*",
		 slot->device);
	if (glob(pattern, GLOB_ONLYDIR, NULL, &found))
		return false;
	snprintf(buf, size, "%s", found.gl_pathv[0]);
	globfree(&found);
	return true;
}

/* Past the page cache, again and again, until the drive is gone. */
static int read_main(void *arg)
{
	int fd = open(arg, O_RDONLY | O_DIRECT | O_CLOEXEC);
	void *buf = aligned_alloc(ALIGN, CHUNK);
	unsigned int done = 0;

	if (fd < 0 || !buf)
		report_note("%s: %s", (const char *)arg, strerror(errno));
	while (fd >= 0 && buf && pread(fd, buf, CHUNK, (off_t)(done % CHUNKS) * CHUNK) == CHUNK)
		done++;
	report_note("%s was read %u times", (const char *)arg, done);
	return 0;
}

struct search {
	const struct slot *slot;
	char folder[128];
};

static bool has_namespace(void *arg)
{
	struct search *search = arg;

	return find_namespace(search->slot, search->folder, sizeof(search->folder));
}

void op_read(char **words, unsigned int count)
{
	struct search search = { .slot = slot_arg(words[1]) };
	char role[64], path[64];

	(void)count;
	id_arg(words[0]);
	if (!wait_for(60, has_namespace, &search))
		die("slot %u: %s is no drive that can be read", search.slot->number,
		    search.slot->device);
	snprintf(path, sizeof(path), "/dev/%s", strrchr(search.folder, '/') + 1);
	snprintf(role, sizeof(role), "read %u", search.slot->number);
	proc_spawn(words[0], role, read_main, path);
}

static bool is_reading(void *arg)
{
	struct search search = { .slot = arg };
	char text[64];

	return has_namespace(&search) && !file_read(text, sizeof(text), "%s/inflight", search.folder) &&
	       atoi(text);
}

void op_await_reads(char **words, unsigned int count)
{
	const struct slot *slot = slot_arg(words[1]);

	(void)count;
	if (!wait_for(number_arg(words[0]), is_reading, (void *)slot))
		die("slot %u: nobody reads %s", slot->number, slot->device);
}
