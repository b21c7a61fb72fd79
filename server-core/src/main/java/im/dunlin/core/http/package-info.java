// SPDX-License-Identifier: Apache-2.0
/** What is answered over HTTP: requests, answers, and who answers which path. Knows no sockets. */
@NullMarked
package im.dunlin.core.http;

import org.jspecify.annotations.NullMarked;
