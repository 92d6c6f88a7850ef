//! One file over HTTP, in as many pieces as the connection breaks it into.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use indicatif::{ProgressBar, ProgressStyle};
use ureq::http::{Response, StatusCode};
use ureq::{Agent, Body};

/// How hard to try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// After so many tries in a row that brought no byte, give up.
    pub tries: u32,
    /// Pause after the first of them; doubled after each.
    pub pause: Duration,
}

/// How one try ended.
enum End {
    /// All bytes are there.
    Complete,
    /// The connection broke, or the server was busy: worth another try.
    Broken(String),
}

/// Downloads a file, going on where an earlier try broke off.
///
/// What is already in `part` is not asked for again (HTTP `Range`); a server
/// that cannot do that sends everything and the file starts anew. When this
/// returns, `part` is as long as the server said. Its content is not checked
/// here.
///
/// # Errors
///
/// If the server refuses (404), promises more bytes than it sends, or breaks off
/// too often; `part` is then kept for the next time. If the file cannot be
/// written.
pub fn download(url: &str, part: &Path, patience: &Patience) -> Result<()> {
    let agent = agent(url);
    let bar = ProgressBar::new(0).with_style(style());
    // only bytes that were never there before are progress: a server that sends
    // the same beginning again and again must not keep us here
    let mut most = size(part);
    let mut idle = 0;
    loop {
        let end = attempt(&agent, url, part, &bar)?;
        let why = match end {
            End::Complete => {
                bar.finish_and_clear();
                return Ok(());
            }
            End::Broken(why) => why,
        };
        idle = if size(part) > most { 0 } else { idle + 1 };
        most = most.max(size(part));
        if idle >= patience.tries {
            bar.finish_and_clear();
            bail!(
                "{url}: {why}; gave up after {idle} tries, {} bytes are kept in {}",
                size(part),
                part.display()
            );
        }
        thread::sleep(patience.pause * 2_u32.pow(idle.min(6)));
    }
}

/// A client that waits for a slow server, but not forever for a silent one.
fn agent(url: &str) -> Agent {
    let mut config = Agent::config_builder()
        .http_status_as_error(false)
        .timeout_connect(Some(Duration::from_secs(20)))
        .timeout_recv_response(Some(Duration::from_mins(1)))
        .timeout_per_read(Some(Duration::from_mins(1)))
        .user_agent(concat!("tycho/", env!("CARGO_PKG_VERSION")));
    let host = url.split("://").nth(1).unwrap_or_default();
    if ["127.0.0.1", "localhost", "[::1]"]
        .iter()
        .any(|own| host.starts_with(own))
    {
        // a mirror on this machine is not reached through a proxy
        config = config.proxy(None);
    }
    config.build().new_agent()
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{bytes:>10} of {total_bytes} {bar:40} {bytes_per_sec}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}

fn size(part: &Path) -> u64 {
    fs::metadata(part).map_or(0, |about| about.len())
}

/// Asks once for what is missing.
fn attempt(agent: &Agent, url: &str, part: &Path, bar: &ProgressBar) -> Result<End> {
    let have = size(part);
    let mut request = agent.get(url);
    if have > 0 {
        request = request.header("Range", format!("bytes={have}-"));
    }
    let mut response = match request.call() {
        Ok(response) => response,
        Err(error) => return Ok(End::Broken(error.to_string())),
    };
    let status = response.status();
    let (start, total) = match status {
        StatusCode::OK => (0, response.body().content_length()),
        StatusCode::PARTIAL_CONTENT => match content_range(&response) {
            Some((start, total)) if start == have => (start, total),
            _ => return restart(part, "the server sent another piece than asked for"),
        },
        StatusCode::RANGE_NOT_SATISFIABLE => {
            // all is here if the server's file ends where ours does
            return match content_range(&response) {
                Some((_, Some(total))) if total == have => Ok(End::Complete),
                _ => restart(part, "the server's file is shorter than what is here"),
            };
        }
        status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
            return Ok(End::Broken(format!("the server answered {status}")));
        }
        status => bail!("{url}: the server answered {status}"),
    };
    if let Some(total) = total {
        bar.set_length(total);
    }
    let mut file = open(part, start)?;
    receive(&mut response, &mut file, start, total, bar)
        .with_context(|| format!("{}: cannot be written", part.display()))
}

/// Throws away what cannot be continued.
fn restart(part: &Path, why: &str) -> Result<End> {
    fs::remove_file(part).with_context(|| format!("{}", part.display()))?;
    Ok(End::Broken(why.to_owned()))
}

/// Opens the file to go on at `start`.
fn open(part: &Path, start: u64) -> Result<File> {
    OpenOptions::new()
        .create(true)
        .write(true)
        .append(start > 0)
        .truncate(start == 0)
        .open(part)
        .with_context(|| format!("{}: cannot be written", part.display()))
}

/// Copies the body to the file as it comes.
fn receive(
    response: &mut Response<Body>,
    file: &mut File,
    start: u64,
    total: Option<u64>,
    bar: &ProgressBar,
) -> Result<End> {
    let mut at = start;
    let mut body = response.body_mut().as_reader();
    let mut buffer = vec![0; 1 << 16];
    let broken = loop {
        match body.read(&mut buffer) {
            Ok(0) => break None,
            Ok(count) => {
                file.write_all(&buffer[..count])?;
                at += count as u64;
                bar.set_position(at);
            }
            Err(error) => break Some(error),
        }
    };
    file.sync_all()?;
    Ok(match (total, broken) {
        (Some(total), _) if at < total => {
            End::Broken(format!("{total} bytes were promised, {at} came"))
        }
        (Some(total), _) if at > total => {
            return Err(anyhow!("{total} bytes were promised, {at} came"));
        }
        (None, Some(error)) => End::Broken(error.to_string()),
        _ => End::Complete,
    })
}

/// First byte and total length of `Content-Range: bytes 5-9/10`, or only the
/// latter of `bytes */10`.
fn content_range(response: &Response<Body>) -> Option<(u64, Option<u64>)> {
    let value = response.headers().get("Content-Range")?.to_str().ok()?;
    let (range, total) = value.strip_prefix("bytes ")?.split_once('/')?;
    let start = match range.split_once('-') {
        Some((start, _)) => start.trim().parse().ok()?,
        None => 0,
    };
    Some((start, total.trim().parse().ok()))
}
