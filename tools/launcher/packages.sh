# shellcheck shell=bash
# Debian packages by name, installed only where what they bring is missing.

# shellcheck disable=SC2034  # the lists are read by the other parts

# WHAT:PACKAGE, where WHAT is a command, or an absolute path that has to exist.
readonly build_packages=(mvn:maven make:make gcc:gcc clang:clang llvm-strip:llvm bpftool:bpftool
    /usr/include/stdio.h:libc6-dev /usr/include/bpf/bpf.h:libbpf-dev /usr/include/libelf.h:libelf-dev
    /usr/include/zlib.h:zlib1g-dev)
readonly lab_packages=(python3:python3 ip:iproute2 ethtool:ethtool nft:nftables nginx:nginx-light curl:curl tcpdump:tcpdump
    ping:iputils-ping iperf3:iperf3 wrk:wrk)
# Only for the sample in Go.
readonly go_packages=(go:golang-go)
# What Sluice is compared with. Debian has nginx's stream module in a package of its own.
readonly bench_packages=(haproxy:haproxy /usr/lib/nginx/modules/ngx_stream_module.so:libnginx-mod-stream taskset:util-linux)
# Proxies behind the carriers, the carriers' packages, and the fuzzer's run time.
readonly ttm_packages=(haproxy:haproxy rpmbuild:rpm dpkg-buildpackage:dpkg-dev dh:debhelper dh_dkms:dh-dkms
    /usr/share/doc/libclang-rt-dev:libclang-rt-dev)
# Emulated machines with Debian's kernels. Of the two busyboxes, only the static one runs without libraries.
readonly kernel_packages=(qemu-system-x86_64:qemu-system-x86 /usr/share/doc/busybox-static/copyright:busybox-static cpio:cpio depmod:kmod
    mmdebstrap:mmdebstrap pahole:pahole xz:xz-utils strip:binutils)

apt_lists_fresh=no

# Without a list from the last day, "no such package" would mean nothing.
refresh_apt_lists() {
    [[ $apt_lists_fresh == yes ]] && return 0
    apt-get update -qq >&2 || say "sluice: apt-get update failed; going on with the package lists that are there"
    apt_lists_fresh=yes
}

# package_offered NAME: does apt have it?
package_offered() {
    command -v apt-get >/dev/null && ((EUID == 0)) || return 1
    refresh_apt_lists
    [[ -n $(apt-cache policy "$1" 2>/dev/null | sed -n 's/^ *Candidate: \([^(].*\)/\1/p') ]]
}

# install_packages NAME...: says what it installs. Services among them (nginx) are not started: the lab runs its own.
install_packages() {
    local policy=/usr/sbin/policy-rc.d ours=no status=0
    say "installing: $*"
    refresh_apt_lists
    if [[ ! -e $policy ]]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod +x "$policy"
        ours=yes
    fi
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" </dev/null >/dev/null || status=$?
    [[ $ours == yes ]] && rm -f "$policy"
    ((status == 0)) || fail 1 "apt-get install $* failed with status $status; see its messages above"
}

# thing_there WHAT
thing_there() {
    case $1 in
        /*) [[ -e $1 ]] ;;
        # Tools of the administrator are not always on the path of the user who became root.
        *) command -v "$1" >/dev/null || [[ -x /usr/sbin/$1 || -x /sbin/$1 ]] ;;
    esac
}

# install_missing WHAT:PACKAGE...
install_missing() {
    local pair names=()
    for pair in "$@"; do
        thing_there "${pair%%:*}" || names+=("${pair##*:}")
    done
    ((${#names[@]} == 0)) && return 0
    command -v apt-get >/dev/null || fail 1 "these are missing, and there is no apt-get to install them: ${names[*]}"
    need_root "these Debian packages are missing: ${names[*]}"
    install_packages "${names[@]}"
}

case :$PATH: in
    *:/usr/sbin:*) ;;
    *) export PATH=$PATH:/usr/sbin:/sbin ;;
esac
