/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * locks.h - locks and waits of the tasks that are followed
 */
#ifndef BPF_LOCKS_H
#define BPF_LOCKS_H

#include "operations.h"
#include "stacks.h"

enum { BRIDGES_MAX = 4 };

static __always_inline bool takes(enum sg_trace_op op)
{
	return op == SG_OP_ACQUIRE || op == SG_OP_TRY;
}

/*
 * Nobody reads the stack of a release.  That of a signal decides whether it counts: it
 * is always told.  @owned: the lock, if it knows its owner, or 0.
 */
static __always_inline struct rec_event *owned_begin(void *ctx, u64 object, enum rec_class what,
						     enum sg_trace_op op, u64 owned)
{
	struct task *task = by_owner ? my_task() : NULL;
	struct stack stack = { 0 };
	struct rec_event *event;

	look_for_released(task, takes(op) ? owned : 0);
	keep_last(task, op == SG_OP_ACQUIRE ? owned : 0);
	if (op != SG_OP_RELEASE && op != SG_OP_SIGNAL)
		stack = stack_look(ctx);
	event = event_begin(REC_LOCK);
	if (!event)
		return NULL;
	tell_released(event, task);
	event->object = object;
	event->what = what;
	event->op = op;
	if (op != SG_OP_RELEASE)
		stack_tell(event, ctx, stack);
	if (by_owner && owned && takes(op))
		event->owned = keep_held(task, owned);
	return event;
}

static __always_inline struct rec_event *lock_begin(void *ctx, u64 object, enum rec_class what,
						    enum sg_trace_op op)
{
	return owned_begin(ctx, object, what, op, 0);
}

static __always_inline void remember(u64 lock)
{
	u8 one = 1;

	*met_at(lock) = 1;
	if (!bpf_map_lookup_elem(&seen, &lock))
		bpf_map_update_elem(&seen, &lock, &one, BPF_ANY);
}

static __always_inline void mutex_op(void *ctx, u64 lock, enum sg_trace_op op)
{
	struct rec_event *event;
	u64 device;

	if (op == SG_OP_ACQUIRE && is_taken_again(my_task(), lock))
		return;
	device = device_of_lock(lock);
	event = owned_begin(ctx, lock, device ? REC_DEVICE : REC_MUTEX, op, lock);
	if (!event)
		return;
	if (device)
		name_device(event, device);
	else
		remember(lock);
	event_send(event);
}

static __always_inline void rwsem_op(void *ctx, u64 lock, enum sg_trace_op op)
{
	struct rec_event *event;

	if (op == SG_OP_ACQUIRE && is_taken_again(my_task(), lock | OF_RWSEM))
		return;
	event = owned_begin(ctx, lock, REC_RWSEM, op, lock | OF_RWSEM);
	if (!event)
		return;
	remember(lock);
	event_send(event);
}

/* What was known of a lock at this address is over; @name is that of its initialiser. */
static __always_inline void lock_made(u64 lock, const char *name)
{
	struct rec_event *event;

	if (!followed() && (!*met_at(lock) || !bpf_map_lookup_elem(&seen, &lock)))
		return;
	event = event_begin(REC_MADE);
	if (!event)
		return;
	__sync_fetch_and_add(&locks_made, 1);
	event->object = lock;
	if (name)
		event_name(event, name);
	event_send(event);
}

static __always_inline void device_op(void *ctx, u64 device, enum rec_class what,
				      enum sg_trace_op op)
{
	struct rec_event *event = lock_begin(ctx, device, what, op);

	if (!event)
		return;
	name_device(event, device);
	event_send(event);
}

/* Whether a device has a driver is in no lock, but decides what is done. */
static __always_inline void bound_op(void *ctx, u64 device, enum sg_trace_op op)
{
	struct rec_event *event;

	if (!is_pci(device))
		return;
	event = lock_begin(ctx, device, REC_BOUND, op);
	if (!event)
		return;
	name_device(event, device);
	event_send(event);
}

static __always_inline void object_op(void *ctx, u64 object, u64 aux, enum rec_class what,
				      enum sg_trace_op op)
{
	struct rec_event *event = lock_begin(ctx, object, what, op);

	if (!event)
		return;
	event->aux = aux;
	event_send(event);
}

static __always_inline void named_op(void *ctx, const char *name, u64 object, u64 aux,
				     enum rec_class what, enum sg_trace_op op)
{
	struct rec_event *event = lock_begin(ctx, object, what, op);

