// SPDX-License-Identifier: GPL-2.0-only
/*
 * lab_shell.c - slotgate lab shell: the machine of a scenario, with a shell on its console
 */
#include <argp.h>
#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd.h"
#include "run.h"
#include "slotgate/cleanup.h"
#include "slotgate/number.h"
#include "slotgate/programs.h"

struct options {
	const char *scenario, *kernel, *modules, *ko;
	bool xen;
	uint64_t seed;
};

static const struct argp_option option_table[] = {
	{ "kernel", 'k', "LINE|FILE", 0, "a kernel line, or a bzImage (default bookworm)", 0 },
	{ "modules", 'm', "DIR", 0, "modules of that bzImage", 0 },
	{ "ko", 'o', "FILE", 0, "this slotgate.ko (default: the one built for the kernel)", 0 },
	{ "xen", 'x', NULL, 0, "as dom0 of Xen, whatever the scenario", 0 },
	{ "seed", 's', "N", 0, "seed of the scenario's machine (default 1)", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 'k':
		options->kernel = arg;
		return 0;
	case 'm':
		options->modules = arg;
		return 0;
	case 'o':
		options->ko = arg;
		return 0;
	case 'x':
		options->xen = true;
		return 0;
	case 's':
		if (sg_number_parse(arg, 0, INT64_MAX, &options->seed))
			argp_error(state, "--seed wants a number, not \"%s\"", arg);
		return 0;
	case ARGP_KEY_ARG:
		if (options->scenario)
			argp_error(state, "one scenario is enough");
		options->scenario = arg;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* Four slots with a drive each, when no scenario says otherwise. */
static void plain_topology(struct sg_topology *topology)
{
	*topology = (struct sg_topology){ .nslots = 4 };
	for (unsigned int i = 0; i < topology->nslots; i++)
		topology->slots[i] = (struct sg_slot){ .number = i + 1, .has_drive = true };
}

static int find_topology(const struct options *options, struct sg_topology *topology,
			 struct sg_error *err)
{
	const struct sg_scenario *scenario;
	struct sg_params params = { .seed = options->seed };
	struct sg_plan plan;
	int code;

	if (!options->scenario) {
		plain_topology(topology);
		return 0;
	}
	scenario = sg_scenario_find(options->scenario);
	if (!scenario)
		return sg_error_set(err, -EINVAL, "unknown scenario \"%s\"", options->scenario);
	sg_plan_init(&plan);
	code = scenario->describe(&params, topology, &plan);
	sg_plan_deinit(&plan);
	return code ? sg_error_set(err, code, "scenario %s cannot be set up", scenario->name) : 0;
}

static int open_initrd(const struct sg_kernel *kernel, const struct sg_xen *xen, const char *ko,
		       bool programs, struct sg_error *err)
{
	sg_cleanup(sg_blob_deinit) struct sg_blob base = {0}, more = {0};
	sg_autofree char *agent = NULL, *busybox = NULL;
	int code = sg_agent_path(&agent, err);

	if (!code)
		code = sg_busybox_fetch(sg_cmd_watch(), &busybox, err);
	if (!code)
		code = sg_initramfs_base(kernel, agent, busybox, NULL, &base, err);
	if (!code && programs)
		code = sg_programs_read(sg_cmd_watch(), &more, err);
	return code ? code : sg_vm_initrd(kernel, &base, xen ? &xen->programs :
					  programs ? &more : NULL, NULL, ko, err);
}

/* In the foreground and on our terminal, unlike the machines of "lab run". */
static int run_qemu(char **argv)
{
	pid_t parent = getpid(), pid = fork();
	int status = 0;

	if (pid < 0)
		return sg_cmd_fail(SG_EXIT_FAILURE, "cannot start QEMU: %m");
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == parent)
			execvp(argv[0], argv);
		sg_cmd_fail(0, "cannot start %s: %m", argv[0]);
		_exit(SG_EXIT_FAILURE);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		kill(pid, SIGTERM);
	return WIFEXITED(status) && !WEXITSTATUS(status) ? SG_EXIT_OK : SG_EXIT_FAILURE;
}

static int prepare(const struct options *options, struct sg_machine *machine,
		   struct sg_kernel *kernel, struct sg_topology *topology, struct sg_xen *xen,
		   struct sg_strv *args, struct sg_error *err)
{
	const struct sg_scenario *scenario;
	int code = find_topology(options, topology, err);

	topology->xen |= options->xen;
	if (!code && topology->xen)
		code = sg_xen_open(sg_cmd_watch(), xen, err);
	if (!code)
		code = sg_kernel_open(options->kernel, options->modules, sg_cmd_watch(), kernel, err);
	if (!code)
		code = run_decide_kvm(SG_ACCEL_AUTO, kernel, &machine->kvm, err);
	if (code)
		return code;
	scenario = options->scenario ? sg_scenario_find(options->scenario) : NULL;
	machine->xen = topology->xen ? xen : NULL;
	machine->initrd_fd = open_initrd(kernel, machine->xen, options->ko ? options->ko : kernel->ko,
					 scenario && scenario->programs, err);
	return machine->initrd_fd < 0 ? machine->initrd_fd : sg_qemu_args(machine, args, err);
}

const struct argp lab_shell_argp = {
	option_table, parse, "[SCENARIO]",
	"Boots the machine of a scenario (or four drives in four slots) with a shell on "
	"its serial console.  slotgate.ko is in /sg.  Ctrl-A X ends the machine.",
	NULL, NULL, NULL
};

int lab_shell(int argc, char **argv)
{
	struct options options = { .kernel = "bookworm", .seed = 1 };
	sg_cleanup(sg_kernel_deinit) struct sg_kernel kernel = {0};
	sg_cleanup(sg_strv_deinit) struct sg_strv args = {0};
	sg_cleanup(sg_xen_deinit) struct sg_xen xen = {0};
	struct sg_topology topology = {0};
	struct sg_machine machine = {
		.kernel = &kernel, .topology = &topology,
		.initrd_fd = -1, .console_fd = -1, .record_fd = -1, .qmp_fd = -1,
	};
	struct sg_error err;

	argp_parse(&lab_shell_argp, argc, argv, 0, NULL, &options);
	if (prepare(&options, &machine, &kernel, &topology, &xen, &args, &err))
		return sg_cmd_fail(SG_EXIT_FAILURE, "%s", err.text);
	fputs("Ctrl-A X ends the machine.\n", stderr);
	return run_qemu(args.items);
}
