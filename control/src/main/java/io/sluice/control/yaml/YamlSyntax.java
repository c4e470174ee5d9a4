package io.sluice.control.yaml;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/** What the YAML parser says, in words that help. */
final class YamlSyntax {
    private YamlSyntax() {
    }

    static String explain(final MarkedYAMLException e) {
        final String problem = String.valueOf(e.getProblem());
        if (problem.contains("\\t(TAB)")) {
            return "a tab is used for indentation; YAML wants spaces";
        }
        if (problem.contains("mapping values are not allowed here")) {
            return "not YAML: a second \": \" in one line, or wrong indentation; quote the value if it contains \": \"";
        }
        if (problem.contains("',' or '}'") || problem.contains("',' or ']'") || problem.endsWith("found ']'")
            || problem.endsWith("found '}'")) {
            return "not YAML: a bracket is not closed or not opened, or a comma is missing (" + Violation.shown(problem) + ")";
        }
        if (problem.contains("expected <block end>") || problem.contains("did not find expected key")) {
            return "not YAML: the indentation does not agree with the lines above (" + Violation.shown(problem) + ")";
        }
        return "not YAML: " + Violation.shown(problem);
    }

    static String explain(final JacksonException e) {
        final String problem = String.valueOf(e.getOriginalMessage());
        if (e instanceof StreamConstraintsException) {
            return problem.contains("nesting depth") ? "lists and mappings are nested deeper than a configuration may"
                : "a key or a number is longer than a configuration may have";
        }
        return "not YAML: " + Violation.shown(problem);
    }
}
