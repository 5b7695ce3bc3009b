//! The program alone, copied out of the source tree and run elsewhere: it brings what it needs, finds what it is given, and says what it
//! took. `INTERREGNUM_INSTALLED=PATH` tests a program that was installed instead of the one that was just built.

mod common;

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use common::root;

const FOLDER: &str = "INTERREGNUM_MODELS";

/// A copy of the program in `PREFIX/bin`, and another directory to stand in.
struct Installed {
    prefix: tempfile::TempDir,
}

impl Installed {
    fn new() -> Installed {
        let prefix = tempfile::tempdir().unwrap();
        for folder in ["bin", "elsewhere"] {
            std::fs::create_dir(prefix.path().join(folder)).unwrap();
        }
        let program = std::env::var_os("INTERREGNUM_INSTALLED").map(PathBuf::from);
        let program = program.unwrap_or_else(|| env!("CARGO_BIN_EXE_interregnum").into());
        // Copied by another process: a child that another thread starts meanwhile would hold the copy open for writing, and a file that is
        // open for writing cannot be run.
        let copy = prefix.path().join("bin/interregnum");
        let copied = Command::new("cp").arg(root().join(program)).arg(copy).status().unwrap();
        assert!(copied.success());
        Installed { prefix }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.prefix.path().join(path)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(self.path("bin/interregnum"));
        command.args(args).current_dir(self.path("elsewhere")).env_remove(FOLDER);
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().expect("the program starts")
    }

    /// (Standard output, standard error) of a run that must succeed.
    fn done(&self, args: &[&str]) -> (String, String) {
        let output = self.run(args);
        let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).expect("text"));
        assert!(output.status.success(), "{args:?}: {err}");
        (out, err)
    }

    /// Standard error of a run that must be refused as bad input.
    fn refused(&self, args: &[&str]) -> String {
        let output = self.run(args);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        said
    }

    /// Puts a shipped weight file into a folder, under a name.
    fn put(&self, shipped: &str, path: &str) -> PathBuf {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::copy(shipped_file(shipped), &path).unwrap();
        path
    }
}

fn shipped_file(name: &str) -> PathBuf {
    root().join(format!("models/{name}.safetensors"))
}

/// The hash of a shipped file's weights.
fn hash(name: &str) -> String {
    let card = common::stdout(&["model", "show", shipped_file(name).to_str().unwrap(), "--json"]);
    serde_json::from_str::<serde_json::Value>(&card).unwrap()["weights"].as_str().unwrap().to_owned()
}

/// The suite `quick` with all its weight files, and next to no games.
fn tiny_quick() -> String {
    let mut text = include_str!("../suites/quick.toml").to_owned();
    for (long, short) in [
        ("pairs = 50", "pairs = 1"),
        ("pairs = 40", "pairs = 1"),
        ("pairs = 12", "pairs = 1"),
        ("playouts = [100]", "playouts = [2]"),
        ("[1, 4, 16, 64, 256, 1024]", "[1, 2]"),
        ("opponent_playouts = 100", "opponent_playouts = 2"),
    ] {
        assert!(text.contains(long), "{long}");
        text = text.replace(long, short);
    }
    text
}

#[test]
fn a_stress_test_gives_the_same_rows_wherever_its_weights_come_from() {
    let installed = Installed::new();
    std::fs::write(installed.path("elsewhere/quick.toml"), tiny_quick()).unwrap();
    let rows = |out: &str, more: &[&str]| {
        let (_, said) = installed.done(&[&["stress", "quick.toml", "--out", out], more].concat());
        (std::fs::read_to_string(installed.path("elsewhere").join(out).join("results.jsonl")).unwrap(), said)
    };
    let (own, said) = rows("own", &[]);
    assert!(said.contains("weight files built into the program"), "{said}");
    let (given, said) = rows("given", &["--models", root().join("models").to_str().unwrap()]);
    assert!(!said.contains("built into"), "{said}");
    assert!(own.lines().count() > 50 && own == given);
}

#[test]
fn a_match_takes_shipped_evaluators_by_name() {
    let installed = Installed::new();
    let play = |a: &str, b: &str| {
        let [a, b] = [a, b].map(|model| format!("model:{model}@playouts=4"));
        let (out, _) = installed.done(&["match", &a, &b, "--variant", "gardner", "--rounds", "4", "--json"]);
        let mut result: serde_json::Value = serde_json::from_str(&out).unwrap();
        result.as_object_mut().unwrap().remove("players");
        result
    };
    let paths = ["gardner-1", "gardner-2"].map(|name| shipped_file(name).to_str().unwrap().to_owned());
    assert_eq!(play("gardner-1", "gardner-2.safetensors"), play(&paths[0], &paths[1]));
    installed.done(&["search", "model:losalamos-long-1@playouts=4", "--variant", "losalamos"]);
    installed.done(&[
        "openings",
        "--variant=gardner",
        "--count=2",
        "--balance=0.9",
        "--judge=model:gardner-1@playouts=2",
    ]);
    let text = "name = 't'\nvariant = 'gardner'\nformat = 'round-robin'\nrounds = 1\n\
                [[player]]\nname = 'a'\nspec = 'model:gardner-1@playouts=2'\n\
                [[player]]\nname = 'b'\nspec = 'policy:gardner-3'\n";
    std::fs::write(installed.path("elsewhere/t.toml"), text).unwrap();
    installed.done(&["tournament", "t.toml", "--out", "t"]);
}

