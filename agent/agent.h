/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * agent.h - the guest's PID 1: carries out the plan, reports over a virtio port
 *
 * docs/PLAN.md is its contract.  It knows operations, not scenarios.
 */
#ifndef SLOTGATE_AGENT_H
#define SLOTGATE_AGENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <json-c/json.h>

#include "clock.h"
#include "file.h"
#include "port.h"
#include "task.h"

#define SLOTS_MAX 128
#define ID_MAX 32

#define noreturn __attribute__((noreturn))
#define printf_like(fmt, args) __attribute__((format(printf, fmt, args)))

/* clock.c - waiting by the clock */
/** wait_pace - from now on all that is waited for may take @factor times as long */
void wait_pace(unsigned int factor);
unsigned int wait_pace_now(void);
/** wait_for - poll @condition for @seconds, times the pace; reaps children meanwhile */
bool wait_for(unsigned int seconds, bool (*condition)(void *), void *arg);

/* report.c - records to the host */
int report_connect(void);
struct json_object *record(const char *type);
void report(struct json_object *rec);
/** report_time - how long something took, shown with the run */
void report_time(const char *name, uint64_t ms);
void report_note(const char *fmt, ...) printf_like(1, 2);
void report_klog(void);
struct json_object *kernel_log(unsigned int lines);
bool klog_has(const char *text);
/** klog_read - the whole log, malloc'd, or NULL */
char *klog_read(void);

/* memory.c - memory of the kernel itself */
void report_memory(const char *when);
/** leaks_none - on a kernel with kmemleak nothing may have leaked */
void leaks_none(void);

/* end.c - the ways in which a run ends */
void noreturn die(const char *fmt, ...) printf_like(1, 2);
void noreturn wrong(const char *fmt, ...) printf_like(1, 2);
void noreturn hung(const char *fmt, ...) printf_like(1, 2);
void noreturn power_off(void);
void current_op(const char *text);

/* modules.c */
int modules_load(const char *group);
/** modules_load_with - the same with @settings, "name=value", for each of them */
int modules_load_with(const char *group, const char *settings);
int modules_load_all(void);
/** module_insert - load one file; one that is loaded already is fine */
int module_insert(const char *path, const char *settings);
void report_counters(void);
/** slot_counter - of slotgate, or -1 if there is none */
long slot_counter(unsigned int slot, const char *name);

/* livepatch.c - slotgate and other livepatches; NAME.ko in /sg or /sg/extra */
void livepatch_load(char *name);
void livepatch_unload(char *name);
void livepatch_refused(const char *name, const char *reason);
void takeovers_are(const char *function);
/** slotgate_insert, slotgate_await - the module itself, and until every task runs it */
void slotgate_insert(void);
void slotgate_await(void);
void slotgate_load(void);
void slotgate_unload(void);

/* slot.c - hot-plug slots, their ports, devices and interrupt threads */
struct slot {
	unsigned int number;
	char bus[DEVICE_NAME];		/* "0000:02" */
	char port[DEVICE_NAME];		/* "0000:00:03.0" */
	char device[DEVICE_NAME];	/* function 0: "0000:02:00.0" */
	char service[SERVICE_NAME];	/* pciehp's part of the port: "0000:00:03.0:pcie004" */
	int irq;			/* 0: not known */
	pid_t thread;			/* of its interrupt, 0: not known */
};

void slots_refresh(void);
const struct slot *slot_find(unsigned int number);
/**
 * slot_arg - slot called @text in the plan; dies if there is none
 *
 * "3v0" is the first virtual function of the drive in slot 3: the same slot with
 * another device.
 */
const struct slot *slot_arg(const char *text);
const struct slot *slot_next(const struct slot *slot);
bool slot_present(const struct slot *slot);
/** path_expand - replace {N}, {port N}, {bus N}, {service N}; dies on an unknown slot */
void path_expand(char *buf, size_t size, const char *path);
/** text_expand - the same, to the name without its folder */
void text_expand(char *buf, size_t size, const char *text);

/* owner.c - a process that has drives open through vfio */
struct owner {
	char id[ID_MAX];
	unsigned int count;
	unsigned int slots[SLOTS_MAX];
	char devices[SLOTS_MAX][DEVICE_NAME];
	volatile bool asked[SLOTS_MAX];
	volatile bool closed[SLOTS_MAX];
	volatile int files[SLOTS_MAX];	/* descriptors, in the owner's process */
	volatile bool ready;
	int linger_ms;			/* LINGER_NEVER: until told */
	uint32_t mark;			/* left in each drive; 0: none */
	bool friends;			/* drives are a physical function, or of one that is open */
	char reads[64];			/* file of a drive to read when asked for it; "": none */
	bool clean;			/* no drive may hold anything of an owner before */
	volatile uint32_t found[SLOTS_MAX];	/* what such a drive held when it was opened */
};

#define LINGER_NEVER (-1)

struct owner *owner_create(const char *id);
int owner_main(void *owner);
unsigned int owner_asked(const struct owner *owner);

/*
 * NVMe's interrupt mask set register (NVM Express base specification 1.4,
 * 3.1.3): bits written as one stay set until the controller is reset, so it
 * shows a later owner what an earlier one did.
 */
#define MARK_OFFSET 0x0c

/* proc.c - the processes that the plan started */
struct proc {
	char id[ID_MAX];
	char role[192];
	pid_t pid;
	bool ended;
	bool service;			/* runs until the end: nobody waits for it */
	int status;			/* as from waitpid() */
	struct owner *owner;		/* NULL: none */
};

/** EXIT_STUCK - a process gave up waiting for the kernel */
#define EXIT_STUCK 3

struct proc *proc_spawn(const char *id, const char *role, int (*run)(void *), void *arg);
/** proc_adopt - make a process known that somebody else started */
struct proc *proc_adopt(const char *id, const char *role, pid_t pid);
/** proc_next - next process called @id (NULL: any) after @proc (NULL: first) */
struct proc *proc_next(const char *id, const struct proc *proc);
struct proc *proc_arg(const char *id);
const struct proc *proc_by_pid(pid_t pid);
/** proc_files - how many open files of a process have one of @names in theirs; NULL ends the list */
unsigned int proc_files(pid_t pid, const char *const *names);
void proc_reap(void);

/* btf.c - layout of the running kernel */
/** btf_offset - byte offset of e.g. "dev.kobj.name" in struct @type, or -errno */
int btf_offset(const char *type, const char *members);

/* trace.c - which device a kernel function was called for */
void trace_setup(void);

/** report_events - slotgate's own events since the operation "events", if it was given */
void report_events(void);
void trace_read(void);
/** trace_calls - calls of probed functions on @tid's @stack, innermost first */
struct json_object *trace_calls(pid_t tid, struct json_object *stack);
struct json_object *trace_latest(pid_t tid);

/* evidence.c */
void report_evidence(void);

/* logs.c - what an operator would have of a hang: the kernel's own logs, `slotgate diagnose` */
void report_logs(void);
/** report_diagnosis - the latter alone, also of a guest where nothing hangs */
void report_diagnosis(void);

/* guest.c - instead of a plan, in a guest of Xen */
void guest_run(void);

/* plan.c */
void plan_run(const char *path);

#endif
