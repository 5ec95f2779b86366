import Foundation

/// Takes a question and never answers it.
final class SilentServer: @unchecked Sendable {
    let port: UInt16
    private let socket: Int32

    init() throws {
        #if canImport(Glibc)
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
        socket = Darwin.socket(AF_INET, SOCK_STREAM, 0)
        #endif
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let own = socket
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(own, pointer, length) == 0 && listen(own, 4) == 0 && getsockname(own, pointer, &length) == 0
            }
        }
        guard bound else { throw POSIXError(.EADDRNOTAVAIL) }
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit {
        close(socket)
    }

    /// Returns once a question has arrived.
    func waitForQuestion() async throws {
        let own = socket
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                _ = accept(own, nil, nil)
                continuation.resume()
            }
        }
    }
}

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif
