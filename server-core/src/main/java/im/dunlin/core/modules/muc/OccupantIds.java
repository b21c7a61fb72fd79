// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.muc;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Owner;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * XEP-0421: names for occupants that stay the same whatever they call themselves. Another one in each room, and in a room that is
 * made again under its old name; nobody without the server's secret can find out whose it is.
 */
final class OccupantIds {
    private static final String ALGORITHM = "HmacSHA256";
    private static final int BYTES = 20;

    private final SecretKeySpec key;

    OccupantIds(byte[] secret) {
        key = new SecretKeySpec(secret, ALGORITHM);
    }

    String of(BareJid account, Owner room) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            String text = room.jid() + "\n" + room.key().number() + "\n" + account;
            byte[] id = mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(Arrays.copyOf(id, BYTES));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has " + ALGORITHM, e);
        }
    }
}
