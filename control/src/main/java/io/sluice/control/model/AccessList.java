package io.sluice.control.model;

import io.sluice.dataplane.api.AclSpec;

/**
 * A named access list.
 *
 * @param name unique among access lists
 * @param rule who is let in
 */
public record AccessList(String name, AclSpec rule) {
}
