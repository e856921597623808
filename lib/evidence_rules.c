// SPDX-License-Identifier: GPL-2.0-only
/*
 * evidence_rules.c - what a kernel function on a stack means
 *
 * One row per function and resource.  A task waits for the resource of the
 * first row that fits its innermost function, and holds those of all rows that
 * fit functions further out.  That holds for stock kernels from 5.10 to 7.2;
 * a function that a kernel does not have matches nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence_internal.h"

#define PORT_NAME 16		/* "0000:03:00.0" and its NUL */

/* Which one of its kind: how a row finds name or slot of its resource. */
enum subject {
	NOTHING,	/* there is only one */
	CALL,		/* device that this very call works on */
	OUTER_CALL,	/* device that the nearest recorded call further out works on */
	OUTER_PORT,	/* port, one of whose services that is */
	CALL_SLOT,	/* slot of that device; of a port: the slot below it */
	SLOT_DEVICE,	/* device in that slot */
	CALL_BRIDGE,	/* the port of the slot of the device that this call works on */
	CALL_PORT,	/* slot of the port that a recorded call further out works on */
	THREAD_SLOT,	/* slot whose interrupt thread the task is */
	TASK_FILE,	/* sysfs file that the task reads or writes */
	FILE_SLOT,	/* slot whose folder that file is in */
	ROLE_DEVICE,	/* device that the agent started the process for */
};

enum {
	WAITS = 1,
	HOLDS = 2,
	SHARED = 4,
	IF_STUCK = 8,	/* waits for a slot's interrupt thread, if that stands still itself */
	MAYBE = 16,	/* with one of those further in it depends on the kernel */
};

/* pciehp gives its reset lock back while it binds and unbinds drivers, since v6.4. */
static const char *const binding[] = {
	"pci_stop_and_remove_bus_device", "pci_stop_bus_device", "pci_remove_bus_device",
	"pci_bus_add_devices", NULL
};

/* Drives that went by themselves are marked before the rescan/remove lock is taken. */
static const char *const walking[] = { "pci_walk_bus", "__pci_walk_bus", NULL };

/* A file that removes itself is not waited for. */
static const char *const self_removal[] = { "remove_store", NULL };

/* The slot mutex is given back before a whole bus is reset. */
static const char *const whole_bus[] = { "pci_bus_lock", "pci_bus_reset", NULL };

