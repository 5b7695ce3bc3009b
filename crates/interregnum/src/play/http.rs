//! Requests and answers of HTTP/1.1, read and written within limits.
//!
//! Only what a browser on this machine needs: requests with or without a body of stated length, connections that are used again. Whatever
//! else arrives is refused with a status that says why, and the connection is closed.

use std::io::{self, ErrorKind, Read, Write};
use std::time::{Duration, Instant};

/// The largest head of a request (request line and headers), in bytes.
const MAX_HEAD: usize = 8 << 10;
/// The most headers of a request; browsers send about twenty.
const MAX_HEADERS: usize = 64;
/// The largest body of a request, in bytes: a game of some thousand moves.
pub(super) const MAX_BODY: usize = 256 << 10;
/// How long a request may take to arrive once its first byte is there.
const PATIENCE: Duration = Duration::from_secs(5);

/// A request.
#[derive(Debug, Default)]
pub(super) struct Request {
    /// `GET`, `POST` or another word.
    pub(super) method: String,
    /// Path and query, as they were sent.
    pub(super) target: String,
    /// Header `Host`; empty if there is none.
    pub(super) host: String,
    /// Header `Origin`.
    pub(super) origin: Option<String>,
    /// Header `Sec-Fetch-Site`.
    pub(super) fetch_site: Option<String>,
    /// Header `Content-Type`; empty if there is none.
    pub(super) content_type: String,
    /// The body.
    pub(super) body: Vec<u8>,
    /// Whether the connection ends with the answer.
    pub(super) closes: bool,
}

/// Why no request was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoRequest {
    /// The connection has ended, or nothing came for long.
    Ended,
    /// What came is answered with this status and reason, and nothing more is read.
    Refused(u16, &'static str),
}

/// Reads the next request. `left` holds the bytes that arrived behind the request before, and then those behind this one.
pub(super) fn read(stream: &mut impl Read, left: &mut Vec<u8>) -> Result<Request, NoRequest> {
    if left.is_empty() && fill(stream, left)? == 0 {
        return Err(NoRequest::Ended);
    }
    let began = Instant::now();
    let Head { mut request, head, body } = loop {
        if let Some(read) = head(left)? {
            break read;
        }
        if left.len() >= MAX_HEAD {
            return Err(NoRequest::Refused(431, "the head of the request is too long"));
        }
        more(stream, left, began)?;
    };
    while left.len() < head + body {
        more(stream, left, began)?;
    }
    let rest = left.split_off(head + body);
    request.body = left.split_off(head);
    *left = rest;
    Ok(request)
}

/// Reads at least one more byte of a request that has begun.
fn more(stream: &mut impl Read, left: &mut Vec<u8>, began: Instant) -> Result<(), NoRequest> {
    if began.elapsed() > PATIENCE {
        return Err(NoRequest::Refused(408, "the request came too slowly"));
    }
    match fill(stream, left) {
        Ok(0) => Err(NoRequest::Refused(400, "the request ended early")),
        Ok(_) => Ok(()),
        Err(_) => Err(NoRequest::Refused(408, "the request came too slowly")),
    }
}

fn fill(stream: &mut impl Read, left: &mut Vec<u8>) -> Result<usize, NoRequest> {
    let mut room = [0; 8 << 10];
    loop {
        match stream.read(&mut room) {
            Ok(count) => {
                left.extend_from_slice(&room[..count]);
                return Ok(count);
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return Err(NoRequest::Ended),
        }
    }
}

/// A request whose head was read.
struct Head {
    /// The request without its body.
    request: Request,
    /// Bytes of the head.
    head: usize,
    /// Bytes of the body.
    body: usize,
}

/// The head of the request at the beginning of some bytes; `None` if it is not there whole.
fn head(bytes: &[u8]) -> Result<Option<Head>, NoRequest> {
    let refused = |status, why| Err(NoRequest::Refused(status, why));
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut parsed = httparse::Request::new(&mut headers);
    let seen = &bytes[..bytes.len().min(MAX_HEAD)];
    let length = match parsed.parse(seen) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => return refused(431, "the request has too many headers"),
        Err(_) => return refused(400, "this is no request of HTTP/1.1"),
    };
    let mut request = Request {
        method: parsed.method.unwrap_or_default().to_owned(),
        target: parsed.path.unwrap_or_default().to_owned(),
        closes: parsed.version != Some(1),
        ..Request::default()
    };
    let (mut hosts, mut body) = (0, None);
    for header in parsed.headers.iter() {
        let Ok(value) = std::str::from_utf8(header.value) else {
            return refused(400, "a header holds bytes that are no text");
        };
        match header.name.to_ascii_lowercase().as_str() {
            "host" => {
                hosts += 1;
                request.host = value.to_ascii_lowercase();
            }
            "origin" if request.origin.is_some() => return refused(400, "there are two origins"),
            "origin" => request.origin = Some(value.to_ascii_lowercase()),
            "sec-fetch-site" => request.fetch_site = Some(value.to_ascii_lowercase()),
            "content-type" => request.content_type = value.to_ascii_lowercase(),
            "connection" => request.closes |= value.eq_ignore_ascii_case("close"),
            "transfer-encoding" => return refused(411, "the length of the body must be stated"),
            "expect" => return refused(417, "no expectation is met"),
            "content-length" => {
                let digits = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
                let size = if digits {
                    value.parse::<u64>().unwrap_or(u64::MAX)
                } else {
                    return refused(400, "the length of the body is no number");
                };
                if body.is_some_and(|other| other != size) {
                    return refused(400, "there are two lengths of the body");
                }
                body = Some(size);
            }
            _ => {}
        }
    }
    if hosts != 1 {
        return refused(400, "one header Host is needed");
    }
    let body = body.unwrap_or(0);
    if body > MAX_BODY as u64 {
        return refused(413, "the body is too large");
    }
    Ok(Some(Head { request, head: length, body: body as usize }))
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) content_type: &'static str,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// A JSON value.
    pub(super) fn json(status: u16, value: &serde_json::Value) -> Answer {
        Answer { status, content_type: "application/json", body: value.to_string().into_bytes() }
    }

    /// An error, as an object with the key `error`.
    pub(super) fn error(status: u16, why: &str) -> Answer {
        Answer::json(status, &serde_json::json!({ "error": why }))
    }
}

