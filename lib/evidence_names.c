// SPDX-License-Identifier: GPL-2.0-only
/*
 * evidence_names.c - what a call works on, where nobody recorded it
 *
 * A machine that was not watched before it hung has stacks without arguments.
 * The sysfs file that a task writes, the text that it writes there and the slot
 * whose thread it is settle some of them; the others keep no name.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence_internal.h"

enum origin {
	UNKNOWN,	/* a device that nothing of the above tells */
	REMOVED,	/* the device being removed, or one below it */
	ACTED_ON,	/* the device whose own file the task reads or writes */
};

static const struct {
	const char *function;
	enum origin origin;
} calls[] = {
	{ "device_release_driver_internal", REMOVED },
	{ "device_release_driver", REMOVED },
	{ "device_driver_detach", REMOVED },
	{ "pci_stop_bus_device", REMOVED },
	{ "pci_remove_bus_device", REMOVED },
	{ "pci_stop_and_remove_bus_device", REMOVED },
	{ "pci_stop_and_remove_bus_device_locked", REMOVED },
	{ "pci_reset_function", ACTED_ON },
	{ "__pci_reset_function_locked", ACTED_ON },
	{ "pci_reset_bus", ACTED_ON },
	{ "pci_dev_lock", ACTED_ON },
	{ "sriov_numvfs_store", ACTED_ON },
	{ "sriov_numvfs_show", ACTED_ON },
	{ "reset_subordinate_store", ACTED_ON },
	{ "driver_override_store", ACTED_ON },
	{ "device_del", UNKNOWN },
	{ "device_add", UNKNOWN },
	{ "__device_attach", UNKNOWN },
	{ "__driver_attach", UNKNOWN },
	{ "pci_try_reset_function", UNKNOWN },
	{ "pci_bus_error_reset", UNKNOWN },
	{ "pcie_do_recovery", UNKNOWN },
	{ "report_error_detected", UNKNOWN },
	{ "report_frozen_detected", UNKNOWN },
	{ "report_normal_detected", UNKNOWN },
	{ "report_mmio_enabled", UNKNOWN },
	{ "report_slot_reset", UNKNOWN },
	{ "report_resume", UNKNOWN },
};

/* Files in a device's folder whose readers and writers work on that device. */
static const char *const own_files[] = {
	"reset_store", "sriov_numvfs_store", "sriov_numvfs_show", "reset_subordinate_store",
	"driver_override_store", NULL
};

struct stack {
	struct json_object *evidence;
	struct json_object *task;
	struct json_object *frames;
	size_t depth;
};

static const char *frame_at(const struct stack *stack, size_t frame)
{
	struct json_object *name =
		frame < stack->depth ? json_object_array_get_idx(stack->frames, frame) : NULL;

	return json_object_is_type(name, json_type_string) ? json_object_get_string(name) : "";
}

static bool frame_is(const struct stack *stack, size_t frame, const char *function)
{
	const char *name = frame_at(stack, frame);
	size_t len = strlen(function);

	return !strncmp(name, function, len) && (!name[len] || name[len] == '.');
}

static bool has_frame(const struct stack *stack, const char *function)
{
	for (size_t i = 0; i < stack->depth; i++)
		if (frame_is(stack, i, function))
			return true;
	return false;
}

static bool is_address(const char *name)
{
	unsigned int domain, bus, device, function;
	int len = 0;

	return sscanf(name, "%4x:%2x:%2x.%1x%n", &domain, &bus, &device, &function, &len) == 4 &&
	       !name[len];
}

static void set_address(char *buf, const char *name)
{
	snprintf(buf, SG_ADDRESS_SIZE, "%s", is_address(name) ? name : "");
}

/* ".../0000:00:04.0/remove" */
static void folder_of_file(char *buf, const struct stack *stack)
{
	char path[256], *slash;

	snprintf(path, sizeof(path), "%s", sg_json_string(stack->task, "file"));
	slash = strrchr(path, '/');
	if (slash)
		*slash = '\0';
	slash = strrchr(path, '/');
	set_address(buf, slash ? slash + 1 : "");
}

