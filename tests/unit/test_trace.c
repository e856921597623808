// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_trace.c - traces: written and read, cut short, damaged, as text
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "fuzz/fuzz.h"
#include "slotgate/lab.h"
#include "slotgate/plan.h"
#include "slotgate/trace.h"

static char path[] = "/tmp/slotgate-trace-XXXXXX";

static int setup(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 || close(fd);
}

static int teardown(void **state)
{
	(void)state;
	return unlink(path);
}

static struct sg_trace_writer *create(void)
{
	struct sg_trace_writer *writer;
	struct sg_error err;

	assert_int_equal(sg_trace_create(path, &writer, &err), 0);
	return writer;
}

static void put(struct sg_trace_writer *writer, struct sg_trace_record record)
{
	struct sg_error err;

	assert_int_equal(sg_trace_write(writer, &record, &err), 0);
}

static void put_event(struct sg_trace_writer *writer, uint32_t task, enum sg_trace_op op,
		      uint32_t object)
{
	struct sg_error err;

	assert_int_equal(sg_trace_write_event(writer, task, op, object, &err), 0);
}

/* Two tasks, two locks, a stack. */
static void write_sample(uint64_t events)
{
	struct sg_trace_writer *writer = create();
	struct sg_error err;

	put(writer, (struct sg_trace_record){ .type = SG_TRACE_META, .text = "kernel=6.1" });
	sg_trace_write_task(writer, "irq/25-pciehp", NULL, &err);
	sg_trace_write_task(writer, "owner\n1", NULL, &err);
	sg_trace_write_object(writer, SG_OBJ_DEVICE, "0000:01:00.0", NULL, &err);
	sg_trace_write_object(writer, SG_OBJ_MUTEX, "rescan/remove", NULL, &err);
	put(writer, (struct sg_trace_record){ .type = SG_TRACE_SYMBOL, .id = 1, .text = "a" });
	put(writer, (struct sg_trace_record){ .type = SG_TRACE_STACK, .id = 1,
					      .frames = (uint32_t[]){ 1, 1 }, .nframes = 2 });
	put(writer, (struct sg_trace_record){ .type = SG_TRACE_LOST, .count = 300 });
	for (uint64_t i = 0; i < events; i++)
		put(writer, (struct sg_trace_record){ .task = i % 2, .object = i % 2,
						      .op = i % 4 < 2 ? SG_OP_ACQUIRE : SG_OP_RELEASE,
						      .stack = i % 2, .time = 1000 * i });
	assert_int_equal(sg_trace_finish(writer, &err), 0);
}

static struct sg_trace_reader *open_it(void)
{
	struct sg_trace_reader *reader;
	struct sg_error err;

	assert_int_equal(sg_trace_open(path, &reader, &err), 0);
	return reader;
}

static void expect(struct sg_trace_reader *reader, enum sg_trace_type type,
		   struct sg_trace_record *ret)
{
	struct sg_error err;

	assert_int_equal(sg_trace_read(reader, ret, &err), 1);
	assert_int_equal(ret->type, type);
}

static void test_round_trip(void **state)
{
	struct sg_trace_reader *reader;
	struct sg_trace_record record;
	struct sg_error err;

	(void)state;
	write_sample(1000);
	reader = open_it();
	expect(reader, SG_TRACE_META, &record);
	assert_string_equal(record.text, "kernel=6.1");
	expect(reader, SG_TRACE_TASK, &record);
	assert_string_equal(record.text, "irq/25-pciehp");
	expect(reader, SG_TRACE_TASK, &record);
	assert_int_equal(record.id, 1);
	assert_string_equal(record.text, "owner?1");
	expect(reader, SG_TRACE_OBJECT, &record);
	assert_int_equal(record.kind, SG_OBJ_DEVICE);
	expect(reader, SG_TRACE_OBJECT, &record);
	expect(reader, SG_TRACE_SYMBOL, &record);
	expect(reader, SG_TRACE_STACK, &record);
	assert_int_equal(record.nframes, 2);
	assert_int_equal(record.frames[1], 1);
	expect(reader, SG_TRACE_LOST, &record);
	assert_int_equal(record.count, 300);
	for (unsigned int i = 0; i < 1000; i++) {
		expect(reader, SG_TRACE_EVENT, &record);
		assert_int_equal(record.time, 1000 * i);
		assert_int_equal(record.stack, i % 2);
	}
	assert_int_equal(sg_trace_read(reader, &record, &err), 0);
	assert_false(sg_trace_cut_short(reader));
	sg_trace_close(reader);
}

