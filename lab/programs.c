// SPDX-License-Identifier: GPL-2.0-only
/*
 * programs.c - programs of the distribution that guests run: owners of drives, who watches locks, and who takes many
 *
 * The packages of programs and libraries lie unpacked in programs/ of the
 * cache.  Only what the programs themselves load goes into the initramfs, at
 * the places where they look for it.
 */
#include <errno.h>
#include <glob.h>
#include <string.h>

#include "deb.h"
#include "packages.h"
#include "slotgate/cleanup.h"
#include "slotgate/programs.h"

#define SUITE "bookworm"
#define LIBRARIES "usr/lib/x86_64-linux-gnu"
#define LOADER "ld-linux-x86-64.so.2"

static const char *const roots[] = {
	"dpdk-dev", "qemu-system-x86", "qemu-system-common", "qemu-system-data", "seabios",
	"libbpf-tools", "rt-tests", NULL
};

/* Packages with libraries that are not called lib... */
static const char *const more_parts[] = { "ibverbs-providers", "zlib1g", NULL };

/*
 * Where everything begins.  A driver of DPDK is found by being in its folder:
 * one for the lab's network cards, and one for the pool of their buffers.
 */
static const char *const programs[] = {
	"usr/bin/dpdk-testpmd",
	LIBRARIES "/dpdk/pmds-*/librte_net_e1000.so.*.*",
	LIBRARIES "/dpdk/pmds-*/librte_mempool_ring.so.*.*",
	"usr/bin/qemu-system-x86_64",
	LIBRARIES "/qemu/accel-tcg-x86_64.so",
	"usr/share/seabios/bios-256k.bin",
	"usr/share/qemu/kvmvapic.bin",
	"usr/sbin/klockstat",
	"usr/bin/hackbench",
	NULL
};

static const char *const library_folders[] = { "lib/x86_64-linux-gnu", LIBRARIES, NULL };

/* Everything that goes into the initramfs: paths below @root. */
struct listing {
	const char *root;
	struct sg_strv files;
};

static bool is_one_of(const char *name, const char *const *list)
{
	while (*list && strcmp(*list, name))
		list++;
	return *list;
}

static bool is_part(const char *name)
{
	size_t len = strlen(name);

	if (is_one_of(name, roots) || is_one_of(name, more_parts))
		return true;
	return !strncmp(name, "lib", 3) && (len < 4 || strcmp(name + len - 4, "-dev"));
}

/* One set of them is enough: how they let go of a drive does not change with a point release. */
static int settle(const char *root, char **name, struct sg_error *err)
{
	(void)root;
	*name = strdup("unpacked");
	return *name ? 0 : sg_error_set(err, -ENOMEM, "out of memory");
}

static int fetch(const char *folder, const struct sg_watch *watch, struct sg_error *err)
{
	const struct packages packages = {
		.suite = SUITE, .roots = roots, .is_part = is_part, .folder = folder,
		.settle = settle,
	};

	return packages_fetch(&packages, watch, err);
}

static int find_programs(struct listing *listing, const char *pattern, struct sg_error *err)
{
	sg_autofree char *path = sg_format("%s/%s", listing->root, pattern);
	glob_t found;

	if (!path || glob(path, 0, NULL, &found))
		return sg_error_set(err, -ENOENT, "the packages of " SUITE " hold no %s", pattern);
	for (size_t i = 0; i < found.gl_pathc; i++)
		sg_strv_add(&listing->files, "%s", found.gl_pathv[i] + strlen(listing->root) + 1);
	globfree(&found);
	return listing->files.err;
}

static int add_library(struct listing *listing, const char *name, const char *user,
		       struct sg_error *err)
{
	for (const char *const *folder = library_folders; *folder; folder++) {
		sg_autofree char *file = sg_format("%s/%s", *folder, name);
		sg_autofree char *path = sg_format("%s/%s", listing->root, file ? file : "");

		if (!file || !path || access(path, R_OK))
			continue;
		if (!sg_strv_has(&listing->files, file))
			sg_strv_add(&listing->files, "%s", file);
		return listing->files.err;
	}
	return sg_error_set(err, -ENOENT, "the packages of " SUITE " hold no %s, which %s needs",
			    name, user);
}

