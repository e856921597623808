// SPDX-License-Identifier: GPL-2.0-only
/*
 * klog.c - any bytes at all as a kernel log: its reader and the diagnosis stay sound
 *
 * With clang's libFuzzer it is a fuzzer ("make fuzz-klog"); the unit tests feed it
 * some hundred damaged logs.
 */
#include <json-c/json.h>
#include <stdlib.h>

#include "fuzz.h"
#include "slotgate/diagnose.h"
#include "slotgate/klog.h"

static void print(const struct sg_diagnosis *diagnosis)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		abort();
	sg_diagnosis_print(out, diagnosis);
	fclose(out);
	free(text);
	json_object_put(sg_diagnosis_to_json(diagnosis));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json_object *evidence;
	struct sg_diagnosis diagnosis;
	struct sg_error err;

	if (sg_klog_evidence((const char *)data, size, &evidence, &err))
		return 0;
	if (sg_diagnose(evidence, &diagnosis))
		abort();
	print(&diagnosis);
	sg_diagnosis_deinit(&diagnosis);
	json_object_put(evidence);
	return 0;
}
