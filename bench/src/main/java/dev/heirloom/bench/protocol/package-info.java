/** A client of the Open Inference Protocol that shares no code with the agent, and what it asks. */
@NullMarked
package dev.heirloom.bench.protocol;

import org.jspecify.annotations.NullMarked;
