/** Accuracy, latency and cost of a model. */
@NullMarked
package dev.heirloom.runtime.measure;

import org.jspecify.annotations.NullMarked;