/// What the engine answers, line by line, to `go` in the start position after some options.
fn engine(mut command: Command, options: &[String]) -> Vec<String> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
    writeln!(input, "uci\n{}\nposition startpos\ngo nodes 40", options.join("\n")).unwrap();
    let mut lines = Vec::new();
    for line in output.by_ref() {
        lines.push(line.unwrap());
        if lines.last().is_some_and(|line| line.starts_with("bestmove")) {
            break;
        }
    }
    writeln!(input, "quit").unwrap();
    assert!(child.wait().unwrap().success());
    lines
}

#[test]
fn the_engine_plays_with_its_default_evaluators() {
    let installed = Installed::new();
    for (variant, model) in [("chess", "chess-1"), ("gardner", "gardner-long-1"), ("losalamos", "losalamos-long-1")] {
        let variant = format!("setoption name UCI_Variant value {variant}");
        let file = format!("setoption name EvalFile value {}", shipped_file(model).display());
        // The last line before the move and the move itself: scores tell evaluators apart, time and speed do not repeat.
        let answer = |options: &[String]| {
            let lines = engine(installed.command(&["uci"]), options);
            let info = lines.iter().rev().find(|line| line.contains(" pv ")).expect("a line of play");
            let words: Vec<&str> = info.split(' ').collect();
            let after = |key: &str| {
                let at = words.iter().position(|word| *word == key).expect("a score and a line");
                words[at..].iter().take(3).map(|word| (*word).to_owned()).collect::<Vec<String>>()
            };
            (after("score"), after("pv"), lines.last().unwrap().clone())
        };
        assert_eq!(answer(std::slice::from_ref(&variant)), answer(&[variant.clone(), file]), "{model}");
    }
}

#[test]
fn weight_files_are_found_in_the_documented_order() {
    let installed = Installed::new();
    // Another evaluator of each place goes by the name `gardner-1`.
    let verify = |more: &[&str]| installed.done(&[&["model", "verify", "gardner-1"], more].concat());
    let (said, place) = verify(&[]);
    assert!(said.contains("built into the program") && said.contains(&hash("gardner-1")), "{said}");
    assert!(place.contains("weight files built into the program"), "{place}");
    let share = installed.put("gardner-2", "share/interregnum/models/gardner-1.safetensors");
    let (said, place) = verify(&[]);
    assert!(said.contains(&hash("gardner-2")) && place.contains("share/interregnum/models"), "{said}{place}");
    installed.put("gardner-3", "bin/models/gardner-1.safetensors");
    assert!(verify(&[]).0.contains(&hash("gardner-3")));
    installed.put("gardner-4", "own/gardner-1.safetensors");
    let by_variable = installed.command(&["model", "verify", "gardner-1"]).env(FOLDER, installed.path("own")).output();
    assert!(String::from_utf8(by_variable.unwrap().stdout).unwrap().contains(&hash("gardner-4")));
    let only = share.parent().unwrap().to_str().unwrap();
    let (said, place) = verify(&["--models", only]);
    assert!(said.contains(&hash("gardner-2")) && place.is_empty(), "what was asked for needs no remark: {place}");
    assert!(installed.refused(&["model", "verify", "chess-1", "--models", only]).contains("nowhere else"));
    // What happens to lie in the working directory replaces nothing, and is found if nothing else is.
    installed.put("gardner-6", "elsewhere/models/gardner-1.safetensors");
    installed.put("gardner-7", "elsewhere/models/own.safetensors");
    assert!(verify(&[]).0.contains(&hash("gardner-3")));
    assert!(installed.done(&["model", "verify", "own"]).0.contains(&hash("gardner-7")));
    // A run directory of that name is no weight file; a file is.
    std::fs::create_dir(installed.path("elsewhere/gardner-1")).unwrap();
    assert!(verify(&[]).0.contains(&hash("gardner-3")));
    installed.put("gardner-5", "elsewhere/gardner-1.safetensors");
    assert!(verify(&[]).0.contains(&hash("gardner-5")));
}

