//! Rules as pages name them: a variant, an edit of it in the keys of rule files, and what endings are worth.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use rules::{AnyRules, Catalog, Payoff, RuleError, with_rules};
use serde::{Deserialize, Serialize};

/// The most keys of an edit.
const MAX_KEYS: usize = 60;
/// Compiled rules that are kept.
const KEPT: usize = 48;
/// The longest name that a page gives to rules, in bytes.
const MAX_NAME: usize = 60;
/// What errors call the text of a page.
const SOURCE: &str = "edit";

/// Rules by their definition.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RulesSpec {
    /// What people call them; nothing depends on it.
    #[serde(default)]
    pub(super) name: String,
    /// Name of a variant of the catalog.
    pub(super) variant: String,
    /// Keys and values that differ from the variant's.
    #[serde(default)]
    pub(super) edit: BTreeMap<String, String>,
    /// What endings are worth to the side that they favour, where the rules say otherwise.
    #[serde(default)]
    pub(super) payoff: BTreeMap<String, f64>,
}

impl RulesSpec {
    /// The name to show: that of the page, or else the variant's.
    pub(super) fn title(&self) -> &str {
        if self.name.is_empty() { &self.variant } else { &self.name }
    }
}

/// Compiles rules and keeps those that were asked for last.
pub(super) struct RuleBook {
    catalog: Catalog,
    kept: Mutex<Vec<(String, AnyRules)>>,
}

impl RuleBook {
    /// A book of the variants of a catalog.
    pub(super) fn new(catalog: Catalog) -> RuleBook {
        RuleBook { catalog, kept: Mutex::default() }
    }

    /// The variants.
    pub(super) fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// The compiled rules.
    ///
    /// # Errors
    /// What the reader of rule files says of the edit, or what is wrong with the payoff or the variant's name.
    pub(super) fn compile(&self, spec: &RulesSpec) -> Result<AnyRules, String> {
        let lines: Vec<(String, String)> = spec.edit.clone().into_iter().collect();
        if lines.len() > MAX_KEYS || spec.name.len() > MAX_NAME {
            return Err(format!("an edit of up to {MAX_KEYS} keys and a name of up to {MAX_NAME} bytes were expected"));
        }
        let key = serde_json::to_string(&(&spec.variant, &spec.edit, &spec.payoff)).unwrap_or_default();
        if let Some(found) = self.kept(&key) {
            return Ok(found);
        }
        let payoff = Payoff::from_entries(spec.payoff.clone())?;
        let rules = if lines.is_empty() {
            self.catalog.any(&spec.variant).map_err(|e| e.to_string())?
        } else {
            // A section would be made out of any text that is given as a name.
            self.catalog.any(&spec.variant).map_err(|e| e.to_string())?;
            let mut catalog = self.catalog.clone();
            let name = self.free_name(&spec.variant);
            catalog.edit_any(SOURCE, &spec.variant, &name, &lines).map_err(|e| shown(e, &name))?
        };
        let rules = if payoff.is_default() {
            rules
        } else {
            match rules {
                AnyRules::Small(rules) => AnyRules::Small(Arc::new(rules.with_payoff(payoff))),
                AnyRules::Large(rules) => AnyRules::Large(Arc::new(rules.with_payoff(payoff))),
            }
        };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(other, _)| *other != key);
        if kept.len() >= KEPT {
            kept.remove(0);
        }
        kept.push((key, rules.clone()));
        Ok(rules)
    }

    fn kept(&self, key: &str) -> Option<AnyRules> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let place = kept.iter().position(|(other, _)| other == key)?;
        let found = kept.remove(place);
        let rules = found.1.clone();
        kept.push(found);
        Some(rules)
    }

    /// Reads an edit that a user has typed, lines of `key = value`, on top of rules. Returns the rules with it.
    ///
    /// # Errors
    /// What the reader of rule files says, with the line of the text.
    pub(super) fn read_edit(&self, base: &RulesSpec, text: &str) -> Result<RulesSpec, String> {
        self.catalog.any(&base.variant).map_err(|e| e.to_string())?;
        // The whole text goes to the reader of rule files, so that its errors name lines and keys; it must not open a section of its own.
        if let Some(line) = text.lines().position(|line| line.trim_start().starts_with('[')) {
            return Err(format!("line {}: keys alone were expected, no section", line + 1));
        }
        let name = self.free_name(&base.variant);
        let mut before = format!("[{name}:{}]\n", base.variant);
        let typed: BTreeMap<String, String> = text.lines().filter_map(read_line).collect();
        for (key, value) in base.edit.iter().filter(|(key, _)| !typed.contains_key(*key)) {
            before.push_str(&format!("{key} = {value}\n"));
        }
        let offset = before.lines().count();
        let mut catalog = self.catalog.clone();
        let loaded = catalog.load_text(SOURCE, &format!("{before}{text}\n")).and_then(rules::Loaded::complete);
        if let Err(mut error) = loaded {
            error.place.line = error.place.line.saturating_sub(offset);
            return Err(shown(error, &name));
        }
        let mut spec = base.clone();
        spec.edit.extend(typed);
        spec.name.clear();
        self.compile(&spec).map(|_| spec)
    }

    /// A name for edited rules that no variant has.
    fn free_name(&self, variant: &str) -> String {
        let taken = |name: &str| self.catalog.names().chain(self.catalog.refused()).any(|n| n == name);
        let plain = format!("{variant}-edited");
        if !taken(&plain) {
            return plain;
        }
        (2..).map(|n| format!("{plain}-{n}")).find(|name| !taken(name)).unwrap_or(plain)
    }

    /// What makes one set of rules out of another, in the keys of rule files: `None` as value where a key goes back to what the variant says.
    pub(super) fn changes(old: &RulesSpec, new: &RulesSpec) -> Vec<(String, Option<String>)> {
        let mut changes = Vec::new();
        if old.variant != new.variant {
            changes.push(("variant".to_owned(), Some(new.variant.clone())));
        }
        for (key, value) in &new.edit {
            if old.edit.get(key) != Some(value) {
                changes.push((key.clone(), Some(value.clone())));
            }
        }
        for key in old.edit.keys().filter(|key| !new.edit.contains_key(*key)) {
            changes.push((key.clone(), None));
        }
        for (ending, worth) in &new.payoff {
            if old.payoff.get(ending) != Some(worth) {
                changes.push((format!("worth of {ending}"), Some(worth.to_string())));
            }
        }
        for ending in old.payoff.keys().filter(|ending| !new.payoff.contains_key(*ending)) {
            changes.push((format!("worth of {ending}"), None));
        }
        changes
    }
}

