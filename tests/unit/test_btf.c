// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_btf.c - the module's own BTF reader against libbpf
 *
 * The kernel cannot call libbpf, so kmod/btf.c reads BTF by itself.  Here both
 * read the same types, and the module's reader gets damaged ones as well.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/btf.h>
#include <cmocka.h>

#include "../../kmod/btf.c"
#include "../../lib/btf.h"

/* What a kernel might hold: every kind, one private struct, three functions. */
static struct btf *sample(void)
{
	struct btf *btf = btf__new_empty();
	int i32, i64, boolean, ctrl, lock, irqreturn, proto, pctrl, cctrl, name;

	i32 = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	i64 = btf__add_int(btf, "long", 8, BTF_INT_SIGNED);
	boolean = btf__add_typedef(btf, "bool", btf__add_int(btf, "_Bool", 1, BTF_INT_BOOL));
	lock = btf__add_struct(btf, "rw_semaphore", 40);
	btf__add_field(btf, "count", i64, 0, 0);
	btf__add_struct(btf, "controller", 8);
	btf__add_field(btf, "other", i64, 0, 0);
	ctrl = btf__add_struct(btf, "controller", 64);
	btf__add_field(btf, "flag", i32, 0, 1);
	btf__add_field(btf, "reset_lock", lock, 64, 0);
	btf__add_field(btf, "depth", i32, 384, 0);
	irqreturn = btf__add_enum(btf, "irqreturn", 4);
	btf__add_enum_value(btf, "IRQ_NONE", 0);
	btf__add_enum64(btf, "wide", 8, false);
	btf__add_enum64_value(btf, "BIG", 1ULL << 40);
	btf__add_array(btf, i32, i32, 3);
	btf__add_union(btf, "either", 8);
	btf__add_field(btf, "a", i64, 0, 0);
	btf__add_fwd(btf, "unknown", BTF_FWD_STRUCT);
	btf__add_float(btf, "double", 8);
	cctrl = btf__add_const(btf, ctrl);
	pctrl = btf__add_restrict(btf, btf__add_ptr(btf, cctrl));
	name = btf__add_ptr(btf, btf__add_volatile(btf, 0));

	proto = btf__add_func_proto(btf, btf__add_typedef(btf, "irqreturn_t", irqreturn));
	btf__add_func_param(btf, "irq", i32);
	btf__add_func_param(btf, "dev_id", name);
	btf__add_func(btf, "handler", BTF_FUNC_STATIC, proto);
	proto = btf__add_func_proto(btf, 0);
	btf__add_func_param(btf, "ctrl", pctrl);
	btf__add_func_param(btf, "presence", boolean);
	btf__add_func(btf, "unconfigure", BTF_FUNC_STATIC, proto);
	btf__add_func(btf, "nothing", BTF_FUNC_GLOBAL, btf__add_func_proto(btf, 0));
	btf__add_var(btf, "variable", BTF_VAR_STATIC, i32);
	btf__add_datasec(btf, ".data", 4);
	btf__add_decl_tag(btf, "tag", ctrl, -1);
	btf__add_type_tag(btf, "user", i32);
	return btf;
}

static int load(struct sg_btf *btf, const void *raw, size_t size)
{
	int err = sg_btf_parse(btf, raw, size);

	return err ? err : sg_btf_index(btf, calloc(btf->ntypes, sizeof(u32)));
}

static void signature_is_same(const struct sg_btf *ours, const struct btf *theirs,
			      const char *function, const char *want)
{
	char a[SG_SIGNATURE_MAX] = "", b[SG_SIGNATURE_MAX] = "";

	assert_int_equal(sg_btf_signature(ours, function, a), 0);
	assert_int_equal(sg_btf_find_signature(theirs, function, b, sizeof(b)), 0);
	assert_string_equal(a, want);
	assert_string_equal(b, want);
}

static void member_is_same(const struct sg_btf *ours, const struct btf *theirs,
			   const char *member, uint32_t want)
{
	uint32_t a = 0, b = 0;

	assert_int_equal(sg_btf_member(ours, "controller", member, &a), 0);
	assert_int_equal(sg_btf_find_member(theirs, "controller", member, &b), 0);
	assert_int_equal(a, want);
	assert_int_equal(b, want);
}

