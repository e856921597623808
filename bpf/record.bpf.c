// SPDX-License-Identifier: GPL-2.0-only
/*
 * record.bpf.c - the recorder's part in the kernel: one line per function
 *
 * hook.h has what the lines are made of, operations.h and locks.h what they do.
 * Functions that a kernel does not have are left out when this is loaded;
 * lib/record_hooks.c says which have to be there.
 */
#include "hook.h"
#include "locks.h"

char LICENSE[] SEC("license") = "GPL";

/* --- mutexes and semaphores; killable waits end by themselves and count as tries --- */

HOOK_EXIT(mutex_lock, 1, mutex_op(ctx, a, SG_OP_ACQUIRE))
HOOK_EXIT(mutex_lock_nested, 2, mutex_op(ctx, a, SG_OP_ACQUIRE))
HOOK_EXIT(mutex_lock_interruptible, 1, if (!(int)ret) mutex_op(ctx, a, SG_OP_TRY))
HOOK_EXIT(mutex_lock_interruptible_nested, 2, if (!(int)ret) mutex_op(ctx, a, SG_OP_TRY))
HOOK_EXIT(mutex_lock_killable, 1, if (!(int)ret) mutex_op(ctx, a, SG_OP_TRY))
HOOK_EXIT(mutex_lock_killable_nested, 2, if (!(int)ret) mutex_op(ctx, a, SG_OP_TRY))
HOOK_EXIT(mutex_trylock, 1, mutex_op(ctx, a, (int)ret ? SG_OP_TRY : SG_OP_TRY_FAILED))
HOOK_ENTRY(mutex_unlock, mutex_op(ctx, a, SG_OP_RELEASE))

HOOK_EXIT(down_read, 1, rwsem_op(ctx, a, SG_OP_ACQUIRE_SHARED))
HOOK_EXIT(down_read_nested, 2, rwsem_op(ctx, a, SG_OP_ACQUIRE_SHARED))
HOOK_EXIT(down_read_interruptible, 1, if (!(int)ret) rwsem_op(ctx, a, SG_OP_TRY_SHARED))
HOOK_EXIT(down_read_killable, 1, if (!(int)ret) rwsem_op(ctx, a, SG_OP_TRY_SHARED))
HOOK_EXIT(down_read_killable_nested, 2, if (!(int)ret) rwsem_op(ctx, a, SG_OP_TRY_SHARED))
HOOK_EXIT(down_read_trylock, 1,
	  rwsem_op(ctx, a, (int)ret ? SG_OP_TRY_SHARED : SG_OP_TRY_SHARED_FAILED))
HOOK_EXIT(down_write, 1, rwsem_op(ctx, a, SG_OP_ACQUIRE))
HOOK_EXIT(down_write_nested, 2, rwsem_op(ctx, a, SG_OP_ACQUIRE))
HOOK_EXIT(down_write_killable, 1, if (!(int)ret) rwsem_op(ctx, a, SG_OP_TRY))
HOOK_EXIT(down_write_killable_nested, 2, if (!(int)ret) rwsem_op(ctx, a, SG_OP_TRY))
HOOK_EXIT(down_write_trylock, 1, rwsem_op(ctx, a, (int)ret ? SG_OP_TRY : SG_OP_TRY_FAILED))
HOOK_ENTRY(up_read, rwsem_op(ctx, a, SG_OP_RELEASE))
HOOK_ENTRY(up_write, rwsem_op(ctx, a, SG_OP_RELEASE))
/* never waits, and never lets a writer in between */
HOOK_EXIT(downgrade_write, 1, rwsem_op(ctx, a, SG_OP_RELEASE);
	  rwsem_op(ctx, a, SG_OP_TRY_SHARED))

HOOK_ENTRY_IF(__mutex_init, ALWAYS, lock_made(a, (const char *)b))
HOOK_ENTRY_IF(mutex_init_generic, ALWAYS, lock_made(a, 0))
HOOK_ENTRY_IF(mutex_init_lockep, ALWAYS, lock_made(a, (const char *)b))
HOOK_ENTRY_IF(__init_rwsem, ALWAYS, lock_made(a, (const char *)b))

/* --- configuration access, held without a lock --- */

HOOK_EXIT(pci_cfg_access_lock, 1, device_op(ctx, device_of_pci(a), REC_CONFIG, SG_OP_ACQUIRE))
HOOK_EXIT(pci_cfg_access_trylock, 1,
	  device_op(ctx, device_of_pci(a), REC_CONFIG, (u8)ret ? SG_OP_TRY : SG_OP_TRY_FAILED))
