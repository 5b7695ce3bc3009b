//! `interregnum bench`

use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use evaluator::{Evaluator, FloatNetwork, Kernel, Network, NetworkEvaluator, Rollout, Shape};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use rules::{Catalog, Game, Rules};
use search::{AlphaBeta, Limit, RootReport, Search};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{print_json, stdout};

/// Signatures of behaviour, and speed.
#[derive(clap::Args)]
#[command(
    after_help = "A signature is a hash over move counts, evaluations and searches of fixed positions with fixed weights; there is one for each
kind of search. It is the same for any number of threads, on every machine, with and without SIMD, in debug and release builds; it changes when
behaviour does."
)]
pub(crate) struct Args {
    /// Threads that share the signatures' positions [default: the number of cores]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Instructions that inference uses [default: the widest that the processor has]
    #[arg(long, value_enum)]
    kernel: Option<KernelName>,
    /// Only the signatures, without measuring speed
    #[arg(long)]
    signature: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum KernelName {
    /// Plain Rust
    Scalar,
    /// 256-bit vectors (AVX2 and BMI)
    Avx2,
    /// 512-bit vectors (AVX-512 F, BW, VL and VNNI)
    Avx512,
}

impl KernelName {
    fn kernel(self) -> anyhow::Result<Kernel> {
        let kernel = match self {
            KernelName::Scalar => Kernel::Scalar,
            KernelName::Avx2 => Kernel::Avx2,
            KernelName::Avx512 => Kernel::Avx512,
        };
        anyhow::ensure!(kernel.is_available(), "this processor lacks the instructions of {kernel:?}");
        Ok(kernel)
    }
}

const VARIANTS: [&str; 3] = ["gardner", "losalamos", "chess"];
const POSITIONS: u64 = 12;
const HIDDEN: usize = 128;

/// The shape of a network that plays a variant.
fn shape(rules: &Rules) -> anyhow::Result<Shape> {
    let letters: String = rules.pieces().iter().map(|p| p.letter).collect();
    Ok(Shape::new(rules.files(), rules.ranks(), &letters, HIDDEN)?)
}

/// Weights that depend only on the shape. The benchmark is about behaviour and speed, so they need no strength.
fn network(shape: &Shape) -> anyhow::Result<Arc<Network>> {
    Ok(Arc::new(FloatNetwork::random(shape, &mut ChaCha8Rng::seed_from_u64(1)).quantise()?))
}

/// A position after random moves.
fn position(rules: &Arc<Rules>, number: u64) -> Game {
    let mut rng = ChaCha8Rng::seed_from_u64(number);
    let mut game = Game::new(Arc::clone(rules));
    for _ in 0..2 * number {
        let mv = game.legal()[rng.random_range(0..game.legal().len() as u32) as usize];
        let mut next = game.clone();
        next.play(mv);
        if next.outcome().is_some() {
            break;
        }
        game = next;
    }
    game
}

/// A kind of search, for its signature.
struct Behaviour {
    /// Whether the networks that it searches with see attacks.
    sees_attacks: bool,
    /// What it does in a position, as bytes.
    of: fn(&Game, NetworkEvaluator) -> Vec<u8>,
}

const TREE_SEARCH: Behaviour = Behaviour { sees_attacks: false, of: of_tree_search };
const ALPHA_BETA: Behaviour = Behaviour { sees_attacks: true, of: of_alphabeta };

fn judgement(game: &Game, evaluator: &mut dyn Evaluator) -> Vec<u8> {
    let (value, priors) = evaluator::look(evaluator, game);
    std::iter::once(value).chain(priors).flat_map(|number| number.to_bits().to_le_bytes()).collect()
}

fn root_moves(game: &Game, report: &RootReport) -> Vec<u8> {
    let mut bytes = Vec::new();
    for m in &report.moves {
        bytes.extend(game.rules().uci(game.position(), m.mv).bytes());
        bytes.extend(m.visits.to_le_bytes());
        bytes.extend(m.value.to_bits().to_le_bytes());
    }
    bytes
}

fn of_tree_search(game: &Game, model: NetworkEvaluator) -> Vec<u8> {
    let rules = game.rules();
    let mut bytes = rules::perft(rules, game.position(), 2).to_le_bytes().to_vec();
    let evaluators: [(Box<dyn Evaluator>, u32); 2] = [(Box::new(model), 400), (Box::new(Rollout::new(rules)), 40)];
    for (mut evaluator, playouts) in evaluators {
        bytes.extend(judgement(game, evaluator.as_mut()));
        let report = Search::default().run(game, evaluator.as_mut(), Limit::Playouts(playouts));
        bytes.extend(root_moves(game, &report));
    }
    bytes
}

fn of_alphabeta(game: &Game, mut model: NetworkEvaluator) -> Vec<u8> {
    let mut bytes = judgement(game, &mut model);
    let report = AlphaBeta::new().run(game, &mut model, 2_000);
    bytes.extend(root_moves(game, &report));
    bytes.extend(report.pv.iter().flat_map(|mv| mv.bits().to_le_bytes()));
    bytes
}

fn signature(catalog: &Catalog, kernel: Kernel, behaviour: &Behaviour) -> anyhow::Result<String> {
    let mut digest = Sha256::new();
    for name in VARIANTS {
        let rules = catalog.rules(name)?;
        let shape = shape(&rules)?;
        let network = network(&if behaviour.sees_attacks { shape.seeing_attacks() } else { shape })?;
        let parts = (0..POSITIONS)
            .into_par_iter()
            .map(|number| {
                let model = NetworkEvaluator::new(Arc::clone(&network), &rules)?.with_kernel(kernel);
                Ok((behaviour.of)(&position(&rules, number), model))
            })
            .collect::<anyhow::Result<Vec<_>>>()?;
        parts.iter().for_each(|part| digest.update(part));
    }
    Ok(digest.finalize().iter().take(8).map(|b| format!("{b:02x}")).collect())
}

/// The signature of this program's tree search, whatever rule files were added to it.
pub(crate) fn own_signature() -> anyhow::Result<String> {
    signature(&Catalog::builtin(), Kernel::best(), &TREE_SEARCH)
}

/// The signatures of this program's tree search and alpha-beta search.
pub(crate) fn own_signatures() -> anyhow::Result<Vec<String>> {
    [TREE_SEARCH, ALPHA_BETA]
        .iter()
        .map(|behaviour| signature(&Catalog::builtin(), Kernel::best(), behaviour))
        .collect()
}

/// How many units of work are done per second, where `work` returns their number. Measured over at least half a second, after one
/// call to warm up.
fn per_second(mut work: impl FnMut() -> u64) -> f64 {
    work();
    let began = Instant::now();
    let mut done = 0;
    while began.elapsed() < Duration::from_millis(500) {
        done += work();
    }
    done as f64 / began.elapsed().as_secs_f64()
}

pub(crate) fn run(args: &Args, catalog: &Catalog) -> anyhow::Result<()> {
    let kernel = args.kernel.map_or(Ok(Kernel::best()), KernelName::kernel)?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(args.threads.unwrap_or(0).into()).build()?;
    let [mcts, alphabeta] =
        [TREE_SEARCH, ALPHA_BETA].map(|behaviour| pool.install(|| signature(catalog, kernel, &behaviour)));
    let signatures = json!({ "mcts": mcts?, "alphabeta": alphabeta? });
    let lines = signatures.as_object().into_iter().flatten();
    if args.signature {
        if args.json {
            return print_json(&json!({ "signatures": signatures }));
        }
        for (search, signature) in lines {
            writeln!(stdout(), "{} {search}", signature.as_str().unwrap_or_default())?;
        }
        return Ok(());
    }
    let mut playouts = serde_json::Map::new();
    let mut nodes = serde_json::Map::new();
    for name in VARIANTS {
        let rules = catalog.rules(name)?;
        let mut evaluator = NetworkEvaluator::new(network(&shape(&rules)?)?, &rules)?.with_kernel(kernel);
        let game = Game::new(rules);
        let speed = per_second(|| {
            let report = Search::default().run(&game, &mut evaluator, Limit::Playouts(10_000));
            u64::from(report.playouts)
        });
        playouts.insert(name.to_owned(), speed.round().into());
        let speed = per_second(|| {
            AlphaBeta::new().run(&game, &mut evaluator, 100_000);
            100_000
        });
        nodes.insert(name.to_owned(), speed.round().into());
    }
    let rules = catalog.rules("gardner")?;
    let mut evaluator = NetworkEvaluator::new(network(&shape(&rules)?)?, &rules)?.with_kernel(kernel);
    let games: Vec<Game> = (0..POSITIONS).map(|n| position(&rules, n)).collect();
    let evaluations = per_second(|| {
        for game in &games {
            std::hint::black_box(evaluator::look(&mut evaluator, game));
        }
        games.len() as u64
    });
    let chess = catalog.rules("chess")?;
    let leaves = per_second(|| rules::perft(&chess, &chess.start(), 4));
    if args.json {
        return print_json(&json!({
            "signatures": signatures,
            "playouts_per_second": playouts,
            "alphabeta_nodes_per_second": nodes,
            "evaluations_per_second": evaluations.round(),
            "perft_nodes_per_second": leaves.round(),
        }));
    }
    let mut out = stdout();
    for (search, signature) in lines {
        writeln!(out, "signature                  {} {search}", signature.as_str().unwrap_or_default())?;
    }
    for (what, speeds) in [("playouts/s", playouts), ("alpha-beta nodes/s", nodes)] {
        for (name, speed) in speeds {
            writeln!(out, "{:<26} {:>12} {name}", format!("{what}, 1 core"), speed.as_f64().unwrap_or(0.0) as u64)?;
        }
    }
    writeln!(out, "evaluations/s, 1 core      {:>12} gardner, hidden {HIDDEN}", evaluations as u64)?;
    writeln!(out, "perft nodes/s, 1 core      {:>12} chess, depth 4", leaves as u64)?;
    Ok(())
}
