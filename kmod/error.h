/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SLOTGATE_ERROR_H
#define SLOTGATE_ERROR_H

#include <linux/types.h>

bool sg_recovering(void);

#endif
