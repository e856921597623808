// SPDX-License-Identifier: GPL-2.0-only
/*
 * trace_std.c - STD text, "TASK|OP(OBJECT)|PLACE", as records and back
 *
 * Each line becomes the definitions it needs and one event.  PLACE becomes a
 * stack of one function.  Reads and writes of variables, which tell nothing
 * about locks, are left out.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "slotgate/cleanup.h"
#include "trace_internal.h"

enum { LINE_MAX_LEN = 3 * SG_TRACE_TEXT_MAX };

struct piece {
	const char *at;
	size_t len;
};

struct line {
	struct piece task, object, place;
	enum sg_trace_op op;
};

/* Where a line stands on its way to records; each step gives at most one. */
enum step { STEP_TASK, STEP_OBJECT, STEP_SYMBOL, STEP_STACK, STEP_EVENT, STEP_NEXT };

struct sg_std {
	struct sg_bytes *bytes;
	const char *name;
	struct sg_intern *tasks, *objects, *places;
	uint64_t number;
	enum step step;
	size_t line_size;	/* of the line in work, with its newline */
	struct line line;
	struct sg_trace_record event;
};

/* Words that are in such traces and say nothing about locks. */
static const char *const ignored[] = {
	"r", "w", "begin", "end", "enter", "exit", "branch", "dummy", "init",
};

void sg_std_destroy(struct sg_std *std)
{
	if (!std)
		return;
	sg_intern_destroy(std->tasks);
	sg_intern_destroy(std->objects);
	sg_intern_destroy(std->places);
	free(std);
}

int sg_std_create(struct sg_bytes *bytes, const char *name, struct sg_std **ret)
{
	struct sg_std *std = calloc(1, sizeof(*std));

	if (!std)
		return -ENOMEM;
	std->bytes = bytes;
	std->name = name;
	std->step = STEP_NEXT;
	std->tasks = sg_intern_create();
	std->objects = sg_intern_create();
	std->places = sg_intern_create();
	if (!std->tasks || !std->objects || !std->places) {
		sg_std_destroy(std);
		return -ENOMEM;
	}
	*ret = std;
	return 0;
}

uint64_t sg_std_line(const struct sg_std *std)
{
	return std->number;
}

static int bad(const struct sg_std *std, struct sg_error *err, const char *what)
{
	return sg_error_set(err, -EBADMSG, "%s: line %llu: %s", std->name,
			    (unsigned long long)std->number, what);
}

/* Up to @stop, which *@at is behind afterwards; false if there is none. */
static bool cut_piece(const char **at, const char *end, char stop, struct piece *ret)
{
	const char *found = memchr(*at, stop, end - *at);

	if (!found)
		return false;
	*ret = (struct piece){ *at, found - *at };
	*at = found + 1;
	return true;
}

static bool is_ignored(const struct piece *word)
{
	for (size_t i = 0; i < sizeof(ignored) / sizeof(*ignored); i++)
		if (strlen(ignored[i]) == word->len && !memcmp(ignored[i], word->at, word->len))
			return true;
	return false;
}

static bool is_printable(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] < ' ' || text[i] > '~')
			return false;
	return true;
}

/* 1: an event, 0: a line to pass over. */
static int parse(struct sg_std *std, const char *text, size_t len, struct sg_error *err)
{
	const char *at = text, *end = text + len;
	struct piece word;

	if (!is_printable(text, len))
		return bad(std, err, "neither a trace of slotgate nor STD text");
	if (!len || *text == '#')
		return 0;
	if (!cut_piece(&at, end, '|', &std->line.task) || !std->line.task.len)
		return bad(std, err, "no \"TASK|\" at the beginning");
	if (!cut_piece(&at, end, '(', &word))
		return bad(std, err, "no \"OPERATION(OBJECT)\" behind the task");
	if (!cut_piece(&at, end, ')', &std->line.object))
		return bad(std, err, "no \")\" behind the object");
	std->line.place = (struct piece){ at, end - at };
	if (at < end && *at == '|') {
		std->line.place.at++;
		std->line.place.len--;
	}
	if (is_ignored(&word))
		return 0;
	std->line.op = sg_trace_op_find(word.at, word.len);
	if (std->line.op == SG_OP_COUNT)
		return bad(std, err, "an operation that does not exist");
	if (!std->line.object.len)
		return bad(std, err, "an operation on nothing");
	if (std->line.task.len > SG_TRACE_TEXT_MAX || std->line.object.len > SG_TRACE_TEXT_MAX ||
	    std->line.place.len > SG_TRACE_TEXT_MAX)
		return bad(std, err, "a name that is too long");
	return 1;
}

