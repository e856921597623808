// SPDX-License-Identifier: GPL-2.0-only
/*
 * trace.c - any bytes at all as a trace: the reader and the predictor stay sound
 *
 * With clang's libFuzzer it is a fuzzer ("make fuzz"); the unit tests feed it
 * some thousand damaged traces.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "slotgate/predict.h"

struct input {
	const uint8_t *at;
	size_t left;
};

static ssize_t read_input(void *data, void *buf, size_t size)
{
	struct input *input = data;
	size_t count = size < input->left ? size : input->left;

	if (count)
		memcpy(buf, input->at, count);
	input->at += count;
	input->left -= count;
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct sg_predict_options limits = { .states = 200, .patterns = 2000, .parties = 4 };
	struct input input = { data, size };
	struct sg_trace_source source = { read_input, &input };
	struct sg_predict *predict = sg_predict_create();
	struct sg_trace_reader *reader;
	struct sg_error err;

	if (!predict)
		abort();
	if (!sg_trace_open_source(&source, "fuzz", &reader, &err)) {
		if (!sg_predict_add(predict, reader, NULL, NULL, &err) &&
		    sg_predict_run(predict, &limits, &err))
			abort();
		sg_trace_close(reader);
	}
	sg_predict_destroy(predict);
	return 0;
}
