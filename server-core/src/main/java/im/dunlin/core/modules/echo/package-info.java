// SPDX-License-Identifier: Apache-2.0
/** A service that repeats what it is told. */
@NullMarked
package im.dunlin.core.modules.echo;

import org.jspecify.annotations.NullMarked;
