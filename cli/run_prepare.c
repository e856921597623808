// SPDX-License-Identifier: GPL-2.0-only
/*
 * run_prepare.c - what has to be known before machines are started
 */
#include <errno.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "cmd.h"
#include "run.h"
#include "slotgate/cleanup.h"
#include "slotgate/nearest.h"

static const char *scenario_name(const void *data, size_t index)
{
	(void)data;
	return sg_scenarios[index] ? sg_scenarios[index]->name : NULL;
}

error_t run_add_scenario(const struct sg_scenario **list, size_t *count, const char *name)
{
	const struct sg_scenario *scenario = sg_scenario_find(name);
	sg_autofree char *hint = NULL;

	for (size_t i = 0; i < *count; i++)
		if (list[i] == scenario)
			return 0;
	if (scenario && *count < RUN_SCENARIOS_MAX) {
		list[(*count)++] = scenario;
		return 0;
	}
	hint = sg_nearest(name, scenario_name, NULL);
	sg_cmd_fail(0, "unknown scenario \"%s\"%s", name,
		    hint && *hint ? hint : " (slotgate lab list shows them)");
	return EINVAL;
}

/*
 * A guest that hangs, as a stock one is to do, has no work: three for each
 * processor keep it busy.  Each has 1 GiB, and QEMU and its own page cache.
 */
enum { JOBS_PER_CPU = 3, JOB_MIB = 1536 };

unsigned int run_default_jobs(void)
{
	struct sysinfo info;
	unsigned long cpus = sysconf(_SC_NPROCESSORS_ONLN), jobs, room;

	if (sysinfo(&info) < 0)
		return 1;
	room = info.totalram / (1 << 20) * info.mem_unit / JOB_MIB;
	jobs = cpus * JOBS_PER_CPU;
	if (jobs > room)
		jobs = room;
	return jobs ? jobs : 1;
}

int run_check_ko(const char *ko, const struct sg_kernel *kernel)
{
	const struct sg_kernel_line *line = kernel->line ? sg_kernel_line_find(kernel->line) : NULL;

	if (ko && access(ko, R_OK))
		return sg_cmd_fail(SG_EXIT_FAILURE, "cannot read module %s: %m", ko);
	if (ko || kernel->ko)
		return SG_EXIT_OK;
	if (!line)
		return sg_cmd_fail(SG_EXIT_FAILURE, "no slotgate.ko for kernel %s: give one with "
				   "--ko, or run with --stock", kernel->release);
	return sg_cmd_fail(SG_EXIT_FAILURE, "no slotgate.ko for kernel %s: make kmod KERNEL=%s",
			   kernel->release, line->name);
}
