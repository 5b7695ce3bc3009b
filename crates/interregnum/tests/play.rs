//! The local page as a program: what it serves, what it refuses, and whether hostile requests harm it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// A server of the page, which ends with the test.
struct Server {
    child: Child,
    port: u16,
    token: String,
}

/// Status, head and body of an answer.
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Server {
    fn start(args: &[&str]) -> Server {
        let mut child = Command::new(env!("CARGO_BIN_EXE_interregnum"))
            .arg("play")
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("http://127.0.0.1:").expect("an address is printed");
        let (port, token) = address.trim_end_matches('/').split_once('/').unwrap();
        Server { port: port.parse().unwrap(), token: token.to_owned(), child }
    }

    /// Sends bytes as they are, and reads until the server closes or `Content-Length` bytes of body have come.
    fn raw(&self, bytes: &[u8]) -> Option<Answer> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        // A server that refuses early may close before everything is sent.
        let _ = stream.write_all(bytes);
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let text = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = text.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some(Answer { status, head: head.to_owned(), body: body.to_owned() })
    }

    fn request(&self, method: &str, path: &str, headers: &str, body: &str) -> Answer {
        let (port, length) = (self.port, body.len());
        let text = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
        );
        self.raw(text.as_bytes()).expect("an answer")
    }

    fn get(&self, path: &str) -> Answer {
        self.request("GET", &format!("/{}/{path}", self.token), "", "")
    }

    fn post(&self, what: &str, body: &str) -> Answer {
        self.request("POST", &format!("/{}/api/{what}", self.token), "Content-Type: application/json\r\n", body)
    }

    /// The value that is answered, which must be no refusal.
    fn ask(&self, what: &str, body: &Value) -> Value {
        let answer = self.post(what, &body.to_string());
        assert_eq!(answer.status, 200, "{what} {body}: {}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    }

    /// Asks until a search is over.
    fn search(&self, what: &str, purpose: &str, body: &Value) -> Value {
        let mut state = self.ask(what, body);
        let began = Instant::now();
        while state["done"] != true {
            assert!(began.elapsed() < Duration::from_secs(60), "{what}: no end");
            let asked = json!({ "session": body["session"], "purpose": purpose, "seen": state["version"] });
            state = self.ask("search", &asked);
        }
        state["result"].clone()
    }

    /// Memory in use, in KiB.
    fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn game(variant: &str, moves: &[&str]) -> Value {
    json!({ "segments": [{ "rules": { "variant": variant }, "moves": moves }] })
}

const SESSION: &str = "abcdef0123456789";

#[test]
fn the_page_and_its_files_come_from_the_program_and_load_nothing_else() {
    let server = Server::start(&[]);
    let page = server.get("");
    assert!(page.status == 200 && page.body.contains("id=\"piece-k\""));
    for needed in
        ["Content-Security-Policy: default-src 'none'", "X-Content-Type-Options: nosniff", "Cache-Control: no-store"]
    {
        assert!(page.head.contains(needed), "{needed}");
    }
    let files =
        page.body.split('"').filter(|text| text.ends_with(".css") || text.ends_with(".js") || text.ends_with(".svg"));
    let mut files: Vec<String> = files.map(str::to_owned).collect();
    assert!(files.len() >= 4);
    // Modules name further modules.
    let mut at = 0;
    while at < files.len() {
        let found = server.get(&files[at]);
        assert_eq!(found.status, 200, "{}", files[at]);
        for name in
            found.body.split('\'').filter_map(|text| text.strip_prefix("./")).filter(|name| name.ends_with(".js"))
        {
            if !files.iter().any(|known| known == name) {
                files.push(name.to_owned());
            }
        }
        at += 1;
    }
    assert!(files.len() > 10, "{files:?}");
    for missing in ["main.rs", "../Cargo.toml", "%2e%2e/mod.rs", "index.html", "api/world"] {
        assert!([404, 405].contains(&server.get(missing).status), "{missing}");
    }
}

#[test]
fn only_its_own_pages_are_answered() {
    let server = Server::start(&[]);
    let path = format!("/{}/api/world", server.token);
    let ask = |host: &str, headers: &str, path: &str| {
        let text = format!("POST {path} HTTP/1.1\r\n{host}{headers}Connection: close\r\nContent-Length: 2\r\n\r\n{{}}");
        server.raw(text.as_bytes()).unwrap().status
    };
    let own = format!("Host: localhost:{}\r\n", server.port);
    let typed = "Content-Type: application/json\r\n";
    assert_eq!(ask(&own, typed, &path), 200);
    assert_eq!(ask(&own, &format!("{typed}Origin: http://localhost:{}\r\n", server.port), &path), 200);
    assert_eq!(ask("Host: evil.example\r\n", typed, &path), 403);
    assert_eq!(ask("", typed, &path), 400);
    assert_eq!(ask(&own, &format!("{typed}Origin: http://evil.example\r\n"), &path), 403);
    assert_eq!(ask(&own, &format!("{typed}Origin: null\r\n"), &path), 403);
    assert_eq!(ask(&own, &format!("{typed}Sec-Fetch-Site: cross-site\r\n"), &path), 403);
    assert_eq!(ask(&own, "", &path), 415);
    assert_eq!(ask(&own, "Content-Type: text/plain\r\n", &path), 415);
    assert_eq!(ask(&own, typed, "/api/world"), 403);
    assert_eq!(ask(&own, typed, &path.replace(&server.token[..4], "0000")), 403);
    assert_eq!(server.request("DELETE", &path, "", "").status, 405);
    // It listens on the loopback interface alone.
    let sockets = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let listening = format!(":{:04X} 00000000:0000 0A", server.port);
    assert!(sockets.lines().any(|line| line.contains(&format!("0100007F{listening}"))));
    assert!(!sockets.lines().any(|line| line.contains(&format!("00000000{listening}"))));
}

#[test]
fn every_variant_is_shown_with_its_legal_moves() {
    let server = Server::start(&[]);
    let world = server.ask("world", &json!({}));
    let names: Vec<&str> = world["families"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|f| f["names"].as_array().unwrap())
        .filter_map(Value::as_str)
        .collect();
    assert!(names.len() > 100);
    for name in names {
        let state = server.ask("game", &json!({ "record": game(name, &[]) }));
        let legal = state["legal"].as_array().unwrap();
        assert!(!legal.is_empty(), "{name}");
        let first = legal[legal.len() / 2]["u"].as_str().unwrap();
        let next = server.ask("game", &json!({ "record": game(name, &[first]) }));
        assert_eq!(next["plies"].as_array().unwrap().len(), 1, "{name}");
        assert!(next["men"].as_array().unwrap().iter().all(|man| man.as_array().unwrap().len() == 5), "{name}");
    }
    let shown = |variant: &str, moves: &[&str]| server.ask("game", &json!({ "record": game(variant, moves) }));
    let crazyhouse = shown("crazyhouse", &["e2e4", "d7d5", "e4d5", "d8d5"]);
    assert_eq!(crazyhouse["hands"][0][0][0], "P");
    assert!(
        crazyhouse["legal"].as_array().unwrap().iter().any(|m| m["d"] == "P" && m["t"] == "e4" && m["f"].is_null())
    );
    assert!(shown("duck", &[])["legal"].as_array().unwrap().iter().all(|m| m["w"].is_string()));
    assert!(shown("janggi", &[])["legal"].as_array().unwrap().iter().any(|m| m["z"] == true));
    let gates = shown("seirawan", &[]);
    assert!(gates["legal"].as_array().unwrap().iter().any(|m| m["x"].as_str().unwrap().starts_with("leave the")));
}

#[test]
fn opponents_move_and_minds_are_read_before_and_after_a_change() {
    let server = Server::start(&[]);
    let frozen = json!({ "agent": "frozen", "files": { "inherited": "gardner-1" }, "playouts": 64 });
    let body = json!({ "session": SESSION, "record": game("gardner", &["b2b3"]), "player": frozen, "seed": 1 });
    let chosen = server.search("move", "move", &body);
    let again = server.search("move", "move", &body);
    assert!(chosen["uci"].is_string() && chosen == again);
    // In antichess a capture must be made, which a search under the old rules does not know.
    let antichess = server.ask("world", &json!({}))["changes"]
        .as_array()
        .unwrap()
        .iter()
        .find(|c| c["name"] == "antichess")
        .unwrap()
        .clone();
    let record = json!({ "segments": [
        { "rules": { "variant": "gardner" }, "moves": ["b2b3", "a4b3"] },
        { "rules": antichess["after"], "moves": [] },
    ] });
    let state = server.ask("game", &json!({ "record": record }));
    assert!(state["segments"][1]["changes"].to_string().contains("mustCapture"));
    assert_eq!(state["legal"].as_array().unwrap().len(), 2);
    let minds = json!([
        { "agent": "frozen", "files": { "inherited": "gardner-1" }, "playouts": 0 },
        { "agent": "reselected", "files": antichess["files"], "playouts": 0 },
        { "agent": "reselected", "files": {}, "playouts": 0 },
    ]);
    let asked = json!({ "session": SESSION, "record": record, "asked": { "minds": minds, "playouts": 100 } });
    let found = server.search("minds", "minds", &asked);
    let minds = found["minds"].as_array().unwrap();
    assert_eq!(minds[0]["search"]["playouts"], 100);
    assert_eq!(minds[0]["origins"][0]["before"], true);
    assert_eq!(minds[1]["origins"][0]["now"], true);
    assert!(minds[0]["stale"]["verdict"].is_string());
    // Positions: three before the change, and the last of them again under the new rules.
    assert_eq!(minds[0]["along"].as_array().unwrap().len(), 4);
    assert!(minds[2]["error"].as_str().unwrap().contains("needs an evaluator"));
    let large = json!({ "session": SESSION, "record": game("shogi", &[]), "player": { "agent": "material", "playouts": 20 }, "seed": 1 });
    assert!(server.search("move", "move", &large)["uci"].is_string());
    let stranger = json!({ "agent": "frozen", "files": { "inherited": "/etc/passwd" }, "playouts": 1 });
    let refused = server.post(
        "move",
        &json!({ "session": SESSION, "record": game("gardner", &[]), "player": stranger, "seed": 1 }).to_string(),
    );
    assert!(refused.status == 422 && refused.body.contains("no evaluator"), "{}", refused.body);
}

#[test]
fn positions_in_which_the_evaluator_is_confidently_wrong_can_be_walked_through() {
    let server = Server::start(&["quick:hill"]);
    let world = server.ask("world", &json!({}));
    assert_eq!(world["start"]["rules"]["name"], "hill");
    let found = server.ask("confident", &json!({}));
    let positions = found["positions"].as_array().unwrap();
    assert!(positions.len() >= 10, "{}", positions.len());
    for position in positions {
        let ply = position["ply"].as_u64().unwrap() as usize;
        let moves = &position["moves"].as_array().unwrap()[..ply];
        let record = json!({ "fen": position["fen"], "before": position["before"], "segments": [{ "rules": position["rules"], "moves": moves }] });
        let state = server.ask("game", &json!({ "record": record }));
        assert!(state["ending"].is_null() && state["turn"] == position["color"]);
        assert!(position["estimate"].as_f64().unwrap() >= 0.7);
    }
}

/// Sends 1,000 requests that nobody would send in good faith.
#[test]
fn a_thousand_hostile_requests_are_refused_and_leave_nothing_behind() {
    let server = Server::start(&[]);
    server.ask("game", &json!({ "record": game("gardner", &[]) }));
    let (port, token) = (server.port, &server.token);
    let head = |method: &str, path: &str, more: &str| {
        format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{more}\r\n").into_bytes()
    };
    let api = |what: &str, body: &[u8]| {
        let start = format!(
            "POST /{token}/api/{what} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        [start.into_bytes(), body.to_vec()].concat()
    };
    let deep = format!("{{\"record\":{}", "[".repeat(100_000));
    let long_name = json!({ "record": game(&"x".repeat(50_000), &[]) }).to_string();
    let markup = json!({ "record": game("<script>alert(1)</script>", &[]) }).to_string();
    let many_moves = json!({ "record": game("gardner", &vec!["b2b3"; 20_000]) }).to_string();
    let many_parts =
        json!({ "record": { "segments": vec![json!({ "rules": { "variant": "gardner" } }); 500] } }).to_string();
    let huge_edit = json!({ "rules": { "variant": "gardner" }, "text": "a = b\n".repeat(10_000) }).to_string();
    let bad_edit = json!({ "record": { "segments": [{ "rules": { "variant": "gardner", "edit": { "maxRank": "4000000000", "x\n[y]": "z" } } }] } }).to_string();
    let bad_worth =
        json!({ "record": { "segments": [{ "rules": { "variant": "gardner", "payoff": { "checkmate": 1e300 } } }] } })
            .to_string();
    let bad_fen =
        json!({ "record": { "fen": "9".repeat(300), "segments": [{ "rules": { "variant": "chess" } }] } }).to_string();
    let bad_session =
        json!({ "session": "../../etc", "record": game("gardner", &[]), "player": { "agent": "random" }, "seed": 1 })
            .to_string();
    let no_agent =
        json!({ "session": SESSION, "record": game("gardner", &[]), "player": { "agent": "nobody" }, "seed": 1 })
            .to_string();
    let many_minds = json!({ "session": SESSION, "record": game("gardner", &[]), "asked": { "minds": vec![json!({ "agent": "zero" }); 50], "playouts": 4_000_000_000_u32 } }).to_string();
    let requests: Vec<Vec<u8>> = vec![
        b"\0\0\0\0\r\n\r\n".to_vec(),
        b"GET\r\n\r\n".to_vec(),
        b"\xff\xfe / HTTP/1.1\r\n\r\n".to_vec(),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(),
        head("GET", "/", ""),
        head("GET", "/etc/passwd", ""),
        head("GET", &format!("/{token}/../../etc/passwd"), ""),
        head("GET", &format!("/{token}/%00"), ""),
        head("GET", &format!("/{token}/{}", "a/".repeat(3000)), ""),
        head("TRACE", &format!("/{token}/"), ""),
        head("OPTIONS", &format!("/{token}/api/game"), "Access-Control-Request-Method: POST\r\n"),
        head("GET", &format!("/{token}/"), &"X: y\r\n".repeat(2000)),
        head("GET", &format!("/{token}/"), &format!("X: {}\r\n", "y".repeat(100_000))),
        head("GET", &format!("/{token}/"), "X: \x01\r\n"),
        head("POST", &format!("/{token}/api/game"), "Content-Length: 99999999999\r\n"),
        head("POST", &format!("/{token}/api/game"), "Content-Length: ten\r\n"),
        head("POST", &format!("/{token}/api/game"), "Transfer-Encoding: chunked\r\n"),
        head("POST", &format!("/{token}/api/game"), "Content-Length: 5000\r\n"),
        head("POST", &format!("/{token}/api/game"), ""),
        format!("GET /{token}/ HTTP/1.1\r\nHost: evil.example\r\n\r\n").into_bytes(),
        format!("GET /{token}/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://evil.example\r\n\r\n").into_bytes(),
        api("game", b""),
        api("game", b"\xff\xff"),
        api("game", b"null"),
        api("game", b"{\"record\":{\"segments\":[]}}"),
        api("game", b"{\"record\":{\"segments\":[{}]},\"more\":1}"),
        api("game", deep.as_bytes()),
        api("game", &vec![b' '; 300_000]),
        api("game", long_name.as_bytes()),
        api("game", markup.as_bytes()),
        api("game", many_moves.as_bytes()),
        api("game", many_parts.as_bytes()),
        api("game", bad_edit.as_bytes()),
        api("game", bad_worth.as_bytes()),
        api("game", bad_fen.as_bytes()),
        api("edit", huge_edit.as_bytes()),
        api("read-pgn", b"{\"text\":7}"),
        api("check", b"[]"),
        api("move", bad_session.as_bytes()),
        api("move", no_agent.as_bytes()),
        api("minds", many_minds.as_bytes()),
        api("search", b"{\"session\":\"nobody00\",\"purpose\":\"move\"}"),
        api("run", b"{\"run\":99999}"),
        api("../game", b"{}"),
        api("nonesuch", b"{}"),
    ];
    let mut before = 0;
    for number in 0..1000 {
        let request = &requests[number % requests.len()];
        let shown = String::from_utf8_lossy(&request[..request.len().min(200)]).into_owned();
        let answer = server.raw(request).unwrap_or_else(|| panic!("no answer to {shown}"));
        assert!((400..500).contains(&answer.status), "{}: {shown}", answer.status);
        let why: Value = serde_json::from_str(&answer.body).unwrap_or_else(|_| panic!("no JSON to {shown}"));
        assert!(why["error"].as_str().is_some_and(|why| !why.is_empty() && why.len() < 2000), "{shown}");
        // What is taken once for caches and threads does not count.
        if number == 200 {
            before = server.memory();
        }
    }
    let after = server.memory();
    assert!(after < before + 16 * 1024, "memory grew from {before} to {after} KiB");
    server.ask("game", &json!({ "record": game("gardner", &["b2b3"]) }));
}

#[test]
fn connections_that_say_nothing_keep_nobody_out() {
    let server = Server::start(&[]);
    let silent: Vec<TcpStream> = (0..40).map(|_| TcpStream::connect(("127.0.0.1", server.port)).unwrap()).collect();
    assert_eq!(server.get("").status, 200);
    drop(silent);
}

#[test]
fn a_search_that_nobody_asks_about_is_given_up() {
    let server = Server::start(&[]);
    let long = json!({ "agent": "rollout", "playouts": 20_000 });
    let body = |session: &str| json!({ "session": session, "record": game("shogi", &[]), "player": long, "seed": 1 });
    let asked = |session: &str| json!({ "session": session, "purpose": "move" });
    assert_eq!(server.ask("move", &body(SESSION))["done"], false);
    // Another one takes its place: the first is over at once.
    assert_eq!(server.ask("move", &body(SESSION))["done"], false);
    let stopped = server.ask("search", &json!({ "session": SESSION, "purpose": "move", "stop": true }));
    assert_eq!(stopped["done"], true);
    assert_eq!(server.post("search", &asked(SESSION).to_string()).status, 404);
    // A page that went away: nobody asks for longer than the server waits.
    server.ask("move", &body("page1page1"));
    std::thread::sleep(Duration::from_millis(6500));
    let left = server.ask("search", &asked("page1page1"));
    assert_eq!((&left["done"], &left["result"]), (&json!(true), &Value::Null), "{left}");
    // The threads are free again.
    let quick = json!({ "session": SESSION, "record": game("gardner", &[]), "player": { "agent": "zero", "playouts": 10 }, "seed": 1 });
    assert!(server.search("move", "move", &quick)["uci"].is_string());
}

/// What a trainer writes at the end of a generation.
fn generation(number: u32, score: [u64; 5]) -> String {
    json!({
        "generation": number, "config": "0", "rules": ["7229f949656198fe"], "parent": "p",
        "self_play": { "games": 200, "positions": 4000, "playouts": 100_000, "plies": 8000, "white_wins": 90, "draws": 30, "resigned": 0,
            "would_resign": 0, "false_resignations": 0 },
        "trials": [{
            "member": { "id": 0, "parent": null, "continues": 0, "genome": { "learning_rate": 1.0, "search_value_share": 0.5, "cpuct": 1.5 } },
            "weights": "w", "steps": 100, "value_loss": 0.8, "policy_loss": 2.0, "visit_entropy": 1.5, "calibration_error": 0.1,
            "gate": score, "decision": null,
        }],
        "best": 0, "accepted": true, "champion": "w", "cpuct": 1.5, "next": [],
    })
    .to_string()
}

fn write(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
}

#[test]
fn a_training_run_is_followed_from_its_beginning_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let server = Server::start(&["--watch", path.to_str().unwrap()]);
    let look = || server.ask("run", &json!({ "run": 0 }));
    assert_eq!(look()["kind"], "none");
    write(&path.join("config.json"), &config().to_string());
    assert_eq!(look()["done"], 0);
    let pairs = [2, 3, 10, 15, 10];
    let lines: Vec<String> = (1..=3).map(|n| generation(n, pairs) + "\n").collect();
    let events = path.join("events.jsonl");
    write(&events, &lines[0]);
    write(
        &path.join("clock.jsonl"),
        "{\"generation\":1,\"self_play_seconds\":10,\"training_seconds\":5,\"gate_seconds\":5,\"cpu_seconds\":40}\n",
    );
    let run = look();
    assert_eq!(run["kind"], "training", "{run}");
    assert_eq!((&run["done"], &run["wanted"], &run["finished"]), (&json!(1), &json!(3), &json!(false)));
    assert_eq!(run["generations"][0]["gamesPerSecond"], 20.0);
    assert!(run["left"].as_f64().unwrap() > 30.0 && run["generations"][0]["elo"].as_f64().unwrap() > 0.0);
    // Killed while it wrote: the last line is torn, and nothing is lost.
    write(&events, &format!("{}{}{}", lines[0], lines[1], &lines[2][..40]));
    assert_eq!(look()["done"], 2);
    // Resumed: the file is written anew, and the run ends.
    files::write(&events, lines.concat().as_bytes()).unwrap();
    let run = look();
    assert_eq!((&run["done"], &run["finished"], &run["left"]), (&json!(3), &json!(true), &Value::Null));
    write(&events, "{\"generation\":1}\nnonsense\n<script>\n");
    assert_eq!(look()["kind"], "damaged");
}

#[test]
fn games_of_a_trainer_can_be_opened_on_the_board() {
    let run = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/training");
    let server = Server::start(&["--watch", run, "--watch", "/nonexistent/run"]);
    let look = |run: usize| server.ask("run", &json!({ "run": run }));
    assert_eq!(look(1)["kind"], "none");
    let found = look(0);
    let games = found["games"].as_array().unwrap();
    assert!(!games.is_empty(), "{found}");
    for game in games {
        let state = server.ask("game", &json!({ "record": game["record"] }));
        assert_eq!(state["fen"], game["last"]);
        assert_eq!(state["plies"].as_array().unwrap().len() as u64, game["plies"].as_u64().unwrap());
    }
}

/// A configuration as a run directory holds it.
fn config() -> Value {
    json!({
        "variant": "gardner", "seed": 1, "generations": 3, "network": { "hidden": 32 },
        "self_play": { "games": 200, "playouts": 32, "random_plies": 4, "temperature_plies": 8, "noise_share": 0.25,
            "noise_concentration": 10.0, "max_plies": 120 },
        "training": { "window": 2, "batch": 64, "reuse": 1.0, "learning_rate": 0.001, "final_learning_rate": 0.0001, "weight_decay": 0.0001,
            "search_value_share": 0.5 },
        "gate": { "pairs": 40, "playouts": 32, "threshold": 0.5 },
    })
}

#[test]
fn a_stress_run_is_followed_while_its_cells_fill() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    std::fs::create_dir(&out).unwrap();
    let server = Server::start(&["--watch", out.to_str().unwrap()]);
    let suite = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/small.toml");
    let done =
        Command::new(env!("CARGO_BIN_EXE_interregnum")).args(["stress", suite, "--out"]).arg(&out).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let look = || server.ask("run", &json!({ "run": 0 }));
    let whole = look();
    assert_eq!(whole["kind"], "stress", "{whole}");
    assert_eq!((&whole["finished"], &whole["pairs"], &whole["damaged"]), (&json!(true), &whole["wanted"], &json!(0)));
    for cell in whole["experiments"].as_array().unwrap().iter().flat_map(|e| e["cells"].as_array().unwrap()) {
        assert_eq!(cell["pairs"], cell["wanted"], "{cell}");
    }
    let record = &whole["recent"][0]["record"];
    assert!(server.ask("game", &json!({ "record": record }))["men"].is_array());
    // As it stood in the middle: fewer rows and a torn one, in another file, as after a kill and `--resume`.
    let log = out.join("results.jsonl");
    let text = std::fs::read_to_string(&log).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let half = lines.len() / 2;
    files::write(&log, format!("{}\n{}", lines[..half].join("\n"), &lines[half][..30]).as_bytes()).unwrap();
    assert_eq!(look()["pairs"], half as u64);
    let mut file = files::append(&log).unwrap();
    file.write_all(format!("{}\n", &lines[half][30..]).as_bytes()).unwrap();
    assert_eq!(look()["pairs"], half as u64 + 1);
    files::write(&log, text.as_bytes()).unwrap();
    assert_eq!(look()["experiments"], whole["experiments"]);
}
