// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.muc;

import im.dunlin.core.config.Checked;
import im.dunlin.core.config.Setting;

/** What a host's rooms may have. */
public record Options(
        @Setting(
                says =
                        "Label of the service before the host's domain. Rooms keep their names: another label has other rooms.",
                byDefault = "rooms")
        String subdomain,

        @Setting(says = "Rooms of the host.", byDefault = "10000", min = 1, max = 1_000_000)
        int rooms,

        @Setting(says = "Rooms that one account has made.", byDefault = "50", min = 1, max = 100_000)
        int roomsOfUser,

        @Setting(says = "Occupants of a room.", byDefault = "1000", min = 2, max = 10_000)
        int occupants,

        @Setting(
                says = "Members, administrators, owners and outcasts of a room, all together.",
                byDefault = "2000",
                min = 10,
                max = Options.MOST_AFFILIATIONS)
        int affiliations,

        @Setting(says = "Messages that a newcomer is shown unless it asks for fewer.", byDefault = "20", max = 200)
        int history,

        @Setting(says = "Bytes of a nickname.", byDefault = "256B", min = 16, max = 1_023, bytes = true)
        int nickBytes,

        @Setting(says = "Bytes of a subject.", byDefault = "4KiB", min = 256, max = 64 << 10, bytes = true)
        int subjectBytes,

        @Setting(
                says = "Bytes of what an occupant's presence says.",
                byDefault = "4KiB",
                min = 1_024,
                max = 64 << 10,
                bytes = true)
        int presenceBytes,

        @Setting(
                says = "Messages of a room that are kept; the oldest give way.",
                byDefault = "100000",
                min = 10,
                max = 10_000_000)
        int messages,

        @Setting(
                says = "Bytes of these, all together.",
                byDefault = "256MiB",
                min = 64 << 10,
                max = 1L << 40,
                bytes = true)
        long bytes)
        implements Checked {
    static final int MOST_AFFILIATIONS = 10_000;

    @Override
    public void check(Report report) {
        if (!subdomain.matches("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")) {
            report.wrong("subdomain", subdomain + " (expected: one label of a domain, in lower case)");
        }
    }
}