/// What every answer says to the browser: nothing from outside is loaded, run, framed or told.
const SAFETY: &str = "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n\
X-Content-Type-Options: nosniff\r\n\
X-Frame-Options: DENY\r\n\
Referrer-Policy: no-referrer\r\n\
Cross-Origin-Opener-Policy: same-origin\r\n\
Cross-Origin-Resource-Policy: same-origin\r\n\
Cache-Control: no-store\r\n";

/// Writes an answer.
pub(super) fn write(stream: &mut impl Write, answer: &Answer, closes: bool) -> io::Result<()> {
    let reason = match answer.status {
        200 => "OK",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        411 => "Length Required",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        417 => "Expectation Failed",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        503 => "Service Unavailable",
        _ => "Error",
    };
    let connection = if closes { "close" } else { "keep-alive" };
    let allow = if answer.status == 405 { "Allow: GET, POST\r\n" } else { "" };
    let head = format!(
        "HTTP/1.1 {} {reason}\r\nContent-Type: {}; charset=utf-8\r\nContent-Length: {}\r\nConnection: {connection}\r\n{allow}{SAFETY}\r\n",
        answer.status,
        answer.content_type,
        answer.body.len()
    );
    let mut all = head.into_bytes();
    all.extend_from_slice(&answer.body);
    stream.write_all(&all)?;
    stream.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8]) -> Vec<Result<Request, NoRequest>> {
        let mut stream = bytes;
        let (mut left, mut found) = (Vec::new(), Vec::new());
        loop {
            match read(&mut stream, &mut left) {
                Ok(request) => found.push(Ok(request)),
                Err(NoRequest::Ended) => return found,
                Err(refused) => {
                    found.push(Err(refused));
                    return found;
                }
            }
        }
    }

    #[test]
    fn requests_follow_one_another_on_a_connection() {
        let text = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\nPOST /b HTTP/1.1\r\nhost: x\r\nContent-Length: 3\r\n\r\n{1}GET /c HTTP/1.1\r\nHost: x\r\n\r\n";
        let found: Vec<_> = all(text).into_iter().map(Result::unwrap).collect();
        let targets: Vec<_> = found.iter().map(|request| request.target.as_str()).collect();
        assert_eq!(targets, ["/a", "/b", "/c"]);
        assert_eq!(found[1].body, b"{1}");
    }

    #[test]
    fn what_is_too_long_or_ambiguous_is_refused() {
        let with = |headers: &str| format!("POST / HTTP/1.1\r\nHost: x\r\n{headers}\r\n");
        let long = format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(MAX_HEAD));
        let many = with(&"A: b\r\n".repeat(MAX_HEADERS));
        let cases: [(String, u16); 12] = [
            (long, 431),
            (many, 431),
            (with("Content-Length: 99999999\r\n"), 413),
            (with("Content-Length: 99999999999999999999999999\r\n"), 413),
            (with("Content-Length: -1\r\n"), 400),
            (with("Content-Length: 1\r\nContent-Length: 2\r\n"), 400),
            (with("Content-Length: 10\r\n"), 400),
            (with("Transfer-Encoding: chunked\r\n"), 411),
            (with("Expect: 100-continue\r\n"), 417),
            (with("Host: y\r\n"), 400),
            ("GET / HTTP/1.1\r\n\r\n".to_owned(), 400),
            ("\0\u{1}\u{2}\r\n\r\n".to_owned(), 400),
        ];
        for (text, status) in cases {
            match all(text.as_bytes()).pop() {
                Some(Err(NoRequest::Refused(found, _))) => assert_eq!(found, status, "{text:.80}"),
                other => panic!("{text:.80}: {other:?}"),
            }
        }
    }
}
