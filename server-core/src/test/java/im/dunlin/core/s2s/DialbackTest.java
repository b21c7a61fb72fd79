// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.s2s;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.testing.TestXml;
import im.dunlin.core.xml.Element;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DialbackTest {
    private static Element result(String from, String to) {
        return TestXml.parse("<result xmlns='jabber:server:dialback' from='" + from + "' to='" + to + "'/>");
    }

    @Test
    void pairIsOfTheDomainsAsTheyArePrepared() {
        assertThat(Dialback.pair(result("Montague.EXAMPLE", "xn--tiq49xqyj.example")))
                .isEqualTo(new DomainPair("\u5929\u4e3b\u6559.example", "montague.example"));
    }

    @ParameterizedTest
    @CsvSource({
        "romeo@montague.example, capulet.example",
        "montague.example, juliet@capulet.example",
        "montague.example/x, capulet.example",
        "'', capulet.example",
        "'mon tague', capulet.example"
    })
    void onlyDomainsMakeAPair(String from, String to) {
        assertThat(Dialback.pair(result(from, to))).isNull();
    }

    @Test
    void withoutAnAddressThereIsNoPair() {
        assertThat(Dialback.pair(TestXml.parse("<result xmlns='jabber:server:dialback' to='capulet.example'/>")))
                .isNull();
    }
}
