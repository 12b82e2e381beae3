/**
 * Networks of the usual architectures with random weights, as ONNX graphs: for measuring layer
 * shapes, for checking operators, and as untrained students.
 */
@NullMarked
package dev.heirloom.bench.network;

import org.jspecify.annotations.NullMarked;
