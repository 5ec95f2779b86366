//! The connection to the configured server.

use std::future::Future;
use std::path::Path;

use ayumi_core::app::{Handbook, Https, normal_address};

use crate::output::Failure;

/// Runs a future to its end; this shell does one thing at a time.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::File("network".into(), error.kind()))?;
    Ok(runtime.block_on(future))
}

/// Connects to the given server, which is remembered, or to the remembered one.
pub(crate) fn connect(handbook: &Handbook, server: Option<&str>, ca: Option<&Path>) -> Result<Https, Failure> {
    let wrong = |_| Failure::Input("server does not fit; allowed: https://…, or http:// to this computer".into());
    if let Some(server) = server {
        handbook.sync().set_server(&normal_address(server).map_err(wrong)?)?;
    }
    let known = handbook.sync().server()?;
    let known = known.ok_or_else(|| Failure::Other("no server is known yet; name it once with --server URL".into()))?;
    let ca = match ca.map(Path::to_owned).or_else(|| std::env::var_os("AYUMI_CA").map(Into::into)) {
        Some(path) => {
            Some(std::fs::read(&path).map_err(|error| Failure::File(path.display().to_string(), error.kind()))?)
        }
        None => None,
    };
    Https::to(&known, ca.as_deref()).map_err(wrong)
}
