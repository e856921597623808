/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * qmp.h - QEMU's control protocol: JSON objects, one per line, both ways
 *
 * Nothing here waits: the owner of the descriptor says when there are bytes,
 * and is told about replies and events by callbacks.
 */
#ifndef SLOTGATE_QMP_H
#define SLOTGATE_QMP_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

/** struct sg_lines - cuts a stream into lines */
struct sg_lines {
	char *data;
	size_t used, size;
};

void sg_lines_deinit(struct sg_lines *lines);

/**
 * sg_lines_feed - add bytes, and hand over each line that is complete
 *
 * A line longer than 16 MiB is -EMSGSIZE.  The line handed over ends in NUL;
 * a carriage return before the newline is dropped.
 */
int sg_lines_feed(struct sg_lines *lines, const char *bytes, size_t size,
		  void (*take)(void *data, char *line), void *data);

struct sg_qmp;

/** sg_qmp_event_fn - told about an event; @data may be NULL */
typedef void sg_qmp_event_fn(void *context, const char *event, struct json_object *data);

/**
 * sg_qmp_reply_fn - told about a reply
 * @error:  NULL when it succeeded
 * @answer: what was returned, if that is a text; else NULL
 */
typedef void sg_qmp_reply_fn(void *context, int cookie, const char *error, const char *answer);

/** sg_qmp_create - speak QMP over @fd, a non-blocking socket that stays the caller's */
int sg_qmp_create(int fd, sg_qmp_event_fn *on_event, sg_qmp_reply_fn *on_reply, void *context,
		  struct sg_qmp **ret);
void sg_qmp_destroy(struct sg_qmp *qmp);

/** sg_qmp_receive - bytes have come; -EPROTO when they are no QMP */
int sg_qmp_receive(struct sg_qmp *qmp, const char *bytes, size_t size);

/**
 * sg_qmp_send - issue a command; it waits for QEMU's greeting if that is still to come
 * @arguments: taken over, may be NULL
 * @cookie:    given back with the reply
 */
int sg_qmp_send(struct sg_qmp *qmp, const char *command, struct json_object *arguments,
		int cookie);

#endif
