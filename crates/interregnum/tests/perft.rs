//! Move generation against published perft figures and figures made with pyffish, each file names its source. Unoptimised builds
//! leave the longest counts to others.
//!
//! Data: `tests/perft/*.perft`, blocks of `id`, `variant` (or `rules` lines of a rule file), `epd` and `perft DEPTH NODES`.

use std::path::Path;

use rules::{Catalog, perft, with_rules};

/// The longest count that is made.
const LONGEST: u64 = if cfg!(debug_assertions) { 1_000_000 } else { u64::MAX };

#[derive(Default)]
struct Case {
    id: String,
    variant: String,
    epd: Option<String>,
    counts: Vec<(u32, u64)>,
}

fn cases(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        if word == "id" {
            cases.push(Case { id: rest.to_owned(), ..Case::default() });
            continue;
        }
        let case = cases.last_mut().expect("a case begins with `id`");
        match word {
            "variant" => case.variant = rest.to_owned(),
            "epd" => case.epd = Some(rest.to_owned()),
            "perft" => {
                let (depth, nodes) = rest.split_once(' ').expect("perft DEPTH NODES");
                case.counts.push((depth.parse().unwrap(), nodes.parse().unwrap()));
            }
            other => panic!("unknown line `{other}`"),
        }
    }
    cases
}

#[test]
fn counts_agree() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/perft");
    let mut catalog = Catalog::builtin();
    for file in ["variants.ini", "variants-960.ini"] {
        catalog.load_file(&folder.join(file)).unwrap();
    }
    let mut checked = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "perft") {
            continue;
        }
        for case in cases(&std::fs::read_to_string(&path).unwrap()) {
            with_rules!(catalog.any(&case.variant).unwrap(), rules => {
                let position = case.epd.as_ref().map_or(rules.start(), |fen| rules.parse_fen(fen).unwrap());
                for (depth, nodes) in case.counts {
                    if nodes <= LONGEST {
                        assert_eq!(perft(&rules, &position, depth), nodes, "{}: {} depth {depth}", path.display(), case.id);
                        checked += 1;
                    }
                }
            });
        }
    }
    assert!(checked > 300, "only {checked} counts were found");
}