static bool is_elf(const char *file)
{
	return strncmp(file, "usr/share/", strlen("usr/share/"));
}

/* The list grows while it is gone through, and holds everything once. */
static int add_libraries(struct listing *listing, struct sg_error *err)
{
	int code = 0;

	for (size_t i = 0; i < listing->files.count && !code; i++) {
		sg_cleanup(sg_strv_deinit) struct sg_strv needs = {0};
		sg_autofree char *file = strdup(listing->files.items[i]);
		sg_autofree char *path = sg_format("%s/%s", listing->root, file);

		if (!is_elf(file))
			continue;
		code = sg_elf_needs(path, &needs, err);
		for (size_t n = 0; n < needs.count && !code; n++)
			code = add_library(listing, needs.items[n], file, err);
	}
	return code;
}

static int make_folders(struct sg_cpio *cpio, const char *file, struct sg_strv *made)
{
	const char *slash = file;

	while ((slash = strchr(slash, '/'))) {
		sg_autofree char *folder = sg_format("%.*s", (int)(slash++ - file), file);
		int code = folder ? 0 : -ENOMEM;

		if (!code && sg_strv_has(made, folder))
			continue;
		if (!code)
			code = sg_cpio_dir(cpio, folder);
		if (code || sg_strv_add(made, "%s", folder))
			return code ? code : -ENOMEM;
	}
	return 0;
}

static int add_file(struct sg_cpio *cpio, const char *path, const char *name,
		    struct sg_strv *made)
{
	sg_autofree char *data = NULL;
	size_t size;
	int code = path ? sg_file_read(path, &data, &size) : -ENOMEM;

	if (!code)
		code = make_folders(cpio, name, made);
	return code ? code : sg_cpio_file(cpio, name, 0755, data, size);
}

static void cpio_cleanup(struct sg_cpio **cpio)
{
	sg_cpio_destroy(*cpio);
}

/* Programs ask for the loader by a path of its own. */
static int write_files(const struct listing *listing, struct sg_blob *ret, struct sg_error *err)
{
	sg_cleanup(cpio_cleanup) struct sg_cpio *cpio = NULL;
	sg_cleanup(sg_strv_deinit) struct sg_strv made = {0};
	sg_autofree char *loader = sg_format("%s/%s/" LOADER, listing->root, library_folders[0]);
	int code = sg_cpio_create(&cpio);

	if (!code)
		code = add_file(cpio, loader, "lib64/" LOADER, &made);
	for (size_t i = 0; i < listing->files.count && !code; i++) {
		const char *name = listing->files.items[i];
		sg_autofree char *path = sg_format("%s/%s", listing->root, name);

		code = add_file(cpio, path, name, &made);
	}
	if (!code)
		code = sg_cpio_finish(cpio, ret);
	return code ? sg_error_set(err, code, "programs for guests: %s", strerror(-code)) : 0;
}

static void listing_deinit(struct listing *listing)
{
	sg_strv_deinit(&listing->files);
}

static int list_all(struct listing *listing, struct sg_error *err)
{
	int code = 0;

	for (const char *const *program = programs; *program && !code; program++)
		code = find_programs(listing, *program, err);
	return code ? code : add_libraries(listing, err);
}

int sg_programs_read(const struct sg_watch *watch, struct sg_blob *ret, struct sg_error *err)
{
	sg_cleanup(listing_deinit) struct listing listing = {0};
	sg_autofree char *cache = NULL, *folder = NULL, *root = NULL;
	int code = sg_cache_dir(&cache, err);

	if (code)
		return code;
	folder = sg_format("%s/programs", cache);
	root = folder ? sg_format("%s/current/root", folder) : NULL;
	if (!root)
		return sg_error_set(err, -ENOMEM, "out of memory");
	listing.root = root;
	code = list_all(&listing, err);
	if (code == -ENOENT) {
		listing_deinit(&listing);
		code = fetch(folder, watch, err);
		if (!code)
			code = list_all(&listing, err);
	}
	return code ? code : write_files(&listing, ret, err);
}
