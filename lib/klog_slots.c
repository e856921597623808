// SPDX-License-Identifier: GPL-2.0-only
/*
 * klog_slots.c - slots, ports and pending removals, from lines of a kernel log
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "klog_internal.h"

#define UNNUMBERED 100000	/* slots whose number is not told: this and the interrupt's */

void klog_slots_reset(struct klog *log)
{
	log->nports = 0;
	log->nasked = 0;
}

/* "0000:05:00.0" right in front of @end */
static bool address_before(char *buf, const char *line, const char *end)
{
	size_t len = KLOG_ADDRESS - 4;
	unsigned int part[4];

	if (end < line + len)
		return false;
	snprintf(buf, KLOG_ADDRESS, "%.*s", (int)len, end - len);
	return sscanf(buf, "%4x:%2x:%2x.%1x", &part[0], &part[1], &part[2], &part[3]) == 4;
}

static struct klog_port *get_port(struct klog *log, const char *name)
{
	for (size_t i = 0; i < log->nports; i++)
		if (!strcmp(log->ports[i].name, name))
			return &log->ports[i];
	if (log->nports == KLOG_PORTS)
		return NULL;
	log->ports[log->nports] = (struct klog_port){ .slot = -1 };
	strcpy(log->ports[log->nports].name, name);
	return &log->ports[log->nports++];
}

/* ---- what lines say of the device in front of them ---- */

static void port_has_slot(struct klog *log, const char *name, const char *value)
{
	struct klog_port *port = get_port(log, name);

	if (port && isdigit((unsigned char)*value))
		port->slot = atoi(value);
}

static void port_has_irq(struct klog *log, const char *name, const char *value)
{
	struct klog_port *port = get_port(log, name);

	if (port)
		port->irq = atoi(value);
}

static void port_has_bus(struct klog *log, const char *name, const char *value)
{
	struct klog_port *port = get_port(log, name);

	if (port)
		port->bus = strtoul(value, NULL, 16);
}

static void owner_asked(struct klog *log, const char *name, const char *value)
{
	(void)value;
	for (size_t i = 0; i < log->nasked; i++)
		if (!strcmp(log->asked[i], name))
			return;
	if (log->nasked < KLOG_ASKED)
		strcpy(log->asked[log->nasked++], name);
}

static void device_gone(struct klog *log, const char *name, const char *value)
{
	(void)value;
	for (size_t i = 0; i < log->nasked; i++)
		if (!strcmp(log->asked[i], name)) {
			log->nasked--;
			memmove(log->asked[i], log->asked[i + 1],
				(log->nasked - i) * sizeof(log->asked[0]));
			return;
		}
}

static const struct {
	const char *text;	/* follows the device's name; the value follows it */
	void (*take)(struct klog *log, const char *name, const char *value);
} sayings[] = {
	{ ": pciehp: Slot #", port_has_slot },
	{ ": pciehp: Slot(", port_has_slot },
	{ ": PME: Signaling with IRQ ", port_has_irq },
	{ ": AER: enabled with IRQ ", port_has_irq },
	{ ": PCI bridge to [bus ", port_has_bus },
	{ ": Relaying device request to user", owner_asked },
	{ ": No device request channel registered", owner_asked },
	{ ": Removing from iommu group", device_gone },
	{ ": [", device_gone },		/* "[1b36:0010] type 00": found anew */
};

bool klog_take_slot(struct klog *log, const char *line)
{
	char name[KLOG_ADDRESS];

	for (size_t i = 0; i < sizeof(sayings) / sizeof(sayings[0]); i++) {
		const char *at = strstr(line, sayings[i].text);

		if (!at || !address_before(name, line, at))
			continue;
		sayings[i].take(log, name, at + strlen(sayings[i].text));
		return true;
	}
	return false;
}

/* ---- as evidence ---- */

static struct json_object *slot_json(int number, const char *name, const char *port,
				     const char *bus, int irq, int thread)
{
	struct json_object *ret = json_object_new_object();

	json_object_object_add(ret, "slot", json_object_new_int(number));
	json_object_object_add(ret, "name", json_object_new_string(name));
	json_object_object_add(ret, "port", json_object_new_string(port));
	json_object_object_add(ret, "bus", json_object_new_string(bus));
	json_object_object_add(ret, "irq", json_object_new_int(irq));
	json_object_object_add(ret, "device", NULL);
	json_object_object_add(ret, "thread", json_object_new_int(thread));
	return ret;
}

/* "irq/26-pciehp": the interrupt, or 0 */
static int thread_irq(struct json_object *task)
{
	const char *comm = json_object_get_string(json_object_object_get(task, "comm"));

	return !strncmp(comm, "irq/", 4) && strstr(comm, "-pcieh") ? atoi(comm + 4) : 0;
}

static int thread_of(struct json_object *tasks, int irq)
{
	for (size_t i = 0; irq && i < json_object_array_length(tasks); i++) {
		struct json_object *task = json_object_array_get_idx(tasks, i);

		if (thread_irq(task) == irq)
			return json_object_get_int(json_object_object_get(task, "pid"));
	}
	return 0;
}

static bool irq_told(const struct klog *log, int irq)
{
	for (size_t i = 0; i < log->nports; i++)
		if (log->ports[i].irq == irq && log->ports[i].slot >= 0)
			return true;
	return false;
}

static void add_untold(struct json_object *ret, const struct klog *log, struct json_object *task)
{
	int irq = thread_irq(task);
	char name[24];

	if (!irq || irq_told(log, irq))
		return;
	snprintf(name, sizeof(name), "[irq %d]", irq);
	json_object_array_add(ret, slot_json(UNNUMBERED + irq, name, "", "", irq,
			      json_object_get_int(json_object_object_get(task, "pid"))));
}

struct json_object *klog_slots(const struct klog *log, struct json_object *tasks)
{
	struct json_object *ret = json_object_new_array();
	char number[16], bus[16];

	for (size_t i = 0; i < log->nports; i++) {
		const struct klog_port *port = &log->ports[i];

		if (port->slot < 0)
			continue;
		snprintf(number, sizeof(number), "%d", port->slot);
		snprintf(bus, sizeof(bus), "%.5s%02x", port->name, port->bus);
		json_object_array_add(ret, slot_json(port->slot, number, port->name,
						     port->bus ? bus : "", port->irq,
						     thread_of(tasks, port->irq)));
	}
	for (size_t i = 0; i < json_object_array_length(tasks); i++)
		add_untold(ret, log, json_object_array_get_idx(tasks, i));
	return ret;
}

struct json_object *klog_asked(const struct klog *log)
{
	struct json_object *ret = json_object_new_array();

	for (size_t i = 0; i < log->nasked; i++)
		json_object_array_add(ret, json_object_new_string(log->asked[i]));
	return ret;
}

struct json_object *klog_missing(const struct klog *log)
{
	struct json_object *ret = json_object_new_array();
	bool slots = false;

	for (size_t i = 0; i < log->nports; i++)
		slots |= log->ports[i].slot >= 0;
	json_object_array_add(ret, json_object_new_string(
		"who has devices open, and which sysfs files tasks are in: a log does not tell"));
	if (!slots)
		json_object_array_add(ret, json_object_new_string(
			"which slot is which: the log does not go back to the boot"));
	return ret;
}
