# shellcheck shell=bash
# Builds only what changed, and puts the classes where the daemon and the client find them.

readonly build_dir=${root:?set by tools/sluice}/tools/target/launcher
readonly library=$build_dir/lib
# shellcheck disable=SC2034  # read by tools/sluice
readonly archive=$build_dir/client.jsa
# shellcheck disable=SC2034  # read by tools/sluice
readonly aot_cache=$build_dir/daemon.aot
readonly stamp=$build_dir/built
readonly carrier_dir=$root/kmod-ttm/bpf
readonly jmh_dir=$root/tools/bench/jmh

# Maven with the JDK that was found, whatever JDK Maven itself would choose. Maven's own libraries still use what newer
# JDKs warn about; the warnings are not about this project.
# Its terminal library writes escape sequences whatever it is told.
maven() {
    (cd "$root" && JAVA_HOME=$JAVA_HOME MAVEN_OPTS="${MAVEN_OPTS:-} --sun-misc-unsafe-memory-access=allow" mvn -Dstyle.color=never "$@" </dev/null) 2>&1 \
        | sed -u $'s/\e\\[[0-9;]*m//g'
}

# The directories count too: a file that was removed changes the time of its directory.
sources_newer() {
    [[ -n $(find "$root/pom.xml" "$root"/*/pom.xml "$root"/.mvn "$root"/{dataplane,control,tools}/src "$root/native" "$root/tools/launcher" \
        -newer "$stamp" -print -quit) ]]
}

build() {
    local started
    started=$(mktemp)
    install_missing "${build_packages[@]:?}"
    say "building (the first time Maven fetches libraries, which takes a while)"
    maven -q -pl tools -am -DskipTests -Dcheckstyle.skip package dependency:copy-dependencies -DincludeScope=runtime "-DoutputDirectory=$build_dir/next" >&2 \
        || fail 1 "the build failed; the messages above say where"
    cp "$root"/tools/target/sluice-tools-*.jar "$build_dir/next/"
    pregenerate "$build_dir/next"
    rm -rf "$library" "$archive"
    mv "$build_dir/next" "$library"
    # What changed while we were building is newer than this stamp, and so is built next time.
    mv "$started" "$stamp"
}

# pregenerate DIRECTORY: adds a jar with what the daemon would otherwise compile at every start.
pregenerate() {
    local classes=$build_dir/pregenerated
    rm -rf "$classes"
    mkdir -p "$classes"
    "$JAVA_HOME/bin/java" "@$root/tools/jvm.options" -cp "$1/*" "$root/tools/launcher/GenerateMapState.java" "$classes" >&2 \
        || fail 1 "a class of Chronicle Map could not be made beforehand; the messages above say why"
    "$JAVA_HOME/bin/jar" --create --file "$1/pregenerated.jar" -C "$classes" .
}

# One build at a time: several commands may be started at once.
build_if_older() {
    [[ ${SLUICE_BUILD:-} == never && -d $library ]] && return 0
    local lock
    lock_build
    if [[ ! -e $stamp ]] || sources_newer; then
        build
    fi
    exec {lock}>&-
}

# The JVM's own cache of the daemon, see tools/lab/train. Without it everything works, and starts later.
train_if_older() {
    local lock
    lock_build
    if [[ ! -e $aot_cache || $stamp -nt $aot_cache ]]; then
        say "training the daemon (once for each build)"
        if ! "$root/tools/lab/train" "$aot_cache.new" >&2; then
            say "the training failed; the daemon starts without it until the next build"
            : >"$aot_cache.new"
        fi
        mv "$aot_cache.new" "$aot_cache"
    fi
    exec {lock}>&-
}

# lock_build: sets "lock", a local variable of the caller, to the descriptor that holds the lock.
lock_build() {
    mkdir -p "$build_dir"
    exec {lock}>"$build_dir/lock"
    flock "$lock"
}

# The JMH benches, which nothing else needs.
build_jmh() {
    local lock started built=$jmh_dir/target/built
    lock_build
    if [[ ! -e $built || -n $(find "$root/pom.xml" "$root/.mvn" "$root"/dataplane/{pom.xml,src} "$root/native" "$jmh_dir"/{pom.xml,src} \
        -newer "$built" -print -quit) ]]; then
        started=$(mktemp)
        say "building the JMH benches"
        maven -q -pl tools/bench/jmh -am -DskipTests -Dcheckstyle.skip package >&2 || fail 1 "the build failed; the messages above say where"
        make --silent -C "$root/native" jni "OUT=$jmh_dir/target/native" "JAVA_HOME=$JAVA_HOME" >&2 \
            || fail 1 "make -C $root/native jni failed; the messages above say why"
        mv "$started" "$built"
    fi
    exec {lock}>&-
}

# The eBPF carrier and the sample server that the lab's real servers run.
build_carrier() {
    local directory
    for directory in "$carrier_dir" "$root/tools/ttm-samples/c"; do
        if [[ -e $directory/Makefile ]]; then
            make --silent -C "$directory" >&2 || fail 1 "make -C $directory failed; the messages above say why"
        fi
    done
}

# The load generators of the bench.
build_load() {
    make --silent -C "$root/tools/bench/load" >&2 || fail 1 "make -C $root/tools/bench/load failed; the messages above say why"
}
