//! What a claim generalises over.

use serde::{Deserialize, Serialize};

/// What a claim generalises over: each named population is a random effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Population {
    /// Independently selected evaluators of the agent that the claim is about.
    Evaluators,
    /// Sets of openings, where no agent of the claim has weight files, so that nothing else varies between its blocks of games.
    OpeningSets,
    /// Independently selected rivals.
    Rivals,
    /// Rule changes.
    Shifts,
}

impl Population {
    /// Its name, as a suite has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Population::Evaluators => "evaluators",
            Population::OpeningSets => "opening-sets",
            Population::Rivals => "rivals",
            Population::Shifts => "shifts",
        }
    }

    /// So many of it in words: `1 evaluator`, `3 evaluators`.
    #[must_use]
    pub fn counted(self, units: usize) -> String {
        let plural = self.name().replace('-', " ");
        let name = if units == 1 { &plural[..plural.len() - 1] } else { &plural };
        format!("{units} {name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn populations_are_counted_in_words() {
        assert_eq!(Population::Evaluators.counted(1), "1 evaluator");
        assert_eq!(Population::Shifts.counted(3), "3 shifts");
    }
}
