//! The examples run.

#[allow(dead_code, reason = "its main function is for the command line")]
#[path = "../examples/play_variant.rs"]
mod play_variant;

use play_variant::{Asked, run};

fn printed(asked: &Asked) -> String {
    let mut out = Vec::new();
    run(asked, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn random_games_are_printed_until_their_end() {
    let hill = |seed| Asked {
        variant: "gardner".to_owned(),
        edit: vec![("flagPiece".to_owned(), "k".to_owned()), ("flagRegion".to_owned(), "c3".to_owned())],
        seed,
    };
    let mut ended = 0;
    for seed in 0..20 {
        let text = printed(&hill(seed));
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("rules edited (hash ") && lines.len() > 3, "{text}");
        ended += usize::from(["1-0", "0-1", "1/2-1/2"].iter().any(|result| lines.last().unwrap().ends_with(result)));
        assert_eq!(text, printed(&hill(seed)));
    }
    assert!(ended > 10, "{ended} of 20 games ended");
    let wrong = Asked { edit: vec![("flagPeace".to_owned(), "k".to_owned())], ..hill(1) };
    assert!(run(&wrong, &mut Vec::new()).unwrap_err().to_string().contains("flagPeace"));
}