/* 1 with std->line, 0 at the end. */
static int next_line(struct sg_std *std, struct sg_error *err)
{
	for (;;) {
		const unsigned char *data;
		const char *newline;
		ssize_t have;
		size_t len;
		int code;

		sg_bytes_skip(std->bytes, std->line_size);
		std->line_size = 0;
		std->number++;
		/* Mostly the line is there already; only then ask for the most it can take. */
		have = sg_bytes_need(std->bytes, 1, &data);
		newline = have > 0 ? memchr(data, '\n', have) : NULL;
		if (have > 0 && !newline) {
			have = sg_bytes_need(std->bytes, LINE_MAX_LEN, &data);
			newline = have > 0 ? memchr(data, '\n', have) : NULL;
		}
		if (have < 0)
			return bad(std, err, have == -EBADMSG ? "the compression is damaged here" :
								strerror(-have));
		if (!have) {
			std->number--;	/* there was no such line */
			return 0;
		}
		if (!newline && have >= LINE_MAX_LEN)
			return bad(std, err, "a line that is too long");
		len = newline ? (size_t)(newline - (const char *)data) : (size_t)have;
		std->line_size = len + !!newline;
		if (len && data[len - 1] == '\r')
			len--;
		code = parse(std, (const char *)data, len, err);
		if (code)
			return code;
	}
}

static int intern(struct sg_std *std, struct sg_intern *names, const struct piece *piece,
		  uint32_t *ret, bool *added, struct sg_error *err)
{
	int code = sg_intern(names, piece->at, piece->len, ret, added);

	return code ? bad(std, err, code == -ENOMEM ? "no memory" : "too many names") : 0;
}

/* "device:0000:01:00.0" is a device lock; what has no kind in front is a mutex or completion. */
static void split_kind(const struct sg_std *std, struct sg_trace_record *record)
{
	for (enum sg_object_kind kind = 0; kind < SG_OBJ_COUNT; kind++) {
		const char *word = sg_object_kind_word(kind);
		size_t len = strlen(word);

		if (!strncmp(record->text, word, len) && record->text[len] == ':') {
			record->kind = kind;
			record->text += len + 1;
			return;
		}
	}
	record->kind = std->line.op == SG_OP_AWAIT || std->line.op == SG_OP_SIGNAL ?
		       SG_OBJ_COMPLETION : SG_OBJ_MUTEX;
}

static int define(struct sg_std *std, struct sg_intern *names, enum sg_trace_type type,
		  uint32_t id, struct sg_trace_record *ret)
{
	ret->type = type;
	ret->text = sg_intern_text(names, id);
	ret->id = id + (type == SG_TRACE_SYMBOL);
	if (type == SG_TRACE_OBJECT)
		split_kind(std, ret);
	return 1;
}

static int step_task(struct sg_std *std, struct sg_trace_record *ret, struct sg_error *err)
{
	bool added;
	int code = intern(std, std->tasks, &std->line.task, &std->event.task, &added, err);

	return code || !added ? code : define(std, std->tasks, SG_TRACE_TASK, std->event.task, ret);
}

static int step_object(struct sg_std *std, struct sg_trace_record *ret, struct sg_error *err)
{
	bool on_task = sg_trace_op_on_task(std->line.op), added;
	struct sg_intern *names = on_task ? std->tasks : std->objects;
	int code = intern(std, names, &std->line.object, &std->event.object, &added, err);

	if (code || !added)
		return code;
	return define(std, names, on_task ? SG_TRACE_TASK : SG_TRACE_OBJECT, std->event.object, ret);
}

static int step_symbol(struct sg_std *std, struct sg_trace_record *ret, struct sg_error *err)
{
	bool added;
	uint32_t id;
	int code;

	std->event.stack = SG_TRACE_NO_STACK;
	if (!std->line.place.len) {
		std->step = STEP_EVENT;
		return 0;
	}
	code = intern(std, std->places, &std->line.place, &id, &added, err);
	if (code)
		return code;
	std->event.stack = id + 1;
	if (!added) {
		std->step = STEP_EVENT;
		return 0;
	}
	return define(std, std->places, SG_TRACE_SYMBOL, id, ret);
}

