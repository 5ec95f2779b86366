//! Requests and responses between two devices, over a connection that both have sealed with one code ([`super::noise`]).

use ayumi_protocol::endpoint::Endpoint;
use ayumi_protocol::limits;
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::meeting::MeetingCode;
use super::noise::{Ended, Sealed};
use super::transport::{LONGEST_RESPONSE, RawResponse, Transport, Unreachable, Waiting};

/// How long dialling may take.
const DIALLING_TIME: std::time::Duration = std::time::Duration::from_secs(30);
/// Bytes of a request: an endpoint's number, and what a server would take.
const LONGEST_REQUEST: usize = 1 + limits::REQUEST_BYTES;

/// The side that sends requests.
#[derive(Debug)]
pub struct Socket {
    connection: Mutex<Option<Sealed>>,
    handshake: [u8; 32],
}

impl Socket {
    /// Connects to a device that waits at an address such as `192.168.1.20:4030` and shows this code.
    ///
    /// # Errors
    /// [`Unreachable`], also if it shows another code.
    pub async fn to(address: &str, code: &MeetingCode) -> Result<Self, Unreachable> {
        let stream = timeout(DIALLING_TIME, TcpStream::connect(address)).await;
        let stream = stream.map_err(|_| Unreachable)?.map_err(|_| Unreachable)?;
        let connection = Sealed::dial(stream, code).await.map_err(|Ended| Unreachable)?;
        Ok(Self { handshake: connection.handshake(), connection: Mutex::new(Some(connection)) })
    }
}

impl Transport for Socket {
    fn post<'a>(&'a self, path: &'a str, body: Vec<u8>) -> Waiting<'a> {
        Box::pin(async move {
            let mut place = self.connection.lock().await;
            // A request that was cut in the middle leaves no connection behind: the next response would belong to
            // another request.
            let mut connection = place.take().ok_or(Unreachable)?;
            let endpoint = Endpoint::from_path(path).ok_or(Unreachable)?;
            let request = [&[endpoint.number()][..], &body].concat();
            connection.send(&request).await.map_err(|Ended| Unreachable)?;
            let frame = connection.receive(LONGEST_RESPONSE).await.map_err(|Ended| Unreachable)?;
            let (status, body) = frame.split_first_chunk::<2>().ok_or(Unreachable)?;
            let response = RawResponse { status: u16::from_be_bytes(*status), body: body.to_vec(), retry_after: None };
            *place = Some(connection);
            Ok(response)
        })
    }

    fn handshake(&self) -> Option<[u8; 32]> {
        Some(self.handshake)
    }
}

/// Answers every request of one connection until it ends; returns how many there were.
pub async fn answer_all(mut connection: Sealed, transport: &dyn Transport) -> u64 {
    let mut requests = 0;
    while let Ok(frame) = connection.receive(LONGEST_REQUEST).await {
        let Some((number, body)) = frame.split_first() else { break };
        let Some(endpoint) = Endpoint::from_number(*number) else { break };
        let Ok(response) = transport.post(endpoint.path(), body.to_vec()).await else { break };
        requests += 1;
        if connection.send(&[&response.status.to_be_bytes()[..], &response.body].concat()).await.is_err() {
            break;
        }
    }
    requests
}
