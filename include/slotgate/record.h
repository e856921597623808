/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * record.h - recording what the tasks of this machine lock and wait for
 *
 * docs/RECORD.md says what is recorded and how it is named.  Errors are negative
 * errno values throughout.
 */
#ifndef SLOTGATE_RECORD_H
#define SLOTGATE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "slotgate/error.h"

/**
 * struct sg_record_options
 * @path:    of the trace
 * @all:     all tasks, not only those that touch PCI
 * @kprobes: use kprobes where BPF trampolines would do
 * @tell:    what the user has to know and is no error; may be NULL
 */
struct sg_record_options {
	const char *path;
	bool all;
	bool kprobes;
	void (*tell)(void *data, const char *text);
	void *data;
};

/** struct sg_record_stats - @hooks: functions looked at, @probed: by kprobes */
struct sg_record_stats {
	uint64_t events, lost;
	size_t tasks, objects, hooks, probed;
};

struct sg_recorder;

/** sg_recorder_start - load the kernel's part; recording has begun when this returns */
int sg_recorder_start(const struct sg_record_options *options, struct sg_recorder **ret,
		      struct sg_error *err);

/** sg_recorder_step - write what has come, or wait for it for @wait_ms */
int sg_recorder_step(struct sg_recorder *recorder, int wait_ms, struct sg_error *err);

/** sg_recorder_finish - the end: the file is whole if this returns 0; frees @recorder */
int sg_recorder_finish(struct sg_recorder *recorder, struct sg_record_stats *ret,
		       struct sg_error *err);

#endif
