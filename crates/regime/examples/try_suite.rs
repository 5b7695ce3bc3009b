//! Plays a suite without the report, for development.
use std::path::Path;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let text = std::fs::read_to_string(&args[1]).unwrap();
    struct Models(String);
    impl evaluator::WeightSource for Models {
        fn load(&self, name: &str) -> Result<evaluator::Loaded, evaluator::WeightsError> {
            evaluator::Paths.load(&format!("{}/{name}", self.0))
        }
    }
    let origin = regime::Origin { source: &args[1], text: &text, signature: "s", version: "v", command: "c" };
    let stress = match regime::Stress::prepare(origin, &rules::Catalog::builtin(), &Models(args[3].clone())) {
        Ok(s) => s,
        Err(e) => {
            eprintln!("{e}");
            std::process::exit(2)
        }
    };
    let resume = args.get(4).is_some();
    if args[2] == "-" {
        eprintln!("prepared");
        return;
    }
    if let Err(e) = stress.run(Path::new(&args[2]), resume, &|_| {}) {
        eprintln!("{e}");
        std::process::exit(2)
    }
    let run = regime::analysis::Run::read(Path::new(&args[2])).unwrap();
    let s = run.summary();
    std::fs::write(Path::new(&args[2]).join("summary.json"), serde_json::to_vec_pretty(&s).unwrap()).unwrap();
    std::fs::write(
        Path::new(&args[2]).join("results.parquet"),
        regime::rows::write_pairs(run.pairs(), &run.card().identity),
    )
    .unwrap();
}
