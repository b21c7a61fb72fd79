// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.config;

import java.util.Locale;

/** What must have happened to a write before anybody is told that it is kept. */
public enum Durability {
    /** It is on the disk. */
    SYNC,
    /** The operating system has it; the disk follows every second. A power cut may lose the last second. */
    INTERVAL,
    /** The operating system has it and writes it when it likes. */
    NONE;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
