//! The rule files that ship with the program.

use crate::format::ini;

/// Name and text of each file, parents first.
pub(crate) const BUILTIN: &[(&str, &str)] = &[
    ("chess.ini", include_str!("../variants/chess.ini")),
    ("goals.ini", include_str!("../variants/goals.ini")),
    ("drops.ini", include_str!("../variants/drops.ini")),
    ("makruk.ini", include_str!("../variants/makruk.ini")),
    ("shogi.ini", include_str!("../variants/shogi.ini")),
    ("large.ini", include_str!("../variants/large.ini")),
    ("xiangqi.ini", include_str!("../variants/xiangqi.ini")),
    ("walls.ini", include_str!("../variants/walls.ini")),
];

/// What the variants of each file have in common, by the comment on its first line, and their names in the file's order.
pub(crate) fn families() -> Vec<(&'static str, Vec<String>)> {
    let family = |(source, text): &(&str, &'static str)| {
        let title = text.lines().next().unwrap_or_default().trim_start_matches("# ");
        let sections = ini::parse(source, text).expect("the built-in rule files are valid");
        (title, sections.map(|section| section.name).collect())
    };
    BUILTIN.iter().map(family).collect()
}