/* Stack and symbol have the same number. */
static int step_stack(struct sg_std *std, struct sg_trace_record *ret, struct sg_error *err)
{
	(void)err;
	ret->type = SG_TRACE_STACK;
	ret->id = std->event.stack;
	ret->frames = &std->event.stack;
	ret->nframes = 1;
	return 1;
}

static int step_event(struct sg_std *std, struct sg_trace_record *ret, struct sg_error *err)
{
	(void)err;
	std->event.type = SG_TRACE_EVENT;
	std->event.op = std->line.op;
	*ret = std->event;
	return 1;
}

int sg_std_read(struct sg_std *std, struct sg_trace_record *ret, struct sg_error *err)
{
	static int (*const steps[])(struct sg_std *std, struct sg_trace_record *ret,
				    struct sg_error *err) = {
		[STEP_TASK] = step_task, [STEP_OBJECT] = step_object, [STEP_SYMBOL] = step_symbol,
		[STEP_STACK] = step_stack, [STEP_EVENT] = step_event,
	};
	int code = 0;

	while (!code) {
		if (std->step == STEP_NEXT) {
			code = next_line(std, err);
			if (code <= 0)
				return code;
			std->step = STEP_TASK;
		}
		/* A step may jump ahead: move on first. */
		code = steps[std->step++](std, ret, err);
	}
	return code;
}

/* --- export --- */

static void put_name(FILE *out, const char *name)
{
	for (; *name; name++)
		putc(strchr(" |()#", *name) ? '_' : *name, out);
}

/* Names by id; two objects may have one name, and are told apart by their number. */
struct names {
	char **items;
	size_t count, room;
	struct sg_intern *seen;
};

static void names_deinit(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->items[i]);
	free(names->items);
	sg_intern_destroy(names->seen);
}

static int names_add(struct names *names, const char *kind, const char *text)
{
	size_t len = strlen(kind) + strlen(text) + 32;
	sg_autofree char *name = malloc(len);
	bool added = false;
	uint32_t id;
	int code;

	if (!names->seen)
		names->seen = sg_intern_create();
	if (names->count == names->room) {
		size_t room = names->room ? 2 * names->room : 64;
		char **items = reallocarray(names->items, room, sizeof(*items));

		if (!items)
			return -ENOMEM;
		names->items = items;
		names->room = room;
	}
	if (!name || !names->seen)
		return -ENOMEM;
	snprintf(name, len, "%s%s%s", kind, *kind && *text ? ":" : "", text);
	code = sg_intern(names->seen, name, strlen(name), &id, &added);
	if (!code && (!added || !*name)) {
		snprintf(name, len, "%s%s%s:%zu", kind, *kind && *text ? ":" : "", text, names->count);
		code = sg_intern(names->seen, name, strlen(name), &id, &added);
	}
	if (!code)
		names->items[names->count++] = sg_steal(name);
	return code;
}

static int export_record(const struct sg_trace_record *record, struct names *tasks,
			 struct names *objects, FILE *out)
{
	bool on_task = sg_trace_op_on_task(record->op);

	switch (record->type) {
	case SG_TRACE_TASK:
		return names_add(tasks, "", record->text);
	case SG_TRACE_OBJECT:
		return names_add(objects, record->kind == SG_OBJ_MUTEX ? "" :
				 sg_object_kind_word(record->kind), record->text);
	case SG_TRACE_EVENT:
		assert(tasks->items && (on_task || objects->items));	/* ids are defined before */
		put_name(out, tasks->items[record->task]);
		fprintf(out, "|%s(", sg_trace_op_word(record->op));
		put_name(out, (on_task ? tasks : objects)->items[record->object]);
		fprintf(out, ")|%u\n", record->stack);
		return ferror(out) ? -EIO : 0;
	default:
		return 0;
	}
}

int sg_trace_export_std(struct sg_trace_reader *reader, FILE *out, struct sg_error *err)
{
	sg_cleanup(names_deinit) struct names tasks = {0};
	sg_cleanup(names_deinit) struct names objects = {0};
	struct sg_trace_record record;
	int code;

	while ((code = sg_trace_read(reader, &record, err)) > 0) {
		code = export_record(&record, &tasks, &objects, out);
		if (code)
			return sg_error_set(err, code, "cannot write STD text: %s", strerror(-code));
	}
	if (!code && fflush(out))
		return sg_error_set(err, -errno, "cannot write STD text: %m");
	return code;
}
