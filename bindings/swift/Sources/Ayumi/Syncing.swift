import AyumiGenerated

extension Sync {
    /// Sends this device's changes and fetches those of other members.
    ///
    /// Cancelling the task stops it; the changes fetched so far stay, and the next one continues there. For BGAppRefreshTask give a
    /// time and `background: true`; for a carer's tap the default.
    ///
    /// - Throws: `CancellationError` if the task was cancelled; `AyumiError` of the file. Failures of the server are outcomes.
    public func run(
        budget: SyncBudget = SyncBudget(),
        progress: (@Sendable (_ done: UInt64, _ of: UInt64) -> Void)? = nil
    ) async throws -> SyncReport {
        let run = try begin(budget: budget, progress: progress.map(Progress.init))
        let report = try await withTaskCancellationHandler {
            try await run.ended()
        } onCancel: {
            run.cancel()
        }
        try Task.checkCancellation()
        return report
    }
}

/// A closure as a listener.
private final class Progress: ProgressListener {
    private let listen: @Sendable (UInt64, UInt64) -> Void

    init(_ listen: @escaping @Sendable (UInt64, UInt64) -> Void) {
        self.listen = listen
    }

    func progress(done: UInt64, of: UInt64) {
        listen(done, of)
    }
}
