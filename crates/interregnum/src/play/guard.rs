//! Who may ask: pages that this program itself has served to a browser on this machine, and nobody else.

use super::http::{Answer, Request};

/// The secret in the address, and where the server listens.
pub(super) struct Guard {
    token: String,
    port: u16,
}

/// Bytes of the token.
const TOKEN_BYTES: usize = 16;

impl Guard {
    /// A guard with a new random token.
    ///
    /// # Errors
    /// If the system gives no random bytes.
    pub(super) fn new(port: u16) -> anyhow::Result<Guard> {
        let mut bytes = [0; TOKEN_BYTES];
        getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("no random token: {error}"))?;
        Ok(Guard { token: bytes.iter().map(|b| format!("{b:02x}")).collect(), port })
    }

    /// The address of the page.
    pub(super) fn address(&self) -> String {
        format!("http://127.0.0.1:{}/{}/", self.port, self.token)
    }

    /// The path below the token, without the query.
    ///
    /// # Errors
    /// The answer to a request that another site or a stranger has made.
    pub(super) fn admit<'a>(&self, request: &'a Request) -> Result<&'a str, Answer> {
        // A name that leads to this machine but is not ours: another site that has its name point here (DNS rebinding).
        if !self.is_own(&request.host) {
            return Err(Answer::error(403, "this server answers to 127.0.0.1 and localhost alone"));
        }
        let foreign = request
            .origin
            .as_deref()
            .is_some_and(|origin| !origin.strip_prefix("http://").is_some_and(|host| self.is_own(host)));
        let cross_site = request.fetch_site.as_deref().is_some_and(|site| !["same-origin", "none"].contains(&site));
        if foreign || cross_site {
            return Err(Answer::error(403, "the request comes from another site"));
        }
        if !["GET", "POST"].contains(&request.method.as_str()) {
            return Err(Answer::error(405, "only GET and POST are answered"));
        }
        let path = request.target.split(['?', '#']).next().unwrap_or_default();
        let below = path.strip_prefix('/').unwrap_or_default();
        let (token, below) = below.split_once('/').unwrap_or((below, ""));
        if !is_equal(token.as_bytes(), self.token.as_bytes()) {
            return Err(Answer::error(403, "the address lacks the token that was printed at the start"));
        }
        Ok(below)
    }

    fn is_own(&self, host: &str) -> bool {
        let own = host.rsplit_once(':').filter(|(name, _)| ["127.0.0.1", "localhost"].contains(name));
        own.is_some_and(|(_, port)| port.parse() == Ok(self.port) && !port.starts_with(['+', '0']))
    }
}

/// Whether two byte strings are equal, in a time that tells nothing of where they differ.
fn is_equal(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(host: &str, target: &str) -> Request {
        Request { method: "GET".to_owned(), target: target.to_owned(), host: host.to_owned(), ..Request::default() }
    }

    #[test]
    fn only_the_printed_address_is_let_in() {
        let guard = Guard::new(8123).unwrap();
        assert!(guard.token.len() == 32 && guard.token != Guard::new(8123).unwrap().token);
        let good = format!("/{}/api/game", guard.token);
        for host in ["127.0.0.1:8123", "localhost:8123"] {
            assert_eq!(guard.admit(&request(host, &good)).unwrap(), "api/game");
        }
        for host in [
            "",
            "127.0.0.1",
            "127.0.0.1:80",
            "127.0.0.1:08123",
            "localhost.evil.example:8123",
            "evil.example:8123",
            "[::1]:8123",
        ] {
            assert_eq!(guard.admit(&request(host, &good)).unwrap_err().status, 403, "{host}");
        }
        for target in ["/", "", "//api/game", "/api/game", "/0000/api/game", &good[..30]] {
            assert_eq!(guard.admit(&request("localhost:8123", target)).unwrap_err().status, 403, "{target}");
        }
        let from = |origin: &str| {
            let origin = Some(origin.to_owned());
            guard.admit(&Request { origin, ..request("localhost:8123", &good) }).is_ok()
        };
        assert!(from("http://localhost:8123") && from("http://127.0.0.1:8123"));
        for origin in
            ["null", "http://evil.example", "https://localhost:8123", "http://localhost:8124", "http://localhost"]
        {
            assert!(!from(origin), "{origin}");
        }
        let fetched = |site: &str| {
            let fetch_site = Some(site.to_owned());
            guard.admit(&Request { fetch_site, ..request("localhost:8123", &good) }).is_ok()
        };
        assert!(fetched("same-origin") && fetched("none") && !fetched("cross-site") && !fetched("same-site"));
        let put = Request { method: "PUT".to_owned(), ..request("localhost:8123", &good) };
        assert_eq!(guard.admit(&put).unwrap_err().status, 405);
    }
}
