// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import im.dunlin.core.config.Setting;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A setting that nobody reads would be a promise to operators that the server does not keep. */
class SettingsTest {
    private static final String CONFIG = "im.dunlin.core.config";

    private final JavaClasses ours = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("im.dunlin");

    @Test
    void everySettingIsReadBySomebody() {
        assertThat(ours.stream().flatMap(SettingsTest::settings).filter(SettingsTest::isUnread))
                .isEmpty();
    }

    private static Stream<JavaMethod> settings(JavaClass type) {
        if (!type.isRecord() || type.isAnonymousClass()) {
            return Stream.empty();
        }
        return Arrays.stream(type.reflect().getRecordComponents())
                .filter(component -> component.isAnnotationPresent(Setting.class))
                .map(component -> type.getMethod(component.getName()));
    }

    /** By its accessor, or through a method of the record that says more than the component. */
    private static boolean isUnread(JavaMethod accessor) {
        return !isCalledFromOutside(accessor)
                && accessor.getOwner().getField(accessor.getName()).getAccessesToSelf().stream()
                        .map(JavaAccess::getOrigin)
                        .noneMatch(origin -> origin instanceof JavaMethod method && isCalledFromOutside(method));
    }

    private static boolean isCalledFromOutside(JavaMethod method) {
        return Stream.concat(method.getCallsOfSelf().stream(), method.getReferencesToSelf().stream())
                .anyMatch(access -> !access.getOriginOwner().getPackageName().equals(CONFIG));
    }
}
