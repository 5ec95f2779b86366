package ayumi

import ayumi.model.*
import com.fasterxml.jackson.databind.JsonNode
import java.io.RandomAccessFile
import java.net.InetAddress
import java.net.ServerSocket
import java.nio.file.Files
import java.nio.file.Path
import java.time.LocalDate
import java.time.ZoneOffset
import java.util.concurrent.atomic.AtomicLong
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.runBlocking

/** A vault that holds a key of one repeated byte, or is locked. */
class FixedVault(private val byte: Long = 7) : KeyVault {
    override fun load(): FileKey? {
        if (byte < 0) throw VaultException.Unavailable()
        return ByteArray(32) { this.byte.toByte() }
    }

    override fun keep(key: FileKey) = Unit
}

/** Noon in Japan, and a millisecond more each time it is asked. */
class StepClock(private val today: LocalDate) : Clock {
    private val millis = AtomicLong(today.atTime(3, 0).toInstant(ZoneOffset.UTC).toEpochMilli())
    override fun nowMs(): ULong = millis.getAndIncrement().toULong()
    override fun today(): LocalDate = today
}

fun config(folder: Path, key: Long = 7, today: String = "2026-04-20") =
    Config(folder.toString(), FixedVault(key), Language.JA, StepClock(LocalDate.parse(today)))

/** Plays the steps of `fixtures/journeys`. */
class Phones(private val today: String, private val server: String) : AutoCloseable {
    private val folder = Files.createTempDirectory("ayumi")
    private val open = mutableMapOf<String, Handbook>()
    private val named = mutableMapOf<String, String>()

    override fun close() {
        open.values.forEach { it.finish() }
        folder.toFile().deleteRecursively()
    }

    private fun JsonNode.text(key: String): String {
        val text = path(key).asText("")
        return if (text.startsWith("$")) named.getValue(text.drop(1)) else text
    }

    private fun JsonNode.given(key: String) = if (has(key)) text(key) else null
    private fun JsonNode.texts(key: String) = path(key).properties().associate { it.key to it.value.asText() }
    private fun JsonNode.book() = open.getValue(text("phone"))
    private fun JsonNode.home() = folder.resolve(text("phone"))
    private fun JsonNode.config() = config(home(), path("key").asLong(7), given("today") ?: today)
    private fun JsonNode.call(value: String) = path("as").asText(null)?.let { named[it] = value }

    fun play(step: JsonNode): Any? = when (val what = step["do"].asText()) {
        "make" -> {
            val book = Handbook.create(step.config(), step.text("carer"))
            open[step.text("phone")] = book
            mapOf("carer" to book.carer())
        }
        "open" -> {
            val book = Handbook.open(step.config())
            open[step.text("phone")] = book
            mapOf("carer" to book.carer(), "notebooks" to notebooks(book))
        }
        "close" -> { step.book().finish(); null }
        "damage" -> {
            RandomAccessFile(step.home().resolve("handbook.db").toFile(), "rw").use { file ->
                file.seek(16)
                file.write(ByteArray(64) { 0x55 })
            }
            null
        }
        "salvage" -> salvage(step.config()).let { mapOf("entries" to it.entries, "facts_lost" to it.factsLost) }
        "check_file" -> step.book().checkFile().let {
            mapOf("entries" to it.entries, "changes" to it.changes, "findings" to it.findings)
        }
        "child", "pregnancy", "notebooks", "end" -> notebookStep(what, step)
        "add", "edit", "undo", "delete", "restore", "list", "history", "form", "conflicts", "settle" -> entryStep(what, step)
        "server", "sync", "cancel" -> syncStep(what, step)
        "invite", "join", "members", "role", "remove", "leave", "print", "recover" -> runBlocking { memberStep(what, step) }
        else -> insightStep(what, step)
    }

