// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_record.c - events of the recorder's part in the kernel, as a trace and what is predicted of it
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "record_internal.h"
#include "slotgate/cleanup.h"
#include "slotgate/lab.h"
#include "slotgate/predict.h"

#define SYMBOLS							\
	"ffffffff81000000 T _text\n"				\
	"ffffffff81000100 t first_taker\n"			\
	"ffffffff81000200 t sg_topo_enter_file\t[slotgate]\n"	\
	"ffffffff81000300 t asm_common_interrupt\n"		\
	"ffffffff81000400 t bpf_trampoline_1\n"			\
	"ffffffff82000000 d pci_rescan_remove_lock\n"		\
	"ffffffff82000100 d some_table\n"			\
	"0000000000000010 A per_cpu_thing\n"

enum {
	TAKER = 0x81000110, TOPO = 0x81000210, INTERRUPT = 0x81000310, TRAMPOLINE = 0x81000410,
};

#define AT(offset) (0xffffffff00000000ULL | (uint32_t)(offset))
#define RESCAN_REMOVE AT(0x82000000)

struct fixture {
	char trace[64], kallsyms[64];
	struct sg_symbols *symbols;
	struct sg_trace_writer *writer;
	struct sg_scribe *scribe;
	uint64_t time;
};

static struct fixture fix;

static int setup(void **state)
{
	struct sg_error err;

	(void)state;
	fix = (struct fixture){ .trace = "/tmp/slotgate-rec-XXXXXX",
				.kallsyms = "/tmp/slotgate-sym-XXXXXX" };
	close(mkstemp(fix.trace));
	close(mkstemp(fix.kallsyms));
	if (sg_file_write(fix.kallsyms, SYMBOLS, strlen(SYMBOLS), &err) ||
	    sg_symbols_create(fix.kallsyms, &fix.symbols) ||
	    sg_trace_create(fix.trace, &fix.writer, &err) ||
	    sg_scribe_create(fix.writer, fix.symbols, &fix.scribe))
		return -1;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sg_scribe_destroy(fix.scribe);
	sg_symbols_destroy(fix.symbols);
	sg_trace_abandon(fix.writer);
	unlink(fix.trace);
	unlink(fix.kallsyms);
	return 0;
}

static void take(struct rec_event event)
{
	struct sg_error err;

	event.time = ++fix.time * 1000;
	assert_int_equal(sg_scribe_take(fix.scribe, &event, &err), 0);
}

static void begin(unsigned int tid, const char *folder, const char *file)
{
	struct rec_event event = { .type = REC_BEGIN, .what = REC_WRITE, .tid = tid, .comm = "sh" };

	snprintf(event.folder, sizeof(event.folder), "%s", folder);
	snprintf(event.name, sizeof(event.name), "%s", file);
	take(event);
}

static void end(unsigned int tid)
{
	take((struct rec_event){ .type = REC_END, .tid = tid });
}

static void lock(unsigned int tid, enum rec_class what, enum sg_trace_op op, uint64_t object,
		 const char *folder, const char *name)
{
	struct rec_event event = { .type = REC_LOCK, .what = what, .op = op, .tid = tid,
				   .object = object, .nframes = 1, .frames = { AT(TAKER) } };

	snprintf(event.folder, sizeof(event.folder), "%s", folder);
	snprintf(event.name, sizeof(event.name), "%s", name);
	take(event);
}

/* The trace so far, as STD text. */
static char *text(void)
{
	struct sg_trace_reader *reader;
	struct sg_error err;
	char *ret;
	size_t size;
	FILE *out = open_memstream(&ret, &size);

	assert_int_equal(sg_trace_finish(sg_steal(fix.writer), &err), 0);
	assert_int_equal(sg_trace_open(fix.trace, &reader, &err), 0);
	assert_int_equal(sg_trace_export_std(reader, out, &err), 0);
	sg_trace_close(reader);
	fclose(out);
	return ret;
}

