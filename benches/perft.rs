//! Perft of one core, in leaves per second, beside other programs.
//!
//! `cargo bench --bench perft`. Chess is counted beside cozy-chess and shakmaty, both with the last ply counted in bulk and with
//! every leaf played; the variants are counted beside Fairy-Stockfish, run as a child process: `fairy-stockfish` on the path, in
//! `/usr/games` (where Debian's package puts it), or what `FAIRY_STOCKFISH` names. A table of medians ends the output.

#![allow(missing_docs)]

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use rules::{Catalog, Position, Rules};

const OURS: &str = "interregnum";
const KIWIPETE: &str = "r3k2r/p1ppqpb1/bn2pnp1/3PN3/1p2P3/2N2Q1p/PPPBBPPP/R3K2R w KQkq - 0 1";

/// Variants and depths at which Fairy-Stockfish takes a tenth of a second to a second.
const VARIANTS: [(&str, u32); 14] = [
    ("gardner", 7),
    ("losalamos", 6),
    ("minishogi", 6),
    ("antichess", 5),
    ("atomic", 5),
    ("crazyhouse", 5),
    ("kingofthehill", 5),
    ("3check", 5),
    ("shatranj", 5),
    ("makruk", 5),
    ("breakthrough", 5),
    ("capablanca", 4),
    ("xiangqi", 4),
    ("shogi", 4),
];

/// Leaves below a variant's start position, whatever word its board takes.
fn count(catalog: &Catalog, name: &str, depth: u32) -> u64 {
    rules::with_rules!(catalog.any(name).unwrap(), rules => rules::perft(&*rules, &rules.start(), depth))
}

/// How a peer counts the leaves below a FEN: in bulk at the last ply, or with every leaf played.
type Perft = fn(fen: &str, depth: u32, bulk: bool) -> u64;

const PEERS: [(&str, Perft); 2] = [("cozy-chess", cozy::perft), ("shakmaty", shak::perft)];

mod cozy {
    use cozy_chess::Board;

    pub fn perft(fen: &str, depth: u32, bulk: bool) -> u64 {
        let board = Board::from_fen(fen, false).unwrap();
        if bulk { counted(&board, depth) } else { played(&board, depth) }
    }

    fn counted(board: &Board, depth: u32) -> u64 {
        let mut nodes = 0;
        board.generate_moves(|moves| {
            if depth == 1 {
                nodes += moves.len() as u64;
            } else {
                for mv in moves {
                    let mut next = board.clone();
                    next.play_unchecked(mv);
                    nodes += counted(&next, depth - 1);
                }
            }
            false
        });
        nodes
    }

    fn played(board: &Board, depth: u32) -> u64 {
        if depth == 0 {
            return 1;
        }
        let mut nodes = 0;
        board.generate_moves(|moves| {
            for mv in moves {
                let mut next = board.clone();
                next.play_unchecked(mv);
                nodes += played(std::hint::black_box(&next), depth - 1);
            }
            false
        });
        nodes
    }
}

mod shak {
    use shakmaty::fen::Fen;
    use shakmaty::{CastlingMode, Chess, Position};

    pub fn perft(fen: &str, depth: u32, bulk: bool) -> u64 {
        let position: Chess = fen.parse::<Fen>().unwrap().into_position(CastlingMode::Standard).unwrap();
        if bulk { shakmaty::perft(&position, depth) } else { played(&position, depth) }
    }

    fn played(position: &Chess, depth: u32) -> u64 {
        if depth == 0 {
            return 1;
        }
        let mut nodes = 0;
        for mv in &position.legal_moves() {
            let mut next = position.clone();
            next.play_unchecked(*mv);
            nodes += played(std::hint::black_box(&next), depth - 1);
        }
        nodes
    }
}

/// Fairy-Stockfish as a child process.
struct Fairy {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    name: String,
    variants: Vec<String>,
}

impl Fairy {
    /// Starts the program, or says why not.
    fn start() -> Option<Fairy> {
        let named = std::env::var("FAIRY_STOCKFISH").ok();
        let places = named.iter().map(String::as_str).chain(["fairy-stockfish", "/usr/games/fairy-stockfish"]);
        let started =
            places.into_iter().find_map(|p| Command::new(p).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok());
        let Some(mut child) = started else {
            say(
                "fairy-stockfish is not installed (Debian: `apt-get install fairy-stockfish`): the variants are counted alone",
            );
            return None;
        };
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut fairy = Fairy { child, input, output, name: String::new(), variants: Vec::new() };
        fairy.send("uci");
        let lines = fairy.lines_to("uciok");
        for line in &lines {
            if let Some(name) = line.strip_prefix("id name ") {
                name.clone_into(&mut fairy.name);
            } else if line.starts_with("option name UCI_Variant ") {
                fairy.variants = line.split(" var ").skip(1).map(|v| v.trim().to_owned()).collect();
            }
        }
        Some(fairy)
    }

    fn send(&mut self, command: &str) {
        writeln!(self.input, "{command}").unwrap();
        self.input.flush().unwrap();
    }

