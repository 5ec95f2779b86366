//! Syncs two devices without any server: one replies as a server would, over a store in its memory, and the other one
//! sends it requests over a local socket. The same requests, envelopes and rules; later changes go to the
//! municipality's server from whoever reaches it first.

use std::sync::Arc;

use ayumi_channel::answer::{Channel, Origins};
use ayumi_channel::memory::{Contents, MemoryLog};
use ayumi_channel::signer::Signer;
use ayumi_protocol::endpoint;
use tokio::net::{TcpListener, TcpStream};

use crate::app::error::{Defect, Error, Result};
use crate::app::handbook::Handbook;
use crate::app::together::sync::{Budget, SyncReport};
use crate::crypto::random;
use crate::store::photos;
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
        let clock = Arc::new(move || nearby.corrected_now());
        let host = Host {
            handbook: self.handbook.clone(),
            server: Arc::new(InMemory(Channel::new(log, clock, Arc::new(()), Origins::Nearby))),
        };
        self.handbook.sync().run(&*host.server, Budget::default(), &|_, _| ()).await?;
        Ok(host)
    }

    fn corrected_now(&self) -> u64 {
        let now_ms = self.handbook.clock().now_ms();
        self.handbook.db().corrected(now_ms).unwrap_or(now_ms)
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

    /// Waits for one visitor, answers until it leaves, then takes in what it brought.
    ///
    /// # Errors
    /// [`Error::Io`] if the socket fails; any [store error](crate::app::Error#store-errors).
    pub async fn welcome(&self, listener: &TcpListener) -> Result<SyncReport> {
        let (stream, _) = listener.accept().await.map_err(|_| Error::Io)?;
        self.answer(stream).await
    }

    async fn answer(&self, stream: TcpStream) -> Result<SyncReport> {
        answer_all(stream, &*self.server).await;
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
