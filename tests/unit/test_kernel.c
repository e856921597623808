// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_kernel.c - unpacked kernel packages, the cache, and QEMU's command line
 */
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../lab/kernel_tree.h"
#include "slotgate/vm.h"

static char folder[] = "/tmp/slotgate-kernel-XXXXXX";
static char place[PATH_MAX];

#define COMMON "/usr/src/linux-headers-6.1.0-99-common"
#define FLAVOUR "/usr/src/linux-headers-6.1.0-99-amd64"

static const char *in_folder(const char *name)
{
	snprintf(place, sizeof(place), "%s/%s", folder, name);
	return place;
}

static void store(const char *name, const void *data, size_t size)
{
	char parent[PATH_MAX];
	struct sg_error err;

	strcpy(parent, in_folder(name));
	*strrchr(parent, '/') = '\0';
	assert_int_equal(sg_mkdirs(parent, &err), 0);
	assert_int_equal(sg_file_write(in_folder(name), data, size, &err), 0);
}

static void store_text(const char *name, const char *text)
{
	store(name, text, strlen(text));
}

static void store_image(const char *name)
{
	unsigned char image[2048] = {0};

	image[0x1fe] = 0x55;
	image[0x1ff] = 0xaa;
	memcpy(image + 0x202, "HdrS", 4);
	image[0x206] = 0x0f;
	image[0x207] = 0x02;
	image[0x20f] = 0x02;
	strcpy((char *)image + 0x400, "6.1.0-99-amd64 (x)");
	store(name, image, sizeof(image));
}

static int setup(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	return sg_remove_tree(folder);
}

static void assert_ends(const char *text, const char *end)
{
	assert_non_null(text);
	assert_true(strlen(text) >= strlen(end));
	assert_string_equal(text + strlen(text) - strlen(end), end);
}

static void old_and_new_layouts_are_found(void **state)
{
	struct sg_kernel kernel = {0};
	struct sg_error err;

	(void)state;
	store_image("old/boot/vmlinuz-6.1.0-99-amd64");
	store_text("old/lib/modules/6.1.0-99-amd64/kernel/a.ko", "");
	store_text("old" FLAVOUR "/.config", "");
	assert_int_equal(kernel_tree_find(in_folder("old"), &kernel, &err), 0);
	assert_string_equal(kernel.release, "6.1.0-99-amd64");
	assert_ends(kernel.image, "/old/boot/vmlinuz-6.1.0-99-amd64");
	assert_ends(kernel.modules, "/old/lib/modules/6.1.0-99-amd64");
	assert_ends(kernel.headers, FLAVOUR);
	sg_kernel_deinit(&kernel);

	store_image("new/usr/lib/modules/7.2.13+deb14-amd64/vmlinuz");
	store_text("new/usr/lib/modules/7.2.13+deb14-amd64/kernel/a.ko.xz", "");
	assert_int_equal(kernel_tree_find(in_folder("new"), &kernel, &err), 0);
	assert_ends(kernel.modules, "/new/usr/lib/modules/7.2.13+deb14-amd64");
	assert_null(kernel.headers);
	sg_kernel_deinit(&kernel);

	assert_int_equal(kernel_tree_find(in_folder("none"), &kernel, &err), -ENOENT);
	sg_kernel_deinit(&kernel);
}

static void headers_refer_to_each_other_in_place(void **state)
{
	char *text = NULL, link[PATH_MAX] = "", real[PATH_MAX];
	struct sg_error err;

	(void)state;
	store_text("move" COMMON "/Makefile", "common\n");
	store_text("move" FLAVOUR "/Makefile", "include " COMMON "/Makefile\n");
	store_text("move/usr/lib/linux-kbuild-6.1/scripts/x", "");
	assert_int_equal(symlink("/usr/lib/linux-kbuild-6.1/scripts",
				 in_folder("move" FLAVOUR "/scripts")), 0);
	assert_int_equal(symlink("../../lib/linux-kbuild-6.1/scripts",
				 in_folder("move" FLAVOUR "/tools")), 0);
	for (int i = 0; i < 2; i++)	/* a second time changes nothing */
		assert_int_equal(kernel_tree_relocate(in_folder("move"), &err), 0);
	assert_int_equal(sg_file_read(in_folder("move" FLAVOUR "/Makefile"), &text, NULL), 0);
	assert_string_equal(text, "include ../linux-headers-6.1.0-99-common/Makefile\n");
	free(text);
	assert_true(readlink(in_folder("move" FLAVOUR "/scripts"), link, sizeof(link)) > 0);
	assert_string_equal(link, "../../../usr/lib/linux-kbuild-6.1/scripts");
	assert_non_null(realpath(in_folder("move" FLAVOUR "/scripts/x"), real));
	assert_non_null(realpath(in_folder("move" FLAVOUR "/tools/x"), real));
}

