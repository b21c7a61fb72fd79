// SPDX-License-Identifier: Apache-2.0
/**
 * XEP-0227: accounts as a file, to move them between servers. The format is here; what of an account is in it, modules declare
 * ({@link im.dunlin.core.module.AccountPart}).
 */
@NullMarked
package im.dunlin.core.portable;

import org.jspecify.annotations.NullMarked;
