// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_report.c - pages: what is escaped, what is loaded, what is drawn
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "html.h"
#include "json.h"
#include "report.h"
#include "slotgate/strv.h"
#include "timeline.h"

/* --- writing --- */

struct written {
	struct html html;
	char *text;
	size_t size;
};

static void begin(struct written *written)
{
	*written = (struct written){ .text = NULL };
	written->html.out = open_memstream(&written->text, &written->size);
	assert_non_null(written->html.out);
}

static void ends_as(struct written *written, const char *want)
{
	fclose(written->html.out);
	assert_int_equal(written->html.depth, 0);
	assert_string_equal(written->text, want);
	free(written->text);
}

static void text_is_escaped(void **state)
{
	struct written written;

	(void)state;
	begin(&written);
	html_class(&written.html, "p", "a\"b");
	html_attr(&written.html, "title", "%s", "<&>");
	html_text(&written.html, "%s", "<script>alert('x') & \"y\"</script>");
	html_end(&written.html);
	ends_as(&written, "<p class=\"a&quot;b\" title=\"&lt;&amp;&gt;\">"
		"&lt;script&gt;alert('x') &amp; &quot;y&quot;&lt;/script&gt;</p>\n");
}

static void what_is_no_text_is_replaced(void **state)
{
	struct written written;

	(void)state;
	begin(&written);
	html_element(&written.html, "b", NULL, "%s", "a\x01z\xff\xc3\xa9\xe2\x82!");
	ends_as(&written, "<b>a\xef\xbf\xbdz\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd!</b>");
}

static void elements_nest(void **state)
{
	struct written written;

	(void)state;
	begin(&written);
	html_begin(&written.html, "b");
	html_begin(&written.html, "input");
	html_void(&written.html);
	html_element(&written.html, "i", "x", "%d", 1);
	html_end(&written.html);
	ends_as(&written, "<b><input><i class=\"x\">1</i></b>");
}

/* --- time lines --- */

static void long_gaps_are_cut(void **state)
{
	struct timeline timeline = { .unit = "s" };
	struct timeline_axis axis;
	size_t cuts = 0;

	(void)state;
	for (int i = 0; i < 10; i++)
		timeline_add(&timeline, TIMELINE_TASKS, "a", TIMELINE_RUN, i * 0.1, i * 0.1 + 0.1, "%d", i);
	timeline_add(&timeline, TIMELINE_TASKS, "a", TIMELINE_STUCK, 1.0, 500, "stuck");
	assert_int_equal(timeline.err, 0);
	assert_int_equal(timeline.nlanes, 1);
	assert_int_equal(timeline_axis_init(&axis, &timeline, 100, 1000), 0);
	for (size_t i = 0; i < axis.count; i++)
		cuts += axis.pieces[i].cut;
	assert_int_equal(cuts, 1);
	assert_true(timeline_axis_x(&axis, 0) == 100);
	assert_true(timeline_axis_x(&axis, 1.0) > 500);
	assert_true(timeline_axis_x(&axis, 500) > 1099.9 && timeline_axis_x(&axis, 500) < 1100.1);
	timeline_axis_deinit(&axis);
	timeline_deinit(&timeline);
}

static void steps_are_never_cut(void **state)
{
	struct timeline timeline = { .unit = "" };
	struct timeline_axis axis;

	(void)state;
	timeline_add(&timeline, TIMELINE_TASKS, "a", TIMELINE_RUN, 0, 1, "x");
	timeline_add(&timeline, TIMELINE_TASKS, "b", TIMELINE_RUN, 1, 90, "y");
	assert_int_equal(timeline_axis_init(&axis, &timeline, 0, 900), 0);
	assert_int_equal(axis.count, 1);
	assert_true(timeline_axis_x(&axis, 45) == 450);
	timeline_axis_deinit(&axis);
	timeline_deinit(&timeline);
}

