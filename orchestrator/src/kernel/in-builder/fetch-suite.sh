#!/bin/sh
# Shows apt one more suite of the mirror that this image uses, and fetches a kernel source package from there. For one container: what
# builds is installed from the image's own suite, always.
#
#   fetch-suite.sh SUITE PACKAGE[=VERSION] OWNER
set -eu
suite=$1 package=$2 owner=$3
list=/etc/apt/sources.list.d/fetch-suite.list
apt-get update -q
mirror=$(apt-get indextargets --format '$(ORIGIN) $(REPO_URI)' 'Created-By: Packages' | awk '$1 == "Debian" && $2 !~ /security/ { print $2; exit }')
if [ -z "$mirror" ]; then
	echo 'fetch-suite: no Debian mirror among the sources of apt' >&2
	exit 1
fi
# A mirror that stands still is a good one: signed it stays, and the exact version is recorded.
echo "deb [check-valid-until=no] $mirror $suite main" >$list
# A version names its suite well enough.
case $package in
*=*) ;;
*) package=$package/$suite ;;
esac
sh "${0%/*}/fetch-package.sh" "$package" "$owner"
rm $list
