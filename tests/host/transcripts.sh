#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# transcripts - README, documents and examples of manuals show commands, options, scenarios
# and output as they are.  Not RESULTS.md and results/: they are about what was run once.
set -u
. tests/vm/tap

# Everything that is shown as code and calls slotgate, one call a line.
{
	for file in README.md CONTRIBUTING.md docs/*.md; do
		case $file in */RESULTS*) continue ;; esac
		grep -E '^    ' "$file"
		grep -oE '`[^`]*`' "$file" | tr -d '`'
	done
	sed -n '/^\.EX/,/^\.EE/p' man/* | sed 's/\\-/-/g'
} | grep -oE '^ *(\$ )?([a-z]+/)*slotgate (lab )?[a-z]+( [^#|;>)"]*)?' |
	sed 's,^[^a-z]*[a-z/]*slotgate ,,; s/ *$//' | sort -u >"$TMP/calls"

"$SLOTGATE" lab list >"$TMP/list"
"$SLOTGATE" lab list --json | sed -n 's/^ *"name":"\(.*\)",/\1/p' >"$TMP/scenarios"

# Options of a command, -x and --xyz, one a line.
options() {
	# shellcheck disable=SC2086  # "lab run" is two words
	"$SLOTGATE" $1 --help 2>/dev/null | grep -oE '^ {2,8}(-.,)? *--[a-z-]+' | grep -oE -- '--?[a-zA-Z][a-z-]*'
}

# wrong_in CALL: says what it has that there is not
wrong_in() {
	# shellcheck disable=SC2086  # words
	set -- $1
	command=$1
	shift
	if [ "$command" = lab ]; then
		command="lab $1"
		shift
	fi
	known=$(options "$command")
	[ -n "$known" ] || { echo "no command \"$command\""; return; }
	scenarios=no
	case $command in 'lab run' | 'lab shell') scenarios=yes ;; esac
	for word; do
		case $word in
		--) break ;;
		-) ;;
		-*)
			scenarios=no
			echo "$known" | grep -qxe "${word%%=*}" || echo "$command: no option $word" ;;
		[a-z]*)
			[ $scenarios = no ] || grep -qx "$word" "$TMP/scenarios" || echo "no scenario $word" ;;
		esac
	done
}

calls_are_right() {
	status=0
	while read -r call; do
		wrong=$(wrong_in "$call")
		[ -z "$wrong" ] || { echo "# slotgate $call: $wrong"; status=1; }
	done <"$1"
	return $status
}

not() {
	! "$@" >/dev/null
}

# The scoreboard: its rows, and for each series whether the stock kernel does what it must not.
rows() {
	sed -n '/^| scenario | what happens/,/^$/p' README.md | sed 1,2d
}

# scenario NAME: the first that is called so, or, of a family, begins so
scenario() {
	grep -x -m 1 "$1" "$TMP/scenarios" || grep -m 1 "^$1-" "$TMP/scenarios"
}

# A row may name several: `a-b`, `-c` are a-b and a-b-c, or, if there is none, a-c.
names_of() {
	echo "$1" | cut -d '|' -f 2 | grep -oE '`[^`]*`' | tr -d '`' | {
		first=
		while read -r name; do
			case $name in
			-*) scenario "$first$name" || scenario "${first%-*}$name" || echo "$first$name" ;;
			*) first=$name; scenario "$name" || echo "$name" ;;
			esac
		done
	}
}

rows_are_scenarios() {
	status=0
	rows | while read -r row; do names_of "$row"; done >"$TMP/named"
	[ "$(grep -c . "$TMP/named")" -gt 20 ] || { echo '# no scoreboard'; return 1; }
	while read -r name; do
		grep -qx "$name" "$TMP/scenarios" || { echo "# README: no scenario $name"; status=1; }
	done <"$TMP/named"
	return $status
}

cells_are_right() {
	status=0
	rows >"$TMP/rows"
	while read -r row; do
		name=$(names_of "$row" | head -n 1)
		hangs=" $("$SLOTGATE" lab list --json | grep -A3 "\"name\":\"$name\"" | sed -n 's/.*"hangs_on":"\(.*\)",/\1/p') "
		column=4
		for series in 5.10 6.1 6.12 7.2; do
			cell=$(echo "$row" | cut -d '|' -f $column | tr -d ' ')
			column=$((column + 1))
			case $hangs in *" $series "*) bad=yes ;; *) bad=no ;; esac
			case $cell in - | '' | KASAN) told=no ;; *) told=yes ;; esac
			[ $told = $bad ] || { echo "# README: $name on $series: \"$cell\", lab list has:$hangs"; status=1; }
		done
	done <"$TMP/rows"
	return $status
}

# What is not a figure in the README's transcript stands in the sources.
transcript_is_printed() {
	sed -n '/\$ make demo/,/^    As /p' README.md >"$TMP/transcript"
	cat cli/*.c lib/*.c agent/*.c >"$TMP/sources"
	for words in 'drives owned by one process are pulled, the owner is killed' 'has not ended after' \
		"'s interrupt thread" 'waits for' 'the rescan/remove lock' 'None of them can ever go on.' 'their owner killed' \
		'owners need 1 s each' 'times as fast' 'As it should be: stock hangs, slotgate does not.'; do
		grep -qF "$words" "$TMP/transcript" || { echo "# README does not show: $words"; return 1; }
		grep -qF "$words" "$TMP/sources" || { echo "# nobody prints: $words"; return 1; }
	done
}

ok 'calls of slotgate are found' test "$(grep -c . "$TMP/calls")" -gt 20
ok 'commands, options and scenarios in them exist' calls_are_right "$TMP/calls"
printf '%s\n' 'lab run no-such --stock' >"$TMP/bad1"
printf '%s\n' 'lab run vfio-close --no-such' >"$TMP/bad2"
ok 'a scenario that is not is found' not calls_are_right "$TMP/bad1"
ok 'and an option' not calls_are_right "$TMP/bad2"
ok "the README's scoreboard has scenarios" rows_are_scenarios
ok 'and says what lab list says' cells_are_right
ok "the README's transcript has what is printed" transcript_is_printed
