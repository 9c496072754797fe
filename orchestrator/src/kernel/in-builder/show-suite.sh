#!/bin/sh
# Shows apt one more suite of the mirror that this image uses, and what Debian's security team has released for it. For one container: what
# builds is installed from the image's own suite, always.
#
#   show-suite.sh SUITE
set -eu
suite=$1
list=/etc/apt/sources.list.d/show-suite.list
rm -f "$list"
apt-get update -q
uris=$(apt-get indextargets --format '$(ORIGIN) $(REPO_URI)' 'Created-By: Packages' | awk '$1 == "Debian" { print $2 }')
mirror=$(echo "$uris" | awk '!/security/ { print; exit }')
security=$(echo "$uris" | awk '/security/ { print; exit }')
if [ -z "$mirror" ]; then
	echo 'show-suite: no Debian mirror among the sources of apt' >&2
	exit 1
fi
# A mirror that stands still is a good one: signed it stays, and the exact version is recorded.
main="deb [check-valid-until=no] $mirror $suite main"
printf '%s\n%s\n' "$main" "deb [check-valid-until=no] ${security:-${mirror%/}-security} $suite-security main" >"$list"
# Not every suite has one, nor every mirror.
if ! apt-get update -q; then
	echo "$main" >"$list"
	apt-get update -q
fi