static void assert_text(const char *want)
{
	sg_autofree char *have = text();

	assert_string_equal(have, want);
}

/* rescan-remove, as the kernel tells it. */
static void rescan_and_remove(void)
{
	begin(1, "0000:01:00.0", "rescan");
	lock(1, REC_SYSFS, SG_OP_TRY_SHARED, 0x10, "0000:01:00.0", "rescan");
	lock(1, REC_MUTEX, SG_OP_ACQUIRE, RESCAN_REMOVE, "", "");
	lock(1, REC_MUTEX, SG_OP_RELEASE, RESCAN_REMOVE, "", "");
	lock(1, REC_SYSFS, SG_OP_RELEASE, 0x10, "0000:01:00.0", "rescan");
	end(1);
	begin(1, "0000:01:00.0", "remove");
	lock(1, REC_MUTEX, SG_OP_ACQUIRE, RESCAN_REMOVE, "", "");
	lock(1, REC_SYSFS, SG_OP_DRAIN, 0x10, "0000:01:00.0", "rescan");
	lock(1, REC_MUTEX, SG_OP_RELEASE, RESCAN_REMOVE, "", "");
	end(1);
}

static void predicts_rescan_remove(void **state)
{
	struct sg_predict *predict = sg_predict_create();
	const struct sg_predict_options limits = {0};
	const struct sg_finding *findings;
	struct sg_trace_reader *reader;
	struct sg_error err;
	size_t count;

	(void)state;
	rescan_and_remove();
	assert_int_equal(sg_trace_finish(sg_steal(fix.writer), &err), 0);
	assert_int_equal(sg_trace_open(fix.trace, &reader, &err), 0);
	assert_int_equal(sg_predict_add(predict, reader, NULL, NULL, &err), 0);
	assert_int_equal(sg_predict_run(predict, &limits, &err), 0);
	findings = sg_predict_findings(predict, &count);
	assert_int_equal(count, 1);
	assert_int_equal(findings->verdict, SG_PREDICTED);
	assert_int_equal(findings->nparties, 2);
	sg_trace_close(reader);
	sg_predict_destroy(predict);
}

/* A thread that still holds something goes on as the task it was. */
static void keeps_owner(void **state)
{
	(void)state;
	take((struct rec_event){ .type = REC_BEGIN, .what = REC_VFIO, .tid = 7, .comm = "spdk" });
	lock(7, REC_OPEN, SG_OP_TRY_SHARED, 0x20, "", "0000:01:00.0");
	end(7);
	begin(7, "0000:01:00.0", "sriov_numvfs");
	lock(7, REC_DEVICE, SG_OP_ACQUIRE, 0x30, "", "0000:01:00.0");
	lock(7, REC_DEVICE, SG_OP_RELEASE, 0x30, "", "0000:01:00.0");
	end(7);
	assert_text("spdk/7__1,_uses_vfio|tryr(open:0000:01:00.0)|1\n"
		    "spdk/7__1,_uses_vfio|acq(device:0000:01:00.0)|1\n"
		    "spdk/7__1,_uses_vfio|rel(device:0000:01:00.0)|0\n");
}

/* Each operation of a thread that holds nothing is a task. */
static void begins_again(void **state)
{
	(void)state;
	begin(1, "4", "power");
	lock(1, REC_SLOT_THREAD, SG_OP_DRAIN, 0x40, "", "4");
	end(1);
	begin(1, "5", "power");
	lock(1, REC_SLOT_THREAD, SG_OP_DRAIN, 0x50, "", "5");
	end(1);
	assert_text("sh/1__1,_writes_4/power|drain(thread:slot_4's_interrupt_thread)|1\n"
		    "sh/1__2,_writes_5/power|drain(thread:slot_5's_interrupt_thread)|1\n");
}

/* What was taken before the task was followed is left out. */
static void drops_strange_release(void **state)
{
	(void)state;
	begin(1, "d", "f");
	lock(1, REC_DEVICE, SG_OP_RELEASE, 0x30, "", "0000:01:00.0");
	lock(1, REC_SYSFS, SG_OP_RELEASE, 0x31, "d", "f");
	end(1);
	assert_text("");
}

