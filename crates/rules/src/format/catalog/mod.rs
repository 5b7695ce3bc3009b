//! The definitions of all variants that are known by name: those built in and those of loaded rule files.

mod builtin;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use files::excerpt;

use builtin::BUILTIN;
pub(crate) use builtin::families;

use crate::format::definition::Definition;
use crate::format::ini::{self, MAX_ERROR, MAX_FILE_BYTES, MAX_NAME_BYTES, Place, RuleError, Section};
use crate::format::spelling::edit_distance;

/// The most warnings that are kept.
const MAX_WARNINGS: usize = 50;

/// Definitions by the name of the variant.
#[derive(Clone, Debug, Default)]
pub(crate) struct Definitions {
    by_name: BTreeMap<String, Arc<Definition>>,
    /// Sections that could not be loaded, by the name that they would have had.
    refused: BTreeMap<String, Arc<Refusal>>,
    warnings: Vec<RuleError>,
}

/// Why a section was refused.
#[derive(Debug)]
struct Refusal {
    error: RuleError,
    /// What is wrong with the section itself, or with the ancestor whose refusal led to that of all sections below it.
    cause: RuleError,
}

/// What became of the sections of a rule file.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// The variants that were added, in the file's order.
    pub names: Vec<String>,
    /// Why the other sections were refused, in the file's order.
    pub refused: Vec<RuleError>,
}

impl Loaded {
    /// The names, for callers to whom a file with refused sections is of no use.
    ///
    /// # Errors
    /// The first refusal, if there is one.
    pub fn complete(self) -> Result<Vec<String>, RuleError> {
        self.refused.into_iter().next().map_or(Ok(self.names), Err)
    }

    /// Says in one line of at most 360 characters how many sections were refused, and why the first ones were; `None` if none was.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        let first = self.refused.first()?;
        let source = Place { line: 0, section: String::new(), key: String::new(), ..first.place.clone() };
        let total = self.names.len() + self.refused.len();
        let mut text = format!("{source}: {} of {total} sections refused:", self.refused.len());
        for (i, RuleError { place, message }) in self.refused.iter().take(2).enumerate() {
            let Place { line, section, key, .. } = place;
            let (separator, space) = (if i > 0 { ";" } else { "" }, if key.is_empty() { "" } else { " " });
            text.push_str(&excerpt(&format!("{separator} line {line}: [{section}]{space}{key}: {message}"), 110));
        }
        if self.refused.len() > 1 {
            text.push_str("; `variants check` names all");
        }
        Some(excerpt(&text, MAX_ERROR))
    }
}

impl Definitions {
    /// The definitions that ship with the program.
    ///
    /// # Panics
    /// Never: the built-in rule files are checked by a test.
    pub(crate) fn builtin() -> Definitions {
        let mut definitions = Definitions::default();
        for (source, text) in BUILTIN {
            for section in ini::parse(source, text).expect("the built-in rule files are valid") {
                let definition = definitions.read(&section).expect("the built-in rule files are valid");
                definitions.by_name.insert(section.name, Arc::new(definition));
            }
        }
        definitions
    }

    /// Adds the variants of a rule file. See [`Definitions::load_text`].
    ///
    /// # Errors
    /// If the file cannot be read, or as [`Definitions::load_text`].
    pub(crate) fn load_file(
        &mut self,
        path: &Path,
        accept: impl FnMut(&Definition) -> Result<(), RuleError>,
    ) -> Result<Loaded, RuleError> {
        let source = path.display().to_string();
        let bytes = files::read(path, MAX_FILE_BYTES as u64)
            .map_err(|e| Place::whole(&source).error(format!("cannot be read: {e}")))?;
        // Bytes that are no UTF-8 do no harm in a comment, and spoil no more than their section elsewhere.
        self.load_text(&source, &String::from_utf8_lossy(&bytes), accept)
    }

