//! All variants that are known by name: those built in and those of loaded rule files.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock, OnceLock};

use files::excerpt;

use crate::definition::Definition;
use crate::ini::{self, MAX_ERROR, MAX_FILE_BYTES, MAX_NAME_BYTES, Place, RuleError, Section};
use crate::rules::{Rules, needs_large};

/// The rule files that ship with the program, parents first.
const BUILTIN: &[(&str, &str)] = &[
    ("chess.ini", include_str!("variants/chess.ini")),
    ("goals.ini", include_str!("variants/goals.ini")),
    ("drops.ini", include_str!("variants/drops.ini")),
    ("makruk.ini", include_str!("variants/makruk.ini")),
    ("shogi.ini", include_str!("variants/shogi.ini")),
    ("large.ini", include_str!("variants/large.ini")),
    ("xiangqi.ini", include_str!("variants/xiangqi.ini")),
    ("walls.ini", include_str!("variants/walls.ini")),
];

/// Of files with at most so many sections the compiled rules are kept; of larger ones they are made again when they are asked for.
const KEPT: usize = 16;
/// Warnings that are kept.
const MAX_WARNINGS: usize = 50;

/// Variants by name.
#[derive(Clone, Debug)]
pub struct Catalog {
    variants: BTreeMap<String, Arc<Variant>>,
    /// Sections that could not be loaded, by the name that they would have had.
    refused: BTreeMap<String, Arc<Refusal>>,
    warnings: Vec<RuleError>,
}

#[derive(Debug)]
struct Variant {
    /// What children inherit from.
    definition: Definition,
    /// Compiled when they are first asked for.
    rules: OnceLock<Result<AnyRules, RuleError>>,
}

impl Variant {
    fn rules(&self) -> Result<AnyRules, RuleError> {
        self.rules.get_or_init(|| AnyRules::compile(&self.definition)).clone()
    }
}