enum { NONE, FIRST, SECOND };	/* places where a task keeps locks that know their owner */
#define GAVE(place) (1ULL << ((place) - 1))

/* It is kept at @place if it was got; before that those of @released were given back. */
static void own(unsigned int tid, enum sg_trace_op op, const char *device, unsigned int place,
		uint64_t released)
{
	struct rec_event event = { .type = REC_LOCK, .what = REC_DEVICE, .op = op, .tid = tid,
				   .object = 0x30 + *device, .owned = place, .released = released };

	snprintf(event.name, sizeof(event.name), "%s", device);
	take(event);
}

static void end_with(unsigned int tid, uint64_t released)
{
	take((struct rec_event){ .type = REC_END, .tid = tid, .released = released });
}

/* Of a lock that knows its owner nobody sees the release itself; twice told is once. */
static void releases_what_is_not_owned(void **state)
{
	(void)state;
	begin(1, "d", "f");
	own(1, SG_OP_ACQUIRE, "a", FIRST, 0);
	own(1, SG_OP_TRY, "b", SECOND, 0);
	own(1, SG_OP_TRY_FAILED, "c", NONE, GAVE(FIRST));
	own(1, SG_OP_TRY, "d", FIRST, GAVE(FIRST));
	end_with(1, GAVE(FIRST) | GAVE(SECOND));
	assert_text("sh/1__1,_writes_d/f|acq(device:a)|0\n"
		    "sh/1__1,_writes_d/f|try(device:b)|0\n"
		    "sh/1__1,_writes_d/f|rel(device:a)|0\n"
		    "sh/1__1,_writes_d/f|tryfail(device:c)|0\n"
		    "sh/1__1,_writes_d/f|try(device:d)|0\n"
		    "sh/1__1,_writes_d/f|rel(device:d)|0\n"
		    "sh/1__1,_writes_d/f|rel(device:b)|0\n");
}

/* Who gets it got it from whoever had it, who tells later. */
static void takes_over(void **state)
{
	(void)state;
	begin(1, "d", "f");
	begin(2, "d", "g");
	own(1, SG_OP_ACQUIRE, "a", FIRST, 0);
	own(2, SG_OP_TRY_FAILED, "a", NONE, 0);
	own(2, SG_OP_ACQUIRE, "a", FIRST, 0);
	own(1, SG_OP_ACQUIRE, "a", FIRST, GAVE(FIRST));
	assert_text("sh/1__1,_writes_d/f|acq(device:a)|0\n"
		    "sh/2__2,_writes_d/g|tryfail(device:a)|0\n"
		    "sh/1__1,_writes_d/f|rel(device:a)|0\n"
		    "sh/2__2,_writes_d/g|acq(device:a)|0\n"
		    "sh/2__2,_writes_d/g|rel(device:a)|0\n"
		    "sh/1__1,_writes_d/f|acq(device:a)|0\n");
}

/* Taken once more is not told; but somebody had it in between. */
static void takes_back(void **state)
{
	(void)state;
	begin(1, "d", "f");
	begin(2, "d", "g");
	own(1, SG_OP_ACQUIRE, "a", FIRST, 0);
	own(2, SG_OP_ACQUIRE, "a", FIRST, 0);
	own(1, SG_OP_ACQUIRE, "b", SECOND, 0);
	end_with(2, GAVE(FIRST));
	end_with(1, GAVE(FIRST) | GAVE(SECOND));
	assert_text("sh/1__1,_writes_d/f|acq(device:a)|0\n"
		    "sh/1__1,_writes_d/f|rel(device:a)|0\n"
		    "sh/2__2,_writes_d/g|acq(device:a)|0\n"
		    "sh/2__2,_writes_d/g|rel(device:a)|0\n"
		    "sh/1__1,_writes_d/f|acq(device:a)|0\n"
		    "sh/1__1,_writes_d/f|acq(device:b)|0\n"
		    "sh/1__1,_writes_d/f|rel(device:a)|0\n"
		    "sh/1__1,_writes_d/f|rel(device:b)|0\n");
}