    /// Adds the variants of a rule file's text, of which `accept` says one by one whether they make a game.
    ///
    /// # Errors
    /// If the text is too long, or has too many sections.
    pub(crate) fn load_text(
        &mut self,
        source: &str,
        text: &str,
        mut accept: impl FnMut(&Definition) -> Result<(), RuleError>,
    ) -> Result<Loaded, RuleError> {
        // Some old machines end lines with a carriage return only.
        let old = text.contains('\r') && !text.contains('\n');
        let text = if old { Cow::Owned(text.replace('\r', "\n")) } else { Cow::Borrowed(text) };
        let sections = ini::parse(source, &text)?;
        let mut loaded = Loaded::default();
        for section in sections {
            let room = MAX_WARNINGS.saturating_sub(self.warnings.len());
            self.warnings.extend(section.warnings.iter().take(room).cloned());
            let known = self.by_name.contains_key(&section.name);
            let again = loaded.refused.iter().find(|error| !known && error.place.section == section.name);
            let read = match again {
                Some(first) => Err(section.place.error(format!(
                    "the section of this name in line {} was refused, and stands for it",
                    first.place.line
                ))),
                None => self.read(&section).and_then(|definition| accept(&definition).map(|()| definition)),
            };
            match read {
                Ok(definition) => {
                    self.refused.remove(&section.name);
                    loaded.names.push(section.name.clone());
                    self.by_name.insert(section.name, Arc::new(definition));
                }
                Err(error) => {
                    if again.is_none() && !known && !section.name.is_empty() {
                        let parent = section.parent.and_then(|parent| self.refused.get(&parent));
                        let cause = parent.map_or_else(|| error.clone(), |parent| parent.cause.clone());
                        self.refused.insert(section.name, Arc::new(Refusal { error: error.clone(), cause }));
                    }
                    loaded.refused.push(error);
                }
            }
        }
        Ok(loaded)
    }

    /// Reads a section without asking whether it makes a game.
    fn read(&self, section: &Section) -> Result<Definition, RuleError> {
        if let Some(damage) = &section.damage {
            return Err(damage.clone());
        }
        if self.by_name.contains_key(&section.name) {
            return Err(section.place.error("a variant of this name exists already, and stays as it is"));
        }
        let parent = match &section.parent {
            None => None,
            Some(name) => Some(self.by_name.get(name).ok_or_else(|| match self.refused.get(name) {
                Some(refusal) => section.place.error(format!("its parent `{name}` was refused: {}", refusal.cause)),
                None => section.place.error(format!("the parent `{name}` is unknown{}", self.nearest(name))),
            })?),
        };
        Definition::read(section, parent.map(Arc::as_ref))
    }

    /// The definition of a variant.
    ///
    /// # Errors
    /// If there is no variant of that name; where a section of that name was refused, the error says why.
    pub(crate) fn get(&self, name: &str) -> Result<&Definition, RuleError> {
        self.by_name.get(name).map(Arc::as_ref).ok_or_else(|| match self.refused.get(name) {
            Some(refusal) => about(name, format!("was refused: {}", refusal.error)),
            None => about(name, format!("is unknown{}", self.nearest(name))),
        })
    }

    /// The names of the variants, sorted.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }

    /// The names of sections that were refused, sorted.
    pub(crate) fn refused(&self) -> impl Iterator<Item = &str> {
        self.refused.keys().map(String::as_str)
    }

    /// What loaded rule files say that is allowed, but hardly meant.
    pub(crate) fn warnings(&self) -> &[RuleError] {
        &self.warnings
    }

    /// The end of an error about an unknown variant: `; did you mean …?` with the names that look most like it.
    fn nearest(&self, name: &str) -> String {
        let mut names: Vec<&str> = self.names().collect();
        names.sort_by_cached_key(|known| edit_distance(known, name));
        names.truncate(3);
        format!("; did you mean {}? `variants list` names all", names.join(", "))
    }
}

/// An error about the variant of a name, whatever file it came from.
pub(crate) fn about(name: &str, message: impl std::fmt::Display) -> RuleError {
    Place::default().error(format!("variant `{}` {message}", excerpt(name, MAX_NAME_BYTES)))
}
