#!/usr/bin/env bash
# Fills corpus/ from the perft positions of tests/ and from the rule files.
#
#   crates/rules/fuzz/seeds.sh [REPOSITORY]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "${1:-$here/../../..}" && pwd)

# The order of the names in checks.rs is that of the selector bytes.
mapfile -t names < <(sed -n '/^const NAMES/,/^];/p' "$here/../tests/corpora/checks.rs" | grep -o '"[^"]*"' | tr -d '"')
declare -A selector
for i in "${!names[@]}"; do selector[${names[i]}]=$i; done
byte() { printf "\\x$(printf %02x "$1")"; }

mkdir -p "$here"/corpus/{rule_file,fen,moves}

n=0
variant=
while read -r word rest; do
    case $word in
        variant) variant=$rest ;;
        epd)
            [[ -n ${selector[$variant]+x} ]] || continue
            { byte "${selector[$variant]}"; printf %s "$rest"; } > "$here/corpus/fen/perft-$((++n))"
            ;;
    esac
done < <(cat "$root"/tests/perft/*.perft)

# Every section of a rule file by itself, and each file whole.
sections=0
while IFS= read -r file; do
    cp "$file" "$here/corpus/rule_file/$(basename "$file")"
    awk -v out="$here/corpus/rule_file/$(basename "$file" .ini)-" '
        /^\[/ { close(name); name = out sprintf("%03d", ++n) }
        name != "" { print > name }' "$file"
    sections=$((sections + $(grep -c '^\[' "$file")))
done < <(find "$root/crates/rules/src/format/variants" "$root/tests" -name '*.ini')

# Openings that are legal in many variants, in each of them.
games=0
for i in "${!names[@]}"; do
    { byte "$i"; printf 'e2e4\ne7e5\ng1f3\nb8c6\nf1c4\ng8f6\ne1g1\nf8c5\n'; } > "$here/corpus/moves/open-$i"
    { byte "$i"; printf 'b2b3\nd4d3\nc2d3\nb4b3\na2b3\na4b3\n'; } > "$here/corpus/moves/small-$i"
    { byte "$i"; printf 'e2e4\nd7d5\ne4d5\nd8d5\nP@e4\nP@e5\na2a4\nd5d2\ne1e2\n0000\n'; } > "$here/corpus/moves/drop-$i"
    { byte "$i"; printf 'a2a4\nb7b5\na4b5\na7a6\nb5b6\na6a5\nb6c7\na5a4\nc7b8q\na4a3\n'; } > "$here/corpus/moves/promote-$i"
    games=$((games + 4))
done
echo "$n positions, $sections sections, $games games"
