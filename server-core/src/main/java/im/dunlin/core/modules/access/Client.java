// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.access;

import im.dunlin.storage.ValueCodec;
import im.dunlin.storage.ValueReader;
import im.dunlin.storage.ValueWriter;
import im.dunlin.storage.Values;
import org.jspecify.annotations.Nullable;

/**
 * An installation of a client that has logged in.
 *
 * @param software as it calls itself; null if it did not say
 * @param name of the device, for people; the same
 * @param firstSeen seconds since 1970, to the hour
 * @param lastSeen the same
 * @param password generation of the password that it has shown last; null if it never showed one
 */
record Client(
        @Nullable String software,
        @Nullable String name,
        long firstSeen,
        long lastSeen,
        @Nullable Long password) {
    /** Format 1: software, name, the two times, whether there is a password, its generation. */
    static final ValueCodec<Client> CODEC = Values.versioned(1, Client::write, Client::read);

    Client seen(long hour) {
        return new Client(software, name, firstSeen, Math.max(hour, lastSeen), password);
    }

    Client knowing(long generation) {
        return new Client(software, name, firstSeen, lastSeen, generation);
    }

    private static void write(ValueWriter out, Client client) {
        out.nullableText(client.software)
                .nullableText(client.name)
                .varint(client.firstSeen)
                .varint(client.lastSeen)
                .u8(client.password == null ? 0 : 1)
                .fixed64(client.password == null ? 0 : client.password);
    }

    private static Client read(ValueReader in) {
        String software = in.nullableText();
        String name = in.nullableText();
        long first = in.varint();
        long last = in.varint();
        boolean hasPassword = in.u8() == 1;
        long generation = in.fixed64();
        return new Client(software, name, first, last, hasPassword ? generation : null);
    }
}
