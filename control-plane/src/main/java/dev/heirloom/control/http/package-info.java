/**
 * The HTTP side of the control plane: metrics, health, JSON, server-sent events and the dashboard.
 */
@NullMarked
package dev.heirloom.control.http;

import org.jspecify.annotations.NullMarked;
