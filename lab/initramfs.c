// SPDX-License-Identifier: GPL-2.0-only
/*
 * initramfs.c - writing the initial file system of a guest
 */
#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "slotgate/cleanup.h"
#include "slotgate/initramfs.h"
#include "slotgate/modules.h"
#include "slotgate/plan.h"

/*
 * Groups that the agent loads as one; a module that a kernel lacks is left
 * out, because its work is then done by another one of the group.
 */
static const struct group {
	const char *name;
	const char *modules[8];
} groups[] = {
	{ "virtio", { "virtio_pci", "virtio_console" } },
	{ "nvme", { "nvme" } },
	{ "stub", { "pci_stub" } },
	{ "errors", { "aer_inject" } },
	{ "xen", { "xen_evtchn", "xen_gntdev", "xen_privcmd", "xenfs" } },
	{ "pciback", { "xen_pciback" } },
	{ "guest", { "xen_pcifront", "nvme" } },
	{ "vfio", { "irqbypass", "vfio", "vfio_iommu_type1", "vfio_virqfd", "vfio_pci_core",
		    "vfio_pci" } },
};

struct sg_cpio {
	struct archive *archive;
	struct sg_blob blob;
};

void sg_blob_deinit(struct sg_blob *blob)
{
	free(blob->data);
	*blob = (struct sg_blob){0};
}

static la_ssize_t append(struct archive *archive, void *data, const void *bytes, size_t size)
{
	struct sg_blob *blob = data;
	char *more = realloc(blob->data, blob->size + size);

	if (!more) {
		archive_set_error(archive, ENOMEM, "out of memory");
		return -1;
	}
	memcpy(more + blob->size, bytes, size);
	blob->data = more;
	blob->size += size;
	return size;
}

int sg_cpio_create(struct sg_cpio **ret)
{
	struct sg_cpio *cpio = calloc(1, sizeof(*cpio));

	if (!cpio)
		return -ENOMEM;
	cpio->archive = archive_write_new();
	if (!cpio->archive ||
	    archive_write_set_format_cpio_newc(cpio->archive) != ARCHIVE_OK ||
	    archive_write_set_bytes_per_block(cpio->archive, 1 << 20) != ARCHIVE_OK ||
	    archive_write_set_bytes_in_last_block(cpio->archive, 4) != ARCHIVE_OK ||
	    archive_write_open(cpio->archive, &cpio->blob, NULL, append, NULL) != ARCHIVE_OK) {
		sg_cpio_destroy(cpio);
		return -ENOMEM;
	}
	*ret = cpio;
	return 0;
}

void sg_cpio_destroy(struct sg_cpio *cpio)
{
	if (!cpio)
		return;
	archive_write_free(cpio->archive);
	sg_blob_deinit(&cpio->blob);
	free(cpio);
}

static void cpio_cleanup(struct sg_cpio **cpio)
{
	sg_cpio_destroy(*cpio);
}

static void entry_cleanup(struct archive_entry **entry)
{
	archive_entry_free(*entry);
}

static struct archive_entry *new_entry(const char *name, unsigned int type, unsigned int mode)
{
	struct archive_entry *entry = archive_entry_new();

	if (!entry)
		return NULL;
	archive_entry_set_pathname(entry, name);
	archive_entry_set_filetype(entry, type);
	archive_entry_set_perm(entry, mode);
	archive_entry_set_nlink(entry, 1);
	archive_entry_set_mtime(entry, 0, 0);	/* the same input gives the same bytes */
	archive_entry_set_size(entry, 0);
	return entry;
}

static int put(struct sg_cpio *cpio, struct archive_entry *entry, const void *data, size_t size)
{
	if (archive_write_header(cpio->archive, entry) != ARCHIVE_OK)
		return -EIO;
	if (size && archive_write_data(cpio->archive, data, size) != (la_ssize_t)size)
		return -EIO;
	return 0;
}

int sg_cpio_dir(struct sg_cpio *cpio, const char *name)
{
	sg_cleanup(entry_cleanup) struct archive_entry *entry = new_entry(name, AE_IFDIR, 0755);

	return entry ? put(cpio, entry, NULL, 0) : -ENOMEM;
}

int sg_cpio_file(struct sg_cpio *cpio, const char *name, unsigned int mode, const void *data,
		 size_t size)
{
	sg_cleanup(entry_cleanup) struct archive_entry *entry = new_entry(name, AE_IFREG, mode);

	if (!entry)
		return -ENOMEM;
	archive_entry_set_size(entry, size);
	return put(cpio, entry, data, size);
}

int sg_cpio_symlink(struct sg_cpio *cpio, const char *name, const char *target)
{
	sg_cleanup(entry_cleanup) struct archive_entry *entry = new_entry(name, AE_IFLNK, 0777);

	if (!entry)
		return -ENOMEM;
	archive_entry_set_symlink(entry, target);
	return put(cpio, entry, NULL, 0);
}

int sg_cpio_char_device(struct sg_cpio *cpio, const char *name, unsigned int major,
			unsigned int minor)
{
	sg_cleanup(entry_cleanup) struct archive_entry *entry = new_entry(name, AE_IFCHR, 0600);

	if (!entry)
		return -ENOMEM;
	archive_entry_set_rdev(entry, makedev(major, minor));
	return put(cpio, entry, NULL, 0);
}

