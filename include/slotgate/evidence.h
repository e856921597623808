/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * evidence.h - from the guest's evidence to who holds what and waits for whom
 *
 * The input is the `evidence` record of docs/PLAN.md and nothing else: stacks,
 * the devices that calls work on, slots and owners.  Knowledge about kernel
 * functions is one table of rules, lib/evidence_rules.c.
 *
 * Errors are negative errno values throughout.
 */
#ifndef SLOTGATE_EVIDENCE_H
#define SLOTGATE_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>

struct json_object;

#define SG_HOLDS_MAX 144	/* an owner may have every drive of a machine open */

/** enum sg_resource_kind - what a task can hold or wait for */
enum sg_resource_kind {
	SG_RES_NONE,
	SG_RES_TOPOLOGY,	/* the global rescan/remove lock */
	SG_RES_DEVICE,		/* device lock of @name */
	SG_RES_RESET,		/* reset lock of slot @slot */
	SG_RES_FILE,		/* being inside the sysfs file @name: "folder/file" */
	SG_RES_THREAD,		/* work of the interrupt thread of slot @slot */
	SG_RES_OWNER,		/* having the device @name open */
	SG_RES_ANSWER,		/* an answer of the device @name itself: nobody has that */
	SG_RES_SLOTS,		/* the slot mutex */
	SG_RES_BUSES,		/* the bus list semaphore */
	SG_RES_IGATE,		/* vfio's lock of the interrupts of the device @name */
	SG_RES_MEMORY,		/* vfio's memory_lock of the device @name */
	SG_RES_PCIBACK,		/* the semaphore of xen-pciback */
	SG_RES_RECOVERY,	/* recovery from errors reported by root port @name */
	SG_RES_WORK,		/* work of the driver of the device @name */
	SG_RES_QUEUES,		/* what nvme wants of the queues of a drive: nobody has that */
};

/**
 * struct sg_resource - something held or waited for
 * @name: device or file, "" if the evidence does not tell which one
 * @shared: as a reader; readers do not wait for each other
 * @supposed: the stack does not tell, but somebody has it and nobody else can
 */
struct sg_resource {
	enum sg_resource_kind kind;
	char name[96];
	unsigned int slot;
	bool shared;
	bool supposed;
};

/**
 * struct sg_task - one stuck task
 * @who: in plain words: "slot 2's interrupt thread", "owner o1"
 * @function: where it waits
 * @waits: SG_RES_NONE if no rule knows
 * @instead: what it waits for if nobody has what @waits says; SG_RES_NONE: nothing else
 * @blocker: pid of the task that the kernel itself says it waits for; 0: it does not
 * @unnamed: kinds (1 << kind) of which it holds one that the evidence does not name
 */
struct sg_task {
	int pid;
	char comm[32];
	char who[224];
	char function[64];
	struct sg_resource waits;
	struct sg_resource instead;
	struct sg_resource holds[SG_HOLDS_MAX];
	size_t nholds;
	unsigned int unnamed;
	int blocker;
};

/**
 * struct sg_analysis - the wait-for graph, and the way through it that matters
 * @path: indices into @tasks; each waits for the next one
 * @cycle: the last of @path waits for the first: none of them can ever go on
 * @end: no cycle: who the last of @path waits for, in plain words
 */
struct sg_analysis {
	struct sg_task *tasks;
	size_t ntasks;
	size_t *path;
	size_t npath;
	bool cycle;
	char end[256];
};

/**
 * sg_evidence_analyse - understand @evidence
 *
 * Returns -EINVAL if @evidence does not have the members of docs/PLAN.md.
 * No stuck task is no error.
 */
int sg_evidence_analyse(struct json_object *evidence, struct sg_analysis *ret);
void sg_analysis_deinit(struct sg_analysis *analysis);

/** sg_evidence_has_cycle - false too if @evidence is unusable */
bool sg_evidence_has_cycle(struct json_object *evidence);

/**
 * sg_evidence_explain - the analysis in plain words, for people
 *
 * Every stuck task with what it holds and waits for, then the cycle, or the
 * chain and whom it ends in.  malloc'd; NULL if @evidence is unusable.
 */
char *sg_evidence_explain(struct json_object *evidence);

/** sg_evidence_to_json - the analysis for programs; NULL if unusable */
struct json_object *sg_evidence_to_json(struct json_object *evidence);

#endif