HOOK_ENTRY(pci_cfg_access_unlock, device_op(ctx, device_of_pci(a), REC_CONFIG, SG_OP_RELEASE))

/* --- files of sysfs: operations, and who is inside --- */

OPERATION(kernfs_fop_write_iter, 2, file_begin(a, REC_WRITE), operation_end(a))
OPERATION(kernfs_fop_read_iter, 2, file_begin(a, REC_READ), operation_end(a))
HOOK_EXIT(kernfs_get_active, 1, if (ret) node_op(ctx, a, SG_OP_TRY_SHARED))
HOOK_ENTRY(kernfs_put_active, if (a) node_op(ctx, a, SG_OP_RELEASE))
HOOK_EXIT(kernfs_break_active_protection, 1, node_op(ctx, a, SG_OP_RELEASE))
HOOK_EXIT(kernfs_remove_self, 1, node_op(ctx, a, SG_OP_RELEASE))
HOOK_EXIT(kernfs_drain, 1, node_drain(ctx, a))

/* --- interrupt threads --- */

OPERATION(irq_thread_fn, 2, thread_begin(ctx, b),
	  if (followed()) {
		  thread_op(ctx, b, SG_OP_RELEASE);
		  operation_end(b);
	  })
HOOK_EXIT(free_irq, 2, object_op(ctx, b, (u32)a, REC_IRQ_THREAD, SG_OP_DRAIN))

/* --- pciehp --- */

HOOK_ENTRY(pciehp_ist, tell_reset_lock(b); slot_thread_op(ctx, b, SG_OP_TRY))
HOOK_EXIT(pciehp_ist, 2, slot_thread_op(ctx, b, SG_OP_RELEASE))
HOOK_ENTRY_IF(pciehp_reset_slot, ALWAYS, tell_reset_lock(controller_of(a)))
HOOK_ENTRY_IF(pciehp_check_presence, ALWAYS, tell_reset_lock(a))
HOOK_EXIT(pciehp_sysfs_disable_slot, 1, slot_thread_op(ctx, controller_of(a), SG_OP_DRAIN))
HOOK_EXIT(pciehp_sysfs_enable_slot, 1, slot_thread_op(ctx, controller_of(a), SG_OP_DRAIN))

/* --- work and completions --- */

HOOK_EXIT(flush_work, 1, object_op(ctx, a, (u64)BPF_CORE_READ((struct work_struct *)a, func),
				   REC_WORK, SG_OP_DRAIN))
HOOK_EXIT(cancel_work_sync, 1,
	  object_op(ctx, a, (u64)BPF_CORE_READ((struct work_struct *)a, func), REC_WORK,
		    SG_OP_DRAIN))
/* a delayed work begins with the work */
HOOK_EXIT(cancel_delayed_work_sync, 1,
	  object_op(ctx, a, (u64)BPF_CORE_READ((struct work_struct *)a, func), REC_WORK,
		    SG_OP_DRAIN))
HOOK_EXIT(__flush_workqueue, 1,
	  named_op(ctx, BPF_CORE_READ((struct workqueue_struct *)a, name), a, 0, REC_QUEUE,
		   SG_OP_DRAIN))
HOOK_EXIT(flush_workqueue, 1,
	  named_op(ctx, BPF_CORE_READ((struct workqueue_struct *)a, name), a, 0, REC_QUEUE,
		   SG_OP_DRAIN))
HOOK_EXIT(wait_for_completion, 1, object_op(ctx, a, 0, REC_COMPLETION, SG_OP_AWAIT))
HOOK_ENTRY(complete, object_op(ctx, a, 0, REC_COMPLETION, SG_OP_SIGNAL))
HOOK_ENTRY(complete_all, object_op(ctx, a, 0, REC_COMPLETION, SG_OP_SIGNAL))

/* --- the driver core and PCI: operations that begin in no file --- */

OPERATION(__driver_attach, 2, device_begin(a), operation_end(a))
OPERATION(__device_attach, 2, device_begin(a), operation_end(a))
OPERATION(device_release_driver_internal, 3, device_begin(a), operation_end(a))
OPERATION(pci_rescan_bus, 1, plain_begin(REC_DRIVER, a), operation_end(a))
OPERATION(pci_stop_and_remove_bus_device_locked, 1, pci_begin(a), operation_end(a))
OPERATION(pci_reset_function, 1, pci_begin(a), operation_end(a))
OPERATION(pci_try_reset_function, 1, pci_begin(a), operation_end(a))
OPERATION(pci_reset_bus, 1, pci_begin(a), operation_end(a))
OPERATION(pcie_do_recovery, 3, pci_begin(a), operation_end(a))
OPERATION(pci_bus_error_reset, 1, pci_begin(a), operation_end(a))

