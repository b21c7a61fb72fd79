// SPDX-License-Identifier: Apache-2.0
/** The demonstration: one account, one phone, two ways to come back. */
@NullMarked
package im.dunlin.dist.demo;

import org.jspecify.annotations.NullMarked;
