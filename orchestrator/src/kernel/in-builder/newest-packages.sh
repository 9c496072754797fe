#!/bin/sh
# Says which version of each package Debian has now: a line "SUITE PACKAGE VERSION" for each, none for one that is not there.
#
#   newest-packages.sh OWN-SUITE SUITE PACKAGE [SUITE PACKAGE ...]
set -eu
own=$1
shift
list=/etc/apt/sources.list.d/newest-packages.list
apt-get update -q >&2
mirror=$(apt-get indextargets --format '$(ORIGIN) $(REPO_URI)' 'Created-By: Packages' | awk '$1 == "Debian" && $2 !~ /security/ { print $2; exit }')
asked=
while [ $# -gt 1 ]; do
	case " $asked $own " in
	*" $1 "*) ;;
	*)
		if [ -z "$mirror" ]; then
			echo 'newest-packages: no Debian mirror among the sources of apt' >&2
			exit 1
		fi
		echo "deb [check-valid-until=no] $mirror $1 main" >$list
		apt-get update -q >&2
		asked="$asked $1"
		;;
	esac
	if [ "$1" = "$own" ]; then
		# What apt would take: security and updates of the suite count.
		version=$(apt-cache policy "$2" | awk '$1 == "Candidate:" { print $2 }')
	else
		version=$(apt-cache madison "$2" | awk -F ' *[|] *' -v suite=" $1/main " 'index($3 " ", suite) { print $2; exit }')
	fi
	case $version in
	'' | '(none)') ;;
	*) echo "$1 $2 $version" ;;
	esac
	shift 2
done