	if (!event)
		return;
	event->aux = aux;
	event_name(event, name);
	event_send(event);
}

/* --- sysfs --- */

static __always_inline void node_op(void *ctx, u64 address, enum sg_trace_op op)
{
	struct rec_event *event = lock_begin(ctx, address, REC_SYSFS, op);

	if (!event)
		return;
	name_node(event, (void *)address);
	event_send(event);
}

/*
 * A drain gives the lock of the tree back while it waits, and the other side tells that
 * the lock was taken again.  In sysfs nobody is ever inside a folder, or a link.
 */
static __always_inline void node_drain(void *ctx, u64 address)
{
	struct kernfs_node *node = (void *)address;
	u64 lock = tree_lock(node) | OF_RWSEM;
	struct task *task = my_task();
	bool again = task && task->last == lock;
	struct rec_event *event;

	if (!(BPF_CORE_READ(node, flags) & KERNFS_FILE))
		return;
	event = lock_begin(ctx, address, REC_SYSFS, SG_OP_DRAIN);
	if (!event)
		return;
	if (again)
		keep_last(task, lock);
	event->aux = lock & ~OF_RWSEM;
	name_node(event, node);
	event_send(event);
}

/* --- interrupt threads --- */

static __always_inline void thread_op(void *ctx, u64 address, enum sg_trace_op op)
{
	struct irqaction *action = (void *)address;

	named_op(ctx, BPF_CORE_READ(action, name), address, BPF_CORE_READ(action, irq),
		 REC_IRQ_THREAD, op);
}

/* pciehp's is called by its slot. */
static __always_inline void thread_begin(void *ctx, u64 address)
{
	struct rec_event *event = operation_begin(REC_IRQ, address);
	struct irqaction *action = (void *)address;
	struct controller *ctrl;

	if (event) {
		event->aux = BPF_CORE_READ(action, irq);
		if (BPF_CORE_READ(action, thread_fn) == &pciehp_ist) {
			ctrl = BPF_CORE_READ(action, dev_id);
			name_slot(event, ctrl);
		}
		operation_tell(event);
	}
	thread_op(ctx, address, SG_OP_TRY);
}

/* --- pciehp --- */

static __always_inline void tell_reset_lock(u64 ctrl)
{
	struct rec_event *event = event_begin(REC_NAMED);

	if (!event)
		return;
	event->what = REC_RWSEM;
	event->object = ctrl + bpf_core_field_offset(struct controller, reset_lock);
	name_slot(event, (void *)ctrl);
	event_send(event);
}

static __always_inline void slot_thread_op(void *ctx, u64 ctrl, enum sg_trace_op op)
{
	struct rec_event *event = lock_begin(ctx, ctrl, REC_SLOT_THREAD, op);

	if (!event)
		return;
	name_slot(event, (void *)ctrl);
	event_send(event);
}

static __always_inline u64 controller_of(u64 hotplug_slot)
{
	return OUTER(controller, hotplug_slot, hotplug_slot);
}

/* --- slotgate --- */

/* The gate begins with its kobject. */
static __always_inline void gate_op(void *ctx, u64 gate, enum rec_class what, enum sg_trace_op op)
{
	const char *name = BPF_CORE_READ((struct kobject *)gate, name);

	named_op(ctx, name, gate, 0, what, op);
}

static __always_inline void leave_op(void *ctx, u64 object, u64 pci_dev, bool below,
				     enum sg_trace_op op)
{
	struct rec_event *event = lock_begin(ctx, object, REC_LEAVE, op);

	if (!event)
		return;
	event->aux = below;
	name_device(event, device_of_pci(pci_dev));
	event_send(event);
}

/*
 * Who enters the topology gate from a file does so only while nobody has announced the
 * removal of its device, or of a bridge above.
 */
static __always_inline void enter_op(void *ctx, u64 pci_dev, enum sg_trace_op op)
{
	struct pci_dev *dev = (void *)pci_dev;

	leave_op(ctx, 0, pci_dev, false, op);
	for (int i = 0; i < BRIDGES_MAX; i++) {
		dev = BPF_CORE_READ(dev, bus, self);
		if (!dev)
			break;
		leave_op(ctx, 0, (u64)dev, false, op);
		leave_op(ctx, 0, (u64)dev, true, op);
	}
}

#endif
