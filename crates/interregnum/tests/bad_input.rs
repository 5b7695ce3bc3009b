//! Bad input ends in one clear sentence with the place, exit code 2, and leaves nothing behind.

mod common;

use common::run;

/// Runs the program with bad input and checks what it says.
fn refused(args: &[&str], fragments: &[&str]) {
    let output = run(args);
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{args:?}: {message}");
    for fragment in fragments {
        assert!(message.contains(fragment), "{args:?}: `{fragment}` is missing in: {message}");
    }
    assert!(!message.contains("panicked"), "{args:?}: {message}");
    let last = message.trim().lines().last().unwrap_or_default();
    let parts: Vec<&str> = last.split(": ").filter(|part| part.len() > 12).collect();
    for (i, part) in parts.iter().enumerate() {
        assert!(!parts[..i].contains(part), "{args:?}: `{part}` is said twice: {message}");
    }
}

#[test]
fn positions_and_moves() {
    let legal =
        |fen: &str, fragment: &str| refused(&["legal", "--variant", "gardner", "--fen", fen], &["FEN", fragment]);
    legal("", "piece placement");
    legal("rnbqk/ppppp/5/PPPPP w - - 0 1", "4 ranks");
    legal("rnbqk/ppppp/6/PPPPP/RNBQK w - - 0 1", "rank 3");
    legal("rnbqk/ppppp/5/PPPPP/RNBQX w - - 0 1", "`X`");
    legal("rnbqk/ppppp/5/PPPPP/RNBQ1 w - - 0 1", "0 kings");
    legal("rnbqk/ppppp/5/PPPPP/RNBQK x - - 0 1", "side to move");
    legal("rnbqk/pppp1/4R/PPPP1/RNBQK w - - 0 1", "could capture the king");
    legal("Pnbqk/ppppp/5/PPPPP/RNBQK w - - 0 1", "last rank");
    refused(
        &["legal", "--variant", "chess", "--fen", "4k3/8/8/8/8/8/8/4K3 w K - 0 1"],
        &["castling", "`K`", "without king and rook"],
    );
    legal("rnbqk/ppppp/5/PPPPP/RNBQK w - z9 0 1", "en passant");
    legal("rnbqk/ppppp/5/PPPPP/RNBQK w - - 0 1 9", "too many");
    legal("rnbqk/ppppp/5/PPPPP/RNBQK w - - 99999999999 1", "half-move clock");
    refused(&["legal", "--variant", "gardner", "b2b4"], &["b2b4", "not legal"]);
    refused(&["legal", "--variant", "gardner", "hello"], &["hello", "no move"]);
    refused(&["legal", "--variant", "gradner"], &["gradner", "unknown", "did you mean gardner"]);
}

#[test]
fn rule_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rules.ini");
    let check = |text: &str, fragments: &[&str]| {
        std::fs::write(&path, text).unwrap();
        let mut all = vec!["rules.ini"];
        all.extend_from_slice(fragments);
        refused(&["variants", "check", path.to_str().unwrap()], &all);
    };
    check("[a:chess]\nmaxRnak = 8\n", &[":2", "[a]", "maxRnak", "did you mean `maxRank`"]);
    check("[a:chess]\n\nblastOnCapture = true\n", &[":3", "blastOnCapture", "royal king"]);
    check("[a:chess]\n\nconnectN = 3\n", &[":3", "connectN", "refused", "placed in rows"]);
    check("[a:chess]\ndropChecks = false\n", &["dropChecks", "no effect", "pieceDrops"]);
    check("[a:chess]\npromotionRegionWhite = *1\n", &["promotionRegionWhite", "cannot be entered"]);
    check("[a:chess]\nstartFen = 4k3/8/8/8/8/8/8/4K2r w - - 0 1\ncustomPiece1 = z:b\n", &["customPiece1", "modifiers"]);
    check("[a:chess]\nmaxRank = 99\n", &[":2", "maxRank", "`99`", "3 to 10"]);
    check("[a:chess]\nstalemateValue = winn\n", &["stalemateValue", "`winn`", "`draw`"]);
    check("[a:chess]\nknight = kk\n", &["knight", "`kk`"]);
    check("[a:chess]\nknight = n\ncustomPiece1 = n:CW\n", &["`n`", "knight", "customPiece1"]);
    check("[a:chess]\ncustomPiece1 = c:xW\n", &["customPiece1", "`x`"]);
    check("[a:chess]\ncustomPiece1 = c:pN\n", &["customPiece1", "hop"]);
    check("[a:chess]\ncustomPiece1 = c\n", &["customPiece1", "letter:Betza"]);
    check("[a:chess]\nknight = -\npromotionPieceTypes = q\n", &["startFen", "`n`"]);
    check("[a:gardner]\nflagPiece = x\n", &["flagPiece", "`x`", "pnbrqk"]);
    check("[a:gardner]\nflagRegion = h8\n", &["flagRegion", "h8"]);
    check("[a:gardner]\nextinctionValue = loss\n", &["extinctionValue", "no effect"]);
    check(
        "[a:gardner]\ncustomPiece1 = h:W7G\nmaxRank = 5\nstartFen = rnbqk/ppppp/2h2/PPPPP/RNBQK w - - 0 1\n[b:a]\ncustomPiece2 = z:(4,4)W\n",
        &["customPiece2", "`(`"],
    );
    check("[a:nobody]\nmaxRank = 8\n", &["parent", "nobody"]);
    check("[chess]\npawn = p\n", &["chess", "exists already"]);
    check("maxRank = 8\n", &[":1", "before the first"]);
    check("[a:chess\n", &[":1", "`]`"]);
    check("[a:chess]\nnonsense\n", &[":2", "nonsense"]);
    check("[a]\nmaxRank = 8\n", &["[a]", "no pieces"]);
    refused(&["variants", "check", "no/such/file.ini"], &["no/such/file.ini"]);
    refused(&["legal", "--variant", "chess", "--variant-path", "no/such/file.ini"], &["no/such/file.ini"]);
}

