package ayumi

import ayumi.model.*
import com.sun.jna.Library
import com.sun.jna.Native
import com.sun.jna.Structure
import com.sun.jna.internal.Cleaner
import java.io.File
import java.net.InetAddress
import java.net.ServerSocket
import java.nio.file.Files
import java.time.LocalDate
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.Phaser
import java.util.concurrent.TimeUnit
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** What the border itself promises: observation, cancellation, foreign code that fails, memory. */
class BorderTest {
    private val folder = Files.createTempDirectory("ayumi")
    private val opened = mutableListOf<Handbook>()

    private fun make(config: Config = config(folder.resolve("mother"))) = Handbook.create(config, "母").also { opened += it }

    private fun Handbook.child() = notebooks().addChild(NewChild("さくら", Sex.FEMALE, LocalDate.parse("2024-05-03")))

    private fun diary(child: NotebookId, text: String) =
        Draft(child, "diary", LocalDate.parse("2026-04-19"), mapOf("text" to text))

    @AfterEach
    fun close() {
        opened.forEach { it.finish() }
        folder.toFile().deleteRecursively()
    }

    @Test
    fun `a watch gives the first value now, then each change, and ends with its collector`() = runBlocking {
        val book = make()
        val child = book.child()
        val pages = Channel<Int>(Channel.UNLIMITED)
        val watching = launch(Dispatchers.Default) {
            book.watch(Topic.RECORDS) { book.entries().shown(child).size }.collect { pages.send(it) }
        }
        withTimeout(10_000) {
            assertEquals(0, pages.receive(), "before anything was written")
            book.entries().add(diary(child, "一"))
            assertEquals(1, pages.receive())
            book.entries().add(diary(child, "二"))
            assertEquals(2, pages.receive())
        }
        watching.cancelAndJoin()
        book.entries().add(diary(child, "三"))
        assertTrue(pages.tryReceive().isFailure, "nobody is told any more")
    }

    @Test
    fun `a listener hears of its topic only`() = runBlocking {
        val book = make()
        val child = book.child()
        val heard = Channel<Set<Topic>>(Channel.UNLIMITED)
        val listening = launch(Dispatchers.Default) { book.changes().collect { heard.send(it) } }
        withTimeout(10_000) {
            assertEquals(Topic.entries.toSet(), heard.receive(), "everything, at once")
            book.entries().add(diary(child, "一"))
            assertEquals(setOf(Topic.RECORDS), heard.receive())
        }
        listening.cancelAndJoin()
    }

    @Test
    fun `a cancelled sync closes its connection and lets the next one run`() = runBlocking {
        val book = make()
        book.child()
        ServerSocket(0, 1, InetAddress.getLoopbackAddress()).use { silent ->
            book.sync().useServer("http://127.0.0.1:${silent.localPort}")
            val run = async(Dispatchers.Default) { book.sync().run() }
            silent.accept().use { question ->
                run.cancelAndJoin()
                question.soTimeout = 10_000
                val input = question.getInputStream()
                // What was on its way comes, then the end: nobody holds the line.
                while (input.read() >= 0) Unit
            }
            assertTrue(run.isCancelled)
        }
        // Had the first one gone on, this would be BUSY.
        assertEquals(SyncOutcome.OFFLINE, book.sync().run().outcome)
    }

    @Test
    fun `closing stops a sync that is on its way`() = runBlocking {
        val book = make()
        book.child()
        ServerSocket(0, 1, InetAddress.getLoopbackAddress()).use { silent ->
            book.sync().useServer("http://127.0.0.1:${silent.localPort}")
            val run = async(Dispatchers.Default) { book.sync().run() }
            silent.accept().use { book.finish() }
            assertEquals(SyncOutcome.MORE, run.await().outcome)
        }
        Handbook.open(config(folder.resolve("mother"))).finish()
    }

    @Test
    fun `foreign code that throws becomes an error, and a write that is done stays done`() {
        class Broken : KeyVault {
            override fun load(): FileKey? = throw IllegalStateException("a defect of the app")
            override fun keep(key: FileKey) = Unit
        }
        assertThrows(AyumiException.NoKey::class.java) { Handbook.create(Config(folder.resolve("x").toString(), Broken(), Language.JA), "母") }
        val book = make()
        val child = book.child()
        book.observe(object : ChangeListener {
            override fun changed(topics: List<Topic>) = throw IllegalStateException("a defect of the app")
        }).use {
            book.entries().add(diary(child, "書いた"))
        }
        assertEquals(1, book.entries().shown(child).size)
        val locked = object : KeyVault {
            override fun load(): FileKey? = ByteArray(31)
            override fun keep(key: FileKey) = Unit
        }
        assertThrows(AyumiException::class.java) { Handbook.open(Config(folder.resolve("mother").toString(), locked, Language.JA)) }
    }

