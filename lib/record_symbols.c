// SPDX-License-Identifier: GPL-2.0-only
/*
 * record_symbols.c - names of the kernel's addresses, from /proc/kallsyms
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "record_internal.h"
#include "slotgate/cleanup.h"

struct symbol {
	uint64_t address;
	size_t name;			/* in the block of text */
};

struct sg_symbols {
	char *path;
	struct symbol *list;		/* by address */
	size_t count, room;
	char *text;
	size_t used, size;
};

static int add(struct sg_symbols *symbols, uint64_t address, const char *name)
{
	size_t len = strlen(name) + 1;

	if (symbols->count == symbols->room) {
		size_t room = symbols->room ? symbols->room * 2 : 1 << 16;
		struct symbol *list = reallocarray(symbols->list, room, sizeof(*list));

		if (!list)
			return -ENOMEM;
		symbols->list = list;
		symbols->room = room;
	}
	if (symbols->size - symbols->used < len) {
		size_t size = symbols->size ? symbols->size * 2 : 1 << 21;
		char *text = realloc(symbols->text, size);

		if (!text)
			return -ENOMEM;
		symbols->text = text;
		symbols->size = size;
	}
	assert(symbols->text);
	memcpy(symbols->text + symbols->used, name, len);
	symbols->list[symbols->count++] = (struct symbol){ address, symbols->used };
	symbols->used += len;
	return 0;
}

/* Absolute ones are offsets into each processor's own area. */
static int take_line(struct sg_symbols *symbols, char *line)
{
	char *end, *name;
	uint64_t address = strtoull(line, &end, 16);

	if (!address || *end != ' ' || !end[1] || end[2] != ' ' || strchr("aA", end[1]))
		return 0;
	name = end + 3;
	name[strcspn(name, "\t \n")] = '\0';
	return add(symbols, address, name);
}

static int by_address(const void *a, const void *b)
{
	const struct symbol *one = a, *other = b;

	return one->address < other->address ? -1 : one->address > other->address;
}

int sg_symbols_reload(struct sg_symbols *symbols)
{
	sg_autofclose FILE *file = fopen(symbols->path, "re");
	char line[512];
	int err = 0;

	if (!file)
		return -errno;
	symbols->count = 0;
	symbols->used = 0;
	while (!err && fgets(line, sizeof(line), file))
		err = take_line(symbols, line);
	if (symbols->count)
		qsort(symbols->list, symbols->count, sizeof(*symbols->list), by_address);
	return err ?: symbols->count ? 0 : -EPERM;
}

int sg_symbols_create(const char *path, struct sg_symbols **ret)
{
	struct sg_symbols *symbols = calloc(1, sizeof(*symbols));
	int err;

	if (!symbols)
		return -ENOMEM;
	symbols->path = strdup(path);
	err = symbols->path ? sg_symbols_reload(symbols) : -ENOMEM;
	if (err)
		sg_symbols_destroy(symbols);
	else
		*ret = symbols;
	return err;
}

void sg_symbols_destroy(struct sg_symbols *symbols)
{
	if (!symbols)
		return;
	free(symbols->path);
	free(symbols->list);
	free(symbols->text);
	free(symbols);
}

const char *sg_symbols_find(struct sg_symbols *symbols, uint64_t address, uint64_t *offset)
{
	size_t low = 0, high = symbols->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (symbols->list[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return NULL;
	if (offset)
		*offset = address - symbols->list[low - 1].address;
	return symbols->text + symbols->list[low - 1].name;
}
