package ayumi

// Every piece of Kotlin in docs/integrate.md stands here too, is compiled and runs.

import ayumi.model.AyumiException
import ayumi.model.Config
import ayumi.model.Draft
import ayumi.model.FileKey
import ayumi.model.GrowthReference
import ayumi.model.KeyVault
import ayumi.model.Language
import ayumi.model.Measure
import ayumi.model.NewChild
import ayumi.model.NotebookId
import ayumi.model.Sex
import ayumi.model.SyncBudget
import ayumi.model.SyncOutcome
import ayumi.model.Topic
import ayumi.model.VaultException
import java.nio.file.Files
import java.time.LocalDate
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** Whatever keeps 32 bytes on this device, out of backups: on Android an AES key of the Keystore wraps them. */
interface SecretStore {
    fun read(): ByteArray?
    fun write(secret: ByteArray)
}

class Vault(private val store: SecretStore) : KeyVault {
    override fun load(): FileKey? = try {
        store.read()
    } catch (locked: Exception) {
        throw VaultException.Unavailable()
    }

    override fun keep(key: FileKey) = store.write(key)
}

fun openHandbook(folder: String, store: SecretStore, carer: String): Handbook {
    val config = Config(folder, Vault(store), Language.JA)
    return try {
        Handbook.open(config)
    } catch (error: AyumiException.NotFound) {
        Handbook.create(config, carer)
    }
}

data class GrowthState(val line: String, val points: List<Pair<Double, Double>>, val drawing: String)

fun growth(handbook: Handbook, child: NotebookId): Flow<GrowthState?> = handbook.watch(Topic.RECORDS) {
    val last = handbook.growth().measurements(child, GrowthReference.JP2023).lastOrNull { it.measure == Measure.WEIGHT }
    last?.let {
        val chart = handbook.growth().chart(child, Measure.WEIGHT, GrowthReference.JP2023)
        GrowthState(it.reading, chart.points.map { point -> point.day to point.value }, handbook.growth().svg(child, Measure.WEIGHT, GrowthReference.JP2023))
    }
}

fun save(handbook: Handbook, child: NotebookId, weight: String): String? = try {
    handbook.entries().add(Draft(child, "growth", LocalDate.now(), mapOf("weight" to weight)))
    null
} catch (error: AyumiException) {
    error.words(Language.JA)
}

suspend fun syncInBackground(handbook: Handbook): Boolean {
    val report = handbook.sync().run(SyncBudget(timeMs = 25_000u, background = true))
    return report.outcome == SyncOutcome.DONE || report.outcome == SyncOutcome.NO_SERVER
}

class IntegrateTest {
    private class Memory : SecretStore {
        private var kept: ByteArray? = null
        override fun read() = kept
        override fun write(secret: ByteArray) {
            kept = secret
        }
    }

    @Test
    fun `the guide works from nothing to a chart`() = runBlocking {
        val folder = Files.createTempDirectory("ayumi")
        val store = Memory()
        val handbook = openHandbook(folder.toString(), store, "母")
        val child = handbook.notebooks().addChild(NewChild(name = "さくら", sex = Sex.FEMALE, born = LocalDate.parse("2024-05-03")))
        assertEquals(null, growth(handbook, child).first())
        assertEquals(null, save(handbook, child, "11.2kg"))
        assertTrue(save(handbook, child, "11200").orEmpty().contains("0.1〜150 kg"))
        val state = growth(handbook, child).first()!!
        assertEquals(11.2, state.points.single().second)
        assertTrue(state.line.isNotEmpty() && state.drawing.startsWith("<svg"))
        assertTrue(syncInBackground(handbook))
        handbook.finish()
        openHandbook(folder.toString(), store, "母").use { assertEquals("さくら", it.notebooks().list().single().name) }
    }
}
