package ayumi

import ayumi.model.ProgressListener
import ayumi.model.SyncBudget
import ayumi.model.SyncReport

/**
 * Sends this device's changes and fetches those of other members.
 *
 * Cancelling the coroutine stops it; the changes fetched so far stay, and the next one continues there. For WorkManager give a
 * time and `background = true`; for a carer's tap the default.
 */
suspend fun Sync.run(
    budget: SyncBudget = SyncBudget(),
    progress: ((done: ULong, of: ULong) -> Unit)? = null,
): SyncReport {
    val listener = progress?.let { listen ->
        object : ProgressListener {
            override fun progress(done: ULong, of: ULong) = listen(done, of)
        }
    }
    return begin(budget, listener).use { run ->
        try {
            run.ended()
        } finally {
            run.cancel()
        }
    }
}
