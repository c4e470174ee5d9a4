/** From the model, where things refer to each other by name and by default, to what the data plane takes. */
package io.sluice.control.compile;
