/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * record_internal.h - what the files lib/record*.c share
 */
#ifndef LIB_RECORD_INTERNAL_H
#define LIB_RECORD_INTERNAL_H

#include "slotgate/record.h"
#include "slotgate/record_event.h"
#include "slotgate/trace.h"

/* --- record_hooks.c: which functions are looked at, and how --- */

struct sg_hooks;

/** sg_hooks_load - load and attach the kernel's part */
int sg_hooks_load(const struct sg_record_options *options, struct sg_hooks **ret,
		  struct sg_error *err);
/** sg_hooks_refresh - functions of modules that came meanwhile; true if modules changed at all */
bool sg_hooks_refresh(struct sg_hooks *hooks);
void sg_hooks_count(const struct sg_hooks *hooks, size_t *hooked, size_t *probed);
uint64_t sg_hooks_lost(const struct sg_hooks *hooks);
int sg_hooks_events(const struct sg_hooks *hooks);	/* descriptor of the ring buffer */
/** sg_hooks_tell_anew - have stacks told again that were told before */
void sg_hooks_tell_anew(struct sg_hooks *hooks);
/** sg_hooks_detach - no more events; those that came can still be read */
void sg_hooks_detach(struct sg_hooks *hooks);
void sg_hooks_destroy(struct sg_hooks *hooks);

/* --- record_symbols.c: names of the kernel's addresses --- */

struct sg_symbols;

int sg_symbols_create(const char *path, struct sg_symbols **ret);
void sg_symbols_destroy(struct sg_symbols *symbols);
/** sg_symbols_reload - modules have come or gone */
int sg_symbols_reload(struct sg_symbols *symbols);
/** sg_symbols_find - name of what @address is in, with how far in; NULL for none */
const char *sg_symbols_find(struct sg_symbols *symbols, uint64_t address, uint64_t *offset);

/* --- record_scribe.c: events of the kernel as records of a trace --- */

struct sg_scribe;

/** sg_scribe_create - writes to @writer, which stays the caller's; so do @symbols */
int sg_scribe_create(struct sg_trace_writer *writer, struct sg_symbols *symbols,
		     struct sg_scribe **ret);
void sg_scribe_destroy(struct sg_scribe *scribe);
int sg_scribe_take(struct sg_scribe *scribe, const struct rec_event *event, struct sg_error *err);
/** sg_scribe_lost - @count events more were lost, here */
int sg_scribe_lost(struct sg_scribe *scribe, uint64_t count, struct sg_error *err);
/** sg_scribe_modules - modules have come or gone: addresses may mean something else */
void sg_scribe_modules(struct sg_scribe *scribe);
void sg_scribe_count(const struct sg_scribe *scribe, struct sg_record_stats *ret);

/* --- record_names.c: what objects are called --- */

struct sg_namer;

/**
 * struct sg_named - an object's kind and name
 */
struct sg_named {
	enum sg_object_kind kind;
	char name[192];
};

/** sg_put_text - @text at @at of @buf, cut if it is too long; returns where it ends.  snprintf()
 * would do, but takes as long as all else that is done for an event. */
size_t sg_put_text(char *buf, size_t size, size_t at, const char *text);

int sg_namer_create(struct sg_symbols *symbols, struct sg_namer **ret);
void sg_namer_destroy(struct sg_namer *namer);
/** sg_namer_made - a lock was initialised by somebody who holds the lock of @device, or "" */
int sg_namer_made(struct sg_namer *namer, const struct rec_event *event, const char *device);
int sg_namer_named(struct sg_namer *namer, const struct rec_event *event);
/** sg_namer_object - what the object of a lock's event is called */
int sg_namer_object(struct sg_namer *namer, const struct rec_event *event, struct sg_named *ret);
/** sg_namer_interrupt - "0000:00:03.0" for the number of its interrupt, or "interrupt 25" */
const char *sg_namer_interrupt(struct sg_namer *namer, unsigned int number);
/** sg_namer_over - the object at this address is over: what comes next there is another one */
void sg_namer_over(struct sg_namer *namer, uint64_t address);

/* --- record_frames.c: stacks that the kernel tells but once --- */

struct sg_frames;

int sg_frames_create(struct sg_frames **ret);
void sg_frames_destroy(struct sg_frames *frames);
/** sg_frames_fill - keep the event's stack, or fill in what was told of it before */
int sg_frames_fill(struct sg_frames *frames, struct rec_event *event);
/** sg_frames_full - there are too many: from now on all have to be told anew */
bool sg_frames_full(struct sg_frames *frames);

/* --- record_stack.c: stacks as records of a trace --- */

struct sg_stacks;

/** enum sg_way - on the way to an event: slotgate's entering the topology gate, its writer of
 * sriov_numvfs, an interrupt */
enum sg_way {
	SG_WAY_TOPO = 1,
	SG_WAY_NUMVFS = 2,
	SG_WAY_INTERRUPT = 4,
};

/** struct sg_stack - its id in the trace, or SG_TRACE_NO_STACK, and the ways it leads */
struct sg_stack {
	uint32_t id;
	unsigned int ways;
};

int sg_stacks_create(struct sg_trace_writer *writer, struct sg_symbols *symbols,
		     struct sg_stacks **ret);
void sg_stacks_destroy(struct sg_stacks *stacks);
/** sg_stacks_find - the event's stack, defined if need be */
int sg_stacks_find(struct sg_stacks *stacks, const struct rec_event *event, struct sg_stack *ret,
		   struct sg_error *err);
/** sg_stacks_forget - addresses and keys may mean something else now */
void sg_stacks_forget(struct sg_stacks *stacks);

/* --- record_map.c: 64-bit numbers to numbers --- */

struct sg_map;

struct sg_map *sg_map_create(void);
void sg_map_destroy(struct sg_map *map);
/** sg_map_find - where the value of @key is kept, or NULL */
uint64_t *sg_map_find(const struct sg_map *map, uint64_t key);
/** sg_map_put - set it; -ENOMEM */
int sg_map_put(struct sg_map *map, uint64_t key, uint64_t value);
void sg_map_remove(struct sg_map *map, uint64_t key);
void sg_map_clear(struct sg_map *map);
void sg_map_each(const struct sg_map *map, void (*each)(uint64_t value));
size_t sg_map_count(const struct sg_map *map);

#endif
