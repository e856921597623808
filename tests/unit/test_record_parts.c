// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_record_parts.c - what the recorder keeps outside of the kernel: stacks by key, numbers
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "record_internal.h"

static struct rec_event keyed(uint64_t key, unsigned int nframes)
{
	struct rec_event event = { .type = REC_LOCK, .stack = key, .nframes = nframes };

	for (unsigned int i = 0; i < nframes; i++)
		event.frames[i] = key + i;
	return event;
}

/* What the kernel told of a stack is there for all events that have its key alone. */
static void fills_in_frames(void **state)
{
	struct rec_event first = keyed(8, 2), again = keyed(8, 0), strange = keyed(9, 0),
			 none = keyed(0, 1), other = keyed(8, 1), broken = keyed(8, 1);
	struct sg_frames *frames;

	(void)state;
	assert_int_equal(sg_frames_create(&frames), 0);
	assert_int_equal(sg_frames_fill(frames, &first), 0);
	assert_int_equal(sg_frames_fill(frames, &again), 0);
	assert_int_equal(again.nframes, 2);
	assert_memory_equal(again.frames, first.frames, 2 * sizeof(*first.frames));
	assert_int_equal(sg_frames_fill(frames, &strange), 0);
	assert_int_equal(strange.nframes, 0);
	assert_int_equal(sg_frames_fill(frames, &none), 0);
	assert_int_equal(none.nframes, 1);
	assert_int_equal(sg_frames_fill(frames, &other), 0);
	again.nframes = 0;
	assert_int_equal(sg_frames_fill(frames, &again), 0);
	assert_int_equal(again.nframes, 1);
	broken.nframes = REC_FRAMES + 1;
	assert_int_equal(sg_frames_fill(frames, &broken), -EINVAL);
	sg_frames_destroy(frames);
}

/* Too many are forgotten by halves: those on their way are still known. */
static void forgets_frames(void **state)
{
	struct rec_event on_its_way = keyed(1, 0), forgotten = keyed(1, 0);
	struct sg_frames *frames;
	uint64_t key = 1;

	(void)state;
	assert_int_equal(sg_frames_create(&frames), 0);
	for (int times = 0; times < 2; times++) {
		for (; !sg_frames_full(frames); key++) {
			struct rec_event event = keyed(key, 1);

			assert_int_equal(sg_frames_fill(frames, &event), 0);
		}
		assert_int_equal(sg_frames_fill(frames, times ? &forgotten : &on_its_way), 0);
	}
	assert_int_equal(on_its_way.nframes, 1);
	assert_int_equal(forgotten.nframes, 0);
	sg_frames_destroy(frames);
}

static void maps_numbers(void **state)
{
	struct sg_map *map = sg_map_create();

	(void)state;
	for (uint64_t i = 0; i < 5000; i++)
		assert_int_equal(sg_map_put(map, i * 0x100000001ULL, i), 0);
	for (uint64_t i = 0; i < 5000; i += 2)
		sg_map_remove(map, i * 0x100000001ULL);
	assert_int_equal(sg_map_count(map), 2500);
	for (uint64_t i = 0; i < 5000; i++) {
		const uint64_t *value = sg_map_find(map, i * 0x100000001ULL);

		assert_int_equal(value != NULL, i & 1);
		if (value)
			assert_int_equal(*value, i);
	}
	sg_map_clear(map);
	assert_null(sg_map_find(map, 0x100000001ULL));
	sg_map_destroy(map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fills_in_frames),
		cmocka_unit_test(forgets_frames),
		cmocka_unit_test(maps_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
