/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xen.h - Xen's store, and drives that xen-pciback gives to guests
 */
#ifndef SLOTGATE_AGENT_XEN_H
#define SLOTGATE_AGENT_XEN_H

#include "agent.h"

#define XEN_PROGRAMS "/usr/lib/xen-4.17/bin/"
#define STORE_SOCKET "/var/run/xenstored/socket"

/** struct store - a connection; @transaction: 0 if none was begun */
struct store {
	int fd;
	uint32_t transaction;
};

/* These return 0 or a negative errno; -EAGAIN from store_end(): once more from the start. */
int store_open(struct store *store);
void store_close(struct store *store);
int store_begin(struct store *store);
int store_end(struct store *store);
int store_write(struct store *store, const char *folder, const char *key, const char *fmt, ...)
	printf_like(4, 5);
int store_remove(struct store *store, const char *path);
int store_read(struct store *store, const char *folder, const char *key, char *ret, size_t size);
/** store_number - the number that is there, or a negative errno */
int store_number(struct store *store, const char *folder, const char *key);

#endif