    private fun notebookStep(what: String, step: JsonNode): Any? {
        val book = step.book()
        return when (what) {
            "child" -> {
                val id = book.notebooks().addChild(
                    NewChild(
                        name = step.text("name"),
                        sex = Sex.valueOf(step.text("sex").uppercase()),
                        born = LocalDate.parse(step.text("born")),
                        gestation = step.path("gestation").takeIf { it.isInt }?.asInt()?.toUShort(),
                    ),
                )
                step.call(id)
                notebook(book, id)
            }
            "pregnancy" -> {
                val id = book.notebooks().addPregnancy(LocalDate.parse(step.text("due")))
                step.call(id)
                notebook(book, id)
            }
            "end" -> {
                book.notebooks().end(step.text("notebook"), EndReason.valueOf(step.text("reason").uppercase()), LocalDate.parse(step.text("on")))
                null
            }
            else -> notebooks(book)
        }
    }

    private fun entryStep(what: String, step: JsonNode): Any? {
        val book = step.book()
        val entries = book.entries()
        return when (what) {
            "add" -> {
                val draft = Draft(step.text("notebook"), step.text("kind"), LocalDate.parse(step.text("on")), step.texts("fields"))
                val id = entries.add(draft)
                step.call(id)
                shown(entries.find(id))
            }
            "list" -> entries.shown(step.text("notebook"), ListFilter(search = step.given("search"))).map(::shown)
            "form" -> {
                val form = book.form(step.text("notebook")).first { it.kind == step.text("kind") }
                mapOf(
                    "label" to form.label,
                    "fields" to form.fields.map { listOf(it.key, it.label, key(it.fieldType), it.unit, it.min, it.max, it.options.size) },
                )
            }
            "conflicts" -> entries.conflicts().map { conflict ->
                mapOf("field" to conflict.field, "values" to conflict.values.map { plain(it.value) }.sorted())
            }
            "history" -> entries.history(step.text("entry")).let { all ->
                mapOf("versions" to all.size, "deleted" to all.map { it.deleted })
            }
            "settle" -> {
                val version = entries.conflicts().flatMap { it.values }.first { plain(it.value) == step.text("value") }.version
                entries.settle(step.text("entry"), step.text("field"), version)
                null
            }
            else -> {
                val id = step.text("entry")
                when (what) {
                    "edit" -> entries.edit(id, step.texts("fields"))
                    "undo" -> entries.undo(id)
                    "delete" -> entries.delete(id)
                    else -> entries.restore(id)
                }
                shown(entries.find(id))
            }
        }
    }

    private fun insightStep(what: String, step: JsonNode): Any? {
        val book = step.book()
        val id = step.text("notebook")
        val reference = if (step.text("reference") == "who") GrowthReference.WHO else GrowthReference.JP2023
        return when (what) {
            "measurements" -> book.growth().measurements(id, reference).filter { key(it.measure) == step.text("measure") }.map {
                mapOf(
                    "on" to it.on, "value" to it.value, "age" to it.ageDays, "corrected" to it.correctedAgeDays, "z" to it.z,
                    "percentile" to it.percentile, "reading" to it.reading, "reference" to it.reference,
                )
            }
            "chart" -> book.growth().chart(id, Measure.valueOf(step.text("measure").uppercase()), reference).let { chart ->
                mapOf(
                    "points" to chart.points.map { listOf(it.day, it.value) },
                    "bands" to chart.bands.map { it.percentile },
                    "ends" to chart.bands.map { it.line.lastOrNull()?.value },
                    "corrected" to chart.corrected,
                    "days" to listOf(chart.days.from, chart.days.to),
                    "values" to listOf(chart.values.from, chart.values.to),
                )
            }
            "checks" -> book.checks().due(id).filter { it.state == CheckState.OPEN }.map {
                mapOf(
                    "check" to it.check, "name" to it.name, "state" to key(it.state), "answered" to it.answered,
                    "questions" to it.questions, "from" to it.from, "to" to it.to,
                )
            }
            "questions" -> book.checks().questions(id, step.text("check")).map { listOf(it.item, it.areaName, it.text, it.typicalWords) }
            "answer" -> {
                val answers = step.texts("answers").mapValues { (_, text) ->
                    CheckAnswer.entries.first { key(it) == text }
                }
                book.checks().answer(id, step.text("check"), answers, step.given("worry"))
                null
            }
            "result" -> book.checks().result(id, step.text("check")).let { found ->
                mapOf(
                    "strengths" to found.strengths.map { it.text }, "next" to found.next.map { it.text },
                    "offer" to key(found.offer), "words" to found.offerWords, "because" to found.becauseWords,
                    "corrected" to found.corrected, "desk" to found.desk?.name,
                )
            }
            "agenda" -> book.agenda().list(id).map { listOf(it.key, key(it.kind), it.from, it.to, it.`when`, it.title, it.open) }
            "reminders" -> book.agenda().reminders(id, step["days"].asInt().toUInt()).map { listOf(it.at, it.title, it.text) }
            "mark" -> { book.agenda().mark(id, step.text("key"), MarkState.DONE); null }
            "doses" -> book.vaccines().plan(id).map(::dose)
            "dose" -> dose(book.vaccines().plan(id).first { it.next.series == step.text("series") })
            else -> error("no step \"$what\"")
        }
    }

