/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hook.h - a function of the kernel that is looked at when it begins or ends
 *
 * Each hook comes in two forms: on a BPF trampoline (fentry, fexit), and on
 * kprobes, which some kernels allow only for functions that carry a livepatch
 * and which are all there is for functions of modules.  Which one is loaded,
 * and what it is attached to, its name tells: KIND__FUNCTION.
 *
 * What a hook does is written once, with these at hand: ctx, a and b (the first
 * two arguments), ret.
 */
#ifndef BPF_HOOK_H
#define BPF_HOOK_H

#include "state.h"

/* x86-64: where the calling convention puts arguments and results. */
struct pt_regs___x86 {
	unsigned long ax, di, si, dx;
} __attribute__((preserve_access_index));

struct pt_regs;
#define REGS(ctx, reg) BPF_CORE_READ((struct pt_regs___x86 *)(ctx), reg)

/* Who is not followed has no entry yet, which matters only where all are recorded. */
static __always_inline void call_begin(u64 a, u64 b)
{
	struct task *task = my_task();

	if (!task && all_tasks)
		task = new_task();
	if (!task)
		return;
	if (task->npending >= PENDING_MAX) {
		count_lost();
		return;
	}
	task->pending[task->npending & (PENDING_MAX - 1)] = (struct call){ a, b };
	task->npending++;
}

static __always_inline bool call_end(u64 *a, u64 *b)
{
	struct task *task = my_task();
	struct call *call;

	if (!task || !task->npending)
		return false;
	task->npending--;
	call = &task->pending[task->npending & (PENDING_MAX - 1)];
	*a = call->a;
	*b = call->b;
	if (!task->npending && !task->depth)
		free_task(task);
	return true;
}

#define UNUSED __attribute__((unused))

/* ALWAYS: of every task; else of those that are followed. */
#define ALWAYS true

/*
 * What nearly everybody does who comes by, nearly always, is done before anything else: a
 * function that goes on needs registers, which are saved first.
 */
#define MAY_BE(who) (__builtin_constant_p(who) || all_tasks || following)

#define HOOK_BODY(fn, body)                                                              \
	static __always_inline void do_##fn(void *ctx UNUSED, u64 a UNUSED, u64 b UNUSED, \
					    u64 ret UNUSED)                              \
	{                                                                                \
		body;                                                                    \
	}

/*
 * An argument, or behind them the result, as a number: the verifier knows what pointers
 * of the kernel point to, and lets nobody calculate with them.  Read only if it is used.
 */
static __always_inline u64 word(void *ctx, int n)
{
	u64 value = ((u64 *)ctx)[n];

	asm("%0 = -%0" : "+r"(value));
	return -value;
}

/* --- at the beginning --- */

#define HOOK_ENTRY_PROBE(fn, who)                                            \
	SEC("kprobe") int kprobe__##fn(void *ctx)                            \
	{                                                                    \
		if (who)                                                     \
			do_##fn##_begin(ctx, REGS(ctx, di), REGS(ctx, si), 0); \
		return 0;                                                    \
	}

#define HOOK_TRAMPOLINE(fn, who, body)                               \
	HOOK_BODY(fn##_begin, body)                                  \
	static __noinline int at_begin_of_##fn(void *ctx)            \
	{                                                            \
		if (who)                                             \
			do_##fn##_begin(ctx, word(ctx, 0), word(ctx, 1), 0); \
		return 0;                                            \
	}                                                            \
	SEC("fentry") int fentry__##fn(void *ctx)                    \
	{                                                            \
		return MAY_BE(who) ? at_begin_of_##fn(ctx) : 0;      \
	}

#define HOOK_ENTRY_IF(fn, who, body) \
	HOOK_TRAMPOLINE(fn, who, body) \
	HOOK_ENTRY_PROBE(fn, who)

/* --- at the end; @args is how many the function takes --- */

#define HOOK_EXIT_PROBE(fn, who)                                             \
	SEC("kretprobe") int kretprobe__##fn(void *ctx)                      \
	{                                                                    \
		u64 a = 0, b = 0;                                            \
		if ((who) && call_end(&a, &b))                               \
			do_##fn##_end(ctx, a, b, REGS(ctx, ax));             \
		return 0;                                                    \
	}                                                                    \
	SEC("kprobe") int kpentry__##fn(void *ctx)                           \
	{                                                                    \
		if (who)                                                     \
			call_begin(REGS(ctx, di), REGS(ctx, si));            \
		return 0;                                                    \
	}

#define HOOK_EXIT_IF(fn, args, who, body)                            \
	HOOK_BODY(fn##_end, body)                                    \
	static __noinline int at_end_of_##fn(void *ctx)              \
	{                                                            \
		if (who)                                             \
			do_##fn##_end(ctx, word(ctx, 0), word(ctx, 1), word(ctx, args)); \
		return 0;                                            \
	}                                                            \
	SEC("fexit") int fexit__##fn(void *ctx)                      \
	{                                                            \
		return MAY_BE(who) ? at_end_of_##fn(ctx) : 0;        \
	}                                                            \
	HOOK_EXIT_PROBE(fn, who)

#define HOOK_ENTRY(fn, body) HOOK_ENTRY_IF(fn, followed(), body)
#define HOOK_EXIT(fn, args, body) HOOK_EXIT_IF(fn, args, followed(), body)

/*
 * An operation: @begin before, @end after.  What the kprobe form needs at the
 * end it keeps with the task, which is followed by then if there is anything to end.
 */
#define OPERATION(fn, args, begin, end)                              \
	HOOK_TRAMPOLINE(fn, ALWAYS, begin)                           \
	HOOK_BODY(fn##_end, end)                                     \
	SEC("fexit") int fexit__##fn(void *ctx)                      \
	{                                                            \
		if (following)                                       \
			do_##fn##_end(ctx, word(ctx, 0), word(ctx, 1), word(ctx, args)); \
		return 0;                                            \
	}                                                            \
	SEC("kretprobe") int kretprobe__##fn(void *ctx)              \
	{                                                            \
		u64 a = 0, b = 0;                                    \
		if (following && call_end(&a, &b))                   \
			do_##fn##_end(ctx, a, b, REGS(ctx, ax));     \
		return 0;                                            \
	}                                                            \
	SEC("kprobe") int kpentry__##fn(void *ctx)                   \
	{                                                            \
		u64 a = REGS(ctx, di), b = REGS(ctx, si);            \
		do_##fn##_begin(ctx, a, b, 0);                       \
		call_begin(a, b);                                    \
		return 0;                                            \
	}

#endif
