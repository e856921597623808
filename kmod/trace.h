/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Trace events slotgate:*, for perf, trace-cmd and bpftrace
 *
 * The kernel creates no static trace events for a livepatch module (its taint
 * forbids it).  So each event is an empty function, and trace.c asks for a
 * kprobe event slotgate:NAME on it.  They cost a call while nobody listens.
 *
 * Events with a slot tell when a task entered or left that slot's gate or was
 * refused; events with a device name what was done to it; topology events carry
 * the result of entering, 0 or a negative errno.
 */
#ifndef SLOTGATE_TRACE_H
#define SLOTGATE_TRACE_H

#include <linux/device.h>

#include "gate.h"

#define SG_TRACE_SLOT(T)						\
	T(event_begin) T(event_end)					\
	T(reset_begin) T(reset_end) T(reset_refused)			\
	T(gate_dying)

#define SG_TRACE_DEV(T)							\
	T(early_unbind_begin) T(early_unbind_end)			\
	T(reset_deferred) T(reset_paid)

#define SG_TRACE_TOPOLOGY(T)						\
	T(topology_wait) T(topology_enter)

#define T(name) void sg_trace_##name(const struct sg_gate *gate);
SG_TRACE_SLOT(T)
#undef T
#define T(name) void sg_trace_##name(const struct device *dev);
SG_TRACE_DEV(T)
#undef T
#define T(name) void sg_trace_##name(int result);
SG_TRACE_TOPOLOGY(T)
#undef T

void sg_trace_init(void);
void sg_trace_exit(void);

#endif
