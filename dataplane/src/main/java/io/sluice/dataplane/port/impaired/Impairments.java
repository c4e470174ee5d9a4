package io.sluice.dataplane.port.impaired;

/**
 * How often each misfortune befalls a frame: rates from 0 (never) to 1 (always), independent of each other.
 *
 * @param loss        the frame vanishes
 * @param duplication a copy follows it
 * @param reordering  it is held back until the next frame has passed
 * @param corruption  one of its bits is flipped
 * @param truncation  its end is missing; 0 to all but one byte are left
 */
public record Impairments(double loss, double duplication, double reordering, double corruption, double truncation) {
    /** Nothing ever happens. */
    public static final Impairments NONE = new Impairments(0, 0, 0, 0, 0);

    /**
     * Checks the rates.
     *
     * @throws IllegalArgumentException if one is not within 0 to 1
     */
    public Impairments {
        check("loss", loss);
        check("duplication", duplication);
        check("reordering", reordering);
        check("corruption", corruption);
        check("truncation", truncation);
    }

    private static void check(final String name, final double rate) {
        if (!(rate >= 0 && rate <= 1)) {
            throw new IllegalArgumentException(name + " is " + rate + ", but a rate is between 0 and 1");
        }
    }
}
