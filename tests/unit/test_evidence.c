// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_evidence.c - from evidence to cycle
 *
 * tests/data/ holds evidence of real hangs of a stock 6.1 kernel.  Run from
 * the top of the tree, or with SG_TESTS set to the tests folder.
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

#include <slotgate/evidence.h>

static struct json_object *load(const char *name)
{
	const char *tests = getenv("SG_TESTS");
	struct json_object *ret;
	char path[512];

	snprintf(path, sizeof(path), "%s/data/%s.json", tests ? tests : "tests", name);
	ret = json_object_from_file(path);
	assert_non_null(ret);
	return ret;
}

/* The evidence of @name, with every one of @phrases in its explanation. */
static void explains(const char *name, bool cycle, const char *const *phrases)
{
	struct json_object *evidence = load(name);
	char *text = sg_evidence_explain(evidence);

	assert_non_null(text);
	for (; *phrases; phrases++)
		if (!strstr(text, *phrases))
			fail_msg("\"%s\" is not in:\n%s", *phrases, text);
	assert_int_equal(sg_evidence_has_cycle(evidence), cycle);
	free(text);
	json_object_put(evidence);
}

static void test_vfio_close(void **state)
{
	(void)state;
	explains("vfio_close", true, (const char *const[]){
		"slot 2's interrupt thread waits until 0000:02:00.0 is closed, opened by owner o1",
		"owner o1 waits for slot 4's reset lock, held by slot 4's interrupt thread",
		"slot 4's interrupt thread waits for the rescan/remove lock, held by slot 2's "
		"interrupt thread",
		"holds the device lock of 0000:04:00.0",
		"holds the device lock of 0000:02:00.0",
		NULL });
}

static void test_nested_ports(void **state)
{
	(void)state;
	explains("nested_ports", true, (const char *const[]){
		"slot 2's interrupt thread waits until nobody is inside slot 4's power file, "
		"where there is process \"off 4\"",
		"process \"off 4\" waits until slot 4's interrupt thread is done",
		"slot 4's interrupt thread waits for the rescan/remove lock, held by slot 2's "
		"interrupt thread",
		"holds the device lock of 0000:03:",
		NULL });
}

/* kernfs_drain() and device_release_driver_internal() are inlined there. */
static void test_nested_ports_5_10(void **state)
{
	(void)state;
	explains("nested_ports_5_10", true, (const char *const[]){
		"slot 2's interrupt thread waits until nobody is inside slot 4's power file, "
		"where there is process \"off 4\"",
		"slot 4's interrupt thread waits for the rescan/remove lock, held by slot 2's "
		"interrupt thread",
		"holds the device lock of 0000:03:",
		NULL });
}

static void test_rescan_remove(void **state)
{
	(void)state;
	explains("rescan_remove", true, (const char *const[]){
		"waits until nobody is inside the sysfs file 0000:02:00.0/rescan, where there is "
		"process \"write w1 ",
		"waits for the rescan/remove lock, held by process \"write r ",
		NULL });
}

static void test_numvfs_remove(void **state)
{
	(void)state;
	explains("numvfs_remove", true, (const char *const[]){
		"waits for the device lock of 0000:02:00.0, held by process \"write w ",
		"waits for the rescan/remove lock, held by process \"write r ",
		NULL });
}

static void test_numvfs_read(void **state)
{
	(void)state;
	explains("numvfs_read", true, (const char *const[]){
		"owner o1 waits for the device lock of 0000:01:00.0, held by process \"write r ",
		"waits until 0000:01:00.0 is closed, opened by owner o1",
		NULL });
}

static void test_slot_mutex(void **state)
{
	(void)state;
	explains("slot_mutex", true, (const char *const[]){
		"error recovery thread irq/26-aerdrv waits for slot 2's reset lock, held by slot "
		"2's interrupt thread",
		"slot 2's interrupt thread waits for the slot mutex, held by error recovery thread",
		NULL });
}

