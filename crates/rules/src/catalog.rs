//! All variants that are known by name, compiled when they are asked for.

use std::any::Any;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock, OnceLock};

use crate::board::Word;
use crate::format::{Definition, Definitions, Loaded, Place, RuleError, about, families};
use crate::rules::Rules;

/// The compiled rules of so many variants of a file are kept from when it is loaded; those of the others are made again when they are
/// first asked for.
const KEPT: usize = 16;

/// Variants by name.
#[derive(Clone, Debug)]
pub struct Catalog {
    definitions: Definitions,
    /// For each variant: its rules, once they were asked for.
    compiled: BTreeMap<String, Arc<Compiled>>,
}

/// Rules that are compiled when they are first asked for.
type Compiled = OnceLock<Result<AnyRules, RuleError>>;

/// Compiled rules on the word that their board and pieces need.
#[derive(Clone, Debug)]
pub enum AnyRules {
    /// At most 64 squares and 16 piece types.
    Small(Arc<Rules<u64>>),
    /// More squares or more piece types.
    Large(Arc<Rules<u128>>),
}

impl AnyRules {
    fn compile(definition: &Definition) -> Result<AnyRules, RuleError> {
        Ok(if Rules::<u64>::have_room_for(definition) {
            AnyRules::Small(Arc::new(Rules::from_definition(definition)?))
        } else {
            AnyRules::Large(Arc::new(Rules::from_definition(definition)?))
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

impl AnyRules {
    /// [`Rules::hash`].
    #[must_use]
    pub fn hash(&self) -> &str {
        with_rules!(self, rules => rules.hash())
    }

    /// The rules on a word; `None` if they are on the other one.
    #[must_use]
    pub fn on<W: Word>(self) -> Option<Arc<Rules<W>>> {
        let any: Arc<dyn Any + Send + Sync> = match self {
            AnyRules::Small(rules) => rules,
            AnyRules::Large(rules) => rules,
        };
        any.downcast().ok()
    }
}

impl Catalog {
    /// The variants that ship with the program.
    ///
    /// # Panics
    /// Never: the built-in rule files are checked by a test.
    #[must_use]
    pub fn builtin() -> Catalog {
        static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
            let definitions = Definitions::builtin();
            let compiled = definitions.names().map(|name| (name.to_owned(), Arc::default())).collect();
            Catalog { definitions, compiled }
        });
        CATALOG.clone()
    }

    /// Nothing but the variants of a rule file's text, such as [`Rules::to_ini`] writes it, whatever is built in under their names.
    ///
    /// # Errors
    /// If a section is refused, or as [`Catalog::load_text`].
    pub fn of_sections(source: &str, text: &str) -> Result<Catalog, RuleError> {
        let mut catalog = Catalog { definitions: Definitions::default(), compiled: BTreeMap::new() };
        catalog.load_text(source, text)?.complete()?;
        Ok(catalog)
    }

    /// Adds the variants of a rule file.
    ///
    /// # Errors
    /// If the file cannot be read, or as [`Catalog::load_text`].
    pub fn load_file(&mut self, path: &Path) -> Result<Loaded, RuleError> {
        let compiled = &mut self.compiled;
        self.definitions.load_file(path, compiler(compiled))
    }

    /// Adds the variants of a rule file's text. Sections that are wrong are refused, each with file, line, key and reason: lines that
    /// cannot be read, a parent that is unknown or was refused, keys that are unknown or refused, values that are out of range, keys
    /// without effect, and rules that make no game. As in Fairy-Stockfish, a section whose name is in use does not replace what the
    /// name stands for.
    ///
    /// # Errors
    /// If the text is too long, or has too many sections.
    pub fn load_text(&mut self, source: &str, text: &str) -> Result<Loaded, RuleError> {
        self.definitions.load_text(source, text, compiler(&mut self.compiled))
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
        self.edit_any(source, base, name, edit)?;
        self.rules(name)
    }

    /// [`Catalog::edit`] of a variant on either word.
    ///
    /// # Errors
    /// If the section that this makes is refused.
    pub fn edit_any(
        &mut self,
        source: &str,
        base: &str,
        name: &str,
        edit: &[(String, String)],
    ) -> Result<AnyRules, RuleError> {
        let mut text = format!("[{name}:{base}]\n");
        for (key, value) in edit {
            let one_line = |s: &str| s.replace(['\n', '\r'], " ");
            text.push_str(&format!("{} = {}\n", one_line(key), one_line(value)));
        }
        // The lines of the text made here say nothing to the reader of `source`.
        let unlined = |error: RuleError| RuleError { place: Place { line: 0, ..error.place }, ..error };
        self.load_text(source, &text)?.complete().map_err(unlined)?;
        self.any(name)
    }

    /// The built-in variants by family: what the family has in common, and the names.
    ///
    /// # Panics
    /// Never: the built-in rule files are checked by a test.
    #[must_use]
    pub fn families() -> Vec<(&'static str, Vec<String>)> {
        families()
    }

    /// What loaded rule files say that is allowed, but hardly meant: a key given twice.
    #[must_use]
    pub fn warnings(&self) -> &[RuleError] {
        self.definitions.warnings()
    }

    /// The names of sections that were refused, sorted: [`Catalog::any`] says why.
    pub fn refused(&self) -> impl Iterator<Item = &str> {
        self.definitions.refused()
    }

    /// The names of the variants, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.definitions.names()
    }

    /// The compiled rules of a variant that the small word holds: of at most 64 squares and 16 piece types.
    ///
    /// # Errors
    /// If there is no variant of that name, or it needs more.
    pub fn rules(&self, name: &str) -> Result<Arc<Rules>, RuleError> {
        self.rules_on(name)
    }

    /// The compiled rules of a variant on one word, for those that already play a variant on it.
    ///
    /// # Errors
    /// If there is no variant of that name, or it is played on the other word.
    pub fn rules_on<W: Word>(&self, name: &str) -> Result<Arc<Rules<W>>, RuleError> {
        let any = self.any(name)?;
        let (squares, types) = with_rules!(&any, rules => (rules.squares(), rules.pieces().len()));
        let needed = if W::SQUARES == 64 { "at most 64 squares and 16 piece types" } else { "more than that" };
        let sizes = format!("has {squares} squares and {types} piece types, where {needed} can be used");
        any.on().ok_or_else(|| about(name, sizes))
    }

    /// The compiled rules of any variant.
    ///
    /// # Errors
    /// If there is no variant of that name; where a section of that name was refused, the error says why.
    pub fn any(&self, name: &str) -> Result<AnyRules, RuleError> {
        let definition = self.definitions.get(name)?;
        match self.compiled.get(name) {
            Some(compiled) => compiled.get_or_init(|| AnyRules::compile(definition)).clone(),
            None => AnyRules::compile(definition),
        }
    }

    /// The compiled rules of any variant, as [`Catalog::any`] gives them, without keeping them: for those who look at many variants once.
    ///
    /// # Errors
    /// As [`Catalog::any`].
    pub fn compiled(&self, name: &str) -> Result<AnyRules, RuleError> {
        AnyRules::compile(self.definitions.get(name)?)
    }

    /// The difference between two variants in the format's own keys: a section that inherits from `a` and plays as `b`.
    ///
    /// # Errors
    /// If there is no variant of one of the names.
    pub fn diff(&self, a: &str, b: &str) -> Result<Vec<(String, String)>, RuleError> {
        let (from, to) = (self.definitions.get(a)?, self.definitions.get(b)?);
        self.any(a)?;
        self.any(b)?;
        Ok(to.lines_on(from))
    }
}

/// Compiles the definitions of a file one by one, for a definition whose rules cannot be compiled makes no game, and keeps the rules of
/// the first ones.
fn compiler(
    compiled: &mut BTreeMap<String, Arc<Compiled>>,
) -> impl FnMut(&Definition) -> Result<(), RuleError> + use<'_> {
    let mut accepted = 0;
    move |definition| {
        let rules = AnyRules::compile(definition)?;
        let slot = if accepted < KEPT { Compiled::from(Ok(rules)) } else { Compiled::new() };
        accepted += 1;
        compiled.insert(definition.name.clone(), Arc::new(slot));
        Ok(())
    }
}
