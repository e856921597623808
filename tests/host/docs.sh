#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# docs - manuals and documents speak of all that they have to, and of nothing else
set -u
. tests/vm/tap

# A manual as people read it, without the marks of troff.
plain() {
	sed -e 's/\\-/-/g' -e 's/\\f[A-Z]//g' "$@"
}

# mentions FILE WORD...: each stands there, as a word of its own; complains of all that are missing
mentions() {
	plain "$1" >"$TMP/plain"
	file=$1 status=0
	shift
	[ $# -gt 0 ] || { echo "# $file: no words to look for"; return 1; }
	for word; do
		grep -qE -- "(^|[^[:alnum:]_-])$word([^[:alnum:]_-]|\$)" "$TMP/plain" ||
			{ echo "# $file: no $word"; status=1; }
	done
	return $status
}

not() {
	! "$@" >/dev/null
}

# W(name, "signature") and, where a module has two of a name, W(name, function, position)
patched() {
	sed -n -e 's/^\tW(\([a-z_]*\), ".*/\1/p' -e 's/^\tW([a-z_0-9]*, \([a-z_]*\), [0-9]).*/\1/p' kmod/wraps.h
}

# Members of JSON, by the schema that tests/host/schema.sh holds against real output.
members() {
	python3 -c '
import json, sys
def walk(node):
    for name, inner in node.items() if isinstance(node, dict) else ():
        if name == "properties":
            print(*inner)
        walk(inner)
    for inner in node if isinstance(node, list) else ():
        walk(inner)
walk(json.load(sys.stdin))' <docs/slotgate.schema.json
}

# shellcheck disable=SC2046  # lists of words
{
	ok 'a word that is missing is found missing' not mentions man/slotgate.1 nothing-like-this
	ok 'all counters are in the manual of the module' mentions man/slotgate.ko.4 \
		$(sed -n 's/.*SG_STAT_FILE(SG_[A-Z_]*, "\(.*\)").*/\1/p' kmod/stats.c)
	ok 'all trace events are in the manual of the module' mentions man/slotgate.ko.4 \
		$(sed -n '/#define SG_TRACE_/,/^$/p' kmod/trace.h | grep -o 'T([a-z_]*)' | sed 's/T(\(.*\))/\1/' | grep -v '^name$')
	ok 'all members of JSON are in the manual of formats' mentions man/slotgate.5 $(members)
	ok 'all operations of traces are, too' mentions man/slotgate.5 \
		$(sed -n 's/.*\[SG_O[BJP_A-Z]*\] = "\([a-z]*\)".*/\1/p' lib/trace_names.c)
	ok 'all patched functions are in SAFETY' mentions docs/SAFETY.md $(patched)
	ok 'all patched functions are in DESIGN' mentions docs/DESIGN.md $(patched)
	ok 'all alerts are in OPERATIONS' mentions docs/OPERATIONS.md \
		$(sed -n 's/.*- alert: //p' packaging/prometheus/slotgate.rules.yml)
}

# Files and manuals that are spoken of are there; what is made by a build is not looked for.
refers() {
	status=0
	for name in $(plain README.md CONTRIBUTING.md docs/*.md docs/results/*.md man/* packaging/prometheus/* |
		      grep -oE '\b(docs|tests|tools|model|man|packaging|kmod)/[A-Za-z0-9_./-]+\.(md|[1-9]|c|h|sh|yml|json|std)\b' | sort -u); do
		[ -e "$name" ] || { echo "# no $name"; status=1; }
	done
	for name in $(sed -n 's/^Documentation=//p' packaging/systemd/*); do
		page=${name#man:}
		section=${page##*(}
		[ -e "man/${page%(*}.${section%)}" ] || { echo "# no manual $page"; status=1; }
	done
	return $status
}
ok 'files that documents name are there' refers
