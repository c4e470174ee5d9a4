# shellcheck shell=bash
# Finds a JDK that is new enough, wherever the system or the user keeps JDKs.

readonly jdk_needed=25

# jdk_feature HOME: prints the feature version (25 of "25.0.3") of the JDK in HOME; fails if there is no whole JDK.
# javac has to be there: Chronicle Map compiles its accessors at run time.
jdk_feature() {
    local release=$1/release version
    [[ -r $release && -x $1/bin/java && -x $1/bin/javac ]] || return 1
    version=$(sed -n 's/^JAVA_VERSION="\([0-9][0-9]*\).*/\1/p' "$release")
    [[ -n $version ]] && printf '%s\n' "$version"
}

# Homes worth a look, one a line, the user's own wish first.
jdk_candidates() {
    local java home
    [[ -n ${JAVA_HOME:-} ]] && printf '%s\n' "$JAVA_HOME"
    if command -v update-alternatives >/dev/null; then
        update-alternatives --list javac 2>/dev/null | sed 's|/bin/javac$||' || true
    fi
    if java=$(command -v javac); then
        dirname "$(dirname "$(readlink -f "$java")")"
    fi
    for home in /usr/lib/jvm/* /usr/lib64/jvm/* /usr/java/* /opt/* /opt/java/* /usr/local/lib/jvm/* "${HOME:-/root}"/.jdks/* \
        "${HOME:-/root}"/.sdkman/candidates/java/*; do
        [[ -d $home ]] && printf '%s\n' "$home"
    done
    return 0
}

# find_jdk: sets and exports JAVA_HOME to the first candidate that is new enough.
find_jdk() {
    local home version
    while read -r home; do
        if version=$(jdk_feature "$home") && ((version >= jdk_needed)); then
            export JAVA_HOME=$home
            return 0
        fi
    done < <(jdk_candidates)
    return 1
}

# need_jdk [install]: finds one, or with "install" gets it from the distribution, or says what to do.
need_jdk() {
    find_jdk && return 0
    if [[ ${1:-} == install ]] && package_offered "openjdk-$jdk_needed-jdk-headless"; then
        install_packages "openjdk-$jdk_needed-jdk-headless"
        find_jdk && return 0
    fi
    fail 1 "no JDK $jdk_needed or newer found (JAVA_HOME is '${JAVA_HOME:-not set}'; looked in the usual places too).
  Debian 13:  apt-get install openjdk-$jdk_needed-jdk-headless
  Debian 12:  unpack any JDK $jdk_needed, for example Eclipse Temurin, and set JAVA_HOME to its directory"
}
