//! Files from strangers that are no files, cost too much or would steer a terminal, and machines that are not up to it: one clear
//! sentence, the right exit code, and nothing left behind or replaced.

mod common;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use common::{program, root, run};

/// Runs the program with little memory and time, in the shell's units: kilobytes of addresses, seconds of the processor. Threads and the
/// program itself take some hundred megabytes of addresses.
fn limited(args: &[&str]) -> Output {
    let program = program();
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -v 1500000; ulimit -t 60; exec \"$@\"", "sh"]).arg(program.get_program());
    shell.args(args).env("RAYON_NUM_THREADS", "2").current_dir(root()).stdin(Stdio::null());
    shell.output().expect("the shell starts")
}

/// The one line that the program says for bad input, with exit code 2.
#[track_caller]
fn refusal(args: &[&str]) -> String {
    said(&limited(args), 2, args)
}

/// The one line that the program says when it ends with an exit code that is not 0.
#[track_caller]
fn said(output: &Output, code: i32, args: &[&str]) -> String {
    let message = String::from_utf8(output.stderr.clone()).expect("text");
    assert_eq!(output.status.code(), Some(code), "{args:?}: {message}");
    let own: Vec<&str> = message.lines().filter(|line| line.starts_with("interregnum: ")).collect();
    let own: Vec<&str> = own.into_iter().filter(|line| !line.contains(": weight files ")).collect();
    assert!(own.len() == 1 || message.starts_with("error: "), "{args:?}: {message}");
    assert!(message.lines().all(|line| line.chars().count() <= 400), "{args:?}: {message}");
    assert!(tame(&message), "{args:?}: {message:?}");
    message
}

/// Whether a text holds nothing that a terminal acts on but line ends.
fn tame(text: &str) -> bool {
    text.split('\n').all(|line| files::printable(line) == line)
}

fn shell(script: &str) {
    assert!(Command::new("sh").args(["-c", script]).status().expect("the shell starts").success(), "{script}");
}

/// A suite of a second, with shifts of the given text.
fn small_suite(folder: &Path, shifts: &str) -> PathBuf {
    let text = format!(
        "name = 'x'\ntitle = 'x'\nvariant = 'gardner'\nseed = 1\nopening_plies = 4\nfamilies = ['none', 'goal', 'board']\n\
         [files]\ninherited = ['gardner-1.safetensors']\n[[experiment]]\nname = 'headline'\nmatches = [['frozen', 'zero']]\nplayouts = [1]\npairs = 3\n\
         [[shift]]\nname = 'none'\nfamily = 'none'\nhypothesis = 'nothing'\n{shifts}"
    );
    let path = folder.join("suite.toml");
    std::fs::write(&path, text).unwrap();
    path
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn what_is_no_regular_file_is_refused_at_once_wherever_a_file_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    shell(&format!("mkfifo {}", path("pipe").display()));
    std::fs::create_dir_all(path("run/checkpoints")).unwrap();
    std::fs::create_dir(path("stress")).unwrap();
    let out = path("out");
    for (file, what) in [(path("pipe"), "a pipe"), ("/dev/zero".into(), "a device"), (folder.path().into(), "a folder")]
    {
        let name = text(&file);
        for linked in ["run/config.json", "stress/run.json"] {
            let _ = std::fs::remove_file(path(linked));
            std::os::unix::fs::symlink(&file, path(linked)).unwrap();
        }
        let model = format!("model:{name}");
        for args in [
            &["stress", name, "--out", text(&out)][..],
            &["stress", name, "--list"],
            &["report", text(&path("run"))],
            &["report", text(&path("stress"))],
            &["model", "show", name],
            &["match", &model, "zero", "--variant", "gardner"],
        ] {
            let message = refusal(args);
            // A folder is passed over where weight files are looked for.
            let nowhere = what == "a folder" && message.contains("there is no weight file");
            assert!(message.contains(what) || nowhere, "{args:?}: {message}");
            assert!(!out.exists(), "{args:?}");
        }
        let message = refusal(&["stress", "--replicate", name, "--out", text(&out)]);
        assert!(message.contains("the directory of a run was expected"), "{message}");
    }
}

