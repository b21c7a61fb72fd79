// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.config;

/** A check of a section's record by those who use it and know more of it than its own floor does. */
@FunctionalInterface
public interface SectionCheck<R extends Record> {
    void check(R section, Checked.Report report);
}
