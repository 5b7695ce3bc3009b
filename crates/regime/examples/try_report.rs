use std::path::Path;
fn main() {
    let dir = std::env::args().nth(1).unwrap();
    let t = std::time::Instant::now();
    let run = regime::analysis::Run::read(Path::new(&dir)).unwrap();
    eprintln!("read {:?}", t.elapsed());
    let s = run.summary();
    eprintln!("summary {:?}", t.elapsed());
    println!("{}", serde_json::to_string_pretty(&s).unwrap());
}