#[test]
fn text_is_read_from_standard_input_where_it_is_named_so() {
    let given = |args: &[&str], input: &str| {
        let mut command = program();
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(
        given(&["stress", "-", "--list"], include_str!("../../../tests/data/small.toml")).contains("antichess (goal)")
    );
    let rules = "[own:chess]\nstalemateValue = loss\n";
    assert!(given(&["variants", "check", "-"], rules).contains("standard input: 1 variant"));
    assert!(given(&["variants", "show", "own", "--variant-path", "-"], rules).contains("stalemateValue = loss"));
    let message = refusal(&["stress", "-", "--list"]);
    assert!(message.contains("standard input") && message.contains("which is needed"), "{message}");
}

#[test]
fn a_small_suite_cannot_cost_much() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("suite.toml");
    let sound = std::fs::read_to_string(small_suite(folder.path(), "")).unwrap();
    let files = |list: &str| sound.replace("['gardner-1.safetensors']", list);
    let shift = |i: usize| format!("[[shift]]\nname = '{i}'\nfamily = 'goal'\nhypothesis = ''\n");
    let check = |text: String, expected: &str| {
        std::fs::write(&path, &text[..text.len().min(1 << 20)]).unwrap();
        let message = refusal(&["stress", self::text(&path), "--out", self::text(&folder.path().join("out"))]);
        assert!(message.contains(expected), "{message}");
        assert!(!folder.path().join("out").exists());
    };
    check(files(&format!("[{}]", "'g{1..1000}',".repeat(80_000))), "10000 weight files");
    check(files(&format!("[{}]", "'gardner-1.safetensors',".repeat(40_000))), "40000 weight files; at most 10000");
    check(files(&format!("['{}{{1..1000}}']", "g".repeat(500_000))), "10000 weight files");
    check(sound.replace("[[exp", &format!("width = 'g-{{1..900}}-{{{}}}'\n[[exp", "1,".repeat(200_000))), "10000");
    check(sound.clone() + &(0..15_000).map(shift).collect::<String>(), "15001 shifts; at most 500");
    check(
        sound.replace("pairs = 3", "pairs = 4294967295"),
        "key `pairs`: found 4294967295; a whole number from 1 to 10000",
    );
    check(sound.replace("pairs = 3", "pairs = -1"), "line 13");
    check(sound.replace("seed = 1", "seed = 99999999999999999999"), "line 4");
    check(sound.replace("[1]", &format!("[{}]", "1,".repeat(100_000))), "100000 numbers of playouts; at most 200");
    check(sound.replace("opening_plies = 4", "opening_plies = 4294967295"), "key `opening_plies`: found 4294967295");
    check(sound.replace("seed = 1", &format!("seed = {}", "[".repeat(500_000))), "recur");
    check(sound.replace("seed = 1", &format!("seed = {}", "{a=".repeat(300_000))), "recur");
    check(format!("{}{sound}", "a.".repeat(400_000)), "recur");
    // Weight files are looked for once everything else is sound.
    let many = files("['g{1..1000}', 'h{1..1000}', 'i{1..1000}', 'j{1..1000}', 'k{1..1000}']");
    check(many.replace("pairs = 3", "pairs = 0"), "`pairs`");
    let playouts: Vec<String> = (1..=200).map(|n| n.to_string()).collect();
    check(many.replace("[1]", &format!("[{}]", playouts.join(","))), "1000000 cells of matches and probes");
    check(many + "[[shift]]\nname = 'b'\nfamily = 'goal'\nhypothesis = ''\nedit = { maxRank = 'x' }\n", "maxRank");
}