    /// The lines up to one that begins with `end`, which is the last.
    fn lines_to(&mut self, end: &str) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            assert!(self.output.read_line(&mut line).unwrap() > 0, "fairy-stockfish ended before `{end}`");
            lines.push(line.trim_end().to_owned());
            if line.starts_with(end) {
                return lines;
            }
        }
    }

    fn set(&mut self, variant: &str) {
        self.send(&format!("setoption name UCI_Variant value {variant}"));
        self.send("position startpos");
        self.send("isready");
        self.lines_to("readyok");
    }

    fn perft(&mut self, depth: u32) -> u64 {
        self.send(&format!("go perft {depth}"));
        let last = self.lines_to("Nodes searched").pop().unwrap();
        last.rsplit(' ').next().unwrap().parse().unwrap()
    }
}

impl Drop for Fairy {
    fn drop(&mut self) {
        let _ = writeln!(self.input, "quit");
        let _ = self.child.wait();
    }
}

/// What was measured: (what was counted, by whom, leaves, seconds a run).
type Row = (String, String, u64, f64);

thread_local! {
    static TABLE: RefCell<Vec<Row>> = const { RefCell::new(Vec::new()) };
}

fn say(line: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// Times `perft` with criterion and keeps the median for the table.
fn measure(group: &mut BenchmarkGroup<WallTime>, what: &str, who: &str, nodes: u64, mut perft: impl FnMut() -> u64) {
    let mut samples = Vec::new();
    group.throughput(Throughput::Elements(nodes));
    group.bench_function(who, |b| {
        b.iter_custom(|iterations| {
            let start = Instant::now();
            for _ in 0..iterations {
                assert_eq!(std::hint::black_box(perft()), nodes, "{what}: the programs count differently");
            }
            let time = start.elapsed();
            samples.push(time.as_secs_f64() / iterations as f64);
            time
        });
    });
    samples.sort_by(f64::total_cmp);
    if let Some(median) = samples.get(samples.len() / 2) {
        TABLE.with_borrow_mut(|t| t.push((what.to_owned(), who.to_owned(), nodes, *median)));
    }
}

fn group<'a>(c: &'a mut Criterion, name: &str) -> BenchmarkGroup<'a, WallTime> {
    let mut group = c.benchmark_group(name);
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    group.warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(3));
    group
}

fn chess(c: &mut Criterion) {
    let rules = Catalog::builtin().rules("chess").unwrap();
    let ours: fn(&Rules, &Position, u32) -> u64 = rules::perft;
    let played: fn(&Rules, &Position, u32) -> u64 = rules::perft_made;
    let cases = [
        ("chess depth 6", rules.start_fen(), 6, true, 119_060_324),
        ("Kiwipete depth 5", KIWIPETE, 5, true, 193_690_690),
        ("chess depth 5, leaves played", rules.start_fen(), 5, false, 4_865_609),
        ("Kiwipete depth 4, leaves played", KIWIPETE, 4, false, 4_085_603),
    ];
    for (what, fen, depth, bulk, nodes) in cases {
        let mut group = group(c, what);
        let position = rules.parse_fen(fen).unwrap();
        let function = if bulk { ours } else { played };
        measure(&mut group, what, OURS, nodes, || function(&rules, &position, depth));
        for (peer, perft) in PEERS {
            measure(&mut group, what, peer, nodes, || perft(fen, depth, bulk));
        }
        group.finish();
    }
}

fn variants(c: &mut Criterion) {
    let catalog = Catalog::builtin();
    let mut fairy = Fairy::start();
    for (name, depth) in VARIANTS {
        if !catalog.names().any(|n| n == name) {
            say(&format!("{name} is not built in: skipped"));
            continue;
        }
        let what = format!("{name} depth {depth}");
        let nodes = count(&catalog, name, depth);
        let mut group = group(c, &what);
        measure(&mut group, &what, OURS, nodes, || count(&catalog, name, depth));
        if let Some(fairy) = &mut fairy {
            let peer = fairy.name.clone();
            if !fairy.variants.iter().any(|v| v == name) {
                say(&format!("{peer} has no {name}: counted alone"));
            } else {
                fairy.set(name);
                let theirs = fairy.perft(depth);
                if theirs == nodes {
                    measure(&mut group, &what, &peer, nodes, || fairy.perft(depth));
                } else {
                    say(&format!("{peer} plays another {name} ({theirs} leaves, not {nodes}): counted alone"));
                }
            }
        }
        group.finish();
    }
}

fn table(_: &mut Criterion) {
    TABLE.with_borrow(|rows| {
        if rows.is_empty() {
            return;
        }
        say("\n| perft | leaves | program | million leaves/s | ratio to it |\n| --- | ---: | --- | ---: | ---: |");
        for (what, who, nodes, seconds) in rows {
            let own = rows.iter().find(|(w, o, ..)| w == what && o == OURS);
            let ratio = own.map_or_else(String::new, |(.., own)| format!("{:.2}", seconds / own));
            say(&format!("| {what} | {nodes} | {who} | {:.1} | {ratio} |", *nodes as f64 / seconds / 1e6));
        }
    });
}

criterion_group!(benches, chess, variants, table);
criterion_main!(benches);
