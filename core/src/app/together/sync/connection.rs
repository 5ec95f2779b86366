//! The connection to the server that this handbook knows, over HTTPS.

use super::run::Sync;
use crate::app::error::{Error, Result};
use crate::model::{Invalid, Reason};
use crate::sync::http::{Https, normal_address};

impl Sync {
    /// Remembers a server by its address as typed or scanned; see [`Sync::set_server`].
    ///
    /// # Errors
    /// [`Error::Invalid`] unless it is `https://…`, or `http://` to this very device; any [store
    /// error](crate::app::Error#store-errors).
    pub fn use_server(&self, address: &str) -> Result<()> {
        let wrong =
            |_| Invalid::new("server", address, "https://…, or http:// to this device").because(Reason::NotAServer);
        self.set_server(&normal_address(address).map_err(wrong)?)
    }

    /// Returns the connection to the configured server; `None` while none is known.
    ///
    /// # Errors
    /// [`Error::Invalid`] if the certificate of the configuration is none; any [store
    /// error](crate::app::Error#store-errors).
    pub fn connection(&self) -> Result<Option<Https>> {
        let Some(server) = self.server()? else { return Ok(None) };
        let certificate = self.handbook.inner.config.certificate.as_deref();
        let wrong = |_| Invalid::new("certificate", "", "a certificate in PEM");
        Ok(Some(Https::to(&server, certificate).map_err(wrong)?))
    }

    /// Returns the connection to the configured server, for operations that need one.
    ///
    /// # Errors
    /// [`Error::Offline`] while no server is known; as [`Sync::connection`].
    pub fn server_connection(&self) -> Result<Https> {
        self.connection()?.ok_or(Error::Offline)
    }
}