#[test]
fn a_shift_may_not_change_the_board_and_bases_are_found_by_their_names() {
    let folder = tempfile::tempdir().unwrap();
    let suite = small_suite(
        folder.path(),
        "[[shift]]\nname = 'b'\nfamily = 'board'\nhypothesis = ''\n\
         edit = { maxRank = '6', startFen = 'rnbqk/ppppp/5/5/PPPPP/RNBQK w - - 0 1', promotionRegionWhite = '*6' }\n",
    );
    let out = folder.path().join("out");
    let message = refusal(&["stress", text(&suite), "--out", text(&out)]);
    assert!(message.contains("shift `b`: the board has another size; 5x5 was expected"), "{message}");
    // A base that is another variant by another name, without an edit.
    let suite = small_suite(
        folder.path(),
        "variant = 'own'\n[[base]]\nvariant = 'own'\nof = 'gardner'\nfiles.inherited = ['gardner-2']\n",
    );
    let output = run(&["stress", text(&suite), "--out", text(&out)]);
    assert!(!String::from_utf8_lossy(&output.stderr).contains("panicked"));
}

#[test]
fn what_is_refused_late_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("new/out");
    let late = "[[shift]]\nname = 'late'\nfamily = 'goal'\nhypothesis = ''\nafter_ply = 200\nplayed_by = 'frozen'\nplayouts_before = 1\n\
                edit = { flagPiece = 'k', flagRegion = 'c3' }\n";
    let suite = small_suite(folder.path(), late);
    let many = std::fs::read_to_string(&suite).unwrap().replace("pairs = 3", "pairs = 100");
    std::fs::write(&suite, many).unwrap();
    let message = refusal(&["stress", text(&suite), "--out", text(&out)]);
    assert!(message.contains("shift `late`: only ") && message.contains("after_ply"), "{message}");
    let probe = "[[probe]]\nname = 'exact'\nmeasures = 'exact-regret'\nagents = ['frozen']\nplayouts = [1]\npositions = 3\nshifts = ['none']\n";
    let suite = small_suite(folder.path(), probe);
    let message = refusal(&["stress", text(&suite), "--out", text(&out)]);
    assert!(message.contains("probe exact"), "{message}");
    assert!(!folder.path().join("new").exists());
}

#[test]
fn folders_that_cannot_be_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let suite = small_suite(folder.path(), "");
    std::fs::write(path("file"), "").unwrap();
    std::os::unix::fs::symlink("nowhere", path("link")).unwrap();
    for (out, expected) in [
        ("file", "is no folder; a folder was expected"),
        ("file/inner", "file is no folder"),
        ("link", "is a link that leads nowhere"),
        ("link/inner", "link is a link that leads nowhere"),
    ] {
        let message = refusal(&["stress", text(&suite), "--out", text(&path(out))]);
        assert!(message.contains(expected), "{message}");
    }
    // A log that is no regular file is neither read nor replaced.
    std::fs::create_dir(path("run")).unwrap();
    shell(&format!("mkfifo {}", path("run/results.jsonl").display()));
    let message = refusal(&["stress", text(&suite), "--out", text(&path("run")), "--resume"]);
    assert!(message.contains("run.json: is missing"), "{message}");
}

#[test]
fn outputs_follow_links_and_replace_nothing_but_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let dot = |out: &Path| run(&["search", "zero@playouts=20", "--variant", "gardner", "--dot", text(out)]);
    std::fs::write(path("file"), "").unwrap();
    std::os::unix::fs::symlink("file", path("link")).unwrap();
    assert!(dot(&path("link")).status.success());
    assert!(path("link").is_symlink() && std::fs::read_to_string(path("file")).unwrap().starts_with("digraph"));
    shell(&format!("mkfifo {}", path("pipe").display()));
    let message = said(&dot(&path("pipe")), 2, &["--dot", "pipe"]);
    assert!(message.contains("a pipe that nobody reads"), "{message}");
    assert!(dot(Path::new("/dev/null")).status.success());
    said(&dot(Path::new("/dev/full")), 1, &["--dot", "/dev/full"]);
    said(&dot(folder.path()), 2, &["--dot", "folder"]);
    for device in ["/dev/null", "/dev/full"] {
        assert!(!std::fs::metadata(device).unwrap().is_file(), "{device}");
    }
    let missing = path("missing/tree.dot");
    said(&dot(&missing), 2, &["--dot", "missing"]);
    assert!(!missing.exists());
}

