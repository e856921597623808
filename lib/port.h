/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * port.h - PCI Express ports in sysfs: which bus is behind them, which thread serves them
 */
#ifndef SLOTGATE_PORT_H
#define SLOTGATE_PORT_H

#include <sys/types.h>

#define DEVICE_NAME 16		/* "0000:05:00.0" and its NUL */
#define SERVICE_NAME 24		/* "0000:00:03.0:pcie004" */

/* What cannot be found leaves @ret as it is. */

/** port_of_bus - the port that bus "0000:05" is behind */
void port_of_bus(const char *bus, char ret[DEVICE_NAME]);
/** port_service - the part of @port that pciehp drives */
void port_service(const char *port, char ret[SERVICE_NAME]);
/** port_thread - thread of an interrupt of @port called @service, 0: none; @irq: its number */
pid_t port_thread(const char *port, const char *service, int *irq);

#endif
