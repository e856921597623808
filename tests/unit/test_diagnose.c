// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_diagnose.c - from evidence of any kind to the row of the scoreboard
 *
 * tests/data/ holds evidence of real hangs: what the lab's agent took, and in
 * hangs/KERNEL what an operator would have had of the same hang: a live diagnosis
 * as root, the kernel's hung-task reports, and its answer to the magic key w.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "fuzz/fuzz.h"
#include "slotgate/cleanup.h"
#include "slotgate/diagnose.h"
#include "slotgate/klog.h"
#include "slotgate/lab.h"

static char *path_of(const char *name)
{
	const char *tests = getenv("SG_TESTS");
	char *path = sg_format("%s/data/%s", tests ? tests : "tests", name);

	assert_non_null(path);
	return path;
}

static char *slurp(const char *name)
{
	sg_autofree char *path = path_of(name);
	char *text;

	if (sg_file_read(path, &text, NULL))
		fail_msg("cannot read %s", path);
	return text;
}

static struct json_object *evidence_of_log(const char *text)
{
	struct json_object *ret = NULL;
	struct sg_error err;

	if (sg_klog_evidence(text, strlen(text), &ret, &err))
		fail_msg("%s", err.text);
	return ret;
}

static struct json_object *load(const char *name)
{
	sg_autofree char *text = slurp(name);
	struct json_object *ret;

	if (strstr(name, ".log"))
		return evidence_of_log(text);
	ret = json_tokener_parse(text);
	assert_non_null(ret);
	return ret;
}

static struct sg_diagnosis diagnosed(struct json_object *evidence)
{
	struct sg_diagnosis ret;

	assert_int_equal(sg_diagnose(evidence, &ret), 0);
	return ret;
}

/* Both forms of the output, so that all of them is run. */
static char *words_of(const struct sg_diagnosis *diagnosis)
{
	struct json_object *json = sg_diagnosis_to_json(diagnosis);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(json);
	assert_non_null(json_object_object_get(json, "verdict"));
	json_object_put(json);
	assert_non_null(out);
	sg_diagnosis_print(out, diagnosis);
	fclose(out);
	return text;
}

/* @row NULL: a hang that is unknown */
static void expect_row(struct json_object *evidence, const char *name, const char *row)
{
	struct sg_diagnosis diagnosis = diagnosed(evidence);
	sg_autofree char *text = words_of(&diagnosis);
	const char *got = diagnosis.nnamed ? diagnosis.named[0].row->name : "unknown";

	if (strcmp(got, row ? row : "unknown") || diagnosis.nnamed > 1)
		fail_msg("%s: %s, and %zu more, instead of %s:\n%s", name, got,
			 diagnosis.nnamed ? diagnosis.nnamed - 1 : 0, row ? row : "unknown", text);
	assert_int_equal(diagnosis.kind, row ? SG_HANG_NAMED : SG_HANG_UNKNOWN);
	assert_int_equal(strncmp(text, "Unknown", 7) == 0, !row);
	sg_diagnosis_deinit(&diagnosis);
}

static void expect_file(const char *name, const char *row)
{
	struct json_object *evidence = load(name);

	expect_row(evidence, name, row);
	json_object_put(evidence);
}

/* ---- what the lab's agent took ---- */

static const struct {
	const char *file, *row;
} taken[] = {
	{ "abba_2020", "abba-2020" },
	{ "absent_reset", "absent-reset" },
	{ "aer_sriov", "aer-sriov" },
	{ "aer_unbind", "aer-unbind" },
	{ "aer_unbind_alone", "aer-unbind" },
	{ "nested_ports", "nested-ports" },
	{ "nested_ports_5_10", "nested-ports" },
	{ "numvfs_read", "numvfs-read" },
	{ "numvfs_remove", "numvfs-remove" },
	{ "port_wedge", "port-wedge" },
	{ "rescan_off", "rescan-remove" },
	{ "rescan_remove", "rescan-remove" },
	{ "reset_unbind_3", "reset-unbind-3" },
	{ "slot_mutex", "slot-mutex" },
	{ "slot_mutex_device", "slot-mutex-device" },
	{ "vfio_close", "vfio-close" },
	{ "vfio_close_any", "vfio-close-any" },
	{ "vfio_close_any_error", "vfio-close-any" },
	{ "vfio_freeze", "vfio-freeze" },
	{ "vfio_igate", "vfio-igate" },
	{ "xen_detach", "xen-detach" },
};

