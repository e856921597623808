// SPDX-License-Identifier: GPL-2.0-only
/*
 * record_stack.c - stacks as records of a trace, each function and each stack once
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "record_internal.h"
#include "slotgate/cleanup.h"
#include "trace_internal.h"

struct sg_stacks {
	struct sg_trace_writer *writer;
	struct sg_symbols *symbols;
	struct sg_map *functions;	/* address to id of its symbol */
	struct sg_intern *names;	/* id - 1 of a symbol */
	struct sg_intern *stacks;	/* id - 1 of a stack, by its symbols in words */
	struct sg_map *known;		/* the kernel's key to struct sg_stack, as one number */
};

/* Frames of whoever looks. */
static const char *const ours[] = {
	"bpf_", "__bpf_", "ftrace_", "arch_ftrace_", "kprobe_", "aggr_pre_handler",
	"kretprobe_", "arch_rethook_", "rethook_", "trace_call_bpf", "0x", NULL
};

/* Functions on a stack that decide what an event means. */
static const struct {
	const char *function;		/* its name begins so */
	enum sg_way way;
} ways[] = {
	{ "sg_topo_enter_file", SG_WAY_TOPO },
	{ "sg_topo_enter_handler", SG_WAY_TOPO },
	{ "sg_topo_enter_device_locked", SG_WAY_TOPO },
	{ "sg_sriov_numvfs_store", SG_WAY_NUMVFS },
	{ "asm_common_interrupt", SG_WAY_INTERRUPT },
	{ "asm_sysvec_", SG_WAY_INTERRUPT },
	{ "__do_softirq", SG_WAY_INTERRUPT },
	{ "handle_softirqs", SG_WAY_INTERRUPT },
	{ "asm_exc_nmi", SG_WAY_INTERRUPT },
};

static bool begins(const char *name, const char *with)
{
	return !strncmp(name, with, strlen(with));
}

static unsigned int ways_through(const char *name)
{
	unsigned int found = 0;

	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		if (begins(name, ways[i].function))
			found |= ways[i].way;
	return found;
}

static bool is_ours(const char *name)
{
	for (size_t i = 0; ours[i]; i++)
		if (begins(name, ours[i]))
			return true;
	return false;
}

int sg_stacks_create(struct sg_trace_writer *writer, struct sg_symbols *symbols,
		     struct sg_stacks **ret)
{
	struct sg_stacks *stacks = calloc(1, sizeof(*stacks));

	if (!stacks)
		return -ENOMEM;
	stacks->writer = writer;
	stacks->symbols = symbols;
	stacks->known = sg_map_create();
	stacks->functions = sg_map_create();
	stacks->names = sg_intern_create();
	stacks->stacks = sg_intern_create();
	if (!stacks->known || !stacks->functions || !stacks->names || !stacks->stacks) {
		sg_stacks_destroy(stacks);
		return -ENOMEM;
	}
	*ret = stacks;
	return 0;
}

void sg_stacks_destroy(struct sg_stacks *stacks)
{
	if (!stacks)
		return;
	sg_map_destroy(stacks->known);
	sg_map_destroy(stacks->functions);
	sg_intern_destroy(stacks->names);
	sg_intern_destroy(stacks->stacks);
	free(stacks);
}

void sg_stacks_forget(struct sg_stacks *stacks)
{
	sg_map_clear(stacks->functions);
	sg_map_clear(stacks->known);
}

static uint64_t pack(struct sg_stack stack)
{
	return (uint64_t)stack.ways << 32 | stack.id;
}

static struct sg_stack unpack(uint64_t packed)
{
	return (struct sg_stack){ .id = packed, .ways = packed >> 32 };
}

/* A return address may be that of the next function, if the call was the last there was. */
static const char *function_at(struct sg_symbols *symbols, uint64_t address)
{
	const char *name = sg_symbols_find(symbols, address - 1, NULL);

	return name && !is_ours(name) ? name : NULL;
}

static int define_symbol(struct sg_stacks *stacks, const char *name, uint32_t *ret,
			 struct sg_error *err)
{
	struct sg_trace_record record = { .type = SG_TRACE_SYMBOL, .text = name };
	bool added;

	if (sg_intern(stacks->names, name, strlen(name), ret, &added))
		return sg_error_set(err, -ENOMEM, "no memory for symbols");
	record.id = ++*ret;
	return added ? sg_trace_write(stacks->writer, &record, err) : 0;
}

/* Of one frame; 0 for one that is left out. */
static int symbol_id(struct sg_stacks *stacks, uint64_t address, struct sg_stack *ret,
		     struct sg_error *err)
{
	const uint64_t *kept = sg_map_find(stacks->functions, address);
	const char *name;
	int code = 0;

	if (kept) {
		*ret = unpack(*kept);
		return 0;
	}
	name = function_at(stacks->symbols, address);
	*ret = (struct sg_stack){ 0 };
	if (name) {
		code = define_symbol(stacks, name, &ret->id, err);
		ret->ways = ways_through(name);
	}
	if (!code && sg_map_put(stacks->functions, address, pack(*ret)))
		code = sg_error_set(err, -ENOMEM, "no memory for symbols");
	return code;
}

enum { DIGIT_BITS = 6, DIGITS_MAX = 6 };

/* snprintf() would take longer than all else about a stack. */
static size_t put_digits(char *text, uint32_t number)
{
	size_t len = 0;

	for (; number >> DIGIT_BITS; number >>= DIGIT_BITS)
		text[len++] = '0' + (number & ((1 << DIGIT_BITS) - 1));
	text[len++] = '0' + number;
	text[len++] = ' ';
	return len;
}

static int make_stack(struct sg_stacks *stacks, const struct rec_event *event,
		      struct sg_stack *ret, struct sg_error *err)
{
	struct sg_trace_record record = { .type = SG_TRACE_STACK };
	char key[REC_FRAMES * (DIGITS_MAX + 1)];
	uint32_t frames[REC_FRAMES];
	struct sg_stack frame;
	size_t len = 0;
	bool added;
	int code;

	for (size_t i = 0; i < event->nframes; i++) {
		code = symbol_id(stacks, event->frames[i], &frame, err);
		if (code)
			return code;
		ret->ways |= frame.ways;
		if (!frame.id)
			continue;
		frames[record.nframes++] = frame.id;
		len += put_digits(key + len, frame.id);
	}
	if (!record.nframes)
		return 0;
	if (sg_intern(stacks->stacks, key, len, &ret->id, &added))
		return sg_error_set(err, -ENOMEM, "no memory for stacks");
	record.id = ++ret->id;
	record.frames = frames;
	return added ? sg_trace_write(stacks->writer, &record, err) : 0;
}

/* The same few come again and again. */
int sg_stacks_find(struct sg_stacks *stacks, const struct rec_event *event, struct sg_stack *ret,
		   struct sg_error *err)
{
	const uint64_t *kept = event->stack ? sg_map_find(stacks->known, event->stack) : NULL;
	int code;

	*ret = (struct sg_stack){ 0 };
	if (kept) {
		*ret = unpack(*kept);
		return 0;
	}
	if (!event->nframes || event->nframes > REC_FRAMES)
		return 0;
	code = make_stack(stacks, event, ret, err);
	if (!code && event->stack && sg_map_put(stacks->known, event->stack, pack(*ret)))
		code = sg_error_set(err, -ENOMEM, "no memory for stacks");
	return code;
}