    @Test
    fun `the log holds stable words and numbers, nothing that was written`() = runBlocking {
        val lines = ConcurrentLinkedQueue<LogLine>()
        val sink = object : LogSink {
            override fun log(line: LogLine) {
                lines += line
            }
        }
        val none = object : Connectivity {
            override fun network() = Network.ABSENT
        }
        val place = config(folder.resolve("mother")).let { Config(it.folder, it.vault, it.locale, it.clock, none, sink) }
        val book = make(place)
        val child = book.child()
        book.entries().add(diary(child, "ひみつ"))
        assertThrows(AyumiException.Invalid::class.java) { book.entries().add(Draft(child, "growth", LocalDate.parse("2026-04-19"), mapOf("weight" to "ひみつ"))) }
        book.sync().useServer("https://ayumi.invalid")
        val report = book.sync().run()
        assertEquals(SyncOutcome.OFFLINE to 0uL, report.outcome to report.roundTrips, "no network, no question")
        assertTrue(lines.any { it.event == "entries.add.invalid" && it.level == LogLevel.WARNING }, "$lines")
        assertTrue(lines.none { "ひみつ" in it.toString() }, "$lines")
    }

    @Test
    fun `photos come back without where they were taken`() {
        val book = make()
        val child = book.child()
        val original = File("../../fixtures/photos/garden.jpg").readBytes()
        val id = book.entries().add(Draft(child, "diary", LocalDate.parse("2026-04-19"), mapOf("text" to "庭"), listOf(original)))
        val photo = book.entries().photosOf(id).single()
        val kept = book.entries().photo(photo)
        assertTrue(String(original, Charsets.ISO_8859_1).contains("Exif") && !String(kept, Charsets.ISO_8859_1).contains("Exif"))
        assertTrue(book.entries().thumbnail(photo).size < kept.size)
    }

    @Test
    fun `a file goes out and comes in again`() {
        val book = make()
        val child = book.child()
        book.entries().add(diary(child, "一"))
        val text = book.exchange().json(child)
        val other = Handbook.create(config(folder.resolve("other")), "母").also { opened += it }
        val plan = other.exchange().planJson(text)
        assertEquals(2uL, plan.summary().add + plan.summary().update)
        plan.apply(false)
        val here = other.notebooks().list().single().id
        assertNotEquals(child, here, "it begins anew under an id of its own")
        assertEquals("一", other.entries().shown(here).single().lines.single().text)
        assertThrows(AyumiException.NotFound::class.java) { plan.apply(false) }
    }

    @Test
    fun `a hundred thousand calls and ten thousand objects leave nothing behind`() {
        val book = make()
        val child = book.child()
        repeat(50) { book.entries().add(diary(child, "$it")) }
        // JNA frees what was collected, on a thread of its own and in no order: strewn among the calls lie things of ours, and
        // when the last of them is gone, so is what lay between them.
        val strewn = Phaser(1)
        fun strew(i: Int) {
            if (i % 100 != 0) return
            strewn.register()
            Cleaner.getCleaner().register(Any()) { strewn.arriveAndDeregister() }
        }
        fun allocated(): Long = (1..5).minOf {
            System.gc()
            strewn.awaitAdvanceInterruptibly(strewn.arrive(), 1, TimeUnit.MINUTES)
            C.INSTANCE.mallinfo2().uordblks
        }
        fun round() {
            repeat(10_000) {
                strew(it)
                book.notebooks().use { notebooks -> notebooks.find(child) }
            }
            book.entries().use { entries -> repeat(90_000) { strew(it); entries.delivery(child) } }
        }
        repeat(2) { round() }
        val before = allocated()
        round()
        val after = allocated()
        println("allocated outside the heap: $before bytes, and $after after 100,000 calls and 10,000 objects more")
        // A leaked buffer of 40 bytes in each call would be 4 MB, a leaked object 1 MB and more; the JVM's own moves by some.
        assertTrue(after - before < 3 * 1024 * 1024, "from $before to $after bytes")
    }

    /** What malloc has given out and not taken back; pom.xml keeps it to one arena, the one that is told of. */
    interface C : Library {
        fun mallinfo2(): MallInfo.ByValue

        companion object {
            val INSTANCE: C = Native.load("c", C::class.java)
        }
    }

    @Structure.FieldOrder("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")
    open class MallInfo : Structure() {
        @JvmField var arena = 0L
        @JvmField var ordblks = 0L
        @JvmField var smblks = 0L
        @JvmField var hblks = 0L
        @JvmField var hblkhd = 0L
        @JvmField var usmblks = 0L
        @JvmField var fsmblks = 0L
        @JvmField var uordblks = 0L
        @JvmField var fordblks = 0L
        @JvmField var keepcost = 0L

        class ByValue : MallInfo(), Structure.ByValue
    }
}
