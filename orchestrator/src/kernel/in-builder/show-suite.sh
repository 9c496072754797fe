#!/bin/sh
# Shows apt one more suite of the mirror that this image uses; with `all`, its updates and what Debian's security team has released for it. For one container: what
# builds is installed from the image's own suite, always.
#
#   show-suite.sh SUITE [all]
set -eu
suite=$1 extent=${2:-}
list=/etc/apt/sources.list.d/show-suite.list
rm -f "$list"
apt-get update -q
known=$(apt-get indextargets --format '$(ORIGIN) $(RELEASE) $(REPO_URI)' 'Created-By: Packages' | awk '$1 == "Debian"')
mirror=$(echo "$known" | awk '$3 !~ /security/ { print $3; exit }')
security=$(echo "$known" | awk '$3 ~ /security/ { print $3; exit }')
if [ -z "$mirror" ]; then
	echo 'show-suite: no Debian mirror among the sources of apt' >&2
	exit 1
fi

# A mirror that stands still is a good one: signed it stays, and the exact version is recorded.
show() {
	echo "$known" | awk -v suite="$2" '$2 == suite { found = 1 } END { exit !found }' || echo "deb [check-valid-until=no] $1 $2 main"
}

show "$mirror" "$suite" >"$list"
apt-get update -q
if [ "$extent" = all ]; then
	# Not every suite has these, nor every mirror.
	for more in "$mirror $suite-updates" "${security:-${mirror%/}-security} $suite-security"; do
		cp "$list" /tmp/suite-so-far.list
		show ${more} >>"$list"
		apt-get -o APT::Update::Error-Mode=any update -q && continue
		cp /tmp/suite-so-far.list "$list"
		apt-get update -q
		echo "show-suite: without ${more#* }, which could not be had from $(echo "$more" | cut -d ' ' -f 1)" >&2
	done
fi
