// SPDX-License-Identifier: Apache-2.0
/** XEP-0455. */
@NullMarked
package im.dunlin.core.modules.outage;

import org.jspecify.annotations.NullMarked;
