// SPDX-License-Identifier: GPL-2.0-only
/*
 * run.c - the conductor: starts what is due, looks for what does not come back
 */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guard.h"
#include "journal.h"
#include "storm.h"

#define TICK_MS 20
#define LOOK_MS 2000

static const char *const verdict_names[] = {
	[STORM_PASSED] = "passed", [STORM_HUNG] = "hung", [STORM_WRONG] = "wrong",
	[STORM_STOPPED] = "stopped",
};

const char *storm_verdict_name(enum storm_verdict verdict)
{
	return verdict_names[verdict];
}

/* ---- jobs ---- */

/* When nothing but restoring is asked for, no other process of the storm is there any more. */
static int guard(const struct storm_task *task, const struct storm_slot *slot,
		 struct sg_strv *reasons)
{
	if (!storm_slot_present(slot))
		return 0;
	return task->storm->config->seconds ? storm_guard_standing("", slot, reasons) :
					      storm_guard("", slot, reasons);
}

/*
 * On a real machine somebody may take a drive into use that has just come back:
 * an automatic mount, an array that assembles itself.  Then nothing more is done to it.
 */
static bool came_into_use(struct storm_task *task)
{
	struct storm_job *job = task->job;
	struct sg_strv reasons = {0};

	for (unsigned int i = 0; task->storm->config->journal && i < job->op.nslots; i++) {
		const struct storm_slot *slot = storm_task_slot(task, i);
		int err = guard(task, slot, &reasons);

		/* its port may be gone by now, by another operation */
		if ((!err || err == -ENOENT) && !reasons.count)
			continue;
		job->in_use = true;
		snprintf(job->complaint, sizeof(job->complaint), "slot %s: %s", slot->name,
			 err ? strerror(-err) : reasons.items[0]);
		return true;
	}
	return false;
}

static void run_job(struct storm *storm, struct storm_job *job, pid_t conductor)
{
	struct storm_task task = { storm, job };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != conductor)
		_exit(1);
	prctl(PR_SET_NAME, job->op.actor->name);
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_IGN);
	if (!came_into_use(&task))
		job->op.actor->run(&task);
	/* files that are still open are closed now, and that may hang */
	storm_begin(&task, "exit", 0);
	_exit(0);
}

static int start_job(struct storm *storm, struct storm_job *job, const struct storm_op *op)
{
	pid_t conductor = getpid(), pid;

	memset(job, 0, sizeof(*job));
	job->op = *op;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (!pid)
		run_job(storm, job, conductor);
	job->pid = pid;
	return 0;
}

/* The first finding counts, unless something worse is found. */
static void find(struct storm *storm, enum storm_verdict verdict, const char *fmt, ...)
{
	static const int weight[] = {
		[STORM_PASSED] = 0, [STORM_STOPPED] = 1, [STORM_WRONG] = 2, [STORM_HUNG] = 3,
	};
	va_list ap;

	if (weight[verdict] <= weight[storm->verdict])
		return;
	storm->verdict = verdict;
	va_start(ap, fmt);
	vsnprintf(storm->reason, sizeof(storm->reason), fmt, ap);
	va_end(ap);
}

static void finish_job(struct storm *storm, struct storm_job *job, int status)
{
	for (unsigned int i = 0; i < job->nsamples && i < STORM_SAMPLES; i++)
		storm_tally_add(storm, &job->samples[i]);
	job->pid = 0;
	storm->unsettled |= storm->settling && (WIFSIGNALED(status) || *job->complaint);
	if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
		find(storm, STORM_WRONG, "actor %s died of signal %d", job->op.actor->name,
		     WTERMSIG(status));
	else if (job->in_use)
		find(storm, STORM_STOPPED, "%s: it came into use meanwhile", job->complaint);
	else if (*job->complaint)
		find(storm, STORM_WRONG, "slot %s: %s",
		     storm->config->slots[job->op.slots[0]].name, job->complaint);
}

static void reap(struct storm *storm)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (unsigned int i = 0; i < storm->config->jobs; i++)
			if (storm->jobs[i].pid == pid)
				finish_job(storm, &storm->jobs[i], status);
}

static struct storm_job *free_job(struct storm *storm)
{
	for (unsigned int i = 0; i < storm->config->jobs; i++)
		if (!storm->jobs[i].pid)
			return &storm->jobs[i];
	return NULL;
}

static bool busy(const struct storm *storm)
{
	for (unsigned int i = 0; i < storm->config->jobs; i++)
		if (storm->jobs[i].pid)
			return true;
	return false;
}

static bool share_slot(const struct storm_op *a, const struct storm_op *b)
{
	for (unsigned int i = 0; i < a->nslots; i++)
		for (unsigned int k = 0; k < b->nslots; k++)
			if (a->slots[i] == b->slots[k])
				return true;
	return false;
}

