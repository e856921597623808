// SPDX-License-Identifier: GPL-2.0-only
/*
 * ops_xen.c - Xen's store, and drives that are given to guests
 *
 * There is no guest: for xen-pciback one consists of what stands in the store,
 * a folder of the backend and one of the frontend, both of domain 0 here.  The
 * states are those of Xen's public xenbus protocol.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ops.h"
#include "xen.h"

#define START_SECONDS 60	/* for the store, and for a guest to get its drives */
#define QUIET_MS 200
#define GUESTS_MAX 8
#define DRIVES_MAX 16

enum state {
	INITIALISING = 1, INIT_WAIT, INITIALISED, CONNECTED, CLOSING, CLOSED, RECONFIGURING,
	RECONFIGURED,
};

struct guest {
	unsigned int number;
	char backend[64], frontend[64];
	unsigned int count;
	char devices[DRIVES_MAX][DEVICE_NAME];
};

static struct guest guests[GUESTS_MAX];

/* ---- the store ---- */

static int run_program(void *program)
{
	char path[128];
	char *argv[] = { path, !strcmp(program, "xenstored") ? "--no-fork" : NULL, NULL };

	snprintf(path, sizeof(path), XEN_PROGRAMS "%s", (const char *)program);
	execv(path, argv);
	return 127;
}

static bool store_answers(void *unused)
{
	struct store store;
	int err = store_open(&store);

	(void)unused;
	if (!err)
		store_close(&store);
	return !err;
}

static bool has_ended(void *proc)
{
	return ((struct proc *)proc)->ended;
}

static void start_program(const char *id, char *program)
{
	proc_spawn(id, program, run_program, program);
}

void op_xen(char **words, unsigned int count)
{
	static const char *const folders[] = {
		"/var", "/var/run", "/var/run/xen", "/var/run/xenstored", "/var/lib",
		"/var/lib/xenstored", "/var/lib/xen", "/var/log", "/var/log/xen", "/var/lock",
	};
	struct proc *init;

	(void)words, (void)count;
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++)
		mkdir(folders[i], 0755);
	if (modules_load("xen") || mount("xenfs", "/proc/xen", "xenfs", 0, NULL))
		die("this machine has no Xen: %s", strerror(errno));
	start_program("xenstored", "xenstored");
	proc_arg("xenstored")->service = true;
	if (!wait_for(START_SECONDS, store_answers, NULL))
		die("xenstored does not answer");
	start_program("xeninit", "xen-init-dom0");
	init = proc_arg("xeninit");
	if (!wait_for(START_SECONDS, has_ended, init) || init->status)
		die("xen-init-dom0 failed");
}

/* ---- the thread that serves all of xenbus ---- */

static pid_t find_thread(const char *want)
{
	struct dirent *entry;
	DIR *dir = opendir("/proc");
	pid_t ret = 0;
	char comm[32];

	while (dir && !ret && (entry = readdir(dir)))
		if (!file_read(comm, sizeof(comm), "/proc/%s/comm", entry->d_name) &&
		    !strcmp(comm, want))
			ret = atoi(entry->d_name);
	if (dir)
		closedir(dir);
	return ret;
}

static pid_t xenbus_thread(void)
{
	static pid_t thread;

	if (!thread)
		thread = find_thread("xenwatch");
	if (!thread)
		die("nobody serves xenbus");
	return thread;
}

bool xenbus_busy(const char *id)
{
	return proc_arg(id)->ended || task_blocked(xenbus_thread());
}

/* How many times it has gone to sleep. */
static long xenbus_sleeps(void)
{
	static const char key[] = "\nvoluntary_ctxt_switches:";
	char path[64], *text, *at;
	long ret = -1;

	snprintf(path, sizeof(path), "/proc/%d/status", xenbus_thread());
	if (file_slurp(path, &text, NULL))
		return ret;
	at = strstr(text, key);
	if (at)
		ret = strtol(at + strlen(key), NULL, 10);
	free(text);
	return ret;
}

static bool xenbus_quiet(void *unused)
{
	long before = xenbus_sleeps();

	(void)unused;
	sleep_ms(QUIET_MS);
	return task_state(xenbus_thread()) == 'S' && xenbus_sleeps() == before;
}

