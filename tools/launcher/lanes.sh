# shellcheck shell=bash
# "tools/sluice test": every lane says what it ran; a table and one line of totals at the end.

readonly all_lanes=(unit netns slow fuzz ttm kernel lab dedicated lanes afxdp)
readonly fuzz_seconds=${SLUICE_FUZZ_SECONDS:-10}
: "${root:?set by tools/sluice}" "${carrier_dir:?set by build.sh}" "${lab_packages[*]:?set by packages.sh}" "${kernel_packages[*]:?set by packages.sh}"
: "${ttm_packages[*]:?set by packages.sh}"
summary=()
total_passed=0
total_failed=0
total_skipped=0

# record LANE PASSED FAILED SKIPPED NOTE
record() {
    summary+=("$(printf '%-9s %7d %7d %8d   %s' "$@")")
    total_passed=$((total_passed + $2))
    total_failed=$((total_failed + $3))
    total_skipped=$((total_skipped + $4))
}

# surefire_totals: "PASSED FAILED SKIPPED" over the reports that the last Maven run left.
surefire_totals() {
    find "$root" -path '*/target/surefire-reports/TEST-*.xml' -exec grep -h -m 1 '<testsuite ' {} + 2>/dev/null | awk '
        function value(name,   text) {
            if (!match($0, " " name "=\"[0-9]+\"")) return 0
            text = substr($0, RSTART, RLENGTH); gsub(/[^0-9]/, "", text); return text + 0
        }
        { tests += value("tests"); bad += value("errors") + value("failures"); skipped += value("skipped") }
        END { printf "%d %d %d\n", tests - bad - skipped, bad, skipped }'
}

# Maven's quiet mode keeps to itself where the style is violated.
style_violations() {
    local report
    find "$root" -path '*/target/checkstyle-result.xml' | while read -r report; do
        sed -n 's/^<file name="\(.*\)">$/\1/;t keep;s/^<error line="\([0-9]*\)".*message="\([^"]*\)".*/\1: \2/;t print;b;:keep;h;b;:print;G;s/\(.*\)\n\(.*\)/\2:\1/p' "$report"
    done
    return 0
}

# maven_lane LANE WHAT MAVEN-ARGUMENT...
maven_lane() {
    local lane=$1 what=$2 status=0 passed failed skipped note=
    shift 2
    find "$root" -path '*/target/surefire-reports' -prune -exec rm -rf {} +
    maven -q --fail-at-end "$@" verify || status=$?
    read -r passed failed skipped < <(surefire_totals)
    if ((status != 0 && failed == 0)); then
        failed=1
        note=' (the build itself failed)'
        style_violations
    fi
    record "$lane" "$passed" "$failed" "$skipped" "$what$note"
}

tagged_lane() {
    maven_lane "$1" "$2" -Dsluice.test.excludedGroups= "-Dsluice.test.groups=$1" -Dcheckstyle.skip -Dsurefire.failIfNoSpecifiedTests=false
}

# script_lane LANE WHAT COMMAND...: a program whose last line is "N passed, N failed[, N skipped]".
script_lane() {
    local lane=$1 what=$2 log status=0 last numbers passed failed skipped note=
    shift 2
    log=$(mktemp)
    if [[ -x $1 ]]; then
        "$@" </dev/null 2>&1 | tee "$log" || status=$?
    else
        echo "$1 is missing" | tee "$log"
        status=1
    fi
    last=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1 || true)
    rm -f "$log"
    numbers=$(tr -c '0-9\n' ' ' <<<"$last")
    read -r passed failed skipped <<<"$numbers" || true
    passed=${passed:-0} failed=${failed:-0} skipped=${skipped:-0}
    if ((status != 0 && failed == 0)); then
        failed=1
        note=" (it ended with status $status)"
    fi
    record "$lane" "$passed" "$failed" "$skipped" "$what$note"
}

run_unit() {
    maven_lane unit "unit tests, packet tables, golden pcaps, layers (ArchUnit), Checkstyle"
    script_lane unit "the bench: ratios, verdicts, what it reads from /proc" "$root/tools/bench/test" tests
    script_lane unit "the JMH benches, each for an instant" "$root/tools/bench/jmh/smoke"
}

run_netns() {
    tagged_lane netns "Java tests against the real kernel in network namespaces"
}

run_slow() {
    tagged_lane slow "crash recovery with real processes, long random runs"
}