static void test_slot_mutex_device(void **state)
{
	(void)state;
	explains("slot_mutex_device", true, (const char *const[]){
		"waits for the device lock of 0000:03:00.0, held by process \"write u ",
		"waits for the slot mutex, held by error recovery thread",
		NULL });
}

static void test_aer_sriov(void **state)
{
	(void)state;
	explains("aer_sriov", true, (const char *const[]){
		"waits for the bus list semaphore, held by error recovery thread",
		"waits for the device lock of 0000:02:00.0, held by process \"write n ",
		"waits for the rescan/remove lock, held by slot 1's interrupt thread",
		NULL });
}

static void test_vfio_igate(void **state)
{
	(void)state;
	explains("vfio_igate", true, (const char *const[]){
		"waits for vfio's igate of 0000:04:00.0, held by process \"irq i 0000:04:00.0\"",
		"waits for vfio's memory_lock of 0000:04:00.0, held by process \"doze d 0000:04:00.0\"",
		"\"doze d 0000:04:00.0\" waits for the bus list semaphore, held by process \"write r",
		"waits for the bus list semaphore, held by error recovery thread",
		NULL });
}

static void test_xen_detach(void **state)
{
	(void)state;
	explains("xen_detach", true, (const char *const[]){
		"process \"xenwatch\" waits for slot 4's reset lock, held by slot 4's interrupt thread",
		"slot 4's interrupt thread waits for the rescan/remove lock, held by slot 5's",
		"waits for xen-pciback's semaphore, held by process \"xenwatch\"",
		NULL });
}

static void test_aer_unbind(void **state)
{
	(void)state;
	explains("aer_unbind", true, (const char *const[]){
		"waits for the device lock of 0000:00:03.0, held by process \"write u ",
		"waits until error recovery of 0000:00:03.0 is over, done by error recovery thread",
		NULL });
}

/* Without a slot the whole bus is locked. */
static void test_aer_unbind_alone(void **state)
{
	(void)state;
	explains("aer_unbind_alone", true, (const char *const[]){
		"waits for the device lock of 0000:00:03.0, held by process \"write u ",
		"waits until error recovery of 0000:00:03.0 is over, done by error recovery thread",
		NULL });
}

static void test_vfio_close_any_error(void **state)
{
	(void)state;
	explains("vfio_close_any_error", true, (const char *const[]){
		"error recovery thread irq/26-aerdrv waits for slot 2's reset lock",
		"waits for the device lock of 0000:02:00.0, held by error recovery thread",
		NULL });
}

static void test_rescan_off(void **state)
{
	(void)state;
	explains("rescan_off", true, (const char *const[]){
		"slot 2's interrupt thread waits until nobody is inside the sysfs file "
		"0000:02:00.0/rescan",
		"waits for the rescan/remove lock, held by slot 2's interrupt thread",
		NULL });
}

static void test_vfio_freeze(void **state)
{
	(void)state;
	explains("vfio_freeze", false, (const char *const[]){
		"waits for the rescan/remove lock, held by slot ",
		"is closed, opened by owner o1 (pid ",
		"a process that is not stuck",
		NULL });
}

static void test_vfio_close_any(void **state)
{
	(void)state;
	explains("vfio_close_any", true, (const char *const[]){
		"process \"write r 0000:00:04.0/remove\" waits for the device lock of "
		"0000:02:00.0, held by process \"write t 0000:02:00.0/reset\"",
		"process \"write t 0000:02:00.0/reset\" waits for slot 3's reset lock, held by "
		"slot 3's interrupt thread",
		"slot 3's interrupt thread waits for the rescan/remove lock, held by process "
		"\"write r 0000:00:04.0/remove\"",
		NULL });
}

/* A reset that locks the port first: the last lock that it got tells which one it wants. */
static void test_reset_unbind_3(void **state)
{
	(void)state;
	explains("reset_unbind_3", true, (const char *const[]){
		"slot 2's interrupt thread waits until nobody is inside the sysfs file "
		"0000:02:00.0/reset",
		"waits for the device lock of 0000:00:04.0, held by process \"write u driver/unbind\"",
		"process \"write u driver/unbind\" waits until slot 2's interrupt thread is done",
		NULL });
}

