/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel.h - the members of kernel structures that the recorder reads
 *
 * Where they are in the running kernel is filled in when it is loaded (CO-RE).
 * What was renamed between 5.10 and 7.2 stands here in both forms, the later
 * one as NAME___new.
 */
#ifndef BPF_KERNEL_H
#define BPF_KERNEL_H

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct kobject {
	const char *name;
	const void *ktype;
};

struct bus_type {
	const char *name;
};

struct owner {
	long task;		/* and flags */
};

struct mutex {
	struct owner owner;
};

struct pci_dev;

struct mutex_room {
	long unused;
};

struct device {
	struct kobject kobj;
	const struct bus_type *bus;
	struct mutex_room mutex;
};

struct pci_bus {
	struct pci_dev *self;
};

struct pci_dev {
	struct pci_bus *bus;
	struct device dev;
};

struct pci_slot {
	struct kobject kobj;
};

struct hotplug_slot {
	struct pci_slot *pci_slot;
};

struct rw_semaphore {
	struct owner owner;
};

struct controller {
	struct hotplug_slot hotplug_slot;
	struct rw_semaphore reset_lock;
};

struct kernfs_root {
	struct rw_semaphore kernfs_rwsem;
};

struct kernfs_elem_dir {
	struct kernfs_root *root;
};

struct kernfs_node {
	struct kernfs_node *parent;
	const char *name;
	struct kernfs_elem_dir dir;
	unsigned short flags;
};

struct kernfs_node___new {
	struct kernfs_node *__parent;
};

struct seq_file {
	void *private;
};

struct file {
	void *private_data;
};

struct kiocb {
	struct file *ki_filp;
};

struct kernfs_open_file {
	struct kernfs_node *kn;
};

struct irqaction {
	const void *thread_fn;
	void *dev_id;
	unsigned int irq;
	const char *name;
};

struct work_struct {
	void *func;
};

struct workqueue_struct {
	char name[24];
};

struct pool_workqueue {
	struct workqueue_struct *wq;
};

struct worker {
	struct work_struct *current_work;
	void *current_func;
	struct pool_workqueue *current_pwq;
};

struct kthread {
	void *data;
};

struct task_struct {
	unsigned int flags;
	void *worker_private;
};

#pragma clang attribute pop

#define PF_WQ_WORKER 0x20
#define KERNFS_FILE 0x2

#endif
