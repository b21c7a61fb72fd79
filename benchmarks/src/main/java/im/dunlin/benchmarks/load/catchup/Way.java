// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.catchup;

/** How a device comes up to date when it has logged in. */
enum Way {
    /** Not at all: what the login alone costs. */
    LOGIN,
    /** It reads the archive behind the last message that it knows. */
    MAM,
    /** It asks which conversations have changed, and shows them. */
    SYNC,
    /** It asks which conversations have changed, and then reads the archive. */
    SYNC_AND_MAM,
    /** It asks for the delta, without messages but the last of each conversation. */
    DELTA,
    /** It asks for the delta with its messages. */
    DELTA_AND_MESSAGES,
    /** It is new, and asks for the newest message of each conversation. */
    NEW_BY_MAM,
    /** It is new, and asks for all conversations. */
    NEW_BY_SYNC,
    /** It is new, and asks for the delta from nothing, without messages: what a full synchronization takes. */
    NEW_BY_DELTA
}
