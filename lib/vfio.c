// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio.c - drives opened through vfio, several in one container
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "file.h"
#include "vfio.h"

static int call(int fd, unsigned long request, const void *arg)
{
	int ret = ioctl(fd, request, arg);

	return ret < 0 ? -errno : ret;
}

int vfio_init(struct vfio *vfio)
{
	*vfio = (struct vfio){ .container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC) };
	return vfio->container < 0 ? -errno : 0;
}

void vfio_deinit(struct vfio *vfio)
{
	for (unsigned int i = 0; i < vfio->ngroups; i++)
		close(vfio->groups[i].fd);
	close(vfio->container);
	*vfio = (struct vfio){ .container = -1 };
}

/* The container takes its type once the first group is in it. */
static int group_attach(struct vfio *vfio, int group)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };
	int err = call(group, VFIO_GROUP_GET_STATUS, &status);

	if (!err && !(status.flags & VFIO_GROUP_FLAGS_VIABLE))
		err = -EPERM;
	if (!err)
		err = call(group, VFIO_GROUP_SET_CONTAINER, &vfio->container);
	if (!err && !vfio->ngroups)
		err = call(vfio->container, VFIO_SET_IOMMU, (void *)VFIO_TYPE1_IOMMU);
	return err;
}

/* Drives below one switch may share a group, and a group opens only once. */
static int group_open(struct vfio *vfio, const char *device)
{
	char name[16], path[64];
	int fd, err;

	if (file_link(name, sizeof(name), "/sys/bus/pci/devices/%s/iommu_group", device))
		return -ENODEV;
	for (unsigned int i = 0; i < vfio->ngroups; i++)
		if (!strcmp(vfio->groups[i].name, name))
			return vfio->groups[i].fd;
	snprintf(path, sizeof(path), "/dev/vfio/%s", name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = vfio->ngroups < VFIO_GROUPS_MAX ? group_attach(vfio, fd) : -EMFILE;
	if (err) {
		close(fd);
		return err;
	}
	strcpy(vfio->groups[vfio->ngroups].name, name);
	vfio->groups[vfio->ngroups++].fd = fd;
	return fd;
}

int vfio_open(struct vfio *vfio, const char *device, const char *token)
{
	int group = group_open(vfio, device);
	char name[96];

	snprintf(name, sizeof(name), "%s%s%s", device, token ? " " : "", token ? token : "");
	return group < 0 ? group : call(group, VFIO_GROUP_GET_DEVICE_FD, name);
}

int vfio_signal(int device, uint32_t index)
{
	/* the structure ends in an array, here of one descriptor */
	char buf[sizeof(struct vfio_irq_set) + sizeof(int32_t)]
		__attribute__((aligned(__alignof__(struct vfio_irq_set)))) = "";
	struct vfio_irq_set *set = (void *)buf;
	int32_t fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int err;

	if (fd < 0)
		return -errno;
	set->argsz = sizeof(buf);
	set->flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER;
	set->index = index;
	set->count = 1;
	memcpy(set->data, &fd, sizeof(fd));
	err = call(device, VFIO_DEVICE_SET_IRQS, set);
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

int vfio_reset(int device)
{
	return call(device, VFIO_DEVICE_RESET, NULL);
}

int vfio_hot_reset(const struct vfio *vfio, int device)
{
	char buf[sizeof(struct vfio_pci_hot_reset) + VFIO_GROUPS_MAX * sizeof(int32_t)]
		__attribute__((aligned(__alignof__(struct vfio_pci_hot_reset)))) = "";
	struct vfio_pci_hot_reset *reset = (void *)buf;
	int32_t *fds = (void *)(reset + 1);

	reset->argsz = sizeof(*reset) + vfio->ngroups * sizeof(int32_t);
	reset->count = vfio->ngroups;
	for (unsigned int i = 0; i < vfio->ngroups; i++)
		fds[i] = vfio->groups[i].fd;
	return call(device, VFIO_DEVICE_PCI_HOT_RESET, reset);
}
