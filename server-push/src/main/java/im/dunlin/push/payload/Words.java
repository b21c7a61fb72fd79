// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a phone shows when nothing on it has opened the push: that something is there, and never what. In the user's language if
 * it is one of these.
 */
enum Words {
    MESSAGE("PUSH_MESSAGE", "New message", "Neue Nachricht", "Nouveau message", "Nuevo mensaje", "Новое сообщение"),
    CALL("PUSH_CALL", "Incoming call", "Eingehender Anruf", "Appel entrant", "Llamada entrante", "Входящий звонок"),
    MISSED_CALL(
            "PUSH_MISSED_CALL",
            "Missed call",
            "Verpasster Anruf",
            "Appel manqué",
            "Llamada perdida",
            "Пропущенный звонок"),
    CALL_OVER(
            "PUSH_CALL_OVER", "Call ended", "Anruf beendet", "Appel terminé", "Llamada finalizada", "Звонок завершён"),
    TEST(
            "PUSH_TEST",
            "Pushes arrive",
            "Pushes kommen an",
            "Les push arrivent",
            "Los push llegan",
            "Push-уведомления доходят");

    private final String key;
    private final String english;
    private final String german;
    private final String french;
    private final String spanish;
    private final String russian;

    Words(String key, String english, String german, String french, String spanish, String russian) {
        this.key = key;
        this.english = english;
        this.german = german;
        this.french = french;
        this.spanish = spanish;
        this.russian = russian;
    }

    static Words of(Notice notice) {
        return switch (notice.noticeClass()) {
            case CALL -> CALL;
            case CALL_END -> notice instanceof Notice.CallEnd end && end.isMissed() ? MISSED_CALL : CALL_OVER;
            case TEST -> TEST;
            case MESSAGE, READ -> MESSAGE;
        };
    }

    /** Under which an app has its own translation. */
    String key() {
        return key;
    }

    /** English where nothing better is known. */
    String in(@Nullable Locale locale) {
        return switch (locale == null ? "" : locale.getLanguage()) {
            case "de" -> german;
            case "fr" -> french;
            case "es" -> spanish;
            case "ru" -> russian;
            default -> english;
        };
    }
}
