// SPDX-License-Identifier: GPL-2.0-only
/*
 * quiet_rows.c - what the tasks of each row of the scoreboard do, one after the other
 *
 * Owners let go before anybody asks them, and a drive is back before the next
 * operation wants it: nothing ever waits for anything.
 */
#include <slotgate/quiet.h>

#define DRIVE(n) { .number = (n), .has_drive = true }
#define BELOW(n, p) { .number = (n), .parent = (p), .has_drive = true }
#define SWITCH(n) { .number = (n), .is_switch = true }
#define SRIOV(n) { .number = (n), .has_drive = true, .max_vfs = 2 }
#define SLOT_RESET(n) { .number = (n), .has_drive = true, .slot_reset = true }

#define RESCAN_REMOVE "waits for the rescan/remove lock"
#define SLOT_MUTEX "waits for the slot mutex"
#define BUSES "waits for the bus list semaphore*"
#define DEVICE_LOCK "waits for the device lock of 0000:*"
#define RESET_LOCK "waits for slot *'s reset lock*"
#define SLOT_THREAD "waits until slot *'s interrupt thread is done"
#define PORT_THREADS "waits until the interrupt threads of 0000:* is done"
#define INSIDE(file) "waits until nobody is inside the sysfs file */" file

#define ALL "5.10 6.1 6.12 7.2"
#define SINCE_6_1 "6.1 6.12 7.2"