#[test]
fn a_full_disk_is_a_failure_and_a_closed_pipe_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let suite = small_suite(folder.path(), "");
    for args in [
        &["variants", "list"][..],
        &["variants", "list", "--json"],
        &["variants", "show", "chess"],
        &["legal", "--variant", "chess"],
        &["perft", "--variant", "gardner", "2", "--divide"],
        &["openings", "--variant", "gardner", "--count", "3"],
        &["model", "show", "models/gardner-1.safetensors"],
        &["stress", text(&suite), "--list"],
        &["search", "zero@playouts=20", "--variant", "gardner"],
        &["--help"],
        &["match", "random", "random", "--variant", "gardner", "--rounds", "1", "--maxmoves", "2"],
    ] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = program().args(args).stdout(full).output().unwrap();
        assert!(said(&output, 1, args).contains("interregnum: standard output: No space left"), "{args:?}");
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = program().args(args).stdout(writer).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn a_limit_on_the_size_of_files_is_a_full_disk() {
    let folder = tempfile::tempdir().unwrap();
    let (book, dot, out) = (folder.path().join("book"), folder.path().join("dot"), folder.path().join("out"));
    let suite = small_suite(folder.path(), "");
    for args in [
        &["openings", "--variant", "gardner", "--count", "100", "--out", text(&book)][..],
        &["search", "zero@playouts=200", "--variant", "gardner", "--dot", text(&dot)],
        &["stress", text(&suite), "--out", text(&out)],
    ] {
        let program = program();
        let mut shell = Command::new("sh");
        shell.args(["-c", "ulimit -f 1; exec \"$@\"", "sh"]).arg(program.get_program()).args(args);
        let message = said(&shell.current_dir(root()).output().unwrap(), 1, args);
        assert!(message.contains("File too large"), "{message}");
        assert!(!book.exists() && !dot.exists() && !out.join("summary.json").exists(), "no half file");
    }
}

#[test]
fn a_broken_exact_null_is_a_failure() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let suite = small_suite(
        folder.path(),
        "[[shift]]\nname = 'moved'\nfamily = 'board'\nhypothesis = \"placebo\\u001B[31m\\n\"\ninert = true\nown_openings = true\n\
         edit = { startFen = 'kqbnr/ppppp/5/PPPPP/KQBNR w - - 0 1' }\n",
    );
    let args = ["stress", text(&suite), "--out", text(&out)];
    let output = run(&args);
    let message = said(&output, 1, &args);
    assert!(message.contains("exact null failed: moved differs from the unchanged rules"), "{message}");
    assert!(out.join("report.html").exists());
    for args in
        [&["report", text(&out)][..], &["report", text(&out), "--markdown"], &["stress", text(&suite), "--list"]]
    {
        let output = run(args);
        let shown = String::from_utf8(output.stdout.clone()).unwrap();
        assert!(tame(&shown), "{args:?}: {shown:?}");
        assert!(shown.contains("placebo\\u{1b}[31m") || args[0] == "report", "{args:?}: {shown:?}");
        if args[0] == "report" {
            said(&output, 1, args);
        }
    }
}

