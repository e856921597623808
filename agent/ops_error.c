// SPDX-License-Identifier: GPL-2.0-only
/*
 * ops_error.c - PCIe errors, and the threads that recover from them
 *
 * Errors come from the kernel's own aer_inject, which lets a port report one
 * that did not happen: everything from the root port's interrupt on is real.
 * A root port's thread handles the errors of all that is below it.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aer.h"
#include "ops.h"

static const char *const counters[] = {
	"aer_rootport_total_err_fatal", "aer_rootport_total_err_nonfatal",
};

#define NCOUNTERS (sizeof(counters) / sizeof(counters[0]))

/* struct injected - errors reported by the root port of a slot */
static struct injected {
	unsigned int slot;
	char root[DEVICE_NAME];
	unsigned int expected;	/* what the root port's counters add up to then */
	pid_t thread;
} injected[SLOTS_MAX];
static unsigned int ninjected;

/* ".../pci0000:00/0000:00:03.0/...": the port itself or the one above all. */
static void find_root(char root[DEVICE_NAME], const char *port)
{
	char link[64], path[PATH_MAX], *bus, *name;

	snprintf(link, sizeof(link), "/sys/bus/pci/devices/%s", port);
	bus = realpath(link, path) ? strstr(path, "/pci") : NULL;
	name = bus ? strchr(bus + 1, '/') : NULL;
	if (!name || strcspn(name + 1, "/") >= DEVICE_NAME)
		die("%s is below no root port", port);
	snprintf(root, DEVICE_NAME, "%.*s", (int)strcspn(name + 1, "/"), name + 1);
}

static unsigned int errors_seen(const char *root)
{
	unsigned int sum = 0;
	char text[32];

	for (size_t i = 0; i < NCOUNTERS; i++)
		if (!file_read(text, sizeof(text), "/sys/bus/pci/devices/%s/%s", root,
			       counters[i]))
			sum += atoi(text);
	return sum;
}

static struct injected *find_injected(unsigned int slot)
{
	for (unsigned int i = 0; i < ninjected; i++)
		if (injected[i].slot == slot)
			return &injected[i];
	return NULL;
}

static struct injected *get_injected(const struct slot *slot)
{
	struct injected *ret = find_injected(slot->number);
	int irq;

	if (ret)
		return ret;
	if (ninjected == SLOTS_MAX)
		die("errors in too many slots");
	ret = &injected[ninjected++];
	ret->slot = slot->number;
	find_root(ret->root, slot->port);
	ret->thread = port_thread(ret->root, "aerdrv", &irq);
	if (!ret->thread)
		die("%s does not report errors", ret->root);
	return ret;
}

void op_inject(char **words, unsigned int count)
{
	const struct slot *slot = slot_arg(words[1]);
	struct injected *target = get_injected(slot);
	int err;

	(void)count;
	target->expected = errors_seen(target->root) + 1;
	err = aer_inject(slot->port, words[0]);
	if (err)
		die("%s error of %s: %s", words[0], slot->port, strerror(-err));
}

static bool recovered(void *arg)
{
	const struct slot *slot = arg;
	char text[80];

	snprintf(text, sizeof(text), "%s: AER: device recovery successful", slot->port);
	return klog_has(text);
}

void op_await_recovered(char **words, unsigned int count)
{
	const struct slot *slot = slot_arg(words[1]);

	(void)count;
	if (!wait_for(number_arg(words[0]), recovered, (void *)slot))
		hung("after %s s slot %u has not recovered", words[0], slot->number);
}

/* A root port whose driver was unbound has no thread and no counters any more. */
bool recovery_busy(const char *slot)
{
	const struct injected *target = find_injected(number_arg(slot));

	if (!target)
		die("there was no error in slot %s", slot);
	if (!file_exists("/proc/%d", target->thread) || task_blocked(target->thread))
		return true;
	return task_state(target->thread) == 'S' && errors_seen(target->root) >= target->expected;
}
