/** Trains every rung of a family at once, by interpreting the ONNX graph with libtorch tensors. */
@NullMarked
package dev.heirloom.inheritance.training;

import org.jspecify.annotations.NullMarked;
