/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cleanup.h - scope guards: release what a variable holds when it goes out of scope
 */
#ifndef SLOTGATE_CLEANUP_H
#define SLOTGATE_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define sg_cleanup(function) __attribute__((cleanup(function)))

static inline void sg_cleanup_free(void *pointer)
{
	free(*(void **)pointer);
}

static inline void sg_cleanup_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void sg_cleanup_fclose(FILE **file)
{
	if (*file)
		fclose(*file);
}

#define sg_autofree sg_cleanup(sg_cleanup_free)
#define sg_autoclose sg_cleanup(sg_cleanup_close)
#define sg_autofclose sg_cleanup(sg_cleanup_fclose)

/** sg_steal_fd - take a descriptor away from its guard */
static inline int sg_steal_fd(int *fd)
{
	int ret = *fd;

	*fd = -1;
	return ret;
}

/** sg_steal - take a pointer away from its guard */
#define sg_steal(pointer)                                \
	({                                               \
		__typeof__(pointer) sg_stolen = pointer; \
		(pointer) = NULL;                        \
		sg_stolen;                               \
	})

#endif
