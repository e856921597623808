#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# storm - a short storm in the lab, and `slotgate storm` on a machine of its own:
# refused, killed, restored, to the end, interrupted
set -u
. tests/vm/tap

"$SLOTGATE" lab run storm-command --ktap

"$SLOTGATE" lab storm --for 20 --slots 4 --nested 2 --jobs 4 --rate 120 --json --keep "$TMP/kept" >"$TMP/storm.json" 2>"$TMP/err"
ok 'a storm passes' test $? = 0
ok 'and tells what it did' grep -q '"kinds"' "$TMP/storm.json"
ok 'in the form that the schema has' tests/schema lab_storm "$TMP/storm.json"