static void lines_are_known(void **state)
{
	(void)state;
	assert_string_equal(sg_kernel_lines[0].name, "bookworm");
	assert_false(sg_kernel_lines[0].in_chroot);
	assert_true(sg_kernel_line_find("sid")->in_chroot);
	assert_ptr_equal(sg_kernel_line_find("sid")->suite, sg_kernel_line_find("sid")->name);
	assert_null(sg_kernel_line_find("bookwrom"));
}

static void the_cache_is_where_it_is_told_to_be(void **state)
{
	struct sg_kernel kernel = {0};
	struct sg_error err;
	char *path = NULL;

	(void)state;
	setenv("SLOTGATE_CACHE", in_folder("cache/deep"), 1);
	assert_int_equal(sg_cache_dir(&path, &err), 0);
	assert_string_equal(path, in_folder("cache/deep"));
	assert_int_equal(access(path, W_OK), 0);
	free(path);
	assert_int_equal(sg_kernel_cached(&sg_kernel_lines[0], &kernel, &err), -ENOENT);
	assert_string_equal(err.text, "kernel bookworm is not fetched yet");

	unsetenv("SLOTGATE_CACHE");
	setenv("XDG_CACHE_HOME", in_folder("xdg"), 1);
	assert_int_equal(sg_cache_dir(&path, &err), 0);
	assert_string_equal(path, in_folder("xdg/slotgate"));
	free(path);
}

static void what_is_in_the_cache_is_used(void **state)
{
	struct sg_kernel kernel = {0};
	struct sg_error err;

	(void)state;
	setenv("SLOTGATE_CACHE", in_folder("full"), 1);
	store_image("full/kernels/bookworm/6.1.0-99-amd64/root/boot/vmlinuz-6.1.0-99-amd64");
	store_text("full/kernels/bookworm/6.1.0-99-amd64/root/lib/modules/x/kernel/a.ko", "");
	assert_int_equal(symlink("6.1.0-99-amd64", in_folder("full/kernels/bookworm/current")), 0);
	assert_int_equal(sg_kernel_open("bookworm", NULL, NULL, &kernel, &err), 0);
	assert_string_equal(kernel.line, "bookworm");
	assert_string_equal(kernel.release, "6.1.0-99-amd64");
	assert_null(kernel.ko);
	sg_kernel_deinit(&kernel);
}

static void assert_refused(const char *name, const char *modules, int code, const char *reason)
{
	struct sg_kernel kernel = {0};
	struct sg_error err = { "" };

	assert_int_equal(sg_kernel_open(name, modules, NULL, &kernel, &err), code);
	assert_non_null(strstr(err.text, reason));
	assert_null(kernel.image);
}

static void bad_images_are_refused(void **state)
{
	(void)state;
	store_image("vmlinuz");
	assert_refused("/etc/passwd", NULL, -ENOEXEC, "/etc/passwd is no x86 kernel image");
	assert_refused("6.1", NULL, -ENOENT, "neither a file nor a kernel line");
	assert_refused("./6.1", NULL, -ENOENT, "cannot read kernel ./6.1: No such file");
	assert_refused("/", NULL, -EISDIR, "Is a directory");
	assert_refused(strdupa(in_folder("vmlinuz")), NULL, -EINVAL, "needs --modules DIR");
	assert_refused(strdupa(in_folder("vmlinuz")), "/no/such", -ENOENT, "/no/such");
}

