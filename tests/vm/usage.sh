#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# usage - bad input gets a one-line reason and the right exit code
set -u
. tests/vm/tap

run() {
	"$SLOTGATE" lab run "$@"
}

expect 2 'unknown command "lap"; did you mean lab\?' 'unknown command' "$SLOTGATE" lap
expect 2 'unknown command "rnu"; did you mean run\?' 'unknown lab command' "$SLOTGATE" lab rnu
expect 2 'unknown scenario "vfio-clsoe"; did you mean vfio-close\?' 'unknown scenario' run vfio-clsoe
expect 2 'which scenario' 'no scenario' run
expect 2 'drives wants a number from 1 to 64, not "0"' 'no drives' run vfio-close --drives 0
expect 2 'drives wants a number from 1 to 64, not "1000"' '1000 drives' run vfio-close --drives 1000
expect 2 'drives wants a number' 'drives that are no number' run vfio-close --drives many
expect 2 'nested-ports takes .* not 64' 'more drives than the scenario takes' \
	run nested-ports --drives 64
expect 2 'with wants "slotgate"' 'with something else' run vfio-close --with magic
expect 2 'unknown kernel line "bookwrom"; did you mean bookworm' 'unknown kernel line' \
	"$SLOTGATE" lab kernels bookwrom
expect 1 'neither a file nor a kernel line' 'unknown kernel' run vfio-close --kernel 6.1
expect 1 '/etc/passwd is no x86 kernel image' 'a kernel that is none' \
	run vfio-close --kernel /etc/passwd
expect 1 'cannot read kernel /etc: Is a directory' 'a folder for a kernel' \
	run vfio-close --kernel /etc
expect 1 'cannot read kernel /no/kernel: No such file' 'a kernel that is not there' \
	run vfio-close --kernel /no/kernel

board() {
	"$SLOTGATE" lab board "$@"
}

expect 2 'unknown kernel line "sidd"; did you mean sid\?' 'board: unknown kernel line' board sidd
expect 2 'unknown scenario "vfio-clsoe"; did you mean vfio-close\?' 'board: unknown scenario' \
	board --scenario vfio-clsoe
expect 2 'repeat wants a number from 1' 'board: no repetition' board --repeat 0
expect 2 'with wants "slotgate"' 'board: with something else' board --with magic
expect 1 'cannot create .*: Not a directory' 'board: a file for an output folder' \
	board bookworm --stock --scenario vfio-close --keep /etc/passwd/folder

predict() {
	"$SLOTGATE" predict "$@"
}

expect 2 'which file' 'predict: no file' predict
expect 2 'tasks wants a number from 1 to 16, not "17"' 'predict: too many tasks' \
	predict --tasks 17 /dev/null
expect 2 'std takes one file' 'predict: two files as text' predict --std /dev/null /dev/null
expect 1 'cannot read /no/file: No such file' 'predict: a file that is not there' predict /no/file
expect 1 '/etc/passwd: line 1: no "TASK' 'predict: a file that is no trace' predict /etc/passwd
echo 'A|acq(L)|' >"$TMP/good"
printf 'slotgate-trace 1\n\101\001t\000\000\001\000' >"$TMP/bad"
expect 1 'bad: record 2: an object that was not defined' 'predict: a damaged trace' \
	predict "$TMP/good" "$TMP/bad"
echo 'no reason' >"$TMP/known"
expect 1 'known: line 1: wanted' 'predict: a suppression without reason' \
	predict --suppress "$TMP/known" "$TMP/good"
expect 1 'cannot write /no/file' 'predict: a graph that cannot be written' \
	predict --json --dot /no/file "$TMP/good"
ok 'predict: nothing to predict' sh -c '"$0" predict "$1" | grep -q "1 events of 1 tasks, .* 0 predicted"' \
	"$SLOTGATE" "$TMP/good"
close=tests/data/vfio_close.std
predict $close >"$TMP/out"
ok 'predict: exit code 1 when something is predicted' test $? = 1
ok 'predict: the cycle in plain words' \
	grep -q "owner waits for slot_1's_reset_lock, which is up to irq/25-pciehp" "$TMP/out"
echo 'seen, to be cured | owner | waits until 0000:04:00.0 is closed' >"$TMP/known"
predict --suppress "$TMP/known" $close >"$TMP/out"
ok 'predict: exit code 0 when all of it is suppressed' test $? = 0
ok 'predict: the reason is told' grep -q 'suppressed 1: seen, to be cured' "$TMP/out"
predict --svg "$TMP/locks.svg" --dot "$TMP/locks.dot" $close >"$TMP/out"
ok 'predict: a graph' grep -q 'color=red' "$TMP/locks.dot"
ok 'predict: a picture' grep -q '<svg' "$TMP/locks.svg"
predict --std $close >"$TMP/copy"
predict "$TMP/copy" >"$TMP/again"
ok 'predict: the same of what was exported' grep -q '^1. 3 tasks can deadlock' "$TMP/again"

