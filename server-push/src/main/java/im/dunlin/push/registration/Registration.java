// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.registration;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.xml.Element;
import im.dunlin.push.gateway.PushAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A device of an account that wants to be woken by a service. It names secrets of the service and the client, so its text form
 * has none of them.
 *
 * @param number within the account, the clock when it was made; 0 before that
 * @param node what the service calls the device, perhaps its very token
 * @param device to which it belongs ({@link Devices#of})
 * @param options the form that goes with each publish as it is
 * @param extensions the other children of {@code <enable/>}, as they were sent
 * @param wishes what they say
 * @param registered when the client last changed it, in microseconds
 * @param seen when the device was last connected, to within a day
 */
public record Registration(
        long number,
        Dialect dialect,
        Jid service,
        String node,
        String device,
        @Nullable Element options,
        List<Element> extensions,
        Wishes wishes,
        long registered,
        long seen,
        Health health) {
    public Registration {
        extensions = List.copyOf(extensions);
    }

    static Registration of(
            Dialect dialect,
            Jid service,
            String node,
            String device,
            @Nullable Element options,
            List<Element> extensions) {
        return new Registration(
                0, dialect, service, node, device, options, extensions, Wishes.of(extensions), 0, 0, Health.GOOD);
    }

    /** Whether it is of the same node. */
    boolean isSameNode(Registration other) {
        return service.equals(other.service) && node.equals(other.node);
    }

    /** Whether a client that says the other again changes nothing. */
    boolean says(Registration other) {
        return isSameNode(other)
                && dialect == other.dialect
                && device.equals(other.device)
                && String.valueOf(options).equals(String.valueOf(other.options))
                && extensions.equals(other.extensions);
    }

    Registration registered(long number, long at) {
        return new Registration(
                number, dialect, service, node, device, options, extensions, wishes, at, at, Health.GOOD);
    }

    Registration seen(long at) {
        return new Registration(
                number, dialect, service, node, device, options, extensions, wishes, registered, at, health);
    }

    /** The same without an address that reaches nobody. */
    Registration without(PushAddress gone) {
        List<Element> left = extensions.stream()
                .map(each -> each.is(Wishes.SETTINGS) ? Direct.without(gone, each) : each)
                .toList();
        return new Registration(
                number, dialect, service, node, device, options, left, Wishes.of(left), registered, seen, health);
    }

    public Registration with(Health changed) {
        return new Registration(
                number, dialect, service, node, device, options, extensions, wishes, registered, seen, changed);
    }

    @Override
    public String toString() {
        return "registration " + number + " with " + service;
    }
}