static void what_overlaps_gets_rows(void **state)
{
	struct timeline timeline = { .unit = "s" };
	struct written written;

	(void)state;
	begin(&written);
	timeline_add(&timeline, TIMELINE_TASKS, "a", TIMELINE_HOLD, 0, 2, "outer");
	timeline_add(&timeline, TIMELINE_TASKS, "a", TIMELINE_HOLD, 1, 2, "inner");
	timeline_add(&timeline, TIMELINE_TASKS, "a", TIMELINE_REFUSED, 1.5, 1.5, "no");
	timeline_print(&written.html, &timeline, "test");
	fclose(written.html.out);
	assert_int_equal(timeline.lanes[0].rows, 2);
	assert_true(timeline.lanes[0].marked);
	assert_non_null(strstr(written.text, "refused or put off"));
	free(written.text);
	timeline_deinit(&timeline);
}

/* --- pages --- */

static int no_prediction(const char *path, struct json_object **ret, struct sg_error *err)
{
	(void)ret;
	return sg_error_set(err, -EINVAL, "%s: no trace", path);
}

static int some_prediction(const char *path, struct json_object **ret, struct sg_error *err)
{
	(void)path;
	(void)err;
	*ret = json_tokener_parse(
		"{\"predicted\": 1, \"findings\": [{\"verdict\": \"predicted\", \"tasks\": ["
		"{\"task\": \"one\", \"holds\": [{\"object\": \"a\", \"kind\": \"mutex\", \"record\": 1}],"
		" \"waits\": {\"object\": \"b\", \"kind\": \"mutex\", \"record\": 2, \"up_to\": [1]}},"
		"{\"task\": \"<two>\", \"holds\": [{\"object\": \"b\", \"kind\": \"mutex\", \"record\": 3}],"
		" \"waits\": {\"object\": \"a\", \"kind\": \"mutex\", \"record\": 4, \"up_to\": [0]}}],"
		"\"schedule\": [{\"task\": \"one\", \"first\": 1, \"last\": 1, \"as_recorded\": true},"
		"{\"task\": \"<two>\", \"first\": 3, \"last\": 3, \"as_recorded\": false}]}]}");
	return 0;
}

static struct report new_report(void)
{
	return (struct report){ .title = "<title>", .made = "made", .predict = no_prediction };
}

static char *page_of(struct report *report)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct sg_error err;

	assert_non_null(out);
	assert_int_equal(report_write(out, report, &err), 0);
	fclose(out);
	return text;
}

/* Every href="#x" leads to an id="x". */
static void links_lead_somewhere(const char *page)
{
	static const char begin[] = "href=\"#";

	for (const char *at = page; (at = strstr(at, begin)); at++) {
		char id[256];
		const char *name = at + strlen(begin);

		snprintf(id, sizeof(id), "id=\"%.*s\"", (int)strcspn(name, "\""), name);
		if (!strstr(page, id))
			fail_msg("no %s", id);
	}
}

struct folder {
	char path[64];
};

static struct folder new_folder(void)
{
	struct folder folder = { "/tmp/test-report-XXXXXX" };

	assert_non_null(mkdtemp(folder.path));
	return folder;
}

static char *put(const struct folder *folder, const char *name, const char *text)
{
	char *path = sg_format("%s/%s", folder->path, name), *slash;
	struct sg_error err;

	assert_non_null(path);
	slash = strrchr(path, '/');
	*slash = '\0';
	assert_int_equal(sg_mkdirs(path, &err), 0);
	*slash = '/';
	assert_int_equal(sg_file_write(path, text, strlen(text), &err), 0);
	return path;
}

static void is_refused(const char *path, const char *reason)
{
	struct report report = new_report();
	struct sg_error err = { "" };

	assert_true(report_load(&report, path, &err) < 0);
	if (!strstr(err.text, reason) || !strstr(err.text, path))
		fail_msg("\"%s\" says nothing of %s and \"%s\"", err.text, path, reason);
	report_deinit(&report);
}

