// SPDX-License-Identifier: Apache-2.0

/**
 * What an administrator may ask of a server, in one interface, and the local socket that carries it into a running one.
 */
@NullMarked
package im.dunlin.dist.control;

import org.jspecify.annotations.NullMarked;
