//! A connection between two devices: requests and responses in frames, length first.
//!
//! Their content is sealed as for a server; the frames themselves are not, so a listener on the same network sees what a
//! server would.

use ayumi_protocol::endpoint::Endpoint;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::transport::{LONGEST_RESPONSE, RawResponse, Transport, Unreachable, Waiting};

/// How long one frame may take.
const FRAME_TIME: std::time::Duration = std::time::Duration::from_secs(30);

/// The connection ended, or is none of this kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the connection ended")]
pub struct Ended;

async fn write(stream: &mut TcpStream, head: &[u8], body: &[u8]) -> Result<(), Ended> {
    let length = u32::try_from(head.len() + body.len()).map_err(|_| Ended)?;
    let frame = [&length.to_be_bytes()[..], head, body].concat();
    timeout(FRAME_TIME, stream.write_all(&frame)).await.map_err(|_| Ended)?.map_err(|_| Ended)
}

async fn read(stream: &mut TcpStream) -> Result<Vec<u8>, Ended> {
    let whole = async {
        let length = stream.read_u32().await.map_err(|_| Ended)? as usize;
        if length > LONGEST_RESPONSE {
            return Err(Ended);
        }
        // Room is made as bytes come, not as they are promised.
        let mut frame = Vec::new();
        stream.take(length as u64).read_to_end(&mut frame).await.map_err(|_| Ended)?;
        if frame.len() == length { Ok(frame) } else { Err(Ended) }
    };
    timeout(FRAME_TIME, whole).await.map_err(|_| Ended)?
}

/// The side that sends requests.
#[derive(Debug)]
pub struct Socket(Mutex<Option<TcpStream>>);

impl Socket {
    /// Connects to a device that waits at an address such as `192.168.1.20:4030`.
    ///
    /// # Errors
    /// [`Unreachable`].
    pub async fn to(address: &str) -> Result<Self, Unreachable> {
        let stream = timeout(FRAME_TIME, TcpStream::connect(address)).await;
        let stream = stream.map_err(|_| Unreachable)?.map_err(|_| Unreachable)?;
        // Small frames go at once.
        stream.set_nodelay(true).map_err(|_| Unreachable)?;
        Ok(Self(Mutex::new(Some(stream))))
    }
}

impl Transport for Socket {
    fn post<'a>(&'a self, path: &'a str, body: Vec<u8>) -> Waiting<'a> {
        Box::pin(async move {
            let mut place = self.0.lock().await;
            // A request that was cut in the middle leaves no connection behind: the next response would belong to
            // another request.
            let mut stream = place.take().ok_or(Unreachable)?;
            let endpoint = Endpoint::from_path(path).ok_or(Unreachable)?;
            write(&mut stream, &[endpoint.number()], &body).await.map_err(|Ended| Unreachable)?;
            let frame = read(&mut stream).await.map_err(|Ended| Unreachable)?;
            let (status, body) = frame.split_first_chunk::<2>().ok_or(Unreachable)?;
            let response = RawResponse { status: u16::from_be_bytes(*status), body: body.to_vec(), retry_after: None };
            *place = Some(stream);
            Ok(response)
        })
    }
}

/// Answers every request of one connection until it ends; returns how many there were.
pub async fn answer_all(stream: TcpStream, transport: &dyn Transport) -> u64 {
    let mut stream = stream;
    let _ = stream.set_nodelay(true);
    let mut requests = 0;
    while let Ok(frame) = read(&mut stream).await {
        let Some((number, body)) = frame.split_first() else { break };
        let Some(endpoint) = Endpoint::from_number(*number) else { break };
        let Ok(response) = transport.post(endpoint.path(), body.to_vec()).await else { break };
        requests += 1;
        if write(&mut stream, &response.status.to_be_bytes(), &response.body).await.is_err() {
            break;
        }
    }
    requests
}