    private fun syncStep(what: String, step: JsonNode): Any? = runBlocking {
        val sync = step.book().sync()
        when (what) {
            "server" -> { sync.useServer(server); null }
            "sync" -> sync.run().let {
                mapOf(
                    "outcome" to key(it.outcome), "pushed" to it.pushed, "pulled" to it.pulled, "waiting" to it.waiting,
                    "refused" to it.refused,
                )
            }
            // Takes the question and never answers.
            else -> ServerSocket(0, 1, InetAddress.getLoopbackAddress()).use { silent ->
                sync.useServer("http://127.0.0.1:${silent.localPort}")
                val run = async(Dispatchers.Default) { sync.run() }
                silent.accept().use { run.cancelAndJoin() }
                mapOf("stopped" to run.isCancelled)
            }
        }
    }

    private suspend fun memberStep(what: String, step: JsonNode): Any? {
        val book = step.book()
        val members = book.members()
        fun role() = Role.valueOf(step.text("role").uppercase())
        return when (what) {
            "invite" -> { step.call(members.invite(step.text("notebook"), role(), step.text("name")).code); null }
            "join" -> notebook(book, members.join(step.text("code")))
            "members" -> members.list(step.text("notebook")).filter { it.what != Holding.INVITATION }.sortedBy { it.name }.map {
                mapOf("name" to it.name, "role" to key(it.role), "what" to key(it.what), "me" to it.me)
            }
            "print" -> members.printRecovery().let { step.call(it.code); mapOf("notebooks" to it.notebooks.size) }
            "recover" -> mapOf("notebooks" to members.recover(step.text("code")).size)
            "leave" -> { members.leave(step.text("notebook")); null }
            else -> {
                val member = members.list(step.text("notebook")).first { it.name == step.text("member") }.id
                if (what == "role") members.setRole(step.text("notebook"), member, role()) else members.remove(step.text("notebook"), member)
                null
            }
        }
    }

    private fun notebooks(book: Handbook) = book.notebooks().list().map { notebook(book, it.id) }

    private fun notebook(book: Handbook, id: NotebookId) = book.notebooks().find(id).let {
        mapOf("name" to it.name, "type" to key(it.notebookType), "role" to (it.role?.let(::key) ?: "none"))
    }

    private fun shown(one: ShownEntry) = mapOf(
        "kind" to one.entry.kind, "title" to one.title, "day" to one.day, "lines" to one.lines.map { listOf(it.label, it.text) },
        "deleted" to one.entry.deleted, "conflicts" to one.entry.conflicts,
    )

    private fun dose(one: DoseView) = mapOf(
        "series" to one.next.series, "number" to one.next.dose, "status" to key(one.next.status), "earliest" to one.next.earliest,
        "to" to one.next.lastRoutineDay, "title" to one.title, "window" to one.windowWords, "because" to one.becauseWords,
    )

    private fun plain(value: Value) = when (value) {
        is Datum.Number -> value.number.toString()
        is Datum.Whole -> value.number.toString()
        is Datum.Text -> value.text
        else -> value.toString()
    }
}

/** The name of a variant, as each language can tell it. */
fun key(variant: Enum<*>): String = variant.name.lowercase().replace("_", "")
