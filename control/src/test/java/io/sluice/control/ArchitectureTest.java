package io.sluice.control;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.sluice.dataplane.DataplaneConfig;
import io.sluice.dataplane.IdleMode;
import io.sluice.dataplane.PortChoice;
import io.sluice.dataplane.ThreadingMode;
import io.sluice.dataplane.wire.Address;

@AnalyzeClasses(packages = "io.sluice.control", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    private final ArchRule controlSeesOnlyTheFaceOfTheDataPlane = noClasses().that().doNotHaveSimpleName("Daemon")
        .should().dependOnClassesThat(resideInAPackage("io.sluice.dataplane..")
            .and(not(resideInAnyPackage("io.sluice.dataplane.api", "io.sluice.dataplane.verdict")))
            .and(not(belongToAnyOf(DataplaneConfig.class, PortChoice.class, ThreadingMode.class, IdleMode.class, Address.class))));

    @ArchTest
    private final ArchRule packagesHaveNoCycles = slices().matching("io.sluice.control.(*)..").should()
        .beFreeOfCycles();

    @ArchTest
    private final ArchRule nothingBelowKnowsTheDaemon = noClasses().that().resideOutsideOfPackage("io.sluice.control")
        .should().dependOnClassesThat(resideInAPackage("io.sluice.control"));

    @ArchTest
    private final ArchRule theYamlReaderKnowsNothingOfTheProduct = noClasses().that().resideInAPackage("..control.yaml")
        .should().dependOnClassesThat(resideInAPackage("io.sluice..").and(not(resideInAPackage("..control.yaml"))));

    @ArchTest
    private final ArchRule onlyTheApiKnowsTheHttpServer = noClasses().that().resideOutsideOfPackage("..control.http")
        .should().dependOnClassesThat(resideInAPackage("io.helidon.."));
}
