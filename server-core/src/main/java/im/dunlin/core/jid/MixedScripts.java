// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.jid;

import com.ibm.icu.lang.UScript;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether a name mixes scripts as nobody's language does, {@code аlice} with a Cyrillic letter for instance: "highly
 * restrictive" of UTS 39 §5.2, by scripts and their extensions. Such names are valid addresses; they are not given to new
 * accounts (threat S18).
 */
public final class MixedScripts {
    /** Scripts that are written together. */
    private static final List<BitSet> TOGETHER = List.of(
            scripts(UScript.LATIN, UScript.HAN, UScript.HIRAGANA, UScript.KATAKANA),
            scripts(UScript.LATIN, UScript.HAN, UScript.BOPOMOFO),
            scripts(UScript.LATIN, UScript.HAN, UScript.HANGUL));

    private MixedScripts() {}

    public static boolean areIn(String name) {
        List<BitSet> letters = new ArrayList<>();
        name.codePoints().mapToObj(MixedScripts::scriptsOf).forEach(scripts -> {
            if (scripts != null) {
                letters.add(scripts);
            }
        });
        return !ofOne(letters)
                && TOGETHER.stream().noneMatch(set -> letters.stream().allMatch(set::intersects));
    }

    private static boolean ofOne(List<BitSet> letters) {
        BitSet shared = new BitSet();
        shared.set(0, UScript.CODE_LIMIT);
        letters.forEach(shared::and);
        return !shared.isEmpty();
    }

    /** Null for what is written in every script: digits, punctuation, marks. */
    private static @Nullable BitSet scriptsOf(int character) {
        BitSet scripts = new BitSet();
        UScript.getScriptExtensions(character, scripts);
        return scripts.get(UScript.COMMON) || scripts.get(UScript.INHERITED) ? null : scripts;
    }

    private static BitSet scripts(int... codes) {
        BitSet scripts = new BitSet();
        for (int code : codes) {
            scripts.set(code);
        }
        return scripts;
    }
}
