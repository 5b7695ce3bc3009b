//! Any text as a rule file: it is loaded or refused, and what is loaded compiles or is refused, but nothing panics or runs away.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use rules::{Catalog, MoveList, with_rules};

static BUILTIN: LazyLock<Catalog> = LazyLock::new(Catalog::builtin);

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut catalog = BUILTIN.clone();
    let Ok(names) = catalog.load_text("fuzz", text) else { return };
    for name in names.iter().take(4) {
        let Ok(rules) = catalog.any(name) else { continue };
        with_rules!(rules, rules => {
            let mut moves = MoveList::new();
            rules.legal_moves(&rules.start(), &mut moves);
        });
    }
});
