//! Variants: rules as data.

use std::sync::{Arc, LazyLock};

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyString};
use rules::{AnyRules, Catalog, Payoff, RuleError as Refused, with_rules};

use crate::environments::Encoding;
use crate::errors::{Error, of_rules, plain};
use crate::evaluators::path_of;
use crate::game::Game;

/// The variants that are built in, compiled as they are asked for.
static BUILT_IN: LazyLock<Arc<Catalog>> = LazyLock::new(|| Arc::new(Catalog::builtin()));

/// What is added to the names of edited variants, and how much of a name is kept before it, in bytes.
const EDITED: &str = "-edited";
const MOST_OF_BASE: usize = 48;

/// The rules of a game, compiled and immutable. Made by `variant`, `variant_file` and `Variant.edit`; equal to variants with the same rules.
#[pyclass(frozen, module = "pyinterregnum")]
#[derive(Clone)]
pub struct Variant {
    /// Holds the definition of the variant under its name.
    catalog: Arc<Catalog>,
    pub rules: AnyRules,
}

impl Variant {
    fn named(catalog: Arc<Catalog>, name: &str) -> Result<Variant, Refused> {
        let rules = catalog.any(name)?;
        Ok(Variant { catalog, rules })
    }

    pub fn name_text(&self) -> &str {
        with_rules!(&self.rules, rules => rules.name())
    }

    /// The variants that this one is defined among.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    fn payoff_value(&self) -> &Payoff {
        with_rules!(&self.rules, rules => rules.payoff())
    }

    fn under(self, payoff: Payoff) -> Variant {
        let rules = match self.rules {
            AnyRules::Small(rules) => AnyRules::Small(Arc::new(rules.with_payoff(payoff))),
            AnyRules::Large(rules) => AnyRules::Large(Arc::new(rules.with_payoff(payoff))),
        };
        Variant { rules, ..self }
    }

    /// Letters of men that are not the chess men of these letters.
    pub fn fairy_letters(&self) -> String {
        let usual = [("pawn", 'p'), ("knight", 'n'), ("bishop", 'b'), ("rook", 'r'), ("queen", 'q')];
        let is_usual = |piece: &&rules::Piece| {
            usual.contains(&(piece.name.as_str(), piece.letter)) || ["king", "commoner"].contains(&piece.name.as_str())
        };
        with_rules!(&self.rules, rules => {
            rules.pieces().iter().filter(|piece| !is_usual(piece)).map(|piece| piece.letter).collect()
        })
    }

    /// A name for a variant made of this one, that is not in use.
    fn free_name(&self, base: &str) -> String {
        let taken = |name: &str| self.catalog.names().any(|n| n == name) || self.catalog.refused().any(|n| n == name);
        let numbered = (2..).map(|n| format!("{base}-{n}"));
        std::iter::once(base.to_owned()).chain(numbered).find(|name| !taken(name)).unwrap_or_default()
    }
}

/// The name of an edited variant before it is numbered: that of its base and a suffix, once.
fn edited_name(base: &str) -> String {
    let unnumbered = base.rsplit_once('-').filter(|(_, number)| number.bytes().all(|b| b.is_ascii_digit()));
    let unnumbered = unnumbered.map_or(base, |(name, _)| name);
    let base = unnumbered.strip_suffix(EDITED).unwrap_or(base);
    // Names are short: a long one is cut to leave room for the suffix and its number.
    let end = (0..=MOST_OF_BASE.min(base.len())).rev().find(|end| base.is_char_boundary(*end));
    format!("{}{EDITED}", &base[..end.unwrap_or(0)])
}

/// A value as rule files write it.
fn value_text(key: &str, value: &Bound<'_, PyAny>) -> PyResult<String> {
    if let Ok(flag) = value.cast::<PyBool>() {
        return Ok(flag.is_true().to_string());
    }
    if let Ok(text) = value.extract::<String>() {
        return Ok(text);
    }
    if let Ok(number) = value.extract::<i64>() {
        return Ok(number.to_string());
    }
    let kind = value.get_type().name()?;
    Err(PyTypeError::new_err(format!("{key}: a str, bool or int was expected, not {kind}")))
}

/// A payoff from a dict of endings.
fn payoff_of(entries: &Bound<'_, PyDict>) -> PyResult<Payoff> {
    let entries = entries.iter().map(|(key, value)| Ok((key.extract::<String>()?, value.extract::<f64>()?)));
    Payoff::from_entries(entries.collect::<PyResult<Vec<_>>>()?).map_err(plain::<Error>)
}