/* The one device of a slot; with several functions it could be any of them. */
static void only_device(char *buf, struct json_object *slot)
{
	struct json_object *devices = slot ? sg_json_array(slot, "devices") : NULL;

	if (devices && json_object_array_length(devices) == 1)
		set_address(buf, json_object_get_string(json_object_array_get_idx(devices, 0)));
}

static void removal_target(char *buf, const struct stack *stack)
{
	if (has_frame(stack, "pciehp_unconfigure_device"))
		only_device(buf, sg_evidence_slot_of_thread(stack->evidence,
							    sg_json_int(stack->task, "pid")));
	else if (has_frame(stack, "remove_store"))
		folder_of_file(buf, stack);
	else if (has_frame(stack, "unbind_store"))
		set_address(buf, sg_json_string(stack->task, "wrote"));
}

/* Calls of @function from @frame outwards: a removal goes down the tree by itself. */
static size_t levels(const struct stack *stack, size_t frame, const char *function)
{
	size_t count = 0;

	for (; frame < stack->depth; frame++)
		count += frame_is(stack, frame, function);
	return count;
}

static bool releases_driver(const struct stack *stack, size_t frame)
{
	return frame_is(stack, frame, "device_release_driver_internal") ||
	       frame_is(stack, frame, "device_release_driver") ||
	       frame_is(stack, frame, "device_driver_detach") ||
	       frame_is(stack, frame, "__device_release_driver");
}

/*
 * A service of a port loses its driver while the port loses its own: whoever is
 * beyond that has the port's lock, and that is what is told of both.
 */
static size_t port_of_service(const struct stack *stack, size_t frame)
{
	size_t at = frame;

	if (!frame || !(frame_is(stack, frame - 1, "pcie_port_remove_service") ||
			frame_is(stack, frame - 1, "pcie_port_bus_remove")))
		return frame;
	while (at < stack->depth && !frame_is(stack, at, "pcie_port_device_remove") &&
	       !frame_is(stack, at, "pcie_portdrv_remove"))
		at++;
	while (at < stack->depth && !releases_driver(stack, at))
		at++;
	return at;
}

static void removed_device(char *buf, const struct stack *stack, size_t frame)
{
	const char *walk = frame_is(stack, frame, "pci_remove_bus_device") ?
				   "pci_remove_bus_device" : "pci_stop_bus_device";
	char target[SG_ADDRESS_SIZE] = "";
	size_t outer;

	if (releases_driver(stack, frame)) {
		frame = port_of_service(stack, frame);
		for (outer = frame; releases_driver(stack, outer); outer++)
			;
		if (!frame_is(stack, outer, "pci_stop_bus_device") &&
		    !frame_is(stack, outer, "unbind_store"))
			return;
	}
	removal_target(target, stack);
	switch (levels(stack, frame, walk)) {
	case 0:
	case 1:
		set_address(buf, target);
		break;
	case 2:
		only_device(buf, sg_evidence_slot(stack->evidence, "port", target));
		break;
	}
}

static void acted_on(char *buf, const struct stack *stack)
{
	for (size_t i = 0; own_files[i]; i++)
		if (has_frame(stack, own_files[i])) {
			folder_of_file(buf, stack);
			return;
		}
}

bool sg_infer_device(char *buf, struct json_object *evidence, struct json_object *task,
		     size_t frame)
{
	struct stack stack = { .evidence = evidence, .task = task };

	buf[0] = '\0';
	stack.frames = sg_json_array(task, "stack");
	stack.depth = stack.frames ? json_object_array_length(stack.frames) : 0;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (!frame_is(&stack, frame, calls[i].function))
			continue;
		if (calls[i].origin == REMOVED)
			removed_device(buf, &stack, frame);
		else if (calls[i].origin == ACTED_ON)
			acted_on(buf, &stack);
		return true;
	}
	return false;
}
