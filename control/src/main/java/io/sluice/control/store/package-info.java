/** What is in force: one configuration at a time, changed by one caller at a time, remembered in the state directory. */
package io.sluice.control.store;
