# SPDX-License-Identifier: GPL-2.0-only
#
# schedule.awk - a counterexample in plain words
#
# Usage: pan -r -n ... | awk [-v claim=1] -f schedule.awk names.pml agents.pml -
# claim: the program looks for runs that do not end, so the first task is none of the model's.
#
# Prints who took what, in order, then who waits for whom.  Lines of the model are
# "@ PID VERB THING"; names of things and agents are the comments of the two files.

function thing_name(number,    base, rest) {
	base = number
	while (base > 0 && !(base in thing))
		base--
	rest = number - base
	return subject(thing[base], rest)
}

function subject(text, number) {
	sub(/\$device/, device[number], text)
	sub(/\$slot/, slot[number], text)
	return text
}

function task(pid) {
	return pid in who ? who[pid] : "task " pid
}

# Hooks are not waited for, and asking is told only where somebody has to wait.
function told(text) {
	printf "  %3d. %s %s\n", ++steps, task($2), text
}

function holders(number, except,    pid, list, key, part) {
	for (key in has)
		if (has[key] > 0) {
			split(key, part, SUBSEP)
			if (part[2] == number && part[1] != except)
				list = list (list ? ", " : "") task(part[1])
		}
	return list
}

BEGIN {
	meaning[1] = "here a rule is broken: a wait, or an unbinding, with a lock held"
	meaning[2] = "here a drive is bound or opened that holds what its last owner left"
	meaning[4] = "here the driver is freed while its reset hook is in use"
	meaning[8] = "here the writer of reset gets an error that it would not have had"
	meaning[16] = "here a device leaves the list without the rescan/remove lock, which another task has"
	meaning[32] = "here a physical function goes and its virtual function stays"
}

FNR == 1 { file++ }

file == 1 && $1 == "#define" && match($0, /\/\* .* \*\//) {
	text = substr($0, RSTART + 3, RLENGTH - 6)
	if (text ~ /^slot [A-Z]$/)
		slot[$3] = text
	else if ($3 < 6 && !things)
		device[$3] = text
	else
		thing[$3] = text
}
file == 1 && /things that can be waited for/ { things = 1 }

file == 2 && $1 == "#define" && match($0, /\/\* .* \*\//) {
	agent[$3] = substr($0, RSTART + 3, RLENGTH - 6)
}

file == 3 && $1 == "@" {
	if ($3 == "is") {
		who[$2 - claim] = $4 == 0 ? subject("thread of $slot", $5) : $4 == 1 ? "work for debts" : agent[$5]
		next
	}
	name = thing_name($4)
	if ($3 != "asks" && pending[$2] != "") {
		if (pending_at[$2] != NR - 1)
			told("no longer waits for " pending[$2])
		delete pending[$2]
		delete waits[$2]
	}
	if ($3 == "asks") {
		pending[$2] = name
		pending_at[$2] = NR
		waits[$2] = $4
	} else if ($3 == "takes") {
		has[$2, $4]++
		told("takes " name)
	} else if ($3 == "gives") {
		has[$2, $4]--
		told("gives back " name)
	} else if ($3 == "misses") {
		told("goes on without " name)
	}
}

file == 3 && match($0, /opt_watch & [0-9]+/) && /assertion violated/ {
	wrong = meaning[substr($0, RSTART + 12, RLENGTH - 12) + 0]
}

END {
	for (pid in waits) {
		printf "  %s waits for %s", task(pid), thing_name(waits[pid])
		list = holders(waits[pid], pid)
		print list ? ", which " list " has" : ""
	}
	if (wrong)
		print "  " wrong
}
