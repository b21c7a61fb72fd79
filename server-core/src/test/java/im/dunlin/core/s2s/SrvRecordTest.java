// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.s2s;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.dns.DefaultDnsRawRecord;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SrvRecordTest {
    private static DnsRecord dns(byte[] bytes) {
        return new DefaultDnsRawRecord(
                "_xmpp-server._tcp.example.", DnsRecordType.SRV, 60, Unpooled.wrappedBuffer(bytes));
    }

    private static DnsRecord dns(int priority, int weight, int port, String... labels) {
        ByteBuf out = Unpooled.buffer().writeShort(priority).writeShort(weight).writeShort(port);
        for (String label : labels) {
            out.writeByte(label.length()).writeCharSequence(label, StandardCharsets.US_ASCII);
        }
        out.writeByte(0);
        byte[] bytes = new byte[out.readableBytes()];
        out.readBytes(bytes);
        return dns(bytes);
    }

    @Test
    void recordSaysWhereTheServiceIs() {
        assertThat(SrvRecord.parse(dns(10, 20, 5269, "xmpp", "example", "net"), true))
                .isEqualTo(new SrvRecord(10, 20, 5269, "xmpp.example.net", true));
    }

    @Test
    void dotAloneMeansThatThereIsNone() {
        assertThat(SrvRecord.parse(dns(0, 0, 0), false).isNoService()).isTrue();
    }

    @Test
    void malformedRecordIsNone() {
        assertThat(SrvRecord.parse(dns(new byte[] {0, 1, 0}), false)).isNull();
        assertThat(SrvRecord.parse(dns(new byte[] {0, 1, 0, 1, 0, 1, 60, 'a'}), false))
                .isNull();
        assertThat(SrvRecord.parse(dns(new byte[] {0, 1, 0, 1, 0, 1, (byte) 0xC0, 6}), false))
                .isNull();
    }

    @Test
    void hostWithoutAPortIsNone() {
        assertThat(SrvRecord.parse(dns(0, 0, 0, "xmpp", "example"), false)).isNull();
    }

    @Test
    void orderIsByPriorityWhateverTheService() {
        SrvRecord first = new SrvRecord(1, 0, 1, "a", false);
        SrvRecord second = new SrvRecord(2, 100, 2, "b", true);
        SrvRecord third = new SrvRecord(3, 100, 3, "c", false);

        assertThat(SrvRecord.ordered(List.of(third, first, second), new Random(1)))
                .containsExactly(first, second, third);
    }

    @Test
    void amongEqualsTheWeightDraws() {
        SrvRecord light = new SrvRecord(1, 10, 1, "light", false);
        SrvRecord heavy = new SrvRecord(1, 90, 2, "heavy", false);
        Random random = new Random(7);
        int heavyFirst = 0;
        for (int i = 0; i < 1_000; i++) {
            List<SrvRecord> ordered = SrvRecord.ordered(List.of(light, heavy), random);
            assertThat(ordered).containsExactlyInAnyOrder(light, heavy);
            heavyFirst += ordered.get(0) == heavy ? 1 : 0;
        }
        assertThat(heavyFirst).isBetween(850, 950);
    }
}
