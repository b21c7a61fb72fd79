// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import im.dunlin.core.jid.JidFuzz;
import im.dunlin.core.xml.CanonicalReaderFuzz;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Replays the kept inputs of all fuzz targets, without the fuzzer. */
class FuzzCorpusTest {

    @TestFactory
    List<DynamicTest> everyKeptInputIsHandled() throws IOException, URISyntaxException {
        CanonicalReaderFuzz reader = new CanonicalReaderFuzz();
        List<DynamicTest> tests = new ArrayList<>();
        add(
                tests,
                "net/DecoderFuzzInputs/decoderEmitsTheSameHoweverTheStreamIsCut",
                new DecoderFuzz()::decoderEmitsTheSameHoweverTheStreamIsCut);
        add(tests, "xml/CanonicalReaderFuzzInputs/readerTakesCanonicalFormOnly", reader::readerTakesCanonicalFormOnly);
        add(tests, "xml/CanonicalReaderFuzzInputs/payloadIsReadOrRefused", reader::payloadIsReadOrRefused);
        add(
                tests,
                "jid/JidFuzzInputs/preparingPreparedTextChangesNothing",
                new JidFuzz()::preparingPreparedTextChangesNothing);
        return tests;
    }

    private static void add(List<DynamicTest> tests, String folder, Consumer<byte[]> target)
            throws IOException, URISyntaxException {
        URL inputs = FuzzCorpusTest.class.getResource("/im/dunlin/core/" + folder);
        URI uri = inputs.toURI();
        try (Stream<Path> files = Files.list(Path.of(uri))) {
            for (Path file : files.sorted().toList()) {
                byte[] input = Files.readAllBytes(file);
                tests.add(DynamicTest.dynamicTest(folder + "/" + file.getFileName(), () -> target.accept(input)));
            }
        }
    }
}
