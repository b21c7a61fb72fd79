// SPDX-License-Identifier: Apache-2.0

/**
 * The command line. A command does its work or fails with one line and a status other than zero; a stack trace is a bug.
 */
@NullMarked
package im.dunlin.dist.command;

import org.jspecify.annotations.NullMarked;
