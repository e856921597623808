/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * storm.h - operations of many kinds on many slots at once, from a seed
 *
 * The conductor (run.c) starts each operation of the plan in a process of its
 * own and never touches a device itself: whatever hangs, it can still tell.
 * An actor (actor_*.c) is one kind of user of a slot.  What a process does is
 * seen through memory that it shares with the conductor (struct storm_job).
 *
 * The same code runs on real machines and as part of the lab's agent, which
 * can do more: there a host plugs drives in (struct storm_host).
 */
#ifndef STORM_H
#define STORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <json-c/json.h>

#include "clock.h"
#include "slotgate/error.h"
#include "slotgate/livepatch.h"
#include "slotgate/plan.h"

#define STORM_SLOTS_MAX 64
#define STORM_SPAN 4		/* slots of one operation */
#define STORM_SAMPLES 48	/* kernel calls of one operation */
#define STORM_JOBS_MAX 64
#define STORM_PARTS 10		/* of its time, with a mean of the kernel's memory each */
#define STORM_DEVICE 16		/* "0000:05:00.0" and its NUL */

/**
 * struct storm_slot - a hot-plug slot
 * @name:   as in /sys/bus/pci/slots
 * @device: function 0 of what is in it
 * @port:   the port that it belongs to
 * @above:  what that port hangs on: the upstream port of a switch; "" if it is a root port
 * @top:    the root port that all of this is below; @port itself if it is one
 */
struct storm_slot {
	char name[24];
	char bus[STORM_DEVICE];
	char device[STORM_DEVICE];
	char port[STORM_DEVICE];
	char above[STORM_DEVICE];
	char top[STORM_DEVICE];
};

/** struct storm_host - what somebody outside of the kernel does for us; NULL: nobody can */
struct storm_host {
	void (*plug)(const char *slot);		/* put the drive in again */
	void (*unplug)(const char *slot);	/* press the attention button */
	void (*pull)(const char *port, unsigned int slot_control);	/* take the drive out */
};

/*
 * The second is for nvme, which must not be reset while it looks at its drive
 * (actor_reset.c): neither is a drive that is given to nvme meanwhile.
 */
enum { STORM_ALONE_SLOT = 1, STORM_ALONE_DRIVER = 2 };

struct storm_config;
struct storm_journal;
struct storm_task;

/**
 * struct storm_actor - one kind of user of a slot
 * @ways:  what it can do; the plan chooses.  NULL at the end
 * @span:  most slots that one operation takes
 * @alone: two operations with a bit of it in common do not go on in one slot
 * @lacks: what it needs and this machine has not, in words; NULL if nothing
 * @weight: how often it is chosen, beside the others
 * @run:   in a process of its own
 */
struct storm_actor {
	const char *name;
	const char *summary;
	const char *const *ways;
	unsigned int span;
	unsigned int alone;
	const char *(*lacks)(const struct storm_config *config);
	unsigned int weight;
	void (*run)(struct storm_task *task);
};

/** storm_actors - all of them, NULL at the end (actors.c) */
extern const struct storm_actor *const storm_actors[];
const struct storm_actor *storm_actor_find(const char *name);

/** struct storm_op - one line of the plan; numbers are indices into slots and ways */
struct storm_op {
	unsigned int serial;
	uint64_t due_ms;
	const struct storm_actor *actor;
	unsigned int way;
	unsigned int nslots;
	unsigned int slots[STORM_SPAN];
	unsigned int hold_ms;	/* how long what was done stays so */
	unsigned int linger_ms;	/* an owner's delay before it lets go */
};

/** struct storm_sample - one call into the kernel, and how it ended */
struct storm_sample {
	const char *kind;
	unsigned int slot;
	unsigned int ms;
	int err;
};

/** struct storm_job - a process that carries an operation out; shared with it */
struct storm_job {
	struct storm_op op;
	volatile pid_t pid;		/* 0: free */
	const char *volatile step;	/* what it asks of the kernel; NULL: nothing now */
	volatile unsigned int step_slot;
	volatile uint64_t step_since;	/* clock_ms() */
	volatile unsigned int open;	/* bit i: op.slots[i] is open through vfio */
	volatile unsigned int nsamples;
	struct storm_sample samples[STORM_SAMPLES];
	bool in_use;		/* @complaint: who uses the slot now, so that nothing was done */
	char complaint[200];	/* what is wrong with the slot, "" if nothing */
};

/**
 * struct storm_config - what the user wants
 * @actors:  a bit for each of storm_actors
 * @rate:    operations begun per minute, if jobs are free
 * @patience_s: a kernel call that takes longer has hung
 * @journal: what the slots were before and are to be again; NULL in the lab, where
 *           a machine goes with its storm
 * @lock_fd: kept open by every process of the storm, so that the lock tells of each; -1: none
 * @emit:    takes over one record: {"t": "storm-..."}
 * @stop:    set when the user wants an end
 */
