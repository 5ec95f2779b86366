package ayumi

import ayumi.model.AyumiException
import ayumi.model.Language
import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import java.io.File
import java.time.temporal.Temporal
import kotlin.math.abs
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.TestFactory

/** The journeys of `fixtures/journeys`; each writes its answers, to be compared with those of Rust and Swift. */
class JourneysTest {
    private val root = File(System.getProperty("user.dir")).resolve("../..").canonicalFile
    private val server = System.getenv("AYUMI_TEST_SERVER") ?: error("cargo xtask test starts a server and says where it is")

    @TestFactory
    fun journeys() = root.resolve("fixtures/journeys").listFiles { file -> file.extension == "json" }!!.sorted().map { file ->
        val journey = ObjectMapper().readTree(file)
        DynamicTest.dynamicTest("${file.nameWithoutExtension}: ${journey["name"].asText()}") { play(file, journey) }
    }

    private fun play(file: File, journey: JsonNode) {
        val transcript = StringBuilder()
        Phones(journey.path("today").asText("2026-04-20"), server).use { phones ->
            journey["steps"].forEachIndexed { i, step ->
                val told = "step ${i + 1}: $step"
                val answer = try {
                    phones.play(step).also { assertTrue(!step.has("fails"), "$told went well: $it") }
                } catch (error: AyumiException) {
                    val words = error.words(Language.JA)
                    assertEquals(step.path("fails").asText(null), error.code(), told)
                    if (step.has("words")) assertEquals(step["words"].asText(), words, told)
                    mapOf("fails" to error.code(), "words" to words)
                }
                if (step.has("expect")) assertTrue(holds(step["expect"], answer), "$told\nanswered $answer")
                transcript.append("${i + 1} ${step["do"].asText()} ").append(canonical(answer)).append('\n')
            }
        }
        root.resolve("target/journeys/kotlin").apply { mkdirs() }.resolve("${file.nameWithoutExtension}.txt").writeText(transcript.toString())
    }

    private fun holds(wanted: JsonNode, found: Any?): Boolean = when {
        wanted.isObject -> found is Map<*, *> && wanted.properties().all { holds(it.value, found[it.key]) }
        wanted.isArray -> found is List<*> && wanted.size() == found.size && wanted.zip(found).all { (a, b) -> holds(a, b) }
        wanted.isNumber -> number(found)?.let { abs(it - wanted.asDouble()) <= 0.005 } ?: false
        wanted.isBoolean -> found == wanted.asBoolean()
        wanted.isNull -> found == null
        else -> found?.toString() == wanted.asText()
    }

    private fun number(value: Any?): Double? = when (value) {
        is Number -> value.toDouble()
        is UByte -> value.toDouble()
        is UShort -> value.toDouble()
        is UInt -> value.toDouble()
        is ULong -> value.toDouble()
        else -> null
    }

    /** One way to write a value: keys in order, whole numbers as such, others by their bits. */
    private fun canonical(value: Any?): String = when (value) {
        null -> "null"
        is Boolean -> value.toString()
        is String -> "\"" + value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\""
        is Temporal -> "\"$value\""
        is List<*> -> value.joinToString(",", "[", "]") { canonical(it) }
        is Map<*, *> -> value.entries.sortedBy { it.key.toString() }.joinToString(",", "{", "}") { "\"${it.key}\":" + canonical(it.value) }
        else -> number(value)!!.let { number ->
            if (number % 1.0 == 0.0 && abs(number) < 1e15) number.toLong().toString() else "0x%016x".format(number.toRawBits())
        }
    }
}
