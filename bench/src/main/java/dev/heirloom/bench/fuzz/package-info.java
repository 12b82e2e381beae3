/** Hostile ONNX files, made from sound ones, and what becomes of them. */
@NullMarked
package dev.heirloom.bench.fuzz;

import org.jspecify.annotations.NullMarked;
