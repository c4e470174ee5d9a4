/**
 * From the bytes of a configuration file to a {@link io.sluice.control.model.SluiceConfig} that can be put into force:
 *
 * <pre>
 *   bytes --YamlReader--> tree --ConfigReader--> model --ConfigRules--> model, or every violation in one go
 * </pre>
 */
package io.sluice.control.config;
