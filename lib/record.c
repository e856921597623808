// SPDX-License-Identifier: GPL-2.0-only
/*
 * record.c - recording: from the kernel's ring buffer into a trace
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "record_internal.h"
#include "slotgate/cleanup.h"
#include "slotgate/strv.h"

#define KALLSYMS "/proc/kallsyms"

struct sg_recorder {
	struct sg_record_options options;
	struct sg_trace_writer *writer;
	struct sg_symbols *symbols;
	struct sg_scribe *scribe;
	struct sg_frames *frames;
	struct sg_hooks *hooks;
	struct ring_buffer *ring;
	uint64_t lost;			/* told already */
	struct sg_error err;		/* of an event */
	int code;
};

/* What the kernel wrote is for reading only. */
static int take_event(void *data, void *bytes, size_t size)
{
	struct sg_recorder *recorder = data;
	struct rec_event event;

	if (size < sizeof(event) || recorder->code)
		return recorder->code;
	memcpy(&event, bytes, sizeof(event));
	recorder->code = sg_frames_fill(recorder->frames, &event);
	if (recorder->code)
		sg_error_set(&recorder->err, recorder->code, "no memory for stacks");
	else
		recorder->code = sg_scribe_take(recorder->scribe, &event, &recorder->err);
	return recorder->code;
}

static void destroy(struct sg_recorder *recorder)
{
	if (!recorder)
		return;
	ring_buffer__free(recorder->ring);
	sg_hooks_destroy(recorder->hooks);
	sg_scribe_destroy(recorder->scribe);
	sg_frames_destroy(recorder->frames);
	sg_symbols_destroy(recorder->symbols);
	sg_trace_abandon(recorder->writer);
	free(recorder);
}

static void cleanup(struct sg_recorder **recorder)
{
	destroy(*recorder);
}

static int write_meta(struct sg_recorder *recorder, const char *key, const char *value,
		      struct sg_error *err)
{
	sg_autofree char *text = sg_format("%s=%s", key, value);
	struct sg_trace_record record = { .type = SG_TRACE_META, .text = text };

	return text ? sg_trace_write(recorder->writer, &record, err) : -ENOMEM;
}

static int describe(struct sg_recorder *recorder, struct sg_error *err)
{
	struct utsname name;
	int code;

	uname(&name);
	code = write_meta(recorder, "recorder", "slotgate", err);
	if (!code)
		code = write_meta(recorder, "kernel", name.release, err);
	if (!code)
		code = write_meta(recorder, "tasks", recorder->options.all ? "all" : "pci", err);
	return code;
}

/* After the hooks are there, which have symbols as well: their frames are left out. */
static int prepare(struct sg_recorder *recorder, struct sg_error *err)
{
	int code = sg_symbols_create(KALLSYMS, &recorder->symbols);

	if (code)
		return sg_error_set(err, code, "cannot read the kernel's symbols from %s: %s",
				    KALLSYMS, strerror(-code));
	if (sg_frames_create(&recorder->frames) ||
	    sg_scribe_create(recorder->writer, recorder->symbols, &recorder->scribe))
		return sg_error_set(err, -ENOMEM, "no memory to record");
	return 0;
}

int sg_recorder_start(const struct sg_record_options *options, struct sg_recorder **ret,
		      struct sg_error *err)
{
	sg_cleanup(cleanup) struct sg_recorder *recorder = calloc(1, sizeof(*recorder));
	int code;

	if (!recorder)
		return sg_error_set(err, -ENOMEM, "no memory to record");
	recorder->options = *options;
	code = sg_trace_create(recorder->options.path, &recorder->writer, err);
	if (!code)
		code = describe(recorder, err);
	if (!code)
		code = sg_hooks_load(&recorder->options, &recorder->hooks, err);
	if (!code)
		code = prepare(recorder, err);
	if (code)
		return code;
	recorder->ring = ring_buffer__new(sg_hooks_events(recorder->hooks), take_event, recorder,
					  NULL);
	if (!recorder->ring)
		return sg_error_set(err, -errno, "cannot read what the kernel records: %m");
	*ret = sg_steal(recorder);
	return 0;
}

/* What is lost is told where it is noticed: behind all that came before. */
static int tell_lost(struct sg_recorder *recorder, struct sg_error *err)
{
	uint64_t lost = sg_hooks_lost(recorder->hooks), more = lost - recorder->lost;

	recorder->lost = lost;
	return more ? sg_scribe_lost(recorder->scribe, more, err) : 0;
}

static int after_poll(struct sg_recorder *recorder, int code, struct sg_error *err)
{
	if (recorder->code) {
		*err = recorder->err;
		return recorder->code;
	}
	if (code < 0 && code != -EINTR)
		return sg_error_set(err, code, "cannot read what the kernel records: %s",
				    strerror(-code));
	return tell_lost(recorder, err);
}

int sg_recorder_step(struct sg_recorder *recorder, int wait_ms, struct sg_error *err)
{
	int code = ring_buffer__poll(recorder->ring, wait_ms);

	/* Nobody is woken for a few events. */
	if (code >= 0 && !recorder->code)
		code = ring_buffer__consume(recorder->ring);
	code = after_poll(recorder, code, err);
	if (!code && sg_frames_full(recorder->frames))
		sg_hooks_tell_anew(recorder->hooks);
	if (code || !sg_hooks_refresh(recorder->hooks))
		return code;
	sg_hooks_tell_anew(recorder->hooks);
	code = sg_symbols_reload(recorder->symbols);
	sg_scribe_modules(recorder->scribe);
	return code ? sg_error_set(err, code, "cannot read %s: %s", KALLSYMS, strerror(-code)) : 0;
}

int sg_recorder_finish(struct sg_recorder *handed, struct sg_record_stats *ret,
		       struct sg_error *err)
{
	sg_cleanup(cleanup) struct sg_recorder *recorder = handed;
	int code;

	sg_hooks_count(recorder->hooks, &ret->hooks, &ret->probed);
	sg_hooks_detach(recorder->hooks);
	code = after_poll(recorder, ring_buffer__consume(recorder->ring), err);
	sg_scribe_count(recorder->scribe, ret);
	ret->lost = recorder->lost;
	return code ? code : sg_trace_finish(sg_steal(recorder->writer), err);
}
