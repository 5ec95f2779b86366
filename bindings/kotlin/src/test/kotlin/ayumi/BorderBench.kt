package ayumi

import ayumi.model.*
import java.nio.file.Files
import java.time.LocalDate

private fun draft(child: NotebookId, i: Int) = Draft(
    child, "growth", LocalDate.parse("2026-04-19"),
    mapOf("weight" to "${8 + i % 4}.${i % 10}", "length" to "${70 + i % 20}", "note" to "${i}回目"),
)

private fun time(runs: Int, work: (Int) -> Unit): Long {
    val times = LongArray(runs) { i -> System.nanoTime().let { start -> work(i); System.nanoTime() - start } }
    return times.drop(runs / 2).sorted()[runs / 4] / 100
}

/** `cargo xtask bench border`: the calls of `benches/src/border.rs`, in a process of its own. */
fun main() {
    val folder = Files.createTempDirectory("ayumi")
    val place = Config(folder.toString(), FixedVault(), Language.JA)
    // The process is new: the first call loads the library.
    val loading = System.nanoTime()
    val first = Handbook.create(place, "母")
    val loaded = (System.nanoTime() - loading) / 100
    val child = first.notebooks().addChild(NewChild("さくら", Sex.FEMALE, LocalDate.parse("2024-05-03")))
    repeat(200) { first.entries().add(draft(child, it)) }
    first.finish()
    val start = System.nanoTime()
    val book = Handbook.open(place)
    book.entries().shown(child)
    val cold = (System.nanoTime() - start) / 100
    val entries = book.entries()
    val page = time(20_000) { check(entries.shown(child).size == 50) }
    val save = time(2_000) { entries.add(draft(child, it)) }
    println("kotlin $page $save $cold (loading the library and making a handbook: $loaded)")
    book.finish()
    folder.toFile().deleteRecursively()
}