static const struct rule {
	const char *function;
	enum sg_resource_kind kind;
	enum subject subject;
	unsigned int flags;
	const char *latest;		/* waits (or only holds) if this was the last recorded call */
	const char *const *unless;	/* holds only without one of these further in */
} rules[] = {
	/* the rescan/remove lock; pci_lock_rescan_remove() ends in a jump */
	{ "pci_lock_rescan_remove", SG_RES_TOPOLOGY, NOTHING, WAITS, NULL, NULL },
	{ "pciehp_unconfigure_device", SG_RES_TOPOLOGY, NOTHING, WAITS | HOLDS,
	  "pci_lock_rescan_remove", walking },
	{ "pciehp_configure_device", SG_RES_TOPOLOGY, NOTHING, WAITS | HOLDS,
	  "pci_lock_rescan_remove", NULL },
	{ "pci_stop_and_remove_bus_device_locked", SG_RES_TOPOLOGY, NOTHING, WAITS | HOLDS,
	  NULL, NULL },
	{ "remove_store", SG_RES_TOPOLOGY, NOTHING, WAITS, "pci_lock_rescan_remove", NULL },
	{ "dev_rescan_store", SG_RES_TOPOLOGY, NOTHING, WAITS | HOLDS, NULL, NULL },
	{ "bus_rescan_store", SG_RES_TOPOLOGY, NOTHING, WAITS | HOLDS, NULL, NULL },
	{ "rescan_store", SG_RES_TOPOLOGY, NOTHING, WAITS | HOLDS, NULL, NULL },
	{ "sriov_numvfs_store", SG_RES_TOPOLOGY, NOTHING, WAITS, "pci_lock_rescan_remove", NULL },
	{ "sriov_numvfs_store", SG_RES_DEVICE, CALL, WAITS | HOLDS, NULL, NULL },
	{ "sriov_add_vfs", SG_RES_TOPOLOGY, NOTHING, WAITS, "pci_lock_rescan_remove", NULL },
	{ "sriov_del_vfs", SG_RES_TOPOLOGY, NOTHING, WAITS, "pci_lock_rescan_remove", NULL },

	/* pciehp's reset lock */
	{ "pciehp_unconfigure_device", SG_RES_RESET, THREAD_SLOT, WAITS | HOLDS | SHARED | MAYBE,
	  NULL, binding },
	{ "pciehp_configure_device", SG_RES_RESET, THREAD_SLOT, WAITS | HOLDS | SHARED | MAYBE,
	  NULL, binding },
	{ "pciehp_disable_slot", SG_RES_RESET, THREAD_SLOT, HOLDS | SHARED | MAYBE, NULL,
	  binding },
	{ "pciehp_enable_slot", SG_RES_RESET, THREAD_SLOT, HOLDS | SHARED | MAYBE, NULL, binding },
	{ "pciehp_handle_disable_request", SG_RES_RESET, THREAD_SLOT, HOLDS | SHARED | MAYBE,
	  NULL, binding },
	{ "pciehp_handle_presence_or_link_change", SG_RES_RESET, THREAD_SLOT,
	  HOLDS | SHARED | MAYBE, NULL, binding },
	{ "pciehp_ist", SG_RES_RESET, THREAD_SLOT, WAITS | SHARED, NULL, NULL },
	{ "pciehp_reset_slot", SG_RES_RESET, CALL_SLOT, WAITS | HOLDS, NULL, NULL },
	{ "pciehp_reset_slot", SG_RES_DEVICE, SLOT_DEVICE, HOLDS, NULL, NULL },

	/* device locks */
	{ "device_release_driver_internal", SG_RES_DEVICE, CALL, WAITS | HOLDS, NULL, NULL },
	{ "device_release_driver", SG_RES_DEVICE, CALL, WAITS | HOLDS, NULL, NULL },
	{ "__device_attach", SG_RES_DEVICE, CALL, WAITS | HOLDS, NULL, NULL },
	{ "__driver_attach", SG_RES_DEVICE, CALL, WAITS | HOLDS, NULL, NULL },
	{ "__pci_reset_function_locked", SG_RES_DEVICE, CALL, HOLDS, NULL, NULL },
	/* where it locks by itself it locks the bridge first, and tells by the access lock */
	{ "pci_reset_function", SG_RES_DEVICE, CALL_BRIDGE, WAITS, "pci_reset_function", NULL },
	{ "pci_reset_function", SG_RES_DEVICE, CALL, WAITS, "pci_cfg_access_lock", NULL },
	{ "pci_reset_function", SG_RES_DEVICE, CALL_BRIDGE, HOLDS, "pci_cfg_access_lock", NULL },
	{ "pci_reset_bus", SG_RES_DEVICE, CALL, HOLDS, NULL, NULL },
	{ "pci_dev_lock", SG_RES_DEVICE, CALL, WAITS, NULL, NULL },
	{ "device_del", SG_RES_DEVICE, CALL, WAITS, NULL, NULL },
	{ "sriov_numvfs_show", SG_RES_DEVICE, CALL, WAITS, NULL, NULL },

	/* the slot mutex */
	{ "pci_dev_assign_slot", SG_RES_SLOTS, NOTHING, WAITS, NULL, NULL },
	{ "pci_create_slot", SG_RES_SLOTS, NOTHING, WAITS, NULL, NULL },
	{ "pci_destroy_slot", SG_RES_SLOTS, NOTHING, WAITS, NULL, NULL },
	{ "pci_hp_destroy", SG_RES_SLOTS, NOTHING, WAITS, NULL, NULL },
	{ "pci_bus_error_reset", SG_RES_SLOTS, NOTHING, WAITS | HOLDS, NULL, whole_bus },
	{ "pci_reset_bridge", SG_RES_SLOTS, NOTHING, WAITS | HOLDS, NULL, whole_bus },
	{ "pci_try_reset_bridge", SG_RES_SLOTS, NOTHING, WAITS | HOLDS, NULL, whole_bus },

	/* the bus list semaphore */
	{ "pci_walk_bus", SG_RES_BUSES, NOTHING, WAITS | HOLDS | SHARED, NULL, NULL },
	{ "__pci_walk_bus", SG_RES_BUSES, NOTHING, WAITS | HOLDS | SHARED, NULL, NULL },
	{ "pcie_aspm_pm_state_change", SG_RES_BUSES, NOTHING, WAITS | SHARED, NULL, NULL },
	{ "pci_remove_bus_device", SG_RES_BUSES, NOTHING, WAITS, NULL, NULL },
	{ "pci_device_add", SG_RES_BUSES, NOTHING, WAITS, NULL, NULL },

	/* error recovery: one device after the other, and the bridge's whole bus */
	{ "report_error_detected", SG_RES_DEVICE, OUTER_CALL, WAITS | HOLDS, NULL, NULL },
	{ "report_frozen_detected", SG_RES_DEVICE, CALL, WAITS | HOLDS, NULL, NULL },
	{ "report_normal_detected", SG_RES_DEVICE, CALL, WAITS | HOLDS, NULL, NULL },
	{ "report_mmio_enabled", SG_RES_DEVICE, CALL, WAITS | HOLDS, NULL, NULL },
	{ "report_slot_reset", SG_RES_DEVICE, CALL, WAITS | HOLDS, NULL, NULL },
	{ "report_resume", SG_RES_DEVICE, CALL, WAITS | HOLDS, NULL, NULL },
	/* which device it has come to is not known: the port is the first */
	{ "pci_slot_reset", SG_RES_DEVICE, OUTER_CALL, WAITS, NULL, NULL },
	{ "__pci_bus_lock", SG_RES_DEVICE, OUTER_CALL, WAITS, NULL, NULL },
	{ "pcie_do_recovery", SG_RES_RECOVERY, CALL, HOLDS, NULL, NULL },
	{ "devm_irq_release", SG_RES_RECOVERY, OUTER_PORT, WAITS, NULL, NULL },
	/* the services of a port may share an interrupt, and wait for all its threads */
	{ "pcie_pme_remove", SG_RES_THREAD, CALL_PORT, WAITS | IF_STUCK, NULL, NULL },
	{ "pcie_pme_remove", SG_RES_RECOVERY, OUTER_PORT, WAITS, NULL, NULL },
	{ "release_nodes", SG_RES_RECOVERY, OUTER_PORT, WAITS, NULL, NULL },

	/* vfio's own locks of a device */
	{ "vfio_pci_core_aer_err_detected", SG_RES_IGATE, OUTER_CALL, WAITS, NULL, NULL },
	{ "vfio_pci_set_msi_trigger", SG_RES_IGATE, ROLE_DEVICE, HOLDS, NULL, NULL },
	{ "vfio_pci_memory_lock_and_enable", SG_RES_MEMORY, ROLE_DEVICE, WAITS, NULL, NULL },
	{ "vfio_pci_set_power_state", SG_RES_MEMORY, ROLE_DEVICE, HOLDS, NULL, NULL },

	/* no locks, but waits all the same */
	{ "vfio_unregister_group_dev", SG_RES_OWNER, OUTER_CALL, WAITS, NULL, NULL },
	{ "vfio_del_group_dev", SG_RES_OWNER, OUTER_CALL, WAITS, NULL, NULL },
	{ "pci_dev_wait", SG_RES_ANSWER, OUTER_CALL, WAITS, NULL, NULL },
	{ "kernfs_drain", SG_RES_FILE, CALL, WAITS, NULL, NULL },
	/* 5.10 has kernfs_drain() in it */
	{ "__kernfs_remove", SG_RES_FILE, OUTER_CALL, WAITS, NULL, NULL },
	{ "kernfs_fop_write_iter", SG_RES_FILE, TASK_FILE, HOLDS, NULL, self_removal },
	{ "kernfs_fop_write", SG_RES_FILE, TASK_FILE, HOLDS, NULL, self_removal },
	{ "kernfs_seq_show", SG_RES_FILE, TASK_FILE, HOLDS, NULL, NULL },
	{ "kernfs_file_read_iter", SG_RES_FILE, TASK_FILE, HOLDS, NULL, NULL },
	{ "pciehp_sysfs_disable_slot", SG_RES_THREAD, FILE_SLOT, WAITS, NULL, NULL },
	{ "pciehp_sysfs_enable_slot", SG_RES_THREAD, FILE_SLOT, WAITS, NULL, NULL },
	{ "pcie_shutdown_notification", SG_RES_THREAD, CALL_PORT, WAITS, NULL, NULL },
	{ "pciehp_remove", SG_RES_THREAD, CALL_PORT, WAITS, NULL, NULL },

	/* slotgate's own waits */
	{ "topo_enter", SG_RES_TOPOLOGY, NOTHING, WAITS, NULL, NULL },
	{ "sg_topo_enter", SG_RES_TOPOLOGY, NOTHING, WAITS, NULL, NULL },
	{ "sg_topo_enter_handler", SG_RES_TOPOLOGY, NOTHING, WAITS, NULL, NULL },
	{ "sg_topo_enter_file", SG_RES_TOPOLOGY, NOTHING, WAITS, NULL, NULL },
	{ "sg_topo_enter_device_locked", SG_RES_TOPOLOGY, NOTHING, WAITS, NULL, NULL },
	{ "sg_topo_resume", SG_RES_TOPOLOGY, NOTHING, WAITS, NULL, NULL },
	{ "sg_gate_event_begin", SG_RES_RESET, THREAD_SLOT, WAITS | SHARED, NULL, NULL },
	{ "sg_gate_reset_begin", SG_RES_RESET, CALL_SLOT, WAITS, NULL, NULL },
};

