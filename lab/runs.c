// SPDX-License-Identifier: GPL-2.0-only
/*
 * runs.c - a list of runs, carried out a few at a time
 */
#include <errno.h>
#include <string.h>

#include "slotgate/cleanup.h"
#include "slotgate/programs.h"
#include "slotgate/runs.h"

enum {
	WAIT_MS = 50,
	JOBS_MAX = 64,
};

static void run_deinit(struct sg_run *run)
{
	sg_vm_destroy(run->vm);
	sg_plan_deinit(&run->plan);
	sg_result_deinit(&run->result);
	free(run->keep);
}

void sg_runs_deinit(struct sg_runs *runs)
{
	for (size_t i = 0; i < runs->count; i++)
		run_deinit(&runs->list[i]);
	free(runs->list);
	sg_blob_deinit(&runs->base);
	sg_blob_deinit(&runs->programs);
	sg_xen_deinit(&runs->xen);
	runs->list = NULL;
	runs->count = 0;
}

static int describe(struct sg_run *run, struct sg_error *err)
{
	int code;

	sg_plan_init(&run->plan);
	code = run->scenario->describe(&run->params, &run->topology, &run->plan);
	if (!code)
		code = run->plan.err;
	if (code)
		return sg_error_set(err, code, "scenario %s cannot be set up with %u drives: %s",
				    run->scenario->name, run->params.drives, strerror(-code));
	return 0;
}

int sg_runs_add(struct sg_runs *runs, const struct sg_scenario *scenario,
		const struct sg_params *params, bool with_slotgate, struct sg_error *err)
{
	struct sg_run *list = reallocarray(runs->list, runs->count + 1, sizeof(*list));
	struct sg_run *run;
	int code;

	if (!list)
		return sg_error_set(err, -ENOMEM, "out of memory");
	runs->list = list;
	run = &list[runs->count];
	*run = (struct sg_run){ .scenario = scenario, .params = *params,
				.with_slotgate = with_slotgate };
	code = describe(run, err);
	if (code)
		run_deinit(run);
	else
		runs->count++;
	return code;
}

int sg_agent_path(char **ret, struct sg_error *err)
{
	sg_autofree char *path = sg_own_file("agent");

	if (!path)
		return sg_error_set(err, -ENOMEM, "out of memory");
	if (access(path, R_OK))
		return sg_error_set(err, -errno, "the guest's agent %s: %m", path);
	*ret = sg_steal(path);
	return 0;
}

/* Modules that plans ask for by name, beside the groups that are always there. */
static int wanted_modules(const struct sg_runs *runs, struct sg_strv *ret)
{
	static const char operation[] = "modules ";

	for (size_t i = 0; i < runs->count; i++) {
		sg_autofree char *plan = strdup(runs->list[i].plan.text);
		char *lines = NULL, *words = NULL;

		if (!plan)
			return -ENOMEM;
		for (char *line = strtok_r(plan, "\n", &lines); line;
		     line = strtok_r(NULL, "\n", &lines)) {
			if (strncmp(line, operation, strlen(operation)))
				continue;
			line += strlen(operation);
			for (char *word = strtok_r(line, " \t", &words); word;
			     word = strtok_r(NULL, " \t", &words))
				if (!sg_strv_has(ret, word))
					sg_strv_add(ret, "%s", word);
		}
	}
	return ret->err;
}

static int build_base(struct sg_runs *runs, struct sg_error *err)
{
	sg_cleanup(sg_strv_deinit) struct sg_strv wanted = {0};
	sg_autofree char *agent = NULL;
	int code = sg_agent_path(&agent, err);

	if (code)
		return code;
	if (wanted_modules(runs, &wanted))
		return sg_error_set(err, -ENOMEM, "out of memory");
	return sg_initramfs_base(runs->kernel, agent, NULL, (const char *const *)wanted.items,
				 &runs->base, err);
}

static int read_programs(struct sg_runs *runs, const struct sg_watch *watch, struct sg_error *err)
{
	for (size_t i = 0; i < runs->count; i++)
		if (runs->list[i].scenario->programs)
			return sg_programs_read(watch, &runs->programs, err);
	return 0;
}