/* ---- drives for guests ---- */

static void pciback_write(const char *file, const char *device)
{
	char path[64];
	int err;

	snprintf(path, sizeof(path), "/sys/bus/pci/drivers/pciback/%s", file);
	err = file_write(path, device);
	if (err)
		die("%s: \"%s\": %s", path, device, strerror(-err));
}

void op_pciback(char **words, unsigned int count)
{
	bool passthrough = !strcmp(words[0], "passthrough");

	if (!passthrough && strcmp(words[0], "vpci"))
		die("pciback passthrough or vpci, not \"%s\"", words[0]);
	if (modules_load_with("pciback", passthrough ? "passthrough=1" : "passthrough=0"))
		die("this kernel has no xen-pciback");
	for (unsigned int i = 1; i < count; i++) {
		const struct slot *slot = slot_arg(words[i]);
		const char *device = slot->device;

		stop_writing(slot);
		pciback_write("new_slot", device);
		pciback_write("bind", device);
	}
}

static struct store connect_store(void)
{
	struct store store;
	int err = store_open(&store);

	if (err)
		die("xenstored: %s", strerror(-err));
	return store;
}

static struct guest *guest_arg(const char *text)
{
	unsigned int number = number_arg(text);

	if (number >= GUESTS_MAX)
		die("there are guests 0 to %d, not %u", GUESTS_MAX - 1, number);
	return &guests[number];
}

static int write_drives(struct store *store, const struct guest *guest)
{
	char key[16];
	int err = store_write(store, guest->backend, "num_devs", "%u", guest->count);

	for (unsigned int i = 0; i < guest->count && !err; i++) {
		snprintf(key, sizeof(key), "dev-%u", i);
		err = store_write(store, guest->backend, key, "%s", guest->devices[i]);
	}
	return err;
}

static int write_guest(struct store *store, const struct guest *guest)
{
	const struct {
		const char *folder, *key, *value;
	} entries[] = {
		{ guest->frontend, "backend", guest->backend },
		{ guest->frontend, "backend-id", "0" },
		{ guest->frontend, "state", "1" },
		{ guest->backend, "frontend", guest->frontend },
		{ guest->backend, "frontend-id", "0" },
		{ guest->backend, "online", "1" },
		{ guest->backend, "state", "1" },
	};
	int err = store_begin(store);

	for (size_t i = 0; i < sizeof(entries) / sizeof(*entries) && !err; i++)
		err = store_write(store, entries[i].folder, entries[i].key, "%s",
				  entries[i].value);
	if (!err)
		err = write_drives(store, guest);
	return err ? err : store_end(store);
}

static bool is_settled(void *arg)
{
	const struct guest *guest = arg;
	struct store store = connect_store();
	int state = store_number(&store, guest->backend, "state");

	store_close(&store);
	return state >= INITIALISED;
}

/* The backend says in the store what it did not like. */
static void check_attached(const struct guest *guest)
{
	struct store store = connect_store();
	int state = store_number(&store, guest->backend, "state");
	char path[64], why[256] = "no reason given";

	snprintf(path, sizeof(path), "error/backend/pci/0/%u", guest->number);
	store_read(&store, path, "error", why, sizeof(why));
	store_close(&store);
	if (state != INITIALISED)
		wrong("guest %u does not get its drives (state %d): %s", guest->number, state, why);
	if (klog_has("Stealing ownership"))
		wrong("guest %u: a drive still was another one's", guest->number);
}

void op_attach(char **words, unsigned int count)
{
	struct guest *guest = guest_arg(words[0]);
	struct store store = connect_store();
	int err;

	*guest = (struct guest){ .number = number_arg(words[0]) };
	snprintf(guest->backend, sizeof(guest->backend), "/local/domain/0/backend/pci/0/%u",
		 guest->number);
	snprintf(guest->frontend, sizeof(guest->frontend), "/local/domain/0/device/pci/%u",
		 guest->number);
	for (unsigned int i = 1; i < count && guest->count < DRIVES_MAX; i++)
		strcpy(guest->devices[guest->count++], slot_arg(words[i])->device);
	store_remove(&store, guest->backend);
	store_remove(&store, guest->frontend);
	do
		err = write_guest(&store, guest);
	while (err == -EAGAIN);
	store_close(&store);
	if (err)
		die("guest %u cannot be written to the store: %s", guest->number, strerror(-err));
	if (!wait_for(START_SECONDS, is_settled, guest))
		hung("guest %u has not got its drives after %d s", guest->number, START_SECONDS);
	/*
	 * xen-pciback goes on to look at what it wrote itself.  A drive that a guest gives
	 * back meanwhile it may take without an answer (seen on 7.2).
	 */
	if (!wait_for(START_SECONDS, xenbus_quiet, NULL))
		hung("xenbus is not quiet after %d s", START_SECONDS);
	check_attached(guest);
}

