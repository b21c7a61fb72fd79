// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.module.Declared.Implemented;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** XEP-0479: XMPP Compliance Suites 2023, what an Advanced Server implements. */
class ComplianceTest {
    @ParameterizedTest
    @CsvSource({
        "Core, RFC 6120 RFC 7590 XEP-0368 XEP-0030 XEP-0115 XEP-0114 XEP-0163",
        "Web, RFC 7395 XEP-0124 XEP-0206 XEP-0156",
        "IM, RFC 6121 XEP-0398 XEP-0153 XEP-0054 XEP-0280 XEP-0191 XEP-0045 XEP-0249 XEP-0048 XEP-0313 XEP-0402 XEP-0410 XEP-0223"
                + " XEP-0049 XEP-0198 XEP-0363",
        "Mobile, XEP-0198 XEP-0352 XEP-0357",
        "A/V Calling, XEP-0215"
    })
    void categoryIsComplete(String category, String documents, @TempDir Path directory) throws Exception {
        Set<String> implemented = XepListTest.documents(directory).stream()
                .map(Implemented::document)
                .collect(Collectors.toSet());

        assertThat(implemented).as(category).contains(documents.split(" (?=RFC|XEP)"));
    }
}
