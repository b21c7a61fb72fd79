// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.module;

/** Where in {@code <bound/>} (XEP-0386) an answer stands; in one section, answers stand in the order of their modules. */
public enum BoundSection {
    /** What cannot wait: calls that ring. */
    URGENT,
    /** What the session is from now on. */
    SESSION,
    /** Where the archive stands. */
    ARCHIVE,
    /** What the client has missed. */
    MISSED
}
