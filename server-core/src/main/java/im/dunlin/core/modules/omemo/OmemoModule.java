// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.omemo;

import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.pubsub.PubSub;
import java.util.Map;

/**
 * XEP-0384: OMEMO Encryption, in both of its generations: who writes to somebody for the first time must find the keys, so these
 * nodes are open, and a bundle is kept for each device.
 */
public final class OmemoModule {
    private static final Map<String, String> OPEN = Map.of("pubsub#access_model", "open");

    public OmemoModule(Setup setup) {
        setup.implementing(384, "0.9.1");
        PubSub pubsub = setup.require(PubSub.class);
        pubsub.preset("urn:xmpp:omemo:2:devices", OPEN);
        pubsub.preset("urn:xmpp:omemo:2:bundles", Map.of("pubsub#access_model", "open", "pubsub#max_items", "max"));
        pubsub.preset("eu.siacs.conversations.axolotl.devicelist", OPEN);
        pubsub.preset("eu.siacs.conversations.axolotl.bundles:", OPEN);
    }
}