static void test_port_wedge(void **state)
{
	(void)state;
	explains("port_wedge", false, (const char *const[]){
		"process \"write t1 0000:01:00.0/reset\" (write t1 0000:0, pid 150)\n"
		"    holds the device lock of 0000:00:03.0\n",
		"process \"write t1 0000:01:00.0/reset\" waits for the device lock of 0000:01:00.0, "
		"held by process \"write u driver/unbind\"",
		"waits until 0000:01:00.0 is closed, opened by owner o1",
		NULL });
}

/* The slot that has nothing to do with it waits for a drive that is gone. */
static void test_absent_reset(void **state)
{
	(void)state;
	explains("absent_reset", false, (const char *const[]){
		"slot 1's interrupt thread waits for the rescan/remove lock, held by slot 2's "
		"interrupt thread",
		"slot 2's interrupt thread waits for the device lock of 0000:02:00.0, held by "
		"owner o1",
		"owner o1 waits for 0000:02:00.0 to answer, that is hardware and no task",
		NULL });
}

static void test_json(void **state)
{
	struct json_object *evidence = load("vfio_close");
	struct json_object *json = sg_evidence_to_json(evidence), *value;

	(void)state;
	assert_non_null(json);
	assert_true(json_object_get_boolean(json_object_object_get(json, "cycle")));
	value = json_object_object_get(json, "path");
	assert_int_equal(json_object_array_length(value), 3);
	value = json_object_array_get_idx(value, 0);
	assert_non_null(json_object_object_get(value, "who"));
	assert_non_null(json_object_object_get(value, "waits"));
	assert_non_null(json_object_object_get(value, "holder"));
	json_object_put(json);
	json_object_put(evidence);
}

static void refused(const char *text)
{
	struct json_object *evidence = json_tokener_parse(text);
	struct sg_analysis analysis = { .ntasks = 77 };

	assert_int_equal(sg_evidence_analyse(evidence, &analysis), -EINVAL);
	assert_int_equal(analysis.ntasks, 77);
	assert_null(sg_evidence_explain(evidence));
	assert_null(sg_evidence_to_json(evidence));
	assert_false(sg_evidence_has_cycle(evidence));
	json_object_put(evidence);
}

static void test_refused(void **state)
{
	(void)state;
	refused("null");
	refused("[]");
	refused("\"evidence\"");
	refused("{}");
	refused("{\"tasks\": 3}");
	refused("{\"tasks\": [3]}");
	refused("{\"tasks\": [{}]}");
	refused("{\"tasks\": [{\"pid\": 1, \"stack\": \"schedule\"}]}");
}

static struct sg_analysis analysed(const char *text)
{
	struct json_object *evidence = json_tokener_parse(text);
	struct sg_analysis analysis;
	char *words;

	assert_non_null(evidence);
	assert_int_equal(sg_evidence_analyse(evidence, &analysis), 0);
	words = sg_evidence_explain(evidence);
	assert_non_null(words);
	free(words);
	json_object_put(evidence);
	return analysis;
}

static void test_nobody_stuck(void **state)
{
	struct sg_analysis analysis = analysed("{\"tasks\": []}");

	(void)state;
	assert_int_equal(analysis.ntasks, 0);
	assert_int_equal(analysis.npath, 0);
	assert_false(analysis.cycle);
	sg_analysis_deinit(&analysis);
	sg_analysis_deinit(NULL);
}

