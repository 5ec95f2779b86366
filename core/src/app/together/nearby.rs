//! Device to device, without any server: one device answers as a server would, over a store in its memory, and another one asks it
//! over a local socket. The same questions, the same envelopes, the same rules; what came later goes to the city's server from
//! whoever reaches it first.

use std::sync::Arc;

use ayumi_channel::answer::Channel;
use ayumi_channel::memory::{Contents, MemoryLog};
use ayumi_channel::signer::{Signer, random};
use tokio::net::{TcpListener, TcpStream};

use crate::app::error::{Error, Result};
use crate::app::handbook::Handbook;
use crate::app::together::sync::{Budget, SyncReport};
use crate::store::photos;
use crate::sync::socket::{Socket, answer_all};
use crate::sync::transport::{Answer, Transport, Waiting};

/// Bytes of one notebook in memory at most: all words, and photos as far as they fit. The others come over a server.
const QUOTA: u64 = 64 << 20;

/// The way to the store in this device's own memory.
struct Own(Channel<MemoryLog>);

impl Transport for Own {
    fn post<'a>(&'a self, path: &'a str, body: Vec<u8>) -> Waiting<'a> {
        Box::pin(async move {
            let (status, body) = match self.0.answer(path, &body).await {
                Ok(body) => (200, body),
                Err(problem) => problem.parts(),
            };
            Ok(Answer { status, body, retry_after: None })
        })
    }
}

/// A device that waits for another one.
pub struct Host {
    handbook: Handbook,
    own: Arc<Own>,
}

impl Handbook {
    /// Makes this device ready for another one: everything that it may show lies in its memory then, sealed as for a server.
    ///
    /// # Errors
    /// Those of the file.
    pub async fn host(&self) -> Result<Host> {
        let seed: [u8; 32] = random().map_err(|_| Error::Io)?;
        let life: [u8; 16] = random().map_err(|_| Error::Io)?;
        let signer = Signer::new(&seed, life).map_err(|_| Error::Io)?;
        let log = Arc::new(MemoryLog::new(Contents::default(), signer, QUOTA));
        let handbook = self.clone();
        let clock = Arc::new(move || handbook.corrected_now());
        let host = Host { handbook: self.clone(), own: Arc::new(Own(Channel::new(log, clock, Arc::new(())))) };
        self.sync().run(&*host.own, Budget::default(), &|_, _| ()).await?;
        Ok(host)
    }

    fn corrected_now(&self) -> u64 {
        let now_ms = self.clock().now_ms();
        self.db().corrected(now_ms).unwrap_or(now_ms)
    }

    /// Visits a device that waits: sends what it lacks, fetches what this one lacks, photos too. Both keep everything.
    ///
    /// # Errors
    /// [`Error::Offline`] if nobody waits there; those of the file.
    pub async fn visit(&self, way: &Socket) -> Result<SyncReport> {
        let report = self.exchange(way).await;
        self.sync().begin_elsewhere()?;
        report
    }

    async fn exchange(&self, way: &dyn Transport) -> Result<SyncReport> {
        let report = self.sync().run(way, Budget::default(), &|_, _| ()).await?;
        let missing = photos::missing(self.db().reader())?;
        for photo in missing {
            match self.sync().fetch_photo(photo, way).await {
                Ok(_) | Err(Error::NotFound { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(report)
    }
}

impl Host {
    /// The way to this device's own memory: for an invitation that the visitor uses.
    pub fn way(&self) -> &dyn Transport {
        &*self.own
    }

    /// Waits for one visitor, answers until it leaves, then takes in what it brought.
    ///
    /// # Errors
    /// [`Error::Io`] if the socket fails; those of the file.
    pub async fn welcome(&self, listener: &TcpListener) -> Result<SyncReport> {
        let (stream, _) = listener.accept().await.map_err(|_| Error::Io)?;
        self.answer(stream).await
    }

    async fn answer(&self, stream: TcpStream) -> Result<SyncReport> {
        answer_all(stream, &*self.own).await;
        self.handbook.exchange(&*self.own).await
    }

    /// Ends the waiting. Dropping it does the same, as far as it can.
    ///
    /// # Errors
    /// Those of the file.
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
