# SPDX-License-Identifier: GPL-2.0-only
#
# kernel-style.awk - the rules first, then one source file, its tabs expanded; -v file=ITS NAME

function find(what) {
	print file ":" FNR ": " what
	bad = 1
}

# Strings and comments tell nothing of style.
function code(line) {
	gsub(/"([^"\\]|\\.)*"/, "\"\"", line)
	gsub(/\/\*([^*]|\*[^\/])*\*\//, "", line)
	if (comment && line !~ /\*\//)
		return ""
	if (comment)
		sub(/^.*\*\//, "", line)
	comment = line ~ /\/\*/
	sub(/\/\*.*$/, "", line)
	return line
}

NR == FNR {
	if (/^#/)
		next
	at = match($0, /\t\t+/)
	pattern[++rules] = substr($0, 1, at - 1)
	what[rules] = substr($0, at + RLENGTH)
	next
}

FNR == 1 {
	want = file ~ /\.c$/ ? "// SPDX-License-Identifier: GPL-2.0-only" : \
			       "/* SPDX-License-Identifier: GPL-2.0-only */"
	if ($0 != want)
		find("the first line is not " want)
	next
}

/^$/ && blank { find("two blank lines") }
length > 100 && !/"/ { find("longer than 100 columns") }
comment && /[^ *].*\*\/$/ { find("a comment of several lines ends on a line of its own") }
{
	blank = /^$/
	line = code($0)
	for (i = 1; i <= rules; i++)
		if (line ~ pattern[i])
			find(what[i])
}
line ~ /\/\// { find("a comment of C++") }
line ~ /^ *else/ && closed { find("else belongs behind its brace") }
file ~ /\.c$/ && line ~ /^extern .*\(/ { find("extern belongs into a header") }
{ closed = line ~ /^ *}$/ }

END { exit bad }
