// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.policy;

/** For what of a chat its user wants to be notified (XEP-0492). */
public enum Notify {
    ALWAYS,
    ON_MENTION,
    NEVER
}
