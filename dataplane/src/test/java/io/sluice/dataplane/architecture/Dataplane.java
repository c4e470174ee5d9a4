package io.sluice.dataplane.architecture;

import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.stream.Stream;

/** The module's classes, read once. */
final class Dataplane {
    static final String ROOT = "io.sluice.dataplane";
    static final JavaClasses CLASSES = new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests())
        .importPackages(ROOT);

    private Dataplane() {
    }

    /** The layer of a class: the first package below the root, or nothing for the root itself. */
    static String layer(final JavaClass type) {
        final String inside = type.getPackageName().substring(ROOT.length());
        return inside.isEmpty() ? "" : inside.substring(1).split("\\.")[0];
    }

    /** Every call that a class makes: methods and constructors. */
    static Stream<JavaCall<?>> calls(final JavaClass type) {
        return Stream.concat(type.getMethodCallsFromSelf().stream(), type.getConstructorCallsFromSelf().stream());
    }
}
