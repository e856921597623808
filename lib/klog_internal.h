/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * klog_internal.h - what is learnt from a kernel log while it is read
 */
#ifndef SLOTGATE_KLOG_INTERNAL_H
#define SLOTGATE_KLOG_INTERNAL_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

#define KLOG_PORTS 256
#define KLOG_ASKED 64
#define KLOG_ADDRESS 16		/* "0000:05:00.0" and its NUL */

/**
 * struct klog - state of the reader
 * @task: whose stack is being read, NULL: nobody's
 * @kind: what the last report was: "sysrq-w", "sysrq-t", "hung-task", "log"; NULL: none yet
 */
struct klog {
	struct json_object *tasks;
	struct json_object *task;
	const char *kind;
	char release[64];
	struct klog_port {
		char name[KLOG_ADDRESS];
		unsigned int bus;	/* behind it; 0: not told */
		int slot;		/* -1: not told */
		int irq;		/* 0: not told */
	} ports[KLOG_PORTS];
	size_t nports;
	char asked[KLOG_ASKED][KLOG_ADDRESS];	/* devices whose owner vfio asked */
	size_t nasked;
};

/** klog_take_slot - does @line tell of ports, slots or of vfio asking an owner? */
bool klog_take_slot(struct klog *log, const char *line);
void klog_slots_reset(struct klog *log);

/** klog_slots - the evidence's `slots`: those told, and one for each other slot thread of @tasks */
struct json_object *klog_slots(const struct klog *log, struct json_object *tasks);
/** klog_asked - devices whose owner was asked and that were not removed since */
struct json_object *klog_asked(const struct klog *log);
/** klog_missing - what this log cannot tell */
struct json_object *klog_missing(const struct klog *log);

#endif
