// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.module;

/** What happens to a presence on its way through an account, in order. */
public enum PresenceStage {
    /** What does the server add or strip? */
    ANNOTATE,
    /** Subscriptions, broadcast, probes, delivery: RFC 6121 §3 and §4. */
    HANDLE,
    /** Who learns from it? (capabilities, last activity, offline messages) */
    NOTICE
}