#define NRULES (sizeof(rules) / sizeof(rules[0]))

/* Beginnings of names: how a task comes to sleep says nothing of its own. */
static const char *const plumbing[] = {
	"__schedule", "schedule", "preempt_schedule", "mutex_lock", "__mutex_lock", "down_",
	"rwsem_", "__down_", "wait_for_completion", "wait_for_common", "__wait_for_common",
	"free_irq", "__free_irq", "synchronize_irq", "__synchronize_irq", "synchronize_hardirq",
	"__synchronize_hardirq", "kthread_stop", "msleep", "usleep_range", "kernfs_drain_open",
	NULL
};

struct context {
	struct json_object *evidence;
	struct json_object *task;
	struct json_object *stack;
	size_t depth;
};

static const char *frame_name(const struct context *ctx, size_t frame)
{
	struct json_object *name = json_object_array_get_idx(ctx->stack, frame);

	return json_object_is_type(name, json_type_string) ? json_object_get_string(name) : "";
}

/* The compiler's own variants ("__kernfs_remove.part.0") are the function as well. */
static bool is_function(const char *have, const char *want)
{
	size_t len = strlen(want);

	return !strncmp(have, want, len) && (!have[len] || have[len] == '.');
}

static bool is_plumbing(const char *function)
{
	for (size_t i = 0; plumbing[i]; i++)
		if (!strncmp(function, plumbing[i], strlen(plumbing[i])))
			return true;
	return false;
}

