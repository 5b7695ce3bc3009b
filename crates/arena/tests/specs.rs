//! Player specifications are read, or refused with the place and what would be right.

use arena::{Judge, Method, PlayerSpec};
use evaluator::{FloatNetwork, Lineage, Shape};
use rand::SeedableRng;
use rules::{Catalog, Game};
use search::{Limit, Params, RootPolicy};

#[test]
fn specifications_are_read() {
    for (text, canonical) in [
        ("random", "random"),
        ("random@seed=7", "random@seed=7"),
        ("policy:models/a b.safetensors", "policy:models/a b.safetensors"),
        ("zero", "zero@playouts=400"),
        ("zero@nodes=50", "zero@nodes=50"),
        ("rollout@seed=3,playouts=1", "rollout@playouts=1,seed=3"),
        ("model:a:b@c@search_rules=gardner,cpuct=2.5", "model:a:b@c@playouts=400,cpuct=2.5,search_rules=gardner"),
        ("uci:engine -x 'a b'@depth=3,nodes=10", "uci:engine -x 'a b'@nodes=10,depth=3"),
        (
            "uci:e@tc=10+0.1,timeout=0.5,timemargin=0,option.Skill Level=3,option.Path=a\\,b,name=E 1",
            "uci:e@tc=10+0.1,timemargin=0,timeout=0.5,option.Skill Level=3,option.Path=a\\,b,name=E 1",
        ),
        ("uci:e@tc=40/1:30+0.5,depth=9", "uci:e@depth=9,tc=40/90+0.5"),
        ("uci:e@tc=0+0.5", "uci:e@tc=0+0.5"),
        ("uci:e@tc=inf,plies=7", "uci:e@depth=7"),
        ("uci:e@st=1.5", "uci:e@movetime=1500"),
        ("uci:e@st=0:30", "uci:e@movetime=30000"),
        ("uci:e@movetime=100,variant_path=x.ini", "uci:e@movetime=100,variant_path=x.ini"),
        ("model:m@fpu_reduction=0,playouts=64", "model:m@playouts=64,fpu_reduction=0"),
        ("zero@considered=16,playouts=64", "zero@playouts=64,considered=16"),
        ("alphabeta:m", "alphabeta:m@nodes=20000"),
        ("alphabeta:m@search_rules=old,nodes=7", "alphabeta:m@nodes=7,search_rules=old"),
    ] {
        let spec: PlayerSpec = text.parse().unwrap();
        assert_eq!(spec.to_string(), canonical);
        assert_eq!(canonical.parse::<PlayerSpec>().unwrap(), spec);
    }
    let spec: PlayerSpec = "model:x@nodes=9,cpuct=1.25,search_rules=old".parse().unwrap();
    let PlayerSpec::Search { judge, method: Method::Mcts { params, limit }, search_rules } = spec else {
        panic!("{spec}")
    };
    assert_eq!((judge, limit), (Judge::Model("x".into()), Limit::Nodes(9)));
    assert_eq!(params, Params { cpuct: 1.25, ..Params::default() });
    assert_eq!(search_rules.as_deref(), Some("old"));
    let spec: PlayerSpec = "zero@considered=16".parse().unwrap();
    let PlayerSpec::Search { method: Method::Mcts { params, .. }, .. } = spec else { panic!("{spec}") };
    assert_eq!(params.root, RootPolicy::Halving { considered: 16 });
}

#[test]
fn a_specification_that_no_text_gives_is_refused_as_well() {
    let catalog = Catalog::builtin();
    let params = Params { root: RootPolicy::Halving { considered: 4 }, ..Params::default() };
    let method = Method::Mcts { params, limit: Limit::Nodes(10) };
    let spec = PlayerSpec::Search { judge: Judge::Zero, method, search_rules: None };
    let error = spec.prepare(&catalog, &catalog.rules("gardner").unwrap()).unwrap_err().to_string();
    assert!(error.contains("it has no limit of 10 nodes"), "{error}");
}

