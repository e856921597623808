#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# storm - a short storm in the lab, and `slotgate storm` on a machine of its own:
# refused, killed, restored, to the end, interrupted
set -u
. tests/vm/tap

"$SLOTGATE" lab run storm-command --ktap

# drives were pulled, and each pull emptied its slot
pulled() {
	python3 -c 'import json, sys
kinds = json.load(open(sys.argv[1]))["storms"][0]["end"]["kinds"]
yanks = [kind for kind in kinds if kind["kind"] == "yank"]
sys.exit(not yanks or yanks[0]["refused"])' "$1"
}

"$SLOTGATE" lab storm --for 20 --slots 4 --nested 2 --jobs 4 --rate 120 --json --keep "$TMP/kept" >"$TMP/storm.json" 2>"$TMP/err"
ok 'a storm passes' test $? = 0
ok 'and tells what it did' grep -q '"kinds"' "$TMP/storm.json"
ok 'in the form that the schema has' tests/schema lab_storm "$TMP/storm.json"

"$SLOTGATE" lab storm --for 30 --slots 4 --jobs 4 --rate 300 --actors yank --json --keep "$TMP/pulled" >"$TMP/pulled.json" 2>"$TMP/err"
ok 'drives that are pulled come back' test $? = 0
ok 'and all were pulled' pulled "$TMP/pulled.json"