static void test_taken(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
		sg_autofree char *name = sg_format("%s.json", taken[i].file);

		expect_file(name, taken[i].row);
	}
}

/* ---- what an operator has ---- */

/* In hangs/: a live diagnosis, hung-task reports, the magic key w.  LOGS: the last two. */
enum { ALL, LOGS, SYSRQ, LIVE, NO_SYSRQ };

static const struct {
	const char *file, *row;
	int kinds;
} had[] = {
	{ "6.1/abba-2020", "abba-2020", NO_SYSRQ },	/* kernel line pciehp-2020 has no such key */
	{ "6.1/absent-reset", "absent-reset", ALL },
	{ "6.1/aer-sriov", "aer-sriov", ALL },
	{ "6.1/aer-unbind", "aer-unbind", ALL },
	{ "6.1/aer-unbind-alone", "aer-unbind", ALL },
	{ "6.1/nested-ports", "nested-ports", ALL },
	{ "6.1/numvfs-read", "numvfs-read", LIVE },
	{ "6.1/numvfs-read", NULL, LOGS },	/* logs do not tell who the owner is */
	{ "6.1/numvfs-remove", "numvfs-remove", ALL },
	{ "6.1/nvme-reset", "nvme-reset", LOGS },
	{ "6.1/nvme-reset-first", "nvme-reset", LOGS },	/* with slotgate, in the first look */
	{ "6.1/nvme-remove", "nvme-pull", ALL },	/* with slotgate, as the next */
	{ "6.1/nvme-unbind", "nvme-pull", ALL },
	{ "6.1/nvme-pull-remove", "nvme-pull", ALL },
	{ "6.1/nvme-pull-unbind", "nvme-pull", ALL },
	{ "6.1/port-wedge", "port-wedge", ALL },
	{ "6.1/rescan-remove", "rescan-remove", ALL },
	{ "6.1/reset-added", "reset-added", ALL },
	{ "6.1/slot-mutex", "slot-mutex", ALL },
	{ "6.1/slot-mutex-device", "slot-mutex-device", ALL },
	{ "6.1/vfio-close", "vfio-close", ALL },
	{ "6.1/vfio-close-any", "vfio-close-any", ALL },
	{ "6.1/vfio-close-any-error", "vfio-close-any", ALL },
	{ "6.1/vfio-freeze", "vfio-freeze", ALL },
	{ "6.1/vfio-igate", "vfio-igate", ALL },
	{ "5.10/nested-ports", "nested-ports", ALL },
	{ "5.10/port-wedge", "port-wedge", ALL },
	{ "5.10/vfio-close", "vfio-close", ALL },
	{ "6.12/aer-unbind", "aer-unbind", ALL },
	{ "6.12/reset-unbind-3", "reset-unbind-3", ALL },
	{ "6.12/vfio-close-any-error", "vfio-close-any", ALL },
	{ "7.2/aer-sriov", "aer-sriov", ALL },
	{ "7.2/nested-ports", "nested-ports", ALL },
	{ "7.2/numvfs-read", "numvfs-read", LIVE },
	{ "7.2/numvfs-read", NULL, LOGS },
	{ "7.2/port-wedge", "port-wedge", ALL },
	{ "7.2/reset-unbind-3", "reset-unbind-3", ALL },
	{ "7.2/slot-mutex-write", "slot-mutex", ALL },
	{ "7.2/vfio-close", "vfio-close", ALL },
};

static const char *const endings[] = { "sysrq-w.log", "hung-task.log", "live.json" };

static bool is_of_kind(size_t ending, int kind)
{
	return kind == ALL || (kind == LOGS && ending < 2) || (kind == SYSRQ && ending == 0) ||
	       (kind == LIVE && ending == 2) || (kind == NO_SYSRQ && ending > 0);
}

static void each_had(bool logs_only, void (*visit)(const char *name, const char *row))
{
	for (size_t i = 0; i < sizeof(had) / sizeof(had[0]); i++)
		for (size_t e = 0; e < (logs_only ? 2 : 3); e++) {
			sg_autofree char *name =
				sg_format("hangs/%s.%s", had[i].file, endings[e]);

			if (is_of_kind(e, had[i].kinds))
				visit(name, had[i].row);
		}
}

