/** The steps of the path, each alone: what {@link io.sluice.bench.path} is made of. Those that change frames get them restored. */
package io.sluice.bench.step;