#[test]
fn rule_files_with_refused_sections() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rules.ini");
    let file = path.to_str().unwrap();
    let text = "\u{feff}[good:chess]\r\nnMoveRule = 40\r\n[rows:chess]\r\nconnectN = 4\r\n[child:rows]\r\n[open:chess\r\n\
                nMoveRule = 30\r\n[better:good]\r\n";
    std::fs::write(&path, text).unwrap();
    let output = run(&["variants", "check", file]);
    let (loaded, refused_lines) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(2), "{refused_lines}");
    assert!(loaded.contains("2 of 5 variants are valid: good, better"), "{loaded}");
    for line in [":4: [rows] connectN: ", ":5: [child]: its parent `rows` was refused: ", ":6: [open]: "] {
        assert!(refused_lines.contains(&format!("{file}{line}")), "{line}: {refused_lines}");
    }
    // What is good can be used, with one line about the rest.
    for name in ["good", "better"] {
        let output = run(&["--variant-path", file, "perft", "--variant", name, "2"]);
        let warning = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), &*output.stdout), (Some(0), b"400\n".as_slice()), "{warning}");
        assert!(warning.contains("3 of 5 sections refused: line 4: [rows] connectN"), "{warning}");
        assert_eq!(warning.lines().count(), 1, "{warning}");
    }
    // What was refused is so by its name, for its own reason.
    for name in ["rows", "child", "open"] {
        let fragments =
            [&*format!("variant `{name}` was refused: "), if name == "open" { "`]`" } else { ":4: [rows] connectN" }];
        refused(&["--variant-path", file, "legal", "--variant", name], &fragments);
        refused(&["--variant-path", file, "variants", "show", name], &fragments);
        refused(&["--variant-path", file, "match", "zero", "zero", "--variant", name, "--rounds", "1"], &fragments);
    }
}

#[test]
fn errors_about_variants_are_short_and_safe_to_show() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rules.ini");
    let file = path.to_str().unwrap();
    let long = "\u{1b}[31m".repeat(20_000);
    let short = |args: &[&str]| {
        let output = run(args);
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{message}");
        for line in message.lines() {
            assert!(line.chars().count() <= 400 && !line.contains('\u{1b}'), "{line:?}");
        }
        message.into_owned()
    };
    assert!(short(&["legal", "--variant", &long]).contains("unknown"));
    for text in [
        format!("[{long}:chess]\n"),
        format!("[a:{long}]\n"),
        format!("[a:chess]\n{long}\n"),
        format!("[a:chess]\nmaxRank = {}\n", &long[..4000]),
        format!("[a:chess]\nstartFen = {}\n", &long[..4000]),
        long.clone(),
        "[a:chess]\n".repeat(1000),
        "[b:chess]\nknight = n\n".repeat(400),
    ] {
        std::fs::write(&path, text).unwrap();
        short(&["variants", "check", file]);
        short(&["--variant-path", file, "legal", "--variant", "a"]);
    }
    for path in ["/dev/zero", folder.path().to_str().unwrap()] {
        assert!(short(&["variants", "check", path]).contains("regular file"), "{path}");
    }
}

#[test]
fn weight_files() {
    let folder = tempfile::tempdir().unwrap();
    let bad = folder.path().join("bad.safetensors");
    let mut bytes = std::fs::read(common::root().join("models/gardner-1.safetensors")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&bad, &bytes).unwrap();
    let name = bad.to_str().unwrap();
    refused(&["model", "verify", name], &["bad.safetensors", "hash"]);
    std::fs::write(&bad, &bytes[..1000]).unwrap();
    refused(&["model", "show", name], &["bad.safetensors"]);
    let player = format!("model:{name}");
    refused(&["match", &player, "zero", "--variant", "gardner"], &["bad.safetensors"]);
    refused(&["match", "model:no-such-file", "zero", "--variant", "gardner"], &["no-such-file"]);
    refused(&["match", "model:models/gardner-1.safetensors", "zero", "--variant", "chess"], &["chess", "5 files"]);
    refused(&["match", "nobody", "zero", "--variant", "gardner"], &["nobody"]);
    refused(&["match", "zero@playouts=x", "zero", "--variant", "gardner"], &["playouts"]);
}

