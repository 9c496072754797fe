#!/bin/sh
# build-patched.sh with the make-kernel.sh of this folder. That it waits for the lab changes no byte of a kernel, so it is in no kernel's key.
. "${0%/*}/../build-patched.sh"
