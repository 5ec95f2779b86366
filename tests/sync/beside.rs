//! Who means harm beside two devices that exchange without a server: each test is what one of them wanted.

use ayumi_core::app::Error;
use ayumi_core::app::sync::SyncOutcome;
use ayumi_core::sync::meeting::MeetingCode;
use ayumi_core::sync::noise::Sealed;
use ayumi_core::sync::transport::Transport;
use ayumi_protocol::limits;
use ayumi_tests::family::Time;
use ayumi_tests::phones::{child, family, phone, weigh};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::moving::runtime;

#[test]
fn a_stranger_with_another_code_learns_nothing_and_opens_nothing() {
    let (_time, _way, mother, father, notebook) = family();
    weigh(&mother.book, notebook, "9.1");
    runtime().block_on(async {
        let host = mother.book.nearby().host().await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let others = async {
            let guess = MeetingCode::generate().unwrap().to_text();
            let refused = father.book.nearby().dial(&address, &guess).await;
            assert_eq!(refused.err(), Some(Error::Offline));
            // Whatever a stranger sends, not one byte comes back.
            let mut raw = TcpStream::connect(&address).await.unwrap();
            raw.write_all(&[&[0, 48][..], &[7; 48]].concat()).await.unwrap();
            let mut heard = Vec::new();
            let _ = raw.read_to_end(&mut heard).await;
            assert_eq!(heard, Vec::<u8>::new());
            // The visitor who was told the code comes all the same.
            let way = father.book.nearby().dial(&address, &host.code()).await.unwrap();
            father.book.nearby().visit(&way).await.unwrap()
        };
        let (welcomed, visited) = tokio::join!(host.welcome(&listener), others);
        assert_eq!(
            (welcomed.unwrap().outcome, visited.outcome, visited.pulled),
            (SyncOutcome::Done, SyncOutcome::Done, 1)
        );
    });
}

#[test]
fn a_relay_that_overheard_the_code_opens_no_session() {
    let (_time, _way, mother, father, notebook) = family();
    weigh(&mother.book, notebook, "9.1");
    weigh(&father.book, notebook, "9.2");
    runtime().block_on(async {
        let host = mother.book.nearby().host().await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let between = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let false_address = between.local_addr().unwrap().to_string();
        let code = MeetingCode::from_text(&host.code()).unwrap();
        let relay = async {
            let mut victim = Sealed::accept(between.accept().await.unwrap().0, &code).await.unwrap();
            let mut device = Sealed::dial(TcpStream::connect(&address).await.unwrap(), &code).await.unwrap();
            let most = 4 * limits::REQUEST_BYTES;
            while let Ok(request) = victim.receive(most).await {
                device.send(&request).await.unwrap();
                victim.send(&device.receive(most).await.unwrap()).await.unwrap();
            }
        };
        let visiting = async {
            let way = father.book.nearby().dial(&false_address, &host.code()).await.unwrap();
            father.book.nearby().visit(&way).await.unwrap()
        };
        let (welcomed, visited, ()) = tokio::join!(host.welcome(&listener), visiting, relay);
        assert_eq!((welcomed.unwrap().pulled, visited.pulled, visited.pushed), (0, 0, 0));
    });
    for phone in [&mother, &father] {
        assert_eq!(phone.book.entries().list(notebook, &Default::default()).unwrap().len(), 1, "what it had");
    }
}

#[test]
fn an_endless_message_ends_the_connection_and_fills_nothing() {
    let (_time, _way, mother, _father, _notebook) = family();
    runtime().block_on(async {
        let host = mother.book.nearby().host().await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let code = MeetingCode::from_text(&host.code()).unwrap();
        let flood = async {
            let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
            let mut visitor = Sealed::dial(stream, &code).await.unwrap();
            // Its first part says how long it is: nothing of the rest is read.
            let _ = visitor.send(&vec![0; limits::REQUEST_BYTES + 2]).await;
            assert!(visitor.receive(1024).await.is_err());
        };
        let (welcomed, ()) = tokio::join!(host.welcome(&listener), flood);
        assert_eq!(welcomed.unwrap().pulled, 0);
    });
}

#[test]
fn a_visitor_begins_no_notebook_and_opens_no_drawer() {
    let time = Time::default();
    let (mother, guest) = (phone(&time, "母"), phone(&time, "客"));
    child(&mother.book);
    child(&guest.book);
    runtime().block_on(async {
        let host = mother.book.nearby().host().await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let visiting = async {
            let way = guest.book.nearby().dial(&address, &host.code()).await.unwrap();
            assert_eq!(way.post("/v1/drawer", Vec::new()).await.unwrap().status, 403);
            guest.book.nearby().visit(&way).await.unwrap()
        };
        let (welcomed, visited) = tokio::join!(host.welcome(&listener), visiting);
        assert_eq!((welcomed.unwrap().outcome, visited.outcome), (SyncOutcome::Done, SyncOutcome::Done));
        assert_eq!((visited.pushed, visited.notebooks.len()), (0, 0), "each keeps what is its own");
    });
}
