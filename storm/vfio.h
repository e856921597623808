/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vfio.h - drives opened through vfio, several in one container
 */
#ifndef STORM_VFIO_H
#define STORM_VFIO_H

#include <stddef.h>

#include "storm.h"

/** struct storm_vfio - @container and @groups stay open until the process ends */
struct storm_vfio {
	int container;
	struct { char name[16]; int fd; } groups[STORM_SPAN];
	unsigned int ngroups;
};

/** storm_vfio_init - 0 or -errno */
int storm_vfio_init(struct storm_vfio *vfio);

/** storm_vfio_open - descriptor of @device, or -errno */
int storm_vfio_open(struct storm_vfio *vfio, const char *device);

/** storm_vfio_event - descriptor that turns readable when the kernel wants the device back */
int storm_vfio_event(int device);

int storm_vfio_reset(int device);
/** storm_vfio_hot_reset - of the slot or bus; the kernel wants all groups that it touches */
int storm_vfio_hot_reset(struct storm_vfio *vfio, int device);

#endif
