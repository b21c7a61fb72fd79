// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

/** What was acknowledged survives the end of the process in every mode; the modes differ in loss of power. */
public enum Durability {
    /** On disk before anything is released: survives loss of power. */
    SYNC,
    /**
     * With the operating system before anything is released, on disk every second: power loss takes the last second.
     */
    INTERVAL,
    /** With the operating system before anything is released; the disk is left to it. */
    NONE
}
