/** Runs models; the only room for ONNX Runtime. */
@NullMarked
package dev.heirloom.runtime.session;

import org.jspecify.annotations.NullMarked;
