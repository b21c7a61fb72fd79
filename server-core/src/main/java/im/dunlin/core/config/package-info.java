// SPDX-License-Identifier: Apache-2.0

/**
 * What an operator may decide: immutable records, read from YAML.
 *
 * <p>Each component of a record is a key of the file; its {@link im.dunlin.core.config.Setting} holds the default, the
 * bounds and the sentence that explains it, so that reading, checking and printing cannot disagree. A configuration that
 * loads is valid as a whole: whatever is wrong is reported with file, line and column, all at once, before anything starts.
 */
@NullMarked
package im.dunlin.core.config;

import org.jspecify.annotations.NullMarked;
