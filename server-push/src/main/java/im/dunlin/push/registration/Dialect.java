// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.registration;

/** In which words a client enabled push, and so what its service understands. The ordinals are on disk. */
public enum Dialect {
    /** XEP-0357, with or without the extensions that are children of {@code <enable/>}. */
    STANDARD,
    /** Xabber's clients: one registration for messages and one for calls. */
    XABBER,
    /** {@code urn:xmpp:push2:0}: the service gets a message instead of a publish. */
    PUSH2
}
