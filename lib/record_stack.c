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

enum { RECENT = 1024 };

/* A stack that was met, by its addresses. */
struct recent {
	unsigned int nframes;
	uint64_t frames[REC_FRAMES];
	uint32_t id;
};

struct sg_stacks {
	struct sg_trace_writer *writer;
	struct sg_symbols *symbols;
	struct sg_map *functions;	/* address to id of its symbol */
	struct sg_intern *names;	/* id - 1 of a symbol */
	struct sg_intern *stacks;	/* id - 1 of a stack, by its symbols in words */
	struct recent recent[RECENT];	/* each where its hash tells; the latest stays */
};

/* Frames of whoever looks. */
static const char *const ours[] = {
	"bpf_", "__bpf_", "ftrace_", "arch_ftrace_", "kprobe_", "aggr_pre_handler",
	"kretprobe_", "arch_rethook_", "rethook_", "trace_call_bpf", "0x", NULL
};

static bool is_ours(const char *name)
{
	for (size_t i = 0; ours[i]; i++)
		if (!strncmp(name, ours[i], strlen(ours[i])))
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
	stacks->functions = sg_map_create();
	stacks->names = sg_intern_create();
	stacks->stacks = sg_intern_create();
	if (!stacks->functions || !stacks->names || !stacks->stacks) {
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
	sg_map_destroy(stacks->functions);
	sg_intern_destroy(stacks->names);
	sg_intern_destroy(stacks->stacks);
	free(stacks);
}

void sg_stacks_forget(struct sg_stacks *stacks)
{
	sg_map_clear(stacks->functions);
	memset(stacks->recent, 0, sizeof(stacks->recent));
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

/* 0 for a frame that is left out. */
static int symbol_id(struct sg_stacks *stacks, uint64_t address, uint32_t *ret,
		     struct sg_error *err)
{
	const uint64_t *known = sg_map_find(stacks->functions, address);
	const char *name;
	int code = 0;

	if (known) {
		*ret = *known;
		return 0;
	}
	name = function_at(stacks->symbols, address);
	*ret = 0;
	if (name)
		code = define_symbol(stacks, name, ret, err);
	if (!code && sg_map_put(stacks->functions, address, *ret))
		code = sg_error_set(err, -ENOMEM, "no memory for symbols");
	return code;
}

static struct recent *recent_at(struct sg_stacks *stacks, const struct rec_event *event)
{
	uint64_t hash = event->nframes;

	for (size_t i = 0; i < event->nframes; i++)
		hash = (hash ^ event->frames[i]) * 0x9e3779b97f4a7c15ULL;
	return &stacks->recent[(hash >> 32) % RECENT];
}

static bool is_recent(const struct recent *recent, const struct rec_event *event)
{
	return recent->nframes == event->nframes &&
	       !memcmp(recent->frames, event->frames, event->nframes * sizeof(*event->frames));
}

static int slow_id(struct sg_stacks *stacks, const struct rec_event *event, uint32_t *ret,
		 struct sg_error *err)
{
	struct sg_trace_record record = { .type = SG_TRACE_STACK };
	uint32_t frames[REC_FRAMES], id;
	char key[REC_FRAMES * 11 + 1] = "";
	size_t len = 0;
	bool added;
	int code;

	*ret = SG_TRACE_NO_STACK;
	for (size_t i = 0; i < event->nframes && i < REC_FRAMES; i++) {
		code = symbol_id(stacks, event->frames[i], &id, err);
		if (code)
			return code;
		if (!id)
			continue;
		frames[record.nframes++] = id;
		len += snprintf(key + len, sizeof(key) - len, "%u,", id);
	}
	if (!record.nframes)
		return 0;
	if (sg_intern(stacks->stacks, key, len, ret, &added))
		return sg_error_set(err, -ENOMEM, "no memory for stacks");
	record.id = ++*ret;
	record.frames = frames;
	return added ? sg_trace_write(stacks->writer, &record, err) : 0;
}

/* The same few come again and again. */
int sg_stacks_id(struct sg_stacks *stacks, const struct rec_event *event, uint32_t *ret,
		 struct sg_error *err)
{
	struct recent *recent;
	int code;

	*ret = SG_TRACE_NO_STACK;
	if (!event->nframes || event->nframes > REC_FRAMES)
		return 0;
	recent = recent_at(stacks, event);
	if (is_recent(recent, event)) {
		*ret = recent->id;
		return 0;
	}
	code = slow_id(stacks, event, ret, err);
	if (code)
		return code;
	recent->nframes = event->nframes;
	memcpy(recent->frames, event->frames, event->nframes * sizeof(*event->frames));
	recent->id = *ret;
	return 0;
}

bool sg_stack_passes(struct sg_symbols *symbols, const struct rec_event *event,
		     const char *function)
{
	for (size_t i = 0; i < event->nframes && i < REC_FRAMES; i++) {
		const char *name = function_at(symbols, event->frames[i]);

		if (name && !strncmp(name, function, strlen(function)))
			return true;
	}
	return false;
}
