// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReceivedTest {
    private static final Received FIN =
            Received.of("<iq type='result' id=\"q1\"><fin complete='true'><set><last>17</last></set></fin></iq>");

    @Test
    void itsNameIsAWholeWord() {
        assertThat(FIN.is("iq")).isTrue();
        assertThat(FIN.is("i")).isFalse();
        assertThat(Received.of("<r/>").is("r")).isTrue();
    }

    @Test
    void attributesOfTheElementAreNotThoseOfItsChildren() {
        assertThat(FIN.attribute("type")).isEqualTo("result");
        assertThat(FIN.attribute("id")).isEqualTo("q1");
        assertThat(FIN.attribute("complete")).isNull();
        assertThat(FIN.attributeAfter(FIN.find("<fin", 0), "complete")).isEqualTo("true");
    }

    @Test
    void textIsFoundBetweenWords() {
        assertThat(FIN.between("<last>", "</last>")).isEqualTo("17");
        assertThat(FIN.between("<first>", "</first>")).isNull();
        assertThat(FIN.count("set>")).isEqualTo(2);
    }
}