/* What became of a lock that somebody else got is not known when losses hide its end. */
static void forgets_what_it_lent(void **state)
{
	(void)state;
	begin(1, "d", "f");
	begin(2, "d", "g");
	own(1, SG_OP_ACQUIRE, "a", FIRST, 0);
	own(2, SG_OP_ACQUIRE, "a", FIRST, 0);
	begin(1, "d", "h");
	own(1, SG_OP_ACQUIRE, "b", FIRST, 0);
	assert_text("sh/1__1,_writes_d/f|acq(device:a)|0\n"
		    "sh/1__1,_writes_d/f|rel(device:a)|0\n"
		    "sh/2__2,_writes_d/g|acq(device:a)|0\n"
		    "sh/1__3,_writes_d/h|acq(device:b)|0\n");
}

/* The tree's lock is given back around a drain. */
static void drains_outside_of_tree(void **state)
{
	struct rec_event drain = { .type = REC_LOCK, .what = REC_SYSFS, .op = SG_OP_DRAIN, .tid = 1,
				   .object = 0x10, .aux = 0x99, .name = "f", .folder = "d" };

	(void)state;
	begin(1, "d", "remove");
	take((struct rec_event){ .type = REC_NAMED, .what = REC_SYSFS, .tid = 1, .object = 0x99 });
	lock(1, REC_RWSEM, SG_OP_ACQUIRE, 0x99, "", "");
	take(drain);
	assert_text("sh/1__1,_writes_d/remove|acq(rwsem:the_lock_of_the_sysfs_tree)|1\n"
		    "sh/1__1,_writes_d/remove|rel(rwsem:the_lock_of_the_sysfs_tree)|0\n"
		    "sh/1__1,_writes_d/remove|drain(sysfs:d/f)|0\n"
		    "sh/1__1,_writes_d/remove|acq(rwsem:the_lock_of_the_sysfs_tree)|0\n");
}

/* Several threads share an interrupt; each does one thing at a time. */
static void shares_interrupts(void **state)
{
	struct rec_event thread = { .type = REC_LOCK, .what = REC_IRQ_THREAD, .op = SG_OP_TRY,
				    .tid = 2, .aux = 4000000, .name = "aerdrv" };

	(void)state;
	take((struct rec_event){ .type = REC_BEGIN, .what = REC_IRQ, .tid = 2, .comm = "irq/9-a" });
	take(thread);
	thread.op = SG_OP_DRAIN;
	thread.tid = 3;
	thread.name[0] = '\0';
	begin(3, "p", "unbind");
	take(thread);
	assert_text("irq/9-a__1|try(thread:the_aerdrv_thread_of_interrupt_4000000)|0\n"
		    "irq/9-a__1|tryr(thread:the_interrupt_threads_of_interrupt_4000000)|0\n"
		    "sh/3__2,_writes_p/unbind|drain(thread:the_interrupt_threads_of_interrupt_4000000)|0\n");
}

static void complete(unsigned int tid, enum sg_trace_op op, uint64_t frame)
{
	take((struct rec_event){ .type = REC_LOCK, .what = REC_COMPLETION, .op = op, .tid = tid,
				 .object = AT(0x82000108), .nframes = 1, .frames = { frame } });
}

/* One that nobody known completed, or an interrupt did, is not waited for. */
static void pairs_completions(void **state)
{
	(void)state;
	begin(1, "d", "f");
	complete(1, SG_OP_AWAIT, AT(TAKER));
	complete(1, SG_OP_SIGNAL, AT(INTERRUPT));
	complete(1, SG_OP_AWAIT, AT(TAKER));
	complete(1, SG_OP_SIGNAL, AT(TAKER));
	complete(1, SG_OP_AWAIT, AT(TAKER));
	assert_text("sh/1__1,_writes_d/f|signal(completion:some_table+0x8)|1\n"
		    "sh/1__1,_writes_d/f|await(completion:some_table+0x8)|1\n");
}