static void both_readers_agree(void **state)
{
	struct btf *theirs = sample();
	struct sg_btf ours;
	const void *raw;
	uint32_t size;

	(void)state;
	raw = btf__raw_data(theirs, &size);
	assert_int_equal(load(&ours, raw, size), 0);
	assert_int_equal(ours.ntypes, btf__type_cnt(theirs));
	member_is_same(&ours, theirs, "reset_lock", 8);
	member_is_same(&ours, theirs, "depth", 48);
	signature_is_same(&ours, theirs, "handler", "4:4p");
	signature_is_same(&ours, theirs, "unconfigure", "v:p<controller>1");
	signature_is_same(&ours, theirs, "nothing", "v:");
	free(ours.index);
	btf__free(theirs);
}

static void what_is_missing_is_not_found(void **state)
{
	struct btf *theirs = sample();
	char text[SG_SIGNATURE_MAX];
	struct sg_btf ours;
	uint32_t size, offset;
	const void *raw;

	(void)state;
	raw = btf__raw_data(theirs, &size);
	assert_int_equal(load(&ours, raw, size), 0);
	assert_int_equal(sg_btf_member(&ours, "controller", "nowhere", &offset), -ENOENT);
	assert_int_equal(sg_btf_member(&ours, "nobody", "depth", &offset), -ENOENT);
	assert_int_equal(sg_btf_signature(&ours, "controller", text), -ENOENT);
	assert_int_equal(sg_btf_find_member(theirs, "nobody", "depth", &offset), -ENOENT);
	assert_int_equal(sg_btf_find_signature(theirs, "none", text, sizeof(text)), -ENOENT);
	free(ours.index);
	btf__free(theirs);
}

/* A signature that does not fit is refused, not cut: cut, it might match. */
static void a_long_signature_is_refused(void **state)
{
	struct btf *theirs = btf__new_empty();
	char text[SG_SIGNATURE_MAX];
	struct sg_btf ours;
	uint32_t size;
	const void *raw;
	int pointer, proto;

	(void)state;
	pointer = btf__add_ptr(theirs, btf__add_struct(theirs, "a_rather_long_name_here", 8));
	proto = btf__add_func_proto(theirs, 0);
	for (int i = 0; i < 12; i++)
		btf__add_func_param(theirs, "p", pointer);
	btf__add_func(theirs, "many", BTF_FUNC_STATIC, proto);
	raw = btf__raw_data(theirs, &size);
	assert_int_equal(load(&ours, raw, size), 0);
	assert_int_equal(sg_btf_signature(&ours, "many", text), -E2BIG);
	assert_int_equal(sg_btf_find_signature(theirs, "many", text, sizeof(text)), -E2BIG);
	free(ours.index);
	btf__free(theirs);
}

/*
 * Every single byte damaged in several ways, in memory of exactly that size:
 * the sanitizers see what reads outside.
 */
static void damaged_btf_does_no_harm(void **state)
{
	static const unsigned char damage[] = { 0x00, 0x01, 0x7f, 0xff };
	struct btf *theirs = sample();
	uint32_t size, offset, accepted = 0;
	const void *raw = btf__raw_data(theirs, &size);
	char text[SG_SIGNATURE_MAX];

	(void)state;
	for (uint32_t at = 0; at < size * sizeof(damage); at++) {
		unsigned char *copy = malloc(size);
		struct sg_btf ours;

		memcpy(copy, raw, size);
		copy[at / sizeof(damage)] = damage[at % sizeof(damage)];
		if (!load(&ours, copy, size)) {
			accepted++;
			sg_btf_member(&ours, "controller", "depth", &offset);
			sg_btf_signature(&ours, "unconfigure", text);
			free(ours.index);
		}
		free(copy);
	}
	assert_true(accepted > 0 && accepted < size * sizeof(damage));
	btf__free(theirs);
}

static void cut_btf_is_refused(void **state)
{
	struct btf *theirs = sample();
	struct sg_btf ours;
	uint32_t size;
	const void *raw = btf__raw_data(theirs, &size);

	(void)state;
	for (uint32_t cut = 0; cut < size; cut++) {
		void *copy = malloc(cut ? cut : 1);

		memcpy(copy, raw, cut);
		assert_int_equal(sg_btf_parse(&ours, copy, cut), -EINVAL);
		free(copy);
	}
	btf__free(theirs);
}

static void no_elf_is_refused(void **state)
{
	char junk[64] = "this is no ELF image";
	struct btf *btf;

	(void)state;
	assert_int_equal(sg_btf_open_vmlinux(junk, sizeof(junk), &btf), -ENOEXEC);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_readers_agree),
		cmocka_unit_test(what_is_missing_is_not_found),
		cmocka_unit_test(a_long_signature_is_refused),
		cmocka_unit_test(damaged_btf_does_no_harm),
		cmocka_unit_test(cut_btf_is_refused),
		cmocka_unit_test(no_elf_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
