#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# metrics - what Prometheus' own checker says of the figures and of the alert rules
set -u
. tests/vm/tap

"$SLOTGATE" metrics >"$TMP/text"
ok 'printed where slotgate is not loaded, too' grep -q '^slotgate_on [01]$' "$TMP/text"
"$SLOTGATE" metrics -o "$TMP/slotgate.prom"
ok 'a file has the same' cmp -s "$TMP/text" "$TMP/slotgate.prom"
ok 'and is there for all to read' test "$(stat -c %a "$TMP/slotgate.prom")" = 644
ok 'nothing else is left beside it' test "$(ls "$TMP")" = "$(printf 'slotgate.prom\ntext')"
expect 1 'metrics: cannot write /no/file' 'a file that cannot be written' "$SLOTGATE" metrics -o /no/file
"$SLOTGATE" metrics --hangs >"$TMP/hangs"
ok 'hangs are looked for' grep -q '^slotgate_hung [01]$' "$TMP/hangs"
rm "$TMP/hangs"
ok 'the dashboard is JSON' python3 -m json.tool packaging/grafana/slotgate.json /dev/null

if ! promtool=$(tools/unpacked prometheus usr/bin/promtool 2>"$TMP/err"); then
	skip 'promtool' "absent: $(tail -n 1 "$TMP/err"): nobody checked the format"
	exit
fi
export promtool
"$promtool" check metrics <"$TMP/text" >"$TMP/lint" 2>&1
ok 'promtool finds nothing wrong with the figures' test ! -s "$TMP/lint"
ok 'promtool understands the alert rules' sh -c '"$promtool" check rules packaging/prometheus/*.yml >&2'
ok 'alerts come when they should' sh -c '"$promtool" test rules tests/host/alerts.yml >&2'
