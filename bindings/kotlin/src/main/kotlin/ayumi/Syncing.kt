package ayumi

import ayumi.model.ProgressListener
import ayumi.model.SyncBudget
import ayumi.model.SyncReport

/**
 * Sends and fetches what there is. Cancelling the coroutine stops it; what came until then stays, and the next one goes on from
 * there. For WorkManager give a time and `background = true`; for a carer's tap the default.
 */
suspend fun Sync.run(
    budget: SyncBudget = SyncBudget(),
    progress: ((done: ULong, of: ULong) -> Unit)? = null,
): SyncReport {
    val listener = progress?.let { told ->
        object : ProgressListener {
            override fun progress(done: ULong, of: ULong) = told(done, of)
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
