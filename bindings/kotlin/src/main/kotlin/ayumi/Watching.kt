package ayumi

import ayumi.model.ChangeListener
import ayumi.model.Topic
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.channels.awaitClose
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.buffer
import kotlinx.coroutines.flow.callbackFlow
import kotlinx.coroutines.flow.conflate
import kotlinx.coroutines.flow.filter
import kotlinx.coroutines.flow.flowOn
import kotlinx.coroutines.flow.map

/**
 * Emits all topics at once, then the topics of each change, written here or fetched by a sync. It ends with its collector.
 */
fun Handbook.changes(): Flow<Set<Topic>> = callbackFlow {
    val subscription = observe(object : ChangeListener {
        override fun changed(topics: List<Topic>) {
            trySend(topics.toSet())
        }
    })
    awaitClose {
        subscription.end()
        subscription.close()
    }
}.buffer(Channel.UNLIMITED)

/**
 * Emits the result of `read`, now and whenever one of the topics may have changed.
 *
 * Reading happens off the main thread; of changes that come faster than they are read, the last one counts.
 *
 * ```
 * handbook.watch(Topic.RECORDS) { entries.shown(child) }.collect { page -> show(page) }
 * ```
 */
fun <T> Handbook.watch(vararg topics: Topic, read: () -> T): Flow<T> =
    changes().filter { changed -> topics.any(changed::contains) }.conflate().map { read() }.flowOn(Dispatchers.IO)