const struct sg_quiet sg_quiet_rows[] = {
	{
		.row = "abba-2020", .series = "pciehp-2020",
		.slots = { SLOT_RESET(1) }, .modules = "vfio",
		.before = "reset-method bus 1",
		.plan = "> write p {1}/reset 1\n"
			"> off p 1\n",
		.waits = { DEVICE_LOCK, RESET_LOCK },
	},
	{
		.row = "vfio-close", .series = ALL,
		.slots = { SLOT_RESET(1), SLOT_RESET(2) }, .modules = "vfio",
		.before = "vfio 1 2\n"
			  "reset-method bus 1 2\n",
		.plan = "owner o linger=never 1 2\n"
			"kill o\n"
			"join 60 o\n"
			"> off p 1\n"
			"> off p 2\n",
		.waits = { RESCAN_REMOVE, "waits until 0000:* is closed", RESET_LOCK },
	},
	{
		.row = "vfio-close-any", .series = ALL,
		.slots = { DRIVE(1) }, .modules = "nvme",
		.before = "reset-method bus 1\n",
		.plan = "> write p {1}/reset 1\n"
			"> off p 1\n"
			"plug 1\n"
			"await present 60 1\n"
			"sleep 2000\n"
			"> write p {1}/remove 1\n",
		.waits = { RESCAN_REMOVE, DEVICE_LOCK, RESET_LOCK },
	},
	{
		.row = "vfio-close-any-error", .series = ALL,
		.slots = { DRIVE(1) }, .modules = "nvme errors",
		.plan = "inject fatal 1\n"
			"await-recovered 60 1\n"
			"> off p 1\n"
			"plug 1\n"
			"await present 60 1\n"
			"sleep 2000\n"
			"> write p {1}/remove 1\n",
		.waits = { RESCAN_REMOVE, DEVICE_LOCK, RESET_LOCK },
	},
	{
		.row = "nested-ports", .series = ALL,
		.slots = { SWITCH(1), BELOW(11, 1) }, .modules = "nvme",
		.plan = "> off p 11\n"
			"> off p 1\n",
		.waits = { INSIDE("power"), SLOT_THREAD, RESCAN_REMOVE },
	},
	{
		.row = "rescan-remove", .series = ALL,
		.slots = { DRIVE(1) }, .modules = "nvme",
		.plan = "> write p {1}/rescan 1\n"
			"> write p {1}/remove 1\n",
		.waits = { INSIDE("rescan"), RESCAN_REMOVE },
	},
	{
		.row = "numvfs-remove", .series = SINCE_6_1,
		.slots = { SRIOV(1) }, .modules = "nvme",
		.before = "> write p {1}/sriov_drivers_autoprobe 0\n",
		.plan = "> write p {1}/sriov_numvfs 2\n"
			"> write p {1}/sriov_numvfs 0\n"
			"> write p {1}/remove 1\n",
		.waits = { DEVICE_LOCK, RESCAN_REMOVE },
	},
	{
		.row = "numvfs-read", .series = ALL,
		.slots = { SRIOV(1) }, .modules = "vfio",
		.before = "vfio 1\n",
		.plan = "owner o linger=never reads=sriov_numvfs 1\n"
			"release o\n"
			"join 60 o\n"
			"> write p {1}/driver/unbind {1}\n",
		.waits = { "waits until 0000:* is closed", DEVICE_LOCK },
	},
	{
		.row = "reset-unbind-3", .series = "6.12 7.2",
		.slots = { DRIVE(1) }, .modules = "nvme",
		.plan = "> write p {1}/reset 1\n"
			"> off p 1\n"
			"plug 1\n"
			"await present 60 1\n"
			"sleep 2000\n"
			"> write p {port 1}/driver/unbind {port 1}\n",
		.waits = { INSIDE("reset"), DEVICE_LOCK, PORT_THREADS },
	},
	{
		.row = "slot-mutex", .series = ALL,
		.slots = { DRIVE(1) }, .modules = "nvme errors",
		.plan = "inject fatal 1\n"
			"await-recovered 60 1\n"
			"> off p 1\n"
			"plug 1\n"
			"await present 60 1\n"
			"sleep 2000\n",
		.waits = { SLOT_MUTEX, RESET_LOCK },
	},
	{
		.row = "slot-mutex-write", .series = "7.2",
		.slots = { DRIVE(1) }, .modules = "errors",
		.plan = "> write p {port 1}/reset_subordinate 1\n"
			"> off p 1\n"
			"plug 1\n"
			"await present 60 1\n"
			"sleep 2000\n",
		.waits = { SLOT_MUTEX, RESET_LOCK },
	},
	{
		.row = "slot-mutex-device", .series = SINCE_6_1,
		.slots = { SWITCH(1), BELOW(11, 1) }, .modules = "nvme errors",
		.plan = "inject fatal 11\n"
			"await-recovered 60 11\n"
			"> write p {port 11}/driver/unbind {port 11}\n",
		.waits = { SLOT_MUTEX, DEVICE_LOCK },
	},
	{
		.row = "aer-sriov", .series = SINCE_6_1,
		.slots = { SRIOV(1), DRIVE(2) }, .modules = "nvme errors",
		.before = "> write p {1}/sriov_drivers_autoprobe 0\n",
		.plan = "> write p {1}/sriov_numvfs 2\n"
			"> write p {1}/sriov_numvfs 0\n"
			"inject nonfatal 1\n"
			"await-recovered 60 1\n"
			"> off p 2\n",
		.waits = { DEVICE_LOCK, RESCAN_REMOVE, "waits for the bus list semaphore" },
	},
	{
		.row = "aer-unbind", .series = SINCE_6_1,
		.slots = { DRIVE(1) }, .modules = "nvme errors",
		.plan = "inject fatal 1\n"
			"await-recovered 60 1\n"
			"> write p {port 1}/driver/unbind {port 1}\n",
		.waits = { DEVICE_LOCK, PORT_THREADS },
	},
	{
		.row = "vfio-igate", .series = "6.1",
		.slots = { SWITCH(1), DRIVE(2), BELOW(11, 1) }, .modules = "vfio errors",
		.before = "reset-method bus 11\n",
		.plan = "vfio 11\n"
			"owner o linger=never 11\n"
			"> irq p o 11\n"
			"> doze p o 11\n"
			"inject nonfatal 1\n"
			"await-recovered 60 1\n"
			"release o\n"
			"join 60 o\n"
			"> write p {2}/remove 1\n",
		.waits = { "waits for vfio's igate of *", "waits for vfio's memory_lock of *",
			   "waits for the bus list semaphore as a reader",
			   "waits for the bus list semaphore" },
	},
	{
		.row = "port-wedge", .series = "6.12 7.2",
		.reason = "one owner who does not let go is enough: there is no cycle",
		.slots = { DRIVE(1) }, .modules = "vfio",
		.before = "vfio 1\n",
		.plan = "owner o linger=never 1\n"
			"release o\n"
			"join 60 o\n"
			"> write p {1}/reset 1\n"
			"> write p {1}/driver/unbind {1}\n"
			"> write p {port 1}/driver/unbind {port 1}\n",
	},
	{ 0 }
};
