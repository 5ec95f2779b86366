package ayumi;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import ca.uhn.fhir.validation.SingleValidationMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.junit.jupiter.api.Test;

/** HAPI reads documents against base R4, with what is in its own jars and no network. */
class DocumentsTest {
    private static final FhirValidator VALIDATOR = validator();

    private static FhirValidator validator() {
        FhirContext context = FhirContext.forR4();
        FhirInstanceValidator module = new FhirInstanceValidator(
                new ValidationSupportChain(
                        new DefaultProfileValidationSupport(context),
                        new CommonCodeSystemsTerminologyService(context),
                        new InMemoryTerminologyServerValidationSupport(context)));
        return context.newValidator().registerValidatorModule(module);
    }

    private static List<Path> documents(String property) throws IOException {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty(property)))) {
            return files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
        }
    }

    private static List<String> errors(String document) {
        return VALIDATOR.validateWithResult(document).getMessages().stream()
                .filter(message -> message.getSeverity().ordinal() >= ResultSeverityEnum.ERROR.ordinal())
                .map(DocumentsTest::line)
                .toList();
    }

    private static String line(SingleValidationMessage message) {
        return message.getSeverity() + " " + message.getLocationString() + ": " + message.getMessage();
    }

    private static void check(String property, int atLeast) throws IOException {
        List<String> wrong = new ArrayList<>();
        List<Path> documents = documents(property);
        for (Path document : documents) {
            for (String error : errors(Files.readString(document))) {
                wrong.add(document.getFileName() + " " + error);
            }
        }
        assertTrue(documents.size() >= atLeast, "only " + documents.size() + " documents were there");
        System.out.println(documents.size() + " documents, " + wrong.size() + " errors");
        if (!wrong.isEmpty()) {
            fail(wrong.stream().limit(40).collect(Collectors.joining("\n")));
        }
    }

    @Test
    void frozenDocumentsHaveNoErrors() throws IOException {
        check("ayumi.golden", 1);
    }

    @Test
    void documentsOfRandomHandbooksHaveNoErrors() throws IOException {
        check("ayumi.documents", 20);
    }

    /** A validator that finds nothing wrong anywhere would let everything pass. */
    @Test
    void aDocumentThatIsWrongHasErrors() throws IOException {
        String document = Files.readString(documents("ayumi.golden").get(0));
        for (String[] change : new String[][] {
            {"\"status\": \"final\"", "\"status\": \"finished\""},
            {"\"resourceType\": \"Device\"", "\"resourceType\": \"Gadget\""},
            {"\"birthDate\": \"2024-05-03\"", "\"birthDate\": \"3 May 2024\""},
            {"\"code\": \"kg\"", "\"code\": \"stone\""},
        }) {
            assertTrue(document.contains(change[0]), change[0]);
            assertFalse(errors(document.replace(change[0], change[1])).isEmpty(), change[1]);
        }
    }
}
