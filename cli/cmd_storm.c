// SPDX-License-Identifier: GPL-2.0-only
/*
 * slotgate storm --slots LIST [OPTION...] - users of all kinds at once on slots of this machine
 * slotgate storm --restore - put back what a storm changed that was killed
 *
 * Exit code 0 if nothing was wrong and everything is as it was, 1 if not.
 */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd.h"
#include "guard.h"
#include "journal.h"
#include "options.h"
#include "slotgate/cleanup.h"
#include "storm_cli.h"

struct options {
	struct storm_options storm;
	const char *slots, *keep;
	bool restore;
};

enum { ASIDE_SECONDS = 60 };	/* to look at the machine, at least */

enum key { KEY_SLOTS = 256, KEY_KEEP, KEY_RESTORE };

static const struct argp_option option_table[] = {
	{ "slots", KEY_SLOTS, "LIST", 0, "slots as in /sys/bus/pci/slots: 1,4-7", 0 },
	{ "keep", KEY_KEEP, "DIR", 0,
	  "where the report of a hang goes (default: slotgate-storm-TIME in the current folder)", 0 },
	{ "restore", KEY_RESTORE, NULL, 0, "put back what a storm changed that was killed", 0 },
	{ 0 }
};

static const struct sg_option options_set[] = {
	SG_TEXT(KEY_SLOTS, struct options, slots), SG_TEXT(KEY_KEEP, struct options, keep),
	SG_FLAG(KEY_RESTORE, struct options, restore), { 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options->storm;
		return 0;
	case ARGP_KEY_ARG:
		sg_cmd_fail(0, "unexpected argument \"%s\" (slots go with --slots)", arg);
		return EINVAL;
	}
	return sg_option_set(options_set, options, key, arg);
}

/* ---- before the storm ---- */

/*
 * What reads of devices goes on in a process of its own: on a machine that hangs
 * already it would not come back, and neither could we be interrupted.
 */
