//! All variants that are known by name: those built in and those of loaded rule files.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::definition::Definition;
use crate::ini::{self, MAX_FILE_BYTES, Place, RuleError};
use crate::rules::Rules;

const BUILTIN: &str = include_str!("variants/builtin.ini");

/// Variants by name.
#[derive(Clone, Debug)]
pub struct Catalog {
    variants: BTreeMap<String, Variant>,
}

#[derive(Clone, Debug)]
struct Variant {
    /// What children inherit from.
    definition: Definition,
    rules: Arc<Rules>,
}

impl Catalog {
    /// The variants that ship with the program.
    ///
    /// # Panics
    /// Never: the built-in rule file is checked by a test.
    #[must_use]
    pub fn builtin() -> Catalog {
        let mut catalog = Catalog { variants: BTreeMap::new() };
        catalog.load_text("built-in", BUILTIN).expect("the built-in rule file is valid");
        catalog
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
    /// With file, line, section and key: syntax, an unknown parent or a name in use, keys that are unknown or not
    /// supported, values that are out of range, and rules that make no game.
    pub fn load_text(&mut self, source: &str, text: &str) -> Result<Vec<String>, RuleError> {
        let mut variants = self.variants.clone();
        let mut names = Vec::new();
        for section in ini::parse(source, text)? {
            if variants.contains_key(&section.name) {
                return Err(section.place.error("a variant of this name exists already"));
            }
            let parent = match &section.parent {
                None => None,
                Some(parent) => Some(variants.get(parent).ok_or_else(|| {
                    section.place.error(format!("the parent `{parent}` is unknown; known so far: {}", list(&variants)))
                })?),
            };
            let definition = Definition::read(&section, parent.map(|p| &p.definition))?;
            let rules = Arc::new(Rules::compile(&definition)?);
            names.push(section.name.clone());
            variants.insert(section.name, Variant { definition, rules });
        }
        self.variants = variants;
        Ok(names)
    }

    /// Adds the variant `name`, which is `base` with some keys changed: a regime shift.
    ///
    /// # Errors
    /// As [`Catalog::load_text`].
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

    /// The names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.variants.keys().map(String::as_str)
    }

    /// The compiled rules of a variant.
    ///
    /// # Errors
    /// If there is no variant of that name.
    pub fn rules(&self, name: &str) -> Result<Arc<Rules>, RuleError> {
        let variant = self.variants.get(name).ok_or_else(|| {
            let place = Place {
                source: format!("variant `{}`", name.chars().take(64).collect::<String>()),
                ..Place::default()
            };
            place.error(format!("is unknown; known are {}", list(&self.variants)))
        })?;
        Ok(variant.rules.clone())
    }
}

fn list(variants: &BTreeMap<String, Variant>) -> String {
    variants.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
}
