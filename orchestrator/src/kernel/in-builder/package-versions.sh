#!/bin/sh
# Says which versions of each package Debian has now: a line "SUITE PACKAGE VERSION" for each, the newest first, none where there is none. A
# suite's updates and security count where this image's apt has them; with `all`, always.
#
#   package-versions.sh all|usual SUITE PACKAGE [SUITE PACKAGE ...]
set -eu
extent=$1
shift
shown=
while [ $# -gt 1 ]; do
	if [ "$1" != "$shown" ]; then
		sh "${0%/*}/show-suite.sh" "$1" "$extent" >&2
		shown=$1
	fi
	apt-cache madison "$2" | awk -F ' *[|] *' -v suite="$1" -v line="$1 $2" '
		{ split($3, place, " "); sub("/main$", "", place[2]) }
		(place[2] == suite || place[2] == suite "-updates" || place[2] == suite "-security") && !seen[$2]++ { print line, $2 }'
	shift 2
done
