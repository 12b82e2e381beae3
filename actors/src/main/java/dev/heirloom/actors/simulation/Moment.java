package dev.heirloom.actors.simulation;

/**
 * One window of one device, as it really was.
 *
 * @param device counted from 0
 * @param window counted from 0 at the start of the counted time
 * @param age windows that the device has served before this one
 * @param began rung in service when it began
 * @param ended rung in service when it ended
 * @param desired rung desired after it
 * @param changed whether what is desired changed with it
 * @param linked whether the control plane heard of it at once
 * @param best most accurate rung whose true p95 is within the budget; 0 where there is none
 * @param bestHeld the same of those that keep to the budget in 99 of 100 windows like this one
 * @param accuracy of what was served, by the share of the window
 * @param bestAccuracy of {@code best}; of rung 1 where there is none
 * @param budgetNs p95 budget in ns
 * @param trueNs true p95 of what was served, in ns
 * @param beganTrueNs true p95 of {@code began} alone, in ns
 * @param measuredNs p95 that the device measured in ns; means nothing without requests
 * @param leastNs what it would have measured on its fastest rung, in ns
 * @param requests that it answered
 * @param stepBegan whether a load step came with it
 * @param sinceStep windows since a load step came or went
 */
public record Moment(
    int device,
    int window,
    int age,
    int began,
    int ended,
    int desired,
    boolean changed,
    boolean linked,
    int best,
    int bestHeld,
    double accuracy,
    double bestAccuracy,
    long budgetNs,
    double trueNs,
    double beganTrueNs,
    double measuredNs,
    double leastNs,
    int requests,
    boolean stepBegan,
    int sinceStep) {}
