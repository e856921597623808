// SPDX-License-Identifier: GPL-2.0-only
/*
 * port.c - PCI Express ports in sysfs: which bus is behind them, which thread serves them
 */
#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "port.h"

#define SERVICES "/sys/bus/pci_express/devices"

/* The folder of a bus lies in .../<port>/pci_bus/<bus>. */
void port_of_bus(const char *bus, char ret[DEVICE_NAME])
{
	char link[64], path[PATH_MAX], *cut;

	snprintf(link, sizeof(link), "/sys/class/pci_bus/%s", bus);
	if (!realpath(link, path))
		return;
	cut = strstr(path, "/pci_bus/");
	if (!cut)
		return;
	*cut = '\0';
	cut = strrchr(path, '/');
	if (cut && strlen(cut + 1) < DEVICE_NAME)
		strcpy(ret, cut + 1);
}

/* The kind of port stands in front of the service: hot-plug is 04. */
void port_service(const char *port, char ret[SERVICE_NAME])
{
	DIR *dir = opendir(SERVICES);
	struct dirent *entry;
	size_t len = strlen(port);

	while (len && dir && (entry = readdir(dir))) {
		const char *name = entry->d_name;

		if (!strncmp(name, port, len) && !strncmp(name + len, ":pcie", 5) &&
		    strlen(name) < SERVICE_NAME && !strcmp(name + strlen(name) - 2, "04"))
			strcpy(ret, name);
	}
	if (dir)
		closedir(dir);
}

/* Each service of a port may have its own interrupt: the thread has the service's name. */
static pid_t find_thread(int irq, const char *service)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	char want[32], comm[32];
	pid_t pid = 0;

	snprintf(want, sizeof(want), "irq/%d-%s", irq, service);
	want[15] = '\0';	/* as long as the kernel keeps it */
	while (!pid && dir && (entry = readdir(dir)))
		if (isdigit((unsigned char)entry->d_name[0]) &&
		    !file_read(comm, sizeof(comm), "/proc/%s/comm", entry->d_name) &&
		    !strcmp(comm, want))
			pid = atoi(entry->d_name);
	if (dir)
		closedir(dir);
	return pid;
}

pid_t port_thread(const char *port, const char *service, int *irq)
{
	char path[128], text[16];
	struct dirent *entry;
	pid_t thread = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/msi_irqs", port);
	dir = opendir(path);
	while (!thread && dir && (entry = readdir(dir))) {
		*irq = atoi(entry->d_name);
		thread = *irq > 0 ? find_thread(*irq, service) : 0;
	}
	if (dir)
		closedir(dir);
	else if (!file_read(text, sizeof(text), "/sys/bus/pci/devices/%s/irq", port))
		thread = find_thread(*irq = atoi(text), service);
	return thread;
}
