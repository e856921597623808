#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# json - what commands tell of virtual machines with --json is as docs/slotgate.schema.json says;
# also of a hang, which has most to it.  What takes long is in tests/packages/boot.
set -u
. tests/vm/tap

ok 'lab board' as board "$SLOTGATE" lab board bookworm --with slotgate --scenario recovery --json
ok 'lab scale' as scale "$SLOTGATE" lab scale --with slotgate --drives 2 --json
ok 'lab run, of a hang' as run "$SLOTGATE" lab run rescan-remove --stock --json
sed 's/"pid"/"number"/' "$TMP/json" >"$TMP/other"
ok 'a member of another name is found in it' sh -c '! tests/schema run "$0" >/dev/null' "$TMP/other"