#[test]
fn no_text_of_strangers_steers_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    // A weight file whose card is somebody's picture of a card.
    let bytes = std::fs::read(root().join("models/tiny-1.safetensors")).unwrap();
    let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let header = String::from_utf8(bytes[8..8 + length].to_vec()).unwrap();
    let forged =
        header.replacen("\\\"command\\\":\\\"", "\\\"command\\\":\\\"\\\\u001b]0;x\\\\nweights  forged\\\\u009b31m", 1);
    assert_ne!(forged, header);
    std::fs::write(path("m"), [&(forged.len() as u64).to_le_bytes(), forged.as_bytes(), &bytes[8 + length..]].concat())
        .unwrap();
    for args in [&["model", "show", text(&path("m"))][..], &["model", "show", text(&path("m")), "--json"]] {
        let shown = common::stdout(args);
        assert!(tame(&shown) && shown.contains("forged"), "{shown:?}");
        assert!(shown.lines().count() == if args.len() == 4 { 1 } else { 7 }, "{shown}");
    }
    let evil = "\u{1b}[31m\u{202e}\u{9b}x\n";
    for args in [
        &[evil][..],
        &["legal", "--variant", evil],
        &["legal", "--variant", "chess", "--fen", evil],
        &["legal", "--variant", "chess", evil],
        &["perft", "--variant", "chess", evil],
        &["match", evil, "zero", "--variant", "chess"],
        &["stress", evil, "--list"],
        &["model", "show", evil],
        &["report", evil],
        &["tournament", evil, "--out", "x"],
        &["variants", "show", evil],
        &["variants", "check", evil],
        &["search", "zero", "--variant", "chess", "--threads", evil],
        &["stress", &"x".repeat(100_000), "--list"],
        &[&"x".repeat(100_000)],
    ] {
        refusal(args);
    }
    let toml = format!("name = 'x'\n\"{}\" = 3\n", "\\u001b[31m".repeat(30));
    std::fs::write(path("evil.toml"), toml).unwrap();
    let message = refusal(&["stress", text(&path("evil.toml")), "--list"]);
    assert!(message.contains("line 2, column 1: ") && message.contains("found the key"), "{message}");
}

#[test]
fn words_that_are_not_unicode_are_taken_as_they_are() {
    use std::os::unix::ffi::OsStrExt as _;
    let folder = tempfile::tempdir().unwrap();
    let suite = small_suite(folder.path(), "");
    let out = folder.path().join(std::ffi::OsStr::from_bytes(b"\xff\xfe"));
    let output = program().args(["stress", text(&suite), "--out"]).arg(&out).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(out.join("summary.json").exists());
}

#[test]
fn rows_that_are_read_back_are_those_of_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let (suite, out) = (small_suite(folder.path(), ""), folder.path().join("out"));
    let args = ["stress", text(&suite), "--out", text(&out), "--resume"];
    assert!(run(&args).status.success());
    let log = out.join("results.jsonl");
    let rows = std::fs::read_to_string(&log).unwrap();
    for (from, to, expected) in [
        ("\"evaluator\":0", "\"evaluator\":4294967295", "line 1: does not follow"),
        ("\"pair\":1", "\"pair\":0", "line 2: does not follow"),
        ("\"score\":", "\"score\":7e300,\"x\":", "line 1: "),
        ("\"agent\":\"frozen\"", "\"agent\":\"\\u001b[31m\"", "line 1: does not follow"),
        ("{", "{{", "line 1: "),
    ] {
        let forged = rows.replacen(from, to, 1);
        assert_ne!(forged, rows);
        std::fs::write(&log, forged).unwrap();
        let message = refusal(&args);
        assert!(message.contains("results.jsonl") && message.contains(expected), "{message}");
    }
}

#[test]
fn a_run_that_somebody_made_up_is_refused_or_shown_at_little_cost() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    std::fs::create_dir_all(run.join("shards")).unwrap();
    std::fs::create_dir_all(run.join("checkpoints")).unwrap();
    let data = root().join("tests/data/training");
    for name in ["config.json", "events.jsonl", "clock.jsonl", "shards/0001.parquet"] {
        std::fs::copy(data.join(name), run.join(name)).unwrap();
    }
    assert!(common::run(&["report", text(&run)]).status.success());
    let shard = run.join("shards/0001.parquet");
    let bytes = std::fs::read(&shard).unwrap();
    for (length, at) in [(0, 0), (bytes.len() / 2, 0), (bytes.len(), bytes.len() - 1), (bytes.len(), bytes.len() - 9)] {
        let mut broken = bytes[..length].to_vec();
        if let Some(byte) = broken.get_mut(at) {
            *byte ^= 0x55;
        }
        std::fs::write(&shard, broken).unwrap();
        let message = refusal(&["report", text(&run)]);
        assert!(message.contains("0001.parquet"), "{message}");
    }
}
