/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * slotctl.h - the slot registers of a port, behind the kernel's back
 */
#ifndef STORM_SLOTCTL_H
#define STORM_SLOTCTL_H

#include <stdbool.h>

struct storm_port {
	int config;
	unsigned int express;	/* offset of its PCI Express capability */
};

/** storm_port_open - the port called @name; 0 or -errno */
int storm_port_open(const char *name, struct storm_port *ret);
void storm_port_close(struct storm_port *port);

bool storm_port_empty(const struct storm_port *port);
/** storm_port_cut - the slot's power and its interrupt */
int storm_port_cut(const struct storm_port *port);
/** storm_port_restore - both */
int storm_port_restore(const struct storm_port *port);

#endif
