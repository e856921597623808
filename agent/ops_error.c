// SPDX-License-Identifier: GPL-2.0-only
/*
 * ops_error.c - PCIe errors, and the threads that recover from them
 *
 * Errors come from the kernel's own aer_inject, which lets a port report one
 * that did not happen: everything from the root port's interrupt on is real.
 * A root port's thread handles the errors of all that is below it.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ops.h"

#define INJECTOR "/dev/aer_inject"

static const struct {
	const char *kind;
	uint32_t bit;		/* severity is the one that it has by default */
	const char *counter;
} errors[] = {
	{ "fatal", PCI_ERR_UNC_DLP, "aer_rootport_total_err_fatal" },
	{ "nonfatal", PCI_ERR_UNC_COMP_TIME, "aer_rootport_total_err_nonfatal" },
};

#define NERRORS (sizeof(errors) / sizeof(errors[0]))

/* As the kernel's drivers/pci/pcie/aer_inject.c reads it. */
struct injection {
	uint8_t bus;
	uint8_t dev;
	uint8_t fn;
	uint32_t uncorrectable;
	uint32_t correctable;
	uint32_t header[4];
	uint32_t domain;
};

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

	for (size_t i = 0; i < NERRORS; i++)
		if (!file_read(text, sizeof(text), "/sys/bus/pci/devices/%s/%s", root,
			       errors[i].counter))
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

static void send_error(const struct slot *slot, uint32_t bit)
{
	struct injection error = { .uncorrectable = bit };
	unsigned int bus, dev, fn, domain;
	int fd = open(INJECTOR, O_WRONLY | O_CLOEXEC);

	if (sscanf(slot->port, "%x:%x:%x.%x", &domain, &bus, &dev, &fn) != 4)
		die("slot %u has no port", slot->number);
	error.domain = domain;
	error.bus = bus;
	error.dev = dev;
	error.fn = fn;
	if (fd < 0 || write(fd, &error, sizeof(error)) != sizeof(error))
		die(INJECTOR ": %s: %s", slot->port, strerror(errno));
	close(fd);
}

void op_inject(char **words, unsigned int count)
{
	const struct slot *slot = slot_arg(words[1]);
	struct injected *target = get_injected(slot);

	(void)count;
	for (size_t i = 0; i < NERRORS; i++) {
		if (strcmp(errors[i].kind, words[0]))
			continue;
		target->expected = errors_seen(target->root) + 1;
		send_error(slot, errors[i].bit);
		return;
	}
	die("there are no %s errors", words[0]);
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
