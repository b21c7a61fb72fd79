// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.admin;

import static im.dunlin.core.module.Addressee.SERVER;

import im.dunlin.core.module.Setup;

/**
 * XEP-0133: Service Administration, of each host by the administrators that its configuration names. Nobody else sees that there
 * are such commands. They reach no further than the host that is asked, and never show a password or what somebody has written.
 */
public final class AdminModule {
    /** Its name in the configuration. */
    public static final String KEY = "admin";

    private final Setup setup;

    public AdminModule(Setup setup) {
        this.setup = setup;
        setup.implementing(133, "1.3.1");
        AccountCommands accounts = new AccountCommands(setup);
        add("add-user", "Add a user", accounts::add);
        add("delete-user", "Delete users", accounts::delete);
        add("disable-user", "Disable users", accounts::disable);
        add("reenable-user", "Re-enable users", accounts::reenable);
        add("end-user-session", "End sessions", accounts::endSessions);
        add("change-user-password", "Change a password", accounts::changePassword);
        add("get-user-stats", "Statistics of a user", accounts::statistics);
        UserLists users = new UserLists(setup);
        add("get-registered-users-num", "Number of registered users", users.number(UserLists.Which.REGISTERED));
        add("get-disabled-users-num", "Number of disabled users", users.number(UserLists.Which.DISABLED));
        add("get-online-users-num", "Number of online users", users.number(UserLists.Which.ONLINE));
        add("get-registered-users-list", "Registered users", users.list(UserLists.Which.REGISTERED));
        add("get-disabled-users-list", "Disabled users", users.list(UserLists.Which.DISABLED));
        add("get-online-users-list", "Online users", users.list(UserLists.Which.ONLINE));
        add("announce", "Announce something to online users", new Announcement(setup, users)::begin);
        MessageOfTheDay message = new MessageOfTheDay(setup, users);
        add("set-motd", "Set the message of the day", message::set);
        add("edit-motd", "Edit the message of the day", message::edit);
        add("delete-motd", "Delete the message of the day", message::delete);
    }

    private void add(String node, String name, AdminCommand.Begin body) {
        setup.command(new AdminCommand(setup.config(), AdminCommand.NS + "#" + node, name, body), SERVER);
    }
}