#[test]
fn a_weight_file_that_cannot_be_used_is_no_reason_to_take_another() {
    let installed = Installed::new();
    let path = installed.put("gardner-1", "bin/models/gardner-1.safetensors");
    let name = "bin/models/gardner-1.safetensors";
    std::fs::write(&path, &std::fs::read(&path).unwrap()[..1000]).unwrap();
    assert!(installed.refused(&["match", "model:gardner-1", "zero", "--variant", "gardner"]).contains(name));
    std::fs::remove_file(&path).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("nowhere", &path).unwrap();
    #[cfg(unix)]
    assert!(installed.refused(&["model", "verify", "gardner-1"]).contains(name), "a link that leads nowhere");
}

#[test]
fn an_error_names_every_place_that_was_looked_at() {
    let installed = Installed::new();
    let mut command = installed.command(&["match", "model:gardner-99", "zero", "--variant", "gardner"]);
    let output = command.env(FOLDER, "own/models").output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    for place in
        ["`gardner-99`", "own/models", "bin/models", "share/interregnum/models", "no such folder", "built in", FOLDER]
    {
        assert!(said.contains(place), "{place}: {said}");
    }
    assert_eq!(said.lines().count(), 1, "{said}");
    // A suite whose files are not built in says which one is missing, and leaves nothing behind.
    let said = installed.refused(&["stress", "standard", "--out", "out"]);
    assert!(said.contains("gardner-regimes-1") && said.contains("share/interregnum/models"), "{said}");
    assert!(!installed.path("elsewhere/out").exists());
}

/// The commands that `--help` lists, those of commands with commands of their own included.
fn commands(installed: &Installed, of: &[&str]) -> Vec<String> {
    let (help, _) = installed.done(&[of, &["--help"]].concat());
    let Some((_, list)) = help.split_once("Commands:\n") else { return Vec::new() };
    let names = list.lines().take_while(|line| !line.is_empty()).filter(|line| !line.starts_with("   "));
    let mut all = Vec::new();
    for name in names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help") {
        let path = [of, &[name]].concat();
        all.push(path.join("-"));
        all.extend(commands(installed, &path));
    }
    all
}

#[test]
fn completions_and_manual_pages_name_every_command() {
    let installed = Installed::new();
    let commands = commands(&installed, &[]);
    for some in ["match", "variants-check", "model-show", "completions", "man"] {
        assert!(commands.iter().any(|name| name == some), "{some}: {commands:?}");
    }
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let (script, _) = installed.done(&["completions", shell]);
        for name in commands.iter().flat_map(|name| name.split('-')) {
            assert!(script.contains(name), "{shell}: {name}");
        }
    }
    installed.done(&["man", "--out", "man/man1"]);
    let page = |name: &str| std::fs::read_to_string(installed.path("elsewhere/man/man1").join(name)).unwrap();
    let main = page("interregnum.1");
    for name in &commands {
        assert!(page(&format!("interregnum-{name}.1")).contains("SYNOPSIS"), "{name}");
        assert!(name.contains('-') || main.contains(&format!("interregnum\\-{name}(1)")), "{name}");
    }
    std::fs::write(installed.path("elsewhere/file"), "").unwrap();
    assert_eq!(installed.run(&["man", "--out", "file/man1"]).status.code(), Some(2), "the folder cannot be made");
    let count = std::fs::read_dir(installed.path("elsewhere/man/man1")).unwrap().count();
    assert_eq!(count, commands.len() + 1, "pages of what is no command");
    assert!(page("interregnum-match.1").contains("A player is KIND"), "the notes below the options belong to the page");
}

#[test]
fn the_version_tells_builds_apart() {
    let (version, _) = Installed::new().done(&["--version"]);
    let signature = include_str!("../../../tests/bench.signature").trim();
    for part in [env!("CARGO_PKG_VERSION"), signature, "features: "] {
        assert!(version.contains(part), "{part}: {version}");
    }
}

#[test]
fn files_for_packagers_agree_with_the_source() {
    let read = |path: &str| std::fs::read_to_string(root().join(Path::new(path))).unwrap();
    assert!(read("CITATION.cff").contains(&format!("\nversion: {}\n", env!("CARGO_PKG_VERSION"))));
    let toolchain = read("rust-toolchain.toml");
    let channel = toolchain.split('"').nth(1).unwrap();
    let dockerfile = read("Dockerfile");
    assert!(dockerfile.contains(&format!("\nARG RUST={channel}\n")), "{channel}");
    // The image runs the first command of the README.
    let readme = read("README.md");
    let first = readme.split("cargo run --release -- ").nth(1).and_then(|rest| rest.lines().next()).unwrap();
    let words: Vec<&str> = first.split_whitespace().collect();
    assert!(dockerfile.contains(&format!("\nCMD {words:?}\n")), "{first}");
}