#[test]
fn suites() {
    let folder = tempfile::tempdir().unwrap();
    let (suite, out) = (folder.path().join("suite.toml"), folder.path().join("out"));
    let quick = include_str!("../suites/quick.toml");
    let stress = |text: &str, fragments: &[&str]| {
        std::fs::write(&suite, text).unwrap();
        refused(&["stress", suite.to_str().unwrap(), "--out", out.to_str().unwrap()], fragments);
        assert!(!out.exists(), "a refused suite must leave nothing behind");
    };
    stress(&quick.replace("gardner-{1..3}.safetensors", "missing-{1..3}.safetensors"), &["missing-1.safetensors"]);
    stress(&quick.replace("flagRegion", "flagRegoin"), &["hill", "flagRegoin", "did you mean `flagRegion`"]);
    stress(&quick.replace("pairs = 50", "pears = 50"), &["suite.toml", "pears"]);
    stress(&quick.replace("[\"frozen\", \"zero\"]", "[\"frozen\", \"xero\"]"), &["suite.toml", "xero"]);
    stress(&quick.replace("shifts = [\"antichess\"", "shifts = [\"antichess2\""), &["antichess2"]);
    stress(&quick.replace("variant = \"gardner\"", "variant = \"gardener\""), &["gardener"]);
    refused(&["stress", "no-such-suite", "--out", "x"], &["no-such-suite", "quick"]);
}

#[test]
fn books_tests_and_tournaments() {
    let folder = tempfile::tempdir().unwrap();
    let (book, file, out) = (folder.path().join("book.epd"), folder.path().join("t.toml"), folder.path().join("out"));
    let (name, out_name) = (book.to_str().unwrap(), out.to_str().unwrap());
    let opening = |text: &str, fragments: &[&str]| {
        std::fs::write(&book, text).unwrap();
        refused(&["match", "zero", "zero", "--variant", "gardner", "--openings", name], fragments);
    };
    opening("", &["book.epd", "no opening"]);
    opening("rnbqk/ppppp/5/PPPPP/RNBQK w - - 0 1\nrnbqk/ppppp/6/PPPPP/RNBQK w - -\n", &["book.epd, line 2", "rank 3"]);
    opening("1. e4 e5", &["book.epd, line 1"]);
    refused(&["match", "zero", "zero", "--variant", "gardner", "--openings", "no-such-book"], &["no-such-book"]);
    refused(&["match", "zero", "zero", "--variant", "gardner", "--order", "backwards"], &["backwards", "random"]);
    let sprt = |setting: &str, fragments: &[&str]| {
        refused(&["match", "zero", "zero", "--variant", "gardner", "--sprt", "elo0=0", "elo1=5", setting], fragments);
    };
    sprt("model=bayesian", &["model=bayesian", "logistic"]);
    sprt("alpha=2", &["alpha = 2"]);
    refused(&["openings", "--variant", "gardner", "--count", "0"], &["--count"]);
    refused(&["openings", "--variant", "gardner", "--balance", "2"], &["--balance"]);
    refused(&["openings", "--variant", "gardner", "--plies", "1", "--count", "50"], &["only 7 of 50", "gardner"]);
    refused(&["openings", "--variant", "gardner", "--balance", "0.1", "--judge", "random"], &["random", "search"]);
    let tournament = |text: &str, fragments: &[&str]| {
        std::fs::write(&file, text).unwrap();
        refused(&["tournament", file.to_str().unwrap(), "--out", out_name], fragments);
        assert!(!out.exists(), "a refused tournament must leave nothing behind");
    };
    let good = "name = 'x'\nvariant = 'gardner'\nrounds = 1\n[[player]]\nname = 'a'\nspec = 'zero'\n\
                [[player]]\nname = 'b'\nspec = 'random'\n";
    tournament("", &["t.toml", "name"]);
    tournament(&good.replace("rounds", "ruonds"), &["t.toml", "line 3", "ruonds"]);
    tournament(&good.replace("gardner", "gradner"), &["gradner", "did you mean gardner"]);
    tournament(&good.replace("'zero'", "'zero@playuots=3'"), &["player `a`", "playuots"]);
    tournament(&good.replace("'zero'", "'model:missing'"), &["player `a`", "missing"]);
    tournament(&good.replace("'b'", "'a'"), &["`a` is given twice"]);
    tournament(&format!("{good}[openings]\nfile = 'nosuch.epd'\n"), &["openings", "nosuch.epd"]);
}
