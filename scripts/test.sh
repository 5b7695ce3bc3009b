#!/usr/bin/env bash
# The full test suite: scripts/test.sh
#
# Runs formatter and lints, the tests of all crates without and with libtorch, and then tests of the program from outside: its
# rules against pyffish, its engine through python-chess, broken input, training runs under SIGKILL, its report and its
# local page in a browser; and of its Python package.
# Sets up what it needs inside the repository (target/venv, third_party/libtorch) and stops at the first failure. Needs cargo, a
# C++ compiler and python3 with venv. With CI=1 it also installs Debian's chromium, as root; without a browser report and
# page are not clicked through.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

section=start
passed=0
beside=
finish() {
    local status=$?
    [ -z "$beside" ] || kill "$beside" 2>/dev/null || true
    echo
    if [ "$status" = 0 ]; then
        echo "test sections in ${SECONDS} s:"
        echo "$passed passed, 0 failed"
    else
        echo "FAILED: $section"
        echo "$passed passed, 1 failed"
    fi
}
trap finish EXIT
trap 'section="$section (interrupted)"; exit 130' INT TERM

# Runs a command as a section of its own.
run() {
    section=$1
    shift
    local began=$SECONDS
    printf '\n=== %s\n' "$section"
    "$@"
    passed=$((passed + 1))
    echo "--- ok, $((SECONDS - began)) s"
}

# Begins a section on the other core, beside those that follow. `finish_beside` waits for it.
begin_beside() {
    beside_log=target/beside.log
    (set -e && "$@") >"$beside_log" 2>&1 &
    beside=$!
}

finish_beside() {
    local status=0
    wait "$beside" || status=$?
    beside=
    tail -n "$([ "$status" = 0 ] && echo 12 || echo 200)" "$beside_log"
    return "$status"
}

python=target/venv/bin/python

# A virtual environment, made again when the interpreter or the requirements have changed.
python_environment() {
    local host=${PYTHON:-python3} stamp=target/venv/stamp state
    command -v "$host" >/dev/null || { echo "$host is missing (on Debian: apt-get install python3 python3-venv)"; return 1; }
    state=$("$host" -VV && cat scripts/requirements.txt)
    if [ "$(cat "$stamp" 2>/dev/null)" != "$state" ]; then
        rm -rf target/venv
        "$host" -m venv target/venv
        "$python" -m pip install --quiet --disable-pip-version-check --require-hashes --requirement scripts/requirements.txt
        printf '%s\n' "$state" >"$stamp"
    fi
    "$python" -c 'import chess, pyffish; print("python-chess", chess.__version__, "pyffish", *pyffish.version())'
}

libtorch() {
    if [ -n "${LIBTORCH:-}" ]; then
        echo "libtorch in $LIBTORCH, as LIBTORCH says"
    else
        scripts/fetch-libtorch.sh
    fi
}

lints() {
    cargo clippy --workspace --all-targets --features selection/torch,interregnum/torch -- -D warnings
}

# Of the crates that can be built with libtorch, the tests that need it. All others have run without it before.
tests_with_libtorch() {
    cargo test --package selection --features torch
    cargo test --package interregnum --features torch --test train
}

# The tests of the crates compare the signature of a debug build with tests/bench.signature; this compares the release build's.
release_signature() {
    local expected found options
    expected=$(cat tests/bench.signature)
    for options in "--threads 1" "--threads 2" "--threads 2 --kernel scalar"; do
        # shellcheck disable=SC2086 # options are words
        found=$(target/release/interregnum bench --signature $options)
        echo "release, $options: $found"
        [ "$found" = "$expected" ] || { echo "tests/bench.signature says $expected"; return 1; }
    done
}

rules_against_pyffish() {
    "$python" scripts/compare_pyffish.py --positions 30
    "$python" scripts/compare_pyffish.py --positions 150 --variants chess,gardner,losalamos,crazyhouse,atomic,shogi,xiangqi
    "$python" scripts/compare_pyffish.py --positions 10 --resolved
    "$python" scripts/compare_pyffish.py --positions 150 --variant-path tests/perft/variants.ini
    "$python" scripts/compare_pyffish.py --positions 100 --suite quick
    "$python" scripts/compare_pyffish.py --positions 30 --suite standard
    "$python" scripts/compare_pyffish.py --perft 3 --variants chess,gardner,losalamos
    # The first files of seed 500 show none of the differences that tests/pyffish_differences.md argues for.
    "$python" scripts/fuzz_rules --files 20 --positions 40 --seed 500 --keep target/fuzz_rules \
        --allow-refusal 'cannot be entered|walls|notation|no atom'
}

