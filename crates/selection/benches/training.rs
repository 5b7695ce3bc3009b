//! Training positions per second on one thread: gradient steps on positions of self-play.
//!
//! `cargo bench -p selection --features torch --bench training`

#![allow(missing_docs)]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use evaluator::FloatNetwork;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use rules::Catalog;
use selection::{Config, Trainer, play_games, regimes};
use std::hint::black_box;
use std::sync::Arc;

const CONFIG: &str = r#"
variant = "VARIANT"
seed = 1
generations = 1
network = { hidden = 128 }
self_play = { games = 100, playouts = 50, random_plies = 4, temperature_plies = 12, noise_share = 0.25, noise_concentration = 10.0, max_plies = 200 }
training = { window = 1, batch = BATCH, reuse = 1.0, learning_rate = 1e-3, final_learning_rate = 1e-3, weight_decay = 1e-4, search_value_share = 0.3 }
gate = { pairs = 1, playouts = 1, threshold = 0.5 }
"#;

fn training(c: &mut Criterion) {
    let mut group = c.benchmark_group("training, hidden 128");
    for (variant, batch) in [("gardner", 512), ("gardner", 2048), ("losalamos", 1024), ("chess", 1024)] {
        let rules = Catalog::builtin().rules(variant).unwrap();
        let text = CONFIG.replace("VARIANT", variant).replace("BATCH", &batch.to_string());
        let config = Config::from_toml("bench", &text).unwrap();
        let (regimes, shape) = regimes(&config, &[rules]).unwrap();
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let network = Arc::new(FloatNetwork::random(&shape, &mut rng).quantise().unwrap());
        let samples =
            play_games(&regimes, &network, &config.self_play, None, (1, 1), 0..config.self_play.games, &|_| ()).samples;
        let mut trainer = Trainer::new(&shape, &mut rng);
        const STEPS: u64 = 20;
        group.throughput(Throughput::Elements(STEPS * batch as u64)).sample_size(10);
        group.bench_function(format!("{variant}, batch {batch}"), |b| {
            b.iter(|| {
                black_box(trainer.train(&[&samples], STEPS, &config.training, 1e-3, &mut rng, &|_, _| ()).unwrap())
            });
        });
    }
}

criterion_group!(benches, training);
criterion_main!(benches);
