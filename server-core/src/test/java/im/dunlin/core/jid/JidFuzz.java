// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.jid;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/** Any text; see DecoderFuzz for how to look for new inputs. */
public class JidFuzz {

    @FuzzTest(maxDuration = "60s")
    public void preparingPreparedTextChangesNothing(byte[] data) {
        Jid jid;
        try {
            jid = Jid.parse(new String(data, StandardCharsets.UTF_8));
        } catch (JidException e) {
            return;
        }
        assertThat(Jid.of(jid.toString())).isEqualTo(jid);
        assertThat(Jid.prepared(jid.toString())).isEqualTo(jid);
    }
}
