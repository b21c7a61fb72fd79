// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push;

import im.dunlin.core.stanza.FormFields;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.push.app.Apps;
import im.dunlin.push.registration.PushNames;
import org.jspecify.annotations.Nullable;

/** Tells clients of which apps the host wakes devices, and what to subscribe to Web Push servers with (docs/protocol/push.md). */
final class AppsForm {
    private AppsForm() {}

    /** Null where there are no apps. */
    static @Nullable Element of(Apps apps) {
        if (apps.all().isEmpty()) {
            return null;
        }
        ElementBuilder form = Element.builder(FormFields.FORM)
                .attr("type", "result")
                .child(field("FORM_TYPE", PushNames.OWN).attr("type", "hidden"));
        for (Apps.App app : apps.all()) {
            String key = apps.publicKey(app);
            form.child(field("app#" + app.key(), key == null ? "" : key));
        }
        return form.build();
    }

    private static Element field(String name, String value) {
        return Element.of(FormFields.FIELD).attr("var", name).child(FormFields.VALUE, value);
    }
}
