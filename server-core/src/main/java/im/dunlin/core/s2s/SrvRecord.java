// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.s2s;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.dns.DefaultDnsRecordDecoder;
import io.netty.handler.codec.dns.DnsRawRecord;
import io.netty.handler.codec.dns.DnsRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A record of where a service is (RFC 2782).
 *
 * @param target a host, without the dot at its end; empty if there is no such service
 * @param directTls which of the two services of XEP-0368 it is of
 */
record SrvRecord(int priority, int weight, int port, String target, boolean directTls) {
    /** Priority, weight and port. */
    private static final int FIXED_BYTES = 6;

    /** Null if it is no SRV record or a malformed one, or one whose port nobody can listen on. */
    static @Nullable SrvRecord parse(DnsRecord dns, boolean directTls) {
        if (!(dns instanceof DnsRawRecord raw) || raw.content().readableBytes() <= FIXED_BYTES) {
            return null;
        }
        ByteBuf content = raw.content().duplicate();
        int priority = content.readUnsignedShort();
        int weight = content.readUnsignedShort();
        int port = content.readUnsignedShort();
        try {
            String target = DefaultDnsRecordDecoder.decodeName(content);
            String host = target.endsWith(".") ? target.substring(0, target.length() - 1) : target;
            if (port == 0 && !host.isEmpty()) {
                return null;
            }
            return new SrvRecord(priority, weight, port, host, directTls);
        } catch (RuntimeException e) {
            // Whatever the decoder dislikes about a name that a stranger has written.
            return null;
        }
    }

    boolean isNoService() {
        return target.isEmpty();
    }

    /** In the order in which they are to be tried: by priority, then drawn by weight. */
    static List<SrvRecord> ordered(List<SrvRecord> records, RandomGenerator random) {
        List<SrvRecord> left = new ArrayList<>(records);
        left.sort(Comparator.comparingInt(SrvRecord::priority));
        List<SrvRecord> ordered = new ArrayList<>();
        while (!left.isEmpty()) {
            int first = left.get(0).priority();
            List<SrvRecord> equals =
                    left.stream().filter(each -> each.priority() == first).toList();
            int sum = equals.stream().mapToInt(SrvRecord::weight).sum();
            int drawn = random.nextInt(sum + 1);
            for (SrvRecord each : equals) {
                drawn -= each.weight();
                if (drawn <= 0) {
                    ordered.add(each);
                    left.remove(each);
                    break;
                }
            }
        }
        return ordered;
    }
}
