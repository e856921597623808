/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * task.h - what the kernel says about its tasks
 */
#ifndef SLOTGATE_TASK_H
#define SLOTGATE_TASK_H

#include <stdbool.h>
#include <sys/types.h>

struct json_object;

/** task_stack - names of its functions, innermost first; empty if they may not be read */
struct json_object *task_stack(pid_t tid);
char task_state(pid_t tid);
/** task_blocked - sleeps inside the kernel's PCI, vfio or sysfs code */
bool task_blocked(pid_t tid);
bool frame_is_ours(const char *frame);
bool stack_is_ours(struct json_object *stack);

/**
 * task_json - an entry of the evidence's `tasks`, less what was recorded of its calls
 * @role:  "" if nobody started it for a purpose that is known
 * @stack: consumed
 */
struct json_object *task_json(pid_t tid, const char *role, struct json_object *stack);

/** tasks_each - @visit every task of the machine but our own */
void tasks_each(void (*visit)(void *arg, pid_t tid), void *arg);

/** tasks_unchanged - those entries of @after that stand where they stood in @before */
struct json_object *tasks_unchanged(struct json_object *after, struct json_object *before);

#endif
