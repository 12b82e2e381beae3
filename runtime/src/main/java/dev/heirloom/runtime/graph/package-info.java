/** ONNX models as they are read: checked graphs, tensors and attributes. */
@NullMarked
package dev.heirloom.runtime.graph;

import org.jspecify.annotations.NullMarked;
