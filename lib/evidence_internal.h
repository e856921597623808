/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * evidence_internal.h - shared by the three parts of the analysis
 */
#ifndef SLOTGATE_EVIDENCE_INTERNAL_H
#define SLOTGATE_EVIDENCE_INTERNAL_H

#include <json-c/json.h>
#include <stdio.h>

#include <slotgate/evidence.h>

/* Reading JSON that came from a guest: wrong types read as absent. */
const char *sg_json_string(struct json_object *obj, const char *key);
int sg_json_int(struct json_object *obj, const char *key);
struct json_object *sg_json_array(struct json_object *obj, const char *key);

/** sg_rules_apply - fill in @ret's function, waits and holds from @task's stack */
void sg_rules_apply(struct json_object *evidence, struct json_object *task,
		    struct sg_task *ret);

/** sg_resource_blocks - does holding @held keep a waiter for @wanted waiting? */
bool sg_resource_blocks(const struct sg_resource *held, const struct sg_resource *wanted);
/** sg_resource_known - is it told which one of its kind it is? */
bool sg_resource_known(const struct sg_resource *res);
/** sg_task_waits_for - does @other, as far as the evidence names things, keep @task waiting? */
bool sg_task_waits_for(const struct sg_task *task, const struct sg_task *other);
void sg_task_add_hold(struct sg_task *task, const struct sg_resource *hold);

/** sg_resource_name - "slot 2's reset lock" */
void sg_resource_name(char *buf, size_t size, const struct sg_resource *res);
/** sg_resource_wait_text - "waits for slot 2's reset lock" */
void sg_resource_wait_text(char *buf, size_t size, const struct sg_resource *res);
/** sg_resource_hold_text - "holds slot 2's reset lock"; "" if not worth saying */
void sg_resource_hold_text(char *buf, size_t size, const struct sg_resource *res);

/** sg_link_text - what leads from a wait to whom it is for: "held by" */
const char *sg_link_text(const struct sg_resource *res);
/** sg_task_print - a task with what it holds and waits for, in some lines */
void sg_task_print(FILE *out, const struct sg_task *task);
struct json_object *sg_task_to_json(const struct sg_task *task);

/** sg_evidence_slot - the entry of `slots` whose @key is @value, or NULL */
struct json_object *sg_evidence_slot(struct json_object *evidence, const char *key,
				     const char *value);
struct json_object *sg_evidence_slot_of_thread(struct json_object *evidence, int pid);
/** sg_evidence_slot_label - set @res->name if its slot's name is no number */
void sg_evidence_slot_label(struct json_object *evidence, struct sg_resource *res);

enum { SG_ADDRESS_SIZE = 16 };	/* "0000:05:00.0" and its NUL */

/**
 * sg_infer_device - is @frame of @task's stack a call that works on a device?
 * @buf: SG_ADDRESS_SIZE bytes for its name; "" if nothing settles which one it is
 */
bool sg_infer_device(char *buf, struct json_object *evidence, struct json_object *task,
		     size_t frame);

#endif
