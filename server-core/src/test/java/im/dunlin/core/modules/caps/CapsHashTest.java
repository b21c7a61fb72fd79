// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.caps;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.testing.TestXml;
import im.dunlin.core.xml.Element;
import java.util.List;
import org.junit.jupiter.api.Test;

class CapsHashTest {
    private static final String TYPE = "<field var='FORM_TYPE' type='hidden'><value>urn:example</value></field>";

    /** What the simple example of XEP-0390 says. */
    private static final String BOMBUS = "<identity category='client' name='BombusMod' type='mobile'/>"
            + "<feature var='http://jabber.org/protocol/si'/>"
            + "<feature var='http://jabber.org/protocol/bytestreams'/>"
            + "<feature var='http://jabber.org/protocol/chatstates'/>"
            + "<feature var='http://jabber.org/protocol/disco#info'/>"
            + "<feature var='http://jabber.org/protocol/disco#items'/>"
            + "<feature var='urn:xmpp:ping'/>"
            + "<feature var='jabber:iq:time'/>"
            + "<feature var='jabber:iq:privacy'/>"
            + "<feature var='jabber:iq:version'/>"
            + "<feature var='http://jabber.org/protocol/rosterx'/>"
            + "<feature var='urn:xmpp:time'/>"
            + "<feature var='jabber:x:oob'/>"
            + "<feature var='http://jabber.org/protocol/ibb'/>"
            + "<feature var='http://jabber.org/protocol/si/profile/file-transfer'/>"
            + "<feature var='urn:xmpp:receipts'/>"
            + "<feature var='jabber:iq:roster'/>"
            + "<feature var='jabber:iq:last'/>";

    private static Element query(String content) {
        return TestXml.parse("<query xmlns='http://jabber.org/protocol/disco#info'>" + content + "</query>");
    }

    private static Element exodus(String more) {
        return query("<identity category='client' name='Exodus 0.9.1' type='pc'/>"
                + "<feature var='http://jabber.org/protocol/muc'/>"
                + "<feature var='http://jabber.org/protocol/disco#items'/>"
                + "<feature var='http://jabber.org/protocol/caps'/>"
                + "<feature var='http://jabber.org/protocol/disco#info'/>" + more);
    }

    private static String form(String content) {
        return "<x xmlns='jabber:x:data' type='result'>" + content + "</x>";
    }

    /** XEP-0115 §5.2, the simple generation example. */
    @Test
    void simpleExampleOfTheDocument() {
        assertThat(CapsHash.sha1(exodus(""))).isEqualTo("QgayPKawpkPSDYmwT/WM94uAlu0=");
    }

    /** XEP-0115 §5.3, the complex generation example. */
    @Test
    void complexExampleOfTheDocument() {
        Element query = query("<identity xml:lang='en' category='client' name='Psi 0.11' type='pc'/>"
                + "<identity xml:lang='el' category='client' name='\u03a8 0.11' type='pc'/>"
                + "<feature var='http://jabber.org/protocol/caps'/>"
                + "<feature var='http://jabber.org/protocol/disco#info'/>"
                + "<feature var='http://jabber.org/protocol/disco#items'/>"
                + "<feature var='http://jabber.org/protocol/muc'/>"
                + form("<field var='FORM_TYPE' type='hidden'><value>urn:xmpp:dataforms:softwareinfo</value></field>"
                        + "<field var='ip_version' type='text-multi'><value>ipv4</value><value>ipv6</value></field>"
                        + "<field var='os'><value>Mac</value></field><field var='os_version'><value>10.5.1</value></field>"
                        + "<field var='software'><value>Psi</value></field>"
                        + "<field var='software_version'><value>0.11</value></field>"));

        assertThat(CapsHash.sha1(query)).isEqualTo("q07IKJEyjvHSyhy//CH0CxmKi8w=");
        assertThat(CapsHash.isWellFormed(query)).isTrue();
    }

    /** XEP-0390 §4.5, the simple example. */
    @Test
    void simpleExampleOfTheCurrentDocument() {
        Element query = query(BOMBUS);

        assertThat(CapsHash.current(query, "sha-256")).isEqualTo("kzBZbkqJ3ADrj7v08reD1qcWUwNGHaidNUgD7nHpiw8=");
        assertThat(CapsHash.current(query, "sha3-256")).isEqualTo("79mdYAfU9rEdTOcWDO7UEAt6E56SUzk/g6TnqUeuD9Q=");
    }

    @Test
    void formsCountInAnyOrderOfFieldsAndValues() {
        Element one = exodus(form(TYPE + "<field var='a'><value>2</value><value>1</value></field><field var='b'/>"));
        Element other = exodus(form("<field var='b'/><field var='a'><value>1</value><value>2</value></field>" + TYPE));
        Element changed = exodus(form(TYPE + "<field var='a'><value>3</value></field><field var='b'/>"));

        assertThat(CapsHash.sha1(other)).isEqualTo(CapsHash.sha1(one)).isNotEqualTo(CapsHash.sha1(changed));
        assertThat(CapsHash.current(other, "sha-256"))
                .isEqualTo(CapsHash.current(one, "sha-256"))
                .isNotEqualTo(CapsHash.current(changed, "sha-256"));
    }

    /** XEP-0115 §5.4, 3.3 to 3.6. */
    @Test
    void answerWithDoublesIsNotBelieved() {
        assertThat(CapsHash.isWellFormed(exodus(""))).isTrue();
        assertThat(CapsHash.isWellFormed(exodus("<identity category='client' name='Exodus 0.9.1' type='pc'/>")))
                .isFalse();
        assertThat(CapsHash.isWellFormed(exodus("<feature var='http://jabber.org/protocol/muc'/>")))
                .isFalse();
        assertThat(CapsHash.isWellFormed(exodus(form(TYPE) + form(TYPE)))).isFalse();
        assertThat(CapsHash.isWellFormed(exodus(
                        form("<field var='FORM_TYPE' type='hidden'><value>urn:a</value><value>urn:b</value></field>"))))
                .isFalse();
    }

    /** Two answers with one verification string: the separator is not escaped (threat S11). */
    @Test
    void answerWithTheSeparatorInsideIsNotBelieved() {
        Element one = query("<feature var='urn:a'/><feature var='urn:b'/>");
        Element other = query("<feature var='urn:a&lt;urn:b'/>");

        assertThat(CapsHash.sha1(other)).isEqualTo(CapsHash.sha1(one));
        assertThat(CapsHash.isWellFormed(other)).isFalse();
        assertThat(CapsHash.current(other, "sha-256")).isNotEqualTo(CapsHash.current(one, "sha-256"));
    }

    /** Two answers with one verification string: it does not tell features from identities and forms (threat S11). */
    @Test
    void answerThatHidesAnInterestIsNotBelieved() {
        String client = "<identity category='client' type='pc'/>";
        Element one = query(client + "<feature var='http://jabber.org/protocol/tune+notify'/>");
        Element identity = query(
                client + "<identity category='http:' type='' xml:lang='jabber.org' name='protocol/tune+notify'/>");
        Element form = query(client
                + form("<field var='FORM_TYPE' type='hidden'>"
                        + "<value>http://jabber.org/protocol/tune+notify</value></field>"));

        assertThat(CapsHash.isWellFormed(one)).isTrue();
        for (Element other : List.of(identity, form)) {
            assertThat(CapsHash.sha1(other)).isEqualTo(CapsHash.sha1(one));
            assertThat(CapsHash.isWellFormed(other)).isFalse();
        }
    }
}
