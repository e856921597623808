// SPDX-License-Identifier: GPL-2.0-only
/*
 * deb.c - Debian packages by way of apt-get and dpkg: find, download, unpack
 *
 * The machine's package state is never changed.  Its own package lists are
 * used when they are there; otherwise, and for other suites, lists are kept in
 * a folder of the cache.  Where the packages come from is taken from the
 * machine's apt configuration, so that a local mirror or proxy keeps working.
 */
#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <glob.h>
#include <string.h>
#include <sys/stat.h>

#include "deb.h"
#include "slotgate/cleanup.h"

#define KEYRING "/usr/share/keyrings/debian-archive-keyring.gpg"

static const char *const kernel_prefixes[] = {
	"linux-image-", "linux-headers-", "linux-kbuild-", "linux-binary-", "linux-modules-",
	"linux-source-",
};

void deb_deinit(struct deb_source *source)
{
	sg_strv_deinit(&source->options);
	free(source->folder);
}

static void add_option(struct deb_source *source, const char *name, const char *value)
{
	sg_strv_add(&source->options, "-o");
	sg_strv_add(&source->options, "%s=%s", name, value);
}

static void add_folder(struct deb_source *source, const char *name, const char *sub)
{
	sg_autofree char *path = sg_format("%s/%s", source->folder, sub);

	if (path)
		add_option(source, name, path);
}

static int run(struct deb_source *source, const char *program, const char *const *args,
	       const struct sg_strv *more, const struct sg_watch *watch, char **ret,
	       struct sg_error *err)
{
	sg_cleanup(sg_strv_deinit) struct sg_strv argv = {0};

	sg_strv_add(&argv, "%s", program);
	if (source->options.items)
		sg_strv_add_all(&argv, (const char *const *)source->options.items);
	sg_strv_add_all(&argv, args);
	if (more && more->items)
		sg_strv_add_all(&argv, (const char *const *)more->items);
	if (argv.err)
		return sg_error_set(err, argv.err, "%s: out of memory", program);
	return sg_command(argv.items, watch, ret, err);
}

static bool machine_runs(const char *suite)
{
	sg_autofree char *text = NULL, *want = sg_format("VERSION_CODENAME=%s\n", suite);

	return want && !sg_file_read("/etc/os-release", &text, NULL) && strstr(text, want);
}

/* The machine's own mirror of the main archive. */
static int find_mirror(const struct sg_watch *watch, char **ret, struct sg_error *err)
{
	static const char *const args[] = {
		"indextargets", "--format", "$(LABEL) $(REPO_URI)", "Created-By: Packages", NULL,
	};
	struct deb_source machine = {0};
	sg_autofree char *text = NULL;
	char *save = NULL;
	int code = run(&machine, "apt-get", args, NULL, watch, &text, err);

	if (code)
		return code;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (strncmp(line, "Debian ", 7) && *line != ' ')
			continue;
		*ret = strdup(strchr(line, ' ') + 1);
		return *ret ? 0 : sg_error_set(err, -ENOMEM, "out of memory");
	}
	return sg_error_set(err, -ENOENT, "apt is configured for no Debian mirror");
}

char *deb_sources(const char *cache, const char *suite)
{
	return sg_format("%s/apt/%s/sources.list", cache, suite);
}

static int write_sources(struct deb_source *source, const char *suite,
			 const struct sg_watch *watch, struct sg_error *err)
{
	sg_autofree char *mirror = NULL, *text = NULL;
	sg_autofree char *path = sg_format("%s/sources.list", source->folder);
	int code = find_mirror(watch, &mirror, err);

	if (code)
		return code;
	text = sg_format("deb %s%s %s main\n",
			 access(KEYRING, R_OK) ? "" : "[signed-by=" KEYRING "] ", mirror, suite);
	if (!text || !path)
		return sg_error_set(err, -ENOMEM, "out of memory");
	add_option(source, "Dir::Etc::SourceList", path);
	add_option(source, "Dir::Etc::SourceParts", "/dev/null");
	/* A mirror's copy of a moving suite may be older than its Release file allows. */
	add_option(source, "Acquire::Check-Valid-Until", "false");
	return sg_file_write(path, text, strlen(text), err);
}

static int use_private_lists(struct deb_source *source, struct sg_error *err)
{
	static const char *const folders[] = { "lists/partial", "archives/partial" };

	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		sg_autofree char *path = sg_format("%s/%s", source->folder, folders[i]);
		int code = path ? sg_mkdirs(path, err) : -ENOMEM;

		if (code)
			return code;
	}
	add_folder(source, "Dir::State::Lists", "lists");
	add_folder(source, "Dir::Cache", "");
	source->own = false;
	return 0;
}

int deb_open(const char *suite, const char *cache, const struct sg_watch *watch,
	     struct deb_source *ret, struct sg_error *err)
{
	int code;

	*ret = (struct deb_source){ .own = machine_runs(suite) };
	ret->folder = sg_format("%s/apt/%s", cache, suite);
	if (!ret->folder)
		return sg_error_set(err, -ENOMEM, "out of memory");
	/* As root apt would fetch as another user, who cannot write to our folder. */
	add_option(ret, "APT::Sandbox::User", "root");
	if (ret->own)
		return 0;
	code = use_private_lists(ret, err);
	return code ? code : write_sources(ret, suite, watch, err);
}

