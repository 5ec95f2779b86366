//! The server behind real sockets: TLS, limits, slow and rude clients, a graceful end, what it tells about itself.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use ayumi_channel::memory::{Contents, MemoryLog};
use ayumi_channel::signer::Signer;
use ayumi_core::app::sync::{Budget, SyncOutcome};
use ayumi_core::sync::http::Https;
use ayumi_protocol::limits;
use ayumi_server::http::guard::Rates;
use ayumi_server::http::serve::{Patience, Tls, serve};
use ayumi_server::http::{App, Origins};
use ayumi_tests::handbook::scratch;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

/// A server on a port of its own.
struct Server {
    runtime: Runtime,
    address: String,
    stop: Option<oneshot::Sender<()>>,
    ended: tokio::task::JoinHandle<()>,
    time: Arc<AtomicU64>,
}

fn start(rates: Rates, patience: Patience, tls: Option<Tls>) -> Server {
    start_with(rates, patience, tls, App::router)
}

fn start_with(
    rates: Rates,
    patience: Patience,
    tls: Option<Tls>,
    router: impl FnOnce(Arc<App<MemoryLog>>) -> Router,
) -> Server {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let signer = Signer::new(&[7; 32], [1; 16]).unwrap();
    let log = Arc::new(MemoryLog::new(Contents::default(), signer, 1 << 30));
    let time = Arc::new(AtomicU64::new(1_800_000_000_000));
    let clock = time.clone();
    let app = Arc::new(App::new(log, Arc::new(move || clock.load(Ordering::Relaxed)), rates, Origins::Loopback));
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (stop, stopped) = oneshot::channel();
    let tls = tls.map(|tls| tls.acceptor().unwrap());
    let per_address = (!rates.behind_proxy).then_some(rates.connections_per_address);
    let ended = runtime.spawn(serve(listener, router(app), tls, patience, per_address, async {
        let _ = stopped.await;
    }));
    Server { runtime, address, stop: Some(stop), ended, time }
}

fn open() -> Server {
    start(Rates::default(), Patience::default(), None)
}

/// Sends bytes as they are; the answer until the server closes.
fn raw(address: &str, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    // A server that has read enough may close while the rest is still on its way.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn post(address: &str, path: &str, more: &str, body: &[u8]) -> String {
    let length = body.len();
    let head =
        format!("POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n{more}\r\n");
    raw(address, &[head.as_bytes(), body].concat())
}

fn get(address: &str, path: &str) -> String {
    raw(address, format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").as_bytes())
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or_else(|| panic!("no answer: {answer:?}"))
}

#[test]
fn over_tls_a_phone_syncs_and_one_that_does_not_trust_the_certificate_sends_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let tls = Tls { certificate: folder.path().join("chain.pem"), key: folder.path().join("key.pem") };
    std::fs::write(&tls.certificate, cert.pem()).unwrap();
    std::fs::write(&tls.key, signing_key.serialize_pem()).unwrap();
    let server = start(Rates::default(), Patience::default(), Some(tls));
    server.time.store(1_790_000_000_000, Ordering::Relaxed);
    let (_folder, book): (TempDir, _) = scratch();
    let born = ayumi_tests::handbook::day("2025-05-03");
    let child = ayumi_core::app::NewChild { name: "さくら".into(), born, ..Default::default() };
    book.notebooks().add_child(&child).unwrap();
    let port = server.address.rsplit(':').next().unwrap();
    let address = format!("https://localhost:{port}");
    let sync = |way: &Https| {
        let report = server.runtime.block_on(book.sync().run(way, Budget::default(), &|_, _| ())).unwrap();
        (report.outcome, report.bytes_down > 0)
    };
    let stranger = Https::to(&address, None).unwrap();
    assert_eq!(sync(&stranger), (SyncOutcome::Offline, false));
    let trusted = Https::to(&address, Some(cert.pem().as_bytes())).unwrap();
    assert_eq!(sync(&trusted), (SyncOutcome::Done, true));
    let plain = raw(&server.address, b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n");
    assert!(!plain.contains("200"), "no plain HTTP on the same port: {plain:?}");
}

/// Passes on what goes through, and counts it before it arrives.
fn counting(server: &str) -> (String, Arc<AtomicU64>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (server, bytes) = (server.to_owned(), Arc::new(AtomicU64::new(0)));
    let counted = bytes.clone();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let server = TcpStream::connect(&server).unwrap();
            for (from, to) in [(&client, &server), (&server, &client)] {
                let (mut from, mut to, counted) = (from.try_clone().unwrap(), to.try_clone().unwrap(), counted.clone());
                std::thread::spawn(move || {
                    let mut buffer = [0; 64 * 1024];
                    while let Ok(count @ 1..) = from.read(&mut buffer) {
                        counted.fetch_add(count as u64, Ordering::Relaxed);
                        if to.write_all(&buffer[..count]).is_err() {
                            break;
                        }
                    }
                });
            }
        }
    });
    (address, bytes)
}

