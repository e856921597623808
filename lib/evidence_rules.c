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
#include <string.h>

#include "evidence_subject.h"

enum {
	WAITS = 1,
	HOLDS = 2,
	SHARED = 4,
	IF_STUCK = 8,	/* waits for a slot's interrupt thread, if that stands still itself */
	MAYBE = 16,	/* with one of those further in it depends on the kernel */
	ELSE = 32,	/* if nobody has that, the task waits for what the next row says */
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
	{ "device_driver_detach", SG_RES_DEVICE, CALL, WAITS | HOLDS, NULL, NULL },
	{ "__device_attach", SG_RES_DEVICE, CALL, WAITS | HOLDS, NULL, NULL },
	{ "__driver_attach", SG_RES_DEVICE, CALL, WAITS | HOLDS, NULL, NULL },
	{ "__pci_reset_function_locked", SG_RES_DEVICE, CALL, HOLDS, NULL, NULL },
	/*
	 * where it locks by itself it locks the bridge first, since v6.10, and tells by
	 * the access lock
	 */
	{ "pci_reset_function", SG_RES_DEVICE, CALL_BRIDGE, WAITS | ELSE, "pci_reset_function",
	  NULL },
	{ "pci_reset_function", SG_RES_DEVICE, CALL, WAITS, NULL, NULL },
	{ "pci_reset_function", SG_RES_DEVICE, CALL_BRIDGE, HOLDS, "pci_cfg_access_lock", NULL },
	{ "pci_reset_bus", SG_RES_DEVICE, CALL, HOLDS, NULL, NULL },
	{ "pci_dev_lock", SG_RES_DEVICE, CALL, WAITS, NULL, NULL },
	{ "device_del", SG_RES_DEVICE, CALL, WAITS, NULL, NULL },
	{ "device_add", SG_RES_DEVICE, CALL, WAITS, NULL, NULL },
	{ "sriov_numvfs_show", SG_RES_DEVICE, CALL, WAITS, NULL, NULL },
	{ "driver_set_override", SG_RES_DEVICE, OUTER_CALL, WAITS, NULL, NULL },
	{ "driver_override_store", SG_RES_DEVICE, CALL, WAITS, NULL, NULL },

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
	{ "pci_bus_lock", SG_RES_DEVICE, OUTER_CALL, WAITS, NULL, NULL },
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

	/* xen-pciback, which takes its semaphore with the device lock of a drive held */
	{ "pcistub_put_pci_dev", SG_RES_PCIBACK, NOTHING, WAITS | HOLDS, NULL, NULL },
	{ "__xen_pcibk_release_pci_dev", SG_RES_DEVICE, CALL, WAITS, NULL, NULL },
	{ "__xen_pcibk_release_devices", SG_RES_DEVICE, CALL, WAITS, NULL, NULL },
	{ "pcistub_error_detected", SG_RES_PCIBACK, NOTHING, WAITS | HOLDS, NULL, NULL },
	{ "pcistub_mmio_enabled", SG_RES_PCIBACK, NOTHING, WAITS | HOLDS, NULL, NULL },
	{ "pcistub_slot_reset", SG_RES_PCIBACK, NOTHING, WAITS | HOLDS, NULL, NULL },
	{ "pcistub_error_resume", SG_RES_PCIBACK, NOTHING, WAITS | HOLDS, NULL, NULL },

	/* no locks, but waits all the same */
	{ "vfio_unregister_group_dev", SG_RES_OWNER, OUTER_CALL, WAITS, NULL, NULL },
	{ "vfio_del_group_dev", SG_RES_OWNER, OUTER_CALL, WAITS, NULL, NULL },
	{ "vfio_device_fops_release", SG_RES_OWNER, CALL, HOLDS, NULL, NULL },
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

	/* a reset of nvme's drive is done by its work, which wants all queues frozen, or a command answered */
	{ "flush_work", SG_RES_WORK, OUTER_CALL, WAITS, NULL, NULL },
	{ "nvme_reset_work", SG_RES_WORK, NOTHING, HOLDS, NULL, NULL },
	{ "nvme_start_ctrl", SG_RES_WORK, NOTHING, HOLDS, NULL, NULL },	/* the end of that work */
	{ "blk_mq_freeze_queue_wait", SG_RES_QUEUES, NOTHING, WAITS, NULL, NULL },
	{ "nvme_wait_freeze", SG_RES_QUEUES, NOTHING, WAITS, NULL, NULL },
	{ "blk_execute_rq", SG_RES_QUEUES, NOTHING, WAITS, NULL, NULL },

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
	"__schedule", "schedule", "preempt_schedule", "io_schedule", "mutex_lock", "__mutex_lock", "down_",
	"rwsem_", "__down_", "wait_for_completion", "wait_for_common", "__wait_for_common",
	"free_irq", "__free_irq", "synchronize_irq", "__synchronize_irq", "synchronize_hardirq",
	"__synchronize_hardirq", "kthread_stop", "msleep", "usleep_range", "kernfs_drain_open",
	NULL
};

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

/* Is the interrupt thread of that slot (0: of any) one of the stuck tasks? */
static bool thread_stuck(const struct context *ctx, unsigned int number)
{
	struct json_object *tasks = sg_json_array(ctx->evidence, "tasks");

	for (size_t i = 0; tasks && i < json_object_array_length(tasks); i++) {
		int pid = sg_json_int(json_object_array_get_idx(tasks, i), "pid");
		unsigned int slot = slot_number(sg_evidence_slot_of_thread(ctx->evidence, pid));

		if (slot && (!number || slot == number))
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
		if (rules[i].flags & ELSE)
			ret->instead = resource(ctx, &rules[i + 1], frame);
		return;
	}
}

/* Two without a name are the same only if it is one call that gets the one. */
static bool is_awaited(const struct sg_resource *held, const struct sg_resource *wanted,
		       bool same_call)
{
	return held->kind == wanted->kind && held->slot == wanted->slot &&
	       !strcmp(held->name, wanted->name) && (sg_resource_known(held) || same_call);
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
			if (!is_awaited(&res, &ret->waits, frame == inner))
				sg_task_add_hold(ret, &res);
		}
	}
}

void sg_rules_apply(struct json_object *evidence, struct json_object *task,
		    struct sg_task *ret)
{
	char inferred[SG_ADDRESS_SIZE] = "";
	struct context ctx = { .evidence = evidence, .task = task, .inferred = inferred };
	size_t inner;

	ctx.stack = sg_json_array(task, "stack");
	ctx.depth = ctx.stack ? json_object_array_length(ctx.stack) : 0;
	inner = innermost(&ctx);
	if (inner == ctx.depth)
		return;
	find_wait(&ctx, inner, ret);
	find_holds(&ctx, inner, ret);
}
