// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.profile;

import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.pubsub.PubSub;

/**
 * XEP-0172 nickname, XEP-0292 vCard4, XEP-0107 mood, XEP-0108 activity, XEP-0118 tune: each is one item in a node of its own, for
 * contacts, which is what a node is unless somebody says otherwise.
 */
public final class ProfileModule {
    public ProfileModule(Setup setup) {
        setup.require(PubSub.class);
        setup.implementing(172, "1.1")
                .implementing(292, "0.12.0")
                .implementing(107, "1.2.2")
                .implementing(108, "1.3")
                .implementing(118, "1.3.0");
    }
}
