//! The order of the folders of `src`: each imports only from those before it, no modules import each other in a circle, and no file is
//! too long to be held in mind.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The folders, and the files of `src` itself, in the order in which they may import.
const ORDER: [&str; 5] = ["board", "format", "rules", "position", ""];
/// The most lines of a file.
const LONGEST: usize = 600;

/// The files below a folder, as paths relative to `src`.
fn files(src: &Path, folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(src, &path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path.strip_prefix(src).unwrap().to_owned());
        }
    }
}

/// The module that a file is: `position::make`, or nothing for the crate.
fn module(file: &Path) -> String {
    let parts: Vec<&str> = file.iter().map(|part| part.to_str().unwrap().trim_end_matches(".rs")).collect();
    match parts.split_last() {
        Some((last, folders)) if ["mod", "lib"].contains(last) => folders.join("::"),
        _ => parts.join("::"),
    }
}

/// All paths that a tree of imports names: `a::{b, c::d}` has `a::b` and `a::c::d`.
fn paths(tree: &str) -> Vec<String> {
    let Some((prefix, rest)) = tree.split_once('{') else { return vec![tree.trim().to_owned()] };
    let (mut parts, mut depth) = (vec![String::new()], 0);
    for c in rest.trim_end().trim_end_matches('}').chars() {
        depth += i32::from(c == '{') - i32::from(c == '}');
        if c == ',' && depth == 0 {
            parts.push(String::new());
        } else {
            parts.last_mut().unwrap().push(c);
        }
    }
    let named = parts.iter().filter(|part| !part.trim().is_empty());
    named.flat_map(|part| paths(&format!("{}{}", prefix.trim(), part.trim()))).collect()
}

/// The module that a path from the crate's root leads into: the longest beginning of the path that is a module.
fn target(path: &str, modules: &BTreeMap<String, PathBuf>) -> String {
    let mut path = path.split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':').next().unwrap();
    while !modules.contains_key(path) {
        path = path.rsplit_once("::").map_or("", |(parent, _)| parent);
    }
    path.to_owned()
}

/// For each module: the modules from which it imports, by `use` or by a path in its code. Tests inside a module do not count.
fn imports(src: &Path, modules: &BTreeMap<String, PathBuf>) -> BTreeMap<String, BTreeSet<String>> {
    let mut all = BTreeMap::new();
    for (name, file) in modules {
        let text = std::fs::read_to_string(src.join(file)).unwrap();
        let lines = text.lines().take_while(|line| !line.contains("#[cfg(test)]"));
        let code: String = lines.map(|line| line.split("//").next().unwrap().to_owned() + "\n").collect();
        assert!(!code.contains("super::"), "{}: paths begin at the crate's root", file.display());
        let mut named = Vec::new();
        for statement in code.split(';') {
            match statement.trim().trim_start_matches("pub(crate) ").trim_start_matches("pub ").strip_prefix("use ") {
                Some(tree) => named.extend(paths(tree)),
                None => named
                    .extend(statement.replace("$crate::", "").split("crate::").skip(1).map(|p| format!("crate::{p}"))),
            }
        }
        let in_crate = named.iter().filter_map(|path| {
            // In a module with children of its own, such as `board`, a path may begin at a child: `use types::Color;`.
            let child = format!("{name}::{path}");
            let from_root = path.strip_prefix("crate::").or_else(|| {
                let child = child.trim_start_matches("::");
                (!target(child, modules).is_empty() && target(child, modules) != *name).then_some(child)
            })?;
            Some(target(from_root, modules))
        });
        all.insert(name.clone(), in_crate.filter(|target| target != name).collect());
    }
    all
}

/// A circle of imports that leads back to the last module of `way`, if there is one.
fn circle(way: &mut Vec<String>, imports: &BTreeMap<String, BTreeSet<String>>, done: &mut BTreeSet<String>) -> bool {
    let here = way.last().unwrap().clone();
    for next in &imports[&here] {
        let seen = way.contains(next);
        way.push(next.clone());
        if seen || !done.contains(next) && circle(way, imports, done) {
            return true;
        }
        way.pop();
    }
    done.insert(here);
    false
}

#[test]
fn modules_import_in_one_direction() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    files(&src, &src, &mut found);
    let modules: BTreeMap<String, PathBuf> = found.iter().map(|file| (module(file), file.clone())).collect();
    let imports = imports(&src, &modules);
    let edges = imports.values().map(BTreeSet::len).sum::<usize>();
    assert!(edges > 2 * modules.len(), "only {edges} imports were found in {} modules", modules.len());

    let rank = |module: &str| {
        let folder = module.split("::").next().unwrap();
        let inside = src.join(folder).is_dir();
        ORDER
            .iter()
            .position(|name| *name == if inside { folder } else { "" })
            .expect("a folder with a place in the order")
    };
    for (module, targets) in &imports {
        for target in targets {
            assert!(rank(target) <= rank(module), "`{module}` imports from `{target}`, which stands above it");
        }
    }
    let mut done = BTreeSet::new();
    for module in modules.keys() {
        let mut way = vec![module.clone()];
        assert!(!circle(&mut way, &imports, &mut done), "a circle of imports: {}", way.join(" -> "));
    }
}

#[test]
fn files_can_be_held_in_mind() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["src", "tests"] {
        let mut found = Vec::new();
        files(root, &root.join(folder), &mut found);
        for file in found {
            let lines = std::fs::read_to_string(root.join(&file)).unwrap().lines().count();
            assert!(lines <= LONGEST, "{} has {lines} lines", file.display());
        }
    }
}
