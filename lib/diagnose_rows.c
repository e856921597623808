// SPDX-License-Identifier: GPL-2.0-only
/*
 * diagnose_rows.c - the rows of the scoreboard, told by their wait-for graph
 *
 * A row fits a cycle, or a chain that ends in somebody who could go on, if the
 * tasks on it wait for the kinds of things that the row names, and for no other,
 * and if those who wait for certain of them do so in the functions named.  The
 * first row that fits counts: special ones stand before general ones.
 */
#include <string.h>

#include "diagnose_internal.h"

#define BIT(kind) (1u << SG_RES_##kind)
#define NEEDS_MAX 2

static const char nothing_helps[] =
	"Nothing frees these tasks: they sleep where no signal reaches them. Drives and slots that are not "
	"named here go on working as long as nobody switches, removes, rescans or resets. Save what has to be "
	"saved and restart the machine; an ordinary shutdown may hang on the same locks, so be ready to use "
	"`reboot -f` or the magic key b.";

static const char slotgate_cures[] =
	"slotgate (`slotgate on`): it breaks this cycle on a running kernel.";

#define NVME_RESET \
	{ "nvme-reset", \
	  "A drive was reset while nvme was still looking at it: nvme's own work, which does the reset, waits for " \
	  "a queue that was added after the others were frozen, or for a command in one that only it could start " \
	  "again. No slot and no lock of PCI is part of it.", \
	  nothing_helps, \
	  "Reset a drive only when its block device has been there for a moment, or use a kernel whose nvme keeps " \
	  "its look and resets apart. slotgate does not help: its resets wait for drivers." }
#define NVME_PULL \
	{ "nvme-pull", \
	  "nvme was told to let go of a drive, by remove, unbind or its slot, and waits for a command of that drive, " \
	  "or for its own work, which does. If the drive was pulled meanwhile, its slot has called it disconnected, " \
	  "and nvme's clock for that command never runs out.", \
	  "Wait for some minutes: if the drive is still there, the command is given up. If it is not, nothing " \
	  "frees these tasks. Save what has to be saved and restart the machine, if need be with `reboot -f`.", \
	  "slotgate (`slotgate on`): the drive is not called disconnected while somebody waits for it so, and " \
	  "nvme's clock ends the command." }
#define BEHIND_WORK (BIT(DEVICE) | BIT(RESET) | BIT(FILE) | BIT(THREAD) | BIT(TOPOLOGY) | BIT(OWNER))

static const struct signature {
	struct sg_row row;
	bool cycle;
	unsigned int all;	/* each of these kinds is waited for */
	unsigned int any;	/* and one of these, unless there are none */
	unsigned int may;	/* these may be, too */
	unsigned int held;	/* each of these is held on the way */
	struct {
		enum sg_resource_kind kind;
		const char *functions;	/* one is on the stack of a task that waits for that kind */
	} needs[NEEDS_MAX], but[1];	/* or on none of them */
} signatures[] = {
	{
		.row = { "vfio-close",
			 "Drives of one owner are pulled while that owner closes them: the removal of one waits for "
			 "the owner, the owner resets another and waits for its slot, and that slot waits for the "
			 "rescan/remove lock, which the first removal holds.",
			 nothing_helps, slotgate_cures },
		.cycle = true,
		.all = BIT(OWNER) | BIT(RESET) | BIT(TOPOLOGY),
		.needs = { { SG_RES_RESET, "vfio_pci_core_disable|vfio_pci_disable|vfio_device_fops_release" } },
		.but = { { SG_RES_OWNER, "remove_store" } },
	},
	{
		.row = { "xen-detach",
			 "xen-pciback resets a drive with its device lock held while the drive is removed: "
			 "xenbus's only thread takes the resetter's part, and all of xenbus stops with it.",
			 nothing_helps, slotgate_cures },
		.cycle = true,
		.all = BIT(RESET) | BIT(TOPOLOGY),
		.may = BIT(DEVICE) | BIT(FILE) | BIT(THREAD) | BIT(PCIBACK),
		.needs = { { SG_RES_RESET, "pcistub_put_pci_dev|pcistub_device_release|xen_pcibk_do_op|"
					   "xen_pcibk_frontend_changed|xen_pcibk_release_devices|"
					   "xen_pcibk_reset_device|__xen_pcibk_release_devices" } },
	},
	{
		.row = { "vfio-close-any",
			 "A drive is reset while it is removed by somebody who holds the rescan/remove lock: the reset "
			 "has the device lock and waits for the slot, the slot waits for the rescan/remove lock, the "
			 "removal waits for the device lock.",
			 nothing_helps, slotgate_cures },
		.cycle = true,
		.all = BIT(RESET) | BIT(TOPOLOGY),
		.any = BIT(DEVICE) | BIT(OWNER) | BIT(FILE),
		.may = BIT(THREAD),
	},
	{
		.row = { "reset-added",
			 "A drive is reset while its slot still adds it: the slot's interrupt thread has its reset lock and "
			 "waits for the device lock, the reset has the two the other way round.",
			 nothing_helps, slotgate_cures },
		.cycle = true,
		.all = BIT(RESET) | BIT(DEVICE),
		.needs = { { SG_RES_DEVICE, "device_add" } },
	},
	{
		.row = { "abba-2020",
			 "A slot's interrupt thread holds its reset lock and waits for the device lock of its drive; "
			 "somebody who resets that drive has the two the other way round.",
			 nothing_helps,
			 "A kernel that gives the reset lock back around unbinding (since 6.4, and in the stable kernels "
			 "of its time), or slotgate (`slotgate on`)." },
		.cycle = true,
		.all = BIT(RESET) | BIT(DEVICE),
		.needs = { { SG_RES_DEVICE, "pciehp_ist" } },
	},
	{
		.row = { "reset-unbind-3",
			 "A port is unbound while its drive is removed and reset: the unbinding waits for the slot's "
			 "interrupt thread, that one until nobody is inside the drive's file `reset`, and who is "
			 "inside there waits for the lock of the port.",
			 nothing_helps, slotgate_cures },
		.cycle = true,
		.all = BIT(THREAD) | BIT(FILE) | BIT(DEVICE),
		.needs = { { SG_RES_DEVICE, "pci_reset_function|reset_store" } },
	},
	{
		.row = { "nested-ports",
			 "A slot that holds a switch is removed together with a slot below it: the outer removal waits "
			 "for the inner slot's interrupt thread, and that one for the rescan/remove lock, which the "
			 "outer removal holds.",
			 nothing_helps, slotgate_cures },
		.cycle = true,
		.all = BIT(THREAD) | BIT(TOPOLOGY),
		.may = BIT(FILE),
	},
	{
		.row = { "numvfs-remove",
			 "A device is removed while its number of virtual functions is written: the write has what the "
			 "removal waits for and waits for the rescan/remove lock, which the removal holds.",
			 nothing_helps, slotgate_cures },
		.cycle = true,
		.all = BIT(TOPOLOGY),
		.any = BIT(DEVICE) | BIT(FILE),
		.needs = { { SG_RES_TOPOLOGY, "sriov_numvfs_store|sriov_add_vfs|sriov_del_vfs" } },
	},
	{
		.row = { "rescan-remove",
			 "A device is removed while somebody writes its file `rescan`: the writer waits for the "
			 "rescan/remove lock, the removal holds it and waits until nobody is inside that file.",
			 nothing_helps, slotgate_cures },
		.cycle = true,
		.all = BIT(TOPOLOGY) | BIT(FILE),
		.needs = { { SG_RES_TOPOLOGY, "dev_rescan_store|bus_rescan_store|rescan_store" } },
	},
	{
		.row = { "numvfs-read",
			 "An owner that was asked to let go of its device reads `sriov_numvfs` of it: the read waits for "
			 "the device lock, which the removal holds until the owner has let go.",
			 nothing_helps, slotgate_cures },
		.cycle = true,
		.all = BIT(OWNER) | BIT(DEVICE),
		.needs = { { SG_RES_DEVICE, "sriov_numvfs_show" } },
	},
	{
		.row = { "slot-mutex",
			 "A bus is reset while a device is added to a slot behind it: the reset has the slot mutex and "
			 "waits for the slot's reset lock, whoever adds the device has them the other way round.",
			 nothing_helps, slotgate_cures },
		.cycle = true,
		.all = BIT(SLOTS) | BIT(RESET),
		.may = BIT(TOPOLOGY),
	},
	{
		.row = { "slot-mutex-device",
			 "Error recovery has the slot mutex and waits for a device lock, whose holder (a port that is "
			 "unbound, virtual functions that are switched on) waits for the slot mutex.",
			 nothing_helps, slotgate_cures },
		.cycle = true,
		.all = BIT(SLOTS) | BIT(DEVICE),
		.may = BIT(TOPOLOGY) | BIT(THREAD),
	},
	{
		.row = { "vfio-igate",
			 "Error recovery walks the bus and waits for vfio's interrupt lock of a drive whose owner sets up "
			 "interrupts and changes its power state meanwhile.",
			 nothing_helps, slotgate_cures },
		.cycle = true,
		.all = BIT(IGATE) | BIT(BUSES),
		.may = BIT(MEMORY) | BIT(TOPOLOGY) | BIT(DEVICE),
	},
	{
		.row = { "aer-sriov",
			 "Error recovery walks the bus and waits for a device lock; whoever holds that changes virtual "
			 "functions and waits, by way of others, for the walk to end.",
			 nothing_helps, slotgate_cures },
		.cycle = true,
		.all = BIT(BUSES) | BIT(DEVICE),
		.may = BIT(TOPOLOGY) | BIT(FILE),
		.needs = { { SG_RES_DEVICE, "pci_walk_bus|__pci_walk_bus" } },
	},
	{
		.row = { "aer-unbind",
			 "A root port is unbound during error recovery: it waits until its error thread is done, which "
			 "waits for the lock of the port.",
			 nothing_helps, slotgate_cures },
		.cycle = true,
		.all = BIT(RECOVERY) | BIT(DEVICE),
	},
	{
		.row = { "absent-reset",
			 "A drive that is gone is reset while it is let go of: the kernel waits a minute for it to answer, "
			 "for each kind of reset, and holds up others meanwhile.",
			 "Wait: each attempt ends by itself after 65 seconds, one drive after the other.",
			 "slotgate (`slotgate on`): a drive that is gone is not reset." },
		.all = BIT(ANSWER),
		.may = BIT(TOPOLOGY) | BIT(DEVICE) | BIT(OWNER) | BIT(FILE) | BIT(THREAD) | BIT(RESET),
	},
	{
		.row = NVME_RESET,
		.all = BIT(QUEUES),
		.may = BIT(WORK) | BEHIND_WORK,
		.needs = { { SG_RES_QUEUES, "nvme_wait_freeze" } },
	},
	{	/* a drive that is slow to answer looks the same but for somebody who resets it */
		.row = NVME_RESET,
		.all = BIT(QUEUES) | BIT(WORK),
		.may = BEHIND_WORK,
		.needs = { { SG_RES_QUEUES, "nvme_start_ctrl" },
			   { SG_RES_WORK, "pci_reset_function|pci_reset_function_locked|report_resume" } },
	},
	{
		.row = NVME_PULL,
		.all = BIT(QUEUES),
		.may = BIT(WORK) | BEHIND_WORK,
		.needs = { { SG_RES_QUEUES, "nvme_remove" } },
	},
	{	/* the work itself is not seen everywhere, but nothing else is flushed there */
		.row = NVME_PULL,
		.all = BIT(WORK),
		.may = BIT(QUEUES) | BEHIND_WORK,
		.needs = { { SG_RES_WORK, "nvme_remove" } },
	},
	{
		.row = { "port-wedge",
			 "A drive whose owner does not let go is reset: the reset keeps the lock of the port for as long "
			 "as it waits for that of the drive.",
			 "Let the owner of the drive close it, or end the owner: both, the removal and the reset, then go on.",
			 "slotgate (`slotgate on`): a reset waits with nothing held." },
		.all = BIT(DEVICE) | BIT(OWNER),
		.needs = { { SG_RES_DEVICE, "pci_reset_function|reset_store" } },
	},
	{
		.row = { "vfio-freeze",
			 "A removal waits for the owner of a drive to let go of it, with the rescan/remove lock held: no "
			 "slot of the machine can be used meanwhile.",
			 "Let the owner of the drive close it, or end the owner: everything else then goes on by itself.",
			 "slotgate (`slotgate on`): owners are waited for with nothing held, by one slot at a time." },
		.all = BIT(OWNER),
		.held = BIT(TOPOLOGY),
		.may = BIT(TOPOLOGY) | BIT(THREAD) | BIT(FILE) | BIT(DEVICE) | BIT(RESET),
	},
};

