/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xen.h - the hypervisor under which a kernel runs as dom0, and its programs
 */
#ifndef SLOTGATE_XEN_H
#define SLOTGATE_XEN_H

#include "slotgate/initramfs.h"
#include "slotgate/kernel.h"

/**
 * struct sg_xen - Xen at hand
 * @hypervisor: its image, unpacked
 * @programs:   initramfs part: the store, xl, and the libraries that they need
 */
struct sg_xen {
	char *hypervisor;
	struct sg_blob programs;
};

/** sg_xen_open - what is in the cache, else fetched; nothing is installed */
int sg_xen_open(const struct sg_watch *watch, struct sg_xen *ret, struct sg_error *err);
void sg_xen_deinit(struct sg_xen *xen);

/**
 * sg_xen_guest - initramfs part of domain 0 from which it can create a guest
 * @kernel: what the guest boots
 * @base:   its initramfs, as of domain 0
 */
int sg_xen_guest(const struct sg_kernel *kernel, const struct sg_blob *base,
		 struct sg_blob *ret, struct sg_error *err);

#endif
