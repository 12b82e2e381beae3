/**
 * Answers inference requests with the heir in service, for local applications and for replayed
 * data.
 */
@NullMarked
package dev.heirloom.edge.serving;

import org.jspecify.annotations.NullMarked;