/* A wait at the topology gate that can be left is none. */
static void leaves_topology_gate(void **state)
{
	(void)state;
	begin(1, "d", "rescan");
	take((struct rec_event){ .type = REC_LOCK, .what = REC_MUTEX, .op = SG_OP_ACQUIRE, .tid = 1,
				 .object = RESCAN_REMOVE, .nframes = 2,
				 .frames = { AT(TRAMPOLINE), AT(TOPO) } });
	assert_text("sh/1__1,_writes_d/rescan|try(the_rescan/remove_lock)|1\n");
}

static struct sg_named name_of(struct sg_namer *namer, enum rec_class what, uint64_t object)
{
	struct rec_event event = { .what = what, .object = object, .nframes = 2,
				   .frames = { AT(TRAMPOLINE), AT(TAKER) } };
	struct sg_named named;

	assert_int_equal(sg_namer_object(namer, &event, &named), 0);
	return named;
}

static void names_locks(void **state)
{
	struct rec_event made = { .object = 0x77, .name = "&vdev->igate" };
	struct rec_event reset = { .what = REC_RWSEM, .object = 0x78, .name = "4" };
	struct sg_namer *namer;
	struct sg_named one, other;

	(void)state;
	assert_int_equal(sg_namer_create(fix.symbols, &namer), 0);
	assert_string_equal(name_of(namer, REC_MUTEX, RESCAN_REMOVE).name, "the rescan/remove lock");
	assert_string_equal(name_of(namer, REC_MUTEX, AT(0x82000120)).name, "some_table+0x20");
	one = name_of(namer, REC_MUTEX, 0x66);
	assert_non_null(strstr(one.name, "a mutex of first_taker ("));
	other = name_of(namer, REC_MUTEX, 0x66);
	assert_string_equal(one.name, other.name);
	assert_int_equal(sg_namer_made(namer, &made, "0000:01:00.0"), 0);
	assert_string_equal(name_of(namer, REC_MUTEX, 0x77).name, "vfio's igate of 0000:01:00.0");
	assert_int_equal(sg_namer_named(namer, &reset), 0);
	assert_string_equal(name_of(namer, REC_RWSEM, 0x78).name, "slot 4's reset lock");
	made = (struct rec_event){ .object = 0x66, .name = "&x->lock" };
	assert_int_equal(sg_namer_made(namer, &made, ""), 0);
	other = name_of(namer, REC_MUTEX, 0x66);
	assert_string_not_equal(one.name, other.name);
	assert_non_null(strstr(other.name, "&x->lock ("));
	sg_namer_destroy(namer);
}

/* A removal that slotgate announces ends by where it began. */
static void announces_removals(void **state)
{
	struct rec_event announced = { .type = REC_LOCK, .what = REC_LEAVE, .op = SG_OP_TRY, .tid = 1,
				       .object = 0x123, .aux = 1, .name = "0000:00:03.0" };

	(void)state;
	begin(1, "d", "remove");
	take(announced);
	announced.op = SG_OP_RELEASE;
	announced.name[0] = '\0';
	take(announced);
	assert_text("sh/1__1,_writes_d/remove|try(other:the_announced_removal_of_what_is_below_0000:00:03.0)|0\n"
		    "sh/1__1,_writes_d/remove|rel(other:the_announced_removal_of_what_is_below_0000:00:03.0)|0\n");
}

static void bound(unsigned int tid, enum sg_trace_op op)
{
	lock(tid, REC_BOUND, op, 0x77, "", "0000:01:00.0");
}

