// SPDX-License-Identifier: Apache-2.0
/**
 * What a module may declare, and what it is called with.
 *
 * <p>A module is a class whose constructor takes a {@link im.dunlin.core.module.Setup} and declares everything there: what it
 * implements, disco features, handlers, steps, tables. Adding a XEP is one new package, one line in the list of modules, and
 * its tests.
 */
@NullMarked
package im.dunlin.core.module;

import org.jspecify.annotations.NullMarked;
