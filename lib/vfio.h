/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vfio.h - drives opened through vfio, several in one container
 */
#ifndef SLOTGATE_VFIO_H
#define SLOTGATE_VFIO_H

#include <stdint.h>

#define VFIO_GROUPS_MAX 128

/** struct vfio - @container and @groups stay open until vfio_deinit(), or the process ends */
struct vfio {
	int container;
	struct { char name[16]; int fd; } groups[VFIO_GROUPS_MAX];
	unsigned int ngroups;
};

/** vfio_init - 0 or -errno */
int vfio_init(struct vfio *vfio);
/** vfio_deinit - let go of container and groups, when their devices are closed */
void vfio_deinit(struct vfio *vfio);

/**
 * vfio_open - descriptor of @device, or -errno
 * @token: "vf_token=UUID" for what shares virtual functions; NULL: none
 */
int vfio_open(struct vfio *vfio, const char *device, const char *token);

/** vfio_signal - eventfd by which the kernel signals interrupt @index of a device, or -errno */
int vfio_signal(int device, uint32_t index);

int vfio_reset(int device);
/** vfio_hot_reset - of the slot or bus; the kernel wants all groups that it touches */
int vfio_hot_reset(const struct vfio *vfio, int device);

#endif
