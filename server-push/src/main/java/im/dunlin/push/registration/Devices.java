// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.registration;

import im.dunlin.core.lane.Turn;
import im.dunlin.core.session.ClientSession;
import org.jspecify.annotations.Nullable;

/**
 * What is the same device: one client installation, by the id that it gives when it logs in (XEP-0388 §2.2); where it gives none,
 * whoever has the same resource.
 */
public final class Devices {
    private static final String INSTALLATION = "i:";
    private static final String RESOURCE = "r:";

    private Devices() {}

    public static String of(ClientSession session, Turn turn) {
        String id = turn.get(session, ClientSession.DEVICE);
        return id != null ? of(id) : RESOURCE + session.jid().resource();
    }

    /** @param id of the installation */
    static String of(String id) {
        return INSTALLATION + id;
    }

    /** The session of the device; null while it has none. */
    public static @Nullable ClientSession session(String device, Turn turn) {
        for (ClientSession session : turn.sessions()) {
            if (of(session, turn).equals(device)) {
                return session;
            }
        }
        return null;
    }

    /** For operators: what the client called itself, without telling whether it is an id or a resource. */
    public static String label(String device) {
        return device.substring(INSTALLATION.length());
    }
}