# Jazzer looks for new inputs in one method a run: each gets the same few seconds. The seeds of the
# checked-in corpus run in the unit lane.
run_fuzz() {
    local file class method module log passed=0 failed=0
    while IFS=: read -r file method; do
        class=$(basename "$file" .java)
        module=${file#"$root"/}
        module=${module%%/*}
        log=$root/$module/target/fuzz-$class-$method.log
        echo "fuzzing $class.$method for ${fuzz_seconds} s, log in $log"
        mkdir -p "$(dirname "$log")"
        if JAZZER_FUZZ=1 maven -q -pl "$module" -am -Dcheckstyle.skip -Dsluice.test.excludedGroups= -Dsluice.test.groups=fuzz \
            "-Dtest=$class#$method" -Dsurefire.failIfNoSpecifiedTests=false "-Djazzer.max_duration=${fuzz_seconds}s" verify >"$log" 2>&1; then
            passed=$((passed + 1))
        else
            failed=$((failed + 1))
            tail -n 60 "$log"
        fi
    done < <(fuzz_methods)
    record fuzz "$passed" "$failed" 0 "random bytes into every header parser, ${fuzz_seconds} s each"
}

# FILE:METHOD of every fuzz test.
fuzz_methods() {
    grep -rl --include='*.java' '@FuzzTest' "$root"/*/src/test | sort | while read -r file; do
        grep -A 4 '@FuzzTest' "$file" | sed -n "s|.* void \([A-Za-z0-9_]*\)(.*|$file:\1|p"
    done || true
}

run_ttm() {
    install_missing "${ttm_packages[@]}"
    script_lane ttm "the eBPF carrier on a real server, samples, proxies, packages" "$carrier_dir/test/run"
    script_lane ttm "the kernel module's option parser: a table of cases, and its fuzzer" "$root/kmod-ttm/module/test/run"
    script_lane ttm "the kernel module's packages: installed, built by DKMS, purged" "$root/kmod-ttm/packaging/test/run"
}

# Fewer connections than by hand: eight rounds of them have to fit into a lane.
run_kernel() {
    install_missing "${kernel_packages[@]}"
    script_lane kernel "both carriers on Debian's kernels, in virtual machines behind the daemon" \
        "$root/tools/kernel-lab/run" --connections 3000
}

run_lab_tests() {
    script_lane lab "real traffic through the daemon, real kernels at both ends" "$root/tools/lab/test"
    script_lane lab "the bench, as short as it can be" "$root/tools/bench/test" smoke
}

# Other ways to run the same path: with threads, lanes and ports of other kinds, what they matter for.
run_dedicated() {
    script_lane dedicated "the same with a thread for each stage" "$root/tools/lab/test" --set dataplane.threading=dedicated \
        transfers connection_ends many_connections datagrams restarts links path_mtu
}

run_lanes_tests() {
    local lanes
    for lanes in 2 4; do
        maven_lane lanes "packet tables and conversations scattered over $lanes lanes" -pl dataplane -am -Dcheckstyle.skip \
            "-Dsluice.test.lanes=$lanes" -Dsluice.test.excludedGroups=netns,slow,fuzz,onelane \
            '-Dtest=io.sluice.dataplane.pipeline.**' -Dsurefire.failIfNoSpecifiedTests=false
    done
    script_lane lanes "real traffic over 4 lanes" "$root/tools/lab/test" --set dataplane.lanes=4 \
        transfers connection_ends many_connections datagrams restarts icmp links path_mtu
}

run_afxdp() {
    script_lane afxdp "real traffic by AF_XDP, as far as it concerns the port" "$root/tools/lab/test" --set dataplane.port=af_xdp \
        test_transfers test_datagrams test_icmp test_links test_path_mtu test_start every_open_connection
}

print_summary() {
    echo
    printf '%-9s %7s %7s %8s   %s\n' lane passed failed skipped what
    printf '%s\n' "${summary[@]}"
    echo
    echo "$total_passed passed, $total_failed failed, $total_skipped skipped"
}

run_lanes() {
    local lane lanes=("$@")
    ((${#lanes[@]} > 0)) || lanes=("${all_lanes[@]}")
    for lane in "${lanes[@]}"; do
        [[ " ${all_lanes[*]} " == *" $lane "* ]] || fail 2 "there is no lane '$lane'; there are: ${all_lanes[*]}"
    done
    need_root "the tests make network namespaces and raw sockets"
    prepare "${lab_packages[@]}"
    build_carrier
    build_load
    for lane in "${lanes[@]}"; do
        printf '\n== %s ==\n' "$lane"
        case $lane in
            lab) run_lab_tests ;;
            lanes) run_lanes_tests ;;
            *) "run_$lane" ;;
        esac
    done
    print_summary
    ((total_failed == 0))
}
