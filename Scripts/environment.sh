# Sourced by the scripts that need a `rook` and Python with the `websockets` package.

cd "$(dirname "${BASH_SOURCE[0]}")/.."

# How a program that is installed elsewhere is built: with Swift's libraries in it, the modules
# optimised as one, and without the checks that no two accesses overlap, which debug builds and so
# the tests have. Between modules Swift 6.3 inlines only what is public; to a module that is built to be
# tested `package` is as good, and nearly all that the modules have for each other is that. Of what
# a message costs, all this saves a third.
released=(
    -c release --static-swift-stdlib --scratch-path .build-static
    -Xswiftc -cross-module-optimization -Xswiftc -enable-testing
    -Xswiftc -enforce-exclusivity=unchecked
)

# Sets `rook`, `rest` and `python`: the program (built for release when the first word is no path
# of one), the other words, and an interpreter with the package, under .build-tryout.
prepare() {
    rook=
    if [[ $# -gt 0 && $1 != -* ]]; then
        rook=$(realpath "$1")
        shift
    fi
    rest=("$@")
    if [[ -z $rook ]]; then
        swift build -c release --product rook
        rook=$(swift build -c release --show-bin-path)/rook
    fi
    prepare_python
}

# Sets `python` alone; with a folder and a list of packages, to one that has those.
prepare_python() {
    local environment=${1:-.build-tryout} requirements=${2:-Tests/TryOut/requirements.txt}
    if ! cmp -s "$requirements" "$environment/installed.txt"; then
        rm -rf "$environment"
        python3 -m venv "$environment"
        "$environment/bin/pip" install --quiet --disable-pip-version-check -r "$requirements"
        cp "$requirements" "$environment/installed.txt"
    fi
    python=$environment/bin/python
}

# Installs Chromium where there is no browser.
prepare_browser() {
    command -v chromium chromium-browser google-chrome > /dev/null && return
    local root=()
    [[ $(id -u) == 0 ]] || root=(sudo)
    "${root[@]}" apt-get update -q > /dev/null &&
        "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qy chromium > /dev/null ||
        { echo "$0: Chromium is missing and cannot be installed" >&2; exit 1; }
}
