// SPDX-License-Identifier: Apache-2.0
/** XEP-0049. */
@NullMarked
package im.dunlin.core.modules.privatexml;

import org.jspecify.annotations.NullMarked;
