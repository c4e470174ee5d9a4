#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Builds the kernel module, kmod-ttm/module/sluice_ttm.ko, for the running kernel unless KVER or KDIR names another one. KDIR is the
# folder of a kernel's headers, or of a built kernel's source.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
readonly here

readonly usage='Usage: kmod-ttm/build.sh [KVER=VERSION | KDIR=FOLDER] [CC=COMPILER] [install | uninstall | clean]'

KVER=$(uname -r) KDIR='' CC='' built_by='' action=all

fail() {
    printf 'build.sh: %s\n' "$1" "${@:2}" >&2
    exit 1
}

read_arguments() {
    local argument
    for argument in "$@"; do
        case $argument in
            KVER=*) KVER=${argument#*=} ;;
            KDIR=*) KDIR=${argument#*=} ;;
            CC=*) CC=${argument#*=} ;;
            install | uninstall | clean) action=$argument ;;
            *) fail "'$argument' is not known. $usage" ;;
        esac
    done
}

find_headers() {
    [[ -z $KDIR || -e $KDIR/Makefile ]] || fail "KDIR=$KDIR has no kernel headers: there is no $KDIR/Makefile."
    KDIR=${KDIR:-/lib/modules/$KVER/build}
    [[ -e $KDIR/Makefile ]] ||
        fail "the headers of kernel $KVER are missing: there is no $KDIR/Makefile." \
            "Debian, Ubuntu: apt-get install linux-headers-$KVER     Fedora, RHEL: dnf install kernel-devel-$KVER" \
            "If that version is no longer offered, update the kernel, reboot, and try again."
    KDIR=$(cd "$KDIR" && pwd)
    KVER=$(sed -n 's/^#define UTS_RELEASE "\(.*\)"/\1/p' "$KDIR/include/generated/utsrelease.h" 2>/dev/null) ||
        fail "$KDIR is a kernel source that was never configured. Next step there: make olddefconfig && make modules_prepare"
}

check_version() {
    local major minor
    IFS=.- read -r major minor _ <<<"$KVER"
    ((major > 5 || (major == 5 && minor >= 10))) ||
        fail "kernel $KVER is too old: the module needs 5.10 or newer." "Next step: update the kernel of this server."
    ! grep -qx 'CONFIG_PREEMPT_RT=y' "$KDIR/include/config/auto.conf" ||
        fail "kernel $KVER is a real-time kernel (PREEMPT_RT), which the module does not support." \
            "Next step: use the eBPF carrier, kmod-ttm/bpf."
}

# The compiler that built the kernel where it is there, else the default one.
find_compiler() {
    command -v make >/dev/null || fail "make is missing. Debian: apt-get install make"
    built_by=$(sed -n 's/^CONFIG_CC_VERSION_TEXT="\{0,1\}\([^ "]*\) .*/\1/p' "$KDIR/include/config/auto.conf")
    built_by=${built_by##*-gnu-}    # x86_64-linux-gnu-gcc-12 is Debian's gcc-12
    if [[ -n $CC ]]; then
        command -v "$CC" >/dev/null || fail "there is no compiler '$CC'."
        return
    fi
    for CC in "${built_by:-gcc}" gcc; do
        command -v "$CC" >/dev/null && break
        CC=''
    done
    [[ -n $CC ]] || fail "no C compiler is there. The kernel was built with ${built_by:-gcc}." \
        "Debian: apt-get install ${built_by:-gcc}, or gcc where that is no longer offered"
    [[ $CC == "${built_by:-gcc}" ]] ||
        printf 'build.sh: the kernel was built with %s, which is missing. Trying %s.\n' "$built_by" "$CC" >&2
}

secure_boot_is_on() {
    local variable
    if command -v mokutil >/dev/null; then
        mokutil --sb-state 2>/dev/null | grep -q 'SecureBoot enabled'
        return
    fi
    for variable in /sys/firmware/efi/efivars/SecureBoot-*; do
        [[ -e $variable && $(od -An -tu1 -j4 -N1 "$variable" | tr -d ' ') == 1 ]] && return 0
    done
    return 1
}

say_what_is_next() {
    printf 'build.sh: built %s for %s\n' "${here#"$PWD"/}/module/sluice_ttm.ko" "$KVER"
    [[ $KVER == "$(uname -r)" ]] || return 0
    if secure_boot_is_on; then
        printf 'build.sh: %s\n' "Secure Boot is on, so the kernel takes no module without a signature that it knows. Either" \
            "  install the package kmod-sluice-ttm: DKMS signs with its own key, which mokutil --import /var/lib/dkms/mok.pub enrols, or" \
            "  use the eBPF carrier, kmod-ttm/bpf, which needs no signature."
    fi
    printf 'Next step, as root: kmod-ttm/build.sh install && modprobe sluice_ttm trusted=LOCAL_ADDRESS_OF_THE_LOAD_BALANCER\n'
}

main() {
    read_arguments "$@"
    find_headers
    check_version
    find_compiler
    make -C "$here/module" KDIR="$KDIR" CC="$CC" "$action" ||
        fail "make failed, see above." \
            "The kernel was built with ${built_by:-gcc}, this was $CC. If they differ: apt-get install ${built_by:-gcc}"
    [[ $action != all ]] || say_what_is_next
}

main "$@"
