// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.config;

/** A record whose values depend on one another; asked once, after all of them were read. */
public interface Checked {
    void check(Report report);

    /** Where a check says what is wrong. */
    interface Report {
        /** The value of a key of this record cannot stay as it is. */
        void wrong(String key, String message);
    }
}
