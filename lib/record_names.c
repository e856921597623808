// SPDX-License-Identifier: GPL-2.0-only
/*
 * record_names.c - what objects are called
 *
 * Names that mean the same in every recording (devices, files, slots, static
 * locks) are the same in each.  What has only an address gets a name of this
 * recording, and a new one when it is initialised again.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "record_internal.h"
#include "slotgate/cleanup.h"
#include "slotgate/strv.h"
#include "trace_internal.h"

/* Kernel and modules lie above; what lies below was allocated. */
#define STATIC_FIRST 0xffffffff80000000ULL
#define DEVICES "/sys/bus/pci/devices"

enum { ADDRESSES_MAX = 1 << 20 };

struct sg_namer {
	struct sg_symbols *symbols;
	struct sg_map *names;		/* address to id in @texts */
	struct sg_map *interrupts;	/* number to id in @texts */
	struct sg_intern *texts;
	unsigned int recording, last;
};

/* Static locks that people have a name for. */
static const struct {
	const char *symbol, *name;
} known[] = {
	{ "pci_rescan_remove_lock", "the rescan/remove lock" },
	{ "pci_slot_mutex", "the slot mutex" },
	{ "pci_bus_sem", "the bus list semaphore" },
};

/* Locks of a device's driver: as they are initialised, and as people call them. */
static const struct {
	const char *made, *name;
} made_names[] = {
	{ "&vdev->igate", "vfio's igate" },
	{ "&vdev->memory_lock", "vfio's memory_lock" },
	{ "&ctrl->reset_lock", "pciehp's reset lock" },
};

static const enum sg_object_kind kinds[] = {
	[REC_MUTEX] = SG_OBJ_MUTEX,	  [REC_RWSEM] = SG_OBJ_RWSEM,
	[REC_DEVICE] = SG_OBJ_DEVICE,	  [REC_CONFIG] = SG_OBJ_CONFIG,
	[REC_OPEN] = SG_OBJ_OPEN,	  [REC_SYSFS] = SG_OBJ_SYSFS,
	[REC_SLOT_THREAD] = SG_OBJ_THREAD, [REC_IRQ_THREAD] = SG_OBJ_THREAD,
	[REC_WORK] = SG_OBJ_WORK,	  [REC_QUEUE] = SG_OBJ_WORK,
	[REC_COMPLETION] = SG_OBJ_COMPLETION,
	[REC_GATE] = SG_OBJ_OTHER,	  [REC_GATE_RESETS] = SG_OBJ_OTHER,
	[REC_LEAVE] = SG_OBJ_OTHER,	  [REC_BOUND] = SG_OBJ_OTHER,
};

int sg_namer_create(struct sg_symbols *symbols, struct sg_namer **ret)
{
	struct sg_namer *namer = calloc(1, sizeof(*namer));

	if (!namer)
		return -ENOMEM;
	namer->symbols = symbols;
	namer->names = sg_map_create();
	namer->interrupts = sg_map_create();
	namer->texts = sg_intern_create();
	if (!namer->names || !namer->interrupts || !namer->texts) {
		sg_namer_destroy(namer);
		return -ENOMEM;
	}
	/* Only to tell recordings apart: any number will do. */
	if (getrandom(&namer->recording, sizeof(namer->recording), 0) < 0)
		namer->recording = getpid();
	namer->recording &= 0xffff;
	*ret = namer;
	return 0;
}

void sg_namer_destroy(struct sg_namer *namer)
{
	if (!namer)
		return;
	sg_map_destroy(namer->names);
	sg_map_destroy(namer->interrupts);
	sg_intern_destroy(namer->texts);
	free(namer);
}

size_t sg_put_text(char *buf, size_t size, size_t at, const char *text)
{
	size_t len = strlen(text);

	if (len > size - at - 1)
		len = size - at - 1;
	memcpy(buf + at, text, len);
	buf[at + len] = '\0';
	return at + len;
}

static size_t name_put(struct sg_named *named, size_t at, const char *text)
{
	return sg_put_text(named->name, sizeof(named->name), at, text);
}

static int keep(struct sg_namer *namer, struct sg_map *map, uint64_t key, const char *name)
{
	uint32_t id;
	bool added;
	int err = sg_intern(namer->texts, name, strlen(name), &id, &added);

	return err ?: sg_map_put(map, key, id);
}

static const char *kept(const struct sg_namer *namer, const struct sg_map *map, uint64_t key)
{
	const uint64_t *id = sg_map_find(map, key);

	return id ? sg_intern_text(namer->texts, *id) : NULL;
}