static int aside(int (*work)(const struct storm_config *config), const struct storm_config *config)
{
	unsigned int patience = config->patience_s > ASIDE_SECONDS ? config->patience_s : ASIDE_SECONDS;
	uint64_t until = clock_ms() + patience * 1000ULL;
	pid_t pid = fork();
	int status;

	if (pid < 0)
		return sg_cmd_fail(SG_EXIT_FAILURE, "fork: %s", strerror(errno));
	if (!pid)
		_exit(work(config));
	while (!waitpid(pid, &status, WNOHANG)) {
		if (clock_ms() > until || *config->stop)
			return sg_cmd_fail(SG_EXIT_FAILURE, "this machine does not tell what is in its slots: "
					   "if it hangs already, `slotgate diagnose` knows more");
		sleep_ms(20);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : SG_EXIT_FAILURE;
}

/* All reasons of all slots, so that nobody has to ask again and again. */
static int refuse(const struct storm_slot *slot)
{
	sg_cleanup(sg_strv_deinit) struct sg_strv reasons = {0};
	int err;

	if (!storm_slot_present(slot))
		return sg_cmd_fail(1, "slot %s is refused: there is nothing in it", slot->name);
	err = storm_guard("", slot, &reasons);
	if (err)
		return sg_cmd_fail(1, "slot %s is refused: what uses it cannot be told: %s",
				   slot->name, strerror(-err));
	for (size_t i = 0; i < reasons.count; i++)
		sg_cmd_fail(1, "slot %s is refused: %s", slot->name, reasons.items[i]);
	return reasons.count > 0;
}

static int prepare(const struct storm_config *config)
{
	static struct storm_journal journal;
	int refused = 0, err;

	for (unsigned int i = 0; i < config->nslots; i++)
		refused |= refuse(&config->slots[i]);
	if (refused)
		return SG_EXIT_FAILURE;
	storm_journal_take("", config, &journal);
	err = storm_journal_save(STORM_JOURNAL, &journal);
	if (err)
		return sg_cmd_fail(SG_EXIT_FAILURE, "cannot write " STORM_JOURNAL ": %s",
				   strerror(-err));
	return SG_EXIT_OK;
}

static bool try_lock(int fd)
{
	return !flock(fd, LOCK_EX | LOCK_NB);
}

/* Held by every process of a storm, also by those that outlive it in the kernel. */
static int lock_machine(struct storm_config *config, bool wait)
{
	uint64_t until = clock_ms() + (wait ? config->patience_s * 1000ULL : 0);

	mkdir(STORM_RUN, 0755);
	config->lock_fd = open(STORM_LOCK, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (config->lock_fd < 0)
		return sg_cmd_fail(SG_EXIT_FAILURE, "cannot open " STORM_LOCK ": %s", strerror(errno));
	while (!try_lock(config->lock_fd)) {
		if (clock_ms() >= until || *config->stop)
			return sg_cmd_fail(SG_EXIT_FAILURE, "a storm is under way on this machine, or what one "
					   "asked of the kernel has not come back (slotgate diagnose)");
		sleep_ms(100);
	}
	return SG_EXIT_OK;
}

static int choose_slots(const struct options *options, struct storm_config *config)
{
	struct sg_error err;

	if (!options->slots)
		return sg_cmd_fail(SG_EXIT_USAGE, "which slots? --slots names them, nothing is chosen for you");
	if (storm_slots_parse("", options->slots, config, &err))
		return sg_cmd_fail(SG_EXIT_USAGE, "%s", err.text);
	return SG_EXIT_OK;
}

static bool anybody_able(const struct storm_config *config)
{
	for (size_t i = 0; storm_actors[i]; i++)
		if (config->actors & 1u << i &&
		    (!storm_actors[i]->lacks || !storm_actors[i]->lacks(config)))
			return true;
	return false;
}

/* ---- the storm ---- */

/* @records: the first one, as many of the last as are worth keeping, and the end */
struct listener {
	const struct options *options;
	struct json_object *records;
};

enum { RECORDS_MAX = 150 };

static void take(void *data, struct json_object *record)
{
	struct listener *listener = data;

	storm_cli_show(record, !listener->options->storm.json);
	if (json_object_array_length(listener->records) == RECORDS_MAX)
		json_object_array_del_idx(listener->records, 1, 1);
	json_object_array_add(listener->records, record);
}

static void print_json(const struct listener *listener, const char *folder)
{
	struct json_object *object = storm_report_json(listener->records);

	if (folder)
		json_object_object_add(object, "report", json_object_new_string(folder));
	puts(json_object_to_json_string_ext(object, SG_JSON_PRETTY));
	json_object_put(object);
}

static int finish(const struct storm *storm, const struct listener *listener)
{
	bool found = storm->verdict == STORM_HUNG ||
		     (storm->verdict == STORM_WRONG && storm->config->seconds);
	sg_autofree char *folder = NULL;

	if (found)
		folder = storm_report(storm, listener->options->keep, listener->records);
	if (listener->options->storm.json)
		print_json(listener, folder);
	if (folder)
		fprintf(stderr, "report: %s\n", folder);
	if (storm->restored)
		unlink(STORM_JOURNAL);
	else
		sg_cmd_fail(0, "not everything is as it was before; once the slots answer again: "
			    "slotgate storm --restore");
	return storm->verdict == STORM_PASSED && storm->restored ? SG_EXIT_OK : SG_EXIT_FAILURE;
}

static int let_loose(const struct options *options, struct storm_config *config)
{
	struct listener listener = { .options = options, .records = json_object_new_array() };
	static struct storm storm;
	int code;

	config->emit = take;
	/* cppcheck-suppress autoVariables ; nobody is told anything after this returned */
	config->data = &listener;
	if (storm_run(config, &storm))
		return sg_cmd_fail(SG_EXIT_FAILURE, "out of memory");
	code = finish(&storm, &listener);
	storm_deinit(&storm);
	json_object_put(listener.records);
	return code;
}

static int load_journal(struct storm_config *config)
{
	static struct storm_journal journal;
	int err = storm_journal_load(STORM_JOURNAL, &journal);

	if (err)
		return sg_cmd_fail(SG_EXIT_FAILURE, STORM_JOURNAL ": %s",
				   err == -EINVAL ? "damaged" : strerror(-err));
	config->journal = &journal;
	return SG_EXIT_OK;
}

static int start(const struct options *options, struct storm_config *config)
{
	int code = choose_slots(options, config);

	if (code)
		return code;
	if (!anybody_able(config))
		return sg_cmd_fail(SG_EXIT_FAILURE, "none of these actors can do anything here: %s",
				   storm_cli_lack(config));
	code = lock_machine(config, false);
	if (code)
		return code;
	if (!access(STORM_JOURNAL, F_OK))
		return sg_cmd_fail(SG_EXIT_FAILURE, "a storm was killed and left things changed; first: "
				   "slotgate storm --restore");
	code = aside(prepare, config);
	if (!code)
		code = load_journal(config);
	return code ? code : let_loose(options, config);
}

/* A storm of no length, which ends like any other. */
static int restore(const struct options *options, struct storm_config *config)
{
	int code = lock_machine(config, true);

	if (code)
		return code;
	if (access(STORM_JOURNAL, F_OK)) {
		puts("nothing to restore");
		return SG_EXIT_OK;
	}
	code = load_journal(config);
	if (code)
		return code;
	config->seconds = 0;
	config->nslots = config->journal->nslots;
	for (unsigned int i = 0; i < config->nslots; i++)
		config->slots[i] = config->journal->slots[i].slot;
	return let_loose(options, config);
}

static const struct argp_child children[] = { { &storm_cli_argp, 0, NULL, 0 }, { 0 } };
const struct argp cmd_storm_argp = {
	option_table, parse, NULL,
	"Lets users of all kinds loose at once on the slots that are named: they switch off and on, remove, "
	"rescan, reset, bind, and own drives through vfio, until the time is over or something hangs.  Slots "
	"whose device anybody uses are refused.  What was changed is put back in the end.",
	children, NULL, NULL
};

int cmd_storm(int argc, char **argv)
{
	static struct options options;
	static struct storm_config config;

	storm_cli_defaults(&options.storm);
	if (argp_parse(&cmd_storm_argp, argc, argv, 0, NULL, &options))
		return SG_EXIT_USAGE;
	config = options.storm.config;
	config.lock_fd = -1;
	config.stop = sg_cmd_watch()->stop;
	if (options.storm.plan_only) {
		int code = choose_slots(&options, &config);

		if (!code)
			storm_cli_plan(stdout, &config);
		return code;
	}
	if (geteuid())
		return sg_cmd_fail(SG_EXIT_FAILURE, "only root may let a storm loose on a machine");
	return options.restore ? restore(&options, &config) : start(&options, &config);
}