diagnose() {
	"$SLOTGATE" diagnose "$@"
}

expect 2 'wait wants a number from 1 to 600, not "0"' 'diagnose: no time to wait' diagnose --wait 0
expect 2 'unexpected argument "dmesg" .*--from' 'diagnose: a file without --from' diagnose dmesg
expect 1 'cannot read /no/file: No such file' 'diagnose: evidence that is not there' diagnose --from /no/file
expect 1 '/etc/passwd: no kernel log' 'diagnose: a file that is no log' diagnose --from /etc/passwd
expect 1 'no evidence.json and no kernel log' 'diagnose: a folder without evidence' diagnose --from /etc/default
echo '{"tasks": ' >"$TMP/half.json"
expect 1 'half.json: broken JSON' 'diagnose: half of the evidence' diagnose --from "$TMP/half.json"
echo '{"predicted": 0}' >"$TMP/other.json"
expect 1 'other.json: JSON, but no evidence' 'diagnose: other JSON' diagnose --from "$TMP/other.json"
diagnose --from - <tests/data/hangs/6.1/vfio-close.sysrq-w.log >"$TMP/out"
ok 'diagnose: exit code 1 when something hangs' test $? = 1
ok 'diagnose: a log from standard input' grep -q '^Deadlock: vfio-close' "$TMP/out"
diagnose --json >"$TMP/first.json"
ok 'diagnose: nothing hangs on this machine' test $? = 0
ok 'diagnose: the same again from its own output' diagnose --from "$TMP/first.json"

storm() {
	"$SLOTGATE" storm "$@"
}

expect 2 'which slots' 'storm: no slots' storm
expect 2 'there is no slot "no-such"' 'storm: a slot that is not there' storm --slots no-such
expect 2 'unexpected argument "4" .*--slots' 'storm: a slot without --slots' storm 4
expect 2 'for wants a time' 'storm: no time' storm --slots 1 --for never
expect 2 'jobs wants a number from 1 to 64, not "0"' 'storm: no jobs' storm --slots 1 --jobs 0
expect 2 'only 4 slots, and 5 of them nested' 'lab storm: more nested slots than slots' \
	"$SLOTGATE" lab storm --slots 4 --nested 5

image=$("$SLOTGATE" lab kernels --get image bookworm)
expect 1 'needs --modules' 'an image without modules' run vfio-close --stock --kernel "$image"
mkdir "$TMP/empty"
expect 1 'empty holds no kernel modules' 'a folder without modules' \
	run vfio-close --stock --kernel "$image" --modules "$TMP/empty"
expect 1 'cannot read module /no/slotgate.ko: No such file' 'a module that is not there' \
	run vfio-close --with slotgate --ko /no/slotgate.ko
expect 1 '/etc/passwd is no kernel module' 'a module that is none' \
	run vfio-close --with slotgate --ko /etc/passwd
expect 1 'cannot (create|write) /proc/' 'an output folder that cannot be written' \
	run vfio-close --stock --keep /proc/slotgate
expect 1 'cannot create .*: Not a directory' 'a file for an output folder' \
	run vfio-close --stock --keep /etc/passwd/folder
expect 1 'cannot create /proc/' 'a cache that cannot be written' \
	env SLOTGATE_CACHE=/proc/slotgate "$SLOTGATE" lab run vfio-close --stock

run vfio-close --plan --seed 7 >"$TMP/a"
run vfio-close --plan --seed 7 >"$TMP/b"
run vfio-close --plan --seed 8 >"$TMP/c"
ok 'the same seed gives the same plan' cmp -s "$TMP/a" "$TMP/b"
ok 'another seed gives another plan' sh -c '! cmp -s "$0" "$1"' "$TMP/a" "$TMP/c"
ok 'lab list names a scenario' sh -c '"$0" lab list | grep -q "^vfio-close "' "$SLOTGATE"
ok 'lab kernels tells the image' sh -c '"$0" lab kernels --json | grep -q "\"image\": *\"/"' "$SLOTGATE"
ok 'help lists all commands' sh -c 'test $("$0" help | grep -cE "^  (status|on|off|predict|diagnose|lab|help)") = 7' \
	"$SLOTGATE"
ok '--version tells it' sh -c '"$0" --version | grep -q "^slotgate [0-9]"' "$SLOTGATE"