/// All that goes over the connection, HTTP's own too: a phone asks many times a day, mostly for nothing.
#[test]
fn a_sync_with_nothing_new_costs_at_most_420_bytes() {
    let server = open();
    server.time.store(1_790_000_000_000, Ordering::Relaxed);
    let (_folder, book): (TempDir, _) = scratch();
    let born = ayumi_tests::handbook::day("2025-05-03");
    let child = ayumi_core::app::NewChild { name: "さくら".into(), born, ..Default::default() };
    let child = book.notebooks().add_child(&child).unwrap();
    let (address, counted) = counting(&server.address);
    let way = Https::to(&format!("http://{address}"), None).unwrap();
    let sync = || {
        let report = server.runtime.block_on(book.sync().run(&way, Budget::default(), &|_, _| ())).unwrap();
        assert_eq!((report.outcome, report.waiting), (SyncOutcome::Done, 0));
        report
    };
    // A log as long as that of a family: its places take two bytes.
    for _ in 0..130 {
        ayumi_tests::phones::weigh(&book, child, "9.1");
        sync();
    }
    counted.store(0, Ordering::Relaxed);
    let report = sync();
    let counted = counted.load(Ordering::Relaxed);
    assert_eq!((report.round_trips, report.pushed, report.pulled), (1, 0, 0));
    assert_eq!((report.bytes_up, report.bytes_down), (83, 81), "the question and the answer alone");
    assert!(counted <= 420, "{counted} bytes");
    println!("a sync with nothing new: {counted} bytes");
}

#[test]
fn bodies_have_a_longest_length_whatever_the_header_says() {
    let server = open();
    let long = vec![0; limits::REQUEST_BYTES + 1];
    assert_eq!(status(&post(&server.address, "/v1/sync", "", &long)), 413);
    assert_eq!(status(&post(&server.address, "/v1/sync", "", &long[..1000])), 400, "shorter ones are read");
    let head = "POST /v1/blob HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n";
    let chunk = format!("{:x}\r\n", long.len());
    let answer = raw(&server.address, &[head.as_bytes(), chunk.as_bytes(), &long, b"\r\n0\r\n\r\n"].concat());
    assert_eq!(status(&answer), 413, "in chunks too");
    for (what, path, code) in [("no such path", "/v2/sync", 404), ("another method", "/v1/sync", 405)] {
        assert_eq!(status(&get(&server.address, path)), code, "{what}");
    }
}

