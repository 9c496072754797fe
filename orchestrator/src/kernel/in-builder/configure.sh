#!/bin/sh
# Configures the kernel tree in the current folder: tinyconfig, then the fragments in the order given, a later one winning.
#
#   configure.sh FRAGMENT...
#
# Kconfig drops what it cannot honour without a word: an option that was renamed, or one whose dependency is missing. A debug
# kernel without KASAN then passes every test. So every line of every fragment is compared with the final .config, and any
# difference is an error: exit status 1, with one line each,
#
#   configure: wanted CONFIG_KASAN=y, got # CONFIG_KASAN is not set
#
# An option that .config does not mention is not set. What makes a build reproducible (KBUILD_BUILD_TIMESTAMP and the like, CC,
# the time zone) is the caller's to export.
set -eu

if [ $# -eq 0 ]; then
	echo "usage: configure.sh FRAGMENT..." >&2
	exit 2
fi
for fragment in "$@"; do
	if [ ! -r "$fragment" ]; then
		echo "configure: cannot read $fragment" >&2
		exit 2
	fi
done
if [ ! -x scripts/kconfig/merge_config.sh ]; then
	echo "configure: $(pwd) is not a kernel tree" >&2
	exit 2
fi

make -s tinyconfig
# -m: merge only. Its own run of make would be alldefconfig, and its warnings do not fail.
scripts/kconfig/merge_config.sh -m -Q .config "$@" >/dev/null
make -s olddefconfig

awk '
	# The option that a line is about, or "" for a comment or a blank line.
	function option(line) {
		if (line ~ /^CONFIG_[A-Za-z0-9_]+=/)
			return substr(line, 1, index(line, "=") - 1)
		if (line ~ /^# CONFIG_[A-Za-z0-9_]+ is not set$/)
			return substr(line, 3, length(line) - 2 - length(" is not set"))
		return ""
	}
	function unset(name) { return "# " name " is not set" }

	{ sub(/[ \t\r]+$/, "") }
	(name = option($0)) == "" { next }
	$0 == name "=n" { $0 = unset(name) }
	FILENAME == ".config" { got[name] = $0; next }
	!(name in wanted) { order[++count] = name }
	{ wanted[name] = $0 }

	END {
		for (i = 1; i <= count; i++) {
			name = order[i]
			actual = name in got ? got[name] : unset(name)
			if (actual == wanted[name])
				continue
			print "configure: wanted " wanted[name] ", got " actual
			failed = 1
		}
		exit failed
	}
' "$@" .config >&2