static size_t innermost(const struct context *ctx)
{
	size_t frame = 0;

	while (frame < ctx->depth && is_plumbing(frame_name(ctx, frame)))
		frame++;
	return frame;
}

/* What the nearest recorded call works on, from @first outwards to @last. */
static const char *call_on(const struct context *ctx, size_t first, size_t last)
{
	struct json_object *calls = sg_json_array(ctx->task, "calls");

	for (size_t i = 0; calls && i < json_object_array_length(calls); i++) {
		struct json_object *call = json_object_array_get_idx(calls, i);
		int frame = sg_json_int(call, "frame");

		if (frame >= (int)first && frame <= (int)last)
			return sg_json_string(call, "on");
	}
	return "";
}

static unsigned int slot_number(struct json_object *slot)
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

/* "irq i 0000:05:00.0" */
static const char *last_word(const char *text)
{
	const char *blank = strrchr(text, ' ');

	return blank ? blank + 1 : text;
}

static void find_subject(const struct context *ctx, enum subject subject, size_t frame,
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
		res->slot = atoi(file);
		break;
	}
	snprintf(res->name, sizeof(res->name), "%s", name);
}

static bool latest_fits(const struct context *ctx, const char *want)
{
	struct json_object *latest;

	/* nothing recorded: the kernel could not be probed there */
	if (!want || !json_object_object_get_ex(ctx->task, "latest", &latest) || !latest)
		return true;
	return !strcmp(sg_json_string(latest, "function"), want);
}

