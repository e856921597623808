/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * trace_op.h - operations of a trace, for both sides of the recorder
 */
#ifndef SLOTGATE_TRACE_OP_H
#define SLOTGATE_TRACE_OP_H

/** enum sg_trace_op - what a task did */
enum sg_trace_op {
	SG_OP_ACQUIRE,		/* alone; would have waited */
	SG_OP_ACQUIRE_SHARED,	/* as a reader; would have waited, also for queued writers */
	SG_OP_TRY,		/* got it; would not have waited for ever */
	SG_OP_TRY_SHARED,
	SG_OP_TRY_FAILED,
	SG_OP_TRY_SHARED_FAILED,
	SG_OP_RELEASE,
	SG_OP_DRAIN,		/* waited until nobody else held it */
	SG_OP_FORK,		/* @object is a task, which begins after this */
	SG_OP_JOIN,		/* waited until task @object had ended */
	SG_OP_SIGNAL,		/* from now on nobody waits for completion @object */
	SG_OP_AWAIT,
	SG_OP_COUNT
};

#endif