/* What was written before a crash is good, and that it is not all is told. */
static void test_cut_short(void **state)
{
	struct sg_trace_reader *reader;
	struct sg_trace_record record;
	struct sg_trace_writer *writer = create();
	struct sg_error err;
	size_t size, records = 0;
	struct sg_rng rng;
	char *data;

	(void)state;
	sg_rng_init(&rng, 1);
	sg_trace_write_task(writer, "t", NULL, &err);
	sg_trace_write_object(writer, SG_OBJ_MUTEX, "l", NULL, &err);
	for (int i = 0; i < 500000; i++)	/* irregular, for a file of some length */
		put(writer, (struct sg_trace_record){ .time = i * 10000ULL + sg_rng_next(&rng) % 9999 });
	assert_int_equal(sg_trace_finish(writer, &err), 0);
	assert_int_equal(sg_file_read(path, &data, &size), 0);
	assert_int_equal(sg_file_write(path, data, size / 2, &err), 0);
	free(data);
	reader = open_it();
	while (sg_trace_read(reader, &record, &err) == 1)
		records++;
	assert_in_range(records, 1000, 499999);
	assert_true(sg_trace_cut_short(reader));
	sg_trace_close(reader);
}

static int read_all(const char *data, size_t size, struct sg_error *err)
{
	struct sg_trace_record record;
	struct sg_trace_reader *reader;
	int code;

	assert_int_equal(sg_file_write(path, data, size, err), 0);
	code = sg_trace_open(path, &reader, err);
	if (code)
		return code;
	do
		code = sg_trace_read(reader, &record, err);
	while (code > 0);
	sg_trace_close(reader);
	return code;
}

#define MAGIC "slotgate-trace 1\n"

/* Not compressed is fine for the reader; each is wrong in one way. */
static void test_bad_records(void **state)
{
	static const struct {
		const char *data;
		size_t size;
		const char *text;
	} cases[] = {
#define CASE(bytes, text) { MAGIC bytes, sizeof(MAGIC bytes) - 1, text }
		CASE("\x00\x00\x00\x00\x00", "record 1: a task that was not defined"),
		CASE("\x41\x01t\x00\x00\x00\x00\x00", "record 2: an object that was not defined"),
		CASE("\x41\x01t\x42\x02\x01l\x00\x00\x00\x01\x00", "record 3: a stack that was not"),
		CASE("\x20\x00\x00\x00\x00", "record 1: an operation that does not exist"),
		CASE("\x80\x00", "record 1: an operation that does not exist"),
		CASE("\x41\x01\x07", "record 1: a name with signs that cannot be printed"),
		CASE("\x42\x00", "record 1: an object without kind"),
		CASE("\x44\x01\x01", "record 1: a symbol that was not defined"),
		CASE("\x46\x01\x05", "record 1: the trace ends with another number of events"),
		CASE("\x46\x01\x00x", "record 1: something comes behind the end"),
		CASE("\x41\xff\xff\xff\x7f", "record 1: a length out of range"),
		{ "slotgate-trace 2\n", 17, "a trace of another version" },
		{ "\x28\xb5\x2f\xfdgarbage......", 17, "the compression is damaged here" },
		{ "\x7f" "ELF", 4, "line 1: neither a trace of slotgate nor STD text" },
		{ "A|acq(L)|1\nA|grab(L)|2\n", 23, "line 2: an operation that does not exist" },
		{ "A acq L\n", 8, "line 1: no \"TASK|\" at the beginning" },
		{ "A|acq(L\n", 8, "line 1: no \")\" behind the object" },
		{ "A|acq()|1\n", 10, "line 1: an operation on nothing" },
	};
	struct sg_error err;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_true(read_all(cases[i].data, cases[i].size, &err) < 0);
		if (!strstr(err.text, cases[i].text))
			fail_msg("\"%s\" is not in \"%s\"", cases[i].text, err.text);
		assert_non_null(strstr(err.text, path));
	}
}

/* Records of a later version are passed over; a file without its end is no error. */
static void test_unknown_record(void **state)
{
	struct sg_error err;

	(void)state;
	assert_int_equal(read_all(MAGIC "\x70\x03zzz\x41\x01t\x46\x01\x00", 17 + 11, &err), 0);
	assert_int_equal(read_all(MAGIC "\x41\x05t", 17 + 3, &err), 0);
}

static void test_wrong_id_refused(void **state)
{
	struct sg_trace_writer *writer = create();
	struct sg_trace_record record = { .type = SG_TRACE_TASK, .id = 1, .text = "t" };
	struct sg_error err;

	(void)state;
	assert_int_equal(sg_trace_write(writer, &record, &err), -EINVAL);
	assert_non_null(strstr(err.text, "id 1 where 0 comes next"));
	sg_trace_abandon(writer);
}