static char *args_of(const struct sg_topology *topology, bool kvm)
{
	struct sg_kernel kernel = { .image = "/vmlinuz" };
	struct sg_machine machine = { .kernel = &kernel, .topology = topology, .kvm = kvm,
				      .initrd_fd = 3, .console_fd = 4, .record_fd = 5,
				      .qmp_fd = 6 };
	struct sg_strv args = {0};
	struct sg_error err;
	char *text = strdup("");

	if (sg_qemu_args(&machine, &args, &err)) {
		sg_strv_deinit(&args);
		free(text);
		return NULL;
	}
	for (size_t i = 0; i < args.count; i++) {
		char *more = sg_format("%s %s", text, args.items[i]);

		free(text);
		text = more;
	}
	sg_strv_deinit(&args);
	return text;
}

static void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in %s", part, text);
}

static void machines_have_their_slots(void **state)
{
	struct sg_topology topology = { .nslots = 3, .slots = {
		{ .number = 3, .parent = 2, .has_drive = true },
		{ .number = 1, .has_drive = true },
		{ .number = 2, .is_switch = true },
	} };
	char *text = args_of(&topology, false);
	const char *root, *upstream, *downstream, *drive;

	(void)state;
	assert_has(text, "-accel tcg,thread=single -cpu max");
	assert_has(text, "acpi-pci-hotplug-with-bridge-support=off");
	assert_has(text, "-initrd /proc/self/fd/3");
	assert_has(text, "nvme,id=d1,bus=slot1,serial=s1,drive=node1");
	root = strstr(text, "pcie-root-port,id=slot2,bus=pcie.0,chassis=2,slot=2");
	upstream = strstr(text, "x3130-upstream,id=sw2,bus=slot2");
	downstream = strstr(text, "xio3130-downstream,id=slot3,bus=sw2,chassis=3,slot=3");
	drive = strstr(text, "nvme,id=d3,bus=slot3");
	assert_true(root && upstream && downstream && drive);
	assert_true(root < upstream && upstream < downstream && downstream < drive);
	free(text);
	text = args_of(&topology, true);
	assert_has(text, "-accel kvm -cpu host");
	free(text);
}

static void many_slots_share_devices(void **state)
{
	struct sg_topology topology = { .nslots = SG_DRIVES_MAX };
	char *text;

	(void)state;
	for (unsigned int i = 0; i < SG_DRIVES_MAX; i++)
		topology.slots[i] = (struct sg_slot){ .number = i + 1, .has_drive = true };
	text = args_of(&topology, false);
	assert_has(text, "id=slot1,bus=pcie.0,chassis=1,slot=1,addr=0x3.0,multifunction=on");
	assert_has(text, "id=slot9,bus=pcie.0,chassis=9,slot=9,addr=0x4.0,multifunction=on");
	assert_has(text, "id=slot64,bus=pcie.0,chassis=64,slot=64,addr=0xa.7,multifunction=on");
	free(text);
}

/* One with virtual functions finds its name space in the subsystem, which stays. */
static void drives_come_back(void **state)
{
	struct sg_topology topology = {
		.nslots = 3,
		.slots = { { .number = 1, .has_drive = true },
			   { .number = 2, .has_drive = true, .max_vfs = 4 },
			   { .number = 3, .is_switch = true } },
	};
	struct json_object *plain = sg_qemu_plug(&topology, 1, 7);
	struct json_object *with = sg_qemu_plug(&topology, 2, 7);

	(void)state;
	assert_string_equal(json_object_get_string(json_object_object_get(plain, "id")), "d1-7");
	assert_string_equal(json_object_get_string(json_object_object_get(plain, "drive")), "node1");
	assert_string_equal(json_object_get_string(json_object_object_get(with, "subsys")), "sub2");
	assert_int_equal(json_object_get_int(json_object_object_get(with, "sriov_max_vfs")), 4);
	assert_null(json_object_object_get(with, "drive"));
	assert_null(sg_qemu_plug(&topology, 3, 7));
	json_object_put(plain);
	json_object_put(with);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(old_and_new_layouts_are_found),
		cmocka_unit_test(headers_refer_to_each_other_in_place),
		cmocka_unit_test(lines_are_known),
		cmocka_unit_test(the_cache_is_where_it_is_told_to_be),
		cmocka_unit_test(what_is_in_the_cache_is_used),
		cmocka_unit_test(bad_images_are_refused),
		cmocka_unit_test(machines_have_their_slots),
		cmocka_unit_test(many_slots_share_devices),
		cmocka_unit_test(drives_come_back),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
