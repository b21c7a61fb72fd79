// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.xml;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Any bytes; see DecoderFuzz for how to look for new inputs. */
public class CanonicalReaderFuzz {

    @FuzzTest(maxDuration = "60s")
    public void readerTakesCanonicalFormOnly(byte[] data) {
        Element element;
        try {
            element = Element.parse(data);
        } catch (CanonicalFormException e) {
            return;
        }
        assertThat(Payload.of(element).bytes()).isEqualTo(data);
    }

    @FuzzTest(maxDuration = "60s")
    public void payloadIsReadOrRefused(byte[] data) {
        try {
            Payload payload = Payload.parse(data);
            assertThat(payload.children()).hasSize(payload.count());
        } catch (CanonicalFormException e) {
            // As promised.
        }
    }
}