int sg_cpio_finish(struct sg_cpio *cpio, struct sg_blob *ret)
{
	if (archive_write_close(cpio->archive) != ARCHIVE_OK)
		return -ENOMEM;
	*ret = cpio->blob;
	cpio->blob = (struct sg_blob){0};
	return 0;
}

/* "/lib/.../vfio-pci.ko.xz" becomes "ko/vfio-pci.ko": it is unpacked here. */
static char *name_in_guest(const char *path)
{
	const char *base = strrchr(path, '/') + 1;

	return sg_format("ko/%.*s.ko", (int)strcspn(base, "."), base);
}

static int add_host_file(struct sg_cpio *cpio, const char *name, unsigned int mode,
			 const char *path, struct sg_error *err)
{
	sg_autofree char *data = NULL;
	size_t size;
	int code = sg_file_read(path, &data, &size);

	if (!code)
		code = sg_cpio_file(cpio, name, mode, data, size);
	if (code)
		return sg_error_set(err, code, "cannot read %s: %s", path, strerror(-code));
	return 0;
}

static int add_module(struct sg_cpio *cpio, const char *path, struct sg_error *err)
{
	sg_autofree char *name = name_in_guest(path);
	sg_autofree char *place = name ? sg_format("sg/%s", name) : NULL;
	sg_autofree void *data = NULL;
	size_t size;
	int code = sg_module_read(path, &data, &size, err);

	if (code)
		return code;
	code = place ? sg_cpio_file(cpio, place, 0644, data, size) : -ENOMEM;
	return code ? sg_error_set(err, code, "cannot store %s", path) : 0;
}

/* One line of /sg/modules, and the files that no earlier line had. */
static int add_group(struct sg_cpio *cpio, struct sg_modules *modules, const char *name,
		     const char *const *names, struct sg_strv *stored, char **list,
		     struct sg_error *err)
{
	sg_cleanup(sg_strv_deinit) struct sg_strv files = {0};
	sg_autofree char *line = sg_format("%s%s:", *list ? *list : "", name);
	int code = 0;

	for (; *names && !code; names++) {
		code = sg_modules_resolve(modules, *names, &files, err);
		if (code == -ENOENT)
			code = 0;
	}
	for (size_t i = 0; i < files.count && !code && line; i++) {
		sg_autofree char *guest = name_in_guest(files.items[i]);
		char *longer = sg_format("%s %s", line, guest ? guest : "");

		free(line);
		line = longer;
		if (sg_strv_has(stored, files.items[i]))
			continue;
		code = add_module(cpio, files.items[i], err);
		sg_strv_add(stored, "%s", files.items[i]);
	}
	free(*list);
	*list = line ? sg_format("%s\n", line) : NULL;
	return code || *list ? code : sg_error_set(err, -ENOMEM, "out of memory");
}

static bool is_group(const char *name)
{
	for (size_t i = 0; i < sizeof(groups) / sizeof(*groups); i++)
		if (!strcmp(groups[i].name, name))
			return true;
	return false;
}

static int add_modules(struct sg_cpio *cpio, struct sg_modules *modules,
		       const char *const *extra, struct sg_error *err)
{
	sg_cleanup(sg_strv_deinit) struct sg_strv stored = {0};
	sg_autofree char *list = NULL;
	int code = 0;

	for (size_t i = 0; i < sizeof(groups) / sizeof(*groups) && !code; i++)
		code = add_group(cpio, modules, groups[i].name, groups[i].modules, &stored, &list,
				 err);
	for (; extra && *extra && !code; extra++) {
		const char *one[] = { *extra, NULL };

		if (!is_group(*extra))
			code = add_group(cpio, modules, *extra, one, &stored, &list, err);
	}
	if (code)
		return code;
	return sg_cpio_file(cpio, "sg/modules", 0644, list, strlen(list));
}

/* `slotgate diagnose` for the guest, if it was built: it lies beside the agent. */
static int add_diagnose(struct sg_cpio *cpio, const char *agent, struct sg_error *err)
{
	static const char name[] = "slotgate-diagnose";
	const char *slash = strrchr(agent, '/');
	sg_autofree char *path = sg_format("%.*s%s", slash ? (int)(slash - agent + 1) : 0, agent,
					   name);

	if (!path)
		return sg_error_set(err, -ENOMEM, "out of memory");
	return access(path, R_OK) ? 0 :
				    add_host_file(cpio, "bin/slotgate-diagnose", 0755, path, err);
}

static int add_skeleton(struct sg_cpio *cpio, const char *agent, const char *busybox,
			struct sg_error *err)
{
	static const char *const folders[] = {
		"bin", "dev", "proc", "run", "sg", "sg/ko", "sys", "tmp",
	};
	int code = 0;

	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders) && !code; i++)
		code = sg_cpio_dir(cpio, folders[i]);
	if (!code)
		code = sg_cpio_char_device(cpio, "dev/console", 5, 1);
	if (code)
		return sg_error_set(err, code, "initramfs: %s", strerror(-code));
	code = add_host_file(cpio, "init", 0755, agent, err);
	if (!code)
		code = add_diagnose(cpio, agent, err);
	return code || !busybox ? code :
				  add_host_file(cpio, "bin/busybox", 0755, busybox, err);
}