/* Wrong types and missing members deeper down read as absent. */
static void test_garbage_inside(void **state)
{
	struct sg_analysis analysis = analysed(
		"{\"tasks\": [{\"pid\": \"x\", \"stack\": [1, null, {}], \"calls\": [3, {}],"
		" \"latest\": 5, \"file\": []},"
		" {\"pid\": 2, \"stack\": [\"kernfs_drain\"], \"calls\": 1},"
		" {\"pid\": 3, \"stack\": []}],"
		" \"slots\": [null, 3, {\"slot\": []}], \"owners\": [7, {\"pid\": 2,"
		" \"slots\": [1], \"devices\": [1]}]}");

	(void)state;
	assert_int_equal(analysis.ntasks, 3);
	assert_false(analysis.cycle);
	assert_int_equal(analysis.tasks[1].waits.kind, SG_RES_FILE);
	sg_analysis_deinit(&analysis);
}

/* Two who wait for the same lock, and nobody seen who holds it. */
static void test_no_cycle(void **state)
{
	struct sg_analysis analysis = analysed(
		"{\"tasks\": [{\"pid\": 5, \"stack\": [\"dev_rescan_store\"]},"
		" {\"pid\": 6, \"stack\": [\"mutex_lock\", \"dev_rescan_store\"]}]}");

	(void)state;
	assert_false(analysis.cycle);
	assert_int_equal(analysis.npath, 1);
	assert_int_equal(analysis.tasks[0].waits.kind, SG_RES_TOPOLOGY);
	assert_int_equal(analysis.tasks[0].nholds, 0);
	assert_int_equal(analysis.tasks[1].waits.kind, SG_RES_TOPOLOGY);
	assert_non_null(strstr(analysis.end, "not among the stuck"));
	sg_analysis_deinit(&analysis);
}

/* A device that the evidence does not name is no device in particular. */
static void test_unknown_is_no_match(void **state)
{
	struct sg_analysis analysis = analysed(
		"{\"tasks\": [{\"pid\": 5, \"stack\": [\"device_release_driver_internal\"]},"
		" {\"pid\": 6, \"stack\": [\"pci_reset_function\","
		" \"device_release_driver_internal\"]}]}");

	(void)state;
	assert_false(analysis.cycle);
	assert_int_equal(analysis.tasks[1].nholds, 0);
	sg_analysis_deinit(&analysis);
}

/* Two device locks, taken in either order: names decide. */
#define ABBA(first, second)                                                                    \
	"{\"tasks\": ["                                                                        \
	"{\"pid\": 5, \"stack\": [\"pci_dev_lock\", \"device_release_driver_internal\"],"      \
	" \"calls\": [{\"frame\": 0, \"function\": \"pci_dev_lock\", \"on\": \"" second "\"},"  \
	" {\"frame\": 1, \"function\": \"device_release_driver_internal\", \"on\": \"a\"}]},"  \
	"{\"pid\": 6, \"stack\": [\"pci_dev_lock\", \"device_release_driver_internal\"],"      \
	" \"calls\": [{\"frame\": 0, \"function\": \"pci_dev_lock\", \"on\": \"a\"},"          \
	" {\"frame\": 1, \"function\": \"device_release_driver_internal\", \"on\": \"" first "\"}]}]}"

static void test_names_decide(void **state)
{
	struct sg_analysis analysis = analysed(ABBA("b", "b"));

	(void)state;
	assert_true(analysis.cycle);
	assert_int_equal(analysis.npath, 2);
	sg_analysis_deinit(&analysis);
	analysis = analysed(ABBA("b", "c"));
	assert_false(analysis.cycle);
	assert_int_equal(analysis.npath, 2);
	sg_analysis_deinit(&analysis);
}

/* On kernel line pciehp-2020 handlers keep the reset lock while they unbind. */
static void test_abba_2020(void **state)
{
	(void)state;
	explains("abba_2020", true, (const char *const[]){
		"holds slot 2's reset lock, as nobody else can",
		"slot 2's interrupt thread waits for the device lock of 0000:02:00.0, held by "
		"owner o1",
		"owner o1 waits for slot 2's reset lock, held by slot 2's interrupt thread",
		NULL });
}

