//! Where weight files come from: the program finds its own from any working directory, and those of the user by name or path.
//!
//! A name is first taken for a path. Then it is looked for in `models/` of the installation or of the source tree, among the files
//! that are built into the program, and in `models/` of the working directory. The latter comes last, so that a folder which
//! happens to be there replaces nothing that is shipped. `--models` and `INTERREGNUM_MODELS` name other folders. The first file
//! found is taken; if it is damaged, that is an error, and the search does not go on.

use std::collections::BTreeSet;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};

use evaluator::{Loaded, Network, WeightSource, WeightsError};
use rules::{Rules, Word};

/// The environment variable that names a folder of weight files, which is searched before those of the installation.
const VARIABLE: &str = "INTERREGNUM_MODELS";
/// The ending of the names of weight files, which may be left out.
const ENDING: &str = ".safetensors";
/// How much of a name is shown in an error, in characters.
const SHOWN: usize = 80;

/// What follows the name of a variant in the names of the evaluators that play if none is named: the first that is found, selected under exactly
/// the variant's rules.
pub(crate) const DEFAULTS: [&str; 2] = ["long-1", "1"];

macro_rules! built_in {
    ($($name:literal),* $(,)?) => {
        /// The files that are built in, with their names: evaluators that play by default, and those that the suite `quick` needs.
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
    "gardner-long-1",
    "gardner-mirror-1",
    "gardner-queencapture-1",
    "losalamos-long-1",
];

/// A weight file, and where it was found.
pub(crate) type Shipped = Loaded;

/// Finds weight files by the names that this program gives them: a path, or the name of a file that is shipped.
#[derive(Clone, Copy, Debug, Default)]
pub struct ByName;

impl WeightSource for ByName {
    fn load(&self, name: &str) -> Result<Loaded, WeightsError> {
        find(name)
    }
}

/// The folder that `--models` names.
static ONLY: OnceLock<PathBuf> = OnceLock::new();

/// Makes this folder the only one in which names of weight files that are no paths are looked for.
pub(crate) fn look_only_in(folder: PathBuf) {
    let _ = ONLY.set(folder);
}

/// The evaluator of a variant if none is named; `None` if there is none that was selected under exactly these rules. If a file of
/// the right name is not taken, standard error says why; otherwise nothing is said.
pub(crate) fn evaluator<W: Word>(rules: &Rules<W>) -> anyhow::Result<Option<Shipped>> {
    let variant = rules.name();
    // A name with other characters could lead out of a folder.
    if !variant.chars().all(|c| c.is_alphanumeric() || "-_".contains(c)) {
        return Ok(None);
    }
    let places = places();
    for name in DEFAULTS.map(|which| format!("{variant}-{which}")) {
        for place in &places {
            let Some(found) = place.load(&name)? else { continue };
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

/// The weight file of a name or path. Where it was found is said on standard error, once for each place, unless the user named the
/// place.
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
    // Folders are listed last, since the error is cut if their paths are long.
    let (built_in, folders): (Vec<_>, Vec<_>) = places.iter().partition(|place| matches!(place, Place::BuiltIn));
    let all = std::iter::once(&Place::Given).chain(built_in).chain(folders);
    let mut looked: Vec<String> = all.map(Place::describe).collect();
    if ONLY.get().is_none() {
        looked[0] += &format!(" (--models or {VARIABLE} names a folder)");
    }
    Err(WeightsError::Missing { name: files::excerpt(name, SHOWN), places: looked.join(", ") })
}

/// The most names that a folder gives.
const MAX_NAMES: usize = 2000;

/// The names, without their ending, of all weight files in the places that are looked in: sorted, each once.
#[must_use]
pub fn names() -> Vec<String> {
    let mut names = BTreeSet::new();
    for place in places() {
        match place {
            Place::Given => {}
            Place::BuiltIn => names.extend(BUILT_IN.iter().map(|(name, _)| (*name).to_owned())),
            Place::Only(folder) | Place::Folder(folder) => {
                let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().take(MAX_NAMES);
                let named = entries.filter_map(|entry| entry.file_name().into_string().ok());
                names.extend(named.filter_map(|name| name.strip_suffix(ENDING).map(str::to_owned)));
            }
        }
    }
    names.into_iter().collect()
}

/// A place where a weight file may be.
enum Place {
    /// The path that the name is.
    Given,
    /// The folder of `--models`.
    Only(PathBuf),
    Folder(PathBuf),
    /// The files that are built into the program.
    BuiltIn,
}

/// All places in which a name that is no path is looked for, in order.
fn places() -> Vec<Place> {
    if let Some(folder) = ONLY.get() {
        return vec![Place::Only(folder.clone())];
    }
    let variable = std::env::var_os(VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from);
    // Links to the program are followed: its files lie beside the program itself.
    let program = std::env::current_exe().and_then(std::fs::canonicalize).ok();
    let folders = variable.into_iter().chain(program.iter().flat_map(|program| beside(program)));
    folders.map(Place::Folder).chain([Place::BuiltIn, Place::Folder("models".into())]).collect()
}

/// The folders that belong to a program: beside it, in the share folder of its installation, and in the source tree that it was
/// built in.
fn beside(program: &Path) -> Vec<PathBuf> {
    let Some(folder) = program.parent() else { return Vec::new() };
    let share = folder.parent().map(|prefix| prefix.join("share/interregnum/models"));
    let target = program.ancestors().find(|path| path.file_name().is_some_and(|name| name == "target"));
    let sources = target.and_then(Path::parent).filter(|root| root.join("Cargo.toml").exists());
    let sources = sources.map(|root| root.join("models"));
    std::iter::once(folder.join("models")).chain(share).chain(sources).collect()
}

impl Place {
    /// Reads the file of that name in this place, if there is one.
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

    /// The name of the place, for the error that lists all places.
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

    /// Says where weights come from, once for each place, to who uses the command line: others ask for the origin of what they load.
    fn announce(&self) {
        static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
        let place = match self {
            Place::Given | Place::Only(_) => return,
            Place::Folder(folder) => format!("from {}", files::printable(&folder.to_string_lossy())),
            Place::BuiltIn => "built into the program".to_owned(),
        };
        if crate::is_command_line() && SAID.lock().is_ok_and(|mut said| said.insert(place.clone())) {
            let _ = writeln!(std::io::stderr(), "interregnum: weight files {place}");
        }
    }
}

/// Whether anything but a folder has this path. A link that leads nowhere, and what cannot be looked at, count as something, so
/// that reading it gives an error that says what is wrong.
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
        for (variant, name) in [("gardner", "gardner-long-1"), ("losalamos", "losalamos-long-1"), ("chess", "chess-1")]
        {
            let rules = Catalog::builtin().rules(variant).unwrap();
            let found = evaluator(&rules).unwrap().expect(name);
            assert!(found.origin.contains(name), "{}", found.origin);
        }
    }

    #[test]
    fn an_evaluator_of_other_rules_is_no_default() {
        let mut catalog = Catalog::builtin();
        catalog.load_text("test", "[gardner-hill:gardner]\nstalemateValue = loss\n").unwrap();
        // The file of this name that is built in was selected under other rules, those of a march to the centre.
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
