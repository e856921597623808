// SPDX-License-Identifier: GPL-2.0-only
/*
 * modules.c - kernel modules of a folder: which file, what it depends on, its content
 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fts.h>
#include <gelf.h>
#include <string.h>

#include "slotgate/cleanup.h"
#include "slotgate/lab.h"
#include "slotgate/modules.h"

enum { NAME_SIZE = 64, DEPTH_MAX = 16 };

struct entry {
	char name[NAME_SIZE];
	char *path;		/* NULL: built into the kernel */
};

struct sg_modules {
	struct entry *entries;	/* sorted by name */
	size_t count;
};

void sg_modules_destroy(struct sg_modules *modules)
{
	if (!modules)
		return;
	for (size_t i = 0; i < modules->count; i++)
		free(modules->entries[i].path);
	free(modules->entries);
	free(modules);
}

/* "kernel/drivers/vfio/pci/vfio-pci.ko.xz" is module vfio_pci. */
static bool module_name(char *buf, const char *path)
{
	const char *base = strrchr(path, '/');
	size_t n;

	base = base ? base + 1 : path;
	n = strcspn(base, ".");
	if (strncmp(base + n, ".ko", 3) || n >= NAME_SIZE)
		return false;
	for (size_t i = 0; i < n; i++)
		buf[i] = base[i] == '-' ? '_' : base[i];
	buf[n] = '\0';
	return true;
}

/* Takes @path over. */
static int add(struct sg_modules *modules, const char *file, char *path)
{
	struct entry *entries = modules->entries;
	size_t count = modules->count;

	if (!(count & (count - 1)))	/* full at 0 and at every power of two */
		entries = reallocarray(entries, count ? 2 * count : 1, sizeof(*entries));
	if (!entries) {
		free(path);
		return -ENOMEM;
	}
	modules->entries = entries;
	if (!module_name(entries[count].name, file)) {
		free(path);
		return 0;
	}
	entries[count].path = path;
	modules->count++;
	return 0;
}

static int add_files(struct sg_modules *modules, const char *folder)
{
	char *roots[] = { (char *)folder, NULL };
	FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_NOSTAT, NULL);
	FTSENT *at;
	int err = 0;

	if (!walk)
		return -errno;
	while (!err && (at = fts_read(walk))) {
		if (at->fts_info == FTS_DNR || at->fts_info == FTS_ERR)
			err = -at->fts_errno;
		else if (at->fts_info == FTS_NSOK || at->fts_info == FTS_F)
			err = add(modules, at->fts_name, strdup(at->fts_path));
	}
	fts_close(walk);
	return err;
}