/* ---- and back ---- */

struct leaving {
	struct guest *guest;
	unsigned int drives;		/* bit per drive that leaves */
};

static int write_states(struct store *store, const struct leaving *leaving, enum state drive)
{
	char key[16];
	int err = 0;

	for (unsigned int i = 0; i < leaving->guest->count && !err; i++) {
		snprintf(key, sizeof(key), "state-%u", i);
		if (leaving->drives & 1u << i)
			err = store_write(store, leaving->guest->backend, key, "%d", drive);
	}
	return err;
}

/* In one write: the backend looks at all of them as soon as the guest answers. */
static int write_leaving(struct store *store, const struct leaving *leaving)
{
	int err;

	do {
		err = store_begin(store);
		if (!err)
			err = write_states(store, leaving, CLOSING);
		if (!err)
			err = store_write(store, leaving->guest->backend, "state", "%d",
					  RECONFIGURING);
		if (!err)
			err = store_end(store);
	} while (err == -EAGAIN);
	return err ? err : store_write(store, leaving->guest->frontend, "state", "%d",
				       RECONFIGURING);
}

/* A drive that is gone from the machine cannot be given back: that is an answer too. */
static bool all_gone(const struct leaving *leaving)
{
	for (unsigned int i = 0; i < leaving->guest->count; i++)
		if (leaving->drives & 1u << i &&
		    file_exists("/sys/bus/pci/devices/%s", leaving->guest->devices[i]))
			return false;
	return true;
}

static int detach_main(void *arg)
{
	const struct leaving *leaving = arg;
	const struct guest *guest = leaving->guest;
	struct store store;

	if (store_open(&store) || write_leaving(&store, leaving))
		return 1;
	while (store_number(&store, guest->backend, "state") != RECONFIGURED && !all_gone(leaving))
		sleep_ms(20);
	return write_states(&store, leaving, CLOSED) ||
	       store_write(&store, guest->frontend, "state", "%d", CONNECTED);
}

static unsigned int drive_index(const struct guest *guest, const char *device)
{
	for (unsigned int i = 0; i < guest->count; i++)
		if (!strcmp(guest->devices[i], device))
			return i;
	die("guest %u was not given %s", guest->number, device);
}

void op_detach(char **words, unsigned int count)
{
	struct leaving leaving = { .guest = guest_arg(words[1]) };
	char role[64];

	id_arg(words[0]);
	for (unsigned int i = 2; i < count; i++)
		leaving.drives |= 1u << drive_index(leaving.guest, slot_arg(words[i])->device);
	snprintf(role, sizeof(role), "detach %u", leaving.guest->number);
	proc_spawn(words[0], role, detach_main, &leaving);
}

/*
 * Its folder, and not the bus's link to it, which goes before the driver has
 * given the drives back.
 */
static int close_main(void *arg)
{
	const struct guest *guest = arg;
	char link[64], folder[PATH_MAX];
	struct store store;

	snprintf(link, sizeof(link), "/sys/bus/xen-backend/devices/pci-0-%u", guest->number);
	if (!realpath(link, folder) || store_open(&store) ||
	    store_write(&store, guest->backend, "online", "0") ||
	    store_write(&store, guest->frontend, "state", "%d", CLOSED))
		return 1;
	while (file_exists("%s", folder))
		sleep_ms(20);
	return 0;
}

void op_close(char **words, unsigned int count)
{
	struct guest *guest = guest_arg(words[1]);
	char role[64];

	(void)count;
	id_arg(words[0]);
	snprintf(role, sizeof(role), "close %u", guest->number);
	proc_spawn(words[0], role, close_main, guest);
}