static bool any_inside(const struct context *ctx, size_t frame, const char *const *names)
{
	for (size_t i = 0; names && i < frame; i++)
		for (size_t n = 0; names[n]; n++)
			if (is_function(frame_name(ctx, i), names[n]))
				return true;
	return false;
}

static struct sg_resource resource(const struct context *ctx, const struct rule *rule,
				   size_t frame)
{
	struct sg_resource res = { .kind = rule->kind, .shared = rule->flags & SHARED };

	find_subject(ctx, rule->subject, frame, &res);
	return res;
}

/* Is the interrupt thread of that slot one of the stuck tasks? */
static bool thread_stuck(const struct context *ctx, unsigned int number)
{
	struct json_object *tasks = sg_json_array(ctx->evidence, "tasks");

	for (size_t i = 0; number && tasks && i < json_object_array_length(tasks); i++) {
		int pid = sg_json_int(json_object_array_get_idx(tasks, i), "pid");

		if (slot_number(sg_evidence_slot_of_thread(ctx->evidence, pid)) == number)
			return true;
	}
	return false;
}

static void find_wait(const struct context *ctx, size_t frame, struct sg_task *ret)
{
	const char *function = frame_name(ctx, frame);
	struct sg_resource res;

	snprintf(ret->function, sizeof(ret->function), "%s", function);
	for (size_t i = 0; i < NRULES; i++) {
		if (!(rules[i].flags & WAITS) || !is_function(function, rules[i].function) ||
		    !latest_fits(ctx, rules[i].latest))
			continue;
		res = resource(ctx, &rules[i], frame);
		if (rules[i].flags & IF_STUCK && !thread_stuck(ctx, res.slot))
			continue;
		ret->waits = res;
		return;
	}
}

/*
 * The innermost function counts too: pciehp_unconfigure_device() waits for the
 * rescan/remove lock with the reset lock held.  What is waited for is not held.
 */
static void find_holds(const struct context *ctx, size_t inner, struct sg_task *ret)
{
	for (size_t frame = inner; frame < ctx->depth; frame++) {
		for (size_t i = 0; i < NRULES; i++) {
			struct sg_resource res;
			bool unsure;

			if (!(rules[i].flags & HOLDS) ||
			    !is_function(frame_name(ctx, frame), rules[i].function))
				continue;
			unsure = any_inside(ctx, frame, rules[i].unless);
			if ((unsure && !(rules[i].flags & MAYBE)) ||
			    ((rules[i].flags & (WAITS | HOLDS)) == HOLDS &&
			     !latest_fits(ctx, rules[i].latest)))
				continue;
			res = resource(ctx, &rules[i], frame);
			res.supposed = unsure;
			if (ret->waits.kind != res.kind || strcmp(ret->waits.name, res.name) ||
			    ret->waits.slot != res.slot)
				sg_task_add_hold(ret, &res);
		}
	}
}

void sg_rules_apply(struct json_object *evidence, struct json_object *task,
		    struct sg_task *ret)
{
	struct context ctx = { .evidence = evidence, .task = task };
	size_t inner;

	ctx.stack = sg_json_array(task, "stack");
	ctx.depth = ctx.stack ? json_object_array_length(ctx.stack) : 0;
	inner = innermost(&ctx);
	if (inner == ctx.depth)
		return;
	find_wait(&ctx, inner, ret);
	find_holds(&ctx, inner, ret);
}
