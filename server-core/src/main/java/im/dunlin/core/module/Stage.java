// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.module;

/**
 * What happens to a message on its way through an account, in order. Outbound: ANNOTATE, RECORD, COPY, then it is routed.
 * Inbound: all of them. Before the first, every {@link Screen} is asked. Steps in one stage must not depend on each other's
 * order.
 */
public enum Stage {
    /** What does the server add or strip? */
    ANNOTATE,
    /** What is kept, under which id? */
    RECORD,
    /** Which sessions get it? */
    DELIVER,
    /** Who else? */
    COPY,
    /** Who must be woken? */
    NOTIFY
}
