// SPDX-License-Identifier: GPL-2.0-only
/*
 * guest.c - PID 1 of a Xen guest, which uses every drive that it is given
 *
 * It has no way to the host: what it says goes to its console, which domain 0
 * keeps and looks into.  The words are what plans wait for, docs/PLAN.md.
 *
 * Every other drive, from the first on, it lets go of after a while, as one does
 * before xl takes a drive away: xl takes interrupt and memory of it from the guest
 * first, and asks then.  The others it uses until they fail.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent.h"

enum { CHUNK = 64 << 10, ALIGN = 4096, REST_MS = 50, ROUNDS = 20 };

static void say(unsigned int drive, const char *what)
{
	printf("guest: drive-%u-%s\n", drive, what);
	fflush(stdout);
}

/* "nvme0n1" */
static bool find_drive(char *buf, size_t size)
{
	glob_t found;

	if (glob("/sys/block/nvme*n1", 0, NULL, &found))
		return false;
	snprintf(buf, size, "%s", strrchr(found.gl_pathv[0], '/') + 1);
	globfree(&found);
	return true;
}

static bool use_once(int fd, void *buf)
{
	return pwrite(fd, buf, CHUNK, 0) == CHUNK && pread(fd, buf, CHUNK, 0) == CHUNK;
}

/* Past the page cache; returns how many times it went well. */
static unsigned int use_times(unsigned int times, int fd, void *buf)
{
	unsigned int done = 0;

	while (done < times && use_once(fd, buf)) {
		done++;
		sleep_ms(REST_MS);
	}
	return done;
}

static void use_drive(unsigned int drive, const char *name)
{
	void *buf = aligned_alloc(ALIGN, CHUNK);
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/dev/%s", name);
	fd = open(path, O_RDWR | O_DIRECT | O_CLOEXEC);
	if (fd < 0 || !buf)
		die("%s: %s", path, strerror(errno));
	memset(buf, drive, CHUNK);
	say(drive, use_times(ROUNDS, fd, buf) == ROUNDS ? "works" : "fails");
	if (drive % 2 == 0)
		use_times(UINT_MAX, fd, buf);
	close(fd);
	free(buf);
}

static void let_go(const char *name)
{
	char link[64], device[PATH_MAX];

	snprintf(link, sizeof(link), "/sys/block/%s/device/device", name);
	if (!realpath(link, device) ||
	    file_write("/sys/bus/pci/drivers/nvme/unbind", strrchr(device, '/') + 1))
		printf("guest: %s cannot be let go of\n", name);
}

void guest_run(void)
{
	int err = modules_load("guest");
	char name[32];

	printf("guest: %s\n", err ? strerror(-err) : "ready");
	for (unsigned int drive = 1; ; drive++) {
		while (!find_drive(name, sizeof(name)))
			sleep_ms(REST_MS);
		use_drive(drive, name);
		if (drive % 2)
			let_go(name);
		while (file_exists("/sys/block/%s", name))
			sleep_ms(REST_MS);
		say(drive, "gone");
	}
}
