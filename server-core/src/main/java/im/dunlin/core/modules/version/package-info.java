// SPDX-License-Identifier: Apache-2.0
/** XEP-0092. */
@NullMarked
package im.dunlin.core.modules.version;

import org.jspecify.annotations.NullMarked;
