//! `interregnum bench`

use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use evaluator::{Evaluator, FloatNetwork, Kernel, Network, NetworkEvaluator, Rollout, Shape};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use rules::{Catalog, Game, Rules};
use search::{Limit, Search};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{print_json, stdout};

/// Signature of behaviour, and speed.
#[derive(clap::Args)]
#[command(
    after_help = "The signature is a hash over move counts, evaluations and searches of fixed positions with fixed weights. It is the same for
any number of threads, on every machine, with and without SIMD, in debug and release builds; it changes when behaviour does."
)]
pub(crate) struct Args {
    /// Threads that share the signature's positions [default: the number of cores]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Instructions that inference uses [default: the widest that the processor has]
    #[arg(long, value_enum)]
    kernel: Option<KernelName>,
    /// Only the signature, without measuring speed
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

/// Weights that depend only on the variant. The benchmark is about behaviour and speed, so they need no strength.
fn network(rules: &Rules) -> anyhow::Result<Arc<Network>> {
    let letters: String = rules.pieces().iter().map(|p| p.letter).collect();
    let shape = Shape::new(rules.files(), rules.ranks(), &letters, HIDDEN)?;
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    Ok(Arc::new(FloatNetwork::random(&shape, &mut rng).quantise()?))
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

fn position_signature(game: &Game, network: &Arc<Network>, kernel: Kernel) -> anyhow::Result<Vec<u8>> {
    let rules = game.rules();
    let mut bytes = rules::perft(rules, game.position(), 2).to_le_bytes().to_vec();
    let model = NetworkEvaluator::new(Arc::clone(network), rules)?.with_kernel(kernel);
    let evaluators: [(Box<dyn Evaluator>, u32); 2] = [(Box::new(model), 400), (Box::new(Rollout::new(rules)), 40)];
    for (mut evaluator, playouts) in evaluators {
        let (value, priors) = evaluator::look(evaluator.as_mut(), game);
        bytes.extend(value.to_bits().to_le_bytes());
        bytes.extend(priors.iter().flat_map(|p| p.to_bits().to_le_bytes()));
        let report = Search::default().run(game, evaluator.as_mut(), Limit::Playouts(playouts));
        for m in &report.moves {
            bytes.extend(rules.uci(game.position(), m.mv).bytes());
            bytes.extend(m.visits.to_le_bytes());
            bytes.extend(m.value.to_bits().to_le_bytes());
        }
    }
    Ok(bytes)
}

fn signature(catalog: &Catalog, kernel: Kernel) -> anyhow::Result<String> {
    let mut digest = Sha256::new();
    for name in VARIANTS {
        let rules = catalog.rules(name)?;
        let network = network(&rules)?;
        let parts = (0..POSITIONS)
            .into_par_iter()
            .map(|number| position_signature(&position(&rules, number), &network, kernel))
            .collect::<anyhow::Result<Vec<_>>>()?;
        parts.iter().for_each(|part| digest.update(part));
    }
    Ok(digest.finalize().iter().take(8).map(|b| format!("{b:02x}")).collect())
}

/// How many units of work are done per second, where `work` returns their number. Measured over at least half a second, after one
/// The signature of this program, whatever rule files were added to it.
pub(crate) fn own_signature() -> anyhow::Result<String> {
    signature(&Catalog::builtin(), Kernel::best())
}

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
    let signature = pool.install(|| signature(catalog, kernel))?;
    if args.signature {
        if args.json {
            return print_json(&json!({ "signature": signature }));
        }
        writeln!(stdout(), "{signature}")?;
        return Ok(());
    }
    let mut playouts = serde_json::Map::new();
    for name in VARIANTS {
        let rules = catalog.rules(name)?;
        let mut evaluator = NetworkEvaluator::new(network(&rules)?, &rules)?.with_kernel(kernel);
        let game = Game::new(rules);
        let speed = per_second(|| {
            let report = Search::default().run(&game, &mut evaluator, Limit::Playouts(10_000));
            u64::from(report.playouts)
        });
        playouts.insert(name.to_owned(), speed.round().into());
    }
    let rules = catalog.rules("gardner")?;
    let mut evaluator = NetworkEvaluator::new(network(&rules)?, &rules)?.with_kernel(kernel);
    let games: Vec<Game> = (0..POSITIONS).map(|n| position(&rules, n)).collect();
    let evaluations = per_second(|| {
        for game in &games {
            std::hint::black_box(evaluator::look(&mut evaluator, game));
        }
        games.len() as u64
    });
    let chess = catalog.rules("chess")?;
    let nodes = per_second(|| rules::perft(&chess, &chess.start(), 4));
    if args.json {
        return print_json(&json!({
            "signature": signature,
            "playouts_per_second": playouts,
            "evaluations_per_second": evaluations.round(),
            "perft_nodes_per_second": nodes.round(),
        }));
    }
    let mut out = stdout();
    writeln!(out, "signature             {signature}")?;
    for (name, speed) in playouts {
        writeln!(out, "playouts/s, 1 core    {:>12} {name}", speed.as_f64().unwrap_or(0.0) as u64)?;
    }
    writeln!(out, "evaluations/s, 1 core {:>12} gardner, hidden {HIDDEN}", evaluations as u64)?;
    writeln!(out, "perft nodes/s, 1 core {:>12} chess, depth 4", nodes as u64)?;
    Ok(())
}
