//! Where weight files come from: the program finds its own wherever it is run, and those of the user by name or path.
//!
//! A name is looked for as it is given (a path), then in `models/` of an installation or of the source tree, among the files that are
//! built into the program, and in `models/` of the working directory: last, so that a folder which happens to be there replaces nothing
//! that is shipped. `--models` and `INTERREGNUM_MODELS` name another folder. The first file found is the one that counts: if it is
//! damaged, that is an error and no reason to go on.

use std::collections::BTreeSet;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};

use evaluator::{Loaded, Network, WeightSource, WeightsError};
use rules::Rules;

/// Names a folder of weight files that is looked at before those of the installation.
const VARIABLE: &str = "INTERREGNUM_MODELS";
/// What names of weight files end in; may be left out.
const ENDING: &str = ".safetensors";
/// How much of a name is shown in an error, in characters.
const SHOWN: usize = 80;

/// The evaluators that play where none is named, by variant. Another variant has `VARIANT-1` in a folder of weight files, if anything.
const DEFAULTS: [(&str, &str); 3] =
    [("gardner", "gardner-strong-1"), ("losalamos", "losalamos-1"), ("chess", "chess-1")];

macro_rules! built_in {
    ($($name:literal),* $(,)?) => {
        /// The defaults, and what the suite `quick` needs: (name, file).
        const BUILT_IN: &[(&str, &[u8])] =
            &[$(($name, include_bytes!(concat!("../../../models/", $name, ".safetensors")))),*];
    };
}

built_in![
    "chess-1",
    "gardner-1",
    "gardner-2",
    "gardner-3",
    "gardner-antichess-1",
    "gardner-camel-1",
    "gardner-firstcheck-1",
    "gardner-hill-1",
    "gardner-mirror-1",
    "gardner-queencapture-1",
    "gardner-strong-1",
    "losalamos-1",
];

/// A weight file with its origin, for people.
pub(crate) type Shipped = Loaded;

/// Names of weight files as this program understands them.
pub(crate) struct ByName;

impl WeightSource for ByName {
    fn load(&self, name: &str) -> Result<Loaded, WeightsError> {
        find(name)
    }
}

/// The folder of `--models`.
static ONLY: OnceLock<PathBuf> = OnceLock::new();

/// From now on, weight files that are no paths are looked for in this folder and nowhere else.
pub(crate) fn look_only_in(folder: PathBuf) {
    let _ = ONLY.set(folder);
}

/// The evaluator of a variant where none is named: `None` if there is none that was selected under exactly these rules. Nothing is said
/// on standard error but why a file of the right name is not taken.
pub(crate) fn evaluator(rules: &Rules) -> anyhow::Result<Option<Shipped>> {
    let variant = rules.name();
    let own = format!("{variant}-1");
    let names = DEFAULTS.iter().filter(|(of, _)| *of == variant).map(|(_, name)| *name).chain([own.as_str()]);
    let places = places();
    for name in names.filter(|name| name.chars().all(|c| c.is_alphanumeric() || "-_".contains(c))) {
        for place in &places {
            let Some(found) = place.load(name)? else { continue };
            if found.card.rules == rules.hash() {
                return Ok(Some(found));
            }
            let _ = writeln!(
                std::io::stderr(),
                "interregnum: warning: {} is not used: it was selected under rules {}, those of {variant} are {}",
                found.origin,
                files::excerpt(&found.card.rules, SHOWN),
                rules.hash()
            );
            break;
        }
    }
    Ok(None)
}

/// The weight file of a name or path. Says on standard error where it was found, once for each place, unless that was asked for.
pub(crate) fn find(name: &str) -> Result<Shipped, WeightsError> {
    if let Some(found) = Place::Given.load(name)? {
        return Ok(found);
    }
    let places = places();
    for place in &places {
        if let Some(found) = place.load(name)? {
            place.announce();
            return Ok(found);
        }
    }
    // Folders last, since an error with long paths is cut.
    let (built_in, folders): (Vec<_>, Vec<_>) = places.iter().partition(|place| matches!(place, Place::BuiltIn));
    let all = std::iter::once(&Place::Given).chain(built_in).chain(folders);
    let mut looked: Vec<String> = all.map(Place::describe).collect();
    if ONLY.get().is_none() {
        looked[0] += &format!(" (--models or {VARIABLE} names a folder)");
    }
    Err(WeightsError::Missing { name: files::excerpt(name, SHOWN), places: looked.join(", ") })
}

/// Where weight files may be.
enum Place {
    /// The name is a path.
    Given,
    /// The folder of `--models`.
    Only(PathBuf),
    Folder(PathBuf),
    /// In the program.
    BuiltIn,
}

/// All places for what is no path, in order.
fn places() -> Vec<Place> {
    if let Some(folder) = ONLY.get() {
        return vec![Place::Only(folder.clone())];
    }
    let variable = std::env::var_os(VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from);
    // A link to the program does not count: what belongs to it is where it is.
    let program = std::env::current_exe().and_then(std::fs::canonicalize).ok();
    let folders = variable.into_iter().chain(program.iter().flat_map(|program| beside(program)));
    folders.map(Place::Folder).chain([Place::BuiltIn, Place::Folder("models".into())]).collect()
}

