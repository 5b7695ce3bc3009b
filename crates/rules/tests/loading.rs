//! Rule files from elsewhere: sections that are sound are loaded, the others are refused by name.

use rules::{Catalog, Loaded, with_rules};

fn loaded(text: &str) -> (Catalog, Loaded) {
    let mut catalog = Catalog::builtin();
    let loaded = catalog.load_text("file.ini", text).unwrap();
    (catalog, loaded)
}

fn refusals(loaded: &Loaded) -> Vec<String> {
    loaded.refused.iter().map(ToString::to_string).collect()
}

#[test]
fn one_bad_section_leaves_the_others() {
    let (catalog, loaded) = loaded(
        "[fortymoves:chess]\nnMoveRule = 40\n\n[rows:chess]\nconnectN = 4\n\n[child:rows]\nnMoveRule = 30\n[grandchild:child]\n\
         [good:fortymoves]\n",
    );
    assert_eq!(loaded.names, ["fortymoves", "good"]);
    let refused = refusals(&loaded);
    assert!(refused[0].starts_with("file.ini:5: [rows] connectN: this key is refused"), "{refused:?}");
    for (error, place) in refused[1..].iter().zip(["file.ini:7: [child]", "file.ini:9: [grandchild]"]) {
        assert!(error.starts_with(place) && error.contains("its parent `"), "{error}");
        assert!(error.contains("was refused: file.ini:5: [rows] connectN"), "{error}");
    }
    assert!(catalog.any("fortymoves").is_ok());
    for (name, reason) in [("rows", "file.ini:5: [rows] connectN"), ("grandchild", "its parent `child` was refused")] {
        let error = catalog.any(name).unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("variant `{name}` was refused: file.ini:")) && error.contains(reason),
            "{error}"
        );
    }
    let warning = loaded.warning().unwrap();
    assert!(warning.starts_with("file.ini: 3 of 5 sections refused: line 5: [rows] connectN"), "{warning}");
}

#[test]
fn every_kind_of_damage_is_that_of_its_section() {
    for damage in [
        "nonsense",
        " = 1",
        "maxRnak = 8",
        "twoBoards = true",
        "maxRank = 99",
        "startFen = 8/8/8/8/8/8/7K w - - 0 1",
        "customPiece1 = c:xW",
        "dropChecks = false",
        "promotionRegionWhite = *1",
        "immobile = i\nmobilityRegionWhiteRook = *3\nrook = r:W",
    ] {
        let (catalog, loaded) = loaded(&format!("[before:chess]\n[bad:chess]\n{damage}\n[after:before]\n"));
        assert_eq!(loaded.names, ["before", "after"], "{damage}: {loaded:?}");
        assert!(refusals(&loaded)[0].starts_with("file.ini:"), "{loaded:?}");
        assert!(catalog.any("bad").unwrap_err().to_string().contains("was refused"), "{damage}");
    }
    for header in ["[bad:chess", "[bad:ch ess]", "[bad:chess] x", "[bad:]", "[]", "[", "[:chess]"] {
        let (_, loaded) = loaded(&format!("[before:chess]\n{header}\nnonsense\nnMoveRule = 40\n[after:before]\n"));
        assert_eq!(loaded.names, ["before", "after"], "{header}");
        assert_eq!(loaded.refused.len(), 1, "{header}");
        assert_eq!(loaded.refused[0].place.line, 2, "{header}");
    }
}

#[test]
fn marks_of_editors_and_comments_do_no_harm() {
    let (catalog, loaded) = loaded("\u{feff}# words\r\n\r\n[a:chess] # a comment\r\n\t nMoveRule = 40 \r\n; more\r\n");
    assert_eq!((loaded.names.len(), loaded.refused.len()), (1, 0), "{loaded:?}");
    with_rules!(catalog.any("a").unwrap(), rules => assert!(rules.to_ini().contains("nMoveRule = 40")));
}