/// Key and value of a line, as the reader of rule files takes them; `None` for empty lines and comments.
fn read_line(line: &str) -> Option<(String, String)> {
    let line = line.trim();
    if line.is_empty() || line.starts_with(['#', ';']) {
        return None;
    }
    let (key, value) = line.split_once('=')?;
    Some((key.trim().to_owned(), value.trim().to_owned()))
}

/// An error of the reader of rule files as the box shows it: line of the box, key and reason, without the name of a section that the user did not
/// choose.
fn shown(error: RuleError, name: &str) -> String {
    let place = &error.place;
    let line = if place.line > 0 { format!("line {}: ", place.line) } else { String::new() };
    let key = if place.key.is_empty() { String::new() } else { format!("{}: ", place.key) };
    files::excerpt(&format!("{line}{key}{}", error.message).replace(name, "the edited rules"), 400)
}

/// Width and height of a board, whatever the word.
pub(super) fn board_of(rules: &AnyRules) -> (usize, usize) {
    with_rules!(rules, rules => (rules.files(), rules.ranks()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book() -> RuleBook {
        RuleBook::new(Catalog::builtin())
    }

    fn gardner() -> RulesSpec {
        RulesSpec { variant: "gardner".to_owned(), ..RulesSpec::default() }
    }

    #[test]
    fn a_typed_edit_gives_the_rules_of_the_shift() {
        let book = book();
        let spec = book.read_edit(&gardner(), "# a hill\nflagPiece = k\n\nflagRegion = c3\n").unwrap();
        let mut catalog = Catalog::builtin();
        let lines = [("flagPiece", "k"), ("flagRegion", "c3")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        let expected = catalog.edit("test", "gardner", "hill", &lines).unwrap();
        assert_eq!(book.compile(&spec).unwrap().hash(), expected.hash());
        assert_eq!(RuleBook::changes(&gardner(), &spec).len(), 2);
        assert_eq!(RuleBook::changes(&spec, &gardner()).iter().filter(|(_, to)| to.is_none()).count(), 2);
    }

    #[test]
    fn errors_of_the_box_name_its_lines() {
        let book = book();
        let wrong = |text: &str| book.read_edit(&gardner(), text).unwrap_err();
        let unknown = wrong("stalemateValue = loss\nfrobnicate = 3");
        assert!(
            unknown.contains("line 2") && unknown.contains("frobnicate") && !unknown.contains("gardner-edited"),
            "{unknown}"
        );
        assert!(wrong("stalemateValue = perhaps").contains("stalemateValue"));
        assert!(wrong("[other]\nstalemateValue = loss").contains("section"));
        assert!(wrong("no equals sign").contains("line 1"));
        assert!(book.compile(&RulesSpec { variant: "no\nsuch]".to_owned(), ..gardner() }).is_err());
    }
}
