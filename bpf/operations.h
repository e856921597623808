/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * operations.h - operations on PCI: where following a task begins and ends
 */
#ifndef BPF_OPERATIONS_H
#define BPF_OPERATIONS_H

#include "names.h"
#include "owned.h"

/* The work item that this task does, if it is a worker. */
static __always_inline struct worker *my_worker(void)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct kthread *kthread;

	if (!(BPF_CORE_READ(task, flags) & PF_WQ_WORKER))
		return NULL;
	if (!bpf_core_field_exists(task->worker_private))
		return NULL;
	kthread = BPF_CORE_READ(task, worker_private);
	return BPF_CORE_READ(kthread, data);
}

static __always_inline void tell_work(u8 op)
{
	struct worker *worker = my_worker();
	struct rec_event *event;

	if (!worker)
		return;
	event = event_begin(REC_LOCK);
	if (!event)
		return;
	tell_released(event, my_task());
	event->op = op;
	event->what = REC_WORK;
	event->object = (u64)BPF_CORE_READ(worker, current_work);
	event->aux = (u64)BPF_CORE_READ(worker, current_func);
	event_send(event);
	event = event_begin(REC_LOCK);
	if (!event)
		return;
	event->op = op == SG_OP_TRY ? SG_OP_TRY_SHARED : SG_OP_RELEASE;
	event->what = REC_QUEUE;
	event->object = (u64)BPF_CORE_READ(worker, current_pwq, wq);
	event_name(event, BPF_CORE_READ(worker, current_pwq, wq, name));
	event_send(event);
}

/*
 * The first of nested operations; NULL if the caller is inside of one already.
 * @key, an argument of the function, tells at its end whether it began one: the
 * object may be gone by then.
 */
static __always_inline struct rec_event *operation_begin(enum rec_what what, u64 key)
{
	struct rec_event *event;
	struct task *task;
	u32 depth;

	if ((u32)(bpf_get_current_pid_tgid() >> 32) == self)
		return NULL;
	task = my_task() ?: new_task();
	if (!task)
		return NULL;
	depth = task->depth;
	if (depth < DEPTH_MAX) {
		task->keys[depth & (DEPTH_MAX - 1)] = key;
		task->depth++;
	} else {
		count_lost();
	}
	if (depth)
		return NULL;
	__sync_fetch_and_add(&following, 1);
	event = event_begin(REC_BEGIN);
	if (!event)
		return NULL;
	event->what = what;
	bpf_get_current_comm(event->comm, sizeof(event->comm));
	return event;
}

static __always_inline void operation_tell(struct rec_event *event)
{
	event_send(event);
	tell_work(SG_OP_TRY);
}

static __always_inline void operation_end(u64 key)
{
	struct task *task = my_task();
	struct rec_event *event;

	if (!task || !task->depth || task->keys[(task->depth - 1) & (DEPTH_MAX - 1)] != key)
		return;
	if (--task->depth)
		return;
	look_for_released(task, 0);
	tell_work(SG_OP_RELEASE);
	event = event_begin(REC_END);
	if (event) {
		tell_released(event, task);
		event_send(event);
	}
	if (!task->npending)
		free_task(task);
	__sync_fetch_and_add(&following, -1);
}

/* --- files of sysfs --- */

static __always_inline struct kernfs_node *node_of_iocb(u64 iocb)
{
	struct seq_file *seq = BPF_CORE_READ((struct kiocb *)iocb, ki_filp, private_data);
	struct kernfs_open_file *of = BPF_CORE_READ(seq, private);

	return BPF_CORE_READ(of, kn);
}

static __always_inline u64 tree_lock(struct kernfs_node *node)
{
	struct kernfs_node *parent = parent_of(node);
	struct kernfs_node *folder = parent ? parent : node;
	struct kernfs_root *root = BPF_CORE_READ(folder, dir.root);

	return bpf_core_field_exists(root->kernfs_rwsem) ?
		       (u64)root + bpf_core_field_offset(struct kernfs_root, kernfs_rwsem) : 0;
}

static __always_inline void tell_tree_lock(struct kernfs_node *node)
{
	u64 lock = tree_lock(node);
	struct rec_event *event = lock ? event_begin(REC_NAMED) : NULL;

	if (!event)
		return;
	event->what = REC_SYSFS;
	event->object = lock;
	event_send(event);
}

static __always_inline void file_begin(u64 iocb, enum rec_what what)
{
	struct kernfs_node *node = node_of_iocb(iocb);
	struct rec_event *event;

	if (!node_is_pci(node))
		return;
	event = operation_begin(what, iocb);
	if (!event)
		return;
	name_node(event, node);
	operation_tell(event);
	tell_tree_lock(node);
}

/* --- the driver core, PCI's own, vfio --- */

static __always_inline void keyed_begin(u64 device, u64 key)
{
	struct rec_event *event;

	if (!is_pci(device))
		return;
	event = operation_begin(REC_DRIVER, key);
	if (!event)
		return;
	name_device(event, device);
	operation_tell(event);
}

static __always_inline void device_begin(u64 device)
{
	keyed_begin(device, device);
}

static __always_inline void pci_begin(u64 pci_dev)
{
	keyed_begin(device_of_pci(pci_dev), pci_dev);
}

static __always_inline void plain_begin(enum rec_what what, u64 key)
{
	struct rec_event *event = operation_begin(what, key);

	if (event)
		operation_tell(event);
}

#endif
