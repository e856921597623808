#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# schema - what commands print with --json is as docs/slotgate.schema.json says; what needs a
# virtual machine is checked where there is one (tests/vm, tests/packages)
set -u
. tests/vm/tap

# as NAME COMMAND...: what it prints is JSON of that form; it may end with 1, which is a finding
as() {
	form=$1
	shift
	"$@" >"$TMP/json" 2>"$TMP/err"
	[ $? -le 1 ] && tests/schema "$form" "$TMP/json" || { sed 's/^/# /' "$TMP/err"; return 1; }
}

# Each hang that was kept, diagnosed: as evidence and from kernel logs.
diagnoses() {
	mkdir "$TMP/diagnoses"
	find tests/data/*.json tests/data/hangs -type f | while read -r saved; do
		"$SLOTGATE" diagnose --json --from "$saved" >"$TMP/diagnoses/$(echo "$saved" | tr / _)"
	done
	[ "$(ls "$TMP/diagnoses" | wc -l)" -gt 50 ] || { echo '# hangs are missing'; return 1; }
	tests/schema diagnose "$TMP"/diagnoses/*
}

not() {
	! "$@" >/dev/null 2>&1
}

if ! python3 -c 'import jsonschema' 2>/dev/null; then
	skip 'JSON' 'python3-jsonschema is absent ("make deps" installs it)'
	exit
fi
ok 'status' as status "$SLOTGATE" status --json
sed 's/"state"/"condition"/' "$TMP/json" >"$TMP/other"
ok 'a member of another name is found' not tests/schema status "$TMP/other"
sed 's/"loaded":false/"loaded":"no"/; s/"loaded":true/"loaded":"yes"/' "$TMP/json" >"$TMP/other"
ok 'and one of another type' not tests/schema status "$TMP/other"
ok 'lab list' as list "$SLOTGATE" lab list --json
ok 'lab kernels' as kernels "$SLOTGATE" lab kernels --json
ok 'predict' as predict "$SLOTGATE" predict --json tests/data/vfio_close.std
ok 'predict, with what is known left out' sh -c 'echo "known | *" >"$1/known"' - "$TMP"
ok 'predict, suppressed' as predict "$SLOTGATE" predict --json --suppress "$TMP/known" tests/data/vfio_close.std
ok 'diagnose, this machine' as diagnose "$SLOTGATE" diagnose --json --wait 1
ok 'diagnose, saved hangs' diagnoses

# A command that has --json and no form here would go unchecked.  Storms and measurements
# in the lab are told as its runs are.
forms() {
	status=0
	for source in $(grep -l '"json", ' cli/*.c); do
		form=$(basename "$source" .c | sed -e 's/^cmd_//' -e 's/^lab_//' -e 's/^scale$/run/' -e 's/^storm_options$/storm/')
		grep -q "^    \"$form\": {" docs/slotgate.schema.json || { echo "# $source: no form $form"; status=1; }
	done
	return $status
}
ok 'every command that prints JSON has a form' forms
