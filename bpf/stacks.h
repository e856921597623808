/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * stacks.h - a stack that was told is not gone through again
 *
 * To go through a stack costs more than all the rest of an event, and the same few
 * come again and again.  So each is told with a key, and from then on the key alone.
 * It is made of how deep the stack is, and of what looks like addresses of code in its
 * innermost words: something left there from before only makes it another key.
 */
#ifndef BPF_STACKS_H
#define BPF_STACKS_H

#include "state.h"

enum { KNOWN_MAX = 16384, WORDS = 32, PARTS = 2, STACK_ALIGN = 16384 };
enum { OURS = 1 };	/* functions of the recorder's on each stack, at least */

/* Modules lie above, whatever the kernel was built with; there data counts as code. */
#define MODULES_FIRST 0xffffffffa0000000ULL
#define MODULES_SIZE 0x5f000000ULL

extern const void _stext __ksym;
extern const void _etext __ksym;

/* By key. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, KNOWN_MAX);
	__type(key, u64);
	__type(value, u8);
} known SEC(".maps");

/* Changed by the other side: what was told before is told again. */
unsigned int stacks_told_anew;

/* The verifier lets nobody calculate with a context; its address is on the stack. */
static __always_inline u64 address_of(void *ctx)
{
	u64 address = (u64)ctx;

	asm volatile("%0 = -%0" : "+r"(address));
	return -address;
}

/* Most words are no addresses of either: that is seen first. */
static __always_inline bool is_code(u64 word)
{
	if (word >> 31 != ~0ULL >> 31)
		return false;
	return word - (u64)&_stext < (u64)&_etext - (u64)&_stext ||
	       word - MODULES_FIRST < MODULES_SIZE;
}

static __noinline u64 stack_key(void *ctx)
{
	u64 words[WORDS], at = address_of(ctx) & (STACK_ALIGN - 1);
	u64 key = at ^ (u64)stacks_told_anew << 32;

	/* unrolled: the kernel checks each round of a loop against all before it */
#pragma unroll
	for (int part = 0; part < PARTS; part++) {
		if (at + (part + 1) * sizeof(words) > STACK_ALIGN)
			break;
		bpf_probe_read_kernel(words, sizeof(words), ctx + part * sizeof(words));
#pragma unroll
		for (int i = 0; i < WORDS; i++)
			if (is_code(words[i]))
				key = (key ^ words[i]) * 0x9e3779b97f4a7c15ULL;
	}
	return key ^ key >> 32;
}

/**
 * struct stack - what an event says of its stack
 * @key: 0: it has none
 * @told: the key is enough
 */
struct stack {
	u64 key;
	bool told;
};

/* Before there is an event: if this stack was told, then before the event. */
static __always_inline struct stack stack_look(void *ctx)
{
	struct stack stack = { .key = stack_key(ctx) | 1 };

	stack.told = bpf_map_lookup_elem(&known, &stack.key);
	return stack;
}

static __always_inline void stack_tell(struct rec_event *event, void *ctx, struct stack stack)
{
	long size;
	u8 one = 1;

	event->stack = stack.key;
	if (stack.told)
		return;
	size = bpf_get_stack(ctx, event->frames, sizeof(event->frames), OURS);
	if (size <= 0)
		return;
	event->nframes = size / sizeof(u64);
	if (stack.key)
		bpf_map_update_elem(&known, &stack.key, &one, BPF_ANY);
}

#endif
