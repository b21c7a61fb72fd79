// SPDX-License-Identifier: Apache-2.0
/** XEP-0050: commands that other modules declare. */
@NullMarked
package im.dunlin.core.modules.commands;

import org.jspecify.annotations.NullMarked;
