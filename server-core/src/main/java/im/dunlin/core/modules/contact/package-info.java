// SPDX-License-Identifier: Apache-2.0

/** XEP-0157. */
@NullMarked
package im.dunlin.core.modules.contact;

import org.jspecify.annotations.NullMarked;