static bool in_the_way(const struct storm *storm, const struct storm_op *op)
{
	for (unsigned int i = 0; i < storm->config->jobs; i++) {
		const struct storm_job *job = &storm->jobs[i];

		if (job->pid && job->op.actor->alone & op->actor->alone &&
		    share_slot(&job->op, op))
			return true;
	}
	return false;
}

/* ---- what does not come back ---- */

/* A process that was killed closes its files: the kernel works for it, whatever it said last. */
static void check_job(struct storm *storm, const struct storm_job *job)
{
	const char *step = job->step;
	uint64_t now = clock_ms(), since = job->step_since;

	if (!job->pid || !step || now < since + storm->config->patience_s * 1000ULL)
		return;
	storm->hung = job;
	find(storm, STORM_HUNG,
	     "slot %s: \"%s\" of %s %s has not come back after %llu s",
	     storm->config->slots[job->step_slot].name, step, job->op.actor->name,
	     job->op.actor->ways[job->op.way], (unsigned long long)(now - since) / 1000);
}

static void check_jobs(struct storm *storm)
{
	for (unsigned int i = 0; i < storm->config->jobs && storm->verdict != STORM_HUNG; i++)
		check_job(storm, &storm->jobs[i]);
}

static void look(struct storm *storm, uint64_t *last)
{
	if (clock_ms() < *last + LOOK_MS)
		return;
	*last = clock_ms();
	storm_health_look(storm);
	storm_emit_state(storm);
}

static void tick(struct storm *storm, uint64_t *last)
{
	reap(storm);
	check_jobs(storm);
	look(storm, last);
	sleep_ms(TICK_MS);
}

/* ---- the storm and its end ---- */

static bool over(struct storm *storm)
{
	if (storm->config->stop && *storm->config->stop)
		find(storm, STORM_STOPPED, "interrupted");
	return storm->verdict != STORM_PASSED ||
	       clock_ms() >= storm->start_ms + storm->config->seconds * 1000ULL;
}

/* What cannot be done here is left out, but stays in the plan. */
static bool able(const struct storm *storm, const struct storm_op *op)
{
	return !op->actor->lacks || !op->actor->lacks(storm->config);
}

static void start_due(struct storm *storm)
{
	while (clock_ms() - storm->start_ms >= storm->next.due_ms) {
		struct storm_job *job = free_job(storm);

		if (!job || in_the_way(storm, &storm->next))
			return;
		if (able(storm, &storm->next)) {
			if (start_job(storm, job, &storm->next))
				return;
			storm->begun++;
		}
		storm_plan_next(storm, &storm->next);
	}
}

static void drain(struct storm *storm, uint64_t *last)
{
	while (busy(storm) && storm->verdict != STORM_HUNG)
		tick(storm, last);
}

static void settle_run(struct storm_task *task)
{
	storm_journal_restore(task, 0);
}

static const char *const settle_ways[] = { "to what it was", NULL };
static const struct storm_actor settler = {
	.name = "restore", .ways = settle_ways, .span = 1, .run = settle_run,
};

/* Every slot gets back what it held; one that does not is a finding. */
static void settle(struct storm *storm, uint64_t *last)
{
	storm->settling = true;
	for (unsigned int i = 0; i < storm->config->nslots; i++) {
		struct storm_op op = { .actor = &settler, .nslots = 1, .slots = { i } };

		if (storm->verdict == STORM_HUNG)
			return;
		if (!storm->config->journal && storm_slot_present(&storm->config->slots[i]))
			continue;
		if (start_job(storm, &storm->jobs[0], &op))
			find(storm, STORM_WRONG, "slot %s: no process to restore it",
			     storm->config->slots[i].name);
		drain(storm, last);
	}
	storm->restored = storm->verdict != STORM_HUNG && !storm->unsettled;
}

int storm_run(const struct storm_config *config, struct storm *ret)
{
	size_t size = config->jobs * sizeof(struct storm_job);
	uint64_t last = 0;

	*ret = (struct storm){ .config = config, .klog = -1 };
	ret->jobs = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (ret->jobs == MAP_FAILED) {
		ret->jobs = NULL;
		return -ENOMEM;
	}
	ret->start_ms = clock_ms();
	storm_plan_init(ret);
	storm_plan_next(ret, &ret->next);
	storm_health_init(ret);
	storm_counters_begin(ret);
	storm_emit_begin(ret);
	while (!over(ret)) {
		start_due(ret);
		tick(ret, &last);
	}
	drain(ret, &last);
	settle(ret, &last);
	storm_health_look(ret);
	storm_emit_end(ret);
	return 0;
}

void storm_deinit(struct storm *storm)
{
	if (storm->jobs)
		munmap(storm->jobs, storm->config->jobs * sizeof(struct storm_job));
	storm_health_deinit(storm);
	storm_tally_deinit(storm);
	storm->jobs = NULL;
}
