//! The way to the server that this handbook knows, over HTTPS.

use super::Sync;
use crate::app::error::{Error, Result};
use crate::app::handbook::Handbook;
use crate::model::Invalid;
use crate::sync::http::{Https, normal_address};

impl Sync {
    /// Remembers a server by its address as typed or scanned; see [`Sync::set_server`].
    ///
    /// # Errors
    /// [`Error::Invalid`] unless it is `https://…`, or `http://` to this very device; those of the file.
    pub fn use_server(&self, address: &str) -> Result<()> {
        let wrong = |_| Invalid::new("server", address, "https://…, or http:// to this device");
        self.set_server(&normal_address(address).map_err(wrong)?)
    }

    /// The way to the known server; `None` while none is known.
    ///
    /// # Errors
    /// [`Error::Invalid`] if the certificate of the configuration is none; those of the file.
    pub fn way(&self) -> Result<Option<Https>> {
        let Some(server) = self.server()? else { return Ok(None) };
        let certificate = self.handbook.inner.config.certificate.as_deref();
        let wrong = |_| Invalid::new("certificate", "", "a certificate in PEM");
        Ok(Some(Https::to(&server, certificate).map_err(wrong)?))
    }
}

impl Handbook {
    /// The way to the known server, for what cannot do without.
    ///
    /// # Errors
    /// [`Error::Offline`] while no server is known; as [`Sync::way`].
    pub fn way(&self) -> Result<Https> {
        self.sync().way()?.ok_or(Error::Offline)
    }

    /// The way to the server of an invitation: the one that its code names is remembered.
    ///
    /// # Errors
    /// [`Error::Invalid`] if it is no code; as [`Handbook::way`].
    pub fn way_of(&self, code: &str) -> Result<Https> {
        if let Some(server) = Self::server_of(code)? {
            self.sync().use_server(&server)?;
        }
        self.way()
    }
}
