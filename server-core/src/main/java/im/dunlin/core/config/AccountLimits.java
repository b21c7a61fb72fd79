// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.config;

/** Limits of one account. Beyond them a request is answered with an error; nothing that is there is dropped. */
public record AccountLimits(
        @Setting(says = "Connected sessions.", byDefault = "20", min = 1, max = 10_000)
        int sessions,

        @Setting(says = "Sessions that wait to be resumed; the oldest gives way.", byDefault = "10", max = 10_000)
        int detachedSessions,

        @Setting(says = "Roster items.", byDefault = "5000", min = 10, max = 1_000_000)
        int rosterItems,

        @Setting(
                says = "Bytes of a roster as it is sent, all together.",
                byDefault = "1MiB",
                min = 10_000,
                max = 64 << 20,
                bytes = true)
        int rosterBytes,

        @Setting(says = "Groups of one roster item.", byDefault = "50", min = 1, max = 10_000)
        int rosterGroups,

        @Setting(
                says = "Bytes of a roster item's name, and of a group.",
                byDefault = "256B",
                min = 64,
                max = 64 << 10,
                bytes = true)
        int rosterNameBytes,

        @Setting(
                says = "Subscription requests that wait for an answer; the oldest gives way.",
                byDefault = "500",
                min = 10,
                max = 1_000_000)
        int pendingRequests,

        @Setting(says = "Blocked JIDs (XEP-0191).", byDefault = "5000", min = 10, max = 1_000_000)
        int blocked,

        @Setting(
                says = "Private XML of an account (XEP-0049), all together.",
                byDefault = "128KiB",
                min = 1_024,
                max = 64 << 20,
                bytes = true)
        int privateXmlBytes,

        @Setting(says = "A vCard (XEP-0054).", byDefault = "128KiB", min = 1_024, max = 64 << 20, bytes = true)
        int vcardBytes,

        @Setting(says = "Archive page when the client asks for none.", byDefault = "50", min = 1, max = 10_000)
        int archivePage,

        @Setting(says = "Largest archive page.", byDefault = "250", min = 1, max = 10_000)
        int archivePageMax,

        @Setting(
                says = "Bytes of one archive page; a fuller one is cut.",
                byDefault = "1MiB",
                min = 64 << 10,
                max = 64 << 20,
                bytes = true)
        int archivePageBytes,

        @Setting(says = "Archive queries of one session at a time.", byDefault = "4", min = 1, max = 1_000)
        int archiveQueries,

        @Setting(
                says = "Messages that wait for an account without sessions; one sender may have a fifth of them.",
                byDefault = "10000",
                min = 10,
                max = 1_000_000)
        int offlineMessages,

        @Setting(
                says = "Bytes of these, all together.",
                byDefault = "50MiB",
                min = 64 << 10,
                max = 1 << 30,
                bytes = true)
        int offlineBytes,

        @Setting(
                says = "Of these, messages of senders who are not in the roster.",
                byDefault = "200",
                min = 0,
                max = 1_000_000)
        int offlineStrangers)
        implements Checked {

    public static AccountLimits defaults() {
        return RecordBinder.defaults(AccountLimits.class);
    }

    @Override
    public void check(Report report) {
        if (archivePage > archivePageMax) {
            report.wrong("archivePage", archivePage + " (expected: at most archivePageMax, " + archivePageMax + ")");
        }
    }
}