static void pass_record(void *data, const char *type, struct json_object *record)
{
	struct sg_run *run = data;

	if (run->runs->on_record)
		run->runs->on_record(run->runs->data, run, type, record);
}

static unsigned int pace(const struct sg_runs *runs)
{
	return runs->kernel->pace ? runs->kernel->pace : 1;
}

static void skip(struct sg_runs *runs, struct sg_run *run, const char *reason)
{
	run->result.verdict = SG_SKIPPED;
	snprintf(run->result.reason, sizeof(run->result.reason), "%s", reason);
	run->finished = true;
	if (runs->on_finish)
		runs->on_finish(runs->data, run);
}

static const char *skip_reason(const struct sg_runs *runs, const struct sg_run *run)
{
	if (!run->with_slotgate && run->scenario->slotgate_only)
		return "there is nothing to run on a stock kernel";
	return sg_scenario_skipped_on(run->scenario, runs->kernel->release);
}

/*
 * Only what would be reported of a stock kernel in any case is not to be.  Where it is
 * measured what watching costs, the kernel is as it is.
 */
static const char *inserted(const struct sg_runs *runs, const struct sg_run *run)
{
	if (run->scenario->counted || (run->with_slotgate && !run->scenario->stock_between))
		return NULL;
	return runs->kernel->insert;
}

/* What a plan does not know, and the kernel needs. */
static void suit_kernel(const struct sg_runs *runs, struct sg_run *run)
{
	const char *module = inserted(runs, run);

	if (module)
		sg_plan_begin(&run->plan, "insert %s", module);
	if (run->keep)
		sg_plan_begin(&run->plan, "logs");
	if (pace(runs) > 1)
		sg_plan_begin(&run->plan, "pace %u", pace(runs));
}

/* What the user says holds; else a slow kernel gets more. */
static unsigned int time_limit(const struct sg_runs *runs, const struct sg_run *run)
{
	unsigned int usual = run->scenario->seconds ? run->scenario->seconds : SG_VM_SECONDS;

	return runs->timeout ? runs->timeout : usual * pace(runs);
}

static const struct sg_blob *programs_of(const struct sg_runs *runs, const struct sg_run *run)
{
	if (run->topology.xen)
		return &runs->xen.programs;
	return run->scenario->programs ? &runs->programs : NULL;
}

static int start(struct sg_runs *runs, struct sg_run *run, struct sg_error *err)
{
	const char *kind = run->with_slotgate ? "slotgate" : "stock";
	const char *reason = skip_reason(runs, run);

	run->runs = runs;
	if (reason) {
		skip(runs, run, reason);
		return 0;
	}
	if (runs->keep) {
		run->keep = sg_format("%s/%s-%llu-%s", runs->keep, run->scenario->name,
				      (unsigned long long)run->params.seed, kind);
		if (!run->keep)
			return sg_error_set(err, -ENOMEM, "out of memory");
	}
	suit_kernel(runs, run);
	if (run->plan.err)
		return sg_error_set(err, run->plan.err, "out of memory");
	run->spec = (struct sg_vm_spec){
		.kernel = runs->kernel, .topology = &run->topology,
		.vmlinux_fd = runs->vmlinux_fd, .base = &runs->base,
		.programs = programs_of(runs, run), .xen = run->topology.xen ? &runs->xen : NULL,
		.plan = run->plan.text, .kvm = runs->kvm && !run->scenario->counted,
		.counted = run->scenario->counted,
		.timeout = time_limit(runs, run),
		.ko = !run->with_slotgate ? NULL : runs->ko ? runs->ko : runs->kernel->ko,
		.keep = run->keep, .on_record = pass_record, .data = run,
	};
	if (runs->on_start)
		runs->on_start(runs->data, run);
	return sg_vm_start(&run->spec, &run->vm, err);
}

static void finish(struct sg_runs *runs, struct sg_run *run)
{
	sg_vm_take_result(run->vm, &run->result);
	sg_vm_destroy(run->vm);
	run->vm = NULL;
	run->finished = true;
	if (runs->on_finish)
		runs->on_finish(runs->data, run);
}