#[test]
fn mistakes_are_named() {
    for (text, part) in [
        ("", "unknown kind ``"),
        ("stockfish", "expected model:PATH, alphabeta:PATH, policy:PATH, zero, rollout, random or uci:COMMAND"),
        ("uci:stockfish", "an engine needs a limit: nodes=N"),
        ("uci:@nodes=1", "`uci:COMMAND`"),
        ("uci@nodes=1", "`uci:COMMAND`"),
        ("uci:a 'b@nodes=1", "command line `a 'b`"),
        ("uci:a@nodes=0", "`nodes=0`: expected a whole number, at least 1"),
        ("uci:a@tc=0", "`tc=0`: expected BASE+INCREMENT in seconds"),
        ("uci:a@tc=1+x", "`tc=1+x`"),
        ("uci:a@tc=1,movetime=5", "`movetime` and `tc` exclude each other"),
        ("uci:a@st=1,tc=5", "`st` and `tc` exclude each other"),
        ("uci:a@st=1,movetime=5", "`movetime` and `st` exclude each other"),
        ("uci:a@st=1,tc=inf", "`st` and `tc` exclude each other"),
        ("uci:a@depth=1,plies=5", "`depth` and `plies` exclude each other"),
        ("uci:a@st=0", "`st=0`: expected seconds for each move, more than 0"),
        ("uci:a@st=fast", "`st=fast`"),
        ("uci:a@tc=inf", "an engine needs a limit beside `tc=inf`: nodes=N, depth=N"),
        ("uci:a@tc=40/0", "`tc=40/0`: expected BASE+INCREMENT in seconds, together more than 0"),
        ("uci:a@tc=0/10", "for a number of moves (40/10)"),
        ("uci:a@tc=10hg", "`tc=10hg`"),
        ("uci:a@depth=0", "`depth=0`: expected a whole number, at least 1"),
        ("uci:a@nodes=1,timemargin=-1", "`timemargin=-1`: expected milliseconds from 0"),
        ("uci:a@nodes=1,name=a\u{202e}b", "option values must be of characters that can be shown"),
        ("uci:a@nodes=1,timeout=0", "`timeout=0`: expected seconds, more than 0"),
        ("uci:a@nodes=1,option.=3", "option `option.` is unknown or has no effect on `uci`, which takes nodes"),
        ("uci:a@nodes=1,playouts=3", "option `playouts` is unknown or has no effect on `uci`"),
        ("model", "`model:PATH`"),
        ("model:", "`model:PATH`"),
        ("zero:x", "takes nothing after a colon, but has `x`"),
        ("zero@", "option `` after `@`: expected KEY=VALUE"),
        ("zero@playouts", "option `playouts`"),
        ("zero@playouts=", "option `playouts=`"),
        ("zero@playouts=0", "`playouts=0`: expected a whole number from 1"),
        ("zero@playouts=4294967296", "`playouts=4294967296`"),
        ("zero@playouts=4,playouts=4", "`playouts` is given twice"),
        ("zero@playouts=4,nodes=4", "exclude each other"),
        ("zero@cpuct=NaN", "`cpuct=NaN`: expected a number from 0 to 100"),
        ("zero@cpuct=-1", "`cpuct=-1`"),
        ("zero@seed=1", "option `seed` is unknown or has no effect on `zero`, which takes playouts, nodes, cpuct"),
        ("random@playouts=4", "has no effect on `random`, which takes seed"),
        ("policy:x@playouts=4", "`policy` takes no option, but has `playouts`"),
        ("rollout@speed=9", "option `speed` is unknown"),
        ("zero@considered=0", "`considered=0`: expected a whole number from 1 to 1024"),
        ("zero@considered=8,nodes=100", "`nodes` and `considered` exclude each other"),
        ("zero@considered=8,batch=4", "`batch` and `considered` exclude each other"),
    ] {
        let error = text.parse::<PlayerSpec>().unwrap_err().to_string();
        let shown = files::printable(text);
        assert!(error.contains(part) && error.starts_with(&format!("player `{shown}`: ")), "{error}");
        assert!(error.chars().count() <= 400, "{error}");
    }
}

#[test]
fn players_are_built_or_refused() {
    let catalog = Catalog::builtin();
    let gardner = catalog.rules("gardner").unwrap();
    let build = |text: &str| text.parse::<PlayerSpec>().unwrap().build(&catalog, &gardner);
    for text in ["random", "zero@playouts=4", "rollout@playouts=4", "zero@playouts=4,search_rules=gardner"] {
        let mut player = build(text).unwrap();
        player.new_game(1);
        let choice = player.choose(&Game::new(gardner.clone())).unwrap();
        assert!(!choice.illegal, "{text}");
    }
    for (text, part) in [
        ("model:no/such/file", "no/such/file"),
        ("policy:no/such/file", "no/such/file"),
        ("zero@search_rules=nosuch", "nosuch"),
        ("zero@search_rules=chess", "search_rules=chess has a board of 8x8, the game one of 5x5"),
    ] {
        let error = build(text).err().unwrap().to_string();
        assert!(error.contains(part) && error.starts_with("player `"), "{error}");
    }
    let factory = "zero@playouts=4,search_rules=gardner".parse::<PlayerSpec>().unwrap();
    let factory = factory.prepare(&catalog, &gardner).unwrap();
    assert_eq!((factory.name().as_str(), factory.weights_hash()), ("zero@playouts=4,search_rules=gardner", None));
    assert_eq!(factory.search_rules_hash(), gardner.hash());
}

#[test]
fn networks_are_read_once_and_must_fit_the_board() {
    let catalog = Catalog::builtin();
    let gardner = catalog.rules("gardner").unwrap();
    let shape = Shape::new(5, 5, "pnbrqk", 32).unwrap();
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    let network = FloatNetwork::random(&shape, &mut rng).quantise().unwrap();
    let lineage = Lineage { config: gardner.hash().to_owned(), ..Lineage::default() };
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("net.safetensors");
    network.save(&path, &gardner, lineage).unwrap();
    for spec in ["model:PATH@playouts=8", "model:PATH@playouts=8,search_rules=gardner", "policy:PATH"] {
        let spec: PlayerSpec = spec.replace("PATH", path.to_str().unwrap()).parse().unwrap();
        let factory = spec.prepare(&catalog, &gardner).unwrap();
        assert_eq!(factory.weights_hash(), Some(network.hash()));
        let (mut player, mut twin) = (factory.player(), spec.build(&catalog, &gardner).unwrap());
        let mut game = Game::new(gardner.clone());
        while game.outcome().is_none() && game.ply() < 20 {
            let choice = player.choose(&game).unwrap();
            assert_eq!(twin.choose(&game).unwrap(), choice);
            assert!(choice.estimate.is_some_and(|value| (-1.0..=1.0).contains(&value)) && !choice.illegal);
            game.play(choice.mv);
        }
        let error = spec.prepare(&catalog, &catalog.rules("chess").unwrap()).unwrap_err().to_string();
        assert!(error.contains("which has 8 and 8") || error.contains("search_rules=gardner"), "{error}");
    }
}
