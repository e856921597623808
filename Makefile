# SPDX-License-Identifier: GPL-2.0-only
#
#   make            the user space: build/slotgate, build/agent
#   make kmod       slotgate.ko for KERNEL (default: bookworm)
#   make debug-kernel  kernel lines that the lab builds itself: debug, lockdep, pciehp-2020
#   make demo       everything needed, then the hang and its cure in virtual machines
#   make test       all tests
#   make test-packages  the Debian packages, in a chroot and a virtual machine
#   make test-all   the whole scoreboard on all kernel lines, stock and slotgate
#   make scoreboard the same on KERNEL alone
#   make static     clang-tidy, cppcheck, sparse, kernel-doc and the kernel's style on the sources
#   make model      the lock protocol, every interleaving of a few tasks; model-full: of more
#   make deps       install the Debian packages that are missing
#   make deb        Debian packages: slotgate, slotgate-dkms
#   make install    what the first of them has, below DESTDIR and PREFIX; install-dkms: the second
#
# CC=clang and SAN=1 (address and undefined-behaviour sanitizers) build into
# folders of their own.  V=1 shows the commands.

MAKEFLAGS += --no-builtin-rules --no-print-directory
KERNEL ?= bookworm

ifeq ($(origin CC),default)
CC = gcc
endif
variant := $(if $(findstring clang,$(CC)),-clang)$(if $(SAN),-san)
B ?= build$(variant:-%=/%)

ifneq ($(V),1)
Q = @
endif
say = @$(if $(Q),printf '  %-6s %s\n' '$(1)' '$(2)',:)

# The module's version is the project's.
RELEASE := $(shell sed -n 's/.*SG_VERSION "\(.*\)"/\1/p' kmod/version.h)
VERSION := $(shell git describe --always --dirty 2>/dev/null || echo unknown)
PACKAGES = libarchive json-c libelf libbpf libkmod libzstd
sanitize = $(if $(SAN),-fsanitize=address$(comma)undefined -fno-sanitize-recover=all)
comma = ,

CPPFLAGS += -Iinclude -Ilib -Istorm -Ireport -Itests -I$(B)/bpf -I$(B)/report -D_GNU_SOURCE -DSG_VERSION='"$(RELEASE) ($(VERSION))"'
CFLAGS ?= -O2 -g
# Text for people is cut to its buffer on purpose; only gcc warns about that.
warnings = -Wall -Wextra -Werror $(if $(findstring clang,$(CC)),,-Wno-format-truncation)
ALL_CFLAGS = -std=gnu11 $(warnings) -MMD -MP $(sanitize) $(CFLAGS)
ALL_LDFLAGS = $(sanitize) $(LDFLAGS)
# Asked for only when something is compiled: "make deps" comes before pkg-config.
pkg_cflags = $(shell pkg-config --cflags $(PACKAGES))
pkg_libs = $(shell pkg-config --libs $(PACKAGES)) -lm

