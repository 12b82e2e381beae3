/** Turns one rung of a family into a plain ONNX model. */
@NullMarked
package dev.heirloom.runtime.assembly;

import org.jspecify.annotations.NullMarked;
