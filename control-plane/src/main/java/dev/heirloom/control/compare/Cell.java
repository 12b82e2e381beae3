package dev.heirloom.control.compare;

/**
 * A finished trial. Latency is not in it: that is measured at the end, all networks beside the
 * teacher in one run.
 *
 * @param accuracy share of validation labels met, 0..1
 * @param agreement share of validation labels for which the teacher names the same class, 0..1
 * @param parameters elements of all weights
 * @param macs multiply-accumulates of one sample
 * @param bytes of the ONNX file
 * @param samplesSeen training samples, counted each time they were in a batch
 * @param seconds wall-clock of making it; one inheritance serves every size, and counts for each
 */
public record Cell(
    Trial trial,
    double accuracy,
    double agreement,
    long parameters,
    long macs,
    long bytes,
    long samplesSeen,
    double seconds) {}
