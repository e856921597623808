#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# manual - every command and option of the help is in a manual and is completed by the
# shells, and the exit codes that manuals tell are those that commands end with
set -u
. tests/vm/tap

# commands [COMMAND]: the commands that its help lists
commands() {
	# shellcheck disable=SC2086  # "lab" or nothing
	"$SLOTGATE" ${1:-} help | awk '/^Commands:/ { on = 1; next } !NF { on = 0 } on { print $1 }'
}

# options COMMAND...: those that its help lists, one a line
options() {
	"$SLOTGATE" "$@" --help | grep -oE '^ {2,8}(-.,)? *--[a-z-]+' | grep -oE -- '--[a-z-]+' | sort -u
}

{
	for command in $(commands); do
		case $command in
		-* | help) ;;
		lab) commands lab | sed 's/^/lab /' ;;
		*) echo "$command" ;;
		esac
	done
} >"$TMP/commands"

# each FUNCTION: run with every command, as one word; complains of those for which it prints something
each() {
	status=0
	while read -r command; do
		said=$("$1" "$command")
		[ -z "$said" ] || { echo "# $command:" $said; status=1; }
	done <"$TMP/commands"
	return $status
}

# A manual as people read it, without the marks of troff.
plain() {
	sed -e 's/\\-/-/g' -e 's/\\f[A-Z]//g' "$@"
}

page_of() {
	if [ -e "man/slotgate-$1.1" ]; then echo "man/slotgate-$1.1"; else echo man/slotgate.1; fi
}

# The part COMMANDS has an entry for each, which may name several: .BR on ", " off
not_in_commands() {
	plain man/slotgate.1 | sed -n '/^\.SH COMMANDS/,/^\.SH OPTIONS/p' | grep -A1 '^\.TP' |
		grep -qE "^\.BR? (.* )?$1( |\$)" || echo "no entry in COMMANDS"
}

# Where the options of a command are told: a section of its own, or the whole manual.
part_of() {
	plain "$(page_of "$1")" >"$TMP/page"
	section="OPTIONS OF $(echo "$1" | tr '[:lower:]' '[:upper:]')"
	if grep -qx "\.SH $section" "$TMP/page"; then
		sed -n "/^\.SH $section\$/,/^\.SH /p" "$TMP/page"
	else
		cat "$TMP/page"
	fi
}

options_not_in_manual() {
	part_of "$1" >"$TMP/part"
	# shellcheck disable=SC2086  # "lab run" is two words
	for option in $(options $1); do
		case $option in --help | --usage) continue ;; esac
		grep -qE -- "$option([^a-z-]|\$)" "$TMP/part" || echo "no $option in $(page_of "$1")"
	done
}

# What bash offers after "slotgate COMMAND -"; compopt works only while a key is pressed.
bash_offers() {
	# shellcheck disable=SC2016,SC2086  # expanded by bash; a command is words
	bash -c '
		eval "$("$SLOTGATE" completion bash)"
		compopt() { :; }
		COMP_WORDS=(slotgate "$@" "") COMP_CWORD=$(($# + 1))
		_slotgate slotgate "" "${!#}"
		printf "%s\n" "${COMPREPLY[@]}"' slotgate $1
}

not_offered_by_bash() {
	bash_offers "$1" >"$TMP/offered"
	# shellcheck disable=SC2086
	for option in $(options $1); do
		grep -qxe "$option" "$TMP/offered" || echo "no $option"
	done
}

# The options that zsh's script has for a command: those of its branch in its table's function.
not_offered_by_zsh() {
	case $1 in lab\ *) function=_slotgate_lab ;; *) function=_slotgate ;; esac
	"$SLOTGATE" completion zsh | sed -n "/^$function() {/,/^}/p" |
		sed -n "/^	${1##* })/,/;;/p" >"$TMP/offered"
	# shellcheck disable=SC2086
	for option in $(options $1); do
		grep -qE -- "[[:space:],]$option[=}'[]" "$TMP/offered" || echo "no $option"
	done
}

# shellcheck disable=SC2086
wrong_exit_code() {
	"$SLOTGATE" $1 --help >/dev/null 2>&1 || echo "--help ends with $?"
	"$SLOTGATE" $1 --no-such-option >/dev/null 2>&1
	status=$?
	[ $status = 2 ] || echo "an unknown option ends with $status"
}

no_exit_codes() {
	for code in 0 1 2; do
		plain "$(page_of "$1")" | sed -n '/^\.SH EXIT STATUS/,/^\.SH/p' | grep -qx "\.B $code" ||
			echo "no exit code $code in $(page_of "$1")"
	done
}

same_codes() {
	sed -n 's/.*SG_EXIT_[A-Z]* = \([0-9]*\),.*/\1/p' cli/cmd.h | sort >"$TMP/codes"
	plain man/slotgate.1 | sed -n '/^\.SH EXIT STATUS/,/^\.SH/s/^\.B \([0-9]*\)$/\1/p' |
		grep -vx 130 | sort | diff "$TMP/codes" - | sed 's/^/# /' | grep . && return 1
	return 0
}

ok 'the help lists commands' test "$(grep -c . "$TMP/commands")" -ge 15
ok 'each command is in the manual' each not_in_commands
ok 'so is each option' each options_not_in_manual
ok 'each manual has the exit codes' each no_exit_codes
ok 'and the first has all of them, and no other' same_codes
ok 'commands end with them' each wrong_exit_code
expect 2 'unknown command "no-such"' 'an unknown command' "$SLOTGATE" no-such
ok 'bash completes each option' each not_offered_by_bash
ok 'and each command' test "$(bash_offers '' | sort)" = "$(commands | sort)"
ok 'also those of lab' test "$(bash_offers lab | sort)" = "$(commands lab | sort)"
ok 'and scenarios' sh -c '[ "$1" = "$2" ]' - "$(bash_offers 'lab run' | grep -v ^- | sort)" \
	"$("$SLOTGATE" lab list | grep -oE '^[a-z][a-z0-9-]*' | sort)"
ok 'zsh completes each option' each not_offered_by_zsh
if zsh=$(command -v zsh || tools/unpacked zsh-static bin/zsh-static 2>"$TMP/err"); then
	"$SLOTGATE" completion zsh >"$TMP/_slotgate"
	ok 'zsh can read its script' "$zsh" -n "$TMP/_slotgate"
else
	skip 'zsh can read its script' "zsh is absent: $(tail -n 1 "$TMP/err")"
fi
