// SPDX-License-Identifier: Apache-2.0
/** Events and storage by publish–subscribe (XEP-0060): of every account (XEP-0163) and of a service. */
@NullMarked
package im.dunlin.core.modules.pubsub;

import org.jspecify.annotations.NullMarked;