/* --- whether there is a driver; only drivers change how many virtual functions there are --- */

HOOK_EXIT(pci_device_probe, 1, if (!(int)ret) bound_op(ctx, a, SG_OP_RELEASE))
HOOK_EXIT(pci_device_remove, 1, bound_op(ctx, a, SG_OP_TRY))
HOOK_ENTRY(pci_sriov_configure_simple, bound_op(ctx, device_of_pci(a), SG_OP_TRY_SHARED))
HOOK_ENTRY(pci_enable_sriov, bound_op(ctx, device_of_pci(a), SG_OP_TRY_SHARED))
HOOK_ENTRY(pci_disable_sriov, bound_op(ctx, device_of_pci(a), SG_OP_TRY_SHARED))

/* --- vfio: a module, so kprobes, attached when it is there --- */

static __always_inline u64 vfio_dev(u64 vfio_device)
{
	u64 dev = 0;

	bpf_probe_read_kernel(&dev, sizeof(dev), (void *)(vfio_device + vfio_device_dev));
	return dev;
}

/* The device that a file of vfio is of. */
static __always_inline u64 vfio_dev_of_file(u64 address)
{
	u64 data = (u64)BPF_CORE_READ((struct file *)address, private_data);

	if (vfio_by_file)
		bpf_probe_read_kernel(&data, sizeof(data), (void *)(data + vfio_file_device));
	return vfio_dev(data);
}

OPERATION(vfio_device_fops_release, 2, plain_begin(REC_VFIO, b),
	  device_op(ctx, vfio_dev_of_file(b), REC_OPEN, SG_OP_RELEASE);
	  operation_end(b))
OPERATION(vfio_device_fops_unl_ioctl, 3, plain_begin(REC_VFIO, a), operation_end(a))
OPERATION(vfio_device_fops_read, 4, plain_begin(REC_VFIO, a), operation_end(a))
OPERATION(vfio_device_fops_write, 4, plain_begin(REC_VFIO, a), operation_end(a))
OPERATION(vfio_group_fops_unl_ioctl, 3, plain_begin(REC_VFIO, a), operation_end(a))
HOOK_ENTRY(vfio_pci_open_device, device_op(ctx, vfio_dev(a), REC_OPEN, SG_OP_TRY_SHARED))
HOOK_EXIT(vfio_unregister_group_dev, 1, device_op(ctx, vfio_dev(a), REC_OPEN, SG_OP_DRAIN))

/* --- slotgate itself: its trace points, and what its waiters look at --- */

HOOK_ENTRY(sg_trace_event_begin, gate_op(ctx, a, REC_GATE, SG_OP_ACQUIRE))
HOOK_ENTRY(sg_trace_event_end, gate_op(ctx, a, REC_GATE, SG_OP_RELEASE))
HOOK_ENTRY(sg_trace_reset_begin, gate_op(ctx, a, REC_GATE, SG_OP_TRY_SHARED);
	   gate_op(ctx, a, REC_GATE_RESETS, SG_OP_TRY_SHARED))
HOOK_ENTRY(sg_trace_reset_end, gate_op(ctx, a, REC_GATE, SG_OP_RELEASE);
	   gate_op(ctx, a, REC_GATE_RESETS, SG_OP_RELEASE))
HOOK_ENTRY(sg_leave_begin, leave_op(ctx, a, b, (u8)REGS(ctx, dx), SG_OP_TRY))
HOOK_ENTRY(sg_leave_begin_locked, leave_op(ctx, a, b, false, SG_OP_TRY))
HOOK_ENTRY(sg_leave_end, object_op(ctx, a, 0, REC_LEAVE, SG_OP_RELEASE))
HOOK_ENTRY(sg_topo_enter_file, if (a) enter_op(ctx, a, SG_OP_TRY_SHARED))
HOOK_EXIT(sg_topo_enter_file, 2, if (a) enter_op(ctx, a, SG_OP_RELEASE))
HOOK_ENTRY(sg_trace_gate_dying, gate_op(ctx, a, REC_GATE_RESETS, SG_OP_DRAIN))

/* --- who has to be looked for again --- */

SEC("kprobe") int kprobe__do_init_module(void *ctx)
{
	(void)ctx;
	__sync_fetch_and_add(&modules_changed, 1);
	return 0;
}

SEC("kprobe") int kprobe__free_module(void *ctx)
{
	(void)ctx;
	__sync_fetch_and_add(&modules_changed, 1);
	return 0;
}
