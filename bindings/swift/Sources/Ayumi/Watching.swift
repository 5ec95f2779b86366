import AyumiGenerated

extension Handbook {
    /// Yields all topics at once, then the topics of each change, written here or fetched by a sync. It ends with the loop that
    /// reads it.
    public func changes() throws -> AsyncStream<Set<Topic>> {
        let (stream, continuation) = AsyncStream.makeStream(of: Set<Topic>.self)
        let subscription = try observe(listener: Listener { continuation.yield(Set($0)) })
        continuation.onTermination = { _ in subscription.end() }
        return stream
    }

    /// Yields the result of `read`, now and whenever one of the topics may have changed.
    ///
    /// Of changes that come faster than they are read, the last one counts.
    ///
    /// ```swift
    /// for try await page in handbook.watch(.records, read: { try entries.shown(notebook: child) }) { show(page) }
    /// ```
    public func watch<Value: Sendable>(
        _ topics: Topic...,
        read: @escaping @Sendable () throws -> Value
    ) -> AsyncThrowingStream<Value, any Error> {
        let wanted = Set(topics)
        let (stream, continuation) = AsyncThrowingStream.makeStream(of: Value.self)
        // One mark for many changes: what is read afterwards holds them all.
        let (marks, mark) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        do {
            let subscription = try observe(listener: Listener { if !wanted.isDisjoint(with: $0) { mark.yield() } })
            let reader = Task {
                do {
                    for await _ in marks { continuation.yield(try read()) }
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            continuation.onTermination = { _ in
                subscription.end()
                mark.finish()
                reader.cancel()
            }
        } catch {
            continuation.finish(throwing: error)
        }
        return stream
    }
}

/// A closure as a listener.
private final class Listener: ChangeListener {
    private let listen: @Sendable ([Topic]) -> Void

    init(_ listen: @escaping @Sendable ([Topic]) -> Void) {
        self.listen = listen
    }

    func changed(topics: [Topic]) {
        listen(topics)
    }
}