#define NSIGNATURES (sizeof(signatures) / sizeof(signatures[0]))

/* A path, and what it is a path through. */
struct way {
	struct json_object *evidence;
	const struct sg_analysis *analysis;
	const size_t *path;
	size_t count;
};

static const struct sg_task *way_task(const struct way *way, size_t i)
{
	return &way->analysis->tasks[way->path[i]];
}

static bool waits_in(const struct way *way, enum sg_resource_kind kind, const char *functions)
{
	for (size_t i = 0; i < way->count; i++)
		if (way_task(way, i)->waits.kind == kind &&
		    task_has_frame(way->evidence, way->path[i], functions))
			return true;
	return false;
}

static bool functions_fit(const struct signature *signature, const struct way *way)
{
	for (size_t i = 0; i < NEEDS_MAX && signature->needs[i].functions; i++)
		if (!waits_in(way, signature->needs[i].kind, signature->needs[i].functions))
			return false;
	return !signature->but[0].functions ||
	       !waits_in(way, signature->but[0].kind, signature->but[0].functions);
}

static bool fits(const struct signature *signature, const struct way *way)
{
	unsigned int waits = 0, held = 0;

	for (size_t i = 0; i < way->count; i++) {
		const struct sg_task *task = way_task(way, i);

		waits |= 1u << task->waits.kind;
		held |= task->unnamed;
		for (size_t h = 0; h < task->nholds; h++)
			held |= 1u << task->holds[h].kind;
	}
	return (waits & signature->all) == signature->all &&
	       (held & signature->held) == signature->held &&
	       (!signature->any || waits & signature->any) &&
	       !(waits & ~(signature->all | signature->any | signature->may)) &&
	       functions_fit(signature, way);
}

const struct sg_row *row_find(struct json_object *evidence, const struct sg_analysis *analysis,
			      const size_t *path, size_t count, bool cycle)
{
	const struct way way = { evidence, analysis, path, count };

	for (size_t i = 0; i < NSIGNATURES; i++)
		if (signatures[i].cycle == cycle && fits(&signatures[i], &way))
			return &signatures[i].row;
	return NULL;
}

size_t row_rank(const struct sg_row *row)
{
	size_t rank = 0;

	while (rank < NSIGNATURES && &signatures[rank].row != row)
		rank++;
	return rank;
}