static void modules_cleanup(struct sg_modules **modules)
{
	sg_modules_destroy(*modules);
}

int sg_initramfs_base(const struct sg_kernel *kernel, const char *agent, const char *busybox,
		      const char *const *extra, struct sg_blob *ret, struct sg_error *err)
{
	sg_cleanup(modules_cleanup) struct sg_modules *modules = NULL;
	sg_cleanup(cpio_cleanup) struct sg_cpio *cpio = NULL;
	int code = sg_modules_open(kernel->modules, &modules, err);

	if (code)
		return code;
	if (sg_cpio_create(&cpio))
		return sg_error_set(err, -ENOMEM, "out of memory");
	code = add_skeleton(cpio, agent, busybox, err);
	if (!code)
		code = add_modules(cpio, modules, extra, err);
	if (code)
		return code;
	code = sg_cpio_finish(cpio, ret);
	return code ? sg_error_set(err, code, "out of memory") : 0;
}

static int add_extra(struct sg_cpio *cpio, const char *folder, const char *file,
		     struct sg_error *err)
{
	sg_autofree char *path = sg_format("%s/%s", folder, file);
	sg_autofree char *name = sg_format("sg/extra/%s", file);
	sg_autofree void *module = NULL;
	size_t size = 0;
	int code = path && name ? sg_module_read(path, &module, &size, err) : -ENOMEM;

	return code ? code : sg_cpio_file(cpio, name, 0644, module, size);
}

/* Modules that only tests load lie in a folder "extra" beside slotgate.ko. */
static int add_extras(struct sg_cpio *cpio, const char *ko, struct sg_error *err)
{
	const char *slash = strrchr(ko, '/');
	sg_autofree char *folder = sg_format("%.*sextra", slash ? (int)(slash - ko + 1) : 0, ko);
	struct dirent *entry;
	DIR *dir = folder ? opendir(folder) : NULL;
	int code = dir ? sg_cpio_dir(cpio, "sg/extra") : 0;

	while (dir && !code && (entry = readdir(dir)))
		if (strstr(entry->d_name, ".ko"))
			code = add_extra(cpio, folder, entry->d_name, err);
	if (dir)
		closedir(dir);
	return code;
}

/* A stock run has those of them that its plan inserts. */
static int add_inserted(struct sg_cpio *cpio, const char *plan, const char *folder,
			struct sg_error *err)
{
	static const char verb[] = "insert ";
	int code = sg_cpio_dir(cpio, "sg/extra");

	for (const char *line = plan; *line && !code; line += strcspn(line, "\n")) {
		sg_autofree char *file = NULL;

		line += *line == '\n';
		if (strncmp(line, verb, strlen(verb)))
			continue;
		line += strlen(verb);
		file = sg_format("%.*s.ko", (int)strcspn(line, "\n"), line);
		code = file ? add_extra(cpio, folder, file, err) : -ENOMEM;
	}
	return code;
}

/* What only some plans need: of ours, static, and beside the agent. */
static const struct {
	const char *operation, *own, *place;
} programs[] = {
	{ "record", "recorder", "sg/recorder" },
	{ "command", "slotgate-storm", "bin/slotgate-storm" },
};

static int add_programs(struct sg_cpio *cpio, const char *plan, struct sg_error *err)
{
	int code = 0;

	for (size_t i = 0; plan && i < sizeof(programs) / sizeof(*programs) && !code; i++) {
		sg_autofree char *path = NULL;

		if (!sg_plan_has(plan, programs[i].operation))
			continue;
		path = sg_own_file(programs[i].own);
		code = path ? add_host_file(cpio, programs[i].place, 0755, path, err) : -ENOMEM;
	}
	return code;
}

int sg_initramfs_run(const char *plan, const char *ko, const char *extra,
		     struct sg_blob *ret, struct sg_error *err)
{
	sg_cleanup(cpio_cleanup) struct sg_cpio *cpio = NULL;
	sg_autofree void *module = NULL;
	size_t size = 0;
	int code;

	err->text[0] = '\0';
	code = ko ? sg_module_read(ko, &module, &size, err) : 0;
	if (code)
		return code;
	code = sg_cpio_create(&cpio);
	if (!code && plan)
		code = sg_cpio_file(cpio, "sg/plan", 0644, plan, strlen(plan));
	if (!code && ko)
		code = sg_cpio_file(cpio, "sg/slotgate.ko", 0644, module, size);
	if (!code && ko)
		code = add_extras(cpio, ko, err);
	if (!code && !ko && plan && extra)
		code = add_inserted(cpio, plan, extra, err);
	if (!code)
		code = add_programs(cpio, plan, err);
	if (!code)
		code = sg_cpio_finish(cpio, ret);
	if (code && !err->text[0])
		sg_error_set(err, code, "initramfs: %s", strerror(-code));
	return code;
}
