//! Playouts per second of one core: Gardner with the shipped evaluator (hidden 128), without knowledge, and with rollouts.
//!
//! `cargo bench --bench playouts`; throughput is in playouts.

#![allow(missing_docs)]

use std::path::Path;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use evaluator::{Evaluator, Network, NetworkEvaluator, Rollout, Uniform};
use rules::{Catalog, Game};
use search::{Limit, Params, Search};

const PLAYOUTS: u32 = 10_000;

fn playouts(c: &mut Criterion) {
    let rules = Catalog::builtin().rules("gardner").unwrap();
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/gardner-1.safetensors");
    let network = Arc::new(Network::load(&model).unwrap().0);
    let game = Game::new(Arc::clone(&rules));
    let mut group = c.benchmark_group("gardner");
    group.throughput(Throughput::Elements(PLAYOUTS.into())).sample_size(20);
    let evaluators: [(&str, Box<dyn Evaluator>); 3] = [
        ("model", Box::new(NetworkEvaluator::new(network, &rules).unwrap())),
        ("zero", Box::new(Uniform::new(&rules))),
        ("rollout", Box::new(Rollout::new(&rules))),
    ];
    for (name, mut evaluator) in evaluators {
        group.bench_function(name, |b| {
            b.iter(|| {
                let mut search = Search::new(Params::default());
                search.run(&game, evaluator.as_mut(), Limit::Playouts(PLAYOUTS))
            });
        });
    }
    group.finish();
}

criterion_group!(benches, playouts);
criterion_main!(benches);
