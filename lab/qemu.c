// SPDX-License-Identifier: GPL-2.0-only
/*
 * qemu.c - QEMU's command line for a machine with hot-plug slots
 *
 * Slot N is a port called slotN: a root port, or a downstream port of the
 * switch in its parent slot.  What is in it: the drive dN, or the switch swN.
 * Block nodes are named apart from the drives (nodeN), so that a drive can be
 * plugged again after the guest let QEMU eject it.
 */
#include <errno.h>
#include <string.h>

#include "slotgate/cleanup.h"
#include "slotgate/vm.h"

enum {
	FIRST_ADDRESS = 3,	/* 0: host bridge, 2: virtio-serial */
	LAST_ADDRESS = 0x1e,	/* 0x1f: the chipset's own devices */
	FUNCTIONS = 8,
	DRIVE_BYTES = 64 << 20,
	HALF_MIB = 1 << 19,
};

static const char *const fixed_args[] = {
	"-no-user-config", "-nodefaults", "-display", "none", "-no-reboot",
	/* Without this q35 hands its slots to ACPI, and pciehp sees none. */
	"-global", "ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off",
	"-m", "1024",
	NULL
};

/* The kernel on the machine itself.  The IOMMU is there for vfio. */
static const char *const bare_args[] = {
	"-device", "intel-iommu,intremap=on,caching-mode=on", NULL
};

/* Xen takes no wider addresses. */
static const char *const xen_iommu_args[] = {
	"-device", "intel-iommu,intremap=on,aw-bits=39", NULL
};

/*
 * iommu=pt: drivers of the kernel itself bypass the IOMMU, which is there for
 * vfio.  Otherwise 6.1's nvme can free its doorbell buffer after the device
 * lost its DMA set-up, and take the kernel down, when a drive is pulled while
 * it is probed.
 *
 * no_timer_check: 5.10 counts timer interrupts for a moment at boot, and panics
 * when the host had no time for its guest just then (seen).
 *
 * iomem=relaxed: the agent writes a port's registers where they are mapped, which
 * distribution kernels keep from everybody otherwise, see agent/ops_yank.c.
 *
 * reboot=force: power off without switching the IOMMU off first.  QEMU's looks
 * at all buses then, also at those of a switch that was unplugged, which it
 * has freed, and dies.
 */
static const char kernel_args[] =
	"console=ttyS0 loglevel=5 panic=-1 oops=panic intel_iommu=on iommu=pt "
	"pci=hpbussize=32 no_timer_check iomem=relaxed reboot=force";

/* The first is what kernels before 6.9 call the second. */
static const char poison_args[] = " slub_debug=P slab_debug=P";

/* What is left is for guests. */
static const char hypervisor_args[] =
	"console=com1 com1=115200,8n1 loglvl=warning guest_loglvl=warning "
	"dom0_mem=512M,max:512M noreboot=no";
static const char dom0_args[] =
	"console=hvc0 loglevel=5 panic=-1 oops=panic pci=hpbussize=32 reboot=force";

static void add_accel(const struct sg_machine *machine, struct sg_strv *ret)
{
	static const char *const kvm[] = { "-accel", "kvm", "-cpu", "host", NULL };
	/* What Xen finds in "max" it takes for more than there is. */
	static const char *const xen[] = { "-accel", "tcg,thread=single", "-cpu", "qemu64", NULL };
	/*
	 * One host thread for both processors: with one each, a processor can
	 * go on for ever in code that the other has patched since, as ftrace
	 * and livepatch do (seen: both stuck around an int3).  It costs little,
	 * and nothing when machines run side by side.
	 */
	static const char *const tcg[] = { "-accel", "tcg,thread=single", "-cpu", "max", NULL };

	static const char *const usual[] = { "-smp", "2", NULL };
	/*
	 * dom0 of Xen: a paravirtualised kernel needs none of the second one's help
	 * to hang, and two cost more to emulate.
	 */
	static const char *const dom0[] = { "-smp", "1", NULL };
	/* More than one processor wait for each other for ever, by such a clock (seen). */
	static const char *const counted[] = { "-smp", "1", "-icount", "shift=0", NULL };

	sg_strv_add(ret, "-M");
	sg_strv_add(ret, machine->xen ? "q35" : "q35,kernel-irqchip=split");
	sg_strv_add_all(ret, machine->kvm ? kvm : machine->xen ? xen : tcg);
	sg_strv_add_all(ret, machine->counted ? counted : machine->xen ? dom0 : usual);
}