static void bad_input_is_named(void **state)
{
	static const struct {
		const char *text, *reason;
	} inputs[] = {
		{ "", "empty" }, { "{", "broken JSON" }, { "{\"a\": 1}", "JSON, but" },
		{ "{\"runs\": [{}]}", "without a verdict" }, { "no trace", "no trace" },
	};
	struct folder folder = new_folder();
	char *missing = sg_format("%s/missing", folder.path);

	(void)state;
	is_refused(folder.path, "no run in this folder");
	is_refused(missing, "No such file");
	for (size_t i = 0; i < sizeof(inputs) / sizeof(*inputs); i++) {
		char *path = put(&folder, "input", inputs[i].text);

		is_refused(path, inputs[i].reason);
		free(path);
	}
	free(missing);
	sg_remove_tree(folder.path);
}

static void hang_is_explained(void **state)
{
	struct report report = new_report();
	struct sg_error err;
	char *page;

	(void)state;
	assert_int_equal(report_load(&report, "tests/data/vfio_close.json", &err), 0);
	assert_int_equal(report.count, 1);
	assert_string_equal(report.entries[0].verdict, "hung");
	page = page_of(&report);
	assert_non_null(strstr(page, "&lt;title&gt;"));
	assert_non_null(strstr(page, "<code>vfio-close</code>"));
	assert_non_null(strstr(page, "the rescan/remove lock"));
	links_lead_somewhere(page);
	free(page);
	report_deinit(&report);
}

static void graph_without_graphviz(void **state)
{
	struct report report = new_report();
	struct sg_error err;
	char *path = strdup(getenv("PATH")), *page;

	(void)state;
	assert_int_equal(report_load(&report, "tests/data/vfio_close.json", &err), 0);
	setenv("PATH", "/nonexistent", 1);
	page = page_of(&report);
	setenv("PATH", path, 1);
	assert_non_null(strstr(report.undrawn, "dot"));
	assert_non_null(strstr(page, "No picture: "));
	assert_non_null(strstr(page, "part of the deadlock"));
	free(path);
	free(page);
	report_deinit(&report);
}

static const char evil[] =
	"{\"t\":\"boot\",\"ms\":1000,\"release\":\"6.1.0-1-amd64\"}\n"
	"{\"t\":\"op\",\"ms\":2000,\"text\":\"owner o1 1\"}\n"
	"{\"t\":\"note\",\"ms\":2100,\"text\":\"owner o1 <script>alert(1)</script>\"}\n"
	"{\"t\":\"events\",\"ms\":2200,\"lines\":["
	"\" irq/25-pciehp-54 [001] ..... 2.15: event_begin: (x) slot=\\\"1\\\"\","
	"\" irq/25-pciehp-54 [001] ..... 2.19: event_end: (x) slot=\\\"1\\\"\", \"rubbish\"]}\n"
	"{\"t\":\"op\",\"ms\":3000,\"tex";

static void run_that_goes_on(void **state)
{
	struct folder folder = new_folder();
	char *records = put(&folder, "deep/er/vfio-close-7-stock/records.jsonl", evil), *page;
	struct report report = new_report();
	struct sg_error err;

	(void)state;
	assert_int_equal(report_load(&report, folder.path, &err), 0);
	assert_int_equal(report.count, 1);
	assert_string_equal(report.entries[0].title, "vfio-close, seed 7, stock");
	assert_string_equal(report.entries[0].verdict, "unfinished");
	assert_string_equal(report.entries[0].release, "6.1.0-1-amd64");
	assert_int_equal(report.entries[0].broken, 1);
	page = page_of(&report);
	assert_null(strstr(page, "<script"));
	assert_non_null(strstr(page, "slot 1's gate"));
	assert_non_null(strstr(page, "1 record could not be read"));
	free(page);
	free(records);
	report_deinit(&report);
	sg_remove_tree(folder.path);
}

