// SPDX-License-Identifier: Apache-2.0
/** XEP-0352: a client that nobody looks at is not woken for what can wait. */
@NullMarked
package im.dunlin.core.modules.csi;

import org.jspecify.annotations.NullMarked;
