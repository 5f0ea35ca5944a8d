package dev.quorate.core.ring;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

class DurationHistogramTest
{
    @Test
    void durationsFallIntoTheFirstBucketWhoseBoundTheyDoNotExceed()
    {
        final DurationHistogram histogram = new DurationHistogram();
        final long last = DurationHistogram.boundNs(DurationHistogram.BOUNDED_BUCKETS - 1);
        assertEquals(8_192_000_000L, last);
        histogram.record(0);
        histogram.record(1_000_000);
        histogram.record(1_000_001);
        histogram.record(last);
        histogram.record(last + 1);
        histogram.record(100 * last);
        assertEquals(2, histogram.count(0));
        assertEquals(1, histogram.count(1));
        assertEquals(0, histogram.count(2));
        assertEquals(1, histogram.count(DurationHistogram.BOUNDED_BUCKETS - 1));
        assertEquals(2, histogram.count(DurationHistogram.BOUNDED_BUCKETS));
        assertEquals(2_000_001 + 102 * last + 1, histogram.sumNs());
    }
}
