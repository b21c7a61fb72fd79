// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import org.junit.jupiter.api.Test;

class ElementScannerTest {
    private static final String STREAM = "<?xml version='1.0'?><stream:stream id='a>b'>";
    private static final String FIRST = "<message id='1 > 0'><body>a &lt; b</body><x/></message>";
    private static final String SECOND = "<r xmlns='urn:xmpp:sm:3'/>";

    @Test
    void elementsComeOneByOne() throws IOException {
        ElementScanner scanner = new ElementScanner(new StringReader(STREAM + FIRST + "\n" + SECOND));

        assertThat(scanner.next()).isEqualTo(FIRST);
        assertThat(scanner.next()).isEqualTo(SECOND);
        assertThatThrownBy(scanner::next).isInstanceOf(EOFException.class);
    }

    @Test
    void elementsMayComeInAnyPieces() throws IOException {
        StringReader all = new StringReader(STREAM + FIRST + SECOND);
        ElementScanner scanner = new ElementScanner(new Reader() {
            @Override
            public int read(char[] target, int from, int length) throws IOException {
                return all.read(target, from, 1);
            }

            @Override
            public void close() {}
        });

        assertThat(scanner.next()).isEqualTo(FIRST);
        assertThat(scanner.next()).isEqualTo(SECOND);
    }

    @Test
    void endOfTheStreamIsAnEnd() {
        ElementScanner scanner = new ElementScanner(new StringReader(STREAM + "</stream:stream>"));

        assertThatThrownBy(scanner::next).isInstanceOf(EOFException.class);
    }
}