/* Serve the running ones; returns how many are left. */
static size_t serve(struct sg_runs *runs, size_t started)
{
	struct sg_vm *vms[JOBS_MAX];
	size_t count = 0, left = 0;

	for (size_t i = 0; i < started && count < JOBS_MAX; i++)
		if (runs->list[i].vm)
			vms[count++] = runs->list[i].vm;
	if (count)
		sg_vm_step(vms, count, WAIT_MS);
	for (size_t i = 0; i < started; i++) {
		struct sg_run *run = &runs->list[i];

		if (run->vm && sg_vm_finished(run->vm))
			finish(runs, run);
		left += run->vm != NULL;
	}
	return left;
}

static int stop(struct sg_runs *runs, struct sg_error *err)
{
	for (size_t i = 0; i < runs->count; i++) {
		struct sg_run *run = &runs->list[i];

		if (!run->vm)
			continue;
		sg_vm_kill(run->vm, SG_STOPPED, "interrupted");
		finish(runs, run);
	}
	return sg_error_set(err, -EINTR, "interrupted");
}

static bool any_xen(const struct sg_runs *runs)
{
	bool any = false;

	for (size_t i = 0; i < runs->count; i++)
		any |= runs->list[i].topology.xen;
	return any;
}

int sg_runs_execute(struct sg_runs *runs, const struct sg_watch *watch, struct sg_error *err)
{
	size_t started = 0, running = 0;
	size_t jobs = runs->jobs && runs->jobs <= JOBS_MAX ? runs->jobs : 1;
	sg_autoclose int vmlinux_fd = runs->packed ? -1 : sg_vmlinux_open(runs->kernel->image);
	int code = build_base(runs, err);

	if (!code)
		code = read_programs(runs, watch, err);
	if (!code && any_xen(runs))
		code = sg_xen_open(watch, &runs->xen, err);
	if (code)
		return code;
	runs->vmlinux_fd = vmlinux_fd;
	while (started < runs->count || running) {
		if (sg_watch_stopped(watch))
			return stop(runs, err);
		while (started < runs->count && running < jobs) {
			code = start(runs, &runs->list[started++], err);
			if (code)
				return code;
			running += runs->list[started - 1].vm != NULL;
		}
		running = serve(runs, started);
	}
	return 0;
}

struct sg_tally sg_runs_tally(const struct sg_runs *runs, const struct sg_scenario *scenario,
			      bool with_slotgate)
{
	struct sg_tally tally = {0};

	for (size_t i = 0; i < runs->count; i++) {
		const struct sg_run *run = &runs->list[i];

		if (run->scenario != scenario || run->with_slotgate != with_slotgate ||
		    !run->finished)
			continue;
		tally.runs++;
		tally.verdicts[run->result.verdict]++;
	}
	return tally;
}

static bool all_passed(const struct sg_tally *tally)
{
	return tally->verdicts[SG_PASSED] + tally->verdicts[SG_SKIPPED] == tally->runs;
}

static unsigned int findings(const struct sg_tally *tally)
{
	unsigned int count = 0;

	for (int verdict = 0; verdict <= SG_STOPPED; verdict++)
		count += sg_verdict_is_finding(verdict) ? tally->verdicts[verdict] : 0;
	return count;
}

bool sg_runs_ok_as(const struct sg_runs *runs, const struct sg_scenario *scenario,
		   bool with_slotgate)
{
	struct sg_tally tally = sg_runs_tally(runs, scenario, with_slotgate);

	if (!with_slotgate && tally.runs > tally.verdicts[SG_SKIPPED] &&
	    sg_scenario_fails_on(scenario, runs->kernel->release))
		return 2 * findings(&tally) > tally.runs;
	return all_passed(&tally);
}

bool sg_runs_ok(const struct sg_runs *runs, const struct sg_scenario *scenario)
{
	return sg_runs_ok_as(runs, scenario, false) && sg_runs_ok_as(runs, scenario, true);
}
