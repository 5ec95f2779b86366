//! Syncs two devices without any server: one replies as a server would, over a store in its memory, and the other one
//! sends it requests over a connection that is sealed under a code which the first one shows. The same requests, envelopes and rules; later changes go to the
//! municipality's server from whoever reaches it first.

use std::sync::Arc;

use ayumi_channel::answer::{Admission, Channel, Clock, Origins};
use ayumi_channel::memory::{Contents, MemoryLog};
use ayumi_channel::signer::Signer;
use ayumi_protocol::endpoint;
use tokio::net::TcpListener;

use crate::app::error::{Defect, Error, Result};
use crate::app::handbook::Handbook;
use crate::app::together::sync::{Budget, SyncReport};
use crate::crypto::random;
use crate::model::{Invalid, Reason};
use crate::store::photos;
use crate::sync::meeting::MeetingCode;
use crate::sync::noise::Sealed;
use crate::sync::socket::{Socket, answer_all};
use crate::sync::transport::{RawResponse, Transport, Waiting};

/// Bytes of one notebook in memory at most: all words, and photos as far as they fit. The others come over a server.
const QUOTA: u64 = 64 << 20;

/// The transport to the store in this device's own memory.
struct InMemory(Channel<MemoryLog>);

impl Transport for InMemory {
    fn post<'a>(&'a self, path: &'a str, body: Vec<u8>) -> Waiting<'a> {
        Box::pin(async move {
            let (status, body) = match self.0.answer(path, &body).await {
                Ok(body) => (endpoint::OK, body),
                Err(problem) => (problem.status(), problem.into_body()),
            };
            Ok(RawResponse { status, body, retry_after: None })
        })
    }
}

/// A device that waits for another one.
pub struct Host {
    handbook: Handbook,
    code: MeetingCode,
    log: Arc<MemoryLog>,
    clock: Clock,
    server: Arc<InMemory>,
}

/// Two devices side by side, without a server.
#[derive(Clone)]
pub struct Nearby {
    pub(in crate::app) handbook: Handbook,
}

impl Nearby {
    /// Makes this device ready for another one: everything that it may show lies in its memory then, sealed as for a
    /// server.
    ///
    /// # Errors
    /// Any [store error](crate::app::Error#store-errors).
    pub async fn host(&self) -> Result<Host> {
        let seed: [u8; 32] = random()?;
        let store_epoch: [u8; 16] = random()?;
        let signer = Signer::new(&seed, store_epoch).map_err(|_| Defect::ServerInMemory)?;
        let log = Arc::new(MemoryLog::new(Contents::default(), signer, QUOTA));
        let nearby = self.clone();
        let clock: Clock = Arc::new(move || nearby.corrected_now());
        let server = Channel::new(log.clone(), clock.clone(), Arc::new(()), Origins::Nearby);
        let (handbook, code, server) = (self.handbook.clone(), MeetingCode::generate()?, Arc::new(InMemory(server)));
        let host = Host { handbook, code, log, clock, server };
        self.handbook.sync().run(&*host.server, Budget::default(), &|_, _| ()).await?;
        Ok(host)
    }

    fn corrected_now(&self) -> u64 {
        let now_ms = self.handbook.clock().now_ms();
        self.handbook.db().corrected(now_ms).unwrap_or(now_ms)
    }

    /// Connects to a device that waits at an address such as `192.168.1.20:4030`, with the code that it shows.
    ///
    /// # Errors
    /// [`Error::Invalid`] if that is no such code; [`Error::Offline`] if nobody waits there under it.
    pub async fn dial(&self, address: &str, code: &str) -> Result<Socket> {
        let allowed = "the code that the other device shows, such as N-04H2-...";
        let code =
            MeetingCode::from_text(code).map_err(|_| Invalid::new("code", "", allowed).because(Reason::NotACode))?;
        Socket::to(address, &code).await.map_err(|_| Error::Offline)
    }

    /// Visits a device that waits: sends what it lacks, fetches what this one lacks, photos too. Both keep everything.
    ///
    /// # Errors
    /// [`Error::Offline`] if nobody waits there; any [store error](crate::app::Error#store-errors).
    pub async fn visit(&self, transport: &Socket) -> Result<SyncReport> {
        let report = self.exchange(transport).await;
        self.handbook.sync().begin_elsewhere()?;
        report
    }

    async fn exchange(&self, transport: &dyn Transport) -> Result<SyncReport> {
        let report = self.handbook.sync().run(transport, Budget::default(), &|_, _| ()).await?;
        let missing = photos::missing(self.handbook.db().reader())?;
        for photo in missing {
            match self.handbook.sync().fetch_photo(photo, transport).await {
                Ok(_) | Err(Error::NotFound { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(report)
    }
}

impl Host {
    /// Returns the transport to this device's own memory: for an invitation that the visitor uses.
    pub fn transport(&self) -> &dyn Transport {
        &*self.server
    }

    /// Returns the code to show: who types it into the other device is the visitor.
    pub fn code(&self) -> String {
        self.code.to_text()
    }

    /// Waits for one visitor who knows the code, answers until it leaves, then takes in what it brought. Who does not know the
    /// code is sent away without an answer.
    ///
    /// # Errors
    /// [`Error::Io`] if the socket fails; any [store error](crate::app::Error#store-errors).
    pub async fn welcome(&self, listener: &TcpListener) -> Result<SyncReport> {
        let visitor = loop {
            let (stream, _) = listener.accept().await.map_err(|_| Error::Io)?;
            if let Ok(visitor) = Sealed::accept(stream, &self.code).await {
                break visitor;
            }
        };
        // A session is opened for this connection only. Notebooks that are not here do not begin here, and drawers stay shut.
        let origins = Origins::Beside(visitor.handshake());
        let channel = Channel::new(self.log.clone(), self.clock.clone(), Arc::new(()), origins);
        answer_all(visitor, &InMemory(channel.admitting(Admission::Nobody))).await;
        Nearby { handbook: self.handbook.clone() }.exchange(&*self.server).await
    }

    /// Ends the waiting. Dropping it does the same, as far as it can.
    ///
    /// # Errors
    /// Any [store error](crate::app::Error#store-errors).
    pub fn end(self) -> Result<()> {
        self.handbook.sync().begin_elsewhere()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // Without it the next sync finds out by itself that the store is another one.
        let _ = self.handbook.sync().begin_elsewhere();
    }
}