#[test]
fn one_address_and_one_device_may_ask_so_often() {
    let few = NonZeroU32::new(3).unwrap();
    let server = start(Rates { address_per_minute: few, ..Rates::default() }, Patience::default(), None);
    let ask = |more: &str| post(&server.address, "/v1/drawer", more, b"x");
    assert_eq!([(); 3].map(|()| status(&ask(""))), [400; 3]);
    let refused = ask("");
    assert_eq!(status(&refused), 429);
    assert!(refused.to_ascii_lowercase().contains("retry-after: "), "{refused}");
    assert_eq!(status(&ask("x-forwarded-for: 203.0.113.7\r\n")), 429, "a header does not help past the limit");
    assert_eq!(status(&get(&server.address, "/healthz")), 200, "who watches is not limited");

    let rates = Rates { address_per_minute: few, behind_proxy: true, ..Rates::default() };
    let server = start(rates, Patience::default(), None);
    let ask = |from: &str| {
        let header = format!("x-forwarded-for: 198.51.100.1, {from}\r\n");
        status(&post(&server.address, "/v1/drawer", &header, b"x"))
    };
    assert_eq!(
        [(); 4].map(|()| ask("203.0.113.7")),
        [400, 400, 400, 429],
        "behind a proxy by the address that it names"
    );
    assert_eq!(ask("203.0.113.8"), 400, "another home");
    assert_eq!([(); 4].map(|()| ask("2001:db8:1:2::1")), [400, 400, 400, 429]);
    assert_eq!(ask("2001:db8:1:2:ffff::9"), 429, "the same /64 is the same home");
}

#[test]
fn who_is_slow_is_cut_off() {
    // Long enough for a busy machine to read a header, short enough for a test.
    let soon = Duration::from_millis(1_500);
    let patience = Patience { header: soon, ..Patience::default() };
    let server = start(Rates { request_time: soon, ..Rates::default() }, patience, None);
    let begun = Instant::now();
    let silent = raw(&server.address, b"POST /v1/sync HTTP/1.1\r\nhost: x\r\n");
    assert!(silent.is_empty() || status(&silent) == 408, "a header that never ends: {silent}");
    let body = raw(
        &server.address,
        b"POST /v1/sync HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\nconnection: close\r\n\r\nabc",
    );
    assert_eq!(status(&body), 408, "a body that never ends");
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}

/// An attacker opened as many slow requests as there are places, and nobody else was answered.
#[test]
fn one_address_with_slow_bodies_shuts_nobody_out() {
    let rates = Rates { at_once: 2, unfinished_per_address: 4, ..Rates::default() };
    let server = start(rates, Patience::default(), None);
    let slow = || {
        let mut stream = TcpStream::connect(&server.address).unwrap();
        stream.write_all(b"POST /v1/sync HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\nabc").unwrap();
        stream
    };
    // Twice as many as there are places; each has sent its head when the next question is answered.
    let held: Vec<TcpStream> = (0..3).map(|_| slow()).collect();
    let begun = Instant::now();
    assert_eq!([(); 8].map(|()| status(&post(&server.address, "/v1/sync", "", b"x"))), [400; 8]);
    assert!(begun.elapsed() < Duration::from_secs(15), "before the slow ones are cut off: {:?}", begun.elapsed());
    // An address may have so much under way, and no more.
    let more: Vec<TcpStream> = (0..8).map(|_| slow()).collect();
    let refused = (0..100).map(|_| status(&post(&server.address, "/v1/sync", "", b"x"))).find(|status| *status == 429);
    assert_eq!(refused, Some(429));
    drop((held, more));
}

/// Silent connections used up the files of the process.
#[test]
fn one_address_with_silent_connections_leaves_room_for_others() {
    let rates = Rates { connections_per_address: 8, ..Rates::default() };
    let server = start(rates, Patience::default(), None);
    let silent: Vec<TcpStream> = (0..32).map(|_| TcpStream::connect(&server.address).unwrap()).collect();
    let closed = |stream: &TcpStream| {
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        matches!((&*stream).read(&mut [0; 1]), Ok(0))
    };
    assert_eq!(silent.iter().skip(8).filter(|stream| closed(stream)).count(), 24, "closed at once");
    drop(silent);
    let begun = Instant::now();
    while raw(&server.address, b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(10), "room again when they are gone");
    }
}

