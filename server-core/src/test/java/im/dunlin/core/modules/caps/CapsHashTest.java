// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.disco;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.module.Identity;
import im.dunlin.core.testing.TestXml;
import im.dunlin.core.xml.Element;
import java.util.List;
import org.junit.jupiter.api.Test;

class CapsHashTest {
    private static final List<String> FEATURES = List.of(
            "http://jabber.org/protocol/muc",
            "http://jabber.org/protocol/disco#items",
            "http://jabber.org/protocol/caps",
            "http://jabber.org/protocol/disco#info");

    /** XEP-0115 §5.2, the simple generation example. */
    @Test
    void simpleExampleOfTheDocument() {
        assertThat(CapsHash.sha1(List.of(new Identity("client", "pc", "Exodus 0.9.1")), FEATURES, List.of()))
                .isEqualTo("QgayPKawpkPSDYmwT/WM94uAlu0=");
    }

    @Test
    void formsCountInAnyOrderOfFieldsAndValues() {
        Identity identity = new Identity("server", "im", "Dunlin");
        String type = "<field var='FORM_TYPE' type='hidden'><value>urn:example</value></field>";
        Element one = TestXml.parse("<x xmlns='jabber:x:data' type='result'>" + type
                + "<field var='a'><value>2</value><value>1</value></field><field var='b'/></x>");
        Element other = TestXml.parse("<x xmlns='jabber:x:data' type='result'>"
                + "<field var='b'/><field var='a'><value>1</value><value>2</value></field>" + type + "</x>");
        Element changed = TestXml.parse("<x xmlns='jabber:x:data' type='result'>" + type
                + "<field var='a'><value>3</value></field><field var='b'/></x>");

        String hash = CapsHash.sha1(List.of(identity), FEATURES, List.of(one));

        assertThat(CapsHash.sha1(List.of(identity), FEATURES, List.of(other))).isEqualTo(hash);
        assertThat(CapsHash.sha1(List.of(identity), FEATURES, List.of(changed))).isNotEqualTo(hash);
    }
}
