/** What the agent measures about its own service. */
@NullMarked
package dev.heirloom.edge.report;

import org.jspecify.annotations.NullMarked;
