//! All variants that are known by name: those built in and those of loaded rule files.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock, OnceLock};

use crate::definition::Definition;
use crate::ini::{self, MAX_FILE_BYTES, Place, RuleError};
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

/// Variants by name.
#[derive(Clone, Debug)]
pub struct Catalog {
    variants: BTreeMap<String, Arc<Variant>>,
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
            let mut catalog = Catalog { variants: BTreeMap::new(), warnings: Vec::new() };
            for (source, text) in BUILTIN {
                catalog.read(source, text).expect("the built-in rule files are valid");
            }
            catalog
        });
        CATALOG.clone()
    }

    /// Adds the variants of a rule file. Nothing is added if any of them is wrong.
    ///
    /// # Errors
    /// If the file cannot be read, or as [`Catalog::load_text`].
    pub fn load_file(&mut self, path: &Path) -> Result<Vec<String>, RuleError> {
        let place = Place { source: path.display().to_string(), ..Place::default() };
        let size = std::fs::metadata(path).map_err(|e| place.error(format!("cannot be read: {e}")))?.len();
        if size > MAX_FILE_BYTES as u64 {
            return Err(place.error(format!("{size} bytes are more than a rule file may have ({MAX_FILE_BYTES})")));
        }
        let text = std::fs::read_to_string(path).map_err(|e| place.error(format!("cannot be read as text: {e}")))?;
        self.load_text(&place.source, &text)
    }

    /// Adds the variants of a rule file's text and returns their names, in order. Nothing is added if any of them is wrong.
    ///
    /// # Errors
    /// With file, line, section and key: syntax, an unknown parent or a name in use, keys that are unknown or refused, values that
    /// are out of range, keys without effect, and rules that make no game.
    pub fn load_text(&mut self, source: &str, text: &str) -> Result<Vec<String>, RuleError> {
        let mut more = self.clone();
        let names = more.read(source, text)?;
        for name in &names {
            more.variants[name].rules()?;
        }
        *self = more;
        Ok(names)
    }

    /// Adds definitions without compiling them.
    fn read(&mut self, source: &str, text: &str) -> Result<Vec<String>, RuleError> {
        let mut names = Vec::new();
        for section in ini::parse(source, text)? {
            if self.variants.contains_key(&section.name) {
                return Err(section.place.error("a variant of this name exists already"));
            }
            let parent = match &section.parent {
                None => None,
                Some(parent) => Some(self.variants.get(parent).ok_or_else(|| {
                    section.place.error(format!("the parent `{parent}` is unknown{}", self.nearest(parent)))
                })?),
            };
            self.warnings.extend(section.warnings.iter().cloned());
            let definition = Definition::read(&section, parent.map(|p| &p.definition))?;
            names.push(section.name.clone());
            self.variants.insert(section.name, Arc::new(Variant { definition, rules: OnceLock::new() }));
        }
        Ok(names)
    }

    /// Adds the variant `name`, which is `base` with some keys changed: a regime shift.
    ///
    /// # Errors
    /// As [`Catalog::load_text`], and if the variant needs a larger board than [`Catalog::rules`] gives.
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
        self.load_text(source, &text)?;
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
            (title, sections.into_iter().map(|section| section.name).collect())
        };
        BUILTIN.iter().map(family).collect()
    }

    /// What loaded rule files say that is allowed, but hardly meant: a key given twice.
    #[must_use]
    pub fn warnings(&self) -> &[RuleError] {
        &self.warnings
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
                Err(place_of(name).error("builds walls, which evaluators and searches do not take so far"))
            }
            AnyRules::Small(rules) => Ok(rules),
            AnyRules::Large(rules) => Err(place_of(name).error(format!(
                "has {} squares and {} piece types; evaluators and searches take at most 64 and 16",
                rules.squares(),
                rules.pieces().len()
            ))),
        }
    }

    /// The compiled rules of any variant.
    ///
    /// # Errors
    /// If there is no variant of that name.
    pub fn any(&self, name: &str) -> Result<AnyRules, RuleError> {
        self.variant(name)?.rules()
    }

    fn variant(&self, name: &str) -> Result<&Variant, RuleError> {
        self.variants
            .get(name)
            .map(Arc::as_ref)
            .ok_or_else(|| place_of(name).error(format!("is unknown{}", self.nearest(name))))
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
        names.sort_by_key(|known| crate::keys::distance(known, name));
        names.truncate(3);
        format!("; did you mean {}? `variants list` names all", names.join(", "))
    }
}

fn place_of(name: &str) -> Place {
    Place { source: format!("variant `{}`", name.chars().take(64).collect::<String>()), ..Place::default() }
}