static void test_had(void **state)
{
	(void)state;
	each_had(false, expect_file);
}

/* ---- logs as they arrive ---- */

/* "<6>[   48.396630] text": a line of the kernel's, put into the form of others. */
static void split(const char *line, const char **stamp, const char **text)
{
	*stamp = strchr(line, '[') ? strchr(line, '[') : line;
	*text = strstr(line, "] ");
	*text = *text ? *text + 2 : line;
}

static void as_journal(FILE *out, const char *stamp, const char *text)
{
	(void)stamp;
	fprintf(out, "Nov 25 10:17:13 server-7 kernel: %s\n", text);
}

static void as_dmesg(FILE *out, const char *stamp, const char *text)
{
	(void)text;
	fprintf(out, "%s\n", stamp);
}

static void as_dmesg_time(FILE *out, const char *stamp, const char *text)
{
	(void)stamp;
	fprintf(out, "[Wed Nov 25 10:17:13 2026] %s\n", text);
}

static void as_caller(FILE *out, const char *stamp, const char *text)
{
	fprintf(out, "%.*s[  T132] %s\n", (int)strcspn(stamp, " ]") + 12, "[   12.345678]  ", text);
}

static void as_syslog(FILE *out, const char *stamp, const char *text)
{
	fprintf(out, "2026-11-25T10:17:13.123456+01:00 server kernel: %.14s %s\r\n", stamp, text);
}

static void as_mail(FILE *out, const char *stamp, const char *text)
{
	(void)text;
	fprintf(out, "> > %s\n", stamp);
}

static void as_decoded(FILE *out, const char *stamp, const char *text)
{
	(void)text;
	fprintf(out, "kern  :info  : %s [vfio_pci_core 1f2e3d4c5b6a]\n", stamp);
}

static void as_cut(FILE *out, const char *stamp, const char *text)
{
	(void)text;
	fprintf(out, "%.*s\n", (int)(strstr(stamp, "/0x") ? strstr(stamp, "/0x") - stamp + 2 : 78),
		stamp);
}

static void (*const forms[])(FILE *out, const char *stamp, const char *text) = {
	as_journal, as_dmesg, as_dmesg_time, as_caller, as_syslog, as_mail, as_decoded, as_cut,
};

static char *in_form(char *log, void (*form)(FILE *out, const char *stamp, const char *text))
{
	const char *stamp, *text;
	char *ret = NULL, *save = NULL;
	size_t size;
	FILE *out = open_memstream(&ret, &size);

	assert_non_null(out);
	for (char *line = strtok_r(log, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		split(line, &stamp, &text);
		form(out, stamp, text);
	}
	fclose(out);
	return ret;
}

static void in_all_forms(const char *name, const char *row)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		sg_autofree char *log = slurp(name);
		sg_autofree char *text = in_form(log, forms[i]);
		sg_autofree char *what = sg_format("%s in form %zu", name, i);
		struct json_object *evidence = evidence_of_log(text);

		expect_row(evidence, what, row);
		json_object_put(evidence);
	}
}

static void test_forms(void **state)
{
	(void)state;
	each_had(true, in_all_forms);
}

/* ---- what is no hang, and what is none that is known ---- */

static void expect_kind(const char *text, enum sg_finding_kind kind)
{
	struct json_object *evidence = *text == '{' ? json_tokener_parse(text) :
						      evidence_of_log(text);
	struct sg_diagnosis diagnosis = diagnosed(evidence);
	sg_autofree char *words = words_of(&diagnosis);

	if (diagnosis.kind != kind)
		fail_msg("kind %d instead of %d:\n%s", diagnosis.kind, kind, words);
	sg_diagnosis_deinit(&diagnosis);
	json_object_put(evidence);
}

