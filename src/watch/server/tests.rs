//! Tests the server with connections that cost it something, while its pages are requested.

use std::collections::BTreeSet;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream as Client};

use super::*;
use crate::watch::metrics::Decoupled;

/// Connections of each kind of attack.
const EACH: usize = 200;
/// A test fails where an answer takes this long: it would never come.
const NEVER: Duration = Duration::from_secs(60);

/// A way to hold a connection open.
#[derive(Clone, Copy, Debug)]
enum Attack {
    /// Nothing is sent.
    Idle,
    /// A head that does not end.
    SlowHead,
    /// A head of a megabyte.
    HugeHead,
    /// Half a head, and then the end of what the client sends.
    HalfOpen,
    /// A request whose answer is never read.
    NeverReading,
}

/// A server in a thread of its own, with a page that no socket's buffers hold.
fn started() -> SocketAddr {
    let status = Shared::default();
    let decoupled = (0..40_000).map(|index| Decoupled {
        namespace: "shop".into(),
        plug: format!("plug-{index}"),
        workload: "Deployment/web".into(),
        cause: "socket-gone",
        socket: String::new(),
        interface: String::new(),
    });
    status.lock().unwrap().metrics_mut().decoupled = decoupled.collect::<BTreeSet<_>>();
    status.lock().unwrap().ticked = Some(std::time::Instant::now());
    let (told, address) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            told.send(listener.local_addr().unwrap()).unwrap();
            serve(listener, status).await;
        });
    });
    address.recv().unwrap()
}

fn attack(address: SocketAddr, how: Attack) -> Client {
    let mut client = Client::connect(address).unwrap();
    // what the server has closed already cannot be written to
    let _ = match how {
        Attack::Idle => Ok(()),
        Attack::SlowHead => client.write_all(b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow: a"),
        Attack::HugeHead => {
            let head = format!("GET /livez HTTP/1.1\r\nX-Huge: {}", "a".repeat(1 << 20));
            client.set_nonblocking(true).unwrap();
            client.write(head.as_bytes()).map(drop)
        }
        Attack::HalfOpen => {
            let half = client.write_all(b"GET /livez HTTP/1.1\r\nHo");
            half.and(client.shutdown(Shutdown::Write))
        }
        Attack::NeverReading => client.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"),
    };
    client
}

fn get(address: SocketAddr, path: &str) -> String {
    let mut client = Client::connect(address).unwrap();
    client.set_read_timeout(Some(NEVER)).unwrap();
    client
        .write_all(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes())
        .unwrap();
    let mut answer = String::new();
    client
        .read_to_string(&mut answer)
        .unwrap_or_else(|error| panic!("{path} is not answered: {error}"));
    answer
}

/// Whether the server has closed a connection, as its client sees it.
fn is_closed(mut client: &Client) -> bool {
    client.set_nonblocking(true).unwrap();
    let mut buffer = vec![0; 64 << 10];
    loop {
        match client.read(&mut buffer) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) => return error.kind() != ErrorKind::WouldBlock,
        }
    }
}

#[test]
fn probes_are_answered_beside_a_thousand_hostile_connections() {
    let address = started();
    let mut held = Vec::new();
    for how in [
        Attack::Idle,
        Attack::SlowHead,
        Attack::HugeHead,
        Attack::HalfOpen,
        Attack::NeverReading,
    ] {
        held.extend((0..EACH).map(|_| attack(address, how)));
        for path in ["/livez", "/readyz"] {
            let answer = get(address, path);
            assert!(
                answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("ok\n"),
                "{how:?}: {answer}"
            );
        }
    }
    assert!(
        get(address, "/metrics").contains("plug-39999"),
        "who reads the page gets the whole of it"
    );
    assert_eq!(held.len(), 1_000);
    let open = held.iter().filter(|client| !is_closed(client)).count();
    assert!(open <= PROBE_CONNECTIONS, "{open} are open");
}

#[tokio::test]
async fn who_has_not_looked_yet_is_not_ready() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, Shared::default()));
    let answer = tokio::task::spawn_blocking(move || get(address, "/readyz"));
    assert!(answer.await.unwrap().ends_with("starting\n"));
}

#[test]
fn the_page_is_in_memory_once_until_it_changes() {
    let mut status = Status::default();
    let (first, second) = (status.page(), status.page());
    assert_eq!(first.as_ptr(), second.as_ptr());
    status.metrics_mut().suppressed = 7;
    assert_ne!(status.page(), first);
}