#[test]
fn nothing_is_guessed_at_or_kept_on_the_way() {
    let server = open();
    for answer in [get(&server.address, "/healthz"), post(&server.address, "/v1/sync", "", b"x")] {
        let answer = answer.to_ascii_lowercase();
        assert!(answer.contains("x-content-type-options: nosniff") && answer.contains("cache-control: no-store"));
    }
    let few = NonZeroU32::new(2).unwrap();
    let server = start(Rates { address_per_minute: few, ..Rates::default() }, Patience::default(), None);
    assert_eq!([(); 3].map(|()| status(&get(&server.address, "/readyz"))), [200, 200, 429]);
    // A balancer asks by itself, and names nobody.
    let server = start(Rates { behind_proxy: true, ..Rates::default() }, Patience::default(), None);
    assert_eq!(["/readyz", "/metrics"].map(|path| status(&get(&server.address, path))), [200, 200]);
}

/// Counts and readiness tell strangers how busy a city is, and when to come.
#[test]
fn what_operators_ask_is_not_answered_where_phones_ask() {
    let asked = |router: fn(Arc<App<MemoryLog>>) -> Router| {
        let server = start_with(Rates::default(), Patience::default(), None, router);
        let told = ["/healthz", "/readyz", "/metrics", "/openapi.json"].map(|path| status(&get(&server.address, path)));
        (told, status(&post(&server.address, "/v1/sync", "", b"x")))
    };
    assert_eq!(asked(App::public_router), ([200, 404, 404, 404], 400));
    assert_eq!(asked(App::operators_router), ([404, 200, 200, 200], 404));
    assert_eq!(asked(App::router), ([200, 200, 200, 200], 400));
}

#[test]
fn at_its_end_it_takes_nobody_new_and_lets_those_inside_finish() {
    let mut server = open();
    let mut stream = TcpStream::connect(&server.address).unwrap();
    stream.write_all(b"POST /v1/sync HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 3\r\n\r\na").unwrap();
    // The server has the request's head when it answers another one that came later.
    assert_eq!(status(&get(&server.address, "/healthz")), 200);
    server.stop.take().unwrap().send(()).unwrap();
    let begun = Instant::now();
    while TcpStream::connect(&server.address).is_ok_and(|mut stream| {
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").is_ok()
            && stream.read(&mut [0; 16]).is_ok_and(|count| count > 0)
    }) {
        assert!(begun.elapsed() < Duration::from_secs(10), "still takes new ones");
    }
    stream.write_all(b"bc").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert_eq!(status(&answer), 400, "the request that was inside is answered");
    server.runtime.block_on(&mut server.ended).unwrap();
}

#[test]
fn what_it_tells_about_itself_names_nobody() {
    let server = open();
    let (_folder, book): (TempDir, _) = scratch();
    let born = ayumi_tests::handbook::day("2025-05-03");
    let child = ayumi_core::app::NewChild { name: "さくら".into(), born, ..Default::default() };
    let id = book.notebooks().add_child(&child).unwrap();
    let way = Https::to(&format!("http://{}", server.address), None).unwrap();
    let report = server.runtime.block_on(book.sync().run(&way, Budget::default(), &|_, _| ())).unwrap();
    assert_eq!(report.outcome, SyncOutcome::Done);
    assert_eq!(status(&get(&server.address, "/readyz")), 200);
    let metrics = get(&server.address, "/metrics");
    assert!(metrics.contains("ayumi_taken_total 2"), "{metrics}");
    assert!(metrics.contains("ayumi_requests_total{route=\"sync\",status=\"200\"}"), "{metrics}");
    let hex = id.to_string();
    for word in [hex.as_str(), &hex.replace('-', ""), "127.0.0.1", "さくら"] {
        assert!(!metrics.contains(word), "{word}");
    }
    assert!(get(&server.address, "/openapi.json").contains("\"/v1/sync\""));
}
