/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vm_private.h - a machine from inside: what its life (vm.c) and its words (vm_guest.c) share
 */
#ifndef LAB_VM_PRIVATE_H
#define LAB_VM_PRIVATE_H

#include <sys/types.h>

#include "keep.h"
#include "slotgate/qmp.h"
#include "slotgate/vm.h"

enum { COMPLAINTS_MAX = 50 };

enum channel_id { CONSOLE, RECORDS, CONTROL, NCHANNELS };

struct plug {
	unsigned int slot;	/* 0: none */
	unsigned int generation;
	double since;		/* request of the guest */
	double retry_at;	/* 0: waiting for QEMU's reply */
	bool active;
	bool try;		/* it may be in vain: somebody else may have been faster */
	unsigned int there;	/* generation of the drive that is in the slot; 0: the first */
};

struct pull {
	uint32_t address;	/* of a port's Slot Control, as CONFIG_ADDRESS has it */
};

struct pulls {
	struct pull queue[SG_SLOTS_MAX];	/* the first is under way */
	unsigned int count;
	unsigned int saved_address;	/* what the guest had last written there */
};

/* Commands to QEMU: those above 0 plug the drive of that slot. */
enum {
	COOKIE_NONE = 0,	/* nobody waits for the outcome */
	COOKIE_PULL = -2,	/* -1 is taken (qmp.c) */
	COOKIE_PULL_END = -3,
	COOKIE_PULL_ADDRESS = -4,	/* this and the next are answered with a value */
	COOKIE_PULL_CONTROL = -5,
};

struct sg_vm {
	const struct sg_vm_spec *spec;
	pid_t pid;		/* 0: QEMU is gone */
	int fds[NCHANNELS];	/* -1: closed */
	int error_fd;
	struct sg_lines lines[NCHANNELS];
	struct sg_qmp *qmp;
	struct plug plugs[SG_SLOTS_MAX];
	struct pulls pulls;
	struct keep keep;
	FILE *trace;		/* of the recorder; NULL: there is none */
	struct sg_result result;
	bool decided, done, powered_off;
	bool panicked, rebooted;
	char report[128];	/* first line of the kernel's first grave report, if it made one */
	char where[64];		/* function that it says it was in */
	double began;		/* kernel's clock when the plan did; 0: not yet */
	double complained[COMPLAINTS_MAX];	/* its clock at each of result.complaints */
	double start, deadline;
	char doing[128];	/* for "fell silent during ..." */
};

/** vm_now - seconds on a clock that nobody sets */
double vm_now(void);

/** vm_decide - end as @verdict, because of what @fmt says; the first decision holds */
void vm_decide(struct sg_vm *vm, enum sg_verdict verdict, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/** vm_decide_crash - the machine died; worth nothing if it never came up */
void vm_decide_crash(struct sg_vm *vm);

/** vm_own_complaint - the first since the plan began, NULL if there is none */
const char *vm_own_complaint(const struct sg_vm *vm);

/** vm_end_within - @seconds are left, if not fewer */
void vm_end_within(struct sg_vm *vm, double seconds);

/* For sg_lines_feed() and sg_qmp_create(); @data and @context are the VM. */
void vm_take_console_line(void *data, char *line);
void vm_take_record_line(void *data, char *line);
void vm_take_event(void *context, const char *event, struct json_object *data);
void vm_take_reply(void *context, int cookie, const char *error, const char *answer);

/** vm_pull - the drive below @port is gone; @slot_control: offset of that register */
void vm_pull(struct sg_vm *vm, const char *port, unsigned int slot_control);
void vm_pull_reply(struct sg_vm *vm, int cookie, const char *error, const char *answer);

/** vm_retry_plugs - ask QEMU again for the drives whose time has come */
void vm_retry_plugs(struct sg_vm *vm);

#endif
