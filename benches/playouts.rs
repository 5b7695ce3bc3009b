//! Playouts per second: a search of the start from nothing, on one core and with a second one, and evaluations per second of each
//! kernel.
//!
//! `cargo bench --bench playouts`; throughput is in playouts, and in evaluations.

#![allow(missing_docs)]

use std::path::Path;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use evaluator::{Evaluator, FloatNetwork, Kernel, Network, NetworkEvaluator, Rollout, Shape, Uniform};
use rand::SeedableRng as _;
use rules::{Catalog, Game, Rules};
use search::{Limit, Params, Search};

fn shipped(rules: &Arc<Rules>) -> Box<dyn Evaluator> {
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/gardner-1.safetensors");
    Box::new(NetworkEvaluator::new(Arc::new(Network::load(&model).unwrap().0), rules).unwrap())
}

/// A network that knows nothing: for speeds that do not depend on what it says.
fn random(rules: &Arc<Rules>, hidden: usize, kernel: Kernel) -> NetworkEvaluator {
    let letters: String = rules.pieces().iter().map(|p| p.letter).collect();
    let shape = Shape::new(rules.files(), rules.ranks(), &letters, hidden).unwrap();
    let network = FloatNetwork::random(&shape, &mut rand_chacha::ChaCha8Rng::seed_from_u64(1)).quantise().unwrap();
    NetworkEvaluator::new(Arc::new(network), rules).unwrap().with_kernel(kernel)
}

fn playouts(c: &mut Criterion) {
    let catalog = Catalog::builtin();
    let (gardner, chess) = (catalog.rules("gardner").unwrap(), catalog.rules("chess").unwrap());
    let mut group = c.benchmark_group("playouts");
    group.sample_size(20);
    let mut search = |name: &str, rules: &Arc<Rules>, mut evaluator: Box<dyn Evaluator>, playouts: u32| {
        let game = Game::new(Arc::clone(rules));
        group.throughput(Throughput::Elements(playouts.into()));
        group.bench_function(name, |b| {
            b.iter(|| Search::default().run(&game, evaluator.as_mut(), Limit::Playouts(playouts)));
        });
    };
    search("gardner, shipped evaluator", &gardner, shipped(&gardner), 10_000);
    search("gardner, zero", &gardner, Box::new(Uniform::new(&gardner)), 10_000);
    search("gardner, rollout", &gardner, Box::new(Rollout::new(&gardner)), 2_000);
    search("chess, random network, hidden 256", &chess, Box::new(random(&chess, 256, Kernel::best())), 10_000);
    search("gardner, shipped evaluator, 500 000 playouts", &gardner, shipped(&gardner), 500_000);
    let game = Game::new(Arc::clone(&gardner));
    for threads in [1, 2] {
        let mut evaluators: Vec<_> = (0..threads).map(|_| shipped(&gardner)).collect();
        let params = Params { batch: 256, ..Params::default() };
        group.bench_function(
            format!("gardner, shipped evaluator, 500 000 playouts, batches, {threads} threads"),
            |b| {
                b.iter(|| Search::new(params).unwrap().run_on(&game, &mut evaluators, Limit::Playouts(500_000)));
            },
        );
    }
    group.finish();
}

fn evaluations(c: &mut Criterion) {
    let chess = Catalog::builtin().rules("chess").unwrap();
    // 32 men, 32 legal moves.
    let fen = "r1bq1rk1/pp2bppp/2n1pn2/2pp4/3P1B2/2PBPN2/PP1N1PPP/R2QK2R w KQ - 0 8";
    let game = Game::from_position(Arc::clone(&chess), chess.parse_fen(fen).unwrap());
    let mut moves = game.legal().to_vec();
    moves.truncate(32);
    assert_eq!(moves.len(), 32);
    let mut priors = vec![0.0; moves.len()];
    let mut group = c.benchmark_group("evaluation, chess, 32 moves");
    group.throughput(Throughput::Elements(1));
    for hidden in [128, 256] {
        for kernel in [Kernel::Scalar, Kernel::Avx2, Kernel::Avx512].into_iter().filter(|k| k.is_available()) {
            let mut evaluator = random(&chess, hidden, kernel);
            group.bench_function(format!("hidden {hidden}, {kernel:?}"), |b| {
                b.iter(|| evaluator.evaluate(&chess, game.position(), &moves, &mut priors));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, playouts, evaluations);
criterion_main!(benches);
