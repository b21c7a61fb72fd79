// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stanza.StanzaException;
import im.dunlin.core.stream.StreamError;
import im.dunlin.core.xml.Element;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** The floors of the house, and what may be used on which of them. */
class ArchitectureTest {
    private static final JavaClasses OURS = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("im.dunlin");

    @Test
    void everyFloorIsSeen() {
        assertThat(OURS).isNotEmpty();
        assertThat(List.of("im.dunlin.storage", "im.dunlin.core", "im.dunlin.sync", "im.dunlin.push", "im.dunlin.dist"))
                .allMatch(OURS::containPackage);
    }

    @Test
    void importsRunDownward() {
        layeredArchitecture()
                .consideringOnlyDependenciesInAnyPackage("im.dunlin..")
                .withOptionalLayers(true)
                .layer("dist")
                .definedBy("im.dunlin.dist..")
                .layer("push")
                .definedBy("im.dunlin.push..")
                .layer("sync")
                .definedBy("im.dunlin.sync..")
                .layer("core")
                .definedBy("im.dunlin.core..")
                .layer("storage")
                .definedBy("im.dunlin.storage..")
                .whereLayer("dist")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("push")
                .mayOnlyBeAccessedByLayers("dist")
                .whereLayer("sync")
                .mayOnlyBeAccessedByLayers("dist", "push")
                .whereLayer("core")
                .mayOnlyBeAccessedByLayers("dist", "push", "sync")
                .check(OURS);
    }

    @Test
    void modulesAndSocketsDoNotSeeEachOther() {
        noClasses()
                .that()
                .resideInAPackage("im.dunlin.core.modules..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("im.dunlin.core.net..")
                .allowEmptyShould(true)
                .check(OURS);
        noClasses()
                .that()
                .resideInAPackage("im.dunlin.core.net..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("im.dunlin.core.modules..")
                .check(OURS);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("im.dunlin.(*).(*)..")
                .should()
                .beFreeOfCycles()
                // Whoever reads what is missing in an element gets the stanza's error, so that handlers stay straight.
                .ignoreDependency(Element.class, StanzaError.class)
                .ignoreDependency(Element.class, StanzaException.class)
                // A stream error is a value; who ends a session names it.
                .ignoreDependency(alwaysTrue(), belongToAnyOf(StreamError.class))
                .check(OURS);
    }

    @Test
    void librariesStayWhereTheyBelong() {
        onlyIn("io.netty..", "im.dunlin.core.net..", "im.dunlin.core.s2s..", "im.dunlin.push..", "io.netty..");
        onlyIn("org.rocksdb..", "im.dunlin.storage.rocks..");
        onlyIn("com.fasterxml.aalto..", "im.dunlin.core.net..");
        onlyIn("com.ibm.icu..", "im.dunlin.core.jid..", "im.dunlin.core.net.tls..");
        onlyIn("picocli..", "im.dunlin.dist..");
    }

    private static void onlyIn(String library, String... packages) {
        noClasses()
                .that(are(not(resideInAnyPackage(packages))))
                .should()
                .dependOnClassesThat(resideInAPackage(library))
                .check(OURS);
    }

    @Test
    void modulesKeepNoThreadsLocksClocksOrStatics() {
        String modules = "im.dunlin.core.modules..";
        noClasses()
                .that()
                .resideInAPackage(modules)
                .should()
                .dependOnClassesThat()
                .areAssignableTo(Thread.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Executor.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Clock.class)
                .orShould()
                .dependOnClassesThat()
                .resideInAPackage("java.util.concurrent.locks..")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(java.time.Instant.class, "now")
                .allowEmptyShould(true)
                .check(OURS);
        methods()
                .that()
                .areDeclaredInClassesThat()
                .resideInAPackage(modules)
                .should()
                .notHaveModifier(JavaModifier.SYNCHRONIZED)
                .allowEmptyShould(true)
                .check(OURS);
        fields().that()
                .areDeclaredInClassesThat()
                .resideInAPackage(modules)
                .and()
                .areStatic()
                .should()
                .beFinal()
                .allowEmptyShould(true)
                .check(OURS);
    }

    @Test
    void onlyTheProgramEndsTheProcess() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName("im.dunlin.dist.Main")
                .and()
                .doNotHaveFullyQualifiedName("im.dunlin.dist.Launcher")
                .should()
                .callMethod(System.class, "exit", int.class)
                .orShould()
                .callMethod(Runtime.class, "exit", int.class)
                .orShould()
                .callMethod(Runtime.class, "halt", int.class)
                .check(OURS);
    }

    @Test
    void everyPackageIsNullMarked() {
        assertThat(OURS.stream().map(JavaClass::getPackage).distinct())
                .filteredOn(found -> found.getName().startsWith("im.dunlin"))
                .filteredOn(found -> !found.isAnnotatedWith(NullMarked.class))
                .extracting(JavaPackage::getName)
                .isEmpty();
    }

    @Test
    void namesSayWhatAClassIs() {
        classes()
                .that()
                .resideInAPackage("im.dunlin..")
                .should()
                .haveNameNotMatching(".*(Manager|Helper|Utils?|Impl|Base|Data|Info|Processor)")
                .check(OURS);
    }
}