/* Who found a driver would have found none after it was unbound. */
static void knows_drivers(void **state)
{
	(void)state;
	begin(1, "d", "sriov_numvfs");
	bound(1, SG_OP_TRY_SHARED);
	end(1);
	begin(1, "d", "unbind");
	bound(1, SG_OP_TRY);
	end(1);
	begin(1, "d", "bind");
	bound(1, SG_OP_RELEASE);
	bound(1, SG_OP_TRY_SHARED);
	end(1);
	assert_text("sh/1__1,_writes_d/sriov_numvfs|tryr(other:having_a_driver,_0000:01:00.0)|1\n"
		    "sh/1__1,_writes_d/sriov_numvfs|rel(other:having_a_driver,_0000:01:00.0)|0\n"
		    "sh/1__2,_writes_d/unbind|try(other:having_a_driver,_0000:01:00.0)|1\n"
		    "sh/1__3,_writes_d/bind|tryr(other:having_a_driver,_0000:01:00.0__1_)|1\n"
		    "sh/1__3,_writes_d/bind|rel(other:having_a_driver,_0000:01:00.0__1_)|0\n");
}

static void tells_losses(void **state)
{
	struct sg_trace_reader *reader;
	struct sg_trace_record record;
	struct sg_error err;
	uint64_t lost = 0;

	(void)state;
	assert_int_equal(sg_scribe_lost(fix.scribe, 5, &err), 0);
	assert_int_equal(sg_trace_finish(sg_steal(fix.writer), &err), 0);
	assert_int_equal(sg_trace_open(fix.trace, &reader, &err), 0);
	while (sg_trace_read(reader, &record, &err) == 1)
		lost += record.type == SG_TRACE_LOST ? record.count : 0;
	assert_int_equal(lost, 5);
	sg_trace_close(reader);
}

static void take_with_stack(enum sg_trace_op op, uint64_t object, uint64_t key, uint64_t frame)
{
	take((struct rec_event){ .type = REC_LOCK, .what = REC_MUTEX, .op = op, .tid = 1,
				 .object = object, .stack = key, .nframes = 1,
				 .frames = { frame } });
}

/* A key is enough to know a stack again, and whether slotgate can leave, until keys are forgotten. */
static void knows_stacks_by_key(void **state)
{
	(void)state;
	begin(1, "d", "remove");
	take_with_stack(SG_OP_ACQUIRE, RESCAN_REMOVE, 5, AT(TOPO));
	lock(1, REC_MUTEX, SG_OP_RELEASE, RESCAN_REMOVE, "", "");
	take_with_stack(SG_OP_ACQUIRE, RESCAN_REMOVE, 5, 0);
	lock(1, REC_MUTEX, SG_OP_RELEASE, RESCAN_REMOVE, "", "");
	sg_scribe_modules(fix.scribe);
	take_with_stack(SG_OP_ACQUIRE, RESCAN_REMOVE, 5, AT(TAKER));
	lock(1, REC_MUTEX, SG_OP_RELEASE, RESCAN_REMOVE, "", "");
	end(1);
	assert_text("sh/1__1,_writes_d/remove|try(the_rescan/remove_lock)|1\n"
		    "sh/1__1,_writes_d/remove|rel(the_rescan/remove_lock)|0\n"
		    "sh/1__1,_writes_d/remove|try(the_rescan/remove_lock)|1\n"
		    "sh/1__1,_writes_d/remove|rel(the_rescan/remove_lock)|0\n"
		    "sh/1__1,_writes_d/remove|acq(the_rescan/remove_lock)|2\n"
		    "sh/1__1,_writes_d/remove|rel(the_rescan/remove_lock)|0\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(predicts_rescan_remove),
		TEST(keeps_owner),
		TEST(begins_again),
		TEST(drops_strange_release),
		TEST(releases_what_is_not_owned),
		TEST(takes_over),
		TEST(takes_back),
		TEST(forgets_what_it_lent),
		TEST(drains_outside_of_tree),
		TEST(shares_interrupts),
		TEST(pairs_completions),
		TEST(leaves_topology_gate),
		TEST(names_locks),
		TEST(announces_removals),
		TEST(knows_drivers),
		TEST(tells_losses),
		TEST(knows_stacks_by_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
