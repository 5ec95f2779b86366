import AyumiGenerated

extension Sync {
    /// Sends and fetches what there is. Cancelling the task stops it; what came until then stays, and the next one goes on from there.
    /// For BGAppRefreshTask give a time and `background: true`; for a carer's tap the default.
    ///
    /// - Throws: `CancellationError` if the task was cancelled; `AyumiError` of the file. What concerns the server is an outcome.
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
    private let told: @Sendable (UInt64, UInt64) -> Void

    init(_ told: @escaping @Sendable (UInt64, UInt64) -> Void) {
        self.told = told
    }

    func progress(done: UInt64, of: UInt64) {
        told(done, of)
    }
}
