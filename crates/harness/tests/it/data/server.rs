//! A server on loopback that can misbehave.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;

/// What a request asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) path: String,
    /// The first byte of its `Range`.
    pub(crate) from: Option<usize>,
}

/// What is sent back before the connection is closed.
pub(crate) struct Reply {
    pub(crate) status: &'static str,
    pub(crate) headers: Vec<String>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    /// The body with its true length.
    pub(crate) fn whole(body: &[u8]) -> Self {
        Self::promising(body.len(), body)
    }

    /// A body of another length than is said.
    pub(crate) fn promising(length: usize, body: &[u8]) -> Self {
        Self {
            status: "200 OK",
            headers: vec![format!("Content-Length: {length}")],
            body: body.to_vec(),
        }
    }

    /// What is missing of `body` from `from` on.
    pub(crate) fn rest(body: &[u8], from: usize) -> Self {
        let (length, last) = (body.len(), body.len() - 1);
        Self {
            status: "206 Partial Content",
            headers: vec![
                format!("Content-Length: {}", length - from),
                format!("Content-Range: bytes {from}-{last}/{length}"),
            ],
            body: body[from..].to_vec(),
        }
    }

    /// No body.
    pub(crate) fn only(status: &'static str, header: &str) -> Self {
        Self {
            status,
            headers: vec![header.to_owned(), "Content-Length: 0".to_owned()],
            body: Vec::new(),
        }
    }
}

/// A running server: its address, and what it was asked for so far.
pub(crate) struct Server {
    pub(crate) address: String,
    log: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Serves until the tests end; `answer` gets the number of the request.
    pub(crate) fn start(answer: impl Fn(usize, &Request) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let log = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&log);
        thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let mut stream = stream.unwrap();
                let request = read(&mut BufReader::new(&stream));
                kept.lock().unwrap().push(request.clone());
                let reply = answer(number, &request);
                let head = format!(
                    "HTTP/1.1 {}\r\nConnection: close\r\n{}\r\n\r\n",
                    reply.status,
                    reply.headers.join("\r\n")
                );
                // the client may be gone already
                let _ = stream.write_all(head.as_bytes());
                let _ = stream.write_all(&reply.body);
            }
        });
        Self { address, log }
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.log.lock().unwrap().clone()
    }
}

fn read(stream: &mut impl BufRead) -> Request {
    let mut request = Request {
        path: String::new(),
        from: None,
    };
    let mut line = String::new();
    while stream.read_line(&mut line).unwrap() > 2 {
        if request.path.is_empty() {
            request.path = line.split(' ').nth(1).unwrap().into();
        }
        let lower = line.to_ascii_lowercase();
        if let Some(range) = lower.strip_prefix("range: bytes=") {
            request.from = range.trim().trim_end_matches('-').parse().ok();
        }
        line.clear();
    }
    request
}