#[test]
fn a_comment_ends_the_values_that_the_formats_own_programs_end_there() {
    let keys = "knight = n # c\nmaxRank = 8 # c\nnMoveRule = 40 ; c\nflagPiece = k # c\nflagRegion = d4 e4 # f5\n\
                promotionPieceTypes = qr # b\ncastlingKingFile = e # c\npromotionLimit = q:1 # r:1\n\
                startFen = rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1 # c\n";
    let (catalog, loaded) =
        loaded(&format!("[a:chess]\n{keys}[b:chess]\n{}", keys.replace(" # ", "\n# ").replace(" ; ", "\n; ")));
    assert_eq!(loaded.names, ["a", "b"], "{loaded:?}");
    let hash = |name| with_rules!(catalog.any(name).unwrap(), rules => rules.hash().to_owned());
    assert_eq!(hash("a"), hash("b"));
    // The format's own programs compare words whole, so that `true # c` means `false` to them. It is refused rather than read either way.
    for line in
        ["castling = true # c", "stalemateValue = loss # c", "customPiece1 = c:W # c", "countingRule = makruk # c"]
    {
        assert_eq!(self::loaded(&format!("[a:chess]\n{line}\n")).1.refused.len(), 1, "{line}");
    }
}

#[test]
fn a_name_in_use_keeps_its_meaning() {
    let (catalog, loaded) =
        loaded("[chess]\npawn = p\n[a:chess]\nnMoveRule = 40\n[a:chess]\nnMoveRule = 30\n[b:a]\n[a]\n[chess]\n");
    assert_eq!(loaded.names, ["a", "b"]);
    assert_eq!(loaded.refused.len(), 4);
    assert!(refusals(&loaded).iter().all(|refusal| refusal.contains("exists already")), "{loaded:?}");
    with_rules!(catalog.any("b").unwrap(), rules => assert!(rules.to_ini().contains("nMoveRule = 40")));
    assert!(catalog.any("chess").is_ok());
}

#[test]
fn a_refused_name_stays_refused_in_its_file_and_can_be_mended_in_another() {
    let (mut catalog, loaded) = loaded("[a:chess]\nconnectN = 4\n[a:chess]\n[b:a]\n");
    assert!(loaded.names.is_empty());
    assert!(refusals(&loaded)[1].contains("line 2"), "{loaded:?}");
    assert!(catalog.any("a").unwrap_err().to_string().contains("connectN"));
    let mended = catalog.load_text("mended.ini", "[a:chess]\nnMoveRule = 40\n[b:a]\n").unwrap();
    assert_eq!(mended.names, ["a", "b"]);
    assert!(catalog.any("b").is_ok());
}

#[test]
fn an_edit_is_whole_or_refused() {
    let mut catalog = Catalog::builtin();
    let edit = [("connectN".to_owned(), "4".to_owned())];
    let error = catalog.edit("suite", "gardner", "rows", &edit).unwrap_err().to_string();
    assert!(error.starts_with("suite: [rows] connectN"), "{error}");
    assert!(catalog.any("rows").is_err());
}

#[test]
fn errors_are_short_and_safe_to_show() {
    let long = "\u{1b}]0;x\u{7}\u{202e}".repeat(1 << 12);
    let texts = [
        format!("[{long}:chess]\n"),
        format!("[a:{long}]\n"),
        format!("[a:chess]\n{long} = 1\n"),
        format!("[a:chess]\nmaxRank = {}\n", &long[..3000]),
        format!("[a:chess]\nstartFen = {}\n", &long[..3000]),
        format!("[a:chess]\nstartFen = {} w - - 0 1\n", "rnbqkbnr/".repeat(300)),
        format!("[a:chess]\nflagRegion = {}\n", &long[..3000]),
        format!("[a:chess]\npromotionLimit = {}\n", &long[..3000]),
        format!("[a:chess]\ncustomPiece1 = c:{}\n", "x".repeat(190)),
        format!("[a:chess]\ncustomPiece1 = c:{}\n", &long[..3000]),
        format!("[a:chess]\nwallingRule = {}\n", &long[..3000]),
    ];
    for text in texts {
        let mut catalog = Catalog::builtin();
        let loaded = catalog.load_text(&format!("/{long}/file.ini"), &text).unwrap();
        let name = &loaded.refused[0].place.section;
        let asked = [name.as_str(), long.as_str()].map(|name| catalog.any(name).unwrap_err().to_string());
        for error in refusals(&loaded).into_iter().chain(loaded.warning()).chain(asked) {
            assert!(error.chars().count() <= 400, "{error}");
            assert!(!error.contains(['\u{1b}', '\u{7}', '\u{202e}', '\n']), "{error}");
        }
    }
}
