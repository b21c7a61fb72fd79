// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.module;

/** Which way a stanza passes through its account. */
public enum Way {
    /** From a session of this account. */
    OUTBOUND,
    /** To this account. */
    INBOUND
}
