/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * slotctl.h - the slot registers of a port, behind the kernel's back
 *
 * QEMU ejects what is in a slot as soon as the slot's power controller and power
 * indicator are off (seen with QEMU 7.2).  With the slot's interrupt off as well
 * the kernel learns nothing until the old value is back, and then finds an event
 * and an empty slot, which has power: a surprise removal.
 *
 * Hardware asks no kernel for leave: the registers are written where they are
 * mapped.  Through the port's file one would wait, since 6.10, for whoever resets
 * the drive.  In domain 0 of Xen a program that touches what is mapped there never
 * goes on (seen), so it has to be the file: pull before anybody resets.
 *
 * Not while pciehp writes the same register, as it does when it resets a slot or switches
 * it: what either has read is stale then, and a slot may be deaf for good (seen).  What
 * happens at any moment pulls from outside (lab/pull.c).
 */
#ifndef SLOTGATE_SLOTCTL_H
#define SLOTGATE_SLOTCTL_H

#include <stdbool.h>
#include <stdint.h>

struct slotctl {
	volatile uint16_t *config;	/* the port's page of the machine's configuration space, or NULL */
	int file;			/* else the kernel's file of it */
	unsigned int express;		/* offset of its PCI Express capability */
};

struct slotctl_state {
	uint16_t control;	/* PCI_EXP_SLTCTL_* */
	uint16_t status;	/* PCI_EXP_SLTSTA_* */
};

/** slotctl_look - the registers of the port called @name, read through its file; 0 or -errno */
int slotctl_look(const char *name, struct slotctl_state *ret);

/** slotctl_open - the port called @name; 0 or -errno, -ENXIO if it is no PCI Express port */
int slotctl_open(const char *name, struct slotctl *ret);
void slotctl_close(struct slotctl *ctl);

/** slotctl_register - offset of Slot Control */
unsigned int slotctl_register(const struct slotctl *ctl);
bool slotctl_empty(const struct slotctl *ctl);
/** slotctl_cut - power and interrupt off; returns Slot Control as it was */
uint16_t slotctl_cut(const struct slotctl *ctl);
/** slotctl_restore - power and interrupt as slotctl_cut() returned them: the kernel is told */
void slotctl_restore(const struct slotctl *ctl, uint16_t was);

#endif
