//! The server: one thread for each connection, of which there are few, and all of which time out.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::http::{self, Answer, NoRequest, Request};

/// The most connections at once: a browser opens six for a page.
const MAX_CONNECTIONS: usize = 48;
/// How long a connection is kept without a request, and how long a browser may take to read.
const IDLE: Duration = Duration::from_secs(20);
/// How long a refused client is listened to, so that it can read why before the connection is reset.
const FAREWELL: Duration = Duration::from_millis(200);

/// What answers requests.
pub(super) type Handler = dyn Fn(&Request) -> Answer + Send + Sync;

/// Listens on the loopback interface alone. Port 0 stands for any free one.
pub(super) fn listen(port: u16) -> std::io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
}

/// Counts a connection while it lives.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Answers while the process lives.
pub(super) fn serve(listener: &TcpListener, handler: &Arc<Handler>) -> ! {
    let open = Arc::new(AtomicUsize::new(0));
    loop {
        let Ok((mut stream, _)) = listener.accept() else {
            // Too many open files, say: the connection is lost, the server is not.
            std::thread::sleep(Duration::from_millis(50));
            continue;
        };
        let counted = Counted(Arc::clone(&open));
        let _ = stream.set_write_timeout(Some(IDLE));
        if open.fetch_add(1, Ordering::SeqCst) >= MAX_CONNECTIONS {
            let _ = http::write(&mut stream, &Answer::error(503, "too many connections"), true);
            continue;
        }
        let handler = Arc::clone(handler);
        let named = std::thread::Builder::new().name("connection".to_owned());
        // Without a thread the connection is lost, and the browser tries again.
        let _ = named.spawn(move || {
            let _counted = counted;
            converse(stream, &handler);
        });
    }
}

/// Answers the requests of one connection, one after the other.
fn converse(mut stream: TcpStream, handler: &Arc<Handler>) {
    let _ = stream.set_nodelay(true);
    if stream.set_read_timeout(Some(IDLE)).is_err() {
        return;
    }
    let mut left = Vec::new();
    loop {
        match http::read(&mut stream, &mut left) {
            Ok(request) => {
                let answer = handler(&request);
                if http::write(&mut stream, &answer, request.closes).is_err() || request.closes {
                    return;
                }
            }
            Err(NoRequest::Ended) => return,
            Err(NoRequest::Refused(status, why)) => {
                let _ = http::write(&mut stream, &Answer::error(status, why), true);
                drain(&mut stream);
                return;
            }
        }
    }
}

/// Reads away, for a moment, what a refused client still sends: closing with unread bytes would take the answer from it.
fn drain(stream: &mut TcpStream) {
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let _ = stream.set_read_timeout(Some(FAREWELL));
    let mut room = [0; 4096];
    for _ in 0..64 {
        match std::io::Read::read(stream, &mut room) {
            Ok(count) if count > 0 => {}
            _ => return,
        }
    }
}
