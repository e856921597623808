/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * aer.h - errors that a port reports and that did not happen
 *
 * By the kernel's own aer_inject: everything from the root port's interrupt on is
 * real.
 */
#ifndef SLOTGATE_AER_H
#define SLOTGATE_AER_H

#define AER_INJECTOR "/dev/aer_inject"

/** aer_inject - device "0000:00:03.0" reports an error, "fatal" or "nonfatal"; 0 or -errno */
int aer_inject(const char *device, const char *kind);

#endif