objects = $(patsubst %.c,$(B)/obj/%.o,$(wildcard $(1)))
LIB_OBJ := $(call objects,lib/*.c lab/*.c scenarios/*.c storm/*.c report/*.c)
CLI_OBJ := $(call objects,cli/*.c)
AGENT_OBJ := $(call objects,agent/*.c)
LAYOUT_OBJ := $(call objects,tools/layout.c lib/btf.c lib/bzimage.c)
UNIT := $(patsubst tests/unit/%.c,$(B)/unit/%,$(wildcard tests/unit/test_*.c))
UNIT_OBJ := $(call objects,tests/unit/*.c)
BRUTE_OBJ := $(call objects,tests/brute/*.c)
EXACT_OBJ := $(call objects,tests/exact.c)
PLANTED_OBJ := $(call objects,tests/planted/*.c)
BENCH_OBJ := $(call objects,tests/bench.c)
FUZZ_OBJ := $(call objects,tests/fuzz/*.c)
HAVE_LAYOUT := $(wildcard tools/layout.c)

all: $(B)/slotgate $(if $(AGENT_OBJ),$(B)/agent $(B)/slotgate-diagnose $(B)/slotgate-storm) $(B)/recorder $(if $(HAVE_LAYOUT),$(B)/slotgate-layout)

# The version is told as it is now, not as it was when main.c was last compiled.
$(B)/version: FORCE
	$(Q)mkdir -p $(@D) && echo '$(RELEASE) ($(VERSION))' >$@.new && \
	{ cmp -s $@.new $@ && rm $@.new || mv $@.new $@; }
$(B)/obj/cli/main.o $(B)/obj/cli/storm_report.o $(B)/obj/agent/cli/storm_report.o: $(B)/version
FORCE:

$(B)/libslotgate.a: $(LIB_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(B)/slotgate: $(CLI_OBJ) $(B)/libslotgate.a
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(pkg_libs)

# The parts of the library that read a running kernel, and the storm that is let loose on it.
AGENT_LIB_OBJ := $(patsubst $(B)/obj/%,$(B)/obj/agent/%,$(call objects,lib/livepatch.c lib/file.c lib/task.c lib/port.c lib/rng.c lib/strv.c lib/error.c lib/clock.c lib/vfio.c lib/aer.c lib/alarm.c lib/slotctl.c storm/*.c))
$(B)/agent: $(AGENT_OBJ) $(AGENT_LIB_OBJ)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -static -o $@ $^ $(shell pkg-config --libs --static json-c)

# One command of slotgate, static: for guests, and for machines that may not install anything.
alone = $(patsubst $(B)/obj/%,$(B)/obj/agent/%,$(call objects,cli/alone/$(1).c cli/cmd.c cli/cmd_$(1).c $(2) \
	lib/error.c lib/file.c lib/nearest.c lib/strv.c lib/task.c lib/port.c lib/livepatch.c lib/live*.c \
	lib/evidence*.c lib/diagnose*.c lib/klog*.c lib/number.c))
DIAGNOSE_OBJ := $(call alone,diagnose)
STORM_OBJ := $(call alone,storm,cli/storm_*.c cli/options.c storm/*.c lib/clock.c lib/vfio.c lib/aer.c lib/alarm.c lib/slotctl.c lib/rng.c)
ALONE_OBJ := $(DIAGNOSE_OBJ) $(STORM_OBJ)
$(B)/slotgate-diagnose: $(DIAGNOSE_OBJ)
$(B)/slotgate-storm: $(STORM_OBJ)
$(B)/slotgate-diagnose $(B)/slotgate-storm:
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -static -o $@ $^ $(shell pkg-config --libs --static json-c)

$(B)/slotgate-layout: $(LAYOUT_OBJ)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(pkg_libs)

$(B)/unit/%: $(B)/obj/tests/unit/%.o $(B)/libslotgate.a
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(pkg_libs) -lcmocka

$(B)/unit/test_exact: $(BRUTE_OBJ)
$(B)/unit/test_trace: $(B)/obj/tests/fuzz/trace.o
$(B)/unit/test_diagnose: $(B)/obj/tests/fuzz/klog.o
$(B)/unit/test_planted: $(PLANTED_OBJ)

$(B)/exact: $(EXACT_OBJ) $(BRUTE_OBJ)
$(B)/bench: $(BENCH_OBJ) $(PLANTED_OBJ)
$(B)/exact $(B)/bench: $(B)/libslotgate.a
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(pkg_libs)

# The recorder's part in the kernel, as bytes in a header.
SKELETON = $(B)/bpf/record.skel.h
$(B)/bpf/record.bpf.o: bpf/record.bpf.c
	$(call say,BPF,$@)
	$(Q)mkdir -p $(@D) && clang -g -O2 -target bpf -mcpu=v3 -Wall -Werror -MMD -MP -Iinclude -Ibpf \
		-idirafter /usr/include/$(shell $(CC) -print-multiarch) -c -o $@ $< && llvm-strip -g $@
$(SKELETON): $(B)/bpf/record.bpf.o
	$(Q)PATH="$$PATH:/usr/sbin" bpftool gen skeleton $< name record_bpf >$@
$(B)/obj/lib/record_hooks.o $(B)/obj/static/lib/record_hooks.o: $(SKELETON)

# What a page begins with, as a string that C can read.
$(B)/report/%.h: report/%
	$(Q)mkdir -p $(@D) && sed 's/[\\"]/\\&/g; s/.*/"&\\n"/' $< >$@
$(B)/obj/report/page.o: $(B)/report/page.html.h $(B)/report/style.css.h

# The recorder alone, for guests, which have no libraries.
RECORDER_OBJ := $(patsubst $(B)/obj/%,$(B)/obj/static/%,$(call objects,bpf/alone.c cli/cmd.c cli/cmd_record.c \
	lib/record*.c lib/trace_*.c lib/error.c lib/strv.c lib/nearest.c lab/command.c))
$(B)/recorder: $(RECORDER_OBJ)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -static -o $@ $^ $(shell pkg-config --libs --static libbpf libzstd)
$(RECORDER_OBJ): sanitize =

$(B)/obj/static/%.o: %.c
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(pkg_cflags) -c -o $@ $<

# The agent is PID 1 of a guest: static, and never with a sanitizer.
$(AGENT_OBJ) $(AGENT_LIB_OBJ) $(ALONE_OBJ): sanitize =

$(B)/obj/agent/%.o: %.c
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(pkg_cflags) -c -o $@ $<

$(B)/obj/%.o: %.c
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(pkg_cflags) -c -o $@ $<

deps:
	$(Q)tools/deps

# Kernel lines that no distribution ships; they take some minutes.
debug-kernel:
	+$(Q)tools/deps debug
	+$(Q)$(MAKE) all
	$(Q)B=$(B) tools/build-kernel debug lockdep pciehp-2020

kmod: all
	+$(Q)B=$(B) tools/build-kmod $(KERNEL)
kmod-variants: all
	+$(Q)B=$(B) tools/build-kmod --variants $(KERNEL)

# Sub-makes, because pkg-config and the compiler may arrive with deps.
demo:
	+$(Q)$(MAKE) deps
	+$(Q)$(MAKE) all
	+$(Q)$(MAKE) kmod
	$(Q)$(B)/slotgate lab demo

test:
	+$(Q)tools/deps deb page
	+$(Q)tests/run

units: $(UNIT)
unit unit-clang unit-san: %:
	+$(Q)tests/run $@
test-vm:
	+$(Q)tests/run vm
test-host:
	+$(Q)tests/run host

# As root; in a chroot of Debian 12 and a machine made of it; a quarter of an hour and more.
test-packages:
	+$(Q)tools/deps deb
	+$(Q)$(MAKE) all
	+$(Q)$(MAKE) kmod
	+$(Q)tests/run packages

# BOARD: further options, e.g. BOARD="--repeat 3 --jobs 2 --keep DIR"
scoreboard: kmod-variants
	$(Q)$(B)/slotgate lab board $(KERNEL) $(BOARD)

LINES = bullseye bookworm bookworm-backports sid
test-all:
	+$(Q)$(MAKE) deps
	+$(Q)$(MAKE) all
	+$(Q)for line in $(LINES); do $(MAKE) kmod-variants KERNEL=$$line || exit 1; done
	$(Q)$(B)/slotgate lab board $(LINES) --xen $(BOARD)

# The predictor against all interleavings of 100,000 random traces.
exact: $(B)/exact
	$(Q)$(B)/exact

# Speed and memory on up to ten million events, with planted deadlocks.
bench: $(B)/bench
	$(Q)$(B)/bench

# Beside ThreadSanitizer and helgrind (package valgrind), as a table.
replay = tests/replay.c lib/trace_*.c lib/error.c -lzstd -lpthread
compare: $(B)/slotgate $(B)/bench
	$(call say,CC,build/replay)
	$(Q)clang -g -O1 -fsanitize=thread -Iinclude -Ilib -D_GNU_SOURCE -o build/replay-tsan $(replay)
	$(Q)$(CC) -g -O1 -Iinclude -Ilib -D_GNU_SOURCE -o build/replay $(replay)
	$(Q)tests/compare

# A fuzzer over the real reader and predictor; FUZZ=SECONDS.
FUZZ ?= 60
fuzz:
	$(call say,CC,build/fuzz)
	$(Q)mkdir -p build/corpus && clang -g -O1 -fsanitize=fuzzer,address,undefined -Iinclude -Ilib -Itests \
		-D_GNU_SOURCE -o build/fuzz tests/fuzz/trace.c lib/trace_*.c lib/predict*.c lib/error.c -lzstd
	$(Q)build/fuzz -max_total_time=$(FUZZ) -max_len=4096 -print_final_stats=1 build/corpus

# The same over the reader of kernel logs, and the diagnosis of what it makes of them.
fuzz-klog:
	$(call say,CC,build/fuzz-klog)
	$(Q)mkdir -p build/corpus-klog && clang -g -O1 -fsanitize=fuzzer,address,undefined -Iinclude -Ilib -Itests -D_GNU_SOURCE \
		-o build/fuzz-klog tests/fuzz/klog.c lib/klog*.c lib/diagnose*.c lib/evidence*.c lib/task.c lib/file.c \
		lib/strv.c lib/error.c $(pkg_cflags) -ljson-c
	$(Q)build/fuzz-klog -max_total_time=$(FUZZ) -max_len=16384 -print_final_stats=1 build/corpus-klog \
		tests/data/hangs/*

# What is checked, and with which outcome, is in model/checks.
model:
	$(Q)model/run

model-full:
	$(Q)model/run --full

check:
	$(Q)tools/check

# What reads the sources without running them.  A file is looked at again when it, or a header
# that it includes, was changed: its object is then newer.
TIDY := $(patsubst %.c,$(B)/static/%.tidy,$(wildcard cli/*.c lib/*.c lab/*.c report/*.c scenarios/*.c \
	storm/*.c agent/*.c tools/*.c))
$(B)/static/%.tidy: %.c $(B)/obj/%.o .clang-tidy
	$(call say,TIDY,$<)
	$(Q)mkdir -p $(@D) && { clang-tidy --quiet $< -- -std=gnu11 $(CPPFLAGS) $(pkg_cflags) >$@.log 2>&1 || \
		{ grep -vE 'warnings? (generated|treated as)|^$$' $@.log; exit 1; }; } && touch $@

tidy: $(TIDY)
static:
	+$(Q)tools/static

# What is installed, and where.
PREFIX ?= /usr/local
ZSH_FOLDER ?= $(PREFIX)/share/zsh/site-functions
put = install -D -m $(1) -t $(DESTDIR)$(2) $(3)
install: all
	$(Q)$(call put,755,$(PREFIX)/bin,$(B)/slotgate)
	$(Q)$(call put,755,$(PREFIX)/lib/slotgate,$(B)/agent $(B)/recorder $(B)/slotgate-storm $(B)/slotgate-layout packaging/dkms/kernel-layout packaging/dkms/build-module)
	$(Q)for page in man/*.[1-9]; do $(call put,644,$(PREFIX)/share/man/man$${page##*.},$$page) || exit 1; done
	$(Q)mkdir -p $(B)/completion && $(B)/slotgate completion bash >$(B)/completion/slotgate && \
		$(B)/slotgate completion zsh >$(B)/completion/_slotgate
	$(Q)$(call put,644,$(PREFIX)/share/bash-completion/completions,$(B)/completion/slotgate)
	$(Q)$(call put,644,$(ZSH_FOLDER),$(B)/completion/_slotgate)
	$(Q)$(call put,644,/lib/systemd/system,$(wildcard packaging/systemd/*))
	$(Q)$(call put,644,$(PREFIX)/share/doc/slotgate/examples,packaging/prometheus/slotgate.rules.yml packaging/grafana/slotgate.json)
	$(Q)$(call put,644,$(PREFIX)/share/doc/slotgate,README.md CHANGELOG.md $(wildcard docs/*.md docs/*.json))
	$(Q)$(call put,644,$(PREFIX)/share/doc/slotgate/results,$(wildcard docs/results/*.md))
	$(Q)$(call put,644,$(PREFIX)/share/doc/slotgate/figures,$(wildcard docs/figures/*))

install-dkms:
	$(Q)$(call put,644,/usr/src/slotgate-$(RELEASE),kmod/Kbuild $(wildcard kmod/*.[ch]))
	$(Q)$(call put,755,/usr/src/slotgate-$(RELEASE),packaging/dkms/prepare)
	$(Q)for hook in postinst.d header_postinst.d; do \
		install -D -m 755 packaging/dkms/kernel-hook $(DESTDIR)/etc/kernel/$$hook/slotgate-dkms || exit 1; done

deb:
	+$(Q)tools/deps deb
	$(Q)packaging/build

clean:
	$(Q)rm -rf build

.PHONY: FORCE all tidy static deps debug-kernel kmod kmod-variants demo test unit units unit-clang unit-san test-vm scoreboard test-all exact bench compare fuzz fuzz-klog model model-full check clean deb install install-dkms test-host test-packages
.SECONDARY:
.DELETE_ON_ERROR:

-include $(patsubst %.o,%.d,$(LIB_OBJ) $(CLI_OBJ) $(AGENT_OBJ) $(AGENT_LIB_OBJ) $(ALONE_OBJ) $(LAYOUT_OBJ) $(UNIT_OBJ) $(BRUTE_OBJ) $(EXACT_OBJ) $(FUZZ_OBJ) \
	$(PLANTED_OBJ) $(BENCH_OBJ) $(RECORDER_OBJ) $(B)/bpf/record.bpf.o)
