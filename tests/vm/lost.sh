#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# lost - machines that die or are stopped: the right verdict, and nothing left behind
set -u
. tests/vm/tap

slotgate=
cleanup() {
	[ -z "$slotgate" ] || kill "$slotgate" 2>/dev/null
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP

start() {
	"$SLOTGATE" lab run vfio-close --stock "$@" >"$TMP/out" 2>"$TMP/err" &
	slotgate=$!
	qemu=
	for _ in $(seq 200); do
		# Only the child of our own slotgate is ever touched.
		for stat in /proc/[0-9]*/stat; do
			read -r pid name _ parent _ 2>/dev/null <"$stat" || continue
			[ "$parent" = "$slotgate" ] || continue
			case $name in *qemu*) qemu=$pid ;; esac
		done
		[ -n "$qemu" ] && return
		sleep 0.1
	done
}

# Its children are reparented when it dies, so look for the process itself.
is_gone() {
	for _ in $(seq 50); do
		[ -n "$1" ] && [ ! -e "/proc/$1" ] && return 0
		sleep 0.1
	done
	return 1
}

ended_with() {
	wait "$slotgate"
	status=$?
	slotgate=
	[ $status = "$1" ] && return 0
	echo "# ended with $status, wanted $1"
	sed 's/^/# /' "$TMP/out" "$TMP/err"
	return 1
}

start
sleep 1
kill -KILL "$qemu"
ok 'killed QEMU: exit code 1' ended_with 1
ok 'killed QEMU: the reason says so' grep -q 'lost .*QEMU was killed by signal 9' "$TMP/out"

for signal in INT TERM HUP; do
	start --accel tcg
	sleep 1
	kill -$signal "$slotgate"
	ok "SIG$signal: exit code 130" ended_with 130
	ok "SIG$signal: no QEMU is left" is_gone "$qemu"
done

start
kill -KILL "$slotgate"
wait "$slotgate" 2>/dev/null
slotgate=
ok 'killed slotgate: no QEMU is left' is_gone "$qemu"

start --timeout 2
ok 'time limit: exit code 1' ended_with 1
ok 'time limit: the reason says so' grep -qE 'lost .*within 2 s' "$TMP/out"
ok 'time limit: no QEMU is left' is_gone "$qemu"

PATH=$TMP/nothing "$SLOTGATE" lab run vfio-close --stock --accel tcg >"$TMP/out" 2>"$TMP/err"
ok 'no QEMU: the reason says so' grep -q 'qemu-system-x86_64 is not installed' "$TMP/out"

# with_small FOLDER COMMAND...: a file system of 8 KiB is there for COMMAND alone; no root is needed for that
with_small() {
	map=
	[ "$(id -u)" = 0 ] || map=--map-root-user
	# shellcheck disable=SC2086  # none or one
	unshare $map --mount sh -c 'mount -t tmpfs -o size=8k none "$0" && "$@"' "$@"
}

mkdir "$TMP/full"
if with_small "$TMP/full" true 2>/dev/null; then
	with_small "$TMP/full" "$SLOTGATE" lab run vfio-close --stock --keep "$TMP/full/keep" >"$TMP/out" 2>"$TMP/err"
	code=$?
	ok 'full disk: exit code 1' [ $code = 1 ]
	ok 'full disk: the reason says so' \
		sh -c 'cat "$0" "$1" | grep -q "No space left on device"' "$TMP/out" "$TMP/err"
else
	skip 'full disk' 'a file system cannot be mounted here'
fi