static void add_device(struct sg_strv *ret, const char *text)
{
	sg_strv_add(ret, "-device");
	sg_strv_add(ret, "%s", text);
}

static void add_socket(struct sg_strv *ret, const char *id, int fd)
{
	sg_strv_add(ret, "-chardev");
	sg_strv_add(ret, "socket,id=%s,fd=%d", id, fd);
}

static void add_channels(const struct sg_machine *machine, struct sg_strv *ret)
{
	sg_strv_add(ret, "-serial");
	if (machine->console_fd >= 0) {
		sg_strv_add(ret, "chardev:console");
		add_socket(ret, "console", machine->console_fd);
	} else {
		sg_strv_add(ret, "mon:stdio");
	}
	add_device(ret, "virtio-serial-pci,bus=pcie.0,addr=2");
	/* The agent waits for its port: without a listener it gets one that swallows all. */
	if (machine->record_fd >= 0) {
		add_socket(ret, "records", machine->record_fd);
	} else {
		sg_strv_add(ret, "-chardev");
		sg_strv_add(ret, "null,id=records");
	}
	add_device(ret, "virtserialport,chardev=records,name=slotgate.0");
	if (machine->qmp_fd >= 0) {
		add_socket(ret, "qmp", machine->qmp_fd);
		sg_strv_add(ret, "-mon");
		sg_strv_add(ret, "chardev=qmp,mode=control");
	}
}

/*
 * Xen is a multiboot image, whose modules are in one argument: the kernel with its
 * command line, in which a comma is doubled, and the initramfs.
 */
static int add_xen_boot(const struct sg_machine *machine, struct sg_strv *ret,
			struct sg_error *err)
{
	const char *image = machine->vmlinux_fd > 0 ? "" : machine->kernel->image;

	if (strpbrk(image, " ,"))
		return sg_error_set(err, -EINVAL, "%s: QEMU cannot boot Xen from a path with a "
				    "blank or a comma", image);
	sg_strv_add(ret, "-kernel");
	sg_strv_add(ret, "%s", machine->xen->hypervisor);
	sg_strv_add(ret, "-append");
	sg_strv_add(ret, "%s", hypervisor_args);
	sg_strv_add(ret, "-initrd");
	if (*image)
		sg_strv_add(ret, "%s %s,/proc/self/fd/%d", image, dom0_args, machine->initrd_fd);
	else
		sg_strv_add(ret, "/proc/self/fd/%d %s,/proc/self/fd/%d", machine->vmlinux_fd,
			    dom0_args, machine->initrd_fd);
	return 0;
}

static void add_boot(const struct sg_machine *machine, struct sg_strv *ret)
{
	sg_strv_add(ret, "-kernel");
	if (machine->vmlinux_fd > 0)
		sg_strv_add(ret, "/proc/self/fd/%d", machine->vmlinux_fd);
	else
		sg_strv_add(ret, "%s", machine->kernel->image);
	if (machine->initrd_fd >= 0) {
		sg_strv_add(ret, "-initrd");
		sg_strv_add(ret, "/proc/self/fd/%d", machine->initrd_fd);
	}
	sg_strv_add(ret, "-append");
	sg_strv_add(ret, "%s%s", kernel_args, machine->topology->poison ? poison_args : "");
}

static bool is_root_slot(const struct sg_slot *slot)
{
	return !slot->parent;
}

