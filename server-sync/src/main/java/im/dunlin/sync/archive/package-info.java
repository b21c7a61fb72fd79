// SPDX-License-Identifier: Apache-2.0
/**
 * The archive as clients see it: what is recorded, XEP-0313 queries and XEP-0441 preferences, offline delivery, retention.
 *
 * <p>A view of the conversation log. {@link im.dunlin.sync.archive.ArchiveModule} declares all of it.
 */
@NullMarked
package im.dunlin.sync.archive;

import org.jspecify.annotations.NullMarked;