static void board_knows_what_should_be(void **state)
{
	static const char board[] =
		"{\"kernels\": [{\"kernel\": \"k\", \"runs\": ["
		"{\"scenario\": \"vfio-close\", \"seed\": 1, \"with\": \"stock\", \"verdict\": \"hung\","
		" \"release\": \"6.1.0-56-amd64\"},"
		"{\"scenario\": \"vfio-close\", \"seed\": 1, \"with\": \"slotgate\", \"verdict\": \"hung\","
		" \"release\": \"6.1.0-56-amd64\"},"
		"{\"scenario\": \"storm\", \"seed\": 1, \"with\": \"stock\", \"verdict\": \"hung\","
		" \"release\": \"6.1.0-56-amd64\"}]}]}";
	static const enum report_expectation wanted[] = {
		REPORT_AS_EXPECTED, REPORT_UNEXPECTED, REPORT_OPEN
	};
	struct folder folder = new_folder();
	char *path = put(&folder, "board.json", board), *page;
	struct report report = new_report();
	struct sg_error err;

	(void)state;
	assert_int_equal(report_load(&report, path, &err), 0);
	assert_int_equal(report.count, 3);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(report.entries[i].expectation, wanted[i]);
	page = page_of(&report);
	assert_non_null(strstr(page, "1 of 3 not as it should be"));
	assert_null(strstr(page, "id=\"verdict-hung\""));	/* all are, so there is no choice */
	assert_non_null(strstr(page, "id=\"with-stock\""));
	links_lead_somewhere(page);
	free(page);
	free(path);
	report_deinit(&report);
	sg_remove_tree(folder.path);
}

static void storm_of_ones_own(void **state)
{
	static const char storm[] =
		"{\"slotgate\": \"x\", \"begin\": {\"t\": \"storm-begin\", \"seed\": 5, \"slots\": 2},"
		" \"end\": {\"t\": \"storm-end\", \"verdict\": \"hung\", \"reason\": \"off in slot 1\","
		" \"elapsed_ms\": 1500, \"kinds\": [{\"kind\": \"off\", \"calls\": 3, \"max_ms\": 9}],"
		" \"slots\": [{\"slot\": \"1\", \"device\": \"0000:01:00.0\", \"ops\": 3}]}}";
	struct folder folder = new_folder();
	char *path = put(&folder, "storm.json", storm), *page;
	char *log = put(&folder, "dmesg.log", "one\nINFO: task x:1 blocked for more than 120 seconds.\n");
	struct report report = new_report();
	struct sg_error err;

	(void)state;
	assert_int_equal(report_load(&report, folder.path, &err), 0);
	assert_int_equal(report_load(&report, path, &err), 0);
	assert_int_equal(report.count, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_string_equal(report.entries[i].title, "storm on this machine, seed 5");
		assert_string_equal(report.entries[i].verdict, "hung");
		assert_int_equal(report.entries[i].expectation, REPORT_OPEN);
	}
	page = page_of(&report);
	assert_non_null(strstr(page, "off in slot 1"));
	assert_non_null(strstr(page, "<mark>INFO: task x:1"));
	assert_non_null(strstr(page, "0000:01:00.0"));
	free(page);
	free(log);
	free(path);
	report_deinit(&report);
	sg_remove_tree(folder.path);
}

static void trace_is_predicted_from(void **state)
{
	struct folder folder = new_folder();
	char *path = put(&folder, "trace", "T0|acq(a)|1\n"), *page;
	struct report report = new_report();
	struct sg_error err;

	(void)state;
	report.predict = some_prediction;
	assert_int_equal(report_load(&report, path, &err), 0);
	assert_string_equal(report.entries[0].verdict, "predicted");
	page = page_of(&report);
	assert_non_null(strstr(page, "&lt;two&gt;"));
	assert_null(strstr(page, "<two>"));
	assert_non_null(strstr(page, "as recorded: records 1 to 1"));
	free(page);
	free(path);
	report_deinit(&report);
	sg_remove_tree(folder.path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_escaped),
		cmocka_unit_test(what_is_no_text_is_replaced),
		cmocka_unit_test(elements_nest),
		cmocka_unit_test(long_gaps_are_cut),
		cmocka_unit_test(steps_are_never_cut),
		cmocka_unit_test(what_overlaps_gets_rows),
		cmocka_unit_test(bad_input_is_named),
		cmocka_unit_test(hang_is_explained),
		cmocka_unit_test(graph_without_graphviz),
		cmocka_unit_test(run_that_goes_on),
		cmocka_unit_test(board_knows_what_should_be),
		cmocka_unit_test(storm_of_ones_own),
		cmocka_unit_test(trace_is_predicted_from),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