static void test_nothing_hangs(void **state)
{
	(void)state;
	expect_kind("{\"tasks\": []}", SG_NOTHING_HANGS);
	/* sleeps for reasons of its own */
	expect_kind("{\"tasks\": [{\"pid\": 7, \"comm\": \"pciehp_poll-2\", \"state\": \"S\","
		    " \"stack\": [\"pciehp_poll\", \"kthread\"]}]}", SG_NOTHING_HANGS);
	expect_kind("[    0.000000] Linux version 6.1.0-56-amd64 (debian-kernel@lists)\n"
		    "[    2.1] vfio-pci 0000:02:00.0: Relaying device request to user (#0)\n",
		    SG_NOTHING_HANGS);
	expect_kind("[   99.0] sysrq: Show Blocked State\n", SG_NOTHING_HANGS);
	/* blocked, but not with us */
	expect_kind("[   99.0] sysrq: Show Blocked State\n"
		    "[   99.1] task:kworker/u8:1    state:D stack:0     pid:71    ppid:2      flags:0x4000\n"
		    "[   99.1] Call Trace:\n"
		    "[   99.1]  __schedule+0x34d/0xa00\n"
		    "[   99.1]  io_schedule+0x42/0x70\n"
		    "[   99.1]  ext4_writepages+0x4b/0x160\n", SG_NOTHING_HANGS);
}

/* Two samples of a machine at work: whoever was blocked in the first has gone on. */
static void test_last_report_counts(void **state)
{
	sg_autofree char *log = slurp("hangs/6.1/vfio-close.sysrq-w.log");
	sg_autofree char *later = sg_format("%s[  200.0] sysrq: Show Blocked State\n", log);
	sg_autofree char *rebooted = sg_format("%s[    0.0] Linux version 6.1.0-56-amd64\n", log);

	(void)state;
	expect_kind(later, SG_NOTHING_HANGS);
	expect_kind(rebooted, SG_NOTHING_HANGS);
}

#define TASK(pid, comm, stack) \
	"{\"pid\": " #pid ", \"comm\": \"" comm "\", \"state\": \"D\", \"stack\": [" stack "]}"

static void test_unknown(void **state)
{
	(void)state;
	expect_kind("{\"tasks\": [" TASK(5, "sh", "\"dev_rescan_store\"") "]}", SG_HANG_UNKNOWN);
	expect_kind("{\"tasks\": [" TASK(5, "sh", "\"pci_something_new\"") "]}", SG_HANG_UNKNOWN);
	/* a cycle, but no row's: two removals, each with what the other wants */
	expect_kind("{\"tasks\": ["
		    TASK(5, "a", "\"device_release_driver_internal\", \"pci_stop_bus_device\","
			 "\"pci_stop_and_remove_bus_device_locked\", \"remove_store\"") ","
		    TASK(6, "b", "\"dev_rescan_store\", \"device_release_driver_internal\"") "]}",
		    SG_HANG_UNKNOWN);
}

/* By hand: somebody else than xen-pciback removes the drive. */
static void test_xen_detach(void **state)
{
	struct json_object *evidence = json_tokener_parse(
		"{\"slots\": [{\"slot\": 1, \"thread\": 5, \"bus\": \"0000:01\"}], \"tasks\": ["
		TASK(5, "irq/25-pciehp", "\"pciehp_unconfigure_device\", \"pciehp_disable_slot\","
		     "\"pciehp_ist\"") ","
		TASK(6, "sh", "\"device_release_driver_internal\", \"pci_stop_bus_device\","
		     "\"pci_stop_and_remove_bus_device_locked\", \"remove_store\"") ","
		TASK(7, "xenwatch", "\"pciehp_reset_slot\", \"__pci_reset_function_locked\","
		     "\"pcistub_put_pci_dev\", \"xen_pcibk_frontend_changed\"") "]}");

	(void)state;
	expect_row(evidence, "xen-detach", "xen-detach");
	json_object_put(evidence);
}

/* An owner that has the drive open and runs is no deadlock, whoever else closes drives. */
static void test_owner_that_runs(void **state)
{
	struct json_object *evidence = load("hangs/6.1/vfio-close.live.json");
	struct json_object *owner = json_tokener_parse(
		"{\"id\": \"qemu\", \"pid\": 999, \"devices\": [\"0000:03:00.0\"]}");

	(void)state;
	json_object_array_add(json_object_object_get(evidence, "owners"), owner);
	expect_row(evidence, "vfio-close with another owner", "vfio-freeze");
	json_object_put(evidence);
}