struct storm_config {
	struct storm_slot slots[STORM_SLOTS_MAX];
	unsigned int nslots;
	uint32_t actors;
	uint64_t seed;
	unsigned int seconds;
	unsigned int jobs;
	unsigned int rate;
	unsigned int patience_s;
	struct storm_host host;
	const struct storm_journal *journal;
	int lock_fd;
	void (*emit)(void *data, struct json_object *record);
	void *data;
	const volatile int *stop;
};

enum storm_verdict {
	STORM_PASSED,
	STORM_HUNG,		/* a call did not come back */
	STORM_WRONG,		/* the kernel complained, or a drive did not come back */
	STORM_STOPPED,		/* by the user, or by one of a slot, and nothing was wrong until then */
};

const char *storm_verdict_name(enum storm_verdict verdict);

/** struct storm_slot_tally - a slot's line of the live view */
struct storm_slot_tally {
	unsigned int ops;
	unsigned int refused;
	unsigned int slowest_ms;
};

struct storm_kind;

/** struct storm - a storm under way */
struct storm {
	const struct storm_config *config;
	struct sg_rng rng;
	struct storm_job *jobs;		/* config->jobs of them, shared memory */
	struct storm_op next;
	uint64_t start_ms;
	unsigned int begun;
	struct storm_slot_tally slots[STORM_SLOTS_MAX];
	struct storm_kind *kinds;
	size_t nkinds;
	enum storm_verdict verdict;
	char reason[256];
	const struct storm_job *hung;
	bool settling;		/* all is over, slots get back what they held */
	bool unsettled;		/* one did not */
	bool restored;		/* all of them are as they were */
	struct sg_counters counters;	/* the module's, when it began */
	int klog;
	long first_kib, most_kib, last_kib;	/* kernel memory */
	struct { long sum; unsigned int count; } parts_kib[STORM_PARTS];
};

struct storm_task {
	const struct storm *storm;
	struct storm_job *job;
};

/* slots.c */
/** storm_slot_find - slot @name of the machine below @root ("" for this one); -ENODEV */
int storm_slot_find(const char *root, const char *name, struct storm_slot *ret);
bool storm_slot_present(const struct storm_slot *slot);
/** storm_slots_parse - "1,4-7": names of slots, or ranges of numbers; complains in @err */
int storm_slots_parse(const char *root, const char *text, struct storm_config *config,
		      struct sg_error *err);

/* course.c: the next line of the plan, from the seed alone */
void storm_plan_init(struct storm *storm);
void storm_plan_next(struct storm *storm, struct storm_op *ret);
/** storm_op_text - "   12.5 s  owner late of slots 3 7, hold 800 ms, linger 1200 ms" */
void storm_op_text(const struct storm_config *config, const struct storm_op *op, char *buf,
		   size_t size);

/* job.c: for actors */
const struct storm_slot *storm_task_slot(const struct storm_task *task, unsigned int index);
const char *storm_task_way(const struct storm_task *task);
/** storm_begin - from now on the kernel is asked for @kind */
void storm_begin(struct storm_task *task, const char *kind, unsigned int index);
/** storm_end - it came back with @err, which is returned */
int storm_end(struct storm_task *task, int err);
/** storm_write - @text into a file of slot or device, measured as @kind */
int storm_write(struct storm_task *task, const char *kind, unsigned int index, const char *text,
		const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/** storm_await - until the drive is there, or gone, or others are faster; no complaint */
bool storm_await(struct storm_task *task, unsigned int index, bool present);
/** storm_revive - bring a drive back that another operation took away */
void storm_revive(struct storm_task *task, unsigned int index);
/** storm_off_start - switch all slots of the operation off, each in a process of its own */
void storm_off_start(struct storm_task *task);
/** storm_off_wait - until all of them have come back */
void storm_off_wait(struct storm_task *task);
/** storm_await_settled - until the drive has a driver, and that is done with it; settled.c */
bool storm_await_settled(struct storm_task *task, unsigned int index);
/** storm_bind - to @driver, or to whatever takes it if NULL */
int storm_bind(struct storm_task *task, unsigned int index, const char *driver);

/* tally.c */
void storm_tally_add(struct storm *storm, const struct storm_sample *sample);
struct json_object *storm_tally_json(const struct storm *storm);
void storm_tally_deinit(struct storm *storm);

/* counters.c */
void storm_counters_begin(struct storm *storm);
/** storm_counters_json - state, version and what was counted since */
struct json_object *storm_counters_json(const struct storm *storm);

/* records.c */
void storm_emit(const struct storm *storm, struct json_object *record);
struct json_object *storm_record(const char *type);
void storm_emit_begin(const struct storm *storm);
void storm_emit_state(const struct storm *storm);
void storm_emit_end(const struct storm *storm);

/* health.c: memory and the kernel's log */
void storm_health_init(struct storm *storm);
void storm_health_look(struct storm *storm);
void storm_health_deinit(struct storm *storm);

/* run.c */
/** storm_run - until the time is over, the user stops it or something is wrong; 0 or -errno */
int storm_run(const struct storm_config *config, struct storm *ret);
void storm_deinit(struct storm *storm);

#endif