# Builds the program with libtorch again, as other sections build it without and both builds have one place.
training_under_sigkill() {
    cargo build --package interregnum --features torch
    rm -rf target/kill_resume
    "$python" scripts/kill_resume.py --kills 4 --keep target/kill_resume
    "$python" scripts/read_shards.py target/kill_resume/killed --games 8
}

# The tests of the rules read what python-chess and pyffish said of positions with few men; both must still say so.
insufficient_material() {
    "$python" scripts/insufficient_material.py 2>/dev/null | cmp - crates/rules/tests/data/insufficient_material.txt
}

# Installs the program, and tests the copy from other folders: it must not need this repository.
installed_program() {
    CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_DEBUG=none \
        cargo install --quiet --locked --force --path crates/interregnum --root target/installed --target-dir target
    INTERREGNUM_INSTALLED="$PWD/target/installed/bin/interregnum" cargo test --package interregnum --test installed
}

# A fresh environment with what the Python package needs and is tested with, but for PyTorch, which is large: the variable WITH_PYTORCH asks for it.
python_requirements() {
    local fresh=$PWD/target/python_package wanted
    rm -rf "$fresh"
    "${PYTHON:-python3}" -m venv "$fresh"
    wanted=$("$fresh/bin/python" - "${WITH_PYTORCH:-}" <<'END'
import sys
import tomllib

project = tomllib.load(open("crates/python/pyproject.toml", "rb"))["project"]
extras = project["optional-dependencies"]
names = [name for name in extras if name != "torch" or sys.argv[1]]
lists = [project["dependencies"], *(extras[name] for name in names)]
print(*(word for words in lists for word in words if not word.startswith(project["name"])), sep="\n")
END
)
    # shellcheck disable=SC2086 # requirements are words
    "$fresh/bin/python" -m pip install --quiet --disable-pip-version-check $wanted
}

# Builds the Python package, installs it into that environment, and runs its tests there from another folder.
python_package() {
    local fresh=$PWD/target/python_package
    CARGO_TARGET_DIR="$PWD/target" CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_DEBUG=none \
        "$fresh/bin/python" -m pip install --quiet --disable-pip-version-check ./crates/python
    (cd "$fresh" && bin/python -m pytest -q --rootdir "$OLDPWD/crates/python" "$OLDPWD/crates/python/tests")
}

# Installs a browser in CI; elsewhere says what is missing and goes on.
pages_in_a_browser() {
    if [ -n "${CI:-}" ] && ! command -v chromedriver >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium chromium-driver >/dev/null
    fi
    rm -rf target/click_report
    target/release/interregnum stress tests/data/small.toml --out target/click_report >/dev/null
    if command -v chromedriver >/dev/null; then
        timeout 600 "$python" scripts/click_report.py target/click_report/report.html --keep target/click_report
        rm -rf target/click_play
        timeout 600 "$python" scripts/click_play.py --shots target/click_play --run target/click_report
    else
        echo "not clicked through: chromedriver is missing (on Debian: apt-get install chromium chromium-driver)"
    fi
}

run "format" cargo fmt --all --check
run "python environment" python_environment
run "libtorch" libtorch
begin_beside python_requirements
run "lints" lints
run "tests without libtorch" cargo test --workspace
run "tests with libtorch" tests_with_libtorch
# Without optimisation across crates, which would double the time and changes no result.
run "release build" env CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_DEBUG=none \
    cargo build --release --package interregnum
run "signature of the release build" release_signature
run "installed program" installed_program
run "requirements of the Python package" finish_beside
begin_beside python_package
run "rules against pyffish" rules_against_pyffish
run "insufficient material" insufficient_material
run "engine through python-chess" "$python" scripts/uci_session.py
run "random UCI traffic" "$python" scripts/uci_traffic.py --seconds 25
run "hostile input" "$python" scripts/hostile.py --cases 200 --program target/release/interregnum
run "python package" finish_beside
run "training under SIGKILL" training_under_sigkill
run "report and local page in a browser" pages_in_a_browser