static unsigned int count_root_slots(const struct sg_topology *topology)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < topology->nslots; i++)
		count += is_root_slot(&topology->slots[i]);
	return count;
}

/*
 * A device per port as long as they fit; otherwise eight ports share one as
 * its functions, without gaps, because a device without function 0 is not seen.
 */
static int add_root_ports(const struct sg_topology *topology, struct sg_strv *ret,
			  struct sg_error *err)
{
	unsigned int count = count_root_slots(topology), index = 0;
	unsigned int room = LAST_ADDRESS - FIRST_ADDRESS + 1;
	unsigned int functions = count <= 20 ? 1 : FUNCTIONS;

	if (count > room * functions)
		return sg_error_set(err, -E2BIG, "%u slots do not fit, at most %u do", count,
				    room * functions);
	for (unsigned int i = 0; i < topology->nslots; i++) {
		const struct sg_slot *slot = &topology->slots[i];

		if (!is_root_slot(slot))
			continue;
		sg_strv_add(ret, "-device");
		sg_strv_add(ret, "pcie-root-port,id=slot%u,bus=pcie.0,chassis=%u,slot=%u,"
			    "addr=0x%x.%u,multifunction=%s,power_controller_present=%s",
			    slot->number, slot->number, slot->number,
			    FIRST_ADDRESS + index / functions, index % functions,
			    functions > 1 ? "on" : "off", slot->no_power ? "off" : "on");
		index++;
	}
	return 0;
}

/* What was read is paid for afterwards: small reads, as at boot, take no time. */
static void add_throttle(const struct sg_slot *slot, struct sg_strv *ret)
{
	unsigned int n = slot->number;

	sg_strv_add(ret, "-object");
	sg_strv_add(ret, "throttle-group,id=pace%u,x-bps-read=%u", n, HALF_MIB / slot->slow);
	sg_strv_add(ret, "-blockdev");
	sg_strv_add(ret, "driver=throttle,node-name=node%u,throttle-group=pace%u,file=null%u", n, n, n);
}

static void add_drive(const struct sg_slot *slot, struct sg_strv *ret)
{
	unsigned int n = slot->number;

	if (slot->slot_reset || slot->network) {
		sg_strv_add(ret, "-device");
		sg_strv_add(ret, "%s,id=d%u,bus=slot%u", slot->network ? "e1000e" : "megasas-gen2",
			    n, n);
		return;
	}
	sg_strv_add(ret, "-blockdev");
	sg_strv_add(ret, "driver=null-co,node-name=%s%u,size=%u,read-zeroes=on",
		    slot->slow ? "null" : "node", n, DRIVE_BYTES);
	if (slot->slow)
		add_throttle(slot, ret);
	sg_strv_add(ret, "-device");
	if (!slot->max_vfs) {
		sg_strv_add(ret, "nvme,id=d%u,bus=slot%u,serial=s%u,drive=node%u", n, n, n, n);
		return;
	}
	sg_strv_add(ret, "nvme-subsys,id=sub%u", n);
	sg_strv_add(ret, "-device");
	sg_strv_add(ret, "nvme,id=d%u,bus=slot%u,serial=s%u,subsys=sub%u,sriov_max_vfs=%u,"
		    "sriov_vq_flexible=%u,sriov_vi_flexible=%u,max_ioqpairs=26,msix_qsize=26",
		    n, n, n, n, slot->max_vfs, 2 * slot->max_vfs, slot->max_vfs);
	sg_strv_add(ret, "-device");
	sg_strv_add(ret, "nvme-ns,id=ns%u,bus=d%u,drive=node%u,nsid=1", n, n, n);
}

/* The switch in slot @parent: its upstream port, then a downstream port per slot. */
static void add_switch(const struct sg_topology *topology, const struct sg_slot *parent,
		       struct sg_strv *ret)
{
	unsigned int index = 0;

