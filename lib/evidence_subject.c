// SPDX-License-Identifier: GPL-2.0-only
/*
 * evidence_subject.c - which device, slot or file a function on a stack works on
 *
 * From what was recorded of its calls; without a recording, from what the rest of
 * the evidence settles (evidence_names.c).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence_subject.h"

#define PORT_NAME 16		/* "0000:03:00.0" and its NUL */

const char *frame_name(const struct context *ctx, size_t frame)
{
	struct json_object *name = json_object_array_get_idx(ctx->stack, frame);

	return json_object_is_type(name, json_type_string) ? json_object_get_string(name) : "";
}

bool is_function(const char *have, const char *want)
{
	size_t len = strlen(want);

	return !strncmp(have, want, len) && (!have[len] || have[len] == '.');
}

/*
 * What the nearest recorded call works on, from @first outwards to @last.  Where
 * none was ever recorded: what the nearest such call must work on.
 */
static const char *call_on(const struct context *ctx, size_t first, size_t last)
{
	struct json_object *calls = sg_json_array(ctx->task, "calls");

	for (size_t i = 0; calls && i < json_object_array_length(calls); i++) {
		struct json_object *call = json_object_array_get_idx(calls, i);
		int frame = sg_json_int(call, "frame");

		if (frame >= (int)first && frame <= (int)last)
			return sg_json_string(call, "on");
	}
	for (size_t i = first; !calls && i <= last && i < ctx->depth; i++)
		if (sg_infer_device(ctx->inferred, ctx->evidence, ctx->task, i))
			return ctx->inferred;
	return "";
}

unsigned int slot_number(struct json_object *slot)
{
	return slot ? sg_json_int(slot, "slot") : 0;
}

/* "0000:02:00.0" sits in the slot whose bus is "0000:02". */
static unsigned int slot_of_device(const struct context *ctx, const char *device)
{
	char bus[16];

	snprintf(bus, sizeof(bus), "%.7s", device);
	return slot_number(sg_evidence_slot(ctx->evidence, "bus", bus));
}

static const char *port_of_device(const struct context *ctx, const char *device)
{
	struct json_object *slot;
	char bus[16];

	snprintf(bus, sizeof(bus), "%.7s", device);
	slot = sg_evidence_slot(ctx->evidence, "bus", bus);
	return slot ? sg_json_string(slot, "port") : "";
}

/* A port, or one of its services: "0000:03:00.0:pcie204" */
static const char *service_port(char port[PORT_NAME], const char *device)
{
	snprintf(port, PORT_NAME, "%.12s", device);
	return port;
}

static unsigned int slot_of_port(const struct context *ctx, const char *device)
{
	char port[PORT_NAME];

	return slot_number(sg_evidence_slot(ctx->evidence, "port", service_port(port, device)));
}

/* A device stands for the slot that it sits in, a port for the one below it. */
static unsigned int slot_of_call(const struct context *ctx, size_t frame)
{
	const char *device = call_on(ctx, frame, ctx->depth);

	return slot_of_device(ctx, device) ?: slot_of_port(ctx, device);
}

static const char *device_of_slot(const struct context *ctx, unsigned int number)
{
	struct json_object *slots = sg_json_array(ctx->evidence, "slots");

	for (size_t i = 0; slots && i < json_object_array_length(slots); i++) {
		struct json_object *slot = json_object_array_get_idx(slots, i);

		if (number && slot_number(slot) == number)
			return sg_json_string(slot, "device");
	}
	return "";
}

/* The last two parts of a path: a file's folder and name. */
static const char *short_file(const char *path)
{
	const char *slash = strrchr(path, '/');

	while (slash && slash > path && slash[-1] != '/')
		slash--;
	return slash ? slash : path;
}

/* "2-1/power": slots whose names are no numbers have one all the same. */
static unsigned int slot_of_file(const struct context *ctx, const char *file)
{
	char folder[64];

	snprintf(folder, sizeof(folder), "%.*s", (int)strcspn(file, "/"), file);
	return slot_number(sg_evidence_slot(ctx->evidence, "name", folder)) ?: (unsigned int)atoi(file);
}

/* "irq i 0000:05:00.0" */
static const char *last_word(const char *text)
{
	const char *blank = strrchr(text, ' ');

	return blank ? blank + 1 : text;
}

void find_subject(const struct context *ctx, enum subject subject, size_t frame,
			 struct sg_resource *res)
{
	char port[PORT_NAME];
	const char *name = "", *file = short_file(sg_json_string(ctx->task, "file"));

	switch (subject) {
	case NOTHING:
		break;
	case CALL:
		name = call_on(ctx, frame, frame);
		break;
	case OUTER_CALL:
		name = call_on(ctx, frame, ctx->depth);
		break;
	case OUTER_PORT:
		name = service_port(port, call_on(ctx, frame, ctx->depth));
		break;
	case CALL_SLOT:
		res->slot = slot_of_call(ctx, frame);
		break;
	case SLOT_DEVICE:
		name = device_of_slot(ctx, slot_of_call(ctx, frame));
		break;
	case CALL_BRIDGE:
		name = port_of_device(ctx, call_on(ctx, frame, frame));
		break;
	case CALL_PORT:
		res->slot = slot_of_port(ctx, call_on(ctx, frame, ctx->depth));
		break;
	case THREAD_SLOT:
		res->slot = slot_number(sg_evidence_slot_of_thread(ctx->evidence,
					sg_json_int(ctx->task, "pid")));
		break;
	case TASK_FILE:
		name = file;
		break;
	case ROLE_DEVICE:
		name = last_word(sg_json_string(ctx->task, "role"));
		break;
	case FILE_SLOT:
		res->slot = slot_of_file(ctx, file);
		break;
	}
	snprintf(res->name, sizeof(res->name), "%s", name);
	if (res->slot)
		sg_evidence_slot_label(ctx->evidence, res);
}
