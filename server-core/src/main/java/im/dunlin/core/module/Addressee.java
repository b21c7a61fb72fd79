// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.module;

/** Who an iq is for, when the server answers it, and whose disco a feature stands in. */
public enum Addressee {
    /** The served domain. Runs on the asker's lane: such questions have no state of their own. */
    SERVER,
    /** The asker's own account: its bare JID, or no address at all. */
    OWN_ACCOUNT,
    /** An account, asked by somebody else. Handlers decide what this asker may know (threat S15: deny by default). */
    ACCOUNT,
    /** A service on a subdomain. */
    SERVICE
}