/* Memory stays bounded; what is met again afterwards counts as another object. */
static int keep_address(struct sg_namer *namer, uint64_t address, const char *name)
{
	if (sg_map_count(namer->names) >= ADDRESSES_MAX)
		sg_map_clear(namer->names);
	return keep(namer, namer->names, address, name);
}

void sg_namer_over(struct sg_namer *namer, uint64_t address)
{
	sg_map_remove(namer->names, address);
}

/* "(8f3a-12)": of no other recording, and of nothing else in this one. */
static void apart(struct sg_namer *namer, char *name, size_t size)
{
	size_t len = strlen(name);

	snprintf(name + len, size - len, " (%04x-%u)", namer->recording, ++namer->last);
}

int sg_namer_made(struct sg_namer *namer, const struct rec_event *event, const char *device)
{
	char name[sizeof(((struct sg_named *)0)->name)];
	const char *made = event->name[0] ? event->name : "a mutex";

	if (!strcmp(event->name, "&dev->mutex"))
		return 0;
	for (size_t i = 0; i < sizeof(made_names) / sizeof(*made_names); i++)
		if (!strcmp(made_names[i].made, event->name))
			made = made_names[i].name;
	snprintf(name, sizeof(name), "%s%s%s", made, *device ? " of " : "", device);
	/* People's own names need no number: there is one for each device. */
	if (made == event->name || !event->name[0] || !*device)
		apart(namer, name, sizeof(name));
	return keep_address(namer, event->object, name);
}

int sg_namer_named(struct sg_namer *namer, const struct rec_event *event)
{
	char name[REC_NAME + 32];

	if (event->what == REC_SYSFS)
		snprintf(name, sizeof(name), "the lock of the sysfs tree");
	else
		snprintf(name, sizeof(name), "slot %s's reset lock", event->name);
	return keep_address(namer, event->object, name);
}

static void name_static(struct sg_namer *namer, uint64_t address, char *buf, size_t size)
{
	uint64_t offset = 0;
	const char *symbol = sg_symbols_find(namer->symbols, address, &offset);

	for (size_t i = 0; symbol && !offset && i < sizeof(known) / sizeof(*known); i++)
		if (!strcmp(known[i].symbol, symbol)) {
			snprintf(buf, size, "%s", known[i].name);
			return;
		}
	if (offset)
		snprintf(buf, size, "%s+%#llx", symbol, (unsigned long long)offset);
	else
		snprintf(buf, size, "%s", symbol ? symbol : "a lock");
}

/* The function that took it first, past those that only look. */
static const char *taker(struct sg_namer *namer, const struct rec_event *event)
{
	static const char *const past[] = { "bpf_", "ftrace_", "mutex_", "down_", "up_", NULL };

	for (size_t i = 0; i < event->nframes && i < REC_FRAMES; i++) {
		const char *name = sg_symbols_find(namer->symbols, event->frames[i] - 1, NULL);
		size_t at = 0;

		while (name && past[at] && strncmp(name, past[at], strlen(past[at])))
			at++;
		if (name && !past[at])
			return name;
	}
	return "somebody";
}

static bool has_name(const struct sg_namer *namer, const struct rec_event *event,
		     struct sg_named *ret)
{
	const char *name = kept(namer, namer->names, event->object);

	if (name)
		name_put(ret, 0, name);
	return name;
}

/* What has but an address, and no name yet. */
static int name_address(struct sg_namer *namer, const struct rec_event *event,
			const char *what, struct sg_named *ret)
{
	if (event->object >= STATIC_FIRST) {
		name_static(namer, event->object, ret->name, sizeof(ret->name));
	} else {
		name_put(ret, 0, what);
		apart(namer, ret->name, sizeof(ret->name));
	}
	return keep_address(namer, event->object, ret->name);
}

static int name_lock(struct sg_namer *namer, const struct rec_event *event, struct sg_named *ret)
{
	char what[160];

	if (has_name(namer, event, ret))
		return 0;
	snprintf(what, sizeof(what), "a %s of %s",
		 event->what == REC_MUTEX ? "mutex" : "semaphore", taker(namer, event));
	return name_address(namer, event, what, ret);
}

/* A work item is known by its function, and one of several by its place. */
static int name_work(struct sg_namer *namer, const struct rec_event *event, struct sg_named *ret)
{
	const char *symbol;

	if (has_name(namer, event, ret))
		return 0;
	symbol = sg_symbols_find(namer->symbols, event->aux, NULL);
	return name_address(namer, event, symbol ? symbol : "of some function", ret);
}

