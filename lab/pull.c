// SPDX-License-Identifier: GPL-2.0-only
/*
 * pull.c - a drive is pulled, as hardware has it: nobody is asked, no register changes
 *
 * QEMU takes a drive out of its slot unasked when the slot's power is cut.  A guest that cuts
 * it behind pciehp's back gets into its way: both read and write the same register, and each
 * may undo what the other has just done.  So it is cut from here, and put back, while the
 * guest stands still.  All it sees is the event, and a slot with power and nothing in it.
 *
 * The register is reached through the I/O ports of configuration space, which the guest may
 * be using at that very moment: their address is put back as well.
 */
#include <linux/pci_regs.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "slotgate/strv.h"
#include "vm_private.h"

#define CONFIG_ADDRESS 0xcf8	/* PCI Local Bus Specification 3.0, 3.2.2.3.2 */
#define CONFIG_DATA 0xcfc
#define CONFIG_ENABLE 0x80000000u

#define POWER_FIELDS (PCI_EXP_SLTCTL_PIC | PCI_EXP_SLTCTL_PCC)
#define POWER_OFF (PCI_EXP_SLTCTL_PWR_IND_OFF | PCI_EXP_SLTCTL_PWR_OFF)

static void send(struct sg_vm *vm, int cookie, const char *command, struct json_object *args)
{
	if (sg_qmp_send(vm->qmp, command, args, cookie))
		vm_decide(vm, SG_LOST, "QEMU no longer takes commands");
}

/* A command of QEMU's monitor for people: only that one knows of I/O ports. */
static void __attribute__((format(printf, 3, 4)))
monitor(struct sg_vm *vm, int cookie, const char *fmt, ...)
{
	struct json_object *args = json_object_new_object();
	char line[64];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	json_object_object_add(args, "command-line", json_object_new_string(line));
	send(vm, cookie, "human-monitor-command", args);
}

static unsigned int data_port(const struct pull *pull)
{
	return CONFIG_DATA + (pull->address & 2);
}

static void begin(struct sg_vm *vm)
{
	const struct pull *pull = &vm->pulls.queue[0];

	send(vm, COOKIE_PULL, "stop", NULL);
	monitor(vm, COOKIE_PULL_ADDRESS, "i /w %#x", CONFIG_ADDRESS);
	monitor(vm, COOKIE_PULL, "o /w %#x %#x", CONFIG_ADDRESS, pull->address & ~3u);
	monitor(vm, COOKIE_PULL_CONTROL, "i /h %#x", data_port(pull));
}

static void cut(struct sg_vm *vm, unsigned int control)
{
	unsigned int port = data_port(&vm->pulls.queue[0]);

	monitor(vm, COOKIE_PULL, "o /h %#x %#x", port, (control & ~POWER_FIELDS) | POWER_OFF);
	monitor(vm, COOKIE_PULL, "o /h %#x %#x", port, control);
	monitor(vm, COOKIE_PULL, "o /w %#x %#x", CONFIG_ADDRESS, vm->pulls.saved_address);
	send(vm, COOKIE_PULL_END, "cont", NULL);
}

static void end(struct sg_vm *vm)
{
	struct pulls *pulls = &vm->pulls;

	pulls->count--;
	memmove(pulls->queue, pulls->queue + 1, pulls->count * sizeof(pulls->queue[0]));
	if (pulls->count)
		begin(vm);
}

void vm_pull(struct sg_vm *vm, const char *port, unsigned int slot_control)
{
	struct pulls *pulls = &vm->pulls;
	unsigned int bus, device, function;

	if (sscanf(port, "0000:%x:%x.%x", &bus, &device, &function) != 3 ||
	    pulls->count == SG_SLOTS_MAX) {
		vm_decide(vm, SG_FAILED, "a drive below %s cannot be pulled", port);
		return;
	}
	pulls->queue[pulls->count++] = (struct pull){
		CONFIG_ENABLE | bus << 16 | device << 11 | function << 8 | slot_control,
	};
	if (pulls->count == 1)
		begin(vm);
}

/* "portl[0x0cf8] = 0x80001854" */
static bool read_value(const char *answer, unsigned int *ret)
{
	const char *sign = answer ? strchr(answer, '=') : NULL;

	if (sign)
		*ret = strtoul(sign + 1, NULL, 16);
	return sign;
}

void vm_pull_reply(struct sg_vm *vm, int cookie, const char *error, const char *answer)
{
	unsigned int value;

	if (error || (cookie <= COOKIE_PULL_ADDRESS && !read_value(answer, &value)))
		vm_decide(vm, SG_FAILED, "QEMU does not pull a drive: %s", error ?: answer ?: "");
	else if (cookie == COOKIE_PULL_ADDRESS)
		vm->pulls.saved_address = value;
	else if (cookie == COOKIE_PULL_CONTROL)
		cut(vm, value);
	else if (cookie == COOKIE_PULL_END)
		end(vm);
}