/// Folders that belong to a program: beside it, in the share folder of where it is installed, in the source tree that it was built in.
fn beside(program: &Path) -> Vec<PathBuf> {
    let Some(folder) = program.parent() else { return Vec::new() };
    let share = folder.parent().map(|prefix| prefix.join("share/interregnum/models"));
    let target = program.ancestors().find(|path| path.file_name().is_some_and(|name| name == "target"));
    let sources = target.and_then(Path::parent).filter(|root| root.join("Cargo.toml").exists());
    let sources = sources.map(|root| root.join("models"));
    std::iter::once(folder.join("models")).chain(share).chain(sources).collect()
}

impl Place {
    /// The file of that name in this place, if there is one.
    fn load(&self, name: &str) -> Result<Option<Loaded>, WeightsError> {
        let folder = match self {
            Place::Given => Path::new(""),
            Place::Only(folder) | Place::Folder(folder) => folder,
            Place::BuiltIn => {
                let name = name.strip_suffix(ENDING).unwrap_or(name);
                let Some((name, bytes)) = BUILT_IN.iter().find(|(known, _)| *known == name) else { return Ok(None) };
                let (network, card) = Network::from_bytes(bytes)?;
                return Ok(Some(Loaded { network, card, origin: format!("{name}{ENDING}, built into the program") }));
            }
        };
        let endings = if name.ends_with(ENDING) { &[""][..] } else { &["", ENDING] };
        for ending in endings {
            let path = folder.join(format!("{name}{ending}"));
            if is_there(&path) {
                let (network, card) = Network::load(&path)?;
                return Ok(Some(Loaded {
                    network,
                    card,
                    origin: files::printable(&path.to_string_lossy()).into_owned(),
                }));
            }
        }
        Ok(None)
    }

    /// The place, for the error that lists all.
    fn describe(&self) -> String {
        let folder = |folder: &Path| {
            let missing = if folder.is_dir() { "" } else { " (no such folder)" };
            format!("in {}{missing}", files::printable(&folder.to_string_lossy()))
        };
        match self {
            Place::Given => "as a path".to_owned(),
            Place::Only(path) => format!("{} and nowhere else, as --models says", folder(path)),
            Place::Folder(path) => folder(path),
            Place::BuiltIn => "among those built in".to_owned(),
        }
    }

    /// Says where weights come from, once.
    fn announce(&self) {
        static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
        let place = match self {
            Place::Given | Place::Only(_) => return,
            Place::Folder(folder) => format!("from {}", files::printable(&folder.to_string_lossy())),
            Place::BuiltIn => "built into the program".to_owned(),
        };
        if SAID.lock().is_ok_and(|mut said| said.insert(place.clone())) {
            let _ = writeln!(std::io::stderr(), "interregnum: weight files {place}");
        }
    }
}

/// Whether there is anything but a folder under this path; a link that leads nowhere and what cannot be looked at count, so that
/// reading says what is wrong.
fn is_there(path: &Path) -> bool {
    match std::fs::metadata(path) {
        Ok(found) => !found.is_dir(),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            std::fs::symlink_metadata(path).is_ok()
        }
        Err(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use rules::Catalog;

    use super::*;

    #[test]
    fn built_in_weight_files_are_sound_and_the_defaults_fit_their_variants() {
        for (name, bytes) in BUILT_IN {
            assert!(Network::from_bytes(bytes).is_ok(), "{name}");
        }
        for (variant, name) in DEFAULTS {
            let rules = Catalog::builtin().rules(variant).unwrap();
            let found = Place::BuiltIn.load(name).unwrap().expect(name);
            assert_eq!((found.card.variant.as_str(), found.card.rules.as_str()), (variant, rules.hash()), "{name}");
        }
    }

    #[test]
    fn an_evaluator_of_other_rules_is_no_default() {
        let mut catalog = Catalog::builtin();
        catalog.load_text("test", "[gardner-hill:gardner]\nstalemateValue = loss\n").unwrap();
        // Built in under this name is the one that was selected to march to the centre.
        assert!(evaluator(&catalog.rules("gardner-hill").unwrap()).unwrap().is_none());
        assert!(evaluator(&catalog.rules("atomic").unwrap()).unwrap().is_none());
    }

    #[test]
    fn folders_of_an_installation_and_of_a_source_tree_belong_to_the_program() {
        let prefix = tempfile::tempdir().unwrap();
        let root = prefix.path();
        let of = |program: &str| beside(&root.join(program));
        let installed = [root.join("bin/models"), root.join("share/interregnum/models")];
        assert_eq!(of("bin/interregnum"), installed);
        std::fs::write(root.join("Cargo.toml"), "").unwrap();
        assert_eq!(of("bin/interregnum"), installed);
        for built in ["target/release/interregnum", "target/debug/interregnum", "target/triple/release/interregnum"] {
            assert!(of(built).contains(&root.join("models")), "{built}");
        }
    }
}
