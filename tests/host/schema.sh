#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# schema - what commands print with --json is as docs/slotgate.schema.json says; what needs a
# virtual machine is checked where there is one (tests/vm, tests/packages)
set -u
. tests/vm/tap

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

# form COMMAND: its form has its name, without "lab", if it has not that of another command
form() {
	case $1 in
	'lab storm') echo lab_storm ;;
	*) echo "${1#lab }" ;;
	esac
}

# Commands that have --json, by the script that completes them.
with_json() {
	"$SLOTGATE" completion bash | sed -n "s/^\t'\([a-z ]*\)') words='.* --json .*/\1/p"
}

# Each has a form, which a test holds against what the command prints.
all_are_held() {
	with_json >"$TMP/commands"
	[ "$(grep -c . "$TMP/commands")" -ge 11 ] || { echo '# commands are missing:' $(cat "$TMP/commands"); return 1; }
	status=0
	while read -r command; do
		form=$(form "$command")
		grep -q "^    \"$form\": {" docs/slotgate.schema.json || { echo "# $command: no form $form"; status=1; }
		grep -qE "(\bas|tests/schema) $form( |\$)" tests/host/*.sh tests/vm/*.sh tests/packages/* ||
			{ echo "# $command: nothing checks what it prints"; status=1; }
	done <"$TMP/commands"
	return $status
}
ok 'every command that prints JSON has a form, and a test of it' all_are_held