/// Why a section was refused.
#[derive(Debug)]
struct Refusal {
    error: RuleError,
    /// What is wrong with the first ancestor that was refused, where that is why.
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

/// Compiled rules on the word that their board and pieces need.
#[derive(Clone, Debug)]
pub enum AnyRules {
    /// At most 64 squares and 16 piece types.
    Small(Arc<Rules<u64>>),
    /// Anything larger.
    Large(Arc<Rules<u128>>),
}

impl AnyRules {
    fn compile(definition: &Definition) -> Result<AnyRules, RuleError> {
        Ok(if needs_large(definition) {
            AnyRules::Large(Arc::new(Rules::compile(definition)?))
        } else {
            AnyRules::Small(Arc::new(Rules::compile(definition)?))
        })
    }
}

/// Runs the same code for rules on either word: `with_rules!(catalog.any(name)?, rules => rules.start_fen().to_owned())`.
#[macro_export]
macro_rules! with_rules {
    ($any:expr, $rules:ident => $body:expr) => {
        match $any {
            $crate::AnyRules::Small($rules) => $body,
            $crate::AnyRules::Large($rules) => $body,
        }
    };
}

impl Catalog {
    /// The variants that ship with the program.
    ///
    /// # Panics
    /// Never: the built-in rule files are checked by a test.
    #[must_use]
    pub fn builtin() -> Catalog {
        static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
            let mut catalog = Catalog { variants: BTreeMap::new(), refused: BTreeMap::new(), warnings: Vec::new() };
            for (source, text) in BUILTIN {
                for section in ini::parse(source, text).expect("the built-in rule files are valid") {
                    let variant = catalog.read(&section).expect("the built-in rule files are valid");
                    catalog.variants.insert(section.name, Arc::new(variant));
                }
            }
            catalog
        });
        CATALOG.clone()
    }

    /// Adds the variants of a rule file.
    ///
    /// # Errors
    /// If the file cannot be read, or as [`Catalog::load_text`].
    pub fn load_file(&mut self, path: &Path) -> Result<Loaded, RuleError> {
        let source = path.display().to_string();
        let bytes = files::read(path, MAX_FILE_BYTES as u64)
            .map_err(|e| Place::whole(&source).error(format!("cannot be read: {e}")))?;
        // What is no UTF-8 does no harm in a comment, and spoils no more than its section elsewhere.
        self.load_text(&source, &String::from_utf8_lossy(&bytes))
    }

    /// Adds the variants of a rule file's text. Sections that are wrong are refused, each with file, line, key and reason: lines that
    /// cannot be read, a parent that is unknown or was refused, keys that are unknown or refused, values that are out of range, keys
    /// without effect, and rules that make no game. As in Fairy-Stockfish, a section whose name is in use does not replace what the
    /// name stands for.
    ///
    /// # Errors
    /// If the text is too long, or has too many sections.
    pub fn load_text(&mut self, source: &str, text: &str) -> Result<Loaded, RuleError> {
        // Line ends of old machines.
        let old = text.contains('\r') && !text.contains('\n');
        let text = if old { Cow::Owned(text.replace('\r', "\n")) } else { Cow::Borrowed(text) };
        let sections = ini::parse(source, &text)?;
        let mut loaded = Loaded::default();
        for section in sections {
            let room = MAX_WARNINGS.saturating_sub(self.warnings.len());
            self.warnings.extend(section.warnings.iter().take(room).cloned());
            let known = self.variants.contains_key(&section.name);
            let again = loaded.refused.iter().find(|error| !known && error.place.section == section.name);
            let read = match again {
                Some(first) => Err(section.place.error(format!(
                    "the section of this name in line {} was refused, and stands for it",
                    first.place.line
                ))),
                None => self.read(&section).and_then(|variant| {
                    // Whether the rules make a game is known when they are compiled.
                    if loaded.names.len() < KEPT { variant.rules() } else { AnyRules::compile(&variant.definition) }?;
                    Ok(variant)
                }),
            };
            match read {
                Ok(variant) => {
                    self.refused.remove(&section.name);
                    loaded.names.push(section.name.clone());
                    self.variants.insert(section.name, Arc::new(variant));
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

    /// Reads a section without compiling it.
    fn read(&self, section: &Section) -> Result<Variant, RuleError> {
        if let Some(damage) = &section.damage {
            return Err(damage.clone());
        }
        if self.variants.contains_key(&section.name) {
            return Err(section.place.error("a variant of this name exists already, and stays as it is"));
        }
        let parent = match &section.parent {
            None => None,
            Some(name) => Some(self.variants.get(name).ok_or_else(|| match self.refused.get(name) {
                Some(refusal) => section.place.error(format!("its parent `{name}` was refused: {}", refusal.cause)),
                None => section.place.error(format!("the parent `{name}` is unknown{}", self.nearest(name))),
            })?),
        };
        let definition = Definition::read(section, parent.map(|p| &p.definition))?;
        Ok(Variant { definition, rules: OnceLock::new() })
    }

    /// Adds the variant `name`, which is `base` with some keys changed: a regime shift.
    ///
    /// # Errors
    /// If the section that this makes is refused, and if the variant needs a larger board than [`Catalog::rules`] gives.
    pub fn edit(
        &mut self,
        source: &str,
        base: &str,
        name: &str,
        edit: &[(String, String)],
    ) -> Result<Arc<Rules>, RuleError> {
        let mut text = format!("[{name}:{base}]\n");
        for (key, value) in edit {
            let one_line = |s: &str| s.replace(['\n', '\r'], " ");
            text.push_str(&format!("{} = {}\n", one_line(key), one_line(value)));
        }
        // The lines are this text's, not those of where the edit is written.
        let unlined = |error: RuleError| RuleError { place: Place { line: 0, ..error.place }, ..error };
        self.load_text(source, &text)?.complete().map_err(unlined)?;
        self.rules(name)
    }

    /// The built-in variants by family: what the family has in common, and the names.
    ///
    /// # Panics
    /// Never: the built-in rule files are checked by a test.
    #[must_use]
    pub fn families() -> Vec<(&'static str, Vec<String>)> {
        let family = |(source, text): &(&str, &'static str)| {
            let title = text.lines().next().unwrap_or_default().trim_start_matches("# ");
            let sections = ini::parse(source, text).expect("the built-in rule files are valid");
            (title, sections.map(|section| section.name).collect())
        };
        BUILTIN.iter().map(family).collect()
    }

    /// What loaded rule files say that is allowed, but hardly meant: a key given twice.
    #[must_use]
    pub fn warnings(&self) -> &[RuleError] {
        &self.warnings
    }

    /// The names of sections that were refused, sorted: [`Catalog::any`] says why.
    pub fn refused(&self) -> impl Iterator<Item = &str> {
        self.refused.keys().map(String::as_str)
    }

    /// The names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.variants.keys().map(String::as_str)
    }

    /// The names of the variants that [`Catalog::rules`] gives, sorted.
    pub fn searchable(&self) -> impl Iterator<Item = &str> {
        self.variants
            .iter()
            .filter(|(_, v)| !needs_large(&v.definition) && !v.definition.builds_walls())
            .map(|(n, _)| n.as_str())
    }

    /// The compiled rules of a variant as evaluators and searches take it: of at most 64 squares and 16 piece types, without walls
    /// to build (which make more moves than they have room for).
    ///
    /// # Errors
    /// If there is no variant of that name, or it needs more.
    pub fn rules(&self, name: &str) -> Result<Arc<Rules>, RuleError> {
        match self.any(name)? {
            AnyRules::Small(rules) if rules.builds_walls() => {
                Err(about(name, "builds walls, which evaluators and searches do not take so far"))
            }
            AnyRules::Small(rules) => Ok(rules),
            AnyRules::Large(rules) => Err(about(
                name,
                format!(
                    "has {} squares and {} piece types; evaluators and searches take at most 64 and 16",
                    rules.squares(),
                    rules.pieces().len()
                ),
            )),
        }
    }

    /// The compiled rules of any variant.
    ///
    /// # Errors
    /// If there is no variant of that name; where a section of that name was refused, the error says why.
    pub fn any(&self, name: &str) -> Result<AnyRules, RuleError> {
        self.variant(name)?.rules()
    }

    /// As [`Catalog::any`], but keeps nothing: for those who look at many variants once.
    ///
    /// # Errors
    /// As [`Catalog::any`].
    pub fn compiled(&self, name: &str) -> Result<AnyRules, RuleError> {
        AnyRules::compile(&self.variant(name)?.definition)
    }

    fn variant(&self, name: &str) -> Result<&Variant, RuleError> {
        self.variants.get(name).map(Arc::as_ref).ok_or_else(|| match self.refused.get(name) {
            Some(refusal) => about(name, format!("was refused: {}", refusal.error)),
            None => about(name, format!("is unknown{}", self.nearest(name))),
        })
    }

    /// The difference between two variants in the format's own keys: a section that inherits from `a` and plays as `b`.
    ///
    /// # Errors
    /// If there is no variant of one of the names.
    pub fn diff(&self, a: &str, b: &str) -> Result<Vec<(String, String)>, RuleError> {
        let (from, to) = (self.variant(a)?, self.variant(b)?);
        from.rules()?;
        to.rules()?;
        Ok(to.definition.lines_on(&from.definition))
    }

    /// `; did you mean …?` with names that look alike.
    fn nearest(&self, name: &str) -> String {
        let mut names: Vec<&str> = self.names().collect();
        names.sort_by_cached_key(|known| crate::keys::distance(known, name));
        names.truncate(3);
        format!("; did you mean {}? `variants list` names all", names.join(", "))
    }
}

/// An error about the variant of a name, whatever file it came from.
fn about(name: &str, message: impl std::fmt::Display) -> RuleError {
    Place::default().error(format!("variant `{}` {message}", excerpt(name, MAX_NAME_BYTES)))
}