static void test_std_round_trip(void **state)
{
	static const char text[] =
		"# comment\nA|acq(L1)|x.c:3\nA|r(V1)|9\nA|acqr(L2)|\nA|tryfail(L3)|x.c:3\r\n"
		"A|fork(B)|4\nB|await(E)|5\nB|drain(L2)|6";
	static const char wanted[] =
		"A|acq(L1)|1\nA|acqr(L2)|0\nA|tryfail(L3)|1\nA|fork(B)|2\n"
		"B|await(completion:E)|3\nB|drain(L2)|4\n";
	struct sg_trace_reader *reader;
	struct sg_error err;
	char *out = NULL;
	size_t size;
	FILE *file;

	(void)state;
	assert_int_equal(sg_file_write(path, text, sizeof(text) - 1, &err), 0);
	reader = open_it();
	file = open_memstream(&out, &size);
	assert_int_equal(sg_trace_export_std(reader, file, &err), 0);
	fclose(file);
	assert_string_equal(out, wanted);
	free(out);
	sg_trace_close(reader);
}

/* Names that would mean something else in STD text, and two objects of one name. */
static void test_std_names(void **state)
{
	struct sg_trace_writer *writer = create();
	struct sg_trace_reader *reader;
	struct sg_error err;
	char *out = NULL;
	size_t size;
	FILE *file;

	(void)state;
	sg_trace_write_task(writer, "a (b)|c", NULL, &err);
	sg_trace_write_object(writer, SG_OBJ_RWSEM, "x y", NULL, &err);
	sg_trace_write_object(writer, SG_OBJ_RWSEM, "x y", NULL, &err);
	put_event(writer, 0, SG_OP_ACQUIRE, 0);
	put_event(writer, 0, SG_OP_ACQUIRE, 1);
	assert_int_equal(sg_trace_finish(writer, &err), 0);
	reader = open_it();
	file = open_memstream(&out, &size);
	assert_int_equal(sg_trace_export_std(reader, file, &err), 0);
	fclose(file);
	assert_string_equal(out, "a__b__c|acq(rwsem:x_y)|0\na__b__c|acq(rwsem:x_y:1)|0\n");
	free(out);
	sg_trace_close(reader);
}

static void test_unreadable(void **state)
{
	struct sg_trace_reader *reader;
	struct sg_trace_writer *writer;
	struct sg_error err;

	(void)state;
	assert_int_equal(sg_trace_open("/no/file", &reader, &err), -ENOENT);
	assert_string_equal(err.text, "cannot read /no/file: No such file or directory");
	assert_int_equal(sg_trace_open("/", &reader, &err), -EISDIR);
	assert_int_equal(sg_trace_create("/no/file", &writer, &err), -ENOENT);
}

/* Bytes changed, cut and doubled at random, compressed and not, binary and text. */
static void test_damaged(void **state)
{
	static const char text[] = MAGIC
		"\x41\x01" "a\x41\x01" "b\x42\x02\x01l\x42\x02\x02m\x43\x01s\x44\x01\x01"
		"\x00\x00\x00\x01\x05\x00\x00\x01\x00\x05\x06\x00\x01\x00\x01\x06\x00\x00\x00\x01"
		"\x08\x00\x01\x00\x01\x01\x01\x01\x00\x01\x00\x01\x00\x00\x01\x06\x01\x00\x00\x01"
		"\x06\x01\x01\x00\x01\x09\x00\x01\x00\x01\x46\x01\x0a";
	static const char std[] =
		"A|acq(L)|1\nA|acq(M)|2\nA|fork(B)|3\nA|rel(M)|4\nA|rel(L)|5\nB|acqr(M)|6\n"
		"B|acq(L)|7\nB|rel(L)|8\nB|drain(L)|9\nB|tryfail(M)|1\nA|join(B)|2\nB|signal(E)|1\n"
		"A|await(E)|1\n";
	unsigned char data[600];
	struct sg_rng rng;

	(void)state;
	sg_rng_init(&rng, 1);
	for (int round = 0; round < 6000; round++) {
		const char *from = round % 2 ? text : std;
		size_t size = round % 2 ? sizeof(text) - 1 : sizeof(std) - 1;

		memcpy(data, from, size);
		for (unsigned int i = sg_rng_range(&rng, 1, 4); i > 0; i--) {
			size_t at = sg_rng_range(&rng, 0, size - 1);

			data[at] = round % 3 ? data[sg_rng_range(&rng, 0, size - 1)] : sg_rng_next(&rng);
		}
		if (round % 5 == 0)
			size = sg_rng_range(&rng, 0, size);
		LLVMFuzzerTestOneInput(data, size);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_cut_short),
		cmocka_unit_test(test_bad_records),
		cmocka_unit_test(test_unknown_record),
		cmocka_unit_test(test_wrong_id_refused),
		cmocka_unit_test(test_std_round_trip),
		cmocka_unit_test(test_std_names),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
