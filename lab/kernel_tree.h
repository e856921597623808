/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel_tree.h - what unpacked kernel packages consist of
 */
#ifndef LAB_KERNEL_TREE_H
#define LAB_KERNEL_TREE_H

#include "slotgate/kernel.h"

/** kernel_tree_find - image, modules and headers below @root; members of @ret may be NULL */
int kernel_tree_find(const char *root, struct sg_kernel *ret, struct sg_error *err);

/** kernel_tree_relocate - let the headers below @root refer to each other where they are */
int kernel_tree_relocate(const char *root, struct sg_error *err);

#endif
