/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SLOTGATE_VERSION_H
#define SLOTGATE_VERSION_H

#define SG_VERSION "0.1.0"

#endif
