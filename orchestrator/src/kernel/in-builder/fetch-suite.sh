#!/bin/sh
# Fetches a kernel source package from another suite than the image's own, or at one version.
#
#   fetch-suite.sh SUITE PACKAGE[=VERSION] OWNER
set -eu
suite=$1 package=$2 owner=$3
# A version names its suite well enough.
case $package in
*=*) sh "${0%/*}/show-suite.sh" "$suite" all ;;
*)
	sh "${0%/*}/show-suite.sh" "$suite"
	package=$package/$suite
	;;
esac
sh "${0%/*}/fetch-package.sh" "$package" "$owner"
rm /etc/apt/sources.list.d/show-suite.list