/* vfio's request of a removal that is over is no reason for anything. */
static void test_old_request(void **state)
{
	expect_kind("[    2.1] vfio-pci 0000:02:00.0: Relaying device request to user (#0)\n"
		    "[    3.1] pci 0000:02:00.0: Removing from iommu group 7\n"
		    "[   99.0] sysrq: Show Blocked State\n"
		    "[   99.1] task:sh              state:D stack:0     pid:71    ppid:2      flags:0x4000\n"
		    "[   99.1] Call Trace:\n"
		    "[   99.1]  dev_rescan_store+0x42/0x70\n", SG_HANG_UNKNOWN);
	(void)state;
}

static void test_no_log(void **state)
{
	struct json_object *evidence = NULL;
	struct sg_error err;

	(void)state;
	assert_int_equal(sg_klog_evidence("hello\n", 6, &evidence, &err), -EINVAL);
	assert_int_equal(sg_klog_evidence("", 0, &evidence, &err), -EINVAL);
	assert_null(evidence);
}

/* Bytes changed, lines lost, the end cut off: whatever comes of it, it comes to an end. */
static void damage(const char *name, const char *row)
{
	sg_autofree char *log = slurp(name);
	size_t len = strlen(log);

	(void)row;
	for (unsigned int seed = 1; seed <= 20; seed++) {
		sg_autofree char *copy = strdup(log);
		unsigned int random = seed * 2654435761u;

		assert_non_null(copy);
		for (size_t i = 0; i < len / 100; i++) {
			random = random * 1664525u + 1013904223u;
			copy[random % len] = random >> 16 & 1 ? '\n' : (char)(random >> 24);
		}
		LLVMFuzzerTestOneInput((const uint8_t *)copy, len - random % (len / 2));
	}
}

static void test_damaged(void **state)
{
	(void)state;
	each_had(true, damage);
}

/* Without the right to read stacks there is no name, but there are slots. */
static void test_unseen(void **state)
{
	struct json_object *evidence = json_tokener_parse(
		"{\"blind\": true, \"missing\": [\"stacks\"],"
		" \"slots\": [{\"slot\": 100000, \"name\": \"2-1\", \"thread\": 5}],"
		" \"tasks\": [" TASK(5, "irq/26-pciehp", "") "]}");
	struct sg_diagnosis diagnosis = diagnosed(evidence);
	sg_autofree char *text = words_of(&diagnosis);

	(void)state;
	assert_int_equal(diagnosis.kind, SG_HANG_UNSEEN);
	assert_non_null(strstr(text, "slot 2-1's interrupt thread"));
	assert_non_null(strstr(text, "slots: 2-1"));
	assert_non_null(strstr(text, "stacks"));
	sg_diagnosis_deinit(&diagnosis);
	json_object_put(evidence);
}

static void test_says(void **state)
{
	struct json_object *evidence = load("hangs/6.1/vfio-freeze.live.json");
	struct sg_diagnosis diagnosis = diagnosed(evidence);
	sg_autofree char *text = words_of(&diagnosis);
	static const char *const phrases[] = {
		"Standstill: vfio-freeze", "slot 2's interrupt thread waits for the rescan/remove lock",
		"a process that is not stuck", "whole machine", "slots: 1, 2", "Without a reboot",
		"Let the owner", "Next time", NULL
	};

	(void)state;
	for (size_t i = 0; phrases[i]; i++)
		if (!strstr(text, phrases[i]))
			fail_msg("\"%s\" is not in:\n%s", phrases[i], text);
	sg_diagnosis_deinit(&diagnosis);
	sg_diagnosis_deinit(NULL);
	json_object_put(evidence);
}

/* What a log cannot tell it says, with what would settle it. */
static void test_if_it_is_the_owner(void **state)
{
	struct json_object *evidence = load("hangs/6.1/numvfs-read.sysrq-w.log");
	struct sg_diagnosis diagnosis = diagnosed(evidence);

	(void)state;
	assert_true(diagnosis.notes.count > 0);
	assert_non_null(strstr(diagnosis.notes.items[0], "this is the deadlock numvfs-read"));
	sg_diagnosis_deinit(&diagnosis);
	json_object_put(evidence);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_had),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_nothing_hangs),
		cmocka_unit_test(test_last_report_counts),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_xen_detach),
		cmocka_unit_test(test_owner_that_runs),
		cmocka_unit_test(test_old_request),
		cmocka_unit_test(test_no_log),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_unseen),
		cmocka_unit_test(test_says),
		cmocka_unit_test(test_if_it_is_the_owner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
