// SPDX-License-Identifier: Apache-2.0
/** XEP-0401, XEP-0379: links that make somebody a user of this server, or a contact of the one who sent it. */
@NullMarked
package im.dunlin.core.modules.invitations;

import org.jspecify.annotations.NullMarked;