static int name_device(struct sg_namer *namer, const struct rec_event *event, struct sg_named *ret)
{
	size_t len = name_put(ret, 0, event->name);

	(void)namer;
	if (!event->folder[0])
		return 0;
	len = name_put(ret, len, " (");
	len = name_put(ret, len, event->folder);
	name_put(ret, len, ")");
	return 0;
}

static int name_file(struct sg_namer *namer, const struct rec_event *event, struct sg_named *ret)
{
	size_t len = name_put(ret, 0, event->folder);

	(void)namer;
	len = name_put(ret, len, "/");
	name_put(ret, len, event->name);
	return 0;
}

static int name_interrupt(struct sg_namer *namer, const struct rec_event *event,
			  struct sg_named *ret)
{
	const char *device = sg_namer_interrupt(namer, event->aux);

	if (event->name[0])
		snprintf(ret->name, sizeof(ret->name), "the %s thread of %s", event->name, device);
	else
		snprintf(ret->name, sizeof(ret->name), "the interrupt threads of %s", device);
	return 0;
}

static int name_completion(struct sg_namer *namer, const struct rec_event *event,
			   struct sg_named *ret)
{
	return has_name(namer, event, ret) ? 0 : name_address(namer, event, "a completion", ret);
}

/* %s is the name that came with the event. */
static const char *const formats[] = {
	[REC_BOUND] = "having a driver, %s",
	[REC_SLOT_THREAD] = "slot %s's interrupt thread",
	[REC_QUEUE] = "on workqueue %s",
	[REC_GATE] = "slot %s's gate",
	[REC_GATE_RESETS] = "the reset side of slot %s's gate",
};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static int name_format(struct sg_namer *namer, const struct rec_event *event, struct sg_named *ret)
{
	(void)namer;
	snprintf(ret->name, sizeof(ret->name), formats[event->what], event->name);
	return 0;
}
#pragma GCC diagnostic pop

/* Who enters a gate past an announcement has no object of his own. */
static int name_leave(struct sg_namer *namer, const struct rec_event *event, struct sg_named *ret)
{
	if (!event->name[0])
		return has_name(namer, event, ret) ? 0 :
			name_address(namer, event, "some announced removal", ret);
	snprintf(ret->name, sizeof(ret->name), "the announced removal of %s%s",
		 event->aux ? "what is below " : "", event->name);
	return event->object ? keep_address(namer, event->object, ret->name) : 0;
}

static int (*const namers[])(struct sg_namer *namer, const struct rec_event *event,
			     struct sg_named *ret) = {
	[REC_MUTEX] = name_lock,	 [REC_RWSEM] = name_lock,
	[REC_DEVICE] = name_device,	 [REC_CONFIG] = name_device,
	[REC_OPEN] = name_device,	 [REC_SYSFS] = name_file,
	[REC_SLOT_THREAD] = name_format, [REC_IRQ_THREAD] = name_interrupt,
	[REC_WORK] = name_work,		 [REC_QUEUE] = name_format,
	[REC_COMPLETION] = name_completion,
	[REC_GATE] = name_format,	 [REC_GATE_RESETS] = name_format,
	[REC_LEAVE] = name_leave,	 [REC_BOUND] = name_format,
};

int sg_namer_object(struct sg_namer *namer, const struct rec_event *event, struct sg_named *ret)
{
	if (event->what >= sizeof(namers) / sizeof(*namers))
		return -EINVAL;
	ret->kind = kinds[event->what];
	return namers[event->what](namer, event, ret);
}

/* --- interrupts --- */

static int keep_interrupts(struct sg_namer *namer, const char *device)
{
	sg_autofree char *path = sg_format(DEVICES "/%s/msi_irqs", device);
	DIR *dir = path ? opendir(path) : NULL;
	struct dirent *entry;
	int err = 0;

	while (dir && !err && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			err = keep(namer, namer->interrupts, strtoul(entry->d_name, NULL, 10),
				   device);
	if (dir)
		closedir(dir);
	return err;
}

static void read_interrupts(struct sg_namer *namer)
{
	DIR *dir = opendir(DEVICES);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.' && keep_interrupts(namer, entry->d_name))
			break;
	if (dir)
		closedir(dir);
}

const char *sg_namer_interrupt(struct sg_namer *namer, unsigned int number)
{
	const char *name = kept(namer, namer->interrupts, number);
	char text[32];

	if (name)
		return name;
	read_interrupts(namer);
	name = kept(namer, namer->interrupts, number);
	if (name)
		return name;
	snprintf(text, sizeof(text), "interrupt %u", number);
	return keep(namer, namer->interrupts, number, text) ? "some interrupt" :
		kept(namer, namer->interrupts, number);
}