int deb_update(struct deb_source *source, const struct sg_watch *watch, struct sg_error *err)
{
	/* Without this a mirror that cannot be reached is only a warning. */
	static const char *const args[] = { "update", "--error-on=any", NULL };
	int code = source->own ? use_private_lists(source, err) : 0;

	return code ? code : run(source, "apt-get", args, NULL, watch, NULL, err);
}

static bool ends_in(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n >= m && !strcmp(name + n - m, end);
}

/*
 * "linux-image-6.1.0-56-amd64" is one, the empty "linux-image-amd64" is not,
 * nor is the alternative "linux-image-6.1.0-56-amd64-unsigned".
 */
bool deb_is_kernel(const char *name)
{
	if (ends_in(name, "-unsigned") || ends_in(name, "-dbg"))
		return false;
	for (size_t i = 0; i < sizeof(kernel_prefixes) / sizeof(*kernel_prefixes); i++) {
		size_t n = strlen(kernel_prefixes[i]);

		if (!strncmp(name, kernel_prefixes[i], n) && isdigit((unsigned char)name[n]))
			return true;
	}
	return false;
}

int deb_closure(struct deb_source *source, const char *const *roots,
		bool (*is_part)(const char *name), const struct sg_watch *watch,
		struct sg_strv *ret, struct sg_error *err)
{
	static const char *const args[] = {
		"depends", "--recurse", "--no-recommends", "--no-suggests", "--no-conflicts",
		"--no-breaks", "--no-replaces", "--no-enhances", NULL,
	};
	sg_cleanup(sg_strv_deinit) struct sg_strv more = {0};
	sg_autofree char *text = NULL;
	char *save = NULL;
	int code;

	sg_strv_add_all(&more, roots);
	code = run(source, "apt-cache", args, &more, watch, &text, err);
	if (code)
		return code;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (is_part(line) && !sg_strv_has(ret, line))
			sg_strv_add(ret, "%s", line);
	if (!ret->count)
		return sg_error_set(err, -ENOENT, "apt knows no package %s", roots[0]);
	return ret->err;
}

/* 'URI' FILE SIZE CHECKSUM: drop the address, which may differ by mirror. */
int deb_manifest(struct deb_source *source, const struct sg_strv *packages,
		 const struct sg_watch *watch, char **ret, struct sg_error *err)
{
	static const char *const args[] = { "download", "--print-uris", NULL };
	sg_autofree char *text = NULL;
	char *save = NULL, *end;
	int code = run(source, "apt-get", args, packages, watch, &text, err);

	if (code)
		return code;
	assert(text);	/* it ended well */
	*ret = end = calloc(1, strlen(text) + 2);
	if (!end)
		return sg_error_set(err, -ENOMEM, "out of memory");
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *blank = strchr(line, ' ');

		if (blank)
			end = stpcpy(stpcpy(end, blank + 1), "\n");
	}
	return 0;
}

/* apt-get download writes to the current folder and checks what it fetched. */
static int download(struct deb_source *source, const struct sg_strv *packages,
		    const char *folder, const struct sg_watch *watch, struct sg_error *err)
{
	static const char script[] = "cd \"$0\" && exec apt-get \"$@\"";
	sg_cleanup(sg_strv_deinit) struct sg_strv argv = {0};

	sg_strv_add(&argv, "sh");
	sg_strv_add(&argv, "-c");
	sg_strv_add(&argv, "%s", script);
	sg_strv_add(&argv, "%s", folder);
	sg_strv_add_all(&argv, (const char *const *)source->options.items);
	sg_strv_add(&argv, "download");
	sg_strv_add_all(&argv, (const char *const *)packages->items);
	if (argv.err)
		return sg_error_set(err, argv.err, "out of memory");
	return sg_command(argv.items, watch, NULL, err);
}

static int unpack_one(const char *deb, const char *root, const struct sg_watch *watch,
		      struct sg_error *err)
{
	char *argv[] = { "dpkg", "-x", (char *)deb, (char *)root, NULL };
	int code = sg_command(argv, watch, NULL, err);

	if (!code)
		unlink(deb);
	return code;
}

static int unpack_all(const char *folder, const struct sg_watch *watch, struct sg_error *err)
{
	sg_autofree char *pattern = sg_format("%s/*.deb", folder);
	sg_autofree char *root = sg_format("%s/root", folder);
	glob_t found;
	int code = 0;

	if (!pattern || !root || glob(pattern, 0, NULL, &found))
		return sg_error_set(err, -ENOENT, "%s: no packages arrived", folder);
	for (size_t i = 0; i < found.gl_pathc && !code; i++) {
		sg_watch_say(watch, "unpacking %s", strrchr(found.gl_pathv[i], '/') + 1);
		code = unpack_one(found.gl_pathv[i], root, watch, err);
	}
	globfree(&found);
	return code;
}

int deb_unpack(struct deb_source *source, const struct sg_strv *packages, const char *folder,
	       const struct sg_watch *watch, struct sg_error *err)
{
	int code = sg_mkdirs(folder, err);

	sg_watch_say(watch, "downloading %zu packages (%s, ...)", packages->count,
		     packages->items[0]);
	if (!code)
		code = download(source, packages, folder, watch, err);
	return code ? code : unpack_all(folder, watch, err);
}