static int add_builtin(struct sg_modules *modules, const char *folder)
{
	sg_autofree char *path = sg_format("%s/modules.builtin", folder);
	sg_autofree char *text = NULL;
	char *save = NULL;
	int err = 0;

	if (!path || sg_file_read(path, &text, NULL))
		return path ? 0 : -ENOMEM;
	for (char *line = strtok_r(text, "\n", &save); line && !err;
	     line = strtok_r(NULL, "\n", &save))
		err = add(modules, line, NULL);
	return err;
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static void modules_cleanup(struct sg_modules **modules)
{
	sg_modules_destroy(*modules);
}

int sg_modules_open(const char *folder, struct sg_modules **ret, struct sg_error *err)
{
	sg_cleanup(modules_cleanup) struct sg_modules *modules = calloc(1, sizeof(*modules));
	int code = modules ? add_files(modules, folder) : -ENOMEM;

	if (!code && !modules->count)
		code = -ENOENT;
	if (!code)
		code = add_builtin(modules, folder);
	if (code == -ENOENT)
		return sg_error_set(err, code, "%s holds no kernel modules", folder);
	if (code)
		return sg_error_set(err, code, "cannot read modules in %s: %s", folder,
				    strerror(-code));
	qsort(modules->entries, modules->count, sizeof(*modules->entries), compare);
	*ret = sg_steal(modules);
	return 0;
}

static const struct entry *find(const struct sg_modules *modules, const char *name)
{
	struct entry key = { .path = NULL };

	snprintf(key.name, sizeof(key.name), "%s", name);
	for (char *c = key.name; *c; c++)
		*c = *c == '-' ? '_' : *c;
	return bsearch(&key, modules->entries, modules->count, sizeof(key), compare);
}

static void archive_cleanup(struct archive **archive)
{
	archive_read_free(*archive);
}

/* Errors of libarchive itself count as damage, those of the system as they are. */
static int archive_error(struct archive *archive)
{
	int code = archive_errno(archive);

	return code > 0 ? -code : -EBADMSG;
}

int sg_file_unpack(const char *path, char **data, size_t *size)
{
	sg_cleanup(archive_cleanup) struct archive *archive = archive_read_new();
	struct archive_entry *entry;
	size_t room = 1 << 16, used = 0;
	sg_autofree char *buf = malloc(room);
	la_ssize_t n;

	if (!archive || !buf)
		return -ENOMEM;
	archive_read_support_filter_all(archive);
	archive_read_support_format_raw(archive);
	if (archive_read_open_filename(archive, path, 1 << 16) != ARCHIVE_OK ||
	    archive_read_next_header(archive, &entry) != ARCHIVE_OK)
		return archive_error(archive);
	while ((n = archive_read_data(archive, buf + used, room - used)) > 0) {
		used += n;
		if (used == room) {
			char *more = realloc(buf, room *= 2);

			if (!more)
				return -ENOMEM;
			buf = more;
		}
	}
	if (n < 0)
		return archive_error(archive);
	*data = sg_steal(buf);
	*size = used;
	return 0;
}

int sg_module_read(const char *path, void **data, size_t *size, struct sg_error *err)
{
	sg_autofree char *content = NULL;
	size_t length = 0;
	int code = sg_file_unpack(path, &content, &length);

	if (code)
		return sg_error_set(err, code, "cannot read module %s: %s", path, strerror(-code));
	if (length < SELFMAG || memcmp(content, ELFMAG, SELFMAG))
		return sg_error_set(err, -ENOEXEC, "%s is no kernel module", path);
	*data = sg_steal(content);
	*size = length;
	return 0;
}

static Elf_Data *find_section(Elf *elf, const char *wanted)
{
	Elf_Scn *section = NULL;
	size_t names;

	if (elf_getshdrstrndx(elf, &names))
		return NULL;
	while ((section = elf_nextscn(elf, section))) {
		GElf_Shdr header;
		const char *name;

		if (!gelf_getshdr(section, &header))
			continue;
		name = elf_strptr(elf, names, header.sh_name);
		if (name && !strcmp(name, wanted))
			return elf_getdata(section, NULL);
	}
	return NULL;
}

static int split_names(const char *list, size_t size, struct sg_strv *ret)
{
	const char *end = list + strnlen(list, size);

	while (list < end) {
		const char *comma = memchr(list, ',', end - list);
		size_t n = (comma ? comma : end) - list;

		if (n)
			sg_strv_add(ret, "%.*s", (int)n, list);
		list += n + 1;
	}
	return ret->err;
}

/* .modinfo is a row of NUL-terminated "key=value". */
static int parse_modinfo(const Elf_Data *info, struct sg_strv *ret)
{
	static const char key[] = "depends=";
	const char *text = info->d_buf, *end = text + info->d_size;

	while (text < end) {
		size_t n = strnlen(text, end - text);

		if (n >= strlen(key) && !strncmp(text, key, strlen(key)))
			return split_names(text + strlen(key), n - strlen(key), ret);
		text += n + 1;
	}
	return 0;
}

int sg_module_depends(void *data, size_t size, struct sg_strv *ret)
{
	Elf *elf;
	Elf_Data *info;
	int err = -ENOEXEC;

	elf_version(EV_CURRENT);
	elf = elf_memory(data, size);
	if (!elf)
		return err;
	info = find_section(elf, ".modinfo");
	if (info && info->d_buf)
		err = parse_modinfo(info, ret);
	elf_end(elf);
	return err;
}

static int resolve(struct sg_modules *modules, const char *name, struct sg_strv *files,
		   unsigned int depth, struct sg_error *err);

static int resolve_needed(struct sg_modules *modules, const char *path, struct sg_strv *files,
			  unsigned int depth, struct sg_error *err)
{
	sg_cleanup(sg_strv_deinit) struct sg_strv needed = {0};
	sg_autofree void *data = NULL;
	size_t size = 0;
	int code = sg_module_read(path, &data, &size, err);

	if (code)
		return code;
	code = sg_module_depends(data, size, &needed);
	if (code)
		return sg_error_set(err, code, "%s is no kernel module", path);
	for (size_t i = 0; i < needed.count && !code; i++)
		code = resolve(modules, needed.items[i], files, depth + 1, err);
	return code;
}

static int resolve(struct sg_modules *modules, const char *name, struct sg_strv *files,
		   unsigned int depth, struct sg_error *err)
{
	const struct entry *entry = find(modules, name);
	int code;

	if (!entry)
		return sg_error_set(err, -ENOENT, "there is no module %s", name);
	if (!entry->path || sg_strv_has(files, entry->path))
		return 0;
	if (depth > DEPTH_MAX)
		return sg_error_set(err, -ELOOP, "module %s depends on itself", name);
	code = resolve_needed(modules, entry->path, files, depth, err);
	return code ? code : sg_strv_add(files, "%s", entry->path);
}

int sg_modules_resolve(struct sg_modules *modules, const char *name, struct sg_strv *files,
		       struct sg_error *err)
{
	return resolve(modules, name, files, 0, err);
}