	sg_strv_add(ret, "-device");
	sg_strv_add(ret, "x3130-upstream,id=sw%u,bus=slot%u", parent->number, parent->number);
	for (unsigned int i = 0; i < topology->nslots; i++) {
		const struct sg_slot *slot = &topology->slots[i];

		if (slot->parent != parent->number)
			continue;
		sg_strv_add(ret, "-device");
		sg_strv_add(ret, "xio3130-downstream,id=slot%u,bus=sw%u,chassis=%u,slot=%u,"
			    "addr=0x%x", slot->number, parent->number, slot->number,
			    slot->number, index++);
	}
}

/* What is in the slots below @parent; switches bring further slots. */
static void add_content(const struct sg_topology *topology, unsigned int parent,
			unsigned int depth, struct sg_strv *ret)
{
	for (unsigned int i = 0; i < topology->nslots; i++) {
		const struct sg_slot *slot = &topology->slots[i];

		if (slot->parent != parent || depth > topology->nslots)
			continue;
		if (slot->is_switch) {
			add_switch(topology, slot, ret);
			add_content(topology, slot->number, depth + 1, ret);
		} else if (slot->has_drive) {
			add_drive(slot, ret);
		}
	}
}

int sg_qemu_args(const struct sg_machine *machine, struct sg_strv *ret, struct sg_error *err)
{
	bool xen = machine->xen != NULL;
	int code = 0;

	sg_strv_add(ret, "qemu-system-x86_64");
	add_accel(machine, ret);
	sg_strv_add_all(ret, fixed_args);
	if (!xen)
		sg_strv_add_all(ret, bare_args);
	else if (machine->topology->xen_iommu)
		sg_strv_add_all(ret, xen_iommu_args);
	if (xen)
		code = add_xen_boot(machine, ret, err);
	else
		add_boot(machine, ret);
	add_channels(machine, ret);
	if (!code)
		code = add_root_ports(machine->topology, ret, err);
	if (code)
		return code;
	add_content(machine->topology, 0, 0, ret);
	return ret->err ? sg_error_set(err, ret->err, "out of memory") : 0;
}

static const struct sg_slot *find_slot(const struct sg_topology *topology, unsigned int number)
{
	for (unsigned int i = 0; i < topology->nslots; i++)
		if (topology->slots[i].number == number)
			return &topology->slots[i];
	return NULL;
}

/* Takes @text over. */
static void add_text(struct json_object *object, const char *name, char *text)
{
	json_object_object_add(object, name, text ? json_object_new_string(text) : NULL);
	free(text);
}

static void add_number(struct json_object *object, const char *name, unsigned int number)
{
	json_object_object_add(object, name, json_object_new_int(number));
}

/* Its name space stayed behind in the subsystem. */
static void add_functions(struct json_object *object, const struct sg_slot *slot)
{
	add_text(object, "subsys", sg_format("sub%u", slot->number));
	add_number(object, "sriov_max_vfs", slot->max_vfs);
	add_number(object, "sriov_vq_flexible", 2 * slot->max_vfs);
	add_number(object, "sriov_vi_flexible", slot->max_vfs);
	add_number(object, "max_ioqpairs", 26);
	add_number(object, "msix_qsize", 26);
}

struct json_object *sg_qemu_plug(const struct sg_topology *topology, unsigned int number,
				 unsigned int generation)
{
	const struct sg_slot *slot = find_slot(topology, number);
	struct json_object *object;

	/* A switch cannot come back as a whole: its ports are not hot-pluggable. */
	if (!slot || !slot->has_drive || slot->slot_reset || slot->network)
		return NULL;
	object = json_object_new_object();
	add_text(object, "driver", strdup("nvme"));
	add_text(object, "id", sg_format("d%u-%u", number, generation));
	add_text(object, "bus", sg_format("slot%u", number));
	add_text(object, "serial", sg_format("s%u", number));
	if (slot->max_vfs)
		add_functions(object, slot);
	else
		add_text(object, "drive", sg_format("node%u", number));
	return object;
}
