/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vm.h - a virtual machine of the lab: what it consists of, how it went
 */
#ifndef SLOTGATE_VM_H
#define SLOTGATE_VM_H

#include <json-c/json.h>
#include <stdbool.h>

#include "slotgate/initramfs.h"
#include "slotgate/kernel.h"
#include "slotgate/scenario.h"
#include "slotgate/strv.h"
#include "slotgate/xen.h"

/**
 * struct sg_machine - everything that QEMU is told
 * @counted:    one processor, and a clock that counts its instructions as nanoseconds
 * @xen:        what boots the kernel as dom0, as @topology wants; NULL: nothing does
 * @vmlinux_fd: the kernel unpacked, inherited by QEMU; 0 or negative: its image
 * @initrd_fd:  initramfs, inherited by QEMU
 * @console_fd: socket of the serial console, -1: this terminal
 * @record_fd:  socket of the virtio port slotgate.0, -1: nobody listens
 * @qmp_fd:     socket of the control channel, -1: none
 */
struct sg_machine {
	const struct sg_kernel *kernel;
	const struct sg_topology *topology;
	const struct sg_xen *xen;
	bool kvm;
	bool counted;
	int vmlinux_fd;
	int initrd_fd;
	int console_fd;
	int record_fd;
	int qmp_fd;
};

/**
 * sg_vmlinux_open - a descriptor of what is packed in @image, for QEMU to boot
 *
 * Returns -ENOTSUP if QEMU could not (it has no PVH entry point), or why it
 * cannot be unpacked; then the image itself is to be booted.
 */
int sg_vmlinux_open(const char *image);

/** sg_qemu_args - command line of QEMU for @machine */
int sg_qemu_args(const struct sg_machine *machine, struct sg_strv *ret, struct sg_error *err);

/**
 * sg_qemu_plug - arguments of device_add for what slot @number holds
 * @generation: another number each time, because QEMU frees the old device late
 */
struct json_object *sg_qemu_plug(const struct sg_topology *topology, unsigned int number,
				 unsigned int generation);

enum sg_accel { SG_ACCEL_AUTO, SG_ACCEL_KVM, SG_ACCEL_TCG };

/**
 * sg_kvm_usable - does a guest really run under KVM?  0 or why not
 *
 * A small run decides; the answer is kept until the machine boots again.
 */
int sg_kvm_usable(const struct sg_kernel *kernel, const struct sg_watch *watch,
		  struct sg_error *err);

enum sg_verdict {
	SG_PASSED,	/* the plan was carried out, the guest powered itself off */
	SG_HUNG,	/* an operation did not end; there is evidence */
	SG_LOST,	/* the machine fell silent or never came up: says nothing about the plan */
	SG_WRONG,	/* nothing hung, but the kernel did what it must not do */
	SG_CRASHED,	/* the kernel died, and what it last reported is known */
	SG_FAILED,	/* it ended, but the kernel or the agent complained */
	SG_SKIPPED,
	SG_STOPPED,	/* by the user */
};

const char *sg_verdict_name(enum sg_verdict verdict);

/** sg_verdict_is_finding - does it tell of a defect of the kernel? */
bool sg_verdict_is_finding(enum sg_verdict verdict);

struct sg_result {
	enum sg_verdict verdict;
	char reason[256];
	char release[64];		/* as the guest reported it */
	struct json_object *evidence;	/* NULL or of the last evidence record */
	struct json_object *counters;	/* NULL or of the counters record */
	struct json_object *times;	/* {"name": milliseconds} */
	struct sg_strv complaints;	/* of console and kernel log: BUG, WARNING, ... */
	double seconds;			/* wall time */
	double guest_seconds;		/* guest's own clock at the last record */
};

void sg_result_deinit(struct sg_result *result);
struct json_object *sg_result_json(const struct sg_result *result);

/**
 * struct sg_vm_spec - one run
 * @vmlinux_fd: the kernel unpacked, from sg_vmlinux_open(), 0 or negative: as above
 * @base:    initramfs part of the kernel, from sg_initramfs_base()
 * @programs: a further part, from sg_programs_read(); NULL: none
 * @xen:     what @topology wants, or NULL
 * @plan:    text
 * @ko:      slotgate.ko; NULL for a stock run
 * @counted: see struct sg_machine; without KVM
 * @timeout: seconds, 0 for SG_VM_SECONDS
 * @keep:    folder for console.log, records.jsonl, plan, evidence.json; NULL: nothing is kept
 * @on_record: told every record; may be NULL
 */
struct sg_vm_spec {
	const struct sg_kernel *kernel;
	const struct sg_topology *topology;
	int vmlinux_fd;
	const struct sg_blob *base;
	const struct sg_blob *programs;
	const struct sg_xen *xen;
	const char *plan;
	const char *ko;
	bool kvm;
	bool counted;
	unsigned int timeout;
	const char *keep;
	void (*on_record)(void *data, const char *type, struct json_object *record);
	void *data;
};

enum { SG_VM_SECONDS = 600 };	/* what a run gets that needs no other limit */

struct sg_vm;

/** sg_vm_start - start QEMU; what @spec points to must live as long as the VM */
int sg_vm_start(const struct sg_vm_spec *spec, struct sg_vm **ret, struct sg_error *err);

/** sg_vm_step - serve @count VMs (NULLs are skipped) for @wait_ms at most */
int sg_vm_step(struct sg_vm *const *vms, size_t count, int wait_ms);

/** sg_vm_finished - the result is there and QEMU is gone */
bool sg_vm_finished(const struct sg_vm *vm);

/** sg_vm_kill - end it now, as @verdict, because of @reason */
void sg_vm_kill(struct sg_vm *vm, enum sg_verdict verdict, const char *reason);

/** sg_vm_take_result - move the result out of a finished VM */
void sg_vm_take_result(struct sg_vm *vm, struct sg_result *ret);

/** sg_vm_destroy - kills QEMU if need be */
void sg_vm_destroy(struct sg_vm *vm);

/** sg_vm_initrd - descriptor of @base, @programs (or NULL) and what belongs to a run */
int sg_vm_initrd(const struct sg_kernel *kernel, const struct sg_blob *base,
		 const struct sg_blob *programs, const char *plan, const char *ko,
		 struct sg_error *err);

#endif
