// SPDX-License-Identifier: Apache-2.0

/** XEP-0215. */
@NullMarked
package im.dunlin.core.modules.externalservices;

import org.jspecify.annotations.NullMarked;