/* A handler that unbinds, a resetter, and @third, who may have what that one wants. */
#define UNBINDING(third)                                                                       \
	"{\"tasks\": ["                                                                        \
	"{\"pid\": 5, \"stack\": [\"device_del\", \"pci_stop_and_remove_bus_device\","         \
	" \"pciehp_unconfigure_device\"]},"                                                    \
	"{\"pid\": 6, \"stack\": [\"pciehp_reset_slot\"],"                                     \
	" \"calls\": [{\"frame\": 0, \"function\": \"x\", \"on\": \"0000:01:00.0\"}]},"          \
	"{\"pid\": 7, \"stack\": [" third "\"pciehp_reset_slot\"],"                            \
	" \"calls\": [{\"frame\": 1, \"function\": \"x\", \"on\": \"0000:01:00.0\"}]}],"         \
	"\"slots\": [{\"slot\": 1, \"thread\": 5, \"bus\": \"0000:01\"}]}"

static size_t reset_locks(const struct sg_task *task)
{
	size_t count = 0;

	for (size_t i = 0; i < task->nholds; i++)
		count += task->holds[i].kind == SG_RES_RESET;
	return count;
}

/* Nothing is supposed of who is known to be innocent: somebody else has it. */
static void test_supposed(void **state)
{
	struct sg_analysis analysis = analysed(UNBINDING(""));

	(void)state;
	assert_int_equal(analysis.tasks[1].waits.kind, SG_RES_RESET);
	assert_int_equal(reset_locks(&analysis.tasks[0]), 1);
	sg_analysis_deinit(&analysis);
	analysis = analysed(UNBINDING("\"pcie_wait_for_link\", "));
	assert_int_equal(reset_locks(&analysis.tasks[0]), 0);
	assert_int_equal(reset_locks(&analysis.tasks[2]), 1);
	sg_analysis_deinit(&analysis);
}

/* Readers do not wait for readers: two interrupt threads are no cycle. */
static void test_readers(void **state)
{
	struct sg_analysis analysis = analysed(
		"{\"tasks\": [{\"pid\": 5, \"stack\": [\"pciehp_ist\"]},"
		" {\"pid\": 6, \"stack\": [\"other\", \"pciehp_disable_slot\"]}],"
		" \"slots\": [{\"slot\": 1, \"thread\": 5}, {\"slot\": 1, \"thread\": 6}]}");

	(void)state;
	assert_int_equal(analysis.tasks[0].waits.kind, SG_RES_RESET);
	assert_true(analysis.tasks[0].waits.shared);
	assert_int_equal(analysis.npath, 1);
	sg_analysis_deinit(&analysis);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vfio_close),
		cmocka_unit_test(test_nested_ports),
		cmocka_unit_test(test_nested_ports_5_10),
		cmocka_unit_test(test_rescan_remove),
		cmocka_unit_test(test_numvfs_remove),
		cmocka_unit_test(test_numvfs_read),
		cmocka_unit_test(test_rescan_off),
		cmocka_unit_test(test_slot_mutex),
		cmocka_unit_test(test_slot_mutex_device),
		cmocka_unit_test(test_aer_sriov),
		cmocka_unit_test(test_vfio_igate),
		cmocka_unit_test(test_xen_detach),
		cmocka_unit_test(test_aer_unbind),
		cmocka_unit_test(test_aer_unbind_alone),
		cmocka_unit_test(test_vfio_close_any_error),
		cmocka_unit_test(test_vfio_freeze),
		cmocka_unit_test(test_vfio_close_any),
		cmocka_unit_test(test_reset_unbind_3),
		cmocka_unit_test(test_port_wedge),
		cmocka_unit_test(test_absent_reset),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_nobody_stuck),
		cmocka_unit_test(test_garbage_inside),
		cmocka_unit_test(test_no_cycle),
		cmocka_unit_test(test_unknown_is_no_match),
		cmocka_unit_test(test_names_decide),
		cmocka_unit_test(test_abba_2020),
		cmocka_unit_test(test_supposed),
		cmocka_unit_test(test_readers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
