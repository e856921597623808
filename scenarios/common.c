// SPDX-License-Identifier: GPL-2.0-only
/*
 * common.c - what the scenarios share: machines, slot lists, set-up of the guest
 */
#include <stdio.h>
#include <string.h>

#include "common.h"

int sg_setup_init(struct sg_setup *setup, const struct sg_scenario *scenario,
		  const struct sg_params *params, struct sg_topology *topo,
		  struct sg_plan *plan, unsigned int low, unsigned int high)
{
	*setup = (struct sg_setup){ .topo = topo, .plan = plan };
	sg_rng_init(&setup->rng, params->seed);
	setup->drives = sg_rng_range(&setup->rng, low, high);
	if (params->drives)
		setup->drives = params->drives;
	if (setup->drives < scenario->drives.min || setup->drives > scenario->drives.max)
		return -ERANGE;
	topo->nslots = 0;
	return 0;
}

static void add_slot(struct sg_setup *setup, struct sg_slot slot)
{
	if (setup->topo->nslots == SG_DRIVES_MAX)
		setup->plan->err = -ERANGE;
	else
		setup->topo->slots[setup->topo->nslots++] = slot;
}

void sg_setup_drive(struct sg_setup *setup, unsigned int number, unsigned int parent)
{
	add_slot(setup, (struct sg_slot){ .number = number, .parent = parent,
					  .has_drive = true });
}

void sg_setup_sriov(struct sg_setup *setup, unsigned int number, unsigned int functions)
{
	add_slot(setup, (struct sg_slot){ .number = number, .has_drive = true,
					  .max_vfs = functions });
}

void sg_setup_switch(struct sg_setup *setup, unsigned int number)
{
	add_slot(setup, (struct sg_slot){ .number = number, .is_switch = true });
}

/* slotgate must cover modules that are there already and ones that come later. */
void sg_setup_vfio(struct sg_setup *setup)
{
	bool early = sg_rng_range(&setup->rng, 0, 1);

	if (early)
		sg_plan_add(setup->plan, "slotgate");
	sg_plan_add(setup->plan, "modules vfio");
	if (!early)
		sg_plan_add(setup->plan, "slotgate");
}

void sg_setup_modules(struct sg_setup *setup)
{
	sg_plan_add(setup->plan, "modules nvme");
	sg_setup_vfio(setup);
}

void sg_setup_xen(struct sg_setup *setup, const char *backend, struct sg_list drives)
{
	bool early = sg_rng_range(&setup->rng, 0, 1);

	setup->topo->xen = true;
	sg_plan_add(setup->plan, "xen");
	if (early)
		sg_plan_add(setup->plan, "slotgate");
	sg_plan_add(setup->plan, "pciback %s%s", backend, drives.text);
	if (!early)
		sg_plan_add(setup->plan, "slotgate");
}

void sg_setup_functions(struct sg_setup *setup, unsigned int number, unsigned int count)
{
	sg_plan_add(setup->plan, "write a {%u}/sriov_drivers_autoprobe 0", number);
	sg_plan_add(setup->plan, "join %d a", READY_SECONDS);
	sg_plan_add(setup->plan, "write n {%u}/sriov_numvfs %u", number, count);
	sg_plan_add(setup->plan, "join %d n", READY_SECONDS);
	sg_plan_add(setup->plan, "vfio %uv%u", number, count - 1);
}

void sg_setup_hold_up(struct sg_setup *setup, unsigned int number)
{
	sg_plan_add(setup->plan, "write p {%u}/remove 1", number);
	sg_plan_add(setup->plan, "join %d p", READY_SECONDS);
	sg_plan_add(setup->plan, "await absent %d %u", READY_SECONDS, number);
	sg_plan_add(setup->plan, "insert slow_probe");
	sg_plan_add(setup->plan, "write h /sys/bus/pci/rescan 1");
	sg_plan_add(setup->plan, "await-busy %d h", READY_SECONDS);
}

void sg_setup_go_on(struct sg_setup *setup)
{
	sg_plan_add(setup->plan, "write g /sys/module/slow_probe/parameters/go 1");
}

void sg_setup_gap(struct sg_setup *setup)
{
	unsigned int ms = sg_rng_range(&setup->rng, 0, 1)
				  ? sg_rng_range(&setup->rng, 1, GAP_MS) : 0;

	if (ms)
		sg_plan_add(setup->plan, "sleep %u", ms);
}

void sg_setup_numbers(struct sg_setup *setup, unsigned int *ret, unsigned int first,
		      unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		ret[i] = first + i;
	sg_rng_shuffle(&setup->rng, ret, count);
}

struct sg_list sg_list(const unsigned int *numbers, unsigned int count)
{
	struct sg_list list = { .text = "" };
	size_t len = 0;

	for (unsigned int i = 0; i < count && len < sizeof(list.text); i++)
		len += snprintf(list.text + len, sizeof(list.text) - len, " %u", numbers[i]);
	return list;
}
