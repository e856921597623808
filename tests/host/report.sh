#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# report - pages of "slotgate report" from kept runs, a prediction and a hang; what a browser
# makes of them, light and dark, wide and narrow
set -u
. tests/vm/tap

make_pages() {
	"$SLOTGATE" predict --json tests/data/vfio_close.std >"$TMP/found.json"
	"$SLOTGATE" report -q tests/data/report -o "$TMP/runs.html" &&
		"$SLOTGATE" report -q "$TMP/found.json" -o "$TMP/predict.html" &&
		"$SLOTGATE" report -q tests/data/hangs/6.1/vfio-close.live.json -o "$TMP/hang.html" &&
		"$SLOTGATE" report tests/data/vfio_close.std --title 'A trace' >"$TMP/trace.html"
}

ok 'pages of runs, of a prediction, of a hang, of a trace' make_pages
ok 'the title is as told' grep -q '<title>A trace</title>' "$TMP/trace.html"
ok 'nothing is loaded from anywhere' sh -c '! grep -E "(src|href)=\"?(https?:|//|file:|/)" "$0"/*.html' "$TMP"
ok 'no script is in them' sh -c '! grep -il "<script" "$0"/*.html' "$TMP"
ok 'lock graphs and time lines are pictures' \
	sh -c 'grep -q "class=\"scroll graph\"" "$0" && grep -q "class=\"timeline\"" "$0"' "$TMP/runs.html"
ok 'the graph of a hang shows the cycle that its diagnosis tells, also by elimination' \
	test "$(grep -c 'class="node task cycle"' "$TMP/hang.html")" = 3
ok 'commands in a diagnosis look like that' grep -q '<code>slotgate on</code>' "$TMP/hang.html"
expect 2 'about what' 'nothing to report about' "$SLOTGATE" report
expect 1 'cannot read /no/such: No such file' 'what is missing is named' "$SLOTGATE" report /no/such
mkdir "$TMP/empty"
expect 1 "$TMP/empty: no run in this folder" 'so is a folder without runs' "$SLOTGATE" report "$TMP/empty"
expect 1 'cannot write /no/file' 'and a file that cannot be written' \
	"$SLOTGATE" report -q tests/data/report -o /no/file
ok 'nothing is left of that' test ! -e /no/file

browser=$(command -v chromium || command -v chromium-browser)
if [ -z "$browser" ]; then
	skip 'pages in a browser' 'chromium is absent ("tools/deps page" installs it): nobody looked at the pages'
	exit
fi

# browse PAGE SCHEME WIDTH: the page as the browser has it in the end; its messages in $TMP/messages
browse() {
	timeout 120 "$browser" --headless --no-sandbox --disable-gpu --user-data-dir="$TMP/profile" \
		--enable-logging=stderr --blink-settings="preferredColorScheme=$2" --window-size="$3,1000" \
		--dump-dom "file://$TMP/$1.html" 2>"$TMP/messages"
}

# The same page with a reader's doings in it, which its policy forbids otherwise.
with_reader() {
	{
		grep -v 'Content-Security-Policy' "$TMP/$1.html" | sed '/^<\/body>/,$d'
		echo '<script>'
		cat tests/host/report.js
		echo '</script></body></html>'
	} >"$TMP/$1-read.html"
}

# One whose script fails, so that silence tells something.
echo '<!DOCTYPE html><title>x</title><script>fails()</script>' >"$TMP/fails.html"
browse fails 1 1280 >/dev/null
ok 'errors of a page are seen' grep -q 'CONSOLE.*fails is not defined' "$TMP/messages"

# quiet PAGE: it is opened, to its end, and nothing was said of it
quiet() {
	browse "$1" 1 1280 >"$TMP/dom"
	grep -q '</main>' "$TMP/dom" || { echo "# not opened"; return 1; }
	grep CONSOLE "$TMP/messages" | sed 's/^/# /' | grep . && return 1
	return 0
}

for page in runs predict hang trace; do
	ok "$page: opened without an error" quiet $page
	with_reader $page
	for look in '1 1280 light' '0 1280 dark' '1 500 narrow'; do
		# shellcheck disable=SC2086  # three words
		set -- $look
		browse $page-read "$1" "$2" | sed -n '/<pre id="tap">/,/<\/pre>/p' |
			sed -e 's/&gt;/>/g; s/&lt;/</g; s/&amp;/\&/g' >"$TMP/tap"
		ok "$page, $3: a reader's doings are done" grep -q 'choices of filters' "$TMP/tap"
		cp "$TMP/tap" "$TMP/tap.$page"
		sed -n -e "s/^ok /ok $page, $3: /p" -e "s/^not ok /not ok $page, $3: /p" -e '/^#/p' "$TMP/tap"
	done
done
ok 'there were filters to try' grep -q '# [1-9][0-9]* choices' "$TMP/tap.runs"
