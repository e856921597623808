#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# speed - 20 drives whose owners need a second each: at least 8 times as fast as stock
set -u
. tests/vm/tap

"$SLOTGATE" lab run slow-owners --json >"$TMP/json"
# The runs come in order: stock, slotgate.
times=$(sed -n 's/.*"removal":\([0-9]*\).*/\1/p' "$TMP/json" | xargs)
echo "# milliseconds, stock and slotgate: $times"
is_faster() {
	[ $# = 2 ] && [ "$1" -ge $((8 * $2)) ]
}
# shellcheck disable=SC2086
ok "20 drives: $times ms" is_faster $times