#[pymethods]
impl Variant {
    /// Its name. Variants that were edited without one have that of their base and a suffix.
    #[getter]
    fn name(&self) -> &str {
        self.name_text()
    }

    /// Hash of the rules, 16 hexadecimal digits: equal for equal rules, whatever they are called.
    #[getter]
    pub fn hash(&self) -> &str {
        self.rules.hash()
    }

    /// Width of the board, 3 to 12.
    #[getter]
    fn files(&self) -> usize {
        with_rules!(&self.rules, rules => rules.files())
    }

    /// Height of the board, 3 to 10.
    #[getter]
    fn ranks(&self) -> usize {
        with_rules!(&self.rules, rules => rules.ranks())
    }

    /// FEN of the start position.
    #[getter]
    fn start_fen(&self) -> &str {
        with_rules!(&self.rules, rules => rules.start_fen())
    }

    /// Names of the men by letter, a dict.
    #[getter]
    fn pieces<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let pieces = PyDict::new(py);
        with_rules!(&self.rules, rules => {
            for piece in rules.pieces() {
                pieces.set_item(piece.letter, &piece.name)?;
            }
        });
        Ok(pieces)
    }

    /// What endings are worth to the side that they favour, from -1 to 1, where that is not what the rules say: a dict, empty for most variants.
    #[getter]
    fn payoff<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let payoff = PyDict::new(py);
        for (name, worth) in self.payoff_value().to_entries() {
            payoff.set_item(name, worth)?;
        }
        Ok(payoff)
    }

    /// The variant as a section of a rule file (`variants.ini` of Fairy-Stockfish), complete, without a parent.
    #[getter]
    fn ini(&self) -> String {
        with_rules!(&self.rules, rules => rules.to_ini())
    }

    /// Number of actions of environments: files and ranks decide it alone.
    #[getter]
    fn action_count(&self) -> usize {
        with_rules!(&self.rules, rules => Encoding::new(rules).actions())
    }

    /// Planes, ranks and files of an observation.
    #[getter]
    fn observation_shape(&self) -> (usize, usize, usize) {
        (crate::environments::PLANES, self.ranks(), self.files())
    }

    /// The variant with some keys of its rule file changed: `variant("gardner").edit(flagPiece="k", flagRegion="c3")`.
    ///
    /// Values are str, bool or int. `name` is the name of the new variant. Raises `RuleError`, with `key`, for what makes no game.
    #[pyo3(signature = (*, name=None, **edits))]
    fn edit(&self, py: Python<'_>, name: Option<String>, edits: Option<&Bound<'_, PyDict>>) -> PyResult<Variant> {
        let mut lines = Vec::new();
        for (key, value) in edits.into_iter().flatten() {
            let key = key.extract::<String>()?;
            let value = value_text(&key, &value)?;
            lines.push((key, value));
        }
        let name = name.unwrap_or_else(|| self.free_name(&edited_name(self.name_text())));
        let made = py.detach(|| -> Result<Variant, Refused> {
            let mut catalog = (*self.catalog).clone();
            catalog.edit_any("edit", self.name_text(), &name, &lines)?;
            Variant::named(Arc::new(catalog), &name)
        });
        let payoff = self.payoff_value();
        made.map(|made| if payoff.is_default() { made } else { made.under(payoff.clone()) }).map_err(of_rules)
    }

    /// The same rules under another payoff: `with_payoff({"stalemate": 0.5})`, in [-1, 1] for the side that an ending favours.
    ///
    /// Kinds of endings: checkmate, stalemate, extinction, flag, castling, checks, bikjang, passes, full-board, repetition, move-rule, counting,
    /// count; `count-at-ply` ends games at that ply by a count of men.
    fn with_payoff(&self, payoff: &Bound<'_, PyDict>) -> PyResult<Variant> {
        Ok(self.clone().under(payoff_of(payoff)?))
    }

    /// The keys that make this variant the other one, a dict of str: `a.edit(**a.diff(b)) == b`. Payoffs are not compared.
    fn diff<'py>(&self, py: Python<'py>, other: &Bound<'py, Variant>) -> PyResult<Bound<'py, PyDict>> {
        let other = other.get();
        let compare = || -> Result<Vec<(String, String)>, Refused> {
            // The other variant may come from another catalog: its whole text goes into a copy of this one.
            let mut catalog = (*self.catalog).clone();
            let text = other.ini();
            let body = text.split_once('\n').map_or("", |(_, body)| body);
            let name = self.free_name("other");
            catalog.load_text("diff", &format!("[{name}]\n{body}"))?.complete()?;
            catalog.diff(self.name_text(), &name)
        };
        let difference = PyDict::new(py);
        for (key, value) in py.detach(compare).map_err(of_rules)? {
            difference.set_item(key, value)?;
        }
        Ok(difference)
    }

    /// A game from a FEN, or from the start position, after some moves. Raises `PositionError` and `MoveError`.
    #[pyo3(signature = (fen=None, moves=Vec::new()), text_signature = "($self, fen=None, moves=())")]
    fn game(&self, fen: Option<&str>, moves: Vec<String>) -> PyResult<Game> {
        let mut game = Game::new(self.clone(), fen)?;
        for text in &moves {
            game.push(text)?;
        }
        Ok(game)
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Variant>().is_ok_and(|other| other.get().hash() == self.hash())
    }

    fn __hash__(&self) -> u64 {
        u64::from_str_radix(self.hash(), 16).unwrap_or_default() >> 1
    }

    fn __repr__(&self) -> String {
        format!("<Variant {} {}x{} {}>", self.name_text(), self.files(), self.ranks(), self.hash())
    }

    #[allow(clippy::type_complexity)]
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (String, String, Bound<'py, PyDict>))> {
        let rebuild = py.import("pyinterregnum._native")?.getattr("rebuilt_variant")?;
        Ok((rebuild, (self.name_text().to_owned(), self.ini(), self.payoff(py)?)))
    }
}

