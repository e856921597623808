/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ops.h - the operations that a plan is made of; plan.c has their table
 */
#ifndef SLOTGATE_AGENT_OPS_H
#define SLOTGATE_AGENT_OPS_H

#include "agent.h"

/* Arguments of a plan's line: these die on a bad one. */
unsigned int number_arg(const char *text);
void id_arg(const char *text);

/** plug - ask the host to add the drive of slot @number again */
void plug(unsigned int number);
/** plug_try - the same, when another process may be faster */
void plug_try(unsigned int number);

/** pull - ask the host to take out the drive below @port; @slot_control: offset of that register */
void pull(const char *port, unsigned int slot_control);

/** said_open - from now on what this process says is what @id says */
void said_open(const char *id);
/** said_by - all of it, malloc'd, or NULL */
char *said_by(const char *id);
/** report_said - its first and last lines to the host */
void report_said(const char *id);

/** recovery_busy - recovery from the error injected in @slot waits in the kernel, or is over */
bool recovery_busy(const char *slot);

/** xenbus_busy - the thread that serves all of xenbus waits in the kernel, or process @id has ended */
bool xenbus_busy(const char *id);

/** work_slot - do to @slot what @kind says, @times */
void work_slot(const char *kind, unsigned int times, const struct slot *slot);

void op_modules(char **words, unsigned int count);
void op_slotgate(char **words, unsigned int count);
void op_events(char **words, unsigned int count);
void op_slotgate_unload(char **words, unsigned int count);
void op_load(char **words, unsigned int count);
void op_insert(char **words, unsigned int count);
void op_unload(char **words, unsigned int count);
void op_refused(char **words, unsigned int count);
void op_deferred(char **words, unsigned int count);
void op_takeovers(char **words, unsigned int count);
void op_vfio(char **words, unsigned int count);
void op_bind(char **words, unsigned int count);
void op_unmarked(char **words, unsigned int count);
void op_reset_method(char **words, unsigned int count);
void op_write(char **words, unsigned int count);
void op_again(char **words, unsigned int count);
void op_off(char **words, unsigned int count);
void op_on(char **words, unsigned int count);
void op_yank(char **words, unsigned int count);
void op_notice(char **words, unsigned int count);
void op_pull(char **words, unsigned int count);
void op_plug(char **words, unsigned int count);
void op_pace(char **words, unsigned int count);
void op_logs(char **words, unsigned int count);
void op_await_recovered(char **words, unsigned int count);
void op_inject(char **words, unsigned int count);
void op_sleep(char **words, unsigned int count);
void op_await(char **words, unsigned int count);
void op_await_asked(char **words, unsigned int count);
void op_read(char **words, unsigned int count);
void op_await_reads(char **words, unsigned int count);
void op_await_busy(char **words, unsigned int count);
void op_join(char **words, unsigned int count);
void op_start(char **words, unsigned int count);
void op_stop(char **words, unsigned int count);
void op_owner(char **words, unsigned int count);
void op_testpmd(char **words, unsigned int count);
void op_machine(char **words, unsigned int count);
void op_freeze(char **words, unsigned int count);
void op_thaw(char **words, unsigned int count);
/** report_said - first and last lines that a program said, as notes */
void report_said(const char *id);
void op_await_said(char **words, unsigned int count);
void op_release(char **words, unsigned int count);
void op_kill(char **words, unsigned int count);
void op_irq(char **words, unsigned int count);
void op_doze(char **words, unsigned int count);
void op_xen(char **words, unsigned int count);
void op_pciback(char **words, unsigned int count);
void op_attach(char **words, unsigned int count);
void op_detach(char **words, unsigned int count);
void op_close(char **words, unsigned int count);
void op_guest(char **words, unsigned int count);
void op_xl(char **words, unsigned int count);
void op_mark(char **words, unsigned int count);
void stop_writing(const struct slot *slot);
void op_returned(char **words, unsigned int count);
void op_cycle(char **words, unsigned int count);
void op_record(char **words, unsigned int count);
void op_klockstat(char **words, unsigned int count);
void op_record_end(char **words, unsigned int count);
/** recorder_pid - who records, 0 if nobody does */
pid_t recorder_pid(void);

void op_untraced(char **words, unsigned int count);
void op_work(char **words, unsigned int count);
void op_busy_start(char **words, unsigned int count);
void op_busy_stop(char **words, unsigned int count);
void op_reload(char **words, unsigned int count);
void op_command(char **words, unsigned int count);
void op_exits(char **words, unsigned int count);
void op_refill(char **words, unsigned int count);
void op_driven(char **words, unsigned int count);
void op_interrupt(char **words, unsigned int count);
void op_await_driver(char **words, unsigned int count);
void op_storm(char **words, unsigned int count);
void op_memory(char **words, unsigned int count);
void op_leaks(char **words, unsigned int count);

#endif
