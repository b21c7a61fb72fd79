// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.stream;

/** What a stream has reached in its negotiation. */
public enum StreamTrait {
    SECURE,
    AUTHENTICATED,
    BOUND
}