/// The built-in variant of a name.
#[pyfunction]
pub fn variant(name: &str) -> PyResult<Variant> {
    Variant::named(Arc::clone(&BUILT_IN), name).map_err(of_rules)
}

/// A variant, or the built-in one of a name.
pub fn variant_of(given: &Bound<'_, PyAny>) -> PyResult<Variant> {
    if let Ok(given) = given.cast::<Variant>() {
        return Ok(given.get().clone());
    }
    let Ok(name) = given.cast::<PyString>() else {
        let kind = given.get_type().name()?;
        return Err(PyTypeError::new_err(format!("a Variant or the name of a built-in one was expected, not {kind}")));
    };
    variant(name.to_str()?)
}

/// The names of the built-in variants, sorted.
#[pyfunction]
pub fn variants() -> Vec<String> {
    BUILT_IN.names().map(str::to_owned).collect()
}

/// The variants of a rule file, by name, in the order of the file.
#[pyfunction]
#[pyo3(signature = (path, *, strict=true))]
pub fn variant_file<'py>(py: Python<'py>, path: &Bound<'py, PyAny>, strict: bool) -> PyResult<Bound<'py, PyDict>> {
    let path = path_of(path)?;
    let load = || -> Result<(Arc<Catalog>, Vec<String>), Refused> {
        let mut catalog = (**BUILT_IN).clone();
        let loaded = catalog.load_file(&path)?;
        let names = if strict { loaded.complete()? } else { loaded.names };
        Ok((Arc::new(catalog), names))
    };
    let (catalog, names) = py.detach(load).map_err(of_rules)?;
    let found = PyDict::new(py);
    for name in names {
        found.set_item(&name, Variant::named(Arc::clone(&catalog), &name).map_err(of_rules)?)?;
    }
    Ok(found)
}

/// What a pickle of a variant is read with.
#[pyfunction]
pub fn rebuilt_variant(name: &str, ini: &str, payoff: &Bound<'_, PyDict>) -> PyResult<Variant> {
    let payoff = payoff_of(payoff)?;
    let known = variant(name).ok().filter(|known| known.ini() == ini);
    let plain = match known {
        Some(known) => known,
        None => {
            let mut catalog = (**BUILT_IN).clone();
            let names = catalog.load_text("pickle", ini).and_then(rules::Loaded::complete).map_err(of_rules)?;
            let name = names.first().map_or(name, String::as_str);
            Variant::named(Arc::new(catalog), name).map_err(of_rules)?
        }
    };
    Ok(if payoff.is_default() { plain } else { plain.under(payoff) })
}
